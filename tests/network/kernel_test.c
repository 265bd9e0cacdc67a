/* Kernels written from networks: golden, the native kernel and its RTL give the same numbers. */
#include "golden/network/quantised.h"
#include "hls/writer/network_kernel.h"
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/network/random_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static const double BOARD_MHZ = 240.4734;

enum {
    NETWORKS = 24,
    LAYERS = 16,
    EVALUATIONS = 640,
    CYCLES = 1200,
    SMALL = 3000,
    LARGE_PART = 100,
    LONG_ROUND = 50000
};

/* NETWORK_EVALUATIONS=1000000 makes a long round: so many inputs for each network below 3000 multiplies, a
 * hundredth above, natively and in RTL, and larger networks. */
static unsigned long evaluations_wanted(void)
{
    const char *text = getenv("NETWORK_EVALUATIONS");
    unsigned long n = text ? strtoul(text, NULL, 10) : 0;
    CU_ASSERT_FATAL(!text || n >= QUANTISED_BATCH);
    return n;
}

static unsigned long evaluations(const struct quantised *q, unsigned long otherwise)
{
    unsigned long wanted = evaluations_wanted();
    return !wanted ? otherwise : quantised_multiplies(q) < SMALL ? wanted : wanted / LARGE_PART;
}

struct subject {
    struct graph *g;
    struct quantised *q;
};

static struct quantised *quantise(struct graph *g, const char *formats, struct message *m)
{
    struct net_formats f;
    net_formats_init(&f);
    if (formats && net_formats_read(&f, formats, m) < 0)
        return NULL;
    struct quantised *q = g ? quantised_new(g, &f, m) : NULL;
    net_formats_release(&f);
    return q;
}

static struct graph *written(struct onnx_writer *w)
{
    size_t n;
    struct message m = {""};
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

/* Writes the kernel into the bench's folder and compiles it; -1: refused, with the reason in m. */
static int add_kernel(struct bench *b, const struct quantised *q, unsigned k, unsigned reuse,
                      struct message *m)
{
    char path[256], name[32];
    snprintf(name, sizeof name, "net%u", k);
    snprintf(path, sizeof path, "%s/%s.c", b->directory, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    int failed = network_kernel_write(q, name, reuse, file, m);
    fclose(file);
    if (failed)
        return -1;
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, BOARD_MHZ), 0);
    return 0;
}

static unsigned words_of(const struct fixed_type *t)
{
    return t->width > 32 ? 2 : 1;
}

static int64_t random_raw(uint64_t *state, const struct fixed_type *t)
{
    uint64_t span = (uint64_t)(fixed_max(t) - fixed_min(t)), kind = bench_random(state) % 8;
    uint64_t at = kind == 0 ? 0 : kind == 1 ? span : bench_random(state) % (span + 1);
    return (int64_t)(fixed_min(t) + (fixed_wide)at);
}

static uint32_t *put_raw(uint32_t *to, const struct fixed_type *t, int64_t raw)
{
    *to++ = (uint32_t)raw;
    if (words_of(t) == 2)
        *to++ = (uint32_t)((uint64_t)raw >> 32);
    return to;
}

static const uint32_t *get_raw(const uint32_t *from, const struct fixed_type *t, int64_t *raw)
{
    uint64_t bits = *from++;
    if (words_of(t) == 2)
        bits |= (uint64_t)*from++ << 32;
    else if (t->is_signed)
        bits = (uint64_t)(int64_t)(int32_t)bits;
    *raw = (int64_t)bits;
    return from;
}

/* One batch through golden, each lane through the native kernel. */
static unsigned compare_batch(const struct quantised *q, struct quantised_run *run,
                              const struct hls_kernel_info *native, uint64_t *state)
{
    static uint32_t in[QUANTISED_BATCH][4096], out[4096];
    const struct quantised_tensor *x = &q->tensor[q->input[0]];
    unsigned wrong = 0;
    CU_ASSERT_FATAL(native->in_words <= 4096 && native->out_words <= 4096);
    for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++) {
        uint32_t *to = in[lane];
        for (uint32_t e = 0; e < x->size; e++) {
            int64_t raw = random_raw(state, &x->type);
            quantised_run_set(run, 0, e, lane, raw);
            to = put_raw(to, &x->type, raw);
        }
    }
    quantised_run_evaluate(run);
    for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++) {
        const uint32_t *from = out;
        native->call(in[lane], out);
        for (unsigned k = 0; k < q->outputs; k++) {
            const struct quantised_tensor *y = &q->tensor[q->output[k]];
            for (uint32_t e = 0; e < y->size; e++) {
                int64_t got;
                from = get_raw(from, &y->type, &got);
                wrong += got != quantised_run_get(run, q->output[k], e, lane);
            }
        }
    }
    return wrong;
}

/* A third of all clocks bring a result, where a kernel takes a sample each clock. */
static void compare_rtl(struct bench *b, const struct subject *subject)
{
    unsigned long wanted = CYCLES / 4, cycles = CYCLES;
    if (evaluations_wanted()) {
        wanted = 0;
        for (size_t k = 0; k < b->kernels; k++)
            wanted = evaluations(subject[k].q, 0) > wanted ? evaluations(subject[k].q, 0) : wanted;
        cycles = wanted < LONG_ROUND ? wanted : LONG_ROUND;
    }
    unsigned rounds = evaluations_wanted() ? (unsigned)((3 * wanted + cycles - 1) / cycles) : 1;
    long compared = bench_rtl_rounds(b, BENCH_VERILATOR, (unsigned)cycles, rounds, test_seed() + 1);
    CU_ASSERT(compared > (long)wanted);
    if (evaluations_wanted())
        printf("\n  in RTL: %ld results of %zu kernels", compared, b->kernels);
}

static void compare_all(struct bench *b, const struct subject *subject)
{
    uint64_t state = test_seed();
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
    for (size_t k = 0; k < b->kernels; k++) {
        struct message m;
        unsigned wrong = 0;
        struct quantised_run *run = quantised_run_new(subject[k].q, &m);
        unsigned long wanted = evaluations(subject[k].q, EVALUATIONS);
        for (unsigned long n = 0; n < wanted; n += QUANTISED_BATCH)
            wrong += compare_batch(subject[k].q, run, b->kernel[k].native, &state);
        if (evaluations_wanted())
            printf("\n  %s: %lu multiplies, %lu inputs", b->kernel[k].name,
                   (unsigned long)quantised_multiplies(subject[k].q), wanted);
        if (wrong)
            printf("\n  %s: %u differ", b->kernel[k].name, wrong);
        CU_ASSERT_EQUAL(wrong, 0);
        quantised_run_free(run);
    }
    compare_rtl(b, subject);
}

static void release(struct bench *b, struct subject *subject, unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        quantised_free(subject[k].q);
        graph_free(subject[k].g);
    }
    bench_free(b);
}

static void test_networks_of_all_operators(void)
{
    struct subject subject[NETWORKS];
    struct bench *b = bench_new();
    unsigned n = 0;
    for (uint64_t seed = test_seed(); n < NETWORKS; seed++) {
        struct message m = {""};
        struct graph *g = written(random_network(seed));
        struct quantised *q = quantise(g, NULL, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        subject[n] = (struct subject){g, q};
        CU_ASSERT_EQUAL_FATAL(add_kernel(b, q, n, 1 + n % 4, &m), 0);
        n++;
    }
    compare_all(b, subject);
    release(b, subject, n);
}

static void test_layers_of_all_modes(void)
{
    struct subject subject[LAYERS];
    struct bench *b = bench_new();
    struct rng r;
    char path[256];
    snprintf(path, sizeof path, "%s/formats.cfg", b->directory);
    rng_seed(&r, test_seed() + 2);
    for (unsigned n = 0; n < LAYERS; n++) {
        struct message m = {""};
        struct random_layer l;
        random_layer(&r, &l, n % 4 == 3 ? 30 : 10);
        random_layer_formats(path, &l, n % 2);
        struct graph *g = random_layer_graph(&l);
        struct quantised *q = quantise(g, path, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        subject[n] = (struct subject){g, q};
        CU_ASSERT_EQUAL_FATAL(add_kernel(b, q, n, 1 + n / 4 % 5, &m), 0);
    }
    compare_all(b, subject);
    release(b, subject, LAYERS);
}

static struct graph *function_graph(const char *op)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, 3));
    onnx_node(w, op, "f", "x", "y");
    onnx_output(w, "y");
    return written(w);
}

enum { TABLES = 18 };

static void test_tables(void)
{
    static const char *const ops[] = {"Sigmoid", "Tanh", "Softmax", "POLY", "RBF", "SIGMOID"};
    static const char *const formats[] = {"ap_fixed<7,3>", "ap_fixed<14,5>", "ap_ufixed<6,2>"};
    struct subject subject[TABLES];
    struct bench *b = bench_new();
    for (unsigned n = 0; n < TABLES; n++) {
        struct message m = {""};
        struct net_formats f;
        struct net_format list[] = {{.name = "x"}, {.name = "y"}};
        net_formats_init(&f);
        CU_ASSERT_EQUAL_FATAL(fixed_type_parse(&list[0].type, formats[n / 6], &m), 0);
        CU_ASSERT_EQUAL_FATAL(fixed_type_parse(&list[1].type, "ap_fixed<6,1,RND,SAT>", &m), 0);
        f.tensor = list;
        f.tensors = 2;
        struct graph *g = n % 6 < 3 ? function_graph(ops[n % 6]) : svm_graph(ops[n % 6]);
        subject[n] = (struct subject){g, quantised_new(g, &f, &m)};
        CU_ASSERT_PTR_NOT_NULL_FATAL(subject[n].q);
        CU_ASSERT_EQUAL_FATAL(add_kernel(b, subject[n].q, n, 1, &m), 0);
    }
    compare_all(b, subject);
    release(b, subject, TABLES);
}

/* 4-32-32-32-32-3 with weights of 8 bits. */
static void compare_large(void)
{
    struct message m = {""};
    struct subject subject;
    struct bench *b = bench_new();
    struct graph *g = written(dense_network(test_seed(), 4, 32, 4, 3));
    subject = (struct subject){g, quantise(g, NULL, &m)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(subject.q);
    CU_ASSERT_EQUAL_FATAL(add_kernel(b, subject.q, 0, 1, &m), 0);
    CU_ASSERT(quantised_multiplies(subject.q) >= SMALL);
    compare_all(b, &subject);
    release(b, &subject, 1);
}

/* Trained networks, from files; in a long round also one of 3296 multiplies. */
static void test_known_networks(void)
{
    static const char *const files[] = {"models/trained_student.onnx", "models/trained_baseline.onnx"};
    unsigned n = 0, known = evaluations_wanted() ? 2 : 1;
    struct subject subject[3];
    struct bench *b = bench_new();
    for (; n < known; n++) {
        struct message m = {""};
        struct graph *g = graph_read_onnx(files[n], &m);
        subject[n] = (struct subject){g, quantise(g, NULL, &m)};
        CU_ASSERT_PTR_NOT_NULL_FATAL(subject[n].q);
        CU_ASSERT_EQUAL_FATAL(add_kernel(b, subject[n].q, n, 1, &m), 0);
    }
    compare_all(b, subject);
    release(b, subject, n);
    if (evaluations_wanted())
        compare_large();
}

static void refused(const char *formats_text, const char *part)
{
    struct message m = {""};
    struct net_formats f;
    struct net_format list[] = {{.name = "x"}, {.name = "y"}};
    FILE *sink = fopen("/dev/null", "w");
    net_formats_init(&f);
    fixed_type_parse(&list[0].type, formats_text, NULL);
    list[1].type = list[0].type;
    f.tensor = list;
    f.tensors = 2;
    struct graph *g = function_graph("Relu");
    struct quantised *q = quantised_new(g, &f, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    CU_ASSERT_EQUAL(network_kernel_write(q, "net", 1, sink, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, part));
    CU_ASSERT_EQUAL(network_kernel_write_recal(q, 1, sink, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "must have one input of 4 numbers"));
    quantised_free(q);
    graph_free(g);
    fclose(sink);
}

static void test_what_kernels_cannot(void)
{
    refused("ap_fixed<63,6>", "'x' has 63 bits (kernels take at most 62");
    refused("ap_fixed<8,6,TRN,WRAP,2>", "'x' saturates 2 bits when it wraps");
}

TEST_MAIN("network/kernel", TEST(test_networks_of_all_operators), TEST(test_layers_of_all_modes),
          TEST(test_tables), TEST(test_known_networks), TEST(test_what_kernels_cannot))

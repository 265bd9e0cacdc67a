/* Formats chosen from data: the stated error is what one gets, and more bits bring less of it. */
#include "golden/network/choose.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

enum { INPUTS = 4, WIDTH = 8, OUTPUTS = 3, SAMPLES = 500 };

static void random_floats(struct onnx_writer *w, struct rng *r, const char *name, unsigned rank, int64_t a,
                          int64_t b, double offset)
{
    double v[64];
    for (int64_t i = 0; i < a * (rank == 2 ? b : 1); i++)
        v[i] = (float)(ldexp((double)rng_next(r), -63) - 1 + offset);
    onnx_floats(w, name, rank, DIMS(a, b), v);
}

/* Gemm, batch norm, Relu, Gemm, Tanh: weights as training leaves them. */
static struct graph *network(struct message *m)
{
    struct rng r;
    size_t n;
    rng_seed(&r, test_seed());
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(-1, INPUTS));
    random_floats(w, &r, "w1", 2, INPUTS, WIDTH, 0);
    random_floats(w, &r, "b1", 1, WIDTH, 0, 0);
    random_floats(w, &r, "gamma", 1, WIDTH, 0, 0);
    random_floats(w, &r, "beta", 1, WIDTH, 0, 0);
    random_floats(w, &r, "mean", 1, WIDTH, 0, 0);
    random_floats(w, &r, "var", 1, WIDTH, 0, 1.5);
    random_floats(w, &r, "w2", 2, WIDTH, OUTPUTS, 0);
    onnx_node(w, "Gemm", "fc1", "x w1 b1", "h1");
    onnx_node(w, "BatchNormalization", "bn", "h1 gamma beta mean var", "n1");
    onnx_node(w, "Relu", "relu", "n1", "a1");
    onnx_node(w, "MatMul", "fc2", "a1 w2", "h2");
    onnx_node(w, "Tanh", "tanh", "h2", "y");
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

/* The error again, from the written file, sample by sample. */
static double error_with(const struct graph *g, const char *formats, const struct net_data *d)
{
    struct message m = {""};
    struct net_formats f;
    double largest = 0;
    CU_ASSERT_EQUAL_FATAL(net_formats_read(&f, formats, &m), 0);
    struct quantised *q = quantised_new(g, &f, &m);
    if (!q)
        printf("\n  %s", m.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    struct quantised_run *run = quantised_run_new(q, &m);
    struct float_run *reference = float_run_new(g, &m);
    const struct quantised_tensor *x = &q->tensor[q->input[0]], *y = &q->tensor[q->output[0]];
    for (size_t s = 0; s < d->samples; s++) {
        for (unsigned e = 0; e < INPUTS; e++) {
            float_run_input(reference, 0)[e] = d->value[s * INPUTS + e];
            quantised_run_set(run, 0, e, 7,
                              (int64_t)fixed_from_double(&x->type, d->value[s * INPUTS + e], NULL));
        }
        float_run_evaluate(reference);
        quantised_run_evaluate(run);
        for (unsigned e = 0; e < OUTPUTS; e++)
            largest = fmax(largest, fabs(fixed_to_double(quantised_run_get(run, q->output[0], e, 7),
                                                         fixed_fraction(&y->type)) -
                                         float_run_value(reference, g->output[0])[e]));
    }
    float_run_free(reference);
    quantised_run_free(run);
    quantised_free(q);
    net_formats_release(&f);
    return largest;
}

static void test_the_stated_error_is_the_error(void)
{
    char path[] = "/tmp/bxact-choose-XXXXXX";
    struct message m = {""};
    struct net_data d;
    struct graph *g = network(&m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT_EQUAL_FATAL(net_data_random(&d, g, SAMPLES, test_seed(), &m), 0);
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    double before = INFINITY;
    for (unsigned bits = 4; bits <= 10; bits += 2) {
        struct net_choice c;
        FILE *file = fopen(path, "w");
        CU_ASSERT_EQUAL(net_choose(g, &d, bits, 0, &c, file, &m), 0);
        fclose(file);
        CU_ASSERT_EQUAL(c.bits, bits);
        CU_ASSERT_DOUBLE_EQUAL(error_with(g, path, &d), c.error.largest, 1e-15);
        CU_ASSERT(c.error.rms > 0 && c.error.rms <= c.error.largest && c.error.largest < before);
        before = c.error.largest;
    }
    unlink(path);
    net_data_release(&d);
    graph_free(g);
}

static void test_the_fewest_bits(void)
{
    struct message m = {""};
    struct net_data d;
    struct net_choice fewest, one_less;
    struct graph *g = network(&m);
    net_data_random(&d, g, SAMPLES, test_seed(), &m);
    CU_ASSERT_EQUAL(net_choose(g, &d, 0, 0.02, &fewest, NULL, &m), 0);
    CU_ASSERT(fewest.error.largest <= 0.02 && fewest.bits > 4);
    CU_ASSERT_EQUAL(net_choose(g, &d, fewest.bits - 1, 0, &one_less, NULL, &m), 0);
    CU_ASSERT(one_less.error.largest > 0.02);
    CU_ASSERT_EQUAL(net_choose(g, &d, 0, 1e-9, &fewest, NULL, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "net.onnx: 24 bits leave an error of"));
    net_data_release(&d);
    graph_free(g);
}

static void data_case(const struct graph *g, const char *text, int samples, const char *part)
{
    char path[] = "/tmp/bxact-choose-XXXXXX";
    struct message m = {""};
    struct net_data d;
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int failed = net_data_read(&d, g, path, &m);
    CU_ASSERT_EQUAL(failed, samples < 0 ? -1 : 0);
    CU_ASSERT(failed || d.samples == (size_t)samples);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, part));
    if (!failed) {
        CU_ASSERT_EQUAL(d.value[INPUTS * (d.samples - 1) + 3], -4e-1);
        net_data_release(&d);
    }
    unlink(path);
}

static void test_data_files(void)
{
    struct message m = {""};
    struct graph *g = network(&m);
    data_case(g, "1 2 3 -0.4\n", 1, "");
    data_case(g, "# x\n\n1,2,3,4 # one\n 1;2\t3, -4e-1", 2, "");
    data_case(g, "1 2 3\n", -1, ":1: is no sample (give 4 numbers)");
    data_case(g, "1 2 3 4\n1 2 3 4 5\n", -1, ":2: is no sample");
    data_case(g, "1 2 3 x\n", -1, ":1: is no sample");
    data_case(g, "1 2 3 nan\n", -1, ":1: is no sample");
    data_case(g, "# nothing\n", -1, "holds no samples");
    struct net_data d;
    CU_ASSERT_EQUAL(net_data_read(&d, g, "no/such/file", &m), -1);
    graph_free(g);
}

TEST_MAIN("network/choose", TEST(test_the_stated_error_is_the_error), TEST(test_the_fewest_bits),
          TEST(test_data_files))

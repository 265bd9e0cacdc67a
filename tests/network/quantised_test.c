/* Fixed-point evaluation. Networks whose formats are all powers of two are exact in doubles too, so the float
 * evaluation is an oracle for every tensor; formats from files, overflow and hls4ml's sums have one of their
 * own. */
#include "golden/network/quantised.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"
#include "tests/network/random_network.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }
#define NUMBERS(...)                                                                                         \
    (double[])                                                                                               \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

/* ---- fixed point against doubles ---- */

static void random_inputs(struct rng *r, const struct quantised *q, struct quantised_run *run)
{
    const struct fixed_type *t = &q->tensor[q->input[0]].type;
    uint64_t span = (uint64_t)(fixed_max(t) - fixed_min(t));
    for (uint32_t e = 0; e < q->tensor[q->input[0]].size; e++)
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++) {
            uint64_t at =
                rng_below(r, 8) == 0 ? (rng_below(r, 2) ? span : 0) : rng_next(r) % (span + !!(span + 1));
            quantised_run_set(run, 0, e, lane, (int64_t)(fixed_min(t) + (fixed_wide)at));
        }
}

static double value_of(const struct quantised *q, const struct quantised_run *run, int t, uint32_t e,
                       unsigned lane)
{
    return fixed_to_double(quantised_run_get(run, t, e, lane), fixed_fraction(&q->tensor[t].type));
}

static unsigned compare_lane(const struct graph *g, const struct quantised *q,
                             const struct quantised_run *run, struct float_run *reference, unsigned lane)
{
    unsigned wrong = 0;
    for (uint32_t e = 0; e < graph_input(g, 0)->size; e++)
        float_run_input(reference, 0)[e] = value_of(q, run, q->input[0], e, lane);
    float_run_evaluate(reference);
    for (unsigned t = 0; t < g->tensors; t++)
        for (uint32_t e = 0; q->of_graph[t] >= 0 && e < g->tensor[t].size; e++) {
            double got = value_of(q, run, q->of_graph[t], e, lane),
                   want = float_run_value(reference, (int)t)[e];
            wrong += got != want;
            if (got != want && wrong < 3)
                printf("\n  %s[%u]: %.17g, expected %.17g", g->tensor[t].name, e, got, want);
        }
    return wrong;
}

/* -1: refused. */
static int check_network(struct onnx_writer *w, uint64_t seed)
{
    size_t n;
    struct message m = {""};
    struct net_formats f;
    struct rng r;
    unsigned wrong = 0;
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    free(bytes);
    onnx_writer_free(w);
    net_formats_init(&f);
    struct quantised *q = g ? quantised_new(g, &f, &m) : NULL;
    if (!q) {
        printf("\n  seed %llu: %s", (unsigned long long)seed, m.text);
        graph_free(g);
        return -1;
    }
    struct quantised_run *run = quantised_run_new(q, &m);
    struct float_run *reference = float_run_new(g, &m);
    rng_seed(&r, seed);
    random_inputs(&r, q, run);
    quantised_run_evaluate(run);
    for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++)
        wrong += compare_lane(g, q, run, reference, lane);
    if (wrong)
        printf("\n  seed %llu", (unsigned long long)seed);
    float_run_free(reference);
    quantised_run_free(run);
    quantised_free(q);
    graph_free(g);
    return wrong ? 1 : 0;
}

static void test_random_networks_are_exact(void)
{
    unsigned wrong = 0, refused = 0;
    for (unsigned i = 0; i < 3000 && wrong < 5; i++) {
        uint64_t seed = test_seed() + i;
        int result = check_network(random_network(seed), seed);
        wrong += result > 0;
        refused += result < 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(refused, 0);
}

/* ---- formats from files, all modes ---- */

/* The k-th input that is added to output o. The order matters, and is kept, where sums saturate. */
static unsigned input_in_turn(const struct random_layer *l, unsigned o, unsigned k)
{
    unsigned reuse = l->accumulator.overflow == FIXED_WRAP ? 1 : l->reuse;
    for (unsigned turn = 0; turn < reuse; turn++)
        for (unsigned i = 0; i < LAYER_IN; i++)
            if ((o * LAYER_IN + i) % reuse == turn && k-- == 0)
                return i;
    return 0;
}

/* The layer by its definition: every number is cast where the formats say, sums are of 128 bits. */
static int64_t layer_oracle(const struct random_layer *l, bool hls4ml, const int64_t *x, unsigned o,
                            uint64_t overflows[2])
{
    int fx = fixed_fraction(&l->x), fw = fixed_fraction(&l->weight), fb = fixed_fraction(&l->bias);
    int f = fx + fw > fb ? fx + fw : fb, fa = fixed_fraction(&l->accumulator);
    fixed_wide b = fixed_from_double(&l->bias, l->b[o], NULL), sum = b * ((fixed_wide)1 << (f - fb));
    if (hls4ml)
        sum = fixed_cast(&l->accumulator, b, fb, &overflows[0]);
    for (unsigned k = 0; k < LAYER_IN; k++) {
        unsigned i = hls4ml ? input_in_turn(l, o, k) : k;
        fixed_wide product = fixed_from_double(&l->weight, l->w[i][o], NULL) * x[i];
        if (hls4ml) {
            sum += fixed_cast(&l->accumulator, product, fx + fw, &overflows[0]);
            sum = fixed_cast(&l->accumulator, sum, fa, &overflows[0]);
        } else {
            sum += product * ((fixed_wide)1 << (f - fx - fw));
        }
    }
    fixed_wide h = fixed_cast(&l->sum, sum, hls4ml ? fa : f, &overflows[0]);
    return (int64_t)fixed_cast(&l->y, h > 0 ? h : 0, fixed_fraction(&l->sum), &overflows[1]);
}

static unsigned check_layer(const struct random_layer *l, const struct quantised *q, struct rng *r,
                            bool hls4ml)
{
    unsigned wrong = 0;
    struct message m;
    uint64_t overflows[2] = {0, 0};
    struct quantised_run *run = quantised_run_new(q, &m);
    unsigned lanes = 1 + rng_below(r, QUANTISED_BATCH);
    quantised_run_lanes(run, lanes);
    random_inputs(r, q, run);
    quantised_run_evaluate(run);
    for (unsigned lane = 0; lane < lanes; lane++) {
        int64_t x[LAYER_IN];
        for (unsigned i = 0; i < LAYER_IN; i++)
            x[i] = quantised_run_get(run, q->input[0], i, lane);
        for (unsigned o = 0; o < LAYER_OUT; o++)
            wrong +=
                quantised_run_get(run, q->output[0], o, lane) != layer_oracle(l, hls4ml, x, o, overflows);
    }
    wrong +=
        quantised_run_overflows(run, 0) != overflows[0] || quantised_run_overflows(run, 1) != overflows[1];
    for (unsigned i = 0; i < q->steps; i++) /* what the ranges exclude does not happen */
        wrong += quantised_run_overflows(run, i) && !q->step[i].can_overflow &&
                 !q->step[i].accumulator_can_overflow;
    quantised_run_free(run);
    return wrong;
}

static void test_formats_of_all_kinds(void)
{
    char path[] = "/tmp/bxact-formats-XXXXXX";
    int fd = mkstemp(path);
    struct rng r;
    unsigned wrong = 0, kinds[2] = {0, 0};
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    rng_seed(&r, test_seed() + 1);
    for (unsigned i = 0; i < 1500; i++) {
        struct random_layer l;
        struct net_formats f;
        struct message m = {""};
        bool hls4ml = i % 3 == 0;
        random_layer(&r, &l, i % 2 ? 12 : 40);
        random_layer_formats(path, &l, hls4ml);
        CU_ASSERT_EQUAL_FATAL(net_formats_read(&f, path, &m), 0);
        struct graph *g = random_layer_graph(&l);
        struct quantised *q = quantised_new(g, &f, &m);
        if (!q)
            printf("\n  %s", m.text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        kinds[q->narrow]++;
        unsigned bad = check_layer(&l, q, &r, hls4ml);
        if (bad)
            printf("\n  case %u, hls4ml %d: %u", i, hls4ml, bad);
        wrong += bad;
        quantised_free(q);
        graph_free(g);
        net_formats_release(&f);
    }
    unlink(path);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(kinds[0] > 100 && kinds[1] > 100);
}

/* ---- tables ---- */

static void test_tables(void)
{
    for (unsigned k = 0; k < 4; k++) {
        size_t n;
        struct message m = {""};
        struct net_format formats[] = {{.name = "x"}, {.name = "y"}};
        struct net_formats f;
        bool wide = k & 1; /* more bits than a table's index may have */
        net_formats_init(&f);
        fixed_type_parse(&formats[0].type, wide ? "ap_fixed<20,7>" : "ap_fixed<9,4>", NULL);
        fixed_type_parse(&formats[1].type, "ap_fixed<8,1,RND,SAT>", NULL);
        f.tensor = formats;
        f.tensors = 2;
        struct onnx_writer *w = onnx_writer_new(13);
        onnx_input(w, "x", 2, DIMS(1, 3));
        onnx_node(w, k & 2 ? "Tanh" : "Sigmoid", "f", "x", "y");
        onnx_output(w, "y");
        uint8_t *bytes = onnx_bytes(w, &n);
        struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
        struct quantised *q = quantised_new(g, &f, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        struct quantised_run *run = quantised_run_new(q, &m);
        struct rng r;
        rng_seed(&r, test_seed() + k);
        random_inputs(&r, q, run);
        quantised_run_evaluate(run);
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++) {
            double x = value_of(q, run, q->input[0], 2, lane), limit = k & 2 ? 4 : 8, step = k & 2 ? 128 : 64;
            if (wide) /* to the nearest of 1024 places between -limit and limit */
                x = fmin(fmax(floor(x * step + 0.5) / step, -limit), limit - 1 / step);
            double y = k & 2 ? tanh(x) : 1 / (1 + exp(-x));
            CU_ASSERT_EQUAL(quantised_run_get(run, q->output[0], 2, lane), fmin(floor(y * 128 + 0.5), 127));
        }
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
        free(bytes);
        onnx_writer_free(w);
    }
}

/* ---- softmax ---- */

/* "Softmax" of docs/networks.md: distances to 1/128, below 8; exponentials and inverses to 2^-17, the inverse
 * of the sum to 10 bits behind the point. */
static void softmax_oracle(const double *x, unsigned n, bool wide, double *y)
{
    double most = x[0], sum = 0;
    for (unsigned k = 1; k < n; k++)
        most = fmax(most, x[k]);
    for (unsigned k = 0; k < n; k++) {
        double distance = most - x[k];
        if (wide)
            distance = fmin(floor(distance * 128 + 0.5) / 128, 8 - 1.0 / 128);
        sum += y[k] = floor(exp(-distance) * 131072 + 0.5) / 131072;
    }
    double place = fmin(floor(sum * 1024 + 0.5) / 1024, 4 - 1.0 / 1024);
    double inverse = floor(1 / place * 131072 + 0.5) / 131072;
    for (unsigned k = 0; k < n; k++)
        y[k] = fmin(floor(y[k] * inverse * 256 + 0.5), 255);
}

static void test_softmax(void)
{
    for (unsigned wide = 0; wide < 2; wide++) {
        size_t n;
        struct message m = {""};
        struct net_formats f;
        struct net_format formats[] = {{.name = "x"}, {.name = "y"}};
        struct rng r;
        net_formats_init(&f);
        fixed_type_parse(&formats[0].type, wide ? "ap_fixed<20,5>" : "ap_fixed<9,4>", NULL);
        fixed_type_parse(&formats[1].type, "ap_ufixed<8,0,RND,SAT>", NULL);
        f.tensor = formats;
        f.tensors = 2;
        struct onnx_writer *w = onnx_writer_new(13);
        onnx_input(w, "x", 2, DIMS(2, 3));
        onnx_node(w, "Softmax", "f", "x", "y");
        onnx_output(w, "y");
        uint8_t *bytes = onnx_bytes(w, &n);
        struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
        struct quantised *q = quantised_new(g, &f, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        struct quantised_run *run = quantised_run_new(q, &m);
        rng_seed(&r, test_seed() + wide);
        random_inputs(&r, q, run);
        quantised_run_evaluate(run);
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++)
            for (unsigned row = 0; row < 2; row++) {
                double x[3], y[3];
                for (unsigned k = 0; k < 3; k++)
                    x[k] = value_of(q, run, q->input[0], 3 * row + k, lane);
                softmax_oracle(x, 3, wide, y);
                for (unsigned k = 0; k < 3; k++)
                    CU_ASSERT_EQUAL(quantised_run_get(run, q->output[0], 3 * row + k, lane), y[k]);
            }
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
        free(bytes);
        onnx_writer_free(w);
    }
}

/* ---- support vectors ---- */

/* Polynomials are exact; tables have 1024 places and values to 2^-17, so that what is left of four of them is
 * half a place times their slope. */
static void test_support_vectors(void)
{
    static const char *const kernels[] = {"LINEAR", "POLY", "RBF", "SIGMOID"};
    static const double limit[] = {0, 0, 3.5 * (0.5 / 128 + 2e-5), 3.5 * (0.5 / 128 + 7e-4 + 2e-5)};
    for (unsigned k = 0; k < 4; k++) {
        struct message m = {""};
        struct net_formats f;
        struct net_format input = {.name = "x"};
        struct rng r;
        double worst = 0;
        net_formats_init(&f);
        fixed_type_parse(&input.type, "ap_fixed<10,3>", NULL);
        f.tensor = &input;
        f.tensors = 1;
        struct graph *g = svm_graph(kernels[k]);
        struct quantised *q = quantised_new(g, &f, &m);
        if (!q)
            printf("\n  %s", m.text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        struct quantised_run *run = quantised_run_new(q, &m);
        struct float_run *reference = float_run_new(g, &m);
        rng_seed(&r, test_seed() + k);
        random_inputs(&r, q, run);
        quantised_run_evaluate(run);
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++) {
            for (unsigned e = 0; e < 3; e++)
                float_run_input(reference, 0)[e] = value_of(q, run, q->input[0], e, lane);
            float_run_evaluate(reference);
            worst = fmax(worst, fabs(float_run_value(reference, g->output[0])[0] -
                                     value_of(q, run, q->output[0], 0, lane)));
        }
        printf("\n  %s: at most %.3g from doubles", kernels[k], worst);
        CU_ASSERT(worst <= limit[k]);
        CU_ASSERT(k < 2 || worst > 0);
        float_run_free(reference);
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
    }
}

/* ---- batch norm ---- */

static void test_batch_norm_is_folded_exactly(void)
{
    static const double w[] = {0.5, -1.25, 2, 0.75}, b[] = {0.5, -0.25}, gamma[] = {2, -0.5}, beta[] = {1, 3},
                        mean[] = {0.25, -1}, var[] = {4, 0.25};
    for (unsigned fold = 0; fold < 2; fold++) {
        size_t n;
        struct message m = {""};
        struct net_formats f;
        struct net_format input = {.name = "x"};
        fixed_type_parse(&input.type, "ap_fixed<6,3>", NULL);
        net_formats_init(&f);
        f.fold_batch_norm = fold;
        f.tensor = &input;
        f.tensors = 1;
        struct onnx_writer *o = onnx_writer_new(13);
        onnx_input(o, "x", 2, DIMS(1, 2));
        onnx_floats(o, "w", 2, DIMS(2, 2), w);
        onnx_floats(o, "b", 1, DIMS(2), b);
        onnx_floats(o, "gamma", 1, DIMS(2), gamma);
        onnx_floats(o, "beta", 1, DIMS(2), beta);
        onnx_floats(o, "mean", 1, DIMS(2), mean);
        onnx_floats(o, "var", 1, DIMS(2), var);
        onnx_node(o, "Gemm", "fc", "x w b", "h");
        onnx_node(o, "BatchNormalization", "bn", "h gamma beta mean var", "y");
        onnx_attribute_f(o, "epsilon", 0);
        onnx_output(o, "y");
        uint8_t *bytes = onnx_bytes(o, &n);
        struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
        struct quantised *q = quantised_new(g, &f, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(q);
        CU_ASSERT_EQUAL(q->steps, fold ? 1 : 2);
        struct quantised_run *run = quantised_run_new(q, &m);
        struct float_run *reference = float_run_new(g, &m);
        struct rng r;
        rng_seed(&r, test_seed());
        random_inputs(&r, q, run);
        quantised_run_evaluate(run);
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++)
            CU_ASSERT_EQUAL(compare_lane(g, q, run, reference, lane), 0);
        float_run_free(reference);
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
        free(bytes);
        onnx_writer_free(o);
    }
}

/* ---- refusals ---- */

static void refused(struct onnx_writer *w, const char *formats, const char *part)
{
    char path[] = "/tmp/bxact-formats-XXXXXX";
    size_t n;
    struct message m = {""};
    struct net_formats f;
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0 && write(fd, formats, strlen(formats)) == (ssize_t)strlen(formats));
    close(fd);
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    struct quantised *q = net_formats_read(&f, path, &m) == 0 ? quantised_new(g, &f, &m) : NULL;
    CU_ASSERT_PTR_NULL(q);
    if (!strstr(m.text, part))
        printf("\n  '%s' lacks '%s'", m.text, part);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, part));
    quantised_free(q);
    net_formats_release(&f);
    graph_free(g);
    free(bytes);
    onnx_writer_free(w);
    unlink(path);
}

static struct onnx_writer *small(const char *op, double weight)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, 1));
    onnx_floats(w, "w", 2, DIMS(1, 1), &weight);
    onnx_node(w, "MatMul", "fc", "x w", "h");
    onnx_node(w, op, "f", "h", "y");
    onnx_output(w, "y");
    return w;
}

static struct onnx_writer *quant(double scale, double zero, const char *mode)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, 1));
    onnx_scalar(w, "s", scale);
    onnx_scalar(w, "z", zero);
    onnx_scalar(w, "b", 8);
    onnx_node(w, "qonnx.custom_op.general:Quant", "q", "x s z b", "y");
    onnx_attribute_s(w, "rounding_mode", mode);
    onnx_output(w, "y");
    return w;
}

#define X_FORMAT "{ tensor = \"x\"; format = \"ap_fixed<8,4>\"; }"

static void test_what_is_missing_or_wrong_is_named(void)
{
    refused(small("Relu", 1), "", "net.onnx: input 'x' has no number format");
    refused(small("Sigmoid", 1), "tensors = ( " X_FORMAT " );",
            "node 'f' (Sigmoid): 'y' has no number format");
    refused(small("Softmax", 1), "tensors = ( " X_FORMAT " );",
            "node 'f' (Softmax): 'y' has no number format");
    refused(small("Relu", 1), "tensors = ( " X_FORMAT ", { tensor = \"q\"; format = \"ap_int<3>\"; } );",
            ":1: the network has no tensor 'q'");
    refused(small("Relu", 1), "tensors = ( " X_FORMAT ",\n " X_FORMAT " );",
            ":2: format: this name has a format already");
    refused(small("Relu", 1), "\ndefault = \"ap_fixed<8\";", ":2: default: 'ap_fixed<8': ");
    refused(small("Relu", 1), "defualt = \"ap_fixed<8,4>\";", ":1: defualt: unknown key");
    refused(small("Relu", 1), "accumulation = \"exactly\";", "accumulation: is unknown");
    refused(small("Relu", 1), "fold_batch_norm = 1;", "fold_batch_norm: is no truth value");
    refused(small("Relu", 1), "tensors = 3;", "tensors: is no list");
    refused(small("Relu", 1), "tensors = ( 3 );", "tensor: is no group");
    refused(small("Relu", 1), "tensors = (", ":1: syntax error");
    refused(small("Relu", 1), "constant_bits = 4294967304;", ":1: a number of 10 digits");
    refused(small("Relu", 1), "\n@include \"other.cfg\"", ":2: @include is refused");
    refused(small("Relu", 1), "constant_bits = 33;", ":1: constant_bits: is no number of bits (give 2..32)");
    refused(small("Relu", 1), "constant_bits = 8.5;", "constant_bits: is no number of bits");
    refused(small("Relu", 1), "accumulation = \"hls4ml\"; tensors = ( " X_FORMAT " );",
            "node 'fc' (MatMul): needs an accumulator's format");
    refused(quant(0.3, 0, "ROUND"), "", "node 'q' (Quant): scale 0.3 is no power of two");
    refused(quant(0.25, 1, "ROUND"), "", "zero point 1");
    refused(quant(0.25, 0, "CEIL"), "", "rounding_mode: CEIL has no fixed-point mode");
}

TEST_MAIN("network/quantised", TEST(test_random_networks_are_exact), TEST(test_formats_of_all_kinds),
          TEST(test_tables), TEST(test_softmax), TEST(test_support_vectors),
          TEST(test_batch_norm_is_folded_exactly), TEST(test_what_is_missing_or_wrong_is_named))

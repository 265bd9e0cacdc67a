/* Damaged files, models and formats: bytes changed, cut out, repeated. Nothing may crash or hang, and a
 * refusal has a message. */
#include "golden/network/quantised.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

/* One model with an operator of every kind. */
static uint8_t *rich_model(size_t *n)
{
    static const double numbers[64] = {1, -2, 3, 0.5, 8, 0.25};
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_opset(w, "ai.onnx.ml", 3);
    onnx_input(w, "x", 2, DIMS(-1, 4));
    onnx_floats(w, "w", 2, DIMS(4, 6), numbers);
    onnx_floats(w, "c", 1, DIMS(6), numbers);
    onnx_scalar(w, "s", 0.5);
    onnx_scalar(w, "z", 0);
    onnx_scalar(w, "b", 6);
    onnx_integers(w, "shape", 3, DIMS(0, 2, -1));
    onnx_node(w, "qonnx.custom_op.general:Quant", "q", "w s z b", "wq");
    onnx_attribute_i(w, "narrow", 1);
    onnx_node(w, "Gemm", "fc", "x wq c", "h");
    onnx_attribute_f(w, "alpha", 0.5);
    onnx_node(w, "BatchNormalization", "bn", "h c c c c", "n");
    onnx_node(w, "LeakyRelu", "leaky", "n", "l");
    onnx_node(w, "Reshape", "r", "l shape", "m");
    onnx_node(w, "Transpose", "t", "m", "tt");
    onnx_attribute_ints(w, "perm", 3, DIMS(0, 2, 1));
    onnx_node(w, "Softmax", "soft", "tt", "p");
    onnx_node(w, "Flatten", "f", "p", "flat");
    onnx_node(w, "Concat", "cat", "flat flat", "y");
    onnx_attribute_i(w, "axis", 1);
    onnx_node(w, "ai.onnx.ml:TreeEnsembleRegressor", "trees", "y", "v");
    onnx_attribute_ints(w, "nodes_treeids", 3, DIMS(0, 0, 0));
    onnx_attribute_ints(w, "nodes_nodeids", 3, DIMS(0, 1, 2));
    onnx_attribute_ints(w, "nodes_featureids", 3, DIMS(2, 0, 0));
    onnx_attribute_ints(w, "nodes_truenodeids", 3, DIMS(1, 0, 0));
    onnx_attribute_ints(w, "nodes_falsenodeids", 3, DIMS(2, 0, 0));
    onnx_attribute_strings(w, "nodes_modes", 3, (const char *const[]){"BRANCH_LEQ", "LEAF", "LEAF"});
    onnx_attribute_floats(w, "nodes_values", 3, numbers);
    onnx_attribute_ints(w, "target_treeids", 2, DIMS(0, 0));
    onnx_attribute_ints(w, "target_nodeids", 2, DIMS(1, 2));
    onnx_attribute_ints(w, "target_ids", 2, DIMS(0, 0));
    onnx_attribute_floats(w, "target_weights", 2, numbers);
    onnx_output(w, "v");
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, n);
    onnx_writer_free(w);
    return bytes;
}

static unsigned in_fixed_point; /* networks that could be evaluated so */

static void survives_quantised(const struct graph *g)
{
    struct message m = {""};
    struct net_formats f;
    net_formats_init(&f);
    f.has_default = true;
    fixed_type_parse(&f.otherwise, "ap_fixed<12,5,RND,SAT>", NULL);
    struct quantised *q = quantised_new(g, &f, &m);
    CU_ASSERT(q || strncmp(m.text, "damaged: ", 9) == 0);
    struct quantised_run *run = q ? quantised_run_new(q, &m) : NULL;
    if (run)
        quantised_run_evaluate(run);
    in_fixed_point += run != NULL;
    quantised_run_free(run);
    quantised_free(q);
}

/* Reads and, when that works, evaluates. */
static int survives(const uint8_t *bytes, size_t n)
{
    struct message m = {""};
    struct graph *g = graph_read_onnx_bytes(bytes, n, "damaged", &m);
    CU_ASSERT(g || strncmp(m.text, "damaged: ", 9) == 0);
    struct float_run *run = g ? float_run_new(g, &m) : NULL;
    if (run) {
        float_run_evaluate(run);
        survives_quantised(g);
    }
    float_run_free(run);
    graph_free(g);
    return g != NULL;
}

static size_t damage(uint8_t *bytes, size_t n, struct rng *r)
{
    for (unsigned k = 1 + rng_below(r, 3); k-- && n;) {
        size_t at = rng_below(r, (uint32_t)n), length = 1 + rng_below(r, 12);
        if (length > n - at)
            length = n - at;
        switch (rng_below(r, 4)) {
        case 0: bytes[at] ^= (uint8_t)(1u << rng_below(r, 8)); break;
        case 1: bytes[at] = (uint8_t)rng_next(r); break;
        case 2: /* cut out */
            memmove(bytes + at, bytes + at + length, n - at - length);
            n -= length;
            break;
        case 3: /* copied over another place */
            memmove(bytes + rng_below(r, (uint32_t)(n - length + 1)), bytes + at, length);
            break;
        }
    }
    return n;
}

static void test_damaged_models(void)
{
    size_t n;
    struct rng r;
    unsigned read = 0, refused = 0;
    uint8_t *whole = rich_model(&n), *copy = malloc(n);
    rng_seed(&r, test_seed());
    CU_ASSERT_FATAL(survives(whole, n));
    for (unsigned i = 0; i < 15000; i++) {
        memcpy(copy, whole, n);
        int good = survives(copy, damage(copy, n, &r));
        read += good;
        refused += !good;
    }
    printf("\n  %u read, %u refused", read, refused);
    CU_ASSERT(read > 500 && refused > 1000);
    free(whole);
    free(copy);
}

/* Everything that has a fixed-point form. */
static uint8_t *plain_model(size_t *n)
{
    static const double numbers[64] = {1, -2, 3, 0.5, 8, 0.25, -0.125, 0, 5};
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(-1, 4));
    onnx_floats(w, "w", 2, DIMS(4, 6), numbers);
    onnx_floats(w, "c", 1, DIMS(6), numbers + 2);
    onnx_scalar(w, "s", 0.5);
    onnx_scalar(w, "z", 0);
    onnx_scalar(w, "b", 6);
    onnx_scalar(w, "b2", 4);
    onnx_integers(w, "shape", 3, DIMS(0, 2, -1));
    onnx_node(w, "qonnx.custom_op.general:Quant", "q", "w s z b", "wq");
    onnx_node(w, "Gemm", "fc", "x wq c", "h");
    onnx_node(w, "LeakyRelu", "leaky", "h", "l");
    onnx_node(w, "qonnx.custom_op.general:Quant", "q2", "l s z b", "k");
    onnx_node(w, "qonnx.custom_op.general:Trunc", "t", "k s z b b2", "t");
    onnx_node(w, "Reshape", "r", "t shape", "m");
    onnx_node(w, "Transpose", "tr", "m", "tt");
    onnx_attribute_ints(w, "perm", 3, DIMS(0, 2, 1));
    onnx_node(w, "Flatten", "f", "tt", "flat");
    onnx_node(w, "Mul", "mul", "flat flat", "square");
    onnx_node(w, "Sub", "sub", "square c", "d");
    onnx_node(w, "Concat", "cat", "flat d", "cc");
    onnx_attribute_i(w, "axis", 1);
    onnx_node(w, "Sigmoid", "sig", "cc", "sg");
    onnx_node(w, "onnx.brevitas:BipolarQuant", "bi", "cc s", "bp");
    onnx_node(w, "Add", "add", "sg bp", "y");
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, n);
    onnx_writer_free(w);
    return bytes;
}

static void test_damaged_fixed_point(void)
{
    size_t n;
    struct rng r;
    uint8_t *whole = plain_model(&n), *copy = malloc(n);
    rng_seed(&r, test_seed() + 1);
    in_fixed_point = 0;
    survives(whole, n);
    CU_ASSERT_EQUAL_FATAL(in_fixed_point, 1);
    for (unsigned i = 0; i < 15000; i++) {
        memcpy(copy, whole, n);
        survives(copy, damage(copy, n, &r));
    }
    printf("\n  %u evaluated in fixed point", in_fixed_point);
    CU_ASSERT(in_fixed_point > 250);
    free(whole);
    free(copy);
}

static void test_damaged_formats(void)
{
    static const char whole[] =
        "default = \"ap_fixed<16,6,RND,SAT>\";\naccumulation = \"hls4ml\"; # sums\n"
        "fold_batch_norm = true;\nconstant_bits = 8;\n"
        "tensors = ( { tensor = \"x\"; format = \"ap_fixed<8,1,RND_CONV,WRAP_SM>\"; },\n"
        "            { tensor = \"fc.w\"; format = \"ap_ufixed<6,-1>\"; } );\n"
        "nodes = ( { node = \"fc\"; accumulator = \"ap_int<24>\"; table = \"ap_uint<9>\"; } );\n";
    char path[] = "/tmp/bxact-damaged-XXXXXX";
    uint8_t copy[sizeof whole];
    struct rng r;
    unsigned good = 0, bad = 0;
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    rng_seed(&r, test_seed() + 2);
    for (unsigned i = 0; i < 4000; i++) {
        struct net_formats f;
        struct message m = {""};
        memcpy(copy, whole, sizeof whole);
        size_t n = i ? damage(copy, sizeof whole - 1, &r) : sizeof whole - 1;
        CU_ASSERT_FATAL(ftruncate(fd, 0) == 0 && pwrite(fd, copy, n, 0) == (ssize_t)n);
        int failed = net_formats_read(&f, path, &m);
        CU_ASSERT(!failed || strncmp(m.text, path, strlen(path)) == 0);
        good += !failed;
        bad += failed != 0;
        net_formats_release(&f);
    }
    close(fd);
    unlink(path);
    printf("\n  %u read, %u refused", good, bad);
    CU_ASSERT(good > 20 && bad > 1000);
}

static void test_cut_models(void)
{
    size_t n;
    uint8_t *whole = rich_model(&n);
    for (size_t length = 0; length < n; length++)
        survives(whole, length);
    free(whole);
}

TEST_MAIN("network/damaged", TEST(test_damaged_models), TEST(test_damaged_fixed_point),
          TEST(test_damaged_formats), TEST(test_cut_models))

/* The operator tests that ONNX publishes: model, inputs and outputs of every supported operator
 * (libonnx-testdata). */
#include "golden/network/graph.h"
#include "onnx.pb-c.h"
#include "tests/harness.h"

#include <dirent.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *read_all(const char *path, size_t *n)
{
    enum { MOST = 1 << 22 };
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = file ? malloc(MOST) : NULL;
    *n = bytes ? fread(bytes, 1, MOST, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

static Onnx__TensorProto *read_tensor(const char *folder, const char *kind, unsigned k)
{
    char path[640];
    size_t n;
    snprintf(path, sizeof path, "%s/test_data_set_0/%s_%u.pb", folder, kind, k);
    uint8_t *bytes = read_all(path, &n);
    Onnx__TensorProto *t = bytes ? onnx__tensor_proto__unpack(NULL, n, bytes) : NULL;
    free(bytes);
    return t;
}

/* Element e, from whichever field holds it. */
static double element(const Onnx__TensorProto *t, size_t e)
{
    const uint8_t *raw = t->raw_data.data;
    switch (t->data_type) {
    case ELEMENT_FLOAT: {
        float f;
        if (!t->has_raw_data)
            return t->float_data[e];
        memcpy(&f, raw + 4 * e, sizeof f);
        return f;
    }
    case ELEMENT_DOUBLE: {
        double d;
        if (!t->has_raw_data)
            return t->double_data[e];
        memcpy(&d, raw + 8 * e, sizeof d);
        return d;
    }
    case ELEMENT_INT64: {
        int64_t i;
        if (!t->has_raw_data)
            return (double)t->int64_data[e];
        memcpy(&i, raw + 8 * e, sizeof i);
        return (double)i;
    }
    case ELEMENT_UINT8: return t->has_raw_data ? raw[e] : t->int32_data[e];
    default: return NAN;
    }
}

/* The list of sizes that Reshape takes must be a constant here; in these models it is an input. */
static void bind_sizes(Onnx__ModelProto *model, const char *folder)
{
    Onnx__GraphProto *g = model->graph;
    Onnx__NodeProto *node = g->node[0];
    if (strcmp(node->op_type, "Reshape"))
        return;
    Onnx__TensorProto *sizes = read_tensor(folder, "input", 1);
    free(sizes->name);
    sizes->name = strdup(node->input[1]);
    g->initializer = realloc(g->initializer, (g->n_initializer + 1) * sizeof *g->initializer);
    g->initializer[g->n_initializer++] = sizes;
}

static struct graph *read_bound(const char *folder, struct message *m)
{
    char path[640];
    size_t n;
    snprintf(path, sizeof path, "%s/model.onnx", folder);
    uint8_t *bytes = read_all(path, &n);
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, n, bytes);
    bind_sizes(model, folder);
    free(bytes);
    n = onnx__model_proto__get_packed_size(model);
    bytes = malloc(n);
    onnx__model_proto__pack(model, bytes);
    struct graph *g = graph_read_onnx_bytes(bytes, n, path, m);
    free(bytes);
    onnx__model_proto__free_unpacked(model, NULL);
    return g;
}

static void set_inputs(struct float_run *run, const struct graph *g, const char *folder)
{
    for (unsigned k = 0; k < g->inputs; k++) {
        Onnx__TensorProto *t = read_tensor(folder, "input", k);
        for (uint32_t e = 0; e < graph_input(g, k)->size; e++)
            float_run_input(run, k)[e] = element(t, e);
        onnx__tensor_proto__free_unpacked(t, NULL);
    }
}

/* ONNX's own runner accepts a relative difference of 1e-3; float's last bits are enough here. */
static unsigned differs(double got, double want)
{
    return !(fabs(got - want) <= 1e-5 * (1 + fabs(want)));
}

static unsigned check_output(const struct float_run *run, const struct graph *g, unsigned k,
                             const char *folder)
{
    Onnx__TensorProto *t = read_tensor(folder, "output", k);
    const struct net_tensor *y = graph_output(g, k);
    unsigned wrong = t->n_dims != y->shape.rank;
    for (size_t d = 0; !wrong && d < t->n_dims; d++)
        wrong += t->dims[d] != y->shape.dim[d];
    for (uint32_t e = 0; !wrong && e < y->size; e++)
        wrong += differs(float_run_value(run, g->output[k])[e], element(t, e));
    onnx__tensor_proto__free_unpacked(t, NULL);
    return wrong;
}

static int check_folder(const char *name)
{
    char folder[512];
    struct message m;
    unsigned wrong = 0;
    snprintf(folder, sizeof folder, "%s/node/%s", ONNX_TESTDATA, name);
    struct graph *g = read_bound(folder, &m);
    if (!g) {
        printf("\n  %s", m.text);
        return -1;
    }
    struct float_run *run = float_run_new(g, &m);
    set_inputs(run, g, folder);
    float_run_evaluate(run);
    for (unsigned k = 0; k < g->outputs; k++)
        wrong += check_output(run, g, k, folder);
    float_run_free(run);
    graph_free(g);
    if (wrong)
        printf("\n  %s differs", name);
    return wrong ? -1 : 0;
}

/* Families of tests, how many of them there are, and those that are about something else. */
static const struct {
    const char *operator, * pattern, *except;
    unsigned tests;
} families[] = {
    {"Gemm", "test_gemm_*", "", 11},
    {"MatMul", "test_matmul_*d", "", 3},
    {"Add", "test_add*", "test_adagrad*", 3},
    {"Sub", "test_sub*", "", 4},
    {"Mul", "test_mul*", "", 4},
    {"BatchNormalization", "test_batchnorm_*", "*_training_mode", 2},
    {"Relu", "test_relu", "", 1},
    {"LeakyRelu", "test_leakyrelu*", "", 3},
    {"Sigmoid", "test_sigmoid*", "", 2},
    {"Tanh", "test_tanh", "", 1},
    {"Tanh", "test_tanh_example", "", 1},
    {"Softmax", "test_softmax_*", "*_expanded", 7},
    {"Flatten", "test_flatten_*", "", 9},
    {"Reshape", "test_reshape_*", "", 10},
    {"Transpose", "test_transpose_*", "", 7},
    {"Concat", "test_concat_*", "", 12},
    {"Identity", "test_identity", "", 1},
    {"Cast", "test_cast_DOUBLE_to_FLOAT", "", 1},
    {"Cast", "test_cast_FLOAT_to_DOUBLE", "", 1},
    {"Constant", "test_constant", "", 1},
    {"QuantizeLinear", "test_quantizelinear*", "", 2},
    {"DequantizeLinear", "test_dequantizelinear*", "", 2},
};

static void check_family(size_t f)
{
    struct dirent **entry;
    unsigned tests = 0, failed = 0;
    int n = scandir(ONNX_TESTDATA "/node", &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entry[i]->d_name;
        if (fnmatch(families[f].pattern, name, 0) == 0 && fnmatch(families[f].except, name, 0) != 0) {
            tests++;
            failed += check_folder(name) < 0;
        }
        free(entry[i]);
    }
    free(entry);
    printf("\n  %-18s %2u of %2u", families[f].operator, tests - failed, tests);
    CU_ASSERT_EQUAL(failed, 0);
    CU_ASSERT_EQUAL(tests, families[f].tests);
}

static void test_operators_give_the_published_results(void)
{
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        check_family(f);
}

TEST_MAIN("network/onnx_nodes", TEST(test_operators_give_the_published_results))

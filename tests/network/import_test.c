/* Reading ONNX: what is kept, what is folded, and how what cannot be used is named. */
#include "golden/network/graph.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static struct graph *read_written(struct onnx_writer *w, struct message *m)
{
    size_t n;
    uint8_t *bytes = onnx_bytes(w, &n);
    m->text[0] = 0;
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

static struct onnx_writer *one_node(const char *op, int64_t features)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(-1, features));
    onnx_node(w, op, "n1", "x", "y");
    onnx_output(w, "y");
    return w;
}

static void refused(struct onnx_writer *w, const char *part)
{
    struct message m;
    struct graph *g = read_written(w, &m);
    CU_ASSERT_PTR_NULL(g);
    if (!strstr(m.text, part))
        printf("\n  '%s' lacks '%s'", m.text, part);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, part));
    graph_free(g);
}

static void test_a_dense_network(void)
{
    struct message m;
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(-1, 2));
    onnx_floats(w, "w", 2, DIMS(3, 2), NUMBERS(1, 2, 3, 4, 5, 6));
    onnx_floats(w, "b", 1, DIMS(3), NUMBERS(-1, 0, 1));
    onnx_node(w, "Gemm", "fc", "x w b", "h");
    onnx_attribute_i(w, "transB", 1);
    onnx_node(w, "Relu", "", "h", "y");
    onnx_output(w, "y");
    struct graph *g = read_written(w, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT(g->nodes == 2 && g->inputs == 1 && g->outputs == 1);
    CU_ASSERT_STRING_EQUAL(g->node[0].name, "fc");
    CU_ASSERT_STRING_EQUAL(g->node[1].name, "y"); /* after its output */
    CU_ASSERT(graph_input(g, 0)->shape.dim[0] == 1 && graph_output(g, 0)->shape.dim[1] == 3);
    CU_ASSERT_EQUAL(graph_multiplies(g), 6);
    CU_ASSERT_EQUAL(graph_parameters(g), 9);
    CU_ASSERT_EQUAL(graph_find(g, "h"), g->node[0].output[0]);
    CU_ASSERT_EQUAL(graph_find(g, "H"), -1);
    struct float_run *run = float_run_new(g, &m);
    memcpy(float_run_input(run, 0), NUMBERS(0.5, -1), 2 * sizeof(double));
    float_run_evaluate(run);
    const double *y = float_run_value(run, g->output[0]);
    CU_ASSERT(y[0] == 0 && y[1] == 0 && y[2] == 0);
    memcpy(float_run_input(run, 0), NUMBERS(1, 2), 2 * sizeof(double));
    float_run_evaluate(run);
    CU_ASSERT(y[0] == 4 && y[1] == 11 && y[2] == 18);
    float_run_free(run);
    graph_free(g);
}

static void test_what_depends_on_constants_is_folded(void)
{
    struct message m;
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 1, DIMS(2));
    onnx_node(w, "Constant", "c", "", "c");
    onnx_attribute_floats(w, "value_floats", 2, NUMBERS(3, 4));
    onnx_node(w, "Mul", "square", "c c", "cc");
    onnx_node(w, "Add", "add", "x cc", "y");
    onnx_output(w, "y");
    struct graph *g = read_written(w, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT_EQUAL(g->nodes, 1);
    const struct net_tensor *cc = &g->tensor[graph_find(g, "cc")];
    CU_ASSERT(cc->constant && cc->constant[0] == 9 && cc->constant[1] == 16);
    CU_ASSERT(cc->folded && cc->folded->op == NET_MUL);
    graph_free(g);
}

static void test_element_types_and_raw_data(void)
{
    struct message m;
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 1, DIMS(1));
    onnx_raw(w, "half", ELEMENT_FLOAT16, 1, DIMS(4), (uint16_t[]){0x3c00, 0xc100, 0x0001, 0x7bff}, 8);
    onnx_raw(w, "brain", ELEMENT_BFLOAT16, 1, DIMS(2), (uint16_t[]){0x3f80, 0xc040}, 4);
    onnx_raw(w, "double", ELEMENT_DOUBLE, 1, DIMS(1), NUMBERS(0.1), 8);
    onnx_raw(w, "int8", ELEMENT_INT8, 1, DIMS(2), (int8_t[]){-128, 127}, 2);
    onnx_raw(w, "int64", ELEMENT_INT64, 1, DIMS(1), (int64_t[]){-5}, 8);
    onnx_node(w, "Relu", "n1", "x", "y");
    onnx_output(w, "y");
    struct graph *g = read_written(w, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    const double *half = g->tensor[graph_find(g, "half")].constant;
    CU_ASSERT(half[0] == 1 && half[1] == -2.5 && half[2] == 0x1p-24 && half[3] == 65504);
    const double *brain = g->tensor[graph_find(g, "brain")].constant;
    CU_ASSERT(brain[0] == 1 && brain[1] == -3);
    CU_ASSERT_EQUAL(g->tensor[graph_find(g, "double")].constant[0], 0.1);
    const double *int8 = g->tensor[graph_find(g, "int8")].constant;
    CU_ASSERT(int8[0] == -128 && int8[1] == 127);
    CU_ASSERT_EQUAL(g->tensor[graph_find(g, "int64")].constant[0], -5);
    graph_free(g);
}

static void external_case(const char *folder, const char *location, const char *offset, const char *part)
{
    char path[128];
    struct message m = {""};
    struct onnx_writer *w = one_node("Relu", 2);
    snprintf(path, sizeof path, "%s/net.onnx", folder);
    onnx_external(w, "outside", 1, DIMS(2), location, offset);
    onnx_file(w, path);
    onnx_writer_free(w);
    struct graph *g = graph_read_onnx(path, &m);
    CU_ASSERT_EQUAL(g == NULL, part != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, part ? part : ""));
    if (g && !part) {
        const double *v = g->tensor[graph_find(g, "outside")].constant;
        CU_ASSERT(v[0] == 1.5 && v[1] == -2);
    }
    graph_free(g);
}

static void test_external_data(void)
{
    char folder[] = "/tmp/bxact-import-XXXXXX", path[128];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/w.bin", folder);
    FILE *file = fopen(path, "wb");
    fwrite((float[]){7, 1.5f, -2}, sizeof(float), 3, file);
    fclose(file);
    external_case(folder, "w.bin", "4", NULL);
    external_case(folder, "w.bin", "8", "does not hold the 2 numbers");
    external_case(folder, "w.bin", "four", "offset 'four' is no number");
    external_case(folder, "w.bin", "99999999999999999999", "has no byte");
    external_case(folder, "v.bin", NULL, "No such file");
    external_case(folder, "../w.bin", NULL, "must be a file in the model's folder");
    external_case(folder, "/etc/passwd", NULL, "must be a file in the model's folder");
    external_case(folder, ".", NULL, "is no file");
    unlink(path);
    snprintf(path, sizeof path, "%s/net.onnx", folder);
    unlink(path);
    rmdir(folder);
}

static void test_operators_and_attributes_that_are_unknown(void)
{
    refused(one_node("Conv", 4), "net.onnx: node 'n1': operator 'Conv' is not supported");
    refused(one_node("qonnx.custom_op.general:Relu", 4), "operator 'Relu' of qonnx.custom_op.general");
    struct onnx_writer *w = one_node("LeakyRelu", 4);
    onnx_attribute_f(w, "slope", 0.1);
    refused(w, "node 'n1' (LeakyRelu): slope: is no attribute");
    w = one_node("LeakyRelu", 4);
    onnx_attribute_i(w, "alpha", 1);
    refused(w, "node 'n1' (LeakyRelu): alpha: has another type");
    w = one_node("LeakyRelu", 4);
    onnx_attribute_f(w, "alpha", 1);
    onnx_attribute_f(w, "alpha", 2);
    refused(w, "alpha: is given twice");
    refused(one_node("Gemm", 4), "node 'n1' (Gemm): has 1 inputs (give 2..3)");
}

static struct onnx_writer *dense(unsigned rows, unsigned bias)
{
    static const double zeros[64];
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, 4));
    onnx_floats(w, "w", 2, DIMS(rows, 3), zeros);
    onnx_floats(w, "b", 1, DIMS(bias), zeros);
    onnx_node(w, "Gemm", "fc", "x w b", "y");
    onnx_output(w, "y");
    return w;
}

static void test_shapes_that_do_not_fit(void)
{
    struct message m;
    struct graph *g = read_written(dense(4, 3), &m);
    CU_ASSERT_PTR_NOT_NULL(g);
    graph_free(g);
    refused(dense(5, 3), "node 'fc' (Gemm): shapes 1x4 and 5x3 do not go together");
    refused(dense(4, 2), "the bias does not fit");
    struct onnx_writer *w = one_node("Flatten", 4);
    onnx_attribute_i(w, "axis", 3);
    refused(w, "axis: is not one of the input's");
    w = one_node("Transpose", 4);
    onnx_attribute_ints(w, "perm", 2, DIMS(0, 0));
    refused(w, "perm: is no order");
    w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, 6));
    onnx_integers(w, "s", 2, DIMS(4, -1));
    onnx_node(w, "Reshape", "r", "x s", "y");
    onnx_output(w, "y");
    refused(w, "node 'r' (Reshape): 6 elements cannot take that shape");
}

static void test_graphs_that_do_not_hold_together(void)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 1, DIMS(1));
    onnx_node(w, "Add", "a", "x later", "y");
    onnx_output(w, "y");
    refused(w, "node 'a' (Add): its input 'later' comes from nowhere");
    w = one_node("Relu", 1);
    onnx_node(w, "Relu", "again", "x", "y");
    refused(w, "'y' is made twice");
    w = one_node("Relu", 1);
    onnx_output(w, "z");
    refused(w, "output 'z' is not computed");
    w = onnx_writer_new(13);
    onnx_input(w, "x", 1, DIMS(1));
    refused(w, "no outputs");
    w = onnx_writer_new(6);
    refused(w, "opset 6 is not supported");
    w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(3000, 3000));
    refused(w, "has a dimension of 3000");
    w = onnx_writer_new(13);
    onnx_raw(w, "s", 8, 1, DIMS(1), "x", 1);
    refused(w, "tensor 's' has data type 8");
}

static void test_files_that_are_none(void)
{
    struct message m = {""};
    CU_ASSERT_PTR_NULL(graph_read_onnx("no/such/net.onnx", &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "no/such/net.onnx: No such file"));
    CU_ASSERT_PTR_NULL(graph_read_onnx("tests", &m));
    CU_ASSERT_PTR_NULL(graph_read_onnx_bytes("\xff\xff\xff", 3, "noise", &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "noise: is no ONNX model"));
    CU_ASSERT_PTR_NULL(graph_read_onnx_bytes("", 0, "empty", &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "empty: holds no graph"));
}

TEST_MAIN("network/import", TEST(test_a_dense_network), TEST(test_what_depends_on_constants_is_folded),
          TEST(test_element_types_and_raw_data), TEST(test_external_data),
          TEST(test_operators_and_attributes_that_are_unknown), TEST(test_shapes_that_do_not_fit),
          TEST(test_graphs_that_do_not_hold_together), TEST(test_files_that_are_none))

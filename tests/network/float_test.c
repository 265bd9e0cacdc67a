/* The evaluation of what ONNX's published tests do not cover: QONNX's quantisers, trees, support vectors. */
#include "golden/network/graph.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Reads what was written and evaluates it; output k goes to y[k]. */
static void evaluate(struct onnx_writer *w, const double *x, double *y[])
{
    size_t n;
    struct message m;
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    if (!g)
        printf("\n  %s", m.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    struct float_run *run = float_run_new(g, &m);
    memcpy(float_run_input(run, 0), x, graph_input(g, 0)->size * sizeof *x);
    float_run_evaluate(run);
    for (unsigned k = 0; k < g->outputs; k++)
        memcpy(y[k], float_run_value(run, g->output[k]), graph_output(g, k)->size * sizeof *x);
    float_run_free(run);
    graph_free(g);
    free(bytes);
    onnx_writer_free(w);
}

static struct onnx_writer *begin(int64_t n)
{
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_opset(w, "ai.onnx.ml", 3);
    onnx_input(w, "x", 2, DIMS(1, n));
    onnx_output(w, "y");
    return w;
}

static void check_quant(const char *mode, double scale, double zero, double bits, int is_signed, int narrow,
                        const double want[9])
{
    static const double x[9] = {-100, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 100};
    double y[9];
    struct onnx_writer *w = begin(9);
    onnx_scalar(w, "s", scale);
    onnx_scalar(w, "z", zero);
    onnx_scalar(w, "b", bits);
    onnx_node(w, "qonnx.custom_op.general:Quant", "q", "x s z b", "y");
    onnx_attribute_s(w, "rounding_mode", mode);
    onnx_attribute_i(w, "signed", is_signed);
    onnx_attribute_i(w, "narrow", narrow);
    evaluate(w, x, (double *[]){y});
    for (unsigned e = 0; e < 9; e++)
        CU_ASSERT_EQUAL(y[e], want[e]);
}

/* The specification's sentences, worked out by hand. */
static void test_quant(void)
{
    check_quant("ROUND", 0.5, 0, 3, 1, 0, NUMBERS(-2, -1, -0.5, 0, 0, 0, 0.5, 1, 1.5));
    check_quant("HALF_UP", 0.5, 0, 3, 1, 1, NUMBERS(-1.5, -1, -0.5, -0.5, 0, 0.5, 0.5, 1, 1.5));
    check_quant("HALF_DOWN", 0.5, 0, 3, 1, 0, NUMBERS(-2, -0.5, -0.5, 0, 0, 0, 0.5, 0.5, 1.5));
    check_quant("CEIL", 0.5, 0, 3, 1, 0, NUMBERS(-2, -0.5, -0.5, 0, 0, 0.5, 0.5, 1, 1.5));
    check_quant("FLOOR", 0.5, 0, 3, 1, 0, NUMBERS(-2, -1, -0.5, -0.5, 0, 0, 0.5, 0.5, 1.5));
    check_quant("UP", 0.5, 0, 3, 1, 0, NUMBERS(-2, -1, -0.5, -0.5, 0, 0.5, 0.5, 1, 1.5));
    check_quant("DOWN", 0.5, 0, 3, 1, 0, NUMBERS(-2, -0.5, -0.5, 0, 0, 0, 0.5, 0.5, 1.5));
    check_quant("ROUND_TO_ZERO", 0.5, 0, 3, 0, 0, NUMBERS(0, 0, 0, 0, 0, 0, 0.5, 0.5, 3.5));
    check_quant("ROUND", 0.5, 0, 3, 0, 1, NUMBERS(0, 0, 0, 0, 0, 0, 0.5, 1, 3));
    check_quant("ROUND", 0.25, 2, 3, 0, 0, NUMBERS(-0.5, -0.5, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1.25));
}

static void test_bipolar_and_trunc(void)
{
    double y[4];
    struct onnx_writer *w = begin(4);
    onnx_scalar(w, "s", 0.5);
    onnx_node(w, "onnx.brevitas:BipolarQuant", "q", "x s", "y");
    evaluate(w, NUMBERS(-3, -0.01, 0, 7), (double *[]){y});
    CU_ASSERT(y[0] == -0.5 && y[1] == -0.5 && y[2] == 0.5 && y[3] == 0.5);
    w = begin(4);
    onnx_scalar(w, "s", 0.5);
    onnx_scalar(w, "z", 0);
    onnx_scalar(w, "in", 8);
    onnx_scalar(w, "out", 6);
    onnx_node(w, "qonnx.custom_op.general:Trunc", "t", "x s z in out", "y");
    evaluate(w, NUMBERS(-3.5, 3.5, 8, 0), (double *[]){y});
    CU_ASSERT(y[0] == -1 && y[1] == 0.5 && y[2] == 2 && y[3] == 0); /* -7>>2, 7>>2, 16>>2 in halves */
    w = begin(4);
    onnx_scalar(w, "s", 0.5);
    onnx_scalar(w, "z", 0);
    onnx_scalar(w, "in", 8);
    onnx_scalar(w, "to", 2);
    onnx_scalar(w, "out", 3);
    onnx_node(w, "qonnx.custom_op.general:Trunc", "t", "x s z in to out", "y");
    onnx_attribute_s(w, "rounding_mode", "ROUND");
    evaluate(w, NUMBERS(-3.5, 3, 50, -60), (double *[]){y});
    CU_ASSERT(y[0] == -4 && y[1] == 4 && y[2] == 6 && y[3] == -8); /* -1.75, 1.5, and the ends, in twos */
}

/* A full tree of depth 3 on three features: node k has children 2k+1 and 2k+2, leaves are 7..14. */
enum { INNER = 7, NODES = 15, FEATURES = 3, TREES = 4, TARGETS = 2 };
static const char *const modes[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                    "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};

struct forest {
    int64_t tree[TREES * NODES], id[TREES * NODES], feature[TREES * NODES], yes[TREES * NODES],
        no[TREES * NODES];
    const char *mode[TREES * NODES];
    double threshold[TREES * NODES];
    int64_t vote_tree[TREES * 8], vote_id[TREES * 8], vote_target[TREES * 8];
    double vote[TREES * 8];
};

static void grow(struct forest *f, struct rng *r)
{
    for (unsigned k = 0; k < TREES * NODES; k++) {
        unsigned id = k % NODES;
        bool leaf = id >= INNER;
        f->tree[k] = k / NODES;
        f->id[k] = id;
        f->feature[k] = rng_below(r, FEATURES);
        f->yes[k] = leaf ? 0 : 2 * id + 1;
        f->no[k] = leaf ? 0 : 2 * id + 2;
        f->mode[k] = leaf ? "LEAF" : modes[rng_below(r, 6)];
        f->threshold[k] = (int)rng_below(r, 9) - 4;
    }
    for (unsigned v = 0; v < TREES * 8; v++) {
        f->vote_tree[v] = v / 8;
        f->vote_id[v] = INNER + v % 8;
        f->vote_target[v] = rng_below(r, TARGETS);
        f->vote[v] = ((int)rng_below(r, 64) - 32) / 8.0;
    }
}

static bool holds(const char *mode, double x, double t)
{
    return !strcmp(mode, "BRANCH_LEQ")   ? x <= t
           : !strcmp(mode, "BRANCH_LT")  ? x < t
           : !strcmp(mode, "BRANCH_GTE") ? x >= t
           : !strcmp(mode, "BRANCH_GT")  ? x > t
           : !strcmp(mode, "BRANCH_EQ")  ? x == t
                                         : x != t;
}

static void forest_oracle(const struct forest *f, const char *aggregate, const double *x, double y[TARGETS])
{
    for (unsigned k = 0; k < TARGETS; k++) {
        double sum = 0, low = INFINITY, high = -INFINITY;
        for (unsigned t = 0; t < TREES; t++) {
            unsigned at = 0;
            while (at < INNER) {
                unsigned n = t * NODES + at;
                at = 2 * at + (holds(f->mode[n], x[f->feature[n]], f->threshold[n]) ? 1 : 2);
            }
            unsigned v = t * 8 + at - INNER;
            if (f->vote_target[v] != (int64_t)k)
                continue;
            sum += f->vote[v];
            low = fmin(low, f->vote[v]);
            high = fmax(high, f->vote[v]);
        }
        y[k] = !strcmp(aggregate, "SUM")       ? sum
               : !strcmp(aggregate, "AVERAGE") ? sum / TREES
               : isinf(low)                    ? 0
               : !strcmp(aggregate, "MIN")     ? low
                                               : high;
    }
}

static void write_nodes(struct onnx_writer *w, const struct forest *f)
{
    onnx_attribute_ints(w, "nodes_treeids", TREES * NODES, f->tree);
    onnx_attribute_ints(w, "nodes_nodeids", TREES * NODES, f->id);
    onnx_attribute_ints(w, "nodes_featureids", TREES * NODES, f->feature);
    onnx_attribute_ints(w, "nodes_truenodeids", TREES * NODES, f->yes);
    onnx_attribute_ints(w, "nodes_falsenodeids", TREES * NODES, f->no);
    onnx_attribute_strings(w, "nodes_modes", TREES * NODES, f->mode);
    onnx_attribute_floats(w, "nodes_values", TREES * NODES, f->threshold);
}

static void write_votes(struct onnx_writer *w, const struct forest *f, const char *prefix)
{
    char name[40];
    const struct {
        const char *end;
        const int64_t *list;
    } lists[] = {{"treeids", f->vote_tree}, {"nodeids", f->vote_id}, {"ids", f->vote_target}};
    for (unsigned k = 0; k < 3; k++) {
        snprintf(name, sizeof name, "%s_%s", prefix, lists[k].end);
        onnx_attribute_ints(w, name, TREES * 8, lists[k].list);
    }
    snprintf(name, sizeof name, "%s_weights", prefix);
    onnx_attribute_floats(w, name, TREES * 8, f->vote);
}

static void test_tree_regression(void)
{
    static const char *const how[] = {"SUM", "AVERAGE", "MIN", "MAX"};
    struct rng r;
    struct forest f;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 400; i++) {
        double x[FEATURES], y[TARGETS], want[TARGETS];
        grow(&f, &r);
        for (unsigned k = 0; k < FEATURES; k++)
            x[k] = ((int)rng_below(&r, 40) - 20) / 4.0;
        struct onnx_writer *w = begin(FEATURES);
        onnx_node(w, "ai.onnx.ml:TreeEnsembleRegressor", "trees", "x", "y");
        write_nodes(w, &f);
        write_votes(w, &f, "target");
        onnx_attribute_i(w, "n_targets", TARGETS);
        onnx_attribute_s(w, "aggregate_function", how[i % 4]);
        onnx_attribute_floats(w, "base_values", TARGETS, NUMBERS(0.5, -2));
        evaluate(w, x, (double *[]){y});
        forest_oracle(&f, how[i % 4], x, want);
        CU_ASSERT(y[0] == want[0] + 0.5 && y[1] == want[1] - 2);
    }
}

static void test_tree_classification(void)
{
    struct rng r;
    struct forest f;
    rng_seed(&r, test_seed() + 1);
    for (unsigned i = 0; i < 200; i++) {
        double x[FEATURES], label, y[TARGETS], s[TARGETS];
        bool one = i & 1; /* all votes for one of two classes */
        grow(&f, &r);
        for (unsigned v = 0; one && v < TREES * 8; v++)
            f.vote_target[v] = 0;
        for (unsigned k = 0; k < FEATURES; k++)
            x[k] = (int)rng_below(&r, 11) - 5;
        struct onnx_writer *w = begin(FEATURES);
        onnx_output(w, "scores");
        onnx_node(w, "ai.onnx.ml:TreeEnsembleClassifier", "trees", "x", "y scores");
        write_nodes(w, &f);
        write_votes(w, &f, "class");
        onnx_attribute_ints(w, "classlabels_int64s", 2, DIMS(10, 20));
        onnx_attribute_s(w, "post_transform", one ? "LOGISTIC" : "SOFTMAX");
        evaluate(w, x, (double *[]){&label, y});
        forest_oracle(&f, "SUM", x, s);
        double p = one ? 1 / (1 + exp(-s[0])) : exp(s[1]) / (exp(s[0]) + exp(s[1]));
        CU_ASSERT_DOUBLE_EQUAL(y[1], p, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(y[0], 1 - p, 1e-12);
        CU_ASSERT_EQUAL(label, (one ? s[0] > 0 : s[1] > s[0]) ? 20 : 10);
    }
}

static void test_trees_that_do_not_hold_together(void)
{
    for (unsigned broken = 0; broken < 7; broken++) {
        struct rng r;
        struct forest f;
        struct message m = {""};
        size_t n;
        rng_seed(&r, test_seed());
        grow(&f, &r);
        switch (broken) {
        case 0: f.yes[0] = 0; break; /* its own child */
        case 1: f.no[1] = 1; break;
        case 2: f.yes[5] = 3; break; /* two parents */
        case 3: f.no[2] = 99; break; /* no such node */
        case 4: f.feature[0] = FEATURES; break;
        case 5: f.vote_id[3] = 2; break; /* no leaf */
        case 6: f.vote_target[0] = TARGETS; break;
        }
        struct onnx_writer *w = begin(FEATURES);
        onnx_node(w, "ai.onnx.ml:TreeEnsembleRegressor", "trees", "x", "y");
        write_nodes(w, &f);
        write_votes(w, &f, "target");
        onnx_attribute_i(w, "n_targets", TARGETS);
        uint8_t *bytes = onnx_bytes(w, &n);
        CU_ASSERT_PTR_NULL(graph_read_onnx_bytes(bytes, n, "net.onnx", &m));
        CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "node 'trees' (TreeEnsembleRegressor): "));
        free(bytes);
        onnx_writer_free(w);
    }
}

/* Three support vectors in two dimensions, worked out in place. */
static void test_support_vectors(void)
{
    static const char *const kernels[] = {"LINEAR", "POLY", "RBF", "SIGMOID"};
    static const double sv[3][2] = {{1, 2}, {-1, 0.5}, {0, -3}}, c[3] = {0.5, -1, 2}, x[2] = {0.25, -0.75};
    for (unsigned k = 0; k < 4; k++) {
        double y, want = 0.125;
        struct onnx_writer *w = begin(2);
        onnx_node(w, "ai.onnx.ml:SVMRegressor", "svm", "x", "y");
        onnx_attribute_s(w, "kernel_type", kernels[k]);
        onnx_attribute_floats(w, "kernel_params", 3, NUMBERS(0.5, 1, 3));
        onnx_attribute_floats(w, "coefficients", 3, c);
        onnx_attribute_floats(w, "support_vectors", 6, sv[0]);
        onnx_attribute_floats(w, "rho", 1, NUMBERS(0.125));
        onnx_attribute_i(w, "n_supports", 3);
        evaluate(w, x, (double *[]){&y});
        for (unsigned i = 0; i < 3; i++) {
            double d = sv[i][0] * x[0] + sv[i][1] * x[1], a = sv[i][0] - x[0], b = sv[i][1] - x[1];
            double value[] = {d, (d / 2 + 1) * (d / 2 + 1) * (d / 2 + 1), exp(-(a * a + b * b) / 2),
                              tanh(d / 2 + 1)};
            want += c[i] * value[k];
        }
        CU_ASSERT_DOUBLE_EQUAL(y, want, 1e-12);
    }
}

TEST_MAIN("network/float", TEST(test_quant), TEST(test_bipolar_and_trunc), TEST(test_tree_regression),
          TEST(test_tree_classification), TEST(test_trees_that_do_not_hold_together),
          TEST(test_support_vectors))

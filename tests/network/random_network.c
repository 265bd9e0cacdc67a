#include "tests/network/random_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

/* ---- networks of exact operators ---- */

struct builder {
    struct onnx_writer *w;
    struct rng r;
    unsigned names, width; /* the tensor at work is "t<names>" with `width` columns */
    bool quantised;        /* it has few bits */
};

static double dyadic(struct rng *r, unsigned bits, int fraction)
{
    return ldexp((double)rng_below(r, 1u << bits) - (1u << (bits - 1)), -fraction);
}

static const char *now(const struct builder *b, char *text)
{
    sprintf(text, "t%u", b->names);
    return text;
}

/* A node from the tensor at work to the next one. `more`: further inputs. */
static void next(struct builder *b, const char *op, const char *more)
{
    char in[300], out[32], name[32];
    snprintf(in, sizeof in, "t%u %s", b->names, more);
    snprintf(name, sizeof name, "n%u", b->names);
    snprintf(out, sizeof out, "t%u", ++b->names);
    onnx_node(b->w, op, name, in, out);
}

static void constant(struct builder *b, const char *letter, unsigned n, unsigned bits, int fraction,
                     char *name)
{
    double v[256];
    for (unsigned i = 0; i < n; i++)
        v[i] = rng_chance(&b->r, 200000) ? 0 : dyadic(&b->r, bits, fraction);
    sprintf(name, "%s%u", letter, b->names);
    onnx_floats(b->w, name, 2, DIMS(1, n), v);
}

static void quant_parameters(struct builder *b, char *names, int exponent, unsigned bits)
{
    char scale[32], zero[32], width[32];
    sprintf(scale, "scale%u", b->names);
    sprintf(zero, "zero%u", b->names);
    sprintf(width, "bits%u", b->names);
    onnx_scalar(b->w, scale, ldexp(1, exponent));
    onnx_scalar(b->w, zero, 0);
    onnx_scalar(b->w, width, bits);
    sprintf(names, "%s %s %s", scale, zero, width);
}

static void add_quant(struct builder *b)
{
    static const char *const modes[] = {"ROUND", "HALF_EVEN", "HALF_UP",      "HALF_DOWN",
                                        "FLOOR", "DOWN",      "ROUND_TO_ZERO"};
    char names[120];
    bool is_signed = rng_below(&b->r, 4) > 0;
    quant_parameters(b, names, (int)rng_below(&b->r, 7) - 5, 2 + rng_below(&b->r, 7));
    next(b, "qonnx.custom_op.general:Quant", names);
    onnx_attribute_s(b->w, "rounding_mode", modes[rng_below(&b->r, 7)]);
    onnx_attribute_i(b->w, "signed", is_signed);
    onnx_attribute_i(b->w, "narrow", is_signed && rng_below(&b->r, 2));
    b->quantised = true;
}

/* Weights of few bits, as Quant of finer numbers. */
static void add_dense(struct builder *b)
{
    char names[120], more[200], weight[32], quantised[32], bias[32] = "";
    unsigned outputs = 1 + rng_below(&b->r, 8), gemm = rng_below(&b->r, 2);
    bool trans = gemm && rng_below(&b->r, 2);
    double v[256];
    for (unsigned i = 0; i < b->width * outputs; i++)
        v[i] = rng_chance(&b->r, 150000) ? 0 : dyadic(&b->r, 10, 6);
    sprintf(weight, "w%u", b->names);
    sprintf(quantised, "q%u", b->names);
    onnx_floats(b->w, weight, 2, trans ? DIMS(outputs, b->width) : DIMS(b->width, outputs), v);
    quant_parameters(b, names, -(int)rng_below(&b->r, 6), 2 + rng_below(&b->r, 6));
    snprintf(more, sizeof more, "%s %s", weight, names);
    onnx_node(b->w, "qonnx.custom_op.general:Quant", weight, more, quantised);
    if (gemm && rng_below(&b->r, 3))
        constant(b, "bias", outputs, 8, 3, bias);
    snprintf(more, sizeof more, "%s %s", quantised, bias);
    next(b, gemm ? "Gemm" : "MatMul", more);
    if (gemm) {
        onnx_attribute_i(b->w, "transB", trans);
        onnx_attribute_f(b->w, "alpha", ldexp(1, (int)rng_below(&b->r, 3) - 1));
        onnx_attribute_f(b->w, "beta", 2);
    }
    b->width = outputs;
    b->quantised = false;
}

static void add_elementwise(struct builder *b)
{
    static const char *const ops[] = {"Add", "Sub", "Mul"};
    char name[32], both[80];
    const char *op = ops[rng_below(&b->r, 3)];
    if (rng_below(&b->r, 3) == 0) { /* with itself */
        now(b, name);
        next(b, op, name);
        b->quantised = false;
        return;
    }
    constant(b, "c", rng_below(&b->r, 2) ? b->width : 1, 5, 2, name);
    if (rng_below(&b->r, 2)) {
        next(b, op, name);
    } else {
        char out[32], node[32];
        sprintf(both, "%s t%u", name, b->names);
        sprintf(node, "n%u", b->names);
        sprintf(out, "t%u", ++b->names);
        onnx_node(b->w, op, node, both, out);
    }
    b->quantised = false;
}

/* Batch norm whose scale is a small dyadic number: the variance is 1, epsilon 0. */
static void add_norm(struct builder *b)
{
    static const char *const parts[] = {"gamma", "beta", "mean", "var"};
    char more[160] = "", name[4][32];
    for (unsigned k = 0; k < 4; k++) {
        double v[256];
        for (unsigned i = 0; i < b->width; i++)
            v[i] = k == 3 ? 1 : dyadic(&b->r, 5, 2);
        sprintf(name[k], "%s%u", parts[k], b->names);
        onnx_floats(b->w, name[k], 1, DIMS(b->width), v);
        strcat(strcat(more, name[k]), " ");
    }
    next(b, "BatchNormalization", more);
    onnx_attribute_f(b->w, "epsilon", 0);
    b->quantised = false;
}

static void add_trunc(struct builder *b)
{
    char names[120], more[200], out[32];
    add_quant(b);
    /* The scale of the Quant just written is the input's. */
    snprintf(names, sizeof names, "scale%u zero%u bits%u", b->names - 1, b->names - 1, b->names - 1);
    sprintf(out, "out%u", b->names);
    onnx_scalar(b->w, out, 1 + rng_below(&b->r, 2));
    snprintf(more, sizeof more, "%s %s", names, out);
    next(b, "qonnx.custom_op.general:Trunc", more);
}

/* Version 2: to a scale and a range of its own. */
static void add_trunc_to_scale(struct builder *b)
{
    static const char *const modes[] = {"FLOOR", "ROUND", "HALF_UP", "HALF_DOWN", "ROUND_TO_ZERO"};
    char names[160], scale[32], bits[32];
    unsigned quant = b->names;
    bool is_signed = rng_below(&b->r, 3) > 0;
    int exponent = (int)rng_below(&b->r, 5) - 4;
    quant_parameters(b, names, exponent, 3 + rng_below(&b->r, 6));
    next(b, "qonnx.custom_op.general:Quant", names);
    sprintf(scale, "to%u", b->names);
    sprintf(bits, "out%u", b->names);
    onnx_scalar(b->w, scale, ldexp(1, exponent + (int)rng_below(&b->r, 4)));
    onnx_scalar(b->w, bits, 2 + rng_below(&b->r, 5));
    sprintf(names, "scale%u zero%u bits%u %s %s", quant, quant, quant, scale, bits);
    next(b, "qonnx.custom_op.general:Trunc", names);
    onnx_attribute_s(b->w, "rounding_mode", modes[rng_below(&b->r, 5)]);
    onnx_attribute_i(b->w, "signed", is_signed);
    onnx_attribute_i(b->w, "narrow", is_signed && rng_below(&b->r, 2));
    b->quantised = true;
}

static void add_linear_pair(struct builder *b)
{
    char names[120];
    bool is_signed = rng_below(&b->r, 2);
    sprintf(names, "s%u z%u", b->names, b->names);
    char scale[32], zero[32];
    sprintf(scale, "s%u", b->names);
    sprintf(zero, "z%u", b->names);
    onnx_scalar(b->w, scale, ldexp(1, -(int)rng_below(&b->r, 6)));
    onnx_raw(b->w, zero, is_signed ? ELEMENT_INT8 : ELEMENT_UINT8, 0, NULL, "", 1);
    next(b, "QuantizeLinear", names);
    next(b, "DequantizeLinear", names);
    b->quantised = true;
}

static void add_leaky(struct builder *b)
{
    next(b, "LeakyRelu", "");
    onnx_attribute_f(b->w, "alpha", dyadic(&b->r, 5, 4));
    b->quantised = false;
}

static void add_moves(struct builder *b)
{
    char name[32], shape[32];
    switch (rng_below(&b->r, 4)) {
    case 0:
        next(b, "Concat", now(b, name));
        onnx_attribute_i(b->w, "axis", -1);
        b->width *= 2;
        break;
    case 1: next(b, "Flatten", ""); break;
    case 2: next(b, "Identity", ""); break;
    case 3:
        sprintf(shape, "shape%u", b->names);
        onnx_integers(b->w, shape, 2, DIMS(b->width, 1));
        next(b, "Reshape", shape);
        next(b, "Transpose", "");
        break;
    }
}

static void add_bipolar(struct builder *b)
{
    char scale[32];
    sprintf(scale, "scale%u", b->names);
    onnx_scalar(b->w, scale, ldexp(1, (int)rng_below(&b->r, 5) - 3));
    next(b, "onnx.brevitas:BipolarQuant", scale);
    b->quantised = true;
}

/* ---- trees ---- */

enum { MOST_NODES = 128 };

struct forest {
    int64_t tree[MOST_NODES], id[MOST_NODES], feature[MOST_NODES], yes[MOST_NODES], no[MOST_NODES];
    int64_t vote_tree[MOST_NODES], vote_id[MOST_NODES], vote_target[MOST_NODES];
    double threshold[MOST_NODES], vote[MOST_NODES];
    const char *mode[MOST_NODES];
    unsigned nodes, votes;
};

/* Returns the id of the subtree's root within its tree, whose first node is at `first`. */
static unsigned grow(struct builder *b, struct forest *f, unsigned first, unsigned depth, unsigned targets)
{
    static const char *const modes[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                        "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};
    unsigned n = f->nodes++;
    bool leaf = depth == 0 || rng_below(&b->r, 5) == 0;
    f->tree[n] = first;
    f->id[n] = n - first;
    f->feature[n] = rng_below(&b->r, b->width);
    f->mode[n] = leaf ? "LEAF" : modes[rng_below(&b->r, 6)];
    f->threshold[n] = dyadic(&b->r, 6, 3);
    f->yes[n] = leaf ? 0 : grow(b, f, first, depth - 1, targets);
    f->no[n] = leaf ? 0 : grow(b, f, first, depth - 1, targets);
    for (unsigned k = 0; leaf && k < targets; k++)
        if (rng_below(&b->r, 4)) {
            f->vote_tree[f->votes] = first;
            f->vote_id[f->votes] = n - first;
            f->vote_target[f->votes] = k;
            f->vote[f->votes++] = dyadic(&b->r, 7, 4);
        }
    return n - first;
}

/* A regressor, or a classifier whose labels are an output, too. */
static void add_trees(struct builder *b, bool classes)
{
    struct forest f = {.nodes = 0};
    unsigned targets = 1 + classes + rng_below(&b->r, 2);
    bool one_score = classes && targets == 2 && rng_below(&b->r, 2);
    for (unsigned trees = 1 + rng_below(&b->r, 3); trees--;)
        grow(b, &f, f.nodes, 4, one_score ? 1 : targets);
    if (classes) {
        char in[32], out[64];
        now(b, in);
        sprintf(out, "label t%u", ++b->names);
        onnx_node(b->w, "ai.onnx.ml:TreeEnsembleClassifier", "classes", in, out);
        onnx_output(b->w, "label");
    } else
        next(b, "ai.onnx.ml:TreeEnsembleRegressor", "");
    onnx_attribute_ints(b->w, "nodes_treeids", f.nodes, f.tree);
    onnx_attribute_ints(b->w, "nodes_nodeids", f.nodes, f.id);
    onnx_attribute_ints(b->w, "nodes_featureids", f.nodes, f.feature);
    onnx_attribute_ints(b->w, "nodes_truenodeids", f.nodes, f.yes);
    onnx_attribute_ints(b->w, "nodes_falsenodeids", f.nodes, f.no);
    onnx_attribute_strings(b->w, "nodes_modes", f.nodes, f.mode);
    onnx_attribute_floats(b->w, "nodes_values", f.nodes, f.threshold);
    onnx_attribute_ints(b->w, classes ? "class_treeids" : "target_treeids", f.votes, f.vote_tree);
    onnx_attribute_ints(b->w, classes ? "class_nodeids" : "target_nodeids", f.votes, f.vote_id);
    onnx_attribute_ints(b->w, classes ? "class_ids" : "target_ids", f.votes, f.vote_target);
    onnx_attribute_floats(b->w, classes ? "class_weights" : "target_weights", f.votes, f.vote);
    if (classes)
        onnx_attribute_ints(b->w, "classlabels_int64s", targets, (int64_t[]){7, -2, 100});
    else
        onnx_attribute_i(b->w, "n_targets", targets);
    if (rng_below(&b->r, 2))
        onnx_attribute_floats(b->w, "base_values", one_score && f.votes ? 1 : targets,
                              (double[]){0.75, -3, 0.5});
    b->width = targets;
    b->quantised = false;
}

/* Support vectors whose kernel is exact. */
static void add_svm(struct builder *b)
{
    static const char *const kernels[] = {"LINEAR", "POLY"};
    unsigned supports = rng_below(&b->r, 4), poly = supports && rng_below(&b->r, 2);
    unsigned coefficients = supports ? supports : b->width;
    double v[256];
    add_quant(b);
    next(b, "ai.onnx.ml:SVMRegressor", "");
    onnx_attribute_s(b->w, "kernel_type", kernels[poly]);
    if (poly)
        onnx_attribute_floats(b->w, "kernel_params", 3,
                              (double[]){0.5, dyadic(&b->r, 5, 2), 1 + rng_below(&b->r, 2)});
    for (unsigned k = 0; k < coefficients; k++)
        v[k] = dyadic(&b->r, 5, 3);
    onnx_attribute_floats(b->w, "coefficients", coefficients, v);
    for (unsigned k = 0; k < supports * b->width; k++)
        v[k] = dyadic(&b->r, 5, 2);
    if (supports)
        onnx_attribute_floats(b->w, "support_vectors", supports * b->width, v);
    onnx_attribute_floats(b->w, "rho", 1, (double[]){dyadic(&b->r, 6, 3)});
    onnx_attribute_i(b->w, "n_supports", supports);
    b->width = 1;
    b->quantised = false;
}

struct graph *svm_graph(const char *kernel)
{
    size_t n;
    struct message m = {""};
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_opset(w, "ai.onnx.ml", 3);
    onnx_input(w, "x", 2, DIMS(1, 3));
    onnx_node(w, "ai.onnx.ml:SVMRegressor", "f", "x", "y");
    onnx_attribute_s(w, "kernel_type", kernel);
    onnx_attribute_floats(w, "kernel_params", 3, (double[]){0.375, 0.25, 3});
    onnx_attribute_floats(w, "coefficients", 4, (double[]){0.5, -1, 0.75, 1.25});
    onnx_attribute_floats(w, "support_vectors", 12,
                          (double[]){1, 2, -1, 0.5, 0, -3, 0.25, 0.25, 1.5, -1, -1, 2});
    onnx_attribute_floats(w, "rho", 1, (double[]){0.125});
    onnx_attribute_i(w, "n_supports", 4);
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

/* Bits must not grow beyond what doubles hold: whatever grows them is followed by a Quant. */
struct onnx_writer *random_network(uint64_t seed)
{
    char last[32];
    struct builder b = {.w = onnx_writer_new(13)};
    onnx_opset(b.w, "ai.onnx.ml", 3);
    rng_seed(&b.r, seed);
    b.width = 1 + rng_below(&b.r, 6);
    onnx_input(b.w, "t0", 2, DIMS(-1, b.width));
    add_quant(&b);
    for (unsigned steps = 2 + rng_below(&b.r, 7); steps--;) {
        switch (rng_below(&b.r, 12)) {
        case 0:
        case 1:
        case 2: add_dense(&b); break;
        case 3: add_elementwise(&b); break;
        case 4: add_norm(&b); break;
        case 5: add_trunc(&b); break;
        case 6: add_linear_pair(&b); break;
        case 7: add_leaky(&b); break;
        case 8:
            if (b.width <= 16)
                add_moves(&b);
            break;
        case 9: add_bipolar(&b); break;
        case 10: next(&b, "Relu", ""); break;
        case 11: add_trunc_to_scale(&b); break;
        }
        if (!b.quantised && (rng_below(&b.r, 2) || steps % 3 == 0))
            add_quant(&b);
    }
    if (b.width <= 16 && rng_below(&b.r, 2) == 0) {
        if (rng_below(&b.r, 3) == 0)
            add_svm(&b);
        else
            add_trees(&b, rng_below(&b.r, 2));
    }
    onnx_output(b.w, now(&b, last));
    return b.w;
}

/* ---- dense networks ---- */

static void add_dense_layer(struct builder *b, unsigned outputs, bool last)
{
    char weight[32], names[120], more[200];
    double *v = calloc((size_t)b->width * outputs, sizeof *v);
    for (unsigned i = 0; i < b->width * outputs; i++)
        v[i] = ldexp((double)(2 * rng_below(&b->r, 128)) - 127, -6); /* odd: no power of two but 1 */
    sprintf(weight, "w%u", b->names);
    onnx_floats(b->w, weight, 2, DIMS(b->width, outputs), v);
    free(v);
    next(b, "MatMul", weight);
    b->width = outputs;
    if (last)
        return;
    next(b, "Relu", "");
    quant_parameters(b, names, -3, 8);
    snprintf(more, sizeof more, "%s", names);
    next(b, "qonnx.custom_op.general:Quant", more);
    onnx_attribute_i(b->w, "signed", 0);
}

struct onnx_writer *dense_network(uint64_t seed, unsigned inputs, unsigned width, unsigned hidden,
                                  unsigned outputs)
{
    char last[32], names[120];
    struct builder b = {.w = onnx_writer_new(13), .width = inputs};
    rng_seed(&b.r, seed);
    onnx_input(b.w, "t0", 2, DIMS(1, inputs));
    quant_parameters(&b, names, -5, 8);
    next(&b, "qonnx.custom_op.general:Quant", names);
    for (unsigned k = 0; k < hidden; k++)
        add_dense_layer(&b, width, false);
    add_dense_layer(&b, outputs, true);
    onnx_output(b.w, now(&b, last));
    return b.w;
}

/* ---- a layer with formats ---- */

static struct fixed_type random_type(struct rng *r, unsigned least, unsigned most, int around)
{
    struct fixed_type t;
    do
        t = (struct fixed_type){.width = (uint8_t)(least + rng_below(r, most - least + 1)),
                                .integer = (int16_t)(around + (int)rng_below(r, 5) - 2),
                                .is_signed = rng_below(r, 4) > 0,
                                .round = (uint8_t)rng_below(r, FIXED_ROUNDS),
                                .overflow = (uint8_t)rng_below(r, FIXED_OVERFLOWS)};
    while (fixed_type_check(&t, NULL) < 0);
    return t;
}

void random_layer(struct rng *r, struct random_layer *l, unsigned most)
{
    l->x = random_type(r, 2, most, 2);
    l->weight = random_type(r, 2, most / 2 + 1, 1);
    l->bias = random_type(r, 2, most / 2 + 1, 2);
    l->sum = random_type(r, 2, most, 3);
    l->y = random_type(r, 2, most, 3);
    l->accumulator = random_type(r, 4, most, 4);
    l->reuse = 1 + rng_below(r, 12);
    for (unsigned o = 0; o < LAYER_OUT; o++) {
        for (unsigned i = 0; i < LAYER_IN; i++)
            l->w[i][o] = rng_chance(r, 200000) ? 0 : (float)dyadic(r, 20, 18);
        l->b[o] = (float)dyadic(r, 20, 17);
    }
}

static void print_format(FILE *file, const char *name, const struct fixed_type *t)
{
    char text[FIXED_TEXT];
    fixed_type_print(t, text);
    fprintf(file, "  { tensor = \"%s\"; format = \"%s\"; }", name, text);
}

void random_layer_formats(const char *path, const struct random_layer *l, bool hls4ml)
{
    static const char *const names[] = {"x", "w", "b", "h", "y"};
    const struct fixed_type *types[] = {&l->x, &l->weight, &l->bias, &l->sum, &l->y};
    FILE *file = fopen(path, "w");
    fprintf(file, "accumulation = \"%s\";\ntensors = (\n", hls4ml ? "hls4ml" : "exact");
    for (unsigned k = 0; k < 5; k++) {
        print_format(file, names[k], types[k]);
        fputs(k < 4 ? ",\n" : "\n);\n", file);
    }
    if (hls4ml) {
        fputs("nodes = (\n", file);
        char text[FIXED_TEXT];
        fixed_type_print(&l->accumulator, text);
        fprintf(file, "  { node = \"fc\"; accumulator = \"%s\"; reuse = %u; }\n);\n", text, l->reuse);
    }
    fclose(file);
}

struct graph *random_layer_graph(const struct random_layer *l)
{
    size_t n;
    struct message m = {""};
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, LAYER_IN));
    onnx_floats(w, "w", 2, DIMS(LAYER_IN, LAYER_OUT), l->w[0]);
    onnx_floats(w, "b", 1, DIMS(LAYER_OUT), l->b);
    onnx_node(w, "Gemm", "fc", "x w b", "h");
    onnx_node(w, "Relu", "relu", "h", "y");
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

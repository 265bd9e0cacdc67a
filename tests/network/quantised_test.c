/* Fixed-point evaluation. Networks whose formats are all powers of two are exact in doubles too, so the float
 * evaluation is an oracle for every tensor; formats from files, overflow and hls4ml's sums have one of their
 * own. */
#include "golden/network/quantised.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/network/onnx_write.h"

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

/* ---- random networks of exact operators ---- */

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

/* Bits must not grow beyond what doubles hold: whatever grows them is followed by a Quant. */
static struct onnx_writer *random_network(uint64_t seed)
{
    char last[32];
    struct builder b = {.w = onnx_writer_new(13), .names = 0};
    rng_seed(&b.r, seed);
    b.width = 1 + rng_below(&b.r, 6);
    onnx_input(b.w, "t0", 2, DIMS(-1, b.width));
    add_quant(&b);
    for (unsigned steps = 2 + rng_below(&b.r, 7); steps--;) {
        switch (rng_below(&b.r, 11)) {
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
        }
        if (!b.quantised && (rng_below(&b.r, 2) || steps % 3 == 0))
            add_quant(&b);
    }
    onnx_output(b.w, now(&b, last));
    return b.w;
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

enum { IN = 7, OUT = 5 };

struct layer {
    struct fixed_type x, weight, bias, sum, y, accumulator;
    double w[IN][OUT], b[OUT];
};

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

static void random_layer(struct rng *r, struct layer *l, unsigned most)
{
    l->x = random_type(r, 2, most, 2);
    l->weight = random_type(r, 2, most / 2 + 1, 1);
    l->bias = random_type(r, 2, most / 2 + 1, 2);
    l->sum = random_type(r, 2, most, 3);
    l->y = random_type(r, 2, most, 3);
    l->accumulator = random_type(r, 4, most, 4);
    for (unsigned o = 0; o < OUT; o++) {
        for (unsigned i = 0; i < IN; i++)
            l->w[i][o] = rng_chance(r, 200000) ? 0 : (float)dyadic(r, 20, 18);
        l->b[o] = (float)dyadic(r, 20, 17);
    }
}

static void print_format(FILE *file, const char *key, const char *name, const char *what,
                         const struct fixed_type *t)
{
    char text[FIXED_TEXT];
    fixed_type_print(t, text);
    fprintf(file, "  { %s = \"%s\"; %s = \"%s\"; }", key, name, what, text);
}

static void write_formats(const char *path, const struct layer *l, bool hls4ml)
{
    static const char *const names[] = {"x", "w", "b", "h", "y"};
    const struct fixed_type *types[] = {&l->x, &l->weight, &l->bias, &l->sum, &l->y};
    FILE *file = fopen(path, "w");
    fprintf(file, "accumulation = \"%s\";\ntensors = (\n", hls4ml ? "hls4ml" : "exact");
    for (unsigned k = 0; k < 5; k++) {
        print_format(file, "tensor", names[k], "format", types[k]);
        fputs(k < 4 ? ",\n" : "\n);\n", file);
    }
    if (hls4ml) {
        fputs("nodes = (\n", file);
        print_format(file, "node", "fc", "accumulator", &l->accumulator);
        fputs("\n);\n", file);
    }
    fclose(file);
}

static struct graph *layer_graph(const struct layer *l)
{
    size_t n;
    struct message m = {""};
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(1, IN));
    onnx_floats(w, "w", 2, DIMS(IN, OUT), l->w[0]);
    onnx_floats(w, "b", 1, DIMS(OUT), l->b);
    onnx_node(w, "Gemm", "fc", "x w b", "h");
    onnx_node(w, "Relu", "relu", "h", "y");
    onnx_output(w, "y");
    uint8_t *bytes = onnx_bytes(w, &n);
    struct graph *g = graph_read_onnx_bytes(bytes, n, "net.onnx", &m);
    free(bytes);
    onnx_writer_free(w);
    return g;
}

/* The layer by its definition: every number is cast where the formats say, sums are of 128 bits. */
static int64_t layer_oracle(const struct layer *l, bool hls4ml, const int64_t *x, unsigned o,
                            uint64_t overflows[2])
{
    int fx = fixed_fraction(&l->x), fw = fixed_fraction(&l->weight), fb = fixed_fraction(&l->bias);
    int f = fx + fw > fb ? fx + fw : fb, fa = fixed_fraction(&l->accumulator);
    fixed_wide b = fixed_from_double(&l->bias, l->b[o], NULL), sum = b * ((fixed_wide)1 << (f - fb));
    if (hls4ml)
        sum = fixed_cast(&l->accumulator, b, fb, &overflows[0]);
    for (unsigned i = 0; i < IN; i++) {
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

static unsigned check_layer(const struct layer *l, const struct quantised *q, struct rng *r, bool hls4ml)
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
        int64_t x[IN];
        for (unsigned i = 0; i < IN; i++)
            x[i] = quantised_run_get(run, q->input[0], i, lane);
        for (unsigned o = 0; o < OUT; o++)
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
        struct layer l;
        struct net_formats f;
        struct message m = {""};
        bool hls4ml = i % 3 == 0;
        random_layer(&r, &l, i % 2 ? 12 : 40);
        write_formats(path, &l, hls4ml);
        CU_ASSERT_EQUAL_FATAL(net_formats_read(&f, path, &m), 0);
        struct graph *g = layer_graph(&l);
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
    refused(small("Softmax", 1), "default = \"ap_fixed<8,4>\";",
            "node 'f' (Softmax): has no fixed-point form");
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
    refused(small("Relu", 1), "accumulation = \"hls4ml\"; tensors = ( " X_FORMAT " );",
            "node 'fc' (MatMul): needs an accumulator's format");
    refused(quant(0.3, 0, "ROUND"), "", "node 'q' (Quant): scale 0.3 is no power of two");
    refused(quant(0.25, 1, "ROUND"), "", "zero point 1");
    refused(quant(0.25, 0, "CEIL"), "", "rounding_mode: CEIL has no fixed-point mode");
}

TEST_MAIN("network/quantised", TEST(test_random_networks_are_exact), TEST(test_formats_of_all_kinds),
          TEST(test_tables), TEST(test_batch_norm_is_folded_exactly),
          TEST(test_what_is_missing_or_wrong_is_named))

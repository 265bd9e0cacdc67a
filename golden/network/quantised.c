/* From graph to steps: formats are resolved, constants become integers, ranges are followed. */
#include "golden/network/quantised.h"

#include "golden/network/arena.h"
#include "golden/network/op.h"
#include "golden/network/trees.h"

#include <math.h>
#include <string.h>

/* QUANTISED_MAX_TERMS products of TERM_BITS stay below 2^REACH_BITS. */
enum { EXACT_CONSTANT_BITS = 32, BIAS_BITS = 8, TERM_BITS = 96, REACH_BITS = 118 };

struct lowering {
    struct quantised *q;
    const struct graph *g;
    struct net_formats *f;
    const struct net_node *node;      /* the one at work */
    unsigned *consumers;              /* by the graph's tensor */
    const struct net_node **consumer; /* the last one */
    bool *absorbed;                   /* by node of the graph: batch norms folded into dense layers */
    unsigned room;
    struct message *m;
};

static const fixed_wide ONE = 1;

static int failed(struct lowering *l, const char *what)
{
    return op_wrong(l->g, l->node, l->m, "%s", what);
}

static int no_memory(struct lowering *l)
{
    return message_set(l->m, "%s: out of memory", l->g->path);
}

static void *get(struct lowering *l, size_t n, size_t size)
{
    return arena_alloc(l->q->arena, n, size);
}

/* ---- formats of constants ---- */

/* The place of the lowest bit of a number that is not 0: v is a multiple of 2^place. */
static int lowest_place(double v)
{
    int exponent;
    int64_t mantissa = (int64_t)ldexp(fabs(frexp(v, &exponent)), 53);
    return exponent - 53 + __builtin_ctzll((uint64_t)mantissa);
}

/* The smallest type that holds all of them; false when it needs more bits than `most`. */
static bool exact_type(const double *v, uint32_t n, int most, struct fixed_type *type)
{
    int low = 0, high = 0;
    bool any = false, is_signed = false;
    for (uint32_t e = 0; e < n; e++) {
        int exponent;
        if (!isfinite(v[e]))
            return false;
        if (v[e] == 0)
            continue;
        int place = lowest_place(v[e]);
        /* A negative power of two needs a bit less: -2^k fits k bits and the sign. */
        frexp(v[e] < 0 ? nextafter(v[e], 0) : v[e], &exponent);
        low = any && low < place ? low : place;
        high = any && high > exponent ? high : exponent;
        is_signed |= v[e] < 0;
        any = true;
    }
    int width = high - low + is_signed;
    width = width > 0 ? width : 1;
    if (!any)
        low = 0;
    if (width > most)
        return false;
    *type = (struct fixed_type){.width = (uint8_t)width,
                                .integer = (int16_t)(width + low),
                                .is_signed = is_signed,
                                .round = FIXED_TRN,
                                .overflow = FIXED_WRAP};
    return true;
}

/* The finest type of that many bits whose range holds all of them. */
static struct fixed_type fitting_type(const double *v, uint32_t n, uint8_t bits)
{
    struct fixed_type t = {.width = bits, .round = FIXED_RND, .overflow = FIXED_SAT};
    double low = 0, high = 0;
    int of_low = -FIXED_MAX_INTEGER, of_high = -FIXED_MAX_INTEGER;
    for (uint32_t e = 0; e < n; e++) {
        low = fmin(low, v[e]);
        high = fmax(high, v[e]);
    }
    t.is_signed = low < 0;
    if (high > 0)
        frexp(high, &of_high);
    if (low < 0)
        frexp(nextafter(low, 0), &of_low);
    t.integer = (int16_t)((of_low > of_high ? of_low : of_high) + t.is_signed);
    return t;
}

/* The type of a node's constants; what is added to products gets BIAS_BITS more (`extra`). */
static int constant_type(struct lowering *l, const char *name, const double *v, uint32_t n, int extra,
                         struct fixed_type *type)
{
    int most = l->f->constant_bits ? l->f->constant_bits + extra : EXACT_CONSTANT_BITS;
    const struct fixed_type *given = net_format_of(l->f->tensor, l->f->tensors, name);
    for (uint32_t e = 0; e < n; e++)
        if (!isfinite(v[e]))
            return op_wrong(l->g, l->node, l->m, "constant '%.80s' has a number that is not finite", name);
    if (given)
        *type = *given;
    else if (exact_type(v, n, most, type))
        return 0;
    else if (l->f->constant_bits)
        *type = fitting_type(v, n, (uint8_t)most);
    else if (l->f->has_default)
        *type = l->f->otherwise;
    else
        return op_wrong(
            l->g, l->node, l->m,
            "constant '%.80s' has no number format and needs more than %d bits to be exact (give a format in "
            "the formats file, scales that are powers of two, or let `bxact net quantise` choose)",
            name, EXACT_CONSTANT_BITS);
    return 0;
}

/* Type and integers of named constants; NULL and a message when they have none. */
static int64_t *integers(struct lowering *l, const char *name, const double *v, uint32_t n, int extra,
                         int *fraction)
{
    struct quantised_constant *c = &l->q->constant[l->q->constants];
    *c = (struct quantised_constant){.name = name, .size = n};
    if (constant_type(l, name, v, n, extra, &c->type) < 0)
        return NULL;
    int64_t *raw = get(l, n, sizeof *raw);
    if (!raw) {
        no_memory(l);
        return NULL;
    }
    for (uint32_t e = 0; e < n; e++)
        raw[e] = (int64_t)fixed_from_double(&c->type, v[e], NULL);
    *fraction = fixed_fraction(&c->type);
    l->q->constants++;
    return raw;
}

static bool power_of_two(double v)
{
    int exponent;
    return isfinite(v) && v > 0 && frexp(v, &exponent) == 0.5;
}

/* ---- tensors ---- */

static int add_tensor(struct lowering *l, const char *name, struct net_shape shape, uint32_t size)
{
    struct quantised_tensor *t = &l->q->tensor[l->q->tensors];
    *t = (struct quantised_tensor){.name = arena_text(l->q->arena, name), .size = size, .shape = shape};
    t->low = get(l, size, sizeof *t->low);
    t->high = get(l, size, sizeof *t->high);
    if (!t->name || !t->low || !t->high)
        return no_memory(l);
    return (int)l->q->tensors++;
}

static int add_of_graph(struct lowering *l, int tensor)
{
    const struct net_tensor *from = &l->g->tensor[tensor];
    int t = add_tensor(l, from->name, from->shape, from->size);
    if (t >= 0)
        l->q->of_graph[tensor] = t;
    return t;
}

static struct quantised_tensor *tensor_of(struct lowering *l, int graph_tensor)
{
    return &l->q->tensor[l->q->of_graph[graph_tensor]];
}

/* Input k of the node; NULL and a message when it is a constant where none can be. */
static struct quantised_tensor *operand(struct lowering *l, unsigned k)
{
    int t = l->node->input[k];
    if (l->q->of_graph[t] >= 0)
        return tensor_of(l, t);
    failed(l, "a constant stands where a computed tensor is needed");
    return NULL;
}

static int bits_of(fixed_wide v)
{
    fixed_uwide magnitude = v < 0 ? ~(fixed_uwide)v : (fixed_uwide)v;
    int bits = 0;
    for (; magnitude; magnitude >>= 1)
        bits++;
    return bits;
}

/* The type that holds low..high / 2^fraction exactly. */
static int type_of_range(struct lowering *l, fixed_wide low, fixed_wide high, int fraction,
                         struct fixed_type *type)
{
    bool is_signed = low < 0;
    int bits = bits_of(low) > bits_of(high) ? bits_of(low) : bits_of(high);
    int width = bits + is_signed > 0 ? bits + is_signed : 1;
    if (width > FIXED_MAX_WIDTH - !is_signed)
        return op_wrong(l->g, l->node, l->m, "its exact result needs %d bits (give a format for '%.80s')",
                        width, l->g->tensor[l->node->output[0]].name);
    *type = (struct fixed_type){.width = (uint8_t)width,
                                .integer = (int16_t)(width - fraction),
                                .is_signed = is_signed,
                                .round = FIXED_TRN,
                                .overflow = FIXED_WRAP};
    return 0;
}

static bool is_quantiser(enum net_op op)
{
    return op == NET_QUANT || op == NET_QUANTIZE || op == NET_BIPOLAR || op == NET_TRUNC;
}

static bool moves_only(enum net_op op)
{
    return op == NET_FLATTEN || op == NET_RESHAPE || op == NET_TRANSPOSE || op == NET_IDENTITY;
}

/* Nothing is rounded between a sum and what finishes it: a Quant, a bias, a batch norm that is to be exact.
 */
static bool finished_by_next(struct lowering *l, int tensor)
{
    const struct net_node *next = l->consumer[tensor];
    if (l->consumers[tensor] != 1 || !next)
        return false;
    bool bias = l->node->op == NET_MATMUL && next->op == NET_ADD &&
                (op_input(l->g, next, 0)->constant || op_input(l->g, next, 1)->constant);
    return bias || is_quantiser(next->op);
}

/* The type that a step's result gets, when neither file nor node says one: NULL for the exact one. */
static const struct fixed_type *given_type(struct lowering *l, int tensor)
{
    const struct fixed_type *t = net_format_of(l->f->tensor, l->f->tensors, l->g->tensor[tensor].name);
    if (t)
        return t;
    if (l->f->has_default && !finished_by_next(l, tensor))
        return &l->f->otherwise;
    return NULL;
}

/* ---- steps ---- */

static struct quantised_step *new_step(struct lowering *l, enum quantised_kind kind)
{
    struct quantised_step *s = &l->q->step[l->q->steps++];
    *s = (struct quantised_step){.kind = kind, .name = l->node->name, .op = l->node->op};
    return s;
}

static fixed_wide larger(fixed_wide a, fixed_wide b)
{
    return a > b ? a : b;
}

static fixed_wide magnitude(fixed_wide v)
{
    return v < 0 ? -v : v;
}

static fixed_wide furthest(const struct quantised_tensor *t, uint32_t e)
{
    return larger(magnitude(t->low[e]), magnitude(t->high[e]));
}

static int check_reach(struct lowering *l, const struct quantised_step *s)
{
    if (s->reach >> REACH_BITS)
        return failed(l, "its intermediate numbers need more than 118 bits (give narrower formats)");
    return 0;
}

/* The range of element e before the cast is low..high; sets that of the result. */
static void finish_element(struct quantised_step *s, struct quantised_tensor *out, uint32_t e, fixed_wide low,
                           fixed_wide high)
{
    struct fixed_type wide = out->type; /* SAT_SYM has a range of its own */
    uint64_t overflows = 0;
    if (wide.overflow != FIXED_SAT_SYM)
        wide.overflow = FIXED_SAT;
    out->low[e] = fixed_cast(&wide, low, s->fraction, &overflows);
    out->high[e] = fixed_cast(&wide, high, s->fraction, &overflows);
    if (!overflows)
        return;
    s->can_overflow = true;
    if (out->type.overflow != FIXED_SAT && out->type.overflow != FIXED_SAT_SYM) {
        out->low[e] = fixed_min(&out->type);
        out->high[e] = fixed_max(&out->type);
    }
}

/* Type and ranges of a step's result, from the ranges before the cast. `type` NULL: the exact one. */
static int finish_step(struct lowering *l, struct quantised_step *s, const struct fixed_type *type,
                       const fixed_wide *low, const fixed_wide *high)
{
    struct quantised_tensor *out = &l->q->tensor[s->out];
    fixed_wide least = 0, most = 0;
    if (check_reach(l, s) < 0)
        return -1;
    for (uint32_t e = 0; e < out->size; e++) {
        least = low[e] < least ? low[e] : least;
        most = larger(most, high[e]);
    }
    if (type)
        out->type = *type;
    else if (type_of_range(l, least, most, s->fraction, &out->type) < 0)
        return -1;
    if (!out->type.is_signed && out->type.width == FIXED_MAX_WIDTH)
        return failed(l, "unsigned numbers of 64 bits are not supported (give 63 bits, or signed ones)");
    for (uint32_t e = 0; e < out->size; e++)
        finish_element(s, out, e, low[e], high[e]);
    return 0;
}

/* ---- LINEAR ---- */

/* A linear step being written, element by element. Weights and biases come in their own fractions. */
struct linear {
    struct lowering *l;
    struct quantised_step *s;
    uint32_t terms, room;
    fixed_wide *low, *high; /* of the sum, by element */
    uint32_t element;
};

static int linear_begin(struct linear *w, struct lowering *l, int out, uint32_t room, int fraction)
{
    uint32_t size = l->q->tensor[out].size;
    *w = (struct linear){.l = l, .s = new_step(l, Q_LINEAR), .room = room};
    if (room > QUANTISED_MAX_TERMS)
        return failed(l, "has too many terms");
    w->s->out = out;
    w->s->fraction = fraction;
    w->s->first = get(l, (size_t)size + 1, sizeof *w->s->first);
    w->s->term = get(l, room, sizeof *w->s->term);
    w->s->bias = get(l, size, sizeof *w->s->bias);
    w->low = get(l, size, sizeof *w->low);
    w->high = get(l, size, sizeof *w->high);
    return w->s->first && w->s->term && w->s->bias && w->low && w->high ? 0 : no_memory(l);
}

/* raw / 2^fraction as an integer of the step's fraction. */
static int aligned(struct linear *w, int64_t raw, int fraction, int64_t *to)
{
    int up = w->s->fraction - fraction;
    if (raw != 0 && (up > 62 || magnitude(raw) >> (62 - up)))
        return failed(w->l,
                      "a constant is too large for the fraction bits of the sum (give narrower formats)");
    *to = raw ? raw * (INT64_C(1) << up) : 0;
    return 0;
}

/* weight (of weight_fraction) times element e of t. */
static int linear_term(struct linear *w, int t, uint32_t e, int64_t weight, int weight_fraction)
{
    const struct quantised_tensor *x = &w->l->q->tensor[t];
    int64_t factor = 0;
    if (weight == 0)
        return 0;
    if (aligned(w, weight, weight_fraction + fixed_fraction(&x->type), &factor) < 0)
        return -1;
    if (bits_of(factor) + bits_of(furthest(x, e)) > TERM_BITS)
        return failed(w->l, "a product needs more than 96 bits (give narrower formats)");
    w->s->term[w->terms++] = (struct quantised_term){t, e, factor};
    fixed_wide a = factor * x->low[e], b = factor * x->high[e];
    w->low[w->element] += a < b ? a : b;
    w->high[w->element] += a < b ? b : a;
    return 0;
}

static int linear_next(struct linear *w, int64_t bias, int bias_fraction)
{
    int64_t b = 0;
    if (aligned(w, bias, bias_fraction, &b) < 0)
        return -1;
    w->s->bias[w->element] = b;
    w->low[w->element] += b;
    w->high[w->element] += b;
    fixed_wide reach = magnitude(b);
    for (uint32_t k = w->s->first[w->element]; k < w->terms; k++) {
        const struct quantised_term *t = &w->s->term[k];
        reach += magnitude(t->weight) * furthest(&w->l->q->tensor[t->tensor], t->element);
    }
    w->s->reach = larger(w->s->reach, reach);
    w->s->first[++w->element] = w->terms;
    return 0;
}

/* What an accumulator that rounds and wraps can hold says nothing about single elements. */
static void accumulator_ranges(struct linear *w, const struct fixed_type *a)
{
    struct quantised_step *s = w->s;
    s->hls4ml = true;
    s->accumulator = *a;
    for (uint32_t e = 0; e < w->element; e++) {
        struct fixed_type wide = *a;
        uint64_t overflows = 0;
        wide.overflow = wide.overflow == FIXED_SAT_SYM ? FIXED_SAT_SYM : FIXED_SAT;
        fixed_cast(&wide, w->low[e], s->fraction, &overflows);
        fixed_cast(&wide, w->high[e], s->fraction, &overflows);
        s->accumulator_can_overflow |= overflows > 0;
        w->low[e] = fixed_min(a);
        w->high[e] = fixed_max(a);
    }
}

static int linear_end(struct linear *w, const struct fixed_type *type)
{
    struct lowering *l = w->l;
    bool sums = l->node->op == NET_GEMM || l->node->op == NET_MATMUL;
    if (!sums || l->f->accumulation != FIXED_HLS4ML)
        return finish_step(l, w->s, type, w->low, w->high);
    const struct fixed_type *a = net_format_of(l->f->accumulator, l->f->accumulators, l->node->name);
    if (!a && !l->f->has_default)
        return failed(l, "needs an accumulator's format under accumulation \"hls4ml\" (or a default)");
    if (check_reach(l, w->s) < 0)
        return -1;
    accumulator_ranges(w, a ? a : &l->f->otherwise);
    int fraction = w->s->fraction;
    w->s->fraction = fixed_fraction(&w->s->accumulator); /* of what is cast to the result */
    int result = finish_step(l, w->s, type, w->low, w->high);
    w->s->fraction = fraction;
    return result;
}

/* ---- dense layers ---- */

struct dense {
    struct op_product p;
    int64_t *weight, *bias;
    int weight_fraction, bias_fraction;
    const struct net_shape *bias_shape; /* how bias repeats over the result; NULL: one for each column */
};

static uint32_t weight_at(const struct op_product *p, uint32_t i, uint32_t c)
{
    return p->trans_b ? c * p->inner + i : i * p->columns + c;
}

/* Scale and offset of each channel of a batch norm. */
static void norm_numbers(const struct graph *g, const struct net_node *n, uint32_t c, double *scale,
                         double *offset)
{
    double epsilon = op_number(n, "epsilon", 1e-5);
    *scale = op_input(g, n, 1)->constant[c] / sqrt(op_input(g, n, 4)->constant[c] + epsilon);
    *offset = op_input(g, n, 2)->constant[c] - op_input(g, n, 3)->constant[c] * *scale;
}

static bool norm_is_constant(const struct graph *g, const struct net_node *n)
{
    for (unsigned k = 1; k < 5; k++)
        if (!op_input(g, n, k)->constant)
            return false;
    return true;
}

/* The batch norm that this dense layer takes over, or NULL. */
static const struct net_node *folded_norm(struct lowering *l)
{
    int y = l->node->output[0];
    const struct net_node *next = l->consumer[y];
    if (!l->f->fold_batch_norm || l->consumers[y] != 1 || !next || next->op != NET_BATCH_NORM ||
        next->input[0] != y || !norm_is_constant(l->g, next) || l->g->tensor[y].shape.rank != 2)
        return NULL;
    return next;
}

/* Weights and biases as numbers, alpha, beta and a folded batch norm included. */
static int dense_numbers(struct lowering *l, struct dense *d, const struct net_node *norm, double *weight,
                         double *bias)
{
    const struct net_node *n = l->node;
    const struct net_tensor *w = op_input(l->g, n, 1), *c = op_input(l->g, n, 2);
    double alpha = op_number(n, "alpha", 1), beta = op_number(n, "beta", 1);
    const struct net_shape row = {2, {1, d->p.columns}};
    for (uint32_t o = 0; o < d->p.columns; o++) {
        double scale = 1, offset = 0;
        if (norm)
            norm_numbers(l->g, norm, o, &scale, &offset);
        for (uint32_t i = 0; i < d->p.inner; i++)
            weight[weight_at(&d->p, i, o)] = alpha * scale * w->constant[weight_at(&d->p, i, o)];
        bias[o] = offset + (c ? beta * scale * c->constant[op_broadcast_index(&row, &c->shape, o)] : 0);
    }
    return 0;
}

static int dense_constants(struct lowering *l, struct dense *d, const struct net_node *norm)
{
    const struct net_tensor *w = op_input(l->g, l->node, 1), *c = op_input(l->g, l->node, 2);
    double *weight = get(l, w->size, sizeof *weight), *bias = get(l, d->p.columns, sizeof *bias);
    if (!weight || !bias)
        return no_memory(l);
    dense_numbers(l, d, norm, weight, bias);
    const char *bias_name = c ? c->name : norm ? op_input(l->g, norm, 2)->name : "";
    d->weight = integers(l, w->name, weight, w->size, 0, &d->weight_fraction);
    d->bias = d->weight ? integers(l, bias_name, bias, d->p.columns, BIAS_BITS, &d->bias_fraction) : NULL;
    return d->bias ? 0 : -1;
}

static int dense_check(struct lowering *l, const struct op_product *p)
{
    const struct net_tensor *x = op_input(l->g, l->node, 0), *w = op_input(l->g, l->node, 1);
    const struct net_tensor *c = op_input(l->g, l->node, 2);
    if (!w->constant || (c && !c->constant))
        return failed(l, "weights or biases are computed (give constants)");
    if (w->shape.rank > 2 || p->trans_a || x->shape.rank > 2 || (c && c->size > p->columns))
        return failed(l, "only a matrix of constant weights, one bias a column, has a fixed-point form");
    return 0;
}

static int larger_int(int a, int b)
{
    return a > b ? a : b;
}

static int lower_dense(struct lowering *l)
{
    const struct net_node *norm = folded_norm(l);
    int y = norm ? norm->output[0] : l->node->output[0], x = l->q->of_graph[l->node->input[0]];
    struct dense d = {.p = op_product_of(l->g, l->node)};
    struct linear w;
    if (!operand(l, 0) || dense_check(l, &d.p) < 0 || dense_constants(l, &d, norm) < 0)
        return -1;
    int out = add_of_graph(l, y), product = d.weight_fraction + fixed_fraction(&l->q->tensor[x].type);
    if (out < 0 || linear_begin(&w, l, out, d.p.rows * d.p.columns * d.p.inner,
                                larger_int(product, d.bias_fraction)) < 0)
        return -1;
    for (uint32_t r = 0; r < d.p.rows; r++)
        for (uint32_t o = 0; o < d.p.columns; o++) {
            for (uint32_t i = 0; i < d.p.inner; i++)
                if (linear_term(&w, x, r * d.p.inner + i, d.weight[weight_at(&d.p, i, o)],
                                d.weight_fraction) < 0)
                    return -1;
            if (linear_next(&w, d.bias[o], d.bias_fraction) < 0)
                return -1;
        }
    if (norm)
        l->absorbed[norm - l->g->node] = true;
    return linear_end(&w, given_type(l, y));
}

/* ---- element by element, with constants ---- */

/* out[e] = weight[e] * x[e] + bias[e], each weight and bias given by a function of e. */
struct affine {
    int64_t *weight, *bias;
    int weight_fraction, bias_fraction;
    uint32_t (*of)(const struct lowering *l, uint32_t e); /* which weight and bias element e has */
};

static int lower_affine(struct lowering *l, const struct affine *a, int source, int y,
                        const struct fixed_type *type)
{
    struct linear w;
    int out = add_of_graph(l, y), product = a->weight_fraction + fixed_fraction(&l->q->tensor[source].type);
    if (out < 0)
        return -1;
    const struct net_shape *to = &l->q->tensor[out].shape, from = l->q->tensor[source].shape;
    if (linear_begin(&w, l, out, l->q->tensor[out].size,
                     larger_int(product, a->bias ? a->bias_fraction : product)) < 0)
        return -1;
    for (uint32_t e = 0; e < l->q->tensor[out].size; e++) {
        uint32_t k = a->of(l, e);
        if (linear_term(&w, source, op_broadcast_index(to, &from, e), a->weight[k], a->weight_fraction) < 0 ||
            linear_next(&w, a->bias ? a->bias[k] : 0, a->bias_fraction) < 0)
            return -1;
    }
    return linear_end(&w, type);
}

static uint32_t same_element(const struct lowering *l, uint32_t e)
{
    (void)l;
    return e;
}

/* The channel of a batch norm. */
static uint32_t channel_of(const struct lowering *l, uint32_t e)
{
    const struct net_shape *s = &op_input(l->g, l->node, 0)->shape;
    uint32_t inner = 1;
    for (unsigned d = 2; d < s->rank; d++)
        inner *= s->dim[d];
    return e / inner % (s->rank > 1 ? s->dim[1] : s->rank ? s->dim[0] : 1);
}

static const char *named(struct lowering *l, const char *end)
{
    size_t n = strlen(l->node->name) + strlen(end) + 1;
    char *name = get(l, n, 1);
    if (name) {
        strcpy(name, l->node->name);
        strcat(name, end);
    }
    return name ? name : "";
}

static int lower_norm(struct lowering *l)
{
    struct affine a = {.of = channel_of};
    uint32_t channels = op_input(l->g, l->node, 1)->size;
    double *scale = get(l, channels, sizeof *scale), *offset = get(l, channels, sizeof *offset);
    if (!operand(l, 0))
        return -1;
    if (!norm_is_constant(l->g, l->node))
        return failed(l, "its numbers are computed (give constants)");
    if (!scale || !offset)
        return no_memory(l);
    for (uint32_t c = 0; c < channels; c++)
        norm_numbers(l->g, l->node, c, &scale[c], &offset[c]);
    a.weight = integers(l, named(l, ".scale"), scale, channels, 0, &a.weight_fraction);
    a.bias =
        a.weight ? integers(l, named(l, ".offset"), offset, channels, BIAS_BITS, &a.bias_fraction) : NULL;
    if (!a.bias)
        return -1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[0]], l->node->output[0],
                        given_type(l, l->node->output[0]));
}

/* Add, Sub, Mul with a constant: `k` is the place of the tensor. The constant is spread over the result. */
static int lower_with_constant(struct lowering *l, unsigned k)
{
    const struct net_tensor *c = op_input(l->g, l->node, !k), *y = &l->g->tensor[l->node->output[0]];
    struct affine a = {.of = same_element};
    double *spread = get(l, y->size, sizeof *spread), *factor = get(l, y->size, sizeof *factor);
    bool mul = l->node->op == NET_MUL, sub = l->node->op == NET_SUB;
    if (!spread || !factor)
        return no_memory(l);
    for (uint32_t e = 0; e < y->size; e++) {
        double v = c->constant[op_broadcast_index(&y->shape, &c->shape, e)];
        spread[e] = sub && k == 0 ? -v : v;
        factor[e] = sub && k == 1 ? -1 : 1;
    }
    if (mul)
        a.weight = integers(l, c->name, spread, y->size, 0, &a.weight_fraction);
    else {
        a.weight = integers(l, "", factor, y->size, 0, &a.weight_fraction);
        a.bias = a.weight ? integers(l, c->name, spread, y->size, BIAS_BITS, &a.bias_fraction) : NULL;
    }
    if (!a.weight || (!mul && !a.bias))
        return -1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[k]], l->node->output[0],
                        given_type(l, l->node->output[0]));
}

/* ---- sums, products and moves of tensors ---- */

static int finest(struct lowering *l)
{
    int fraction = -FIXED_MAX_INTEGER - FIXED_MAX_WIDTH;
    for (unsigned k = 0; k < l->node->inputs; k++)
        fraction = larger_int(fraction, fixed_fraction(&tensor_of(l, l->node->input[k])->type));
    return fraction;
}

static int lower_sum(struct lowering *l)
{
    struct linear w;
    int y = l->node->output[0], out = add_of_graph(l, y);
    if (out < 0 || linear_begin(&w, l, out, 2 * l->g->tensor[y].size, finest(l)) < 0)
        return -1;
    for (uint32_t e = 0; e < l->g->tensor[y].size; e++) {
        for (unsigned k = 0; k < 2; k++) {
            const struct net_shape *from = &op_input(l->g, l->node, k)->shape;
            uint32_t at = op_broadcast_index(&l->g->tensor[y].shape, from, e);
            int64_t sign = k == 1 && l->node->op == NET_SUB ? -1 : 1;
            if (linear_term(&w, l->q->of_graph[l->node->input[k]], at, sign, 0) < 0)
                return -1;
        }
        if (linear_next(&w, 0, 0) < 0)
            return -1;
    }
    return linear_end(&w, given_type(l, y));
}

static int lower_product(struct lowering *l)
{
    int y = l->node->output[0], out = add_of_graph(l, y);
    if (out < 0)
        return -1;
    struct quantised_step *s = new_step(l, Q_PRODUCT);
    const struct quantised_tensor *x[2] = {tensor_of(l, l->node->input[0]), tensor_of(l, l->node->input[1])};
    if (x[0]->size != l->g->tensor[y].size || x[1]->size != l->g->tensor[y].size)
        return failed(l, "a product of computed tensors of different shapes has no fixed-point form");
    fixed_wide *low = get(l, x[0]->size, sizeof *low), *high = get(l, x[0]->size, sizeof *high);
    if (!low || !high)
        return no_memory(l);
    s->in[0] = l->q->of_graph[l->node->input[0]];
    s->in[1] = l->q->of_graph[l->node->input[1]];
    s->out = out;
    s->fraction = fixed_fraction(&x[0]->type) + fixed_fraction(&x[1]->type);
    for (uint32_t e = 0; e < x[0]->size; e++) {
        if (bits_of(furthest(x[0], e)) + bits_of(furthest(x[1], e)) > REACH_BITS)
            return failed(l, "its product needs more than 118 bits (give narrower formats)");
        for (unsigned c = 0; c < 4; c++) {
            fixed_wide v = (c & 1 ? x[0]->high[e] : x[0]->low[e]) * (c & 2 ? x[1]->high[e] : x[1]->low[e]);
            low[e] = c && low[e] < v ? low[e] : v;
            high[e] = c && high[e] > v ? high[e] : v;
        }
        s->reach = larger(s->reach, furthest(x[0], e) * furthest(x[1], e));
    }
    return finish_step(l, s, given_type(l, y), low, high);
}

/* Where element e of the result comes from: which input, which element. Found by moving the numbers 0, 1, 2,
 * ... */
static int sources_of(struct lowering *l, double **from)
{
    double **value = get(l, l->g->tensors, sizeof *value);
    uint32_t at = 0;
    if (!value)
        return no_memory(l);
    for (unsigned t = 0; t < l->g->tensors; t++)
        value[t] = l->g->tensor[t].constant;
    for (unsigned k = 0; k < l->node->inputs; k++) {
        const struct net_tensor *x = op_input(l->g, l->node, k);
        if (x->constant || value[l->node->input[k]])
            continue;
        double *v = value[l->node->input[k]] = get(l, x->size, sizeof *v);
        if (!v)
            return no_memory(l);
        for (uint32_t e = 0; e < x->size; e++)
            v[e] = at++;
    }
    *from = value[l->node->output[0]] = get(l, l->g->tensor[l->node->output[0]].size, sizeof **from);
    if (!*from)
        return no_memory(l);
    op_compute(l->g, l->node, value);
    return 0;
}

/* The tensor and element that has running number `at` among the distinct inputs. */
static int source_tensor(struct lowering *l, uint32_t at, uint32_t *element)
{
    for (unsigned k = 0; k < l->node->inputs; k++) {
        const struct net_tensor *x = op_input(l->g, l->node, k);
        bool seen = x->constant != NULL;
        for (unsigned j = 0; j < k; j++)
            seen |= l->node->input[j] == l->node->input[k];
        if (seen)
            continue;
        if (at < x->size) {
            *element = at;
            return l->q->of_graph[l->node->input[k]];
        }
        at -= x->size;
    }
    return -1;
}

static bool same_types(struct lowering *l)
{
    const struct fixed_type *a = &tensor_of(l, l->node->input[0])->type;
    for (unsigned k = 1; k < l->node->inputs; k++) {
        const struct fixed_type *b = &tensor_of(l, l->node->input[k])->type;
        if (a->width != b->width || a->integer != b->integer || a->is_signed != b->is_signed)
            return false;
    }
    return true;
}

static int lower_move(struct lowering *l)
{
    int y = l->node->output[0];
    double *from;
    struct linear w;
    for (unsigned k = 0; k < (moves_only(l->node->op) ? 1 : l->node->inputs); k++)
        if (!operand(l, k))
            return -1;
    const struct fixed_type *type = net_format_of(l->f->tensor, l->f->tensors, l->g->tensor[y].name);
    if (!type && (moves_only(l->node->op) || same_types(l)))
        type = &tensor_of(l, l->node->input[0])->type;
    int out = add_of_graph(l, y);
    int fraction =
        moves_only(l->node->op) ? fixed_fraction(&tensor_of(l, l->node->input[0])->type) : finest(l);
    if (out < 0 || sources_of(l, &from) < 0 || linear_begin(&w, l, out, l->g->tensor[y].size, fraction) < 0)
        return -1;
    for (uint32_t e = 0; e < l->g->tensor[y].size; e++) {
        uint32_t element = 0;
        int t = source_tensor(l, (uint32_t)from[e], &element);
        if (linear_term(&w, t, element, 1, 0) < 0 || linear_next(&w, 0, 0) < 0)
            return -1;
    }
    return linear_end(&w, type);
}

/* ---- quantisers ---- */

static const struct {
    const char *name;
    enum fixed_round round;
} rounds[] = {{"ROUND", FIXED_RND_CONV},    {"HALF_EVEN", FIXED_RND_CONV},     {"FLOOR", FIXED_TRN},
              {"DOWN", FIXED_TRN_ZERO},     {"ROUND_TO_ZERO", FIXED_TRN_ZERO}, {"HALF_UP", FIXED_RND_INF},
              {"HALF_DOWN", FIXED_RND_ZERO}};

static int round_of(struct lowering *l, const char *mode, uint8_t *round)
{
    for (unsigned k = 0; k < sizeof rounds / sizeof *rounds; k++)
        if (strcmp(rounds[k].name, mode) == 0) {
            *round = (uint8_t)rounds[k].round;
            return 0;
        }
    return op_wrong(l->g, l->node, l->m,
                    "rounding_mode: %s has no fixed-point mode (train with ROUND, HALF_UP, "
                    "HALF_DOWN, FLOOR or ROUND_TO_ZERO)",
                    mode);
}

/* The one power of two that parameter k is; its exponent. */
static int scale_of(struct lowering *l, const struct net_node *n, int *exponent)
{
    const struct net_tensor *s = op_input(l->g, n, 1),
                            *zero = n->inputs > 2 && n->op != NET_BIPOLAR ? op_input(l->g, n, 2) : NULL;
    if (!s->constant || !s->size || (zero && !zero->constant))
        return failed(l, "scale or zero point is computed (give constants)");
    for (uint32_t e = 0; e < s->size; e++)
        if (!power_of_two(s->constant[e]) || s->constant[e] != s->constant[0])
            return op_wrong(l->g, n, l->m,
                            "scale %g is no power of two, or they differ (train with one scale 2^n a "
                            "tensor: only that is a number format)",
                            s->constant[e]);
    for (uint32_t e = 0; zero && e < zero->size; e++)
        if (zero->constant[e] != 0)
            return op_wrong(l->g, n, l->m, "zero point %g (train with 0: formats are centred)",
                            zero->constant[e]);
    frexp(s->constant[0], exponent);
    --*exponent;
    return 0;
}

/* The number format that a Quant node is. */
static int quant_type(struct lowering *l, const struct net_node *n, struct fixed_type *t)
{
    int exponent;
    const struct net_tensor *bits = op_input(l->g, n, 3);
    bool is_signed = op_integer(n, "signed", 1), narrow = op_integer(n, "narrow", 0);
    if (scale_of(l, n, &exponent) < 0)
        return -1;
    for (uint32_t e = 1; e < bits->size; e++)
        if (bits->constant[e] != bits->constant[0])
            return op_wrong(l->g, n, l->m, "bit widths differ within the tensor");
    *t = (struct fixed_type){.width = (uint8_t)bits->constant[0],
                             .is_signed = is_signed,
                             .overflow = narrow ? FIXED_SAT_SYM : FIXED_SAT};
    t->integer = (int16_t)(t->width + exponent);
    if (narrow && !is_signed)
        return op_wrong(l->g, n, l->m, "narrow: 1 with unsigned numbers has no fixed-point mode (give 0)");
    struct message why;
    if (fixed_type_check(t, &why) < 0)
        return op_wrong(l->g, n, l->m, "%s", why.text);
    return round_of(l, op_word(n, "rounding_mode", "ROUND"), &t->round);
}

/* out = cast(2^-exponent * x) */
static int lower_cast(struct lowering *l, int exponent, const struct fixed_type *type)
{
    struct affine a = {.weight_fraction = exponent, .of = same_element};
    const struct quantised_tensor *x = operand(l, 0);
    if (!x)
        return -1;
    a.weight = get(l, x->size, sizeof *a.weight);
    if (!a.weight)
        return no_memory(l);
    for (uint32_t e = 0; e < x->size; e++)
        a.weight[e] = 1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[0]], l->node->output[0], type);
}

static int lower_quant(struct lowering *l)
{
    struct fixed_type type;
    if (quant_type(l, l->node, &type) < 0)
        return -1;
    const struct fixed_type *given =
        net_format_of(l->f->tensor, l->f->tensors, l->g->tensor[l->node->output[0]].name);
    return lower_cast(l, 0, given ? given : &type);
}

static int lower_linear_quant(struct lowering *l)
{
    int exponent;
    if (scale_of(l, l->node, &exponent) < 0)
        return -1;
    if (l->node->op == NET_DEQUANTIZE)
        return lower_cast(l, -exponent, NULL);
    uint8_t element = l->g->tensor[l->node->output[0]].element, width = element <= ELEMENT_INT8 ? 8 : 16;
    struct fixed_type type = {.width = width,
                              .integer = width,
                              .round = FIXED_RND_CONV,
                              .overflow = FIXED_SAT,
                              .is_signed = element == ELEMENT_INT8 || element == ELEMENT_INT16};
    return lower_cast(l, exponent, &type);
}

/* The low bits of an integer in units of the scale go away; the scale stays. */
static int lower_trunc(struct lowering *l)
{
    int exponent;
    const struct quantised_tensor *x = operand(l, 0);
    if (!x || scale_of(l, l->node, &exponent) < 0)
        return -1;
    int drop = (int)(op_input(l->g, l->node, 3)->constant[0] - op_input(l->g, l->node, 4)->constant[0]);
    if (fixed_fraction(&x->type) > -exponent)
        return failed(l, "its input is finer than its scale (put a Quant before it)");
    if (drop < 0)
        return failed(l, "gives more bits than it takes");
    int width = x->type.width + 1;
    struct fixed_type type = {.width = (uint8_t)(width < FIXED_MAX_WIDTH ? width : FIXED_MAX_WIDTH),
                              .is_signed = 1,
                              .overflow = FIXED_SAT};
    type.integer = (int16_t)(type.width + exponent);
    if (round_of(l, op_word(l->node, "rounding_mode", "FLOOR"), &type.round) < 0)
        return -1;
    return lower_cast(l, drop, &type);
}

/* ---- functions of one number ---- */

static struct quantised_step *unary(struct lowering *l, enum quantised_kind kind)
{
    if (!operand(l, 0))
        return NULL;
    int out = add_of_graph(l, l->node->output[0]);
    if (out < 0)
        return NULL;
    struct quantised_step *s = new_step(l, kind);
    s->in[0] = l->q->of_graph[l->node->input[0]];
    s->out = out;
    s->fraction = fixed_fraction(&l->q->tensor[s->in[0]].type);
    return s;
}

/* Arrays for the range of each element before the cast. */
static int ranges(struct lowering *l, uint32_t n, fixed_wide **low, fixed_wide **high)
{
    *low = get(l, n, sizeof **low);
    *high = get(l, n, sizeof **high);
    return *low && *high ? 0 : no_memory(l);
}

static int lower_relu(struct lowering *l)
{
    struct quantised_step *s = unary(l, Q_RELU);
    fixed_wide *low, *high;
    if (!s)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->in[0]];
    if (ranges(l, x->size, &low, &high) < 0)
        return -1;
    for (uint32_t e = 0; e < x->size; e++) {
        low[e] = larger(x->low[e], 0);
        high[e] = larger(x->high[e], 0);
        s->reach = larger(s->reach, furthest(x, e));
    }
    const struct fixed_type *type = given_type(l, l->node->output[0]);
    return finish_step(l, s, type ? type : &x->type, low, high);
}

static int lower_leaky(struct lowering *l)
{
    struct quantised_step *s = unary(l, Q_LEAKY);
    double alpha = op_number(l->node, "alpha", 0.01);
    fixed_wide *low, *high;
    int fraction;
    int64_t *raw = s ? integers(l, named(l, ".alpha"), &alpha, 1, 0, &fraction) : NULL;
    if (!raw)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->in[0]];
    int raise = fraction > 0 ? fraction : 0;
    if (ranges(l, x->size, &low, &high) < 0)
        return -1;
    if (raise > 48 || fraction < -16 || bits_of(*raw) > 40)
        return failed(l, "alpha is too fine or too large for a number format");
    s->raise = (unsigned)raise;
    s->constant = fraction < 0 ? *raw * (1 << -fraction) : *raw;
    s->fraction += raise;
    for (uint32_t e = 0; e < x->size; e++) {
        fixed_wide ends[] = {x->low[e], x->high[e], x->low[e] < 0 && x->high[e] > 0 ? -1 : x->low[e],
                             x->low[e] < 0 && x->high[e] >= 0 ? 0 : x->high[e]};
        for (unsigned k = 0; k < 4; k++) {
            fixed_wide v = ends[k] < 0 ? ends[k] * s->constant : ends[k] * (ONE << raise);
            low[e] = k && low[e] < v ? low[e] : v;
            high[e] = k && high[e] > v ? high[e] : v;
            s->reach = larger(s->reach, magnitude(v));
        }
    }
    return finish_step(l, s, given_type(l, l->node->output[0]), low, high);
}

static int lower_bipolar(struct lowering *l)
{
    struct quantised_step *s = unary(l, Q_BIPOLAR);
    fixed_wide *low, *high;
    int exponent;
    if (!s || scale_of(l, l->node, &exponent) < 0)
        return -1;
    uint32_t size = l->q->tensor[s->in[0]].size;
    if (ranges(l, size, &low, &high) < 0)
        return -1;
    s->fraction = -exponent;
    s->constant = s->reach = 1;
    for (uint32_t e = 0; e < size; e++) {
        low[e] = -1;
        high[e] = 1;
    }
    const struct fixed_type *given =
        net_format_of(l->f->tensor, l->f->tensors, l->g->tensor[l->node->output[0]].name);
    return finish_step(l, s, given, low, high);
}

static double function(enum net_op op, double x)
{
    return op == NET_TANH ? tanh(x) : 1 / (1 + exp(-x));
}

static void fill_table(struct quantised_step *s, enum net_op op, const struct fixed_type *type)
{
    for (int64_t bits = 0; bits < INT64_C(1) << s->index.width; bits++) {
        bool negative = s->index.is_signed && bits >> (s->index.width - 1);
        int64_t raw = negative ? bits - (INT64_C(1) << s->index.width) : bits;
        double x = fixed_to_double(raw, fixed_fraction(&s->index));
        s->table[bits] = (int64_t)fixed_from_double(type, function(op, x), NULL);
    }
}

/* Without a format for the index: the input's own, when that has few enough bits; else 10 bits that end at
 * +-8 for Sigmoid, at +-4 for Tanh, where both have come within 4e-4 of their limits. */
static struct fixed_type index_type(struct lowering *l, const struct fixed_type *x)
{
    const struct fixed_type *given = net_format_of(l->f->table, l->f->tables, l->node->name);
    if (given)
        return *given;
    if (x->width <= QUANTISED_TABLE_BITS)
        return *x;
    return (struct fixed_type){.width = 10,
                               .integer = l->node->op == NET_TANH ? 3 : 4,
                               .is_signed = 1,
                               .round = FIXED_RND,
                               .overflow = FIXED_SAT};
}

static int lower_table(struct lowering *l)
{
    struct quantised_step *s = unary(l, Q_TABLE);
    int y = l->node->output[0];
    if (!s)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->in[0]];
    struct quantised_tensor *out = &l->q->tensor[s->out];
    const struct fixed_type *type = net_format_of(l->f->tensor, l->f->tensors, l->g->tensor[y].name);
    const struct net_node *next = l->consumers[y] == 1 ? l->consumer[y] : NULL;
    if (!type && next && next->op == NET_QUANT && quant_type(l, next, &out->type) == 0)
        type = &out->type;
    else if (!type && l->f->has_default)
        type = &l->f->otherwise;
    if (!type)
        return op_wrong(l->g, l->node, l->m,
                        "'%.80s' has no number format (give one in the formats file, or a Quant "
                        "node after it)",
                        out->name);
    out->type = *type;
    s->index = index_type(l, &x->type);
    if (s->index.width > QUANTISED_TABLE_BITS)
        return failed(l, "its table's index has more than 12 bits (give a narrower one)");
    s->table = get(l, (size_t)1 << s->index.width, sizeof *s->table);
    if (!s->table)
        return no_memory(l);
    fill_table(s, l->node->op, type);
    for (uint32_t e = 0; e < x->size; e++) {
        s->reach = larger(s->reach, furthest(x, e));
        out->low[e] = out->high[e] = s->table[0];
        for (uint32_t k = 1; k < 1u << s->index.width; k++) {
            out->low[e] = s->table[k] < out->low[e] ? s->table[k] : out->low[e];
            out->high[e] = larger(out->high[e], s->table[k]);
        }
    }
    return check_reach(l, s);
}

/* ---- trees ---- */

/* A threshold as a question to integers: x <= t is raw <= floor(t 2^F), x < t is raw <= ceil(t 2^F) - 1.
 * Where the answer to "at most" is the other way round, yes and no change places. */
static void set_question(struct quantised_branch *b, const struct tree_node *from, int fraction)
{
    double t = ldexp(from->threshold, fraction);
    bool below = from->branch == TREE_LT || from->branch == TREE_GTE;
    bool turned = from->branch == TREE_GTE || from->branch == TREE_GT || from->branch == TREE_NEQ;
    double limit = below ? ceil(t) - 1 : floor(t);
    b->ask = from->branch == TREE_EQ || from->branch == TREE_NEQ ? Q_EQUAL : Q_AT_MOST;
    if (b->ask == Q_EQUAL && limit != t) { /* never equal */
        b->ask = Q_AT_MOST;
        limit = -INFINITY;
    }
    b->limit = (int64_t)fmin(fmax(limit, -0x1p62), 0x1p62);
    b->element = from->feature;
    b->yes = turned ? from->no : from->yes;
    b->no = turned ? from->yes : from->no;
}

static int check_trees(struct lowering *l, const struct trees *t)
{
    const struct quantised_tensor *x = operand(l, 0);
    if (!x)
        return -1;
    if (t->aggregate != 'S' || strcmp(op_word(l->node, "post_transform", "NONE"), "NONE") != 0)
        return failed(l, "only sums without post_transform have a fixed-point form");
    if (x->size != t->features)
        return failed(l, "only one sample at a time has a fixed-point form");
    if (x->type.width > 60)
        return failed(l, "its input has more than 60 bits (give a narrower format)");
    for (uint32_t k = 0; k < t->nodes; k++)
        if (t->node[k].branch != TREE_LEAF && isnan(t->node[k].threshold))
            return failed(l, "a threshold is not a number");
    if ((uint64_t)t->nodes * t->targets > QUANTISED_MAX_TERMS)
        return failed(l, "has too many leaves and outputs");
    return 0;
}

/* Votes of each leaf for each output, and base values as bias: integers of the step's fraction. */
static int tree_votes(struct lowering *l, const struct trees *t, struct quantised_step *s, int64_t **vote)
{
    double *v = get(l, t->votes, sizeof *v), *base = get(l, t->targets, sizeof *base);
    int fraction, base_fraction;
    if (!v || !base)
        return no_memory(l);
    for (uint32_t k = 0; k < t->votes; k++)
        v[k] = t->vote[k].weight;
    for (uint32_t k = 0; t->base && k < t->targets; k++)
        base[k] = t->base[k];
    int64_t *raw = integers(l, named(l, ".votes"), v, t->votes, 0, &fraction);
    s->bias = raw ? integers(l, named(l, ".base"), base, t->targets, BIAS_BITS, &base_fraction) : NULL;
    if (!s->bias)
        return -1;
    *vote = get(l, (size_t)t->nodes * t->targets, sizeof **vote);
    if (!*vote)
        return no_memory(l);
    s->fraction = t->base ? larger_int(fraction, base_fraction) : fraction;
    int up = s->fraction - fraction, base_up = t->base ? s->fraction - base_fraction : 0;
    if (up > 24 || base_up > 24)
        return failed(l, "votes and base values differ too much in size (give formats)");
    for (uint32_t k = 0; k < t->targets; k++)
        s->bias[k] *= INT64_C(1) << base_up;
    for (uint32_t n = 0; n < t->nodes; n++)
        for (uint32_t k = t->node[n].first; k < t->node[n].first + t->node[n].votes; k++)
            (*vote)[(size_t)n * t->targets + t->vote[k].target] += raw[k] * (INT64_C(1) << up);
    return 0;
}

/* Adds the least and the most that one tree can vote for output k; `stack` has room for all places. */
static void add_tree_range(const struct quantised_step *s, uint32_t root, uint32_t *stack, uint32_t k,
                           fixed_wide *low, fixed_wide *high)
{
    uint32_t n = 0;
    bool first = true;
    fixed_wide least = 0, most = 0;
    stack[n++] = root;
    while (n) {
        const struct quantised_branch *b = &s->branch[stack[--n]];
        if (b->ask != Q_LEAF) {
            stack[n++] = b->yes;
            stack[n++] = b->no;
            continue;
        }
        least = first || b->vote[k] < least ? b->vote[k] : least;
        most = first || b->vote[k] > most ? b->vote[k] : most;
        first = false;
    }
    *low += least;
    *high += most;
}

static int tree_ranges(struct lowering *l, const struct trees *t, struct quantised_step *s, fixed_wide *low,
                       fixed_wide *high)
{
    uint32_t *stack = get(l, (size_t)t->nodes + 2, sizeof *stack);
    if (!stack)
        return no_memory(l);
    for (uint32_t k = 0; k < t->targets; k++) {
        fixed_wide reach = magnitude(s->bias[k]);
        low[k] = high[k] = s->bias[k];
        for (uint32_t r = 0; r < t->roots; r++) {
            fixed_wide least = 0, most = 0;
            add_tree_range(s, t->root[r], stack, k, &least, &most);
            low[k] += least;
            high[k] += most;
            reach += larger(magnitude(least), magnitude(most));
        }
        s->reach = larger(s->reach, reach);
    }
    return 0;
}

static int lower_trees(struct lowering *l)
{
    const struct trees *t = l->node->prepared;
    struct quantised_step *s = check_trees(l, t) < 0 ? NULL : unary(l, Q_TREES);
    fixed_wide *low, *high;
    int64_t *vote = NULL;
    if (!s)
        return -1;
    int x_fraction = s->fraction;
    struct quantised_branch *branch = get(l, t->nodes, sizeof *branch);
    if (!branch || ranges(l, t->targets, &low, &high) < 0)
        return no_memory(l);
    if (tree_votes(l, t, s, &vote) < 0)
        return -1;
    s->branch = branch;
    s->root = t->root;
    s->roots = t->roots;
    for (uint32_t n = 0; n < t->nodes; n++) {
        branch[n] = (struct quantised_branch){.ask = Q_LEAF, .vote = vote + (size_t)n * t->targets};
        if (t->node[n].branch != TREE_LEAF)
            set_question(&branch[n], &t->node[n], x_fraction);
    }
    if (tree_ranges(l, t, s, low, high) < 0)
        return -1;
    return finish_step(l, s, given_type(l, l->node->output[0]), low, high);
}

/* ---- the whole ---- */

static int lower_elementwise(struct lowering *l)
{
    bool first = op_input(l->g, l->node, 0)->constant, second = op_input(l->g, l->node, 1)->constant;
    if (first || second)
        return lower_with_constant(l, first ? 1 : 0);
    return l->node->op == NET_MUL ? lower_product(l) : lower_sum(l);
}

static int lower_node(struct lowering *l)
{
    switch (l->node->op) {
    case NET_GEMM:
    case NET_MATMUL: return lower_dense(l);
    case NET_ADD:
    case NET_SUB:
    case NET_MUL: return lower_elementwise(l);
    case NET_BATCH_NORM: return lower_norm(l);
    case NET_RELU: return lower_relu(l);
    case NET_LEAKY_RELU: return lower_leaky(l);
    case NET_SIGMOID:
    case NET_TANH: return lower_table(l);
    case NET_FLATTEN:
    case NET_RESHAPE:
    case NET_TRANSPOSE:
    case NET_IDENTITY:
    case NET_CONCAT: return lower_move(l);
    case NET_QUANT: return lower_quant(l);
    case NET_BIPOLAR: return lower_bipolar(l);
    case NET_TRUNC: return lower_trunc(l);
    case NET_QUANTIZE:
    case NET_DEQUANTIZE: return lower_linear_quant(l);
    case NET_TREE_REGRESSOR: return lower_trees(l);
    case NET_SOFTMAX:
        return failed(l, "has no fixed-point form (leave it off the network: the order of the scores stays)");
    default: return failed(l, "has no fixed-point form yet");
    }
}

/* An input without a format takes that of the Quant that is all it goes to. */
static int input_type(struct lowering *l, int tensor, struct fixed_type *type)
{
    const struct net_tensor *t = &l->g->tensor[tensor];
    const struct net_node *next = l->consumer[tensor];
    const struct fixed_type *given = net_format_of(l->f->tensor, l->f->tensors, t->name);
    if (given) {
        *type = *given;
        return 0;
    }
    if (l->consumers[tensor] == 1 && next && next->op == NET_QUANT) {
        l->node = next;
        return quant_type(l, next, type);
    }
    if (l->f->has_default) {
        *type = l->f->otherwise;
        return 0;
    }
    return message_set(
        l->m,
        "%s: input '%.80s' has no number format (give one in the formats file, or begin the network "
        "with a Quant node)",
        l->g->path, t->name);
}

static int lower_inputs(struct lowering *l)
{
    for (unsigned k = 0; k < l->g->inputs; k++) {
        int t = add_of_graph(l, l->g->input[k]);
        if (t < 0)
            return -1;
        struct quantised_tensor *to = &l->q->tensor[t];
        if (input_type(l, l->g->input[k], &to->type) < 0)
            return -1;
        if (!to->type.is_signed && to->type.width == FIXED_MAX_WIDTH)
            return message_set(l->m, "%s: input '%.80s': unsigned numbers of 64 bits are not supported",
                               l->g->path, to->name);
        for (uint32_t e = 0; e < to->size; e++) {
            to->low[e] = fixed_min(&to->type);
            to->high[e] = fixed_max(&to->type);
        }
        l->q->input[l->q->inputs++] = t;
    }
    return 0;
}

static void count_consumers(struct lowering *l)
{
    for (unsigned i = 0; i < l->g->nodes; i++)
        for (unsigned k = 0; k < l->g->node[i].inputs; k++)
            if (l->g->node[i].input[k] >= 0) {
                l->consumers[l->g->node[i].input[k]]++;
                l->consumer[l->g->node[i].input[k]] = &l->g->node[i];
            }
    for (unsigned k = 0; k < l->g->outputs; k++)
        l->consumers[l->g->output[k]]++;
}

static int lower_outputs(struct lowering *l)
{
    for (unsigned k = 0; k < l->g->outputs; k++) {
        int t = l->q->of_graph[l->g->output[k]];
        if (t < 0)
            return message_set(l->m, "%s: output '%.80s' is a constant", l->g->path,
                               graph_output(l->g, k)->name);
        l->q->output[l->q->outputs++] = t;
    }
    return 0;
}

static int lower(struct lowering *l)
{
    count_consumers(l);
    if (lower_inputs(l) < 0)
        return -1;
    for (unsigned i = 0; i < l->g->nodes; i++) {
        l->node = &l->g->node[i];
        if (!l->absorbed[i] && lower_node(l) < 0)
            return -1;
    }
    return lower_outputs(l) < 0 ? -1 : net_formats_all_used(l->f, l->m);
}

/* Whether 32 bits hold every number that is kept between steps. */
static bool is_narrow(const struct quantised *q)
{
    for (unsigned t = 0; t < q->tensors; t++)
        if (q->tensor[t].type.width > 31 + q->tensor[t].type.is_signed)
            return false;
    return true;
}

static int prepare(struct lowering *l, struct arena *arena)
{
    struct quantised *q = l->q;
    const struct graph *g = l->g;
    *q = (struct quantised){.graph = g, .arena = arena};
    q->tensor = get(l, g->tensors, sizeof *q->tensor);
    q->step = get(l, g->nodes, sizeof *q->step);
    q->constant = get(l, 2 * (size_t)g->nodes, sizeof *q->constant);
    q->of_graph = get(l, g->tensors, sizeof *q->of_graph);
    q->input = get(l, g->inputs, sizeof *q->input);
    q->output = get(l, g->outputs, sizeof *q->output);
    l->consumers = get(l, g->tensors, sizeof *l->consumers);
    l->consumer = get(l, g->tensors, sizeof *l->consumer);
    l->absorbed = get(l, g->nodes, sizeof *l->absorbed);
    if (!q->tensor || !q->step || !q->constant || !q->of_graph || !q->input || !q->output || !l->consumers ||
        !l->consumer || !l->absorbed)
        return no_memory(l);
    for (unsigned t = 0; t < g->tensors; t++)
        q->of_graph[t] = -1;
    return 0;
}

struct quantised *quantised_new(const struct graph *g, struct net_formats *f, struct message *m)
{
    struct arena *arena = arena_new();
    struct lowering l = {.q = arena ? arena_alloc(arena, 1, sizeof *l.q) : NULL, .g = g, .f = f, .m = m};
    if (!l.q) {
        arena_free(arena);
        message_set(m, "%s: out of memory", g->path);
        return NULL;
    }
    if (prepare(&l, arena) < 0 || lower(&l) < 0) {
        arena_free(arena);
        return NULL;
    }
    l.q->narrow = is_narrow(l.q);
    return l.q;
}

void quantised_free(struct quantised *q)
{
    if (q)
        arena_free(q->arena);
}

static uint64_t count_terms(const struct quantised *q, bool all)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < q->steps; i++) {
        const struct quantised_step *s = &q->step[i];
        for (uint32_t k = 0; s->kind == Q_LINEAR && k < s->first[q->tensor[s->out].size]; k++) {
            uint64_t w = s->term[k].weight < 0 ? -(uint64_t)s->term[k].weight : (uint64_t)s->term[k].weight;
            n += all || (w & (w - 1)) != 0;
        }
        if (s->kind == Q_PRODUCT)
            n += q->tensor[s->out].size;
    }
    return n;
}

uint64_t quantised_multiplies(const struct quantised *q)
{
    return count_terms(q, false);
}

uint64_t quantised_terms(const struct quantised *q)
{
    return count_terms(q, true);
}

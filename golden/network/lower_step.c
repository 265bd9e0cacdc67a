/* Tensors and steps, their types and ranges, and steps that are sums. */
#include "golden/network/lowering.h"

/* QUANTISED_MAX_TERMS products of TERM_BITS stay below 2^LOWER_REACH_BITS. */
enum { TERM_BITS = 96 };

int lower_tensor(struct lowering *l, const char *name, struct net_shape shape, uint32_t size)
{
    struct quantised_tensor *t = &l->q->tensor[l->q->tensors];
    *t = (struct quantised_tensor){.name = arena_text(l->q->arena, name), .size = size, .shape = shape};
    t->low = lower_get(l, size, sizeof *t->low);
    t->high = lower_get(l, size, sizeof *t->high);
    if (!t->name || !t->low || !t->high)
        return lower_no_memory(l);
    return (int)l->q->tensors++;
}

int lower_result(struct lowering *l, int tensor)
{
    const struct net_tensor *from = &l->g->tensor[tensor];
    int t = lower_tensor(l, from->name, from->shape, from->size);
    if (t >= 0)
        l->q->of_graph[tensor] = t;
    return t;
}

struct quantised_tensor *lower_tensor_of(struct lowering *l, int graph_tensor)
{
    return &l->q->tensor[l->q->of_graph[graph_tensor]];
}

/* Input k of the node; NULL and a message when it is a constant where none can be. */
struct quantised_tensor *lower_operand(struct lowering *l, unsigned k)
{
    int t = l->node->input[k];
    if (l->q->of_graph[t] >= 0)
        return lower_tensor_of(l, t);
    lower_failed(l, "a constant stands where a computed tensor is needed");
    return NULL;
}

int lower_bits(fixed_wide v)
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
    int bits = lower_bits(low) > lower_bits(high) ? lower_bits(low) : lower_bits(high);
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
const struct fixed_type *lower_given_type(struct lowering *l, int tensor)
{
    const struct fixed_type *t = net_format_of(l->f, l->g->tensor[tensor].name);
    if (t)
        return t;
    if (l->f->has_default && !finished_by_next(l, tensor))
        return &l->f->otherwise;
    return NULL;
}

/* ---- steps ---- */

struct quantised_step *lower_step(struct lowering *l, enum quantised_kind kind)
{
    struct quantised_step *s = &l->q->step[l->q->steps++];
    *s = (struct quantised_step){.kind = kind, .name = l->node->name, .op = l->node->op};
    return s;
}

fixed_wide lower_furthest(const struct quantised_tensor *t, uint32_t e)
{
    return lower_larger(lower_magnitude(t->low[e]), lower_magnitude(t->high[e]));
}

int lower_check_reach(struct lowering *l, const struct quantised_step *s)
{
    if (s->reach >> LOWER_REACH_BITS)
        return lower_failed(l, "its intermediate numbers need more than 118 bits (give narrower formats)");
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
int lower_finish(struct lowering *l, struct quantised_step *s, const struct fixed_type *type,
                 const fixed_wide *low, const fixed_wide *high)
{
    struct quantised_tensor *out = &l->q->tensor[s->out];
    fixed_wide least = 0, most = 0;
    if (lower_check_reach(l, s) < 0)
        return -1;
    for (uint32_t e = 0; e < out->size; e++) {
        least = low[e] < least ? low[e] : least;
        most = lower_larger(most, high[e]);
    }
    if (type)
        out->type = *type;
    else if (type_of_range(l, least, most, s->fraction, &out->type) < 0)
        return -1;
    if (!out->type.is_signed && out->type.width == FIXED_MAX_WIDTH)
        return lower_failed(l,
                            "unsigned numbers of 64 bits are not supported (give 63 bits, or signed ones)");
    for (uint32_t e = 0; e < out->size; e++)
        finish_element(s, out, e, low[e], high[e]);
    return 0;
}

/* ---- LINEAR ---- */

int linear_begin(struct linear *w, struct lowering *l, int out, uint32_t room, int fraction)
{
    uint32_t size = l->q->tensor[out].size;
    *w = (struct linear){.l = l, .s = lower_step(l, Q_LINEAR)};
    if (room > QUANTISED_MAX_TERMS)
        return lower_failed(l, "has too many terms");
    w->s->out = out;
    w->s->fraction = fraction;
    w->s->first = lower_get(l, (size_t)size + 1, sizeof *w->s->first);
    w->s->term = lower_get(l, room, sizeof *w->s->term);
    w->s->bias = lower_get(l, size, sizeof *w->s->bias);
    w->low = lower_get(l, size, sizeof *w->low);
    w->high = lower_get(l, size, sizeof *w->high);
    return w->s->first && w->s->term && w->s->bias && w->low && w->high ? 0 : lower_no_memory(l);
}

/* raw / 2^fraction as an integer of the step's fraction. */
static int linear_aligned(struct linear *w, int64_t raw, int fraction, int64_t *to)
{
    int up = w->s->fraction - fraction;
    if (raw != 0 && (up > 62 || lower_magnitude(raw) >> (62 - up)))
        return lower_failed(
            w->l, "a constant is too large for the fraction bits of the sum (give narrower formats)");
    *to = raw ? raw * (INT64_C(1) << up) : 0;
    return 0;
}

/* weight (of weight_fraction) times element e of t. */
int linear_term(struct linear *w, int t, uint32_t e, int64_t weight, int weight_fraction)
{
    const struct quantised_tensor *x = &w->l->q->tensor[t];
    int64_t factor = 0;
    if (weight == 0)
        return 0;
    if (linear_aligned(w, weight, weight_fraction + fixed_fraction(&x->type), &factor) < 0)
        return -1;
    if (lower_bits(factor) + lower_bits(lower_furthest(x, e)) > TERM_BITS)
        return lower_failed(w->l, "a product needs more than 96 bits (give narrower formats)");
    w->s->term[w->terms++] = (struct quantised_term){t, e, factor};
    fixed_wide a = factor * x->low[e], b = factor * x->high[e];
    w->low[w->element] += a < b ? a : b;
    w->high[w->element] += a < b ? b : a;
    return 0;
}

int linear_next(struct linear *w, int64_t bias, int bias_fraction)
{
    int64_t b = 0;
    if (linear_aligned(w, bias, bias_fraction, &b) < 0)
        return -1;
    w->s->bias[w->element] = b;
    w->low[w->element] += b;
    w->high[w->element] += b;
    fixed_wide reach = lower_magnitude(b);
    for (uint32_t k = w->s->first[w->element]; k < w->terms; k++) {
        const struct quantised_term *t = &w->s->term[k];
        reach += lower_magnitude(t->weight) * lower_furthest(&w->l->q->tensor[t->tensor], t->element);
    }
    w->s->reach = lower_larger(w->s->reach, reach);
    w->s->first[++w->element] = w->terms;
    return 0;
}

/* The ends of all sums on the way to element e, and what rounding each of them can add. */
static void on_the_way(const struct linear *w, uint32_t e, int rounded, fixed_wide *low, fixed_wide *high)
{
    const struct quantised_step *s = w->s;
    fixed_wide terms = 1 + s->first[e + 1] - s->first[e], more = rounded > 0 ? terms << rounded : 0;
    *low = (s->bias[e] < 0 ? s->bias[e] : 0) - more;
    *high = (s->bias[e] > 0 ? s->bias[e] : 0) + more;
    for (uint32_t k = s->first[e]; k < s->first[e + 1]; k++) {
        const struct quantised_tensor *x = &w->l->q->tensor[s->term[k].tensor];
        fixed_wide a = s->term[k].weight * x->low[s->term[k].element];
        fixed_wide b = s->term[k].weight * x->high[s->term[k].element];
        *low += a < b ? (a < 0 ? a : 0) : b < 0 ? b : 0;
        *high += lower_larger(lower_larger(a, b), 0);
    }
}

/* What an accumulator that rounds and wraps can hold says nothing about single elements. */
static void accumulator_ranges(struct linear *w, const struct fixed_type *a)
{
    struct quantised_step *s = w->s;
    int rounded = s->fraction - fixed_fraction(a);
    s->hls4ml = true;
    s->accumulator = *a;
    for (uint32_t e = 0; e < w->element; e++) {
        fixed_wide low, high;
        uint64_t overflows = 0;
        on_the_way(w, e, rounded < 90 ? rounded : 90, &low, &high);
        fixed_cast(a, low, s->fraction, &overflows);
        fixed_cast(a, high, s->fraction, &overflows);
        s->accumulator_can_overflow |= overflows > 0;
        w->low[e] = fixed_min(a);
        w->high[e] = fixed_max(a);
    }
}

/* Whether no product and no sum on the way is rounded or limited. */
static bool is_exact_in(const struct linear *w, const struct fixed_type *a)
{
    int up = fixed_fraction(a) - w->s->fraction;
    fixed_wide most = fixed_max(a) < -fixed_min(a) ? fixed_max(a) : -fixed_min(a);
    return up >= 0 && up < 64 && w->s->reach <= most >> up;
}

int linear_end(struct linear *w, const struct fixed_type *type)
{
    struct lowering *l = w->l;
    bool sums = l->node->op == NET_GEMM || l->node->op == NET_MATMUL;
    if (!sums || l->f->accumulation != FIXED_HLS4ML)
        return lower_finish(l, w->s, type, w->low, w->high);
    const struct fixed_type *a = net_format_within(l->f, l->node->name, NET_ACCUMULATOR);
    if (!a && !l->f->has_default)
        return lower_failed(l, "needs an accumulator's format under accumulation \"hls4ml\" (or a default)");
    if (lower_check_reach(l, w->s) < 0)
        return -1;
    if (is_exact_in(w, a ? a : &l->f->otherwise))
        return lower_finish(l, w->s, type, w->low, w->high);
    accumulator_ranges(w, a ? a : &l->f->otherwise);
    int fraction = w->s->fraction;
    w->s->fraction = fixed_fraction(&w->s->accumulator); /* of what is cast to the result */
    int result = lower_finish(l, w->s, type, w->low, w->high);
    w->s->fraction = fraction;
    return result;
}

struct quantised_step *lower_unary(struct lowering *l, enum quantised_kind kind)
{
    if (!lower_operand(l, 0))
        return NULL;
    int out = lower_result(l, l->node->output[0]);
    if (out < 0)
        return NULL;
    struct quantised_step *s = lower_step(l, kind);
    s->in[0] = l->q->of_graph[l->node->input[0]];
    s->out = out;
    s->fraction = fixed_fraction(&l->q->tensor[s->in[0]].type);
    return s;
}

int lower_ranges(struct lowering *l, uint32_t n, fixed_wide **low, fixed_wide **high)
{
    *low = lower_get(l, n, sizeof **low);
    *high = lower_get(l, n, sizeof **high);
    return *low && *high ? 0 : lower_no_memory(l);
}

uint32_t lower_same_element(const struct lowering *l, uint32_t e)
{
    (void)l;
    return e;
}

int lower_affine(struct lowering *l, const struct affine *a, int source, int y, const struct fixed_type *type)
{
    struct linear w;
    int out = lower_result(l, y), product = a->weight_fraction + fixed_fraction(&l->q->tensor[source].type);
    if (out < 0)
        return -1;
    const struct net_shape *to = &l->q->tensor[out].shape, from = l->q->tensor[source].shape;
    if (linear_begin(&w, l, out, l->q->tensor[out].size,
                     lower_larger_int(product, a->bias ? a->bias_fraction : product)) < 0)
        return -1;
    for (uint32_t e = 0; e < l->q->tensor[out].size; e++) {
        uint32_t k = a->of(l, e);
        if (linear_term(&w, source, op_broadcast_index(to, &from, e), a->weight[k], a->weight_fraction) < 0 ||
            linear_next(&w, a->bias ? a->bias[k] : 0, a->bias_fraction) < 0)
            return -1;
    }
    return linear_end(&w, type);
}

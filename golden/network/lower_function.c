/* Functions of one number. */
#include "golden/network/lowering.h"

#include <math.h>

int lower_relu(struct lowering *l)
{
    struct quantised_step *s = lower_unary(l, Q_RELU);
    fixed_wide *low, *high;
    if (!s)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->in[0]];
    if (lower_ranges(l, x->size, &low, &high) < 0)
        return -1;
    for (uint32_t e = 0; e < x->size; e++) {
        low[e] = lower_larger(x->low[e], 0);
        high[e] = lower_larger(x->high[e], 0);
        s->reach = lower_larger(s->reach, lower_furthest(x, e));
    }
    const struct fixed_type *type = lower_given_type(l, l->node->output[0]);
    return lower_finish(l, s, type ? type : &x->type, low, high);
}

int lower_leaky(struct lowering *l)
{
    struct quantised_step *s = lower_unary(l, Q_LEAKY);
    double alpha = op_number(l->node, "alpha", 0.01);
    fixed_wide *low, *high;
    int fraction;
    int64_t *raw = s ? lower_constants(l, lower_named(l, ".alpha"), &alpha, 1, 0, &fraction) : NULL;
    if (!raw)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->in[0]];
    int raise = fraction > 0 ? fraction : 0;
    if (lower_ranges(l, x->size, &low, &high) < 0)
        return -1;
    if (raise > 48 || fraction < -16 || lower_bits(*raw) > 40)
        return lower_failed(l, "alpha is too fine or too large for a number format");
    s->raise = (unsigned)raise;
    s->constant = fraction < 0 ? *raw * (1 << -fraction) : *raw;
    s->fraction += raise;
    for (uint32_t e = 0; e < x->size; e++) {
        fixed_wide ends[] = {x->low[e], x->high[e], x->low[e] < 0 && x->high[e] > 0 ? -1 : x->low[e],
                             x->low[e] < 0 && x->high[e] >= 0 ? 0 : x->high[e]};
        for (unsigned k = 0; k < 4; k++) {
            fixed_wide v = ends[k] < 0 ? ends[k] * s->constant : ends[k] * ((fixed_wide)1 << raise);
            low[e] = k && low[e] < v ? low[e] : v;
            high[e] = k && high[e] > v ? high[e] : v;
            s->reach = lower_larger(s->reach, lower_magnitude(v));
        }
    }
    return lower_finish(l, s, lower_given_type(l, l->node->output[0]), low, high);
}

int lower_bipolar(struct lowering *l)
{
    struct quantised_step *s = lower_unary(l, Q_BIPOLAR);
    fixed_wide *low, *high;
    int exponent;
    if (!s || lower_scale(l, l->node, &exponent) < 0)
        return -1;
    uint32_t size = l->q->tensor[s->in[0]].size;
    if (lower_ranges(l, size, &low, &high) < 0)
        return -1;
    s->fraction = -exponent;
    s->constant = s->reach = 1;
    for (uint32_t e = 0; e < size; e++) {
        low[e] = -1;
        high[e] = 1;
    }
    const struct fixed_type *given = net_format_of(l->f, l->g->tensor[l->node->output[0]].name);
    return lower_finish(l, s, given, low, high);
}

/* Without a format for the index: the input's own, when that has few enough bits; else 10 bits that end at
 * +-8 for Sigmoid, at +-4 for Tanh, where both have come within 4e-4 of their limits. */
static struct fixed_type index_type(struct lowering *l, enum table_function f, const struct fixed_type *x)
{
    const struct fixed_type *given = net_format_within(l->f, l->node->name, NET_TABLE);
    if (given)
        return *given;
    if (x->width <= QUANTISED_TABLE_BITS)
        return *x;
    return (struct fixed_type){.width = 10,
                               .integer = f == TABLE_TANH ? 3 : 4,
                               .is_signed = 1,
                               .round = FIXED_RND,
                               .overflow = FIXED_SAT};
}

static int by_table(struct lowering *l, enum table_function f, int x, int out, const struct fixed_type *type)
{
    struct lower_table t = {.function = f,
                            .index = index_type(l, f, &l->q->tensor[x].type),
                            .entries = net_format_within(l->f, l->node->name, NET_ENTRIES),
                            .result = *type};
    return lower_table(l, &t, x, out);
}

int lower_sigmoid_of(struct lowering *l, int x, int out, const struct fixed_type *type)
{
    return by_table(l, TABLE_SIGMOID, x, out, type);
}

int lower_sigmoid(struct lowering *l)
{
    int y = l->node->output[0], x = l->q->of_graph[l->node->input[0]];
    struct fixed_type type;
    if (!lower_operand(l, 0) || lower_rounded_type(l, y, &type) < 0)
        return -1;
    int out = lower_result(l, y);
    return out < 0 ? -1 : by_table(l, l->node->op == NET_TANH ? TABLE_TANH : TABLE_SIGMOID, x, out, &type);
}

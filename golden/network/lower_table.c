/* Functions of one number by tables. */
#include "golden/network/lowering.h"

#include <math.h>

static double nearest(enum table_function f, double x)
{
    switch (f) {
    case TABLE_SIGMOID: return 1 / (1 + exp(-x));
    case TABLE_TANH: return tanh(x);
    case TABLE_EXP: return exp(x);
    case TABLE_EXP_MINUS: return exp(-x);
    default: return 1 / x;
    }
}

/* As nnet_activation.h of hls4ml computes its tables, single precision and promotions included. */
static double single(enum table_function f, float x)
{
    switch (f) {
    case TABLE_SIGMOID: return (float)(1.0 / (double)(1 + expf(-x)));
    case TABLE_TANH: return tanhf(x);
    case TABLE_EXP: return expf(x);
    case TABLE_EXP_MINUS: return expf(-x);
    default: return 1 / x;
    }
}

static void fill(struct quantised_step *s, const struct lower_table *t, enum net_rule rule)
{
    for (int64_t bits = 0; bits < INT64_C(1) << s->index.width; bits++) {
        bool negative = s->index.is_signed && bits >> (s->index.width - 1);
        int64_t raw = negative ? bits - (INT64_C(1) << s->index.width) : bits;
        double x = fixed_to_double(raw, fixed_fraction(&s->index));
        double y = rule == NET_RULE_NEAREST ? nearest(t->function, x) : single(t->function, (float)x);
        const struct fixed_type *e = t->entries ? t->entries : &t->result;
        fixed_wide entry = fixed_from_double(e, y, NULL);
        s->table[bits] = (int64_t)fixed_cast(&t->result, entry, fixed_fraction(e), NULL);
    }
}

/* What the table can give for any index. */
static void table_range(const struct quantised_step *s, fixed_wide *low, fixed_wide *high)
{
    *low = *high = s->table[0];
    for (uint32_t k = 1; k < 1u << s->index.width; k++) {
        *low = s->table[k] < *low ? s->table[k] : *low;
        *high = lower_larger(*high, s->table[k]);
    }
}

int lower_table(struct lowering *l, const struct lower_table *t, int x, int out)
{
    struct quantised_step *s = lower_step(l, Q_TABLE);
    struct quantised_tensor *to = &l->q->tensor[out];
    const struct quantised_tensor *from = &l->q->tensor[x];
    fixed_wide low, high;
    s->in[0] = x;
    s->out = out;
    s->fraction = fixed_fraction(&from->type);
    s->index = t->index;
    to->type = t->result;
    if (s->index.width > QUANTISED_TABLE_BITS)
        return lower_failed(l, "its table's index has more than 12 bits (give a narrower one)");
    s->table = lower_get(l, (size_t)1 << s->index.width, sizeof *s->table);
    if (!s->table)
        return lower_no_memory(l);
    fill(s, t, net_setting_of(l->f, l->node->name).rule);
    table_range(s, &low, &high);
    for (uint32_t e = 0; e < to->size; e++) {
        s->reach = lower_larger(s->reach, lower_furthest(from, e));
        to->low[e] = low;
        to->high[e] = high;
    }
    return lower_check_reach(l, s);
}

int lower_rounded_type(struct lowering *l, int graph_tensor, struct fixed_type *type)
{
    const struct fixed_type *given = net_format_of(l->f, l->g->tensor[graph_tensor].name);
    const struct net_node *next = l->consumers[graph_tensor] == 1 ? l->consumer[graph_tensor] : NULL;
    if (given)
        *type = *given;
    else if (next && next->op == NET_QUANT && lower_quant_type(l, next, type) == 0)
        return 0;
    else if (l->f->has_default)
        *type = l->f->otherwise;
    else
        return op_wrong(
            l->g, l->node, l->m,
            "'%.80s' has no number format (give one in the formats file, or a Quant node after it)",
            l->g->tensor[graph_tensor].name);
    return 0;
}

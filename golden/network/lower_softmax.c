/* Softmax as code for FPGAs has it: the difference of each score from the largest one, a table of
 * exponentials, their sum, a table of inverses, a product. Also what gives the place of the largest score. */
#include "golden/network/lowering.h"

/* Scores in rows: element e belongs to row e / row. */
struct scores {
    int x;
    uint32_t size, row;
};

static const struct fixed_type probability = {
    .width = 18, .integer = 1, .round = FIXED_RND, .overflow = FIXED_SAT};

static struct fixed_type type_within(struct lowering *l, enum net_role role, struct fixed_type otherwise)
{
    const struct fixed_type *given = net_format_within(l->f, l->node->name, role);
    return given ? *given : otherwise;
}

static struct net_shape as_rows(uint32_t rows, uint32_t columns)
{
    return (struct net_shape){2, {rows, columns}};
}

/* The largest score of each row; its tensor. */
static int add_largest(struct lowering *l, const struct scores *s)
{
    int out = lower_tensor(l, lower_named(l, ".max"), as_rows(s->size / s->row, 1), s->size / s->row);
    fixed_wide *low, *high;
    if (out < 0 || lower_ranges(l, s->size / s->row, &low, &high) < 0)
        return -1;
    const struct quantised_tensor *x = &l->q->tensor[s->x];
    struct quantised_step *step = lower_step(l, Q_MAX);
    step->in[0] = s->x;
    step->out = out;
    step->group = s->row;
    step->fraction = fixed_fraction(&x->type);
    for (uint32_t e = 0; e < s->size; e++) {
        uint32_t r = e / s->row;
        low[r] = e % s->row ? lower_larger(low[r], x->low[e]) : x->low[e];
        high[r] = e % s->row ? lower_larger(high[r], x->high[e]) : x->high[e];
        step->reach = lower_larger(step->reach, lower_furthest(x, e));
    }
    return lower_finish(l, step, &x->type, low, high) < 0 ? -1 : out;
}

/* Each score's distance from the largest of its row, or with `below` its difference from it. */
static int add_difference(struct lowering *l, const struct scores *s, bool below,
                          const struct fixed_type *type)
{
    struct linear w;
    int largest = add_largest(l, s), sign = below ? 1 : -1;
    int out = largest < 0 ? -1
                          : lower_tensor(l, lower_named(l, ".difference"), as_rows(s->size / s->row, s->row),
                                         s->size);
    if (out < 0 || linear_begin(&w, l, out, 2 * s->size, fixed_fraction(&l->q->tensor[s->x].type)) < 0)
        return -1;
    for (uint32_t e = 0; e < s->size; e++)
        if (linear_term(&w, s->x, e, sign, 0) < 0 || linear_term(&w, largest, e / s->row, -sign, 0) < 0 ||
            linear_next(&w, 0, 0) < 0)
            return -1;
    return linear_end(&w, type) < 0 ? -1 : out;
}

/* The sum of each row, cast to the type of what is added. */
static int add_sums(struct lowering *l, const struct scores *s)
{
    struct linear w;
    const struct fixed_type type = l->q->tensor[s->x].type;
    int out = lower_tensor(l, lower_named(l, ".sum"), as_rows(s->size / s->row, 1), s->size / s->row);
    if (type.overflow == FIXED_SAT_ZERO)
        return lower_failed(l, "sums with SAT_ZERO depend on their order (give SAT or WRAP)");
    if (out < 0 || linear_begin(&w, l, out, s->size, fixed_fraction(&type)) < 0)
        return -1;
    for (uint32_t e = 0; e < s->size; e++)
        if (linear_term(&w, s->x, e, 1, 0) < 0 || ((e + 1) % s->row == 0 && linear_next(&w, 0, 0) < 0))
            return -1;
    return linear_end(&w, &type) < 0 ? -1 : out;
}

/* out[e] = x[from(e)] in type `type`: `every` elements of the result come from one of x. */
static int add_copies(struct lowering *l, int x, uint32_t size, uint32_t every, const char *end,
                      const struct fixed_type *type)
{
    struct linear w;
    int out = lower_tensor(l, lower_named(l, end), as_rows(size / every, every), size);
    if (out < 0 || linear_begin(&w, l, out, size, fixed_fraction(&l->q->tensor[x].type)) < 0)
        return -1;
    for (uint32_t e = 0; e < size; e++)
        if (linear_term(&w, x, e / every, 1, 0) < 0 || linear_next(&w, 0, 0) < 0)
            return -1;
    return linear_end(&w, type) < 0 ? -1 : out;
}

/* A type's highest bits, as many as index a table. Inverses are steep where sums are small: there is 1. */
static struct fixed_type top_bits(struct fixed_type t, int integer)
{
    struct fixed_type top = t;
    top.width = t.width < QUANTISED_TABLE_BITS ? t.width : QUANTISED_TABLE_BITS;
    top.integer = (int16_t)integer;
    top.round = FIXED_RND;
    top.overflow = FIXED_SAT;
    return top;
}

/* The exponential of each score, in the type in which they are added. Without formats: distances from 0 to 8
 * in 1024 steps, or as they are when they have few bits. */
static int add_exponentials(struct lowering *l, const struct scores *s, bool distances, bool below)
{
    static const struct fixed_type steps = {
        .width = 10, .integer = 3, .round = FIXED_RND, .overflow = FIXED_SAT};
    const struct fixed_type *given = net_format_within(l->f, l->node->name, NET_DIFFERENCE);
    int x = distances ? add_difference(l, s, below, given) : s->x;
    int out =
        x < 0 ? -1 : lower_tensor(l, lower_named(l, ".exp"), as_rows(s->size / s->row, s->row), s->size);
    struct lower_table t = {.function = distances && !below ? TABLE_EXP_MINUS : TABLE_EXP};
    if (out < 0)
        return -1;
    const struct fixed_type *from = &l->q->tensor[x].type;
    t.index = type_within(l, NET_TABLE, from->width <= QUANTISED_TABLE_BITS ? *from : steps);
    t.entries = net_format_within(l->f, l->node->name, NET_ENTRIES);
    struct fixed_type room = probability;
    room.integer = (int16_t)lower_bits(s->row);
    room.width = (uint8_t)(probability.width - 1 + room.integer);
    t.result = type_within(l, NET_SUM, room);
    return lower_table(l, &t, x, out) < 0 ? -1 : out;
}

static int add_inverses(struct lowering *l, const struct scores *s, int exponentials)
{
    struct scores terms = {exponentials, s->size, s->row};
    uint32_t rows = s->size / s->row;
    int sum = add_sums(l, &terms);
    if (sum < 0)
        return -1;
    struct lower_table t = {.function = TABLE_INVERSE};
    const struct fixed_type *given = net_format_within(l->f, l->node->name, NET_INVERSE);
    int from = given ? add_copies(l, sum, rows, 1, ".inverse_input", given) : sum;
    int out = from < 0 ? -1 : lower_tensor(l, lower_named(l, ".inverse"), as_rows(rows, 1), rows);
    if (out < 0)
        return -1;
    const struct fixed_type *x = &l->q->tensor[from].type;
    t.index = type_within(l, NET_INVERSE_TABLE, top_bits(*x, x->integer));
    t.result = type_within(l, NET_INVERSE_ENTRIES, probability);
    return lower_table(l, &t, from, out) < 0 ? -1 : out;
}

/* Before opset 13 all dimensions from the axis on were one row. */
static int row_of(struct lowering *l, const struct quantised_tensor *x, uint32_t *row)
{
    bool old = l->g->opset < 13;
    unsigned axis = (unsigned)op_axis(l->node, &x->shape, old ? 1 : -1, false);
    uint32_t inner = 1;
    for (unsigned d = axis + 1; d < x->shape.rank; d++)
        inner *= x->shape.dim[d];
    if (!old && inner > 1)
        return lower_failed(
            l, "only Softmax along the last axis has a fixed-point form (put Transpose around it)");
    *row = x->shape.dim[axis] * inner;
    return *row ? 0 : lower_failed(l, "its rows are empty");
}

int lower_softmax_of(struct lowering *l, int x, uint32_t row, int out, const struct fixed_type *type)
{
    const struct scores s = {x, l->q->tensor[x].size, row};
    enum net_rule rule = net_setting_of(l->f, l->node->name).rule;
    /* hls4ml's "latency" has no differences: its index is one of the score itself. */
    bool distances = rule == NET_RULE_NEAREST || net_format_within(l->f, l->node->name, NET_DIFFERENCE);
    int e = add_exponentials(l, &s, distances, rule == NET_RULE_HLS4ML_11);
    int inverse = e < 0 ? -1 : add_inverses(l, &s, e);
    int spread =
        inverse < 0 ? -1 : add_copies(l, inverse, s.size, row, ".factor", &l->q->tensor[inverse].type);
    return spread < 0 ? -1 : lower_product_of(l, e, spread, out, type);
}

int lower_softmax(struct lowering *l)
{
    const struct quantised_tensor *x = lower_operand(l, 0);
    struct fixed_type type;
    uint32_t row = 0;
    if (!x || row_of(l, x, &row) < 0 || lower_rounded_type(l, l->node->output[0], &type) < 0)
        return -1;
    int from = l->q->of_graph[l->node->input[0]], out = lower_result(l, l->node->output[0]);
    return out < 0 ? -1 : lower_softmax_of(l, from, row, out, &type);
}

int lower_largest(struct lowering *l, int x, uint32_t row, int out)
{
    static const struct fixed_type bit = {
        .width = 1, .integer = 1, .round = FIXED_TRN, .overflow = FIXED_WRAP};
    const struct quantised_tensor *from = &l->q->tensor[x];
    fixed_wide *low, *high;
    if (lower_ranges(l, from->size, &low, &high) < 0)
        return -1;
    struct quantised_step *s = lower_step(l, Q_LARGEST);
    s->in[0] = x;
    s->out = out;
    s->group = row;
    s->reach = 1;
    for (uint32_t e = 0; e < from->size; e++)
        high[e] = 1;
    return lower_finish(l, s, &bit, low, high);
}

/* Dense layers, batch norms, and Add, Sub, Mul with a constant. */
#include "golden/network/lowering.h"

#include <math.h>

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
    double *weight = lower_get(l, w->size, sizeof *weight), *bias = lower_get(l, d->p.columns, sizeof *bias);
    if (!weight || !bias)
        return lower_no_memory(l);
    dense_numbers(l, d, norm, weight, bias);
    const char *bias_name = c ? c->name : norm ? op_input(l->g, norm, 2)->name : "";
    d->weight = lower_constants(l, w->name, weight, w->size, 0, &d->weight_fraction);
    d->bias = d->weight
                  ? lower_constants(l, bias_name, bias, d->p.columns, LOWER_BIAS_BITS, &d->bias_fraction)
                  : NULL;
    return d->bias ? 0 : -1;
}

static int dense_check(struct lowering *l, const struct op_product *p)
{
    const struct net_tensor *x = op_input(l->g, l->node, 0), *w = op_input(l->g, l->node, 1);
    const struct net_tensor *c = op_input(l->g, l->node, 2);
    if (!w->constant || (c && !c->constant))
        return lower_failed(l, "weights or biases are computed (give constants)");
    if (w->shape.rank > 2 || p->trans_a || x->shape.rank > 2 || (c && c->size > p->columns))
        return lower_failed(l,
                            "only a matrix of constant weights, one bias a column, has a fixed-point form");
    return 0;
}

/* Terms of output o in the order in which hls4ml's resource strategy adds them: it shares a multiplier among
 * the weights k, k + reuse, ... of the array with inputs in rows. */
static int dense_terms(struct linear *w, const struct dense *d, int x, uint32_t r, uint32_t o, uint32_t reuse)
{
    uint64_t row = (uint64_t)o * d->p.inner;
    for (uint32_t turn = 0; turn < reuse; turn++)
        for (uint64_t i = (turn + reuse - row % reuse) % reuse; i < d->p.inner; i += reuse)
            if (linear_term(w, x, r * d->p.inner + (uint32_t)i, d->weight[weight_at(&d->p, (uint32_t)i, o)],
                            d->weight_fraction) < 0)
                return -1;
    return 0;
}

/* The order matters only to sums that are limited on the way. */
static uint32_t sum_order(struct lowering *l)
{
    const struct fixed_type *a = net_format_within(l->f, l->node->name, NET_ACCUMULATOR);
    uint32_t reuse = net_setting_of(l->f, l->node->name).reuse;
    return l->f->accumulation == FIXED_HLS4ML && a && a->overflow != FIXED_WRAP ? reuse : 1;
}

int lower_dense(struct lowering *l)
{
    const struct net_node *norm = folded_norm(l);
    int y = norm ? norm->output[0] : l->node->output[0], x = l->q->of_graph[l->node->input[0]];
    struct dense d = {.p = op_product_of(l->g, l->node)};
    struct linear w;
    if (!lower_operand(l, 0) || dense_check(l, &d.p) < 0 || dense_constants(l, &d, norm) < 0)
        return -1;
    int out = lower_result(l, y), product = d.weight_fraction + fixed_fraction(&l->q->tensor[x].type);
    if (out < 0 || linear_begin(&w, l, out, d.p.rows * d.p.columns * d.p.inner,
                                lower_larger_int(product, d.bias_fraction)) < 0)
        return -1;
    const uint32_t reuse = sum_order(l);
    for (uint32_t r = 0; r < d.p.rows; r++)
        for (uint32_t o = 0; o < d.p.columns; o++)
            if (dense_terms(&w, &d, x, r, o, reuse) < 0 || linear_next(&w, d.bias[o], d.bias_fraction) < 0)
                return -1;
    if (norm)
        l->absorbed[norm - l->g->node] = true;
    return linear_end(&w, lower_given_type(l, y));
}

/* ---- element by element, with constants ---- */

/* The channel of a batch norm. */
static uint32_t channel_of(const struct lowering *l, uint32_t e)
{
    const struct net_shape *s = &op_input(l->g, l->node, 0)->shape;
    uint32_t inner = 1;
    for (unsigned d = 2; d < s->rank; d++)
        inner *= s->dim[d];
    return e / inner % (s->rank > 1 ? s->dim[1] : s->rank ? s->dim[0] : 1);
}

int lower_norm(struct lowering *l)
{
    struct affine a = {.of = channel_of};
    uint32_t channels = op_input(l->g, l->node, 1)->size;
    double *scale = lower_get(l, channels, sizeof *scale), *offset = lower_get(l, channels, sizeof *offset);
    if (!lower_operand(l, 0))
        return -1;
    if (!norm_is_constant(l->g, l->node))
        return lower_failed(l, "its numbers are computed (give constants)");
    if (!scale || !offset)
        return lower_no_memory(l);
    for (uint32_t c = 0; c < channels; c++)
        norm_numbers(l->g, l->node, c, &scale[c], &offset[c]);
    a.weight = lower_constants(l, lower_named(l, ".scale"), scale, channels, 0, &a.weight_fraction);
    a.bias = a.weight ? lower_constants(l, lower_named(l, ".offset"), offset, channels, LOWER_BIAS_BITS,
                                        &a.bias_fraction)
                      : NULL;
    if (!a.bias)
        return -1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[0]], l->node->output[0],
                        lower_given_type(l, l->node->output[0]));
}

/* Add, Sub, Mul with a constant: `k` is the place of the tensor. The constant is spread over the result. */
int lower_with_constant(struct lowering *l, unsigned k)
{
    const struct net_tensor *c = op_input(l->g, l->node, !k), *y = &l->g->tensor[l->node->output[0]];
    struct affine a = {.of = lower_same_element};
    double *spread = lower_get(l, y->size, sizeof *spread), *factor = lower_get(l, y->size, sizeof *factor);
    bool mul = l->node->op == NET_MUL, sub = l->node->op == NET_SUB;
    if (!spread || !factor)
        return lower_no_memory(l);
    for (uint32_t e = 0; e < y->size; e++) {
        double v = c->constant[op_broadcast_index(&y->shape, &c->shape, e)];
        spread[e] = sub && k == 0 ? -v : v;
        factor[e] = sub && k == 1 ? -1 : 1;
    }
    if (mul)
        a.weight = lower_constants(l, c->name, spread, y->size, 0, &a.weight_fraction);
    else {
        a.weight = lower_constants(l, "", factor, y->size, 0, &a.weight_fraction);
        a.bias =
            a.weight ? lower_constants(l, c->name, spread, y->size, LOWER_BIAS_BITS, &a.bias_fraction) : NULL;
    }
    if (!a.weight || (!mul && !a.bias))
        return -1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[k]], l->node->output[0],
                        lower_given_type(l, l->node->output[0]));
}

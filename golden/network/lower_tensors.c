/* Sums, products and moves of computed tensors. */
#include "golden/network/lowering.h"

static bool moves_only(enum net_op op)
{
    return op == NET_FLATTEN || op == NET_RESHAPE || op == NET_TRANSPOSE || op == NET_IDENTITY ||
           op == NET_CAST;
}

int lower_copy(struct lowering *l, int x, int out, const struct fixed_type *type)
{
    struct linear w;
    uint32_t size = l->q->tensor[out].size;
    if (linear_begin(&w, l, out, size, fixed_fraction(&l->q->tensor[x].type)) < 0)
        return -1;
    for (uint32_t e = 0; e < size; e++)
        if (linear_term(&w, x, e, 1, 0) < 0 || linear_next(&w, 0, 0) < 0)
            return -1;
    return linear_end(&w, type);
}

static int finest(struct lowering *l)
{
    int fraction = -FIXED_MAX_INTEGER - FIXED_MAX_WIDTH;
    for (unsigned k = 0; k < l->node->inputs; k++)
        fraction = lower_larger_int(fraction, fixed_fraction(&lower_tensor_of(l, l->node->input[k])->type));
    return fraction;
}

int lower_sum(struct lowering *l)
{
    struct linear w;
    int y = l->node->output[0], out = lower_result(l, y);
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
    return linear_end(&w, lower_given_type(l, y));
}

/* The least and the most that the product of two ranges can be. */
static void product_range(const struct quantised_tensor *x, const struct quantised_tensor *y, uint32_t e,
                          fixed_wide *low, fixed_wide *high)
{
    for (unsigned c = 0; c < 4; c++) {
        fixed_wide v = (c & 1 ? x->high[e] : x->low[e]) * (c & 2 ? y->high[e] : y->low[e]);
        *low = c && *low < v ? *low : v;
        *high = c && *high > v ? *high : v;
    }
    if (x == y && *low < 0) /* a square */
        *low = 0;
}

int lower_product_of(struct lowering *l, int a, int b, int out, const struct fixed_type *type)
{
    const struct quantised_tensor *x = &l->q->tensor[a], *y = &l->q->tensor[b];
    fixed_wide *low, *high;
    if (lower_ranges(l, x->size, &low, &high) < 0)
        return -1;
    struct quantised_step *s = lower_step(l, Q_PRODUCT);
    s->in[0] = a;
    s->in[1] = b;
    s->out = out;
    s->fraction = fixed_fraction(&x->type) + fixed_fraction(&y->type);
    for (uint32_t e = 0; e < x->size; e++) {
        if (lower_bits(lower_furthest(x, e)) + lower_bits(lower_furthest(y, e)) > LOWER_REACH_BITS)
            return lower_failed(l, "its product needs more than 118 bits (give narrower formats)");
        product_range(x, y, e, &low[e], &high[e]);
        s->reach = lower_larger(s->reach, lower_furthest(x, e) * lower_furthest(y, e));
    }
    return lower_finish(l, s, type, low, high);
}

int lower_product(struct lowering *l)
{
    int y = l->node->output[0], out = lower_result(l, y);
    if (out < 0)
        return -1;
    for (unsigned k = 0; k < 2; k++)
        if (lower_tensor_of(l, l->node->input[k])->size != l->g->tensor[y].size)
            return lower_failed(l,
                                "a product of computed tensors of different shapes has no fixed-point form");
    return lower_product_of(l, l->q->of_graph[l->node->input[0]], l->q->of_graph[l->node->input[1]], out,
                            lower_given_type(l, y));
}

/* Where element e of the result comes from: which input, which element. Found by moving the numbers 0, 1, 2,
 * ... */
static int sources_of(struct lowering *l, double **from)
{
    double **value = lower_get(l, l->g->tensors, sizeof *value);
    uint32_t at = 0;
    if (!value)
        return lower_no_memory(l);
    for (unsigned t = 0; t < l->g->tensors; t++)
        value[t] = l->g->tensor[t].constant;
    for (unsigned k = 0; k < l->node->inputs; k++) {
        const struct net_tensor *x = op_input(l->g, l->node, k);
        if (x->constant || value[l->node->input[k]])
            continue;
        double *v = value[l->node->input[k]] = lower_get(l, x->size, sizeof *v);
        if (!v)
            return lower_no_memory(l);
        for (uint32_t e = 0; e < x->size; e++)
            v[e] = at++;
    }
    *from = value[l->node->output[0]] = lower_get(l, l->g->tensor[l->node->output[0]].size, sizeof **from);
    if (!*from)
        return lower_no_memory(l);
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
    const struct fixed_type *a = &lower_tensor_of(l, l->node->input[0])->type;
    for (unsigned k = 1; k < l->node->inputs; k++) {
        const struct fixed_type *b = &lower_tensor_of(l, l->node->input[k])->type;
        if (a->width != b->width || a->integer != b->integer || a->is_signed != b->is_signed)
            return false;
    }
    return true;
}

int lower_move(struct lowering *l)
{
    int y = l->node->output[0];
    double *from;
    struct linear w;
    for (unsigned k = 0; k < (moves_only(l->node->op) ? 1 : l->node->inputs); k++)
        if (!lower_operand(l, k))
            return -1;
    const struct fixed_type *type = net_format_of(l->f, l->g->tensor[y].name);
    if (!type && (moves_only(l->node->op) || same_types(l)))
        type = &lower_tensor_of(l, l->node->input[0])->type;
    int out = lower_result(l, y);
    int fraction =
        moves_only(l->node->op) ? fixed_fraction(&lower_tensor_of(l, l->node->input[0])->type) : finest(l);
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

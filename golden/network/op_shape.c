/* What each operator accepts, and the shape of what it gives. */
#include "golden/network/op.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool same_shape(const struct net_shape *a, const struct net_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof *a->dim) == 0;
}

bool op_output(struct graph *g, const struct net_node *n, unsigned k, struct net_shape shape, uint8_t element)
{
    uint64_t size = 1;
    for (unsigned d = 0; d < shape.rank; d++) {
        size *= shape.dim[d];
        if (size > NET_MAX_ELEMENTS)
            return false;
    }
    if (k < n->outputs && n->output[k] >= 0) {
        struct net_tensor *t = &g->tensor[n->output[k]];
        t->shape = shape;
        t->size = (uint32_t)size;
        t->element = element;
    }
    return true;
}

static int give(struct graph *g, struct net_node *n, struct message *m, struct net_shape shape,
                uint8_t element)
{
    if (op_output(g, n, 0, shape, element))
        return 0;
    return op_wrong(g, n, m, "the result has more than %d elements", NET_MAX_ELEMENTS);
}

static int shape_wrong(const struct graph *g, const struct net_node *n, struct message *m)
{
    char text[2][NET_SHAPE_TEXT] = {"", ""};
    for (unsigned k = 0; k < 2 && op_input(g, n, k); k++)
        net_shape_print(&op_input(g, n, k)->shape, text[k]);
    return op_wrong(g, n, m, "shapes %s and %s do not go together", text[0], text[1]);
}

/* Right-aligned, a dimension of 1 repeats. */
static bool broadcast(const struct net_shape *a, const struct net_shape *b, struct net_shape *out)
{
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (unsigned d = 0; d < out->rank; d++) {
        unsigned from_end = out->rank - 1 - d;
        uint32_t x = from_end < a->rank ? a->dim[a->rank - 1 - from_end] : 1;
        uint32_t y = from_end < b->rank ? b->dim[b->rank - 1 - from_end] : 1;
        if (x != y && x != 1 && y != 1)
            return false;
        out->dim[d] = x == 1 ? y : x;
    }
    return true;
}

/* in repeats into exactly `out`. */
static bool broadcasts_into(const struct net_shape *in, const struct net_shape *out)
{
    struct net_shape both;
    return broadcast(in, out, &both) && same_shape(&both, out);
}

uint32_t op_broadcast_index(const struct net_shape *out, const struct net_shape *in, uint32_t e)
{
    uint32_t index = 0, stride = 1;
    for (unsigned d = 0; d < in->rank; d++) {
        unsigned axis = out->rank - 1 - d;
        uint32_t dim = in->dim[in->rank - 1 - d], at = e % out->dim[axis];
        e /= out->dim[axis];
        index += dim == 1 ? 0 : at * stride;
        stride *= dim;
    }
    return index;
}

int op_axis(const struct net_node *n, const struct net_shape *s, int64_t otherwise, bool ends)
{
    int64_t axis = op_integer(n, "axis", otherwise), rank = s->rank;
    if (axis < -rank || axis > rank - !ends)
        return -1;
    return (int)(axis < 0 ? axis + rank : axis);
}

/* ---- dense ---- */

static struct net_shape matrix(uint32_t rows, uint32_t columns)
{
    return (struct net_shape){2, {rows, columns}};
}

struct op_product op_product_of(const struct graph *g, const struct net_node *n)
{
    const struct net_shape *a = &op_input(g, n, 0)->shape, *b = &op_input(g, n, 1)->shape;
    struct op_product p = {0};
    p.trans_a = n->op == NET_GEMM && op_integer(n, "transA", 0);
    p.trans_b = n->op == NET_GEMM && op_integer(n, "transB", 0);
    uint32_t a_rows = a->rank > 1 ? a->dim[a->rank - 2] : 1, a_columns = a->dim[a->rank - 1];
    p.rows = p.trans_a ? a_columns : a_rows;
    p.inner = p.trans_a ? a_rows : a_columns;
    if (b->rank > 1)
        p.columns = p.trans_b ? b->dim[b->rank - 2] : b->dim[b->rank - 1];
    else
        p.columns = 1;
    return p;
}

static int gemm_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_tensor *a = op_input(g, n, 0), *b = op_input(g, n, 1), *c = op_input(g, n, 2);
    if (a->shape.rank != 2 || b->shape.rank != 2)
        return shape_wrong(g, n, m);
    struct op_product p = op_product_of(g, n);
    struct net_shape out = matrix(p.rows, p.columns);
    if (p.inner != b->shape.dim[p.trans_b ? 1 : 0])
        return shape_wrong(g, n, m);
    if (c && !broadcasts_into(&c->shape, &out))
        return op_wrong(g, n, m, "the bias does not fit the result");
    return give(g, n, m, out, a->element);
}

/* The dimensions in front of the matrix. */
static struct net_shape batch_of(const struct net_shape *s)
{
    struct net_shape batch = *s;
    batch.rank = s->rank > 2 ? s->rank - 2 : 0;
    return batch;
}

static int matmul_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_shape *a = &op_input(g, n, 0)->shape, *b = &op_input(g, n, 1)->shape;
    struct net_shape out, batch_a = batch_of(a), batch_b = batch_of(b);
    if (!a->rank || !b->rank)
        return shape_wrong(g, n, m);
    struct op_product p = op_product_of(g, n);
    uint32_t b_rows = b->rank > 1 ? b->dim[b->rank - 2] : b->dim[0];
    if (p.inner != b_rows || !broadcast(&batch_a, &batch_b, &out))
        return shape_wrong(g, n, m);
    if (a->rank > 1)
        out.dim[out.rank++] = p.rows;
    if (b->rank > 1)
        out.dim[out.rank++] = p.columns;
    return give(g, n, m, out, op_input(g, n, 0)->element);
}

/* ---- element by element ---- */

static int elementwise_shape(struct graph *g, struct net_node *n, struct message *m)
{
    struct net_shape out;
    if (!broadcast(&op_input(g, n, 0)->shape, &op_input(g, n, 1)->shape, &out))
        return shape_wrong(g, n, m);
    if (op_input(g, n, 0)->element != op_input(g, n, 1)->element)
        return op_wrong(g, n, m, "the operands have different element types");
    return give(g, n, m, out, op_input(g, n, 0)->element);
}

static int same_as_input(struct graph *g, struct net_node *n, struct message *m)
{
    return give(g, n, m, op_input(g, n, 0)->shape, op_input(g, n, 0)->element);
}

static int batch_norm_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_shape *x = &op_input(g, n, 0)->shape;
    uint32_t channels = x->rank > 1 ? x->dim[1] : x->rank ? x->dim[0] : 1;
    if (op_integer(n, "training_mode", 0))
        return op_wrong(g, n, m, "training_mode: 1 is for training (export the network for inference)");
    if (!op_integer(n, "spatial", 1))
        return op_wrong(g, n, m, "spatial: 0 is not supported (give one scale a channel)");
    if (!(op_number(n, "epsilon", 1e-5) >= 0))
        return op_wrong(g, n, m, "epsilon: is below 0 (give 0 or more)");
    for (unsigned k = 1; k < 5; k++)
        if (op_input(g, n, k)->shape.rank != 1 || op_input(g, n, k)->size != channels)
            return op_wrong(g, n, m, "input %u needs one number for each of the %u channels", k, channels);
    return same_as_input(g, n, m);
}

static int softmax_shape(struct graph *g, struct net_node *n, struct message *m)
{
    bool old = g->opset < 13;
    if (op_axis(n, &op_input(g, n, 0)->shape, old ? 1 : -1, false) < 0)
        return op_wrong(g, n, m, "axis: is not one of the input's");
    return same_as_input(g, n, m);
}

/* ---- shape only ---- */

static int flatten_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_tensor *x = op_input(g, n, 0);
    int axis = op_axis(n, &x->shape, 1, true);
    if (axis < 0)
        return op_wrong(g, n, m, "axis: is not one of the input's");
    uint32_t rows = 1, columns = 1;
    for (int d = 0; d < (int)x->shape.rank; d++)
        *(d < axis ? &rows : &columns) *= x->shape.dim[d];
    return give(g, n, m, matrix(rows, columns), x->element);
}

/* One entry of Reshape's list: a size, 0 for the input's, or -1 for what is left (kept as 0 in *out, *open
 * says where). */
static bool reshape_entry(const struct net_tensor *x, double entry, bool zero_is_zero, struct net_shape *out,
                          int *open)
{
    unsigned d = out->rank++;
    if (entry == -1) {
        bool first = *open < 0;
        *open = (int)d;
        out->dim[d] = 1;
        return first;
    }
    if (entry == 0 && !zero_is_zero) {
        out->dim[d] = d < x->shape.rank ? x->shape.dim[d] : 0;
        return d < x->shape.rank;
    }
    out->dim[d] = entry >= 0 && entry <= NET_MAX_ELEMENTS ? (uint32_t)entry : 0;
    return entry >= 0 && entry <= NET_MAX_ELEMENTS;
}

static int reshape_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_tensor *x = op_input(g, n, 0), *list = op_input(g, n, 1);
    struct net_shape out = {0, {0}};
    int open = -1;
    if (!list->constant)
        return op_wrong(g, n, m, "the shape is computed (give a constant one)");
    if (list->size > NET_MAX_RANK)
        return op_wrong(g, n, m, "more than %d dimensions", NET_MAX_RANK);
    for (uint32_t i = 0; i < list->size; i++)
        if (!reshape_entry(x, list->constant[i], op_integer(n, "allowzero", 0), &out, &open))
            return op_wrong(g, n, m, "entry %u of the shape is %g (give sizes, 0 to keep one, -1 once)", i,
                            list->constant[i]);
    uint64_t size = 1;
    for (unsigned d = 0; d < out.rank; d++)
        if ((size *= out.dim[d]) > NET_MAX_ELEMENTS)
            return op_wrong(g, n, m, "the result has more than %d elements", NET_MAX_ELEMENTS);
    if (open >= 0 && size && x->size % size == 0)
        size *= out.dim[open] = (uint32_t)(x->size / size);
    if (size != x->size)
        return op_wrong(g, n, m, "%u elements cannot take that shape", x->size);
    return give(g, n, m, out, x->element);
}

static int transpose_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_shape *x = &op_input(g, n, 0)->shape;
    const struct net_attribute *perm = op_attribute(n, "perm");
    struct net_shape out = {x->rank, {0}};
    unsigned seen = 0;
    if (perm && perm->n != x->rank)
        return op_wrong(g, n, m, "perm: has %zu entries for %u dimensions", perm->n, x->rank);
    for (unsigned d = 0; d < x->rank; d++) {
        int64_t from = perm ? perm->ints[d] : x->rank - 1 - d;
        if (from < 0 || from >= x->rank || seen >> from & 1)
            return op_wrong(g, n, m, "perm: is no order of the dimensions");
        seen |= 1u << from;
        out.dim[d] = x->dim[from];
    }
    return give(g, n, m, out, op_input(g, n, 0)->element);
}

static int concat_shape(struct graph *g, struct net_node *n, struct message *m)
{
    struct net_shape out = op_input(g, n, 0)->shape;
    int axis = op_axis(n, &out, INT64_MAX, false);
    if (axis < 0)
        return op_wrong(g, n, m, "axis: is missing or not one of the input's");
    for (unsigned k = 1; k < n->inputs; k++) {
        const struct net_tensor *x = op_input(g, n, k);
        if (!x)
            return op_wrong(g, n, m, "input %u is left out", k);
        struct net_shape s = x->shape;
        uint64_t sum = (uint64_t)out.dim[axis] + (s.rank == out.rank ? s.dim[axis] : 0);
        s.dim[axis] = out.dim[axis];
        if (!same_shape(&s, &out) || sum > NET_MAX_ELEMENTS)
            return op_wrong(g, n, m, "input %u has another shape", k);
        out.dim[axis] = (uint32_t)sum;
    }
    return give(g, n, m, out, op_input(g, n, 0)->element);
}

/* Between single and double precision, and from integers to them: numbers stay what they are. */
static int cast_shape(struct graph *g, struct net_node *n, struct message *m)
{
    int64_t to = op_integer(n, "to", 0);
    uint8_t from = op_input(g, n, 0)->element;
    if ((to != ELEMENT_FLOAT && to != ELEMENT_DOUBLE) || from == ELEMENT_FLOAT16 || from == ELEMENT_BFLOAT16)
        return op_wrong(g, n, m, "to: %lld is not supported (give FLOAT or DOUBLE, from them or integers)",
                        (long long)to);
    return give(g, n, m, op_input(g, n, 0)->shape, (uint8_t)to);
}

static int constant_shape(struct graph *g, struct net_node *n, struct message *m)
{
    struct net_shape shape = {0, {0}};
    if (n->attributes != 1)
        return op_wrong(g, n, m,
                        "needs exactly one of value, value_float, value_floats, value_int, value_ints");
    const struct net_attribute *a = n->attribute;
    if (a->kind == 't')
        return give(g, n, m, a->shape, a->element);
    if (a->kind == 'I' || a->kind == 'F')
        shape = (struct net_shape){1, {(uint32_t)a->n}};
    return give(g, n, m, shape, strchr("iI", a->kind) ? ELEMENT_INT64 : ELEMENT_FLOAT);
}

/* ---- quantisation ---- */

static bool all_positive(const struct net_tensor *t)
{
    for (uint32_t i = 0; t->constant && i < t->size; i++)
        if (!(t->constant[i] > 0) || isinf(t->constant[i]))
            return false;
    return true;
}

/* QuantizeLinear and DequantizeLinear: one scale, or one for each place of an axis. */
static int linear_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_tensor *x = op_input(g, n, 0), *scale = op_input(g, n, 1), *zero = op_input(g, n, 2);
    if (scale->size != 1) {
        int axis = op_axis(n, &x->shape, 1, false);
        if (axis < 0 || scale->shape.rank != 1 || scale->size != x->shape.dim[axis])
            return op_wrong(g, n, m, "there must be one scale, or one for each place of the axis");
    }
    if (zero && zero->size != scale->size)
        return op_wrong(g, n, m, "zero point and scale differ in shape");
    if (!all_positive(scale))
        return op_wrong(g, n, m, "a scale is not above 0");
    if (n->op == NET_DEQUANTIZE)
        return give(g, n, m, x->shape, ELEMENT_FLOAT);
    uint8_t element = zero ? zero->element : ELEMENT_UINT8;
    if (element < ELEMENT_UINT8 || element > ELEMENT_INT16)
        return op_wrong(g, n, m, "the zero point's type is not supported (give an integer of 8 or 16 bits)");
    return give(g, n, m, x->shape, element);
}

static bool whole_bits(const struct net_tensor *t)
{
    for (uint32_t i = 0; t->constant && i < t->size; i++)
        if (!(t->constant[i] >= 1 && t->constant[i] <= 64) || t->constant[i] != floor(t->constant[i]))
            return false;
    return t->constant != NULL;
}

/* Quant, BipolarQuant, Trunc: all parameters repeat over the input. */
static int qonnx_shape(struct graph *g, struct net_node *n, struct message *m)
{
    const struct net_tensor *x = op_input(g, n, 0);
    for (unsigned k = 1; k < n->inputs; k++)
        if (!broadcasts_into(&op_input(g, n, k)->shape, &x->shape))
            return op_wrong(g, n, m, "input %u does not repeat over the first one", k);
    if (!all_positive(op_input(g, n, 1)))
        return op_wrong(g, n, m, "a scale is not above 0");
    const char *mode = op_word(n, "rounding_mode", n->op == NET_TRUNC ? "FLOOR" : "ROUND");
    if (!op_round_known(mode))
        return op_wrong(g, n, m,
                        "rounding_mode: '%.40s' is unknown (give ROUND, HALF_EVEN, HALF_UP, HALF_DOWN, CEIL, "
                        "FLOOR, UP, DOWN or ROUND_TO_ZERO)",
                        mode);
    bool second = n->op == NET_TRUNC && n->inputs == 6;
    if (second && !all_positive(op_input(g, n, 4)))
        return op_wrong(g, n, m, "the output's scale is not above 0");
    for (unsigned k = 3; k < n->inputs; k++)
        if (!(second && k == 4) && !whole_bits(op_input(g, n, k)))
            return op_wrong(g, n, m, "the bit width must be a constant in 1..64");
    return same_as_input(g, n, m);
}

uint64_t op_multiplies(const struct graph *g, const struct net_node *n)
{
    const struct net_tensor *y = &g->tensor[n->output[0]];
    switch (n->op) {
    case NET_GEMM:
    case NET_MATMUL: return (uint64_t)y->size * op_product_of(g, n).inner;
    case NET_MUL:
    case NET_BATCH_NORM: return y->size;
    case NET_SVM_REGRESSOR:
        return op_attribute(n, "support_vectors") ? op_attribute(n, "support_vectors")->n : 0;
    default: return 0;
    }
}

static int one_shape(struct graph *g, struct net_node *n, struct message *m)
{
    switch (n->op) {
    case NET_GEMM: return gemm_shape(g, n, m);
    case NET_MATMUL: return matmul_shape(g, n, m);
    case NET_ADD:
    case NET_SUB:
    case NET_MUL: return elementwise_shape(g, n, m);
    case NET_BATCH_NORM: return batch_norm_shape(g, n, m);
    case NET_SOFTMAX: return softmax_shape(g, n, m);
    case NET_FLATTEN: return flatten_shape(g, n, m);
    case NET_RESHAPE: return reshape_shape(g, n, m);
    case NET_TRANSPOSE: return transpose_shape(g, n, m);
    case NET_CONCAT: return concat_shape(g, n, m);
    case NET_CAST: return cast_shape(g, n, m);
    case NET_CONSTANT: return constant_shape(g, n, m);
    case NET_QUANTIZE:
    case NET_DEQUANTIZE: return linear_shape(g, n, m);
    case NET_QUANT:
    case NET_BIPOLAR:
    case NET_TRUNC: return qonnx_shape(g, n, m);
    case NET_TREE_REGRESSOR:
    case NET_TREE_CLASSIFIER: return trees_shape(g, n, m);
    case NET_SVM_REGRESSOR: return svm_shape(g, n, m);
    default: return same_as_input(g, n, m);
    }
}

int op_shape(struct graph *g, struct net_node *n, struct message *m)
{
    for (unsigned k = 0; k < op_table[n->op].least_inputs; k++)
        if (!op_input(g, n, k))
            return op_wrong(g, n, m, "input %u is left out", k);
    return one_shape(g, n, m);
}

/* The operators in double precision. Shapes have been checked (op_shape.c): nothing here can fail. */
#include "golden/network/op.h"

#include <math.h>
#include <string.h>

enum { MOST_OPERANDS = 6 }; /* of the operators that are computed by them */

struct operands {
    const struct net_tensor *x, *y; /* first input, first output */
    const double *in[MOST_OPERANDS];
    double *out;
};

static struct operands operands_of(const struct graph *g, const struct net_node *n, double *const *value)
{
    struct operands o = {op_input(g, n, 0), &g->tensor[n->output[0]], {NULL}, value[n->output[0]]};
    for (unsigned k = 0; k < n->inputs && k < MOST_OPERANDS; k++)
        o.in[k] = n->input[k] >= 0 ? value[n->input[k]] : NULL;
    return o;
}

/* ---- dense ---- */

static void product(const struct op_product *p, const double *a, const double *b, double *y)
{
    for (uint32_t r = 0; r < p->rows; r++)
        for (uint32_t c = 0; c < p->columns; c++) {
            double sum = 0;
            for (uint32_t i = 0; i < p->inner; i++)
                sum += a[p->trans_a ? i * p->rows + r : r * p->inner + i] *
                       b[p->trans_b ? c * p->inner + i : i * p->columns + c];
            y[r * p->columns + c] = sum;
        }
}

static void gemm(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    struct op_product p = op_product_of(g, n);
    double alpha = op_number(n, "alpha", 1), beta = op_number(n, "beta", 1);
    product(&p, o->in[0], o->in[1], o->out);
    for (uint32_t e = 0; e < o->y->size; e++) {
        o->out[e] *= alpha;
        if (o->in[2])
            o->out[e] += beta * o->in[2][op_broadcast_index(&o->y->shape, &op_input(g, n, 2)->shape, e)];
    }
}

/* The first element of matrix `index` of the result in operand k. */
static uint32_t matrix_at(const struct graph *g, const struct net_node *n, unsigned k, uint32_t index,
                          uint32_t size)
{
    struct net_shape in = op_input(g, n, k)->shape, out = g->tensor[n->output[0]].shape;
    unsigned tail = (op_input(g, n, 0)->shape.rank > 1) + (op_input(g, n, 1)->shape.rank > 1);
    in.rank = in.rank > 2 ? in.rank - 2 : 0;
    out.rank -= tail;
    return op_broadcast_index(&out, &in, index) * size;
}

static void matmul(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    struct op_product p = op_product_of(g, n);
    uint32_t size = p.rows * p.columns;
    for (uint32_t e = 0; size && e < o->y->size / size; e++)
        product(&p, o->in[0] + matrix_at(g, n, 0, e, p.rows * p.inner),
                o->in[1] + matrix_at(g, n, 1, e, p.inner * p.columns), o->out + e * size);
}

/* ---- element by element ---- */

/* Integers wrap in their own width. */
static double wrapped(uint8_t element, double x)
{
    static const struct {
        uint8_t element, bits, is_signed;
    } integers[] = {{ELEMENT_UINT8, 8, 0},  {ELEMENT_INT8, 8, 1},    {ELEMENT_UINT16, 16, 0},
                    {ELEMENT_INT16, 16, 1}, {ELEMENT_UINT32, 32, 0}, {ELEMENT_INT32, 32, 1}};
    for (unsigned i = 0; i < sizeof integers / sizeof *integers; i++)
        if (integers[i].element == element) {
            double range = ldexp(1, integers[i].bits);
            x -= floor(x / range) * range;
            return integers[i].is_signed && x >= range / 2 ? x - range : x;
        }
    return x;
}

static double combined(enum net_op op, double a, double b)
{
    return op == NET_ADD ? a + b : op == NET_SUB ? a - b : a * b;
}

static void elementwise(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    const struct net_shape *out = &o->y->shape, *a = &op_input(g, n, 0)->shape,
                           *b = &op_input(g, n, 1)->shape;
    for (uint32_t e = 0; e < o->y->size; e++) {
        double x = o->in[0][op_broadcast_index(out, a, e)], y = o->in[1][op_broadcast_index(out, b, e)];
        o->out[e] = wrapped(o->y->element, combined(n->op, x, y));
    }
}

static double activation(enum net_op op, double alpha, double x)
{
    switch (op) {
    case NET_RELU: return x > 0 ? x : 0 * x;
    case NET_LEAKY_RELU: return x >= 0 ? x : alpha * x;
    case NET_SIGMOID: return 1 / (1 + exp(-x));
    case NET_TANH: return tanh(x);
    default: return x;
    }
}

static void activate(const struct net_node *n, const struct operands *o)
{
    double alpha = n->op == NET_LEAKY_RELU ? op_number(n, "alpha", 0.01) : 0;
    for (uint32_t e = 0; e < o->y->size; e++)
        o->out[e] = activation(n->op, alpha, o->in[0][e]);
}

/* How many elements follow each other for one place of an axis. */
static uint32_t inner_size(const struct net_shape *s, unsigned axis)
{
    uint32_t size = 1;
    for (unsigned d = axis + 1; d < s->rank; d++)
        size *= s->dim[d];
    return size;
}

static void batch_norm(const struct net_node *n, const struct operands *o)
{
    const struct net_shape *s = &o->x->shape;
    unsigned axis = s->rank > 1;
    uint32_t inner = inner_size(s, axis), channels = s->rank ? s->dim[axis] : 1;
    double epsilon = op_number(n, "epsilon", 1e-5);
    for (uint32_t e = 0; e < o->y->size; e++) {
        uint32_t c = e / inner % channels;
        o->out[e] = (o->in[0][e] - o->in[3][c]) / sqrt(o->in[4][c] + epsilon) * o->in[1][c] + o->in[2][c];
    }
}

static void softmax_row(const double *x, double *y, uint32_t n, uint32_t step)
{
    double most = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        most = fmax(most, x[i * step]);
    for (uint32_t i = 0; i < n; i++)
        sum += y[i * step] = exp(x[i * step] - most);
    for (uint32_t i = 0; i < n; i++)
        y[i * step] /= sum;
}

/* Before opset 13 all dimensions from the axis on were one row. */
static void softmax(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    const struct net_shape *s = &o->x->shape;
    bool old = g->opset < 13;
    int axis = op_axis(n, s, old ? 1 : -1, false);
    uint32_t inner = inner_size(s, (unsigned)axis), row = s->dim[axis], step = old ? 1 : inner;
    if (old)
        row *= inner;
    for (uint32_t e = 0; row && e < o->x->size / row; e++) {
        uint32_t first = e / step * step * row + e % step;
        softmax_row(o->in[0] + first, o->out + first, row, step);
    }
}

/* ---- shape only ---- */

static void transpose(const struct net_node *n, const struct operands *o)
{
    const struct net_attribute *perm = op_attribute(n, "perm");
    const struct net_shape *in = &o->x->shape, *out = &o->y->shape;
    for (uint32_t e = 0; e < o->y->size; e++) {
        uint32_t rest = e, from = 0;
        for (unsigned d = out->rank; d-- > 0;) {
            unsigned axis = perm ? (unsigned)perm->ints[d] : in->rank - 1 - d;
            from += rest % out->dim[d] * inner_size(in, axis);
            rest /= out->dim[d];
        }
        o->out[e] = o->in[0][from];
    }
}

static void concat(const struct graph *g, const struct net_node *n, double *const *value)
{
    const struct net_tensor *y = &g->tensor[n->output[0]];
    int axis = op_axis(n, &y->shape, 0, false);
    uint32_t inner = inner_size(&y->shape, (unsigned)axis), row = inner * y->shape.dim[axis], at = 0;
    for (unsigned k = 0; k < n->inputs; k++) {
        const struct net_tensor *x = op_input(g, n, k);
        uint32_t part = inner * x->shape.dim[axis];
        for (uint32_t r = 0; part && r < x->size / part; r++)
            memcpy(value[n->output[0]] + r * row + at, value[n->input[k]] + r * part, part * sizeof(double));
        at += part;
    }
}

static void constant(const struct net_node *n, const struct operands *o)
{
    const struct net_attribute *a = n->attribute;
    if (a->kind == 'i' || a->kind == 'f')
        o->out[0] = a->kind == 'i' ? (double)a->i : a->f;
    else
        for (size_t e = 0; e < a->n; e++)
            o->out[e] = a->kind == 'I' ? (double)a->ints[e] : a->floats[e];
}

/* ---- quantisation ---- */

/* Half to even, whatever the rounding mode of the machine is. */
static double half_even(double x)
{
    double down = floor(x), rest = x - down;
    if (rest != 0.5)
        return floor(x + 0.5);
    return fmod(down, 2) == 0 ? down : down + 1;
}

static const struct {
    const char *name;
    char mode;
} round_modes[] = {{"ROUND", 'e'}, {"HALF_EVEN", 'e'}, {"HALF_UP", 'u'}, {"HALF_DOWN", 'd'},    {"CEIL", 'c'},
                   {"FLOOR", 'f'}, {"UP", 'U'},        {"DOWN", 'z'},    {"ROUND_TO_ZERO", 'z'}};

static char round_mode(const char *name)
{
    for (unsigned i = 0; i < sizeof round_modes / sizeof *round_modes; i++)
        if (strcmp(round_modes[i].name, name) == 0)
            return round_modes[i].mode;
    return 0;
}

bool op_round_known(const char *mode)
{
    return round_mode(mode) != 0;
}

double op_round(const char *mode, double x)
{
    switch (round_mode(mode)) {
    case 'u': return copysign(floor(fabs(x) + 0.5), x);
    case 'd': return copysign(ceil(fabs(x) - 0.5), x);
    case 'c': return ceil(x);
    case 'f': return floor(x);
    case 'U': return copysign(ceil(fabs(x)), x);
    case 'z': return trunc(x);
    default: return half_even(x);
    }
}

static double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

void op_quant_limits(double bits, bool is_signed, bool narrow, double *low, double *high)
{
    *low = is_signed ? -ldexp(1, (int)bits - 1) + narrow : 0;
    *high = is_signed ? ldexp(1, (int)bits - 1) - 1 : ldexp(1, (int)bits) - 1 - narrow;
}

/* Parameter k for element e of the result. */
static double parameter(const struct graph *g, const struct net_node *n, const struct operands *o, unsigned k,
                        uint32_t e)
{
    return o->in[k][op_broadcast_index(&o->y->shape, &op_input(g, n, k)->shape, e)];
}

static void quant(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    const char *mode = op_word(n, "rounding_mode", "ROUND");
    for (uint32_t e = 0; e < o->y->size; e++) {
        double scale = parameter(g, n, o, 1, e), zero = parameter(g, n, o, 2, e), low, high;
        op_quant_limits(parameter(g, n, o, 3, e), op_integer(n, "signed", 1), op_integer(n, "narrow", 0),
                        &low, &high);
        double y = op_round(mode, clamped(o->in[0][e] / scale + zero, low, high));
        o->out[e] = (y - zero) * scale;
    }
}

static void bipolar(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    for (uint32_t e = 0; e < o->y->size; e++) {
        double scale = parameter(g, n, o, 1, e);
        o->out[e] = o->in[0][e] >= 0 ? scale : -scale;
    }
}

/* Version 2: to another scale, and into its range. The ratio of scales is taken for a power of two. */
static double truncated(const struct graph *g, const struct net_node *n, const struct operands *o, uint32_t e,
                        double y)
{
    double scale = parameter(g, n, o, 1, e), to = parameter(g, n, o, 4, e), low, high;
    double ratio = exp2(half_even(log2(to / scale)));
    op_quant_limits(parameter(g, n, o, 5, e), op_integer(n, "signed", 1), op_integer(n, "narrow", 0), &low,
                    &high);
    y = op_round(op_word(n, "rounding_mode", "FLOOR"), clamped(y / ratio, low, high));
    return (y - parameter(g, n, o, 2, e) / ratio) * to;
}

static void truncate(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    const char *mode = op_word(n, "rounding_mode", "FLOOR");
    for (uint32_t e = 0; e < o->y->size; e++) {
        double scale = parameter(g, n, o, 1, e), zero = parameter(g, n, o, 2, e);
        double y = half_even(o->in[0][e] / scale + zero);
        if (n->inputs == 6) {
            o->out[e] = truncated(g, n, o, e, y);
            continue;
        }
        double drop = parameter(g, n, o, 3, e) - parameter(g, n, o, 4, e);
        o->out[e] = (op_round(mode, ldexp(y, -(int)drop)) - zero) * scale;
    }
}

static void linear(const struct graph *g, const struct net_node *n, const struct operands *o)
{
    const struct net_tensor *scale = op_input(g, n, 1);
    int axis = scale->size == 1 ? 0 : op_axis(n, &o->x->shape, 1, false);
    uint32_t inner = scale->size == 1 ? 1 : inner_size(&o->x->shape, (unsigned)axis);
    bool is_signed = o->y->element == ELEMENT_INT8 || o->y->element == ELEMENT_INT16;
    double low, high;
    op_quant_limits(o->y->element <= ELEMENT_INT8 ? 8 : 16, is_signed, false, &low, &high);
    for (uint32_t e = 0; e < o->y->size; e++) {
        uint32_t c = e / inner % scale->size;
        double zero = o->in[2] ? o->in[2][c] : 0;
        if (n->op == NET_DEQUANTIZE)
            o->out[e] = (o->in[0][e] - zero) * o->in[1][c];
        else
            o->out[e] = clamped(half_even(o->in[0][e] / o->in[1][c]) + zero, low, high);
    }
}

void op_compute(const struct graph *g, const struct net_node *n, double *const *value)
{
    struct operands o = operands_of(g, n, value);
    switch (n->op) {
    case NET_GEMM: gemm(g, n, &o); break;
    case NET_MATMUL: matmul(g, n, &o); break;
    case NET_ADD:
    case NET_SUB:
    case NET_MUL: elementwise(g, n, &o); break;
    case NET_BATCH_NORM: batch_norm(n, &o); break;
    case NET_RELU:
    case NET_LEAKY_RELU:
    case NET_SIGMOID:
    case NET_TANH: activate(n, &o); break;
    case NET_SOFTMAX: softmax(g, n, &o); break;
    case NET_FLATTEN:
    case NET_RESHAPE:
    case NET_CAST:
    case NET_IDENTITY: memcpy(o.out, o.in[0], o.y->size * sizeof *o.out); break;
    case NET_TRANSPOSE: transpose(n, &o); break;
    case NET_CONCAT: concat(g, n, value); break;
    case NET_CONSTANT: constant(n, &o); break;
    case NET_QUANTIZE:
    case NET_DEQUANTIZE: linear(g, n, &o); break;
    case NET_QUANT: quant(g, n, &o); break;
    case NET_BIPOLAR: bipolar(g, n, &o); break;
    case NET_TRUNC: truncate(g, n, &o); break;
    case NET_TREE_REGRESSOR:
    case NET_TREE_CLASSIFIER: trees_compute(g, n, value); break;
    case NET_SVM_REGRESSOR: svm_compute(g, n, value); break;
    case NET_OPS: break;
    }
}

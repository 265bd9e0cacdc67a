/* From a graph to steps: what the files lower_*.c share. Internal to golden/network.
 *
 * quantised.c walks the nodes in order; each becomes one step or several. Functions that return int give -1
 * with a message, those that return a pointer NULL.
 */
#ifndef GOLDEN_NETWORK_LOWERING_H
#define GOLDEN_NETWORK_LOWERING_H

#include "golden/network/arena.h"
#include "golden/network/op.h"
#include "golden/network/quantised.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lowering {
    struct quantised *q;
    const struct graph *g;
    struct net_formats *f;
    const struct net_node *node;      /* the one at work */
    unsigned *consumers;              /* by the graph's tensor */
    const struct net_node **consumer; /* the last one */
    bool *absorbed;                   /* by node of the graph: batch norms folded into dense layers */
    struct message *m;
};

enum {
    LOWER_BIAS_BITS = 8,    /* what is added to products gets so many more bits than weights */
    LOWER_REACH_BITS = 118, /* of intermediate numbers */
    LOWER_MOST_STEPS = 24   /* that one node becomes */
};

int lower_failed(struct lowering *l, const char *what); /* about the node at work */
int lower_no_memory(struct lowering *l);
void *lower_get(struct lowering *l, size_t n, size_t size);

static inline fixed_wide lower_larger(fixed_wide a, fixed_wide b)
{
    return a > b ? a : b;
}

static inline fixed_wide lower_magnitude(fixed_wide v)
{
    return v < 0 ? -v : v;
}

static inline int lower_larger_int(int a, int b)
{
    return a > b ? a : b;
}

int lower_bits(fixed_wide v); /* without the sign */

/* ---- constants: lower_constant.c ---- */

/* Integers of named constants and their fraction bits; the format is the file's, or the smallest exact one,
 * or of the file's constant_bits and `extra`. */
int64_t *lower_constants(struct lowering *l, const char *name, const double *v, uint32_t n, int extra,
                         int *fraction);
const char *lower_named(struct lowering *l, const char *end); /* the node's name and this */

/* ---- tensors and steps: lower_step.c ---- */

/* A tensor of the node's own, or one of the graph's; its number. */
int lower_tensor(struct lowering *l, const char *name, struct net_shape shape, uint32_t size);
int lower_result(struct lowering *l, int graph_tensor);
struct quantised_tensor *lower_tensor_of(struct lowering *l, int graph_tensor);
/* Input k of the node, which must be computed. */
struct quantised_tensor *lower_operand(struct lowering *l, unsigned k);

/* The format of a tensor that file or default give; NULL for the exact one. */
const struct fixed_type *lower_given_type(struct lowering *l, int graph_tensor);

struct quantised_step *lower_step(struct lowering *l, enum quantised_kind kind);
fixed_wide lower_furthest(const struct quantised_tensor *t, uint32_t e); /* from 0 */
int lower_check_reach(struct lowering *l, const struct quantised_step *s);
/* Arrays for the range of each element before the cast. */
int lower_ranges(struct lowering *l, uint32_t n, fixed_wide **low, fixed_wide **high);
/* Type and ranges of a step's result, from the ranges before the cast. `type` NULL: the exact one. */
int lower_finish(struct lowering *l, struct quantised_step *s, const struct fixed_type *type,
                 const fixed_wide *low, const fixed_wide *high);

/* A step of sums being written, element by element. Weights and biases come in their own fractions. */
struct linear {
    struct lowering *l;
    struct quantised_step *s;
    uint32_t terms;
    fixed_wide *low, *high; /* of the sum, by element */
    uint32_t element;
};

int linear_begin(struct linear *w, struct lowering *l, int out, uint32_t room, int fraction);
/* weight (of weight_fraction) times element e of t */
int linear_term(struct linear *w, int t, uint32_t e, int64_t weight, int weight_fraction);
int linear_next(struct linear *w, int64_t bias, int bias_fraction);
int linear_end(struct linear *w, const struct fixed_type *type);

/* out[e] = weight[k] * x[e] + bias[k], k given by a function of e. */
struct affine {
    int64_t *weight, *bias;
    int weight_fraction, bias_fraction;
    uint32_t (*of)(const struct lowering *l, uint32_t e);
};
uint32_t lower_same_element(const struct lowering *l, uint32_t e);
int lower_affine(struct lowering *l, const struct affine *a, int source, int y,
                 const struct fixed_type *type);

/* A step on one operand whose result is the node's. */
struct quantised_step *lower_unary(struct lowering *l, enum quantised_kind kind);

/* ---- parts of nodes, from tensors to a tensor ---- */

enum table_function { TABLE_SIGMOID, TABLE_TANH, TABLE_EXP, TABLE_EXP_MINUS, TABLE_INVERSE };

struct lower_table {
    enum table_function function;
    struct fixed_type index, result;
    const struct fixed_type *entries; /* NULL: the result's type */
};

int lower_table(struct lowering *l, const struct lower_table *t, int x, int out);
/* The type that file, a Quant or the default give to what cannot be exact. */
int lower_rounded_type(struct lowering *l, int graph_tensor, struct fixed_type *type);

/* The product of two tensors of one size; type NULL: the exact one. */
int lower_product_of(struct lowering *l, int a, int b, int out, const struct fixed_type *type);

/* x in another type; its Sigmoid. */
int lower_copy(struct lowering *l, int x, int out, const struct fixed_type *type);
int lower_sigmoid_of(struct lowering *l, int x, int out, const struct fixed_type *type);

/* Rows of `row` scores. */
int lower_softmax_of(struct lowering *l, int x, uint32_t row, int out, const struct fixed_type *type);
int lower_largest(struct lowering *l, int x, uint32_t row, int out); /* 1 at the first largest, else 0 */

/* ---- nodes ---- */

int lower_dense(struct lowering *l);
int lower_norm(struct lowering *l);
int lower_with_constant(struct lowering *l, unsigned k); /* k: the place of the computed operand */
int lower_sum(struct lowering *l);
int lower_product(struct lowering *l);
int lower_move(struct lowering *l);
int lower_quant(struct lowering *l);
int lower_linear_quant(struct lowering *l);
int lower_trunc(struct lowering *l);
int lower_bipolar(struct lowering *l);
int lower_relu(struct lowering *l);
int lower_leaky(struct lowering *l);
int lower_sigmoid(struct lowering *l); /* and Tanh */
int lower_softmax(struct lowering *l);
int lower_trees(struct lowering *l);
int lower_svm(struct lowering *l);

/* The number format that a Quant node is; the one power of two that is its scale. */
int lower_quant_type(struct lowering *l, const struct net_node *n, struct fixed_type *t);
int lower_scale(struct lowering *l, const struct net_node *n, int *exponent);

#ifdef __cplusplus
}
#endif
#endif

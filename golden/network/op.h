/* What the parts of the importer and the evaluations know about operators. Internal to golden/network. */
#ifndef GOLDEN_NETWORK_OP_H
#define GOLDEN_NETWORK_OP_H

#include "golden/network/graph.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct op_info {
    const char *name;
    enum op_domain { ONNX, ONNX_ML, QONNX } domain;
    unsigned least_inputs, most_inputs, most_outputs;
    const char *attributes;
};
extern const struct op_info op_table[NET_OPS];

/* A graph without anything in it; NULL when memory is out. */
struct graph *graph_new(const char *path);

/* "file: node 'fc1' (Gemm): ..." into the message; returns -1. */
int op_wrong(const struct graph *g, const struct net_node *n, struct message *m, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* An attribute, or NULL; its value, or the default. */
const struct net_attribute *op_attribute(const struct net_node *n, const char *name);
int64_t op_integer(const struct net_node *n, const char *name, int64_t otherwise);
double op_number(const struct net_node *n, const char *name, double otherwise);
const char *op_word(const struct net_node *n, const char *name, const char *otherwise);

/* The tensor of input k, or NULL when it is left out. */
const struct net_tensor *op_input(const struct graph *g, const struct net_node *n, unsigned k);

/* Checks attributes and inputs and sets shape, size and element of the outputs. Returns 0, or -1 and a
 * message. */
int op_shape(struct graph *g, struct net_node *n, struct message *m);

/* value[t]: the numbers of tensor t; those of the outputs are written. Shapes have been checked. */
void op_compute(const struct graph *g, const struct net_node *n, double *const *value);

/* Multiplications of one evaluation. */
uint64_t op_multiplies(const struct graph *g, const struct net_node *n);

/* MatMul and Gemm as one: [batch] x rows x inner times inner x columns. */
struct op_product {
    uint32_t rows, inner, columns;
    bool trans_a, trans_b;
};
struct op_product op_product_of(const struct graph *g, const struct net_node *n);

/* The element of an operand that broadcasts to `out`, for element e of out. */
uint32_t op_broadcast_index(const struct net_shape *out, const struct net_shape *in, uint32_t e);

/* Quant: the limits of the integers. */
void op_quant_limits(double bits, bool is_signed, bool narrow, double *low, double *high);

/* One of QONNX's rounding modes. */
double op_round(const char *mode, double x);
bool op_round_known(const char *mode);

/* Axis attribute (negative: from the end) of a shape, or -1. `ends`: the rank itself is allowed. */
int op_axis(const struct net_node *n, const struct net_shape *s, int64_t otherwise, bool ends);

/* Trees and support vectors: trees.c, svm.c. Shape checks everything, so that compute cannot fail. */
int trees_shape(struct graph *g, struct net_node *n, struct message *m);
void trees_compute(const struct graph *g, const struct net_node *n, double *const *value);
int svm_shape(struct graph *g, struct net_node *n, struct message *m);
void svm_compute(const struct graph *g, const struct net_node *n, double *const *value);
void op_post_transform(const char *name, double *score, uint32_t n);
bool op_post_transform_known(const char *name);

/* Sets an output's shape, size and element; false when it has too many elements. */
bool op_output(struct graph *g, const struct net_node *n, unsigned k, struct net_shape shape,
               uint8_t element);

#ifdef __cplusplus
}
#endif
#endif

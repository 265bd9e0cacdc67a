/* A network as a graph of operators between tensors, as ONNX has it, and its evaluation in double precision.
 *
 *     struct graph *g = graph_read_onnx("student.onnx", &message);
 *     struct float_run *run = float_run_new(g, &message);
 *     double *x = float_run_input(run, 0);             // fill it, graph_input(g, 0)->size numbers
 *     float_run_evaluate(run);
 *     const double *y = float_run_value(run, g->output[0]);
 *     float_run_free(run);
 *     graph_free(g);
 *
 * Everything is known when a graph has been read: shapes are fixed (a dimension with a name, the batch, is 1)
 * and what depends on constants only has been computed. Nodes are in the order of evaluation.
 *
 * The evaluation is the reference for what a network means; it computes in double where ONNX says float, so
 * it differs from float implementations in the last bits. Exact arithmetic in chosen formats:
 * golden/network/quantised.h.
 */
#ifndef GOLDEN_NETWORK_GRAPH_H
#define GOLDEN_NETWORK_GRAPH_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NET_MAX_RANK = 8,
    NET_MAX_ELEMENTS = 1 << 22, /* of one tensor */
    NET_MAX_TENSORS = 1 << 16,
    NET_MAX_MULTIPLIES = 1 << 30, /* of one evaluation */
    NET_MAX_FILE = 1 << 30,       /* bytes of a model file */
};

enum net_op {
#define OP(id, ...) NET_##id,
#include "golden/network/ops.def"
    NET_OPS
};

const char *net_op_name(enum net_op op); /* as ONNX has it */

/* The numbers of ONNX's TensorProto.DataType. */
enum element {
    ELEMENT_FLOAT = 1,
    ELEMENT_UINT8,
    ELEMENT_INT8,
    ELEMENT_UINT16,
    ELEMENT_INT16,
    ELEMENT_INT32,
    ELEMENT_INT64,
    ELEMENT_BOOL = 9,
    ELEMENT_FLOAT16,
    ELEMENT_DOUBLE,
    ELEMENT_UINT32,
    ELEMENT_UINT64,
    ELEMENT_BFLOAT16 = 16,
};

struct net_shape {
    unsigned rank;
    uint32_t dim[NET_MAX_RANK];
};

struct net_node;

struct net_tensor {
    const char *name; /* never "" */
    uint8_t element;  /* enum element */
    struct net_shape shape;
    uint32_t size;                 /* elements */
    double *constant;              /* its numbers, row-major, when they are known; else NULL */
    int producer;                  /* node, -1 for inputs and constants */
    const struct net_node *folded; /* what computed the constant when the graph was read, or NULL */
};

/* Exactly the fields that `kind` names are meaningful. */
struct net_attribute {
    const char *name;
    char kind; /* as in ops.def */
    int64_t i;
    double f;
    const char *s;
    size_t n; /* elements of the lists */
    const int64_t *ints;
    const double *floats; /* of F and t */
    const char **strings;
    struct net_shape shape; /* of t */
    uint8_t element;        /* of t */
};

struct net_node {
    enum net_op op;
    const char *name; /* of the node, or its first output's when it has none */
    unsigned inputs, outputs, attributes;
    int *input, *output; /* tensors; -1: left out */
    struct net_attribute *attribute;
    void *prepared; /* of trees */
};

struct arena;

struct graph {
    const char *path;
    int64_t opset, ml_opset;
    struct net_tensor *tensor;
    struct net_node *node;
    int *input, *output; /* tensors */
    unsigned tensors, nodes, inputs, outputs;
    struct arena *arena; /* owns all of it */
};

/* NULL and a message when the file cannot be read, is no ONNX model, or uses what is not supported; the
 * message names node, operator and attribute. External data is looked for in the file's folder, and only
 * there. */
struct graph *graph_read_onnx(const char *path, struct message *m);

/* The same from memory; `path` is for messages and external data. */
struct graph *graph_read_onnx_bytes(const void *bytes, size_t n, const char *path, struct message *m);

void graph_free(struct graph *g); /* NULL is allowed */

static inline const struct net_tensor *graph_input(const struct graph *g, unsigned k)
{
    return &g->tensor[g->input[k]];
}
static inline const struct net_tensor *graph_output(const struct graph *g, unsigned k)
{
    return &g->tensor[g->output[k]];
}

/* The tensor of that name, or -1. */
int graph_find(const struct graph *g, const char *name);

/* "2x3", "scalar" */
enum { NET_SHAPE_TEXT = 96 };
void net_shape_print(const struct net_shape *s, char text[NET_SHAPE_TEXT]);

/* Multiplications of one evaluation (dense layers, batch norm, Mul, kernels), and trained parameters. */
uint64_t graph_multiplies(const struct graph *g);
uint64_t graph_node_multiplies(const struct graph *g, unsigned node);
uint64_t graph_parameters(const struct graph *g);

/* ---- evaluation in double precision ---- */

struct float_run;

/* NULL when memory is out. The graph must outlive it. */
struct float_run *float_run_new(const struct graph *g, struct message *m);
void float_run_free(struct float_run *r); /* NULL is allowed */
double *float_run_input(struct float_run *r, unsigned k);
void float_run_evaluate(struct float_run *r);

/* Any tensor's numbers, after float_run_evaluate. */
const double *float_run_value(const struct float_run *r, int tensor);

#ifdef __cplusplus
}
#endif
#endif

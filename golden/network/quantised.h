/* A network in fixed point: every tensor has a number format, every operation says how it rounds, and the
 * result is exact to the bit.
 *
 *     struct quantised *q = quantised_new(graph, &formats, &message);
 *     struct quantised_run *run = quantised_run_new(q, &message);
 *     quantised_run_set(run, 0, element, lane, raw);         // up to QUANTISED_BATCH samples side by side
 *     quantised_run_evaluate(run);
 *     int64_t y = quantised_run_get(run, q->output[0], element, lane);
 *
 * Formats. A tensor's format comes from the formats file; else from its Quant, QuantizeLinear, BipolarQuant
 * or Trunc node; else it is what its operation gives exactly, when a Quant or a bias follows; else the file's
 * default; else again the exact result. Inputs that only go to one Quant take its format. Constants: the
 * file; else the smallest format that holds them exactly, up to 32 bits (what a quantised training leaves
 * does); else constant_bits of the file; else its default.
 *
 * Steps. A network is a list of steps, each from tensors to one tensor:
 *  - LINEAR: out = cast(bias + sum weight * x): dense layers, batch norm, sums, quantisers, moves
 *  - RELU, LEAKY (x < 0: alpha * x), BIPOLAR (x >= 0: s, else -s), PRODUCT (of two tensors)
 *  - TREES: out = cast(bias + the votes of the leaf that each tree leads to); thresholds are compared exactly
 *  - MAX, LARGEST: of the elements of each group (`group` elements of the input in a row): the largest; 1 for
 *    the first that is as large, else 0
 *  - TABLE: out = table[cast_to_index(x)]; the table holds cast(f(index)), computed in double precision
 *
 * The sum of LINEAR is exact, or with accumulation "hls4ml" cast to the accumulator's type at each product
 * and each addition, bias first, then in the order of inputs (golden/fixed/fixed.h, fixed_sum).
 */
#ifndef GOLDEN_NETWORK_QUANTISED_H
#define GOLDEN_NETWORK_QUANTISED_H

#include "golden/fixed/fixed.h"
#include "golden/network/formats.h"
#include "golden/network/graph.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { QUANTISED_BATCH = 64, QUANTISED_TABLE_BITS = 12, QUANTISED_MAX_TERMS = 1 << 22 };

enum quantised_kind { Q_LINEAR, Q_RELU, Q_LEAKY, Q_BIPOLAR, Q_PRODUCT, Q_TABLE, Q_TREES, Q_MAX, Q_LARGEST };

enum quantised_question { Q_AT_MOST, Q_EQUAL, Q_LEAF };

struct quantised_tensor {
    const char *name;
    uint32_t size;
    struct net_shape shape;
    struct fixed_type type;
    fixed_wide *low, *high; /* what each element can be at most, raw */
};

/* weight * element of a tensor; the product has the step's fraction. Weights are never 0. */
struct quantised_term {
    int tensor;
    uint32_t element;
    int64_t weight;
};

/* A place in a tree, for raw numbers: a leaf, or a question whose answer leads on. */
struct quantised_branch {
    enum quantised_question ask;
    uint32_t element; /* of the input */
    int64_t limit;
    uint32_t yes, no;    /* places */
    const int64_t *vote; /* of a leaf: what each output gets, of the step's fraction */
};

struct quantised_step {
    enum quantised_kind kind;
    const char *name; /* of the node */
    enum net_op op;
    int in[2], out; /* tensors; in[1] of Q_PRODUCT only; LINEAR's are in its terms */
    int fraction;   /* of what is cast to the result */
    /* LINEAR: terms first[e] .. first[e+1]-1 of element e */
    uint32_t *first;
    struct quantised_term *term;
    int64_t *bias; /* of `fraction` */
    bool hls4ml;
    struct fixed_type accumulator; /* under hls4ml */
    /* LEAKY: alpha; BIPOLAR: s; raw. LEAKY's products have `fraction`, its x >= 0 are shifted to it. */
    int64_t constant;
    unsigned raise; /* LEAKY: bits that x >= 0 is shifted left */
    /* TREES; bias as for LINEAR */
    const struct quantised_branch *branch;
    const uint32_t *root; /* places */
    uint32_t roots;
    uint32_t group;          /* MAX, LARGEST */
    struct fixed_type index; /* TABLE */
    int64_t *table;          /* by the index's bits, unsigned */
    fixed_wide reach;        /* no intermediate is further from 0 */
    bool can_overflow, accumulator_can_overflow;
};

/* What a node's constants were made of. */
struct quantised_constant {
    const char *name; /* "" for those that have none */
    uint32_t size;
    struct fixed_type type;
};

struct quantised {
    const struct graph *graph; /* must outlive it */
    struct quantised_tensor *tensor;
    struct quantised_step *step;
    struct quantised_constant *constant;
    unsigned tensors, steps, constants, inputs, outputs;
    int *input, *output;
    int *of_graph; /* by the graph's tensor: its tensor here, or -1 */
    bool narrow;   /* all numbers fit 32 bits, sign included */
    struct arena *arena;
};

/* NULL and a message: a format is missing or the file names what the network does not have, a scale is no
 * power of two, an operator has no fixed-point form, numbers that need more than 64 bits. */
struct quantised *quantised_new(const struct graph *g, struct net_formats *f, struct message *m);
void quantised_free(struct quantised *q); /* NULL is allowed */

/* Weights of all steps that are neither 0 nor a power of two, and those that are not 0. */
uint64_t quantised_multiplies(const struct quantised *q);
uint64_t quantised_terms(const struct quantised *q);

/* ---- evaluation ---- */

struct quantised_run;

struct quantised_run *quantised_run_new(const struct quantised *q, struct message *m);
void quantised_run_free(struct quantised_run *r); /* NULL is allowed */

/* Input k; raw must be in the range of its type. */
void quantised_run_set(struct quantised_run *r, unsigned k, uint32_t element, unsigned lane, int64_t raw);

/* All lanes, all steps. */
void quantised_run_evaluate(struct quantised_run *r);
int64_t quantised_run_get(const struct quantised_run *r, int tensor, uint32_t element, unsigned lane);

/* Casts of step s in the lanes 0..lanes-1 that overflowed, over all evaluations so far. */
uint64_t quantised_run_overflows(const struct quantised_run *r, unsigned step);
/* How many lanes hold samples (default all): the others do not count. */
void quantised_run_lanes(struct quantised_run *r, unsigned lanes);

#ifdef __cplusplus
}
#endif
#endif

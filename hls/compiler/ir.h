/* The IR of hlsc: one function as a hash-consed graph of integer operations.
 *
 * A node is a mathematical integer with an interval [lo, hi] that holds for every input the ports allow.
 * Nodes are stored in topological order (operands have smaller ids) and never change; a pass builds a new
 * graph through hls_make(), which folds, simplifies and shares, and swaps it in (hls_fn_replace()).
 * `demand`, `stage` and `arrival` are notes of the passes demand and schedule; building drops them.
 *
 * Rolled loops: a node belongs to one loop, or to none (0), as its operands do. A loop runs `rounds` rounds,
 * one clock each; its nodes have a value in every round. HOLD takes a value from before the loop into all of
 * its rounds, LAST takes a value of the last round out. A state of a loop holds what the round before left;
 * in the first round, what an earlier evaluation left: nothing may depend on it then unless it `keeps` that.
 * Loops are numbered in the order in which they run: what a loop holds depends on the loops before it only.
 *
 * Ownership: a function owns nodes, ports and tables; hls_fn_free() releases all.
 */
#ifndef HLS_COMPILER_IR_H
#define HLS_COMPILER_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values are at most 65 bits wide at rest; products and sums on their way to a wrap need more. */
typedef __int128 hls_int;
typedef uint32_t hls_id;

/* HLS_WIDEST: of an interval on its way to a wrap, so that hls_int never overflows (verify.c). */
enum {
    HLS_NONE = 0xffffffff,
    HLS_MAX_WIDTH = 64,
    HLS_WIDEST = 127,
    HLS_MAX_OPERANDS = 3,
    HLS_MAX_ROUNDS = 1024
};

enum hls_op {
#define OP(name, text, operands, immediate) HLS_##name,
#include "hls/compiler/ops.def"
#undef OP
    HLS_OPS
};

struct hls_op_info {
    const char *text;
    unsigned operands;
    bool immediate;
};
extern const struct hls_op_info hls_op_info[HLS_OPS];

/* Where in the source something stands; file is NULL when unknown. */
struct hls_loc {
    const char *file;
    unsigned line, column;
};

struct hls_node {
    enum hls_op op;
    hls_id arg[HLS_MAX_OPERANDS]; /* HLS_NONE beyond the operands */
    hls_int imm;
    hls_int lo, hi;
    hls_int ones; /* the bits that can be 1, in two's complement: negative when the value can be */
    struct hls_loc loc;
    unsigned loop;   /* that it belongs to; 0: none */
    unsigned demand; /* low bits that anybody looks at; 0: nobody */
    unsigned stage;  /* pipeline stage that computes it, from 0 */
    unsigned
        wait; /* stages after it before anybody may read: registers that synthesis moves into a multiplier */
    float arrival; /* ns after the start of its stage, estimate */
};

/* A C argument of the top function: `count` elements of `width` bits. Element e of the inputs is input
 * `first + e`; of the outputs, fn->output[first + e]. */
struct hls_port {
    char *name;
    char *type; /* canonical C spelling of an element */
    bool is_output, is_signed, is_array;
    unsigned width, count, first;
};

/* A variable that keeps its value from one evaluation to the next: a register in the hardware. */
struct hls_state {
    char *name;
    hls_int initial; /* at the start, and after a reset */
    hls_int lo, hi;  /* holds the initial value and every next one */
    hls_id next;     /* node: the value after an evaluation; HLS_NONE until set */
    unsigned loop;   /* that it goes round in; 0: it goes from one evaluation to the next */
    bool keeps;      /* it goes round in a loop and from one evaluation to the next */
    unsigned stage;  /* after schedule: the one stage that reads it */
};

/* A loop that stays one: a round a clock. */
struct hls_loop {
    unsigned rounds;
    unsigned begin; /* after schedule: its first stage */
    struct hls_loc loc;
};

struct hls_table {
    hls_int *value;
    size_t size; /* a power of two */
};

struct hls_fn {
    char *name;
    char **file; /* what the nodes' locations name; the kernel's own is the first */
    unsigned files;
    struct hls_loc top; /* where the function is written */
    struct hls_port *port;
    size_t ports;
    unsigned inputs, outputs;
    hls_id *output; /* one node an output element; HLS_NONE until set */
    struct hls_state *state;
    unsigned states;
    struct hls_table *table;
    size_t tables;
    struct hls_loop *loop; /* [0] stands for what is in no loop: one round */
    unsigned loops;        /* without that: 1..loops are valid */
    unsigned ii; /* clocks from one evaluation to the next, at least; the rounds of every loop or more */
    struct hls_node *node;
    hls_id nodes, room;
    uint32_t *bucket; /* hash table of node ids + 1 */
    uint32_t buckets;
    struct hls_loc loc; /* given to the nodes made from now on */
    unsigned stages;    /* after schedule */
};

struct hls_fn *hls_fn_new(const char *name);
void hls_fn_free(struct hls_fn *fn);
/* The function's own copy of a file's name: one for equal names, so that pointers tell files apart. NULL for NULL. */
const char *hls_fn_file(struct hls_fn *fn, const char *name);
/* "17" for line 17 of the kernel's file, "network.h:17" for another's, "" for none. The caller frees it. */
char *hls_place(const struct hls_fn *fn, struct hls_loc loc);
/* Takes copies of name and type; sets `first`. All ports come before the first node. */
void hls_fn_add_port(struct hls_fn *fn, const struct hls_port *port);
/* Takes a copy, padded to a power of two with the last value; an equal table is shared. */
size_t hls_fn_add_table(struct hls_fn *fn, const hls_int *value, size_t size);
/* Takes a copy of the name; `next` is not set. Returns its number. */
unsigned hls_fn_add_state(struct hls_fn *fn, const struct hls_state *state);
/* Returns its number. */
unsigned hls_fn_add_loop(struct hls_fn *fn, unsigned rounds, struct hls_loc loc);
/* A function with the same ports, states and loops, and no nodes and tables. */
struct hls_fn *hls_fn_like(const struct hls_fn *fn);
/* What the graph is there for: its outputs, then the next values of its states. */
static inline unsigned hls_roots(const struct hls_fn *fn)
{
    return fn->outputs + fn->states;
}
static inline hls_id *hls_root(const struct hls_fn *fn, unsigned i)
{
    return i < fn->outputs ? &fn->output[i] : &fn->state[i - fn->outputs].next;
}
/* Gives `to`, which came from hls_fn_like(), the roots of `from`, by map. */
void hls_fn_connect(struct hls_fn *to, const struct hls_fn *from, const hls_id *map);
/* fn becomes what `with` is; `with` is gone. */
void hls_fn_replace(struct hls_fn *fn, struct hls_fn *with);

/* The port and element of input number i, or of output number i. */
const struct hls_port *hls_fn_port(const struct hls_fn *fn, bool is_output, unsigned i);
/* Bits of all inputs, or of all outputs, together. */
unsigned hls_port_bits(const struct hls_fn *fn, bool is_output);

/* Builders. Folding and the simplifications of simplify.c happen here; the result may be any node of that
 * value. */
hls_id hls_make(struct hls_fn *fn, enum hls_op op, hls_int imm, hls_id a, hls_id b, hls_id c);
hls_id hls_const(struct hls_fn *fn, hls_int value);
hls_id hls_input(struct hls_fn *fn, unsigned i);
hls_id hls_state(struct hls_fn *fn, unsigned i); /* its value before the evaluation */
hls_id hls_not(struct hls_fn *fn, hls_id a);     /* of a value in 0..1 */
hls_id hls_round(struct hls_fn *fn, unsigned loop);
hls_id hls_hold(struct hls_fn *fn, unsigned loop, hls_id a);
hls_id hls_last(struct hls_fn *fn, hls_id a);
static inline hls_id hls_unary(struct hls_fn *fn, enum hls_op op, hls_id a, hls_int imm)
{
    return hls_make(fn, op, imm, a, HLS_NONE, HLS_NONE);
}
static inline hls_id hls_binary(struct hls_fn *fn, enum hls_op op, hls_id a, hls_id b)
{
    return hls_make(fn, op, 0, a, b, HLS_NONE);
}
static inline hls_id hls_select(struct hls_fn *fn, hls_id c, hls_id a, hls_id b)
{
    return hls_make(fn, HLS_SELECT, 0, c, a, b);
}
/* What a rolled loop makes of an operation: one whose operands are known of each round is a table of its
 * values, one whose operands do not change in the loop is done once, before it. HLS_NONE: neither. For
 * simplify.c. */
hls_id hls_fold_rounds(struct hls_fn *fn, const struct hls_node *n);
/* No simplification: find the node or append it. For simplify.c. */
hls_id hls_intern(struct hls_fn *fn, const struct hls_node *node);
/* What a pass knows better than interval arithmetic: the value of `id` is within lo..hi as well. */
void hls_tighten(struct hls_fn *fn, hls_id id, hls_int lo, hls_int hi);

bool hls_is_const(const struct hls_fn *fn, hls_id id, hls_int *value);
bool hls_fits(const struct hls_fn *fn, hls_id id, unsigned width, bool is_signed);
/* Bits of two's complement (or unsigned, when lo >= 0) for every value of lo..hi; at least 1. */
unsigned hls_bits(hls_int lo, hls_int hi);
static inline hls_int hls_two_to(unsigned n)
{
    return (hls_int)1 << n;
}
/* Whether the value is known of each round of a loop: a constant, the round, or a table of the rounds; in
 * `value` that in `round`. */
bool hls_in_round(const struct hls_fn *fn, hls_id id, unsigned round, hls_int *value);
/* The node of which hls_in_round() gives value[0..rounds-1]. */
hls_id hls_of_rounds(struct hls_fn *fn, unsigned loop, const hls_int *value);
static inline bool hls_state_keeps(const struct hls_state *s)
{
    return !s->loop || s->keeps;
}
/* Whether anything goes from one evaluation to the next. */
bool hls_keeps_state(const struct hls_fn *fn);
/* For each node how many of the loops must have run before it has its value: the number of the last one. The
 * caller frees it. */
unsigned *hls_levels(const struct hls_fn *fn);
/* Wires that the node takes in hardware: its interval's bits, or fewer when fewer are demanded. */
unsigned hls_node_width(const struct hls_node *n);
/* Rewiring only: no logic, no register of its own. */
bool hls_is_wiring(enum hls_op op);

/* live[id] = 1 for every node that a root needs. The caller frees it. */
uint8_t *hls_live(const struct hls_fn *fn);
/* Makes in `to` what node `id` of `from` is, its operands given by map. */
hls_id hls_copy_node(struct hls_fn *to, const struct hls_fn *from, hls_id id, const hls_id *map);

/* The value of an operation on given operands: the meaning of the IR. `imm` of ROM indexes fn's tables. */
hls_int hls_evaluate(const struct hls_fn *fn, enum hls_op op, hls_int imm,
                     const hls_int arg[HLS_MAX_OPERANDS]);
/* Interval and possible ones of an operation from those of its operands (range.c). */
void hls_range(const struct hls_fn *fn, struct hls_node *n);

/* Checks what every pass may rely on: order, arity, intervals, widths, outputs within their ports, and, once
 * set, demand and schedule. Returns 0, or prints the first violation to stderr and returns -1. */
int hls_verify(const struct hls_fn *fn, const char *after_pass);
/* The graph as text, one node a line. */
void hls_dump(const struct hls_fn *fn, FILE *to);
/* Reads what hls_dump() wrote, node for node: nothing is simplified, only ids close up. `name` is the text's,
 * for messages. Returns NULL after `name:line: what is wrong`. What it returns is safe to verify; only a
 * verified graph is safe to run. */
struct hls_fn *hls_parse(FILE *from, const char *name);

/* Runs the graph once, each loop for all of its rounds: `in` holds fn->inputs values within their ports,
 * `out` takes fn->outputs, `state` (fn->states values, set by hls_reset(); NULL when there are none) goes on.
 * Every value is checked against its interval; returns 0, or -1 after a message. */
int hls_interpret(const struct hls_fn *fn, hls_int *state, const hls_int *in, hls_int *out);
/* Gives every state its initial value. */
void hls_reset(const struct hls_fn *fn, hls_int *state);

#ifdef __cplusplus
}
#endif
#endif

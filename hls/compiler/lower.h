/* LLVM IR of the entry function -> the graph: blocks in topological order, joins become selects, local arrays
 * with a computed index become cells, constant tables become ROMs. Everything else is refused with its place.
 */
#ifndef HLS_COMPILER_LOWER_H
#define HLS_COMPILER_LOWER_H

#include "hls/compiler/map.h"
#include "hls/compiler/options.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fills fn, whose ports are there. 0 or an exit code. */
int hls_lower(struct hls_fn *fn, LLVMModuleRef module);

/* --- between the lower_*.c --- */

/* In place of a node: a value that the program never gave. It may travel, nobody may compute with it. */
enum { HLS_UNDEFINED = 0xfffffffe };

/* What is in memory: an alloca, a constant table, or a static variable. Its scalars are the cells `first`..
 * of a block's memory, in the order of lower_objects.c; a table's cells never change and hold constants, a
 * static variable's begin as states `state`.. */
struct hls_object {
    LLVMValueRef base;
    LLVMTypeRef type;
    unsigned first, count;
    enum { HLS_LOCAL, HLS_TABLE, HLS_STATIC } kind;
    unsigned state;
};

struct hls_cell {
    hls_id value;
    unsigned width; /* of the type that stored it */
    hls_id defined; /* 0..1: whether the program gave it a value */
};

enum { HLS_MOST_TERMS = 8 };

/* Where a pointer points: `offset` bytes from the object's begin, and `index` times `bytes` for each term. */
struct hls_address {
    const struct hls_object *object; /* NULL after a refusal */
    long long offset;
    struct hls_term {
        hls_id index;
        long long bytes;
    } term[HLS_MOST_TERMS];
    unsigned terms;
};

/* A scalar of `bytes` bytes: one of the `count` cells from `first` on, by an index that is within them. */
struct hls_place {
    unsigned first, count, bytes;
    hls_id index;
};

/* A way into a block, and when it is taken. */
struct hls_edge {
    unsigned from;
    hls_id taken;
};

struct hls_block {
    LLVMBasicBlockRef block;
    hls_id reached; /* 0..1 */
    struct hls_edge *edge;
    size_t edges;
    unsigned loop;           /* the rolled loop that it is part of, from 1; 0: none */
    struct hls_cell *memory; /* after the block; NULL until it is done or when it is never reached */
};

/* A loop that stays one: blocks from its header, where it is entered, to its latch, which goes round or
 * leaves. */
struct hls_rolled {
    unsigned header, latch;
    struct hls_loc loc;
};

struct hls_lowering {
    struct hls_fn *fn;
    LLVMTargetDataRef layout;
    struct hls_map values, block_of, object_of, address_of;
    struct hls_block *block; /* in topological order */
    unsigned blocks;
    struct hls_rolled *rolled;
    unsigned rolled_loops;
    unsigned inside; /* the rolled loop being lowered, from 1 */
    unsigned loop;   /* and its number in fn */
    bool scouting;   /* nothing is refused yet: what changes in the loop is being found out */
    hls_id outer;    /* whether it is reached */
    hls_id unknown;  /* stands for what scouting does not know */
    hls_id stays;    /* at the latch: whether the loop goes round again */
    struct hls_object *object;
    unsigned objects, cells;
    struct hls_address *address; /* of pointers chosen by select and phi; number from address_of */
    unsigned addresses;
    struct hls_cell *memory; /* of the block being lowered */
    hls_id reached;          /* and whether it is */
    struct hls_loc loc;      /* of the instruction being lowered */
    unsigned refusals;       /* so far, those of scouting as well */
    int code;                /* set by the first refusal; lowering ends then */
};

/* Refuses at the present instruction; returns HLS_UNDEFINED. Only the first one is reported. */
hls_id hls_lower_refuse(struct hls_lowering *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The node of an LLVM value, or HLS_UNDEFINED. */
hls_id hls_lower_value(struct hls_lowering *l, LLVMValueRef v);
/* The same, refused when undefined (and then a constant 0). */
hls_id hls_lower_operand(struct hls_lowering *l, LLVMValueRef v);
/* A node as the present place sees it: held in a loop, the last one after it. */
hls_id hls_lower_seen(struct hls_lowering *l, hls_id id);
/* To the signed (for i1: unsigned) reading of iN that every LLVM value has in the graph. */
hls_id hls_lower_wrap(struct hls_lowering *l, hls_id a, unsigned width);

/* The blocks of rolled loop number `which`, from its header's memory (l->memory) to l->stays; its header's
 * phis are given. */
void hls_lower_body(struct hls_lowering *l, unsigned which);
/* The same, with all that goes round in it found out, and the way to the block after it. */
void hls_lower_rolled(struct hls_lowering *l, unsigned which);
/* Memory and reach of a block from the ways into it. */
void hls_lower_enter(struct hls_lowering *l, struct hls_block *b);
void hls_lower_add_edge(struct hls_lowering *l, unsigned from, LLVMBasicBlockRef to, hls_id taken);
/* The value with which a phi is entered over the edges of its block. */
hls_id hls_lower_phi(struct hls_lowering *l, LLVMValueRef phi, const struct hls_block *b);
bool hls_lower_is_pointer(LLVMValueRef v);

/* The division or remainder that `i` is, of `width` bits, in a block that runs when `reached` is 1; n and d
 * in the reading, signed or not, that its opcode wants. */
hls_id hls_lower_division(struct hls_lowering *l, LLVMValueRef i, unsigned width, hls_id n, hls_id d,
                          hls_id reached);

struct hls_address hls_lower_address(struct hls_lowering *l, LLVMValueRef pointer);
/* One of two places, which must be in one array. */
struct hls_address hls_lower_choose_address(struct hls_lowering *l, hls_id condition, struct hls_address then,
                                            struct hls_address other);
void hls_lower_keep_address(struct hls_lowering *l, LLVMValueRef pointer, struct hls_address address);
/* Whether an index is known in each round of the present loop. */
bool hls_lower_by_round(const struct hls_lowering *l, hls_id index);
/* The value of such an index in a round; false when the present block is not reached then. */
bool hls_lower_in_round(const struct hls_lowering *l, hls_id index, unsigned round, hls_int *value);
/* The scalar that begins at an address; false after a refusal, or when there is only padding. */
bool hls_lower_place(struct hls_lowering *l, const struct hls_address *address, struct hls_place *p);

/* Arrays of arrays as one: *type becomes what is no array any more; returns how many there are. */
uint64_t hls_lower_flatten(LLVMTypeRef *type);
/* The scalars in a type; 0 when it holds other things than integers of at most 64 bits, or too many. */
unsigned hls_lower_cells(LLVMTypeRef type);

/* At the function's end: what the static variables hold are the next values of their states. */
void hls_lower_keep_states(struct hls_lowering *l);
int hls_lower_objects(struct hls_lowering *l, LLVMModuleRef module);
static inline bool hls_lower_is_defined(const struct hls_lowering *l, const struct hls_cell *c)
{
    hls_int v;
    return hls_is_const(l->fn, c->defined, &v) && v;
}
static inline struct hls_cell hls_lower_cell(struct hls_lowering *l, hls_id value, unsigned width)
{
    return (struct hls_cell){value, width, hls_const(l->fn, value != HLS_UNDEFINED)};
}
hls_id hls_lower_load(struct hls_lowering *l, LLVMValueRef load);
void hls_lower_store(struct hls_lowering *l, LLVMValueRef store);
/* Both give no value. */
hls_id hls_lower_memset(struct hls_lowering *l, LLVMValueRef call);
hls_id hls_lower_memcpy(struct hls_lowering *l, LLVMValueRef call);
/* The memory at a join; `condition` and `other` as in a select. */
void hls_lower_join_memory(struct hls_lowering *l, hls_id condition, const struct hls_cell *then,
                           struct hls_cell *other);

#ifdef __cplusplus
}
#endif
#endif

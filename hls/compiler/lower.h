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

/* --- between lower.c and lower_memory.c --- */

/* In place of a node: a value that the program never gave. It may travel, nobody may compute with it. */
enum { HLS_UNDEFINED = 0xfffffffe };

/* An array in memory: an alloca, a constant table, or a static variable. Its cells are `first`.. in a block's
 * memory; a table's cells never change and hold constants, a static variable's begin as states `state`.. */
struct hls_object {
    LLVMValueRef base;
    unsigned element_bytes, count, first;
    enum { HLS_LOCAL, HLS_TABLE, HLS_STATIC } kind;
    unsigned state;
};

struct hls_cell {
    hls_id value;
    unsigned width; /* of the type that stored it */
};

/* Where a pointer points. */
struct hls_address {
    const struct hls_object *object; /* NULL after a refusal */
    hls_id index;                    /* node, in elements */
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
    struct hls_cell *memory; /* after the block; NULL until it is done or when it is never reached */
};

struct hls_lowering {
    struct hls_fn *fn;
    LLVMTargetDataRef layout;
    struct hls_map values, block_of, object_of, address_of;
    struct hls_block *block; /* in topological order */
    unsigned blocks;
    struct hls_object *object;
    unsigned objects, cells;
    struct hls_address *address; /* of pointers chosen by select and phi; number from address_of */
    unsigned addresses;
    struct hls_cell *memory; /* of the block being lowered */
    struct hls_loc loc;      /* of the instruction being lowered */
    int code;                /* set by the first refusal; lowering ends then */
};

/* Refuses at the present instruction; returns HLS_UNDEFINED. Only the first one is reported. */
hls_id hls_lower_refuse(struct hls_lowering *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The node of an LLVM value, or HLS_UNDEFINED. */
hls_id hls_lower_value(struct hls_lowering *l, LLVMValueRef v);
/* The same, refused when undefined (and then a constant 0). */
hls_id hls_lower_operand(struct hls_lowering *l, LLVMValueRef v);
/* To the signed (for i1: unsigned) reading of iN that every LLVM value has in the graph. */
hls_id hls_lower_wrap(struct hls_lowering *l, hls_id a, unsigned width);

/* n / d or n % d by LLVM's opcode, of `width` bits, in a block that runs when `reached` is 1; n and d in the
 * reading, signed or not, that the opcode wants. */
hls_id hls_lower_division(struct hls_lowering *l, LLVMOpcode opcode, unsigned width, hls_id n, hls_id d,
                          hls_id reached);

struct hls_address hls_lower_address(struct hls_lowering *l, LLVMValueRef pointer);
/* One of two places, which must be in one array. */
struct hls_address hls_lower_choose_address(struct hls_lowering *l, hls_id condition, struct hls_address then,
                                            struct hls_address other);
void hls_lower_keep_address(struct hls_lowering *l, LLVMValueRef pointer, struct hls_address address);

/* At the function's end: what the static variables hold are the next values of their states. */
void hls_lower_keep_states(struct hls_lowering *l);
int hls_lower_objects(struct hls_lowering *l, LLVMModuleRef module);
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

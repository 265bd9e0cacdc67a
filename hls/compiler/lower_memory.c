/* Accesses to memory: loads, stores, copies and fills. An access that is wider than the scalars where it
 * points (copies of small structs are such) is one to each of them, low bytes first. */
#include "hls/compiler/lower.h"

#include "hls/compiler/frontend.h"
#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

/* One scalar of a wide access: its place, and how many bytes after the first it begins. */
struct part {
    struct hls_place place;
    unsigned offset;
    struct hls_cell value; /* to be stored */
};

/* The scalars that `bytes` from an address on cover. 0 after a refusal, and where there is only padding,
 * which nobody can read and copies write. The low bytes of one scalar are an access to it when `low_will_do`.
 * The caller frees. */
static unsigned split(struct hls_lowering *l, struct hls_address a, unsigned bytes, bool low_will_do,
                      struct part **parts)
{
    unsigned n = 0, done = 0, refusals = l->refusals;
    *parts = NULL;
    while (done < bytes && l->refusals == refusals) {
        struct part part = {.offset = done};
        bool found = hls_lower_place(l, &a, &part.place);
        unsigned step = found ? part.place.bytes : 1;
        if (found && part.place.bytes > bytes - done && (done || !low_will_do))
            hls_lower_refuse(l, "access of %u bytes to an array of %u-byte elements (use one type)", bytes,
                             part.place.bytes);
        if (found) {
            *parts = hls_resize(*parts, n + 1, sizeof **parts);
            (*parts)[n++] = part;
        }
        done += step;
        a.offset += step;
    }
    return l->refusals == refusals ? n : 0;
}

static unsigned size_of(const struct hls_lowering *l, LLVMTypeRef type)
{
    return (unsigned)LLVMStoreSizeOfType(l->layout, type);
}

/* --- reads --- */

static hls_id refuse_width(struct hls_lowering *l, const struct hls_cell *c, unsigned width)
{
    return hls_lower_refuse(l, "reads %u bits where %u were stored (use one type)", width, c->width);
}

static hls_id value_of(const struct hls_lowering *l, const struct hls_cell *c)
{
    return hls_lower_is_defined(l, c) ? c->value : HLS_UNDEFINED;
}

static hls_id bit_of(struct hls_lowering *l, hls_id index, unsigned bit)
{
    return hls_unary(l->fn, HLS_WRAPU, hls_unary(l->fn, HLS_SHR, index, bit), 1);
}

/* cell[index] for an index within first..last, by halving; `bits` index bits below this level. */
static hls_id choose_cell(struct hls_lowering *l, const struct hls_cell *cell, hls_id index, unsigned bits,
                          unsigned base, hls_int first, hls_int last)
{
    if (bits == 0)
        return value_of(l, &cell[base]);
    unsigned middle = base + (1u << (bits - 1));
    if (last < (hls_int)middle)
        return choose_cell(l, cell, index, bits - 1, base, first, last);
    hls_id high = choose_cell(l, cell, index, bits - 1, middle, first, last);
    if (first >= (hls_int)middle)
        return high;
    hls_id low = choose_cell(l, cell, index, bits - 1, base, first, last);
    if (low == HLS_UNDEFINED || high == HLS_UNDEFINED)
        return HLS_UNDEFINED;
    return hls_select(l->fn, bit_of(l, index, bits - 1), high, low);
}

static hls_id read_table(struct hls_lowering *l, const struct hls_place *p)
{
    hls_int *value = hls_allocate(p->count, sizeof *value);
    bool constant = true;
    for (unsigned i = 0; i < p->count && constant; i++) {
        hls_id cell = value_of(l, &l->memory[p->first + i]);
        constant = cell != HLS_UNDEFINED && hls_is_const(l->fn, cell, &value[i]);
    }
    hls_id read = HLS_UNDEFINED;
    if (constant)
        read = hls_unary(l->fn, HLS_ROM, p->index, (hls_int)hls_fn_add_table(l->fn, value, p->count));
    free(value);
    return read;
}

/* The one of 2^bits leaves that `round` counts to; HLS_NONE: any will do. */
static hls_id choose_leaf(struct hls_lowering *l, const hls_id *leaf, hls_id round, unsigned bits)
{
    if (bits == 0)
        return *leaf;
    hls_id low = choose_leaf(l, leaf, round, bits - 1);
    hls_id high = choose_leaf(l, leaf + (1u << (bits - 1)), round, bits - 1);
    if (low == HLS_NONE || high == HLS_NONE)
        return low == HLS_NONE ? high : low;
    return hls_select(l->fn, bit_of(l, round, bits - 1), high, low);
}

/* One leaf a round, as values of that round. */
static hls_id choose_by_round(struct hls_lowering *l, const hls_id *leaf, unsigned bits)
{
    unsigned rounds = l->fn->loop[l->loop].rounds;
    hls_int *value = hls_allocate(rounds, sizeof *value);
    bool known = true;
    for (unsigned r = 0; r < rounds && known; r++)
        known = leaf[r] == HLS_NONE || hls_in_round(l->fn, leaf[r], r, &value[r]);
    hls_id chosen =
        known ? hls_of_rounds(l->fn, l->loop, value) : choose_leaf(l, leaf, hls_round(l->fn, l->loop), bits);
    free(value);
    return chosen;
}

/* The value of a cell in a round; HLS_UNDEFINED when it may not have one. */
static hls_id cell_in_round(struct hls_lowering *l, const struct hls_cell *c, unsigned round, unsigned width)
{
    hls_int defined;
    if (!hls_in_round(l->fn, c->defined, round, &defined) || !defined)
        return HLS_UNDEFINED;
    return c->width < width ? refuse_width(l, c, width) : c->value;
}

static hls_id read_by_round(struct hls_lowering *l, const struct hls_place *p, unsigned width)
{
    unsigned rounds = l->fn->loop[l->loop].rounds, bits = hls_bits(0, rounds - 1);
    hls_id *leaf = hls_allocate((size_t)1 << bits, sizeof *leaf), read = HLS_NONE;
    for (unsigned r = 0; r < 1u << bits; r++) {
        hls_int element;
        leaf[r] = HLS_NONE;
        if (r < rounds && hls_lower_in_round(l, p->index, r, &element))
            leaf[r] = cell_in_round(l, &l->memory[p->first + element], r, width);
        read = leaf[r] == HLS_UNDEFINED ? HLS_UNDEFINED : read;
    }
    if (read != HLS_UNDEFINED)
        read = choose_by_round(l, leaf, bits);
    free(leaf);
    return read;
}

static hls_id read_cells(struct hls_lowering *l, const struct hls_place *p, unsigned width)
{
    struct hls_cell *cell = &l->memory[p->first];
    const struct hls_node n = l->fn->node[p->index];
    if (hls_lower_by_round(l, p->index))
        return read_by_round(l, p, width);
    for (hls_int i = n.lo; i <= n.hi; i++)
        if (hls_lower_is_defined(l, &cell[i]) && cell[i].width < width)
            return refuse_width(l, &cell[i], width);
    if (n.lo == n.hi)
        return value_of(l, &cell[n.lo]);
    hls_id table = read_table(l, p);
    return table != HLS_UNDEFINED ? table : choose_cell(l, cell, p->index, hls_bits(0, n.hi), 0, n.lo, n.hi);
}

/* The parts side by side, low bytes first. */
static hls_id read_parts(struct hls_lowering *l, const struct part *part, unsigned parts)
{
    hls_id word = hls_const(l->fn, 0);
    for (unsigned i = 0; i < parts; i++) {
        unsigned width = 8 * part[i].place.bytes;
        hls_id read = read_cells(l, &part[i].place, width);
        if (read == HLS_UNDEFINED)
            return read;
        read = hls_unary(l->fn, HLS_SHL, hls_unary(l->fn, HLS_WRAPU, read, width), 8 * part[i].offset);
        word = hls_binary(l->fn, HLS_OR, word, read);
    }
    return word;
}

/* clang notes of a bool in memory that its byte is 0 or 1. */
static bool is_bool(LLVMValueRef load)
{
    LLVMValueRef limit[2], range = LLVMGetMetadata(load, LLVMGetMDKindID("range", strlen("range")));
    if (!range || LLVMGetMDNodeNumOperands(range) != 2)
        return false;
    LLVMGetMDNodeOperands(range, limit);
    return LLVMConstIntGetZExtValue(limit[0]) == 0 && LLVMConstIntGetZExtValue(limit[1]) == 2;
}

hls_id hls_lower_load(struct hls_lowering *l, LLVMValueRef load)
{
    LLVMTypeRef type = LLVMTypeOf(load);
    if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
        return hls_lower_refuse(l, "reads something that is no integer from memory (integers only)");
    struct part *part;
    unsigned refusals = l->refusals, width = LLVMGetIntTypeWidth(type),
             parts = split(l, hls_lower_address(l, LLVMGetOperand(load, 0)), size_of(l, type), true, &part);
    hls_id read = HLS_UNDEFINED;
    if (parts == 1 && part->place.bytes >= size_of(l, type))
        read = read_cells(l, &part->place, width);
    else if (l->refusals == refusals)
        read = read_parts(l, part, parts);
    free(part);
    if (read == HLS_UNDEFINED)
        return read;
    return hls_lower_wrap(l, is_bool(load) ? hls_unary(l->fn, HLS_WRAPU, read, 1) : read, width);
}

/* --- writes --- */

static bool store_output(struct hls_lowering *l, LLVMValueRef pointer, LLVMValueRef value)
{
    const char *name = LLVMIsAGlobalVariable(pointer) ? LLVMGetValueName(pointer) : "";
    if (strncmp(name, HLS_OUTPUT, strlen(HLS_OUTPUT)))
        return false;
    unsigned i = (unsigned)strtoul(name + strlen(HLS_OUTPUT), NULL, 10);
    const struct hls_port *p = hls_fn_port(l->fn, true, i);
    hls_id v = hls_lower_value(l, value);
    l->loc = l->fn->top; /* the store itself is in the entry function */
    if (v == HLS_UNDEFINED)
        hls_lower_refuse(l,
                         "output %s[%u] is not set on every path, or from an uninitialised variable (set it)",
                         p->name, i - p->first);
    else
        l->fn->output[i] = hls_unary(l->fn, p->is_signed ? HLS_WRAPS : HLS_WRAPU, v, p->width);
    return true;
}

static void write_cell(struct hls_lowering *l, struct hls_cell *cell, hls_id when, struct hls_cell with)
{
    hls_int v;
    if (hls_is_const(l->fn, when, &v)) {
        *cell = v ? with : *cell;
        return;
    }
    cell->defined = hls_select(l->fn, when, with.defined, cell->defined);
    if (with.value == HLS_UNDEFINED)
        return;
    if (cell->value == HLS_UNDEFINED) { /* nobody looks at it where it has no value */
        cell->value = with.value;
        cell->width = with.width;
        return;
    }
    cell->value = hls_select(l->fn, when, with.value, cell->value);
    cell->width = cell->width < with.width ? cell->width : with.width;
}

static void write_place(struct hls_lowering *l, const struct hls_place *p, struct hls_cell with)
{
    hls_int first = l->fn->node[p->index].lo, last = l->fn->node[p->index].hi;
    if (last >= (hls_int)p->count) /* only in rounds in which it is not reached */
        last = p->count - 1;
    for (hls_int i = first < 0 ? 0 : first; i <= last; i++)
        write_cell(l, &l->memory[p->first + i], hls_binary(l->fn, HLS_EQ, p->index, hls_const(l->fn, i)),
                   with);
}

static void write_parts(struct hls_lowering *l, const struct part *part, unsigned parts, hls_id word)
{
    for (unsigned i = 0; i < parts; i++) {
        struct hls_cell with = hls_lower_cell(l, word, 8 * part[i].place.bytes);
        if (word != HLS_UNDEFINED)
            with.value = hls_lower_wrap(l, hls_unary(l->fn, HLS_SHR, word, 8 * part[i].offset), with.width);
        write_place(l, &part[i].place, with);
    }
}

void hls_lower_store(struct hls_lowering *l, LLVMValueRef store)
{
    LLVMValueRef value = LLVMGetOperand(store, 0);
    LLVMTypeRef type = LLVMTypeOf(value);
    if (store_output(l, LLVMGetOperand(store, 1), value))
        return;
    if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind) {
        hls_lower_refuse(l, "writes something that is no integer to memory (integers only)");
        return;
    }
    struct part *part;
    unsigned parts = split(l, hls_lower_address(l, LLVMGetOperand(store, 1)), size_of(l, type), true, &part);
    struct hls_cell with = hls_lower_cell(l, hls_lower_value(l, value), LLVMGetIntTypeWidth(type));
    if (parts == 1 && part->place.bytes >= size_of(l, type))
        write_place(l, &part->place, with);
    else
        write_parts(l, part, parts, with.value);
    free(part);
}

/* --- copies and fills --- */

/* The bytes that a copy or fill is about; 0 after a refusal. */
static unsigned length_of(struct hls_lowering *l, LLVMValueRef call)
{
    LLVMValueRef bytes = LLVMGetOperand(call, 2);
    if (LLVMIsAConstantInt(bytes))
        return (unsigned)LLVMConstIntGetZExtValue(bytes);
    hls_lower_refuse(l, "copies or fills a part of an array that is not known here (use a loop)");
    return 0;
}

hls_id hls_lower_memset(struct hls_lowering *l, LLVMValueRef call)
{
    struct part *part;
    LLVMValueRef byte = LLVMGetOperand(call, 1);
    unsigned bytes = length_of(l, call);
    if (bytes && !LLVMIsAConstantInt(byte))
        return hls_lower_refuse(l, "fills an array with a computed byte (use a loop)");
    unsigned n = bytes ? split(l, hls_lower_address(l, LLVMGetOperand(call, 0)), bytes, false, &part) : 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned width = 8 * part[i].place.bytes;
        hls_int value = 0;
        for (unsigned b = 0; b < width; b += 8)
            value |= (hls_int)LLVMConstIntGetZExtValue(byte) << b;
        write_place(l, &part[i].place,
                    hls_lower_cell(l, hls_unary(l->fn, HLS_WRAPS, hls_const(l->fn, value), width), width));
    }
    if (bytes)
        free(part);
    return HLS_UNDEFINED;
}

/* The bits that every scalar there may be read with. */
static unsigned narrowest(const struct hls_lowering *l, const struct hls_place *p)
{
    const struct hls_node *n = &l->fn->node[p->index];
    unsigned width = 8 * p->bytes;
    for (hls_int i = n->lo; i <= n->hi && i < (hls_int)p->count; i++) {
        const struct hls_cell *cell = &l->memory[p->first + (i < 0 ? 0 : i)];
        if (cell->value != HLS_UNDEFINED && cell->width < width)
            width = cell->width;
    }
    return width;
}

/* What the scalar `to` of a copy gets from `from`, the first part of the source that does not end before it
 * (NULL: none does). From padding it gets nothing. */
static struct hls_cell copied(struct hls_lowering *l, const struct part *to, const struct part *from)
{
    if (!from || from->offset >= to->offset + to->place.bytes)
        return hls_lower_cell(l, HLS_UNDEFINED, 8 * to->place.bytes);
    if (from->offset != to->offset || from->place.bytes != to->place.bytes)
        hls_lower_refuse(l, "copies between arrays of different elements (use a loop)");
    unsigned width = narrowest(l, &from->place);
    return hls_lower_cell(l, read_cells(l, &from->place, width), width);
}

static void copy(struct hls_lowering *l, struct part *to, unsigned n, const struct part *from, unsigned parts)
{
    unsigned first = 0;
    for (unsigned i = 0; i < n && !l->code; i++) {
        while (first < parts && from[first].offset + from[first].place.bytes <= to[i].offset)
            first++;
        to[i].value = copied(l, &to[i], first < parts ? &from[first] : NULL);
    }
    for (unsigned i = 0; i < n && !l->code; i++)
        write_place(l, &to[i].place, to[i].value);
}

hls_id hls_lower_memcpy(struct hls_lowering *l, LLVMValueRef call)
{
    struct part *to, *from;
    unsigned bytes = length_of(l, call);
    if (!bytes)
        return HLS_UNDEFINED;
    unsigned n = split(l, hls_lower_address(l, LLVMGetOperand(call, 0)), bytes, false, &to);
    unsigned parts = split(l, hls_lower_address(l, LLVMGetOperand(call, 1)), bytes, false, &from);
    if (!l->code)
        copy(l, to, n, from, parts);
    free(to);
    free(from);
    return HLS_UNDEFINED;
}

void hls_lower_join_memory(struct hls_lowering *l, hls_id condition, const struct hls_cell *then,
                           struct hls_cell *other)
{
    for (unsigned c = 0; c < l->cells; c++)
        if (then[c].value != other[c].value || then[c].defined != other[c].defined)
            write_cell(l, &other[c], condition, then[c]);
}

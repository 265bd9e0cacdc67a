/* Where pointers point: from getelementptr, phi and select to a byte offset in an object, and from there, by
 * the object's type, to the element of an array of scalars. */
#include "hls/compiler/lower.h"

#include "hls/compiler/memory.h"
#include "hls/compiler/range.h"

#include <stdlib.h>

/* --- from pointers to offsets --- */

static struct hls_address no_address(struct hls_lowering *l, LLVMValueRef pointer)
{
    if (LLVMIsAGlobalVariable(pointer) && LLVMGetLinkage(pointer) != LLVMInternalLinkage)
        hls_lower_refuse(
            l,
            "variable '%s' is visible outside the kernel (define it in the kernel's file, or pass it through "
            "arguments)",
            LLVMGetValueName(pointer));
    else if (LLVMIsAGlobalVariable(pointer) && !LLVMIsGlobalConstant(pointer))
        hls_lower_refuse(
            l, "static variable '%s' holds floats, pointers or wide integers (integers of at most 64 bits)",
            LLVMGetValueName(pointer));
    else if (LLVMIsAAllocaInst(pointer) || LLVMIsAGlobalVariable(pointer))
        hls_lower_refuse(
            l,
            "array of floats, pointers or wide integers with a computed index (integers of at most 64 bits)");
    else
        hls_lower_refuse(l, "pointer chosen or computed at run time (index one array instead)");
    return (struct hls_address){.object = NULL};
}

static void add_term(struct hls_lowering *l, struct hls_address *a, hls_id index, long long bytes)
{
    for (unsigned t = 0; t < a->terms; t++)
        if (a->term[t].bytes == bytes) {
            a->term[t].index = hls_binary(l->fn, HLS_ADD, a->term[t].index, index);
            return;
        }
    if (a->terms == HLS_MOST_TERMS)
        hls_lower_refuse(l, "an address of more than %d indices (copy to a plain array)", HLS_MOST_TERMS);
    else
        a->term[a->terms++] = (struct hls_term){index, bytes};
}

static void add_index(struct hls_lowering *l, struct hls_address *a, LLVMValueRef index, LLVMTypeRef type)
{
    long long bytes = (long long)LLVMABISizeOfType(l->layout, type);
    if (LLVMIsAConstantInt(index))
        a->offset += LLVMConstIntGetSExtValue(index) * bytes;
    else
        add_term(l, a, hls_lower_operand(l, index), bytes);
}

/* Adds the indices of one getelementptr. */
static void add_indices(struct hls_lowering *l, struct hls_address *a, LLVMValueRef gep)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    for (unsigned i = 1; i < (unsigned)LLVMGetNumOperands(gep); i++) {
        LLVMValueRef index = LLVMGetOperand(gep, i);
        if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);
            a->offset += (long long)LLVMOffsetOfElement(l->layout, type, field);
            type = LLVMStructGetTypeAtIndex(type, field);
            continue;
        }
        if (i > 1)
            type = LLVMGetElementType(type);
        add_index(l, a, index, type);
    }
}

static bool is_gep(LLVMValueRef v)
{
    return LLVMIsAGetElementPtrInst(v) ||
           (LLVMIsAConstantExpr(v) && LLVMGetConstOpcode(v) == LLVMGetElementPtr);
}

struct hls_address hls_lower_address(struct hls_lowering *l, LLVMValueRef pointer)
{
    LLVMValueRef base = pointer;
    while (is_gep(base))
        base = LLVMGetOperand(base, 0);
    uint32_t which;
    struct hls_address a = {.object = NULL};
    if (hls_map_get(&l->object_of, base, &which))
        a.object = &l->object[which];
    else if (hls_map_get(&l->address_of, base, &which) && l->address[which].object)
        a = l->address[which];
    else
        return no_address(l, base);
    for (unsigned t = 0; t < a.terms; t++)
        a.term[t].index = hls_lower_seen(l, a.term[t].index);
    for (LLVMValueRef v = pointer; v != base; v = LLVMGetOperand(v, 0))
        add_indices(l, &a, v);
    return a;
}

/* --- one of two places --- */

static long long divisor_of_both(long long a, long long b)
{
    while (b) {
        long long rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* (a - from) / bytes */
static hls_id count_from(struct hls_lowering *l, const struct hls_address *a, long long from, long long bytes)
{
    hls_id n = hls_const(l->fn, (a->offset - from) / bytes);
    for (unsigned t = 0; t < a->terms; t++) {
        hls_id factor = hls_const(l->fn, a->term[t].bytes / bytes);
        n = hls_binary(l->fn, HLS_ADD, n, hls_binary(l->fn, HLS_MUL, a->term[t].index, factor));
    }
    return n;
}

struct hls_address hls_lower_choose_address(struct hls_lowering *l, hls_id condition, struct hls_address then,
                                            struct hls_address other)
{
    struct hls_address a = {.object = other.object, .offset = other.offset};
    long long bytes = then.offset - other.offset;
    for (unsigned t = 0; t < then.terms; t++)
        bytes = divisor_of_both(bytes, then.term[t].bytes);
    for (unsigned t = 0; t < other.terms; t++)
        bytes = divisor_of_both(bytes, other.term[t].bytes);
    bytes = divisor_of_both(bytes, 0);
    if (!then.object || then.object != other.object) {
        hls_lower_refuse(l, "a choice between elements of different arrays (read both, then choose)");
        a.object = NULL;
    } else if (bytes) {
        hls_id chosen = hls_select(l->fn, condition, count_from(l, &then, a.offset, bytes),
                                   count_from(l, &other, a.offset, bytes));
        add_term(l, &a, chosen, bytes);
    }
    return a;
}

void hls_lower_keep_address(struct hls_lowering *l, LLVMValueRef pointer, struct hls_address address)
{
    l->address = hls_resize(l->address, l->addresses + 1, sizeof *l->address);
    l->address[l->addresses] = address;
    hls_map_set(&l->address_of, pointer, l->addresses++);
}

/* --- from offsets to scalars --- */

/* The least offset, and how far it may go beyond it. */
static hls_int least_offset(const struct hls_lowering *l, const struct hls_address *a, hls_int *span)
{
    hls_int lo = a->offset, hi = a->offset;
    for (unsigned t = 0; t < a->terms; t++) {
        const struct hls_node *n = &l->fn->node[a->term[t].index];
        lo += n->lo * a->term[t].bytes;
        hi += n->hi * a->term[t].bytes;
    }
    *span = hi - lo;
    return lo;
}

bool hls_lower_by_round(const struct hls_lowering *l, hls_id index)
{
    hls_int value;
    return l->fn->node[index].loop && hls_in_round(l->fn, index, 0, &value);
}

bool hls_lower_in_round(const struct hls_lowering *l, hls_id index, unsigned round, hls_int *value)
{
    hls_int reached;
    hls_in_round(l->fn, index, round, value);
    return !hls_in_round(l->fn, l->reached, round, &reached) || reached;
}

/* What an index can be, as far as the access is reached. */
static void find_span(const struct hls_lowering *l, hls_id index, hls_int *first, hls_int *last)
{
    unsigned rounds = hls_lower_by_round(l, index) ? l->fn->loop[l->loop].rounds : 0;
    hls_int value;
    bool any = false;
    *first = l->fn->node[index].lo;
    *last = l->fn->node[index].hi;
    for (unsigned r = 0; r < rounds; r++) {
        if (!hls_lower_in_round(l, index, r, &value))
            continue;
        *first = any && *first < value ? *first : value;
        *last = any && *last > value ? *last : value;
        any = true;
    }
}

/* n = quotient * by + rest, where the form of n shows it; quotient is HLS_NONE where it does not. */
struct ratio {
    hls_id quotient;
    hls_int rest;
};

static const struct ratio no_ratio = {HLS_NONE, 0};

static struct ratio divide(struct hls_lowering *l, hls_id id, long long by);

/* Of a sum, or of a choice between values with one rest. */
static struct ratio divide_both(struct hls_lowering *l, const struct hls_node *n, long long by)
{
    bool sum = n->op == HLS_ADD;
    struct ratio a = divide(l, n->arg[sum ? 0 : 1], by), b = divide(l, n->arg[sum ? 1 : 2], by);
    if (a.quotient == HLS_NONE || b.quotient == HLS_NONE || (!sum && a.rest != b.rest))
        return no_ratio;
    if (sum)
        return (struct ratio){hls_binary(l->fn, HLS_ADD, a.quotient, b.quotient), a.rest + b.rest};
    return (struct ratio){hls_select(l->fn, n->arg[0], a.quotient, b.quotient), a.rest};
}

static hls_int floor_of(hls_int n, hls_int by)
{
    return n / by - (n % by < 0);
}

/* Of a value that is known in each round, with one rest in all of them. */
static struct ratio divide_rounds(struct hls_lowering *l, hls_id id, long long by)
{
    unsigned rounds = l->fn->loop[l->loop].rounds;
    hls_int *value = hls_allocate(rounds, sizeof *value), rest = 0;
    struct ratio r = no_ratio;
    bool same = true;
    for (unsigned i = 0; i < rounds; i++) {
        hls_in_round(l->fn, id, i, &value[i]);
        hls_int whole = floor_of(value[i], by);
        same = same && (i == 0 || value[i] - whole * by == rest);
        rest = value[i] - whole * by;
        value[i] = whole;
    }
    if (same)
        r = (struct ratio){hls_of_rounds(l->fn, l->loop, value), rest};
    free(value);
    return r;
}

static struct ratio divide(struct hls_lowering *l, hls_id id, long long by)
{
    const struct hls_node n = l->fn->node[id];
    hls_int factor = 1;
    if (hls_lower_by_round(l, id))
        return divide_rounds(l, id, by);
    if (n.op == HLS_ADD || n.op == HLS_SELECT)
        return divide_both(l, &n, by);
    if (n.op == HLS_CONST) {
        hls_int whole = floor_of(n.imm, by);
        return (struct ratio){hls_const(l->fn, whole), n.imm - whole * by};
    }
    if (n.op == HLS_SHL)
        factor = hls_two_to((unsigned)n.imm);
    else if (n.op == HLS_MUL)
        hls_is_const(l->fn, n.arg[1], &factor);
    if (factor == 1 || factor % by)
        return no_ratio;
    return (struct ratio){hls_binary(l->fn, HLS_MUL, n.arg[0], hls_const(l->fn, factor / by)), 0};
}

/* A term in elements of `bytes`; the rest in bytes. */
static struct ratio in_elements(struct hls_lowering *l, struct hls_term term, long long bytes)
{
    if (term.bytes % bytes == 0)
        return (struct ratio){hls_binary(l->fn, HLS_MUL, term.index, hls_const(l->fn, term.bytes / bytes)),
                              0};
    struct ratio r = bytes % term.bytes ? no_ratio : divide(l, term.index, bytes / term.bytes);
    r.rest *= term.bytes;
    return r;
}

/* Takes from an address what goes by whole elements; what stays lies within one of them, or is refused
 * further down. */
static hls_id take_index(struct hls_lowering *l, struct hls_address *a, long long bytes)
{
    hls_id index = hls_const(l->fn, 0);
    unsigned kept = 0;
    for (unsigned t = 0; t < a->terms; t++) {
        struct ratio r = in_elements(l, a->term[t], bytes);
        a->offset += (long long)r.rest;
        if (r.quotient == HLS_NONE)
            a->term[kept++] = a->term[t];
        else
            index = hls_binary(l->fn, HLS_ADD, index, r.quotient);
    }
    a->terms = kept;
    hls_int span, least = least_offset(l, a, &span), whole = least / bytes - (least % bytes < 0);
    a->offset -= (long long)(whole * bytes);
    return hls_binary(l->fn, HLS_ADD, index, hls_const(l->fn, whole));
}

/* Where only the condition of the block keeps an index in range, it is brought there for the other times;
 * HLS_UNDEFINED after a refusal. */
static hls_id guarded_index(struct hls_lowering *l, hls_id index, unsigned count)
{
    hls_int first, last, lo, hi;
    find_span(l, index, &first, &last);
    if (first >= 0 && last < (hls_int)count)
        return index;
    if (hls_range_given(l->fn, index, l->reached, &lo, &hi) && lo >= 0 && hi < (hls_int)count) {
        index = hls_unary(l->fn, HLS_WRAPU, index, hls_bits(0, count - 1));
        return hls_binary(l->fn, HLS_MIN, index, hls_const(l->fn, count - 1));
    }
    hls_lower_refuse(l, "index may be %lld..%lld in an array of %u (mask or clamp it, e.g. x & %u)",
                     (long long)first, (long long)last, count, count - 1);
    return HLS_UNDEFINED;
}

static bool enter_array(struct hls_lowering *l, struct hls_address *a, struct hls_place *p, LLVMTypeRef *type)
{
    unsigned count = (unsigned)hls_lower_flatten(type);
    hls_id index = take_index(l, a, (long long)LLVMABISizeOfType(l->layout, *type));
    index = guarded_index(l, index, count);
    if (index == HLS_UNDEFINED)
        return false;
    p->index = hls_binary(l->fn, HLS_MUL, p->index, hls_const(l->fn, count));
    p->index = hls_binary(l->fn, HLS_ADD, p->index, index);
    p->count *= count;
    return !l->code;
}

/* To the one field that holds all offsets; false between fields. */
static bool enter_struct(struct hls_lowering *l, struct hls_address *a, struct hls_place *p,
                         LLVMTypeRef *type)
{
    hls_int span, least = least_offset(l, a, &span);
    for (unsigned f = 0; f < LLVMCountStructElementTypes(*type); f++) {
        LLVMTypeRef field = LLVMStructGetTypeAtIndex(*type, f);
        long long begin = (long long)LLVMOffsetOfElement(l->layout, *type, f);
        if (least >= begin && least + span < begin + (hls_int)LLVMABISizeOfType(l->layout, field)) {
            a->offset -= begin;
            *type = field;
            return true;
        }
        p->first += p->count * hls_lower_cells(field);
    }
    if (span)
        hls_lower_refuse(l, "index may leave its field of a struct (mask or clamp it)");
    return false;
}

bool hls_lower_place(struct hls_lowering *l, const struct hls_address *address, struct hls_place *p)
{
    struct hls_address a = *address;
    if (!a.object || l->code)
        return false;
    LLVMTypeRef type = a.object->type;
    *p = (struct hls_place){.first = a.object->first, .count = 1, .index = hls_const(l->fn, 0)};
    do {
        bool is_struct = LLVMGetTypeKind(type) == LLVMStructTypeKind;
        if (is_struct ? !enter_struct(l, &a, p, &type) : !enter_array(l, &a, p, &type))
            return false;
    } while (LLVMGetTypeKind(type) != LLVMIntegerTypeKind);
    p->bytes = (unsigned)LLVMABISizeOfType(l->layout, type);
    if (a.offset || a.terms)
        hls_lower_refuse(l, "access to a part of an integer of %u bytes (use one type)", p->bytes);
    return !l->code && !a.offset && !a.terms;
}

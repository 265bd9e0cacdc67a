#include "hls/compiler/lower.h"

#include "hls/compiler/frontend.h"
#include "hls/compiler/memory.h"

#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STATES = 4096 }; /* elements of static variables */

/* --- objects --- */

static unsigned count_elements(LLVMTypeRef *type)
{
    uint64_t n = 1;
    while (LLVMGetTypeKind(*type) == LLVMArrayTypeKind) {
        n *= LLVMGetArrayLength2(*type);
        *type = LLVMGetElementType(*type);
    }
    return n <= 1u << 20 ? (unsigned)n : 0;
}

/* Arrays of structs have no one element size; they get none, and an access to them is refused. */
static void add_object(struct hls_lowering *l, LLVMValueRef base, LLVMTypeRef type, int kind)
{
    unsigned count = count_elements(&type);
    if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind || LLVMGetIntTypeWidth(type) > HLS_MAX_WIDTH)
        return;
    l->object = hls_resize(l->object, l->objects + 1, sizeof *l->object);
    l->object[l->objects] = (struct hls_object){
        base, (unsigned)LLVMABISizeOfType(l->layout, type), count, l->cells, kind, l->fn->states};
    hls_map_set(&l->object_of, base, l->objects++);
    l->cells += count;
}

static void fill_constants(struct hls_lowering *l, LLVMValueRef value, struct hls_cell **cell)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    if (LLVMGetTypeKind(type) == LLVMArrayTypeKind) {
        for (unsigned i = 0; i < LLVMGetArrayLength2(type); i++)
            fill_constants(l, LLVMGetAggregateElement(value, i), cell);
        return;
    }
    **cell = (struct hls_cell){hls_lower_value(l, value), LLVMGetIntTypeWidth(type)};
    (*cell)++;
}

/* --- state --- */

static void add_state(struct hls_lowering *l, const struct hls_object *o, unsigned element)
{
    struct hls_cell *cell = &l->memory[o->first + element];
    const char *variable = LLVMGetValueName(o->base);
    struct hls_state s = {.lo = cell->width == 1 ? 0 : -hls_two_to(cell->width - 1),
                          .hi = cell->width == 1 ? 1 : hls_two_to(cell->width - 1) - 1};
    if (!hls_is_const(l->fn, cell->value, &s.initial)) {
        hls_lower_refuse(l, "static variable '%s' begins with an address (integers only)", variable);
        return;
    }
    s.name = o->count > 1 ? hls_text("%s[%u]", variable, element) : hls_copy_text(variable);
    cell->value = hls_state(l->fn, hls_fn_add_state(l->fn, &s));
    free(s.name);
}

static void add_states(struct hls_lowering *l, struct hls_object *o)
{
    o->state = l->fn->states;
    if (o->count == 0 || l->fn->states + o->count > MOST_STATES)
        hls_lower_refuse(
            l,
            "static variables of more than %d elements with '%s' (state lives in registers: keep "
            "it small)",
            MOST_STATES, LLVMGetValueName(o->base));
    for (unsigned i = 0; i < o->count && !l->code; i++)
        add_state(l, o, i);
}

void hls_lower_keep_states(struct hls_lowering *l)
{
    l->loc = l->fn->top; /* the end itself is in the entry function */
    for (unsigned o = 0; o < l->objects && !l->code; o++) {
        const struct hls_object *object = &l->object[o];
        for (unsigned i = 0; object->kind == HLS_STATIC && i < object->count && !l->code; i++) {
            struct hls_state *s = &l->fn->state[object->state + i];
            struct hls_cell cell = l->memory[object->first + i];
            if (cell.value == HLS_UNDEFINED)
                hls_lower_refuse(l, "static variable '%s' may be given an uninitialised value (set it)",
                                 s->name);
            else if (cell.width < hls_bits(s->lo, s->hi))
                hls_lower_refuse(l, "static variable '%s' of %u bits is given %u (use one type)", s->name,
                                 hls_bits(s->lo, s->hi), cell.width);
            else
                s->next = cell.value;
        }
    }
}

/* --- all objects --- */

static void add_objects(struct hls_lowering *l, LLVMModuleRef module)
{
    for (LLVMValueRef g = LLVMGetFirstGlobal(module); g; g = LLVMGetNextGlobal(g))
        if (LLVMGetInitializer(g) && LLVMIsGlobalConstant(g))
            add_object(l, g, LLVMGlobalGetValueType(g), HLS_TABLE);
        else if (LLVMGetInitializer(g) && LLVMGetLinkage(g) == LLVMInternalLinkage)
            add_object(l, g, LLVMGlobalGetValueType(g), HLS_STATIC);
    for (unsigned b = 0; b < l->blocks; b++)
        for (LLVMValueRef i = LLVMGetFirstInstruction(l->block[b].block); i; i = LLVMGetNextInstruction(i))
            if (LLVMIsAAllocaInst(i))
                add_object(l, i, LLVMGetAllocatedType(i), HLS_LOCAL);
}

int hls_lower_objects(struct hls_lowering *l, LLVMModuleRef module)
{
    add_objects(l, module);
    l->loc = l->fn->top;
    l->memory = hls_allocate(l->cells, sizeof *l->memory);
    for (unsigned c = 0; c < l->cells; c++)
        l->memory[c].value = HLS_UNDEFINED;
    for (unsigned o = 0; o < l->objects && l->object[o].kind != HLS_LOCAL && !l->code; o++) {
        struct hls_cell *cell = &l->memory[l->object[o].first];
        fill_constants(l, LLVMGetInitializer(l->object[o].base), &cell);
        if (l->object[o].kind == HLS_STATIC)
            add_states(l, &l->object[o]);
    }
    return l->code;
}

/* --- addresses --- */

static struct hls_address no_address(struct hls_lowering *l, LLVMValueRef pointer)
{
    if (LLVMIsAGlobalVariable(pointer) && LLVMGetLinkage(pointer) != LLVMInternalLinkage)
        hls_lower_refuse(l,
                         "variable '%s' is visible outside the kernel (make it static, or pass it through "
                         "arguments)",
                         LLVMGetValueName(pointer));
    else if (LLVMIsAGlobalVariable(pointer) && !LLVMIsGlobalConstant(pointer))
        hls_lower_refuse(
            l, "static variable '%s' holds structs, floats or wide integers (one variable or array a field)",
            LLVMGetValueName(pointer));
    else if (LLVMIsAAllocaInst(pointer) || LLVMIsAGlobalVariable(pointer))
        hls_lower_refuse(
            l, "array of structs, floats or wide integers with a computed index (use one array a field)");
    else
        hls_lower_refuse(l, "pointer chosen or computed at run time (index one array instead)");
    return (struct hls_address){NULL, HLS_UNDEFINED};
}

/* n / by, for an n that is a multiple by its form; HLS_UNDEFINED when it does not show. */
static hls_id divide(struct hls_lowering *l, hls_id n, unsigned by)
{
    const struct hls_node scaled = l->fn->node[n];
    hls_int factor = 1;
    if (scaled.op == HLS_SHL)
        factor = hls_two_to((unsigned)scaled.imm);
    else if (scaled.op == HLS_MUL)
        hls_is_const(l->fn, scaled.arg[1], &factor);
    if (factor % by)
        return HLS_UNDEFINED;
    return factor == 1 ? n : hls_binary(l->fn, HLS_MUL, scaled.arg[0], hls_const(l->fn, factor / by));
}

/* offset += index * bytes, kept as a constant in bytes and a node in elements. */
static bool add_index(struct hls_lowering *l, LLVMValueRef index, long long bytes, unsigned element,
                      long long *offset, hls_id *node)
{
    if (LLVMIsAConstantInt(index)) {
        *offset += LLVMConstIntGetSExtValue(index) * bytes;
        return true;
    }
    hls_id n = hls_lower_operand(l, index);
    if (bytes % element == 0)
        n = hls_binary(l->fn, HLS_MUL, n, hls_const(l->fn, bytes / element));
    else if (element % bytes == 0)
        n = divide(l, n, (unsigned)(element / bytes));
    else
        n = HLS_UNDEFINED;
    if (n != HLS_UNDEFINED)
        *node = hls_binary(l->fn, HLS_ADD, *node, n);
    return n != HLS_UNDEFINED;
}

/* Adds the indices of one getelementptr. */
static bool add_indices(struct hls_lowering *l, LLVMValueRef gep, unsigned element, long long *offset,
                        hls_id *node)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    for (unsigned i = 1; i < (unsigned)LLVMGetNumOperands(gep); i++) {
        if (i > 1 && LLVMGetTypeKind(type) != LLVMArrayTypeKind)
            return false;
        if (i > 1)
            type = LLVMGetElementType(type);
        long long bytes = (long long)LLVMABISizeOfType(l->layout, type);
        if (!add_index(l, LLVMGetOperand(gep, i), bytes, element, offset, node))
            return false;
    }
    return true;
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
    struct hls_address a;
    if (hls_map_get(&l->object_of, base, &which))
        a = (struct hls_address){&l->object[which], hls_const(l->fn, 0)};
    else if (hls_map_get(&l->address_of, base, &which) && l->address[which].object)
        a = l->address[which];
    else
        return no_address(l, base);
    long long offset = 0;
    for (LLVMValueRef v = pointer; v != base; v = LLVMGetOperand(v, 0))
        if (!add_indices(l, v, a.object->element_bytes, &offset, &a.index))
            return no_address(l, pointer);
    if (offset % a.object->element_bytes)
        return no_address(l, pointer);
    a.index = hls_binary(l->fn, HLS_ADD, a.index, hls_const(l->fn, offset / a.object->element_bytes));
    return a;
}

struct hls_address hls_lower_choose_address(struct hls_lowering *l, hls_id condition, struct hls_address then,
                                            struct hls_address other)
{
    if (!then.object || then.object != other.object) {
        hls_lower_refuse(l, "a choice between elements of different arrays (read both, then choose)");
        return (struct hls_address){NULL, HLS_UNDEFINED};
    }
    return (struct hls_address){then.object, hls_select(l->fn, condition, then.index, other.index)};
}

void hls_lower_keep_address(struct hls_lowering *l, LLVMValueRef pointer, struct hls_address address)
{
    l->address = hls_resize(l->address, l->addresses + 1, sizeof *l->address);
    l->address[l->addresses] = address;
    hls_map_set(&l->address_of, pointer, l->addresses++);
}

/* An access must be one element, and its index within the array whatever the inputs are. */
static bool check(struct hls_lowering *l, const struct hls_address *a, unsigned bytes, unsigned elements)
{
    if (!a->object || l->code)
        return false;
    const struct hls_node *n = &l->fn->node[a->index];
    if (bytes != a->object->element_bytes)
        hls_lower_refuse(l, "access of %u bytes to an array of %u-byte elements (use one type)", bytes,
                         a->object->element_bytes);
    else if (n->lo < 0 || n->hi + (hls_int)elements > (hls_int)a->object->count)
        hls_lower_refuse(l, "index may be %lld..%lld in an array of %u (mask or clamp it, e.g. x & %u)",
                         (long long)n->lo, (long long)n->hi + elements - 1, a->object->count,
                         a->object->count - 1);
    return !l->code;
}

/* --- reads --- */

static hls_id bit_of(struct hls_lowering *l, hls_id index, unsigned bit)
{
    return hls_unary(l->fn, HLS_WRAPU, hls_unary(l->fn, HLS_SHR, index, bit), 1);
}

/* cell[index] for an index within first..last, by halving; `bits` index bits below this level. */
static hls_id choose_cell(struct hls_lowering *l, const struct hls_cell *cell, hls_id index, unsigned bits,
                          unsigned base, hls_int first, hls_int last)
{
    if (bits == 0)
        return cell[base].value;
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

static hls_id read_table(struct hls_lowering *l, const struct hls_object *o, hls_id index)
{
    hls_int *value = hls_allocate(o->count, sizeof *value);
    bool constant = true;
    for (unsigned i = 0; i < o->count && constant; i++) {
        hls_id cell = l->memory[o->first + i].value;
        constant = cell != HLS_UNDEFINED && hls_is_const(l->fn, cell, &value[i]);
    }
    hls_id read = HLS_UNDEFINED;
    if (constant)
        read = hls_unary(l->fn, HLS_ROM, index, (hls_int)hls_fn_add_table(l->fn, value, o->count));
    free(value);
    return read;
}

static hls_id read_cells(struct hls_lowering *l, const struct hls_address *a, unsigned width)
{
    struct hls_cell *cell = &l->memory[a->object->first];
    const struct hls_node n = l->fn->node[a->index];
    for (hls_int i = n.lo; i <= n.hi; i++)
        if (cell[i].value != HLS_UNDEFINED && cell[i].width < width)
            return hls_lower_refuse(l, "reads %u bits where %u were stored (use one type)", width,
                                    cell[i].width);
    if (n.lo == n.hi)
        return cell[n.lo].value;
    hls_id table = read_table(l, a->object, a->index);
    return table != HLS_UNDEFINED ? table : choose_cell(l, cell, a->index, hls_bits(0, n.hi), 0, n.lo, n.hi);
}

hls_id hls_lower_load(struct hls_lowering *l, LLVMValueRef load)
{
    LLVMTypeRef type = LLVMTypeOf(load);
    if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
        return hls_lower_refuse(l, "reads something that is no integer from memory (integers only)");
    struct hls_address a = hls_lower_address(l, LLVMGetOperand(load, 0));
    if (!check(l, &a, (unsigned)LLVMABISizeOfType(l->layout, type), 1))
        return HLS_UNDEFINED;
    hls_id read = read_cells(l, &a, LLVMGetIntTypeWidth(type));
    return read == HLS_UNDEFINED ? read : hls_lower_wrap(l, read, LLVMGetIntTypeWidth(type));
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
    if (hls_is_const(l->fn, when, &v) && v)
        *cell = with;
    else if (cell->value == HLS_UNDEFINED || with.value == HLS_UNDEFINED)
        cell->value = HLS_UNDEFINED;
    else {
        cell->value = hls_select(l->fn, when, with.value, cell->value);
        cell->width = cell->width < with.width ? cell->width : with.width;
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
    struct hls_address a = hls_lower_address(l, LLVMGetOperand(store, 1));
    if (!check(l, &a, (unsigned)LLVMABISizeOfType(l->layout, type), 1))
        return;
    struct hls_cell with = {hls_lower_value(l, value), LLVMGetIntTypeWidth(type)};
    hls_int first = l->fn->node[a.index].lo, last = l->fn->node[a.index].hi;
    for (hls_int i = first; i <= last; i++)
        write_cell(l, &l->memory[a.object->first + i],
                   hls_binary(l->fn, HLS_EQ, a.index, hls_const(l->fn, i)), with);
}

/* The elements that `bytes` from a constant address on cover; 0 after a refusal. */
static unsigned covered(struct hls_lowering *l, const struct hls_address *a, LLVMValueRef bytes)
{
    if (!a->object || l->code)
        return 0;
    hls_int index;
    unsigned long long n = LLVMIsAConstantInt(bytes) ? LLVMConstIntGetZExtValue(bytes) : 1;
    if (n % a->object->element_bytes || !hls_is_const(l->fn, a->index, &index)) {
        hls_lower_refuse(l, "copies or fills a part of an array that is not known here (use a loop)");
        return 0;
    }
    unsigned elements = (unsigned)(n / a->object->element_bytes);
    return check(l, a, a->object->element_bytes, elements) ? elements : 0;
}

hls_id hls_lower_memset(struct hls_lowering *l, LLVMValueRef call)
{
    struct hls_address a = hls_lower_address(l, LLVMGetOperand(call, 0));
    unsigned n = covered(l, &a, LLVMGetOperand(call, 2));
    LLVMValueRef byte = LLVMGetOperand(call, 1);
    if (n && !LLVMIsAConstantInt(byte))
        return hls_lower_refuse(l, "fills an array with a computed byte (use a loop)");
    hls_int value = 0;
    for (unsigned i = 0; n && i < a.object->element_bytes; i++)
        value |= (hls_int)LLVMConstIntGetZExtValue(byte) << (8 * i);
    for (unsigned i = 0; i < n; i++) {
        unsigned width = 8 * a.object->element_bytes;
        hls_int index = l->fn->node[a.index].lo;
        l->memory[a.object->first + index + i] =
            (struct hls_cell){hls_unary(l->fn, HLS_WRAPS, hls_const(l->fn, value), width), width};
    }
    return HLS_UNDEFINED;
}

hls_id hls_lower_memcpy(struct hls_lowering *l, LLVMValueRef call)
{
    struct hls_address to = hls_lower_address(l, LLVMGetOperand(call, 0)),
                       from = hls_lower_address(l, LLVMGetOperand(call, 1));
    unsigned n = covered(l, &to, LLVMGetOperand(call, 2));
    if (n != covered(l, &from, LLVMGetOperand(call, 2)) || !n)
        return hls_lower_refuse(l, "copies between arrays of different elements (use a loop)");
    memmove(&l->memory[to.object->first + l->fn->node[to.index].lo],
            &l->memory[from.object->first + l->fn->node[from.index].lo], n * sizeof *l->memory);
    return HLS_UNDEFINED;
}

void hls_lower_join_memory(struct hls_lowering *l, hls_id condition, const struct hls_cell *then,
                           struct hls_cell *other)
{
    for (unsigned c = 0; c < l->cells; c++)
        if (then[c].value != other[c].value)
            write_cell(l, &other[c], condition, then[c]);
}

/* What the kernel keeps in memory: local arrays, constant tables, static variables; of integers and structs
 * of them. Each scalar is a cell. The cells of one field, in all elements of the arrays around it, are
 * neighbours: in the object of `struct {int a; short b[2];} s[4]` the four a come first, then the eight b. */
#include "hls/compiler/lower.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>

enum { MOST_STATES = 4096 }; /* elements of static variables */

/* --- layout --- */

uint64_t hls_lower_flatten(LLVMTypeRef *type)
{
    uint64_t n = 1;
    while (LLVMGetTypeKind(*type) == LLVMArrayTypeKind) {
        n *= LLVMGetArrayLength2(*type);
        *type = LLVMGetElementType(*type);
    }
    return n;
}

unsigned hls_lower_cells(LLVMTypeRef type)
{
    uint64_t n = hls_lower_flatten(&type), cells = 0;
    if (LLVMGetTypeKind(type) == LLVMIntegerTypeKind)
        cells = LLVMGetIntTypeWidth(type) <= HLS_MAX_WIDTH;
    else if (LLVMGetTypeKind(type) == LLVMStructTypeKind)
        for (unsigned f = 0; f < LLVMCountStructElementTypes(type); f++) {
            unsigned more = hls_lower_cells(LLVMStructGetTypeAtIndex(type, f));
            if (!more)
                return 0;
            cells += more;
        }
    return n <= 1u << 20 && n * cells <= 1u << 20 ? (unsigned)(n * cells) : 0;
}

/* --- values at the start --- */

/* Where a value belongs: element `element` of `times` in the cells from `first` on. */
struct spot {
    unsigned first, times, element;
};

/* Padding has no value in LLVM; whatever it is, it is given 0. */
static void fill_scalar(struct hls_lowering *l, LLVMValueRef value, struct spot at)
{
    hls_id id = LLVMIsUndef(value) || LLVMIsPoison(value) ? hls_const(l->fn, 0) : hls_lower_value(l, value);
    l->memory[at.first + at.element] = hls_lower_cell(l, id, LLVMGetIntTypeWidth(LLVMTypeOf(value)));
}

static void fill(struct hls_lowering *l, LLVMValueRef value, struct spot at)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    if (LLVMGetTypeKind(type) == LLVMArrayTypeKind) {
        unsigned n = (unsigned)LLVMGetArrayLength2(type);
        for (unsigned i = 0; i < n; i++)
            fill(l, LLVMGetAggregateElement(value, i),
                 (struct spot){at.first, at.times * n, at.element * n + i});
    } else if (LLVMGetTypeKind(type) == LLVMStructTypeKind) {
        for (unsigned f = 0; f < LLVMCountStructElementTypes(type); f++) {
            fill(l, LLVMGetAggregateElement(value, f), at);
            at.first += at.times * hls_lower_cells(LLVMStructGetTypeAtIndex(type, f));
        }
    } else {
        fill_scalar(l, value, at);
    }
}

/* --- state --- */

static void add_state(struct hls_lowering *l, const struct hls_object *o, const char *name, unsigned number)
{
    struct hls_cell *cell = &l->memory[o->first + number];
    struct hls_state s = {.name = (char *)name,
                          .lo = cell->width == 1 ? 0 : -hls_two_to(cell->width - 1),
                          .hi = cell->width == 1 ? 1 : hls_two_to(cell->width - 1) - 1};
    if (hls_is_const(l->fn, cell->value, &s.initial))
        cell->value = hls_state(l->fn, hls_fn_add_state(l->fn, &s));
    else
        hls_lower_refuse(l, "static variable '%s' begins with an address (integers only)", name);
}

/* A state for each cell of a type, in their order: "name", "name[3]"; field 2 of a struct: "name.2[3]". */
static void add_states_of(struct hls_lowering *l, const struct hls_object *o, LLVMTypeRef type,
                          const char *name, unsigned times)
{
    bool is_array = LLVMGetTypeKind(type) == LLVMArrayTypeKind || times > 1;
    times *= (unsigned)hls_lower_flatten(&type);
    if (LLVMGetTypeKind(type) == LLVMStructTypeKind) {
        for (unsigned f = 0; f < LLVMCountStructElementTypes(type) && !l->code; f++) {
            char *field = hls_text("%s.%u", name, f);
            add_states_of(l, o, LLVMStructGetTypeAtIndex(type, f), field, times);
            free(field);
        }
        return;
    }
    for (unsigned e = 0; e < times && !l->code; e++) {
        char *element = is_array && times > 1 ? hls_text("%s[%u]", name, e) : hls_copy_text(name);
        add_state(l, o, element, l->fn->states - o->state);
        free(element);
    }
}

static void add_states(struct hls_lowering *l, struct hls_object *o)
{
    o->state = l->fn->states;
    if (l->fn->states + o->count > MOST_STATES)
        hls_lower_refuse(
            l,
            "static variables of more than %d elements with '%s' (state lives in registers: keep "
            "it small)",
            MOST_STATES, LLVMGetValueName(o->base));
    else
        add_states_of(l, o, o->type, LLVMGetValueName(o->base), 1);
}

void hls_lower_keep_states(struct hls_lowering *l)
{
    l->loc = l->fn->top; /* the end itself is in the entry function */
    for (unsigned o = 0; o < l->objects && !l->code; o++) {
        const struct hls_object *object = &l->object[o];
        for (unsigned i = 0; object->kind == HLS_STATIC && i < object->count && !l->code; i++) {
            struct hls_state *s = &l->fn->state[object->state + i];
            struct hls_cell cell = l->memory[object->first + i];
            if (!hls_lower_is_defined(l, &cell))
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

/* clang splits a table that ends in many zeros: `<{ [128 x i32], [128 x i32] }>`; but it is read as one
 * array. */
static LLVMTypeRef as_array(LLVMTypeRef type)
{
    unsigned fields = LLVMGetTypeKind(type) == LLVMStructTypeKind ? LLVMCountStructElementTypes(type) : 0;
    LLVMTypeRef first = NULL;
    uint64_t n = 0;
    for (unsigned f = 0; f < fields; f++) {
        LLVMTypeRef element = LLVMStructGetTypeAtIndex(type, f);
        n += hls_lower_flatten(&element);
        if (f && element != first)
            return type;
        first = element;
    }
    return fields > 1 && LLVMIsPackedStruct(type) ? LLVMArrayType2(first, n) : type;
}

/* What holds other things than integers gets no cells, and an access to it is refused. */
static void add_object(struct hls_lowering *l, LLVMValueRef base, LLVMTypeRef type, int kind)
{
    unsigned count = hls_lower_cells(type);
    type = as_array(type);
    if (!count)
        return;
    l->object = hls_resize(l->object, l->objects + 1, sizeof *l->object);
    l->object[l->objects] = (struct hls_object){base, type, l->cells, count, kind, l->fn->states};
    hls_map_set(&l->object_of, base, l->objects++);
    l->cells += count;
}

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
        l->memory[c] = hls_lower_cell(l, HLS_UNDEFINED, 0);
    for (unsigned o = 0; o < l->objects && l->object[o].kind != HLS_LOCAL && !l->code; o++) {
        fill(l, LLVMGetInitializer(l->object[o].base), (struct spot){l->object[o].first, 1, 0});
        if (l->object[o].kind == HLS_STATIC)
            add_states(l, &l->object[o]);
    }
    return l->code;
}

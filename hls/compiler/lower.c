#include "hls/compiler/lower.h"

#include "hls/compiler/divisors.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/loops.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/optimize.h"

#include <llvm-c/Target.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

hls_id hls_lower_refuse(struct hls_lowering *l, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    l->refusals++;
    if (!l->code && !l->scouting)
        l->code = hls_refuse(l->loc, "%s", text);
    return HLS_UNDEFINED;
}

/* --- values --- */

static unsigned width_of(struct hls_lowering *l, LLVMValueRef v)
{
    LLVMTypeRef type = LLVMTypeOf(v);
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    unsigned width = kind == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(type) : 1;
    if (kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind || kind == LLVMX86_FP80TypeKind)
        hls_lower_refuse(l, "floating point (use integers with a fixed binary point)");
    else if (kind != LLVMIntegerTypeKind)
        hls_lower_refuse(l, "a value that is no integer (use integers)");
    else if (width > HLS_MAX_WIDTH)
        hls_lower_refuse(l, "an integer of %u bits (at most 64)", width);
    return width <= HLS_MAX_WIDTH ? width : HLS_MAX_WIDTH;
}

hls_id hls_lower_seen(struct hls_lowering *l, hls_id id)
{
    if (id == HLS_UNDEFINED || l->fn->node[id].loop == l->loop)
        return id;
    if (l->fn->node[id].loop)
        id = hls_last(l->fn, id);
    return l->loop ? hls_hold(l->fn, l->loop, id) : id;
}

hls_id hls_lower_wrap(struct hls_lowering *l, hls_id a, unsigned width)
{
    return hls_unary(l->fn, width == 1 ? HLS_WRAPU : HLS_WRAPS, a, width);
}

hls_id hls_lower_value(struct hls_lowering *l, LLVMValueRef v)
{
    uint32_t id;
    if (LLVMIsUndef(v) || LLVMIsPoison(v))
        return HLS_UNDEFINED;
    if (LLVMIsAConstantInt(v)) {
        unsigned width = width_of(l, v);
        if (width == 1)
            return hls_const(l->fn, LLVMConstIntGetZExtValue(v) ? 1 : 0);
        return l->code ? HLS_UNDEFINED : hls_const(l->fn, LLVMConstIntGetSExtValue(v));
    }
    if (hls_map_get(&l->values, v, &id))
        return hls_lower_seen(l, id);
    width_of(l, v);
    return hls_lower_refuse(l,
                            "an address used as a number, or a value from outside (use integers and arrays)");
}

hls_id hls_lower_operand(struct hls_lowering *l, LLVMValueRef v)
{
    hls_id id = hls_lower_value(l, v);
    if (id != HLS_UNDEFINED)
        return id;
    hls_lower_refuse(
        l, "computes with an uninitialised variable or an impossible shift (give it a value on every path)");
    return l->scouting ? l->unknown : hls_const(l->fn, 0);
}

static hls_id operand(struct hls_lowering *l, LLVMValueRef i, unsigned n)
{
    return hls_lower_operand(l, LLVMGetOperand(i, n));
}

/* The unsigned reading of an operand. */
static hls_id unsigned_operand(struct hls_lowering *l, LLVMValueRef i, unsigned n)
{
    return hls_unary(l->fn, HLS_WRAPU, operand(l, i, n), width_of(l, LLVMGetOperand(i, n)));
}

/* The signed reading: only for i1 it differs from the usual one. */
static hls_id signed_operand(struct hls_lowering *l, LLVMValueRef i, unsigned n)
{
    return hls_unary(l->fn, HLS_WRAPS, operand(l, i, n), width_of(l, LLVMGetOperand(i, n)));
}

/* --- instructions --- */

enum { SAFE_PRODUCT = 100 }; /* bits; see HLS_WIDEST */

static hls_id lower_binary(struct hls_lowering *l, LLVMValueRef i, enum hls_op op)
{
    hls_id a = operand(l, i, 0), b = operand(l, i, 1);
    return hls_lower_wrap(l, hls_binary(l->fn, op, a, b), width_of(l, i));
}

/* a * b mod 2^width by halves of b, so that no interval leaves 128 bits. */
static hls_id wide_product(struct hls_lowering *l, hls_id a, hls_id b, unsigned width)
{
    unsigned half = width / 2;
    hls_id low = hls_binary(l->fn, HLS_MUL, a, hls_unary(l->fn, HLS_WRAPU, b, half));
    hls_id high = hls_unary(l->fn, HLS_WRAPS, hls_unary(l->fn, HLS_SHR, b, half), width - half);
    high = hls_binary(l->fn, HLS_MUL, hls_unary(l->fn, HLS_WRAPS, a, width - half), high);
    return hls_binary(l->fn, HLS_ADD, low, hls_unary(l->fn, HLS_SHL, high, half));
}

static hls_id lower_product(struct hls_lowering *l, LLVMValueRef i)
{
    hls_id a = operand(l, i, 0), b = operand(l, i, 1);
    const struct hls_node *x = &l->fn->node[a], *y = &l->fn->node[b];
    bool fits = hls_bits(x->lo, x->hi) + hls_bits(y->lo, y->hi) <= SAFE_PRODUCT;
    hls_id product = fits ? hls_binary(l->fn, HLS_MUL, a, b) : wide_product(l, a, b, width_of(l, i));
    return hls_lower_wrap(l, product, width_of(l, i));
}

/* Bits that are shifted out at the top do not count. */
static hls_id lower_constant_shl(struct hls_lowering *l, hls_id a, unsigned by, unsigned width)
{
    hls_id kept = hls_unary(l->fn, HLS_WRAPS, a, width - by);
    return hls_lower_wrap(l, hls_unary(l->fn, HLS_SHL, kept, by), width);
}

static hls_id lower_shift(struct hls_lowering *l, LLVMValueRef i, LLVMOpcode opcode)
{
    unsigned width = width_of(l, i);
    hls_id by = unsigned_operand(l, i, 1);
    if (l->fn->node[by].hi >= (hls_int)width)
        return hls_lower_refuse(l, "shifts %u bits by up to %lld (mask the amount, e.g. x & %u)", width,
                                (long long)l->fn->node[by].hi, width - 1);
    hls_id a = opcode == LLVMLShr ? unsigned_operand(l, i, 0) : signed_operand(l, i, 0);
    hls_int constant;
    if (opcode == LLVMShl && hls_is_const(l->fn, by, &constant))
        return lower_constant_shl(l, a, (unsigned)constant, width);
    hls_id shifted = hls_binary(l->fn, opcode == LLVMShl ? HLS_SHLV : HLS_SHRV, a, by);
    return hls_lower_wrap(l, shifted, width);
}

static hls_id lower_compare(struct hls_lowering *l, LLVMValueRef i)
{
    LLVMIntPredicate p = LLVMGetICmpPredicate(i);
    if (p == LLVMIntEQ || p == LLVMIntNE) {
        hls_id equal = hls_binary(l->fn, HLS_EQ, operand(l, i, 0), operand(l, i, 1));
        return p == LLVMIntEQ ? equal : hls_not(l->fn, equal);
    }
    bool is_unsigned = p == LLVMIntUGT || p == LLVMIntUGE || p == LLVMIntULT || p == LLVMIntULE;
    hls_id a = is_unsigned ? unsigned_operand(l, i, 0) : signed_operand(l, i, 0);
    hls_id b = is_unsigned ? unsigned_operand(l, i, 1) : signed_operand(l, i, 1);
    bool swapped = p == LLVMIntUGT || p == LLVMIntSGT || p == LLVMIntULE || p == LLVMIntSLE;
    bool negated = p == LLVMIntUGE || p == LLVMIntSGE || p == LLVMIntULE || p == LLVMIntSLE;
    hls_id less = hls_binary(l->fn, HLS_LT, swapped ? b : a, swapped ? a : b);
    return negated ? hls_not(l->fn, less) : less;
}

static hls_id choose(struct hls_lowering *l, hls_id c, hls_id a, hls_id b)
{
    hls_int v;
    if (hls_is_const(l->fn, c, &v))
        return v ? a : b;
    if (a == HLS_UNDEFINED || b == HLS_UNDEFINED)
        return HLS_UNDEFINED;
    return hls_select(l->fn, c, a, b);
}

/* When exactly one of the ways `a` and `b` is taken: a condition that tells them apart, without what they
 * share. */
static hls_id tell_apart(const struct hls_fn *fn, hls_id a, hls_id b)
{
    const struct hls_node *n = &fn->node[a], *m = &fn->node[b];
    if (n->op != HLS_AND || m->op != HLS_AND)
        return a;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (n->arg[i] == m->arg[j])
                return n->arg[1 - i];
    return a;
}

static hls_id edge_condition(struct hls_lowering *l, const struct hls_block *b, size_t e)
{
    return b->edges == 2 ? tell_apart(l->fn, b->edge[0].taken, b->edge[1].taken) : b->edge[e].taken;
}

static LLVMValueRef incoming(LLVMValueRef phi, LLVMBasicBlockRef from)
{
    unsigned i = 0;
    while (LLVMGetIncomingBlock(phi, i) != from)
        i++;
    return LLVMGetIncomingValue(phi, i);
}

hls_id hls_lower_phi(struct hls_lowering *l, LLVMValueRef phi, const struct hls_block *b)
{
    hls_id value = HLS_UNDEFINED;
    for (size_t e = b->edges; e-- > 0;) {
        hls_id v = hls_lower_value(l, incoming(phi, l->block[b->edge[e].from].block));
        value = e + 1 == b->edges ? v : choose(l, edge_condition(l, b, e), v, value);
    }
    return value;
}

bool hls_lower_is_pointer(LLVMValueRef v)
{
    return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMPointerTypeKind;
}

static void lower_pointer_phi(struct hls_lowering *l, LLVMValueRef phi, const struct hls_block *b)
{
    struct hls_address a = {.object = NULL};
    for (size_t e = b->edges; e-- > 0 && !l->code;) {
        struct hls_address way = hls_lower_address(l, incoming(phi, l->block[b->edge[e].from].block));
        a = e + 1 == b->edges ? way : hls_lower_choose_address(l, edge_condition(l, b, e), way, a);
    }
    hls_lower_keep_address(l, phi, a);
}

static void lower_pointer_select(struct hls_lowering *l, LLVMValueRef i)
{
    struct hls_address a = hls_lower_address(l, LLVMGetOperand(i, 1));
    struct hls_address b = hls_lower_address(l, LLVMGetOperand(i, 2));
    hls_id c = operand(l, i, 0);
    if (!l->code)
        hls_lower_keep_address(l, i, hls_lower_choose_address(l, c, a, b));
}

static hls_id lower_select(struct hls_lowering *l, LLVMValueRef i)
{
    width_of(l, i);
    if (l->code)
        return HLS_UNDEFINED;
    hls_id a = hls_lower_value(l, LLVMGetOperand(i, 1)), b = hls_lower_value(l, LLVMGetOperand(i, 2));
    return choose(l, operand(l, i, 0), a, b);
}

/* --- intrinsics --- */

static hls_id lower_saturating(struct hls_lowering *l, LLVMValueRef i, enum hls_op op, bool is_signed)
{
    unsigned width = width_of(l, i);
    hls_id a = is_signed ? signed_operand(l, i, 0) : unsigned_operand(l, i, 0);
    hls_id b = is_signed ? signed_operand(l, i, 1) : unsigned_operand(l, i, 1);
    hls_int low = is_signed ? -hls_two_to(width - 1) : 0, high = hls_two_to(width - is_signed) - 1;
    hls_id sum = hls_binary(l->fn, op, a, b);
    sum = hls_binary(l->fn, HLS_MIN, sum, hls_const(l->fn, high));
    return hls_lower_wrap(l, hls_binary(l->fn, HLS_MAX, sum, hls_const(l->fn, low)), width);
}

static hls_id lower_extreme(struct hls_lowering *l, LLVMValueRef i, enum hls_op op, bool is_signed)
{
    hls_id a = is_signed ? signed_operand(l, i, 0) : unsigned_operand(l, i, 0);
    hls_id b = is_signed ? signed_operand(l, i, 1) : unsigned_operand(l, i, 1);
    return hls_lower_wrap(l, hls_binary(l->fn, op, a, b), width_of(l, i));
}

static hls_id lower_abs(struct hls_lowering *l, LLVMValueRef i)
{
    hls_id a = signed_operand(l, i, 0);
    hls_id minus = hls_binary(l->fn, HLS_SUB, hls_const(l->fn, 0), a);
    return hls_lower_wrap(l, hls_binary(l->fn, HLS_MAX, a, minus), width_of(l, i));
}

/* fshl(a, b, n) is the high, fshr the low word of {a, b} shifted by n mod width. */
static hls_id lower_funnel(struct hls_lowering *l, LLVMValueRef i, bool left)
{
    LLVMValueRef amount = LLVMGetOperand(i, 2);
    unsigned width = width_of(l, i);
    if (!LLVMIsAConstantInt(amount))
        return hls_lower_refuse(l, "rotation by a computed amount (by a constant only)");
    unsigned n = (unsigned)(LLVMConstIntGetZExtValue(amount) % width);
    unsigned down = left ? (width - n) % width : n; /* right shift of b, that a joins from above */
    hls_id high = operand(l, i, 0), low = unsigned_operand(l, i, 1);
    if (n == 0)
        return hls_lower_wrap(l, left ? high : low, width);
    hls_id a = hls_unary(l->fn, HLS_WRAPU, hls_unary(l->fn, HLS_SHL, high, width - down), width);
    hls_id b = hls_unary(l->fn, HLS_SHR, low, down);
    return hls_lower_wrap(l, hls_binary(l->fn, HLS_OR, a, b), width);
}

/* Fields of `field` bits in reversed order: 1 reverses bits, 8 swaps bytes. */
static hls_id lower_reversed(struct hls_lowering *l, LLVMValueRef i, unsigned field)
{
    unsigned width = width_of(l, i);
    hls_id a = operand(l, i, 0), reversed = hls_const(l->fn, 0);
    for (unsigned low = 0; low < width; low += field) {
        hls_id part = hls_unary(l->fn, HLS_WRAPU, hls_unary(l->fn, HLS_SHR, a, low), field);
        part = hls_unary(l->fn, HLS_SHL, part, width - field - low);
        reversed = hls_binary(l->fn, HLS_OR, reversed, part);
    }
    return hls_lower_wrap(l, reversed, width);
}

static hls_id lower_bitreverse(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_reversed(l, i, 1);
}

static hls_id lower_bswap(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_reversed(l, i, 8);
}

static hls_id lower_ctpop(struct hls_lowering *l, LLVMValueRef i)
{
    unsigned width = width_of(l, i);
    hls_id a = operand(l, i, 0), sum = hls_const(l->fn, 0);
    for (unsigned bit = 0; bit < width; bit++) {
        hls_id one = hls_unary(l->fn, HLS_WRAPU, hls_unary(l->fn, HLS_SHR, a, bit), 1);
        sum = hls_binary(l->fn, HLS_ADD, sum, one);
    }
    return hls_lower_wrap(l, sum, width);
}

/* A trap of the undefined behaviour sanitizer: fine when no input leads there. */
static hls_id lower_trap(struct hls_lowering *l, LLVMValueRef i)
{
    (void)i;
    return hls_lower_refuse(l, "a shift amount or an index may be out of range here (mask or clamp it)");
}

static hls_id lower_nothing(struct hls_lowering *l, LLVMValueRef i)
{
    (void)l, (void)i;
    return HLS_UNDEFINED;
}

static hls_id lower_first_operand(struct hls_lowering *l, LLVMValueRef i)
{
    return operand(l, i, 0);
}

static hls_id lower_smin(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_extreme(l, i, HLS_MIN, true);
}

static hls_id lower_smax(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_extreme(l, i, HLS_MAX, true);
}

static hls_id lower_umin(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_extreme(l, i, HLS_MIN, false);
}

static hls_id lower_umax(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_extreme(l, i, HLS_MAX, false);
}

static hls_id lower_sadd_sat(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_saturating(l, i, HLS_ADD, true);
}

static hls_id lower_ssub_sat(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_saturating(l, i, HLS_SUB, true);
}

static hls_id lower_uadd_sat(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_saturating(l, i, HLS_ADD, false);
}

static hls_id lower_usub_sat(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_saturating(l, i, HLS_SUB, false);
}

static hls_id lower_fshl(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_funnel(l, i, true);
}

static hls_id lower_fshr(struct hls_lowering *l, LLVMValueRef i)
{
    return lower_funnel(l, i, false);
}

static hls_id lower_call(struct hls_lowering *l, LLVMValueRef i)
{
    static const struct {
        const char *prefix;
        hls_id (*lower)(struct hls_lowering *l, LLVMValueRef i);
    } known[] = {
        {HLS_UNKNOWN, lower_nothing},
        {HLS_DIVISOR, lower_first_operand},
        {"llvm.dbg.", lower_nothing},
        {"llvm.lifetime.", lower_nothing},
        {"llvm.assume", lower_nothing},
        {"llvm.experimental.noalias", lower_nothing},
        {"llvm.smin.", lower_smin},
        {"llvm.smax.", lower_smax},
        {"llvm.umin.", lower_umin},
        {"llvm.umax.", lower_umax},
        {"llvm.sadd.sat.", lower_sadd_sat},
        {"llvm.ssub.sat.", lower_ssub_sat},
        {"llvm.uadd.sat.", lower_uadd_sat},
        {"llvm.usub.sat.", lower_usub_sat},
        {"llvm.abs.", lower_abs},
        {"llvm.fshl.", lower_fshl},
        {"llvm.fshr.", lower_fshr},
        {"llvm.bitreverse.", lower_bitreverse},
        {"llvm.bswap.", lower_bswap},
        {"llvm.ctpop.", lower_ctpop},
        {"llvm.memset.", hls_lower_memset},
        {"llvm.memcpy.", hls_lower_memcpy},
        {"llvm.memmove.", hls_lower_memcpy},
        {"llvm.ubsantrap", lower_trap},
        {"llvm.trap", lower_trap},
    };
    LLVMValueRef callee = LLVMGetCalledValue(i);
    const char *name = LLVMIsAFunction(callee) ? LLVMGetValueName(callee) : "";
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strncmp(name, known[k].prefix, strlen(known[k].prefix)))
            return known[k].lower(l, i);
    return hls_lower_refuse(
        l, "call of '%s' (no recursion, no function without a body, no builtin of that kind)", name);
}

static hls_id refuse_instruction(struct hls_lowering *l, LLVMValueRef i)
{
    switch (LLVMGetInstructionOpcode(i)) {
    case LLVMPtrToInt:
    case LLVMIntToPtr: return hls_lower_refuse(l, "an address used as a number (index arrays)");
    default:
        width_of(l, i);
        return hls_lower_refuse(l, "operation without a hardware form here (integers, arrays, "
                                   "if, loops with fixed bounds)");
    }
}

/* When a block runs; in a rolled loop, b->reached says when it does in a round. */
static hls_id reached_at_all(struct hls_lowering *l, const struct hls_block *b)
{
    return l->inside ? hls_binary(l->fn, HLS_AND, b->reached, hls_lower_seen(l, l->outer)) : b->reached;
}

static hls_id lower_instruction(struct hls_lowering *l, LLVMValueRef i, const struct hls_block *b)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(i);
    switch (opcode) {
    case LLVMAdd: return lower_binary(l, i, HLS_ADD);
    case LLVMSub: return lower_binary(l, i, HLS_SUB);
    case LLVMMul: return lower_product(l, i);
    case LLVMAnd: return lower_binary(l, i, HLS_AND);
    case LLVMOr: return lower_binary(l, i, HLS_OR);
    case LLVMXor: return lower_binary(l, i, HLS_XOR);
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr: return lower_shift(l, i, opcode);
    case LLVMUDiv:
    case LLVMURem:
        return hls_lower_division(l, i, width_of(l, i), unsigned_operand(l, i, 0), unsigned_operand(l, i, 1),
                                  reached_at_all(l, b));
    case LLVMSDiv:
    case LLVMSRem:
        return hls_lower_division(l, i, width_of(l, i), signed_operand(l, i, 0), signed_operand(l, i, 1),
                                  reached_at_all(l, b));
    case LLVMICmp: return lower_compare(l, i);
    case LLVMSelect: return lower_select(l, i);
    case LLVMPHI: return hls_lower_phi(l, i, b);
    case LLVMZExt: return unsigned_operand(l, i, 0);
    case LLVMSExt: return signed_operand(l, i, 0);
    case LLVMTrunc: return hls_lower_wrap(l, operand(l, i, 0), width_of(l, i));
    case LLVMFreeze: return operand(l, i, 0);
    case LLVMLoad:
        return LLVMGetVolatile(i) ? hls_lower_refuse(l, "volatile access (drop volatile)")
                                  : hls_lower_load(l, i);
    case LLVMCall: return lower_call(l, i);
    default: return refuse_instruction(l, i);
    }
}

static bool gives_value(LLVMValueRef i)
{
    return LLVMGetTypeKind(LLVMTypeOf(i)) != LLVMVoidTypeKind;
}

static void lower_one(struct hls_lowering *l, LLVMValueRef i, const struct hls_block *b)
{
    struct hls_loc loc = hls_debug_loc(i);
    if (loc.file)
        l->loc = loc;
    l->fn->loc = l->loc;
    LLVMOpcode opcode = LLVMGetInstructionOpcode(i);
    if (opcode == LLVMStore) {
        if (LLVMGetVolatile(i))
            hls_lower_refuse(l, "volatile access (drop volatile)");
        else
            hls_lower_store(l, i);
        return;
    }
    if (hls_lower_is_pointer(i) && opcode == LLVMPHI) {
        lower_pointer_phi(l, i, b);
        return;
    }
    if (hls_lower_is_pointer(i) && opcode == LLVMSelect) {
        lower_pointer_select(l, i);
        return;
    }
    if (opcode == LLVMAlloca || opcode == LLVMGetElementPtr)
        return; /* known from hls_lower_objects, or looked at by the access */
    hls_id id = lower_instruction(l, i, b);
    if (gives_value(i))
        hls_map_set(&l->values, i, id);
}

/* --- control flow --- */

/* The trap that a block leads to without doing anything else, or NULL. */
static LLVMValueRef trap_at(LLVMBasicBlockRef b)
{
    LLVMValueRef end = LLVMGetBasicBlockTerminator(b);
    while (LLVMIsABranchInst(end) && !LLVMIsConditional(end) && LLVMGetFirstInstruction(b) == end) {
        b = LLVMGetSuccessor(end, 0);
        end = LLVMGetBasicBlockTerminator(b);
    }
    return LLVMIsAUnreachableInst(end) ? LLVMGetFirstInstruction(b) : NULL;
}

/* Out of a rolled loop, which only its end may do, or round in it. */
static void leave(struct hls_lowering *l, unsigned from, unsigned to)
{
    const struct hls_rolled *r = &l->rolled[l->inside - 1];
    LLVMValueRef trap = trap_at(l->block[to].block);
    if (trap) {
        l->loc = hls_debug_loc(trap).file ? hls_debug_loc(trap) : l->loc;
        lower_trap(l, trap);
    } else if (from != r->latch) {
        hls_lower_refuse(l, "leaves a rolled loop before its end (an if inside, no break or return)");
    }
}

void hls_lower_add_edge(struct hls_lowering *l, unsigned from, LLVMBasicBlockRef to, hls_id taken)
{
    uint32_t index = 0;
    hls_int v;
    if (hls_is_const(l->fn, taken, &v) && !v)
        return;
    hls_map_get(&l->block_of, to, &index);
    struct hls_block *b = &l->block[index];
    if (l->inside && (b->loop != l->inside || index <= from)) {
        leave(l, from, index);
        return;
    }
    for (size_t e = 0; e < b->edges; e++)
        if (b->edge[e].from == from) {
            b->edge[e].taken = hls_binary(l->fn, HLS_OR, b->edge[e].taken, taken);
            return;
        }
    b->edge = hls_resize(b->edge, b->edges + 1, sizeof *b->edge);
    b->edge[b->edges++] = (struct hls_edge){from, taken};
}

static void lower_branch(struct hls_lowering *l, unsigned from, LLVMValueRef branch)
{
    hls_id here = l->block[from].reached;
    if (!LLVMIsConditional(branch)) {
        hls_lower_add_edge(l, from, LLVMGetSuccessor(branch, 0), here);
        return;
    }
    hls_id c = hls_lower_operand(l, LLVMGetCondition(branch));
    if (l->inside && from == l->rolled[l->inside - 1].latch) {
        LLVMBasicBlockRef header = l->block[l->rolled[l->inside - 1].header].block;
        l->stays = LLVMGetSuccessor(branch, 0) == header ? c : hls_not(l->fn, c);
    }
    hls_lower_add_edge(l, from, LLVMGetSuccessor(branch, 0), hls_binary(l->fn, HLS_AND, here, c));
    hls_lower_add_edge(l, from, LLVMGetSuccessor(branch, 1),
                       hls_binary(l->fn, HLS_AND, here, hls_not(l->fn, c)));
}

/* Operands of a switch: value, default block, then pairs of case value and block. */
static void lower_switch(struct hls_lowering *l, unsigned from, LLVMValueRef i)
{
    hls_id here = l->block[from].reached, value = operand(l, i, 0), none = hls_const(l->fn, 1);
    for (unsigned s = 1; s < LLVMGetNumSuccessors(i); s++) {
        hls_id is = hls_binary(l->fn, HLS_EQ, value, operand(l, i, 2 * s));
        hls_lower_add_edge(l, from, LLVMGetSuccessor(i, s), hls_binary(l->fn, HLS_AND, here, is));
        none = hls_binary(l->fn, HLS_AND, none, hls_not(l->fn, is));
    }
    hls_lower_add_edge(l, from, LLVMGetSwitchDefaultDest(i), hls_binary(l->fn, HLS_AND, here, none));
}

static void lower_terminator(struct hls_lowering *l, unsigned from, LLVMValueRef i)
{
    struct hls_loc loc = hls_debug_loc(i);
    if (loc.file)
        l->loc = loc;
    switch (LLVMGetInstructionOpcode(i)) {
    case LLVMRet: hls_lower_keep_states(l); break;
    case LLVMBr: lower_branch(l, from, i); break;
    case LLVMSwitch: lower_switch(l, from, i); break;
    case LLVMUnreachable:
        hls_lower_refuse(l, "undefined behaviour on a path that may be taken (see clang's warnings)");
        break;
    default: hls_lower_refuse(l, "jump of a kind that has no hardware form (if, switch, fixed loops)"); break;
    }
}

void hls_lower_enter(struct hls_lowering *l, struct hls_block *b)
{
    size_t last = b->edges - 1;
    memcpy(l->memory, l->block[b->edge[last].from].memory, l->cells * sizeof *l->memory);
    b->reached = b->edge[last].taken;
    for (size_t e = last; e-- > 0;) {
        hls_lower_join_memory(l, edge_condition(l, b, e), l->block[b->edge[e].from].memory, l->memory);
        b->reached = hls_binary(l->fn, HLS_OR, b->reached, b->edge[e].taken);
    }
}

/* What is in a block that has been entered, from instruction `i` on. */
static void lower_rest(struct hls_lowering *l, unsigned index, LLVMValueRef i)
{
    struct hls_block *b = &l->block[index];
    LLVMValueRef end = LLVMGetBasicBlockTerminator(b->block);
    l->reached = b->reached;
    for (; i != end && !l->code; i = LLVMGetNextInstruction(i))
        lower_one(l, i, b);
    if (!l->code)
        lower_terminator(l, index, end);
    b->memory = hls_allocate(l->cells, sizeof *b->memory);
    memcpy(b->memory, l->memory, l->cells * sizeof *b->memory);
}

static void lower_block(struct hls_lowering *l, unsigned index)
{
    struct hls_block *b = &l->block[index];
    if (index == 0)
        b->reached = hls_const(l->fn, 1);
    else if (b->edges)
        hls_lower_enter(l, b);
    else
        return;
    if (b->loop && !l->inside)
        hls_lower_rolled(l, b->loop);
    else
        lower_rest(l, index, LLVMGetFirstInstruction(b->block));
}

void hls_lower_body(struct hls_lowering *l, unsigned which)
{
    const struct hls_rolled *r = &l->rolled[which - 1];
    LLVMValueRef i = LLVMGetFirstInstruction(l->block[r->header].block);
    for (unsigned b = r->header; b <= r->latch; b++) {
        if (l->block[b].loop != which)
            continue;
        free(l->block[b].memory);
        l->block[b].memory = NULL;
        l->block[b].edges = b == r->header ? l->block[b].edges : 0;
    }
    while (LLVMIsAPHINode(i))
        i = LLVMGetNextInstruction(i);
    lower_rest(l, r->header, i);
    for (unsigned b = r->header + 1; b <= r->latch && !l->code; b++)
        if (l->block[b].loop == which)
            lower_block(l, b);
}

/* --- order of the blocks --- */

/* Every block from which the latch can be reached without the header. */
static int mark_blocks(struct hls_lowering *l, const struct hls_rolled *r)
{
    l->block[r->latch].loop = l->rolled_loops;
    for (unsigned b = r->latch + 1; b-- > r->header;) {
        LLVMValueRef end = LLVMGetBasicBlockTerminator(l->block[b].block);
        bool inside = b == r->latch;
        for (unsigned s = 0; s < LLVMGetNumSuccessors(end); s++) {
            uint32_t next = 0;
            hls_map_get(&l->block_of, LLVMGetSuccessor(end, s), &next);
            inside |= next > b && next <= r->latch && l->block[next].loop == l->rolled_loops;
        }
        if (inside && b != r->latch && l->block[b].loop)
            return hls_refuse(r->loc,
                              "a rolled loop with another one in it (mark the inner or the outer one)");
        if (inside)
            l->block[b].loop = l->rolled_loops;
    }
    return 0;
}

static int add_loop(struct hls_lowering *l, LLVMValueRef back)
{
    struct hls_rolled r = {.loc = hls_debug_loc(back)};
    uint32_t header = UINT32_MAX, latch = 0;
    if (!hls_loop_is_rolled(back))
        return hls_refuse(r.loc, "loop whose number of rounds is not a constant, or is above 100000 "
                                 "(give it a fixed bound, and an if inside)");
    hls_map_get(&l->block_of, LLVMGetInstructionParent(back), &latch);
    for (unsigned s = 0; s < LLVMGetNumSuccessors(back); s++) {
        uint32_t to = 0;
        hls_map_get(&l->block_of, LLVMGetSuccessor(back, s), &to);
        header = to <= latch ? to : header;
    }
    r.header = header;
    r.latch = latch;
    if (l->block[latch].loop)
        return hls_refuse(r.loc, "a rolled loop with another one in it (mark the inner or the outer one)");
    l->rolled = hls_resize(l->rolled, l->rolled_loops + 1, sizeof *l->rolled);
    l->rolled[l->rolled_loops++] = r;
    return mark_blocks(l, &l->rolled[l->rolled_loops - 1]);
}

static int order_blocks(struct hls_lowering *l, LLVMValueRef entry)
{
    struct hls_loops loops;
    int code = 0;
    hls_loops_find(&loops, entry);
    l->blocks = loops.blocks;
    l->block = hls_allocate(l->blocks, sizeof *l->block);
    for (unsigned i = 0; i < l->blocks; i++) {
        l->block[i].block = loops.block[i];
        hls_map_set(&l->block_of, l->block[i].block, i);
    }
    for (unsigned i = 0; i < loops.backs && !code; i++)
        code = add_loop(l, loops.back[i]);
    hls_loops_release(&loops);
    return code;
}

static void add_inputs(struct hls_lowering *l, LLVMValueRef entry)
{
    for (unsigned i = 0; i < l->fn->inputs; i++) {
        LLVMValueRef parameter = LLVMGetParam(entry, i);
        hls_id id = hls_lower_wrap(l, hls_input(l->fn, i), width_of(l, parameter));
        hls_map_set(&l->values, parameter, id);
    }
}

static void release(struct hls_lowering *l)
{
    for (unsigned b = 0; b < l->blocks; b++) {
        free(l->block[b].edge);
        free(l->block[b].memory);
    }
    free(l->block);
    free(l->rolled);
    free(l->object);
    free(l->memory);
    hls_map_release(&l->values);
    hls_map_release(&l->block_of);
    hls_map_release(&l->object_of);
    hls_map_release(&l->address_of);
    free(l->address);
}

static void check_outputs(struct hls_lowering *l)
{
    for (unsigned i = 0; i < l->fn->outputs && !l->code; i++)
        if (l->fn->output[i] == HLS_NONE)
            hls_lower_refuse(l, "output %s is not set (set every element)",
                             hls_fn_port(l->fn, true, i)->name);
}

int hls_lower(struct hls_fn *fn, LLVMModuleRef module)
{
    struct hls_lowering l = {.fn = fn, .layout = LLVMGetModuleDataLayout(module)};
    LLVMValueRef entry = LLVMGetNamedFunction(module, HLS_ENTRY);
    l.code = order_blocks(&l, entry);
    if (!l.code)
        l.code = hls_lower_objects(&l, module);
    if (!l.code)
        add_inputs(&l, entry);
    for (unsigned b = 0; b < l.blocks && !l.code; b++)
        if (!l.block[b].loop || l.rolled[l.block[b].loop - 1].header == b)
            lower_block(&l, b);
    check_outputs(&l);
    int code = l.code;
    release(&l);
    return code;
}

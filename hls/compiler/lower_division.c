/* `/` and `%`: towards zero, with what C leaves undefined proved impossible or refused. A proof is
 * LLVM's (divisors.h), an interval, a known bit, or a condition under which the block runs; since in hardware
 * the division happens whether the block runs or not, a divisor that only a condition keeps from 0 is made 1
 * there. */
#include "hls/compiler/divide.h"
#include "hls/compiler/divisors.h"
#include "hls/compiler/lower.h"

enum { DEPTH = 4, MOST_LOOKED_AT = 400 }; /* operations that a proof goes through */

static bool is_wrap(enum hls_op op)
{
    return op == HLS_WRAPU || op == HLS_WRAPS;
}

/* What `x` is when `id` is `value`; false when that does not follow. */
static bool value_if(const struct hls_fn *fn, hls_id x, hls_id id, hls_int value, unsigned depth,
                     hls_int *result)
{
    const struct hls_node *n = &fn->node[x], *m = &fn->node[id];
    hls_int arg[HLS_MAX_OPERANDS] = {value};
    bool same_bits = is_wrap(n->op) && is_wrap(m->op) && n->arg[0] == m->arg[0] && n->imm <= m->imm;
    bool simple = is_wrap(n->op) || n->op == HLS_SHR || n->op == HLS_EQ || n->op == HLS_LT ||
                  n->op == HLS_AND || n->op == HLS_OR || n->op == HLS_XOR;
    if (x == id)
        *result = value;
    else if (same_bits)
        *result = hls_evaluate(fn, n->op, n->imm, arg);
    else if (hls_is_const(fn, x, result) || !simple || !depth)
        return hls_is_const(fn, x, NULL);
    else {
        for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
            if (!value_if(fn, n->arg[i], id, value, depth - 1, &arg[i]))
                return false;
        *result = hls_evaluate(fn, n->op, n->imm, arg);
    }
    return true;
}

static hls_int known_ones(const struct hls_fn *fn, hls_id id, unsigned *budget);

/* Where one side has a 1 and the other one surely a 0; a sum without common ones is no more than that. */
static hls_int known_ones_of_either(const struct hls_fn *fn, const struct hls_node *n, unsigned *budget)
{
    const struct hls_node *a = &fn->node[n->arg[0]], *b = &fn->node[n->arg[1]];
    if (n->op == HLS_ADD && (a->ones & b->ones))
        return 0;
    return (known_ones(fn, n->arg[0], budget) & ~b->ones) | (known_ones(fn, n->arg[1], budget) & ~a->ones);
}

/* Bits that are 1 in every value of the node; looks at no more than `*budget` nodes. */
static hls_int known_ones(const struct hls_fn *fn, hls_id id, unsigned *budget)
{
    const struct hls_node *n = &fn->node[id];
    hls_int ones, low = hls_two_to((unsigned)n->imm & 63) - 1;
    if (!*budget || hls_is_const(fn, id, NULL))
        return n->op == HLS_CONST ? n->imm : 0;
    --*budget;
    switch (n->op) {
    case HLS_OR: return known_ones(fn, n->arg[0], budget) | known_ones(fn, n->arg[1], budget);
    case HLS_AND: return known_ones(fn, n->arg[0], budget) & known_ones(fn, n->arg[1], budget);
    case HLS_ADD:
    case HLS_XOR: return known_ones_of_either(fn, n, budget);
    case HLS_SELECT: return known_ones(fn, n->arg[1], budget) & known_ones(fn, n->arg[2], budget);
    case HLS_SHR: return known_ones(fn, n->arg[0], budget) >> n->imm;
    case HLS_SHL: return n->imm < 60 ? (known_ones(fn, n->arg[0], budget) & INT64_MAX) << n->imm : 0;
    case HLS_WRAPU: return n->imm < 64 ? known_ones(fn, n->arg[0], budget) & low : 0;
    case HLS_WRAPS:
        ones = n->imm < 64 ? known_ones(fn, n->arg[0], budget) & low : 0;
        return ones >> (n->imm - 1) & 1 ? ones - low - 1 : ones;
    default: return 0;
    }
}

static bool is_never(const struct hls_fn *fn, hls_id id, hls_int value)
{
    const struct hls_node *n = &fn->node[id];
    unsigned budget = MOST_LOOKED_AT;
    hls_int holds;
    if (value < n->lo || value > n->hi || (value & ~n->ones) || (known_ones(fn, id, &budget) & ~value))
        return true;
    if (n->op != HLS_SELECT || !is_never(fn, n->arg[1], value))
        return false;
    /* x == value ? something else : x */
    bool caught = value_if(fn, n->arg[0], n->arg[2], value, DEPTH, &holds) && holds == 1;
    return caught || is_never(fn, n->arg[2], value);
}

/* Whether some condition that must hold wherever `reached` does would not hold. */
static bool is_excluded(const struct hls_fn *fn, hls_id reached, hls_id id, hls_int value)
{
    const struct hls_node *n = &fn->node[reached];
    hls_int holds;
    if (n->op == HLS_AND && (is_excluded(fn, n->arg[0], id, value) || is_excluded(fn, n->arg[1], id, value)))
        return true;
    return value_if(fn, reached, id, value, DEPTH, &holds) && holds == 0;
}

/* Where `id` only reads the bits of a narrower value anew, the proof may be about that value. */
static bool cannot_be(const struct hls_fn *fn, hls_id reached, hls_id id, hls_int value)
{
    while (!is_never(fn, id, value) && !is_excluded(fn, reached, id, value)) {
        const struct hls_node *n = &fn->node[id], *m = &fn->node[n->arg[0]];
        if (!is_wrap(n->op) || m->hi - m->lo >= hls_two_to((unsigned)n->imm))
            return false;
        value = m->lo + ((value - m->lo) & (hls_two_to((unsigned)n->imm) - 1));
        id = n->arg[0];
    }
    return true;
}

/* Whether a condition, which may be missing, holds wherever `reached` does. */
static bool holds(struct hls_lowering *l, hls_id reached, LLVMValueRef condition)
{
    return condition && cannot_be(l->fn, reached, hls_lower_operand(l, condition), 0);
}

static hls_id magnitude(struct hls_fn *fn, hls_id id)
{
    return hls_binary(fn, HLS_MAX, id, hls_binary(fn, HLS_SUB, hls_const(fn, 0), id));
}

static hls_id negated_if(struct hls_fn *fn, hls_id condition, hls_id id)
{
    return hls_select(fn, condition, hls_binary(fn, HLS_SUB, hls_const(fn, 0), id), id);
}

static struct hls_division divide_signed(struct hls_fn *fn, hls_id n, hls_id d)
{
    hls_id zero = hls_const(fn, 0), least = hls_binary(fn, HLS_MAX, magnitude(fn, d), hls_const(fn, 1));
    hls_id minus_n = hls_binary(fn, HLS_LT, n, zero), minus_d = hls_binary(fn, HLS_LT, d, zero);
    struct hls_division r = hls_divide(fn, magnitude(fn, n), least);
    r.quotient = negated_if(fn, hls_binary(fn, HLS_XOR, minus_n, minus_d), r.quotient);
    r.remainder = negated_if(fn, minus_n, r.remainder);
    return r;
}

hls_id hls_lower_division(struct hls_lowering *l, LLVMValueRef i, unsigned width, hls_id n, hls_id d,
                          hls_id reached)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(i);
    LLVMValueRef divisor = LLVMGetOperand(i, 1);
    bool is_signed = opcode == LLVMSDiv || opcode == LLVMSRem;
    hls_int least = -hls_two_to(width - 1);
    if (!holds(l, reached, hls_divisor_is_not_zero(divisor)) && !cannot_be(l->fn, reached, d, 0))
        return hls_lower_refuse(l, "divisor may be 0 (rule it out: if (b != 0), or b | 1)");
    if (is_signed && !holds(l, reached, hls_divisor_cannot_overflow(divisor)) &&
        !cannot_be(l->fn, reached, d, -1) && !cannot_be(l->fn, reached, n, least))
        return hls_lower_refuse(
            l,
            "%lld / -1 overflows %u bits and may happen here (widen the dividend, or rule "
            "-1 out)",
            (long long)least, width);
    struct hls_division r;
    if (is_signed)
        r = divide_signed(l->fn, n, d);
    else
        r = hls_divide(l->fn, n, hls_binary(l->fn, HLS_MAX, d, hls_const(l->fn, 1)));
    bool quotient = opcode == LLVMSDiv || opcode == LLVMUDiv;
    return hls_lower_wrap(l, quotient ? r.quotient : r.remainder, width);
}

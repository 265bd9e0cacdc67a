/* What is known of a value: its interval, exact for monotone operations and safe for the others, and the bits
 * that can be 1. Operands are 64-bit values or sums kept below 2^100 (simplify.c), so nothing here overflows
 * 128 bits. */
#include "hls/compiler/range.h"

static hls_int min_of(hls_int a, hls_int b)
{
    return a < b ? a : b;
}

static hls_int max_of(hls_int a, hls_int b)
{
    return a > b ? a : b;
}

static void set(struct hls_node *n, hls_int lo, hls_int hi)
{
    n->lo = lo;
    n->hi = hi;
}

static void range_mul(struct hls_node *n, const struct hls_node *a, const struct hls_node *b)
{
    hls_int p[] = {a->lo * b->lo, a->lo * b->hi, a->hi * b->lo, a->hi * b->hi};
    set(n, p[0], p[0]);
    for (int i = 1; i < 4; i++)
        set(n, min_of(n->lo, p[i]), max_of(n->hi, p[i]));
}

/* Shifts are monotone in the value; the amount pulls towards or away from zero. */
static void range_shift(struct hls_node *n, const struct hls_node *a, hls_int least, hls_int most, bool left)
{
    hls_int l0 = left ? a->lo * hls_two_to((unsigned)least) : a->lo >> least;
    hls_int l1 = left ? a->lo * hls_two_to((unsigned)most) : a->lo >> most;
    hls_int h0 = left ? a->hi * hls_two_to((unsigned)least) : a->hi >> least;
    hls_int h1 = left ? a->hi * hls_two_to((unsigned)most) : a->hi >> most;
    set(n, min_of(l0, l1), max_of(h0, h1));
}

/* The smallest 2^k - 1 (and its complement) that holds both operands. */
static void range_bitwise(struct hls_node *n, const struct hls_node *a, const struct hls_node *b)
{
    bool negative = a->lo < 0 || b->lo < 0;
    unsigned bits_a = hls_bits(a->lo, a->hi) - (a->lo < 0), bits_b = hls_bits(b->lo, b->hi) - (b->lo < 0);
    hls_int top = hls_two_to(bits_a > bits_b ? bits_a : bits_b) - 1;
    set(n, negative ? -top - 1 : 0, top);
    if (n->op == HLS_AND) {
        if (a->lo >= 0)
            set(n, 0, min_of(n->hi, a->hi));
        if (b->lo >= 0)
            set(n, 0, min_of(n->hi, b->hi));
    }
    if (n->op == HLS_OR && !negative)
        n->lo = max_of(a->lo, b->lo);
}

static void range_wrap(struct hls_node *n, const struct hls_node *a, bool is_signed)
{
    unsigned width = (unsigned)n->imm;
    hls_int bias = is_signed ? hls_two_to(width - 1) : 0;
    hls_int first = (a->lo + bias) >> width, last = (a->hi + bias) >> width;
    if (first == last)
        set(n, a->lo - first * hls_two_to(width), a->hi - first * hls_two_to(width));
    else
        set(n, -bias, hls_two_to(width) - 1 - bias);
}

static void range_rom(const struct hls_fn *fn, struct hls_node *n, const struct hls_node *a)
{
    const struct hls_table *t = &fn->table[n->imm];
    set(n, t->value[a->lo], t->value[a->lo]);
    for (hls_int i = a->lo; i <= a->hi; i++)
        set(n, min_of(n->lo, t->value[i]), max_of(n->hi, t->value[i]));
}

static void range_compare(struct hls_node *n, const struct hls_node *a, const struct hls_node *b)
{
    bool never = n->op == HLS_LT ? a->lo >= b->hi : a->hi < b->lo || a->lo > b->hi;
    bool always = n->op == HLS_LT ? a->hi < b->lo : a->lo == a->hi && b->lo == b->hi && a->lo == b->lo;
    set(n, always ? 1 : 0, never ? 0 : 1);
}

/* x and -x, or p - q and q - p. */
static bool are_opposite(const struct hls_fn *fn, const struct hls_node *n)
{
    const struct hls_node *a = &fn->node[n->arg[0]], *b = &fn->node[n->arg[1]];
    bool a_negates = a->op == HLS_SUB && hls_is_const(fn, a->arg[0], NULL) && a->arg[1] == n->arg[1];
    bool b_negates = b->op == HLS_SUB && hls_is_const(fn, b->arg[0], NULL) && b->arg[1] == n->arg[0];
    hls_int zero = 0;
    if (a_negates || b_negates)
        return hls_is_const(fn, (a_negates ? a : b)->arg[0], &zero) && zero == 0;
    return a->op == HLS_SUB && b->op == HLS_SUB && a->arg[0] == b->arg[1] && a->arg[1] == b->arg[0];
}

static void range_max(const struct hls_fn *fn, struct hls_node *n, const struct hls_node *a,
                      const struct hls_node *b)
{
    set(n, max_of(a->lo, b->lo), max_of(a->hi, b->hi));
    if (n->lo < 0 && are_opposite(fn, n))
        n->lo = 0;
}

static void range_input(const struct hls_fn *fn, struct hls_node *n)
{
    const struct hls_port *p = hls_fn_port(fn, false, (unsigned)n->imm);
    hls_int half = hls_two_to(p->width - 1);
    set(n, p->is_signed ? -half : 0, p->is_signed ? half - 1 : 2 * half - 1);
}

static void set_interval(const struct hls_fn *fn, struct hls_node *n)
{
    const struct hls_node *a = n->arg[0] == HLS_NONE ? NULL : &fn->node[n->arg[0]];
    const struct hls_node *b = n->arg[1] == HLS_NONE ? NULL : &fn->node[n->arg[1]];
    switch (n->op) {
    case HLS_INPUT: range_input(fn, n); break;
    case HLS_STATE: set(n, fn->state[n->imm].lo, fn->state[n->imm].hi); break;
    case HLS_CONST: set(n, n->imm, n->imm); break;
    case HLS_ADD: hls_range_add(fn, n->arg[0], n->arg[1], &n->lo, &n->hi); break;
    case HLS_SUB: set(n, a->lo - b->hi, a->hi - b->lo); break;
    case HLS_MUL: range_mul(n, a, b); break;
    case HLS_SHL: range_shift(n, a, n->imm, n->imm, true); break;
    case HLS_SHR: range_shift(n, a, n->imm, n->imm, false); break;
    case HLS_SHLV: range_shift(n, a, b->lo, b->hi, true); break;
    case HLS_SHRV: range_shift(n, a, b->lo, b->hi, false); break;
    case HLS_AND:
    case HLS_OR:
    case HLS_XOR: range_bitwise(n, a, b); break;
    case HLS_EQ:
    case HLS_LT: range_compare(n, a, b); break;
    case HLS_SELECT: hls_range_select(fn, n->arg[0], n->arg[1], n->arg[2], &n->lo, &n->hi); break;
    case HLS_MIN: set(n, min_of(a->lo, b->lo), min_of(a->hi, b->hi)); break;
    case HLS_MAX: range_max(fn, n, a, b); break;
    case HLS_WRAPU: range_wrap(n, a, false); break;
    case HLS_WRAPS: range_wrap(n, a, true); break;
    case HLS_ROM: range_rom(fn, n, a); break;
    case HLS_ROUND: set(n, 0, fn->loop[n->imm].rounds - 1); break;
    case HLS_HOLD:
    case HLS_LAST: set(n, a->lo, a->hi); break;
    case HLS_OPS: break;
    }
}

/* --- possible ones: what masks and shifts leave, which an interval cannot say --- */

/* Every bit that a value within the interval can have. */
static hls_int ones_of_interval(const struct hls_node *n)
{
    return n->lo < 0 ? -1 : hls_two_to(hls_bits(0, n->hi)) - 1;
}

static unsigned trailing_zeros(hls_int ones)
{
    unsigned k = 0;
    while (k < HLS_WIDEST - 1 && !(ones >> k & 1))
        k++;
    return k;
}

/* A sum has the zeros at the bottom that both operands have; without carries, even more is known. */
static hls_int ones_of_sum(const struct hls_node *n, const struct hls_node *a, const struct hls_node *b)
{
    unsigned za = trailing_zeros(a->ones), zb = trailing_zeros(b->ones);
    if (n->op == HLS_ADD && !(a->ones & b->ones))
        return a->ones | b->ones;
    return -hls_two_to(za < zb ? za : zb);
}

static hls_int ones_of_product(const struct hls_node *a, const struct hls_node *b)
{
    unsigned zeros = trailing_zeros(a->ones) + trailing_zeros(b->ones);
    return zeros < HLS_WIDEST - 1 ? -hls_two_to(zeros) : 0;
}

static hls_int ones_of_wrap(const struct hls_node *n, const struct hls_node *a)
{
    unsigned width = (unsigned)n->imm;
    hls_int low = a->ones & (hls_two_to(width) - 1);
    return n->op == HLS_WRAPS && low >> (width - 1) ? low - hls_two_to(width) : low;
}

static hls_int ones_of_operation(const struct hls_fn *fn, const struct hls_node *n)
{
    const struct hls_node *a = n->arg[0] == HLS_NONE ? NULL : &fn->node[n->arg[0]];
    const struct hls_node *b = n->arg[1] == HLS_NONE ? NULL : &fn->node[n->arg[1]];
    switch (n->op) {
    case HLS_CONST: return n->imm;
    case HLS_ADD:
    case HLS_SUB: return ones_of_sum(n, a, b);
    case HLS_MUL: return ones_of_product(a, b);
    case HLS_SHL: return a->ones * hls_two_to((unsigned)n->imm);
    case HLS_SHR: return a->ones >> n->imm;
    case HLS_AND: return a->ones & b->ones;
    case HLS_OR:
    case HLS_XOR:
    case HLS_MIN:
    case HLS_MAX: return a->ones | b->ones;
    case HLS_HOLD:
    case HLS_LAST: return a->ones;
    case HLS_SELECT: return b->ones | fn->node[n->arg[2]].ones;
    case HLS_WRAPU:
    case HLS_WRAPS: return ones_of_wrap(n, a);
    default: return -1;
    }
}

void hls_range(const struct hls_fn *fn, struct hls_node *n)
{
    set_interval(fn, n);
    n->ones = ones_of_operation(fn, n) & ones_of_interval(n);
    if (n->ones >= 0) {
        n->lo = max_of(n->lo, 0);
        n->hi = min_of(n->hi, n->ones);
    }
}

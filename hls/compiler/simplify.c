/* hls_make(): every node of every pass is born here. Folds constants, applies local identities, drops wraps
 * that change nothing, and shares equal nodes. Each rule returns an existing or simpler node, or HLS_NONE. */
#include "hls/compiler/ir.h"

#include <assert.h>

/* Intervals wider than this are not created by removing a wrap. */
enum { WIDEST_SUM = 100 };

static const struct hls_node *node(const struct hls_fn *fn, hls_id id)
{
    return &fn->node[id];
}

static bool is_bool(const struct hls_fn *fn, hls_id id)
{
    return hls_fits(fn, id, 1, false);
}

static bool is_value(const struct hls_fn *fn, hls_id id, hls_int value)
{
    hls_int v;
    return hls_is_const(fn, id, &v) && v == value;
}

hls_id hls_const(struct hls_fn *fn, hls_int value)
{
    return hls_make(fn, HLS_CONST, value, HLS_NONE, HLS_NONE, HLS_NONE);
}

hls_id hls_input(struct hls_fn *fn, unsigned i)
{
    return hls_make(fn, HLS_INPUT, i, HLS_NONE, HLS_NONE, HLS_NONE);
}

hls_id hls_state(struct hls_fn *fn, unsigned i)
{
    return hls_make(fn, HLS_STATE, i, HLS_NONE, HLS_NONE, HLS_NONE);
}

hls_id hls_round(struct hls_fn *fn, unsigned loop)
{
    return hls_make(fn, HLS_ROUND, loop, HLS_NONE, HLS_NONE, HLS_NONE);
}

hls_id hls_hold(struct hls_fn *fn, unsigned loop, hls_id a)
{
    return hls_unary(fn, HLS_HOLD, a, loop);
}

hls_id hls_last(struct hls_fn *fn, hls_id a)
{
    return hls_unary(fn, HLS_LAST, a, 0);
}

hls_id hls_not(struct hls_fn *fn, hls_id a)
{
    return hls_binary(fn, HLS_XOR, a, hls_const(fn, 1));
}

static bool is_not_of(const struct hls_fn *fn, hls_id a, hls_id b)
{
    const struct hls_node *n = node(fn, a);
    return n->op == HLS_XOR && n->arg[0] == b && is_bool(fn, b) && is_value(fn, n->arg[1], 1);
}

static bool complementary(const struct hls_fn *fn, hls_id a, hls_id b)
{
    return is_not_of(fn, a, b) || is_not_of(fn, b, a);
}

/* k when value = 2^k, otherwise -1. */
static int log2_of(hls_int value)
{
    if (value <= 0 || (value & (value - 1)))
        return -1;
    int k = 0;
    while (value >> k != 1)
        k++;
    return k;
}

static hls_id negate(struct hls_fn *fn, hls_id a)
{
    return hls_binary(fn, HLS_SUB, hls_const(fn, 0), a);
}

static hls_id simplify_add(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (is_value(fn, b, 0))
        return a;
    const struct hls_node *n = node(fn, b);
    if (n->op == HLS_SUB && is_value(fn, n->arg[0], 0))
        return hls_binary(fn, HLS_SUB, a, n->arg[1]);
    return HLS_NONE;
}

static hls_id simplify_sub(struct hls_fn *fn, hls_id a, hls_id b)
{
    hls_int c;
    if (a == b)
        return hls_const(fn, 0);
    if (hls_is_const(fn, b, &c))
        return hls_binary(fn, HLS_ADD, a, hls_const(fn, -c));
    const struct hls_node *n = node(fn, b);
    if (n->op == HLS_SUB && is_value(fn, n->arg[0], 0))
        return hls_binary(fn, HLS_ADD, a, n->arg[1]);
    return HLS_NONE;
}

static hls_id simplify_mul(struct hls_fn *fn, hls_id a, hls_id b)
{
    hls_int c;
    if (is_bool(fn, b))
        return hls_select(fn, b, a, hls_const(fn, 0));
    if (is_bool(fn, a))
        return hls_select(fn, a, b, hls_const(fn, 0));
    if (!hls_is_const(fn, b, &c))
        return HLS_NONE;
    if (log2_of(c) >= 0)
        return hls_unary(fn, HLS_SHL, a, log2_of(c));
    return c == -1 ? negate(fn, a) : HLS_NONE;
}

static hls_id simplify_shift(struct hls_fn *fn, enum hls_op op, hls_int k, hls_id a)
{
    const struct hls_node *n = node(fn, a);
    if (k == 0)
        return a;
    if (n->op == op)
        return hls_unary(fn, op, n->arg[0], n->imm + k);
    if (op == HLS_SHR && n->op == HLS_SHL)
        return n->imm >= k ? hls_unary(fn, HLS_SHL, n->arg[0], n->imm - k)
                           : hls_unary(fn, HLS_SHR, n->arg[0], k - n->imm);
    return HLS_NONE;
}

static hls_id simplify_shift_by(struct hls_fn *fn, enum hls_op op, hls_id a, hls_id b)
{
    hls_int k;
    if (hls_is_const(fn, b, &k))
        return hls_unary(fn, op == HLS_SHLV ? HLS_SHL : HLS_SHR, a, k);
    return HLS_NONE;
}

/* A mask of consecutive ones is wiring. */
static hls_id mask(struct hls_fn *fn, hls_id a, hls_int m)
{
    int low = 0;
    while (m && !(m >> low & 1))
        low++;
    hls_id moved = hls_unary(fn, HLS_SHR, a, low);
    if (m < 0)
        return m >> low == -1 ? hls_unary(fn, HLS_SHL, moved, low) : HLS_NONE;
    int width = log2_of((m >> low) + 1);
    if (m == 0 || width < 0)
        return HLS_NONE;
    return hls_unary(fn, HLS_SHL, hls_unary(fn, HLS_WRAPU, moved, width), low);
}

static hls_id simplify_and(struct hls_fn *fn, hls_id a, hls_id b)
{
    hls_int m;
    if (a == b)
        return a;
    if (complementary(fn, a, b) || is_value(fn, b, 0))
        return hls_const(fn, 0);
    if (hls_is_const(fn, b, &m))
        return mask(fn, a, m);
    for (int swap = 0; swap < 2; swap++) { /* (x & y) & x, (x & y) & !x */
        const struct hls_node *n = node(fn, swap ? b : a);
        hls_id other = swap ? a : b;
        for (int i = 0; n->op == HLS_AND && i < 2; i++) {
            if (n->arg[i] == other)
                return swap ? b : a;
            if (complementary(fn, n->arg[i], other))
                return hls_const(fn, 0);
        }
    }
    return HLS_NONE;
}

/* (c & x) | (c & !x) = c: what joins of a diamond give. */
static hls_id join_of_halves(struct hls_fn *fn, hls_id a, hls_id b)
{
    const struct hls_node *n = node(fn, a), *m = node(fn, b);
    if (n->op != HLS_AND || m->op != HLS_AND)
        return HLS_NONE;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (n->arg[i] == m->arg[j] && complementary(fn, n->arg[1 - i], m->arg[1 - j]))
                return n->arg[i];
    return HLS_NONE;
}

static hls_id simplify_or(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (a == b || is_value(fn, b, 0))
        return a;
    if (is_value(fn, b, -1) || (is_value(fn, b, 1) && is_bool(fn, a)))
        return b;
    if (complementary(fn, a, b))
        return hls_const(fn, 1);
    if (!is_bool(fn, a) || !is_bool(fn, b))
        return HLS_NONE;
    for (int swap = 0; swap < 2; swap++) { /* (x & y) | x = x; (x & y) | !x = y | !x */
        const struct hls_node *n = node(fn, swap ? b : a);
        hls_id other = swap ? a : b;
        for (int i = 0; n->op == HLS_AND && i < 2; i++) {
            if (n->arg[i] == other)
                return other;
            if (complementary(fn, n->arg[i], other))
                return hls_binary(fn, HLS_OR, n->arg[1 - i], other);
        }
    }
    return join_of_halves(fn, a, b);
}

static hls_id simplify_xor(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (a == b)
        return hls_const(fn, 0);
    if (is_value(fn, b, 0))
        return a;
    const struct hls_node n = *node(fn, a);
    hls_int c, d;
    if (n.op == HLS_XOR && hls_is_const(fn, b, &c) && hls_is_const(fn, n.arg[1], &d))
        return hls_binary(fn, HLS_XOR, n.arg[0], hls_const(fn, c ^ d));
    return HLS_NONE;
}

static hls_id simplify_eq(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (a == b)
        return hls_const(fn, 1);
    if (is_bool(fn, a) && is_value(fn, b, 1))
        return a;
    if (is_bool(fn, a) && is_value(fn, b, 0))
        return hls_not(fn, a);
    hls_int c;
    const struct hls_node n = *node(fn, a);
    if (n.op != HLS_SHL || !hls_is_const(fn, b, &c))
        return HLS_NONE;
    if (c & (hls_two_to((unsigned)n.imm) - 1))
        return hls_const(fn, 0);
    return hls_binary(fn, HLS_EQ, n.arg[0], hls_const(fn, c >> n.imm));
}

/* A comparison with zero is the sign bit: wiring. */
static hls_id sign_of(struct hls_fn *fn, hls_id a)
{
    unsigned bits = hls_bits(node(fn, a)->lo, node(fn, a)->hi);
    return hls_unary(fn, HLS_WRAPU, hls_unary(fn, HLS_SHR, a, bits - 1), 1);
}

static hls_id simplify_lt(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (a == b)
        return hls_const(fn, 0);
    if (is_value(fn, b, 0) && node(fn, a)->lo < 0)
        return sign_of(fn, a);
    if (is_value(fn, a, -1) && node(fn, b)->lo < 0)
        return hls_not(fn, sign_of(fn, b));
    return HLS_NONE;
}

static hls_id simplify_select(struct hls_fn *fn, hls_id c, hls_id a, hls_id b)
{
    hls_int v;
    if (hls_is_const(fn, c, &v))
        return v ? a : b;
    if (a == b)
        return a;
    const struct hls_node n = *node(fn, c);
    if (n.op == HLS_XOR && is_value(fn, n.arg[1], 1))
        return hls_select(fn, n.arg[0], b, a);
    if (n.op == HLS_LT && n.arg[0] == a && n.arg[1] == b)
        return hls_binary(fn, HLS_MIN, a, b);
    if (n.op == HLS_LT && n.arg[0] == b && n.arg[1] == a)
        return hls_binary(fn, HLS_MAX, a, b);
    if (!is_bool(fn, a) || !is_bool(fn, b))
        return HLS_NONE;
    if (is_value(fn, a, 1))
        return hls_binary(fn, HLS_OR, c, b);
    if (is_value(fn, a, 0))
        return hls_binary(fn, HLS_AND, hls_not(fn, c), b);
    if (is_value(fn, b, 0))
        return hls_binary(fn, HLS_AND, c, a);
    return is_value(fn, b, 1) ? hls_binary(fn, HLS_OR, hls_not(fn, c), a) : HLS_NONE;
}

static hls_id simplify_extreme(struct hls_fn *fn, enum hls_op op, hls_id a, hls_id b)
{
    const struct hls_node *x = node(fn, a), *y = node(fn, b);
    if (a == b)
        return a;
    if (x->hi <= y->lo)
        return op == HLS_MIN ? a : b;
    if (y->hi <= x->lo)
        return op == HLS_MIN ? b : a;
    return HLS_NONE;
}

/* Under a wrap to `width` bits only these bits of an operand matter, so a wider wrap there may go. */
static hls_id unwrapped(const struct hls_fn *fn, hls_id id, hls_int width)
{
    const struct hls_node *n = node(fn, id);
    bool wrap = n->op == HLS_WRAPU || n->op == HLS_WRAPS;
    return wrap && n->imm >= width ? n->arg[0] : id;
}

static bool is_modest(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(node(fn, id)->lo, node(fn, id)->hi) <= WIDEST_SUM / 2;
}

static hls_id unwrap_operands(struct hls_fn *fn, hls_id a, hls_int width)
{
    const struct hls_node n = *node(fn, a);
    if (n.op != HLS_ADD && n.op != HLS_SUB && n.op != HLS_MUL)
        return a;
    hls_id x = unwrapped(fn, n.arg[0], width), y = unwrapped(fn, n.arg[1], width);
    if (!is_modest(fn, x) || !is_modest(fn, y))
        return a;
    return hls_binary(fn, n.op, x, y);
}

static hls_id simplify_wrap(struct hls_fn *fn, enum hls_op op, hls_int width, hls_id a)
{
    if (hls_fits(fn, a, (unsigned)width, op == HLS_WRAPS))
        return a;
    hls_id inner = unwrapped(fn, a, width);
    inner = unwrap_operands(fn, inner, width);
    return inner == a ? HLS_NONE : hls_unary(fn, op, inner, width);
}

static hls_id simplify_last(struct hls_fn *fn, hls_id a)
{
    const struct hls_node *n = node(fn, a);
    hls_int value;
    if (n->loop == 0)
        return a;
    if (n->op == HLS_HOLD)
        return n->arg[0];
    return hls_in_round(fn, a, fn->loop[n->loop].rounds - 1, &value) ? hls_const(fn, value) : HLS_NONE;
}

static hls_id simplify(struct hls_fn *fn, const struct hls_node *n)
{
    hls_id a = n->arg[0], b = n->arg[1];
    switch (n->op) {
    case HLS_ADD: return simplify_add(fn, a, b);
    case HLS_SUB: return simplify_sub(fn, a, b);
    case HLS_MUL: return simplify_mul(fn, a, b);
    case HLS_SHL:
    case HLS_SHR: return simplify_shift(fn, n->op, n->imm, a);
    case HLS_SHLV:
    case HLS_SHRV: return simplify_shift_by(fn, n->op, a, b);
    case HLS_AND: return simplify_and(fn, a, b);
    case HLS_OR: return simplify_or(fn, a, b);
    case HLS_XOR: return simplify_xor(fn, a, b);
    case HLS_EQ: return simplify_eq(fn, a, b);
    case HLS_LT: return simplify_lt(fn, a, b);
    case HLS_SELECT: return simplify_select(fn, a, b, n->arg[2]);
    case HLS_MIN:
    case HLS_MAX: return simplify_extreme(fn, n->op, a, b);
    case HLS_WRAPU:
    case HLS_WRAPS: return simplify_wrap(fn, n->op, n->imm, a);
    case HLS_HOLD: return fn->loop[n->imm].rounds == 1 ? a : HLS_NONE;
    case HLS_LAST: return simplify_last(fn, a);
    default: return HLS_NONE;
    }
}

/* Commutative operands in one order: constants last, otherwise by id. */
static void put_in_order(const struct hls_fn *fn, struct hls_node *n)
{
    static const uint8_t commutes[HLS_OPS] = {[HLS_ADD] = 1, [HLS_MUL] = 1, [HLS_AND] = 1, [HLS_OR] = 1,
                                              [HLS_XOR] = 1, [HLS_EQ] = 1,  [HLS_MIN] = 1, [HLS_MAX] = 1};
    hls_id a = n->arg[0], b = n->arg[1];
    if (!commutes[n->op])
        return;
    bool first = hls_is_const(fn, a, NULL), second = hls_is_const(fn, b, NULL);
    if (first != second ? first : a > b) {
        n->arg[0] = b;
        n->arg[1] = a;
    }
}

static bool fold(const struct hls_fn *fn, const struct hls_node *n, hls_int *value)
{
    hls_int arg[HLS_MAX_OPERANDS] = {0};
    unsigned operands = hls_op_info[n->op].operands;
    for (unsigned i = 0; i < operands; i++)
        if (!hls_is_const(fn, n->arg[i], &arg[i]))
            return false;
    if (operands)
        *value = hls_evaluate(fn, n->op, n->imm, arg);
    return operands > 0;
}

hls_id hls_make(struct hls_fn *fn, enum hls_op op, hls_int imm, hls_id a, hls_id b, hls_id c)
{
    struct hls_node n = {.op = op, .imm = imm, .arg = {a, b, c}};
    put_in_order(fn, &n);
    hls_int value;
    if (fold(fn, &n, &value))
        return hls_const(fn, value);
    hls_id simpler = hls_fold_rounds(fn, &n);
    if (simpler == HLS_NONE)
        simpler = simplify(fn, &n);
    if (simpler != HLS_NONE)
        return simpler;
    hls_range(fn, &n);
    if (n.lo == n.hi && op != HLS_CONST)
        return hls_const(fn, n.lo);
    return hls_intern(fn, &n);
}

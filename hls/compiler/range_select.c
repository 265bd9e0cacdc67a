/* The interval of a choice: each side under what the condition says of it. `a > b ? a - b : b - a` is not
 * negative, and `x > 9 ? x - 10 : x` of an x in 0..19 is at most 9. */
#include "hls/compiler/range.h"

enum { DEPTH = 6 }; /* conditions within conditions */

struct interval {
    hls_int lo, hi;
};

static struct interval of(const struct hls_fn *fn, hls_id id)
{
    return (struct interval){fn->node[id].lo, fn->node[id].hi};
}

static struct interval common(struct interval a, struct interval b)
{
    return (struct interval){a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
}

/* What `id` is when x lies in `given`: for x itself, and sums and differences of it. */
static struct interval given_value(const struct hls_fn *fn, hls_id id, hls_id x, struct interval given)
{
    const struct hls_node *n = &fn->node[id];
    struct interval all = of(fn, id);
    if (id == x)
        return common(all, given);
    if (n->op != HLS_ADD && n->op != HLS_SUB)
        return all;
    struct interval a = n->arg[0] == x ? common(of(fn, x), given) : of(fn, n->arg[0]);
    struct interval b = n->arg[1] == x ? common(of(fn, x), given) : of(fn, n->arg[1]);
    if (n->op == HLS_ADD)
        return common(all, (struct interval){a.lo + b.lo, a.hi + b.hi});
    return common(all, (struct interval){a.lo - b.hi, a.hi - b.lo});
}

/* From x in `given` to an operand of x: `(unsigned)(y - 1) < 9` says that y is in 1..9. */
static bool step_inside(const struct hls_fn *fn, hls_id *x, struct interval *given)
{
    const struct hls_node *n = &fn->node[*x], *a = &fn->node[n->arg[0] == HLS_NONE ? 0 : n->arg[0]];
    if (n->op == HLS_ADD && fn->node[n->arg[1]].op == HLS_CONST) {
        hls_int constant = fn->node[n->arg[1]].imm;
        *given = (struct interval){given->lo - constant, given->hi - constant};
    } else if (n->op != HLS_WRAPU || given->lo < 0 || a->lo <= given->hi - hls_two_to((unsigned)n->imm) ||
               a->hi >= given->lo + hls_two_to((unsigned)n->imm)) {
        return false;
    }
    *x = n->arg[0];
    return true;
}

static struct interval given_operand(const struct hls_fn *fn, hls_id id, hls_id x, struct interval given)
{
    struct interval result = given_value(fn, id, x, given);
    while (step_inside(fn, &x, &given))
        result = common(result, given_value(fn, id, x, given));
    return result;
}

/* What `id` is when p < q. */
static struct interval given_less(const struct hls_fn *fn, hls_id id, hls_id p, hls_id q)
{
    const struct hls_node *n = &fn->node[id];
    struct interval below = {fn->node[p].lo, fn->node[q].hi - 1},
                    above = {fn->node[p].lo + 1, fn->node[q].hi};
    struct interval result = common(given_operand(fn, id, p, below), given_operand(fn, id, q, above));
    if (n->op == HLS_SUB && n->arg[0] == q && n->arg[1] == p && result.lo < 1)
        result.lo = 1;
    return result;
}

/* What `id` is when q <= p. */
static struct interval given_not_less(const struct hls_fn *fn, hls_id id, hls_id p, hls_id q)
{
    const struct hls_node *n = &fn->node[id];
    struct interval below = {fn->node[q].lo, fn->node[p].hi}, above = below;
    struct interval result = common(given_operand(fn, id, q, below), given_operand(fn, id, p, above));
    if (n->op == HLS_SUB && n->arg[0] == p && n->arg[1] == q && result.lo < 0)
        result.lo = 0;
    return result;
}

/* What `id` is when x is, or is not, the constant k: only at an end of its interval the latter says
 * something. */
static struct interval given_equal(const struct hls_fn *fn, hls_id id, hls_id x, hls_int k, bool holds)
{
    struct interval all = of(fn, x);
    if (holds)
        return given_operand(fn, id, x, (struct interval){k, k});
    return given_operand(fn, id, x, (struct interval){all.lo + (all.lo == k), all.hi - (all.hi == k)});
}

/* The x of a condition that is its sign bit, or HLS_NONE. */
static hls_id signed_operand(const struct hls_fn *fn, const struct hls_node *c)
{
    const struct hls_node *shift = &fn->node[c->op == HLS_WRAPU && c->imm == 1 ? c->arg[0] : 0];
    if (c->op != HLS_WRAPU || c->imm != 1 || shift->op != HLS_SHR)
        return HLS_NONE;
    const struct hls_node *x = &fn->node[shift->arg[0]];
    return x->lo < 0 && hls_bits(x->lo, x->hi) == shift->imm + 1 ? shift->arg[0] : HLS_NONE;
}

/* What `id` is when the condition c is `holds`. */
static struct interval given(const struct hls_fn *fn, hls_id id, hls_id c, bool holds, unsigned depth)
{
    const struct hls_node *n = &fn->node[c];
    hls_id x = signed_operand(fn, n);
    if (n->op == HLS_LT)
        return holds ? given_less(fn, id, n->arg[0], n->arg[1])
                     : given_not_less(fn, id, n->arg[0], n->arg[1]);
    if (n->op == HLS_EQ && fn->node[n->arg[1]].op == HLS_CONST)
        return given_equal(fn, id, n->arg[0], fn->node[n->arg[1]].imm, holds);
    if (x != HLS_NONE)
        return given_operand(
            fn, id, x, holds ? (struct interval){fn->node[x].lo, -1} : (struct interval){0, fn->node[x].hi});
    if (depth && n->op == (holds ? HLS_AND : HLS_OR))
        return common(given(fn, id, n->arg[0], holds, depth - 1), given(fn, id, n->arg[1], holds, depth - 1));
    return of(fn, id);
}

/* The interval of either; an empty one cannot be. */
static struct interval either(struct interval a, struct interval b)
{
    if (a.lo > a.hi)
        return b;
    if (b.lo > b.hi)
        return a;
    return (struct interval){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

/* Gives `result`, or what holds in any case when that is empty. */
static void set(struct interval result, struct interval always, hls_int *lo, hls_int *hi)
{
    if (result.lo > result.hi)
        result = always;
    *lo = result.lo;
    *hi = result.hi;
}

void hls_range_select(const struct hls_fn *fn, hls_id condition, hls_id then, hls_id other, hls_int *lo,
                      hls_int *hi)
{
    const struct hls_node *c = &fn->node[condition];
    struct interval a = given(fn, then, condition, true, DEPTH),
                    b = given(fn, other, condition, false, DEPTH);
    struct interval result = c->hi == 0 ? b : c->lo == 1 ? a : either(a, b);
    set(result, either(of(fn, then), of(fn, other)), lo, hi);
}

bool hls_range_given(const struct hls_fn *fn, hls_id id, hls_id condition, hls_int *lo, hls_int *hi)
{
    struct interval i = given(fn, id, condition, true, DEPTH);
    *lo = i.lo;
    *hi = i.hi;
    return i.lo <= i.hi;
}

static struct interval plus(struct interval a, hls_int constant)
{
    return (struct interval){a.lo + constant, a.hi + constant};
}

static bool chooses_constant(const struct hls_fn *fn, hls_id id)
{
    const struct hls_node *n = &fn->node[id];
    return n->op == HLS_SELECT && fn->node[n->arg[1]].op == HLS_CONST && fn->node[n->arg[2]].op == HLS_CONST;
}

void hls_range_add(const struct hls_fn *fn, hls_id a, hls_id b, hls_int *lo, hls_int *hi)
{
    struct interval x = of(fn, a), y = of(fn, b), sum = {x.lo + y.lo, x.hi + y.hi};
    const struct hls_node *choice = &fn->node[chooses_constant(fn, a) ? a : b];
    hls_id other = choice == &fn->node[a] ? b : a;
    if (chooses_constant(fn, a) || chooses_constant(fn, b)) {
        x = plus(given(fn, other, choice->arg[0], true, DEPTH), fn->node[choice->arg[1]].imm);
        y = plus(given(fn, other, choice->arg[0], false, DEPTH), fn->node[choice->arg[2]].imm);
        set(either(x, y), sum, lo, hi);
    } else {
        set(sum, sum, lo, hi);
    }
}

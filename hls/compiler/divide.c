#include "hls/compiler/divide.h"

#include <assert.h>

/* Bits of n * m: its partial sums stay below what verify.c allows. */
enum { MOST_PRODUCT = HLS_MAX_WIDTH - 2 };

/* The values of a constant's reciprocal: quotient = n * multiplier >> shift. */
struct reciprocal {
    hls_int multiplier;
    unsigned shift;
};

/* The least shift that is exact up to `most`; false when the product would be too wide. */
static bool find_reciprocal(hls_int most, hls_int d, struct reciprocal *r)
{
    if (hls_bits(0, most) >= MOST_PRODUCT)
        return false;
    unsigned room = MOST_PRODUCT - hls_bits(0, most);
    for (r->shift = 0; r->shift <= room + hls_bits(0, d) && r->shift < HLS_MAX_WIDTH; r->shift++) {
        hls_int power = hls_two_to(r->shift);
        r->multiplier = (power + d - 1) / d;
        hls_int excess = r->multiplier * d - power;
        if (hls_bits(0, r->multiplier) > room)
            return false;
        if (excess == 0 || most < (power + excess - 1) / excess)
            return true;
    }
    return false;
}

static void bound(struct hls_fn *fn, hls_id id, hls_int lo, hls_int hi)
{
    hls_int value;
    if (!hls_is_const(fn, id, &value))
        hls_tighten(fn, id, lo, hi);
}

/* n - q * d; the low bits of n when d is a power of two. The remainder fits the divisor's bits, so only these
 * of the product are ever computed. */
static hls_id remainder_of(struct hls_fn *fn, hls_id n, hls_id q, hls_int d)
{
    if (d == 1)
        return hls_const(fn, 0);
    if (!(d & (d - 1)))
        return hls_unary(fn, HLS_WRAPU, n, hls_bits(0, d - 1));
    hls_id product = hls_binary(fn, HLS_MUL, q, hls_const(fn, d));
    hls_id rest = hls_unary(fn, HLS_WRAPU, hls_binary(fn, HLS_SUB, n, product), hls_bits(0, d - 1));
    bound(fn, rest, 0, d - 1);
    return rest;
}

/* Factors of two are shifts; what is left of the divisor is odd. */
static bool divide_by_constant(struct hls_fn *fn, hls_id n, hls_int d, struct hls_division *result)
{
    struct reciprocal r;
    unsigned twos = 0;
    while (!(d >> twos & 1))
        twos++;
    hls_id high = hls_unary(fn, HLS_SHR, n, twos);
    if (!find_reciprocal(fn->node[high].hi, d >> twos, &r))
        return false;
    hls_id product = hls_binary(fn, HLS_MUL, high, hls_const(fn, r.multiplier));
    result->quotient = hls_unary(fn, HLS_SHR, product, r.shift);
    result->remainder = remainder_of(fn, n, result->quotient, d);
    return true;
}

/* From the top bit down: the rest so far with the next bit of n, less d if that leaves no debt. */
static struct hls_division restore(struct hls_fn *fn, hls_id n, hls_id d)
{
    hls_int n_hi = fn->node[n].hi, d_lo = fn->node[d].lo, d_hi = fn->node[d].hi;
    hls_id rest = hls_const(fn, 0), quotient = hls_const(fn, 0);
    for (unsigned bit = hls_bits(0, n_hi); bit-- > 0;) {
        if (n_hi >> bit < d_lo) { /* no quotient bit this high */
            rest = hls_unary(fn, HLS_SHR, n, bit);
            continue;
        }
        hls_id next = hls_unary(fn, HLS_WRAPU, hls_unary(fn, HLS_SHR, n, bit), 1);
        hls_id more = hls_binary(fn, HLS_OR, hls_unary(fn, HLS_SHL, rest, 1), next);
        hls_id less = hls_binary(fn, HLS_SUB, more, d);
        hls_id debt = hls_binary(fn, HLS_LT, less, hls_const(fn, 0));
        rest = hls_select(fn, debt, more, less);
        bound(fn, rest, 0, d_hi - 1 < n_hi >> bit ? d_hi - 1 : n_hi >> bit);
        quotient = hls_binary(fn, HLS_OR, quotient, hls_unary(fn, HLS_SHL, hls_not(fn, debt), bit));
    }
    bound(fn, quotient, 0, n_hi / d_lo);
    return (struct hls_division){quotient, rest};
}

struct hls_division hls_divide(struct hls_fn *fn, hls_id n, hls_id d)
{
    struct hls_division result;
    hls_int constant;
    assert(fn->node[n].lo >= 0 && fn->node[d].lo >= 1);
    if (hls_is_const(fn, d, &constant) && divide_by_constant(fn, n, constant, &result))
        return result;
    return restore(fn, n, d);
}

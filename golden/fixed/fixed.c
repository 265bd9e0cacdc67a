#include "golden/fixed/fixed.h"

#include <math.h>
#include <stdbool.h>

static const fixed_wide ONE = 1;

static fixed_uwide low_bits(unsigned n)
{
    return ((fixed_uwide)1 << n) - 1;
}

/* The integer that the low `width` bits stand for. */
static fixed_wide from_bits(const struct fixed_type *t, fixed_uwide bits)
{
    bits &= low_bits(t->width);
    if (t->is_signed && bits >> (t->width - 1))
        return (fixed_wide)bits - (ONE << t->width);
    return (fixed_wide)bits;
}

fixed_wide fixed_max(const struct fixed_type *t)
{
    return (ONE << (t->width - t->is_signed)) - 1;
}

fixed_wide fixed_min(const struct fixed_type *t)
{
    if (!t->is_signed)
        return 0;
    return t->overflow == FIXED_SAT_SYM ? -fixed_max(t) : -fixed_max(t) - 1;
}

/* ---- rounding ---- */

/* Whether 1 is added to the floor: the table of domain.md 8.4. q: first dropped bit, r: any dropped bit below
 * it. */
static bool rounds_up(unsigned mode, bool q, bool r, bool negative, bool odd)
{
    switch (mode) {
    case FIXED_RND: return q;
    case FIXED_RND_ZERO: return q && (negative || r);
    case FIXED_RND_MIN_INF: return q && r;
    case FIXED_RND_INF: return q && (!negative || r);
    case FIXED_RND_CONV: return q && (odd || r);
    case FIXED_TRN_ZERO: return negative && (q || r);
    default: return false;
    }
}

/* raw / 2^drop, drop >= 1. From bit FIXED_WIDE_BITS on there are only copies of the sign, so nothing is lost
 * by dropping no more than that: a negative number has a one below the first dropped bit then too. */
static fixed_wide rounded(unsigned mode, fixed_wide raw, int drop)
{
    if (drop > FIXED_WIDE_BITS + 1)
        drop = FIXED_WIDE_BITS + 1;
    fixed_wide floor = raw >> drop;
    bool q = raw >> (drop - 1) & 1;
    bool r = (fixed_uwide)raw & low_bits((unsigned)drop - 1);
    return floor + rounds_up(mode, q, r, raw < 0, floor & 1);
}

/* ---- overflow ---- */

/* The high n bits saturate, the sign is kept, the others wrap. */
static fixed_wide wrapped_keeping(const struct fixed_type *t, fixed_uwide bits, bool negative)
{
    unsigned n = t->wrap_bits, w = t->width;
    if (!t->is_signed) {
        fixed_uwide high = low_bits(n) << (w - n);
        return from_bits(t, negative ? bits & ~high : bits | high);
    }
    fixed_uwide magnitude = low_bits(n - 1) << (w - n);
    fixed_uwide sign = (fixed_uwide)1 << (w - 1);
    bits &= ~(sign | magnitude);
    return from_bits(t, bits | (negative ? sign : magnitude));
}

static bool bit_of(fixed_uwide bits, unsigned n)
{
    return bits >> n & 1;
}

static fixed_wide wrapped_sign_magnitude(const struct fixed_type *t, fixed_uwide bits, bool negative)
{
    unsigned n = t->wrap_bits, w = t->width;
    if (n == 0) {
        bool lost = bit_of(bits, w), sign = bit_of(bits, w - 1);
        if (lost != sign)
            bits = ~bits;
        fixed_uwide mask = (fixed_uwide)1 << (w - 1);
        return from_bits(t, lost ? bits | mask : bits & ~mask);
    }
    if (n == 1 ? bit_of(bits, w - 1) != negative : bit_of(bits, w - n) == negative)
        bits = ~bits;
    return wrapped_keeping(t, bits, negative);
}

/* v is out of range. */
static fixed_wide overflowed(const struct fixed_type *t, fixed_wide v)
{
    switch (t->overflow) {
    case FIXED_SAT:
    case FIXED_SAT_SYM: return v < 0 ? fixed_min(t) : fixed_max(t);
    case FIXED_SAT_ZERO: return 0;
    case FIXED_WRAP_SM: return wrapped_sign_magnitude(t, (fixed_uwide)v, v < 0);
    default: return t->wrap_bits ? wrapped_keeping(t, (fixed_uwide)v, v < 0) : from_bits(t, (fixed_uwide)v);
    }
}

static fixed_wide limited(const struct fixed_type *t, fixed_wide v, uint64_t *overflows)
{
    if (v >= fixed_min(t) && v <= fixed_max(t))
        return v;
    if (overflows)
        ++*overflows;
    return overflowed(t, v);
}

/* raw * 2^up. What does not fit is far out of every type's range; its sign and low bits are all that counts.
 */
static fixed_wide raised(fixed_wide raw, int up)
{
    fixed_wide magnitude = raw < 0 ? -raw : raw;
    if (raw == 0 || (up < FIXED_WIDE_BITS && magnitude >> (FIXED_WIDE_BITS - up) == 0))
        return raw * (ONE << (raw ? up : 0));
    fixed_uwide bits = up < 128 ? (fixed_uwide)raw << up : 0;
    fixed_wide kept = (fixed_wide)(bits & low_bits(FIXED_MAX_WIDTH + 2));
    return kept + (raw < 0 ? -(ONE << 100) : ONE << 100);
}

fixed_wide fixed_cast(const struct fixed_type *to, fixed_wide raw, int fraction, uint64_t *overflows)
{
    int drop = fraction - fixed_fraction(to);
    return limited(to, drop > 0 ? rounded(to->round, raw, drop) : raised(raw, -drop), overflows);
}

fixed_wide fixed_from_double(const struct fixed_type *to, double value, uint64_t *overflows)
{
    int exponent;
    if (isnan(value)) {
        if (overflows)
            ++*overflows;
        return 0;
    }
    if (isinf(value))
        return fixed_cast(to, value < 0 ? -1 : 1, -2000, overflows);
    double mantissa = frexp(value, &exponent); /* 53 bits are exact in an int64 */
    return fixed_cast(to, (int64_t)ldexp(mantissa, 53), 53 - exponent, overflows);
}

double fixed_to_double(fixed_wide raw, int fraction)
{
    return ldexp((double)raw, -fraction);
}

/* ---- exact results ---- */

struct fixed_type fixed_product_type(const struct fixed_type *a, const struct fixed_type *b)
{
    return (struct fixed_type){.width = (uint8_t)(a->width + b->width),
                               .integer = (int16_t)(a->integer + b->integer),
                               .is_signed = a->is_signed || b->is_signed,
                               .round = FIXED_TRN,
                               .overflow = FIXED_WRAP};
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Bits before the point when the sum is signed: an unsigned number needs one more for the sign. */
static int signed_integer(const struct fixed_type *t, bool result_is_signed)
{
    return t->integer + (result_is_signed && !t->is_signed);
}

struct fixed_type fixed_sum_type(const struct fixed_type *a, const struct fixed_type *b)
{
    bool is_signed = a->is_signed || b->is_signed;
    int integer = larger(signed_integer(a, is_signed), signed_integer(b, is_signed)) + 1;
    int fraction = larger(fixed_fraction(a), fixed_fraction(b));
    int width = integer + fraction;
    return (struct fixed_type){.width = (uint8_t)(width < 255 ? width : 255),
                               .integer = (int16_t)integer,
                               .is_signed = is_signed,
                               .round = FIXED_TRN,
                               .overflow = FIXED_WRAP};
}

void fixed_sum_start(struct fixed_sum *s, enum fixed_accumulation mode, const struct fixed_type *type,
                     int fraction)
{
    *s = (struct fixed_sum){.mode = mode, .fraction = fraction};
    if (mode == FIXED_HLS4ML) {
        s->type = *type;
        s->fraction = fixed_fraction(type);
    }
}

void fixed_sum_add(struct fixed_sum *s, fixed_wide raw, int fraction)
{
    if (s->mode == FIXED_EXACT) {
        s->raw += raw * (ONE << (s->fraction - fraction));
        return;
    }
    fixed_wide term = fixed_cast(&s->type, raw, fraction, &s->overflows);
    s->raw = fixed_cast(&s->type, s->raw + term, s->fraction, &s->overflows);
}

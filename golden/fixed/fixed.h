/* Fixed-point numbers as ap_fixed<W,I,Q,O,N> and SystemC's sc_fixed have them, exact to the bit.
 *
 * A number is an integer (`raw`) beside its type: value = raw / 2^(W-I), where I counts the bits before the
 * binary point, sign included, and may be negative or above W. Rounding comes before overflow handling, so a
 * carry of the rounding can overflow. Sources: domain.md 8.4, IEEE 1666-2011 7.10.9. Where ap_types differ
 * (WRAP_SM after a carry of the rounding; saturated bits of negative numbers in unsigned types) this is IEEE
 * 1666.
 *
 *     struct fixed_type t;
 *     fixed_type_parse(&t, "ap_fixed<16,6,RND,SAT>", &message);
 *     fixed_wide raw = fixed_cast(&t, product, product_fraction, &overflows);
 *
 * Intermediates are fixed_wide; their magnitude stays below 2^FIXED_WIDE_BITS, which callers see to (the
 * widths of fixed_product_type and fixed_sum_type say when). Nothing here keeps state.
 */
#ifndef GOLDEN_FIXED_FIXED_H
#define GOLDEN_FIXED_FIXED_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 fixed_wide;
__extension__ typedef unsigned __int128 fixed_uwide;

enum {
    FIXED_MAX_WIDTH = 64,    /* of a type that a number is stored in */
    FIXED_MAX_INTEGER = 512, /* I is in -512..512 */
    FIXED_WIDE_BITS = 120,   /* |raw| of an intermediate is below 2^120 */
    FIXED_TEXT = 48,         /* fits every type's text */
};

/* The numbers are those that generated names carry: ap_fixed_16_6_5_3_0. */
enum fixed_round {
    FIXED_RND,         /* half up */
    FIXED_RND_ZERO,    /* half toward zero */
    FIXED_RND_MIN_INF, /* half toward -infinity */
    FIXED_RND_INF,     /* half away from zero */
    FIXED_RND_CONV,    /* half to even */
    FIXED_TRN,         /* floor; ap_fixed's default */
    FIXED_TRN_ZERO,    /* toward zero */
    FIXED_ROUNDS,
};

enum fixed_overflow {
    FIXED_SAT,      /* to the largest or smallest number */
    FIXED_SAT_ZERO, /* to 0 */
    FIXED_SAT_SYM,  /* to +-largest; a signed type never holds its smallest number */
    FIXED_WRAP, /* keep the low bits; ap_fixed's default. wrap_bits: that many high bits saturate instead */
    FIXED_WRAP_SM, /* sign-magnitude wrap; signed types only */
    FIXED_OVERFLOWS,
};

struct fixed_type {
    uint8_t width;   /* W: 1..64; of exact product and sum types up to 255 */
    int16_t integer; /* I */
    uint8_t is_signed;
    uint8_t round;     /* enum fixed_round */
    uint8_t overflow;  /* enum fixed_overflow */
    uint8_t wrap_bits; /* N: 0..W, 0 unless overflow is WRAP or WRAP_SM */
};

static inline int fixed_fraction(const struct fixed_type *t)
{
    return t->width - t->integer;
}

/* 0; or -1 and a message when the type is none that numbers can be stored in. */
int fixed_type_check(const struct fixed_type *t, struct message *m);

/* "ap_fixed<W,I>", "ap_ufixed<W,I,Q>", "...<W,I,Q,O>", "...<W,I,Q,O,N>", and "ap_int<W>", "ap_uint<W>". Modes
 * with or without "AP_" or "SC_"; blanks are allowed. Returns 0, or -1 and a message. */
int fixed_type_parse(struct fixed_type *t, const char *text, struct message *m);

/* The shortest text that fixed_type_parse reads back: modes are left out when they are TRN, WRAP. */
void fixed_type_print(const struct fixed_type *t, char text[FIXED_TEXT]);

const char *fixed_round_name(unsigned mode);    /* "RND", ... */
const char *fixed_overflow_name(unsigned mode); /* "SAT", ... */

/* The ends of a type's range, SAT_SYM considered. */
fixed_wide fixed_min(const struct fixed_type *t);
fixed_wide fixed_max(const struct fixed_type *t);

/* The number raw / 2^fraction in type `to`. Adds 1 to *overflows (may be NULL) when the rounded value is out
 * of the type's range, whatever the overflow mode makes of it. */
fixed_wide fixed_cast(const struct fixed_type *to, fixed_wide raw, int fraction, uint64_t *overflows);

/* The same of a double, exactly; NaN is 0 and counts as overflow, infinities overflow. */
fixed_wide fixed_from_double(const struct fixed_type *to, double value, uint64_t *overflows);

/* Exact up to 53 significant bits, otherwise rounded to nearest even. */
double fixed_to_double(fixed_wide raw, int fraction);

/* The types that hold every product and every sum (domain.md 8.4); they round and wrap by default, as there
 * is nothing to do. */
struct fixed_type fixed_product_type(const struct fixed_type *a, const struct fixed_type *b);
struct fixed_type fixed_sum_type(const struct fixed_type *a, const struct fixed_type *b);

/* A sum of products: exact, or as the code that hls4ml writes, where the product and each new sum are cast to
 * the accumulator's type (domain.md 8.3; nnet_dense_latency.h). */
enum fixed_accumulation { FIXED_EXACT, FIXED_HLS4ML };

struct fixed_sum {
    enum fixed_accumulation mode;
    struct fixed_type type; /* of FIXED_HLS4ML */
    int fraction;           /* of raw */
    fixed_wide raw;
    uint64_t overflows;
};

/* fraction: of FIXED_EXACT, at least that of everything that will be added; FIXED_HLS4ML has its type's. */
void fixed_sum_start(struct fixed_sum *s, enum fixed_accumulation mode, const struct fixed_type *type,
                     int fraction);
void fixed_sum_add(struct fixed_sum *s, fixed_wide raw, int fraction);

#ifdef __cplusplus
}
#endif
#endif

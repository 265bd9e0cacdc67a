/* Fixed point against an oracle on single bits: numbers are long arrays of bits, sums are done digit by
 * digit. */
#include "golden/fixed/fixed.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Bit i has weight 2^(i - POINT), two's complement, the last bit is the sign. */
enum { BITS = 2400, POINT = 1200 };

struct big {
    unsigned char bit[BITS];
};

static void big_set(struct big *b, fixed_wide raw, int fraction)
{
    memset(b, raw < 0, sizeof *b);
    for (int i = 0; i < POINT - fraction; i++)
        b->bit[i] = 0;
    for (int i = 0; i < 127; i++)
        b->bit[POINT - fraction + i] = (fixed_uwide)raw >> i & 1;
}

/* b += c, both from `from` up. */
static void big_add(struct big *b, const struct big *c, int from)
{
    unsigned carry = 0;
    for (int i = from; i < BITS; i++) {
        unsigned sum = b->bit[i] + c->bit[i] + carry;
        b->bit[i] = sum & 1;
        carry = sum >> 1;
    }
}

static void big_increment(struct big *b, int from)
{
    struct big one = {{0}};
    one.bit[from] = 1;
    big_add(b, &one, from);
}

static bool any(const struct big *b, int from, int to, unsigned value)
{
    for (int i = from; i < to; i++)
        if (b->bit[i] == value)
            return true;
    return false;
}

/* domain.md 8.4, the table of rounding modes, as distances: below, at or above the middle. */
static bool oracle_up(unsigned mode, const struct big *b, int lsb)
{
    bool negative = b->bit[BITS - 1], half = b->bit[lsb - 1], rest = any(b, 0, lsb - 1, 1);
    bool above = half && rest, at = half && !rest;
    switch (mode) {
    case FIXED_RND: return above || at;
    case FIXED_RND_ZERO: return above || (at && negative);
    case FIXED_RND_MIN_INF: return above;
    case FIXED_RND_INF: return above || (at && !negative);
    case FIXED_RND_CONV: return above || (at && b->bit[lsb]);
    case FIXED_TRN_ZERO: return negative && (half || rest);
    default: return false;
    }
}

static void fill(unsigned char *bit, unsigned from, unsigned to, unsigned value)
{
    for (unsigned i = from; i < to; i++)
        bit[i] = (unsigned char)value;
}

static void invert(unsigned char *bit, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        bit[i] ^= 1;
}

/* An overflow's result in bit[0..w-1]; `lost` is the first bit above. */
static void oracle_overflow(const struct fixed_type *t, unsigned char *bit, bool negative, bool lost)
{
    unsigned w = t->width, top = (w - 1) & 63, n = t->wrap_bits, s = t->is_signed;
    bool sm = t->overflow == FIXED_WRAP_SM;
    if (t->overflow == FIXED_SAT || t->overflow == FIXED_SAT_SYM) {
        fill(bit, 0, w, !negative);
        if (s)
            bit[top] = negative;
        if (negative && s && t->overflow == FIXED_SAT_SYM)
            bit[0] = 1;
    } else if (t->overflow == FIXED_SAT_ZERO) {
        fill(bit, 0, w, 0);
    } else if (sm && n == 0) {
        if (bit[top] != lost)
            invert(bit, w);
        bit[top] = lost;
    } else if (n > 0) {
        if (sm && (n == 1 ? bit[top] != negative : bit[w - n] == negative))
            invert(bit, w);
        fill(bit, w - n, w, !negative);
        if (s)
            bit[top] = negative;
    }
}

static fixed_wide bits_value(const struct fixed_type *t, const unsigned char *bit)
{
    fixed_wide v = 0;
    for (unsigned i = 0; i < t->width; i++)
        v += (fixed_wide)bit[i] << i;
    if (t->is_signed && bit[t->width - 1])
        v -= (fixed_wide)1 << t->width;
    return v;
}

static bool fits(const struct fixed_type *t, const struct big *b, int lsb)
{
    int top = lsb + t->width - (t->is_signed ? 1 : 0);
    bool negative = b->bit[BITS - 1];
    if (any(b, top, BITS, !negative) || (negative && !t->is_signed))
        return false;
    /* SAT_SYM: 100..0 is out of range. */
    return !(t->overflow == FIXED_SAT_SYM && negative && !any(b, lsb, top, 1));
}

static fixed_wide oracle(const struct fixed_type *t, const struct big *value, unsigned *overflow)
{
    struct big b = *value;
    int lsb = POINT - fixed_fraction(t);
    if (oracle_up(t->round, &b, lsb))
        big_increment(&b, lsb);
    *overflow = !fits(t, &b, lsb);
    if (*overflow)
        oracle_overflow(t, b.bit + lsb, b.bit[BITS - 1], b.bit[lsb + t->width]);
    return bits_value(t, b.bit + lsb);
}

static struct fixed_type random_type(struct rng *r)
{
    struct fixed_type t;
    do {
        t = (struct fixed_type){.width = (uint8_t)(1 + rng_below(r, 64)),
                                .integer = (int16_t)((int)rng_below(r, 128) - 32),
                                .is_signed = (uint8_t)rng_below(r, 2),
                                .round = (uint8_t)rng_below(r, FIXED_ROUNDS),
                                .overflow = (uint8_t)rng_below(r, FIXED_OVERFLOWS)};
        if (t.overflow >= FIXED_WRAP && rng_chance(r, 400000))
            t.wrap_bits = (uint8_t)rng_below(r, t.width + 1u);
    } while (fixed_type_check(&t, NULL) < 0);
    return t;
}

/* Up to 119 bits; often with a run of ones or zeros at its low end, where rounding decides. */
static fixed_wide random_wide(struct rng *r)
{
    fixed_wide v = (fixed_wide)((fixed_uwide)rng_next(r) << 64 | rng_next(r));
    v >>= 8 + rng_below(r, 112);
    unsigned tail = rng_below(r, 40);
    fixed_wide mask = ((fixed_wide)1 << tail) - 1;
    switch (rng_below(r, 4)) {
    case 0: return v & ~mask;
    case 1: return v | mask;
    case 2: return (v & ~mask) | (mask + 1) >> 1;
    default: return v;
    }
}

static void print_wrong(const struct fixed_type *t, fixed_wide raw, int fraction, fixed_wide got,
                        fixed_wide want)
{
    char text[FIXED_TEXT];
    fixed_type_print(t, text);
    printf("\n  %s of 0x%llx%016llx / 2^%d: got %lld, expected %lld", text, (long long)(raw >> 64),
           (unsigned long long)raw, fraction, (long long)got, (long long)want);
}

static unsigned check_cast(const struct fixed_type *t, fixed_wide raw, int fraction)
{
    struct big value;
    unsigned overflow;
    uint64_t counted = 0;
    big_set(&value, raw, fraction);
    fixed_wide want = oracle(t, &value, &overflow), got = fixed_cast(t, raw, fraction, &counted);
    if (got == want && counted == overflow)
        return 0;
    print_wrong(t, raw, fraction, got, want);
    return 1;
}

static void test_casts_at_random(void)
{
    struct rng r;
    unsigned wrong = 0;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 150000 && wrong < 10; i++) {
        struct fixed_type t = random_type(&r);
        int spread = rng_chance(&r, 100000) ? 900 : 80;
        wrong += check_cast(&t, random_wide(&r),
                            fixed_fraction(&t) + (int)rng_below(&r, (unsigned)spread) - spread / 3);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* All ends: the range's limits and their neighbours, in finer and coarser inputs. */
static void test_casts_at_the_limits(void)
{
    struct rng r;
    unsigned wrong = 0;
    rng_seed(&r, test_seed() + 1);
    for (unsigned i = 0; i < 3000; i++) {
        struct fixed_type t = random_type(&r);
        for (int drop = -1; drop <= 3; drop++)
            for (int off = -9; off <= 9; off++) {
                fixed_wide low = fixed_min(&t), high = fixed_max(&t);
                int up = drop > 0 ? drop : 0;
                wrong += check_cast(&t, low * (1 << up) + off, fixed_fraction(&t) + drop);
                wrong += check_cast(&t, high * (1 << up) + off, fixed_fraction(&t) + drop);
            }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_far_points(void)
{
    struct fixed_type t = {.width = 8, .integer = 4, .is_signed = 1, .overflow = FIXED_SAT};
    for (t.round = 0; t.round < FIXED_ROUNDS; t.round++)
        for (int fraction = -800; fraction <= 800; fraction += 7)
            for (int raw = -2; raw <= 2; raw++)
                CU_ASSERT_EQUAL(check_cast(&t, raw, fraction), 0);
}

/* A power of two raised to every place in and above a wide type. */
static void test_raised_powers(void)
{
    struct fixed_type t = {.width = 64, .integer = 64};
    for (unsigned mode = 0; mode < 2 * FIXED_OVERFLOWS - 1; mode++)
        for (int up = 0; up < 140; up++)
            for (int from = 0; from < 119; from += 7) {
                t.is_signed = !(mode & 1);
                t.overflow = (uint8_t)(mode / 2);
                CU_ASSERT_EQUAL(check_cast(&t, (fixed_wide)1 << from, -up), 0);
                CU_ASSERT_EQUAL(check_cast(&t, -((fixed_wide)1 << from), -up), 0);
            }
}

static void test_doubles(void)
{
    struct rng r;
    unsigned wrong = 0;
    rng_seed(&r, test_seed() + 2);
    for (unsigned i = 0; i < 50000; i++) {
        struct fixed_type t = random_type(&r);
        int64_t mantissa = (int64_t)rng_next(&r) >> (11 + rng_below(&r, 50));
        int exponent = (int)rng_below(&r, 120) - 60;
        struct big value;
        unsigned overflow;
        big_set(&value, mantissa, -exponent);
        wrong +=
            fixed_from_double(&t, ldexp((double)mantissa, exponent), NULL) != oracle(&t, &value, &overflow);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_doubles_that_are_no_numbers(void)
{
    struct fixed_type t = {
        .width = 8, .integer = 4, .is_signed = 1, .round = FIXED_RND, .overflow = FIXED_SAT};
    uint64_t overflows = 0;
    CU_ASSERT_EQUAL(fixed_from_double(&t, INFINITY, &overflows), 127);
    CU_ASSERT_EQUAL(fixed_from_double(&t, -INFINITY, &overflows), -128);
    CU_ASSERT_EQUAL(fixed_from_double(&t, NAN, &overflows), 0);
    CU_ASSERT_EQUAL(overflows, 3);
    CU_ASSERT_EQUAL(fixed_from_double(&t, -0.0, &overflows), 0);
    CU_ASSERT_EQUAL(fixed_from_double(&t, 5e-324, &overflows), 0);
    CU_ASSERT_EQUAL(overflows, 3);
    CU_ASSERT_EQUAL(fixed_to_double(-24, 4), -1.5);
}

/* The extreme products and sums of two types are within the exact types, and those are no wider than needed.
 */
static void test_exact_types(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 3);
    for (unsigned i = 0; i < 20000; i++) {
        struct fixed_type a = random_type(&r), b = random_type(&r);
        a.width = (uint8_t)(1 + a.width % 50);
        b.width = (uint8_t)(1 + b.width % 50);
        a.overflow = b.overflow = FIXED_SAT;
        a.integer = (int16_t)(a.integer % 8);
        b.integer = (int16_t)(b.integer % 8);
        struct fixed_type p = fixed_product_type(&a, &b), s = fixed_sum_type(&a, &b);
        fixed_wide ends_a[] = {fixed_min(&a), fixed_max(&a)}, ends_b[] = {fixed_min(&b), fixed_max(&b)};
        CU_ASSERT_EQUAL(fixed_fraction(&p), fixed_fraction(&a) + fixed_fraction(&b));
        for (unsigned k = 0; k < 4; k++) {
            fixed_wide x = ends_a[k & 1], y = ends_b[k >> 1];
            CU_ASSERT(x * y >= fixed_min(&p) && x * y <= fixed_max(&p));
            fixed_wide sum = x * ((fixed_wide)1 << (fixed_fraction(&s) - fixed_fraction(&a))) +
                             y * ((fixed_wide)1 << (fixed_fraction(&s) - fixed_fraction(&b)));
            CU_ASSERT(sum >= fixed_min(&s) && sum <= fixed_max(&s));
        }
    }
}

static fixed_wide plain_hls4ml(const struct fixed_type *t, const fixed_wide *term, unsigned n, int fraction)
{
    fixed_wide acc = 0;
    for (unsigned i = 0; i < n; i++) {
        struct big sum, product;
        unsigned ignored;
        big_set(&product, term[i], fraction);
        big_set(&product, oracle(t, &product, &ignored), fixed_fraction(t));
        big_set(&sum, acc, fixed_fraction(t));
        big_add(&sum, &product, 0);
        acc = oracle(t, &sum, &ignored);
    }
    return acc;
}

static void test_sums(void)
{
    struct rng r;
    unsigned wrong = 0;
    rng_seed(&r, test_seed() + 4);
    for (unsigned i = 0; i < 2000; i++) {
        enum { TERMS = 9 };
        struct fixed_type t = random_type(&r);
        struct fixed_sum exact, as_hls4ml;
        fixed_wide term[TERMS], sum = 0;
        int fraction = fixed_fraction(&t) + (int)rng_below(&r, 12) - 2;
        fixed_sum_start(&exact, FIXED_EXACT, NULL, fraction + 3);
        fixed_sum_start(&as_hls4ml, FIXED_HLS4ML, &t, 0);
        for (unsigned k = 0; k < TERMS; k++) {
            term[k] = random_wide(&r) >> 50;
            sum += term[k] * 8;
            fixed_sum_add(&exact, term[k], fraction);
            fixed_sum_add(&as_hls4ml, term[k], fraction);
        }
        wrong += exact.raw != sum || exact.overflows;
        wrong += as_hls4ml.raw != plain_hls4ml(&t, term, TERMS, fraction);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_types_as_text(void)
{
    static const struct {
        const char *text, *canonical; /* NULL: refused */
    } known[] = {
        {"ap_fixed<16,6>", "ap_fixed<16,6>"},
        {" ap_fixed < 16 , -6 , AP_TRN , AP_WRAP , 0 > ", "ap_fixed<16,-6>"},
        {"ap_ufixed<8,9,RND>", "ap_ufixed<8,9,RND,WRAP>"},
        {"ap_fixed<8,1,SC_RND_CONV,SC_SAT_SYM>", "ap_fixed<8,1,RND_CONV,SAT_SYM>"},
        {"ap_fixed<8,1,RND_ZERO,WRAP,3>", "ap_fixed<8,1,RND_ZERO,WRAP,3>"},
        {"ap_int<7>", "ap_fixed<7,7>"},
        {"ap_uint<64>", "ap_ufixed<64,64>"},
        {"", NULL},
        {"float", NULL},
        {"ap_fixed<0,1>", NULL},
        {"ap_fixed<65,1>", NULL},
        {"ap_fixed<8>", NULL},
        {"ap_fixed<8,1", NULL},
        {"ap_fixed<8,1>x", NULL},
        {"ap_fixed<8,1,ROUND>", NULL},
        {"ap_fixed<8,1,RND,SATURATE>", NULL},
        {"ap_ufixed<8,1,RND,WRAP_SM>", NULL},
        {"ap_fixed<8,1,RND,WRAP,9>", NULL},
        {"ap_fixed<8,1,RND,SAT,1>", NULL},
        {"ap_fixed<8,99999999999999999999>", NULL},
        {"ap_int<8,1>", NULL},
        {"ap_fixed<1,1,RND,SAT_SYM>", NULL},
        {"ap_fixed<8,1,RND,WRAP,-1>", NULL},
        {"ap_fixed<-8,1>", NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct fixed_type t;
        struct message m = {""};
        char text[FIXED_TEXT] = "";
        int failed = fixed_type_parse(&t, known[i].text, &m);
        CU_ASSERT_EQUAL(failed, known[i].canonical ? 0 : -1);
        CU_ASSERT_EQUAL(m.text[0] != 0, !known[i].canonical);
        if (!failed) {
            fixed_type_print(&t, text);
            CU_ASSERT_STRING_EQUAL(text, known[i].canonical);
        }
    }
}

static void test_text_reads_back(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 5);
    for (unsigned i = 0; i < 5000; i++) {
        struct fixed_type t = random_type(&r), back;
        char text[FIXED_TEXT];
        fixed_type_print(&t, text);
        CU_ASSERT_EQUAL(fixed_type_parse(&back, text, NULL), 0);
        CU_ASSERT(back.width == t.width && back.integer == t.integer && back.is_signed == t.is_signed &&
                  back.round == t.round && back.overflow == t.overflow && back.wrap_bits == t.wrap_bits);
    }
}

TEST_MAIN("fixed/fixed", TEST(test_casts_at_random), TEST(test_casts_at_the_limits), TEST(test_far_points),
          TEST(test_raised_powers), TEST(test_doubles), TEST(test_doubles_that_are_no_numbers),
          TEST(test_exact_types), TEST(test_sums), TEST(test_types_as_text), TEST(test_text_reads_back))

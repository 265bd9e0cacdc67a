// golden/fixed against SystemC's sc_fix and sc_ufix (IEEE 1666): every mode pair, exhaustively for narrow
// types.
#define SC_INCLUDE_FX
#include <systemc.h>

#include "golden/fixed/fixed.h"
#include "golden/stimulus/rng.h"
extern "C" {
#include "tests/harness.h"
}

#include <cstdio>

static const sc_q_mode sc_rounds[FIXED_ROUNDS] = {SC_RND,      SC_RND_ZERO, SC_RND_MIN_INF, SC_RND_INF,
                                                  SC_RND_CONV, SC_TRN,      SC_TRN_ZERO};
static const sc_o_mode sc_overflows[FIXED_OVERFLOWS] = {SC_SAT, SC_SAT_ZERO, SC_SAT_SYM, SC_WRAP, SC_WRAP_SM};

// sc_fix with exact parameters; reading the bits back gives raw.
template <class number> static int64_t raw_of(const number &x, const fixed_type &t)
{
    uint64_t bits = 0;
    for (int b = 0; b < t.width; b++)
        bits |= (uint64_t)x[b] << b;
    if (t.is_signed && t.width < 64 && bits >> (t.width - 1))
        bits |= ~UINT64_C(0) << t.width;
    return (int64_t)bits;
}

static int64_t oracle(const fixed_type &t, const sc_fxval &value)
{
    const sc_q_mode q = sc_rounds[t.round];
    const sc_o_mode o = sc_overflows[t.overflow];
    if (t.is_signed) {
        sc_fix x(t.width, t.integer, q, o, t.wrap_bits);
        x = value;
        return raw_of(x, t);
    }
    sc_ufix x(t.width, t.integer, q, o, t.wrap_bits);
    x = value;
    return raw_of(x, t);
}

// raw / 2^fraction, exactly, in SystemC's own unlimited number.
static sc_fxval exact(int64_t raw, int fraction)
{
    sc_fxval value((double)raw); // all raws here are below 2^53
    return fraction >= 0 ? value >> fraction : value << -fraction;
}

static unsigned differs(const fixed_type &t, int64_t raw, int fraction)
{
    static unsigned printed;
    const int64_t want = oracle(t, exact(raw, fraction)),
                  got = (int64_t)fixed_cast(&t, raw, fraction, nullptr);
    if (want == got)
        return 0;
    char text[FIXED_TEXT];
    fixed_type_print(&t, text);
    if (printed++ < 20)
        std::printf("\n  %s of %lld / 2^%d: sc_fixed %lld, golden %lld", text, (long long)raw, fraction,
                    (long long)want, (long long)got);
    return 1;
}

static bool usable(const fixed_type &t)
{
    return fixed_type_check(&t, nullptr) == 0;
}

// All numbers of `bits` bits with the point anywhere, into one type.
static unsigned all_inputs(const fixed_type &t, unsigned bits, int fraction, uint64_t &compared)
{
    unsigned wrong = 0;
    for (int64_t raw = -(INT64_C(1) << (bits - 1)); raw < INT64_C(1) << (bits - 1); raw++) {
        wrong += differs(t, raw, fraction);
        compared++;
    }
    return wrong;
}

// Every number of 10 bits, as halves, eighths, 32nds and as even numbers, into all types up to 8 bits.
static void test_all_modes_exhaustively(void)
{
    uint64_t compared = 0;
    unsigned wrong = 0;
    for (unsigned width = 1; width <= 8; width++)
        for (unsigned mode = 0; mode < 2 * FIXED_ROUNDS * FIXED_OVERFLOWS; mode++)
            for (int fraction = -1; fraction <= 5; fraction += 2) {
                fixed_type t = {(uint8_t)width,
                                (int16_t)width,
                                (uint8_t)(mode & 1),
                                (uint8_t)(mode / 2 % FIXED_ROUNDS),
                                (uint8_t)(mode / 2 / FIXED_ROUNDS),
                                0};
                if (usable(t))
                    wrong += all_inputs(t, 10, fraction, compared);
            }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(compared > 2000000);
}

// Saturated bits of both wrapping modes.
static void test_saturated_bits_exhaustively(void)
{
    uint64_t compared = 0;
    unsigned wrong = 0;
    for (unsigned width = 2; width <= 5; width++)
        for (unsigned n = 1; n < width; n++)
            for (unsigned is_signed = 0; is_signed < 2; is_signed++)
                for (unsigned overflow = FIXED_WRAP; overflow <= FIXED_WRAP_SM; overflow++) {
                    fixed_type t = {(uint8_t)width, (int16_t)width,    (uint8_t)is_signed,
                                    FIXED_RND,      (uint8_t)overflow, (uint8_t)n};
                    if (usable(t))
                        wrong += all_inputs(t, 9, 1, compared);
                }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(compared > 10000);
}

// Widths to 64 with the point far away; numbers near the ends of the range and near halves come often.
static void test_wide_types_at_random(void)
{
    enum { CASES = 1000000 };
    rng r;
    unsigned wrong = 0, compared = 0;
    rng_seed(&r, test_seed());
    while (compared < CASES) {
        const unsigned width = 1 + rng_below(&r, 64);
        fixed_type t = {(uint8_t)width,
                        (int16_t)((int)rng_below(&r, 100) - 20),
                        (uint8_t)rng_below(&r, 2),
                        (uint8_t)rng_below(&r, FIXED_ROUNDS),
                        (uint8_t)rng_below(&r, FIXED_OVERFLOWS),
                        0};
        if (!usable(t))
            continue;
        int64_t raw = (int64_t)rng_next(&r) >> (12 + rng_below(&r, 51));
        if (rng_chance(&r, 300000))
            raw = (raw & ~INT64_C(0xff)) | (rng_chance(&r, 500000) ? 0x80 : 0x7f);
        const int fraction = fixed_fraction(&t) + (int)rng_below(&r, 60) - 20;
        wrong += differs(t, raw, fraction);
        compared++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const test_case cases[] = {TEST(test_all_modes_exhaustively), TEST(test_saturated_bits_exhaustively),
                                  TEST(test_wide_types_at_random)};

int sc_main(int argc, char **argv)
{
    return test_main(argc, argv, "fixed/sc_fixed", cases, sizeof cases / sizeof *cases);
}

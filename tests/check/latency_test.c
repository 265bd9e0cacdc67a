/* Latency distributions against sorted samples. */
#include "emu/check/latency.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 20000 };
static uint64_t sample[SAMPLES];
static struct latency latency;

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Nearest cycle, in integers wide enough to be exact. */
static uint64_t cycles_of(uint64_t ps, uint64_t hz)
{
    unsigned __int128 twice = 2 * (unsigned __int128)ps * hz, second = UINT64_C(1000000000000);
    return (uint64_t)((twice + second) / (2 * second));
}

/* The value below or at which `percent` of the sorted samples lie: nearest rank. */
static uint64_t rank(unsigned percent, size_t n)
{
    size_t at = (n * percent + 99) / 100;
    return sample[at - 1];
}

static int within_a_256th(uint64_t got, uint64_t exact)
{
    return got <= exact && got >= exact - exact / 256;
}

static void check_percentile(uint64_t got, uint64_t exact, uint64_t min)
{
    if (exact < LATENCY_EXACT)
        CU_ASSERT_EQUAL(got, exact)
    else
        CU_ASSERT(within_a_256th(got, exact) && got >= min);
}

/* Samples up to `most` ps; most of them small when `skewed`. */
static void check_samples(uint64_t hz, uint64_t most, size_t n, struct rng *r)
{
    latency_init(&latency, hz);
    for (size_t i = 0; i < n; i++) {
        sample[i] = rng_next(r) % (most + 1);
        if (i % 3)
            sample[i] /= 1 + rng_below(r, 1000);
        latency_add(&latency, sample[i]);
    }
    qsort(sample, n, sizeof *sample, by_value);
    struct latency_summary s = latency_summarise(&latency);
    CU_ASSERT_EQUAL(s.count, n);
    CU_ASSERT_EQUAL(s.min_cycles, cycles_of(sample[0], hz));
    CU_ASSERT_EQUAL(s.max_cycles, cycles_of(sample[n - 1], hz));
    CU_ASSERT_DOUBLE_EQUAL(s.min_ns * 1e3, (double)sample[0], 1);
    CU_ASSERT_DOUBLE_EQUAL(s.max_ns * 1e3, (double)sample[n - 1], 1);
    check_percentile(s.p50_cycles, cycles_of(rank(50, n), hz), s.min_cycles);
    check_percentile(s.p99_cycles, cycles_of(rank(99, n), hz), s.min_cycles);
    CU_ASSERT(s.min_cycles <= s.p50_cycles && s.p50_cycles <= s.p99_cycles && s.p99_cycles <= s.max_cycles);
    CU_ASSERT_DOUBLE_EQUAL(s.p50_ns, (double)s.p50_cycles * 1e9 / (double)hz, 1e-6 * (1 + s.p50_ns));
}

static void test_percentiles_are_those_of_sorted_samples(void)
{
    static const uint64_t clocks[] = {250000000, 240473400, 1, 4000000000, 31};
    static const uint64_t most[] = {0, 1, 4158, 1000000, 17000000, UINT64_C(1) << 40, UINT64_C(1) << 46};
    static const size_t counts[] = {1, 2, 3, 99, 100, 101, SAMPLES};
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned c = 0; c < 5; c++)
        for (unsigned m = 0; m < 7; m++)
            for (unsigned n = 0; n < 7; n++)
                check_samples(clocks[c], most[m], counts[n], &r);
}

static void test_every_sample_is_in_one_bin(void)
{
    struct rng r;
    uint64_t all = 0;
    rng_seed(&r, test_seed());
    latency_init(&latency, 250000000);
    for (int i = 0; i < 100000; i++)
        latency_add(&latency, rng_next(&r) >> rng_below(&r, 64));
    for (size_t i = 0; i < LATENCY_BINS; i++)
        all += latency.bin[i];
    CU_ASSERT_EQUAL(all, 100000);
}

/* At one cycle a nanosecond, n cycles are 1000 n ps: the bin that is hit must be the last one at or below n.
 */
static void test_bins_grow_and_hold_what_they_say(void)
{
    for (size_t i = 1; i < LATENCY_BINS; i++)
        CU_ASSERT_FATAL(latency_bin_cycles(i) > latency_bin_cycles(i - 1));
    for (size_t i = 0; i + 1 < LATENCY_BINS; i++) {
        uint64_t low = latency_bin_cycles(i), high = latency_bin_cycles(i + 1) - 1;
        if (high > UINT64_MAX / 1000)
            break;
        latency_init(&latency, 1000000000);
        latency_add(&latency, low * 1000);
        latency_add(&latency, high * 1000);
        CU_ASSERT_EQUAL(latency.bin[i], 2);
    }
}

static void test_absurd_latencies_land_in_the_last_bin(void)
{
    latency_init(&latency, UINT64_C(10000000000));
    latency_add(&latency, UINT64_MAX);
    latency_add(&latency, 0);
    struct latency_summary s = latency_summarise(&latency);
    CU_ASSERT_EQUAL(latency.bin[LATENCY_BINS - 1], 1);
    CU_ASSERT_EQUAL(s.min_cycles, 0);
    CU_ASSERT_EQUAL(s.max_cycles, cycles_of(UINT64_MAX, UINT64_C(10000000000)));
}

static void test_equal_samples_have_one_value_everywhere(void)
{
    static const uint64_t cycles[] = {0, 1, 4095, 4096, 5001, 123456789};
    for (unsigned i = 0; i < 6; i++) {
        latency_init(&latency, 250000000);
        for (int n = 0; n < 7; n++)
            latency_add(&latency, cycles[i] * 4000);
        struct latency_summary s = latency_summarise(&latency);
        CU_ASSERT(s.min_cycles == cycles[i] && s.p50_cycles == cycles[i]);
        CU_ASSERT(s.p99_cycles == cycles[i] && s.max_cycles == cycles[i]);
    }
}

static void test_no_samples_give_zeros(void)
{
    static const struct latency_summary zero;
    latency_init(&latency, 250000000);
    struct latency_summary s = latency_summarise(&latency);
    CU_ASSERT_EQUAL(memcmp(&s, &zero, sizeof s), 0);
}

TEST_MAIN("check/latency", TEST(test_percentiles_are_those_of_sorted_samples),
          TEST(test_every_sample_is_in_one_bin), TEST(test_bins_grow_and_hold_what_they_say),
          TEST(test_absurd_latencies_land_in_the_last_bin),
          TEST(test_equal_samples_have_one_value_everywhere), TEST(test_no_samples_give_zeros))

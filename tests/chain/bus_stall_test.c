/* Stalls of the host bus: given ones to the cycle, random ones by their rate. */
#include "emu/chain/bus_stall.h"
#include "tests/harness.h"

#include <math.h>

static unsigned stalled_cycles(struct bus_stall *s, unsigned most)
{
    unsigned n = 0;
    while (n < most && !bus_stall_ready(s))
        n++;
    return n;
}

static void test_a_bus_without_stalls_is_always_ready(void)
{
    struct bus_stall s;
    bus_stall_init(&s, NULL, 0, 0, 100, test_seed());
    bus_stall_bx(&s, 1, 2);
    for (int i = 0; i < 100000; i++)
        CU_ASSERT(bus_stall_ready(&s));
}

static void test_a_given_stall_lasts_its_cycles(void)
{
    static const struct bus_stall_at at[] = {{7, 3563, 1}, {5, 100, 12345}, {0, 0, 3}, {UINT32_MAX, 0, 17}};
    struct bus_stall s;
    bus_stall_init(&s, at, 4, 0, 0, test_seed());
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT(bus_stall_ready(&s));
        bus_stall_bx(&s, at[i].orbit, at[i].bx);
        CU_ASSERT_EQUAL(stalled_cycles(&s, 100000), at[i].cycles);
        CU_ASSERT(bus_stall_ready(&s));
    }
}

static void test_another_bx_or_orbit_begins_no_stall(void)
{
    static const struct bus_stall_at at[] = {{7, 100, 5}};
    struct bus_stall s;
    bus_stall_init(&s, at, 1, 0, 0, test_seed());
    bus_stall_bx(&s, 7, 99);
    bus_stall_bx(&s, 7, 101);
    bus_stall_bx(&s, 6, 100);
    bus_stall_bx(&s, 8, 100);
    CU_ASSERT(bus_stall_ready(&s));
}

static void test_of_stalls_that_overlap_the_later_end_counts(void)
{
    static const struct bus_stall_at at[] = {{1, 0, 100}, {1, 1, 10}, {1, 2, 200}, {1, 2, 50}};
    struct bus_stall s;
    bus_stall_init(&s, at, 4, 0, 0, test_seed());
    bus_stall_bx(&s, 1, 0);
    CU_ASSERT_EQUAL(stalled_cycles(&s, 20), 20); /* 80 left */
    bus_stall_bx(&s, 1, 1);
    CU_ASSERT_EQUAL(stalled_cycles(&s, 30), 30); /* 50 left */
    bus_stall_bx(&s, 1, 2);
    CU_ASSERT_EQUAL(stalled_cycles(&s, 1000), 200);
}

/* Ready and stalled cycles alternate: of `cycles` stalled ones after a geometric number of ready ones with
 * mean (1 - p) / p, the bus is stalled for cycles / (cycles + (1 - p) / p) of the time. */
static void check_rate(uint32_t per_million, uint32_t cycles, uint64_t seed)
{
    enum { ALL = 4000000 };
    struct bus_stall s;
    unsigned stalled = 0;
    double p = per_million / 1e6, mean = cycles / (cycles + (1 - p) / p);
    /* The number of stalls is nearly Poisson; five standard deviations. */
    double stalls = ALL * mean / cycles, allowed = 5 * sqrt(stalls) * cycles / ALL;
    bus_stall_init(&s, NULL, 0, per_million, cycles, seed);
    for (int i = 0; i < ALL; i++)
        stalled += !bus_stall_ready(&s);
    CU_ASSERT(fabs((double)stalled / ALL - mean) < allowed);
}

static void test_random_stalls_have_their_rate(void)
{
    check_rate(1000, 10, test_seed());
    check_rate(100, 200, test_seed() + 1);
    check_rate(10000, 1, test_seed() + 2);
    check_rate(250000, 3, test_seed() + 3);
}

static void test_random_stalls_last_their_cycles_or_multiples(void)
{
    struct bus_stall s;
    unsigned single = 0, wrong = 0;
    bus_stall_init(&s, NULL, 0, 5000, 37, test_seed());
    for (int i = 0; i < 200000; i++) {
        unsigned n = stalled_cycles(&s, 1000000);
        wrong += n % 37 != 0;
        single += n == 37;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(single > 700);
}

static void test_a_seed_repeats_its_stalls(void)
{
    struct bus_stall a, b, c;
    unsigned differ = 0;
    bus_stall_init(&a, NULL, 0, 20000, 5, test_seed());
    bus_stall_init(&b, NULL, 0, 20000, 5, test_seed());
    bus_stall_init(&c, NULL, 0, 20000, 5, test_seed() + 1);
    for (int i = 0; i < 100000; i++) {
        bool ready = bus_stall_ready(&a);
        CU_ASSERT_EQUAL(ready, bus_stall_ready(&b));
        differ += ready != bus_stall_ready(&c);
    }
    CU_ASSERT(differ > 1000);
}

TEST_MAIN("chain/bus_stall", TEST(test_a_bus_without_stalls_is_always_ready),
          TEST(test_a_given_stall_lasts_its_cycles), TEST(test_another_bx_or_orbit_begins_no_stall),
          TEST(test_of_stalls_that_overlap_the_later_end_counts), TEST(test_random_stalls_have_their_rate),
          TEST(test_random_stalls_last_their_cycles_or_multiples), TEST(test_a_seed_repeats_its_stalls))

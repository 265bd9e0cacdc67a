/* Clock edges in exact order, against times computed from scratch for every edge. */
#include "emu/chain/clock_tree.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

#define PS UINT64_C(1000000000000)

static const uint64_t usual_hz[DOMAINS] = {250000000, 240473400, 250000000};
static const uint64_t no_phase[DOMAINS];

/* Edge n of a domain falls at phase + n / hz seconds: as a fraction over hz x 10^12. */
struct edge {
    unsigned __int128 over; /* numerator */
    uint64_t hz;
};

static struct edge edge_of(uint64_t hz, uint64_t phase_ps, uint64_t n)
{
    return (struct edge){(unsigned __int128)phase_ps * hz + (unsigned __int128)n * PS, hz};
}

static int compare_edges(struct edge a, struct edge b)
{
    unsigned __int128 x = a.over * b.hz, y = b.over * a.hz;
    return x < y ? -1 : x > y;
}

/* The domains whose next edge comes first, from the numbers of their next edges. */
static unsigned expected_domains(const uint64_t hz[], const uint64_t phase[], const uint64_t next[])
{
    unsigned first = 0;
    struct edge earliest = edge_of(hz[0], phase[0], next[0]);
    for (int d = 0; d < DOMAINS; d++) {
        struct edge e = edge_of(hz[d], phase[d], next[d]);
        int order = compare_edges(e, earliest);
        if (order < 0) {
            earliest = e;
            first = 0;
        }
        if (order <= 0)
            first |= 1u << d;
    }
    return first;
}

/* Returns the number of instants at which more than one domain ticks. */
static unsigned check_order(const uint64_t hz[], const uint64_t phase[], unsigned instants)
{
    struct clock_tree t;
    uint64_t next[DOMAINS] = {0};
    unsigned wrong = 0, together = 0;
    CU_ASSERT_FATAL(clock_tree_init(&t, hz, phase) == 0);
    for (unsigned i = 0; i < instants; i++) {
        unsigned expected = expected_domains(hz, phase, next), got = clock_tree_step(&t);
        wrong += got != expected;
        together += (got & (got - 1)) != 0;
        for (int d = 0; d < DOMAINS; d++) {
            next[d] += expected >> d & 1;
            wrong += t.cycle[d] != next[d];
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    return together;
}

static void test_usual_clocks_in_order(void)
{
    CU_ASSERT(check_order(usual_hz, no_phase, 2000000) > 0);
}

static void test_random_clocks_in_order(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 2000; i++) {
        uint64_t hz[DOMAINS], phase[DOMAINS];
        for (int d = 0; d < DOMAINS; d++) {
            hz[d] = 1 + rng_next(&r) % UINT64_C(10000000000) /
                            (rng_below(&r, 4) ? 1 : 1 + rng_below(&r, 1000000));
            phase[d] = rng_next(&r) % (rng_below(&r, 2) ? PS : 10000);
        }
        check_order(hz, phase, 500);
    }
}

/* Frequencies of a few Hz and round phases: edges often fall together. */
static void test_coincident_edges_are_one_instant(void)
{
    struct rng r;
    unsigned together = 0;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 1000; i++) {
        uint64_t hz[DOMAINS], phase[DOMAINS];
        for (int d = 0; d < DOMAINS; d++) {
            hz[d] = 1 + rng_below(&r, 12);
            phase[d] = PS / (1 + rng_below(&r, 8)) * rng_below(&r, 2) / 2;
        }
        together += check_order(hz, phase, 300);
    }
    CU_ASSERT(together > 10000);
}

static void test_three_equal_clocks_tick_together(void)
{
    const uint64_t hz[DOMAINS] = {250000000, 250000000, 250000000};
    CU_ASSERT_EQUAL(check_order(hz, no_phase, 1000), 1000);
}

/* A picosecond is far less than a period, and tells equal clocks apart all the same. */
static void test_a_phase_of_one_picosecond_counts(void)
{
    const uint64_t hz[DOMAINS] = {250000000, 250000000, 250000000}, phase[DOMAINS] = {1, 0, 2};
    struct clock_tree t;
    static const unsigned order[] = {1 << DOMAIN_BOARD, 1 << DOMAIN_LINE, 1 << DOMAIN_HOST};
    CU_ASSERT_FATAL(clock_tree_init(&t, hz, phase) == 0);
    for (int i = 0; i < 3000; i++)
        CU_ASSERT_EQUAL(clock_tree_step(&t), order[i % 3]);
    CU_ASSERT_EQUAL(check_order(hz, phase, 3000), 0);
}

static void test_a_phase_of_whole_periods_keeps_edges_together(void)
{
    const uint64_t hz[DOMAINS] = {250000000, 125000000, 250000000}, phase[DOMAINS] = {0, 8000, 4000};
    CU_ASSERT_EQUAL(check_order(hz, phase, 10002), 10001); /* all but the line's very first edge */
}

/* Edges of a domain up to and including edge n of another one, both without phase: floor(n hz / other) + 1.
 */
static uint64_t edges_by(uint64_t hz, uint64_t other_hz, uint64_t n)
{
    return (uint64_t)((unsigned __int128)n * hz / other_hz) + 1;
}

static void test_no_drift_over_ten_million_edges(void)
{
    struct clock_tree t;
    const uint64_t hz[DOMAINS] = {250000000, 240473400, 249999991};
    CU_ASSERT_FATAL(clock_tree_init(&t, hz, no_phase) == 0);
    while (t.cycle[DOMAIN_BOARD] < 10000000)
        clock_tree_step(&t);
    CU_ASSERT_EQUAL(t.cycle[DOMAIN_LINE], edges_by(hz[DOMAIN_LINE], hz[DOMAIN_BOARD], 9999999));
    CU_ASSERT_EQUAL(t.cycle[DOMAIN_HOST], edges_by(hz[DOMAIN_HOST], hz[DOMAIN_BOARD], 9999999));
}

static void test_picoseconds_are_those_of_the_last_edge(void)
{
    struct clock_tree t;
    const uint64_t phase[DOMAINS] = {0, 1234, 7};
    unsigned wrong = 0;
    CU_ASSERT_FATAL(clock_tree_init(&t, usual_hz, phase) == 0);
    for (int i = 0; i < 1000000; i++) {
        unsigned ticking = clock_tree_step(&t);
        for (int d = 0; d < DOMAINS; d++) {
            uint64_t exact = phase[d] + (uint64_t)((unsigned __int128)(t.cycle[d] - 1) * PS / usual_hz[d]);
            wrong += ticking >> d & 1 && clock_tree_ps(&t, (enum domain)d) != exact;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_the_limits_hold_at_the_fastest_clocks(void)
{
    const uint64_t hz[DOMAINS] = {10000000000, 9999999999, 9999999967};
    const uint64_t phase[DOMAINS] = {PS - 1, 0, PS / 2 + 1};
    check_order(hz, phase, 100000);
}

static void test_wrong_clocks_are_refused(void)
{
    struct clock_tree t;
    for (int d = 0; d < DOMAINS; d++) {
        uint64_t hz[DOMAINS] = {1, 1, 1}, phase[DOMAINS] = {0};
        CU_ASSERT_EQUAL(clock_tree_init(&t, hz, phase), 0);
        hz[d] = 0;
        CU_ASSERT_EQUAL(clock_tree_init(&t, hz, phase), -1);
        hz[d] = UINT64_C(10000000001);
        CU_ASSERT_EQUAL(clock_tree_init(&t, hz, phase), -1);
        hz[d] = 1;
        phase[d] = PS;
        CU_ASSERT_EQUAL(clock_tree_init(&t, hz, phase), -1);
    }
}

TEST_MAIN("chain/clock_tree", TEST(test_usual_clocks_in_order), TEST(test_random_clocks_in_order),
          TEST(test_coincident_edges_are_one_instant), TEST(test_three_equal_clocks_tick_together),
          TEST(test_a_phase_of_one_picosecond_counts),
          TEST(test_a_phase_of_whole_periods_keeps_edges_together),
          TEST(test_no_drift_over_ten_million_edges), TEST(test_picoseconds_are_those_of_the_last_edge),
          TEST(test_the_limits_hold_at_the_fastest_clocks), TEST(test_wrong_clocks_are_refused))

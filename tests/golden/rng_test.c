#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

/* First outputs as published: splitmix64 from state 1234567 (rosettacode, prng.di.unimi.it), xoshiro256**
 * from state 1, 2, 3, 4. */
static void test_published_outputs(void)
{
    static const uint64_t split[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u};
    static const uint64_t xoshiro[] = {11520u, 0u, 1509978240u, 1215971899390074240u};
    uint64_t x = 1234567;
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof split / sizeof *split; i++)
        CU_ASSERT_EQUAL(splitmix64(&x), split[i]);
    for (size_t i = 0; i < sizeof xoshiro / sizeof *xoshiro; i++)
        CU_ASSERT_EQUAL(rng_next(&r), xoshiro[i]);
}

static void test_below_is_within_and_even(void)
{
    enum { N = 7, DRAWS = 70000 };
    unsigned count[N] = {0};
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < DRAWS; i++) {
        uint32_t v = rng_below(&r, N);
        CU_ASSERT_FATAL(v < N);
        count[v]++;
    }
    for (unsigned v = 0; v < N; v++) /* six standard deviations of a binomial */
        CU_ASSERT(count[v] > DRAWS / N - 556 && count[v] < DRAWS / N + 556);
    CU_ASSERT_EQUAL(rng_below(&r, 1), 0);
}

/* The probability of an entry, from the table itself: exactly weight * n parts of total * n. */
static uint64_t parts(const struct rng_table *t, uint32_t entry)
{
    uint64_t sum = t->cut[entry];
    for (uint32_t column = 0; column < t->n; column++)
        if (t->alias[column] == entry)
            sum += t->total - t->cut[column];
    return sum;
}

static void test_tables_are_exact(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned trial = 0; trial < 300; trial++) {
        uint32_t weight[RNG_TABLE_MAX], n = 1 + rng_below(&r, RNG_TABLE_MAX);
        static struct rng_table t;
        for (uint32_t i = 0; i < n; i++)
            weight[i] = rng_below(&r, 3) ? rng_below(&r, 1u << (trial % 23)) : 0;
        weight[rng_below(&r, n)] = 1 + rng_below(&r, 5);
        CU_ASSERT_EQUAL_FATAL(rng_table_init(&t, weight, n), 0);
        unsigned wrong = 0;
        for (uint32_t i = 0; i < n; i++)
            wrong += parts(&t, i) != (uint64_t)weight[i] * n;
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

static void test_draws_follow_the_weights(void)
{
    static const uint32_t weight[] = {0, 1, 0, 9, 90};
    unsigned count[5] = {0};
    struct rng_table t;
    struct rng r;
    rng_seed(&r, test_seed() + 5);
    CU_ASSERT_EQUAL_FATAL(rng_table_init(&t, weight, 5), 0);
    for (unsigned i = 0; i < 100000; i++)
        count[rng_table_draw(&t, &r)]++;
    CU_ASSERT_EQUAL(count[0] + count[2], 0);
    CU_ASSERT(count[1] > 800 && count[1] < 1200);
    CU_ASSERT(count[3] > 8400 && count[3] < 9600);
}

static void test_bad_tables_are_refused(void)
{
    static uint32_t weight[RNG_TABLE_MAX + 1];
    static struct rng_table t;
    CU_ASSERT_EQUAL(rng_table_init(&t, weight, 0), -1);
    CU_ASSERT_EQUAL(rng_table_init(&t, weight, 3), -1);
    weight[0] = UINT32_MAX;
    CU_ASSERT_EQUAL(rng_table_init(&t, weight, 3), 0);
    weight[1] = 1;
    CU_ASSERT_EQUAL(rng_table_init(&t, weight, 3), -1);
    memset(weight, 0, sizeof weight);
    weight[0] = 1;
    CU_ASSERT_EQUAL(rng_table_init(&t, weight, RNG_TABLE_MAX + 1), -1);
}

TEST_MAIN("golden/rng", TEST(test_published_outputs), TEST(test_below_is_within_and_even),
          TEST(test_tables_are_exact), TEST(test_draws_follow_the_weights), TEST(test_bad_tables_are_refused))

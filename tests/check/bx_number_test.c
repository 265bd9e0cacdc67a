/* Payload BX counted through, against a count by hand: every BX of some orbits in order, gaps skipped. */
#include "emu/check/bx_number.h"
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

/* Counts through `orbits` orbits; returns how many numbers were wrong. */
static unsigned count_wrong(uint32_t base, uint16_t gap_first, uint32_t orbits)
{
    static struct bx_number n;
    uint64_t expected = 0;
    unsigned wrong = 0;
    bx_number_init(&n, base, gap_first);
    for (uint32_t i = 0; i < orbits; i++)
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
            if (link_in_gap(bx, gap_first))
                continue;
            uint64_t number = bx_number_of(&n, base + i, bx);
            wrong += number != expected || bx_number_orbit(&n, number) != base + i ||
                     bx_number_bx(&n, number) != bx;
            expected++;
        }
    CU_ASSERT_EQUAL(expected, (uint64_t)orbits * PAYLOAD_BX);
    return wrong;
}

static void test_numbers_grow_by_one_for_every_gap_position(void)
{
    unsigned wrong = 0;
    for (unsigned gap = 0; gap < BX_PER_ORBIT; gap += gap < 8 || gap > 3550 ? 1 : 37)
        wrong += count_wrong(1, (uint16_t)gap, 2);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_numbers_grow_over_the_wrap_of_orbits(void)
{
    CU_ASSERT_EQUAL(count_wrong(UINT32_MAX - 1, 3555, 4), 0);
    CU_ASSERT_EQUAL(count_wrong(UINT32_MAX, 3562, 2), 0);
}

static void test_far_orbits_come_back(void)
{
    static struct bx_number n;
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 2000; i++) {
        uint32_t base = (uint32_t)rng_next(&r), orbit = (uint32_t)rng_next(&r);
        uint16_t gap = (uint16_t)rng_below(&r, BX_PER_ORBIT), bx;
        do
            bx = (uint16_t)rng_below(&r, BX_PER_ORBIT);
        while (link_in_gap(bx, gap));
        bx_number_init(&n, base, gap);
        uint64_t number = bx_number_of(&n, orbit, bx);
        CU_ASSERT_EQUAL(number / PAYLOAD_BX, (uint32_t)(orbit - base));
        CU_ASSERT_EQUAL(bx_number_orbit(&n, number), orbit);
        CU_ASSERT_EQUAL(bx_number_bx(&n, number), bx);
    }
}

TEST_MAIN("check/bx_number", TEST(test_numbers_grow_by_one_for_every_gap_position),
          TEST(test_numbers_grow_over_the_wrap_of_orbits), TEST(test_far_orbits_come_back))

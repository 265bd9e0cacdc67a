/* A host that stalls: every drop policy keeps its promise, every BX keeps its class, and the run ends. */
#include "golden/stimulus/rng.h"
#include "tests/chain/rig.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

static struct rig busy_rig(uint8_t policy)
{
    struct rig r = rig_default();
    r.orbits = 8;
    r.board.drop_policy = policy;
    r.board.dma_depth = 1024;
    r.board.dma_reserve = 1000;
    r.board.pack_depth = 16;
    r.board.orbits_per_packet = 3;
    return r;
}

static void check_held(const struct rig_result *r, bool drops)
{
    CU_ASSERT(rig_held(r));
    CU_ASSERT_EQUAL(r->conservation.dropped > 0, drops);
    CU_ASSERT_EQUAL(r->host.bx, r->conservation.forwarded);
    CU_ASSERT_EQUAL(r->status.pack_dropped_bx, r->conservation.dropped);
    CU_ASSERT_EQUAL(r->conservation.lost_to_fault, 0);
    CU_ASSERT_EQUAL(r->host.dropped_orbits, r->status.pack_dropped_orbits);
}

/* A stall of two and a half orbits begins in the second one. */
static struct rig_result long_stall(uint8_t policy)
{
    struct rig r = busy_rig(policy);
    r.stall[0] = (struct bus_stall_at){2, 100, 56000};
    r.stalls = 1;
    return rig_run(&r);
}

static void test_dropping_orbits_keeps_the_others_whole(void)
{
    struct rig r = busy_rig(DROP_ORBIT);
    r.board.dma_depth = 16384; /* what is accepted fits, so that all that is lost is lost at orbits' starts */
    r.board.dma_reserve = 16300;
    r.stall[0] = (struct bus_stall_at){2, 100, 56000};
    r.stalls = 1;
    struct rig_result got = rig_run(&r);
    check_held(&got, true);
    CU_ASSERT(got.status.pack_dropped_orbits >= 2);
    CU_ASSERT_EQUAL(got.host.orbits + got.status.pack_dropped_orbits, 8);
    CU_ASSERT_EQUAL(got.status.pack_orbits, got.host.orbits);
}

static void test_dropping_bx_keeps_all_orbits(void)
{
    struct rig_result got = long_stall(DROP_BX);
    check_held(&got, true);
    CU_ASSERT_EQUAL(got.host.orbits + got.status.pack_dropped_orbits, 8);
}

static void test_a_full_fifo_under_the_orbit_policy_loses_bx_too(void)
{
    struct rig_result got = long_stall(DROP_ORBIT);
    check_held(&got, true);
}

static void test_a_short_stall_drops_nothing(void)
{
    for (uint8_t policy = 0; policy < 2; policy++) {
        struct rig r = busy_rig(policy);
        r.board.dma_reserve = 0;
        r.stall[0] = (struct bus_stall_at){3, 0, 500};
        r.stalls = 1;
        struct rig_result got = rig_run(&r);
        check_held(&got, false);
        CU_ASSERT_EQUAL(got.frame_digest, rig_golden(&r, r.first_orbit).frame_digest);
    }
}

static void test_random_stalls_under_every_policy(void)
{
    struct rng rng;
    unsigned dropping = 0;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 40; i++) {
        struct rig r = busy_rig((uint8_t)rng_below(&rng, 2));
        r.orbits = 4;
        r.seed = rng_next(&rng);
        r.board.pack_corrections = (uint8_t)rng_below(&rng, 3);
        r.board.dma_depth = (uint16_t)(64 + rng_below(&rng, 1000));
        r.board.dma_reserve = (uint16_t)rng_below(&rng, r.board.dma_depth);
        r.board.pack_depth = (uint8_t)(4 + rng_below(&rng, 60));
        r.board.engines = (uint8_t)(1 + rng_below(&rng, 3));
        r.stall_per_million = 1 + rng_below(&rng, 20000);
        r.stall_cycles = 1 + rng_below(&rng, 2000);
        struct rig_result got = rig_run(&r);
        CU_ASSERT(rig_held(&got));
        CU_ASSERT_EQUAL(got.host.bx, got.conservation.forwarded);
        dropping += got.conservation.dropped > 0;
    }
    CU_ASSERT(dropping > 5 && dropping < 40);
}

/* The bus hardly ever is ready for long: the run must not wait for a quiet time that never comes. */
static void test_constant_hiccups_do_not_keep_the_run_from_ending(void)
{
    struct rig r = busy_rig(DROP_BX);
    r.orbits = 2;
    r.stall_per_million = 200000;
    r.stall_cycles = 7;
    struct rig_result got = rig_run(&r);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT(got.cycles[DOMAIN_BOARD] < 20 * 6 * BX_PER_ORBIT);
}

/* A stall that is far longer than any wait for quiet begins near the end. */
static void test_a_stall_over_the_end_is_waited_for(void)
{
    struct rig r = busy_rig(DROP_BX);
    r.orbits = 2;
    r.stall[0] = (struct bus_stall_at){2, 3000, 300000};
    r.stalls = 1;
    struct rig_result got = rig_run(&r);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT(got.cycles[DOMAIN_HOST] > 300000);
}

static void test_too_few_engines_skip_muons_and_lose_no_bx(void)
{
    struct rig r = rig_default();
    memset(r.generator.colliding, 1, sizeof r.generator.colliding);
    memcpy(r.generator.multiplicity, (uint32_t[17]){0, 0, 0, 0, 1, 1, 1, 1, 1},
           sizeof r.generator.multiplicity);
    r.generator.intermediate_ppm = 1000000;
    r.board.feed_select = FEED_ALL;
    r.board.feed_depth = 2;
    r.board.pack_corrections = PACK_IN_PLACE;
    r.board.pack_depth = MAX_PACK_DEPTH;
    r.board.drop_policy = DROP_BX;
    r.board.dma_depth = MAX_DMA_DEPTH;
    struct rig_result got = rig_run(&r);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT(got.status.feed_skipped > 10000);
    CU_ASSERT_EQUAL(got.conservation.dropped, 0);
    CU_ASSERT_EQUAL(got.inferred + got.status.feed_skipped, got.offered);
    r.board.engines = 3;
    r.board.feed_depth = 16;
    got = rig_run(&r);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT_EQUAL(got.status.feed_skipped, 0);
    CU_ASSERT_EQUAL(got.inferred, got.offered);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_dropping_orbits_keeps_the_others_whole),
        TEST(test_dropping_bx_keeps_all_orbits),
        TEST(test_a_full_fifo_under_the_orbit_policy_loses_bx_too),
        TEST(test_a_short_stall_drops_nothing),
        TEST(test_random_stalls_under_every_policy),
        TEST(test_constant_hiccups_do_not_keep_the_run_from_ending),
        TEST(test_a_stall_over_the_end_is_waited_for),
        TEST(test_too_few_engines_skip_muons_and_lose_no_bx),
    };
    if (rig_begin(4, 16) < 0)
        return 3;
    int result = test_main(argc, argv, "chain/stall", cases, sizeof cases / sizeof *cases);
    rig_end();
    return result;
}

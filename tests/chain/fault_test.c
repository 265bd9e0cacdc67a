/* Faults on the links: what is lost, what is flagged, and that nothing else is touched, each number from the
 * contract (docs/chain.md) by hand. */
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/chain/rig.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

enum {
    ORBIT = 2, /* of the four, the one with the fault */
    LAST_BX = LINK_GAP_FIRST - 1,
    AFTER_GAP = BX_PER_ORBIT - LINK_GAP_FIRST -
                GAP_BX, /* payload BX from the gap to BX 0: not live after a realignment */
};

static struct rig rig_with(uint32_t kind, uint16_t bx, uint8_t frame, uint8_t lane, uint32_t value)
{
    struct rig r = rig_default();
    r.orbits = 4;
    r.fault[0] = (struct link_fault){kind, ORBIT, bx, frame, lane, value};
    r.faults = 1;
    return r;
}

/* Runs the fault. It may cost these BX, and change these on their way to the board. */
static struct rig_result check(const struct rig *r, uint64_t lost, uint64_t corrupted)
{
    struct rig_result got = rig_run(r);
    bool held = rig_held(&got);
    CU_ASSERT(held);
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, lost);
    CU_ASSERT_EQUAL(got.corrupted_bx, corrupted);
    CU_ASSERT_EQUAL(got.conservation.before_lock, 9);
    if (!held || got.conservation.lost_to_fault != lost || got.corrupted_bx != corrupted)
        printf("\n    fault %u bx %u frame %u lane %u value %u: lost %llu (%llu), corrupted %llu (%llu)",
               r->fault[0].kind, r->fault[0].bx, r->fault[0].frame, r->fault[0].lane, r->fault[0].value,
               (unsigned long long)got.conservation.lost_to_fault, (unsigned long long)lost,
               (unsigned long long)got.corrupted_bx, (unsigned long long)corrupted);
    return got;
}

/* Sum of a counter over the lanes, which must all come from one lane. */
#define ON_LANE(result, counter, lane_number)                                                                \
    on_lane((result).status.lane, offsetof(struct lane_status, counter), lane_number)
static uint32_t on_lane(const struct lane_status *lane, size_t offset, unsigned only)
{
    uint32_t value = 0;
    for (unsigned l = 0; l < LANES; l++) {
        uint32_t one;
        memcpy(&one, (const char *)&lane[l] + offset, sizeof one);
        CU_ASSERT(l == only || one == 0);
        value += one;
    }
    return value;
}

/* Lanes 1..7: the host takes orbit and BX from lane 0. */
static uint8_t some_lane(struct rng *r) { return (uint8_t)(1 + rng_below(r, LANES - 1)); }
static uint16_t some_bx(struct rng *r) { return (uint16_t)(1 + rng_below(r, 3500)); }

static void test_no_fault_costs_nothing(void)
{
    struct rig r = rig_with(FAULT_BIT_FLIP, 5, 0, 3, 1);
    r.fault[0].orbit = 77; /* never sent */
    struct rig_result got = check(&r, 0, 0);
    CU_ASSERT_EQUAL(ON_LANE(got, crc_bad, 0), 0);
    CU_ASSERT_EQUAL(got.status.align_losses + got.status.align_overflows + got.status.mismatches, 0);
}

static void test_a_flipped_bit_changes_one_bx_and_the_crc(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 20; i++) {
        uint8_t lane = some_lane(&r);
        struct rig rig =
            rig_with(FAULT_BIT_FLIP, some_bx(&r), (uint8_t)rng_below(&r, FRAMES), lane, rng_below(&r, 32));
        struct rig_result got = check(&rig, 0, 1);
        CU_ASSERT_EQUAL(ON_LANE(got, crc_bad, lane), 1);
    }
}

static void test_a_k_error_keeps_its_place(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 1);
    for (uint32_t k = 1; k <= 15; k++) {
        uint8_t lane = some_lane(&r);
        struct rig rig = rig_with(FAULT_K_ERROR, some_bx(&r), (uint8_t)rng_below(&r, FRAMES), lane, k);
        struct rig_result got = check(&rig, 0, 0);
        CU_ASSERT_EQUAL(ON_LANE(got, k_errors, lane), 1);
        CU_ASSERT_EQUAL(ON_LANE(got, crc_bad, lane), 1); /* the word is not in the CRC */
        CU_ASSERT_EQUAL(got.status.mismatches, 0);
    }
}

static void test_a_wrong_crc_is_counted_and_costs_nothing(void)
{
    for (uint8_t lane = 0; lane < LANES; lane++) {
        struct rig rig = rig_with(FAULT_CRC_ERROR, 0, 0, lane, 4u * lane);
        struct rig_result got = check(&rig, 0, 0);
        CU_ASSERT_EQUAL(ON_LANE(got, crc_bad, lane), 1);
    }
}

/* The lane runs ahead by the words that it lost, to the end of its window, where as many are missing; the
 * others wait for the next BX 0. Faults count line words, of which one in 26 is a padding and costs nothing.
 */
static void test_lost_words_cost_the_end_of_the_orbit(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 2);
    for (uint32_t n = 1; n <= 64; n += n < 14 ? 1 : 10)
        for (int pads = 0; pads < 2; pads++) {
            uint16_t bx = some_bx(&r);
            uint8_t lane = some_lane(&r);
            struct rig rig = rig_with(pads ? FAULT_PADS : FAULT_DROP_WORD, bx, 0, lane, n);
            struct rig_result got = rig_run(&rig);
            uint32_t missing = got.status.lane[0].words - got.status.lane[lane].words;
            uint64_t incomplete = (missing + FRAMES - 1) / FRAMES;
            CU_ASSERT(missing <= n && missing + n / 25 + 1 >= n);
            check(&rig, incomplete + AFTER_GAP, LAST_BX - incomplete - bx + 1);
            CU_ASSERT_EQUAL(got.status.align_losses, 1);
            CU_ASSERT_EQUAL(got.status.align_overflows, 0);
        }
}

/* The lane lags by n words; what it has left at the gap is thrown away. */
static void test_words_too_many_cost_the_bx_after_the_gap(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 3);
    for (uint32_t n = 1; n <= 64; n += 7) {
        uint16_t bx = some_bx(&r);
        struct rig rig = rig_with(FAULT_INSERT_WORD, bx, 0, some_lane(&r), n);
        struct rig_result got = check(&rig, AFTER_GAP, LAST_BX - bx + 1);
        CU_ASSERT_EQUAL(got.status.align_losses, 1);
    }
}

/* Three commas and more look like a gap: the next word claims to be the first of a window. Two look like a
 * gap that broke off, one like a comma before CRC and id. All cost the orbit from there on. */
static void test_commas_in_the_data_cost_the_rest_of_the_orbit(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 4);
    for (uint32_t n = 1; n <= 40; n += n < 5 ? 1 : 7) {
        uint16_t bx = some_bx(&r);
        struct rig rig = rig_with(FAULT_COMMAS, bx, (uint8_t)rng_below(&r, FRAMES), some_lane(&r), n);
        struct rig_result got = check(&rig, LAST_BX - bx + 1u + AFTER_GAP, 0);
        CU_ASSERT(got.status.align_losses + got.status.align_overflows > 0);
    }
}

/* A lane that is silent beyond the end of the orbit: nothing is whole before the next gap after it. */
static void test_a_silent_lane_costs_until_it_is_back(void)
{
    const uint16_t bx = 3000;
    const uint32_t words =
        (BX_PER_ORBIT - 3000 + 500) * UINT64_C(250000000) / (240473400 / 6); /* to BX 500 of the next orbit */
    struct rig rig = rig_with(FAULT_PADS, bx, 0, 5, words);
    uint64_t lost = LAST_BX - bx + 1 + AFTER_GAP + BX_PER_ORBIT - GAP_BX;
    struct rig_result got = check(&rig, lost, 0);
    CU_ASSERT(got.status.align_overflows > 0);
}

static void test_a_fault_in_every_orbit_and_lane(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 5);
    struct rig rig = rig_default();
    rig.orbits = 9;
    for (uint8_t i = 0; i < 7; i++)
        rig.fault[i] = (struct link_fault){FAULT_DROP_WORD, 2u + i, some_bx(&r), 0, (uint8_t)(1 + i), 1};
    rig.faults = 7;
    struct rig_result got = rig_run(&rig);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, 7 * (1 + AFTER_GAP));
    CU_ASSERT_EQUAL(got.status.align_losses, 7);
}

/* Lane 0 carries the orbit and BX that board and host believe: the host complains about exactly the changed
 * BX. */
static void test_a_slip_of_lane_0_is_seen_by_the_host(void)
{
    struct rig rig = rig_with(FAULT_DROP_WORD, 1000, 0, 0, 1);
    struct rig_result got = rig_run(&rig);
    CU_ASSERT_EQUAL(got.state, CHAIN_DONE);
    CU_ASSERT_EQUAL(got.mismatches, 0);
    CU_ASSERT(got.conservation.exact);
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, 1 + AFTER_GAP);
    CU_ASSERT_EQUAL(got.corrupted_bx, LAST_BX - 1000);
    CU_ASSERT(got.host.errors > 0 && got.host.errors == got.host.claim_errors + got.host.appended_errors);
}

/* When the last orbit breaks off, no BX 0 comes that would have it closed. */
static void test_a_last_orbit_that_breaks_off_stays_open(void)
{
    struct rig rig = rig_with(FAULT_DROP_WORD, 1000, 0, 3, 1);
    rig.fault[0].orbit = 4;
    struct rig_result got = rig_run(&rig);
    CU_ASSERT_EQUAL(got.state, CHAIN_DONE);
    CU_ASSERT_EQUAL(got.mismatches, 0);
    CU_ASSERT(got.conservation.exact);
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, 1 + AFTER_GAP);
    CU_ASSERT_EQUAL(got.host.errors, 1);
    CU_ASSERT_EQUAL(got.host.unfinished, 1);
}

static void test_random_faults_never_break_conservation(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 6);
    for (int i = 0; i < 40; i++) {
        struct rig rig = rig_default();
        rig.orbits = 4;
        rig.board.drop_policy = (uint8_t)rng_below(&r, 2);
        rig.faults = 1 + rng_below(&r, 6);
        for (size_t f = 0; f < rig.faults; f++) {
            uint32_t kind = rng_below(&r, LINK_FAULT_KINDS);
            const struct link_fault_info *info = &link_fault_info[kind];
            uint32_t most = info->max < 15 ? info->max : 15;
            rig.fault[f] = (struct link_fault){kind,
                                               1 + rng_below(&r, 3),
                                               (uint16_t)(600 * f + rng_below(&r, 500)),
                                               (uint8_t)rng_below(&r, FRAMES),
                                               some_lane(&r),
                                               info->min + rng_below(&r, most - info->min + 1)};
        }
        struct rig_result got = rig_run(&rig);
        CU_ASSERT(rig_held(&got));
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_no_fault_costs_nothing),
        TEST(test_a_flipped_bit_changes_one_bx_and_the_crc),
        TEST(test_a_k_error_keeps_its_place),
        TEST(test_a_wrong_crc_is_counted_and_costs_nothing),
        TEST(test_lost_words_cost_the_end_of_the_orbit),
        TEST(test_words_too_many_cost_the_bx_after_the_gap),
        TEST(test_commas_in_the_data_cost_the_rest_of_the_orbit),
        TEST(test_a_silent_lane_costs_until_it_is_back),
        TEST(test_a_fault_in_every_orbit_and_lane),
        TEST(test_a_slip_of_lane_0_is_seen_by_the_host),
        TEST(test_a_last_orbit_that_breaks_off_stays_open),
        TEST(test_random_faults_never_break_conservation),
    };
    if (rig_begin(4, 16) < 0)
        return 3;
    int result = test_main(argc, argv, "chain/fault", cases, sizeof cases / sizeof *cases);
    rig_end();
    return result;
}

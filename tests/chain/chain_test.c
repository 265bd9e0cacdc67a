/* The chain of C models: its frames are golden's, and nothing but content decides them. */
#include "golden/stimulus/rng.h"
#include "tests/chain/rig.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

/* Runs and holds every frame against golden, nothing being dropped or skipped. */
static struct rig_result check_golden(const struct rig *r, uint32_t first_live)
{
    struct rig_expected e = rig_golden(r, first_live);
    struct rig_result got = rig_run(r);
    CU_ASSERT(rig_held(&got));
    CU_ASSERT_EQUAL(got.frames, e.frames);
    CU_ASSERT_EQUAL(got.frame_digest, e.frame_digest);
    CU_ASSERT_EQUAL(got.conservation.forwarded, e.forwarded);
    CU_ASSERT_EQUAL(got.conservation.suppressed, e.suppressed);
    CU_ASSERT_EQUAL(got.conservation.dropped, 0);
    CU_ASSERT_EQUAL(got.status.feed_skipped, 0);
    CU_ASSERT_EQUAL(got.offered, got.inferred);
    return got;
}

/* ---- content ---- */

static void test_the_usual_run_gives_golden_frames(void)
{
    struct rig r = rig_default();
    r.orbits = 5;
    struct rig_result got = check_golden(&r, r.first_orbit);
    CU_ASSERT(got.inferred > 100 && got.compared > 5 * 3 * BX_PER_ORBIT);
    CU_ASSERT_EQUAL(got.conservation.sent, 5 * BX_PER_ORBIT + 9);
    CU_ASSERT_EQUAL(got.conservation.before_lock, 9);
    CU_ASSERT_EQUAL(got.conservation.gap, 25);
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, 0);
    CU_ASSERT_EQUAL(got.host.orbits, 5);
}

static struct rig random_rig(struct rng *rng)
{
    struct rig r = rig_default();
    r.generator.seed = r.seed = rng_next(rng);
    r.board.run3 = rng_below(rng, 2);
    r.board.pack_corrections = (uint8_t)rng_below(rng, 3);
    r.board.feed_select = (uint8_t)rng_below(rng, 3);
    r.board.engines = (uint8_t)(1 + rng_below(rng, MAX_ENGINES));
    r.board.zs_pt_min = rng_below(rng, 3) ? 1 : (uint16_t)rng_below(rng, 60);
    r.board.zs_slots = rng_below(rng, 2) ? 0xffff : (uint16_t)rng_next(rng);
    r.board.final_lanes = (uint8_t)(3 << rng_below(rng, 7) | rng_below(rng, 256)); /* up to four muons fit */
    r.board.gap_first = (uint16_t)(rng_below(rng, 2) ? 3555 : 1 + rng_below(rng, 3558));
    r.board.orbits_per_packet = (uint16_t)(1 + rng_below(rng, 3));
    r.board.drop_policy = (uint8_t)rng_below(rng, 2);
    r.board.sync_stages = (uint8_t)(2 + rng_below(rng, 3));
    r.board.dma_depth = MAX_DMA_DEPTH;
    r.board.pack_depth = MAX_PACK_DEPTH;
    for (int l = 0; l < LANES; l++)
        r.skew[l] = (uint16_t)rng_below(rng, 100);
    for (int d = 0; d < DOMAINS; d++)
        r.phase_ps[d] = rng_below(rng, 5000);
    r.start_bx = r.board.gap_first;
    return r;
}

static void test_random_boards_give_golden_frames(void)
{
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 40; i++) {
        struct rig r = random_rig(&rng);
        if (r.board.zs_pt_min ==
            0) /* all BX kept: a block and its corrections need more than a BX to leave */
            r.board.pack_corrections = PACK_NONE;
        check_golden(&r, r.first_orbit);
    }
}

static void test_every_gap_from_1_to_3558_works(void)
{
    static const uint16_t gap[] = {1, 2, 5, 6, 100, 1781, 1782, 3553, 3554, 3556, 3557, 3558};
    for (unsigned i = 0; i < sizeof gap / sizeof *gap; i++) {
        struct rig r = rig_default();
        r.board.gap_first = r.start_bx = gap[i];
        check_golden(&r, r.first_orbit);
    }
}

static void test_a_seed_decides_everything(void)
{
    struct rig r = rig_default();
    struct rig_result a = rig_run(&r), b = rig_run(&r);
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    r.generator.seed++;
    struct rig_result c = rig_run(&r);
    CU_ASSERT(rig_held(&c));
    for (int block = 0; block < BLOCKS; block++)
        CU_ASSERT_NOT_EQUAL(a.content[block], c.content[block]);
}

/* ---- what must change nothing ---- */

static void check_order_and_quantum(struct rig *r)
{
    static const uint64_t quanta[] = {1, 6, 7, 6 * BX_PER_ORBIT, UINT64_MAX / 4};
    struct rig_result first = rig_run(r);
    CU_ASSERT(rig_held(&first));
    for (unsigned i = 0; i < 5; i++)
        for (int reverse = 0; reverse < 2; reverse++) {
            r->quantum = quanta[i];
            r->reverse = reverse;
            struct rig_result got = rig_run(r);
            CU_ASSERT_EQUAL(memcmp(&first, &got, sizeof got), 0);
        }
}

static void test_order_of_calls_and_quantum_change_nothing(void)
{
    struct rig r = rig_default();
    check_order_and_quantum(&r);
    r.stall[0] = (struct bus_stall_at){1, 2000, 60000};
    r.stalls = 1;
    r.stall_per_million = 1000;
    r.stall_cycles = 50;
    r.board.drop_policy = DROP_BX;
    r.board.dma_depth = 256;
    r.board.dma_reserve = 100;
    memcpy(r.skew, (uint16_t[LANES]){0, 5, 17, 90, 3, 3, 64, 1}, sizeof r.skew);
    check_order_and_quantum(&r);
}

static void test_phases_change_time_but_not_content(void)
{
    struct rig r = rig_default();
    struct rig_result first = rig_run(&r);
    unsigned timings = 0;
    for (uint64_t step = 0; step < 64; step++) {
        r.phase_ps[DOMAIN_LINE] = 4000 * (step % 4) / 4;
        r.phase_ps[DOMAIN_BOARD] = 4158 * (step / 4 % 4) / 4;
        r.phase_ps[DOMAIN_HOST] = 4000 * (step / 16) / 4 + step;
        struct rig_result got = rig_run(&r);
        CU_ASSERT(rig_held(&got));
        CU_ASSERT_EQUAL(memcmp(got.content, first.content, sizeof got.content), 0);
        CU_ASSERT_EQUAL(got.frame_digest, first.frame_digest);
        timings += got.timing[BLOCK_DMA] != first.timing[BLOCK_DMA];
    }
    CU_ASSERT(timings > 10);
}

static void test_synchronisers_and_latency_change_no_content(void)
{
    struct rig r = rig_default();
    struct rig_result first = rig_run(&r);
    for (uint8_t stages = 3; stages <= MAX_SYNC_STAGES; stages++) {
        r.board.sync_stages = stages;
        struct rig_result got = rig_run(&r);
        CU_ASSERT(rig_held(&got));
        CU_ASSERT_EQUAL(memcmp(got.content, first.content, sizeof got.content), 0);
        CU_ASSERT_NOT_EQUAL(got.timing[BLOCK_CDC_RX], first.timing[BLOCK_CDC_RX]);
    }
}

/* ---- start ---- */

/* Three commas lock a lane: the last start that still sees them in the gap is its BX 4 (of 0..4), frame 3. */
static uint32_t first_live_orbit(const struct rig *r)
{
    unsigned word = r->start_bx * FRAMES + r->start_frame, last = (r->board.gap_first + 4) * FRAMES + 3;
    return r->first_orbit + (word > last);
}

static void check_start(struct rig *r)
{
    uint32_t live = first_live_orbit(r);
    struct rig_result got = check_golden(r, live);
    CU_ASSERT_EQUAL(got.conservation.before_lock, (uint64_t)(BX_PER_ORBIT - r->start_bx) +
                                                      (uint64_t)(live - r->first_orbit) * BX_PER_ORBIT);
    CU_ASSERT_EQUAL(got.conservation.lost_to_fault, 0);
}

static void test_a_run_may_start_at_any_word(void)
{
    struct rng rng;
    rng_seed(&rng, test_seed() + 1);
    for (int i = 0; i < 60; i++) {
        struct rig r = rig_default();
        r.first_orbit = (uint32_t)rng_next(&rng);
        r.start_bx = (uint16_t)rng_below(&rng, BX_PER_ORBIT);
        r.start_frame = (uint8_t)rng_below(&rng, FRAMES);
        for (int l = 0; l < LANES && i % 2; l++)
            r.skew[l] = (uint16_t)(l ? rng_below(&rng, 100) : 0);
        check_start(&r);
    }
}

static void test_starts_around_the_gap(void)
{
    for (unsigned word = 3554 * FRAMES; word < 3561 * FRAMES; word++) {
        struct rig r = rig_default();
        r.start_bx = (uint16_t)(word / FRAMES);
        r.start_frame = word % FRAMES;
        check_start(&r);
    }
}

static void test_orbit_numbers_wrap(void)
{
    struct rig r = rig_default();
    r.first_orbit = UINT32_MAX - 1;
    r.orbits = 4;
    r.board.run3 = 1;
    check_start(&r);
    r.first_orbit = 0;
    r.orbits = 1;
    r.start_bx = 0;
    check_start(&r);
}

/* ---- what cannot be opened ---- */

static int opens(const struct chain_cfg *cfg, const char *expected)
{
    struct message m = {""};
    struct chain *c = chain_open(cfg, &m);
    int right = expected ? !c && strstr(m.text, expected) : c != NULL;
    if (!right)
        printf("\n    got \"%s\"", m.text);
    chain_close(c);
    return right;
}

static void test_what_cannot_be_used_is_refused_with_a_reason(void)
{
    struct bus_stall stall;
    struct check_log log = {.limit = 1};
    struct rig r = rig_default();
    bus_stall_init(&stall, NULL, 0, 0, 0, 1);
    struct chain_cfg cfg = {.board = r.board,
                            .hz = {250000000, 240473400, 250000000},
                            .kernels = rig_kernels(),
                            .stall = &stall,
                            .log = &log};
    CU_ASSERT(opens(&cfg, NULL));
    cfg.kernels = "/nowhere";
    CU_ASSERT(opens(&cfg, "/nowhere/"));
    cfg.kernels = rig_kernels();
    cfg.hz[DOMAIN_BOARD] = 0;
    CU_ASSERT(opens(&cfg, "frequency"));
    cfg.hz[DOMAIN_BOARD] = 240473400;
    cfg.trace.path = "/tmp/none.vcd";
    CU_ASSERT(opens(&cfg, "waveforms"));
    cfg.trace.path = NULL;
    cfg.engine[BLOCK_DMA] = ENGINE_RTL;
    cfg.board_so = "/nowhere/board.so";
    CU_ASSERT(opens(&cfg, "/nowhere/board.so"));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_the_usual_run_gives_golden_frames),
        TEST(test_random_boards_give_golden_frames),
        TEST(test_every_gap_from_1_to_3558_works),
        TEST(test_a_seed_decides_everything),
        TEST(test_order_of_calls_and_quantum_change_nothing),
        TEST(test_phases_change_time_but_not_content),
        TEST(test_synchronisers_and_latency_change_no_content),
        TEST(test_a_run_may_start_at_any_word),
        TEST(test_starts_around_the_gap),
        TEST(test_orbit_numbers_wrap),
        TEST(test_what_cannot_be_used_is_refused_with_a_reason),
    };
    if (rig_begin(4, 16) < 0)
        return 3;
    int result = test_main(argc, argv, "chain/chain", cases, sizeof cases / sizeof *cases);
    rig_end();
    return result;
}

/* Broken on purpose: golden says which boundary, BX and slot is wrong, and a run never passes or hangs. */
#include "golden/blocks/muon_feed.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/chain/rig.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

struct place {
    uint32_t orbit;
    uint16_t bx;
    int slot;
    uint64_t muon;
};

/* Muons that go to the network, in the order in which they go. */
static unsigned list_muons(const struct rig *r, struct place *list, unsigned most)
{
    unsigned n = 0;
    struct generator *g = rig_generator(r);
    for (uint32_t orbit = r->first_orbit; orbit != r->first_orbit + r->orbits; orbit++)
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
            struct bx_block block;
            if (link_in_gap(bx, r->board.gap_first))
                continue;
            generator_bx(g, orbit, bx, &block);
            unsigned wanted =
                muon_feed_candidates(&block, (enum feed_select)r->board.feed_select, r->board.final_lanes);
            for (; wanted && n < most; wanted &= wanted - 1) {
                unsigned slot = slot_of_order((unsigned)__builtin_ctz(wanted));
                list[n++] = (struct place){orbit, bx, (int)slot, bx_block_muon(block.w, slot)};
            }
        }
    generator_free(g);
    return n;
}

/* The first muon with the word of list[at]. */
static const struct place *first_like(const struct place *list, unsigned at)
{
    unsigned i = 0;
    while (list[i].muon != list[at].muon)
        i++;
    return &list[i];
}

static struct rig_result run_doctored(struct rig *r, const struct doctor *d)
{
    r->doctor = d;
    struct rig_result got = rig_run(r);
    CU_ASSERT_EQUAL(got.state, CHAIN_MISMATCH);
    CU_ASSERT_EQUAL(got.mismatches, 1);
    CU_ASSERT_EQUAL(got.first.oracle, ORACLE_GOLDEN);
    CU_ASSERT(!got.conservation.exact);
    return got;
}

static void check_place(const struct mismatch *m, enum block block, uint32_t orbit, uint16_t bx, int slot)
{
    bool right = m->block == block && m->orbit == orbit && m->bx == bx && m->slot == slot;
    char text[512];
    CU_ASSERT(right);
    mismatch_text(m, 0, text, sizeof text);
    if (!right)
        printf("\n    expected block %d orbit %u BX %u slot %d: %s", block, orbit, bx, slot, text);
}

enum { MUONS = 400 };
static struct place muon[MUONS];

static void test_a_wrong_weight_is_recals_fault(void)
{
    struct rng rng;
    struct rig r = rig_default();
    r.board.engines = 2;
    unsigned n = list_muons(&r, muon, MUONS);
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 10; i++) {
        unsigned at = rng_below(&rng, n);
        const struct place *p = first_like(muon, at);
        struct doctor d = {.what = DOCTOR_WEIGHT, .muon = muon[at].muon};
        struct rig_result got = run_doctored(&r, &d);
        check_place(&got.first, BLOCK_RECAL, p->orbit, p->bx, p->slot);
        CU_ASSERT_STRING_EQUAL(got.first.field, "pt correction");
        CU_ASSERT_EQUAL(got.first.got, got.first.expected + 1);
    }
}

static void test_a_result_for_another_slot_or_seq_is_recals_fault(void)
{
    struct rig r = rig_default();
    list_muons(&r, muon, MUONS);
    const struct place *p = first_like(muon, 50);
    struct doctor slot = {.what = DOCTOR_SLOT, .muon = p->muon}, seq = {.what = DOCTOR_SEQ, .muon = p->muon};
    struct rig_result got = run_doctored(&r, &slot);
    check_place(&got.first, BLOCK_RECAL, p->orbit, p->bx, p->slot);
    CU_ASSERT_STRING_EQUAL(got.first.field, "slot");
    got = run_doctored(&r, &seq);
    check_place(&got.first, BLOCK_RECAL, p->orbit, p->bx, p->slot);
    CU_ASSERT_STRING_EQUAL(got.first.field, "seq");
}

static uint16_t payload_bx(struct rng *r) { return (uint16_t)rng_below(r, LINK_GAP_FIRST); }

static void test_a_wrong_decision_is_zero_suppressions_fault(void)
{
    struct rng rng;
    rng_seed(&rng, test_seed() + 1);
    for (int i = 0; i < 10; i++) {
        struct rig r = rig_default();
        struct doctor d = {.what = DOCTOR_KEEP, .orbit = 1 + rng_below(&rng, 2), .bx = payload_bx(&rng)};
        struct rig_result got = run_doctored(&r, &d);
        check_place(&got.first, BLOCK_ZERO_SUPPRESS, d.orbit, (uint16_t)d.bx, NO_SLOT);
        CU_ASSERT_STRING_EQUAL(got.first.field, "keep");
    }
}

static void test_a_changed_word_is_zero_suppressions_fault(void)
{
    struct rng rng;
    rng_seed(&rng, test_seed() + 2);
    for (uint32_t word = 0; word < BX_WORDS; word++) {
        struct rig r = rig_default();
        struct doctor d = {.what = DOCTOR_BLOCK, .orbit = 1, .bx = payload_bx(&rng), .word = word,
                           .bit = rng_below(&rng, 32)};
        struct rig_result got = run_doctored(&r, &d);
        int lane = (int)(word % LANES), frame = (int)(word / LANES);
        check_place(&got.first, BLOCK_ZERO_SUPPRESS, 1, (uint16_t)d.bx,
                    frame < 2 ? lane : 2 * lane + (frame >= 4));
    }
}

/* All differences are collected when asked, and a correction that never comes back ends the run as stuck. */
static void test_a_lost_correction_ends_the_run(void)
{
    struct rig r = rig_default();
    list_muons(&r, muon, MUONS);
    struct doctor d = {.what = DOCTOR_SEQ, .muon = muon[50].muon};
    r.doctor = &d;
    r.limit = UINT64_MAX;
    struct rig_result got = rig_run(&r);
    CU_ASSERT_EQUAL(got.state, CHAIN_STUCK);
    CU_ASSERT(got.mismatches > 0);
    CU_ASSERT(!got.conservation.exact);
}

static int flip_a_bit(void *ctx, uint32_t number, uint32_t frame[LANES])
{
    const uint32_t *at = ctx;
    if (number == *at)
        frame[3] ^= 1u << 13;
    return 0;
}

/* Behind the board nobody compares: the strict host is the last one who can notice. */
static void test_a_bit_lost_on_the_way_to_the_host_is_noticed_there(void)
{
    struct rig r = rig_default();
    uint32_t header = 0;
    r.spoil = flip_a_bit;
    r.ctx = &header;
    struct rig_result got = rig_run(&r);
    CU_ASSERT_EQUAL(got.state, CHAIN_DONE);
    CU_ASSERT_EQUAL(got.mismatches, 0);
    CU_ASSERT(got.host.errors > 0);
}

static int refuse(void *ctx, uint32_t number, uint32_t frame[LANES])
{
    (void)frame;
    return number == *(const uint32_t *)ctx ? -1 : 0;
}

static void test_a_sink_that_fails_ends_the_run(void)
{
    struct rig r = rig_default();
    uint32_t at = 100;
    r.spoil = refuse;
    r.ctx = &at;
    struct rig_result got = rig_run(&r);
    CU_ASSERT_EQUAL(got.state, CHAIN_BROKEN);
    CU_ASSERT_EQUAL(got.frames, 101);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_a_wrong_weight_is_recals_fault),
        TEST(test_a_result_for_another_slot_or_seq_is_recals_fault),
        TEST(test_a_wrong_decision_is_zero_suppressions_fault),
        TEST(test_a_changed_word_is_zero_suppressions_fault),
        TEST(test_a_lost_correction_ends_the_run),
        TEST(test_a_bit_lost_on_the_way_to_the_host_is_noticed_there),
        TEST(test_a_sink_that_fails_ends_the_run),
    };
    if (rig_begin(4, 16) < 0)
        return 3;
    int result = test_main(argc, argv, "chain/wrong", cases, sizeof cases / sizeof *cases);
    rig_end();
    return result;
}

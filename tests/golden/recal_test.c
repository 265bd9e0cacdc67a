#include "golden/blocks/muon_feed.h"
#include "golden/blocks/recal.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <math.h>
#include <string.h>

static gmt_word word_of(unsigned phi, unsigned pt, int eta)
{
    struct gmt_muon m = {.phi = (uint16_t)phi, .pt = (uint16_t)pt, .eta = (int16_t)eta};
    return gmt_pack(&m, GMT_LAYOUT_2017);
}

/* Nearest whole code, halves up, in doubles. */
static int whole(int sixteenths)
{
    return (int)floor(sixteenths / 16.0 + 0.5);
}

static void check(unsigned phi, unsigned pt, int eta, struct correction c)
{
    gmt_word got = recal_apply(word_of(phi, pt, eta), &c);
    long turned = (long)phi + whole(c.phi);
    while (turned < 0)
        turned += 576;
    while (turned >= 576)
        turned -= 576;
    int new_eta = eta + whole(c.eta), new_pt = (int)pt + whole(c.pt);
    new_eta = new_eta < -225 ? -225 : new_eta > 225 ? 225 : new_eta;
    new_pt = new_pt < 1 ? 1 : new_pt > 510 ? 510 : new_pt;
    CU_ASSERT_EQUAL(gmt_phi(got), phi > 575 ? phi : (unsigned)turned);
    CU_ASSERT_EQUAL(gmt_eta(got), new_eta);
    CU_ASSERT_EQUAL(gmt_pt(got), pt == 511 ? 511 : (unsigned)new_pt);
}

static void test_corrections_at_every_limit(void)
{
    static const int16_t c[] = {-32768, -9216, -9000, -25, -24, -9, -8, -7, -1, 0, 1, 7, 8, 9, 23, 24, 9000,
                                9216, 32767};
    static const unsigned phi[] = {0, 1, 287, 575, 576, 1023};
    static const unsigned pt[] = {1, 2, 509, 510, 511};
    static const int eta[] = {-256, -225, -224, 0, 224, 225, 255};
    enum { C = sizeof c / sizeof *c };
    for (unsigned i = 0; i < C; i++)
        for (unsigned p = 0; p < 6; p++)
            for (unsigned q = 0; q < 5; q++)
                for (unsigned e = 0; e < 7; e++)
                    check(phi[p], pt[q], eta[e], (struct correction){c[i], c[(i + 5) % C], c[(i + 11) % C]});
}

static void test_other_bits_stay(void)
{
    const uint64_t fields = UINT64_C(0x1ff) << 23 | 0x1ff << 10 | 0x3ff;
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 10000; i++) {
        gmt_word w = {rng_next(&r)};
        struct correction c = {(int16_t)rng_next(&r), (int16_t)rng_next(&r), (int16_t)rng_next(&r)};
        CU_ASSERT_EQUAL(recal_apply(w, &c).v & ~fields, w.v & ~fields);
    }
}

static void test_block_corrections_are_by_slot(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 1);
    for (unsigned i = 0; i < 200; i++) {
        struct bx_block block;
        struct correction by_slot[SLOTS], expected;
        uint16_t queued = (uint16_t)rng_next(&r), slots = slot_mask_of_order(queued);
        for (unsigned w = 0; w < BX_WORDS; w++)
            block.w[w] = (uint32_t)rng_next(&r);
        recal_block(&mlp_student, &block, queued, by_slot);
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            memset(&expected, 0, sizeof expected);
            if (slots >> slot & 1)
                mlp_correct(&mlp_student, (gmt_word){bx_block_muon(block.w, slot)}, &expected);
            CU_ASSERT_EQUAL(memcmp(&expected, &by_slot[slot], sizeof expected), 0);
        }
    }
}

TEST_MAIN("golden/recal", TEST(test_corrections_at_every_limit), TEST(test_other_bits_stay),
          TEST(test_block_corrections_are_by_slot))

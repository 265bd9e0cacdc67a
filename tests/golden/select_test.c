/* zero_suppress and muon_feed: which BX, which muons. */
#include "golden/blocks/muon_feed.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

enum { N = 1000 };

static struct bx_block blocks[N + 1];

/* Sparse blocks with everything but the pT codes random, so that only those can decide. */
static void random_blocks(struct rng *r)
{
    for (unsigned i = 0; i < N; i++) {
        for (unsigned w = 0; w < BX_WORDS; w++)
            blocks[i].w[w] = (uint32_t)rng_next(r);
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            uint64_t pt = rng_below(r, 30) ? 0 : rng_below(r, 4) ? rng_below(r, 16) : rng_below(r, 512);
            uint64_t w = rng_next(r) & ~(UINT64_C(0x1ff) << 10);
            bx_block_set_muon(&blocks[i], slot, w | pt << 10);
        }
    }
}

static int oracle_keep(const struct zero_suppress_cfg *cfg, const struct bx_block *b)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        struct gmt_muon m;
        gmt_unpack((gmt_word){bx_block_muon(b->w, slot)}, GMT_LAYOUT_2017, &m);
        if (cfg->slots & 1 << slot && m.pt >= cfg->pt_min)
            return 1;
    }
    return cfg->pt_min == 0;
}

static void check_batch(const struct zero_suppress_cfg *cfg, size_t first, size_t n)
{
    uint32_t hits[N / 32 + 2];
    size_t kept = 0, wrong = 0, words = (n + 31) / 32;
    memset(hits, 0xa5, sizeof hits);
    size_t got = zero_suppress_batch(cfg, blocks + first, n, hits);
    for (size_t i = 0; i < n; i++) {
        int keep = oracle_keep(cfg, &blocks[first + i]);
        kept += (size_t)keep;
        wrong += (hits[i / 32] >> i % 32 & 1) != (uint32_t)keep;
        wrong += zero_suppress_keep(cfg, &blocks[first + i]) != keep;
    }
    CU_ASSERT_EQUAL(got, kept);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(n % 32 ? hits[words - 1] >> n % 32 : 0, 0);
    CU_ASSERT_EQUAL(hits[words], 0xa5a5a5a5);
}

static void test_zero_suppression_against_the_definition(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    random_blocks(&r);
    static const uint16_t thresholds[] = {0, 1, 2, 10, 256, 510, 511};
    static const uint16_t slots[] = {0xffff, 0x00ff, 0x8000, 0x0001, 0, 0x5a3c};
    for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++)
        for (size_t s = 0; s < sizeof slots / sizeof *slots; s++) {
            struct zero_suppress_cfg cfg = {thresholds[t], slots[s]};
            check_batch(&cfg, 0, N);
            check_batch(&cfg, 1, rng_below(&r, 100));
        }
    check_batch(&(struct zero_suppress_cfg){1, 0xffff}, 5, 64);
    check_batch(&(struct zero_suppress_cfg){1, 0xffff}, 5, 0);
}

static void test_one_muon_in_each_slot_is_seen(void)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        for (unsigned pt = 1; pt < 512; pt <<= 1) {
            struct bx_block b;
            memset(&b, 0xff, sizeof b);
            for (unsigned s = 0; s < SLOTS; s++)
                bx_block_set_muon(&b, s, ~(UINT64_C(0x1ff) << 10));
            CU_ASSERT_EQUAL(zero_suppress_keep(&(struct zero_suppress_cfg){1, 0xffff}, &b), 0);
            bx_block_set_muon(&b, slot, (uint64_t)pt << 10);
            CU_ASSERT_EQUAL(zero_suppress_keep(&(struct zero_suppress_cfg){1, 0xffff}, &b), 1);
            CU_ASSERT_EQUAL(zero_suppress_keep(&(struct zero_suppress_cfg){(uint16_t)pt,
                                                                           (uint16_t)(1u << slot)}, &b), 1);
            CU_ASSERT_EQUAL(zero_suppress_keep(&(struct zero_suppress_cfg){(uint16_t)(pt + 1), 0xffff}, &b),
                            0);
            CU_ASSERT_EQUAL(zero_suppress_keep(&(struct zero_suppress_cfg){1, (uint16_t)~(1u << slot)}, &b),
                            0);
        }
}

static int oracle_chosen(const struct bx_block *b, unsigned slot, enum feed_select select,
                         uint8_t final_lanes)
{
    struct gmt_muon m;
    gmt_unpack((gmt_word){bx_block_muon(b->w, slot)}, GMT_LAYOUT_2017, &m);
    int final = final_lanes & 1 << slot / 2, barrel = m.index >= 36 && m.index <= 71;
    return m.pt && (select == FEED_ALL || (final && (select == FEED_FINAL || barrel)));
}

static void test_candidates_in_pick_order(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 3);
    random_blocks(&r);
    for (unsigned i = 0; i < N; i++) {
        uint8_t final_lanes = (uint8_t)rng_next(&r);
        enum feed_select select = (enum feed_select)(i % 3);
        unsigned expected = 0, slots = 0;
        for (unsigned lane = 0; lane < LANES; lane++)
            for (unsigned b = 0; b < 2; b++)
                if (oracle_chosen(&blocks[i], 2 * lane + b, select, final_lanes)) {
                    expected |= 1u << (8 * b + lane);
                    slots |= 1u << (2 * lane + b);
                }
        uint16_t got = muon_feed_candidates(&blocks[i], select, final_lanes);
        CU_ASSERT_EQUAL(got, expected);
        CU_ASSERT_EQUAL(slot_mask_of_order(got), slots);
        CU_ASSERT_EQUAL(order_mask_of_slot((uint16_t)slots), got);
    }
}

TEST_MAIN("golden/select", TEST(test_zero_suppression_against_the_definition),
          TEST(test_one_muon_in_each_slot_is_seen), TEST(test_candidates_in_pick_order))

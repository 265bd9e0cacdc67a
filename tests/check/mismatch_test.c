/* What a difference is called, and the line that a user reads. */
#include "emu/check/mismatch.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned low, width;
} fields[] = {
    {"phi at vertex", 0, 10}, {"pt", 10, 9},    {"quality", 19, 4},      {"eta at vertex", 23, 9},
    {"isolation", 32, 2},     {"charge", 34, 1}, {"charge valid", 35, 1}, {"index", 36, 7},
    {"phi", 43, 10},          {"bits [61:53]", 53, 9}, {"bits [63:62]", 62, 2},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static unsigned field_at(unsigned bit)
{
    unsigned f = 0;
    while (bit >= fields[f].low + fields[f].width)
        f++;
    return f;
}

static uint64_t part(uint64_t word, unsigned f)
{
    return word >> fields[f].low & ((UINT64_C(1) << fields[f].width) - 1);
}

static void test_each_bit_of_a_muon_has_a_field(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t expected = rng_next(&r), got = expected ^ UINT64_C(1) << bit;
        unsigned f = field_at(bit);
        struct mismatch m = {.slot = NO_SLOT};
        mismatch_in_muon(&m, expected, got);
        CU_ASSERT_STRING_EQUAL(m.field, fields[f].name);
        CU_ASSERT_EQUAL(m.expected, part(expected, f));
        CU_ASSERT_EQUAL(m.got, part(got, f));
    }
}

static void test_the_lowest_differing_field_is_named(void)
{
    struct mismatch m = {0};
    mismatch_in_muon(&m, 0, UINT64_MAX);
    CU_ASSERT_STRING_EQUAL(m.field, fields[0].name);
    mismatch_in_muon(&m, 0, UINT64_MAX << 34);
    CU_ASSERT_STRING_EQUAL(m.field, "charge");
}

static void random_block(struct bx_block *b, struct rng *r)
{
    for (int i = 0; i < BX_WORDS; i++)
        b->w[i] = (uint32_t)rng_next(r);
}

static void test_equal_blocks_do_not_differ(void)
{
    struct bx_block a;
    struct rng r;
    struct mismatch m = {.field = "untouched", .slot = 5};
    rng_seed(&r, test_seed());
    random_block(&a, &r);
    CU_ASSERT_EQUAL(mismatch_in_block(&m, &a, &a), 0);
    CU_ASSERT_STRING_EQUAL(m.field, "untouched");
    CU_ASSERT_EQUAL(m.slot, 5);
}

static void test_a_counter_word_has_lane_and_frame(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 2 * LANES; i++) {
        struct bx_block a, b;
        struct mismatch m = {0};
        random_block(&a, &r);
        b = a;
        b.w[i] ^= 1u << rng_below(&r, 32);
        CU_ASSERT_EQUAL(mismatch_in_block(&m, &a, &b), 1);
        CU_ASSERT_STRING_EQUAL(m.position, "lane");
        CU_ASSERT_EQUAL(m.slot, (int)(i % LANES));
        CU_ASSERT_STRING_EQUAL(m.field, i < LANES ? "word of frame 0" : "word of frame 1");
        CU_ASSERT(m.expected == a.w[i] && m.got == b.w[i]);
    }
}

static void test_a_muon_has_slot_and_field(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned slot = 0; slot < SLOTS; slot++)
        for (unsigned bit = 0; bit < 64; bit++) {
            struct bx_block a, b;
            struct mismatch m = {0};
            random_block(&a, &r);
            b = a;
            bx_block_set_muon(&b, slot, bx_block_muon(a.w, slot) ^ UINT64_C(1) << bit);
            CU_ASSERT_EQUAL(mismatch_in_block(&m, &a, &b), 1);
            CU_ASSERT_STRING_EQUAL(m.position, "slot");
            CU_ASSERT_EQUAL(m.slot, (int)slot);
            CU_ASSERT_STRING_EQUAL(m.field, fields[field_at(bit)].name);
        }
}

static void test_the_line_that_a_user_reads(void)
{
    char text[512];
    struct mismatch m = {.oracle = ORACLE_MODEL, .block = BLOCK_ZERO_SUPPRESS, .position = "slot", .slot = 3,
                         .cycle = 28511, .orbit = 1, .bx = 69, .field = "pt", .expected = 12, .got = 13};
    mismatch_text(&m, 1, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "zero_suppress: orbit 1 BX 69 slot 3 cycle 28511: pt: expected 12 (0xc), "
                                 "got 13 (0xd) by the C model in lock-step (seed 1)");
    m = (struct mismatch){.oracle = ORACLE_GOLDEN,
                          .block = BLOCK_DMA,
                          .position = "",
                          .slot = NO_SLOT,
                          .cycle = UINT64_MAX,
                          .orbit = UINT32_MAX,
                          .bx = 3563,
                          .field = "keep",
                          .got = UINT64_MAX};
    mismatch_text(&m, UINT64_MAX, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(
        text, "dma: orbit 4294967295 BX 3563 cycle 18446744073709551615: keep: expected 0 (0x0), "
              "got 18446744073709551615 (0xffffffffffffffff) by the golden reference "
              "(seed 18446744073709551615)");
}

static void test_a_short_buffer_cuts_the_line(void)
{
    char text[20];
    memset(text, 'x', sizeof text);
    struct mismatch m = {.block = BLOCK_LINK_ALIGN, .position = "", .slot = NO_SLOT, .field = "bx"};
    mismatch_text(&m, 1, text, 10);
    CU_ASSERT_STRING_EQUAL(text, "link_alig");
    CU_ASSERT_EQUAL(text[10], 'x');
}

static void test_a_word_of_a_frame_is_named(void)
{
    struct mismatch m = {.slot = NO_SLOT};
    mismatch_in_frame(&m, FRAME_TRAILER, 1, 0);
    CU_ASSERT_STRING_EQUAL(m.field, "word 0 (hit map, BX 0..31)");
    mismatch_in_frame(&m, FRAME_TRAILER, 14, 7);
    CU_ASSERT_STRING_EQUAL(m.field, "word 7 (hit map, BX 3552..3583)");
    mismatch_in_frame(&m, FRAME_TRAILER, 0, 3);
    CU_ASSERT_STRING_EQUAL(m.field, "word 3");
    mismatch_in_frame(&m, FRAME_TRAILER, 15, 0);
    CU_ASSERT_STRING_EQUAL(m.field, "word 0");
    mismatch_in_frame(&m, FRAME_BLOCK, 1, 4);
    CU_ASSERT_STRING_EQUAL(m.field, "word 4");
    mismatch_in_frame(&m, FRAME_TRAILER, NO_SLOT, 4);
    CU_ASSERT_STRING_EQUAL(m.field, "word 4");
}

TEST_MAIN("check/mismatch", TEST(test_a_word_of_a_frame_is_named), TEST(test_each_bit_of_a_muon_has_a_field),
          TEST(test_the_lowest_differing_field_is_named), TEST(test_equal_blocks_do_not_differ),
          TEST(test_a_counter_word_has_lane_and_frame), TEST(test_a_muon_has_slot_and_field),
          TEST(test_the_line_that_a_user_reads), TEST(test_a_short_buffer_cuts_the_line))

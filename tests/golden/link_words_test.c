#include "golden/formats/crc32.h"
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

static void random_block(struct rng *r, struct bx_block *block)
{
    for (unsigned w = 0; w < BX_WORDS; w++)
        block->w[w] = (uint32_t)rng_next(r);
}

/* domain.md 4.1 for one BX of one lane; the CRC of an empty window is the start value. */
static void test_orbit_has_the_documented_words(void)
{
    static const uint16_t gaps[] = {LINK_GAP_FIRST, 0, 1, 3559, 3563};
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        struct link_encoder e;
        uint32_t id = rng_below(&r, 1 << 20), crc = CRC32_START;
        unsigned wrong = 0, payload = 0, commas = 0, crcs = 0;
        link_encoder_init(&e, id, gaps[g]);
        for (unsigned i = 0; i < 2 * BX_PER_ORBIT; i++) {
            uint16_t bx = (uint16_t)(i % BX_PER_ORBIT);
            unsigned lane = 3, from_gap = (bx + BX_PER_ORBIT - gaps[g]) % BX_PER_ORBIT;
            struct link_word out[FRAMES];
            struct bx_block block;
            random_block(&r, &block);
            link_encoder_bx(&e, bx, from_gap < 5 ? NULL : &block, lane, out);
            for (unsigned f = 0; f < FRAMES; f++) {
                uint32_t data = block.w[f * LANES + lane];
                uint8_t k = 0;
                if (from_gap == 0 && f == 1) {
                    data = crc;
                    crcs++;
                } else if (from_gap == 0 && f == 2) {
                    data = (id % 1024) << 16 | id / 1024;
                } else if (from_gap < 5) {
                    data = 0x505050BC;
                    k = 1;
                    commas++;
                    crc = f == 5 ? CRC32_START : crc; /* the third comma in a row */
                } else {
                    payload++;
                    crc = crc32_words_table(crc, &data, 1);
                }
                wrong += out[f].data != data || out[f].k != k;
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(payload, 2 * 3559 * 6);
        CU_ASSERT_EQUAL(commas, 2 * 28);
        CU_ASSERT_EQUAL(crcs, 2);
    }
}

static void test_link_id_word(void)
{
    CU_ASSERT_EQUAL(link_id_word(0xfffff), 0x03ff03ff);
    CU_ASSERT_EQUAL(link_id_word(0x00001), 0x00010000);
    CU_ASSERT_EQUAL(link_id_word(0x00400), 0x00000001);
    for (uint32_t id = 0; id < 1u << 20; id += 977)
        CU_ASSERT_EQUAL(link_id_of_word(link_id_word(id)), id);
}

static void test_gap_membership(void)
{
    CU_ASSERT(!link_in_gap(3554, 3555) && link_in_gap(3555, 3555) && link_in_gap(3559, 3555));
    CU_ASSERT(!link_in_gap(3560, 3555) && link_in_gap(1, 3561) && !link_in_gap(2, 3561));
    CU_ASSERT_EQUAL(link_window_first(3555), 3560);
    CU_ASSERT_EQUAL(link_window_first(3561), 2);
}

/* 3564 * 6 words at 250 MHz leave 847.15 places an orbit for padding (domain.md 4.1). */
static void test_847_paddings_an_orbit(void)
{
    struct link_pacer p;
    uint64_t pads = 0, total = 0;
    const unsigned orbits = 1000;
    CU_ASSERT_EQUAL_FATAL(link_pacer_init(&p, 6 * UINT64_C(40078900), 250000000), 0);
    for (unsigned orbit = 0; orbit < orbits; orbit++) {
        pads = 0;
        for (unsigned word = 0; word < BX_PER_ORBIT * FRAMES; word++)
            while (!link_pacer_due(&p))
                pads++;
        total += pads;
        CU_ASSERT(pads == 847 || pads == 848);
    }
    /* 1000 * 21384 * (250 MHz / 240.4734 MHz - 1), rounded down or up by where the last word falls */
    uint64_t words = UINT64_C(21384) * orbits, line = words * 250000000 / 240473400;
    CU_ASSERT(total == line - words || total == line - words + 1);
    CU_ASSERT_EQUAL(total / orbits, 847);
}

static void test_pacer_limits(void)
{
    struct link_pacer p;
    CU_ASSERT_EQUAL(link_pacer_init(&p, 0, 250), -1);
    CU_ASSERT_EQUAL(link_pacer_init(&p, 251, 250), -1);
    CU_ASSERT_EQUAL(link_pacer_init(&p, 1, (UINT64_C(1) << 62) + 1), -1);
    CU_ASSERT_EQUAL(link_pacer_init(&p, 250, 250), 0);
    for (unsigned i = 0; i < 1000; i++)
        CU_ASSERT(link_pacer_due(&p));
}

static void test_lanes_are_the_encoders_side_by_side(void)
{
    static const uint32_t ids[LANES] = {1, 2, 3, 4, 5, 6, 7, 0xabcde};
    struct link_lanes l;
    struct link_encoder e[LANES];
    struct rng r;
    rng_seed(&r, test_seed() + 2);
    CU_ASSERT_EQUAL_FATAL(link_lanes_init(&l, 10, ids, 100, 347), 0);
    for (unsigned lane = 0; lane < LANES; lane++)
        link_encoder_init(&e[lane], ids[lane], 10);
    size_t max = link_lanes_max_ticks(&l), wrong = 0, ticks = 0;
    struct link_tick *out = malloc(max * sizeof *out);
    for (uint16_t bx = 0; bx < 40; bx++) {
        struct bx_block block;
        random_block(&r, &block);
        size_t n = link_lanes_bx(&l, bx, &block, out), f = 0;
        CU_ASSERT_FATAL(n <= max);
        ticks += n;
        for (unsigned lane = 0; lane < LANES; lane++) {
            struct link_word words[FRAMES];
            link_encoder_bx(&e[lane], bx, &block, lane, words);
            f = 0;
            for (size_t i = 0; i < n; i++) {
                int pad = out[i].k[lane] == 15 && out[i].data[lane] == 0xF7F7F7F7;
                wrong += !pad && (f == FRAMES || out[i].data[lane] != words[f].data ||
                                  out[i].k[lane] != words[f].k);
                f += !pad;
            }
            wrong += f != FRAMES;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(ticks, (40 * 6 * 347 + 99) / 100);
    free(out);
}

TEST_MAIN("golden/link_words", TEST(test_orbit_has_the_documented_words), TEST(test_link_id_word),
          TEST(test_gap_membership), TEST(test_847_paddings_an_orbit), TEST(test_pacer_limits),
          TEST(test_lanes_are_the_encoders_side_by_side))

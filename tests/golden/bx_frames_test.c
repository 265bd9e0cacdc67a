#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

static void random_content(struct rng *r, struct bx_content *c)
{
    *c = (struct bx_content){.orbit = (uint32_t)rng_next(r), .bx = (uint16_t)rng_below(r, BX_PER_ORBIT),
                             .final_lanes = (uint8_t)rng_next(r)};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        c->eta_raw[slot] = (int16_t)((int)rng_below(r, 512) - 256);
        c->muon[slot].v = rng_below(r, 3) ? rng_next(r) : 0;
    }
}

/* domain.md 2, frame by frame, lane by lane, written out. */
static uint32_t expected_word(const struct bx_content *c, enum link_format format, unsigned frame,
                              unsigned lane)
{
    int final = c->final_lanes >> lane & 1;
    uint64_t v = c->muon[2 * lane + (frame >= 4)].v;
    if (frame < 2 && (frame == 0) == (format == LINK_FORMAT_RUN3))
        return c->orbit;
    if (frame < 2 && format == LINK_FORMAT_2018)
        return c->bx;
    if (frame < 2)
        return c->bx + (uint32_t)((c->eta_raw[2 * lane] + 512) % 512) * (1u << 13) +
               (uint32_t)((c->eta_raw[2 * lane + 1] + 512) % 512) * (1u << 22) + (final ? 0 : 1u << 31);
    if (format == LINK_FORMAT_2018 && (v >> 10) % 512)
        v = v % (UINT64_C(1) << 62) + (UINT64_C(1) << (final ? 63 : 62));
    else if (format == LINK_FORMAT_2018)
        v %= UINT64_C(1) << 62;
    return frame % 2 ? (uint32_t)(v >> 32) : (uint32_t)v;
}

static void test_frames_stand_where_the_document_says(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    unsigned wrong = 0;
    for (unsigned i = 0; i < 2000; i++) {
        enum link_format format = i % 2 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        struct bx_content c;
        struct bx_block block;
        random_content(&r, &c);
        bx_frames_build(&block, format, &c);
        for (unsigned w = 0; w < BX_WORDS; w++)
            wrong += block.w[w] != expected_word(&c, format, w / LANES, w % LANES);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void check_slot(const struct bx_block *block, enum link_format format, const struct bx_content *c,
                       unsigned slot)
{
    int intermediate = !(c->final_lanes >> (slot / 2) & 1);
    gmt_word w = {bx_block_muon(block->w, slot)};
    if (format == LINK_FORMAT_RUN3) {
        CU_ASSERT_EQUAL(w.v, c->muon[slot].v);
        CU_ASSERT_EQUAL(bx_frames_intermediate(block, format, slot), intermediate);
        CU_ASSERT_EQUAL(bx_frames_eta_raw(block, format, slot), c->eta_raw[slot]);
    } else {
        struct gmt_muon m;
        gmt_unpack(c->muon[slot], GMT_LAYOUT_2017, &m);
        CU_ASSERT_EQUAL(w.v << 2, c->muon[slot].v << 2);
        CU_ASSERT_EQUAL(bx_frames_intermediate(block, format, slot), m.pt ? intermediate : -1);
        CU_ASSERT_EQUAL(bx_frames_eta_raw(block, format, slot), m.eta_raw);
    }
}

static void test_content_comes_back(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 1);
    for (unsigned i = 0; i < 500; i++) {
        enum link_format format = i % 2 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        struct bx_content c, back;
        struct bx_block block;
        random_content(&r, &c);
        bx_frames_build(&block, format, &c);
        bx_frames_read(&block, format, &back);
        CU_ASSERT_EQUAL(back.orbit, c.orbit);
        CU_ASSERT_EQUAL(back.bx, c.bx);
        CU_ASSERT_EQUAL(format == LINK_FORMAT_RUN3 ? back.final_lanes : c.final_lanes, c.final_lanes);
        CU_ASSERT_EQUAL(back.final_lanes & c.final_lanes, c.final_lanes);
        for (unsigned slot = 0; slot < SLOTS; slot++)
            check_slot(&block, format, &c, slot);
        for (unsigned lane = 0; lane < LANES; lane++) {
            CU_ASSERT_EQUAL(bx_frames_bx(&block, format, lane), c.bx);
            CU_ASSERT_EQUAL(bx_frames_orbit(&block, format, lane), c.orbit);
        }
    }
}

static void test_slots_and_orders(void)
{
    struct bx_block block = {{0}};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        CU_ASSERT_EQUAL(slot_of_order(order_of_slot(slot)), slot);
        bx_block_set_muon(&block, slot, 0x0123456789abcdef + slot);
    }
    for (unsigned slot = 0; slot < SLOTS; slot++)
        CU_ASSERT_EQUAL(bx_block_muon(block.w, slot), 0x0123456789abcdef + slot);
    CU_ASSERT_EQUAL(block.w[0] | block.w[2 * LANES - 1], 0);
    CU_ASSERT_EQUAL(order_of_slot(0), 0);
    CU_ASSERT_EQUAL(order_of_slot(1), 8);
    CU_ASSERT_EQUAL(order_of_slot(14), 7);
}

TEST_MAIN("golden/bx_frames", TEST(test_frames_stand_where_the_document_says), TEST(test_content_comes_back),
          TEST(test_slots_and_orders))

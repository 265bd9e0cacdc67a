#include "golden/blocks/event_pack.h"
#include "golden/blocks/muon_feed.h"
#include "golden/blocks/recal.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

enum { MAX_FRAMES = 20000 };

static struct {
    enum frame_kind kind;
    unsigned index;
    struct dma_frame frame;
} sent[MAX_FRAMES];
static unsigned n_sent;

static void take(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    (void)ctx;
    sent[n_sent].kind = kind;
    sent[n_sent].index = index;
    sent[n_sent++].frame = *frame;
}

static struct event_packer start(enum pack_corrections corrections, uint16_t orbits_per_packet)
{
    struct event_packer p;
    n_sent = 0;
    event_packer_init(&p, corrections, orbits_per_packet, take, NULL);
    return p;
}

static void random_bx(struct rng *r, uint32_t orbit, uint16_t bx, struct packed_bx *out)
{
    *out = (struct packed_bx){.orbit = orbit, .bx = bx};
    for (unsigned w = 0; w < BX_WORDS; w++)
        out->block.w[w] = (uint32_t)rng_next(r);
    out->queued = (uint16_t)rng_next(r);
    out->skipped = (uint16_t)(rng_next(r) & ~(uint64_t)out->queued);
    for (unsigned slot = 0; slot < SLOTS; slot++) /* for all slots: those not queued must not show */
        out->correction[slot] = (struct correction){(int16_t)rng_next(r), (int16_t)rng_next(r),
                                                    (int16_t)rng_next(r)};
}

static int frame_is(unsigned i, enum frame_kind kind, unsigned index, const uint32_t w[LANES])
{
    return i < n_sent && sent[i].kind == kind && sent[i].index == index && memcmp(sent[i].frame.w, w,
                                                                                  32) == 0;
}

/* docs/chain.md, event_pack, Appended: what word `w` of frame `f` is. */
static uint32_t appended_word(const struct packed_bx *b, unsigned f, unsigned w)
{
    uint32_t value[2] = {0, 0};
    if (f == 0) {
        uint32_t masks = 0;
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            unsigned bit = 8 * (slot & 1) + slot / 2;
            masks |= (b->queued >> bit & 1u) << (16 + slot) | (b->skipped >> bit & 1u) << slot;
        }
        return w == 0 ? 0xB0AC0001 : w == 1 ? masks : w == 2 ? b->bx : w == 3 ? b->orbit : 0;
    }
    for (unsigned half = 0; half < 2; half++) {
        unsigned slot = 2 * w + half;
        const struct correction *c = &b->correction[slot];
        if (b->queued >> (8 * (slot & 1) + slot / 2) & 1)
            value[half] = (uint16_t)(f == 1 ? c->phi : f == 2 ? c->eta : c->pt);
    }
    return value[1] << 16 | value[0];
}

static void test_orbit_frame_by_frame(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned c = 0; c < 3; c++) {
        enum pack_corrections corrections = (enum pack_corrections)c;
        struct event_packer p = start(corrections, 1);
        uint32_t map[HIT_MAP_WORDS] = {0}, w[LANES] = {0xabcd0123};
        unsigned at = 1, wrong = 0;
        event_packer_begin(&p, 0xabcd0123);
        CU_ASSERT(frame_is(0, FRAME_HEADER, 0, w));
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx += 1 + rng_below(&r, 60)) {
            struct packed_bx b;
            random_bx(&r, 0xabcd0123, bx, &b);
            event_packer_bx(&p, &b);
            map[bx / 32] |= 1u << bx % 32;
            for (unsigned f = 0; f < 6; f++) {
                memcpy(w, b.block.w + f * LANES, sizeof w);
                for (unsigned lane = 0; corrections == PACK_IN_PLACE && f >= 2 && lane < LANES; lane++) {
                    unsigned slot = 2 * lane + (f >= 4), queued = b.queued >> (8 * (f >= 4) + lane) & 1;
                    gmt_word muon = {bx_block_muon(b.block.w, slot)};
                    muon = queued ? recal_apply(muon, &b.correction[slot]) : muon;
                    w[lane] = (uint32_t)(f & 1 ? muon.v >> 32 : muon.v);
                }
                wrong += !frame_is(at++, FRAME_BLOCK, f, w);
            }
            for (unsigned f = 0; corrections == PACK_APPENDED && f < 4; f++) {
                for (unsigned lane = 0; lane < LANES; lane++)
                    w[lane] = appended_word(&b, f, lane);
                wrong += !frame_is(at++, FRAME_APPENDED, f, w);
            }
        }
        p.realigns = 7;
        p.dropped_orbits = 9;
        event_packer_end(&p);
        for (unsigned f = 0; f < 17; f++) {
            for (unsigned i = 0; i < LANES; i++)
                w[i] = f == 0 ? 0xBEEFDEAD : f <= 14 ? map[(f - 1) * LANES + i] : 0;
            wrong += !frame_is(at++, FRAME_TRAILER, f, w);
        }
        uint32_t packet[LANES] = {0xdeadbeef, 0xdeadbeef, 7, 0, 9, 0, 1, 0};
        wrong += !frame_is(at++, FRAME_PACKET, 0, packet);
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(at, n_sent);
        event_packer_stop(&p);
        CU_ASSERT_EQUAL(at, n_sent); /* the packet was complete and no orbit was dropped since */
    }
}

static void test_packets_close_after_their_orbits_and_at_the_stop(void)
{
    struct event_packer p = start(PACK_NONE, 3);
    for (uint32_t orbit = 0; orbit < 7; orbit++) {
        event_packer_begin(&p, orbit);
        event_packer_end(&p);
        CU_ASSERT_EQUAL(sent[n_sent - 1].kind, orbit % 3 == 2 ? FRAME_PACKET : FRAME_TRAILER);
        for (unsigned i = 0; sent[n_sent - 1].kind == FRAME_PACKET && i < LANES; i++)
            CU_ASSERT_EQUAL(sent[n_sent - 2].frame.w[i], 0);
    }
    event_packer_stop(&p);
    CU_ASSERT_EQUAL(sent[n_sent - 1].kind, FRAME_PACKET);
    CU_ASSERT_EQUAL(sent[n_sent - 1].frame.w[6], 1);
    unsigned before = n_sent;
    event_packer_stop(&p);
    CU_ASSERT_EQUAL(n_sent, before);
    p.dropped_orbits = 2;
    event_packer_stop(&p);
    CU_ASSERT_EQUAL(n_sent, before + 1);
    CU_ASSERT(sent[before].frame.w[4] == 2 && sent[before].frame.w[6] == 0);
}

static void test_hit_map_starts_empty_in_each_orbit(void)
{
    struct event_packer p = start(PACK_NONE, 20);
    struct packed_bx bx = {.bx = 3563};
    event_packer_begin(&p, 1);
    event_packer_bx(&p, &bx);
    event_packer_end(&p);
    CU_ASSERT_EQUAL(sent[n_sent - 3].frame.w[7], 1u << 3563 % 32);
    event_packer_begin(&p, 2);
    event_packer_end(&p);
    CU_ASSERT_EQUAL(sent[n_sent - 3].frame.w[7], 0);
}

TEST_MAIN("golden/event_pack", TEST(test_orbit_frame_by_frame),
          TEST(test_packets_close_after_their_orbits_and_at_the_stop),
              TEST(test_hit_map_starts_empty_in_each_orbit))

#include "golden/formats/bx_frames.h"
#include "golden/formats/link_decode.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

/* What was sent: line words of all lanes, and the BX behind them. */
struct sent {
    struct link_tick *tick;
    size_t ticks, room;
    struct bx_block *block; /* [orbit][bx] */
    unsigned orbits;
    enum link_format format;
    uint16_t gap_first;
};

static const uint32_t ids[LANES] = {0x11111, 0x22222, 0x33333, 0x44444, 0x55555, 0x66666, 0x77777, 0x88888};

static struct bx_block *sent_block(const struct sent *s, unsigned orbit, unsigned bx)
{
    return s->block + (size_t)orbit * BX_PER_ORBIT + bx;
}

static void random_block(struct rng *r, enum link_format format, uint32_t orbit, uint16_t bx,
                         struct bx_block *block)
{
    struct bx_content c = {.orbit = orbit, .bx = bx, .final_lanes = 0x0f};
    for (unsigned slot = 0; slot < SLOTS; slot++)
        c.muon[slot].v = rng_next(r) & 1 ? rng_next(r) : 0;
    bx_frames_build(block, format, &c);
}

static void send(struct sent *s, unsigned orbits, enum link_format format, uint16_t gap_first, uint64_t seed)
{
    struct link_lanes l;
    struct rng r;
    rng_seed(&r, seed);
    link_lanes_init(&l, gap_first, ids, 6 * UINT64_C(40078900), 250000000);
    *s = (struct sent){.orbits = orbits, .format = format, .gap_first = gap_first};
    s->room = (size_t)orbits * BX_PER_ORBIT * link_lanes_max_ticks(&l);
    s->tick = malloc(s->room * sizeof *s->tick);
    s->block = calloc((size_t)orbits * BX_PER_ORBIT, sizeof *s->block);
    for (unsigned orbit = 0; orbit < orbits; orbit++)
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
            random_block(&r, format, orbit, bx, sent_block(s, orbit, bx));
            s->ticks += link_lanes_bx(&l, bx, sent_block(s, orbit, bx), s->tick + s->ticks);
        }
}

static void sent_release(struct sent *s)
{
    free(s->tick);
    free(s->block);
}

/* Lane l lags by skew[l] words; padding stands before. */
static void delay(struct sent *s, const unsigned skew[LANES])
{
    for (unsigned l = 0; l < LANES; l++)
        for (size_t i = s->ticks; i-- > 0;) {
            int before = i < skew[l];
            s->tick[i].data[l] = before ? LINK_PADDING : s->tick[i - skew[l]].data[l];
            s->tick[i].k[l] = before ? LINK_K_PADDING : s->tick[i - skew[l]].k[l];
        }
}

/* What came: compared on the spot with what was sent. */
struct got {
    const struct sent *sent;
    uint64_t n, wrong, disordered, err, crc_bad, mismatch;
    uint64_t key, first_key; /* orbit * 3564 + bx of the BX before, of the first */
    uint8_t err_lanes, crc_bad_lanes, mismatch_lanes;
};

static void collect(void *ctx, const struct bx_block *blocks, const struct decoded_bx *info, size_t n)
{
    struct got *g = ctx;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = (uint64_t)info[i].orbit * BX_PER_ORBIT + info[i].bx;
        if (g->n++ == 0)
            g->first_key = key;
        else
            g->disordered += key <= g->key;
        g->key = key;
        g->err += info[i].err != 0;
        g->crc_bad += info[i].crc_bad != 0;
        g->mismatch += info[i].mismatch != 0;
        g->err_lanes |= info[i].err;
        g->crc_bad_lanes |= info[i].crc_bad;
        g->mismatch_lanes |= info[i].mismatch;
        if (info[i].orbit >= g->sent->orbits ||
            memcmp(&blocks[i], sent_block(g->sent, info[i].orbit, info[i].bx), sizeof *blocks) != 0)
            g->wrong++;
    }
}

static struct link_decoder *start(const struct sent *s, struct got *g, uint32_t max_skew)
{
    struct link_decoder_cfg cfg = {s->format, s->gap_first, max_skew};
    *g = (struct got){.sent = s};
    struct link_decoder *d = link_decoder_new(&cfg, collect, g);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    return d;
}

/* In pieces of random length, as a file or a socket would give them. */
static struct link_decoder_stats decode(const struct sent *s, struct got *g, uint32_t max_skew, uint64_t seed)
{
    struct link_decoder *d = start(s, g, max_skew);
    struct rng r;
    rng_seed(&r, seed);
    for (size_t i = 0; i < s->ticks;) {
        size_t n = 1 + rng_below(&r, 3000);
        n = n < s->ticks - i ? n : s->ticks - i;
        link_decoder_ticks(d, s->tick + i, n);
        i += n;
    }
    struct link_decoder_stats stats = *link_decoder_stats(d);
    link_decoder_free(d);
    return stats;
}

/* From the first BX 0 after the gap that locks the links, all payload BX of all orbits. */
static void check_clean(const struct sent *s, const struct got *g, const struct link_decoder_stats *st)
{
    CU_ASSERT_EQUAL(g->wrong + g->disordered + g->err + g->crc_bad + g->mismatch, 0);
    CU_ASSERT_EQUAL(st->align_losses + st->align_overflows + st->mismatches, 0);
    CU_ASSERT_EQUAL(st->bx, g->n);
    CU_ASSERT_EQUAL(g->first_key, BX_PER_ORBIT);
    CU_ASSERT_EQUAL(g->n, (s->orbits - 1) * 3559u);
    for (unsigned l = 0; l < LANES; l++) {
        CU_ASSERT_EQUAL(st->lane[l].lock, 1);
        CU_ASSERT_EQUAL(st->lane[l].link_id, ids[l]);
        CU_ASSERT_EQUAL(st->lane[l].crc_ok, s->orbits - 1);
        CU_ASSERT_EQUAL(st->lane[l].crc_bad + st->lane[l].k_errors + st->lane[l].lock_losses, 0);
        CU_ASSERT(st->lane[l].pads >= 847 * s->orbits && st->lane[l].pads <= 848 * s->orbits);
    }
}

static void test_clean_links_in_both_formats(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct sent s;
        struct got g;
        send(&s, 4, i ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed() + i);
        struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
        check_clean(&s, &g, &st);
        sent_release(&s);
    }
}

static void test_skewed_lanes_come_together(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 9);
    for (unsigned trial = 0; trial < 4; trial++) {
        struct sent s;
        struct got g;
        unsigned skew[LANES];
        for (unsigned l = 0; l < LANES; l++)
            skew[l] = rng_below(&r, trial < 2 ? 8 : 500);
        send(&s, 3, LINK_FORMAT_RUN3, LINK_GAP_FIRST, test_seed() + trial);
        s.orbits = 3;
        delay(&s, skew);
        /* the lag pushes the last words out: some BX at the end are missing, none is wrong */
        struct link_decoder_stats st = decode(&s, &g, 1000, test_seed() + trial);
        CU_ASSERT_EQUAL(g.wrong + g.disordered + g.err + g.crc_bad + g.mismatch, 0);
        CU_ASSERT_EQUAL(st.align_losses + st.align_overflows, 0);
        CU_ASSERT(g.n <= 2 * 3559 && g.n >= 2 * 3559 - 100);
        sent_release(&s);
    }
}

static void test_gap_anywhere_in_the_orbit(void)
{
    static const uint16_t gaps[] = {0, 1, 1000, 3558, 3559, 3563};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct sent s;
        struct got g;
        send(&s, 3, LINK_FORMAT_2018, gaps[i], test_seed() + i);
        struct link_decoder_stats st = decode(&s, &g, 50, test_seed());
        CU_ASSERT_EQUAL(g.wrong + g.disordered + g.crc_bad + g.mismatch + st.align_losses, 0);
        /* the first orbit is lost to locking; a gap over BX 0 leaves no BX 0 to begin at */
        int covers_0 = gaps[i] == 0 || gaps[i] > 3559;
        CU_ASSERT_EQUAL(g.n, covers_0 ? 0 : 2 * 3559);
        sent_release(&s);
    }
}

/* Tick and lane of the first payload word of a BX, found by its content. */
static size_t find_word(const struct sent *s, unsigned orbit, unsigned bx, unsigned frame, unsigned lane)
{
    struct link_pacer p;
    size_t words = ((size_t)orbit * BX_PER_ORBIT + bx) * FRAMES + frame, tick = 0;
    link_pacer_init(&p, 6 * UINT64_C(40078900), 250000000);
    for (;; tick++)
        if (link_pacer_due(&p) && words-- == 0)
            break;
    CU_ASSERT_EQUAL_FATAL(s->tick[tick].data[lane], sent_block(s, orbit, bx)->w[frame * LANES + lane]);
    return tick;
}

static void test_bit_flip_fails_one_crc(void)
{
    struct sent s;
    struct got g;
    send(&s, 5, LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed());
    size_t at = find_word(&s, 2, 777, 3, 6);
    s.tick[at].data[6] ^= 1u << 17;
    struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
    CU_ASSERT_EQUAL(g.wrong, 1);
    CU_ASSERT_EQUAL(g.n, 4 * 3559);
    CU_ASSERT_EQUAL(st.lane[6].crc_bad, 1);
    CU_ASSERT_EQUAL(st.lane[6].crc_ok, 3);
    CU_ASSERT_EQUAL(st.lane[5].crc_ok, 4);
    CU_ASSERT_EQUAL(g.crc_bad_lanes, 1 << 6);
    CU_ASSERT_EQUAL(g.crc_bad, 3559); /* BX 3560 of orbit 2 to BX 3554 of orbit 3 carry the flag */
    sent_release(&s);
}

static void test_wrong_bx_is_a_mismatch(void)
{
    struct sent s;
    struct got g;
    send(&s, 3, LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed());
    s.tick[find_word(&s, 1, 100, 0, 3)].data[3] ^= 4;
    struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
    CU_ASSERT_EQUAL(g.mismatch, 1);
    CU_ASSERT_EQUAL(st.mismatches, 1);
    CU_ASSERT_EQUAL(g.mismatch_lanes, 1 << 3);
    sent_release(&s);
}

static void test_k_error_keeps_its_place(void)
{
    struct sent s;
    struct got g;
    send(&s, 4, LINK_FORMAT_RUN3, LINK_GAP_FIRST, test_seed());
    size_t at = find_word(&s, 1, 50, 4, 2);
    s.tick[at].k[2] = 4;
    struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
    CU_ASSERT_EQUAL(g.wrong + g.disordered, 0); /* the data word itself was not touched */
    CU_ASSERT_EQUAL(g.n, 3 * 3559);
    CU_ASSERT_EQUAL(g.err, 1);
    CU_ASSERT_EQUAL(g.err_lanes, 1 << 2);
    CU_ASSERT_EQUAL(st.lane[2].k_errors, 1);
    CU_ASSERT_EQUAL(st.lane[2].crc_bad, 1); /* the sender had it in its CRC */
    CU_ASSERT_EQUAL(st.align_losses, 0);
    sent_release(&s);
}

/* Padding is K = 1111 with its own data; anything else under K = 1111 is an error, on one lane or on all. */
static void test_wrong_padding_is_a_k_error(void)
{
    for (unsigned lanes = 1; lanes <= LANES; lanes += LANES - 1) {
        struct sent s;
        struct got g;
        send(&s, 3, LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed());
        size_t at = find_word(&s, 1, 60, 2, 0);
        while (s.tick[at].k[0] != LINK_K_PADDING)
            at++;
        for (unsigned l = 0; l < lanes; l++)
            s.tick[at].data[l] ^= 0x100;
        struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
        for (unsigned l = 0; l < LANES; l++)
            CU_ASSERT_EQUAL(st.lane[l].k_errors, l < lanes);
        CU_ASSERT_EQUAL(g.err_lanes & 1, 1);
        sent_release(&s);
    }
}

/* A lane that loses a word is found out at the next gap and joined again there. */
static void test_lost_word_costs_one_window(void)
{
    struct sent s;
    struct got g;
    send(&s, 5, LINK_FORMAT_RUN3, LINK_GAP_FIRST, test_seed());
    size_t at = find_word(&s, 1, 2000, 2, 7);
    s.tick[at].data[7] = LINK_PADDING;
    s.tick[at].k[7] = LINK_K_PADDING;
    struct link_decoder_stats st = decode(&s, &g, 100, test_seed());
    CU_ASSERT_EQUAL(st.align_losses, 1);
    CU_ASSERT_EQUAL(st.lane[7].crc_bad, 1);
    CU_ASSERT(g.mismatch > 0);
    CU_ASSERT_EQUAL(g.key / BX_PER_ORBIT, 4);
    CU_ASSERT_EQUAL(g.disordered, 0);
    sent_release(&s);
}

/* A lane without light: the others run ahead and overflow, once in each window, and nothing comes out. */
static void test_dead_lane_overflows(void)
{
    struct sent s;
    struct got g;
    send(&s, 4, LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed());
    for (size_t i = 0; i < s.ticks; i++) {
        s.tick[i].data[4] = LINK_PADDING;
        s.tick[i].k[4] = LINK_K_PADDING;
    }
    struct link_decoder_stats st = decode(&s, &g, 64, test_seed());
    CU_ASSERT_EQUAL(g.n, 0);
    CU_ASSERT_EQUAL(st.align_overflows, 3);
    CU_ASSERT_EQUAL(st.lane[4].lock, 0);
    CU_ASSERT_EQUAL(st.lane[3].crc_ok, 3);
    sent_release(&s);
}

static void test_start_in_the_middle_and_noise(void)
{
    struct sent s;
    struct got g;
    struct rng r;
    rng_seed(&r, test_seed() + 77);
    send(&s, 5, LINK_FORMAT_2018, LINK_GAP_FIRST, test_seed());
    struct link_decoder *d = start(&s, &g, 100);
    struct link_tick noise[4096];
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        for (unsigned l = 0; l < LANES; l++) {
            noise[i].data[l] = rng_below(&r, 4) ? LINK_COMMA : (uint32_t)rng_next(&r);
            noise[i].k[l] = noise[i].data[l] == LINK_COMMA ? 1 : (uint8_t)rng_below(&r, 16);
        }
    link_decoder_ticks(d, noise, sizeof noise / sizeof *noise);
    g = (struct got){.sent = &s}; /* what noise gave is of no interest */
    link_decoder_ticks(d, s.tick + 5555, s.ticks - 5555);
    CU_ASSERT_EQUAL(g.key, UINT64_C(5) * BX_PER_ORBIT - 1);
    CU_ASSERT_EQUAL(g.disordered, 0);
    CU_ASSERT(g.n >= 2 * 3559);
    link_decoder_free(d);
    sent_release(&s);
}

static void test_configuration_is_checked(void)
{
    struct link_decoder_cfg bad_gap = {LINK_FORMAT_2018, BX_PER_ORBIT, 8}, none = {LINK_FORMAT_2018, 0, 0},
                            far = {LINK_FORMAT_2018, 0, LINK_DECODE_MAX_SKEW + 1};
    CU_ASSERT_PTR_NULL(link_decoder_new(&bad_gap, collect, NULL));
    CU_ASSERT_PTR_NULL(link_decoder_new(&none, collect, NULL));
    CU_ASSERT_PTR_NULL(link_decoder_new(&far, collect, NULL));
}

TEST_MAIN("golden/link_decode", TEST(test_clean_links_in_both_formats), TEST(test_skewed_lanes_come_together),
          TEST(test_gap_anywhere_in_the_orbit), TEST(test_bit_flip_fails_one_crc),
          TEST(test_wrong_bx_is_a_mismatch), TEST(test_k_error_keeps_its_place),
          TEST(test_wrong_padding_is_a_k_error),
          TEST(test_lost_word_costs_one_window), TEST(test_dead_lane_overflows),
          TEST(test_start_in_the_middle_and_noise), TEST(test_configuration_is_checked))

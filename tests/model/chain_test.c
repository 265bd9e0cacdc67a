/* The C steps as a whole chain: content against golden, every order of calls, stalls, faults and what
 * follows them. */
#include "golden/blocks/event_pack.h"
#include "golden/blocks/muon_feed.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/model/test_kernels.h"
#include "tests/model/wiring.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ORBIT = 100 };

static const char *kernels;
static struct generator *generator;

/* ---- a run: the chain beside the golden packer ---- */

struct expected {
    uint8_t kind;
    struct dma_frame frame;
};

struct run {
    struct wiring *w;
    struct expected *frame;
    size_t first, last, room;
    struct event_packer golden;
    struct muon_feed_out at_pack; /* what event_pack takes at the next edge */
    int open;
    uint32_t kept, dropped, skipped, refused;
    uint16_t most_in_dma;
};

static void expect_frame(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    struct run *r = ctx;
    (void)index;
    if (r->last == r->room) {
        r->room = r->room ? 2 * r->room : 1000;
        r->frame = realloc(r->frame, r->room * sizeof *r->frame);
    }
    r->frame[r->last++] = (struct expected){kind, *frame};
}

static struct gmt_link_cfg link_config(unsigned orbits, const struct generator_cfg *traffic)
{
    struct message m;
    generator_free(generator);
    generator = generator_new(traffic, &m);
    CU_ASSERT_FATAL(generator != NULL);
    struct gmt_link_cfg cfg = {.payload_hz = 6 * UINT64_C(40078900), .line_hz = 250000000,
                               .first_orbit = FIRST_ORBIT, .orbits = orbits, .gap_first = 3555,
                               .start_bx = 3555,
                               .source = generator_source(generator)};
    for (unsigned l = 0; l < LANES; l++) {
        cfg.link_id[l] = 0xabc00 + l;
        cfg.skew[l] = l * 7 % 50;
    }
    return cfg;
}

static struct generator_cfg traffic(int heavy)
{
    struct generator_cfg cfg = generator_default();
    cfg.seed = test_seed();
    for (unsigned n = 0; heavy && n <= GENERATOR_MAX_MUONS; n++)
        cfg.multiplicity[n] = n <= 8;
    return cfg;
}

static void start(struct run *r, const struct board_cfg *cfg, const struct gmt_link_cfg *link)
{
    memset(r, 0, sizeof *r);
    r->w = wiring_new(cfg, link, kernels);
    CU_ASSERT_FATAL(r->w != NULL);
    event_packer_init(&r->golden, cfg->pack_corrections, cfg->orbits_per_packet, expect_frame, r);
}

static void finish(struct run *r)
{
    wiring_free(r->w);
    free(r->frame);
}

/* ---- golden: what event_pack took at this edge ---- */

static void check_decisions(const struct board_cfg *cfg, const struct muon_feed_out *bx)
{
    struct zero_suppress_cfg zs = {cfg->zs_pt_min, cfg->zs_slots};
    CU_ASSERT_EQUAL_FATAL(bx->keep, zero_suppress_keep(&zs, &bx->block));
    uint16_t candidates = muon_feed_candidates(&bx->block, cfg->feed_select, cfg->final_lanes);
    CU_ASSERT_EQUAL_FATAL(bx->queued | bx->skipped, bx->keep ? candidates : 0);
    CU_ASSERT_EQUAL_FATAL(bx->queued & bx->skipped, 0);
}

static void pack_bx(struct run *r, const struct muon_feed_out *bx)
{
    struct packed_bx p = {
        .orbit = bx->orbit, .bx = bx->bx, .queued = bx->queued, .skipped = bx->skipped, .block = bx->block};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t muon = bx_block_muon(bx->block.w, slot);
        p.correction[slot] =
            (struct correction){test_recal(muon, 0), test_recal(muon, 1), test_recal(muon, 2)};
    }
    event_packer_bx(&r->golden, &p);
}

static void pack(struct run *r, const struct muon_feed_out *bx, uint32_t refused)
{
    if (bx->bx == 0 && refused == r->refused) {
        if (r->open) /* the orbit before broke off */
            event_packer_end(&r->golden);
        r->open = 2;
        event_packer_begin(&r->golden, bx->orbit);
    } else if (bx->bx == 0 && r->open) {
        r->open = 1; /* nothing more goes into the one that broke off */
    }
    r->refused = refused;
    r->kept += bx->keep;
    r->skipped += bx->skipped != 0;
    if (bx->keep && !r->w->board.event_pack.dropped)
        pack_bx(r, bx);
    r->dropped += r->w->board.event_pack.dropped;
    if (bx->bx == BX_PER_ORBIT - 1 && r->open == 2) {
        event_packer_end(&r->golden);
        r->open = 0;
    }
}

static void watch_board(struct run *r)
{
    struct board_status s;
    if (r->at_pack.valid) {
        wiring_status(r->w, &s);
        check_decisions(&r->w->cfg, &r->at_pack);
        pack(r, &r->at_pack, s.pack_dropped_orbits);
    }
    if (r->w->board.muon_feed.valid || r->at_pack.valid)
        r->at_pack = r->w->board.muon_feed;
}

static void watch_host(struct run *r)
{
    const struct dma_out *out = &r->w->host.dma;
    r->most_in_dma = out->level > r->most_in_dma ? out->level : r->most_in_dma;
    CU_ASSERT_FATAL(out->level <= r->w->cfg.dma_depth);
    if (!out->valid)
        return;
    CU_ASSERT_FATAL(r->first < r->last);
    struct expected *e = &r->frame[r->first++];
    CU_ASSERT_EQUAL_FATAL(out->kind, e->kind);
    if (e->kind == FRAME_PACKET) { /* what had been lost by then depends on time */
        e->frame.w[2] = out->w[2];
        e->frame.w[4] = out->w[4];
    }
    CU_ASSERT_EQUAL_FATAL(memcmp(out->w, e->frame.w, sizeof out->w), 0);
}

static void step(struct run *r)
{
    wiring_step(r->w);
    if (r->w->ticked >> DOMAIN_BOARD & 1)
        watch_board(r);
    if (r->w->ticked >> DOMAIN_HOST & 1)
        watch_host(r);
}

static void steps(struct run *r, unsigned n)
{
    while (n--)
        step(r);
}

/* Until the links are idle and everything has come out; then the last packet. */
static void run_to_end(struct run *r)
{
    while (r->w->source > 0)
        step(r);
    r->w->bus_ready = 1;
    steps(r, 60000);
    CU_ASSERT_EQUAL(r->first, r->last);
    event_packer_stop(&r->golden);
    r->w->stop = 1;
    steps(r, 100);
    CU_ASSERT_EQUAL(r->first, r->last);
}

/* ---- tests ---- */

static void run_clean(const struct board_cfg *cfg, int run3, int heavy)
{
    struct generator_cfg t = traffic(heavy);
    t.format = run3;
    struct gmt_link_cfg link = link_config(2, &t);
    struct board_cfg c = *cfg;
    struct board_status s;
    struct run r;
    c.run3 = run3;
    start(&r, &c, &link);
    while (r.w->source > 0)
        step(&r);
    wiring_status(r.w, &s);
    for (unsigned l = 0; l < LANES; l++) {
        CU_ASSERT_EQUAL(s.lane[l].words, 2 * (BX_PER_ORBIT - GAP_BX) * FRAMES + 4 * FRAMES);
        CU_ASSERT_EQUAL(s.lane[l].crc_ok, 2);
        CU_ASSERT_EQUAL(s.lane[l].crc_bad + s.lane[l].k_errors + s.lane[l].lock_losses, 0);
        CU_ASSERT_EQUAL(s.lane[l].cdc_overflows, 0);
        CU_ASSERT_EQUAL(s.lane[l].link_id, 0xabc00 + l);
    }
    CU_ASSERT_EQUAL(s.align_losses + s.align_overflows + s.mismatches, 0);
    run_to_end(&r);
    wiring_status(r.w, &s);
    CU_ASSERT_EQUAL(s.pack_orbits, 2);
    CU_ASSERT_EQUAL(s.pack_packets, 1);
    CU_ASSERT(r.kept > 100);
    CU_ASSERT_EQUAL(r.skipped > 0, heavy);
    finish(&r);
}

static void test_content_is_golden_in_every_mode(void)
{
    for (unsigned corrections = PACK_NONE; corrections <= PACK_APPENDED; corrections++)
        for (unsigned i = 0; i < 4; i++) {
            struct board_cfg cfg = wiring_board_cfg();
            cfg.pack_corrections = corrections;
            cfg.feed_select = i == 3 ? FEED_BARREL_FINAL : FEED_ALL;
            cfg.feed_depth = 4;
            cfg.engines = i & 2 ? 1 : 2;
            cfg.pack_depth = MAX_PACK_DEPTH;
            cfg.dma_depth = MAX_DMA_DEPTH;
            cfg.sync_stages = 2 + i % 3;
            run_clean(&cfg, i & 1, i == 2);
        }
}

static void shuffle(struct rng *rng, uint8_t order[STEPS])
{
    for (unsigned i = STEPS - 1; i > 0; i--) {
        unsigned j = rng_below(rng, i + 1);
        uint8_t other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
}

static void check_same_bus(const struct wiring *a, const struct wiring *b)
{
    CU_ASSERT_EQUAL_FATAL(memcmp(&a->line, &b->line, sizeof a->line), 0);
    CU_ASSERT_EQUAL_FATAL(memcmp(&a->board, &b->board, sizeof a->board), 0);
    CU_ASSERT_EQUAL_FATAL(memcmp(&a->host, &b->host, sizeof a->host), 0);
}

/* Stalls that come and go; heavy traffic makes the FIFOs full. */
static int stalled(struct rng *rng, int now)
{
    return rng_below(rng, now ? 3000 : 4000) ? now : !now;
}

/* With all clocks equal every instant has edges of all domains. */
static void test_order_of_calls_does_not_show(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct generator_cfg t = traffic(1);
        struct gmt_link_cfg link = link_config(1, &t);
        struct link_fault fault = {FAULT_DROP_WORD, FIRST_ORBIT, 1000, 2, 4, 1};
        struct board_cfg cfg = wiring_board_cfg();
        struct rng rng;
        cfg.dma_depth = 1000;
        cfg.dma_reserve = 0;
        link.faults = &fault;
        link.fault_count = 1;
        link.start_bx = 3300;
        rng_seed(&rng, test_seed() + i);
        struct wiring *a = wiring_new(&cfg, &link, kernels), *b = wiring_new(&cfg, &link, kernels);
        CU_ASSERT_FATAL(a && b);
        a->hz[DOMAIN_BOARD] = b->hz[DOMAIN_BOARD] = i ? 250000000 : link.payload_hz;
        uint64_t frames = 0;
        while (a->source > 0) {
            shuffle(&rng, b->order);
            a->bus_ready = b->bus_ready = !stalled(&rng, !a->bus_ready);
            wiring_step(a);
            wiring_step(b);
            check_same_bus(a, b);
            frames += a->host.dma.valid;
        }
        CU_ASSERT(frames > 1000);
        struct board_status s;
        wiring_status(a, &s);
        CU_ASSERT(s.align_losses > 0 && s.pack_dropped_bx + s.pack_dropped_orbits > 0);
        wiring_free(a);
        wiring_free(b);
    }
}

static void test_stalled_host(void)
{
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (unsigned policy = DROP_ORBIT; policy <= DROP_BX; policy++) {
        struct generator_cfg t = traffic(1);
        struct gmt_link_cfg link = link_config(6, &t);
        struct board_cfg cfg = wiring_board_cfg();
        struct run r;
        cfg.drop_policy = policy;
        cfg.dma_depth = 2000;
        cfg.dma_reserve = 1500;
        cfg.orbits_per_packet = 2;
        start(&r, &cfg, &link);
        while (r.w->source > 0) {
            r.w->bus_ready = !stalled(&rng, !r.w->bus_ready) && rng_below(&rng, 2);
            step(&r);
        }
        run_to_end(&r);
        CU_ASSERT(r.dropped > 0);
        CU_ASSERT(policy == DROP_BX || r.refused > 0);
        CU_ASSERT(r.most_in_dma > cfg.dma_depth - 4); /* it was filled */
        finish(&r);
    }
}

static void run_with_fault(struct run *r, struct link_fault fault, unsigned orbits)
{
    struct generator_cfg t = traffic(0);
    struct gmt_link_cfg link = link_config(orbits, &t);
    struct board_cfg cfg = wiring_board_cfg();
    fault.orbit = FIRST_ORBIT;
    link.faults = &fault;
    link.fault_count = 1;
    start(r, &cfg, &link);
    run_to_end(r);
}

static void test_slipped_word_aborts_one_orbit(void)
{
    struct board_status s;
    struct run r;
    run_with_fault(&r, (struct link_fault){.kind = FAULT_INSERT_WORD, .bx = 100, .lane = 5, .value = 1}, 3);
    wiring_status(r.w, &s);
    CU_ASSERT_EQUAL(s.align_losses, 1);
    CU_ASSERT_EQUAL(s.align_overflows, 0);
    CU_ASSERT_EQUAL(s.lane[5].crc_bad, 1); /* the word was in there twice */
    CU_ASSERT_EQUAL(s.lane[5].crc_ok, 2);
    CU_ASSERT(s.mismatches > 3000);   /* that lane's claims are wrong from the slip on */
    CU_ASSERT_EQUAL(s.pack_orbits, 3); /* the first one broke off in the gap and was closed by the second */
    finish(&r);
}

static void test_bit_flip_is_flagged_after_its_window(void)
{
    struct run r;
    struct generator_cfg t = traffic(0);
    struct link_fault fault = {FAULT_BIT_FLIP, FIRST_ORBIT, 100, 0, 2, 20};
    struct gmt_link_cfg link = link_config(2, &t);
    struct board_cfg cfg = wiring_board_cfg();
    uint32_t flagged = 0;
    link.faults = &fault;
    link.fault_count = 1;
    start(&r, &cfg, &link);
    while (r.w->source > 0) {
        wiring_step(r.w);
        const struct link_align_out *bx = &r.w->board.link_align;
        if (!(r.w->ticked >> DOMAIN_BOARD & 1) || !bx->valid)
            continue;
        int late = bx->orbit == FIRST_ORBIT ? bx->bx >= 3560 : bx->bx < 3555;
        CU_ASSERT_EQUAL(bx->crc_bad, late ? 4 : 0);
        CU_ASSERT_EQUAL(bx->err, 0);
        flagged += bx->crc_bad != 0;
    }
    CU_ASSERT_EQUAL(flagged, BX_PER_ORBIT - GAP_BX);
    finish(&r);
}

static void test_k_error_is_flagged_in_its_bx(void)
{
    struct run r;
    struct generator_cfg t = traffic(0);
    struct link_fault fault = {FAULT_K_ERROR, FIRST_ORBIT, 100, 3, 6, 2};
    struct gmt_link_cfg link = link_config(1, &t);
    struct board_cfg cfg = wiring_board_cfg();
    uint32_t flagged = 0;
    link.faults = &fault;
    link.fault_count = 1;
    start(&r, &cfg, &link);
    while (r.w->source > 0) {
        wiring_step(r.w);
        const struct link_align_out *bx = &r.w->board.link_align;
        if (!(r.w->ticked >> DOMAIN_BOARD & 1) || !bx->valid)
            continue;
        CU_ASSERT_EQUAL(bx->err, bx->bx == 100 ? 0x40 : 0);
        CU_ASSERT_EQUAL(memcmp(&bx->block, gmt_link_sent(r.w->link, bx->orbit, bx->bx), sizeof bx->block), 0);
        flagged += bx->err != 0;
    }
    CU_ASSERT_EQUAL(flagged, 1);
    finish(&r);
}

static void test_lane_off_overflows_and_all_comes_back(void)
{
    struct board_status s;
    struct run r;
    run_with_fault(&r, (struct link_fault){.kind = FAULT_PADS, .bx = 1000, .lane = 1, .value = 400}, 4);
    wiring_status(r.w, &s);
    CU_ASSERT(s.align_overflows >= 1);
    CU_ASSERT_EQUAL(s.lane[1].crc_bad, 1);
    CU_ASSERT(s.lane[1].pads > s.lane[0].pads + 350);
    CU_ASSERT_EQUAL(s.lane[1].lock_losses, 0);
    CU_ASSERT_EQUAL(s.pack_orbits, 4);
    finish(&r);
    run_with_fault(&r, (struct link_fault){.kind = FAULT_COMMAS, .bx = 1000, .lane = 1, .value = 400}, 4);
    wiring_status(r.w, &s);
    CU_ASSERT(s.lane[1].commas > s.lane[0].commas + 350);
    CU_ASSERT_EQUAL(s.pack_orbits, 4);
    finish(&r);
}

static void test_prepare_kernels(void)
{
    kernels = wiring_make_kernels(3, 11);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kernels);
}

static void test_remove_kernels(void)
{
    wiring_remove_kernels(kernels);
    generator_free(generator);
    CU_PASS("done");
}

TEST_MAIN("model/chain", TEST(test_prepare_kernels), TEST(test_content_is_golden_in_every_mode),
          TEST(test_order_of_calls_does_not_show), TEST(test_stalled_host),
          TEST(test_slipped_word_aborts_one_orbit),
          TEST(test_bit_flip_is_flagged_after_its_window), TEST(test_k_error_is_flagged_in_its_bx),
          TEST(test_lane_off_overflows_and_all_comes_back), TEST(test_remove_kernels))

/* rtl/ against docs/chain.md, by way of the C step models: every field of every boundary at every edge, over
 * random link streams with faults, over words that make no sense, and over boundaries driven at random in
 * mid-chain. */
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/rtl/bench.h"

#include "emu/model/gmt_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ALL_DOMAINS = (1 << DOMAINS) - 1, STATUS_EVERY = 5000 };

static struct board_cfg usual_cfg(void)
{
    return (struct board_cfg){.run3 = 1,
                              .gap_first = LINK_GAP_FIRST,
                              .final_lanes = 0x0f,
                              .align_depth = 128,
                              .zs_pt_min = 1,
                              .zs_slots = 0xffff,
                              .feed_select = FEED_ALL,
                              .feed_depth = 4,
                              .engines = 3,
                              .pack_corrections = PACK_IN_PLACE,
                              .pack_depth = 16,
                              .orbits_per_packet = 2,
                              .drop_policy = DROP_ORBIT,
                              .dma_depth = 256,
                              .dma_reserve = 64,
                              .sync_stages = 2};
}

/* A random configuration within what board_cfg.h accepts; engines and stages are the board's. */
static struct board_cfg random_cfg(struct rng *r, uint8_t engines, uint8_t stages)
{
    struct board_cfg c = usual_cfg();
    c.run3 = rng_below(r, 2);
    c.final_lanes = (uint8_t)rng_below(r, 256);
    c.align_depth = (uint16_t)(8 + rng_below(r, rng_below(r, 2) ? 57 : MAX_ALIGN_DEPTH - 7));
    c.zs_pt_min = (uint16_t)rng_below(r, rng_below(r, 2) ? 2 : 512);
    c.zs_slots = (uint16_t)(rng_below(r, 2) ? 0xffff : rng_below(r, 65536));
    c.feed_select = (uint8_t)rng_below(r, 3);
    c.feed_depth = (uint8_t)(1 + rng_below(r, rng_below(r, 2) ? 2 : MAX_FEED_DEPTH));
    c.engines = engines;
    c.pack_corrections = (uint8_t)rng_below(r, 3);
    c.pack_depth = (uint8_t)(4 + rng_below(r, MAX_PACK_DEPTH - 3));
    c.orbits_per_packet = (uint16_t)(1 + rng_below(r, 4));
    c.drop_policy = (uint8_t)rng_below(r, 2);
    c.dma_depth = (uint16_t)(64 + rng_below(r, rng_below(r, 2) ? 200 : MAX_DMA_DEPTH - 63));
    c.dma_reserve = (uint16_t)rng_below(r, c.dma_depth + 1u);
    c.sync_stages = stages;
    return c;
}

/* ---- time ---- */

/* Domains of the next instant: periodic clocks, or any. */
struct pace {
    uint64_t period[DOMAINS], next[DOMAINS]; /* period 0: any */
};

static unsigned pace_next(struct pace *p, struct rng *r)
{
    if (!p->period[0])
        return 1 + rng_below(r, ALL_DOMAINS);
    uint64_t t = UINT64_MAX;
    unsigned domains = 0;
    for (unsigned d = 0; d < DOMAINS; d++)
        t = p->next[d] < t ? p->next[d] : t;
    for (unsigned d = 0; d < DOMAINS; d++)
        if (p->next[d] == t) {
            domains |= 1u << d;
            p->next[d] += p->period[d];
        }
    return domains;
}

static struct pace real_pace(void) /* 250, 240.4734 and 250 MHz, in units of 0.1 fs */
{
    return (struct pace){.period = {40000000, 41584641, 40000000}};
}

/* ---- muons ---- */

static void random_block(struct rng *r, int run3, uint32_t orbit, uint16_t bx, uint32_t muon_ppm,
                         struct bx_block *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned l = 0; l < LANES; l++) {
        out->w[l] = run3 ? orbit : bx;
        out->w[LANES + l] = run3 ? bx | (uint32_t)rng_next(r) << 13 : orbit;
    }
    for (unsigned i = 2 * LANES; i < BX_WORDS; i++)
        if (rng_chance(r, muon_ppm))
            out->w[i] = (uint32_t)rng_next(r);
}

/* Keeps the corners in reach: pT codes 0, 1, 510, 511, phi at its ends, index bits at the barrel's. */
static void random_corner(struct rng *r, struct bx_block *b)
{
    static const uint32_t pt[] = {0, 1, 2, 509, 510, 511}, phi[] = {0, 1, 574, 575, 576, 1023};
    unsigned l = rng_below(r, LANES), low = (2 + 2 * rng_below(r, 2)) * LANES + l;
    b->w[low] = phi[rng_below(r, 6)] | pt[rng_below(r, 6)] << 10 | (uint32_t)rng_below(r, 512) << 23;
    b->w[low + LANES] = (35 + rng_below(r, 38)) << 4;
}

/* ---- stimulus at the links ---- */

struct stream {
    struct rng *rng;
    int run3;
};

static int stream_block(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    struct stream *s = ctx;
    uint32_t ppm = bx % 512 < 100 ? 300000 : 10000; /* bursts fill the queues */
    random_block(s->rng, s->run3, orbit, bx, ppm, out);
    if (rng_chance(s->rng, 100000))
        random_corner(s->rng, out);
    if (rng_chance(s->rng, 1000)) /* a lane that claims another BX */
        out->w[(s->run3 ? LANES : 0) + rng_below(s->rng, LANES)] ^= 1u << rng_below(s->rng, 13);
    return 0;
}

enum { FAULTS = 60, FAULT_ORBITS = 4 };

/* Faults of all kinds, far enough apart that they do not touch; what slips one way slips back next time. */
static void random_faults(struct rng *r, struct link_fault *f)
{
    for (unsigned i = 0; i < FAULTS; i++) {
        uint32_t kind = rng_below(r, LINK_FAULT_KINDS),
                 at = 3600 + i * (FAULT_ORBITS * BX_PER_ORBIT / FAULTS);
        uint32_t span = link_fault_info[kind].max - link_fault_info[kind].min + 1;
        f[i] = (struct link_fault){
            .kind = kind, .orbit = at / BX_PER_ORBIT, .bx = (uint16_t)(at % BX_PER_ORBIT)};
        f[i].frame = (uint8_t)rng_below(r, FRAMES);
        f[i].lane = (uint8_t)rng_below(r, LANES);
        f[i].value = link_fault_info[kind].min + rng_below(r, span < 40 ? span : 40);
    }
}

static struct gmt_link *open_stream(struct rng *r, const struct board_cfg *cfg, struct stream *s,
                                    uint16_t skew)
{
    struct link_fault faults[FAULTS];
    struct message m;
    struct gmt_link_cfg link = {.payload_hz = 240473400,
                                .line_hz = 250000000,
                                .orbits = 1000,
                                .gap_first = cfg->gap_first,
                                .start_bx = (uint16_t)(BX_PER_ORBIT - 1 - rng_below(r, 60)),
                                .start_frame = (uint8_t)rng_below(r, FRAMES),
                                .faults = faults,
                                .fault_count = FAULTS,
                                .source = {stream_block, NULL, s}};
    for (unsigned l = 0; l < LANES; l++) {
        link.skew[l] = (uint16_t)rng_below(r, skew + 1u);
        link.link_id[l] = rng_below(r, 1 << 20);
    }
    *s = (struct stream){r, cfg->run3};
    struct gmt_link *g;
    do /* the draw that slips too far is refused */
        random_faults(r, faults);
    while (!(g = gmt_link_open(&link, &m)));
    return g;
}

/* Words in runs, most of them out of place. */
struct noise {
    uint8_t kind[LANES], left[LANES];
};

static void noise_next(struct noise *n, struct rng *r, struct line_in *in)
{
    for (unsigned l = 0; l < LANES; l++) {
        if (n->left[l] == 0) {
            n->kind[l] = (uint8_t)rng_below(r, 16);
            n->left[l] = (uint8_t)(1 + rng_below(r, 4));
        }
        n->left[l]--;
        in->data[l] = (uint32_t)rng_next(r);
        in->k[l] = 0;
        if (n->kind[l] >= 6 && n->kind[l] < 12)
            in->data[l] = LINK_COMMA, in->k[l] = LINK_K_COMMA;
        else if (n->kind[l] >= 12 && n->kind[l] < 14)
            in->data[l] = LINK_PADDING, in->k[l] = LINK_K_PADDING;
        else if (n->kind[l] >= 14)
            in->k[l] = (uint8_t)rng_below(r, 16);
        if (rng_chance(r, 20000))
            in->k[l] ^= (uint8_t)rng_below(r, 16);
    }
}

/* ---- runs ---- */

struct run {
    struct bench *bench;
    struct rng rng;
    struct pace pace;
    uint32_t stall_ppm;         /* the host bus refuses a frame */
    uint32_t stop_ppm;          /* Stop changes */
    struct board_status status; /* at the end */
};

static int run_open(struct run *run, const char *board, const struct board_cfg *cfg, uint64_t salt)
{
    memset(run, 0, sizeof *run);
    rng_seed(&run->rng, test_seed() ^ salt << 32);
    run->bench = bench_new(board, KERNELS, cfg, test_seed() + salt);
    CU_ASSERT_PTR_NOT_NULL(run->bench);
    return run->bench ? 0 : -1;
}

static void run_close(struct run *run)
{
    if (run->bench)
        bench_status(run->bench, &run->status);
    CU_ASSERT_TRUE(run->bench && !run->bench->failed && run->bench->compared > run->bench->edges);
    bench_free(run->bench);
}

/* One instant with random stalls and stops. */
static int run_edge(struct run *run, unsigned domains)
{
    struct bench *b = run->bench;
    if (rng_chance(&run->rng, run->stall_ppm / 50))
        b->bus_ready = !b->bus_ready; /* long stalls */
    int ready = b->bus_ready;
    if (rng_chance(&run->rng, run->stall_ppm))
        b->bus_ready = 0;
    b->stop ^= rng_chance(&run->rng, run->stop_ppm);
    int result = bench_edge(b, domains);
    b->bus_ready = (uint8_t)ready;
    if (result == 0 && b->edges % STATUS_EVERY == 0)
        result = bench_status(b, &run->status);
    return result;
}

static void run_stream(struct run *run, uint16_t skew, uint64_t instants)
{
    struct stream source;
    struct gmt_link *g = open_stream(&run->rng, &run->bench->cfg, &source, skew);
    for (uint64_t i = 0; i < instants; i++) {
        unsigned domains = pace_next(&run->pace, &run->rng);
        if (domains >> DOMAIN_LINE & 1)
            gmt_link_next(g, &run->bench->in, NULL);
        if (run_edge(run, domains) < 0)
            break;
    }
    gmt_link_close(g);
}

/* ---- link streams ---- */

static const struct {
    const char *so;
    uint8_t engines, stages;
} boards[] = {{BOARDS "/student_3/board.so", 3, 2},
              {BOARDS "/test_1_4/board.so", 1, 4},
              {BOARDS "/test_2_3/board.so", 2, 3}};

enum { BOARD_KINDS = sizeof boards / sizeof *boards };

static void test_link_streams_with_faults(void)
{
    uint32_t blocks = 0, losses = 0, packets = 0, crc_bad = 0;
    for (unsigned i = 0; i < BOARD_KINDS; i++) {
        struct run run;
        struct board_cfg cfg = usual_cfg();
        cfg.engines = boards[i].engines;
        cfg.sync_stages = boards[i].stages;
        cfg.run3 = i % 2 == 0;
        if (run_open(&run, boards[i].so, &cfg, i) < 0)
            return;
        run.pace = real_pace();
        run.stall_ppm = 100000 * i;
        run_stream(&run, (uint16_t)(20 * i), 200000);
        run_close(&run);
        blocks += run.status.feed_queued;
        losses += run.status.align_losses + run.status.align_overflows;
        packets += run.status.pack_packets;
        for (unsigned l = 0; l < LANES; l++)
            crc_bad += run.status.lane[l].crc_bad;
    }
    /* the streams did reach these */
    CU_ASSERT_TRUE(blocks > 10000 && losses > 5 && packets > 0 && crc_bad > 0);
}

static void test_link_streams_any_configuration(void)
{
    for (unsigned i = 0; i < 8; i++) {
        struct run run;
        struct rng r;
        rng_seed(&r, test_seed() + i);
        struct board_cfg cfg =
            random_cfg(&r, boards[i % BOARD_KINDS].engines, boards[i % BOARD_KINDS].stages);
        cfg.gap_first = (uint16_t)(i == 0 ? 3559 : rng_below(&r, BX_PER_ORBIT));
        if (run_open(&run, boards[i % BOARD_KINDS].so, &cfg, 100 + i) < 0)
            return;
        run.pace = real_pace();
        run.pace.next[DOMAIN_BOARD] = rng_below(&r, 40000000);
        run.stall_ppm = 400000 * (i % 2);
        run.stop_ppm = 100;
        run.bench->inject = i % 4 == 3 ? rng_below(&r, 1u << BLOCKS) : 0; /* some blocks are models */
        run_stream(&run, 30, 90000);
        run_close(&run);
    }
}

static void test_words_out_of_place(void)
{
    uint32_t crc_bad = 0, losses = 0, overflows = 0;
    for (unsigned i = 0; i < BOARD_KINDS; i++) {
        struct run run;
        struct noise noise = {0};
        struct rng r;
        rng_seed(&r, test_seed() + i);
        struct board_cfg cfg = random_cfg(&r, boards[i].engines, boards[i].stages);
        if (run_open(&run, boards[i].so, &cfg, 200 + i) < 0)
            return;
        for (unsigned n = 0; n < 60000; n++) {
            /* any order of edges: the crossing overflows too */
            unsigned domains = pace_next(&run.pace, &run.rng);
            if (domains >> DOMAIN_LINE & 1)
                noise_next(&noise, &run.rng, &run.bench->in);
            if (n % 2048 < 256)
                domains &= ~(1u << DOMAIN_BOARD);
            if (domains && run_edge(&run, domains) < 0)
                break;
        }
        run_close(&run);
        for (unsigned l = 0; l < LANES; l++) {
            crc_bad += run.status.lane[l].crc_bad;
            losses += run.status.lane[l].lock_losses;
            overflows += run.status.lane[l].cdc_overflows;
        }
    }
    CU_ASSERT_TRUE(crc_bad > 100 && losses > 100 && overflows > 100);
}

/* ---- boundaries driven in mid-chain ---- */

/* The lanes as a careless receiver might give them: orbits that break off, words that are missing, late
 * lanes. */
struct lanes {
    uint32_t at[LANES]; /* words of the orbit given so far */
    uint32_t length;    /* words after which all lanes start over */
};

static void drive_lanes(struct lanes *s, struct rng *r, const struct board_cfg *cfg, struct cdc_rx_out *out)
{
    out->valid = 0;
    for (unsigned l = 0; l < LANES; l++) {
        uint8_t lane = (uint8_t)(1u << l);
        if (!rng_chance(r, 900000))
            continue;
        if (s->at[l] >= s->length)
            s->at[l] = 0;
        uint32_t word = s->at[l]++, frame = word % FRAMES;
        uint32_t bx = (cfg->gap_first + GAP_BX + word / FRAMES) % BX_PER_ORBIT;
        out->valid |= lane;
        out->first = word == 0 ? out->first | lane : out->first & ~lane;
        out->err = rng_chance(r, 1000) ? out->err | lane : out->err & ~lane;
        out->crc_bad = rng_chance(r, 300000) ? out->crc_bad | lane : out->crc_bad & ~lane;
        out->data[l] = frame == (cfg->run3 ? 1u : 0u) && !rng_chance(r, 10000) ? bx : (uint32_t)rng_next(r);
        if (rng_chance(r, 30))
            s->at[l]++; /* a word is missing */
    }
}

static void test_alignment_of_careless_lanes(void)
{
    uint32_t losses = 0, overflows = 0, mismatches = 0;
    for (unsigned i = 0; i < 6; i++) {
        struct run run;
        struct rng r;
        rng_seed(&r, test_seed() + i);
        struct board_cfg cfg =
            random_cfg(&r, boards[i % BOARD_KINDS].engines, boards[i % BOARD_KINDS].stages);
        cfg.gap_first = i % 2 ? 3559 : 3557; /* behind the gap comes BX 0, or nearly */
        struct lanes lanes = {.length = 6 * (20 + 100 * i)};
        if (run_open(&run, boards[i % BOARD_KINDS].so, &cfg, 300 + i) < 0)
            return;
        run.bench->inject = run.bench->drive = 1u << BLOCK_CDC_RX;
        for (unsigned n = 0; n < 30000; n++) {
            unsigned domains = 1 + rng_below(&run.rng, ALL_DOMAINS);
            if (domains >> DOMAIN_BOARD & 1)
                drive_lanes(&lanes, &run.rng, &cfg, &run.bench->seen.board.cdc_rx);
            if (run_edge(&run, domains) < 0)
                break;
        }
        run_close(&run);
        losses += run.status.align_losses;
        overflows += run.status.align_overflows;
        mismatches += run.status.mismatches;
    }
    CU_ASSERT_TRUE(losses > 10 && overflows > 10 && mismatches > 10);
}

/* Orbits of a few BX: starts, ends, what breaks off, what is dropped. */
struct orbits {
    uint32_t orbit;
    uint16_t bx;
    uint8_t wait; /* board edges to the next BX */
};

static void drive_blocks(struct orbits *s, struct rng *r, const struct board_cfg *cfg, uint32_t muon_ppm,
                         struct link_align_out *out)
{
    out->valid = 0;
    if (s->wait-- > 0)
        return;
    s->wait = (uint8_t)(rng_chance(r, 900000) ? 5 : rng_below(r, 12));
    out->valid = 1;
    out->bx = s->bx;
    out->orbit = s->orbit;
    out->err = (uint8_t)rng_next(r);
    out->crc_bad = (uint8_t)rng_next(r);
    out->mismatch = (uint8_t)rng_next(r);
    random_block(r, cfg->run3, s->orbit, s->bx, muon_ppm, &out->block);
    if (rng_chance(r, 200000))
        random_corner(r, &out->block);
    int ends = s->bx == BX_PER_ORBIT - 1 || rng_chance(r, 5000); /* some orbits break off */
    s->orbit += ends;
    if (ends) /* now and then an orbit's start is missing */
        s->bx = (uint16_t)(rng_chance(r, 900000) ? 0 : 1 + rng_below(r, BX_PER_ORBIT - 2));
    else
        s->bx = (uint16_t)(rng_chance(r, 50000) ? BX_PER_ORBIT - 1 : s->bx + 1);
}

static void add_up(struct board_status *sum, const struct board_status *s)
{
    sum->feed_queued += s->feed_queued;
    sum->feed_skipped += s->feed_skipped;
    sum->pack_dropped_orbits += s->pack_dropped_orbits;
    sum->pack_dropped_bx += s->pack_dropped_bx;
    sum->pack_orbits += s->pack_orbits;
    sum->pack_packets += s->pack_packets;
}

static void test_short_orbits(void)
{
    struct board_status sum = {0};
    for (unsigned i = 0; i < 18; i++) {
        struct run run;
        struct orbits orbits = {0};
        struct rng r;
        rng_seed(&r, test_seed() + i);
        struct board_cfg cfg =
            random_cfg(&r, boards[i % BOARD_KINDS].engines, boards[i % BOARD_KINDS].stages);
        if (run_open(&run, boards[i % BOARD_KINDS].so, &cfg, 400 + i) < 0)
            return;
        run.bench->drive = 1u << BLOCK_LINK_ALIGN;
        run.bench->inject = run.bench->drive | (i % 3 == 2 ? rng_below(&r, 1u << BLOCKS) : 0);
        run.stall_ppm = i % 4 < 2 ? 0 : 600000;
        run.stop_ppm = 300;
        for (unsigned n = 0; n < 25000; n++) {
            unsigned domains = 1 + rng_below(&run.rng, ALL_DOMAINS);
            if (domains >> DOMAIN_BOARD & 1) {
                drive_blocks(&orbits, &run.rng, &cfg, 100000 * (i % 6), &run.bench->seen.board.link_align);
                run.bench->losses = (uint32_t)rng_next(&run.rng);
            }
            if (run_edge(&run, domains) < 0)
                break;
        }
        run_close(&run);
        add_up(&sum, &run.status);
    }
    CU_ASSERT_TRUE(sum.feed_queued > 1000 && sum.feed_skipped > 100 && sum.pack_dropped_orbits > 10);
    CU_ASSERT_TRUE(sum.pack_dropped_bx > 100 && sum.pack_orbits > 100 && sum.pack_packets > 50);
}

/* A reset in mid-run brings everything back to the start, whatever it interrupts. */
static void test_reset_in_mid_run(void)
{
    struct run first, second;
    struct board_cfg cfg = usual_cfg();
    if (run_open(&first, boards[0].so, &cfg, 500) < 0)
        return;
    first.pace = real_pace();
    run_stream(&first, 10, 100000);
    if (run_open(&second, boards[0].so, &cfg, 501) < 0)
        return;
    board_rtl_close(second.bench->rtl);
    second.bench->rtl = first.bench->rtl; /* this one has a past */
    board_rtl_reset(second.bench->rtl);
    second.pace = real_pace();
    run_stream(&second, 10, 100000);
    first.bench->rtl = NULL;
    CU_ASSERT_FALSE(first.bench->failed);
    bench_free(first.bench);
    run_close(&second);
}

TEST_MAIN("rtl/lockstep", TEST(test_link_streams_with_faults), TEST(test_link_streams_any_configuration),
          TEST(test_words_out_of_place), TEST(test_alignment_of_careless_lanes), TEST(test_short_orbits),
          TEST(test_reset_in_mid_run))

/* The steps of link_rx and link_align against golden's decoder, which knows no clocks, on links with random
 * skew and faults of every kind: every BX with its flags and every counter must agree, loss and return of
 * alignment included. */
#include "emu/model/link_align.h"
#include "emu/model/link_rx.h"
#include "golden/formats/bx_frames.h"
#include "golden/formats/link_decode.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ORBITS = 4, RUNS = 60, TICKS = ORBITS * BX_PER_ORBIT * 7, DEPTH = MAX_ALIGN_DEPTH, FAULTS = 12 };

struct found {
    struct bx_block block;
    struct decoded_bx info;
};

static struct {
    enum link_format format;
    uint16_t gap_first;
    struct link_tick sent[TICKS], line[TICKS];
    size_t n; /* ticks */
    struct found found[ORBITS * BX_PER_ORBIT];
    size_t n_found;
} run;

static void send(struct rng *r)
{
    struct link_lanes lanes;
    uint32_t ids[LANES];
    for (unsigned l = 0; l < LANES; l++)
        ids[l] = rng_below(r, 1 << 20);
    run.format = (enum link_format)rng_below(r, 2);
    run.gap_first = (uint16_t)(rng_below(r, 4) ? LINK_GAP_FIRST : rng_below(r, BX_PER_ORBIT));
    link_lanes_init(&lanes, run.gap_first, ids, 6 * UINT64_C(40078900), 250000000);
    run.n = 0;
    for (uint32_t bx = rng_below(r, BX_PER_ORBIT); bx < ORBITS * BX_PER_ORBIT; bx++) {
        struct bx_content c = {.orbit = bx / BX_PER_ORBIT, .bx = (uint16_t)(bx % BX_PER_ORBIT)};
        struct bx_block block;
        for (unsigned slot = 0; slot < SLOTS; slot++)
            c.muon[slot].v = rng_below(r, 5) ? 0 : rng_next(r);
        bx_frames_build(&block, run.format, &c);
        run.n += link_lanes_bx(&lanes, c.bx, &block, run.sent + run.n);
    }
}

static void put(size_t tick, unsigned lane, uint32_t data, unsigned k)
{
    run.line[tick].data[lane] = data;
    run.line[tick].k[lane] = (uint8_t)k;
}

static void skew(struct rng *r)
{
    static const unsigned most[] = {1, 10, 150};
    unsigned limit = most[rng_below(r, 3)];
    for (unsigned l = 0; l < LANES; l++) {
        unsigned lag = rng_below(r, limit);
        for (size_t i = 0; i < run.n; i++) {
            const struct link_tick *from = &run.sent[i < lag ? 0 : i - lag];
            put(i, l, i < lag ? LINK_PADDING : from->data[l], i < lag ? LINK_K_PADDING : from->k[l]);
        }
    }
}

static void slip(size_t at, unsigned lane, int lost)
{
    for (size_t i = at; lost && i + 1 < run.n; i++)
        put(i, lane, run.line[i + 1].data[lane], run.line[i + 1].k[lane]);
    for (size_t i = run.n - 1; !lost && i > at; i--)
        put(i, lane, run.line[i - 1].data[lane], run.line[i - 1].k[lane]);
}

/* The next gap from a tick on, give or take some words. */
static size_t near_gap(struct rng *r, size_t at, unsigned lane)
{
    while (at < run.n - 100 && run.line[at].k[lane] != LINK_K_COMMA)
        at++;
    return at + rng_below(r, 40) - rng_below(r, 10);
}

static void spoil(struct rng *r)
{
    size_t at = 100 + rng_below(r, (uint32_t)run.n - 2000);
    unsigned lane = rng_below(r, LANES), kind = rng_below(r, 7), length = rng_below(r, 400);
    if (kind >= 5)
        at = near_gap(r, at, lane);
    switch (kind) {
    case 0:
        run.line[at].data[lane] ^= 1u << rng_below(r, 32);
        break;
    case 1:
        run.line[at].k[lane] ^= (uint8_t)(1u << rng_below(r, 4));
        break;
    case 2:
    case 3:
        slip(at, lane, kind == 2);
        break;
    case 4: /* no light for a while */
        for (size_t i = at; i < at + length; i++)
            put(i, lane, LINK_PADDING, LINK_K_PADDING);
        break;
    case 5:
        put(at, lane, LINK_COMMA, LINK_K_COMMA);
        break;
    default:
        put(at, lane, (uint32_t)rng_next(r), rng_below(r, 2) ? LINK_K_DATA : rng_below(r, 16));
    }
}

static void collect(void *ctx, const struct bx_block *blocks, const struct decoded_bx *info, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        run.found[run.n_found++] = (struct found){blocks[i], info[i]};
}

static struct link_decoder_stats decode(struct rng *r)
{
    struct link_decoder_cfg cfg = {run.format, run.gap_first, DEPTH - 1};
    struct link_decoder *d = link_decoder_new(&cfg, collect, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    run.n_found = 0;
    for (size_t i = 0; i < run.n;) {
        size_t n = 1 + rng_below(r, 2000);
        n = n < run.n - i ? n : run.n - i;
        link_decoder_ticks(d, run.line + i, n);
        i += n;
    }
    struct link_decoder_stats stats = *link_decoder_stats(d);
    link_decoder_free(d);
    return stats;
}

struct board {
    struct link_rx rx;
    struct link_align align;
    struct line_in in;
    struct line_bus line;
    struct board_bus bus;
};

/* One edge for both blocks. The crossing between them is left out: it moves words in time, not in order. */
static void step(struct board *b, const struct link_tick *tick)
{
    struct bus_view now = {.in = &b->in, .line = &b->line, .board = &b->bus};
    struct link_rx_out rx = b->line.link_rx;
    struct link_align_out align = b->bus.link_align;
    for (unsigned l = 0; l < LANES; l++) {
        b->in.data[l] = tick ? tick->data[l] : LINK_PADDING;
        b->in.k[l] = tick ? tick->k[l] : LINK_K_PADDING;
    }
    link_rx_step(&b->rx, &now, &rx);
    link_align_step(&b->align, &now, &align);
    b->line.link_rx = rx;
    b->bus.link_align = align;
    b->bus.cdc_rx = (struct cdc_rx_out){rx.valid, rx.first, rx.err, rx.crc_bad, {0}};
    memcpy(b->bus.cdc_rx.data, rx.data, sizeof rx.data);
}

static int same_bx(const struct found *f, const struct link_align_out *out)
{
    return memcmp(&f->block, &out->block, sizeof f->block) == 0 && f->info.bx == out->bx &&
           f->info.orbit == out->orbit && f->info.err == out->err && f->info.crc_bad == out->crc_bad &&
           f->info.mismatch == out->mismatch;
}

static unsigned different_counters(const struct board *b, const struct link_decoder_stats *g)
{
    struct board_status s = {0};
    link_rx_status(&b->rx, &s);
    link_align_status(&b->align, &s);
    unsigned wrong = s.align_losses != g->align_losses || s.align_overflows != g->align_overflows ||
                     s.mismatches != g->mismatches;
    for (unsigned l = 0; l < LANES; l++) {
        const struct lane_status *m = &s.lane[l];
        const struct link_lane_stats *e = &g->lane[l];
        wrong += m->words != e->words || m->commas != e->commas || m->k_errors != e->k_errors ||
                 m->crc_ok != e->crc_ok || m->crc_bad != e->crc_bad || m->lock_losses != e->lock_losses ||
                 m->link_id != e->link_id;
    }
    return wrong;
}

static unsigned compare(const struct link_decoder_stats *golden)
{
    enum { LATENCY = 4 };
    static struct board b;
    struct board_cfg cfg = {.run3 = run.format == LINK_FORMAT_RUN3, .gap_first = run.gap_first,
                            .align_depth = DEPTH};
    size_t seen = 0;
    unsigned wrong = 0;
    memset(&b, 0, sizeof b);
    link_rx_init(&b.rx, &cfg);
    link_align_init(&b.align, &cfg);
    for (size_t i = 0; i < run.n + LATENCY; i++) {
        step(&b, i < run.n ? &run.line[i] : NULL);
        if (!b.bus.link_align.valid)
            continue;
        wrong += seen >= run.n_found || !same_bx(&run.found[seen], &b.bus.link_align);
        seen++;
    }
    return wrong + (seen != run.n_found) + different_counters(&b, golden);
}

static void test_steps_and_golden_agree_under_faults(void)
{
    uint64_t bx = 0, losses = 0, overflows = 0, crc_bad = 0;
    for (unsigned i = 0; i < RUNS; i++) {
        struct rng r;
        rng_seed(&r, test_seed() + i);
        send(&r);
        skew(&r);
        for (unsigned n = rng_below(&r, FAULTS); n > 0; n--)
            spoil(&r);
        struct link_decoder_stats golden = decode(&r);
        unsigned wrong = compare(&golden);
        if (wrong)
            printf("(seed %" PRIu64 ": %u differences) ", test_seed() + i, wrong);
        CU_ASSERT_EQUAL(wrong, 0);
        bx += run.n_found;
        losses += golden.align_losses;
        overflows += golden.align_overflows;
        crc_bad += golden.lane[0].crc_bad;
    }
    printf("(%" PRIu64 " BX, %" PRIu64 " losses, %" PRIu64 " overflows) ", bx, losses, overflows);
    CU_ASSERT(bx > RUNS * BX_PER_ORBIT && losses > 0 && overflows > 0 && crc_bad > 0);
}

TEST_MAIN("model/input_golden", TEST(test_steps_and_golden_agree_under_faults))

#include "tests/chain/rig.h"

#include "emu/check/digest.h"
#include "golden/blocks/muon_feed.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/link_words.h"
#include "tests/model/wiring.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *kernels;
static struct doctor *doctor; /* in the kernels' object */

int rig_begin(unsigned zero_suppress_latency, unsigned recal_latency)
{
    void *object = dlopen(GOLDEN_KERNELS_SO, RTLD_NOW | RTLD_LOCAL);
    doctor = object ? dlsym(object, "doctor") : NULL;
    kernels = wiring_make_kernels_of(GOLDEN_KERNELS_SO, zero_suppress_latency, recal_latency);
    return doctor && kernels ? 0 : -1;
}

void rig_end(void)
{
    wiring_remove_kernels(kernels);
}

const char *rig_kernels(void)
{
    return kernels;
}

struct rig rig_default(void)
{
    struct rig r = {.board = wiring_board_cfg(),
                    .hz = {250000000, 240473400, 250000000},
                    .generator = generator_default(),
                    .first_orbit = 1,
                    .orbits = 2,
                    .start_bx = LINK_GAP_FIRST,
                    .seed = 1,
                    .limit = 1,
                    .quantum = 6 * BX_PER_ORBIT};
    r.board.pack_corrections = PACK_APPENDED;
    r.board.feed_depth = 16;
    r.board.pack_depth = 32;
    return r;
}

/* ---- a run ---- */

struct running {
    const struct rig *rig;
    struct rig_result *result;
    struct generator *generator;
    struct gmt_link *link;
    struct bus_stall stall;
    struct check_log log;
    struct recal_network *network;
    struct watch *watch;
    struct host *host;
    struct chain *chain;
};

static int sink(void *ctx, const uint32_t frame[LANES])
{
    struct running *run = ctx;
    uint32_t w[LANES];
    memcpy(w, frame, sizeof w);
    uint64_t number = run->result->frames++;
    if (run->rig->spoil && run->rig->spoil(run->rig->ctx, (uint32_t)number, w) < 0)
        return -1;
    run->result->frame_digest = digest_words(run->result->frame_digest, w, LANES);
    return host_frame(run->host, w);
}

static void must(const void *made, const struct message *m)
{
    if (made)
        return;
    fprintf(stderr, "rig: %s\n", m->text);
    exit(3);
}

struct generator *rig_generator(const struct rig *r)
{
    struct message m = {""};
    struct generator_cfg cfg = r->generator;
    cfg.format = r->board.run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
    cfg.final_lanes = r->board.final_lanes;
    struct generator *g = generator_new(&cfg, &m);
    must(g, &m);
    return g;
}

static void open_link(struct running *run)
{
    const struct rig *r = run->rig;
    struct message m = {""};
    run->generator = rig_generator(r);
    struct gmt_link_cfg cfg = {.payload_hz = 240473400,
                               .line_hz = r->hz[DOMAIN_LINE],
                               .first_orbit = r->first_orbit,
                               .orbits = r->orbits,
                               .gap_first = r->board.gap_first,
                               .start_bx = r->start_bx,
                               .start_frame = r->start_frame,
                               .faults = r->fault,
                               .fault_count = r->faults,
                               .source = generator_source(run->generator)};
    memcpy(cfg.skew, r->skew, sizeof cfg.skew);
    run->link = gmt_link_open(&cfg, &m);
    must(run->link, &m);
}

static void open_watch(struct running *run)
{
    const struct rig *r = run->rig;
    run->network = recal_network_open("student", "", NULL);
    struct watch_cfg cfg = {.board = r->board,
                            .link = run->link,
                            .network = run->network,
                            .first_orbit = r->first_orbit,
                            .orbits = r->orbits,
                            .start_bx = r->start_bx,
                            .golden = true,
                            .faults = r->faults > 0,
                            .log = &run->log};
    memcpy(cfg.hz, r->hz, sizeof cfg.hz);
    run->watch = watch_new(&cfg);
}

static void open_host(struct running *run)
{
    struct message m = {""};
    const struct board_cfg *b = &run->rig->board;
    struct host_cfg cfg = {.format = b->run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018,
                           .record = b->run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018,
                           .corrections = (enum pack_corrections)b->pack_corrections,
                           .orbits_per_packet = b->orbits_per_packet};
    run->host = host_open(&cfg, &m);
    must(run->host, &m);
}

static void open_chain(struct running *run)
{
    const struct rig *r = run->rig;
    struct message m = {""};
    struct chain_cfg cfg = {.board = r->board,
                            .kernels = kernels,
                            .link = run->link,
                            .stall = &run->stall,
                            .watch = run->watch,
                            .log = &run->log,
                            .sink = sink,
                            .sink_ctx = run,
                            .last_orbit = r->first_orbit + r->orbits - 1,
                            .reverse = r->reverse};
    memcpy(cfg.hz, r->hz, sizeof cfg.hz);
    memcpy(cfg.phase_ps, r->phase_ps, sizeof cfg.phase_ps);
    run->chain = chain_open(&cfg, &m);
    must(run->chain, &m);
}

static void open_run(struct running *run)
{
    const struct rig *r = run->rig;
    static const struct doctor healthy;
    *doctor = r->doctor ? *r->doctor : healthy;
    run->log = (struct check_log){.seed = r->seed, .limit = r->limit};
    bus_stall_init(&run->stall, r->stall, r->stalls, r->stall_per_million, r->stall_cycles, r->seed);
    open_link(run);
    open_watch(run);
    open_host(run);
    open_chain(run);
}

static void collect(struct running *run, struct rig_result *result)
{
    struct watch *w = run->watch;
    chain_status(run->chain, &result->status);
    ledger_close(&w->ledger, &result->status, result->state == CHAIN_DONE, &result->conservation, result->why,
                 sizeof result->why);
    for (int d = 0; d < DOMAINS; d++)
        result->cycles[d] = chain_cycles(run->chain, (enum domain)d);
    for (int b = 0; b < BLOCKS; b++) {
        result->records[b] = w->at[b].records;
        result->content[b] = boundary_watch_content(&w->at[b]);
        result->timing[b] = boundary_watch_timing(&w->at[b]);
    }
    result->offered = w->offered;
    result->inferred = w->inferred;
    result->corrupted_bx = w->corrupted_bx;
    result->compared = run->log.compared;
    result->mismatches = run->log.mismatches;
    result->first = run->log.first;
}

static void close_run(struct running *run)
{
    struct message m;
    chain_close(run->chain);
    host_close(run->host, &run->result->host, &m);
    watch_free(run->watch);
    recal_network_close(run->network);
    gmt_link_close(run->link);
    generator_free(run->generator);
}

struct rig_result rig_run(const struct rig *r)
{
    struct rig_result result = {0};
    struct running run = {.rig = r, .result = &result};
    uint64_t until = 0;
    open_run(&run);
    do
        result.state = chain_run(run.chain, until += r->quantum);
    while (result.state == CHAIN_MORE);
    collect(&run, &result);
    close_run(&run);
    return result;
}

/* ---- golden ---- */

static void count_frame(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    (void)kind;
    (void)index;
    struct rig_expected *e = ctx;
    e->frames++;
    e->frame_digest = digest_words(e->frame_digest, frame->w, LANES);
}

static void pack(const struct rig *r, const struct bx_block *block, uint32_t orbit, uint16_t bx,
                 struct event_packer *p)
{
    struct packed_bx packed = {.orbit = orbit, .bx = bx, .block = *block};
    packed.queued = muon_feed_candidates(block, (enum feed_select)r->board.feed_select, r->board.final_lanes);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        mlp_correct(&mlp_student, (gmt_word){bx_block_muon(block->w, slot)}, &packed.correction[slot]);
    event_packer_bx(p, &packed);
}

static void golden_orbit(const struct rig *r, const struct generator *g, uint32_t orbit,
                         struct event_packer *p, struct rig_expected *e)
{
    struct zero_suppress_cfg zs = {r->board.zs_pt_min, r->board.zs_slots};
    event_packer_begin(p, orbit);
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        struct bx_block block;
        if (link_in_gap(bx, r->board.gap_first))
            continue;
        generator_bx(g, orbit, bx, &block);
        int keep = zero_suppress_keep(&zs, &block);
        e->forwarded += keep;
        e->suppressed += !keep;
        if (keep)
            pack(r, &block, orbit, bx, p);
    }
    event_packer_end(p);
}

struct rig_expected rig_golden(const struct rig *r, uint32_t first_live)
{
    struct rig_expected e = {0};
    struct event_packer p;
    struct generator *g = rig_generator(r);
    event_packer_init(&p, (enum pack_corrections)r->board.pack_corrections, r->board.orbits_per_packet,
                      count_frame, &e);
    for (uint32_t orbit = first_live; orbit != r->first_orbit + r->orbits; orbit++)
        golden_orbit(r, g, orbit, &p, &e);
    event_packer_stop(&p);
    generator_free(g);
    return e;
}

bool rig_held(const struct rig_result *r)
{
    char text[512] = "";
    if (r->mismatches)
        mismatch_text(&r->first, 0, text, sizeof text);
    bool held = r->state == CHAIN_DONE && r->conservation.exact && !r->mismatches && !r->host.errors;
    if (!held)
        printf("\n    state %d, conservation \"%s\", %s, host: %s", r->state, r->why, text,
               r->host.first_error);
    return held;
}

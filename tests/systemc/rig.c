#include "tests/systemc/rig.h"

#include "emu/check/digest.h"
#include "golden/network/recal_network.h"
#include "golden/stimulus/generator.h"
#include "tests/model/wiring.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ORBIT = 5 };

#define CLOCKS {250000000, 240473400, 250000000}

const struct stimulus generator_stimulus = {.name = "generator", .hz = CLOCKS, .engines = 1, .orbits = 10};
const struct stimulus skewed_stimulus = {.name = "skewed links",
                                         .skew = {3, 0, 17, 90, 1, 0, 41, 8},
                                         .hz = CLOCKS,
                                         .phase_ps = {0, 1700, 333},
                                         .engines = 3,
                                         .orbits = 10};
const struct stimulus stalled_stimulus = {.name = "stalled host",
                                          .stall = {{FIRST_ORBIT + 1, 100, 90000},
                                                    {FIRST_ORBIT + 6, 3000, 40000}},
                                          .stalls = 2,
                                          .hz = CLOCKS,
                                          .stall_per_million = 500,
                                          .stall_cycles = 60,
                                          .engines = 2,
                                          .drop_policy = DROP_BX,
                                          .orbits = 10};
/* Every board edge falls on a line edge, every host edge on both. */
const struct stimulus one_clock_stimulus = {.name = "one clock",
                                            .stall_per_million = 2000,
                                            .stall_cycles = 100,
                                            .hz = {250000000, 250000000, 125000000},
                                            .engines = 1,
                                            .orbits = 10};

static int sink(void *ctx, const uint32_t frame[LANES])
{
    struct rig *r = ctx;
    if (r->sink_left-- == 0)
        return -1;
    r->frames++;
    r->frame_digest = digest_words(r->frame_digest, frame, LANES);
    return 0;
}

static int next_bx(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    struct rig *r = ctx;
    return r->source_left-- ? bx_source_next(&r->source, orbit, bx, out) : -1;
}

static int open_link(struct rig *r, const struct stimulus *s, uint64_t seed)
{
    struct generator_cfg shape = generator_default();
    shape.seed = seed;
    struct message m;
    r->generator = generator_new(&shape, &m);
    r->source = generator_source(r->generator);
    r->source_left = s->source_bx ? s->source_bx : UINT64_MAX;
    r->sink_left = s->sink_frames ? s->sink_frames : UINT64_MAX;
    struct gmt_link_cfg cfg = {.payload_hz = 240473400,
                               .line_hz = s->hz[DOMAIN_LINE],
                               .first_orbit = FIRST_ORBIT,
                               .orbits = s->orbits,
                               .gap_first = r->cfg.board.gap_first,
                               .start_bx = 3000,
                               .source = {.next = next_bx, .ctx = r}};
    memcpy(cfg.skew, s->skew, sizeof cfg.skew);
    r->link = gmt_link_open(&cfg, &m);
    if (!r->link)
        fprintf(stderr, "%s\n", m.text);
    return r->link ? 0 : -1;
}

static void open_watch(struct rig *r, const struct stimulus *s)
{
    r->network = recal_network_open("student", "", NULL);
    struct watch_cfg cfg = {.board = r->cfg.board,
                            .hz = {r->cfg.hz[0], r->cfg.hz[1], r->cfg.hz[2]},
                            .link = r->link,
                            .network = r->network,
                            .golden = s->wrong_golden,
                            .first_orbit = FIRST_ORBIT,
                            .orbits = s->orbits,
                            .start_bx = 3000,
                            .log = &r->log};
    r->watch = watch_new(&cfg);
}

struct rig *rig_new(const struct stimulus *s, uint64_t seed, const char *kernels)
{
    struct rig *r = calloc(1, sizeof *r);
    r->log = (struct check_log){.seed = seed, .limit = 1};
    r->cfg = (struct chain_cfg){.board = wiring_board_cfg(),
                                .kernels = kernels,
                                .stall = &r->stall,
                                .log = &r->log,
                                .sink = sink,
                                .sink_ctx = r,
                                .last_orbit = FIRST_ORBIT + s->orbits - 1};
    r->cfg.board.engines = s->engines;
    r->cfg.board.drop_policy = s->drop_policy;
    r->cfg.board.dma_depth = 512;
    r->cfg.board.dma_reserve = 256;
    memcpy(r->cfg.hz, s->hz, sizeof s->hz);
    memcpy(r->cfg.phase_ps, s->phase_ps, sizeof s->phase_ps);
    bus_stall_init(&r->stall, s->stall, s->stalls, s->stall_per_million, s->stall_cycles, seed);
    if (open_link(r, s, seed) < 0)
        exit(3);
    open_watch(r, s);
    r->cfg.link = r->link;
    r->cfg.watch = r->watch;
    return r;
}

void rig_free(struct rig *r)
{
    watch_free(r->watch);
    recal_network_close(r->network);
    gmt_link_close(r->link);
    generator_free(r->generator);
    free(r);
}

void rig_outcome(const struct rig *r, struct outcome *o)
{
    o->frames = r->frames;
    o->frame_digest = r->frame_digest;
    for (int b = 0; b < BLOCKS; b++) {
        o->records[b] = r->watch->at[b].records;
        o->content[b] = boundary_watch_content(&r->watch->at[b]);
        o->timing[b] = boundary_watch_timing(&r->watch->at[b]);
    }
}

static unsigned differ(const char *what, const char *where, uint64_t a, uint64_t b)
{
    if (a != b)
        printf("\n    %s %s: %" PRIx64 " / %" PRIx64, where, what, a, b);
    return a != b;
}

bool outcome_same(const struct outcome *a, const struct outcome *b)
{
    static const char *const domain[DOMAINS] = {"line", "board", "host"};
    unsigned n = differ("state", "end", a->state, b->state) + differ("frames", "host", a->frames, b->frames) +
                 differ("frame digest", "host", a->frame_digest, b->frame_digest);
    for (int d = 0; d < DOMAINS; d++)
        n += differ("cycles", domain[d], a->cycles[d], b->cycles[d]);
    for (int i = 0; i < BLOCKS; i++) {
        const char *name = boundary_info[i].name;
        n += differ("records", name, a->records[i], b->records[i]) +
             differ("content digest", name, a->content[i], b->content[i]) +
             differ("timing digest", name, a->timing[i], b->timing[i]);
    }
    n += differ("counters differ", "status", memcmp(&a->status, &b->status, sizeof a->status) != 0, 0);
    return n == 0;
}

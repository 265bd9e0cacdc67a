#include "emu/bench/stimulus.h"

#include "emu/bench/bench.h"
#include "emu/bench/ways.h"
#include "emu/chain/clock_tree.h"
#include "emu/chain/outside.h"
#include "golden/blocks/zero_suppress.h"

#include <stdlib.h>
#include <string.h>

#define BENCH_SCENARIO BXACT_SOURCE_DIR "/scenarios/pp_fill.cfg"

enum {
    TAIL_ROWS = 2200,         /* idle rows after the last word: the board drains */
    MIN_BLOCK_BYTES = 64 << 20, /* more than caches hold: a fill does not come from a cache */
};

/* ---- the scenario ---- */

static int load_scenario(struct stimulus *s, const char *orbits, const char *seed, struct message *m)
{
    struct scenario_setting set[2];
    char label[2][64];
    size_t sets = 0;
    struct messages text = MESSAGES_EMPTY;
    if (!(s->scenario = scenario_new()))
        return message_set(m, "out of memory");
    if (orbits)
        set[sets++] = (struct scenario_setting){label[0], "run.orbits", orbits};
    if (seed)
        set[sets++] = (struct scenario_setting){label[1], "run.seed", seed};
    snprintf(label[0], sizeof label[0], "--orbits %.40s", orbits ? orbits : "");
    snprintf(label[1], sizeof label[1], "--seed %.40s", seed ? seed : "");
    int failed = scenario_load(s->scenario, BENCH_SCENARIO, set, sets, &text);
    if (failed) {
        message_set(m, "%s", text.text);
        m->text[strcspn(m->text, "\n")] = 0;
    }
    messages_release(&text);
    if (!failed && orbits && s->scenario->run.orbits > BENCH_MAX_ORBITS)
        return message_set(m, "--orbits %s: %s is above %d (give 1..%d)", orbits, orbits, BENCH_MAX_ORBITS,
                           BENCH_MAX_ORBITS);
    return failed ? -1 : 0;
}

struct run_setup stimulus_setup(const struct stimulus *s, enum run_view view)
{
    return (struct run_setup){.kernels = s->boards.kernels,
                              .board_so = s->boards.board_so,
                              .view = view,
                              .quantum = QUANTUM_BX};
}

/* ---- what is sent ---- */

static int reserve(struct stimulus *s, const struct session *run, struct message *m)
{
    const struct scenario *c = s->scenario;
    double seconds = (c->run.orbits + 3.0) * BX_PER_ORBIT / (double)c->clocks.lhc_hz;
    double edges = (double)c->clocks.line_hz + (double)c->clocks.board_hz + (double)c->clocks.host_hz;
    size_t rows = (size_t)(seconds * (double)c->clocks.line_hz) + 2 * TAIL_ROWS;
    size_t blocks = (size_t)c->run.orbits * (BX_PER_ORBIT - GAP_BX);
    s->board = run->cfg.board;
    s->copies = 1 + MIN_BLOCK_BYTES / (blocks * sizeof *s->block);
    s->instant = malloc((size_t)(seconds * edges) + 8 * TAIL_ROWS);
    s->row = malloc(rows * sizeof *s->row);
    s->tick = malloc(rows * sizeof *s->tick);
    s->block = malloc(s->copies * blocks * sizeof *s->block);
    s->muon = malloc(blocks * SLOTS * sizeof *s->muon);
    s->correction = malloc(blocks * SLOTS * sizeof *s->correction);
    if (!s->instant || !s->row || !s->tick || !s->block || !s->muon || !s->correction)
        return message_set(m, "out of memory");
    return 0;
}

/* The BX that begins on lane 0, if it is one of the whole orbits. */
static void take_bx(struct stimulus *s, const struct gmt_link *link, const struct word_tag *tag)
{
    const struct scenario_run *run = &s->scenario->run;
    if (tag->kind != LINK_PAYLOAD || tag->frame != 0 || tag->orbit - run->first_orbit >= run->orbits)
        return;
    const struct bx_block *block = gmt_link_sent(link, tag->orbit, tag->bx);
    if (block)
        s->block[s->blocks++] = *block;
}

struct recording {
    struct clock_tree clocks;
    struct line_tag tag;
    bool stop, bus_ready;
    unsigned idle; /* rows since the last word */
};

static int record_row(struct stimulus *s, struct session *run, struct recording *r)
{
    struct line_in *row = &s->row[s->rows];
    int more = gmt_link_next(run->link, row, &r->tag);
    if (more < 0)
        return -1;
    r->idle += more == 0;
    memcpy(s->tick[s->rows].data, row->data, sizeof row->data);
    memcpy(s->tick[s->rows].k, row->k, sizeof row->k);
    s->rows++;
    take_bx(s, run->link, &r->tag.lane[0]);
    return 0;
}

static int record_instant(struct stimulus *s, struct session *run, struct recording *r)
{
    unsigned ticking = clock_tree_step(&r->clocks);
    s->instant[s->instants++] =
        (uint8_t)(ticking | (r->stop ? INSTANT_STOP : 0) | (r->bus_ready ? INSTANT_BUS_READY : 0));
    if (ticking & 1u << DOMAIN_LINE) {
        if (record_row(s, run, r) < 0)
            return -1;
        r->stop |= outside_stop(&r->tag, r->idle > 0, run->cfg.last_orbit);
    }
    r->bus_ready = outside_bus_ready(&run->stall, ticking, &r->tag, r->bus_ready);
    return 0;
}

static int record(struct stimulus *s, struct session *run, struct message *m)
{
    struct recording r = {.bus_ready = bus_stall_ready(&run->stall)};
    if (clock_tree_init(&r.clocks, run->cfg.hz, run->cfg.phase_ps) < 0)
        return message_set(m, "%s: clocks cannot be used", BENCH_SCENARIO);
    while (r.idle < TAIL_ROWS)
        if (record_instant(s, run, &r) < 0)
            return message_set(m, "%s: the stimulus failed", BENCH_SCENARIO);
    s->board_cycles = r.clocks.cycle[DOMAIN_BOARD];
    return 0;
}

/* ---- what must come out ---- */

static void find_kept_and_muons(struct stimulus *s)
{
    const struct zero_suppress_cfg cfg = {s->board.zs_pt_min, s->board.zs_slots};
    for (size_t i = 0; i < s->blocks; i++) {
        s->kept += (size_t)zero_suppress_keep(&cfg, &s->block[i]);
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            gmt_word muon = {bx_block_muon(s->block[i].w, slot)};
            if (gmt_pt(muon))
                s->muon[s->muons++] = muon;
        }
    }
    for (size_t copy = 1; copy < s->copies; copy++)
        memcpy(s->block + copy * s->blocks, s->block, s->blocks * sizeof *s->block);
}

static int record_with_links(struct stimulus *s, const struct scenario *models, struct message *m)
{
    struct run_setup setup = stimulus_setup(s, VIEW_FAST);
    struct session run;
    struct run_result *result = malloc(sizeof *result);
    if (!result || session_open(&run, models, &setup, m) < 0) {
        free(result);
        return -1;
    }
    int failed = reserve(s, &run, m) < 0 || record(s, &run, m) < 0 ? -1 : 0;
    struct message ignored;
    run_result_init(result);
    session_close(&run, &setup, END_INTERRUPTED, result, &ignored);
    free(result);
    return failed;
}

static int make_with_models(struct stimulus *s, struct message *m)
{
    struct scenario *models = malloc(sizeof *models);
    if (!models)
        return message_set(m, "out of memory");
    *models = *s->scenario;
    for (int b = 0; b < BLOCKS; b++)
        models->engine[b] = ENGINE_MODEL;
    const struct chain_way watched = {.view = VIEW_FAST, .watched = true};
    struct pass ignored;
    int failed = record_with_links(s, models, m);
    if (!failed)
        failed = chain_pass(s, models, &watched, &ignored, &s->end, m);
    free(models);
    return failed;
}

int stimulus_make(struct stimulus *s, const char *orbits, const char *seed,
                  void (*note)(void *ctx, const char *text), void *ctx, struct message *m)
{
    *s = (struct stimulus){0};
    if (load_scenario(s, orbits, seed, m) < 0 || boards_find(&s->boards, s->scenario, NULL, note, ctx, m) < 0)
        return -1;
    s->network = recal_network_open(s->scenario->network, s->scenario->formats, m);
    if (!s->network)
        return -1;
    if (make_with_models(s, m) < 0)
        return -1;
    find_kept_and_muons(s);
    return 0;
}

void stimulus_release(struct stimulus *s)
{
    recal_network_close(s->network);
    scenario_free(s->scenario);
    free(s->instant);
    free(s->row);
    free(s->tick);
    free(s->block);
    free(s->muon);
    free(s->correction);
}

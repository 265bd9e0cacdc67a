#include "emu/run/session.h"

#include "emu/run/collect.h"
#include "golden/formats/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Random choices of different purposes draw from seeds of their own. */
enum { SEED_STALL = 1, SEED_REGISTERS = 2 };

static uint64_t seed_for(const struct scenario *s, uint64_t purpose)
{
    uint64_t state = s->run.seed ^ purpose << 56;
    return splitmix64(&state);
}

static int open_replay(struct session *s, struct message *m)
{
    struct file_source_cfg cfg;
    scenario_file_cfg(s->scenario, &cfg);
    s->replay = file_source_open(&cfg, m);
    if (!s->replay)
        return -1;
    s->source = file_source_source(s->replay);
    return 0;
}

static int open_source(struct session *s, const struct run_setup *o, struct message *m)
{
    const struct scenario *sc = s->scenario;
    if (sc->source == SOURCE_GENERATOR) {
        s->generator = generator_new(&sc->generator.cfg, m);
        if (!s->generator)
            return -1;
        s->source = generator_source(s->generator);
        return 0;
    }
    if (sc->source == SOURCE_FILE)
        return open_replay(s, m);
    struct mp7_source_cfg cfg;
    scenario_mp7_cfg(sc, &cfg);
    s->mp7 = mp7_source_open(&cfg, m);
    if (!s->mp7)
        return -1;
    if (o->note && *mp7_source_notes(s->mp7))
        o->note(o->ctx, mp7_source_notes(s->mp7));
    if (mp7_source_muons(s->mp7) == 0)
        return message_set(m, "%s: links 0-3 of the capture hold no muon in frames 2..5 of any BX (give a capture of the "
                              "uGMT's output links)",
                           cfg.path);
    s->source = mp7_source_source(s->mp7);
    return 0;
}

static int open_link(struct session *s, struct message *m)
{
    const struct scenario *sc = s->scenario;
    struct gmt_link_cfg cfg = {
        .payload_hz = 6 * sc->clocks.lhc_hz,
        .line_hz = sc->clocks.line_hz,
        .first_orbit = sc->run.first_orbit,
        .orbits = sc->run.orbits,
        .gap_first = sc->links.gap_first,
        .start_bx = sc->run.start_bx,
        .start_frame = sc->run.start_frame,
        .faults = sc->links.fault,
        .fault_count = sc->links.faults,
        .source = s->source,
    };
    memcpy(cfg.skew, sc->links.skew, sizeof cfg.skew);
    memcpy(cfg.link_id, sc->links.link_id, sizeof cfg.link_id);
    s->link = gmt_link_open(&cfg, m);
    return s->link ? 0 : -1;
}

static int open_host(struct session *s, const struct run_setup *o, struct message *m)
{
    const struct scenario *sc = s->scenario;
    struct host_cfg cfg = {
        .dir = o->out_dir,
        .run = sc->host.run_number,
        .format = (enum link_format)sc->format,
        .record = (enum link_format)sc->host.record,
        .corrections = (enum pack_corrections)sc->corrections,
        .all_muons = !sc->host.zero_suppression,
        .orbits_per_packet = sc->orbits_per_packet,
        .max_file_bytes = sc->host.max_file_bytes,
        .compression = (enum compression)sc->host.compression,
        .journal = 1,
    };
    s->host = host_open(&cfg, m);
    return s->host ? 0 : -1;
}

static FILE *open_text(const struct run_setup *o, const char *name, struct message *m)
{
    char path[SCENARIO_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", o->out_dir, name);
    FILE *file = fopen(path, "w");
    if (!file)
        message_set(m, "%s: %s", path, strerror(errno));
    return file;
}

static int open_texts(struct session *s, const struct run_setup *o, struct message *m)
{
    if (!o->out_dir)
        return 0;
    if (s->scenario->records && !(s->records = open_text(o, "records.txt", m)))
        return -1;
    if (s->scenario->dma && !(s->dma = open_text(o, "dma.dat", m)))
        return -1;
    if (s->scenario->collect > 1 && !(s->mismatches = open_text(o, "mismatches.txt", m)))
        return -1;
    return 0;
}

static int open_watch(struct session *s, struct message *m)
{
    const struct scenario *sc = s->scenario;
    s->network = recal_network_open(sc->network, sc->formats, m);
    if (!s->network)
        return -1;
    s->log = (struct check_log){.seed = sc->run.seed, .limit = sc->collect, .file = s->mismatches};
    struct watch_cfg cfg = {
        .hz = {sc->clocks.line_hz, sc->clocks.board_hz, sc->clocks.host_hz},
        .link = s->link,
        .network = s->network,
        .first_orbit = sc->run.first_orbit,
        .orbits = sc->run.orbits,
        .start_bx = sc->run.start_bx,
        .truth = s->generator != NULL,
        .truth_seed = s->generator ? sc->generator.cfg.seed : 0,
        .golden = sc->golden,
        .host_all = !sc->host.zero_suppression,
        .faults = sc->links.faults > 0,
        .records = s->records,
        .log = &s->log,
    };
    scenario_board_cfg(sc, &cfg.board);
    s->watch = watch_new(&cfg);
    return s->watch ? 0 : message_set(m, "out of memory");
}

static int sink(void *ctx, const uint32_t frame[LANES])
{
    struct session *s = ctx;
    if (s->dma)
        le32_write(s->dma, frame, LANES);
    s->host_failed = host_frame(s->host, frame) < 0;
    return s->host_failed ? -1 : 0;
}

static void chain_config(struct session *s, const struct run_setup *o)
{
    const struct scenario *sc = s->scenario;
    bus_stall_init(&s->stall, sc->host.stall, sc->host.stalls, sc->host.stall_per_million,
                   sc->host.stall_cycles, seed_for(sc, SEED_STALL));
    s->cfg = (struct chain_cfg){
        .hz = {sc->clocks.line_hz, sc->clocks.board_hz, sc->clocks.host_hz},
        .phase_ps = {sc->clocks.line_phase_ps, sc->clocks.board_phase_ps, sc->clocks.host_phase_ps},
        .kernels = o->kernels,
        .board_so = o->board_so,
        .random_seed = seed_for(sc, SEED_REGISTERS),
        .link = s->link,
        .stall = &s->stall,
        .watch = s->watch,
        .log = &s->log,
        .sink = sink,
        .sink_ctx = s,
        .last_orbit = sc->run.first_orbit + sc->run.orbits - 1,
        .reverse = o->reverse,
    };
    scenario_board_cfg(sc, &s->cfg.board);
    for (int b = 0; b < BLOCKS; b++)
        s->cfg.engine[b] = (enum engine)sc->engine[b];
    if (sc->vcd.on && o->out_dir) {
        snprintf(s->trace_path, sizeof s->trace_path, "%s/window.vcd", o->out_dir);
        s->cfg.trace =
            (struct chain_trace){s->trace_path, sc->vcd.orbit, sc->vcd.bx, sc->vcd.before, sc->vcd.after};
    }
}

static int open_view(struct session *s, const struct run_setup *o, struct message *m)
{
    chain_config(s, o);
    if (o->view == VIEW_PINS)
        s->pins = pin_view_open(&s->cfg, m);
    else
        s->chain = chain_open(&s->cfg, m);
    return s->pins || s->chain ? 0 : -1;
}

static int close_text(FILE *file, const char *name, struct message *m)
{
    if (!file)
        return 0;
    int failed = ferror(file);
    if (fclose(file) != 0 || failed)
        return message_set(m, "%s: could not be written whole: %s", name, strerror(errno));
    return 0;
}

/* Everything but the host, whose end has something to say. */
static int release(struct session *s, struct message *m)
{
    chain_close(s->chain);
    pin_view_close(s->pins);
    watch_free(s->watch);
    recal_network_close(s->network);
    gmt_link_close(s->link);
    generator_free(s->generator);
    mp7_source_close(s->mp7);
    file_source_close(s->replay);
    int failed = close_text(s->records, "records.txt", m);
    failed |= close_text(s->dma, "dma.dat", m);
    return close_text(s->mismatches, "mismatches.txt", m) < 0 ? -1 : failed;
}

int session_open(struct session *s, const struct scenario *scenario, const struct run_setup *o,
                 struct message *m)
{
    *s = (struct session){.scenario = scenario};
    if (open_source(s, o, m) < 0 || open_link(s, m) < 0 || open_host(s, o, m) < 0 ||
        open_texts(s, o, m) < 0 || open_watch(s, m) < 0 || open_view(s, o, m) < 0) {
        struct message ignored;
        if (s->host)
            host_close(s->host, NULL, &ignored);
        release(s, &ignored);
        return -1;
    }
    return 0;
}

static int source_failed(const struct session *s, struct message *m)
{
    uint32_t orbit;
    uint16_t bx;
    gmt_link_failed_at(s->link, &orbit, &bx);
    const char *why = s->source.message ? s->source.message(s->source.ctx) : "the source failed";
    return message_set(m, "stimulus: orbit %" PRIu32 " BX %u: %s", orbit, bx, why);
}

int session_close(struct session *s, const struct run_setup *o, enum drive_end end, struct run_result *r,
                  struct message *m)
{
    int failed = end == END_SOURCE ? source_failed(s, m) : 0;
    struct host_counts counts;
    if (host_close(s->host, &counts, m) < 0)
        failed = -1;
    if (s->replay && o->note && *file_source_notes(s->replay))
        o->note(o->ctx, file_source_notes(s->replay));
    if (!failed)
        failed = collect(s, o, end, &counts, r, m);
    struct message trouble;
    if (release(s, failed ? &trouble : m) < 0)
        failed = -1;
    return failed;
}

void session_status(struct session *s, struct board_status *status)
{
    if (s->pins)
        pin_view_status(s->pins, status);
    else
        chain_status(s->chain, status);
}

uint64_t session_cycles(const struct session *s, enum domain d)
{
    return s->pins ? pin_view_cycles(s->pins, d) : chain_cycles(s->chain, d);
}

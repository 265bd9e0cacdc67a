#include "emu/scenario/cross_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PLACE = SCENARIO_PATH_MAX + 256 };

static void derive_colliding(struct scenario *s, struct message *message, bool *good)
{
    const struct filling_scheme *preset = filling_preset(s->generator.filling);
    uint8_t *colliding = s->generator.cfg.colliding;
    if (preset)
        *good = filling_collisions(preset, colliding, message) >= 0;
    else
        *good = filling_beam(s->generator.train, s->generator.trains, colliding, message) >= 0;
}

void cross_check_derive(struct reader *r)
{
    static const char *const block_keys[BLOCKS] = {[BLOCK_LINK_RX] = "engines.link_rx",
                                                   [BLOCK_CDC_RX] = "engines.cdc_rx",
                                                   [BLOCK_LINK_ALIGN] = "engines.link_align",
                                                   [BLOCK_ZERO_SUPPRESS] = "engines.zero_suppress",
                                                   [BLOCK_MUON_FEED] = "engines.muon_feed",
                                                   [BLOCK_RECAL] = "engines.recal",
                                                   [BLOCK_EVENT_PACK] = "engines.event_pack",
                                                   [BLOCK_CDC_DMA] = "engines.cdc_dma",
                                                   [BLOCK_DMA] = "engines.dma"};
    struct scenario *s = r->s;
    if (!reader_given(r, "clocks.board_hz"))
        s->clocks.board_hz = FRAMES * s->clocks.lhc_hz;
    if (!reader_given(r, "host.record"))
        s->host.record = s->format;
    for (unsigned b = 0; b < BLOCKS; b++)
        if (!reader_given(r, block_keys[b]))
            s->engine[b] = s->default_engine;
    for (unsigned i = s->generator.multiplicities; i <= GENERATOR_MAX_MUONS; i++)
        s->generator.cfg.multiplicity[i] = 0;
    s->generator.cfg.seed = s->run.seed;
    s->generator.cfg.format = (enum link_format)s->format;
    s->generator.cfg.final_lanes = s->links.final_lanes;
}

static bool check_clocks(struct reader *r)
{
    const struct scenario_clocks *c = &r->s->clocks;
    uint64_t need = FRAMES * c->lhc_hz;
    char place[PLACE];
    if (c->line_hz < need) {
        messages_error(r->m,
                       "%s: %" PRIu64
                       " is below 6 x clocks.lhc_hz, the links cannot carry the words (give %" PRIu64
                       " or more)",
                       reader_place(r, "clocks.line_hz", place, sizeof place), c->line_hz, need);
        return false;
    }
    if (c->board_hz < need)
        messages_warn(r->m,
                      "%s: %" PRIu64 " is below 6 x clocks.lhc_hz = %" PRIu64 ", the board will lose words",
                      reader_place(r, "clocks.board_hz", place, sizeof place), c->board_hz, need);
    return true;
}

static bool check_generator(struct reader *r)
{
    struct message message = {""};
    char place[PLACE];
    bool good;
    derive_colliding(r->s, &message, &good);
    if (!good) {
        messages_error(r->m, "%s: %s", reader_place(r, "stimulus.generator.trains", place, sizeof place),
                       message.text);
        return false;
    }
    if (r->s->source != SOURCE_GENERATOR || !generator_validate(&r->s->generator.cfg, &message))
        return true;
    /* golden names its own fields, "generator.pt_min: ..."; the key has "stimulus." before it. */
    char key[64] = "stimulus.";
    size_t n = strcspn(message.text, ":,");
    snprintf(key, sizeof key, "stimulus.%.*s", (int)n, message.text);
    if (scenario_key(key))
        messages_error(r->m, "%s%s", reader_place(r, key, place, sizeof place), message.text + n);
    else
        messages_error(r->m, "%s: stimulus.%s", r->file, message.text);
    return false;
}

/* A source's file is given when that source is chosen, and only then. */
static bool check_file_of(struct reader *r, enum scenario_source source, const char *name, const char *key)
{
    static const char *const sources[] = {"generator", "mp7", "file"};
    char place[PLACE];
    bool chosen = r->s->source == source;
    if (chosen == (name[0] != 0))
        return true;
    const char *at = reader_place(r, key, place, sizeof place);
    if (chosen)
        messages_error(r->m, "%s: no capture is given (give `--input FILE`, or the name of a file here)", at);
    else
        messages_error(r->m, "%s: is not read, stimulus.source is \"%s\" (leave it out, or give \"%s\")", at,
                       sources[r->s->source], sources[source]);
    return false;
}

static bool check_files(struct reader *r)
{
    const struct scenario *s = r->s;
    char place[PLACE];
    bool good = check_file_of(r, SOURCE_MP7, s->mp7.file, "stimulus.mp7.file");
    good &= check_file_of(r, SOURCE_FILE, s->replay.name, "stimulus.file.name");
    if (!good || s->source != SOURCE_MP7 || __builtin_popcount(s->links.final_lanes) == 4)
        return good;
    messages_error(r->m, "%s: has %d lanes, a capture fills 4 (give a list of four lanes)",
                   reader_place(r, "links.final_lanes", place, sizeof place),
                   __builtin_popcount(s->links.final_lanes));
    return false;
}

static bool check_faults(struct reader *r)
{
    const struct scenario_links *l = &r->s->links;
    char place[PLACE];
    bool good = true;
    for (uint32_t i = 0; i < l->faults; i++) {
        const struct link_fault *f = &l->fault[i];
        const struct link_fault_info *info = &link_fault_info[f->kind];
        if (f->value >= info->min && f->value <= info->max)
            continue;
        messages_error(
            r->m, "%s[%" PRIu32 "].value: %" PRIu32 " is %s for %s (give %" PRIu32 "..%" PRIu32 ": %s)",
            reader_place(r, "links.faults", place, sizeof place), i, f->value,
            f->value < info->min ? "too low" : "too high", info->name, info->min, info->max, info->value);
        good = false;
    }
    return good;
}

static bool check_dma(struct reader *r)
{
    const struct scenario *s = r->s;
    char place[PLACE];
    if (s->dma_reserve <= s->dma_depth)
        return true;
    messages_error(r->m, "%s: %u is above dma.depth (give 0..%u)",
                   reader_place(r, "dma.reserve", place, sizeof place), s->dma_reserve, s->dma_depth);
    return false;
}

/* Words that the earliest lane may be ahead of the latest: what the deskew FIFO must hold, and the crossing's
 * slack. */
static void warn_skew(struct reader *r)
{
    const struct scenario *s = r->s;
    char place[PLACE];
    unsigned least = UINT16_MAX, most = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        least = s->links.skew[lane] < least ? s->links.skew[lane] : least;
        most = s->links.skew[lane] > most ? s->links.skew[lane] : most;
    }
    if (most - least >= s->align_depth)
        messages_warn(r->m,
                      "%s: lanes lie up to %u words apart, board.align_depth holds %u: they will not align",
                      reader_place(r, "links.skew", place, sizeof place), most - least, s->align_depth);
}

/* Whether the run sends this orbit: its whole ones, and the one before in which the links start. */
static bool is_sent(const struct scenario *s, uint32_t orbit)
{
    return (uint32_t)(orbit - (s->run.first_orbit - 1)) <= s->run.orbits;
}

/* Things tied to an orbit that the run never reaches do nothing: the user should know. */
static void warn_out_of_run(struct reader *r)
{
    const struct scenario *s = r->s;
    char place[PLACE];
    uint32_t faults = 0, stalls = 0;
    for (uint32_t i = 0; i < s->links.faults; i++)
        faults += !is_sent(s, s->links.fault[i].orbit);
    for (uint32_t i = 0; i < s->host.stalls; i++)
        stalls += !is_sent(s, s->host.stall[i].orbit);
    if (faults)
        messages_warn(r->m, "%s: %" PRIu32 " of %" PRIu32 " lie in orbits that the run does not send",
                      reader_place(r, "links.faults", place, sizeof place), faults, s->links.faults);
    if (stalls)
        messages_warn(r->m, "%s: %" PRIu32 " of %" PRIu32 " begin in orbits that the run does not send",
                      reader_place(r, "host.stalls", place, sizeof place), stalls, s->host.stalls);
    if (s->vcd.on && !is_sent(s, s->vcd.orbit))
        messages_warn(r->m,
                      "%s: orbit %" PRIu32 " is not among those that the run sends: the trace will be empty",
                      reader_place(r, "output.vcd.orbit", place, sizeof place), s->vcd.orbit);
}

/* Lanes align in a gap: without one before BX 0 of the first orbit, that orbit is spent on it. */
static void warn_start(struct reader *r)
{
    const struct scenario *s = r->s;
    char place[PLACE];
    if (s->run.start_bx > s->links.gap_first)
        messages_warn(r->m,
                      "%s: %u lies behind the gap, which begins at BX %u: the first orbit will pass before "
                      "lock",
                      reader_place(r, "run.start_bx", place, sizeof place), s->run.start_bx,
                      s->links.gap_first);
}

static bool check_network(struct reader *r)
{
    char place[PLACE];
    if (!r->s->formats[0] || scenario_network_is_file(r->s))
        return true;
    messages_error(r->m,
                   "%s: is not read, inference.network is \"%s\" (leave it out, or give a network of "
                   "your own)",
                   reader_place(r, "inference.formats", place, sizeof place), r->s->network);
    return false;
}

bool cross_check(struct reader *r)
{
    bool good = check_clocks(r);
    good &= check_generator(r);
    good &= check_files(r);
    good &= check_faults(r);
    good &= check_dma(r);
    good &= check_network(r);
    warn_skew(r);
    warn_out_of_run(r);
    warn_start(r);
    return good;
}

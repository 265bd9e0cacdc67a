#include "emu/run/collect.h"

#include "emu/run/host_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void tally_check(struct session *s, struct run_result *r, enum oracle oracle, int block)
{
    const struct check_tally *t = &s->log.tally[oracle][block];
    char name[RESULT_NAME];
    snprintf(name, sizeof name, "%s %s", oracle == ORACLE_MODEL ? "lock-step" : "golden",
             boundary_info[block].name);
    struct check_result *c = run_result_check(r, name);
    c->compared = t->compared;
    c->mismatches = t->mismatches;
    c->passed = t->mismatches == 0 && t->compared > 0;
    if (t->mismatches)
        mismatch_text(&t->first, s->log.seed, c->text, sizeof c->text);
    else if (!t->compared)
        run_result_text(c->text, sizeof c->text, "nothing was compared");
}

/* Golden looks at the words of a lane behind cdc_rx, and at those of link_rx only through what becomes of
 * them. */
static bool golden_looks_at(int block)
{
    return block != BLOCK_LINK_RX;
}

/* A boundary at which nothing can have crossed: no muon asked for a correction, no BX was kept. */
static bool may_be_idle(const struct session *s, int block)
{
    return block == BLOCK_RECAL && s->watch->offered == 0;
}

static void collect_tallies(struct session *s, struct run_result *r)
{
    for (int b = 0; b < BLOCKS; b++)
        if (s->cfg.engine[b] == ENGINE_LOCKSTEP && !may_be_idle(s, b))
            tally_check(s, r, ORACLE_MODEL, b);
    for (int b = 0; b < BLOCKS && s->scenario->golden; b++)
        if (golden_looks_at(b) && !may_be_idle(s, b))
            tally_check(s, r, ORACLE_GOLDEN, b);
}

static void collect_conservation(struct session *s, enum drive_end end, struct run_result *r)
{
    struct check_result *c = run_result_check(r, "conservation");
    ledger_close(&s->watch->ledger, &r->board, end == END_DONE, &r->conservation, c->text, sizeof c->text);
    c->passed = r->conservation.exact;
    c->compared = r->conservation.sent;
    c->mismatches = !c->passed;
}

static void collect_host(const struct session *s, const struct run_setup *o, const struct host_counts *host,
                         struct run_result *r)
{
    struct host_result *h = &r->host;
    if (o->out_dir && host->files)
        host_check_path(h->file, sizeof h->file, o->out_dir, s->scenario->host.run_number, 0,
                        (enum compression)s->scenario->host.compression);
    h->files = (uint32_t)host->files;
    h->bytes = host->bytes_written;
    h->stored_bytes = host->bytes_stored;
    h->block_bytes = host->bx * sizeof(struct bx_block);
    h->bytes_per_s = r->emulated_s > 0 ? (double)host->bytes_written / r->emulated_s : 0;
    h->software_factor = host->bytes_written ? (double)h->block_bytes / (double)host->bytes_written : 0;
    h->compression_factor = host->bytes_stored ? (double)host->bytes_written / (double)host->bytes_stored : 0;
    h->muons = host->muons_written;
    h->bx = host->bx_written;
    h->orbits = host->orbits;
    h->packets = host->packets;
    h->errors = host->errors;
    snprintf(h->first_error, sizeof h->first_error, "%s", host->first_error);
}

/* Errors in the stream that faults on the links explain: a BX that they changed on lane 0, from where host
 * and board take orbit and BX; a last orbit that broke off, which no later BX 0 closes. */
static uint64_t errors_by_faults(const struct session *s, const struct host_counts *host,
                                 const struct run_result *r)
{
    uint64_t n = 0;
    if (s->scenario->links.faults && s->watch->corrupted_bx)
        n += host->claim_errors + host->appended_errors;
    if (s->scenario->links.faults && r->conservation.lost_to_fault)
        n += host->unfinished;
    return n;
}

static void check_stream(struct session *s, const struct host_counts *host, struct run_result *r)
{
    struct check_result *c = run_result_check(r, "host stream");
    uint64_t errors = host->errors - errors_by_faults(s, host, r);
    c->compared = host->frames;
    if (errors)
        run_result_text(c->text, sizeof c->text, "%s", host->first_error);
    else if (host->bx != s->watch->ledger.forwarded)
        run_result_text(c->text, sizeof c->text, "the host read %" PRIu64 " BX, the board forwarded %" PRIu64,
                        host->bx, s->watch->ledger.forwarded);
    else if (host->packets && !host->unfinished && host->dropped_orbits != r->board.pack_dropped_orbits)
        run_result_text(c->text, sizeof c->text,
                        "the last packet says %" PRIu64 " dropped orbits, the board %" PRIu32,
                        host->dropped_orbits, r->board.pack_dropped_orbits);
    c->passed = !*c->text;
    c->mismatches = errors ? errors : !c->passed;
}

static int check_file(struct session *s, const struct run_setup *o, const struct host_counts *host,
                      struct run_result *r, struct message *m)
{
    struct host_content found;
    if (host_check_content(o->out_dir, s->scenario->host.run_number, (uint32_t)host->files,
                           (enum link_format)s->scenario->host.record,
                           (enum compression)s->scenario->host.compression, &found, m) < 0)
        return -1;
    const struct host_content *expected = &s->watch->host;
    struct check_result *c = run_result_check(r, "host file");
    c->compared = found.muons;
    c->passed =
        found.muons == expected->muons && found.bx == expected->bx && found.digest == expected->digest;
    c->mismatches = !c->passed;
    if (!c->passed)
        run_result_text(c->text, sizeof c->text,
                        "the file has %" PRIu64 " muons in %" PRIu64 " BX, golden expects %" PRIu64
                        " in %" PRIu64 "%s",
                        found.muons, found.bx, expected->muons, expected->bx,
                        found.muons == expected->muons ? " with other content" : "");
    return 0;
}

static void collect_fifos(const struct session *s, struct run_result *r)
{
    const struct watch *w = s->watch;
    const struct board_cfg *b = &s->cfg.board;
    uint32_t lane_high = 0;
    for (int l = 0; l < LANES; l++)
        lane_high = w->lane_high[l] > lane_high ? w->lane_high[l] : lane_high;
    run_result_fifo(r, "cdc_rx", CDC_RX_DEPTH)->high_water = lane_high;
    run_result_fifo(r, "link_align", b->align_depth)->high_water = w->align_high;
    run_result_fifo(r, "muon_feed", b->feed_depth)->high_water = w->feed_high;
    run_result_fifo(r, "event_pack", b->pack_depth)->high_water = w->pack_high;
    run_result_fifo(r, "cdc_dma", CDC_DMA_DEPTH)->high_water = w->cdc_dma_high;
    run_result_fifo(r, "dma", b->dma_depth)->high_water = w->dma_high;
}

static void collect_inference(struct session *s, struct run_result *r)
{
    r->inference.offered = s->watch->offered;
    r->inference.inferred = s->watch->inferred;
    r->inference.skipped = r->board.feed_skipped;
    if (r->emulated_s > 0) {
        r->inference.offered_per_s = (double)s->watch->offered / r->emulated_s;
        r->inference.sustained_per_s = (double)s->watch->inferred / r->emulated_s;
    }
    const struct watch_residuals *left = &s->watch->residuals;
    r->inference.judged = left->muons;
    for (unsigned k = 0; k < TRUTH_QUANTITIES && left->muons; k++) {
        r->inference.before[k] = sqrt(left->before[k] / (double)left->muons);
        r->inference.after[k] = sqrt(left->after[k] / (double)left->muons);
    }
    bool file = scenario_network_is_file(s->scenario);
    run_result_text(r->network_note, sizeof r->network_note,
                    file ? "the network is %s"
                         : "the network '%s' is trained on bxact's simple sample, which is no simulation of CMS "
                           "(models/README.md)",
                    s->scenario->network);
}

static void collect_build(const struct session *s, struct build_result *b)
{
    const char *zero_suppress = "zero_suppress", *recal = "recal";
    bool pins = s->pins != NULL;
    b->zero_suppress_hash =
        pins ? pin_view_kernel_hash(s->pins, zero_suppress) : chain_kernel_hash(s->chain, zero_suppress);
    b->recal_hash = pins ? pin_view_kernel_hash(s->pins, recal) : chain_kernel_hash(s->chain, recal);
    b->zero_suppress_latency = pins ? pin_view_kernel_latency(s->pins, zero_suppress)
                                    : chain_kernel_latency(s->chain, zero_suppress);
    b->recal_latency = pins ? pin_view_kernel_latency(s->pins, recal) : chain_kernel_latency(s->chain, recal);
}

static void collect_figures(struct session *s, struct run_result *r)
{
    const struct ledger *l = &s->watch->ledger;
    session_status(s, &r->board);
    for (int d = 0; d < DOMAINS; d++)
        r->cycles[d] = session_cycles(s, (enum domain)d);
    r->emulated_s = (double)r->cycles[DOMAIN_BOARD] / (double)s->scenario->clocks.board_hz;
    for (int b = 0; b < BLOCKS; b++)
        run_result_boundary(&r->boundary[b], &s->watch->at[b]);
    r->corrupted_bx = s->watch->corrupted_bx;
    r->zero_suppression_factor = l->kept ? (double)(l->kept + l->suppressed) / (double)l->kept : 0;
    r->bx_run = r->cycles[DOMAIN_BOARD] / FRAMES;
    r->orbits_run = r->bx_run / BX_PER_ORBIT;
    collect_build(s, &r->build);
}

static const struct check_result *first_failed(const struct run_result *r)
{
    for (uint32_t i = 0; i < r->checks; i++)
        if (!r->check[i].passed)
            return &r->check[i];
    return NULL;
}

static void judge(const struct session *s, enum drive_end end, struct run_result *r)
{
    const struct check_result *failed = first_failed(r);
    r->verdict = VERDICT_FAIL;
    if (s->log.mismatches)
        run_result_text(r->reason, sizeof r->reason, "%" PRIu64 " mismatch%s", s->log.mismatches,
                        s->log.mismatches == 1 ? "" : "es");
    else if (end == END_HALTED)
        run_result_text(r->reason, sizeof r->reason, "the Verilog stopped itself in orbit %" PRIu32 " BX %u: %s",
                        s->watch->lane_tag[0].orbit, s->watch->lane_tag[0].bx, chain_halt(s->chain));
    else if (end == END_INTERRUPTED) {
        r->verdict = VERDICT_INTERRUPTED;
        run_result_text(r->reason, sizeof r->reason,
                        "stopped by the user; what was measured until then is kept");
    } else if (end == END_STUCK)
        run_result_text(
            r->reason, sizeof r->reason,
            "the links are idle but muon_feed holds %u BX, event_pack %u BX, dma %u frames and nothing moves",
            s->watch->feed_now, s->watch->pack_now, s->watch->dma_now);
    else if (r->records_compared == 0)
        run_result_text(r->reason, sizeof r->reason,
                        "no record was compared: choose lockstep for a block, or check.golden = true");
    else if (failed)
        run_result_text(r->reason, sizeof r->reason, "%s: %.900s", failed->name, failed->text);
    else
        r->verdict = VERDICT_PASS;
}

int collect(struct session *s, const struct run_setup *o, enum drive_end end, const struct host_counts *host,
            struct run_result *r, struct message *m)
{
    collect_figures(s, r);
    collect_tallies(s, r);
    collect_conservation(s, end, r);
    collect_host(s, o, host, r);
    if (end == END_DONE) {
        check_stream(s, host, r);
        if (o->out_dir && s->scenario->golden && check_file(s, o, host, r, m) < 0)
            return -1;
    }
    collect_fifos(s, r);
    collect_inference(s, r);
    r->records_compared = s->log.compared;
    r->mismatches = s->log.mismatches;
    if (s->log.mismatches)
        mismatch_text(&s->log.first, s->log.seed, r->first_mismatch, sizeof r->first_mismatch);
    run_result_text(r->view, sizeof r->view, "%s", o->view == VIEW_PINS ? "pins" : "fast");
    static const char *const quantum[] = {"cycle", "bx", "orbit"};
    run_result_text(r->quantum, sizeof r->quantum, "%s", quantum[o->quantum]);
    r->complete = end == END_DONE;
    judge(s, end, r);
    return 0;
}

/* The watcher on the board: link_align, zero_suppress, muon_feed, recal. */
#include "emu/check/watch_internal.h"

#include "golden/blocks/muon_feed.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/bx_frames.h"

static enum link_format format_of(const struct watch *w)
{
    return w->cfg.board.run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
}

/* Lanes whose counters say this orbit and BX. */
static unsigned votes(const struct watch *w, const struct bx_block *block, uint32_t orbit, uint16_t bx)
{
    unsigned agree = 0;
    for (unsigned l = 0; l < LANES; l++)
        agree +=
            bx_frames_orbit(block, format_of(w), l) == orbit && bx_frames_bx(block, format_of(w), l) == bx;
    return agree;
}

/* Whose BX a block truly is: the counters that most lanes carry, which a fault on some lanes cannot change;
 * the board's own count when no two lanes agree. */
static void identify(const struct watch *w, const struct link_align_out *out, struct watch_bx *bx)
{
    bx->orbit = bx->board_orbit = out->orbit;
    bx->bx = bx->board_bx = out->bx;
    unsigned best = votes(w, &out->block, out->orbit, out->bx);
    for (unsigned l = 0; l < LANES && best <= LANES / 2; l++) {
        uint32_t orbit = bx_frames_orbit(&out->block, format_of(w), l);
        uint16_t claim = bx_frames_bx(&out->block, format_of(w), l);
        unsigned agree = votes(w, &out->block, orbit, claim);
        if (claim < BX_PER_ORBIT && agree > best && agree > 1) {
            best = agree;
            bx->orbit = orbit;
            bx->bx = claim;
        }
    }
    bx->number = bx_number_of(&w->number, bx->orbit, bx->bx);
}

/* Aligned content against what was sent. */
static void check_aligned(struct watch *w, const struct watch_bx *bx, uint64_t cycle)
{
    struct mismatch m = watch_mismatch(BLOCK_LINK_ALIGN, cycle, bx->orbit, bx->bx);
    const struct bx_block *sent = gmt_link_sent(w->cfg.link, bx->orbit, bx->bx);
    if (!sent) {
        watch_expect(w, m, "a BX that was not sent: orbit", 0, bx->orbit);
        return;
    }
    if (memcmp(sent, &bx->block, sizeof *sent) == 0)
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_LINK_ALIGN, 1);
    else if (w->cfg.faults)
        w->corrupted_bx++;
    else if (mismatch_in_block(&m, sent, &bx->block))
        check_log_mismatch(w->cfg.log, &m);
}

/* The block is there at the edge at which all lanes have given frame 5: held words show the skew. */
static void note_skew(struct watch *w, uint64_t number)
{
    uint64_t done = number * FRAMES + FRAMES - 1;
    for (unsigned l = 0; l < LANES; l++) {
        const struct word_tag *newest = &w->lane_tag[l];
        uint64_t word = bx_number_of(&w->number, newest->orbit, newest->bx) * FRAMES + newest->frame;
        if (word > done && word - done > w->align_high)
            w->align_high = (uint32_t)(word - done);
    }
}

static void watch_aligned(struct watch *w, uint64_t cycle, uint64_t ps, const struct link_align_out *out)
{
    struct watch_bx *bx = &w->seen[w->aligned % WATCH_SEEN];
    identify(w, out, bx);
    bx->block = out->block;
    bx->t0_ps = watch_t0(w, bx->number);
    w->aligned++;
    ledger_aligned(&w->ledger, bx->number, bx->t0_ps != NO_TIME);
    note_skew(w, bx->number);
    struct boundary_watch *at = &w->at[BLOCK_LINK_ALIGN];
    boundary_watch_record(at, watch_where(bx->orbit, bx->bx, out->err, out->crc_bad), cycle, out->block.w,
                          BX_WORDS);
    watch_latency(&at->first_out, ps, bx->t0_ps);
    watch_latency(&at->last_out, ps, bx->t0_ps);
    watch_write(w, BLOCK_LINK_ALIGN, cycle, RECORD_NO_PLACE, RECORD_PAYLOAD, bx, out->block.w, BX_WORDS);
    if (w->cfg.golden)
        check_aligned(w, bx, cycle);
}

/* A block on its way through the board: what golden says of anything that passes it on. Returns 1 when it is
 * equal. */
static int check_passed(struct watch *w, enum block block, uint64_t cycle, const struct watch_bx *bx,
                        const struct bx_block *got)
{
    struct mismatch m = watch_mismatch(block, cycle, bx->orbit, bx->bx);
    if (memcmp(&bx->block, got, sizeof *got) == 0)
        return 1;
    mismatch_in_block(&m, &bx->block, got);
    check_log_mismatch(w->cfg.log, &m);
    return 0;
}

/* The BX that a block shows next, counted through; NULL (and a golden mismatch) when the block before gave
 * none. */
static const struct watch_bx *next_seen(struct watch *w, enum block block, uint64_t cycle, uint64_t *count,
                                        uint64_t given)
{
    if (*count < given)
        return &w->seen[(*count)++ % WATCH_SEEN];
    struct mismatch m = watch_mismatch(block, cycle, 0, 0);
    watch_expect(w, m, "BX shown without one given", given, given + 1);
    return NULL;
}

static void watch_decided(struct watch *w, uint64_t cycle, uint64_t ps, const struct zero_suppress_out *out)
{
    const struct watch_bx *bx = next_seen(w, BLOCK_ZERO_SUPPRESS, cycle, &w->decided, w->aligned);
    if (!bx)
        return;
    out->keep ? w->ledger.kept++ : w->ledger.suppressed++;
    struct boundary_watch *at = &w->at[BLOCK_ZERO_SUPPRESS];
    boundary_watch_record(at, watch_where(bx->orbit, bx->bx, 0, out->keep), cycle, out->block.w, BX_WORDS);
    watch_latency(&at->first_out, ps, bx->t0_ps);
    watch_latency(&at->last_out, ps, bx->t0_ps);
    watch_write(w, BLOCK_ZERO_SUPPRESS, cycle, RECORD_NO_PLACE, RECORD_PAYLOAD, bx, out->block.w, BX_WORDS);
    if (!w->cfg.golden)
        return;
    struct zero_suppress_cfg cfg = {w->cfg.board.zs_pt_min, w->cfg.board.zs_slots};
    struct mismatch m = watch_mismatch(BLOCK_ZERO_SUPPRESS, cycle, bx->orbit, bx->bx);
    if (watch_expect(w, m, "keep", (unsigned)zero_suppress_keep(&cfg, &bx->block), out->keep) &&
        check_passed(w, BLOCK_ZERO_SUPPRESS, cycle, bx, &out->block))
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_ZERO_SUPPRESS, 1);
}

static void check_fed(struct watch *w, uint64_t cycle, const struct watch_bx *bx,
                      const struct muon_feed_out *out)
{
    struct mismatch m = watch_mismatch(BLOCK_MUON_FEED, cycle, bx->orbit, bx->bx);
    unsigned candidates = out->keep
                              ? muon_feed_candidates(&bx->block, (enum feed_select)w->cfg.board.feed_select,
                                                     w->cfg.board.final_lanes)
                              : 0;
    if (watch_expect(w, m, "candidates", candidates, out->queued | out->skipped) &&
        watch_expect(w, m, "queued and skipped", 0, out->queued & out->skipped) &&
        check_passed(w, BLOCK_MUON_FEED, cycle, bx, &out->block))
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_MUON_FEED, 1);
}

static void watch_fed(struct watch *w, uint64_t cycle, uint64_t ps, const struct muon_feed_out *out)
{
    const struct watch_bx *bx = next_seen(w, BLOCK_MUON_FEED, cycle, &w->fed, w->decided);
    if (!bx)
        return;
    struct boundary_watch *at = &w->at[BLOCK_MUON_FEED];
    boundary_watch_record(at, watch_where(bx->orbit, bx->bx, 0, out->keep), cycle, out->block.w, BX_WORDS);
    watch_latency(&at->first_out, ps, bx->t0_ps);
    if (!out->queued)
        watch_latency(&at->last_out, ps, bx->t0_ps);
    watch_write(w, BLOCK_MUON_FEED, cycle, RECORD_NO_PLACE, RECORD_PAYLOAD, bx, out->block.w, BX_WORDS);
    if (w->cfg.golden)
        check_fed(w, cycle, bx, out);
    if (!out->keep)
        return;
    w->offered += (unsigned)__builtin_popcount(out->queued | out->skipped);
    w->kept[out->seq] = (struct watch_kept){.at = *bx, .queued = out->queued, .skipped = out->skipped,
                                            .left = out->queued, .held = NOT_HELD};
    w->arriving = out->seq;
}

/* Muons leave in pick order, each as it stands in its block. */
static void check_served(struct watch *w, uint64_t cycle, const struct watch_kept *kept,
                         const struct feed_muon *muon)
{
    struct mismatch m = watch_mismatch(BLOCK_MUON_FEED, cycle, kept->at.orbit, kept->at.bx);
    unsigned slot = kept->left ? slot_of_order((unsigned)__builtin_ctz(kept->left)) : SLOTS;
    if (!watch_expect(w, m, "slot served", slot, muon->slot))
        return;
    uint64_t sent = bx_block_muon(kept->at.block.w, slot);
    if (sent == muon->muon) {
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_MUON_FEED, 1);
        return;
    }
    m.position = "slot";
    m.slot = (int)slot;
    mismatch_in_muon(&m, sent, muon->muon);
    check_log_mismatch(w->cfg.log, &m);
}

static void watch_served(struct watch *w, uint64_t cycle, uint64_t ps, unsigned engine,
                         const struct feed_muon *muon)
{
    struct watch_kept *kept = &w->kept[muon->seq];
    if (w->cfg.golden)
        check_served(w, cycle, kept, muon);
    kept->left &= (uint16_t)(kept->left - 1);
    uint32_t words[2] = {(uint32_t)muon->muon, (uint32_t)(muon->muon >> 32)};
    struct boundary_watch *at = &w->at[BLOCK_MUON_FEED];
    boundary_watch_record(at, watch_where(kept->at.orbit, kept->at.bx, 1 + muon->slot, 0), cycle, words, 2);
    if (!kept->left)
        watch_latency(&at->last_out, ps, kept->at.t0_ps);
    watch_write(w, BLOCK_MUON_FEED, cycle, muon->slot, RECORD_PAYLOAD, &kept->at, words, 2);
    w->engine[engine].item[w->engine[engine].in++ % WATCH_ISSUED] =
        (struct watch_issued){muon->muon, muon->seq, muon->slot};
}

static void check_result(struct watch *w, uint64_t cycle, const struct watch_issued *issued,
                         const struct recal_result *r)
{
    const struct watch_bx *bx = &w->kept[issued->seq].at;
    struct mismatch m = watch_mismatch(BLOCK_RECAL, cycle, bx->orbit, bx->bx);
    m.position = "slot";
    m.slot = issued->slot;
    struct correction c;
    recal_network_correct(w->cfg.network, &(gmt_word){issued->muon}, 1, &c);
    if (!watch_expect(w, m, "seq", issued->seq, r->seq) || !watch_expect(w, m, "slot", issued->slot, r->slot))
        return;
    m.is_signed = 1;
    if (watch_expect(w, m, "phi correction", (uint64_t)c.phi, (uint64_t)r->phi) &&
        watch_expect(w, m, "eta correction", (uint64_t)c.eta, (uint64_t)r->eta) &&
        watch_expect(w, m, "pt correction", (uint64_t)c.pt, (uint64_t)r->pt))
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_RECAL, 1);
}

static void add_residuals(struct watch *w, const struct watch_issued *issued, const struct recal_result *r)
{
    const struct watch_bx *bx = &w->kept[issued->seq].at;
    const gmt_word seen = {issued->muon};
    const struct correction c = {r->phi, r->eta, r->pt};
    double before[TRUTH_QUANTITIES], after[TRUTH_QUANTITIES];
    struct muon_truth t = muon_truth(w->cfg.truth_seed, bx->orbit, bx->bx, issued->slot, seen);
    muon_truth_residual(&t, seen, NULL, before);
    muon_truth_residual(&t, seen, &c, after);
    w->residuals.muons++;
    for (unsigned k = 0; k < TRUTH_QUANTITIES; k++) {
        w->residuals.before[k] += before[k] * before[k];
        w->residuals.after[k] += after[k] * after[k];
    }
}

static void watch_result(struct watch *w, uint64_t cycle, uint64_t ps, unsigned engine,
                         const struct recal_result *r)
{
    if (w->engine[engine].out == w->engine[engine].in) {
        struct mismatch m = watch_mismatch(BLOCK_RECAL, cycle, 0, 0);
        watch_expect(w, m, "result without a muon: seq", 0, r->seq + 1u);
        return;
    }
    const struct watch_issued *issued = &w->engine[engine].item[w->engine[engine].out++ % WATCH_ISSUED];
    if (w->cfg.golden)
        check_result(w, cycle, issued, r);
    w->inferred++;
    if (w->cfg.truth)
        add_residuals(w, issued, r);
    struct watch_kept *kept = &w->kept[issued->seq];
    if (kept->held != NOT_HELD)
        w->held[kept->held].correction[r->slot % SLOTS] = (struct correction){r->phi, r->eta, r->pt};
    uint32_t words[3] = {(uint32_t)r->phi, (uint32_t)r->eta, (uint32_t)r->pt};
    struct boundary_watch *at = &w->at[BLOCK_RECAL];
    boundary_watch_record(at, watch_where(kept->at.orbit, kept->at.bx, r->slot, 0), cycle, words, 3);
    if (kept->results++ == 0)
        watch_latency(&at->first_out, ps, kept->at.t0_ps);
    if (kept->results == (unsigned)__builtin_popcount(kept->queued))
        watch_latency(&at->last_out, ps, kept->at.t0_ps);
    watch_write(w, BLOCK_RECAL, cycle, r->slot, RECORD_PAYLOAD, &kept->at, words, 3);
}

static void note_levels(struct watch *w, const struct board_bus *board)
{
    w->feed_now = board->muon_feed.level;
    w->pack_now = board->event_pack.level;
    w->feed_high = w->feed_now > w->feed_high ? w->feed_now : w->feed_high;
    w->pack_high = w->pack_now > w->pack_high ? w->pack_now : w->pack_high;
}

void watch_board(struct watch *w, uint64_t cycle, uint64_t ps, const struct board_bus *board)
{
    if (board->cdc_rx.valid)
        watch_lanes_crossed(w, cycle, ps, &board->cdc_rx);
    watch_frames(w, cycle, ps, &board->event_pack);
    for (unsigned e = 0; e < w->cfg.board.engines; e++)
        if (board->recal.result[e].valid)
            watch_result(w, cycle, ps, e, &board->recal.result[e]);
    if (board->link_align.valid)
        watch_aligned(w, cycle, ps, &board->link_align);
    if (board->zero_suppress.valid)
        watch_decided(w, cycle, ps, &board->zero_suppress);
    for (unsigned e = 0; e < w->cfg.board.engines; e++)
        if (board->muon_feed.muon[e].valid)
            watch_served(w, cycle, ps, e, &board->muon_feed.muon[e]);
    if (board->muon_feed.valid)
        watch_fed(w, cycle, ps, &board->muon_feed);
    note_levels(w, board);
}

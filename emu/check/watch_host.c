/* The watcher from event_pack to the host bus: frames. */
#include "emu/check/watch_internal.h"

#include "golden/formats/bx_frames.h"

/* What event_pack did at this edge with the kept BX that muon_feed showed before it. */
static void arrive(struct watch *w, const struct event_pack_out *out)
{
    struct watch_kept *kept = &w->kept[w->arriving];
    w->arriving = -1;
    if (out->dropped) {
        w->ledger.dropped++;
        return;
    }
    kept->held = (int)(w->held_in++ % WATCH_HELD);
    w->held_at[kept->held] = kept->at;
    struct packed_bx *p = &w->held[kept->held];
    p->orbit = kept->at.board_orbit;
    p->bx = kept->at.board_bx;
    p->queued = kept->queued;
    p->skipped = kept->skipped;
    p->block = kept->at.block;
    memset(p->correction, 0, sizeof p->correction);
}

static enum record_kind record_kind_of(unsigned kind)
{
    static const enum record_kind of[] = {[FRAME_HEADER] = RECORD_HEADER,
                                          [FRAME_BLOCK] = RECORD_PAYLOAD,
                                          [FRAME_APPENDED] = RECORD_APPENDED,
                                          [FRAME_TRAILER] = RECORD_TRAILER,
                                          [FRAME_PACKET] = RECORD_PACKET};
    return kind <= FRAME_PACKET ? of[kind] : RECORD_PACKET;
}

/* Muons of one letter that the host writes, from the frames that golden expects. */
static void expect_in_file(struct watch *w, const struct bx_block *block, unsigned letter)
{
    enum link_format format = w->cfg.board.run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
    uint32_t orbit = bx_frames_orbit(block, format, 0);
    uint16_t bx = bx_frames_bx(block, format, 0);
    unsigned place = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        uint64_t muon = bx_block_muon(block->w, 2 * lane + letter);
        if (w->cfg.host_all || gmt_pt((gmt_word){muon}))
            host_content_muon(&w->host, orbit, bx, letter, place++, muon);
    }
}

static bool has_muon(const struct bx_block *block)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (gmt_pt((gmt_word){bx_block_muon(block->w, slot)}))
            return true;
    return false;
}

static void expect_record(struct watch *w)
{
    struct bx_block block;
    memcpy(block.w, w->expected, sizeof block.w); /* six frames of eight words, in the order of a block */
    if (!has_muon(&block))
        return;
    w->host.bx++;
    expect_in_file(w, &block, 0);
    expect_in_file(w, &block, 1);
}

static void expect_bx(struct watch *w, struct mismatch *m)
{
    if (w->held_out == w->held_in) {
        watch_expect(w, *m, "block without a BX held", 0, 1);
        w->expected_count = 0;
        return;
    }
    const struct packed_bx *p = &w->held[w->held_out % WATCH_HELD];
    w->expected_count = pack_block(p, (enum pack_corrections)w->cfg.board.pack_corrections, w->expected);
    w->hit_map[p->bx / 32] |= 1u << p->bx % 32;
    expect_record(w);
}

static void expect_packet(struct watch *w, const struct event_pack_out *out)
{
    /* Realignments and dropped orbits are time's doing: lock-step and the host's cross-check hold those. */
    struct packet_counts counts = {out->w[2], out->w[4], w->packet_orbits};
    w->expected_count = pack_packet(&counts, w->expected);
    w->packet_orbits = 0;
}

/* The frames of the item that begins with this one, as golden makes them. */
static void expect_item(struct watch *w, const struct event_pack_out *out, struct mismatch *m)
{
    w->expected_next = 0;
    switch (out->kind) {
    case FRAME_HEADER:
        w->expected_count = pack_header(out->orbit, w->expected);
        break;
    case FRAME_BLOCK:
        expect_bx(w, m);
        break;
    case FRAME_TRAILER:
        w->expected_count = pack_trailer(w->hit_map, w->expected);
        memset(w->hit_map, 0, sizeof w->hit_map);
        w->packet_orbits++;
        break;
    case FRAME_PACKET:
        expect_packet(w, out);
        break;
    default:
        watch_expect(w, *m, "frame kind at the start of an item", FRAME_BLOCK, out->kind);
        w->expected_count = 0;
    }
}

static void check_frame(struct watch *w, uint64_t cycle, const struct event_pack_out *out,
                        const struct watch_bx *bx)
{
    struct mismatch m = watch_mismatch(BLOCK_EVENT_PACK, cycle, bx->orbit, bx->bx);
    m.position = "frame";
    m.slot = out->index;
    if (w->expected_next == w->expected_count)
        expect_item(w, out, &m);
    if (w->expected_next == w->expected_count)
        return;
    const struct dma_frame *expected = &w->expected[w->expected_next++];
    for (unsigned i = 0; i < LANES; i++)
        if (expected->w[i] != out->w[i]) {
            mismatch_in_frame(&m, (enum frame_kind)out->kind, out->index, i);
            watch_expect(w, m, m.field, expected->w[i], out->w[i]);
            return;
        }
    check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_EVENT_PACK, 1);
}

static bool ends_bx(const struct watch *w, const struct event_pack_out *out)
{
    if (w->cfg.board.pack_corrections == PACK_APPENDED)
        return out->kind == FRAME_APPENDED && out->index == PACK_APPENDED_FRAMES - 1;
    return out->kind == FRAME_BLOCK && out->index == PACK_BLOCK_FRAMES - 1;
}

static uint64_t frame_hash(unsigned kind, const uint32_t w[LANES])
{
    return digest_words(kind, w, LANES);
}

/* BX of a block's or appended frame, else the orbit alone. */
static void frame_bx(struct watch *w, const struct event_pack_out *out, struct watch_bx *bx)
{
    bool of_bx = out->kind == FRAME_BLOCK || out->kind == FRAME_APPENDED;
    if (of_bx && w->held_out < w->held_in) {
        const struct watch_bx *at = &w->held_at[w->held_out % WATCH_HELD];
        bx->number = at->number;
        bx->t0_ps = at->t0_ps;
        bx->orbit = at->orbit;
        bx->bx = at->bx;
    } else {
        bx->number = 0;
        bx->t0_ps = NO_TIME;
        bx->orbit = out->orbit;
        bx->bx = out->bx;
    }
    bx->board_orbit = out->orbit;
    bx->board_bx = out->bx;
}

static void frame_latency(struct boundary_watch *at, const struct watch_frame *f, uint64_t ps)
{
    if (f->kind == FRAME_BLOCK && f->index == 0)
        watch_latency(&at->first_out, ps, f->t0_ps);
    if (f->last)
        watch_latency(&at->last_out, ps, f->t0_ps);
}

void watch_frames(struct watch *w, uint64_t cycle, uint64_t ps, const struct event_pack_out *out)
{
    if (w->arriving >= 0)
        arrive(w, out);
    if (!out->valid)
        return;
    struct watch_bx bx;
    frame_bx(w, out, &bx);
    if (w->cfg.golden)
        check_frame(w, cycle, out, &bx);
    struct watch_frame *f = &w->frame[w->frames_in++ % WATCH_FRAMES];
    *f = (struct watch_frame){frame_hash(out->kind, out->w), bx.number, bx.t0_ps, bx.orbit, bx.bx,
                              out->kind, out->index, ends_bx(w, out)};
    struct boundary_watch *at = &w->at[BLOCK_EVENT_PACK];
    boundary_watch_record(at, watch_where(bx.orbit, bx.bx, out->kind, out->index), cycle, out->w, LANES);
    frame_latency(at, f, ps);
    watch_write(w, BLOCK_EVENT_PACK, cycle, out->index, record_kind_of(out->kind), &bx, out->w, LANES);
    if (f->last && w->held_out < w->held_in)
        w->held_out++;
}

/* A frame on its way to the host is the next one that event_pack made. */
static const struct watch_frame *pass_frame(struct watch *w, enum block block, uint64_t cycle, uint64_t ps,
                                            uint64_t *count, uint64_t given, unsigned kind,
                                            const uint32_t words[LANES])
{
    struct mismatch m = watch_mismatch(block, cycle, 0, 0);
    if (*count == given) {
        watch_expect(w, m, "frame shown without one given", given, given + 1);
        return NULL;
    }
    const struct watch_frame *f = &w->frame[(*count)++ % WATCH_FRAMES];
    m = watch_mismatch(block, cycle, f->orbit, f->bx);
    m.position = "frame";
    m.slot = f->index;
    if (w->cfg.golden && watch_expect(w, m, "digest of the frame", f->hash, frame_hash(kind, words)))
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, block, 1);
    boundary_watch_record(&w->at[block], watch_where(f->orbit, f->bx, f->kind, f->index), cycle, words,
                          LANES);
    frame_latency(&w->at[block], f, ps);
    struct watch_bx bx = {.orbit = f->orbit, .bx = f->bx, .board_orbit = f->orbit, .board_bx = f->bx};
    watch_write(w, block, cycle, f->index, record_kind_of(kind), &bx, words, LANES);
    return f;
}

void watch_host(struct watch *w, uint64_t cycle, uint64_t ps, const struct host_bus *host)
{
    const struct cdc_dma_out *crossed = &host->cdc_dma;
    const struct dma_out *out = &host->dma;
    if (w->frames_in - w->frames_crossed > w->cdc_dma_high)
        w->cdc_dma_high = (uint32_t)(w->frames_in - w->frames_crossed);
    w->dma_now = out->level;
    w->dma_high = w->dma_now > w->dma_high ? w->dma_now : w->dma_high;
    if (out->valid) {
        const struct watch_frame *f =
            pass_frame(w, BLOCK_DMA, cycle, ps, &w->frames_out, w->frames_crossed, out->kind, out->w);
        w->ledger.forwarded += f && f->last;
    }
    if (crossed->valid)
        pass_frame(w, BLOCK_CDC_DMA, cycle, ps, &w->frames_crossed, w->frames_in, crossed->kind, crossed->w);
}

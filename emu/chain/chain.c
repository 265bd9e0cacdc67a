#include "emu/chain/chain.h"

#include "emu/chain/clock_tree.h"
#include "emu/chain/outside.h"
#include "emu/check/compare.h"
#include "emu/cosim/board_rtl.h"
#include "emu/model/cdc_dma.h"
#include "emu/model/cdc_rx.h"
#include "emu/model/dma.h"
#include "emu/model/event_pack.h"
#include "emu/model/link_align.h"
#include "emu/model/link_rx.h"
#include "emu/model/muon_feed.h"
#include "emu/model/recal.h"
#include "emu/model/zero_suppress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct bus {
    struct line_bus line;
    struct board_bus board;
    struct host_bus host;
};

struct models {
    struct link_rx link_rx;
    struct cdc_rx cdc_rx;
    struct link_align link_align;
    struct zero_suppress zero_suppress;
    struct muon_feed muon_feed;
    struct recal recal;
    struct event_pack event_pack;
    struct cdc_dma cdc_dma;
    struct dma dma;
};

struct chain {
    struct chain_cfg cfg;
    struct clock_tree clocks;
    struct models model;
    bool zero_suppress_open, recal_open; /* kernels to release */
    struct board_rtl *rtl;               /* NULL: all blocks are models */
    unsigned inject;                     /* blocks whose model is injected into the RTL */
    bool losses_from_rtl;                /* event_pack's model needs link_align's counters, and only the RTL has them */

    /* Visible now, and the buffers that the next edges of a domain write: swapped by domain. */
    struct bus bus[2];
    struct line_bus *line, *line_next;
    struct board_bus *board, *board_next;
    struct host_bus *host, *host_next;
    struct bus *made; /* where models write: the next buffers without RTL, a place of their own beside it */
    struct bus aside;

    struct line_in in;
    struct line_tag tag;
    uint8_t stop, bus_ready;
    bool links_idle;
    struct after after;
    uint64_t status_at; /* board cycle of the next comparison of counters */
    enum chain_state state;
    bool tracing;
};

/* ---- opening ---- */

static bool runs_model(const struct chain *c, enum block b)
{
    return c->cfg.engine[b] != ENGINE_RTL;
}

static bool any_rtl(const struct chain *c)
{
    for (int b = 0; b < BLOCKS; b++)
        if (c->cfg.engine[b] != ENGINE_MODEL)
            return true;
    return false;
}

static int open_kernels(struct chain *c, struct message *m)
{
    if (runs_model(c, BLOCK_ZERO_SUPPRESS)) {
        if (zero_suppress_init(&c->model.zero_suppress, &c->cfg.board, c->cfg.kernels, m) < 0)
            return -1;
        c->zero_suppress_open = true;
    }
    if (runs_model(c, BLOCK_RECAL)) {
        if (recal_init(&c->model.recal, &c->cfg.board, c->cfg.kernels, m) < 0)
            return -1;
        c->recal_open = true;
    }
    return 0;
}

static void init_models(struct chain *c)
{
    link_rx_init(&c->model.link_rx, &c->cfg.board);
    cdc_rx_init(&c->model.cdc_rx, &c->cfg.board);
    link_align_init(&c->model.link_align, &c->cfg.board);
    muon_feed_init(&c->model.muon_feed, &c->cfg.board);
    event_pack_init(&c->model.event_pack, &c->cfg.board);
    cdc_dma_init(&c->model.cdc_dma, &c->cfg.board);
    dma_init(&c->model.dma, &c->cfg.board);
}

static int same_hash(struct chain *c, const char *kernel, bool open, uint64_t native, struct message *m)
{
    uint64_t hash = board_rtl_kernel_hash(c->rtl, kernel);
    if (!open || hash == native)
        return 0;
    return message_set(m, "%s: the RTL of kernel %s has build hash %016" PRIx64 ", its native code and schedule in %s have "
                       "%016" PRIx64 " (build both from the same source)",
                       c->cfg.board_so, kernel, hash, c->cfg.kernels, native);
}

static int open_rtl(struct chain *c, struct message *m)
{
    if (!any_rtl(c))
        return 0;
    c->rtl = board_rtl_open(c->cfg.board_so, &c->cfg.board, c->cfg.random_seed, m->text, sizeof m->text);
    if (!c->rtl || same_hash(c, "zero_suppress", c->zero_suppress_open, c->model.zero_suppress.kernel.hash, m) < 0 ||
        same_hash(c, "recal", c->recal_open, c->model.recal.kernel.hash, m) < 0)
        return -1;
    for (int b = 0; b < BLOCKS; b++)
        c->inject |= (unsigned)(c->cfg.engine[b] == ENGINE_MODEL) << b;
    c->losses_from_rtl = runs_model(c, BLOCK_EVENT_PACK) && !runs_model(c, BLOCK_LINK_ALIGN);
    board_rtl_reset(c->rtl);
    board_rtl_show(c->rtl, c->line, c->board, c->host);
    return 0;
}

static int open_trace(struct chain *c, struct message *m)
{
    if (!c->cfg.trace.path)
        return 0;
    if (!c->rtl)
        return message_set(m, "waveforms need a block in RTL, and all run as C models (engines: rtl or lockstep)");
    return board_rtl_trace_open(c->rtl, c->cfg.trace.path, m->text, sizeof m->text);
}

static int open_all(struct chain *c, struct message *m)
{
    if (clock_tree_init(&c->clocks, c->cfg.hz, c->cfg.phase_ps) < 0)
        return message_set(m, "clocks: a frequency is outside 1..10000000000 Hz or a phase is a second or more");
    init_models(c);
    return open_kernels(c, m) < 0 || open_rtl(c, m) < 0 || open_trace(c, m) < 0 ? -1 : 0;
}

struct chain *chain_open(const struct chain_cfg *cfg, struct message *m)
{
    struct chain *c = calloc(1, sizeof *c);
    if (!c) {
        message_set(m, "out of memory");
        return NULL;
    }
    c->cfg = *cfg;
    c->line = &c->bus[0].line, c->line_next = &c->bus[1].line;
    c->board = &c->bus[0].board, c->board_next = &c->bus[1].board;
    c->host = &c->bus[0].host, c->host_next = &c->bus[1].host;
    c->status_at = 6 * BX_PER_ORBIT;
    c->bus_ready = bus_stall_ready(cfg->stall);
    c->after = (struct after){.watch = cfg->watch, .log = cfg->log, .sink = cfg->sink, .sink_ctx = cfg->sink_ctx};
    if (open_all(c, m) < 0) {
        chain_close(c);
        return NULL;
    }
    return c;
}

void chain_close(struct chain *c)
{
    if (!c)
        return;
    if (c->rtl && c->cfg.trace.path)
        board_rtl_trace_close(c->rtl);
    board_rtl_close(c->rtl);
    if (c->zero_suppress_open)
        zero_suppress_release(&c->model.zero_suppress);
    if (c->recal_open)
        recal_release(&c->model.recal);
    free(c);
}

/* ---- one instant ---- */

struct made { /* where the models of this instant write */
    struct line_bus *line;
    struct board_bus *board;
    struct host_bus *host;
};

struct bus_view chain_view(const struct chain *c)
{
    return (struct bus_view){.in = &c->in, .line = c->line, .board = c->board, .host = c->host, .stop = c->stop,
                             .bus_ready = c->bus_ready};
}

static void step_line(struct chain *c, enum block b, const struct bus_view *now, const struct made *made)
{
    if (b == BLOCK_LINK_RX)
        link_rx_step(&c->model.link_rx, now, &made->line->link_rx);
    else if (b == BLOCK_CDC_RX)
        cdc_rx_step_line(&c->model.cdc_rx, now);
}

static void step_board(struct chain *c, enum block b, const struct bus_view *now, const struct made *made,
                       uint32_t losses)
{
    struct models *s = &c->model;
    struct board_bus *next = made->board;
    switch (b) {
    case BLOCK_CDC_RX: cdc_rx_step_board(&s->cdc_rx, now, &next->cdc_rx); break;
    case BLOCK_LINK_ALIGN: link_align_step(&s->link_align, now, &next->link_align); break;
    case BLOCK_ZERO_SUPPRESS: zero_suppress_step(&s->zero_suppress, now, &next->zero_suppress); break;
    case BLOCK_MUON_FEED: muon_feed_step(&s->muon_feed, now, &next->muon_feed); break;
    case BLOCK_RECAL: recal_step(&s->recal, now, &next->recal); break;
    case BLOCK_EVENT_PACK: event_pack_step(&s->event_pack, now, losses, &next->event_pack); break;
    case BLOCK_CDC_DMA: cdc_dma_step_board(&s->cdc_dma, now, &next->cdc_dma_ready); break;
    default: break;
    }
}

static void step_host(struct chain *c, enum block b, const struct bus_view *now, const struct made *made)
{
    if (b == BLOCK_CDC_DMA)
        cdc_dma_step_host(&c->model.cdc_dma, now, &made->host->cdc_dma);
    else if (b == BLOCK_DMA)
        dma_step(&c->model.dma, now, &made->host->dma);
}

/* link_align's loss counters before this edge, as event_pack reads them. */
static uint32_t losses_before(struct chain *c)
{
    if (!c->losses_from_rtl)
        return link_align_faults(&c->model.link_align);
    struct board_status status;
    board_rtl_status(c->rtl, &status);
    return status.align_losses + status.align_overflows;
}

static void step_models(struct chain *c, unsigned ticking, const struct bus_view *now, const struct made *made)
{
    uint32_t losses = ticking & 1u << DOMAIN_BOARD ? losses_before(c) : 0;
    for (int i = 0; i < BLOCKS; i++) {
        enum block b = (enum block)(c->cfg.reverse ? BLOCKS - 1 - i : i);
        if (!runs_model(c, b))
            continue;
        if (ticking & 1u << DOMAIN_LINE)
            step_line(c, b, now, made);
        if (ticking & 1u << DOMAIN_BOARD)
            step_board(c, b, now, made, losses);
        if (ticking & 1u << DOMAIN_HOST)
            step_host(c, b, now, made);
    }
    cdc_rx_commit(&c->model.cdc_rx);
    cdc_dma_commit(&c->model.cdc_dma);
}

/* The outputs of blocks that run as model alone replace the RTL's in what is visible next. */
static void show_injected(struct chain *c, unsigned ticking, const struct made *made)
{
    unsigned inject = c->inject;
    if (ticking & 1u << DOMAIN_LINE && inject & 1u << BLOCK_LINK_RX)
        c->line_next->link_rx = made->line->link_rx;
    if (ticking & 1u << DOMAIN_BOARD) {
        const struct board_bus *from = made->board;
        struct board_bus *to = c->board_next;
        if (inject & 1u << BLOCK_CDC_RX)
            to->cdc_rx = from->cdc_rx;
        if (inject & 1u << BLOCK_LINK_ALIGN)
            to->link_align = from->link_align;
        if (inject & 1u << BLOCK_ZERO_SUPPRESS)
            to->zero_suppress = from->zero_suppress;
        if (inject & 1u << BLOCK_MUON_FEED)
            to->muon_feed = from->muon_feed;
        if (inject & 1u << BLOCK_RECAL)
            to->recal = from->recal;
        if (inject & 1u << BLOCK_EVENT_PACK)
            to->event_pack = from->event_pack;
        if (inject & 1u << BLOCK_CDC_DMA)
            to->cdc_dma_ready = from->cdc_dma_ready;
    }
    if (ticking & 1u << DOMAIN_HOST) {
        if (inject & 1u << BLOCK_CDC_DMA)
            c->host_next->cdc_dma = made->host->cdc_dma;
        if (inject & 1u << BLOCK_DMA)
            c->host_next->dma = made->host->dma;
    }
}

/* ---- lock-step ---- */

static void locate(struct mismatch *m, uint32_t orbit, uint16_t bx)
{
    m->orbit = orbit;
    m->bx = bx;
}

/* The BX that a kept seq stands for, when somebody watches. */
static void locate_seq(const struct chain *c, struct mismatch *m, uint8_t seq)
{
    if (c->cfg.watch)
        locate(m, c->cfg.watch->kept[seq].at.orbit, c->cfg.watch->kept[seq].at.bx);
}

static void locate_lane(const struct chain *c, struct mismatch *m)
{
    unsigned lane = m->slot == NO_SLOT ? 0 : (unsigned)m->slot;
    const struct word_tag *tag = &c->tag.lane[lane];
    if (m->block == BLOCK_CDC_RX && c->cfg.watch) {
        const struct watch_lane_queue *q = &c->cfg.watch->lane[lane];
        if (q->in != q->out)
            tag = &q->item[q->out % WATCH_LANE_QUEUE].tag;
    }
    locate(m, tag->orbit, tag->bx);
}

static void locate_frame(const struct chain *c, struct mismatch *m, uint64_t count)
{
    if (c->cfg.watch)
        locate(m, c->cfg.watch->frame[count % WATCH_FRAMES].orbit, c->cfg.watch->frame[count % WATCH_FRAMES].bx);
}

/* A BX-carrying output: what the model says, or the RTL when only that is valid. */
#define LOCATE_BX(block_field)                                                                  \
    locate(m, (model->block_field.valid ? model : rtl)->block_field.orbit,                      \
           (model->block_field.valid ? model : rtl)->block_field.bx)

static void locate_served(const struct chain *c, struct mismatch *m, const struct board_bus *model,
                          const struct board_bus *rtl)
{
    for (int e = 0; e < MAX_ENGINES; e++)
        if (model->muon_feed.muon[e].valid || rtl->muon_feed.muon[e].valid) {
            locate_seq(c, m, (model->muon_feed.muon[e].valid ? model : rtl)->muon_feed.muon[e].seq);
            return;
        }
    LOCATE_BX(muon_feed);
}

static void locate_result(const struct chain *c, struct mismatch *m, const struct board_bus *model,
                          const struct board_bus *rtl)
{
    for (int e = 0; e < MAX_ENGINES; e++)
        if (model->recal.result[e].valid || rtl->recal.result[e].valid) {
            locate_seq(c, m, (model->recal.result[e].valid ? model : rtl)->recal.result[e].seq);
            return;
        }
}

/* Says where a difference is, and counts it. */
static void differs(struct chain *c, struct mismatch *m, const struct board_bus *model, const struct board_bus *rtl)
{
    switch (m->block) {
    case BLOCK_LINK_RX:
    case BLOCK_CDC_RX: locate_lane(c, m); break;
    case BLOCK_LINK_ALIGN: LOCATE_BX(link_align); break;
    case BLOCK_ZERO_SUPPRESS: LOCATE_BX(zero_suppress); break;
    case BLOCK_MUON_FEED: locate_served(c, m, model, rtl); break;
    case BLOCK_RECAL: locate_result(c, m, model, rtl); break;
    case BLOCK_EVENT_PACK: LOCATE_BX(event_pack); break;
    case BLOCK_CDC_DMA: locate_frame(c, m, c->cfg.watch ? c->cfg.watch->frames_crossed : 0); break;
    case BLOCK_DMA: locate_frame(c, m, c->cfg.watch ? c->cfg.watch->frames_out : 0); break;
    default: break;
    }
    m->cycle = c->clocks.cycle[boundary_info[m->block].domain] - 1;
    check_log_mismatch(c->cfg.log, m);
}

static bool in_lockstep(const struct chain *c, enum block b)
{
    return c->cfg.engine[b] == ENGINE_LOCKSTEP;
}

/* Compares one block's output in the model's and the RTL's bus of a domain. */
#define LOCKSTEP(block_number, function, domain, field)                               \
    do {                                                                              \
        if (in_lockstep(c, block_number)) {                                           \
            struct mismatch m = {.oracle = ORACLE_MODEL, .block = block_number, .slot = NO_SLOT, .position = ""}; \
            int n = function(&made->domain->field, &c->domain##_next->field, &m);     \
            if (n == COMPARE_DIFFERS)                                                 \
                differs(c, &m, made->board, c->board_next);                           \
            else                                                                      \
                check_log_compared(c->cfg.log, ORACLE_MODEL, block_number, (uint64_t)n); \
        }                                                                             \
    } while (0)

static void compare_board(struct chain *c, const struct made *made)
{
    LOCKSTEP(BLOCK_CDC_RX, compare_cdc_rx, board, cdc_rx);
    LOCKSTEP(BLOCK_LINK_ALIGN, compare_link_align, board, link_align);
    LOCKSTEP(BLOCK_ZERO_SUPPRESS, compare_zero_suppress, board, zero_suppress);
    LOCKSTEP(BLOCK_MUON_FEED, compare_muon_feed, board, muon_feed);
    LOCKSTEP(BLOCK_RECAL, compare_recal, board, recal);
    LOCKSTEP(BLOCK_EVENT_PACK, compare_event_pack, board, event_pack);
    LOCKSTEP(BLOCK_CDC_DMA, compare_cdc_dma_ready, board, cdc_dma_ready);
}

static void compare(struct chain *c, unsigned ticking, const struct made *made)
{
    if (ticking & 1u << DOMAIN_LINE)
        LOCKSTEP(BLOCK_LINK_RX, compare_link_rx, line, link_rx);
    if (ticking & 1u << DOMAIN_BOARD)
        compare_board(c, made);
    if (ticking & 1u << DOMAIN_HOST) {
        LOCKSTEP(BLOCK_CDC_DMA, compare_cdc_dma, host, cdc_dma);
        LOCKSTEP(BLOCK_DMA, compare_dma, host, dma);
    }
}

/* The counters of those models for which `use` holds replace what *status has. */
static void model_status(const struct chain *c, bool (*use)(const struct chain *, enum block),
                         struct board_status *status)
{
    const struct models *s = &c->model;
    if (use(c, BLOCK_LINK_RX))
        link_rx_status(&s->link_rx, status);
    if (use(c, BLOCK_CDC_RX))
        cdc_rx_status(&s->cdc_rx, status);
    if (use(c, BLOCK_LINK_ALIGN))
        link_align_status(&s->link_align, status);
    if (use(c, BLOCK_MUON_FEED))
        muon_feed_status(&s->muon_feed, status);
    if (use(c, BLOCK_EVENT_PACK))
        event_pack_status(&s->event_pack, status);
}

static void compare_counters(struct chain *c)
{
    struct board_status rtl, model;
    board_rtl_status(c->rtl, &rtl);
    model = rtl;
    model_status(c, in_lockstep, &model);
    struct mismatch m = {.oracle = ORACLE_MODEL, .slot = NO_SLOT, .position = ""};
    int block;
    if (compare_status(&model, &rtl, &m, &block))
        return;
    m.block = (enum block)block;
    locate(&m, c->tag.lane[0].orbit, c->tag.lane[0].bx);
    m.cycle = c->clocks.cycle[boundary_info[block].domain] - 1;
    check_log_mismatch(c->cfg.log, &m);
}

static bool is_model(const struct chain *c, enum block b)
{
    return c->cfg.engine[b] == ENGINE_MODEL;
}

void chain_status(struct chain *c, struct board_status *status)
{
    memset(status, 0, sizeof *status);
    if (c->rtl)
        board_rtl_status(c->rtl, status);
    model_status(c, is_model, status);
}

/* ---- the run ---- */

/* The row that a line edge samples. */
static int take_row(struct chain *c)
{
    int more = gmt_link_next(c->cfg.link, &c->in, &c->tag);
    c->links_idle = more == 0;
    return more;
}

static void step_outside(struct chain *c, unsigned ticking)
{
    if (ticking & 1u << DOMAIN_LINE)
        c->stop |= outside_stop(&c->tag, c->links_idle, c->cfg.last_orbit);
    c->bus_ready = outside_bus_ready(c->cfg.stall, ticking, &c->tag, c->bus_ready);
}

static void swap_shown(struct chain *c, unsigned ticking)
{
    if (ticking & 1u << DOMAIN_LINE) {
        struct line_bus *shown = c->line;
        c->line = c->line_next;
        c->line_next = shown;
    }
    if (ticking & 1u << DOMAIN_BOARD) {
        struct board_bus *shown = c->board;
        c->board = c->board_next;
        c->board_next = shown;
    }
    if (ticking & 1u << DOMAIN_HOST) {
        struct host_bus *shown = c->host;
        c->host = c->host_next;
        c->host_next = shown;
    }
}

static void trace(struct chain *c)
{
    const struct chain_trace *t = &c->cfg.trace;
    const struct word_tag *at = &c->tag.lane[0];
    int64_t away = ((int64_t)(int32_t)(at->orbit - t->orbit)) * BX_PER_ORBIT + at->bx - t->bx;
    if (away < -(int64_t)t->before || away > (int64_t)t->after)
        return;
    uint64_t latest = 0;
    for (int d = 0; d < DOMAINS; d++) {
        uint64_t ps = c->clocks.cycle[d] ? clock_tree_ps(&c->clocks, (enum domain)d) : 0;
        latest = ps > latest ? ps : latest;
    }
    board_rtl_trace_dump(c->rtl, latest);
}

static enum chain_state instant(struct chain *c)
{
    unsigned ticking = clock_tree_step(&c->clocks);
    if (ticking & 1u << DOMAIN_LINE && take_row(c) < 0)
        return CHAIN_BROKEN;
    struct bus_view now = chain_view(c);
    struct made made = {c->line_next, c->board_next, c->host_next};
    if (c->rtl)
        made = (struct made){&c->aside.line, &c->aside.board, &c->aside.host};
    if (c->rtl && c->inject & 1u << BLOCK_LINK_ALIGN)
        board_rtl_inject_losses(c->rtl, link_align_faults(&c->model.link_align));
    step_models(c, ticking, &now, &made);
    if (c->rtl) {
        board_rtl_edge(c->rtl, ticking, &now, c->inject, c->line_next, c->board_next, c->host_next);
        compare(c, ticking, &made);
        if (c->inject)
            show_injected(c, ticking, &made);
    }
    swap_shown(c, ticking);
    step_outside(c, ticking);
    if (c->cfg.trace.path)
        trace(c);
    struct bus_view shown = chain_view(c);
    return after_instant(&c->after, &c->clocks, ticking, &c->tag, &shown, c->links_idle);
}

enum chain_state chain_run(struct chain *c, uint64_t board_cycles)
{
    while (c->state == CHAIN_MORE && c->clocks.cycle[DOMAIN_BOARD] < board_cycles) {
        c->state = instant(c);
        bool orbit_over = c->clocks.cycle[DOMAIN_BOARD] >= c->status_at;
        if (c->rtl && (orbit_over || c->state == CHAIN_DONE)) {
            c->status_at += 6 * BX_PER_ORBIT;
            compare_counters(c);
            if (check_log_full(c->cfg.log))
                c->state = CHAIN_MISMATCH;
        }
    }
    return c->state;
}

uint64_t chain_cycles(const struct chain *c, enum domain d)
{
    return c->clocks.cycle[d];
}

uint64_t chain_kernel_hash(const struct chain *c, const char *kernel)
{
    bool zero_suppress = strcmp(kernel, "zero_suppress") == 0;
    if (zero_suppress && c->zero_suppress_open)
        return c->model.zero_suppress.kernel.hash;
    if (!zero_suppress && c->recal_open)
        return c->model.recal.kernel.hash;
    return c->rtl ? board_rtl_kernel_hash(c->rtl, kernel) : 0;
}

uint32_t chain_kernel_latency(const struct chain *c, const char *kernel)
{
    bool zero_suppress = strcmp(kernel, "zero_suppress") == 0;
    if (zero_suppress)
        return c->zero_suppress_open ? c->model.zero_suppress.kernel.latency : 0;
    return c->recal_open ? c->model.recal.kernel.latency : 0;
}

uint32_t chain_align_peak(const struct chain *c)
{
    return runs_model(c, BLOCK_LINK_ALIGN) ? link_align_peak(&c->model.link_align) : 0;
}

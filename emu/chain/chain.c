#include "emu/chain/chain_internal.h"

#include "emu/chain/outside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ---- */

static bool any_rtl(const struct chain *c)
{
    for (int b = 0; b < BLOCKS; b++)
        if (c->cfg.engine[b] != ENGINE_MODEL)
            return true;
    return false;
}

static int open_kernels(struct chain *c, struct message *m)
{
    if (chain_runs_model(c, BLOCK_ZERO_SUPPRESS)) {
        if (zero_suppress_init(&c->model.zero_suppress, &c->cfg.board, c->cfg.kernels, m) < 0)
            return -1;
        c->zero_suppress_open = true;
    }
    if (chain_runs_model(c, BLOCK_RECAL)) {
        if (recal_init(&c->model.recal, &c->cfg.board, c->cfg.kernels, m) < 0)
            return -1;
        c->recal_open = true;
    }
    return 0;
}

static int same_hash(struct chain *c, const char *kernel, bool open, uint64_t native, struct message *m)
{
    uint64_t hash = board_rtl_kernel_hash(c->rtl, kernel);
    if (!open || hash == native)
        return 0;
    return message_set(m,
                       "%s: the RTL of kernel %s has build hash %016" PRIx64
                       ", its native code and schedule in %s have "
                       "%016" PRIx64 " (build both from the same source)",
                       c->cfg.board_so, kernel, hash, c->cfg.kernels, native);
}

static int open_rtl(struct chain *c, struct message *m)
{
    if (!any_rtl(c))
        return 0;
    c->rtl = board_rtl_open(c->cfg.board_so, &c->cfg.board, c->cfg.random_seed, m->text, sizeof m->text);
    if (!c->rtl ||
        same_hash(c, "zero_suppress", c->zero_suppress_open, c->model.zero_suppress.kernel.hash, m) < 0 ||
        same_hash(c, "recal", c->recal_open, c->model.recal.kernel.hash, m) < 0)
        return -1;
    for (int b = 0; b < BLOCKS; b++)
        c->inject |= (unsigned)(c->cfg.engine[b] == ENGINE_MODEL) << b;
    c->losses_from_rtl = chain_runs_model(c, BLOCK_EVENT_PACK) && !chain_runs_model(c, BLOCK_LINK_ALIGN);
    board_rtl_reset(c->rtl);
    board_rtl_show(c->rtl, c->line, c->board, c->host);
    return 0;
}

static int open_trace(struct chain *c, struct message *m)
{
    if (!c->cfg.trace.path)
        return 0;
    if (!c->rtl)
        return message_set(
            m, "waveforms need a block in RTL, and all run as C models (engines: rtl or lockstep)");
    return board_rtl_trace_open(c->rtl, c->cfg.trace.path, m->text, sizeof m->text);
}

static int open_all(struct chain *c, struct message *m)
{
    if (clock_tree_init(&c->clocks, c->cfg.hz, c->cfg.phase_ps) < 0)
        return message_set(m,
                           "clocks: a frequency is outside 1..10000000000 Hz or a phase is a second or more");
    chain_init_models(c);
    chain_list_steps(c);
    chain_list_compares(c);
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
    c->after =
        (struct after){.watch = cfg->watch, .log = cfg->log, .sink = cfg->sink, .sink_ctx = cfg->sink_ctx};
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

struct bus_view chain_view(const struct chain *c)
{
    return (struct bus_view){.in = &c->in,
                             .line = c->line,
                             .board = c->board,
                             .host = c->host,
                             .stop = c->stop,
                             .bus_ready = c->bus_ready};
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
    chain_model_status(c, is_model, status);
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
    chain_step_models(c, ticking, &now, &made);
    if (c->rtl) {
        board_rtl_edge(c->rtl, ticking, &now, c->inject, c->line_next, c->board_next, c->host_next);
        if (board_rtl_fault(c->rtl))
            return CHAIN_HALTED;
        chain_lockstep(c, ticking, &made);
        if (c->inject)
            chain_show_injected(c, ticking, &made);
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
            chain_compare_counters(c);
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

const char *chain_halt(const struct chain *c)
{
    return c->rtl ? board_rtl_fault(c->rtl) : NULL;
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

/* What the files of the chain share. */
#ifndef EMU_CHAIN_CHAIN_INTERNAL_H
#define EMU_CHAIN_CHAIN_INTERNAL_H

#include "emu/chain/chain.h"
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

struct chain;

struct made { /* where the models of this instant write */
    struct line_bus *line;
    struct board_bus *board;
    struct host_bus *host;
};

typedef void chain_step(struct chain *c, const struct bus_view *now, const struct made *made);

/* Compares one block's output in what the models made with what the RTL shows next. */
typedef void chain_compare(struct chain *c, const struct made *made);

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
    bool losses_from_rtl; /* event_pack's model needs link_align's counters, and only the RTL has them */

    /* Visible now, and the buffers that the next edges of a domain write: swapped by domain. */
    struct bus bus[2];
    struct line_bus *line, *line_next;
    struct board_bus *board, *board_next;
    struct host_bus *host, *host_next;
    struct bus aside; /* where models write beside RTL; without it they write the next buffers */

    /* What an edge of a domain calls: the models that run, and the comparisons of blocks in lock-step. */
    chain_step *step[DOMAINS][BLOCKS];
    chain_compare *compare[DOMAINS][BLOCKS];
    unsigned steps[DOMAINS], compares[DOMAINS];
    uint32_t losses; /* link_align's loss counters before the board edge, as event_pack reads them */

    struct line_in in;
    struct line_tag tag;
    uint8_t stop, bus_ready;
    bool links_idle;
    struct after after;
    uint64_t status_at; /* board cycle of the next comparison of counters */
    enum chain_state state;
};

static inline bool chain_runs_model(const struct chain *c, enum block b)
{
    return c->cfg.engine[b] != ENGINE_RTL;
}

static inline bool chain_in_lockstep(const struct chain *c, enum block b)
{
    return c->cfg.engine[b] == ENGINE_LOCKSTEP;
}

/* steps.c */
void chain_init_models(struct chain *c);
void chain_list_steps(struct chain *c);
void chain_step_models(struct chain *c, unsigned ticking, const struct bus_view *now,
                       const struct made *made);
void chain_show_injected(struct chain *c, unsigned ticking, const struct made *made);
void chain_model_status(const struct chain *c, bool (*use)(const struct chain *, enum block),
                        struct board_status *status);

/* lockstep.c */
void chain_list_compares(struct chain *c);
void chain_lockstep(struct chain *c, unsigned ticking, const struct made *made);
void chain_compare_counters(struct chain *c);

#endif

/* Lock-step: what a model made against what the RTL shows, and where in the data a difference is. */
#include "emu/chain/chain_internal.h"

#include "emu/check/compare.h"

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
        const struct watch_lanes *q = &c->cfg.watch->lanes;
        if (q->in[lane] != q->out[lane])
            tag = &q->tag[q->out[lane] % WATCH_LANE_QUEUE][lane];
    }
    locate(m, tag->orbit, tag->bx);
}

static void locate_frame(const struct chain *c, struct mismatch *m, uint64_t count)
{
    if (c->cfg.watch)
        locate(m, c->cfg.watch->frame[count % WATCH_FRAMES].orbit,
               c->cfg.watch->frame[count % WATCH_FRAMES].bx);
}

/* Where the board is: what lane 0 brought last. For status, and for frames that belong to no BX. */
static void locate_now(const struct chain *c, struct mismatch *m)
{
    const struct watch *w = c->cfg.watch;
    const struct word_tag *tag = w && w->at[BLOCK_CDC_RX].records ? &w->lane_tag[0] : &c->tag.lane[0];
    locate(m, tag->orbit, tag->bx);
}

/* What only the RTL shows is believed when such a BX was sent. */
static void locate_claim(const struct chain *c, struct mismatch *m, uint32_t orbit, uint16_t bx)
{
    if (gmt_link_sent(c->cfg.link, orbit, bx))
        locate(m, orbit, bx);
    else
        locate_now(c, m);
}

/* A BX-carrying output: what the model says, or the RTL when only that is valid. */
#define LOCATE_BX(block_field)                                               \
    do {                                                                     \
        if (model->block_field.valid)                                        \
            locate(m, model->block_field.orbit, model->block_field.bx);      \
        else if (rtl->block_field.valid)                                     \
            locate_claim(c, m, rtl->block_field.orbit, rtl->block_field.bx); \
        else                                                                 \
            locate_now(c, m);                                                \
    } while (0)

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

static void locate_packed(const struct chain *c, struct mismatch *m, const struct board_bus *model,
                          const struct board_bus *rtl)
{
    if ((model->event_pack.valid ? model : rtl)->event_pack.kind == FRAME_PACKET)
        locate_now(c, m);
    else
        LOCATE_BX(event_pack);
}

/* Says where a difference at the output of `block` is, and counts it. */
static void differs(struct chain *c, enum block block, struct mismatch *m, const struct board_bus *model,
                    const struct board_bus *rtl)
{
    m->oracle = ORACLE_MODEL;
    m->block = block;
    locate(m, 0, 0);
    switch (m->block) {
    case BLOCK_LINK_RX:
    case BLOCK_CDC_RX: locate_lane(c, m); break;
    case BLOCK_LINK_ALIGN: LOCATE_BX(link_align); break;
    case BLOCK_ZERO_SUPPRESS: LOCATE_BX(zero_suppress); break;
    case BLOCK_MUON_FEED: locate_served(c, m, model, rtl); break;
    case BLOCK_RECAL: locate_result(c, m, model, rtl); break;
    case BLOCK_EVENT_PACK: locate_packed(c, m, model, rtl); break;
    case BLOCK_CDC_DMA: locate_frame(c, m, c->cfg.watch ? c->cfg.watch->frames_crossed : 0); break;
    case BLOCK_DMA: locate_frame(c, m, c->cfg.watch ? c->cfg.watch->frames_out : 0); break;
    default: break;
    }
    m->cycle = c->clocks.cycle[boundary_info[m->block].domain] - 1;
    check_log_mismatch(c->cfg.log, m);
}

/* One comparison: the model's and the RTL's output of `block` in the bus of a domain. */
#define COMPARE(name, block_number, domain)                                               \
    static void compare_of_##name(struct chain *c, const struct made *made)               \
    {                                                                                     \
        struct mismatch m; /* filled when they differ */                                  \
        int n = compare_##name(&made->domain->name, &c->domain##_next->name, &m);         \
        if (n == COMPARE_DIFFERS)                                                         \
            differs(c, block_number, &m, made->board, c->board_next);                     \
        else if (n)                                                                       \
            check_log_compared(c->cfg.log, ORACLE_MODEL, block_number, (uint64_t)n);      \
    }

COMPARE(link_rx, BLOCK_LINK_RX, line)
COMPARE(cdc_rx, BLOCK_CDC_RX, board)
COMPARE(link_align, BLOCK_LINK_ALIGN, board)
COMPARE(zero_suppress, BLOCK_ZERO_SUPPRESS, board)
COMPARE(muon_feed, BLOCK_MUON_FEED, board)
COMPARE(recal, BLOCK_RECAL, board)
COMPARE(event_pack, BLOCK_EVENT_PACK, board)
COMPARE(cdc_dma_ready, BLOCK_CDC_DMA, board)
COMPARE(cdc_dma, BLOCK_CDC_DMA, host)
COMPARE(dma, BLOCK_DMA, host)

static const struct {
    enum domain domain;
    enum block block;
    chain_compare *compare;
} all_compares[] = {
    {DOMAIN_LINE, BLOCK_LINK_RX, compare_of_link_rx},
    {DOMAIN_BOARD, BLOCK_CDC_RX, compare_of_cdc_rx},
    {DOMAIN_BOARD, BLOCK_LINK_ALIGN, compare_of_link_align},
    {DOMAIN_BOARD, BLOCK_ZERO_SUPPRESS, compare_of_zero_suppress},
    {DOMAIN_BOARD, BLOCK_MUON_FEED, compare_of_muon_feed},
    {DOMAIN_BOARD, BLOCK_RECAL, compare_of_recal},
    {DOMAIN_BOARD, BLOCK_EVENT_PACK, compare_of_event_pack},
    {DOMAIN_BOARD, BLOCK_CDC_DMA, compare_of_cdc_dma_ready},
    {DOMAIN_HOST, BLOCK_CDC_DMA, compare_of_cdc_dma},
    {DOMAIN_HOST, BLOCK_DMA, compare_of_dma},
};

void chain_list_compares(struct chain *c)
{
    for (unsigned i = 0; i < sizeof all_compares / sizeof *all_compares; i++) {
        enum domain d = all_compares[i].domain;
        if (chain_in_lockstep(c, all_compares[i].block))
            c->compare[d][c->compares[d]++] = all_compares[i].compare;
    }
}

void chain_lockstep(struct chain *c, unsigned ticking, const struct made *made)
{
    for (unsigned d = 0; d < DOMAINS; d++)
        for (unsigned k = 0; ticking >> d & 1 && k < c->compares[d]; k++)
            c->compare[d][k](c, made);
}

void chain_compare_counters(struct chain *c)
{
    struct board_status rtl, model;
    board_rtl_status(c->rtl, &rtl);
    model = rtl;
    chain_model_status(c, chain_in_lockstep, &model);
    struct mismatch m = {.oracle = ORACLE_MODEL, .slot = NO_SLOT, .position = ""};
    int block;
    if (compare_status(&model, &rtl, &m, &block))
        return;
    m.block = (enum block)block;
    locate(&m, c->tag.lane[0].orbit, c->tag.lane[0].bx);
    m.cycle = c->clocks.cycle[boundary_info[block].domain] - 1;
    check_log_mismatch(c->cfg.log, &m);
}

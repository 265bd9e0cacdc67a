/* The models of a chain, and which of them an edge calls. */
#include "emu/chain/chain_internal.h"

void chain_init_models(struct chain *c)
{
    link_rx_init(&c->model.link_rx, &c->cfg.board);
    cdc_rx_init(&c->model.cdc_rx, &c->cfg.board);
    link_align_init(&c->model.link_align, &c->cfg.board);
    muon_feed_init(&c->model.muon_feed, &c->cfg.board);
    event_pack_init(&c->model.event_pack, &c->cfg.board);
    cdc_dma_init(&c->model.cdc_dma, &c->cfg.board);
    dma_init(&c->model.dma, &c->cfg.board);
}

static void step_link_rx(struct chain *c, const struct bus_view *now, const struct made *made)
{
    link_rx_step(&c->model.link_rx, now, &made->line->link_rx);
}

static void step_cdc_rx_line(struct chain *c, const struct bus_view *now, const struct made *made)
{
    (void)made;
    cdc_rx_step_line(&c->model.cdc_rx, now);
}

static void step_cdc_rx_board(struct chain *c, const struct bus_view *now, const struct made *made)
{
    cdc_rx_step_board(&c->model.cdc_rx, now, &made->board->cdc_rx);
}

static void step_link_align(struct chain *c, const struct bus_view *now, const struct made *made)
{
    link_align_step(&c->model.link_align, now, &made->board->link_align);
}

static void step_zero_suppress(struct chain *c, const struct bus_view *now, const struct made *made)
{
    zero_suppress_step(&c->model.zero_suppress, now, &made->board->zero_suppress);
}

static void step_muon_feed(struct chain *c, const struct bus_view *now, const struct made *made)
{
    muon_feed_step(&c->model.muon_feed, now, &made->board->muon_feed);
}

static void step_recal(struct chain *c, const struct bus_view *now, const struct made *made)
{
    recal_step(&c->model.recal, now, &made->board->recal);
}

static void step_event_pack(struct chain *c, const struct bus_view *now, const struct made *made)
{
    event_pack_step(&c->model.event_pack, now, c->losses, &made->board->event_pack);
}

static void step_cdc_dma_board(struct chain *c, const struct bus_view *now, const struct made *made)
{
    cdc_dma_step_board(&c->model.cdc_dma, now, &made->board->cdc_dma_ready);
}

static void step_cdc_dma_host(struct chain *c, const struct bus_view *now, const struct made *made)
{
    cdc_dma_step_host(&c->model.cdc_dma, now, &made->host->cdc_dma);
}

static void step_dma(struct chain *c, const struct bus_view *now, const struct made *made)
{
    dma_step(&c->model.dma, now, &made->host->dma);
}

static const struct {
    enum domain domain;
    enum block block;
    chain_step *step;
} all_steps[] = {
    {DOMAIN_LINE, BLOCK_LINK_RX, step_link_rx},
    {DOMAIN_LINE, BLOCK_CDC_RX, step_cdc_rx_line},
    {DOMAIN_BOARD, BLOCK_CDC_RX, step_cdc_rx_board},
    {DOMAIN_BOARD, BLOCK_LINK_ALIGN, step_link_align},
    {DOMAIN_BOARD, BLOCK_ZERO_SUPPRESS, step_zero_suppress},
    {DOMAIN_BOARD, BLOCK_MUON_FEED, step_muon_feed},
    {DOMAIN_BOARD, BLOCK_RECAL, step_recal},
    {DOMAIN_BOARD, BLOCK_EVENT_PACK, step_event_pack},
    {DOMAIN_BOARD, BLOCK_CDC_DMA, step_cdc_dma_board},
    {DOMAIN_HOST, BLOCK_CDC_DMA, step_cdc_dma_host},
    {DOMAIN_HOST, BLOCK_DMA, step_dma},
};

void chain_list_steps(struct chain *c)
{
    enum { N = sizeof all_steps / sizeof *all_steps };
    for (int i = 0; i < N; i++) {
        int k = c->cfg.reverse ? N - 1 - i : i;
        enum domain d = all_steps[k].domain;
        if (chain_runs_model(c, all_steps[k].block))
            c->step[d][c->steps[d]++] = all_steps[k].step;
    }
}

static uint32_t losses_before(struct chain *c)
{
    if (!c->losses_from_rtl)
        return link_align_faults(&c->model.link_align);
    struct board_status status;
    board_rtl_status(c->rtl, &status);
    return status.align_losses + status.align_overflows;
}

void chain_step_models(struct chain *c, unsigned ticking, const struct bus_view *now, const struct made *made)
{
    if (ticking >> DOMAIN_BOARD & 1)
        c->losses = losses_before(c);
    for (int i = 0; i < DOMAINS; i++) {
        int d = c->cfg.reverse ? DOMAINS - 1 - i : i;
        if (!(ticking >> d & 1))
            continue;
        for (unsigned k = 0; k < c->steps[d]; k++)
            c->step[d][k](c, now, made);
    }
    cdc_rx_commit(&c->model.cdc_rx);
    cdc_dma_commit(&c->model.cdc_dma);
}

/* The outputs of blocks that run as model alone replace the RTL's in what is visible next. */
void chain_show_injected(struct chain *c, unsigned ticking, const struct made *made)
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

/* The counters of those models for which `use` holds replace what *status has. */
void chain_model_status(const struct chain *c, bool (*use)(const struct chain *, enum block),
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

#include "emu/chain/after.h"

/* Quiet board cycles after which nothing can be under way any more: longer than any latency or skew. */
enum { QUIET_DONE = 2048, QUIET_STUCK = 6 * BX_PER_ORBIT };

static void look(struct watch *w, const struct clock_tree *t, unsigned ticking, const struct line_tag *tag,
                 const struct bus_view *shown)
{
    if (ticking & 1u << DOMAIN_LINE)
        watch_line(w, t->cycle[DOMAIN_LINE] - 1, clock_tree_ps(t, DOMAIN_LINE), tag, shown->line);
    if (ticking & 1u << DOMAIN_BOARD)
        watch_board(w, t->cycle[DOMAIN_BOARD] - 1, clock_tree_ps(t, DOMAIN_BOARD), shown->board);
    if (ticking & 1u << DOMAIN_HOST)
        watch_host(w, t->cycle[DOMAIN_HOST] - 1, clock_tree_ps(t, DOMAIN_HOST), shown->host);
}

static int give_to_host(const struct after *a, unsigned ticking, const struct dma_out *dma)
{
    if (!(ticking & 1u << DOMAIN_HOST) || !dma->valid || !a->sink)
        return 0;
    return a->sink(a->sink_ctx, dma->w);
}

/* Counts quiet board cycles once the links are idle. While something is held, those with a stalled bus say
 * nothing, and do not count; they do not begin the count anew either, or a host that stalls often would never
 * let a run end. */
static enum chain_state rest(struct after *a, const struct bus_view *shown)
{
    const struct board_bus *b = shown->board;
    const struct host_bus *h = shown->host;
    bool held = b->muon_feed.level || b->event_pack.level || h->dma.level;
    bool moving = b->event_pack.valid || b->link_align.valid || h->cdc_dma.valid || h->dma.valid;
    if (moving)
        a->quiet = 0;
    else if (!held || shown->bus_ready)
        a->quiet++;
    if (!held && a->quiet >= QUIET_DONE)
        return CHAIN_DONE;
    return a->quiet >= QUIET_STUCK ? CHAIN_STUCK : CHAIN_MORE;
}

enum chain_state after_instant(struct after *a, const struct clock_tree *clocks, unsigned ticking,
                               const struct line_tag *tag, const struct bus_view *shown, bool links_idle)
{
    if (a->watch)
        look(a->watch, clocks, ticking, tag, shown);
    if (give_to_host(a, ticking, &shown->host->dma) < 0)
        return CHAIN_BROKEN;
    if (check_log_full(a->log))
        return CHAIN_MISMATCH;
    return links_idle && ticking & 1u << DOMAIN_BOARD ? rest(a, shown) : CHAIN_MORE;
}

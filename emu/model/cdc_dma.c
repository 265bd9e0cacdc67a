#include "emu/model/cdc_dma.h"

#include <string.h>

enum { READY_LEVEL = 28 }; /* three frames may still be on their way when ready falls */

void cdc_dma_init(struct cdc_dma *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->stages = cfg->sync_stages;
}

/* One edge of a synchroniser. */
static void shift(uint8_t *sync, unsigned stages, uint8_t in)
{
    for (unsigned i = stages - 1; i > 0; i--)
        sync[i] = sync[i - 1];
    sync[0] = in;
}

static void store(struct cdc_dma *s, const struct event_pack_out *in)
{
    struct cdc_dma_frame *f = &s->fifo[s->write++ % CDC_DMA_DEPTH];
    memcpy(f->w, in->w, sizeof f->w);
    f->kind = in->kind;
}

void cdc_dma_step_board(struct cdc_dma *s, const struct bus_view *now, struct cdc_dma_ready *next)
{
    uint8_t held = s->write - s->read_sync[s->stages - 1];
    shift(s->read_sync, s->stages, s->read_seen);
    shift(s->afull, s->stages, now->host->dma.afull);
    if (now->board->event_pack.valid)
        store(s, &now->board->event_pack);
    next->ready = held <= READY_LEVEL;
    next->afull = s->afull[s->stages - 1];
}

void cdc_dma_step_host(struct cdc_dma *s, const struct bus_view *now, struct cdc_dma_out *next)
{
    int empty = s->read == s->write_sync[s->stages - 1];
    shift(s->write_sync, s->stages, s->write_seen);
    next->valid = !empty && now->host->dma.ready;
    if (!next->valid)
        return;
    const struct cdc_dma_frame *f = &s->fifo[s->read++ % CDC_DMA_DEPTH];
    memcpy(next->w, f->w, sizeof next->w);
    next->kind = f->kind;
}

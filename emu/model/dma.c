#include "emu/model/dma.h"

#include <string.h>

enum { READY_MARGIN = 4 }; /* frames that may still arrive when ready falls */

void dma_init(struct dma *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->depth = cfg->dma_depth;
    s->reserve = cfg->dma_reserve;
}

static void store(struct dma *s, const struct cdc_dma_out *in)
{
    struct cdc_dma_frame *f = &s->fifo[(s->first + s->level) % MAX_DMA_DEPTH];
    memcpy(f->w, in->w, sizeof f->w);
    f->kind = in->kind;
    s->level++;
}

static void show(struct dma *s, struct dma_out *next)
{
    const struct cdc_dma_frame *f = &s->fifo[s->first];
    memcpy(next->w, f->w, sizeof next->w);
    next->kind = f->kind;
    s->first = (s->first + 1) % MAX_DMA_DEPTH;
    s->level--;
}

void dma_step(struct dma *s, const struct bus_view *now, struct dma_out *next)
{
    uint16_t level = s->level;
    if (!level)
        s->first = 0; /* an empty FIFO starts over: a short one stays in the cache */
    next->ready = level + READY_MARGIN <= s->depth;
    next->afull = level + s->reserve > s->depth;
    next->valid = level && now->bus_ready;
    if (next->valid)
        show(s, next);
    if (now->host->cdc_dma.valid)
        store(s, &now->host->cdc_dma);
    next->level = s->level;
}

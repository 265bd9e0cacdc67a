/* dma, host domain: the FIFO before the host bus, which may stall; ready and almost-full for those before it.
 * Rules: docs/chain.md "dma". */
#ifndef EMU_MODEL_DMA_H
#define EMU_MODEL_DMA_H

#include "emu/model/cdc_dma.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dma { /* about 600 kB: not for a stack */
    struct cdc_dma_frame fifo[MAX_DMA_DEPTH];
    uint16_t first, level; /* oldest frame and number held */
    uint16_t depth, reserve;
};

void dma_init(struct dma *s, const struct board_cfg *cfg);
void dma_step(struct dma *s, const struct bus_view *now, struct dma_out *next);

#ifdef __cplusplus
}
#endif
#endif

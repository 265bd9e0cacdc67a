/* cdc_dma, board -> host: a FIFO of CDC_DMA_DEPTH frames with Gray pointers, and the way back: ready (room
 * in this FIFO) and dma.afull, synchronised. Rules: docs/chain.md "cdc_dma".
 *
 * Two steps and a commit, as in emu/model/cdc_rx.h: call cdc_dma_commit() once after the steps of an
 * instant. */
#ifndef EMU_MODEL_CDC_DMA_H
#define EMU_MODEL_CDC_DMA_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cdc_dma_frame {
    uint32_t w[LANES];
    uint8_t kind;
};

struct cdc_dma {
    struct cdc_dma_frame fifo[CDC_DMA_DEPTH];
    uint8_t write, read;           /* registers of board and host, free-running modulo 256 */
    uint8_t write_seen, read_seen; /* what the other side's first stage samples */
    uint8_t write_sync[MAX_SYNC_STAGES], read_sync[MAX_SYNC_STAGES], afull[MAX_SYNC_STAGES];
    uint8_t stages;
};

void cdc_dma_init(struct cdc_dma *s, const struct board_cfg *cfg);
void cdc_dma_step_board(struct cdc_dma *s, const struct bus_view *now, struct cdc_dma_ready *next);
void cdc_dma_step_host(struct cdc_dma *s, const struct bus_view *now, struct cdc_dma_out *next);

static inline void cdc_dma_commit(struct cdc_dma *s)
{
    s->write_seen = s->write;
    s->read_seen = s->read;
}

#ifdef __cplusplus
}
#endif
#endif

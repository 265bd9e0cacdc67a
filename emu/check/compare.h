/* Lock-step: is what the RTL shows at a boundary after an edge what the C model shows?
 *
 * Each function compares one block's output, status and valid bits at every edge, payload where valid. It
 * returns the number of observation records (lane words, BX, muons, results, frames) that were valid in both
 * and equal, or COMPARE_DIFFERS after filling slot, position, field, expected (model), got (RTL) and
 * is_signed of *m.
 */
#ifndef EMU_CHECK_COMPARE_H
#define EMU_CHECK_COMPARE_H

#include "emu/check/mismatch.h"
#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { COMPARE_DIFFERS = -1 };

int compare_link_rx(const struct link_rx_out *model, const struct link_rx_out *rtl, struct mismatch *m);
int compare_cdc_rx(const struct cdc_rx_out *model, const struct cdc_rx_out *rtl, struct mismatch *m);
int compare_link_align(const struct link_align_out *model, const struct link_align_out *rtl,
                       struct mismatch *m);
int compare_zero_suppress(const struct zero_suppress_out *model, const struct zero_suppress_out *rtl,
                          struct mismatch *m);
int compare_muon_feed(const struct muon_feed_out *model, const struct muon_feed_out *rtl, struct mismatch *m);
int compare_recal(const struct recal_out *model, const struct recal_out *rtl, struct mismatch *m);
int compare_event_pack(const struct event_pack_out *model, const struct event_pack_out *rtl,
                       struct mismatch *m);
int compare_cdc_dma_ready(const struct cdc_dma_ready *model, const struct cdc_dma_ready *rtl,
                          struct mismatch *m);
int compare_cdc_dma(const struct cdc_dma_out *model, const struct cdc_dma_out *rtl, struct mismatch *m);
int compare_dma(const struct dma_out *model, const struct dma_out *rtl, struct mismatch *m);

/* All counters; 1 when equal. *block is the block that the differing counter belongs to. */
int compare_status(const struct board_status *model, const struct board_status *rtl, struct mismatch *m,
                   int *block);

#ifdef __cplusplus
}
#endif
#endif

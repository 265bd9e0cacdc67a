/* muon_feed, board domain: picks the muons of a kept BX, queues them and serves `engines` a cycle to the
 * network. Rules: docs/chain.md "muon_feed"; index bits of the barrel: domain.md 1.3. Latency 1. */
#ifndef EMU_MODEL_MUON_FEED_H
#define EMU_MODEL_MUON_FEED_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct muon_feed_entry {
    uint64_t muon[SLOTS]; /* by order; only the candidates are written */
    uint16_t left;        /* order mask: not yet served */
    uint8_t seq;
};

struct muon_feed {
    struct muon_feed_entry queue[MAX_FEED_DEPTH];
    uint8_t first, level; /* oldest BX and number of BX held */
    uint8_t depth, engines, select;
    uint16_t lanes; /* order mask: positions of the lanes that may be picked */
    uint8_t seq;
    uint32_t queued, skipped;
};

void muon_feed_init(struct muon_feed *s, const struct board_cfg *cfg);
void muon_feed_step(struct muon_feed *s, const struct bus_view *now, struct muon_feed_out *next);

/* Fills feed_queued, feed_skipped. */
void muon_feed_status(const struct muon_feed *s, struct board_status *status);

#ifdef __cplusplus
}
#endif
#endif

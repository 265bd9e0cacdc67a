/* Which muons of a kept BX go to the network, and in which order (docs/chain.md "muon_feed"). */
#ifndef GOLDEN_BLOCKS_MUON_FEED_H
#define GOLDEN_BLOCKS_MUON_FEED_H

#include "golden/blocks/kinds.h"
#include "golden/bx.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Order mask (A0..A7 are bits 0..7, B0..B7 bits 8..15) of the candidates: muons with pT code != 0 and, for
 * FEED_FINAL, on a lane of final_lanes; for FEED_BARREL_FINAL also with index bits 36..71 (BMTF, domain.md
 * 1.3). */
uint16_t muon_feed_candidates(const struct bx_block *block, enum feed_select select, uint8_t final_lanes);

/* The mask with bit 2 * lane + {A: 0, B: 1} instead, as users see it; and back. */
uint16_t slot_mask_of_order(uint16_t order_mask);
uint16_t order_mask_of_slot(uint16_t slot_mask);

#ifdef __cplusplus
}
#endif
#endif

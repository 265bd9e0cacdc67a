/* Corrections applied to muons (docs/chain.md "event_pack", In place; "recal"). The network itself:
 * golden/network/mlp.h. */
#ifndef GOLDEN_BLOCKS_RECAL_H
#define GOLDEN_BLOCKS_RECAL_H

#include "golden/bx.h"
#include "golden/network/mlp.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The muon word with the correction added, each rounded to whole codes by (c + 8) >> 4 (floor): phi modulo
 * 576 (a code above 575 stays), eta clamped to -225..225, pT to 1..510 (511 stays). Other bits stay. Only
 * meant for present muons (pT code != 0). */
gmt_word recal_apply(gmt_word muon, const struct correction *c);

/* Evaluates the muons of an order mask of one block: by_slot[slot] for each, 0 for the others. */
void recal_block(const struct mlp *net, const struct bx_block *block, uint16_t queued,
                 struct correction by_slot[SLOTS]);

#ifdef __cplusplus
}
#endif
#endif

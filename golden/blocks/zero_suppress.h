/* Zero suppression: which BX hold a muon (docs/chain.md "zero_suppress", domain.md 3.1).
 *
 * A BX is kept when some slot of `slots` has a muon with pT code >= pt_min. pt_min 0 keeps every BX.
 */
#ifndef GOLDEN_BLOCKS_ZERO_SUPPRESS_H
#define GOLDEN_BLOCKS_ZERO_SUPPRESS_H

#include "golden/bx.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct zero_suppress_cfg {
    uint16_t pt_min; /* pT code 0..511; default 1 */
    uint16_t slots;  /* bit per slot; default 0xffff */
};

/* 1 or 0 for one BX. */
int zero_suppress_keep(const struct zero_suppress_cfg *cfg, const struct bx_block *block);

/* n BX: bit i % 32 of hits[i / 32] is BX i's keep bit, further bits of the last word are 0. Returns how many
 * are kept. `hits` has (n + 31) / 32 words. Shaped for vector units; takes blocks of any alignment. */
size_t zero_suppress_batch(const struct zero_suppress_cfg *cfg, const struct bx_block *blocks, size_t n,
                           uint32_t *hits);

#ifdef __cplusplus
}
#endif
#endif

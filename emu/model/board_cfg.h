/* The board's configuration registers: constant during a run, set before the first clock edge.
 * The same fields, under the same names, are the cfg_* inputs of rtl/board.v. */
#ifndef EMU_MODEL_BOARD_CFG_H
#define EMU_MODEL_BOARD_CFG_H

#include "golden/blocks/kinds.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MAX_ENGINES = 3, /* 16 muons a BX need 16 slots; one engine at II=1 has 6 a BX, three have 18 */
    CDC_RX_DEPTH = 16,
    CDC_DMA_DEPTH = 32,
    MAX_SYNC_STAGES = 4,
    MAX_ALIGN_DEPTH = 512,
    MAX_FEED_DEPTH = 16,
    MAX_PACK_DEPTH = 64,
    MAX_DMA_DEPTH = 16384,
};

struct board_cfg {
    uint8_t run3;               /* enum link_format: 0 = 2018, 1 = Run-3 counters in frames 0/1 */
    uint16_t gap_first;         /* first of the GAP_BX gap BX, 0..3563; default 3555 */
    uint8_t final_lanes;        /* bit per lane that carries final muons; default 0x0f */
    uint16_t align_depth;       /* deskew words a lane, 8..MAX_ALIGN_DEPTH */
    uint16_t zs_pt_min;         /* a muon of zs_slots has pT code >= this: keep; 0 keeps all; 0..511 */
    uint16_t zs_slots;          /* bit per slot */
    uint8_t feed_select;        /* enum feed_select */
    uint8_t feed_depth;         /* BX that the muon queue holds, 1..MAX_FEED_DEPTH */
    uint8_t engines;            /* 1..MAX_ENGINES */
    uint8_t pack_corrections;   /* enum pack_corrections */
    uint8_t pack_depth;         /* BX that event_pack holds, 4..MAX_PACK_DEPTH */
    uint16_t orbits_per_packet; /* 1..4095; default 20 (NOrbitsPerDMAPacket, domain.md 3.1) */
    uint8_t drop_policy;        /* enum drop_policy */
    uint16_t dma_depth;         /* frames, 64..MAX_DMA_DEPTH */
    uint16_t dma_reserve;       /* frames free at an orbit's start under DROP_ORBIT, 0..dma_depth */
    uint8_t sync_stages;        /* of both crossings, 2..MAX_SYNC_STAGES; the RTL's build parameter */
};

#ifdef __cplusplus
}
#endif
#endif

/* event_pack, board domain: holds kept BX until their corrections are there, and makes the frames of the DMA
 * stream: orbit header, BX blocks, orbit trailer with the hit map, packet trailer (domain.md 3.1).
 * Rules: docs/chain.md "event_pack". */
#ifndef EMU_MODEL_EVENT_PACK_H
#define EMU_MODEL_EVENT_PACK_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct event_pack_entry {
    struct bx_block block;
    int16_t phi[SLOTS], eta[SLOTS], pt[SLOTS]; /* by slot; written where done */
    uint32_t orbit;
    uint16_t bx;
    uint16_t queued, skipped, done; /* order masks */
    uint8_t start, end, has_block;
};

struct event_pack {
    struct event_pack_entry ring[MAX_PACK_DEPTH];
    uint8_t first, level; /* oldest entry and number held */
    uint8_t wanted[256], wanted_by[256]; /* by seq: an entry waits for it, which one */
    uint8_t open;

    uint8_t what, index, frames; /* item being sent, its next frame, its last frame + 1 */
    uint8_t out_open, header_done, block_done, packet_due;
    uint16_t packet_orbits;
    uint32_t packet_drops, orbit; /* orbit: of the last header sent */
    uint32_t hit_map[HIT_MAP_WORDS];

    uint8_t corrections, policy, depth;
    uint16_t orbits_per_packet;
    uint32_t dropped_orbits, dropped_bx, orbits, packets;
};

void event_pack_init(struct event_pack *s, const struct board_cfg *cfg);

/* align_faults: link_align's align_losses + align_overflows before this edge (link_align_faults()). */
void event_pack_step(struct event_pack *s, const struct bus_view *now, uint32_t align_faults,
                     struct event_pack_out *next);

/* Fills pack_dropped_orbits, pack_dropped_bx, pack_orbits, pack_packets. */
void event_pack_status(const struct event_pack *s, struct board_status *status);

#ifdef __cplusplus
}
#endif
#endif

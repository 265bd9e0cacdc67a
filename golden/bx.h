/* The shape of the data: one LHC bunch crossing (BX) as the scouting links carry it.
 *
 * Sources: domain.md 2 (six frames a BX), 3.1 (192-byte BX block), 4.4 (3564 BX an orbit).
 */
#ifndef GOLDEN_BX_H
#define GOLDEN_BX_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BX_PER_ORBIT = 3564, /* BX are 0-based inside bxact: 0..3563 */
    LANES = 8,           /* GMT -> scouting optical links */
    FRAMES = 6,          /* 32-bit words a lane sends in one BX */
    BX_WORDS = LANES * FRAMES,
    SLOTS = 16,          /* muons of a BX: slot = 2 * lane + (0: A, 1: B) */
    GAP_BX = 5,          /* BX an orbit without payload (commas, CRC, link id), domain.md 4.1 */
    HIT_MAP_WORDS = 112, /* 3584-bit hit map: bit i of word k is BX 32 k + i, domain.md 3.1 */
};

/* Which counters stand in frames 0 and 1, and where raw eta and the muon type live (domain.md 2, 1.1). */
enum link_format {
    LINK_FORMAT_2018, /* frame 0: bx, frame 1: orbit; muon type in bits [63:62] */
    LINK_FORMAT_RUN3, /* frame 0: orbit, frame 1: bx, raw eta of both muons, intermediate flag */
};

/* One BX of all lanes, in the order of the DMA stream: frame-major, w[frame * LANES + lane].
 * Frames 2,3 are muon A (low, high word), frames 4,5 muon B. */
struct bx_block {
    uint32_t w[BX_WORDS];
};

/* Muons are picked A0..A7, then B0..B7. A pick-order mask has bit `order` for that position;
 * everything that a user sees has the slot. */
static inline unsigned slot_of_order(unsigned order) { return 2 * (order & 7) + (order >> 3); }
static inline unsigned order_of_slot(unsigned slot) { return (slot >> 1) + 8 * (slot & 1); }

/* The 64-bit muon word of a slot: low word in frame 2 or 4, high word in frame 3 or 5. */
static inline uint64_t bx_block_muon(const uint32_t w[BX_WORDS], unsigned slot)
{
    const uint32_t *low = w + (2 + 2 * (slot & 1)) * LANES + (slot >> 1);
    return (uint64_t)low[LANES] << 32 | low[0];
}

#ifdef __cplusplus
}
#endif
#endif

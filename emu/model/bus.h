/* What every block shows the others: the registered outputs at each boundary, one struct a block,
 * grouped by the clock domain that writes them.
 *
 * Rules (docs/chain.md):
 *  - every field is a register: a block that steps at edge n reads what all blocks showed before n;
 *  - payload fields are meaningful only when the struct's `valid` is set (for that lane or engine);
 *    they may hold anything otherwise, and nobody may read or compare them then. Status fields
 *    (lock, aligned, live, ready, afull, level) are meaningful at every cycle;
 *  - lane masks have bit l for lane l; order masks are pick-order masks (golden/bx.h).
 */
#ifndef EMU_MODEL_BUS_H
#define EMU_MODEL_BUS_H

#include "emu/model/board_cfg.h"
#include "golden/bx.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum domain { DOMAIN_LINE, DOMAIN_BOARD, DOMAIN_HOST, DOMAINS };

/* From the outside world, sampled at the edge of the domain named. */
struct line_in { /* line: one word of each lane, every edge */
    uint32_t data[LANES];
    uint8_t k[LANES]; /* bit b: byte b is a K character */
};

struct link_rx_out { /* line */
    uint8_t valid;   /* lane mask: a payload word, gap, padding, CRC and id removed */
    uint8_t first;   /* lane mask: first payload word after a gap */
    uint8_t err;     /* lane mask: the word arrived with a wrong K character */
    uint8_t crc_bad; /* lane mask, with `first`: the window before the gap failed its CRC */
    uint8_t lock;    /* lane mask, status */
    uint32_t data[LANES];
};

struct cdc_rx_out { /* board */
    uint8_t valid, first, err, crc_bad;
    uint32_t data[LANES];
};

struct link_align_out { /* board */
    uint8_t valid;
    uint8_t aligned, live; /* status */
    uint8_t err;           /* lane mask: a word of this BX had err */
    uint8_t crc_bad;       /* lane mask: latched from the last gap */
    uint8_t mismatch;      /* lane mask: the BX number in the data is not the board's */
    uint16_t bx;           /* the board's own count, 0..3563 */
    uint32_t orbit;        /* from lane 0's orbit word */
    struct bx_block block;
};

struct zero_suppress_out { /* board */
    uint8_t valid, keep;
    uint8_t err, crc_bad, mismatch; /* passed through */
    uint16_t bx;
    uint32_t orbit;
    struct bx_block block;
};

struct feed_muon {
    uint8_t valid;
    uint8_t seq;  /* of the BX it belongs to */
    uint8_t slot; /* 0..15 */
    uint64_t muon;
};

struct muon_feed_out { /* board */
    uint8_t valid, keep;
    uint8_t err, crc_bad, mismatch;
    uint8_t seq; /* numbers kept BX, modulo 256 */
    uint16_t bx;
    uint16_t queued;  /* order mask: muons that will come back corrected */
    uint16_t skipped; /* order mask: muons that found the queue full and stay uncorrected */
    uint32_t orbit;
    uint8_t level; /* status: BX in the queue */
    struct bx_block block;
    struct feed_muon muon[MAX_ENGINES];
};

struct recal_result {
    uint8_t valid;
    uint8_t seq, slot;
    int16_t phi, eta, pt; /* corrections to add, in 1/16 of the GMT code */
};

struct recal_out { /* board */
    struct recal_result result[MAX_ENGINES];
};

struct event_pack_out { /* board */
    uint8_t valid;
    uint8_t kind;   /* enum frame_kind */
    uint8_t index;  /* frame within its kind: block 0..5, appended 0..3, trailer 0..16 */
    uint8_t level;  /* status: entries held */
    uint8_t dropped; /* status: the BX that arrived at the last edge was kept, but found no room */
    uint16_t bx;    /* of block and appended frames, 0 for the others */
    uint32_t orbit; /* of header, block, appended and trailer frames, 0 for packet */
    uint32_t w[LANES];
};

struct cdc_dma_ready { /* board: the way back */
    uint8_t ready; /* status: event_pack may send */
    uint8_t afull; /* status: dma.afull, synchronised */
};

struct cdc_dma_out { /* host */
    uint8_t valid;
    uint8_t kind;
    uint32_t w[LANES];
};

struct dma_out { /* host */
    uint8_t valid;
    uint8_t kind;
    uint8_t ready;  /* status: cdc_dma may send */
    uint8_t afull;  /* status: less than dma_reserve frames are free */
    uint16_t level; /* status: frames held */
    uint32_t w[LANES];
};

struct line_bus {
    struct link_rx_out link_rx;
};
struct board_bus {
    struct cdc_rx_out cdc_rx;
    struct link_align_out link_align;
    struct zero_suppress_out zero_suppress;
    struct muon_feed_out muon_feed;
    struct recal_out recal;
    struct event_pack_out event_pack;
    struct cdc_dma_ready cdc_dma_ready;
};
struct host_bus {
    struct cdc_dma_out cdc_dma;
    struct dma_out dma;
};

/* What is visible before an edge. Never written through. */
struct bus_view {
    const struct line_in *in;
    const struct line_bus *line;
    const struct board_bus *board;
    const struct host_bus *host;
    uint8_t stop;      /* board domain: run control's Stop */
    uint8_t bus_ready; /* host domain: the host bus takes a frame at this edge */
};

/* Counters, read now and then (orbit ends, end of run), equal in model and RTL at the same edge. */
struct lane_status {
    uint32_t words, pads, commas, k_errors, crc_ok, crc_bad, lock_losses;
    uint32_t link_id; /* 20 bit, as last received */
    uint32_t cdc_overflows;
};
struct board_status {
    struct lane_status lane[LANES];
    uint32_t align_losses, align_overflows, mismatches; /* mismatches: BX with any lane's mismatch bit */
    uint32_t feed_queued, feed_skipped;                 /* muons */
    uint32_t pack_dropped_orbits, pack_dropped_bx, pack_orbits, pack_packets;
};

#ifdef __cplusplus
}
#endif
#endif

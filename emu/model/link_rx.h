/* link_rx, line domain: comma lock, K-character errors, padding removal, CRC verdict, counters; all eight
 * lanes in one call, each lane alone. Rules: docs/chain.md "link_rx"; line words and CRC: domain.md 4.1.
 * Latency 1. */
#ifndef EMU_MODEL_LINK_RX_H
#define EMU_MODEL_LINK_RX_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

enum link_rx_state { LINK_RX_DATA, LINK_RX_CRC, LINK_RX_ID, LINK_RX_GAP };

struct link_rx {
    uint32_t crc[LANES];
    uint8_t state[LANES];  /* enum link_rx_state */
    uint8_t commas[LANES]; /* 0..3 */
    uint8_t lock, window, bad; /* lane masks */
    uint8_t in_data;           /* lane mask: locked and in LINK_RX_DATA */
    struct lane_status count[LANES];
    uint32_t all_words, all_pads; /* words and pads that all lanes had at the same edge */
};

void link_rx_init(struct link_rx *s, const struct board_cfg *cfg);
void link_rx_step(struct link_rx *s, const struct bus_view *now, struct link_rx_out *next);

/* Fills lane[].words .. link_id. */
void link_rx_status(const struct link_rx *s, struct board_status *status);

#ifdef __cplusplus
}
#endif
#endif

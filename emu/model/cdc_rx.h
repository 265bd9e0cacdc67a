/* cdc_rx, line -> board: eight FIFOs of CDC_RX_DEPTH words with Gray pointers. Rules: docs/chain.md
 * "cdc_rx".
 *
 * Two domains, so two steps and a commit. Each side has its own pointer and the copy of it that the other
 * side samples. Steps move the pointer, cdc_rx_commit() moves the copy: call it once after the steps of an
 * instant, whichever ticked, and before the next instant. So edges of both domains that fall together read
 * old pointers, in whichever order they are called. A word is never read at the edge that stores it,
 * because the pointer takes at least two board edges to cross.
 *
 * Nothing is metastable in a simulation, so pointers are carried in binary: Gray code only renames them. */
#ifndef EMU_MODEL_CDC_RX_H
#define EMU_MODEL_CDC_RX_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One pointer a lane. They run freely modulo 256, a multiple of the FIFO's 32 pointer values. */
union cdc_rx_pointers {
    uint8_t lane[LANES];
    uint64_t all;
};

struct cdc_rx {
    /* A word with its lane's flags where the masks of all lanes can be OR-ed together:
     * bits [31:0] data, [39:32] first, [47:40] err, [55:48] crc_bad. */
    uint64_t fifo[CDC_RX_DEPTH][LANES];
    union cdc_rx_pointers write, read;  /* registers of line and board */
    union cdc_rx_pointers write_seen, read_seen; /* what the other side's first stage samples */
    union cdc_rx_pointers write_sync[MAX_SYNC_STAGES], read_sync[MAX_SYNC_STAGES];
    uint8_t stages;
    uint32_t overflows[LANES];
};

void cdc_rx_init(struct cdc_rx *s, const struct board_cfg *cfg);
void cdc_rx_step_line(struct cdc_rx *s, const struct bus_view *now);
void cdc_rx_step_board(struct cdc_rx *s, const struct bus_view *now, struct cdc_rx_out *next);

static inline void cdc_rx_commit(struct cdc_rx *s)
{
    s->write_seen = s->write;
    s->read_seen = s->read;
}

/* Fills lane[].cdc_overflows. */
void cdc_rx_status(const struct cdc_rx *s, struct board_status *status);

#ifdef __cplusplus
}
#endif
#endif

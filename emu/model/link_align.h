/* link_align, board domain: eight skewed lanes -> one BX block; overflow, loss and return of alignment,
 * counted. Rules: docs/chain.md "link_align". */
#ifndef EMU_MODEL_LINK_ALIGN_H
#define EMU_MODEL_LINK_ALIGN_H

#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct link_align {
    /* A word with its lane's flags where the masks of all lanes can be OR-ed together:
     * bits [31:0] data, [39:32] first, [47:40] err, [55:48] crc_bad. */
    uint64_t fifo[LANES][MAX_ALIGN_DEPTH];
    uint16_t write[LANES], read[LANES]; /* free-running */
    uint16_t depth, peak;
    uint8_t run3;
    uint16_t bx_after_gap, gap_first;

    uint8_t aligned, live, frame;
    uint8_t err, crc_bad, mismatch;
    uint16_t bx;
    uint32_t orbit;
    struct bx_block block;
    uint32_t losses, overflows, mismatches;
};

void link_align_init(struct link_align *s, const struct board_cfg *cfg);
void link_align_step(struct link_align *s, const struct bus_view *now, struct link_align_out *next);

/* Fills align_losses, align_overflows, mismatches. */
void link_align_status(const struct link_align *s, struct board_status *status);

/* The counters that event_pack reads as wires. Take it before the steps of an edge and give it to
 * event_pack_step(), so that event_pack sees the value before the edge in whatever order blocks are called.
 */
static inline uint32_t link_align_faults(const struct link_align *s)
{
    return s->losses + s->overflows;
}

/* Most words that a lane held just before a block was completed, since init (for reports; 0..align_depth). */
static inline uint16_t link_align_peak(const struct link_align *s)
{
    return s->peak;
}

#ifdef __cplusplus
}
#endif
#endif

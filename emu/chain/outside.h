/* The world around the board, shared by all views: run control's Stop and the readiness of the host bus.
 *
 * Both are registers (docs/chain.md, Conventions): what a line or host edge makes of them is visible from
 * the next instant on. */
#ifndef EMU_CHAIN_OUTSIDE_H
#define EMU_CHAIN_OUTSIDE_H

#include "emu/chain/bus_stall.h"
#include "emu/model/gmt_link.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* After a line edge that sampled the row of `tag`: does run control say Stop? That is in the middle of its
 * last orbit, and when the links are idle. Once said, it holds. */
static inline bool outside_stop(const struct line_tag *tag, bool links_idle, uint32_t last_orbit)
{
    const struct word_tag *lane = &tag->lane[0];
    return links_idle || (lane->orbit == last_orbit && lane->bx >= BX_PER_ORBIT / 2);
}

/* After an instant with a line edge, a host edge, or both: whether the host bus takes a frame at the next
 * host edge, `ready` being what it was. A stall that begins with a BX on lane 0 is seen by the host edges
 * after it. */
static inline bool outside_bus_ready(struct bus_stall *s, unsigned ticking, const struct line_tag *tag,
                                     bool ready)
{
    if (ticking & 1u << DOMAIN_HOST)
        ready = bus_stall_ready(s);
    const struct word_tag *lane = &tag->lane[0];
    if (ticking & 1u << DOMAIN_LINE && lane->kind == LINK_PAYLOAD && lane->frame == 0)
        bus_stall_bx(s, lane->orbit, lane->bx);
    return ready;
}

#ifdef __cplusplus
}
#endif
#endif

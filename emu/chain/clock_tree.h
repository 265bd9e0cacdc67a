/* The clock edges of all domains in exact order (architecture: time).
 *
 * Frequencies are integer Hz, phases integer picoseconds. Times are integers in units of one second over the
 * frequencies' least common multiple, so that no edge is ever rounded; edges that fall on the same instant
 * are reported together. Picoseconds and nanoseconds are derived, they never decide an order.
 */
#ifndef EMU_CHAIN_CLOCK_TREE_H
#define EMU_CHAIN_CLOCK_TREE_H

#include "emu/model/bus.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct clock_tree {
    unsigned __int128 next[DOMAINS];   /* time of the next edge of each domain, in ticks */
    unsigned __int128 period[DOMAINS]; /* ticks */
    uint64_t hz[DOMAINS];
    uint64_t phase_ps[DOMAINS];
    double ps_per_cycle[DOMAINS];
    uint64_t cycle[DOMAINS]; /* edges taken; the edge being handled has number cycle - 1 */
};

/* hz: 1..10^10 each; phase_ps: below one second. Returns 0, or -1 when a frequency is out of range. */
int clock_tree_init(struct clock_tree *t, const uint64_t hz[DOMAINS], const uint64_t phase_ps[DOMAINS]);

/* Takes the next instant that has an edge; returns the domains that tick, one bit each. */
unsigned clock_tree_step(struct clock_tree *t);

/* Time of the last edge of a domain, which has had one. Rounded down, for reports. */
static inline uint64_t clock_tree_ps(const struct clock_tree *t, enum domain d)
{
    return t->phase_ps[d] + (uint64_t)((double)(t->cycle[d] - 1) * t->ps_per_cycle[d]);
}

#ifdef __cplusplus
}
#endif
#endif

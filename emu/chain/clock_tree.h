/* The clock edges of all domains in exact order (architecture: time).
 *
 * Frequencies are integer Hz, phases integer picoseconds. What is kept is by how much the next edge of one
 * domain comes later than that of another, as an exact fraction, so that no edge and no phase is ever
 * rounded; edges that fall on the same instant are reported together. Picoseconds and nanoseconds are
 * derived, they never decide.
 */
#ifndef EMU_CHAIN_CLOCK_TREE_H
#define EMU_CHAIN_CLOCK_TREE_H

#include "emu/model/bus.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CLOCK_PAIRS = 3 }; /* of domains: line and board, line and host, board and host */

struct clock_tree {
    /* Next edge of a pair's first domain a minus that of its second one b, in seconds x hz[a] x hz[b] x
     * 10^12. Its absolute value stays below 2^110. */
    __int128 later[CLOCK_PAIRS];
    __int128 step[DOMAINS]; /* hz x 10^12 */
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

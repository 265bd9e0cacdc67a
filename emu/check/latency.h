/* Latency distributions in constant memory: exact to 4096 cycles, within 1/256 above.
 *
 * A latency is a time in picoseconds since the instant at which the last lane's first payload word of the BX
 * was sampled by link_rx; its bin is that time in cycles of the boundary's own clock, rounded to nearest.
 */
#ifndef EMU_CHECK_LATENCY_H
#define EMU_CHECK_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LATENCY_EXACT = 4096,
    LATENCY_STEPS = 256, /* bins of each power of two above */
    LATENCY_BINS = LATENCY_EXACT + 40 * LATENCY_STEPS,
};

struct latency {
    uint64_t hz; /* of the boundary's domain */
    uint64_t count;
    uint64_t min_ps, max_ps;
    uint64_t bin[LATENCY_BINS];
};

struct latency_summary {
    uint64_t count;
    uint64_t min_cycles, p50_cycles, p99_cycles, max_cycles; /* 0 when count is 0 */
    double min_ns, p50_ns, p99_ns, max_ns; /* min and max exact to 1 ps, percentiles by cycle */
};

void latency_init(struct latency *l, uint64_t hz);
void latency_add(struct latency *l, uint64_t ps);
struct latency_summary latency_summarise(const struct latency *l);

/* Cycles that bin `index` stands for (its lower end). */
uint64_t latency_bin_cycles(size_t index);

#ifdef __cplusplus
}
#endif
#endif

/* The delay model, and where a node falls in the pipeline: as early as its operands allow, chained within a
 * stage.
 *
 * Nanoseconds are ESTIMATES from documented constants for a LUT6 fabric of the UltraScale family (timing.c),
 * routing included; no placed and routed design stands behind them. Bitwise logic is packed into LUTs as it
 * is placed: a node whose sources still fit one LUT adds no level.
 */
#ifndef HLS_COMPILER_TIMING_H
#define HLS_COMPILER_TIMING_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* HLS_LATE: the stage of a state before schedule finds its own. */
enum { HLS_LUT_INPUTS = 6, HLS_LATE = 1 << 20 };

struct hls_cut {
    hls_id leaf[HLS_LUT_INPUTS];
    unsigned n; /* 0: not a LUT */
};

struct hls_timing {
    struct hls_fn *fn;
    float usable; /* ns of a period that logic may take */
    struct hls_cut *cut;
    hls_id placed, room; /* nodes below `placed` have stage and arrival */
    hls_id too_slow;     /* a node that does not fit a period even alone, or HLS_NONE */
};

void hls_timing_init(struct hls_timing *t, struct hls_fn *fn, double clock_mhz);
void hls_timing_release(struct hls_timing *t);
/* Places every node made since the last call. */
void hls_timing_place(struct hls_timing *t);
/* Sets the arrivals of `n` nodes, in ascending order, whose stages were moved; wiring goes with its operand.
 * Returns whether all of them still fit the period. The first call must cover all nodes. */
bool hls_timing_settle(struct hls_timing *t, const hls_id *id, size_t n);
/* The first stage in which a node can be read. */
unsigned hls_read_from(const struct hls_node *n);
/* The last stage in which the next value of a state is in time for its next reader. */
unsigned hls_state_due(const struct hls_fn *fn, const struct hls_state *s);
/* Order of readiness: negative when a is ready before b. Both must be placed. */
int hls_timing_compare(const struct hls_fn *fn, hls_id a, hls_id b);
/* ns of one node alone. */
float hls_delay(const struct hls_fn *fn, const struct hls_node *n);
/* A clamp to a power of two needs no comparison: MIN with 2^k - 1 and MAX with -2^k look at the bits from k
 * up, MAX with 0 at the sign. Returns k (0 for MAX with 0), or -1 for a general minimum or maximum. */
int hls_clamp_bit(const struct hls_fn *fn, const struct hls_node *n);

#ifdef __cplusplus
}
#endif
#endif

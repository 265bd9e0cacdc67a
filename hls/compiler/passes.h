/* The passes, in the order in which hls_compile() runs them. Each keeps what the function computes;
 * hls_verify() holds after each. */
#ifndef HLS_COMPILER_PASSES_H
#define HLS_COMPILER_PASSES_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* States that nothing depends on go, the others get intervals, and stage HLS_LATE, so that trees take them in
 * last and the way back to them stays short. Keeps all else. */
void hls_pass_state(struct hls_fn *fn);
/* Static variables that a rolled loop takes in and gives back go round in it: one state for both. Keeps all
 * else. */
void hls_join_states(struct hls_fn *fn);
/* Narrows the intervals of loops' nodes to what is possible round by round. Keeps all else. */
void hls_bound_loops(struct hls_fn *fn);
/* Splits products that no DSP block takes in one piece into products that one does. Breaks demand, schedule.
 */
void hls_pass_multiply(struct hls_fn *fn);
/* Leaves the `dsps` costliest products of variables (HLS_DSP_AUTO: all that are worth a block, HLS_DSP_NONE: none) and makes sums of
 * the others. Breaks demand, schedule. */
void hls_pass_dsp(struct hls_fn *fn, int dsps);
/* Products of variables in the function. */
unsigned hls_count_products(const struct hls_fn *fn);
/* chosen[id] = 1 for the `dsps` products by constants that save most. The caller frees it. */
uint8_t *hls_choose_constant_products(const struct hls_fn *fn, const uint8_t *live, unsigned dsps);
/* Sums and products by constants, but for `dsps` products that stay: flattened to rows over common inputs, two-term sub-expressions shared
 * across rows, rebuilt as trees by arrival time, intervals from the whole row. Breaks demand, schedule. */
void hls_pass_linear(struct hls_fn *fn, double clock_mhz, unsigned dsps);
/* Chains of and, or, xor, min, max: rebuilt as trees by arrival time. Breaks demand, schedule. */
void hls_pass_balance(struct hls_fn *fn, double clock_mhz);
/* Notes at each node how many low bits anybody looks at. Requires nothing; keeps all. */
void hls_pass_demand(struct hls_fn *fn);
/* Notes stage and arrival, sets fn->stages. Requires demand. Returns 0, or an exit code after a message about
 * an operation that does not fit a period even alone, or a state whose next value is not there in time. */
int hls_pass_schedule(struct hls_fn *fn, double clock_mhz);
/* Moves nodes between neighbouring stages so that fewer register bits lie between them. Requires and keeps
 * schedule. */
void hls_pass_retime(struct hls_fn *fn, double clock_mhz);

#ifdef __cplusplus
}
#endif
#endif

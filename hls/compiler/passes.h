/* The passes, in the order in which hls_compile() runs them. Each keeps what the function computes;
 * hls_verify() holds after each. */
#ifndef HLS_COMPILER_PASSES_H
#define HLS_COMPILER_PASSES_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Splits products that no DSP block takes in one piece into products that one does. Breaks demand, schedule.
 */
void hls_pass_multiply(struct hls_fn *fn);
/* Sums and products by constants: flattened to rows over common inputs, two-term sub-expressions shared
 * across rows, rebuilt as trees by arrival time, intervals from the whole row. Breaks demand, schedule. */
void hls_pass_linear(struct hls_fn *fn, double clock_mhz);
/* Chains of and, or, xor, min, max: rebuilt as trees by arrival time. Breaks demand, schedule. */
void hls_pass_balance(struct hls_fn *fn, double clock_mhz);
/* Notes at each node how many low bits anybody looks at. Requires nothing; keeps all. */
void hls_pass_demand(struct hls_fn *fn);
/* Notes stage and arrival, sets fn->stages. Requires demand. Returns the node that does not fit a period even
 * alone, or HLS_NONE. */
hls_id hls_pass_schedule(struct hls_fn *fn, double clock_mhz);

#ifdef __cplusplus
}
#endif
#endif

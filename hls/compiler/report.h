/* What a kernel costs and where, as text for people. Requires a scheduled function. */
#ifndef HLS_COMPILER_REPORT_H
#define HLS_COMPILER_REPORT_H

#include "hls/compiler/emit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Latency, registers, LUTs and DSP blocks (estimates), the same by source line, and the slowest way through each
 * stage. Returns 0, or -1 when writing failed. */
int hls_report(const struct hls_fn *fn, const struct hls_options *o, const struct hls_emitted *count, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

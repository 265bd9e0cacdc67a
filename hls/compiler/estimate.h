/* What Yosys makes of the Verilog of a kernel: cells of a Xilinx family, mapped but not placed or routed. */
#ifndef HLS_COMPILER_ESTIMATE_H
#define HLS_COMPILER_ESTIMATE_H

#include "hls/compiler/options.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Maps OUT/TOP.v to `family` (Yosys' name: xcup for UltraScale+ as the VU9P, xcu for UltraScale as the KU115) and
 * prints LUTs, shift registers, flip-flops, DSP blocks and block RAMs of each module and of all together to `to`,
 * and every few seconds to stderr that it still works. Yosys' log stays in OUT/TOP_yosys.log. Returns 0, or an
 * exit code after a message: Yosys is not there, or fails. */
int hls_estimate(const char *out, const char *top, const char *family, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

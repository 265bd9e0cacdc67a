/* The LLVM passes that make a kernel one straight line: inline, unroll, promote. In process, on the module.
 */
#ifndef HLS_COMPILER_OPTIMIZE_H
#define HLS_COMPILER_OPTIMIZE_H

#include "hls/compiler/options.h"

#include <llvm-c/Core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls of functions named so stand for the unknown content of a local variable. */
#define HLS_UNKNOWN "hls.unknown."

/* Runs the passes. Refuses accesses outside local arrays that only show after unrolling. 0 or an exit code.
 */
int hls_optimize(LLVMModuleRef module);
/* Where an instruction stands in the source. */
struct hls_loc hls_debug_loc(LLVMValueRef instruction);

#ifdef __cplusplus
}
#endif
#endif

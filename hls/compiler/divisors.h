/* What LLVM proves of divisors. Before the passes run, each divisor d of a dividend n goes through a call
 * without effect that also takes the conditions `d != 0` and `n / d does not overflow`; where the source has
 * ruled the contrary out (if (d != 0) ...), the passes make them constants. */
#ifndef HLS_COMPILER_DIVISORS_H
#define HLS_COMPILER_DIVISORS_H

#include "hls/compiler/options.h"

#include <llvm-c/Core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls of functions named so give their first operand. */
#define HLS_DIVISOR "hls.divisor."

void hls_divisors_mark(LLVMModuleRef module, LLVMValueRef function);
/* Takes the calls away from divisors that have turned out constant, so that passes see them again. */
void hls_divisors_unmark_constants(LLVMValueRef function);
/* The conditions that go with the second operand of a division; NULL: there are none. */
LLVMValueRef hls_divisor_is_not_zero(LLVMValueRef divisor);
LLVMValueRef hls_divisor_cannot_overflow(LLVMValueRef divisor);

#ifdef __cplusplus
}
#endif
#endif

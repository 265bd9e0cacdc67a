/* Loops of LLVM IR: which are left, and which of them are meant to be (HLS_ROLLED of hls/kernels/hls.h). */
#ifndef HLS_COMPILER_LOOPS_H
#define HLS_COMPILER_LOOPS_H

#include <llvm-c/Core.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The blocks that can be reached, in topological order but for the jumps back; the caller frees both. */
struct hls_loops {
    LLVMBasicBlockRef *block;
    unsigned blocks;
    LLVMValueRef *back; /* terminators that jump back */
    unsigned backs;
};

void hls_loops_find(struct hls_loops *l, LLVMValueRef function);
void hls_loops_release(struct hls_loops *l);
/* Whether the loop that a jump back closes asks not to be unrolled. */
bool hls_loop_is_rolled(LLVMValueRef back);

#ifdef __cplusplus
}
#endif
#endif

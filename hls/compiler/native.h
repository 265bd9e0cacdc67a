/* The native form of a kernel, loaded and called with the values of the IR (hls/kernel_abi.h has words). */
#ifndef HLS_COMPILER_NATIVE_H
#define HLS_COMPILER_NATIVE_H

#include "hls/compiler/ir.h"
#include "hls/kernel_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hls_native {
    const struct hls_kernel_info *info;
    const struct hls_kernel_state *state; /* NULL: the kernel has none */
};

/* Finds kernel `name` in a shared object, from dlopen(), that must stay open. 0, or -1 when it is not there
 * or has neither call nor state. */
int hls_native_find(struct hls_native *n, void *object, const char *name);
/* A state at its start, for free(); NULL when the kernel has none. */
void *hls_native_new_state(const struct hls_native *n);
/* One evaluation: `in` holds fn->inputs values within their ports, `out` takes fn->outputs; `state` goes on.
 */
void hls_native_call(const struct hls_native *n, const struct hls_fn *fn, void *state, const hls_int *in,
                     hls_int *out);

#ifdef __cplusplus
}
#endif
#endif

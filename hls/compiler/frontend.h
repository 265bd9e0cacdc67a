/* From the source to LLVM bitcode: libclang reads the ports of the top function, clang 19 compiles.
 *
 * The kernel is not compiled alone but within an entry function written here, whose parameters are the single
 * input elements and whose results go to external variables:
 *
 *     void hls_entry(unsigned int hls_in0, ...) { const T a0[2] = {hls_in0, hls_in1}; top(a0, ...); hls_out0
 * = ...; }
 *
 * So arguments become local arrays before any pass runs: no aliasing, and element types exactly as clang lays
 * them out.
 */
#ifndef HLS_COMPILER_FRONTEND_H
#define HLS_COMPILER_FRONTEND_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HLS_ENTRY "hls_entry"
#define HLS_OUTPUT "hls_out" /* followed by the output's number */

/* The compiler's flags as one line of text: for the JSON and the hash. */
extern const char *const hls_frontend_flags;

/* Parses the source, prints clang's diagnostics, finds the top function, gives fn its name and
 * ports. 0 or an exit code. */
int hls_frontend_ports(const struct hls_options *o, struct hls_fn *fn);
/* Writes the entry function and compiles it to `bitcode` (a path). 0 or an exit code. */
int hls_frontend_compile(const struct hls_options *o, const struct hls_fn *fn, const char *directory,
                         const char *bitcode);
/* Compiles the kernel with `shim`, its native form as hlsc wrote it, to the shared object `object`. 0 or an
 * exit code. */
int hls_frontend_native(const struct hls_options *o, const struct hls_fn *fn, const char *shim,
                        const char *object);
/* The build hash: preprocessed source, compiler version, options. 0 or an exit code. */
int hls_frontend_hash(const struct hls_options *o, uint64_t *hash);

#ifdef __cplusplus
}
#endif
#endif

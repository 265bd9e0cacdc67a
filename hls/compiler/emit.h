/* The three files of a kernel: NAME.v, NAME.json, NAME_shim.c. All require a scheduled function. */
#ifndef HLS_COMPILER_EMIT_H
#define HLS_COMPILER_EMIT_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the Verilog has, counted while it is written. */
struct hls_emitted {
    unsigned register_bits; /* payload, states, outputs and valid chain */
};

/* Verilog-2005. A stage's registers load only when the valid before it is set, and its logic stands inside
 * that condition, so that an idle pipeline costs a simulator nothing. States are set back by rst_i. */
void hls_emit_verilog(const struct hls_fn *fn, uint64_t hash, FILE *to, struct hls_emitted *count);
/* Returns 0, or -1 when writing failed. */
int hls_emit_json(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash,
                  const struct hls_emitted *count, FILE *to);
/* The native form, see hls/kernel_abi.h; to be compiled with the kernel's source, or, when the kernel has
 * state, alone: then it includes the source by the path `source`. */
void hls_emit_shim(const struct hls_fn *fn, const char *source, uint64_t hash, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

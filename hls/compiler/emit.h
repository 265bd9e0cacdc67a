/* The files of a kernel. All require a scheduled function. */
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
 * that condition, so that an idle pipeline costs a simulator nothing. States are set back by rst_i. With
 * `clock_enable` there is a ce_i, and an edge at which it is 0 changes nothing, unless it is one of reset. */
void hls_emit_verilog(const struct hls_fn *fn, bool clock_enable, uint64_t hash, FILE *to,
                      struct hls_emitted *count);
/* Returns 0, or -1 when writing failed. */
int hls_emit_json(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash,
                  const struct hls_emitted *count, FILE *to);
/* The native form, see hls/kernel_abi.h; to be compiled with the kernel's source, or, when the kernel has
 * state, alone: then it includes the source by the path `source`. */
void hls_emit_shim(const struct hls_fn *fn, const char *source, uint64_t hash, FILE *to);
/* Verilog-2005: TOP_tb, which runs o->testbench evaluations of o->seed (vectors.h) in any simulator and ends
 * with PASS or FAIL. Expected values come from the native form, compiled from o->out/TOP_shim.c, which must
 * be there, and from the interpreter; where these two differ nothing is written. 0, or an exit code after a
 * message. */
int hls_emit_testbench(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

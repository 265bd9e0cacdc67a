/* The files of a kernel. All require a scheduled function. */
#ifndef HLS_COMPILER_EMIT_H
#define HLS_COMPILER_EMIT_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the Verilog has, counted while it is written; hls_emitted_release() frees what it holds. */
struct hls_emitted {
    unsigned register_bits; /* payload, states, outputs and valid chain */
    unsigned shift_bits;    /* of them, those in shift registers, which take no flip-flop each */
    unsigned *node_bits;    /* of them, those that carry each node on or hold a state */
};

/* Verilog-2005. A stage's registers load only when the valid before it is set, and its logic stands inside
 * that condition, so that an idle pipeline costs a simulator nothing. States are set back by rst_i. With
 * `clock_enable` there is a ce_i, and an edge at which it is 0 changes nothing, unless it is one of reset. */
void hls_emit_verilog(const struct hls_fn *fn, bool clock_enable, uint64_t hash, FILE *to,
                      struct hls_emitted *count);
void hls_emitted_release(struct hls_emitted *count);
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

/* The data ports as they stand in the list of a module. */
void hls_emit_ports(const struct hls_fn *fn, FILE *to);

/* Clocks that TOP_stream adds to the pipeline's latency: into the FIFO and out of it. */
enum { HLS_STREAM_STEPS = 2 };
/* Its FIFO has 2^N places, at least as many as evaluations are under way when nothing waits. */
unsigned hls_stream_depth_bits(const struct hls_fn *fn);
/* Verilog-2005: TOP_stream, TOP (without clock enable) between two handshakes of valid and ready. */
void hls_emit_stream(const struct hls_fn *fn, FILE *to);

/* Refuses names that VHDL cannot have. 0, or an exit code after a message. */
int hls_check_vhdl_names(const struct hls_fn *fn);
/* VHDL-93: package TOP_pkg with the components and the record types, and entity TOP_typed, which wraps TOP,
 * or TOP_stream when there is one. */
void hls_emit_vhdl(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

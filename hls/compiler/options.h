/* What the command line asks for, and how a refusal is reported. */
#ifndef HLS_COMPILER_OPTIONS_H
#define HLS_COMPILER_OPTIONS_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HLSC_VERSION "hlsc 0.1"

enum { HLS_MAX_INCLUDES = 16 };

/* Exit codes of hlsc (and of every bxact program). */
enum { HLS_EXIT_OK = 0, HLS_EXIT_CHECK = 1, HLS_EXIT_USAGE = 2, HLS_EXIT_INTERNAL = 3 };

/* Products of variables go to DSP blocks, products by constants do not. */
enum { HLS_DSP_AUTO = 0, HLS_DSP_NONE = -1 };

struct hls_options {
    const char *source;
    const char *top; /* NULL: the only function that is not static */
    double clock_mhz;
    unsigned ii;      /* clocks from one evaluation to the next; 0: as few as the kernel's loops need */
    unsigned latency; /* at most so many cycles; 0: as many as it takes */
    int dsps;         /* DSP blocks that products may take, or one of the above */
    const char *out;
    const char *family; /* map the Verilog to that family with Yosys and print the estimate; NULL: do not */
    bool report; /* print what it costs and where to stdout */
    const char *include[HLS_MAX_INCLUDES];
    unsigned includes;
    const char *dump; /* name of a pass, or NULL */
    bool no_lint;     /* no warnings of lint.h: of programs that nobody has written */
    /* What to write beside Verilog, JSON and shim. */
    unsigned testbench; /* evaluations of the test bench; 0: none */
    uint64_t seed;      /* of its vectors */
    bool clock_enable;  /* the Verilog has ce_i; not with `ready` */
    bool modules;       /* the Verilog has a module a stage */
    bool ready;         /* TOP_stream.v: valid and ready on both sides */
    bool vhdl;          /* TOP_pkg.vhd */
};

/* Prints `file:line:column: message` to stderr (or `message` alone without a place); returns HLS_EXIT_USAGE.
 */
int hls_refuse(struct hls_loc loc, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif

/* Kernels on the bench: the same random vectors through native code, the IR interpreter and a simulator.
 *
 *     struct bench *b = bench_new();
 *     bench_add(b, "hls/kernels/zero_suppress.c", "zero_suppress");
 *     bench_build_native(b, "-O3");
 *     bench_native_against_interpreter(b, 1000, seed);      -> evaluations that differ
 *     bench_rtl(b, BENCH_VERILATOR, 2000, seed);            -> see there
 *     bench_free(b);
 *
 * The simulators get a Verilog test bench that is written here: one line of bits a clock, with bubbles in
 * valid and resets in mid-stream, which kernels with state must follow; expected valid and outputs come from
 * the native code and the latency.
 */
#ifndef TESTS_HLS_BENCH_H
#define TESTS_HLS_BENCH_H

#include "hls/compiler/options.h"
#include "hls/compiler/vectors.h"

#include <stdint.h>

enum bench_simulator { BENCH_VERILATOR, BENCH_ICARUS };

struct bench_kernel {
    char *name, *source;
    struct hls_fn *fn;
    const struct hls_kernel_info *native;
    const struct hls_kernel_state *native_state; /* NULL: the kernel has none */
};

struct bench {
    char *directory; /* temporary; removed by bench_free */
    struct bench_kernel *kernel;
    size_t kernels;
    unsigned ii; /* of the kernels that are added by bench_add*(); 0: as hlsc chooses */
    void *library;
};

struct bench *bench_new(void);
void bench_free(struct bench *b);
/* Compiles a kernel, at the board's clock or at `clock_mhz`; 0, or hlsc's exit code. */
int bench_add(struct bench *b, const char *source, const char *top, double clock_mhz);
/* The same with other options; the output folder is the bench's. */
int bench_add_with(struct bench *b, const struct hls_options *wanted);
/* The same without Verilog and hash: for bench_native_against_interpreter() only, in a third of the time. */
int bench_add_without_verilog(struct bench *b, const char *source, const char *top, double clock_mhz);
/* One shared object of all kernels; 0, or -1. */
int bench_build_native(struct bench *b, const char *flags);
/* The same from one file that includes all kernels, whose names at file scope must differ: much faster. */
int bench_build_together(struct bench *b, const char *flags);
/* Compares `n` evaluations of each kernel, with a reset now and then; returns how many differ and prints the
 * first ones. */
unsigned bench_native_against_interpreter(const struct bench *b, unsigned n, uint64_t seed);
/* Runs `cycles` clocks of all kernels in one simulation. Returns the results compared, or -1 after a message
 * when one differs, valid_o is early, late or missing, hash_o is wrong, or the tools fail. */
long bench_rtl(const struct bench *b, enum bench_simulator with, unsigned cycles, uint64_t seed);
/* The same `rounds` times with new vectors: `cycles` at a time, so that long runs need little memory. */
long bench_rtl_rounds(const struct bench *b, enum bench_simulator with, unsigned cycles, unsigned rounds,
                      uint64_t seed);
/* Runs a shell command from printf arguments; its exit status. */
int bench_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline uint64_t bench_random(uint64_t *state)
{
    return hls_random(state);
}

#endif

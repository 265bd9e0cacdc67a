/* What a bench gives a kernel clock by clock, and what must come out: seeded random values with the ends of
 * each port's range among them, bursts and bubbles but never
 * sooner than the kernel allows, resets in mid-stream, clocks without enable. The native
 * form computes the results.
 *
 *     struct hls_vectors v;
 *     hls_vectors_open(&v, &(struct hls_vectors){.fn = fn, .native = &native, .random = seed, .calm = 500});
 *     while (v.results < 1000)
 *         hls_vectors_next(&v);         -> v.reset, v.enable, v.valid, v.in; after the edge: v.shows, v.out
 *     hls_vectors_close(&v);
 */
#ifndef HLS_COMPILER_VECTORS_H
#define HLS_COMPILER_VECTORS_H

#include "hls/compiler/native.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hls_vectors {
    /* Given. */
    const struct hls_fn *fn;
    const struct hls_native *native;
    uint64_t random;   /* seed, then state of the generator */
    unsigned calm;     /* clocks before the resets in mid-stream begin; the first two clocks are a reset */
    bool clock_enable; /* `enable` is 0 now and then; otherwise always 1 */
    /* The present clock. */
    unsigned cycle; /* its number, from 0 */
    bool reset, enable, valid;
    hls_int *in; /* fn->inputs values, in bubbles too */
    /* After its edge. */
    bool shows;         /* valid_o */
    const hls_int *out; /* fn->outputs values, when it shows */
    long results;       /* results so far: one that stays for want of an enable is counted once */
    /* Inside. */
    void *state;
    hls_int *flying; /* `latency` sets of outputs, youngest first */
    uint8_t *in_flight;
    unsigned density, since; /* clocks since the last evaluation began, or more than fn->ii */
};

/* Takes over what is given. */
void hls_vectors_open(struct hls_vectors *v, const struct hls_vectors *given);
void hls_vectors_close(struct hls_vectors *v);
/* Draws the next clock. */
void hls_vectors_next(struct hls_vectors *v);

/* One set of inputs, each within its port. */
void hls_random_inputs(const struct hls_fn *fn, uint64_t *random, hls_int *in);
/* SplitMix64. */
uint64_t hls_random(uint64_t *state);

#ifdef __cplusplus
}
#endif
#endif

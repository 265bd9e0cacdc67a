/* Number formats chosen from the ranges that tensors have on data (`bxact net quantise`).
 *
 * Every tensor that is rounded gets a format of `bits` bits whose range holds all that the data showed, with
 * RND and SAT; constants get the finest format of so many bits that holds them; biases 8 bits more. A dense
 * layer that only feeds a Relu or a Quant stays exact, and batch norms are folded. What is quantised already
 * stays.
 *
 * The promise is about the data: `error` is the largest difference between fixed point and doubles on any
 * output, for any of the samples. For other inputs it is no bound.
 */
#ifndef GOLDEN_NETWORK_CHOOSE_H
#define GOLDEN_NETWORK_CHOOSE_H

#include "golden/network/quantised.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CHOOSE_MIN_BITS = 2, CHOOSE_MAX_BITS = 24 };

/* Samples: each has the numbers of all inputs, one input after the other. */
struct net_data {
    double *value;
    size_t samples, width;
};

/* Text: a sample a line, numbers between blanks or commas, '#' begins a comment. 0, or -1 and a message
 * "file:line: ..". */
int net_data_read(struct net_data *d, const struct graph *g, const char *path, struct message *m);

/* Uniform in -1..1, the same for a seed on every machine. */
int net_data_random(struct net_data *d, const struct graph *g, size_t samples, uint64_t seed,
                    struct message *m);
void net_data_release(struct net_data *d);

struct net_error {
    double largest, rms; /* of all outputs */
    uint64_t overflows;  /* casts that overflowed */
};

/* Fixed point against doubles. */
int net_compare(const struct quantised *q, const struct net_data *d, struct net_error *e, struct message *m);

struct net_choice {
    unsigned bits;
    struct net_error error;
};

/* bits 0: the fewest bits that keep the largest error at `most` or below. Writes a formats file to `to`
 * (NULL: nowhere). Returns 0, or -1 and a message: no number of bits up to CHOOSE_MAX_BITS is enough, a
 * network that has no fixed-point form. */
int net_choose(const struct graph *g, const struct net_data *d, unsigned bits, double most,
               struct net_choice *c, FILE *to, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

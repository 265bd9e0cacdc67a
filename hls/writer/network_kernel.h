/* Writes a quantised network as a C23 kernel for hlsc: one function a step, weights as plain arrays, every
 * cast spelled out. The text is meant to be read, and to be edited by whoever wants more than this writer
 * knows.
 *
 * It uses the list of steps (golden/network/quantised.h) but none of golden's arithmetic: the casts are those
 * of hls/kernels/fixed.h. Weights that are 0 leave no trace after hlsc has unrolled the loops.
 *
 * Reuse: a dense layer runs in up to `reuse` rounds, each of which has a share of its inputs or of its
 * outputs, whichever takes fewer multipliers; a layer of fewer inputs and outputs takes fewer rounds. The
 * kernel then takes an evaluation every `reuse` clocks, or more often when no layer is that large. 1:
 * everything at once.
 *
 * Numbers on the way must fit 62 bits, tensors 62; saturated bits (the N of ap_fixed) are not written.
 */
#ifndef HLS_WRITER_NETWORK_KERNEL_H
#define HLS_WRITER_NETWORK_KERNEL_H

#include "golden/network/quantised.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NETWORK_MOST_REUSE = 1024 };

/* void NAME(const _BitInt(W) x0[..], .., _BitInt(W) y0[..], ..): the network's inputs and outputs as raw
 * numbers. A signed port has at least 2 bits. Returns 0, or -1 and a message. */
int network_kernel_write(const struct quantised *q, const char *name, unsigned reuse, FILE *to,
                         struct message *m);

/* The kernel `recal` with the ports of docs/chain.md: features from the muon word, and corrections in 1/16 of
 * a code. The network must have one input of 4 or 5 numbers and one output of 3. */
int network_kernel_write_recal(const struct quantised *q, unsigned reuse, FILE *to, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

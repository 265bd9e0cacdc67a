/* The layers of the shipped networks as kernel code. The arithmetic: docs/chain.md, "The arithmetic of the
 * shipped networks"; the golden evaluation of the same is written separately, on purpose. */
#ifndef HLS_KERNELS_NETWORK_H
#define HLS_KERNELS_NETWORK_H

#include "hls/kernels/hls.h"

enum { FEATURES = 5, WIDEST_LAYER = 32 };

/* acc = bias + sum w*x, then the rounding shift; w is [outputs][inputs]. */
static inline void network_sums(const signed char *w, const short *bias, int inputs, int outputs, int shift,
                                const int *x, int *y)
{
    for (int o = 0; o < outputs; o++) {
        int acc = bias[o] + (1 << (shift - 1));
        for (int i = 0; i < inputs; i++)
            acc += w[o * inputs + i] * x[i];
        y[o] = acc >> shift;
    }
}

/* The same in `rounds` rounds (docs/kernels.md, "Reuse"), each with its share of the outputs: a multiplier
 * works for as many of them. What the last round has too many does the last output again. */
static inline void network_sums_shared(const signed char *w, const short *bias, int inputs, int outputs,
                                       int shift, int rounds, const int *x, int *y)
{
    int each = (outputs + rounds - 1) / rounds;
    HLS_ROLLED
    for (int r = 0; r < rounds; r++)
        for (int k = 0; k < each; k++) {
            int o = r * each + k < outputs ? r * each + k : outputs - 1;
            network_sums(w + o * inputs, bias + o, inputs, 1, shift, x, y + o);
        }
}

static inline void network_clamp(int *y, int n, int low, int high)
{
    for (int i = 0; i < n; i++)
        y[i] = hls_clamp(y[i], low, high);
}

/* phi, eta, pT, charge, quality of a 2017/18 or Run-3 muon word (domain.md 1.1), each an int8. */
static inline void network_features(u64 muon, int x[FEATURES])
{
    int phi = (int)hls_field(muon, 0, 10);
    int eta = (int)(int16_t)(hls_field(muon, 23, 9) << 7) >> 7;
    x[0] = (hls_clamp(phi, 0, 575) - 288) >> 2;
    x[1] = eta >> 1;
    x[2] = ((int)hls_field(muon, 10, 9) >> 1) - 128;
    x[3] = hls_field(muon, 34, 1) ? -64 : 64;
    x[4] = ((int)hls_field(muon, 19, 4) - 8) * 8;
}

/* One layer of network NAME from x to y: hidden ones end in 0..127, the last in int16. With `rounds` above 1
 * its multipliers are shared. */
#define NETWORK_LAYER(name, layer, x, y) NETWORK_LAYER_SHARED(name, layer, 1, x, y)
#define NETWORK_LAYER_SHARED(name, layer, rounds, x, y)                                                      \
    do {                                                                                                     \
        if (rounds == 1)                                                                                     \
            network_sums(&name##_w##layer[0][0], name##_b##layer, name##_size[layer],                        \
                         name##_size[layer + 1], name##_shift[layer], x, y);                                 \
        else                                                                                                 \
            network_sums_shared(&name##_w##layer[0][0], name##_b##layer, name##_size[layer],                 \
                                name##_size[layer + 1], name##_shift[layer], rounds, x, y);                  \
        if (layer + 2 == sizeof name##_size)                                                                 \
            network_clamp(y, name##_size[layer + 1], -32768, 32767);                                         \
        else                                                                                                 \
            network_clamp(y, name##_size[layer + 1], 0, 127);                                                \
    } while (0)

#endif

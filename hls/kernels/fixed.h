/* Fixed-point casts for kernels that are written from networks: the rounding and overflow modes of ap_fixed,
 * bit by bit as domain.md 8.4 has them. All arguments but the last are constants. */
#ifndef HLS_KERNELS_FIXED_H
#define HLS_KERNELS_FIXED_H

#include "hls/kernels/hls.h"

enum hls_round_mode { RND, RND_ZERO, RND_MIN_INF, RND_INF, RND_CONV, TRN, TRN_ZERO };
enum hls_overflow_mode { SAT, SAT_ZERO, SAT_SYM, WRAP, WRAP_SM };

/* v / 2^drop; a drop below 0 shifts left. */
static inline hls_wide hls_round(enum hls_round_mode mode, int drop, hls_wide v)
{
    if (drop <= 0)
        return v * ((hls_wide)1 << -drop);
    hls_wide down = v >> drop;
    int half = v >> (drop - 1) & 1;
    int rest = (v & (((hls_wide)1 << (drop - 1)) - 1)) != 0;
    int minus = v < 0;
    switch (mode) {
    case RND: return down + half;
    case RND_ZERO: return down + (half & (minus | rest));
    case RND_MIN_INF: return down + (half & rest);
    case RND_INF: return down + (half & (!minus | rest));
    case RND_CONV: return down + (half & (int)((down & 1) | rest));
    case TRN_ZERO: return down + (minus & (half | rest));
    default: return down;
    }
}

/* The number that the low `width` bits are. */
static inline hls_wide hls_low_bits(int width, int is_signed, hls_wide v)
{
    if (is_signed)
        return (hls_wide)((u64)v << (64 - width)) >> (64 - width);
    return v & (((hls_wide)1 << width) - 1);
}

static inline hls_wide hls_sign_magnitude(int width, hls_wide v)
{
    int lost = v >> width & 1, sign = v >> (width - 1) & 1;
    hls_wide bits = lost != sign ? ~v : v, top = (hls_wide)1 << (width - 1);
    return hls_low_bits(width, 1, lost ? bits | top : bits & ~top);
}

static inline hls_wide hls_limit(enum hls_overflow_mode mode, int width, int is_signed, hls_wide v)
{
    hls_wide high = ((hls_wide)1 << (width - is_signed)) - 1;
    hls_wide low = !is_signed ? 0 : mode == SAT_SYM ? -high : -high - 1;
    switch (mode) {
    case SAT:
    case SAT_SYM: return v < low ? low : v > high ? high : v;
    case SAT_ZERO: return v < low || v > high ? 0 : v;
    case WRAP_SM: return hls_sign_magnitude(width, v);
    default: return hls_low_bits(width, is_signed, v);
    }
}

#endif

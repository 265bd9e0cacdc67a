/* What a kernel needs beside C23: short names for widths, and operations that say what is meant.
 *
 * hlsc keeps the exact interval of every value, so a wide type costs nothing: compute in int (or hls_wide)
 * and let the compiler find the width. Narrow types matter at ports and in memory only. For clang 19 in C23
 * mode (`_BitInt`): include it in kernels, never in a header that others read.
 */
#ifndef HLS_KERNELS_HLS_H
#define HLS_KERNELS_HLS_H

#include <stdint.h>

typedef unsigned _BitInt(1) u1;
typedef unsigned _BitInt(4) u4;
typedef unsigned _BitInt(8) u8;
typedef unsigned _BitInt(9) u9;
typedef unsigned _BitInt(12) u12;
typedef unsigned _BitInt(16) u16;
typedef unsigned _BitInt(24) u24;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;

typedef int64_t hls_wide;

/* Before a `for` of fixed bounds: it stays a loop, one round a clock, and its operations are there once
 * (docs/kernels.md, "Reuse"). */
#define HLS_ROLLED _Pragma("clang loop unroll(disable)")

/* Sum and product that no operand's type can cut short (`_BitInt(8) * _BitInt(8)` has 8 bits in C). */
#define hls_add(a, b) ((hls_wide)(a) + (hls_wide)(b))
#define hls_mul(a, b) ((hls_wide)(a) * (hls_wide)(b))
/* An operation of `_BitInt` whose result is meant to be cut to its type: hlsc does not warn of it. */
#define hls_wrap(x) (__extension__(x))

static inline int hls_clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

/* `width` bits of `word` from bit `low` up; width 1..63. */
static inline u64 hls_field(u64 word, int low, int width)
{
    return word >> low & (((u64)1 << width) - 1);
}

#endif

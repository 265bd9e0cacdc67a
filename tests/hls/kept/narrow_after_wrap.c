/* From the fuzzer (kernel of seed 5000027): a wrapped value has 9 bits of its own; a wider reader must extend its
 * sign, not look through the wrap at an operand of which 16 bits were demanded elsewhere. */
#pragma clang diagnostic ignored "-Weverything"
#include <stdint.h>
static long clamp(long x, int low, int high) { return x < low ? low : x > high ? high : x; }
static int low(int a, int b) { return a < b ? a : b; }
static unsigned mix(unsigned a, unsigned char b) { return (a << 5 | a >> 27) ^ b * 0x9e3779b1u; }
static const unsigned _BitInt(10) table[8] = {78, 89, -100, 60, 23, -80, 98, 107};

void narrow_after_wrap(const unsigned in[8], uint64_t x0, unsigned _BitInt(12) *y0, _BitInt(17) *y1, int64_t array_out[2])
{
    _BitInt(15) a[8] = {x0, x0, x0, x0, x0, x0, x0, x0};
    unsigned _BitInt(16) v0 = ((uint64_t)(low(-202, x0)) << 7);
    _BitInt(30) v1 = low((v0 - x0), (v0 & x0));
    _BitInt(18) v2 = (-(137) | __builtin_popcountll(v0));
    unsigned _BitInt(18) v3 = (__builtin_popcountll(v2) == (4 * 0xf8dbfb22u));
    switch (((__builtin_popcountll(v1) ^ (11416199899346LL < a[0]))) & 3) {
    case 0: {
        switch ((((uint64_t)(x0) >> ((((uint64_t)(v3) >> ((v2) & 7))) & 63))) & 3) {
        case 0: {
            v1 = __builtin_popcount((v2 & __builtin_bitreverse16(table[5])));
            v0 = low(x0, v2);
        }
        [[fallthrough]];
        case 1: {
            v1 ^= (((int64_t)(low(in[6], x0)) << (((v0 & table[6])) & 7)) * ((0x33f568fbu != 13198508226506LL) && !(0x82b743f5u)));
        }
        break;
        default: {
            v2 = (int)(low((x0 && v0), ((int64_t)(v1) << 13)));
            v1 = (v1 - ((v0 >= x0) * __builtin_bswap32(in[3])));
            v3 += (a[7] || (x0 ? __builtin_popcountll(x0) : (x0 == v1)));
        }
        break;
        }
        v0 = (((x0 <= x0) >= (v2 || v0)) * ((v2 - table[1]) - ((int64_t)(x0) >> 62)));
        v0 = (__builtin_bitreverse16((-4 == in[1])) ? 0x52d1306eu : clamp(__builtin_bswap32(0x260409dbu), __builtin_bswap32(a[6]), (6423888387838LL ? x0 : v0)));
    }
    break;
    case 1: {
        for (int i0 = 0; i0 < 2; i0++) {
            v1 = ((unsigned _BitInt(28))(a[(v1) & 7]) <= (bool)((v0 == x0)));
            v3 ^= __builtin_abs(((v2 * table[6]) == ((uint64_t)(a[4]) << ((i0) & 7))));
            a[(clamp(v3, x0, v2)) & 7] = (__builtin_bswap64(__builtin_abs(x0)) >= (_BitInt(11))(i0));
        }
    }
    [[fallthrough]];
    default: {
        v0 = (x0 ? ((v2 != v0) || (_BitInt(14))(v2)) : (unsigned _BitInt(16))((v2 - v1)));
        v1 = ((((uint64_t)(x0) << ((x0) & 7)) < (in[3] || a[6])) || __builtin_bswap32((x0 * a[3])));
    }
    break;
    }
    switch (((((int64_t)(v3) >> 12) ? v1 : low(table[2], x0))) & 3) {
    case 0: {
        v2 = v3;
    }
    break;
    case 1: {
        if ((uint64_t)(v2)) {
            v0 ^= ((int64_t)(((v1 ? x0 : v1) + (v0 ? x0 : x0))) >> ((low((_BitInt(12))(v3), v2)) & 7));
            v3 = (-(-(-1)) ^ mix(low(table[1], v0), (-4 && 4601662420496LL)));
        }
        switch (((mix(x0, 0x7041b9f4u) * (v3 | x0))) & 3) {
        case 0: {
            v2 = (x0 ? low((int8_t)(table[5]), __builtin_popcountll(-110)) : __builtin_abs((x0 - 2)));
            a[(!(x0)) & 7] = clamp(((in[5] + v3) & (unsigned)(v0)), (unsigned _BitInt(36))(mix(table[5], x0)), -(v1));
        }
        [[fallthrough]];
        case 1: {
            v1 ^= 0xaf76e3cbu;
            v2 = (((uint64_t)((v0 != v0)) << ((((uint64_t)(in[4]) << 51)) & 7)) * ((166 ? v0 : x0) ? ((int64_t)(x0) >> 31) : clamp(-2, a[5], v1)));
        }
        break;
        default: {
            v2 = (_BitInt(13))(low((x0 + x0), (v1 | x0)));
            a[7] = clamp(((131072LL + -222) * v0), ((uint64_t)((v1 ^ v2)) << (((in[5] < v3)) & 7)), a[((x0 & table[0])) & 7]);
            v2 = (low((v3 == x0), (v0 ? 255 : -4)) ? (unsigned _BitInt(31))((in[1] >= in[3])) : (mix(x0, a[5]) <= __builtin_popcountll(v2)));
        }
        break;
        }
        switch ((((x0 != x0) - (table[4] + x0))) & 3) {
        case 0: {
            v3 = ((!(-3) != ((uint64_t)(in[2]) >> 3)) | ((int)(4) + (in[0] ? x0 : x0)));
            a[3] = (x0 >= (unsigned _BitInt(7))((v2 < x0)));
        }
        break;
        case 1: {
            a[(low(x0, 5823603104498LL)) & 7] = clamp((((int64_t)(in[6]) >> ((a[7]) & 7)) ? 32768LL : (v0 == v2)), (uint8_t)((x0 && table[2])), low((table[0] <= x0), v0));
            a[((uint8_t)(v1)) & 7] = (((x0 - 0) != table[(table[2]) & 7]) != clamp((x0 && v0), -(128LL), ((uint64_t)(table[3]) >> ((x0) & 7))));
        }
        [[fallthrough]];
        default: {
            a[7] = v2;
            a[2] = ~(((int64_t)((x0 - in[5])) << 44));
            v1 = (__builtin_popcountll((_BitInt(18))(a[0])) + (((uint64_t)(x0) << 42) ? (v3 && x0) : (x0 ? a[0] : v1)));
        }
        break;
        }
    }
    [[fallthrough]];
    default: {
        v2 ^= (((v2 > 8LL) == (a[0] && table[5])) + ~((v2 ? v2 : x0)));
        v0 ^= ((((uint64_t)(x0) << ((v0) & 7)) ? mix(v2, v2) : (-3 && v0)) * __builtin_abs(!(x0)));
    }
    break;
    }
    v0 = (((uint64_t)((unsigned _BitInt(19))(-3)) << (((v0 + x0)) & 7)) > x0);
    *y0 = (~((x0 + x0)) | ((x0 | v2) * (0x7116c359u ^ a[4])));
    *y1 = (((v1 > in[5]) < mix(v0, x0)) && (int)(x0));
    array_out[0] = v0;
    array_out[1] = a[2];
}

/* Control flow around and inside of loops: within an if, in another loop that is unrolled, with conditions on
 * the round, with division, and with an index from the data. */
#include "hls/kernels/hls.h"

static int digits(u16 x)
{
    int sum = 0;
    HLS_ROLLED
    for (int i = 0; i < 5; i++) {
        sum += x % 10;
        x = (u16)(x / 10);
    }
    return sum;
}

void control(u16 a, u8 b, const u8 t[12], u8 *sum, u16 *steps, u8 *last, int *mixed)
{
    u8 copy[12], seen = 0;
    int n = 0, m = 0;
    for (int i = 0; i < 12; i++)
        copy[i] = t[i];
    if (b & 1) {
        HLS_ROLLED
        for (int i = 0; i < 12; i++) {
            if (i > 2 && copy[i] > copy[i - 3])
                copy[i] = (u8)(copy[i] - copy[i - 3]);
            else if (b & 2)
                copy[i] ^= 0x55;
            n += copy[(copy[i] + b) % 12] > i;
        }
    }
    for (int k = 0; k < 2; k++)
        m += (k + 1) * digits((u16)(a + k * b));
    HLS_ROLLED
    for (int i = 0, lfsr = 9; i < 6; i++) {
        lfsr = lfsr >> 1 ^ (lfsr & 1 ? 0xb8 : 0);
        m += copy[lfsr % 12] / (i + 1);
        seen |= b > 100 * i;
    }
    *sum = (u8)n;
    *steps = (u16)m;
    *last = seen;
    *mixed = n * 3 - m;
}

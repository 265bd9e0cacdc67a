/* Loops of one round, of two, and one in which nothing changes. */
#include "hls/kernels/hls.h"

void once(s16 x, s16 y, int *a, int *b, int *c)
{
    int p = x, q = 1, same = 0;
    HLS_ROLLED
    for (int i = 0; i < 1; i++)
        p = p * y + i;
    HLS_ROLLED
    for (int i = 0; i < 2; i++)
        q = q * 3 + (p ^ i);
    HLS_ROLLED
    for (int i = 0; i < 3; i++)
        same = x + y;
    *a = p;
    *b = q;
    *c = same;
}

#include "hls/kernels/hls.h"

/* Every operation of the first line loses bits, none of the others does, or it is meant. */
void narrow(u9 a, u9 b, int c, u9 *cut, u9 *meant, int *kept)
{
    *cut = (a * b) + (a << 3);
    *meant = hls_wrap(a + b);
    *kept = a * c + (int)hls_mul(a, b) + ((int)a << 3) + (a & b) + a * 3;
}

/* Values that wait many stages for a chain of products: from a port, signed and unsigned, and computed. */
#include "hls/kernels/hls.h"

void carry(s16 a, u9 b, u8 id, u1 flag, hls_wide *y, u8 *id_out, u1 *flag_out)
{
    int early = a + b;
    int s = a * b;
    s = (s * a) >> 3;
    s = (s * b) >> 5;
    *y = (hls_wide)s * a + early;
    *id_out = id;
    *flag_out = flag;
}

/* hit_map: which bunch crossings of the orbit were kept, a bit each in 112 words of 32 (docs/chain.md,
 * "event_pack": the trailer's hit map). A call is one BX with its `keep`; it also reads word `read` of the
 * map as it is after this BX, and BX 0 begins a new map. */
#include "hls/kernels/hls.h"

enum { WORDS = 112 };

typedef unsigned _BitInt(7) u7;

void hit_map(u12 bx, u1 keep, u7 read, u32 *word, u12 *kept)
{
    static u32 map[WORDS];
    static u12 count;
    int at = hls_clamp(bx >> 5, 0, WORDS - 1);
    for (int i = 0; i < WORDS; i++)
        map[i] = (bx ? map[i] : 0) | (i == at && keep ? (u32)1 << (bx & 31) : 0);
    count = (u12)((bx ? count : 0) + keep);
    *word = map[hls_clamp(read, 0, WORDS - 1)];
    *kept = count;
}

/* Static variables in and around loops: a filter over the last eight inputs, its running sum, and a counter
 * that a loop turns on. */
#include "hls/kernels/hls.h"

static const short tap[8] = {3, -7, 21, 90, 90, 21, -7, 3};

void with_state(s16 x, u4 add, int *filtered, int *sum, u8 *turns)
{
    static s16 line[8];
    static int total = 100;
    static u8 count = 250;
    int y = 0;
    HLS_ROLLED
    for (int i = 7; i >= 0; i--) {
        line[i] = i ? line[i - 1] : x;
        y += tap[i] * line[i];
    }
    HLS_ROLLED
    for (int i = 0; i < 5; i++)
        count = (u8)(count + (i < (int)add));
    total += y;
    *filtered = y;
    *sum = total;
    *turns = count;
}

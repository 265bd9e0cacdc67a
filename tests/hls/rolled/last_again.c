/* Outputs split over rounds that they do not fill: the last round does the last output again. Only the second of the
 * two writes of a round is in the array whatever the round is. */
#include "hls/kernels/hls.h"

static const signed char weight[5][3] = {{4, 0, -12}, {-10, 13, -3}, {1, -9, 4}, {2, 0, -11}, {-10, -3, 0}};

void last_again(const s16 x[3], int y[5])
{
    HLS_ROLLED
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 2; k++) {
            int o = 2 * r + k < 5 ? 2 * r + k : 4;
            y[o] = 7 * o;
            for (int i = 0; i < 3; i++)
                y[o] += weight[o][i] * x[i];
        }
}

/* Two layers in sequence, split over their inputs and over their outputs; each of four rounds. */
#include "hls/kernels/hls.h"

static const signed char weight[8][8] = {
    {1, 2, 3, 4, 5, 6, 7, 8},   {-1, 2, -3, 4, 5, 6, 7, 8},  {1, 2, 3, -4, 5, 66, 7, 8},
    {1, 22, 3, 4, 5, -6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, -128}, {11, 2, 3, 4, 5, 6, 7, 8},
    {1, 2, 13, 4, 5, 6, 7, 8},  {1, 2, 3, 4, 5, 6, -7, -8},
};

void two_layers(const s16 x[8], int y[8], int *most)
{
    int sum[8], z[8];
    for (int o = 0; o < 8; o++)
        sum[o] = 3 * o;
    HLS_ROLLED
    for (int i = 0; i < 8; i += 2)
        for (int o = 0; o < 8; o++)
            for (int j = i; j < i + 2; j++)
                sum[o] += weight[o][j] * x[j];
    HLS_ROLLED
    for (int r = 0; r < 4; r++)
        for (int o = 2 * r; o < 2 * r + 2; o++) {
            int dot = 0;
            for (int i = 0; i < 8; i++)
                dot += weight[i][o] * hls_clamp(sum[i] >> 7, 0, 255);
            z[o] = dot;
        }
    *most = z[0];
    for (int o = 0; o < 8; o++) {
        y[o] = z[o];
        *most = z[o] > *most ? z[o] : *most;
    }
}

/* An insertion sort, one insertion a round: all cells are read and written in every round. */
#include "hls/kernels/hls.h"

void sorted(const u9 pt[8], u9 best[8])
{
    int list[8] = {0};
    HLS_ROLLED
    for (int r = 0; r < 8; r++) {
        int in = pt[r];
        for (int k = 0; k < 8; k++) {
            int keep = list[k] > in ? list[k] : in;
            in = list[k] > in ? in : list[k];
            list[k] = keep;
        }
    }
    for (int k = 0; k < 8; k++)
        best[k] = (u9)list[k];
}

/* recal, network baseline (4-32-32-32-3), for boards with few multipliers to spare: a muon every 8 clocks,
 * and an eighth of the products at once. The layers work on different muons at the same time. The results are
 * those of recal_baseline.c. */
#include "hls/kernels/network.h"
#include "models/baseline_weights.h"

enum { REUSE = 8, REUSE_LAST = 3 }; /* the last layer has three outputs */

void recal(u64 muon, u8 seq, u4 slot, s16 *phi, s16 *eta, s16 *pt, u8 *seq_out, u4 *slot_out)
{
    int a[WIDEST_LAYER], b[WIDEST_LAYER];
    network_features(muon, a);
    NETWORK_LAYER_SHARED(baseline, 0, REUSE, a, b);
    NETWORK_LAYER_SHARED(baseline, 1, REUSE, b, a);
    NETWORK_LAYER_SHARED(baseline, 2, REUSE, a, b);
    NETWORK_LAYER_SHARED(baseline, 3, REUSE_LAST, b, a);
    *phi = (s16)a[0];
    *eta = (s16)a[1];
    *pt = (s16)a[2];
    *seq_out = seq;
    *slot_out = slot;
}

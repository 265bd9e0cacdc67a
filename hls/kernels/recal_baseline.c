/* recal, network baseline (4-32-32-32-3): the corrections of one muon in 1/16 of the GMT codes;
 * docs/chain.md, "recal". */
#include "hls/kernels/network.h"
#include "models/baseline_weights.h"

void recal(u64 muon, u8 seq, u4 slot, s16 *phi, s16 *eta, s16 *pt, u8 *seq_out, u4 *slot_out)
{
    int a[WIDEST_LAYER], b[WIDEST_LAYER];
    network_features(muon, a);
    NETWORK_LAYER(baseline, 0, a, b);
    NETWORK_LAYER(baseline, 1, b, a);
    NETWORK_LAYER(baseline, 2, a, b);
    NETWORK_LAYER(baseline, 3, b, a);
    *phi = (s16)a[0];
    *eta = (s16)a[1];
    *pt = (s16)a[2];
    *seq_out = seq;
    *slot_out = slot;
}

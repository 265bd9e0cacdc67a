/* recal, network student (5-8-8-8-8-3): the corrections of one muon in 1/16 of the GMT codes; docs/chain.md,
 * "recal". */
#include "hls/kernels/network.h"
#include "models/student_weights.h"

void recal(u64 muon, u8 seq, u4 slot, s16 *phi, s16 *eta, s16 *pt, u8 *seq_out, u4 *slot_out)
{
    int a[WIDEST_LAYER], b[WIDEST_LAYER];
    network_features(muon, a);
    NETWORK_LAYER(student, 0, a, b);
    NETWORK_LAYER(student, 1, b, a);
    NETWORK_LAYER(student, 2, a, b);
    NETWORK_LAYER(student, 3, b, a);
    NETWORK_LAYER(student, 4, a, b);
    *phi = (s16)b[0];
    *eta = (s16)b[1];
    *pt = (s16)b[2];
    *seq_out = seq;
    *slot_out = slot;
}

/* unpack_muon: the fields of a 64-bit muon word (2017 layout on; fields and scales: golden/formats/muon.h) in
 * physical meaning: pT in MeV, eta in 1e-6, phi in microradians from -pi to pi, the charge as -1, 0 (not
 * valid) or 1, and the track finder that the index bits name (0 EMTF+, 1 OMTF+, 2 BMTF, 3 OMTF-, 4 EMTF-, 5
 * none). */
#include "hls/kernels/hls.h"

enum { PHI_CODES = 576, MICRORADIANS = 11170107 /* 2 pi / 576 in 1e-6 / 1024 */ };

typedef unsigned _BitInt(18) u18;
typedef _BitInt(2) s2;
typedef unsigned _BitInt(2) u2;
typedef unsigned _BitInt(3) u3;
typedef _BitInt(23) s23;

static u3 finder(int index)
{
    return (u3)(index < 18 ? 0 : index < 36 ? 1 : index < 72 ? 2 : index < 90 ? 3 : index < 108 ? 4 : 5);
}

void unpack_muon(u64 word, u1 *present, u18 *pt_mev, s23 *eta_micro, s23 *phi_micro, s2 *charge, u4 *quality,
                 u2 *isolation, u3 *track_finder)
{
    int pt = (int)hls_field(word, 10, 9), eta = (int)hls_field(word, 23, 9),
        phi = (int)hls_field(word, 0, 10);
    int from_zero = phi >= PHI_CODES / 2 ? phi - PHI_CODES : phi;
    *present = pt != 0;
    *pt_mev = (u18)(pt ? (pt - 1) * 500 : 0);
    *eta_micro = (s23)((eta > 255 ? eta - 512 : eta) * 10875);
    *phi_micro = (s23)((hls_mul(from_zero, MICRORADIANS) + 512) >> 10);
    *charge = (s2)(!hls_field(word, 35, 1) ? 0 : hls_field(word, 34, 1) ? -1 : 1);
    *quality = (u4)hls_field(word, 19, 4);
    *isolation = (u2)hls_field(word, 32, 2);
    *track_finder = finder((int)hls_field(word, 36, 7));
}

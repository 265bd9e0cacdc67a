/* extrapolate_muon: the coordinates of a muon at the vertex from those at the muon station, with the rules of
 * the uGMT: two tables, by |eta| and by pT; a positive muon is turned towards larger phi; nothing is done
 * above pT code 127 (63 GeV). In: a word of the 2016 layout, out: one of the 2017 layout, which keeps the
 * station's coordinates in its upper bits (golden/formats/muon.h).
 *
 * The tables of the experiment are part of its configuration. These here are a model of the same shape, near
 * to what public patterns show:
 *
 *     dphi = k(|eta|) / pT, at most 127 codes;  k = 2.84 rad GeV, beyond |eta| = 1.07 times sinh(1.07) /
 * sinh(|eta|) deta = 5.5 codes GeV / pT, towards 0
 *
 * with sinh(1.07) taken as 1.283. As integers dphi is within a code of that rule at the middle of its eta
 * step. */
#include "hls/kernels/extrapolation_tables.h"
#include "hls/kernels/hls.h"

enum { PHI_CODES = 576, PT_MAX = 127, MOST_TURN = 127, ETA_BEND = 11 /* half codes GeV */ };

static int turned(int phi, int by)
{
    int sum = phi + by;
    return sum < 0 ? sum + PHI_CODES : sum >= PHI_CODES ? sum - PHI_CODES : sum;
}

static int towards_zero(int eta, int by)
{
    return eta < 0 ? (eta + by < 0 ? eta + by : 0) : (eta - by > 0 ? eta - by : 0);
}

void extrapolate_muon(u64 station, u64 *vertex)
{
    int phi = (int)hls_field(station, 0, 10), pt = (int)hls_field(station, 10, 9);
    int code = (int)hls_field(station, 23, 9), eta = code > 255 ? code - 512 : code;
    int magnitude = hls_clamp(eta < 0 ? -eta : eta, 0, 255), inverse = inverse_pt[pt & PT_MAX];
    int dphi = hls_clamp((bend_at_eta[magnitude >> 2] * inverse + (1 << 15)) >> 16, 0, MOST_TURN);
    int deta = (ETA_BEND * inverse + (1 << 12)) >> 13;
    bool bends = pt != 0 && pt <= PT_MAX, negative = hls_field(station, 34, 1);
    int phi_vertex = bends ? turned(phi, negative ? -dphi : dphi) : phi;
    int eta_vertex = bends ? towards_zero(eta, deta) : eta;
    u64 kept = station & 0x7ff007ffc00ull; /* pT, quality; isolation, charge, index */
    *vertex =
        kept | (u64)(phi_vertex & 0x3ff) | (u64)(eta_vertex & 0x1ff) << 23 | (u64)phi << 43 | (u64)code << 53;
}

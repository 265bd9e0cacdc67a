/* dimuon_mass: the invariant mass of two muons as a trigger menu cuts on it, from their 64-bit words (fields
 * and scales: golden/formats/muon.h):
 *
 *     m^2 = 2 pT1 pT2 (cosh(eta1 - eta2) - cos(phi1 - phi2))
 *
 * in units of 2^-13 GeV^2. Both functions come from tables of 12 bits after the point, so that m^2 is within
 * pT1 pT2 / 2048 of the exact value; nothing else is rounded. `found` needs two muons (pT code not 0);
 * `opposite` two valid charges of different sign. Eta codes go to +-225, phi codes to 575: others do not come
 * from the uGMT, and are read as the nearest one. */
#include "hls/kernels/dimuon_tables.h"
#include "hls/kernels/hls.h"

enum { ETA_MAX = 225, PHI_CODES = 576 };

typedef unsigned _BitInt(38) u38;

static int pt(u64 muon)
{
    int code = (int)hls_field(muon, 10, 9);
    return code ? code - 1 : 0; /* in 0.5 GeV */
}

static int eta(u64 muon)
{
    int code = (int)hls_field(muon, 23, 9);
    return hls_clamp(code > 255 ? code - 512 : code, -ETA_MAX, ETA_MAX);
}

static int phi(u64 muon)
{
    return hls_clamp((int)hls_field(muon, 0, 10), 0, PHI_CODES - 1);
}

static int distance(int a, int b)
{
    int d = a - b;
    return d < 0 ? -d : d;
}

/* The short way round. */
static int angle(int a, int b)
{
    int d = distance(a, b);
    return d > PHI_CODES / 2 ? PHI_CODES - d : d;
}

static bool is_muon(u64 muon)
{
    return hls_field(muon, 10, 9) != 0;
}

void dimuon_mass(u64 a, u64 b, u1 *found, u1 *opposite, u38 *m2)
{
    int shape = cosh_of_eta[distance(eta(a), eta(b))] - cos_of_phi[angle(phi(a), phi(b))];
    *found = is_muon(a) && is_muon(b);
    *opposite = hls_field(a, 35, 1) && hls_field(b, 35, 1) && hls_field(a, 34, 1) != hls_field(b, 34, 1);
    *m2 = *found ? (u38)hls_mul(pt(a) * pt(b), shape) : 0;
}

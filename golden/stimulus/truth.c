#include "golden/stimulus/truth.h"

#include "golden/stimulus/rng.h"

#include <math.h>

/* GMT scales (domain.md 1.2): 576 phi codes a turn, eta steps of 0.0870/8, pT code k from (k-1)/2 GeV on. */
static const double PHI_STEP = 2 * M_PI / 576, ETA_STEP = 0.0870 / 8, PT_STEP = 0.5;
static const double CODE_PER_CORRECTION = 1.0 / 16;

static double uniform(struct rng *r)
{
    return ldexp((double)(rng_next(r) >> 11), -53);
}

/* G. Box, M. Muller, Ann. Math. Stat. 29 (1958) 610. */
static double gauss(struct rng *r)
{
    double radius = sqrt(-2 * log(1 - uniform(r)));
    return radius * cos(2 * M_PI * uniform(r));
}

static double middle_of_pt(gmt_word seen)
{
    return (gmt_pt(seen) - 0.5) * PT_STEP;
}

/* Shapes of what a muon trigger gets wrong: pT is overestimated by 20 %, more at large eta, with a spread of
 * 24 to 40 % by quality; a low pT bends the track between vertex and station; eta is stretched by 4 %. */
struct muon_truth muon_truth(uint64_t seed, uint32_t orbit, uint16_t bx, unsigned slot, gmt_word seen)
{
    struct rng r;
    uint64_t key = seed;
    rng_seed(&r, splitmix64(&key) ^ ((uint64_t)orbit << 24 | (uint64_t)bx << 8 | slot));
    unsigned quality = gmt_quality(seen);
    double spread = quality < 8 ? 0.40 : quality < 12 ? 0.32 : 0.24, eta = gmt_eta(seen) * ETA_STEP;
    double charge = gmt_charge_sign(seen) ? -1 : 1;
    double pt = middle_of_pt(seen) / (1.2 * (1 + 0.15 * eta * eta)) * exp(-spread * gauss(&r));
    double bend = charge * 0.6 / pt * (1 + 0.5 * fabs(eta)) + (0.01 + 0.12 / pt) * gauss(&r);
    double true_eta = (eta - (quality < 12 ? 0.04 : 0.025) * gauss(&r)) / 1.04;
    return (struct muon_truth){gmt_phi(seen) - bend / PHI_STEP, true_eta / ETA_STEP, pt / PT_STEP + 0.5};
}

void muon_truth_residual(const struct muon_truth *t, gmt_word seen, const struct correction *c,
                         double left[TRUTH_QUANTITIES])
{
    static const struct correction none = {0, 0, 0};
    c = c ? c : &none;
    left[TRUTH_PHI] = (t->phi - gmt_phi(seen) - c->phi * CODE_PER_CORRECTION) * PHI_STEP;
    left[TRUTH_ETA] = (t->eta - gmt_eta(seen) - c->eta * CODE_PER_CORRECTION) * ETA_STEP;
    left[TRUTH_PT] = (t->pt - gmt_pt(seen) - c->pt * CODE_PER_CORRECTION) / (t->pt - 0.5);
}

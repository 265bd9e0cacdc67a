/* What a muon that the generator sent truly was: bxact's simple sample, by which networks are trained and
 * corrections judged.
 *
 * This is no simulation of CMS. The generator draws what the trigger sees; what it truly was is drawn here,
 * from what is seen and from random numbers of its own: a measured pT that is too high and spread by quality,
 * a phi that a low pT bends, an eta that is stretched. The formulas are in truth.c and models/README.md.
 */
#ifndef GOLDEN_STIMULUS_TRUTH_H
#define GOLDEN_STIMULUS_TRUTH_H

#include "golden/formats/muon.h"
#include "golden/network/mlp.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In GMT codes with a fraction. phi may lie outside 0..576: it is the one closest to what is seen. */
struct muon_truth {
    double phi, eta, pt;
};

enum { TRUTH_PHI, TRUTH_ETA, TRUTH_PT, TRUTH_QUANTITIES };

/* The same for the same seed, BX, slot and word. */
struct muon_truth muon_truth(uint64_t seed, uint32_t orbit, uint16_t bx, unsigned slot, gmt_word seen);

/* Truth minus what is seen and corrected (NULL: uncorrected): phi in rad, eta, pT in parts of the true one.
 */
void muon_truth_residual(const struct muon_truth *t, gmt_word seen, const struct correction *c,
                         double left[TRUTH_QUANTITIES]);

#ifdef __cplusplus
}
#endif
#endif

/* Native kernels that compute what golden says, and that a test can make wrong in one place: find `doctor`
 * with dlsym() in the object that the chain has opened too. */
#ifndef TESTS_CHAIN_GOLDEN_KERNELS_H
#define TESTS_CHAIN_GOLDEN_KERNELS_H

#include <stdint.h>

enum doctor_what {
    DOCTOR_NOTHING,
    DOCTOR_KEEP,   /* zero_suppress decides the other way about BX (orbit, bx) */
    DOCTOR_BLOCK,  /* zero_suppress inverts bit `bit` of word `word` of that BX */
    DOCTOR_WEIGHT, /* recal's pt correction is 1 too large for muon words equal to `muon` */
    DOCTOR_SLOT,   /* recal gives the result of that muon another slot */
    DOCTOR_SEQ,    /* ... another seq */
};

struct doctor {
    enum doctor_what what;
    uint32_t orbit, bx, word, bit;
    uint64_t muon;
};

#endif

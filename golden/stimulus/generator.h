/* Muons as a barrel and endcap muon trigger sees them in proton collisions, from a seed.
 *
 * The content of a BX depends on the parameters, seed, orbit and BX alone, not on what was asked before.
 * Shapes are not a physics simulation [I]: they are chosen so that rates, multiplicities, the look of the
 * spectra and the relations between fields (index and eta, bend and charge and pT) are those of the uGMT's
 * output (domain.md 1, 7).
 *
 *     struct generator_cfg cfg = generator_default();
 *     cfg.seed = 7;
 *     struct generator *g = generator_new(&cfg, &message);
 *     struct bx_source source = generator_source(g);
 *     ... generator_free(g);
 */
#ifndef GOLDEN_STIMULUS_GENERATOR_H
#define GOLDEN_STIMULUS_GENERATOR_H

#include "golden/bx.h"
#include "golden/message.h"
#include "golden/stimulus/bx_source.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GENERATOR_MAX_MUONS = 16 };
enum generator_region { REGION_BARREL, REGION_OVERLAP, REGION_ENDCAP, REGIONS };

/* Weights are relative: any integers whose sum is 1..2^32-1. ppm: 0..1,000,000. */
struct generator_cfg {
    uint64_t seed;
    enum link_format format;
    uint8_t final_lanes;              /* bit per lane */
    uint8_t colliding[BX_PER_ORBIT];  /* 1: bunches collide (filling.h) */

    /* Final muons in a colliding BX: weight of 0, 1, 2, .. Numbers above what the final lanes hold have
     * weight 0. Default: 6.5 % have muons, that is 5 % of all BX under 25ns_2760b; with the copies on
     * intermediate lanes 1.5 muons a kept BX (domain.md 7). */
    uint32_t multiplicity[GENERATOR_MAX_MUONS + 1];
    uint32_t background_ppm;          /* one muon (cosmic, halo) in a BX without collision; default 0 */
    uint32_t intermediate_ppm;        /* a barrel muon has a copy on an intermediate lane; default 800,000 */

    /* pT codes pt_min..pt_max have weight 1 / (code + pt_knee)^4; overflow_ppm of all muons have 511.
     * Defaults 5 (2 GeV), 510, 12; 6,000. */
    uint16_t pt_min, pt_max;          /* 1..510, pt_min <= pt_max */
    uint16_t pt_knee;                 /* 0..255 */
    uint32_t overflow_ppm;

    uint32_t region[REGIONS];         /* |eta| up to 0.83, up to 1.24, up to 2.4; default 38, 20, 42 */
    uint32_t quality[4];              /* quality 0, 4, 8, 12; default 4, 14, 22, 60 */
    uint32_t negative_ppm;            /* negative charge; default 490,000 (more positive muons are made) */
    uint32_t charge_valid_ppm;        /* default 990,000 */
    uint32_t isolated_ppm;            /* relative isolation bit; default 350,000 */
};

/* Filling 25ns_2760b, format 2018, lanes 0-3 final, seed 1. */
struct generator_cfg generator_default(void);

/* 0; or -1 with "generator.<field>: what is wrong (what is accepted)". */
int generator_validate(const struct generator_cfg *cfg, struct message *m);

struct generator;

/* NULL with a message when the parameters are wrong or memory is out. */
struct generator *generator_new(const struct generator_cfg *cfg, struct message *m);
void generator_free(struct generator *g);

/* Writes the BX; never fails. */
void generator_bx(const struct generator *g, uint32_t orbit, uint16_t bx, struct bx_block *out);

/* Lives as long as g. */
struct bx_source generator_source(struct generator *g);

#ifdef __cplusplus
}
#endif
#endif

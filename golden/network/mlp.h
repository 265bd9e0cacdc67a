/* The integer networks of the project: layers of int8 weights (docs/chain.md "The arithmetic of the shipped
 * networks").
 *
 *     struct correction c;
 *     mlp_correct(&mlp_student, (gmt_word){muon}, &c);
 *
 * Hidden layers: y = clamp((bias + sum w x + 2^(shift-1)) >> shift, 0, 127). Output layer: the same with
 * limits of int16. `>>` of a negative number is the floor. Weights come from models/<name>_weights.h.
 */
#ifndef GOLDEN_NETWORK_MLP_H
#define GOLDEN_NETWORK_MLP_H

#include "golden/formats/muon.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MLP_MAX_LAYERS = 8, MLP_MAX_WIDTH = 32, MLP_MAX_FEATURES = 5, MLP_OUTPUTS = 3 };

/* Points into constant data; a trained network needs no more than other numbers there. */
struct mlp {
    const char *name;
    unsigned layers;
    const uint8_t *size;  /* the inputs, then the outputs of each layer, 1..MLP_MAX_WIDTH each */
    const uint8_t *shift; /* of each layer, 1..30 */
    const int8_t *weight[MLP_MAX_LAYERS]; /* [outputs][inputs] */
    const int16_t *bias[MLP_MAX_LAYERS];  /* [outputs] */
};

extern const struct mlp mlp_student;  /* 5-8-8-8-8-3 */
extern const struct mlp mlp_baseline; /* 4-32-32-32-3 */

/* By name ("student", "baseline"); NULL when there is none. */
const struct mlp *mlp_find(const char *name);

/* Corrections in 1/16 of the GMT code, to be added. */
struct correction {
    int16_t phi, eta, pt;
};

/* The first `n` (4 or 5) features of a muon: phi, eta, pT, charge sign, quality. */
void mlp_features(gmt_word muon, int8_t *x, unsigned n);

/* One evaluation: `x` has the first layer's inputs, `out` the last layer's outputs. */
void mlp_evaluate(const struct mlp *net, const int8_t *x, int16_t *out);

/* One muon; n muons, evaluated in batches as structure of arrays: the same numbers, faster. */
void mlp_correct(const struct mlp *net, gmt_word muon, struct correction *c);
void mlp_correct_batch(const struct mlp *net, const gmt_word *muon, size_t n, struct correction *c);

#ifdef __cplusplus
}
#endif
#endif

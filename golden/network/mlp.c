#include "golden/network/mlp.h"

#include "golden/vector.h"
#include "models/baseline_weights.h"
#include "models/student_weights.h"

#include <string.h>

const struct mlp mlp_student = {
    .name = "student",
    .layers = STUDENT_LAYERS,
    .size = student_size,
    .shift = student_shift,
    .weight = {(const int8_t *)student_w0, (const int8_t *)student_w1, (const int8_t *)student_w2,
               (const int8_t *)student_w3, (const int8_t *)student_w4},
    .bias = {student_b0, student_b1, student_b2, student_b3, student_b4},
};

const struct mlp mlp_baseline = {
    .name = "baseline",
    .layers = BASELINE_LAYERS,
    .size = baseline_size,
    .shift = baseline_shift,
    .weight = {(const int8_t *)baseline_w0, (const int8_t *)baseline_w1, (const int8_t *)baseline_w2,
               (const int8_t *)baseline_w3},
    .bias = {baseline_b0, baseline_b1, baseline_b2, baseline_b3},
};

const struct mlp *mlp_find(const char *name)
{
    static const struct mlp *const nets[] = {&mlp_student, &mlp_baseline};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        if (strcmp(nets[i]->name, name) == 0)
            return nets[i];
    return NULL;
}

void mlp_features(gmt_word muon, int8_t *x, unsigned n)
{
    int phi = gmt_phi(muon) < GMT_PHI_CODES ? (int)gmt_phi(muon) : GMT_PHI_CODES - 1;
    int8_t all[MLP_MAX_FEATURES] = {
        (int8_t)((phi - 288) >> 2),
        (int8_t)(gmt_eta(muon) >> 1),
        (int8_t)((int)(gmt_pt(muon) >> 1) - 128),
        gmt_charge_sign(muon) ? -64 : 64,
        (int8_t)(((int)gmt_quality(muon) - 8) * 8),
    };
    memcpy(x, all, n);
}

static inline int32_t clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* The limits of a layer's outputs: the last layer gives signed corrections, the others end in ReLU. */
static int32_t lowest(const struct mlp *net, unsigned layer)
{
    return layer + 1 == net->layers ? INT16_MIN : 0;
}

static int32_t highest(const struct mlp *net, unsigned layer)
{
    return layer + 1 == net->layers ? INT16_MAX : 127;
}

static void evaluate_layer(const struct mlp *net, unsigned layer, const int16_t *x, int16_t *y)
{
    unsigned inputs = net->size[layer], shift = net->shift[layer];
    for (unsigned o = 0; o < net->size[layer + 1]; o++) {
        const int8_t *w = net->weight[layer] + o * inputs;
        int32_t acc = net->bias[layer][o] + (1 << (shift - 1));
        for (unsigned i = 0; i < inputs; i++)
            acc += w[i] * x[i];
        y[o] = (int16_t)clamp(acc >> shift, lowest(net, layer), highest(net, layer));
    }
}

void mlp_evaluate(const struct mlp *net, const int8_t *x, int16_t *out)
{
    int16_t values[2][MLP_MAX_WIDTH];
    for (unsigned i = 0; i < net->size[0]; i++)
        values[0][i] = x[i];
    for (unsigned layer = 0; layer < net->layers; layer++)
        evaluate_layer(net, layer, values[layer & 1], values[~layer & 1]);
    memcpy(out, values[net->layers & 1], net->size[net->layers] * sizeof *out);
}

void mlp_correct(const struct mlp *net, gmt_word muon, struct correction *c)
{
    int8_t x[MLP_MAX_FEATURES];
    int16_t out[MLP_MAX_WIDTH];
    mlp_features(muon, x, net->size[0]);
    mlp_evaluate(net, x, out);
    *c = (struct correction){out[0], out[1], out[2]};
}

/* Structure of arrays: row i has value i of each muon, so that a vector unit works on many muons at once. */
enum { BATCH = 64 };
typedef int16_t rows[MLP_MAX_WIDTH][BATCH];

static inline __attribute__((always_inline)) void
batch_neuron(const int8_t *w, unsigned inputs, int32_t start, unsigned shift, int32_t low, int32_t high,
             int16_t (*x)[BATCH], int16_t *y)
{
    int32_t acc[BATCH];
    for (unsigned b = 0; b < BATCH; b++)
        acc[b] = start;
    for (unsigned i = 0; i < inputs; i++)
        for (unsigned b = 0; b < BATCH; b++)
            acc[b] += w[i] * x[i][b];
    for (unsigned b = 0; b < BATCH; b++)
        y[b] = (int16_t)clamp(acc[b] >> shift, low, high);
}

VECTOR_CLONES
static void batch_layer(const struct mlp *net, unsigned layer, int16_t (*x)[BATCH], int16_t (*y)[BATCH])
{
    unsigned inputs = net->size[layer], shift = net->shift[layer];
    int32_t low = lowest(net, layer), high = highest(net, layer);
    for (unsigned o = 0; o < net->size[layer + 1]; o++)
        batch_neuron(net->weight[layer] + o * inputs, inputs, net->bias[layer][o] + (1 << (shift - 1)), shift,
                     low, high, x, y[o]);
}

static void batch_features(const gmt_word *muon, size_t n, unsigned inputs, int16_t (*x)[BATCH])
{
    for (size_t b = 0; b < n; b++) {
        int8_t features[MLP_MAX_FEATURES];
        mlp_features(muon[b], features, inputs);
        for (unsigned i = 0; i < inputs; i++)
            x[i][b] = features[i];
    }
}

static void correct_batch(const struct mlp *net, const gmt_word *muon, size_t n, struct correction *c)
{
    rows values[2];
    memset(values[0], 0, net->size[0] * sizeof *values[0]);
    batch_features(muon, n, net->size[0], values[0]);
    for (unsigned layer = 0; layer < net->layers; layer++)
        batch_layer(net, layer, values[layer & 1], values[~layer & 1]);
    int16_t (*out)[BATCH] = values[net->layers & 1];
    for (size_t b = 0; b < n; b++)
        c[b] = (struct correction){out[0][b], out[1][b], out[2][b]};
}

void mlp_correct_batch(const struct mlp *net, const gmt_word *muon, size_t n, struct correction *c)
{
    for (size_t first = 0; first < n; first += BATCH)
        correct_batch(net, muon + first, n - first < BATCH ? n - first : BATCH, c + first);
}

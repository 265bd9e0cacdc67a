/* Random networks for tests of fixed point and kernels. */
#ifndef TESTS_NETWORK_RANDOM_NETWORK_H
#define TESTS_NETWORK_RANDOM_NETWORK_H

#include "golden/fixed/fixed.h"
#include "golden/network/graph.h"
#include "golden/stimulus/rng.h"
#include "tests/network/onnx_write.h"

#include <stdbool.h>

/* A chain of any operators with a fixed-point form between input "t0" and one output. All scales and
 * constants are multiples of powers of two, and numbers stay so short that evaluation in doubles is exact. */
struct onnx_writer *random_network(uint64_t seed);

/* Four support vectors "f" between x[3] and y[1]: LINEAR, POLY (degree 3), RBF or SIGMOID. */
struct graph *svm_graph(const char *kernel);

/* Dense layers of one width with weights of 8 bits, Relu and Quant to 8 bits between them. */
struct onnx_writer *dense_network(uint64_t seed, unsigned inputs, unsigned width, unsigned hidden,
                                  unsigned outputs);

enum { LAYER_IN = 7, LAYER_OUT = 5 };

/* x -> Gemm "fc" with constants "w", "b" -> h -> Relu -> y, each with a format of any rounding and overflow
 * mode. */
struct random_layer {
    struct fixed_type x, weight, bias, sum, y, accumulator;
    unsigned reuse; /* under hls4ml: the order of sums */
    double w[LAYER_IN][LAYER_OUT], b[LAYER_OUT];
};

/* Types have at most `most` bits. */
void random_layer(struct rng *r, struct random_layer *l, unsigned most);
void random_layer_formats(const char *path, const struct random_layer *l, bool hls4ml);
struct graph *random_layer_graph(const struct random_layer *l);

#endif

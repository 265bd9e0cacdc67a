/* Projects that hls4ml has written: layers, number formats and weights, as its own C simulation computes with
 * them. Facts: golden/network/hls4ml_source.h and the headers nnet_*.h of hls4ml 1.1 and 1.3.
 *
 * Layers: dense (strategies latency and resource), normalize, linear, relu, leaky_relu, sigmoid, tanh,
 * softmax (stable and latency), add, subtract, multiply, concatenate1d, clone_stream; io_parallel and
 * io_stream. What else is there is refused by name.
 */
#ifndef GOLDEN_NETWORK_HLS4ML_H
#define GOLDEN_NETWORK_HLS4ML_H

#include "golden/network/formats.h"
#include "golden/network/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The project in folder `path`. *f gets its formats, to be released by the caller, also when NULL is returned
 * with a message. */
struct graph *graph_read_hls4ml(const char *path, struct net_formats *f, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

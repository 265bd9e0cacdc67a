/* The network of a scenario, whatever it is: one of the project's own integer networks, or a file.
 *
 * A file's network (ONNX or QONNX, with a formats file or without) has one input of 4 numbers (phi, eta, pT,
 * charge) or 5 (and quality): the int8 features of docs/chain.md divided by 128, cast to the input's format.
 * Its one output has 3 numbers, the corrections in GMT codes; they are cast to ap_fixed<16,12,RND,SAT>, which
 * is 1/16 of a code.
 */
#ifndef GOLDEN_NETWORK_RECAL_NETWORK_H
#define GOLDEN_NETWORK_RECAL_NETWORK_H

#include "golden/network/mlp.h"
#include "golden/network/quantised.h"

#ifdef __cplusplus
extern "C" {
#endif

struct recal_network;

/* `network` is the name of a network of the project ("student") or the path of a file; formats: a formats
 * file, or "". NULL and a message when it cannot be used. */
struct recal_network *recal_network_open(const char *network, const char *formats, struct message *m);
void recal_network_close(struct recal_network *n); /* NULL is allowed */

/* The corrections of muons, in 1/16 of a GMT code. */
void recal_network_correct(struct recal_network *n, const gmt_word *muon, size_t muons, struct correction *c);

/* The network of a file, for its kernel; NULL for one of the project's. */
const struct quantised *recal_network_quantised(const struct recal_network *n);

#ifdef __cplusplus
}
#endif
#endif

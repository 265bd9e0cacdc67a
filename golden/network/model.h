/* A model as a user names it: an ONNX file, or the folder of an hls4ml project. */
#ifndef GOLDEN_NETWORK_MODEL_H
#define GOLDEN_NETWORK_MODEL_H

#include "golden/network/formats.h"
#include "golden/network/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* formats: a formats file, or NULL or "" for what the model itself says; a project always brings its own. *f
 * is set in any case and to be released by the caller. NULL and a message when something cannot be read. */
struct graph *model_read(const char *path, const char *formats, struct net_formats *f, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

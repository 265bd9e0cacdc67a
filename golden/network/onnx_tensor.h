/* The numbers of an ONNX tensor. Internal to the importer. */
#ifndef GOLDEN_NETWORK_ONNX_TENSOR_H
#define GOLDEN_NETWORK_ONNX_TENSOR_H

#include "golden/network/arena.h"
#include "golden/network/graph.h"

#include "onnx.pb-c.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct onnx_numbers {
    uint8_t element;
    struct net_shape shape;
    size_t n;
    double *value; /* of the arena */
};

/* Whether a TensorProto.DataType is one of numbers that bxact reads. */
bool onnx_element_known(int32_t type);

/* Inside the file, or in a file beside `path`. Returns 0, or -1 and a message: unknown type, wrong length, a
 * file that cannot be read or lies elsewhere. */
int onnx_numbers_read(struct onnx_numbers *to, struct arena *arena, const Onnx__TensorProto *from,
                      const char *path, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

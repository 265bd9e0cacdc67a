/* Files read whole. Internal to golden/network. */
#ifndef GOLDEN_NETWORK_FILE_H
#define GOLDEN_NETWORK_FILE_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file from `offset` on, at most `most` bytes and room for one more, to be freed; NULL and a message when
 * it cannot be read or is longer. */
void *net_file_read(const char *path, uint64_t offset, size_t most, size_t *n, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

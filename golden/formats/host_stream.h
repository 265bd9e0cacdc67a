/* Files of the host's records (golden/blocks/host_record.h), 8 or 12 bytes a muon: codecs in bx_file.h. */
#ifndef GOLDEN_FORMATS_HOST_STREAM_H
#define GOLDEN_FORMATS_HOST_STREAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many whole records of 8 (or 12) bytes a muon these first bytes hold one after the other, up to a record
 * that they cut off; 0 when something in between cannot be one. */
unsigned host_stream_look(const unsigned char *bytes, size_t n, int twelve);

#ifdef __cplusplus
}
#endif
#endif

/* Files as plain streams, compressed or not.
 *
 *     FILE *in = stream_read("run.dat.zst", &message);       // gzip, bzip2, zstd are known by their content
 *     struct stream_out out;
 *     stream_create(&out, "y.txt.gz", &message);             // .gz, .bz2, .zst by the name's end
 *     fwrite(..., out.file);
 *     stream_close(&out, 1, &message);                       // only now is there a file of that name
 *
 * "-" is standard input or output, uncompressed. Constant memory. Reading fails with errno EBADMSG where the
 * compressed data are damaged or cut off: `stream_why` has the words.
 */
#ifndef GOLDEN_FORMATS_STREAM_H
#define GOLDEN_FORMATS_STREAM_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_BZIP2, COMPRESSION_ZSTD, COMPRESSIONS };

/* "none", "gzip", "bzip2", "zstd"; the name's end that goes with it: "", ".gz", ".bz2", ".zst". */
extern const char *const compression_names[COMPRESSIONS], *const compression_suffixes[COMPRESSIONS];

/* What these first bytes are; what a name asks for. */
enum compression compression_of_bytes(const unsigned char *bytes, size_t n);
enum compression compression_of_name(const char *path);

/* NULL with a message: missing, a directory, unreadable. Ended by fclose. */
FILE *stream_read(const char *path, struct message *m);

/* errno of a failed stream in words. */
const char *stream_why(int error);

/* Compresses into `under`, which the returned stream owns from then on; NULL when memory is out. fclose tells
 * whether all was written. COMPRESSION_NONE gives `under` back. */
FILE *stream_compress(FILE *under, enum compression compression);

/* Written beside the final place and moved there at the end, so that no half file ever looks whole. What is
 * no regular file (a pipe, a device) is written directly. */
struct stream_out {
    FILE *file;
    char *path, *part; /* part: NULL when written directly */
};
int stream_create(struct stream_out *out, const char *path, struct message *m);

/* keep 0: what was written is thrown away. 0, or -1 with a message when something could not be written: then
 * it is thrown away too. */
int stream_close(struct stream_out *out, int keep, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

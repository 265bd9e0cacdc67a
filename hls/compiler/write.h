/* What a compilation leaves behind: the files of a scheduled function, in o->out. */
#ifndef HLS_COMPILER_WRITE_H
#define HLS_COMPILER_WRITE_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes the directory and writes OUT/TOP.v, .json, _shim.c, and what the options ask for beside them; prints the
 * report to stdout when asked for. 0, or
 * an exit code after a message. */
int hls_write(const struct hls_options *o, const struct hls_fn *fn);

#ifdef __cplusplus
}
#endif
#endif

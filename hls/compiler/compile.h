/* The compiler as a function: what the program and the tests call. */
#ifndef HLS_COMPILER_COMPILE_H
#define HLS_COMPILER_COMPILE_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compiles o->source. With o->out set, writes OUT/TOP.v, OUT/TOP.json and OUT/TOP_shim.c (the directory is
 * made). With `fn` not NULL, hands over the scheduled function, for hls_interpret(); free it with
 * hls_fn_free(). Returns 0, or an exit code after a message. */
int hls_compile(const struct hls_options *o, struct hls_fn **fn);
/* Whether `name` is a pass that -d can show, and the names of all, for a message. */
bool hls_is_pass(const char *name);
extern const char *const hls_pass_names;

#ifdef __cplusplus
}
#endif
#endif

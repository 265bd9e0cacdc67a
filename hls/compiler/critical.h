/* The slowest way through each stage of a scheduled function. */
#ifndef HLS_COMPILER_CRITICAL_H
#define HLS_COMPILER_CRITICAL_H

#include "hls/compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The node that is ready last in a stage; HLS_NONE when the stage computes nothing. */
hls_id hls_stage_end(const struct hls_fn *fn, unsigned stage);
/* The operand in the same stage that a node waited for longest; HLS_NONE at the start of the stage. */
hls_id hls_waited_for(const struct hls_fn *fn, hls_id id);
/* The way that ends at `id` as text, from its start: "add 17, add 17, max 19" (operation and line of the source;
 * wiring is left out, equal neighbours are counted: "3 add 17"). The caller frees it. */
char *hls_path_text(const struct hls_fn *fn, hls_id id);
/* Refuses more stages than o->latency allows: the least number, and the lines that make it. Requires stages as
 * early as they can be (right after schedule). Returns 0, or an exit code after the message. */
int hls_check_latency(const struct hls_fn *fn, const struct hls_options *o);

#ifdef __cplusplus
}
#endif
#endif

/* What follows every instant, whoever made it (scheduler or pins): the watcher looks, the host takes its
 * frame, and the end of the run is recognised. */
#ifndef EMU_CHAIN_AFTER_H
#define EMU_CHAIN_AFTER_H

#include "emu/chain/clock_tree.h"
#include "emu/check/check_log.h"
#include "emu/check/watch.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum chain_state {
    CHAIN_MORE,
    CHAIN_DONE,     /* the links are idle and everything has drained */
    CHAIN_MISMATCH, /* the log is full */
    CHAIN_STUCK,    /* the links are idle, frames are held, and nothing moves */
    CHAIN_BROKEN,   /* the source or the sink failed */
    CHAIN_HALTED,   /* the Verilog stopped itself: chain_halt() says why */
};

/* Takes the frames that leave the DMA; a value below 0 ends the run. */
typedef int chain_sink(void *ctx, const uint32_t frame[LANES]);

struct after { /* pointers: not owned, may be NULL but for log */
    struct watch *watch;
    struct check_log *log;
    chain_sink *sink;
    void *sink_ctx;
    uint64_t quiet; /* board cycles since something moved, but for those in which frames waited for a stalled
                       bus */
};

/* One instant of the domains in `ticking` is over and shows `shown`; its line edge sampled the row of `tag`.
 * links_idle: that row, or an earlier one, was idle on all lanes. */
enum chain_state after_instant(struct after *a, const struct clock_tree *clocks, unsigned ticking,
                               const struct line_tag *tag, const struct bus_view *shown, bool links_idle);

#ifdef __cplusplus
}
#endif
#endif

/* A whole chain of C step models for tests: link words in, DMA frames out, with the order of calls and the
 * host's stalls under the test's control. The product's chain lives in emu/chain/. */
#ifndef TESTS_MODEL_WIRING_H
#define TESTS_MODEL_WIRING_H

#include "emu/model/blocks.h"
#include "emu/model/cdc_dma.h"
#include "emu/model/cdc_rx.h"
#include "emu/model/dma.h"
#include "emu/model/event_pack.h"
#include "emu/model/gmt_link.h"
#include "emu/model/link_align.h"
#include "emu/model/link_rx.h"
#include "emu/model/muon_feed.h"
#include "emu/model/recal.h"
#include "emu/model/zero_suppress.h"

#include <stdint.h>

enum { STEPS = 11 }; /* crossings have two */

struct wiring {
    struct board_cfg cfg;
    uint64_t hz[DOMAINS];
    uint8_t order[STEPS]; /* the order in which steps are called at an instant */
    uint8_t stop, bus_ready; /* set by the test before an instant */

    /* What is visible before the edge. */
    struct line_in in;
    struct line_tag tag;
    struct line_bus line;
    struct board_bus board;
    struct host_bus host;
    uint64_t edges[DOMAINS];
    unsigned ticked; /* domains of the last instant */
    int source;      /* last result of gmt_link_next() */

    struct gmt_link *link;
    struct link_rx link_rx;
    struct cdc_rx cdc_rx;
    struct link_align link_align;
    struct zero_suppress zero_suppress;
    struct muon_feed muon_feed;
    struct recal recal;
    struct event_pack event_pack;
    struct cdc_dma cdc_dma;
    struct dma dma;
    struct line_bus next_line;
    struct board_bus next_board;
    struct host_bus next_host;
};

struct board_cfg wiring_board_cfg(void); /* defaults */

/* Opens everything; links start with their first row in `in`. NULL with a printed reason. */
struct wiring *wiring_new(const struct board_cfg *cfg, const struct gmt_link_cfg *link, const char *kernels);
void wiring_free(struct wiring *w);

/* One instant: all edges that fall together. A line edge takes a new row afterwards. */
void wiring_step(struct wiring *w);

void wiring_status(const struct wiring *w, struct board_status *status);

/* A folder with kernels.so and schedules of the given latencies; removed by wiring_remove_kernels(). */
const char *wiring_make_kernels(unsigned zero_suppress_latency, unsigned recal_latency);
const char *wiring_make_kernels_of(const char *so, unsigned zero_suppress_latency, unsigned recal_latency);
void wiring_remove_kernels(const char *dir);

#endif

/* The Verilated board beside the C step models, edge by edge, for tests.
 *
 * Every model is fed what its RTL block is fed: the outputs that the blocks upstream show before the edge.
 * Blocks of `inject` are replaced: downstream, RTL and models alike, sees the model's output, or what the
 * test drives there. After each edge every field of every block that ticked is compared, injected or not. A
 * second board whose registers start from another random seed is run along and must show the same.
 */
#ifndef TESTS_RTL_BENCH_H
#define TESTS_RTL_BENCH_H

#include "emu/cosim/board_rtl.h"
#include "emu/model/cdc_dma.h"
#include "emu/model/cdc_rx.h"
#include "emu/model/dma.h"
#include "emu/model/event_pack.h"
#include "emu/model/link_align.h"
#include "emu/model/link_rx.h"
#include "emu/model/muon_feed.h"
#include "emu/model/recal.h"
#include "emu/model/zero_suppress.h"

#include <stdint.h>

struct bus {
    struct line_bus line;
    struct board_bus board;
    struct host_bus host;
};

struct bench {
    struct board_cfg cfg;
    struct board_rtl *rtl, *twin;
    unsigned inject; /* bit per enum block; may change between edges */
    unsigned drive;  /* subset of inject: `seen` of these is written by the test before an edge */

    /* Set before an edge. */
    struct line_in in;
    uint8_t stop, bus_ready;
    uint32_t losses; /* what event_pack sees of link_align's counters while that is driven */

    struct bus seen; /* before the edge, as everybody downstream sees it */
    struct bus own, twin_own, model;

    struct link_rx link_rx;
    struct cdc_rx cdc_rx;
    struct link_align link_align;
    struct zero_suppress zero_suppress;
    struct muon_feed muon_feed;
    struct recal recal;
    struct event_pack event_pack;
    struct cdc_dma cdc_dma;
    struct dma dma;

    uint64_t edges, compared; /* domain edges; fields compared */
    int failed;               /* the first difference has been printed */
};

/* Opens board and twin and resets them; NULL with a printed reason. kernels: folder with kernels.so and
 * schedules. */
struct bench *bench_new(const char *board_so, const char *kernels, const struct board_cfg *cfg,
                        uint64_t seed);
void bench_free(struct bench *b); /* NULL is allowed */

/* One instant: `domains` tick. Returns 0, or -1 at a difference, which is printed. */
int bench_edge(struct bench *b, unsigned domains);

/* Compares all counters. Returns 0, or -1 at a difference, which is printed. */
int bench_status(struct bench *b, struct board_status *status);

#endif

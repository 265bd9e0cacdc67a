/* The watcher: looks at every boundary after every edge, never touches anything, and keeps
 *  - whose BX each record truly is, from the outside world's tags and the order of FIFOs;
 *  - digests, record counts and latencies of each boundary, high-water marks, conservation;
 *  - the comparison with the golden reference, on content.
 *
 * It sees only what the blocks show (struct bus_view), so it works alike for C models, RTL and any mix.
 *
 * Order of calls: after each instant watch_line, watch_board, watch_host for the domains that ticked, with
 * what is visible after it.
 */
#ifndef EMU_CHECK_WATCH_H
#define EMU_CHECK_WATCH_H

#include "emu/check/boundary.h"
#include "emu/check/bx_number.h"
#include "emu/check/check_log.h"
#include "emu/check/ledger.h"
#include "emu/model/gmt_link.h"
#include "golden/blocks/event_pack.h"
#include "golden/network/recal_network.h"
#include "golden/stimulus/truth.h"

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct watch_cfg {
    struct board_cfg board;
    uint64_t hz[DOMAINS];
    const struct gmt_link *link; /* knows what was sent */
    struct recal_network *network;
    uint32_t first_orbit, orbits;
    uint16_t start_bx;
    bool truth;            /* the generator's muons: what they truly were is known */
    uint64_t truth_seed;   /* the generator's */
    bool golden;           /* compare content with the golden reference */
    bool host_all;         /* the host's file holds absent muons too */
    bool faults;           /* faults are injected: words may differ from what was sent */
    FILE *records;         /* observation records as text; NULL: none are written */
    struct check_log *log; /* where golden mismatches go */
};

enum {
    WATCH_ARRIVALS = 1024, /* BX between link_rx and link_align: skew up to 512 words is 86 */
    WATCH_LANE_QUEUE = 64, /* words in cdc_rx: 16 */
    WATCH_SEEN = 128,      /* BX between link_align and muon_feed: the kernel's latency / 6 */
    WATCH_HELD = 128,      /* BX in event_pack: MAX_PACK_DEPTH */
    WATCH_ISSUED = 4096,   /* muons in one engine: the kernel's latency */
    WATCH_FRAMES = 32768,  /* frames in cdc_dma and dma: CDC_DMA_DEPTH + MAX_DMA_DEPTH */
};

/* A BX in links: when its lanes' first and last words passed. */
struct watch_arrival {
    uint64_t number;
    uint64_t first_ps; /* the last lane's frame 0 */
    uint8_t lasts;     /* lanes whose frame 5 has passed */
};

/* The words in cdc_rx, lane by lane, in rows so that lanes in step are handled together. */
struct watch_lanes {
    uint32_t data[WATCH_LANE_QUEUE][LANES];
    struct word_tag tag[WATCH_LANE_QUEUE][LANES];
    uint32_t in[LANES], out[LANES]; /* free-running */
};

/* A BX on the board. */
struct watch_bx {
    uint64_t number;   /* true */
    uint64_t t0_ps;    /* NO_TIME when unknown */
    uint32_t orbit;    /* true */
    uint16_t bx;       /* true */
    uint32_t board_orbit;
    uint16_t board_bx; /* what the board takes it for */
    struct bx_block block;
};

/* A kept BX, from muon_feed on. */
struct watch_kept {
    struct watch_bx at;
    uint16_t queued, skipped, left; /* order masks; left: not yet served */
    int held;                       /* index among the held ones, or NOT_HELD */
    unsigned results;
};

struct watch_issued {
    uint64_t muon;
    uint8_t seq, slot;
};

/* Truth minus measurement before and after the corrections: sums of squares. */
struct watch_residuals {
    uint64_t muons;
    double before[TRUTH_QUANTITIES], after[TRUTH_QUANTITIES];
};

struct watch_frame {
    uint64_t hash, number, t0_ps;
    uint32_t orbit;
    uint16_t bx;
    uint8_t kind, index, last; /* last: ends the frames of its BX */
};

/* The muons of a host file, whatever their order of records: lanes are not in the file, so a muon counts with
 * its orbit, BX, A or B, and its place in that list. */
struct host_content {
    uint64_t muons, bx;
    uint64_t digest;
};

static inline void host_content_muon(struct host_content *h, uint32_t orbit, uint16_t bx, unsigned b,
                                     unsigned place, uint64_t muon)
{
    h->muons++;
    h->digest +=
        digest_mix(digest_mix((uint64_t)orbit << 32 | (uint64_t)bx << 16 | b << 8 | place, muon), orbit);
}

struct watch {
    struct watch_cfg cfg;
    struct bx_number number;
    struct ledger ledger;
    struct boundary_watch at[BLOCKS];

    /* links */
    struct watch_arrival arrival[2][WATCH_ARRIVALS]; /* at link_rx, at cdc_rx */
    struct watch_lanes lanes;
    struct word_tag lane_tag[LANES]; /* of the newest word behind cdc_rx */

    /* board */
    struct watch_bx seen[WATCH_SEEN];
    uint64_t aligned, decided, fed; /* BX that passed link_align, zero_suppress, muon_feed */
    struct watch_kept kept[256];    /* by seq */
    int arriving;                   /* seq of the kept BX that event_pack takes at this edge, or -1 */
    struct {
        struct watch_issued item[WATCH_ISSUED];
        uint64_t in, out;
    } engine[MAX_ENGINES];

    /* event_pack */
    struct packed_bx held[WATCH_HELD];
    struct watch_bx held_at[WATCH_HELD];
    uint64_t held_in, held_out;
    struct dma_frame expected[PACK_MAX_FRAMES];
    unsigned expected_count, expected_next;
    uint32_t hit_map[HIT_MAP_WORDS];
    uint32_t packet_orbits;

    /* host */
    struct watch_frame frame[WATCH_FRAMES];
    uint64_t frames_in, frames_crossed, frames_out;

    uint64_t corrupted_bx; /* came out of link_align differing from what was sent, under faults */
    uint64_t offered, inferred;
    struct watch_residuals residuals;
    struct host_content host; /* what the host's file must hold, by golden's frames */
    uint32_t feed_now, pack_now, dma_now; /* FIFO levels after the last edge, and their highest values */
    uint32_t lane_high[LANES], align_high, feed_high, pack_high, cdc_dma_high, dma_high;
};

/* NULL when memory is out. */
struct watch *watch_new(const struct watch_cfg *cfg);
void watch_free(struct watch *w);

/* cycle: number of the edge in its domain; ps: its time. `tag` belongs to the line words sampled at that
 * edge. */
void watch_line(struct watch *w, uint64_t cycle, uint64_t ps, const struct line_tag *tag,
                const struct line_bus *line);
void watch_board(struct watch *w, uint64_t cycle, uint64_t ps, const struct board_bus *board);
void watch_host(struct watch *w, uint64_t cycle, uint64_t ps, const struct host_bus *host);

#ifdef __cplusplus
}
#endif
#endif

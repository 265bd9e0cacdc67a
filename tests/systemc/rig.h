/* A whole run for tests of the views: generator, links, stalls, watcher, and a digest of the frames that the
 * host got. */
#ifndef TESTS_SYSTEMC_RIG_H
#define TESTS_SYSTEMC_RIG_H

#include "emu/chain/chain.h"

#include <stdbool.h>
#include <stdint.h>

struct stimulus {
    const char *name;
    uint16_t skew[LANES];
    struct bus_stall_at stall[4];
    size_t stalls;
    uint32_t stall_per_million, stall_cycles;
    uint64_t hz[DOMAINS], phase_ps[DOMAINS];
    uint8_t engines, drop_policy;
    uint32_t orbits;
    uint64_t source_bx, sink_frames; /* source or sink fail after so many BX or frames; 0: never */
    bool wrong_golden;               /* golden expects another network than the kernels have */
};
extern const struct stimulus generator_stimulus, skewed_stimulus, stalled_stimulus, one_clock_stimulus;

/* Everything that two runs of one stimulus must have in common. */
struct outcome {
    enum chain_state state;
    uint64_t cycles[DOMAINS], frames, frame_digest;
    uint64_t records[BLOCKS], content[BLOCKS], timing[BLOCKS];
    struct board_status status;
};

struct rig {
    struct chain_cfg cfg; /* for chain_open() or pin_view_open() */
    struct generator *generator;
    struct bx_source source; /* the generator's */
    uint64_t source_left, sink_left;
    struct gmt_link *link;
    struct bus_stall stall;
    struct check_log log;
    struct recal_network *network;
    struct watch *watch;
    uint64_t frames, frame_digest;
};

struct rig *rig_new(const struct stimulus *s, uint64_t seed, const char *kernels);
void rig_free(struct rig *r);

/* What the watcher and the sink have; the view's own figures are filled in by the caller. */
void rig_outcome(const struct rig *r, struct outcome *o);

/* Prints every difference. */
bool outcome_same(const struct outcome *a, const struct outcome *b);

#endif

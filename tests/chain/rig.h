/* One run of the chain for tests: generator, links, stalls, watcher with golden, and the strict host at the
 * end. All blocks run as C models. */
#ifndef TESTS_CHAIN_RIG_H
#define TESTS_CHAIN_RIG_H

#include "emu/chain/chain.h"
#include "golden/blocks/host.h"
#include "golden/stimulus/generator.h"
#include "tests/chain/golden_kernels.h"

#include <stdbool.h>

enum { RIG_MAX = 16 };

struct rig {
    struct board_cfg board;
    uint64_t hz[DOMAINS], phase_ps[DOMAINS];
    struct generator_cfg generator; /* format and final lanes are the board's */
    uint32_t first_orbit, orbits;
    uint16_t start_bx, skew[LANES];
    uint8_t start_frame;
    struct link_fault fault[RIG_MAX];
    size_t faults;
    struct bus_stall_at stall[RIG_MAX];
    size_t stalls;
    uint32_t stall_per_million, stall_cycles;
    uint64_t seed, limit; /* of the check log */
    uint64_t quantum;     /* board cycles */
    bool reverse;
    const struct doctor *doctor; /* what the kernels do wrong; NULL: nothing */
    int (*spoil)(void *ctx, uint32_t frame_number, uint32_t frame[LANES]); /* called by the sink; NULL: not */
    void *ctx;
};

struct rig_result {
    enum chain_state state;
    uint64_t cycles[DOMAINS];
    uint64_t records[BLOCKS], content[BLOCKS], timing[BLOCKS];
    struct board_status status;
    struct conservation conservation;
    char why[128];
    struct host_counts host;
    uint64_t frames, frame_digest; /* as the sink got them */
    uint64_t offered, inferred, corrupted_bx;
    uint64_t compared, mismatches;
    struct mismatch first;
};

/* Makes the kernels' folder; call rig_end() when done. Returns 0, or -1. */
int rig_begin(unsigned zero_suppress_latency, unsigned recal_latency);
void rig_end(void);
const char *rig_kernels(void); /* that folder */

/* Two orbits of the default generator on aligned links that start at the gap before them. */
struct rig rig_default(void);
struct rig_result rig_run(const struct rig *r);

/* The muons of such a run, in the board's format; for generator_free(). */
struct generator *rig_generator(const struct rig *r);

/* The digest of all frames that golden makes when nothing is dropped or skipped, the orbits from `first_live`
 * on being seen, and how many BX are forwarded and suppressed. */
struct rig_expected {
    uint64_t frames, frame_digest, forwarded, suppressed;
};
struct rig_expected rig_golden(const struct rig *r, uint32_t first_live);

/* A run in which nothing may go wrong: drained, exact, no mismatch, an accepting host. Prints what did. */
bool rig_held(const struct rig_result *r);

#endif

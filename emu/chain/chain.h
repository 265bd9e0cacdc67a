/* The chain: one exact scheduler over all clock domains, with a C model, the RTL, or both in lock-step for
 * each block (architecture: one contract per block; time).
 *
 * At every instant that has an edge, all blocks of the ticking domains read what was visible before and make
 * what is visible after. The RTL is evaluated once, as the whole board; a block whose engine is the model is
 * injected into it. In lock-step the model is fed what the RTL showed, so only the guilty block differs.
 *
 *     struct chain *c = chain_open(&cfg, &message);
 *     while (chain_run(c, until += 6) == CHAIN_MORE)
 *         ;
 *     chain_close(c);
 */
#ifndef EMU_CHAIN_CHAIN_H
#define EMU_CHAIN_CHAIN_H

#include "emu/chain/after.h"
#include "emu/chain/bus_stall.h"
#include "emu/check/check_log.h"
#include "emu/check/watch.h"
#include "emu/model/blocks.h"
#include "emu/model/engine.h"
#include "emu/model/gmt_link.h"
#include "golden/message.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A window of waveforms (needs some block in RTL). */
struct chain_trace {
    const char *path; /* NULL: none */
    uint32_t orbit;   /* true orbit and BX at which lane 0 is */
    uint16_t bx, before, after;
};

struct chain_cfg {
    struct board_cfg board;
    uint64_t hz[DOMAINS], phase_ps[DOMAINS];
    enum engine engine[BLOCKS];
    const char *kernels;    /* folder of kernels.so and the schedules; used when a kernel runs as model */
    const char *board_so;   /* used when some block runs as RTL */
    uint64_t random_seed;   /* what the RTL's registers hold before reset */
    struct gmt_link *link;  /* not owned */
    struct bus_stall *stall; /* not owned */
    struct watch *watch;    /* not owned; NULL: nobody looks */
    struct check_log *log;  /* not owned; counts lock-step comparisons, its limit stops the run */
    chain_sink *sink;       /* NULL: none */
    void *sink_ctx;
    uint32_t last_orbit;    /* run control says Stop in the middle of this orbit */
    bool reverse;           /* step the models in reverse order: must change nothing */
    struct chain_trace trace;
};

struct chain;

/* NULL with a message: a kernel, board or clock that cannot be used, or hashes of RTL, native code and
 * schedule that differ. */
struct chain *chain_open(const struct chain_cfg *cfg, struct message *m);
void chain_close(struct chain *c);

/* Runs until the board's clock has had `board_cycles` edges, or the run ends. */
enum chain_state chain_run(struct chain *c, uint64_t board_cycles);

/* Edges that a domain has had. */
uint64_t chain_cycles(const struct chain *c, enum domain d);

/* What is visible now; valid until the next chain_run. */
struct bus_view chain_view(const struct chain *c);

/* Counters of the board as everybody sees them. */
void chain_status(struct chain *c, struct board_status *status);

/* Why the Verilog stopped itself ($finish, $stop, $fatal, a memory file that is not there); NULL when it did not. */
const char *chain_halt(const struct chain *c);

/* Build hash and latency of a kernel ("zero_suppress", "recal"): 0 when neither model nor RTL of it is open.
 * The latency is known only when its model is. */
uint64_t chain_kernel_hash(const struct chain *c, const char *kernel);
uint32_t chain_kernel_latency(const struct chain *c, const char *kernel);

#ifdef __cplusplus
}
#endif
#endif

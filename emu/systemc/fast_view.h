/* The fast view: one SystemC process that lets the chain's scheduler (emu/chain/chain.h) run one quantum at
 * a time.
 *
 * SystemC's events cost more than the work of a clock cycle, so the clock edges stay inside chain_run(),
 * which orders them exactly; sc_time follows and decides nothing. A quantum changes no result. */
#ifndef EMU_SYSTEMC_FAST_VIEW_H
#define EMU_SYSTEMC_FAST_VIEW_H

#include "emu/chain/chain.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { QUANTUM_OF_CYCLE = 1, QUANTUM_OF_BX = 6, QUANTUM_OF_ORBIT = 6 * BX_PER_ORBIT }; /* board cycles */

/* Runs the chain from where it stands. After each quantum (>= 1 cycle) `after` is told the state (NULL:
 * nobody is); the run ends when it returns false, or when the state is no longer CHAIN_MORE. board_hz (>= 1)
 * is for sc_time alone. Returns the last state; CHAIN_BROKEN too when another simulation is open
 * (pin_view.h) or when SystemC itself failed, with a text on stderr. Several runs may follow each other,
 * also of the same chain. */
enum chain_state fast_view_run(struct chain *c, uint64_t quantum_board_cycles, uint64_t board_hz,
                               bool (*after)(void *ctx, enum chain_state), void *ctx);

#ifdef __cplusplus
}
#endif
#endif

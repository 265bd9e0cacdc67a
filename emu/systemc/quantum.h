/* One SystemC process that calls a step once a quantum of board cycles, and nothing else: the least that a
 * simulation can cost. */
#ifndef EMU_SYSTEMC_QUANTUM_H
#define EMU_SYSTEMC_QUANTUM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls step(ctx) until it returns false, `board_cycles` (>= 1) of a clock of `board_hz` (>= 1) apart by
 * sc_time. Returns 0; or -1 when another simulation is open, or when SystemC reported an error (its text
 * went to stderr). */
int quantum_run(uint64_t board_cycles, uint64_t board_hz, bool (*step)(void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif
#endif

/* What both views need of the SystemC kernel: a fresh simulation, silent, with picoseconds, and errors that
 * stay inside C++. Include it instead of <systemc.h>.
 *
 * The kernel is one for the whole process and lives once by the standard. Here several simulations may
 * follow each other (never two at once): sc_simcontext::reset() of Accellera's kernel gives a new one after
 * every module is gone.
 *
 *     if (simulation_begin()) {
 *         { modules ...; simulation_start(); }
 *         simulation_end();
 *     }
 */
#ifndef EMU_SYSTEMC_SIMULATION_H
#define EMU_SYSTEMC_SIMULATION_H

#include <systemc>

#include <cstdint>

/* Before any sc_time or sc_object of the simulation. False when one has begun already. */
bool simulation_begin();

/* Runs until a module pauses or stops it. False when SystemC reported an error; its text went to stderr. */
bool simulation_start();

/* When all modules and signals are destroyed. */
void simulation_end();

/* The time of an edge. What sc_time shows decides nothing: it stands still at the end of its range (213
 * days). */
uint64_t simulation_ps(unsigned __int128 cycles, uint64_t hz);

#endif

/* The clocks of all domains, in the exact order of emu/chain/clock_tree.h.
 *
 * Periods such as 1 / 240,473,400 s do not fit sc_time, so sc_clock cannot give them. This module takes the
 * order of edges from the clock tree; edges that fall on the same instant rise in the same delta cycle, so
 * that everybody samples what was there before, and different instants never do. sc_time shows picoseconds,
 * rounded down, and one more than before when two instants would show the same. Clocks fall half a period
 * after they rise. After 106 days of emulated time sc_time is at its end, which is an error. */
#ifndef EMU_SYSTEMC_CLOCK_GENERATOR_H
#define EMU_SYSTEMC_CLOCK_GENERATOR_H

#include "emu/systemc/simulation.h"

#include "emu/chain/clock_tree.h"

namespace pins {

struct ClockGenerator : sc_core::sc_module {
    sc_core::sc_out<bool> line_clk, board_clk, host_clk;

    /* Frequencies and phases as clock_tree_init() takes them; throws std::runtime_error when it refuses. */
    ClockGenerator(sc_core::sc_module_name name, const uint64_t hz[DOMAINS],
                   const uint64_t phase_ps[DOMAINS]);

    /* Edges that each domain has had. */
    const struct clock_tree &tree() const { return clocks; }

private:
    void drive();
    void rise();
    uint64_t next_instant_ps() const;

    struct clock_tree clocks;
    sc_core::sc_out<bool> *const clk[DOMAINS];
    uint64_t now_ps = 0, rise_ps;  /* shown times: of this call, of the next instant */
    uint64_t fall_ps[DOMAINS];     /* NEVER while low */
};

} // namespace pins

#endif

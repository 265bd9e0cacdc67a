#include "emu/systemc/clock_generator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pins {

static const uint64_t NEVER = UINT64_MAX;

ClockGenerator::ClockGenerator(sc_core::sc_module_name name, const uint64_t hz[DOMAINS],
                               const uint64_t phase_ps[DOMAINS])
    : sc_module(name), line_clk("line_clk"), board_clk("board_clk"), host_clk("host_clk"),
      clk{&line_clk, &board_clk, &host_clk}, fall_ps{NEVER, NEVER, NEVER}
{
    if (clock_tree_init(&clocks, hz, phase_ps) < 0)
        throw std::runtime_error("clocks: a frequency is outside 1..10000000000 Hz "
                                 "or a phase is a second or more");
    rise_ps = next_instant_ps();
    SC_HAS_PROCESS(ClockGenerator);
    SC_METHOD(drive);
}

uint64_t ClockGenerator::next_instant_ps() const
{
    double first = INFINITY;
    for (int d = 0; d < DOMAINS; d++) {
        double ps = (double)clocks.phase_ps[d] + (double)clocks.cycle[d] * clocks.ps_per_cycle[d];
        first = std::min(first, ps);
    }
    if (first >= (double)INT64_MAX)
        SC_REPORT_ERROR("/bxact/clocks", "sc_time is at its end");
    return (uint64_t)first;
}

void ClockGenerator::rise()
{
    unsigned ticking = clock_tree_step(&clocks);
    for (int d = 0; d < DOMAINS; d++)
        if (ticking & 1u << d) {
            clk[d]->write(true);
            fall_ps[d] = now_ps + (uint64_t)(clocks.ps_per_cycle[d] / 2);
        }
    rise_ps = std::max(next_instant_ps(), now_ps + 1);
}

/* One process for all, for a signal has one driver. */
void ClockGenerator::drive()
{
    for (int d = 0; d < DOMAINS; d++)
        if (fall_ps[d] == now_ps) {
            clk[d]->write(false);
            fall_ps[d] = NEVER;
        }
    if (rise_ps == now_ps)
        rise();
    uint64_t next = std::min({rise_ps, fall_ps[0], fall_ps[1], fall_ps[2]});
    next_trigger(sc_core::sc_time::from_value(next - now_ps));
    now_ps = next;
}

} // namespace pins

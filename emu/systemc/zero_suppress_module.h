/* Zero suppression: each BX with a keep bit (docs/chain.md: zero_suppress). The keep decision is that of the
 * compiled kernel, the latency that of its schedule. */
#ifndef EMU_SYSTEMC_ZERO_SUPPRESS_MODULE_H
#define EMU_SYSTEMC_ZERO_SUPPRESS_MODULE_H

#include "emu/systemc/bus_signals.h"

#include "emu/model/zero_suppress.h"

namespace pins {

struct ZeroSuppress : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct link_align_out> in;
    sc_core::sc_out<struct zero_suppress_out> out;

    /* kernels: folder of kernels.so and zero_suppress.json; throws std::runtime_error when they cannot be
     * used. */
    ZeroSuppress(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels);
    ~ZeroSuppress() override;
    const struct kernel &kernel() const { return state.kernel; }

private:
    void step();
    struct zero_suppress state;
    struct zero_suppress_out next = {};
    Visible seen;
};

} // namespace pins

#endif

#include "emu/systemc/zero_suppress_module.h"

#include <stdexcept>

namespace pins {

ZeroSuppress::ZeroSuppress(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels)
    : sc_module(name), clk("clk"), in("in"), out("out")
{
    struct message m;
    if (zero_suppress_init(&state, &cfg, kernels, &m) < 0)
        throw std::runtime_error(m.text);
    SC_HAS_PROCESS(ZeroSuppress);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

ZeroSuppress::~ZeroSuppress()
{
    zero_suppress_release(&state);
}

void ZeroSuppress::step()
{
    take(seen.board.link_align, in);
    struct bus_view now = seen.view();
    zero_suppress_step(&state, &now, &next);
    show(out, next);
}

} // namespace pins

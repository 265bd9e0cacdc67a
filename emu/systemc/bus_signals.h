/* The structs of emu/model/bus.h as values of SystemC signals and ports: comparison, printing, tracing.
 *
 * Two outputs are equal when they say the same: payload beside `valid = 0` means nothing (docs/chain.md) and
 * is not compared. So a signal between two idle blocks has no events, and a payload is copied only when
 * there is one. */
#ifndef EMU_SYSTEMC_BUS_SIGNALS_H
#define EMU_SYSTEMC_BUS_SIGNALS_H

#include "emu/systemc/simulation.h"

#include "emu/model/bus.h"
#include "emu/model/gmt_link.h"

#include <ostream>
#include <string>

#define BUS_SIGNAL(type)                                      \
    bool operator==(const struct type &a, const struct type &b); \
    std::ostream &operator<<(std::ostream &out, const struct type &v); \
    void sc_trace(sc_core::sc_trace_file *file, const struct type &v, const std::string &name);

BUS_SIGNAL(line_in)
BUS_SIGNAL(line_tag)
BUS_SIGNAL(link_rx_out)
BUS_SIGNAL(cdc_rx_out)
BUS_SIGNAL(link_align_out)
BUS_SIGNAL(zero_suppress_out)
BUS_SIGNAL(muon_feed_out)
BUS_SIGNAL(recal_out)
BUS_SIGNAL(event_pack_out)
BUS_SIGNAL(cdc_dma_ready)
BUS_SIGNAL(cdc_dma_out)
BUS_SIGNAL(dma_out)

#undef BUS_SIGNAL

namespace pins {

/* A port's value into what a step function sees, and back. Equal values are left alone: that saves the
 * copies. */
template <typename T> void take(T &seen, const sc_core::sc_in<T> &port)
{
    const T &value = port.read();
    if (!(seen == value))
        seen = value;
}

template <typename T> void show(sc_core::sc_out<T> &port, const T &next)
{
    if (!(port.read() == next))
        port.write(next);
}

/* The bit of domain d when its clock has just risen. */
inline unsigned ticking_bit(const sc_core::sc_in<bool> &clk, enum domain d)
{
    return clk.posedge() ? 1u << d : 0;
}

/* What a module's step function is given: copies of the ports that it has, in their places of the bus. */
struct Visible {
    struct line_in in = {};
    struct line_bus line = {};
    struct board_bus board = {};
    struct host_bus host = {};

    struct bus_view view(bool stop = false, bool bus_ready = false) const
    {
        return {&in, &line, &board, &host, stop, bus_ready};
    }
};

} // namespace pins

#endif

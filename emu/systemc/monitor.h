/* The monitor: after each instant it hands every boundary to the watcher, frames to the host, and decides on
 * the end of the run (emu/chain/after.h). It pauses the simulation there, and when the board has had its
 * cycles. */
#ifndef EMU_SYSTEMC_MONITOR_H
#define EMU_SYSTEMC_MONITOR_H

#include "emu/systemc/bus_signals.h"

#include "emu/chain/after.h"

namespace pins {

struct Monitor : sc_core::sc_module {
    sc_core::sc_in<bool> line_clk, board_clk, host_clk;
    sc_core::sc_in<struct line_tag> tag;
    sc_core::sc_in<bool> idle, failed, bus_ready;
    sc_core::sc_in<struct link_rx_out> link_rx;
    sc_core::sc_in<struct cdc_rx_out> cdc_rx;
    sc_core::sc_in<struct link_align_out> link_align;
    sc_core::sc_in<struct zero_suppress_out> zero_suppress;
    sc_core::sc_in<struct muon_feed_out> muon_feed;
    sc_core::sc_in<struct recal_out> recal;
    sc_core::sc_in<struct event_pack_out> event_pack;
    sc_core::sc_in<struct cdc_dma_ready> cdc_dma_ready;
    sc_core::sc_in<struct cdc_dma_out> cdc_dma;
    sc_core::sc_in<struct dma_out> dma;

    /* `clocks` are those that drive the clock ports. */
    Monitor(sc_core::sc_module_name name, const struct clock_tree &clocks, const struct after &after);

    enum chain_state state = CHAIN_MORE;
    uint64_t until = 0; /* board cycles after which the simulation pauses */

private:
    void edge();
    void before();
    void look();
    void take_ticking();

    const struct clock_tree &clocks;
    struct after after;
    unsigned ticking = 0; /* domains whose edge is being taken; 0: none */
    struct line_tag sampled = {};
    Visible seen;
};

} // namespace pins

#endif

/* All modules of the chain, bound: the pin view's top, and an example of how to bind them. */
#ifndef EMU_SYSTEMC_CHAIN_MODULES_H
#define EMU_SYSTEMC_CHAIN_MODULES_H

#include "emu/systemc/clock_generator.h"
#include "emu/systemc/gmt_links.h"
#include "emu/systemc/inference_block.h"
#include "emu/systemc/input_board.h"
#include "emu/systemc/monitor.h"
#include "emu/systemc/output_board.h"
#include "emu/systemc/zero_suppress_module.h"

#include "emu/chain/chain.h"

namespace pins {

struct ChainModules : sc_core::sc_module {
    /* Throws std::runtime_error when clocks or kernels cannot be used. */
    ChainModules(sc_core::sc_module_name name, const struct chain_cfg &cfg);

    sc_core::sc_signal<bool> line_clk, board_clk, host_clk, stop, idle, failed, bus_ready;
    sc_core::sc_signal<uint32_t> losses;
    sc_core::sc_signal<struct line_in> words;
    sc_core::sc_signal<struct line_tag> tag;
    sc_core::sc_signal<struct link_rx_out> link_rx;
    sc_core::sc_signal<struct cdc_rx_out> cdc_rx;
    sc_core::sc_signal<struct link_align_out> link_align;
    sc_core::sc_signal<struct zero_suppress_out> zero_suppress;
    sc_core::sc_signal<struct muon_feed_out> muon_feed;
    sc_core::sc_signal<struct recal_out> recal;
    sc_core::sc_signal<struct event_pack_out> event_pack;
    sc_core::sc_signal<struct cdc_dma_ready> cdc_dma_ready;
    sc_core::sc_signal<struct cdc_dma_out> cdc_dma;
    sc_core::sc_signal<struct dma_out> dma;

    ClockGenerator clocks;
    GmtLinks gmt_links;
    HostBus host_bus;
    InputBoard input_board;
    ZeroSuppress zero_suppression;
    InferenceBlock inference;
    OutputBoard output_board;
    Monitor monitor;

private:
    void bind_outside();
    void bind_blocks();
    void bind_monitor();
};

} // namespace pins

#endif

#include "emu/systemc/monitor.h"

namespace pins {

Monitor::Monitor(sc_core::sc_module_name name, const struct clock_tree &clocks, const struct after &after)
    : sc_module(name), line_clk("line_clk"), board_clk("board_clk"), host_clk("host_clk"), tag("tag"),
      idle("idle"), failed("failed"), bus_ready("bus_ready"), link_rx("link_rx"), cdc_rx("cdc_rx"),
      link_align("link_align"), zero_suppress("zero_suppress"), muon_feed("muon_feed"), recal("recal"),
      event_pack("event_pack"), cdc_dma_ready("cdc_dma_ready"), cdc_dma("cdc_dma"), dma("dma"),
      clocks(clocks), after(after)
{
    SC_HAS_PROCESS(Monitor);
    SC_METHOD(edge);
    sensitive << line_clk.pos() << board_clk.pos() << host_clk.pos();
    dont_initialize();
}

/* Twice an instant: with the edges, when the old values are there, and a delta cycle later, when the new
 * ones are. */
void Monitor::edge()
{
    if (!ticking) {
        before();
        next_trigger(sc_core::SC_ZERO_TIME);
    } else {
        look();
        ticking = 0;
    }
}

void Monitor::before()
{
    ticking = ticking_bit(line_clk, DOMAIN_LINE) | ticking_bit(board_clk, DOMAIN_BOARD) |
              ticking_bit(host_clk, DOMAIN_HOST);
    if (line_clk.posedge())
        sampled = tag.read();
}

void Monitor::take_ticking()
{
    if (ticking & 1u << DOMAIN_LINE)
        take(seen.line.link_rx, link_rx);
    if (ticking & 1u << DOMAIN_BOARD) {
        take(seen.board.cdc_rx, cdc_rx);
        take(seen.board.link_align, link_align);
        take(seen.board.zero_suppress, zero_suppress);
        take(seen.board.muon_feed, muon_feed);
        take(seen.board.recal, recal);
        take(seen.board.event_pack, event_pack);
        take(seen.board.cdc_dma_ready, cdc_dma_ready);
    }
    if (ticking & 1u << DOMAIN_HOST) {
        take(seen.host.cdc_dma, cdc_dma);
        take(seen.host.dma, dma);
    }
}

void Monitor::look()
{
    take_ticking();
    struct bus_view shown = seen.view(false, bus_ready.read());
    state = failed.read() ? CHAIN_BROKEN
                          : after_instant(&after, &clocks, ticking, &sampled, &shown, idle.read());
    if (state != CHAIN_MORE || clocks.cycle[DOMAIN_BOARD] >= until)
        sc_core::sc_pause();
}

} // namespace pins

#include "emu/systemc/chain_modules.h"

namespace pins {

ChainModules::ChainModules(sc_core::sc_module_name name, const struct chain_cfg &cfg)
    : sc_module(name), line_clk("line_clk"), board_clk("board_clk"), host_clk("host_clk"), stop("stop"),
      idle("idle"), failed("failed"), bus_ready("bus_ready"), losses("losses"), words("words"), tag("tag"),
      link_rx("link_rx"), cdc_rx("cdc_rx"), link_align("link_align"), zero_suppress("zero_suppress"),
      muon_feed("muon_feed"), recal("recal"), event_pack("event_pack"), cdc_dma_ready("cdc_dma_ready"),
      cdc_dma("cdc_dma"), dma("dma"), clocks("clocks", cfg.hz, cfg.phase_ps),
      gmt_links("gmt_links", cfg.link, cfg.last_orbit), host_bus("host_bus", cfg.stall),
      input_board("input_board", cfg.board), zero_suppression("zero_suppression", cfg.board, cfg.kernels),
      inference("inference", cfg.board, cfg.kernels), output_board("output_board", cfg.board),
      monitor("monitor", clocks.tree(), {cfg.watch, cfg.log, cfg.sink, cfg.sink_ctx, 0})
{
    bind_outside();
    bind_blocks();
    bind_monitor();
}

void ChainModules::bind_outside()
{
    clocks.line_clk(line_clk);
    clocks.board_clk(board_clk);
    clocks.host_clk(host_clk);
    gmt_links.clk(line_clk);
    gmt_links.words(words);
    gmt_links.tag(tag);
    gmt_links.stop(stop);
    gmt_links.idle(idle);
    gmt_links.failed(failed);
    host_bus.line_clk(line_clk);
    host_bus.host_clk(host_clk);
    host_bus.tag(tag);
    host_bus.ready(bus_ready);
}

void ChainModules::bind_blocks()
{
    input_board.line_clk(line_clk);
    input_board.board_clk(board_clk);
    input_board.words(words);
    input_board.link_rx(link_rx);
    input_board.cdc_rx(cdc_rx);
    input_board.link_align(link_align);
    input_board.losses(losses);
    zero_suppression.clk(board_clk);
    zero_suppression.in(link_align);
    zero_suppression.out(zero_suppress);
    inference.clk(board_clk);
    inference.in(zero_suppress);
    inference.feed(muon_feed);
    inference.recal(recal);
    output_board.board_clk(board_clk);
    output_board.host_clk(host_clk);
    output_board.feed(muon_feed);
    output_board.recal(recal);
    output_board.losses(losses);
    output_board.stop(stop);
    output_board.event_pack(event_pack);
    output_board.cdc_dma_ready(cdc_dma_ready);
    output_board.cdc_dma(cdc_dma);
    output_board.bus_ready(bus_ready);
    output_board.dma(dma);
}

void ChainModules::bind_monitor()
{
    monitor.line_clk(line_clk);
    monitor.board_clk(board_clk);
    monitor.host_clk(host_clk);
    monitor.tag(tag);
    monitor.idle(idle);
    monitor.failed(failed);
    monitor.bus_ready(bus_ready);
    monitor.link_rx(link_rx);
    monitor.cdc_rx(cdc_rx);
    monitor.link_align(link_align);
    monitor.zero_suppress(zero_suppress);
    monitor.muon_feed(muon_feed);
    monitor.recal(recal);
    monitor.event_pack(event_pack);
    monitor.cdc_dma_ready(cdc_dma_ready);
    monitor.cdc_dma(cdc_dma);
    monitor.dma(dma);
}

} // namespace pins

#include "emu/systemc/output_board.h"

namespace pins {

EventPack::EventPack(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), clk("clk"), feed("feed"), recal("recal"), ready("ready"), losses("losses"),
      stop("stop"), out("out")
{
    event_pack_init(&state, &cfg);
    SC_HAS_PROCESS(EventPack);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void EventPack::step()
{
    take(seen.board.muon_feed, feed);
    take(seen.board.recal, recal);
    take(seen.board.cdc_dma_ready, ready);
    struct bus_view now = seen.view(stop.read());
    event_pack_step(&state, &now, losses.read(), &next);
    show(out, next);
}

CdcDma::CdcDma(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), board_clk("board_clk"), host_clk("host_clk"), in("in"), ready("ready"), dma("dma"),
      out("out")
{
    cdc_dma_init(&state, &cfg);
    SC_HAS_PROCESS(CdcDma);
    SC_METHOD(step);
    sensitive << board_clk.pos() << host_clk.pos();
    dont_initialize();
}

void CdcDma::step()
{
    take(seen.board.event_pack, in);
    take(seen.host.dma, dma);
    struct bus_view now = seen.view();
    if (board_clk.posedge()) {
        cdc_dma_step_board(&state, &now, &next_ready);
        show(ready, next_ready);
    }
    if (host_clk.posedge()) {
        cdc_dma_step_host(&state, &now, &next);
        show(out, next);
    }
    cdc_dma_commit(&state);
}

Dma::Dma(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), clk("clk"), in("in"), bus_ready("bus_ready"), out("out")
{
    dma_init(&state, &cfg);
    SC_HAS_PROCESS(Dma);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void Dma::step()
{
    take(seen.host.cdc_dma, in);
    struct bus_view now = seen.view(false, bus_ready.read());
    dma_step(&state, &now, &next);
    show(out, next);
}

OutputBoard::OutputBoard(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), board_clk("board_clk"), host_clk("host_clk"), feed("feed"), recal("recal"),
      losses("losses"), stop("stop"), event_pack("event_pack"), cdc_dma_ready("cdc_dma_ready"),
      cdc_dma("cdc_dma"), bus_ready("bus_ready"), dma("dma"), pack("pack", cfg), cdc("cdc", cfg),
      fifo("fifo", cfg)
{
    pack.clk(board_clk);
    pack.feed(feed);
    pack.recal(recal);
    pack.ready(cdc_dma_ready);
    pack.losses(losses);
    pack.stop(stop);
    pack.out(event_pack);
    cdc.board_clk(board_clk);
    cdc.host_clk(host_clk);
    cdc.in(event_pack);
    cdc.ready(cdc_dma_ready);
    cdc.dma(dma);
    cdc.out(cdc_dma);
    fifo.clk(host_clk);
    fifo.in(cdc_dma);
    fifo.bus_ready(bus_ready);
    fifo.out(dma);
}

} // namespace pins

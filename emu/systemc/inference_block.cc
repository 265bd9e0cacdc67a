#include "emu/systemc/inference_block.h"

#include <stdexcept>

namespace pins {

MuonFeed::MuonFeed(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), clk("clk"), in("in"), out("out")
{
    muon_feed_init(&state, &cfg);
    SC_HAS_PROCESS(MuonFeed);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void MuonFeed::step()
{
    take(seen.board.zero_suppress, in);
    struct bus_view now = seen.view();
    muon_feed_step(&state, &now, &next);
    show(out, next);
}

Recal::Recal(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels)
    : sc_module(name), clk("clk"), in("in"), out("out")
{
    struct message m;
    if (recal_init(&state, &cfg, kernels, &m) < 0)
        throw std::runtime_error(m.text);
    SC_HAS_PROCESS(Recal);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

Recal::~Recal()
{
    recal_release(&state);
}

void Recal::step()
{
    take(seen.board.muon_feed, in);
    struct bus_view now = seen.view();
    recal_step(&state, &now, &next);
    show(out, next);
}

InferenceBlock::InferenceBlock(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels)
    : sc_module(name), clk("clk"), in("in"), feed("feed"), recal("recal"), muon_feed("muon_feed", cfg),
      network("network", cfg, kernels)
{
    muon_feed.clk(clk);
    muon_feed.in(in);
    muon_feed.out(feed);
    network.clk(clk);
    network.in(feed);
    network.out(recal);
}

} // namespace pins

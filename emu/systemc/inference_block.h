/* The inference block: picks the muons of kept BX and has the network correct them, on one or more engines
 * (docs/chain.md: muon_feed, recal). */
#ifndef EMU_SYSTEMC_INFERENCE_BLOCK_H
#define EMU_SYSTEMC_INFERENCE_BLOCK_H

#include "emu/systemc/bus_signals.h"

#include "emu/model/muon_feed.h"
#include "emu/model/recal.h"

namespace pins {

/* Queues the muons of kept BX and serves them in order; passes each BX on. */
struct MuonFeed : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct zero_suppress_out> in;
    sc_core::sc_out<struct muon_feed_out> out;

    MuonFeed(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { muon_feed_status(&state, to); }

private:
    void step();
    struct muon_feed state;
    struct muon_feed_out next = {};
    Visible seen;
};

/* The network: result e belongs to muon e of `in`, a fixed number of cycles later. */
struct Recal : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct muon_feed_out> in;
    sc_core::sc_out<struct recal_out> out;

    /* kernels: folder of kernels.so and recal.json; throws std::runtime_error when they cannot be used. */
    Recal(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels);
    ~Recal() override;
    const struct kernel &kernel() const { return state.kernel; }

private:
    void step();
    struct recal state;
    struct recal_out next = {};
    Visible seen;
};

struct InferenceBlock : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct zero_suppress_out> in;
    sc_core::sc_out<struct muon_feed_out> feed; /* each BX, with the muons that will come back corrected */
    sc_core::sc_out<struct recal_out> recal;    /* their corrections */

    InferenceBlock(sc_core::sc_module_name name, const struct board_cfg &cfg, const char *kernels);
    void status(struct board_status *to) const { muon_feed.status(to); }
    const struct kernel &kernel() const { return network.kernel(); }

private:
    MuonFeed muon_feed;
    Recal network;
};

} // namespace pins

#endif

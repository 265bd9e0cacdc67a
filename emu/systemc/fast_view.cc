#include "emu/systemc/fast_view.h"

#include "emu/systemc/simulation.h"

namespace {

struct FastView : sc_core::sc_module {
    FastView(sc_core::sc_module_name name, struct chain *c, uint64_t quantum, uint64_t hz);

    struct chain *chain;
    const uint64_t quantum, hz;
    const uint64_t start; /* board cycles that the chain had before */
    bool (*after)(void *ctx, enum chain_state) = nullptr;
    void *ctx = nullptr;
    enum chain_state state = CHAIN_MORE;

private:
    void run_quantum();
    uint64_t done = 0; /* board cycles run here */
};

FastView::FastView(sc_core::sc_module_name name, struct chain *c, uint64_t quantum, uint64_t hz)
    : sc_module(name), chain(c), quantum(quantum), hz(hz), start(chain_cycles(c, DOMAIN_BOARD))
{
    SC_HAS_PROCESS(FastView);
    SC_METHOD(run_quantum);
}

void FastView::run_quantum()
{
    uint64_t now = simulation_ps(done, hz);
    done += quantum;
    state = chain_run(chain, start + done);
    bool more = after ? after(ctx, state) : true;
    if (state == CHAIN_MORE && more)
        next_trigger(sc_core::sc_time::from_value(simulation_ps(done, hz) - now));
    else
        sc_core::sc_stop();
}

} // namespace

enum chain_state fast_view_run(struct chain *c, uint64_t quantum_board_cycles, uint64_t board_hz,
                               bool (*after)(void *ctx, enum chain_state), void *ctx)
{
    if (!simulation_begin())
        return CHAIN_BROKEN;
    enum chain_state state;
    {
        FastView view("fast_view", c, quantum_board_cycles, board_hz);
        view.after = after;
        view.ctx = ctx;
        state = simulation_start() ? view.state : CHAIN_BROKEN;
    }
    simulation_end();
    return state;
}

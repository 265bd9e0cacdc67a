#include "emu/systemc/quantum.h"

#include "emu/systemc/simulation.h"

namespace {

struct Quantum : sc_core::sc_module {
    Quantum(sc_core::sc_module_name name, uint64_t cycles, uint64_t hz, bool (*step)(void *ctx), void *ctx)
        : sc_module(name), cycles(cycles), hz(hz), step(step), ctx(ctx)
    {
        SC_HAS_PROCESS(Quantum);
        SC_METHOD(run);
    }

private:
    void run();

    const uint64_t cycles, hz;
    bool (*const step)(void *ctx);
    void *const ctx;
    unsigned __int128 done = 0; /* board cycles */
    uint64_t now_ps = 0;
};

void Quantum::run()
{
    if (!step(ctx)) {
        sc_core::sc_stop();
        return;
    }
    done += cycles;
    uint64_t next_ps = simulation_ps(done, hz);
    next_trigger(sc_core::sc_time::from_value(next_ps - now_ps));
    now_ps = next_ps;
}

} // namespace

int quantum_run(uint64_t board_cycles, uint64_t board_hz, bool (*step)(void *ctx), void *ctx)
{
    if (!simulation_begin())
        return -1;
    bool ran;
    {
        Quantum process("quantum", board_cycles, board_hz, step, ctx);
        ran = simulation_start();
    }
    simulation_end();
    return ran ? 0 : -1;
}

#include "emu/systemc/fast_view.h"

#include "emu/systemc/quantum.h"

struct fast_view {
    struct chain *chain;
    uint64_t quantum, until; /* board cycles */
    bool (*after)(void *ctx, enum chain_state);
    void *ctx;
    enum chain_state state;
};

static bool run_quantum(void *ctx)
{
    struct fast_view *v = ctx;
    v->until += v->quantum;
    v->state = chain_run(v->chain, v->until);
    bool more = v->after ? v->after(v->ctx, v->state) : true;
    return v->state == CHAIN_MORE && more;
}

enum chain_state fast_view_run(struct chain *c, uint64_t quantum_board_cycles, uint64_t board_hz,
                               bool (*after)(void *ctx, enum chain_state), void *ctx)
{
    struct fast_view v = {c, quantum_board_cycles, chain_cycles(c, DOMAIN_BOARD), after, ctx, CHAIN_MORE};
    return quantum_run(quantum_board_cycles, board_hz, run_quantum, &v) < 0 ? CHAIN_BROKEN : v.state;
}

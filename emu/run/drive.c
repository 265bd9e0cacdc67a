#include "emu/run/drive.h"

#include "emu/systemc/fast_view.h"

static uint64_t quantum_cycles(enum run_quantum q)
{
    switch (q) {
    case QUANTUM_CYCLE: return 1;
    case QUANTUM_BX: return FRAMES;
    default: return FRAMES * BX_PER_ORBIT;
    }
}

struct driving {
    struct session *session;
    const struct run_setup *setup;
    bool interrupted;
};

static void tell(const struct driving *d)
{
    if (!d->setup->progress)
        return;
    uint64_t bx = session_cycles(d->session, DOMAIN_BOARD) / FRAMES;
    d->setup->progress(d->setup->ctx, bx / BX_PER_ORBIT, bx);
}

/* After each quantum; false ends the run. */
static bool after(void *ctx, enum chain_state state)
{
    struct driving *d = ctx;
    tell(d);
    d->interrupted = d->setup->interrupted && *d->setup->interrupted && state == CHAIN_MORE;
    return state == CHAIN_MORE && !d->interrupted;
}

static enum chain_state drive_pins(struct driving *d, uint64_t quantum)
{
    enum chain_state state;
    uint64_t until = 0;
    do
        state = pin_view_run(d->session->pins, until += quantum);
    while (after(d, state));
    return state;
}

enum drive_end drive(struct session *s, const struct run_setup *o)
{
    struct driving d = {s, o, false};
    uint64_t quantum = quantum_cycles(o->quantum);
    enum chain_state state =
        s->pins ? drive_pins(&d, quantum)
                : fast_view_run(s->chain, quantum, s->scenario->clocks.board_hz, after, &d);
    switch (state) {
    case CHAIN_DONE: return END_DONE;
    case CHAIN_MISMATCH: return END_MISMATCH;
    case CHAIN_STUCK: return END_STUCK;
    case CHAIN_HALTED: return END_HALTED;
    case CHAIN_BROKEN: return s->host_failed ? END_HOST : END_SOURCE;
    default: return END_INTERRUPTED;
    }
}

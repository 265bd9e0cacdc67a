#include "emu/systemc/pin_view.h"

#include "emu/systemc/chain_modules.h"

#include <cstring>
#include <stdexcept>

struct pin_view {
    pin_view(const struct chain_cfg &cfg) : top("chain", cfg) {}
    pins::ChainModules top;
};

static int refuse(const struct chain_cfg *cfg, struct message *m)
{
    for (int b = 0; b < BLOCKS; b++)
        if (cfg->engine[b] != ENGINE_MODEL)
            return message_set(m, "%s: the pin view runs C models only (give engine \"model\" for all "
                               "blocks, or take the fast view, which runs RTL too)", boundary_info[b].name);
    if (cfg->trace.path)
        return message_set(m, "waveforms of a window need RTL, which the pin view does not run "
                           "(take the fast view)");
    return 0;
}

struct pin_view *pin_view_open(const struct chain_cfg *cfg, struct message *m)
{
    if (refuse(cfg, m) < 0)
        return NULL;
    if (!simulation_begin()) {
        message_set(m, "another SystemC simulation is open in this process (close it first)");
        return NULL;
    }
    try {
        return new pin_view(*cfg);
    } catch (const std::exception &e) {
        message_set(m, "%s", e.what());
        simulation_end();
        return NULL;
    }
}

void pin_view_close(struct pin_view *v)
{
    if (!v)
        return;
    delete v;
    simulation_end();
}

enum chain_state pin_view_run(struct pin_view *v, uint64_t board_cycles)
{
    pins::Monitor &monitor = v->top.monitor;
    if (monitor.state != CHAIN_MORE || pin_view_cycles(v, DOMAIN_BOARD) >= board_cycles)
        return monitor.state;
    monitor.until = board_cycles;
    if (!simulation_start())
        monitor.state = CHAIN_BROKEN;
    return monitor.state;
}

uint64_t pin_view_cycles(const struct pin_view *v, enum domain d)
{
    return v->top.clocks.tree().cycle[d];
}

void pin_view_status(const struct pin_view *v, struct board_status *status)
{
    memset(status, 0, sizeof *status);
    v->top.input_board.status(status);
    v->top.inference.status(status);
    v->top.output_board.status(status);
}

static const struct kernel &kernel_named(const struct pin_view *v, const char *kernel)
{
    if (strcmp(kernel, "zero_suppress") == 0)
        return v->top.zero_suppression.kernel();
    return v->top.inference.kernel();
}

uint64_t pin_view_kernel_hash(const struct pin_view *v, const char *kernel)
{
    return kernel_named(v, kernel).hash;
}

uint32_t pin_view_kernel_latency(const struct pin_view *v, const char *kernel)
{
    return kernel_named(v, kernel).latency;
}

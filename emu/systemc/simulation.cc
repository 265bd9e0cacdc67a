#include "emu/systemc/simulation.h"

#include <cstdio>

static bool begun;

bool simulation_begin()
{
    if (begun)
        return false;
    begun = true;
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    /* "Simulation stopped by user" is how every run ends. */
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return true;
}

bool simulation_start()
{
    try {
        sc_core::sc_start();
        return true;
    } catch (const std::exception &e) {
        fprintf(stderr, "bxact: SystemC: %s\n", e.what());
        return false;
    }
}

void simulation_end()
{
    sc_core::sc_get_curr_simcontext()->reset();
    begun = false;
}

uint64_t simulation_ps(unsigned __int128 cycles, uint64_t hz)
{
    unsigned __int128 ps = cycles * UINT64_C(1000000000000) / hz;
    return ps < INT64_MAX ? (uint64_t)ps : INT64_MAX;
}

/* The SystemC library brings a main() that calls this; bxact has its own main() and never comes here. */
int sc_main(int, char **)
{
    return 0;
}

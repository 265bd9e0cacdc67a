/* The command line of `bxact run`. */
#ifndef EMU_CLI_RUN_OPTIONS_H
#define EMU_CLI_RUN_OPTIONS_H

#include "emu/run/run.h"
#include "emu/run/run.h"
#include "emu/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct run_options {
    const char *scenario, *out, *rtl; /* NULL when not given */
    enum run_view view;
    enum run_quantum quantum;
    bool print_scenario, quiet, needs;
    struct scenario_setting *set; /* overrides in the order given */
    size_t sets;
};

/* Exits with EXIT_USAGE on a wrong command line, with 0 after --help. */
void run_options_parse(struct run_options *o, int argc, char **argv);
void run_options_release(struct run_options *o);

#ifdef __cplusplus
}
#endif
#endif

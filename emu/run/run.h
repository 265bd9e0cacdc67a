/* One run of a scenario: stimulus, links, chain, watcher and host put together, run to the end, and what was
 * found written down. This is what `bxact run` does; the command line, the messages and the files around it
 * are emu/cli's and emu/report's.
 */
#ifndef EMU_RUN_RUN_H
#define EMU_RUN_RUN_H

#include "emu/report/run_result.h"
#include "emu/scenario/scenario.h"
#include "golden/message.h"

#include <signal.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum run_view {
    VIEW_FAST, /* SystemC calls the scheduler once a quantum */
    VIEW_PINS, /* sc_modules with ports and clocks, C models only */
};
enum run_quantum { QUANTUM_CYCLE, QUANTUM_BX, QUANTUM_ORBIT };

struct run_setup {
    const char
        *out_dir; /* exists; host file, records, waveforms and list of mismatches go there; NULL: no files */
    const char *kernels;    /* folder of kernels.so and schedules */
    const char *board_so;   /* the Verilated board; not used when all blocks are models */
    enum run_view view;
    enum run_quantum quantum;
    bool reverse;           /* call the models in reverse order: changes nothing */
    const volatile sig_atomic_t
        *interrupted; /* the run ends at the next quantum when this is set; NULL: never */
    void (*progress)(void *ctx, uint64_t orbits_done, uint64_t bx_done); /* after each quantum; NULL: none */
    void (*note)(void *ctx,
                 const char *text); /* things the user should know before the run starts; NULL: none */
    void *ctx;
};

/* Returns 0 with *r filled (verdict pass, fail or interrupted), -1 with a message when the input cannot be
 * used or a file cannot be written. */
int run_scenario(const struct scenario *s, const struct run_setup *o, struct run_result *r,
                 struct message *m);

#ifdef __cplusplus
}
#endif
#endif

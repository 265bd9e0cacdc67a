/* The command that runs the same thing again. */
#ifndef EMU_CLI_REPRODUCE_H
#define EMU_CLI_REPRODUCE_H

#include "emu/cli/run_options.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "./bxact run scenarios/pp_fill.cfg --set run.orbits=5 --seed 7", quoted for a shell; all but the output
 * options. The seed stands there in any case. */
void reproduce(const struct scenario *s, const struct run_options *o, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

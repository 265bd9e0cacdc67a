/* What no key can know alone: defaults that come from other keys, and values that do not go together. */
#ifndef EMU_SCENARIO_CROSS_CHECK_H
#define EMU_SCENARIO_CROSS_CHECK_H

#include "emu/scenario/reader.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fills what was not given and has no default of its own. */
void cross_check_derive(struct reader *r);

/* false after an error; warnings leave it true. */
bool cross_check(struct reader *r);

#ifdef __cplusplus
}
#endif
#endif

/* The known name that a misspelt one was probably meant to be. */
#ifndef EMU_SCENARIO_SUGGEST_H
#define EMU_SCENARIO_SUGGEST_H

#include "emu/scenario/keys.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Letters to insert, delete or replace to come from a to b (Levenshtein). Names above 127 letters count as
 * far apart. */
unsigned suggest_distance(const char *a, const char *b);

/* The path nearest to `path`, a key's or a group's: few letters away, or with the same last name in another
 * group. It goes to `near`; false: none is near. */
bool suggest_key(const struct key *keys, const char *path, char *near, size_t size);

#ifdef __cplusplus
}
#endif
#endif

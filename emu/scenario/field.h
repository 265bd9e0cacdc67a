/* A key's field inside the struct that it belongs to: the one place that turns table offsets into memory. */
#ifndef EMU_SCENARIO_FIELD_H
#define EMU_SCENARIO_FIELD_H

#include "emu/scenario/keys.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Integers, words and lane masks: member `index` of a list, 0 for the others. */
void field_store(const struct key *key, void *base, size_t index, uint64_t value);
uint64_t field_fetch(const struct key *key, const void *base, size_t index);

char *field_text(const struct key *key, void *base);
void *field_element(const struct key *key, void *base, size_t index); /* of a list of groups */

/* The length of a list; a fixed one cannot be set. */
void field_set_count(const struct key *key, void *base, uint32_t count);
uint32_t field_count(const struct key *key, const void *base);

#ifdef __cplusplus
}
#endif
#endif

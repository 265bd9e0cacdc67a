/* From libconfig settings to struct scenario by the table of keys: kinds, ranges, names, places. */
#ifndef EMU_SCENARIO_READER_H
#define EMU_SCENARIO_READER_H

#include "emu/scenario/keys.h"
#include "emu/scenario/scenario.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { READER_MAX_KEYS = 128, READER_PLACE = SCENARIO_PATH_MAX + 600 };

struct reader {
    struct scenario *s;
    struct messages *m;
    const char *file;                          /* of the text being read, NULL for defaults */
    const char *label;                         /* option being read, NULL while a file is */
    bool given[READER_MAX_KEYS];               /* by row of scenario_keys: the user gave a value, */
    char place[READER_MAX_KEYS][READER_PLACE]; /* here: "x.cfg:12: dma.depth" or the option's label */
};

/* Every key with a default of its own gets it. */
void reader_defaults(struct reader *r);

/* The file's text; false when something is wrong. */
bool reader_file(struct reader *r, const char *path, const char *text);

/* One setting from the command line. */
bool reader_setting(struct reader *r, const struct scenario_setting *set);

/* For checks across keys: was `path` given, and what to put before a message about it. */
bool reader_given(const struct reader *r, const char *path);
const char *reader_place(const struct reader *r, const char *path, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif
#endif

/* What a user reads after a run: summary.json, junit.xml, and one table on the terminal. */
#ifndef EMU_REPORT_REPORT_H
#define EMU_REPORT_REPORT_H

#include "emu/report/run_result.h"
#include "emu/scenario/messages.h"
#include "emu/scenario/scenario.h"

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0, or -1 when writing failed. */
int report_json(const struct scenario *s, const struct run_result *r, FILE *out);

/* One test case a check, and one named "run" that holds when the verdict is "pass". */
int report_junit(const struct scenario *s, const struct run_result *r, FILE *out);

/* About 45 lines of at most 110 columns; with colour only where a terminal shows it. */
void report_table(const struct scenario *s, const struct run_result *r, FILE *out, bool colour);

/* Makes `dir` (and its parents). 0, or -1 with an error in m. */
int report_make_dir(const char *dir, struct messages *m);

/* Writes dir/summary.json, dir/junit.xml and dir/scenario.cfg (the effective scenario).
 * 0, or -1 with an error for each file that could not be written whole. */
int report_write(const char *dir, const struct scenario *s, const struct run_result *r, struct messages *m);

#ifdef __cplusplus
}
#endif
#endif

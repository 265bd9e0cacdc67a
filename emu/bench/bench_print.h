/* What `bxact bench` found, as a table and as JSON (docs/bench.md). */
#ifndef EMU_BENCH_BENCH_PRINT_H
#define EMU_BENCH_BENCH_PRINT_H

#include "emu/bench/bench.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

void bench_print(const struct bench_report *r, FILE *out);

/* 0, or -1 with a message when the file cannot be written. */
int bench_write_json(const struct bench_report *r, const char *path, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* The bookkeeping of all comparisons of a run: how many records each oracle compared at each boundary, what
 * differed first, and when to stop. A run that compared nothing has not passed. */
#ifndef EMU_CHECK_CHECK_LOG_H
#define EMU_CHECK_CHECK_LOG_H

#include "emu/check/mismatch.h"

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct check_tally {
    uint64_t compared, mismatches;
    struct mismatch first; /* when mismatches > 0 */
};

struct check_log {
    uint64_t seed;
    uint64_t limit; /* stop after so many mismatches; at least 1 */
    FILE *file;     /* every mismatch goes here as a line of text; NULL: nowhere */
    uint64_t compared, mismatches;
    struct mismatch first;
    struct check_tally tally[ORACLES][BLOCKS];
};

static inline void check_log_compared(struct check_log *log, enum oracle oracle, enum block block,
                                      uint64_t records)
{
    log->compared += records;
    log->tally[oracle][block].compared += records;
}

/* m->oracle and m->block say where it belongs. */
void check_log_mismatch(struct check_log *log, const struct mismatch *m);

static inline bool check_log_full(const struct check_log *log)
{
    return log->mismatches >= log->limit;
}

#ifdef __cplusplus
}
#endif
#endif

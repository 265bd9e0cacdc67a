#include "emu/check/check_log.h"

void check_log_mismatch(struct check_log *log, const struct mismatch *m)
{
    struct check_tally *tally = &log->tally[m->oracle][m->block];
    if (log->mismatches++ == 0)
        log->first = *m;
    if (tally->mismatches++ == 0)
        tally->first = *m;
    if (log->file) {
        char text[512];
        mismatch_text(m, log->seed, text, sizeof text);
        fprintf(log->file, "%s\n", text);
    }
}

/* How far a run is: one line that rewrites itself on a terminal, a line every ten seconds elsewhere. */
#ifndef EMU_REPORT_PROGRESS_H
#define EMU_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct progress {
    FILE *out; /* NULL: say nothing */
    bool terminal, shown;
    double start_s, last_s;
    uint64_t orbits; /* of the whole run */
};

/* out: usually stderr; NULL for --quiet. */
void progress_begin(struct progress *p, FILE *out, uint64_t orbits);

/* Cheap enough to call at every quantum: it looks at the clock and writes at most five times a second. */
void progress_update(struct progress *p, uint64_t orbits_done, uint64_t bx_done);

/* Clears the line. */
void progress_end(struct progress *p);

/* Seconds of the monotonic clock. */
double progress_now(void);

/* "12.3 M", "456 k", "99": a rate in three figures. */
void progress_rate(double rate, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

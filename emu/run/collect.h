/* From what watcher, log and host know to a run_result and its verdict. */
#ifndef EMU_RUN_COLLECT_H
#define EMU_RUN_COLLECT_H

#include "emu/run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* host: final counts; its files are closed. Returns 0, or -1 with a message when the host's
 * file cannot be read back. */
int collect(struct session *s, const struct run_setup *o, enum drive_end end, const struct host_counts *host,
            struct run_result *r, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* The folder of a run's results: one run at a time, and nothing in it from the run before. */
#ifndef EMU_RUN_OUT_DIR_H
#define EMU_RUN_OUT_DIR_H

#include "golden/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Claims `dir`, which exists, and removes what an earlier run left there (summary, reports, records, waveforms and
 * files of muons: exactly the names that runs write), so that no verdict stands beside files that it does not
 * belong to. Returns a descriptor for out_dir_release(); or -1 with a message, when another run writes there or a file
 * cannot be removed. */
int out_dir_claim(const char *dir, struct message *m);

/* Claiming a folder could remove an input that lies in it. Returns -1 with a message when `input` (a file, "" for none)
 * does, else 0. */
int out_dir_holds(const char *dir, const char *input, struct message *m);
void out_dir_release(int claim); /* -1 is allowed */

#ifdef __cplusplus
}
#endif
#endif

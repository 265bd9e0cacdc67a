/* Reads the host's files of a run back and holds them against what golden says they must hold. */
#ifndef EMU_RUN_HOST_CHECK_H
#define EMU_RUN_HOST_CHECK_H

#include "emu/check/watch.h"
#include "golden/bx.h"
#include "golden/formats/stream.h"
#include "golden/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/* <dir>/scout_GMT_<run>_<index>.dat (and .gz, .bz2, .zst as the compression says) for index 0..files-1.
 * Returns 0 with *found filled, or -1 with a message when a file is missing or garbled. */
int host_check_content(const char *dir, uint32_t run, uint32_t files, enum link_format record,
                       enum compression compression, struct host_content *found, struct message *m);

void host_check_path(char *path, size_t size, const char *dir, uint32_t run, uint32_t index,
                     enum compression compression);

#ifdef __cplusplus
}
#endif
#endif

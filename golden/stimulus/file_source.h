/* Any file of the format table (golden/formats/format.h) as what the links send: replay of a recording.
 *
 * The file's first orbit becomes `first_orbit`, all others follow at their distance; BX stay where they are,
 * BX that the file does not have are sent empty. Links go as they were recorded, but for the orbit numbers,
 * which move along; muons without a lane (host's records, FRD, uGT) go to lanes in order. Streaming: one BX
 * in memory.
 */
#ifndef GOLDEN_STIMULUS_FILE_SOURCE_H
#define GOLDEN_STIMULUS_FILE_SOURCE_H

#include "golden/bx.h"
#include "golden/message.h"
#include "golden/stimulus/bx_source.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct file_source_cfg {
    const char *path;        /* kept, not copied */
    const char *format;      /* a name of the table; "" or "auto": by content */
    enum link_format layout; /* of the links that are sent */
    uint8_t final_lanes;
    uint32_t first_orbit;    /* the orbit that takes the file's first one */
    uint16_t bx_offset;      /* BX of a pattern file's first rows, where it has no counters */
    uint8_t repeat;          /* 1: after its last orbit the file begins anew */
    uint8_t recover;         /* 1: what is wrong in the file is skipped and counted; 0: it ends the run */
};

struct file_source;

/* NULL with a message: the file cannot be read, has no BX of the GMT, or is in no format that is known. */
struct file_source *file_source_open(const struct file_source_cfg *cfg, struct message *m);
void file_source_close(struct file_source *s);

/* What the user should know after the run: BX not sent, errors recovered from, what the links could not hold.
 * Lines ended by newline; "" when there is nothing to say. Valid until the next call. */
const char *file_source_notes(struct file_source *s);

/* Lives as long as s. */
struct bx_source file_source_source(struct file_source *s);

#ifdef __cplusplus
}
#endif
#endif

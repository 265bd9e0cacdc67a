/* What is in a file, for people and for programs: every BX decoded to physical units, and a summary.
 *
 *     struct show_cfg cfg = show_default();
 *     show_file("run.dat", &cfg, stdout, &message);
 */
#ifndef GOLDEN_FORMATS_SHOW_H
#define GOLDEN_FORMATS_SHOW_H

#include "golden/formats/convert.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct show_cfg {
    const struct format *from; /* NULL: by content */
    struct bx_file_cfg in;     /* losses need not be set */
    struct link_map links;     /* pattern files: links of the lanes */
    struct bx_range range;     /* BX outside are neither shown nor counted */
    int lane;                  /* muons of other lanes are neither shown nor counted; -1: all */
    uint64_t most;             /* BX shown at most; the summary counts all */
    int json;                  /* one object: {"file", "format", "bx": [...], "summary": {...}} */
};
struct show_cfg show_default(void);

/* 0; 1: read to the end, but errors were recovered from; -1 with a message. */
int show_file(const char *path, const struct show_cfg *cfg, FILE *out, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

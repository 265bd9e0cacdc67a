/* `ugmt_pattern`: a capture of the uGMT's output links as scouting input.
 *
 * Links 0-3 of the file's first board become the four final lanes (lowest first). Of each six frames, 2..5
 * are kept: muon A and B; orbit and BX counters of the chosen format are written into 0 and 1. BX i of the
 * capture stands at bx_offset + i; all other BX are empty. A muon whose two words are not both valid is no
 * data. Intermediate lanes are empty. In the 2018 format bits [63:62] of present muons become the muon type
 * (final). Run-3: raw eta goes from muon word (2017 layout) to frame 1, so that it stays readable; the muon
 * words go as they are.
 */
#ifndef GOLDEN_STIMULUS_MP7_SOURCE_H
#define GOLDEN_STIMULUS_MP7_SOURCE_H

#include "golden/bx.h"
#include "golden/message.h"
#include "golden/stimulus/bx_source.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mp7_source_cfg {
    const char *path;
    enum link_format format;
    uint8_t final_lanes; /* four bits set */
    uint16_t bx_offset;  /* 0..3563: the orbit's BX that takes the capture's BX 0 */
    uint16_t gap_first;  /* the capture must not reach into the gap or beyond the orbit */
    uint32_t first_orbit; /* the orbit that takes the capture */
    uint8_t repeat;      /* 1: every orbit from first_orbit on takes it */
};

struct mp7_source;

/* Reads the whole capture. NULL with a message `file:line: ...` or `mp7.<field>: ...`. */
struct mp7_source *mp7_source_open(const struct mp7_source_cfg *cfg, struct message *m);
void mp7_source_close(struct mp7_source *s);

unsigned mp7_source_bx(const struct mp7_source *s);    /* BX of the capture */
unsigned mp7_source_muons(const struct mp7_source *s); /* muons with pT code != 0 in them */

/* What the user should know: a partial BX dropped at the end, half-valid muons, further boards not used.
 * Lines ended by newline; "" when there is nothing to say. */
const char *mp7_source_notes(const struct mp7_source *s);

/* Lives as long as s. */
struct bx_source mp7_source_source(struct mp7_source *s);

#ifdef __cplusplus
}
#endif
#endif

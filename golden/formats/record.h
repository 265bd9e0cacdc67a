/* The observation record: what crossed a block boundary at one clock edge.
 *
 * It is to this project what RVFI is to RISC-V cores: whatever can fill records can be checked. In files a
 * record is one line of text, fields apart by one blank:
 *
 *     link_align board 28511 - payload 1/69 1/69 0000002d:...  (48 words in hex, apart by colons)
 *
 * boundary, clock domain, cycle of that domain, place (lane, slot or frame index, `-` when there is none),
 * kind, true orbit/BX (the simulator's), claimed orbit/BX (the board's or the data's), words.
 */
#ifndef GOLDEN_FORMATS_RECORD_H
#define GOLDEN_FORMATS_RECORD_H

#include "golden/bx.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum record_kind {
    RECORD_PAYLOAD,
    RECORD_HEADER,
    RECORD_APPENDED,
    RECORD_TRAILER,
    RECORD_PACKET,
    RECORD_KINDS
};

enum { RECORD_NO_PLACE = -1 };

struct record {
    const char *boundary, *domain; /* static strings */
    uint64_t cycle;
    int place;
    enum record_kind kind;
    uint32_t orbit, claimed_orbit;
    uint16_t bx, claimed_bx;
    uint16_t words;
    uint32_t word[BX_WORDS];
};

/* Returns 0, or -1 when the stream has failed (disk full). */
int record_write(FILE *out, const struct record *r);

/* Room for one line with its newline and the final 0. */
enum { RECORD_LINE = 128 + 9 * BX_WORDS };

/* Reads a line that record_write wrote, with or without its newline. `names` keeps the boundary's and
 * domain's names, to which *r points. Returns 0, or -1 when the line is no record: only what record_write
 * would write for *r again is one. place: RECORD_NO_PLACE or 0..BX_WORDS-1. */
struct record_names {
    char boundary[32], domain[16];
};
int record_parse(const char *line, struct record *r, struct record_names *names);

#ifdef __cplusplus
}
#endif
#endif

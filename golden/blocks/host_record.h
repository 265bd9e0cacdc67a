/* The host's file: one record a BX (domain.md 3.2), little-endian 32-bit words:
 *
 *     header = bxmatch << 24 | mA << 16 | orbitmatch << 8 | mB    (match: bit i = lane i agrees with lane 0)
 *     bx     = lane 0's BX frame as received (Run-3: mask 0x1fff, 2018: mask 0xffff)
 *     orbit  = lane 0's orbit frame
 *     mA muons of the A slots, then mB of the B slots, in lane order:
 *         2018: low word, high word
 *         Run-3: low word, high word, the lane's frame 1 with bit 0 forced to 0 (A) or 1 (B)
 *
 * Files are named scout_GMT_<run %06d>_<index %06d>.dat.
 */
#ifndef GOLDEN_BLOCKS_HOST_RECORD_H
#define GOLDEN_BLOCKS_HOST_RECORD_H

#include "golden/bx.h"
#include "golden/formats/bx_frames.h"
#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HOST_RECORD_MAX_WORDS = 3 + 3 * SLOTS };

/* Builds the record of a BX. `format` is that of the frames, `record` that of the file: 2018 (8 bytes a muon)
 * or Run-3 (12 bytes; from 2018 frames the extra word has bx and raw eta put together by the same bit
 * positions). `all`: absent muons are written too (the option doZS = 0). Returns the number of words; 0 when
 * there is no muon. */
unsigned host_record_build(const struct bx_block *block, enum link_format format, enum link_format record,
                           int all, uint32_t out[HOST_RECORD_MAX_WORDS]);

/* The same where the block was looked at already: the muons of the lanes in `lanes`, present or not. */
unsigned host_record_put(const struct bx_block *block, const struct bx_glance *lanes, enum link_format format,
                         enum link_format record, uint32_t out[HOST_RECORD_MAX_WORDS]);

struct host_muon {
    uint64_t muon;
    uint32_t extra; /* 0 in 2018 records */
};

/* A record read back. Muons 0..a-1 are from A slots, a..a+b-1 from B slots. */
struct host_record {
    uint32_t orbit, bx_word;
    uint16_t bx;
    uint8_t bx_match, orbit_match; /* lane masks */
    uint8_t a, b;                  /* 0..8 each */
    struct host_muon muon[SLOTS];
};

/* Words of a whole record to its fields, and back; both return the number of words. Parsing stops before the
 * muons and returns 0 when the header's counts are above 8 each or both 0. */
unsigned host_record_parse(const uint32_t *words, enum link_format record, struct host_record *out);
unsigned host_record_words(const struct host_record *r, enum link_format record,
                           uint32_t out[HOST_RECORD_MAX_WORDS]);

struct host_reader;

/* NULL with a message: missing, a directory, unreadable. An empty file has no record. Compressed files are
 * read as they are (golden/formats/stream.h). */
struct host_reader *host_reader_open(const char *path, enum link_format record, struct message *m);
void host_reader_close(struct host_reader *r);

/* The same over a file that stays the caller's. */
struct host_reader *host_reader_over(FILE *file, const char *path, enum link_format record,
                                     struct message *m);
void host_reader_leave(struct host_reader *r);

/* 1; 0 at the end; -1 with a message `file: byte N: ...`: counts above 8, no muon, a record cut off. The
 * reader stays before what is wrong. */
int host_reader_next(struct host_reader *r, struct host_record *record, struct message *m);

/* After -1: goes on at the next place, 4 bytes on or more, that can be a record: counts and BX in range,
 * followed by another such or by the end. Returns the bytes skipped. */
uint64_t host_reader_resync(struct host_reader *r);

/* Whether the file itself could not be read on: then there is nothing to resynchronise. */
int host_reader_failed(const struct host_reader *r);

/* Byte of the next record. */
uint64_t host_reader_offset(const struct host_reader *r);

#ifdef __cplusplus
}
#endif
#endif

/* The host: the DMA's frames (32 bytes each, no side information) in, the file of muons out (docs/chain.md
 * "host").
 *
 *     struct host *h = host_open(&cfg, &message);
 *     for each frame:  host_frame(h, w);
 *     if (host_close(h, &counts, &message) < 0)   // reports errors of writing and of closing
 *
 * The stream is read strictly: header, blocks up to the trailer, 17 trailer frames, from time to time a
 * packet frame. What does not fit is counted, reported with frame number, orbit and BX, and skipped up to the
 * next trailer; reading goes on.
 *
 * A frame of 8 x 0xBEEFDEAD where a block may begin is the trailer. As frame 0 of a block it can only be a
 * Run-3 BX of orbit 0xBEEFDEAD: in an orbit whose header says that number the next 16 frames decide (a
 * trailer has exactly the bits of the blocks received, and 2 frames of 0). Inside a block such a frame is
 * data, unless a whole trailer and then a header or packet frame follow: then frames of the block were lost.
 */
#ifndef GOLDEN_BLOCKS_HOST_H
#define GOLDEN_BLOCKS_HOST_H

#include "golden/blocks/event_pack.h"
#include "golden/blocks/kinds.h"
#include "golden/bx.h"
#include "golden/formats/stream.h"
#include "golden/message.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* FRAME_HEADER, FRAME_BLOCK, FRAME_TRAILER, FRAME_PACKET; pointers are valid during the call. */
struct host_item {
    enum frame_kind kind;
    uint32_t orbit;                   /* the header's */
    const struct bx_block *block;     /* of FRAME_BLOCK */
    const struct dma_frame *appended; /* PACK_APPENDED_FRAMES of them, or NULL */
    const uint32_t *packet;           /* LANES words of FRAME_PACKET */
};

struct host_cfg {
    const char *dir;                   /* exists, lives as long as the host; NULL: nothing is written */
    uint32_t run, index;               /* 0..999999 each; a further file has the next index */
    enum link_format format;           /* of the blocks */
    enum link_format record;           /* of the file: 2018 = 8 bytes a muon, Run-3 = 12 */
    enum pack_corrections corrections; /* PACK_APPENDED: 10 frames a block instead of 6 */
    uint8_t all_muons;                 /* 1: absent muons are written too (doZS = 0) */
    uint16_t orbits_per_packet;        /* expected number but for the last packet; 0: not checked */
    uint64_t max_file_bytes;           /* a record that would go beyond opens the next file; 0: 8 GiB */
    enum compression compression;      /* of the files */
    uint8_t journal;                   /* 1: an index of the files is written (host_file.h) */

    /* Called for each error found in the stream, with its text; may be NULL. */
    void (*report)(void *ctx, const char *text);

    /* Called for each part of the stream when it is whole; may be NULL. */
    void (*item)(void *ctx, const struct host_item *item);
    void *ctx;
    const char *name; /* of the stream, for texts: a file's has its bytes named; NULL: "host" */
};

/* 64 bits: a run may be long. */
struct host_counts {
    uint64_t frames, packets, orbits;
    uint64_t bx, muons;         /* blocks read; muons present in them */
    uint64_t bx_written, muons_written, bytes_written, files;
    uint64_t bytes_stored;      /* on disk, after compression; known when all is closed */
    uint64_t bx_empty;          /* blocks without a muon: left out of the file unless all_muons is set */
    uint64_t dropped_orbits, realigns; /* as the last packet frame says */

    uint64_t errors;            /* sum of the following */
    uint64_t bad_frames;        /* a frame that is none of those that may stand there */
    uint64_t hit_map_errors;    /* orbits whose blocks are not those of the hit map */
    uint64_t claim_errors;      /* blocks whose orbit or BX (lane 0) is not that of header or hit map */
    uint64_t appended_errors;   /* appended frames whose marker, BX or orbit is wrong */
    uint64_t packet_errors;     /* packet frames whose count of orbits is wrong */
    uint64_t unfinished;        /* the stream ended inside an orbit or packet */
    char first_error[MESSAGE_SIZE]; /* text of the first error; "" when there was none */
};

struct host;

/* NULL with a message when the file cannot be made. */
struct host *host_open(const struct host_cfg *cfg, struct message *m);

/* Takes one frame. 0; -1 once writing has failed (the text comes from host_close; frames are still checked
 * and counted). */
int host_frame(struct host *h, const uint32_t w[LANES]);

/* Takes all frames of a BX at once (`appended`: PACK_APPENDED_FRAMES of them, or NULL), where that is the
 * same as taking them one by one, but that `item` is not called, as the caller has it already: 1. 0:
 * nothing was taken, give them to host_frame. It is much faster. */
int host_block(struct host *h, const struct bx_block *block, const struct dma_frame *appended);

/* Steps over a frame that is none of the stream's (a board header): 1; 0 where none may stand, inside an
 * orbit. */
int host_step_over(struct host *h);

/* Of the last header. */
uint32_t host_orbit(const struct host *h);

/* What was read up to now. */
const struct host_counts *host_counts(const struct host *h);

/* Ends the stream and the file, gives the final counts (may be NULL), frees h. 0; or -1 with a message when
 * writing failed (disk full). Errors in the stream are in the counts. */
int host_close(struct host *h, struct host_counts *counts, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* The files of one run, one after the other: scout_GMT_<run>_<index>.dat (domain.md 3.2), with .gz, .bz2 or
 * .zst behind when they are compressed. Used by host.
 *
 * The journal, scout_GMT_<run>_index.txt, has a line a file that is closed: name, bytes, bytes on disk, BX,
 * muons, first and last orbit. So an orbit is found without reading the files. */
#ifndef GOLDEN_BLOCKS_HOST_FILE_H
#define GOLDEN_BLOCKS_HOST_FILE_H

#include "golden/formats/stream.h"
#include "golden/message.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HOST_PATH_SIZE = 4352, HOST_MAX_NUMBER = 999999 };

struct host_file {
    const char *dir;
    uint32_t run, index;
    uint64_t max_bytes; /* a record that would go beyond opens the next file; before compression */
    enum compression compression;
    int journal;        /* it is written */
    FILE *file;
    char path[HOST_PATH_SIZE]; /* "" when no file was opened */
    uint64_t bytes;            /* in this file */
    uint64_t bytes_written, bytes_stored, files; /* stored: on disk, of files that were closed */
    uint64_t bx, muons;        /* in this file */
    uint32_t first_orbit, last_orbit;
    FILE *journal_file;
    int failed;
    struct message why; /* when failed */
};

/* Opens the first file. dir (kept, not copied), run, index, max_bytes, compression and journal are set, all
 * else is 0. 0, or -1 with the text in `why`. */
int host_file_open(struct host_file *f);

/* Writes a record (host_record.h) of n words, little-endian. 0; -1 when writing has failed, now or before. */
int host_file_write(struct host_file *f, const uint32_t *words, unsigned n);

/* Closes what is open; 0, or -1 when anything failed since the start. */
int host_file_close(struct host_file *f);

#ifdef __cplusplus
}
#endif
#endif

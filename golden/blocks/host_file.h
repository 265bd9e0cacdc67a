/* The files of one run, one after the other: scout_GMT_<run>_<index>.dat (domain.md 3.2). Used by host. */
#ifndef GOLDEN_BLOCKS_HOST_FILE_H
#define GOLDEN_BLOCKS_HOST_FILE_H

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
    uint64_t max_bytes; /* a record that would go beyond opens the next file */
    FILE *file;
    char path[HOST_PATH_SIZE]; /* "" when no file was opened */
    uint64_t bytes;            /* in this file */
    uint64_t bytes_written, files;
    int failed;
    struct message why; /* when failed */
};

/* `dir` is kept, not copied. 0, or -1 with the text in `why`. */
int host_file_open(struct host_file *f, const char *dir, uint32_t run, uint32_t index, uint64_t max_bytes);

/* Writes n words, little-endian. 0; -1 when writing has failed, now or before. */
int host_file_write(struct host_file *f, const uint32_t *words, unsigned n);

/* Closes what is open; 0, or -1 when anything failed since the start. */
int host_file_close(struct host_file *f);

#ifdef __cplusplus
}
#endif
#endif

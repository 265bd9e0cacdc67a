/* A binary file as a window of bytes that moves forward: look ahead, then step on. Constant memory, no
 * seeking. */
#ifndef GOLDEN_FORMATS_WORDS_H
#define GOLDEN_FORMATS_WORDS_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { WORDS_WINDOW = 1 << 16 };

struct words {
    FILE *file; /* not owned */
    const char *path;
    unsigned char *buffer;
    size_t begin, end;
    uint64_t offset; /* of the next byte in the (decompressed) file */
    int failed;      /* errno of a failed read */
};

/* `path` is kept, not copied. 0; -1 when memory is out. */
int words_init(struct words *w, FILE *file, const char *path);
void words_release(struct words *w);

/* The next n <= WORDS_WINDOW bytes, or as many as there are: *got. Valid until the next call. */
const unsigned char *words_look_more(struct words *w, size_t n, size_t *got);
static inline const unsigned char *words_look(struct words *w, size_t n, size_t *got)
{
    *got = w->end - w->begin;
    if (*got < n)
        return words_look_more(w, n, got);
    *got = n;
    return w->buffer + w->begin;
}

/* Steps over bytes that were looked at. */
static inline void words_skip(struct words *w, size_t n)
{
    w->begin += n;
    w->offset += n;
}

/* "file: byte N: <why>" when reading has failed: -1; else 0. */
int words_check(const struct words *w, struct message *m);

/* Little-endian numbers. */
static inline uint16_t le16(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t le32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t le64(const unsigned char *p) { return le32(p) | (uint64_t)le32(p + 4) << 32; }
static inline void le32_read(uint32_t *words, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        words[i] = le32(bytes + 4 * i);
}

/* Writes n words, little-endian. */
void le32_write(FILE *out, const uint32_t *words, size_t n);

/* The same, gathered: words are made where they stay until there are many. */
struct words_out {
    FILE *file; /* not owned */
    size_t n;
    uint32_t word[1 << 14];
};

/* Room for n <= 4096 words, to be counted by words_made when they are there. */
static inline uint32_t *words_room(struct words_out *o, size_t n)
{
    if (o->n + n > sizeof o->word / sizeof *o->word) {
        le32_write(o->file, o->word, o->n);
        o->n = 0;
    }
    return o->word + o->n;
}
static inline void words_made(struct words_out *o, size_t n) { o->n += n; }

/* Writes what is still here. */
static inline void words_flush(struct words_out *o)
{
    le32_write(o->file, o->word, o->n);
    o->n = 0;
}

#ifdef __cplusplus
}
#endif
#endif

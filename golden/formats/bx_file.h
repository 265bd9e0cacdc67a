/* Files of BX, whatever their format, as a sequence of items; one codec a format.
 *
 *     struct bx_file_cfg cfg = bx_file_default();
 *     struct bx_reader *r = bx_reader_new(file, "run.dat", &bx_codec_dma2022, &cfg, &message);
 *     while (bx_reader_next(r, &item, &message) == 1)
 *         ...
 *     bx_reader_free(r);
 *
 * Strict (default): the first thing that is wrong ends the reading with a message `file: byte N: orbit O: BX
 * B: ...` (or `file:line: ...`). Recover: it is reported and counted, what cannot be used is skipped, and
 * reading goes on. Within an orbit BX must ascend and orbits must not go back: this is checked for all
 * formats alike.
 */
#ifndef GOLDEN_FORMATS_BX_FILE_H
#define GOLDEN_FORMATS_BX_FILE_H

#include "golden/formats/bx_item.h"
#include "golden/message.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bx_counters {
    COUNTERS_AUTO,  /* kept when the first BX of the file has them, else written */
    COUNTERS_KEEP,  /* pattern files: frames 0 and 1 hold BX and orbit */
    COUNTERS_WRITE, /* they do not: BX count on from first_orbit, first_bx */
};

enum { BX_BOUNDARY_SIZE = 32 };

struct bx_file_cfg {
    int layout;           /* enum link_format of links and muons; -1: as the content shows */
    int base;             /* number of an orbit's first BX in the file, 0 or 1; -1: as usual for the format */
    int recover;
    void (*report)(void *ctx, const char *text); /* of recovered errors; may be NULL */
    void *ctx;

    /* Formats without counters. */
    uint32_t first_orbit; /* default 1 */
    uint16_t first_bx;
    enum bx_counters counters;
    uint8_t final_lanes;
    int16_t link[LANES];  /* pattern files: link of each lane; -1: none. link[0] = -2: as usual */

    char boundary[BX_BOUNDARY_SIZE]; /* records: the block whose output is read; "": link_align */
    uint16_t orbits_per_packet;      /* writing DMA streams; 0: packets end where the input's do */
    uint32_t run, ls;                /* writing FRD files, where the input has none */
    struct losses *losses;           /* counted here; may not be NULL */
};
struct bx_file_cfg bx_file_default(struct losses *losses);

struct bx_codec;

struct bx_reader {
    const struct bx_codec *codec;
    FILE *file;
    const char *path; /* kept, not copied */
    struct bx_file_cfg cfg;
    uint64_t errors;  /* recovered from */
    void *state;      /* the codec's */
    uint32_t orbit, source;
    uint32_t base;    /* number of an orbit's first BX */
    int last_bx;      /* of this orbit, -1: none yet */
    int started, ended;
    uint64_t byte;      /* where the last item begins; set by the codec */
    unsigned long line; /* its line, in text formats; else 0 */
};

/* Takes the file, also when it fails: NULL with a message. */
struct bx_reader *bx_reader_new(FILE *file, const char *path, const struct bx_codec *codec,
                                const struct bx_file_cfg *cfg, struct message *m);
void bx_reader_free(struct bx_reader *r);

/* 1; 0 at the end; -1 with a message. */
int bx_reader_next(struct bx_reader *r, struct bx_item *item, struct message *m);

struct bx_writer {
    const struct bx_codec *codec;
    FILE *file; /* not owned */
    struct bx_file_cfg cfg;
    void *state;
    uint64_t items; /* BX written */
    int links_at_once;
};

struct bx_writer *bx_writer_new(FILE *file, const struct bx_codec *codec, const struct bx_file_cfg *cfg,
                                struct message *m);

/* Writes an item; it is turned into the codec's form, in place. 0; -1 with a message without a place: what
 * the format cannot hold at all. Errors of the stream show in ferror(file). */
int bx_writer_put(struct bx_writer *w, struct bx_item *item, struct message *m);

/* Writes what is still to come. 0; -1 with a message. */
int bx_writer_end(struct bx_writer *w, struct message *m);
void bx_writer_free(struct bx_writer *w);

struct bx_codec {
    const char *name;
    int base;        /* usual number of an orbit's first BX */
    int packets;     /* the format has DMA packets */
    int runs;        /* the format has run and lumi section */
    int layout;      /* enum link_format when the format has one only, else -1 */
    enum bx_form form; /* that it writes; FORM_WORDS: that or muons */

    /* Reading. The state is made by open (NULL with a message) and freed by close. */
    void *(*open)(struct bx_reader *r, struct message *m);
    int (*next)(struct bx_reader *r, struct bx_item *item, struct message *m);
    void (*close)(void *state);

    /* Writing. */
    void *(*begin)(struct bx_writer *w, struct message *m);
    int (*put)(struct bx_writer *w, const struct bx_item *item, struct message *m);
    /* May be NULL. A BX of links at once, with what it loses counted, just as if it had been turned first:
     * 1; 0 when there is nothing to write. Numbers of BX must count from 0. */
    int (*put_links)(struct bx_writer *w, const struct bx_item *item);
    int (*end)(struct bx_writer *w, struct message *m);
    void (*release)(void *state);
};

extern const struct bx_codec bx_codec_dma2018, bx_codec_dma2021, bx_codec_dma2022, bx_codec_host8,
    bx_codec_host12, bx_codec_frd, bx_codec_ugt, bx_codec_records, bx_codec_mp7, bx_codec_emp1, bx_codec_emp2,
    bx_codec_apx;

/* For codecs: strict: sets the message and returns -1; recover: reports, counts and returns 0. */
int bx_wrong(struct bx_reader *r, struct message *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A BX number of the file to 0..3563: 1; 0: it is none. For an error, bx_number_wrong, which returns as
 * bx_wrong does; `place` costs time, so that it is only made then. */
static inline int bx_number(const struct bx_reader *r, uint32_t number, uint16_t *bx)
{
    uint32_t from_zero = number - r->base;
    if (from_zero >= BX_PER_ORBIT)
        return 0;
    *bx = (uint16_t)from_zero;
    return 1;
}
int bx_number_wrong(struct bx_reader *r, struct message *m, const char *place, uint32_t number);

static inline const char *bx_place(char *text, size_t size, const char *path, uint64_t byte, uint32_t orbit)
{
    snprintf(text, size, "%.300s: byte %llu: orbit %lu", path, (unsigned long long)byte,
             (unsigned long)orbit);
    return text;
}

static inline int bx_base_of(const struct bx_file_cfg *cfg, const struct bx_codec *codec)
{
    return cfg->base >= 0 ? cfg->base : codec->base;
}

#ifdef __cplusplus
}
#endif
#endif

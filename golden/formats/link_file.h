/* Pattern files of links, whatever their format: boards, each with its links, each with rows of one word a
 * link and clock.
 *
 *     struct link_reader *r = link_reader_new(file, "in.txt", &link_codec_emp2, &message);
 *     while (link_read_board(r, &board, &message) == 1)
 *         while (link_read_frame(r, &frame, &message) == 1)
 *             ...
 *
 * Formats (domain.md 5.1-5.4): MP7 (32 bits a word), EMP v1 and v2, APx (64 bits). What a format cannot hold
 * of a frame it leaves out: `sides` of its row says which marks it has. Streaming: one line in memory.
 */
#ifndef GOLDEN_FORMATS_LINK_FILE_H
#define GOLDEN_FORMATS_LINK_FILE_H

#include "golden/formats/text.h"
#include "golden/message.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LINKS_MAX = 128, LINK_NAME_SIZE = 64, LINK_LINE_SIZE = 8192 };

/* Marks beside a word. The low byte is the APx sideband, bit for bit. */
enum link_side {
    SIDE_VALID = 1,
    SIDE_START = 2,       /* first word of a packet */
    SIDE_ORBIT = 4,       /* first word of an orbit */
    SIDE_END = 8,         /* last word of a packet */
    SIDE_ERROR = 16,
    SIDE_RESERVED = 0xe0, /* APx bits that have no meaning yet */
    SIDE_NO_STROBE = 256, /* EMP: the strobe is 0; elsewhere the strobe is always 1 */
};

/* How a file is written where its format leaves a choice, so that it can be written again byte for byte. */
enum link_dialect {
    DIALECT_PLAIN = 1,     /* MP7: words without `0v`/`1v`; APx: without sideband */
    DIALECT_NO_VALID = 2,  /* EMP v2: the early writer without the valid digit */
    DIALECT_ID = 4,        /* EMP v2: first line `Id: name` */
    DIALECT_BOARD = 8,     /* EMP v2: first line `Board name` */
    DIALECT_CRLF = 16,
};

struct link_board {
    char name[LINK_NAME_SIZE];
    unsigned links;
    uint16_t link[LINKS_MAX];   /* number of each column's link, 0..999, all different */
    uint8_t strobed[LINKS_MAX]; /* EMP: the column shows the strobe */
    unsigned dialect;           /* bits of enum link_dialect */
};

struct link_frame {
    uint32_t number;           /* counts from 0 in each board */
    uint64_t data[LINKS_MAX];
    uint16_t side[LINKS_MAX];  /* bits of enum link_side */
};

struct link_reader {
    const struct link_codec *format;
    struct text text;
    FILE *file;
    struct link_board board;
    uint32_t frames;  /* of this board, up to now */
    unsigned boards;
    int variant_known;
};

/* A row of the table: functions that read and write one format. Readers find the file at its start. */
struct link_codec {
    const char *name;
    unsigned word_bits; /* 32 or 64 */
    unsigned sides;     /* marks that it holds */
    unsigned max_links, max_link; /* columns; highest link number */
    int one_board;      /* a file has one board */
    int no_name;        /* and no name for it: readers call it by the format's */
    int (*read_board)(struct link_reader *r, struct message *m);                 /* into r->board; 1, 0, -1 */
    int (*read_frame)(struct link_reader *r, struct link_frame *f, struct message *m); /* 1, 0, -1 */
    void (*write_board)(FILE *out, const struct link_board *board);
    void (*write_frame)(FILE *out, const struct link_board *board, const struct link_frame *frame);
};

extern const struct link_codec link_codec_mp7, link_codec_emp1, link_codec_emp2, link_codec_apx;

/* Takes the file, also when it fails (NULL with a message: memory). */
struct link_reader *link_reader_new(FILE *file, const char *path, const struct link_codec *format,
                                    struct message *m);
void link_reader_free(struct link_reader *r);

/* The same over a file that stays the caller's. */
struct link_reader *link_reader_over(FILE *file, const char *path, const struct link_codec *format,
                                     struct message *m);
void link_reader_leave(struct link_reader *r);

/* The next board's header; frames not read are skipped (and checked). 1; 0 at the end of the file; -1 with a
 * message. A file without a board is an error. */
int link_read_board(struct link_reader *r, struct link_board *board, struct message *m);

/* 1; 0 when the board has no more; -1 with a message. A board without frames is an error. A dialect that
 * shows only in the frames (DIALECT_PLAIN, _NO_VALID, strobes) is in r->board from the first frame on. */
int link_read_frame(struct link_reader *r, struct link_frame *frame, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* MP7 pattern files, read and written (domain.md 5.1). Streaming: one frame in memory.
 *
 *     Board MY_BOARD
 *      Quad/Chan :    q00c0      q00c1
 *           Link :     00         01
 *     Frame 0000 : 1v00000000 1v0000abcd
 *
 * Several boards a file; `1v`/`0v` before each word or, in the old variant, none (then every word is valid);
 * blank lines and lines that begin with # are skipped; LF or CRLF. Anything else is an error `file:line:
 * ...`.
 */
#ifndef GOLDEN_FORMATS_MP7_FILE_H
#define GOLDEN_FORMATS_MP7_FILE_H

#include "golden/message.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MP7_MAX_LINKS = 128, MP7_NAME_SIZE = 64, MP7_LINE_SIZE = 4096 };

struct mp7_board {
    char name[MP7_NAME_SIZE];
    unsigned links;
    uint8_t link[MP7_MAX_LINKS]; /* number of each column's link, all different */
};

struct mp7_frame {
    uint32_t number; /* counts from 0 in each board */
    uint32_t data[MP7_MAX_LINKS];
    uint8_t valid[MP7_MAX_LINKS];
};

struct mp7_reader;

/* NULL with a message: missing, unreadable, a directory. An empty file is found by the first
 * mp7_read_board. */
struct mp7_reader *mp7_open(const char *path, struct message *m);
void mp7_close(struct mp7_reader *r);

/* The next board's header; frames of the board before that were not read are skipped (and checked).
 * 1; 0 at the end of the file; -1 with a message. A file without a board is an error. */
int mp7_read_board(struct mp7_reader *r, struct mp7_board *board, struct message *m);

/* The next frame of the board: 1; 0 when it has no more; -1 with a message. A board without frames is an
 * error. */
int mp7_read_frame(struct mp7_reader *r, struct mp7_frame *frame, struct message *m);

/* The line last read, from 1. */
unsigned mp7_line(const struct mp7_reader *r);

enum mp7_variant { MP7_WITH_VALID, MP7_OLD };

/* Write a board's three header lines; a frame. 0, or -1 when writing failed (errno says why). */
int mp7_write_board(FILE *out, const struct mp7_board *board);
int mp7_write_frame(FILE *out, const struct mp7_board *board, const struct mp7_frame *frame,
                    enum mp7_variant variant);

#ifdef __cplusplus
}
#endif
#endif

#include "golden/formats/link_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct link_reader *link_reader_over(FILE *file, const char *path, const struct link_codec *format,
                                     struct message *m)
{
    struct link_reader *r = calloc(1, sizeof *r);
    if (!r) {
        message_set(m, "%s: out of memory", path);
        return NULL;
    }
    r->format = format;
    r->file = file;
    text_init(&r->text, file, path, LINK_LINE_SIZE);
    return r;
}

struct link_reader *link_reader_new(FILE *file, const char *path, const struct link_codec *format,
                                    struct message *m)
{
    struct link_reader *r = link_reader_over(file, path, format, m);
    if (!r)
        fclose(file);
    return r;
}

void link_reader_leave(struct link_reader *r)
{
    text_release(&r->text);
    free(r);
}

void link_reader_free(struct link_reader *r)
{
    if (!r)
        return;
    fclose(r->file);
    link_reader_leave(r);
}

static int skip_frames(struct link_reader *r, struct message *m)
{
    struct link_frame frame;
    int got = 1;
    while (r->boards && got == 1)
        got = link_read_frame(r, &frame, m);
    return got < 0 ? -1 : 0;
}

int link_read_board(struct link_reader *r, struct link_board *board, struct message *m)
{
    if (skip_frames(r, m) < 0)
        return -1;
    memset(&r->board, 0, sizeof r->board);
    int got = r->boards && r->format->one_board ? 0 : r->format->read_board(r, m);
    if (got == 0 && !r->boards)
        return message_set(m, "%s: there is no board in the file (give a pattern file with a board)",
                           r->text.path);
    if (got != 1)
        return got;
    if (r->text.crlf)
        r->board.dialect |= DIALECT_CRLF;
    r->boards++;
    r->frames = 0;
    r->variant_known = 0;
    *board = r->board;
    return 1;
}

int link_read_frame(struct link_reader *r, struct link_frame *frame, struct message *m)
{
    int got = r->format->read_frame(r, frame, m);
    if (got == 0 && r->frames == 0)
        return text_wrong(&r->text, m, "the board has no frame (give frames from 0 on)");
    if (got == 1)
        r->frames++;
    return got;
}

/* ---- parts that several formats share ---- */

static int set_name(struct link_reader *r, const char *name, struct message *m)
{
    size_t n = strlen(name);
    while (n > 0 && isspace((unsigned char)name[n - 1]))
        n--;
    if (n == 0 || n >= LINK_NAME_SIZE)
        return text_wrong(&r->text, m, "the board's name has %zu characters (give 1..%d)", n,
                          LINK_NAME_SIZE - 1);
    memcpy(r->board.name, name, n);
    return 0;
}

static int add_link(struct link_reader *r, unsigned long link, struct message *m)
{
    struct link_board *board = &r->board;
    if (board->links == r->format->max_links)
        return text_wrong(&r->text, m, "more than %u links", r->format->max_links);
    for (unsigned i = 0; i < board->links; i++)
        if (board->link[i] == link)
            return text_wrong(&r->text, m, "link %lu is there twice", link);
    board->link[board->links++] = (uint16_t)link;
    return 0;
}

static int no_link(const struct link_reader *r, struct message *m)
{
    return text_wrong(&r->text, m, "the board has no link (give at least one)");
}

static int read_links(struct link_reader *r, const char *s, struct message *m)
{
    for (; *s; s = text_skip(s)) {
        unsigned long link;
        const char *end = text_number(s, &link);
        if (!end || end != text_word_end(s) || link > r->format->max_link)
            return text_wrong(&r->text, m, "\"%.*s\" (give link numbers 0..%u)", text_shown(s), s,
                              r->format->max_link);
        if (add_link(r, link, m) < 0)
            return -1;
        s = end;
    }
    return r->board.links ? 0 : no_link(r, m);
}

static int word_wrong(const struct link_reader *r, struct message *m, unsigned column, const char *s,
                      const char *accepted)
{
    return text_wrong(&r->text, m, "frame %lu: link %u: \"%.*s\" (give %s)", (unsigned long)r->frames,
                      r->board.link[column], text_shown(s), s, accepted);
}

static int count_wrong(const struct link_reader *r, struct message *m, const char *rest, unsigned n)
{
    if (*rest)
        return text_wrong(&r->text, m, "frame %lu has more words than the board has links (give %u)",
                          (unsigned long)r->frames, r->board.links);
    return text_wrong(&r->text, m, "frame %lu has %u words (give %u, one a link)", (unsigned long)r->frames,
                      n, r->board.links);
}

/* "Frame 0007 :" (colon 1) or "Frame 0007  ": what follows it, or NULL with a message. */
static const char *frame_head(struct link_reader *r, int colon, struct message *m)
{
    unsigned long n = 0;
    const char *s = text_after(r->text.line, "Frame"), *end = s ? text_number(s, &n) : NULL;
    if (end && colon)
        end = *text_skip(end) == ':' ? text_skip(end) + 1 : NULL;
    if (!end)
        text_wrong(&r->text, m, "\"%.20s\" (give \"Frame %04lu%s ...\"%s)", text_skip(r->text.line),
                   (unsigned long)r->frames, colon ? " :" : "", r->format->one_board ? "" : " or a board");
    else if (n != r->frames) {
        text_wrong(&r->text, m, "frame %lu is out of order (give %lu)", n, (unsigned long)r->frames);
        return NULL;
    }
    return end ? text_skip(end) : NULL;
}

static void end_line(FILE *out, const struct link_board *board)
{
    fputs(board->dialect & DIALECT_CRLF ? "\r\n" : "\n", out);
}

/* ---- MP7 and EMP v1: `Board`, `Quad/Chan :`, `Link :`, `Frame n :` ---- */

/* The next line, which has to be `what :`; its text after the colon, or NULL. */
static const char *header_line(struct link_reader *r, const char *what, struct message *m)
{
    int got = text_next(&r->text, '#', m);
    const char *s = got == 1 ? text_after(r->text.line, what) : NULL;
    if (got == 0)
        text_wrong(&r->text, m, "the file ends inside a board's header (a line \"%s :\" is missing)", what);
    else if (got == 1 && (!s || *s != ':'))
        text_wrong(&r->text, m, "\"%.20s\" (give \"%s : ...\")", text_skip(r->text.line), what);
    return s && *s == ':' ? text_skip(s + 1) : NULL;
}

static int read_channels(struct link_reader *r, unsigned *n, struct message *m)
{
    const char *s = header_line(r, "Quad/Chan", m);
    if (!s)
        return -1;
    for (*n = 0; *s; s = text_skip(s), ++*n) {
        unsigned long quad, channel;
        const char *end = *s == 'q' ? text_number(s + 1, &quad) : NULL;
        end = end && *end == 'c' ? text_number(end + 1, &channel) : NULL;
        if (!end || end != text_word_end(s))
            return text_wrong(&r->text, m, "\"%.*s\" (give channels such as q00c0)", text_shown(s), s);
        s = end;
    }
    return 0;
}

static int board_read(struct link_reader *r, struct message *m)
{
    unsigned channels;
    int got = text_next(&r->text, '#', m);
    if (got != 1)
        return got;
    const char *name = text_after(r->text.line, "Board ");
    if (!name)
        return text_wrong(&r->text, m, "\"%.20s\" (give \"Board <name>\")", text_skip(r->text.line));
    if (set_name(r, name, m) < 0 || read_channels(r, &channels, m) < 0)
        return -1;
    const char *links = header_line(r, "Link", m);
    if (!links || read_links(r, links, m) < 0)
        return -1;
    if (channels != r->board.links)
        return text_wrong(&r->text, m, "%u links, but %u channels in the line before", r->board.links,
                          channels);
    return 1;
}

/* The words' part of a frame's line: 1; 0 at the end of the board; -1. */
static int board_frame(struct link_reader *r, const char **words, struct message *m)
{
    int got = text_next(&r->text, '#', m);
    if (got < 0)
        return -1;
    if (got == 0 || text_after(r->text.line, "Board ")) {
        r->text.pending = got;
        return 0;
    }
    *words = frame_head(r, 1, m);
    return *words ? 1 : -1;
}

static int mp7_word(struct link_reader *r, const char **s, struct link_frame *f, unsigned i,
                    struct message *m)
{
    static const char accepted[] = "words such as 1v0123abcd or 0123abcd";
    int with_valid = (**s == '0' || **s == '1') && (*s)[1] == 'v';
    unsigned variant = with_valid ? 0 : DIALECT_PLAIN;
    const char *end = text_hex(*s + (with_valid ? 2 : 0), 8, &f->data[i]);
    if (!end || end != text_word_end(end))
        return word_wrong(r, m, i, *s, accepted);
    if (!r->variant_known)
        r->board.dialect |= variant;
    r->variant_known = 1;
    if (variant != (r->board.dialect & DIALECT_PLAIN))
        return word_wrong(r, m, i, *s, "all words with 0v or 1v, or none");
    f->side[i] = !with_valid || **s == '1' ? SIDE_VALID : 0;
    *s = text_skip(end);
    return 0;
}

/* Reads the word of link `n` of a row at *s. */
typedef int board_word(struct link_reader *r, const char **s, struct link_frame *f, unsigned n,
                       struct message *m);

/* A row of a board's table, whichever way its words are written. */
static int board_row(struct link_reader *r, struct link_frame *f, board_word *word, struct message *m)
{
    const char *s;
    unsigned n = 0;
    int got = board_frame(r, &s, m);
    if (got != 1)
        return got;
    for (; *s && n < r->board.links; n++)
        if (word(r, &s, f, n, m) < 0)
            return -1;
    f->number = r->frames;
    return *s || n < r->board.links ? count_wrong(r, m, s, n) : 1;
}

static int mp7_frame(struct link_reader *r, struct link_frame *f, struct message *m)
{
    return board_row(r, f, mp7_word, m);
}

static void mp7_write_board(FILE *out, const struct link_board *board)
{
    fprintf(out, "Board %s", board->name);
    end_line(out, board);
    fputs(" Quad/Chan :", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "%s    q%02uc%u", i ? "  " : "", board->link[i] / 4u, board->link[i] % 4u);
    end_line(out, board);
    fputs("      Link :", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "%s     %02u", i ? "    " : "", board->link[i]);
    end_line(out, board);
}

static char *put_number(char *at, const struct link_frame *f, const char after[2])
{
    memcpy(at, "Frame ", 6);
    at = text_put_number(at + 6, f->number, 4);
    memcpy(at, after, 2);
    return at + 2;
}

static void put_line(FILE *out, const struct link_board *board, char *line, char *at)
{
    if (board->dialect & DIALECT_CRLF)
        *at++ = '\r';
    *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), out);
}

static void mp7_write_frame(FILE *out, const struct link_board *board, const struct link_frame *f)
{
    char line[64 + 11 * LINKS_MAX], *at = put_number(line, f, " :");
    for (unsigned i = 0; i < board->links; i++) {
        *at++ = ' ';
        if (!(board->dialect & DIALECT_PLAIN)) {
            *at++ = f->side[i] & SIDE_VALID ? '1' : '0';
            *at++ = 'v';
        }
        at = text_put_hex(at, f->data[i], 8);
    }
    put_line(out, board, line, at);
}

const struct link_codec link_codec_mp7 = {
    .name = "mp7", .word_bits = 32, .sides = SIDE_VALID, .max_links = LINKS_MAX, .max_link = LINKS_MAX - 1,
    .read_board = board_read, .read_frame = mp7_frame,
    .write_board = mp7_write_board, .write_frame = mp7_write_frame};

/* A strobe, when the word begins with one. */
static void take_strobe(struct link_reader *r, const char **s, uint16_t *side, unsigned i)
{
    if ((**s == '0' || **s == '1') && (*s)[1] == 's') {
        r->board.strobed[i] = 1;
        *side = **s == '0' ? SIDE_NO_STROBE : 0;
        *s += 2;
    }
}

static int emp1_word(struct link_reader *r, const char **s, struct link_frame *f, unsigned i,
                     struct message *m)
{
    const char *at = *s, *end = NULL;
    f->side[i] = 0;
    take_strobe(r, &at, &f->side[i], i);
    if ((*at == '0' || *at == '1') && at[1] == 'v')
        end = text_hex(at + 2, 16, &f->data[i]);
    if (!end || end != text_word_end(end))
        return word_wrong(r, m, i, *s, "words such as 1v0123456789abcdef or 1s1v0123456789abcdef");
    f->side[i] |= *at == '1' ? SIDE_VALID : 0;
    *s = text_skip(end);
    return 0;
}

static int emp1_frame(struct link_reader *r, struct link_frame *f, struct message *m)
{
    return board_row(r, f, emp1_word, m);
}

static void emp1_write_board(FILE *out, const struct link_board *board)
{
    fprintf(out, "Board %s", board->name);
    end_line(out, board);
    fputs(" Quad/Chan :", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "         q%02uc%u       ", board->link[i] / 4u, board->link[i] % 4u);
    end_line(out, board);
    fputs("      Link :", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "          %03u        ", board->link[i]);
    end_line(out, board);
}

static char *put_digit(char *at, int one)
{
    *at = one ? '1' : '0';
    return at + 1;
}

static void emp1_write_frame(FILE *out, const struct link_board *board, const struct link_frame *f)
{
    char line[64 + 22 * LINKS_MAX], *at = put_number(line, f, " :");
    for (unsigned i = 0; i < board->links; i++) {
        memcpy(at, "   ", 3);
        if (board->strobed[i]) {
            at[1] = f->side[i] & SIDE_NO_STROBE ? '0' : '1';
            at[2] = 's';
        }
        at = put_digit(at + 3, f->side[i] & SIDE_VALID);
        *at++ = 'v';
        at = text_put_hex(at, f->data[i], 16);
    }
    put_line(out, board, line, at);
}

const struct link_codec link_codec_emp1 = {.name = "emp1",
                                           .word_bits = 64,
                                           .sides = SIDE_VALID | SIDE_NO_STROBE,
                                           .max_links = LINKS_MAX,
                                           .max_link = 999,
                                           .read_board = board_read,
                                           .read_frame = emp1_frame,
                                           .write_board = emp1_write_board,
                                           .write_frame = emp1_write_frame};

/* ---- EMP v2 ---- */

static const char emp2_metadata[] =
    "Metadata: (strobe,) start of orbit, start of packet, end of packet, valid";

/* The first lines in the wild: CMSSW's `ID:`, others that CMSSW rejects. */
static int emp2_name(struct link_reader *r, struct message *m)
{
    const char *line = r->text.line, *name = text_after(line, "ID:");
    if (!name && (name = text_after(line, "Id:")))
        r->board.dialect |= DIALECT_ID;
    if (!name && (name = text_after(line, "Board ")))
        r->board.dialect |= DIALECT_BOARD;
    if (!name)
        return text_wrong(&r->text, m, "\"%.20s\" (give \"ID: <name>\"; \"Id:\" and \"Board\" are read too)",
                          text_skip(line));
    return set_name(r, name, m);
}

static int emp2_line(struct link_reader *r, const char *what, struct message *m)
{
    int got = text_next(&r->text, '#', m);
    if (got == 0)
        return text_wrong(&r->text, m, "the file ends inside the header (a line \"%s\" is missing)", what);
    if (got == 1 && !text_after(r->text.line, what))
        return text_wrong(&r->text, m, "\"%.20s\" (give \"%s ...\")", text_skip(r->text.line), what);
    return got;
}

/* A column with strobe has one blank more before its number: of the cells of `Link`, the wide ones. */
static void emp2_wide_columns(struct link_reader *r)
{
    const char *s = strstr(r->text.line, "Link") + 4;
    for (unsigned i = 0; i < r->board.links; i++) {
        size_t blanks = strspn(s, " ");
        r->board.strobed[i] = blanks == (i ? 20 : 14) + 1;
        s = text_word_end(s + blanks);
    }
}

static int emp2_board(struct link_reader *r, struct message *m)
{
    int got = text_next(&r->text, '#', m);
    if (got != 1)
        return got;
    if (emp2_name(r, m) < 0 || emp2_line(r, "Metadata:", m) != 1 || emp2_line(r, "Link", m) != 1)
        return -1;
    if (read_links(r, text_after(r->text.line, "Link"), m) < 0)
        return -1;
    emp2_wide_columns(r);
    return 1;
}

static unsigned digits01(const char *s)
{
    unsigned n = 0;
    while (s[n] == '0' || s[n] == '1')
        n++;
    return n;
}

/* How the marks are written is decided by the whole first frame: 5 digits have a strobe, 3 have no valid, and
 * then no column has it; 4 have no strobe, unless the header or missing valid digits say so. */
static void emp2_learn(struct link_reader *r, const char *s)
{
    unsigned digits[LINKS_MAX], n = 0;
    int no_valid = 0;
    for (; *s && n < r->board.links; n++) {
        digits[n] = digits01(s);
        no_valid |= digits[n] == 3 || (digits[n] == 4 && r->board.strobed[n]);
        s = text_skip(text_word_end(text_skip(text_word_end(s))));
    }
    r->board.dialect |= no_valid ? DIALECT_NO_VALID : 0;
    for (unsigned i = 0; i < n; i++)
        r->board.strobed[i] = digits[i] == 5 || (digits[i] == 4 && no_valid);
}

static int emp2_word(struct link_reader *r, const char **s, struct link_frame *f, unsigned i,
                     struct message *m)
{
    static const char accepted[] =
        "[strobe] orbit start end [valid] as digits 0 or 1, a blank, 16 hexadecimal digits";
    const char *at = *s;
    unsigned digits = digits01(at);
    if (digits < 3 || digits > 5 || at[digits] != ' ')
        return word_wrong(r, m, i, *s, accepted);
    unsigned no_valid = (r->board.dialect & DIALECT_NO_VALID) != 0;
    if (digits != 4u + r->board.strobed[i] - no_valid)
        return word_wrong(r, m, i, *s, "as many digits in every frame");
    const char *end = text_hex(at + digits + 1, 16, &f->data[i]);
    if (!end || end != text_word_end(end))
        return word_wrong(r, m, i, text_skip(at + digits), "16 hexadecimal digits");
    unsigned side = r->board.strobed[i] && *at++ == '0' ? SIDE_NO_STROBE : 0;
    side |= (at[0] == '1' ? SIDE_ORBIT : 0) | (at[1] == '1' ? SIDE_START : 0) | (at[2] == '1' ? SIDE_END : 0);
    side |= no_valid || at[3] == '1' ? SIDE_VALID : 0;
    f->side[i] = (uint16_t)side;
    *s = text_skip(end);
    return 0;
}

static int emp2_frame(struct link_reader *r, struct link_frame *f, struct message *m)
{
    unsigned n = 0;
    int got = text_next(&r->text, '#', m);
    if (got != 1)
        return got;
    const char *s = frame_head(r, 0, m);
    if (!s)
        return -1;
    if (r->frames == 0)
        emp2_learn(r, s);
    for (; *s && n < r->board.links; n++)
        if (emp2_word(r, &s, f, n, m) < 0)
            return -1;
    f->number = r->frames;
    return *s || n < r->board.links ? count_wrong(r, m, s, n) : 1;
}

static void emp2_write_board(FILE *out, const struct link_board *board)
{
    const char *first = board->dialect & DIALECT_ID      ? "Id:"
                        : board->dialect & DIALECT_BOARD ? "Board"
                                                         : "ID:";
    fprintf(out, "%s %s", first, board->name);
    end_line(out, board);
    fputs(emp2_metadata, out);
    end_line(out, board);
    end_line(out, board);
    fputs("      Link  ", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "%s            %03u        ", board->strobed[i] ? " " : "", board->link[i]);
    end_line(out, board);
}

static void emp2_write_frame(FILE *out, const struct link_board *board, const struct link_frame *f)
{
    char line[64 + 25 * LINKS_MAX], *at = put_number(line, f, "  ");
    for (unsigned i = 0; i < board->links; i++) {
        *at++ = ' ';
        *at++ = ' ';
        if (board->strobed[i])
            at = put_digit(at, !(f->side[i] & SIDE_NO_STROBE));
        at = put_digit(at, f->side[i] & SIDE_ORBIT);
        at = put_digit(at, f->side[i] & SIDE_START);
        at = put_digit(at, f->side[i] & SIDE_END);
        if (!(board->dialect & DIALECT_NO_VALID))
            at = put_digit(at, f->side[i] & SIDE_VALID);
        *at++ = ' ';
        at = text_put_hex(at, f->data[i], 16);
    }
    put_line(out, board, line, at);
}

const struct link_codec link_codec_emp2 = {
    .name = "emp2", .word_bits = 64,
    .sides = SIDE_VALID | SIDE_START | SIDE_ORBIT | SIDE_END | SIDE_NO_STROBE,
    .max_links = LINKS_MAX, .max_link = 999, .one_board = 1,
    .read_board = emp2_board, .read_frame = emp2_frame,
    .write_board = emp2_write_board, .write_frame = emp2_write_frame};

/* ---- APx ---- */

static int apx_links(struct link_reader *r, const char *s, struct message *m)
{
    for (; *s; s = text_skip(s)) {
        unsigned long link;
        const char *end = strncmp(s, "LINK_", 5) == 0 ? text_number(s + 5, &link) : NULL;
        if (!end || end != text_word_end(s) || link > r->format->max_link)
            return text_wrong(&r->text, m, "\"%.*s\" (give labels LINK_00..LINK_%u)", text_shown(s), s,
                              r->format->max_link);
        if (add_link(r, link, m) < 0)
            return -1;
        s = end;
    }
    return r->board.links ? 0 : no_link(r, m);
}

static int apx_next(struct link_reader *r, const char *what, struct message *m)
{
    int got = text_next(&r->text, 0, m);
    if (got == 0)
        return text_wrong(&r->text, m, "the file ends inside the header (a line \"%s\" is missing)", what);
    if (got == 1 && !text_after(r->text.line, what))
        return text_wrong(&r->text, m, "\"%.20s\" (give \"%s ...\")", text_skip(r->text.line), what);
    return got;
}

static int apx_board(struct link_reader *r, struct message *m)
{
    int got = text_next(&r->text, 0, m);
    if (got != 1)
        return got;
    const char *sideband = text_after(r->text.line, "#Sideband");
    r->text.pending = !sideband;
    if (sideband && strcmp(sideband, "ON") && strcmp(sideband, "OFF"))
        return text_wrong(&r->text, m, "sideband \"%.*s\" (give ON or OFF)", text_shown(sideband), sideband);
    if (!sideband || !strcmp(sideband, "OFF"))
        r->board.dialect |= DIALECT_PLAIN;
    strcpy(r->board.name, "APx");
    if (apx_next(r, "#LinkLabel", m) != 1 || apx_links(r, text_after(r->text.line, "#LinkLabel"), m) < 0)
        return -1;
    return apx_next(r, "#BeginData", m);
}

/* `0x` and up to `most` digits. */
static const char *apx_number(const char *s, unsigned most, uint64_t *value)
{
    size_t n = s[0] == '0' && s[1] == 'x' ? (size_t)(text_word_end(s) - s) - 2 : 0;
    return n >= 1 && n <= most ? text_hex(s + 2, (unsigned)n, value) : NULL;
}

static int apx_word(struct link_reader *r, const char **s, struct link_frame *f, unsigned i,
                    struct message *m)
{
    int plain = (r->board.dialect & DIALECT_PLAIN) != 0;
    uint64_t side = SIDE_VALID;
    const char *end = plain ? *s : apx_number(*s, 2, &side);
    if (!end)
        return word_wrong(r, m, i, *s, "a sideband such as 0x03");
    const char *data = text_skip(end);
    end = apx_number(data, 16, &f->data[i]);
    if (!end)
        return word_wrong(r, m, i, data, "words such as 0x0123456789abcdef");
    f->side[i] = (uint16_t)side;
    *s = text_skip(end);
    return 0;
}

static int apx_frame(struct link_reader *r, struct link_frame *f, struct message *m)
{
    uint64_t number;
    unsigned n = 0;
    int got = text_next(&r->text, '#', m);
    if (got != 1)
        return got;
    const char *line = text_skip(r->text.line), *s = apx_number(line, 8, &number);
    if (!s)
        return text_wrong(&r->text, m, "\"%.*s\" (give row 0x%04lx)", text_shown(line), line,
                          (unsigned long)r->frames);
    if (number != r->frames)
        return text_wrong(&r->text, m, "row 0x%04lx is out of order (give 0x%04lx)", (unsigned long)number,
                          (unsigned long)r->frames);
    for (s = text_skip(s); *s && n < r->board.links; n++)
        if (apx_word(r, &s, f, n, m) < 0)
            return -1;
    f->number = r->frames;
    return *s || n < r->board.links ? count_wrong(r, m, s, n) : 1;
}

static void apx_write_board(FILE *out, const struct link_board *board)
{
    if (!(board->dialect & DIALECT_PLAIN)) {
        fputs("#Sideband ON", out);
        end_line(out, board);
    }
    fputs("#LinkLabel", out);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "                LINK_%02u    ", board->link[i]);
    end_line(out, board);
    fputs("#BeginData", out);
    end_line(out, board);
}

static void apx_write_frame(FILE *out, const struct link_board *board, const struct link_frame *f)
{
    char line[64 + 28 * LINKS_MAX], *at = line + sprintf(line, "0x%04lx", (unsigned long)f->number);
    for (unsigned i = 0; i < board->links; i++) {
        memcpy(at, "    0x", 6);
        at += 6;
        if (!(board->dialect & DIALECT_PLAIN)) {
            at = text_put_hex(at, f->side[i], 2);
            memcpy(at, " 0x", 3);
            at += 3;
        }
        at = text_put_hex(at, f->data[i], 16);
    }
    put_line(out, board, line, at);
}

const struct link_codec link_codec_apx = {
    .name = "apx", .word_bits = 64,
    .sides = SIDE_VALID | SIDE_START | SIDE_ORBIT | SIDE_END | SIDE_ERROR | SIDE_RESERVED,
    .max_links = LINKS_MAX, .max_link = 999, .one_board = 1, .no_name = 1,
    .read_board = apx_board, .read_frame = apx_frame,
    .write_board = apx_write_board, .write_frame = apx_write_frame};

#include "golden/formats/mp7_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VARIANT_UNKNOWN = -1 };

struct mp7_reader {
    FILE *file;
    char *path;
    char line[MP7_LINE_SIZE];
    unsigned number;
    int pending;    /* `line` holds a line that was read but not used */
    int boards;
    unsigned links; /* of this board */
    uint32_t frames; /* of this board, up to now */
    int variant;    /* enum mp7_variant, or VARIANT_UNKNOWN */
};

static int wrong(const struct mp7_reader *r, struct message *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* file:line: text */
static int wrong(const struct mp7_reader *r, struct message *m, const char *format, ...)
{
    char text[MESSAGE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return message_set(m, "%s:%u: %s", r->path, r->number, text);
}

static int check_kind(FILE *file, const char *path, struct message *m)
{
    struct stat status;
    if (fstat(fileno(file), &status) < 0)
        return message_set(m, "%s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return message_set(m, "%s: is a directory (give an MP7 pattern file)", path);
    return 0;
}

struct mp7_reader *mp7_open(const char *path, struct message *m)
{
    struct mp7_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->path = strdup(path))) {
        message_set(m, "%s: out of memory", path);
        free(r);
        return NULL;
    }
    r->variant = VARIANT_UNKNOWN;
    r->file = fopen(path, "r");
    if (!r->file)
        message_set(m, "%s: %s (give an MP7 pattern file)", path, strerror(errno));
    else if (check_kind(r->file, path, m) == 0)
        return r;
    mp7_close(r);
    return NULL;
}

void mp7_close(struct mp7_reader *r)
{
    if (!r)
        return;
    if (r->file)
        fclose(r->file);
    free(r->path);
    free(r);
}

unsigned mp7_line(const struct mp7_reader *r)
{
    return r->number;
}

static int end_of_file(const struct mp7_reader *r, struct message *m)
{
    return ferror(r->file) ? wrong(r, m, "%s", strerror(errno)) : 0;
}

/* The next line as it stands, without its end. 1; 0 at the end; -1. */
static int read_line(struct mp7_reader *r, struct message *m)
{
    size_t n = 0;
    int c = getc(r->file);
    if (c == EOF)
        return end_of_file(r, m);
    r->number++;
    for (; c != EOF && c != '\n'; c = getc(r->file)) {
        if (c == '\0')
            return wrong(r, m, "a NUL byte at column %zu (give plain text)", n + 1);
        if (n == MP7_LINE_SIZE - 1)
            return wrong(r, m, "the line is longer than %d characters (at most %d links)", MP7_LINE_SIZE - 1,
                         MP7_MAX_LINKS);
        r->line[n++] = (char)c;
    }
    if (ferror(r->file))
        return end_of_file(r, m);
    n -= n > 0 && r->line[n - 1] == '\r';
    r->line[n] = '\0';
    return 1;
}

static const char *skip_space(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* The next line that says something: neither blank nor a comment. */
static int next_line(struct mp7_reader *r, struct message *m)
{
    if (r->pending) {
        r->pending = 0;
        return 1;
    }
    for (;;) {
        int got = read_line(r, m);
        const char *s = skip_space(r->line);
        if (got != 1 || (*s && *s != '#'))
            return got;
    }
}

/* What follows `keyword` at the start of the line, or NULL. */
static const char *after(const struct mp7_reader *r, const char *keyword)
{
    const char *s = skip_space(r->line);
    size_t n = strlen(keyword);
    return strncmp(s, keyword, n) == 0 ? skip_space(s + n) : NULL;
}

static const char *token_end(const char *s)
{
    while (*s && *s != ' ' && *s != '\t')
        s++;
    return s;
}

/* A decimal number of at most 8 digits; returns what follows it, or NULL. */
static const char *number(const char *s, unsigned long *value)
{
    char *end;
    if (!isdigit((unsigned char)*s))
        return NULL;
    *value = strtoul(s, &end, 10);
    return end - s > 8 ? NULL : end;
}

static int read_name(struct mp7_reader *r, struct mp7_board *board, struct message *m)
{
    const char *name = after(r, "Board ");
    if (!name)
        return wrong(r, m, "\"%.20s\" (give \"Board <name>\")", skip_space(r->line));
    size_t n = strlen(name);
    while (n > 0 && isspace((unsigned char)name[n - 1]))
        n--;
    if (n == 0 || n >= MP7_NAME_SIZE)
        return wrong(r, m, "the board's name has %zu characters (give 1..%d)", n, MP7_NAME_SIZE - 1);
    memset(board->name, 0, sizeof board->name);
    memcpy(board->name, name, n);
    return 0;
}

/* The next line, which has to be `what :`; its text after the colon, or NULL. */
static const char *header_line(struct mp7_reader *r, const char *what, struct message *m)
{
    int got = next_line(r, m);
    const char *s = got == 1 ? after(r, what) : NULL;
    if (got == 0)
        wrong(r, m, "the file ends inside a board's header (a line \"%s :\" is missing)", what);
    else if (got == 1 && (!s || *s != ':'))
        wrong(r, m, "\"%.20s\" (give \"%s : ...\")", skip_space(r->line), what);
    return s && *s == ':' ? skip_space(s + 1) : NULL;
}

static int read_channels(struct mp7_reader *r, unsigned *n, struct message *m)
{
    const char *s = header_line(r, "Quad/Chan", m);
    if (!s)
        return -1;
    for (*n = 0; *s; s = skip_space(s), ++*n) {
        unsigned long quad, channel;
        const char *end = *s == 'q' ? number(s + 1, &quad) : NULL;
        end = end && *end == 'c' ? number(end + 1, &channel) : NULL;
        if (!end || end != token_end(s))
            return wrong(r, m, "\"%.*s\" (give channels such as q00c0)", (int)(token_end(s) - s), s);
        s = end;
    }
    return 0;
}

static int add_link(struct mp7_reader *r, struct mp7_board *board, unsigned long link, struct message *m)
{
    if (board->links == MP7_MAX_LINKS)
        return wrong(r, m, "more than %d links", MP7_MAX_LINKS);
    for (unsigned i = 0; i < board->links; i++)
        if (board->link[i] == link)
            return wrong(r, m, "link %lu is there twice", link);
    board->link[board->links++] = (uint8_t)link;
    return 0;
}

static int read_links(struct mp7_reader *r, struct mp7_board *board, struct message *m)
{
    const char *s = header_line(r, "Link", m);
    if (!s)
        return -1;
    for (board->links = 0; *s; s = skip_space(s)) {
        unsigned long link;
        const char *end = number(s, &link);
        if (!end || end != token_end(s) || link >= MP7_MAX_LINKS)
            return wrong(r, m, "\"%.*s\" (give link numbers 0..%d)", (int)(token_end(s) - s), s,
                         MP7_MAX_LINKS - 1);
        if (add_link(r, board, link, m) < 0)
            return -1;
        s = end;
    }
    return board->links ? 0 : wrong(r, m, "the board has no link (give at least one)");
}

static int skip_frames(struct mp7_reader *r, struct message *m)
{
    struct mp7_frame frame;
    int got = 1;
    while (r->boards && got == 1)
        got = mp7_read_frame(r, &frame, m);
    return got < 0 ? -1 : 0;
}

int mp7_read_board(struct mp7_reader *r, struct mp7_board *board, struct message *m)
{
    unsigned channels;
    if (skip_frames(r, m) < 0)
        return -1;
    int got = next_line(r, m);
    if (got == 0 && !r->boards)
        return message_set(m, "%s: there is no board in the file (give an MP7 pattern file)", r->path);
    if (got != 1)
        return got;
    if (read_name(r, board, m) < 0 || read_channels(r, &channels, m) < 0 || read_links(r, board, m) < 0)
        return -1;
    if (channels != board->links)
        return wrong(r, m, "%u links, but %u channels in the line before", board->links, channels);
    r->boards++;
    r->links = board->links;
    r->frames = 0;
    return 1;
}

/* Eight hexadecimal digits; returns what follows, or NULL. */
static const char *read_hex(const char *s, uint32_t *word)
{
    *word = 0;
    for (unsigned i = 0; i < 8; i++, s++) {
        if (!isxdigit((unsigned char)*s))
            return NULL;
        int c = tolower((unsigned char)*s);
        *word = *word << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return s;
}

static int read_word(struct mp7_reader *r, const char **s, uint32_t *word, uint8_t *valid, struct message *m)
{
    int with_valid = (**s == '0' || **s == '1') && (*s)[1] == 'v';
    int variant = with_valid ? MP7_WITH_VALID : MP7_OLD;
    *valid = !with_valid || **s == '1';
    const char *end = read_hex(*s + (with_valid ? 2 : 0), word);
    if (!end || end != token_end(*s))
        return wrong(r, m, "frame %lu: \"%.*s\" (give words such as 1v0123abcd or 0123abcd)",
                     (unsigned long)r->frames, (int)(token_end(*s) - *s < 40 ? token_end(*s) - *s : 40), *s);
    if (r->variant == VARIANT_UNKNOWN)
        r->variant = variant;
    if (variant != r->variant)
        return wrong(r, m, "frame %lu: \"%.*s\" (give all words with 0v or 1v, or none)",
                     (unsigned long)r->frames, (int)(end - *s), *s);
    *s = end;
    return 0;
}

static int read_words(struct mp7_reader *r, const char *s, struct mp7_frame *frame, struct message *m)
{
    unsigned n = 0;
    for (; *s && n < r->links; s = skip_space(s), n++)
        if (read_word(r, &s, &frame->data[n], &frame->valid[n], m) < 0)
            return -1;
    if (*s)
        return wrong(r, m, "frame %lu has more words than the board has links (give %u)",
                     (unsigned long)r->frames, r->links);
    if (n < r->links)
        return wrong(r, m, "frame %lu has %u words (give %u, one a link)", (unsigned long)r->frames, n,
                     r->links);
    return 0;
}

int mp7_read_frame(struct mp7_reader *r, struct mp7_frame *frame, struct message *m)
{
    int got = next_line(r, m);
    if (got < 0)
        return -1;
    if (got == 0 || after(r, "Board ")) {
        r->pending = got;
        return r->frames ? 0 : wrong(r, m, "the board has no frame (give frames from 0 on)");
    }
    unsigned long n = 0;
    const char *s = after(r, "Frame");
    const char *end = s ? number(s, &n) : NULL;
    if (!end || *(s = skip_space(end)) != ':')
        return wrong(r, m, "\"%.20s\" (give \"Frame %04lu : ...\" or a board)", skip_space(r->line),
                     (unsigned long)r->frames);
    if (n != r->frames)
        return wrong(r, m, "frame %lu is out of order (give %lu)", n, (unsigned long)r->frames);
    frame->number = r->frames;
    if (read_words(r, skip_space(s + 1), frame, m) < 0)
        return -1;
    r->frames++;
    return 1;
}

int mp7_write_board(FILE *out, const struct mp7_board *board)
{
    fprintf(out, "Board %s\n Quad/Chan :", board->name);
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "    q%02uc%u  ", board->link[i] / 4, board->link[i] % 4);
    fprintf(out, "\n      Link :");
    for (unsigned i = 0; i < board->links; i++)
        fprintf(out, "     %02u    ", board->link[i]);
    fprintf(out, "\n");
    return ferror(out) ? -1 : 0;
}

int mp7_write_frame(FILE *out, const struct mp7_board *board, const struct mp7_frame *frame,
                    enum mp7_variant variant)
{
    fprintf(out, "Frame %04lu :", (unsigned long)frame->number);
    for (unsigned i = 0; i < board->links; i++) {
        if (variant == MP7_WITH_VALID)
            fprintf(out, " %uv%08lx", frame->valid[i] != 0, (unsigned long)frame->data[i]);
        else
            fprintf(out, " %08lx", (unsigned long)frame->data[i]);
    }
    fprintf(out, "\n");
    return ferror(out) ? -1 : 0;
}

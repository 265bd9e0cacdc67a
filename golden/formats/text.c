#include "golden/formats/text.h"

#include "golden/formats/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16 };

void text_init(struct text *t, FILE *file, const char *path, size_t max)
{
    *t = (struct text){.file = file, .path = path, .max = max};
}

void text_release(struct text *t)
{
    free(t->buffer);
    t->buffer = t->line = NULL;
}

int text_wrong(const struct text *t, struct message *m, const char *format, ...)
{
    char text[MESSAGE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return message_set(m, "%s:%lu: %s", t->path, t->number, text);
}

/* Moves what is left to the front and reads on. 1 when there is more than before, 0 at the end, -1. */
static int refill(struct text *t, struct message *m)
{
    size_t kept = t->end - t->begin;
    if (!t->buffer && !(t->buffer = malloc(t->max + BUFFER + 2)))
        return message_set(m, "%s: out of memory", t->path);
    memmove(t->buffer, t->buffer + t->begin, kept);
    errno = 0;
    size_t got = fread(t->buffer + kept, 1, BUFFER, t->file);
    t->begin = 0;
    t->end = kept + got;
    if (got == 0 && ferror(t->file)) {
        t->number++;
        return text_wrong(t, m, "%s", stream_why(errno));
    }
    return got > 0;
}

static int take_line(struct text *t, size_t length, size_t ending, struct message *m)
{
    t->number++;
    t->line = t->buffer + t->begin;
    t->begin += length + ending;
    if (length > t->max + 1)
        return text_wrong(t, m, "the line is longer than %zu characters", t->max);
    t->crlf = length > 0 && t->line[length - 1] == '\r';
    t->length = length - (size_t)t->crlf;
    t->line[t->length] = '\0';
    const char *nul = memchr(t->line, '\0', t->length);
    return nul ? text_wrong(t, m, "a NUL byte at column %zu (give plain text)", (size_t)(nul - t->line) + 1)
               : 1;
}

int text_line(struct text *t, struct message *m)
{
    if (t->pending) {
        t->pending = 0;
        return 1;
    }
    for (;;) {
        size_t held = t->end - t->begin;
        const char *from = held ? t->buffer + t->begin : NULL,
                   *newline = held ? memchr(from, '\n', held) : NULL;
        if (newline)
            return take_line(t, (size_t)(newline - from), 1, m);
        if (held > t->max + 1)
            return take_line(t, held, 0, m);
        int more = refill(t, m);
        if (more < 0)
            return -1;
        if (more == 0)
            return t->end > t->begin ? take_line(t, t->end - t->begin, 0, m) : 0;
    }
}

int text_next(struct text *t, char comment, struct message *m)
{
    for (;;) {
        int got = text_line(t, m);
        if (got != 1)
            return got;
        const char *s = text_skip(t->line);
        if (*s && (!comment || *s != comment))
            return 1;
    }
}

const char *text_skip(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

const char *text_word_end(const char *s)
{
    while (*s && *s != ' ' && *s != '\t')
        s++;
    return s;
}

int text_shown(const char *s)
{
    ptrdiff_t n = text_word_end(s) - s;
    return n < 40 ? (int)n : 40;
}

const char *text_after(const char *line, const char *keyword)
{
    const char *s = text_skip(line);
    size_t n = strlen(keyword);
    return strncmp(s, keyword, n) == 0 ? text_skip(s + n) : NULL;
}

const char *text_number(const char *s, unsigned long *value)
{
    unsigned n = 0;
    for (*value = 0; s[n] >= '0' && s[n] <= '9'; n++)
        *value = n < 9 ? 10 * *value + (unsigned long)(s[n] - '0') : *value;
    return n == 0 || n > 8 ? NULL : s + n;
}

/* Value of a digit, 255 for what is none. */
#define ROW16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
static const uint8_t digit_of[256] = {
    ROW16(255), ROW16(255), ROW16(255), 0,          1,          2,          3,          4,
    5,          6,          7,          8,          9,          255,        255,        255,
    255,        255,        255,        255,        10,         11,         12,         13,
    14,         15,         255,        255,        255,        255,        255,        255,
    255,        255,        255,        ROW16(255), 255,        10,         11,         12,
    13,         14,         15,         255,        255,        255,        255,        255,
    255,        255,        255,        255,        ROW16(255), ROW16(255), ROW16(255), ROW16(255),
    ROW16(255), ROW16(255), ROW16(255), ROW16(255), ROW16(255),
};

const char *text_hex(const char *s, unsigned n, uint64_t *value)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < n; i++) {
        uint8_t digit = digit_of[(unsigned char)s[i]];
        if (digit == 255)
            return NULL;
        v = v << 4 | digit;
    }
    *value = v;
    return s + n;
}

char *text_put_hex(char *out, uint64_t value, unsigned n)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < n; i++)
        out[i] = digits[value >> 4 * (n - 1 - i) & 15];
    return out + n;
}

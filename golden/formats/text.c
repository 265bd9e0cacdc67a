#include "golden/formats/text.h"

#include "golden/formats/stream.h"
#include "golden/formats/words.h"

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
    if (!t->buffer && !(t->buffer = malloc(t->max + BUFFER + 2 + TEXT_SLACK)))
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

/* Eight characters at once, one a byte, the first in the lowest: what each of them is, whether letter or
 * digit. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t digits_to_text(uint64_t nibbles)
{
    uint64_t letters = (nibbles + EACH(6)) >> 4 & EACH(1);
    return nibbles + EACH('0') + letters * ('a' - '0' - 10);
}

/* 1; 0: not all of them are digits. */
static int text_to_digits(uint64_t text, uint64_t *nibbles)
{
    uint64_t letters = text >> 6 & EACH(1), n = (text & EACH(15)) + 9 * letters;
    *nibbles = n;
    return !(n & EACH(0xf0)) && digits_to_text(n) == (text | letters << 5);
}

static uint64_t load(const char *s)
{
    return le64((const unsigned char *)s);
}

static const char *hex_8(const char *s, uint64_t *value)
{
    uint64_t n;
    if (!text_to_digits(load(s), &n))
        return NULL;
    n = (n << 4 | n >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    n = (n | n >> 8) & UINT64_C(0x0000ffff0000ffff);
    *value = __builtin_bswap32((uint32_t)(n | n >> 16));
    return s + 8;
}

static const char *hex_few(const char *s, unsigned n, uint64_t *value)
{
    for (uint64_t digit; n > 0; n--, s++) {
        if (!text_to_digits(EACH((unsigned char)*s), &digit))
            return NULL;
        *value = *value << 4 | (digit & 15);
    }
    return s;
}

const char *text_hex(const char *s, unsigned n, uint64_t *value)
{
    uint64_t v = 0, low;
    for (; s && n >= 8; n -= 8) {
        s = hex_8(s, &low);
        v = s ? v << 32 | low : 0;
    }
    s = s ? hex_few(s, n, &v) : NULL;
    if (s)
        *value = v;
    return s;
}

static char *put_8(char *out, uint32_t value)
{
    uint64_t n = __builtin_bswap32(value);
    n = (n | n << 16) & UINT64_C(0x0000ffff0000ffff);
    n = (n | n << 8) & UINT64_C(0x00ff00ff00ff00ff);
    n = (n >> 4 | n << 8) & EACH(15);
    n = digits_to_text(n);
    for (unsigned b = 0; b < 8; b++)
        out[b] = (char)(n >> 8 * b);
    return out + 8;
}

char *text_put_hex(char *out, uint64_t value, unsigned n)
{
    for (; n % 8 > 0; n--)
        *out++ = (char)digits_to_text(value >> 4 * (n - 1) & 15);
    if (n > 8)
        out = put_8(out, (uint32_t)(value >> 32));
    return n ? put_8(out, (uint32_t)value) : out;
}

char *text_put_number(char *out, unsigned long value, unsigned digits)
{
    char text[24], *at = text + sizeof text;
    for (; value > 0 || at > text + sizeof text - digits; value /= 10)
        *--at = (char)('0' + value % 10);
    size_t n = (size_t)(text + sizeof text - at);
    memcpy(out, at, n);
    return out + n;
}

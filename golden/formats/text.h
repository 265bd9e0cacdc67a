/* Text files line by line, with their place for messages; and words in hexadecimal, fast. For the readers and
 * writers of formats. */
#ifndef GOLDEN_FORMATS_TEXT_H
#define GOLDEN_FORMATS_TEXT_H

#include "golden/message.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct text {
    FILE *file; /* not owned */
    const char *path;
    unsigned long number;    /* of the line, from 1 */
    size_t max;              /* longest line that is accepted, characters */
    char *line;              /* without its end, valid until the next call */
    size_t length;
    int crlf;    /* the line ended with CR LF */
    int pending; /* set by the caller to put the line back: it comes again */
    char *buffer;
    size_t begin, end; /* of what is in the buffer and not given yet */
};

/* Both are kept, not copied. */
void text_init(struct text *t, FILE *file, const char *path, size_t max);
void text_release(struct text *t);

/* The next line: 1; 0 at the end; -1 with a message: unreadable, too long, a NUL byte. */
int text_line(struct text *t, struct message *m);

/* The next line that says something: neither blank nor, where `comment` is not 0, begun by it. */
int text_next(struct text *t, char comment, struct message *m);

/* "file:line: ..."; returns -1. */
int text_wrong(const struct text *t, struct message *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Where blanks end; where a word ends; how long a word is, at most 40 (for messages). */
const char *text_skip(const char *s);
const char *text_word_end(const char *s);
int text_shown(const char *s);

/* What follows `keyword` and blanks at the line's start, or NULL. */
const char *text_after(const char *line, const char *keyword);

/* A decimal number of at most 8 digits; returns what follows it, or NULL. */
const char *text_number(const char *s, unsigned long *value);

/* Exactly n hexadecimal digits (n <= 16); returns what follows them, or NULL. TEXT_SLACK bytes behind the
 * end of the text must be there to be read. */
enum { TEXT_SLACK = 8 };
const char *text_hex(const char *s, unsigned n, uint64_t *value);

/* Writes n <= 16 digits in lower case; returns what follows them. */
char *text_put_hex(char *out, uint64_t value, unsigned n);

/* Writes a decimal number with at least so many digits (at most 20). */
char *text_put_number(char *out, unsigned long value, unsigned digits);

#ifdef __cplusplus
}
#endif
#endif

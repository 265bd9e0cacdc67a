#include "emu/scenario/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A byte order mark, as some editors put before UTF-8. */
static char *skip_mark(char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (strncmp(text, mark, sizeof mark - 1) == 0)
        memmove(text, text + sizeof mark - 1, strlen(text + sizeof mark - 1) + 1);
    return text;
}

static char *read_all(int fd, const char *path, struct messages *m)
{
    char *text = malloc(CONFIG_TEXT_MAX + 1);
    size_t length = 0;
    ssize_t got = 1;
    while (text && got > 0 && length < CONFIG_TEXT_MAX) {
        got = read(fd, text + length, CONFIG_TEXT_MAX - length);
        length += got > 0 ? (size_t)got : 0;
    }
    if (!text || got < 0)
        messages_error(m, "%s: cannot be read: %s", path, text ? strerror(errno) : "memory is out");
    else if (length == CONFIG_TEXT_MAX)
        messages_error(m, "%s: longer than %d bytes, this is no scenario", path, CONFIG_TEXT_MAX - 1);
    else if (memchr(text, 0, length))
        messages_error(m, "%s: has a 0 byte at offset %zu, this is no text", path,
                       (size_t)((char *)memchr(text, 0, length) - text));
    else {
        text[length] = 0;
        return skip_mark(text);
    }
    free(text);
    return NULL;
}

char *config_text_read(const char *path, struct messages *m)
{
    struct stat st;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO without writer must not hang us */
    if (fd < 0 || fstat(fd, &st) < 0)
        messages_error(m,
                       "%s: cannot be opened: %s (give a scenario file, for example scenarios/pp_fill.cfg)",
                       path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        messages_error(m, "%s: is %s (give a scenario file)", path,
                       S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    else
        text = read_all(fd, path, m);
    if (fd >= 0)
        close(fd);
    if (text && text[strspn(text, " \t\r\n")] == 0) {
        messages_error(m, "%s: is empty (give a scenario file)", path);
        free(text);
        text = NULL;
    }
    return text;
}

struct scan {
    const char *at, *label;
    char *out;
    size_t length;
    unsigned line, depth;
    int lines;
    bool failed;
    struct messages *m;
};

static void fail(struct scan *s, unsigned line, const char *what)
{
    s->failed = true;
    if (s->lines)
        messages_error(s->m, "%s:%u: %s", s->label, line, what);
    else
        messages_error(s->m, "%s: %s", s->label, what);
}

static void copy(struct scan *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->line += s->at[i] == '\n';
    memcpy(s->out + s->length, s->at, n);
    s->length += n;
    s->at += n;
}

static void scan_line_comment(struct scan *s) { copy(s, strcspn(s->at, "\n")); }

static void scan_block_comment(struct scan *s)
{
    const char *end = strstr(s->at + 2, "*/");
    if (!end)
        fail(s, s->line, "this comment is never closed (close it with */)");
    copy(s, end ? (size_t)(end + 2 - s->at) : strlen(s->at));
}

static void scan_string(struct scan *s)
{
    size_t n = 1;
    while (s->at[n] && s->at[n] != '"' && s->at[n] != '\n')
        n += s->at[n] == '\\' && s->at[n + 1] && s->at[n + 1] != '\n' ? 2 : 1;
    if (s->at[n] != '"')
        fail(s, s->line, "this string is not closed on its line (close it with \")");
    copy(s, n + (s->at[n] == '"'));
}

/* Value of digits[0..n) in base, or false when it is beyond 63 bits. */
static bool fits(const char *digits, size_t n, unsigned base)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = isdigit((unsigned char)digits[i])
                             ? (unsigned)(digits[i] - '0')
                             : (unsigned)(tolower((unsigned char)digits[i]) - 'a' + 10);
        if (value > ((uint64_t)INT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    return true;
}

static size_t span(const char *text, int (*is)(int))
{
    size_t n = 0;
    while (is((unsigned char)text[n]))
        n++;
    return n;
}

static void scan_number(struct scan *s)
{
    size_t sign = s->at[0] == '-' || s->at[0] == '+';
    bool hex = s->at[sign] == '0' && tolower((unsigned char)s->at[sign + 1]) == 'x';
    size_t start = sign + (hex ? 2 : 0);
    size_t n = span(s->at + start, hex ? isxdigit : isdigit);
    const char *after = s->at + start + n;
    if (!hex && strchr(".eE", *after) && *after) { /* a float: libconfig reads those right */
        copy(s, strspn(s->at, "0123456789.eE+-"));
        return;
    }
    if (!fits(s->at + start, n, hex ? 16 : 10))
        fail(s, s->line, "this integer does not fit (integers go up to 9223372036854775807)");
    else if (!hex && n > 1 && s->at[start] == '0')
        fail(s, s->line, "this integer has a leading zero (write it without, or as 0x... in base 16)");
    copy(s, start + n);
    s->at += strspn(s->at, "L");
    s->out[s->length++] = 'L';
}

static bool is_name(char c) { return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*'; }

static void scan_name(struct scan *s)
{
    size_t n = 1;
    while (is_name(s->at[n]))
        n++;
    copy(s, n);
}

static void scan_other(struct scan *s)
{
    if (*s->at == '@')
        fail(s, s->line,
             "@include is not supported (one file is one scenario; vary it with --set key=value)");
    if (strchr("{([", *s->at) && ++s->depth > CONFIG_TEXT_DEPTH)
        fail(s, s->line, "nested too deep (at most 16 levels)");
    if (strchr("})]", *s->at) && s->depth)
        s->depth--;
    copy(s, 1);
}

static void scan_token(struct scan *s)
{
    const char c = s->at[0], d = c ? s->at[1] : 0;
    if (c == '#' || (c == '/' && d == '/'))
        scan_line_comment(s);
    else if (c == '/' && d == '*')
        scan_block_comment(s);
    else if (c == '"')
        scan_string(s);
    else if (isdigit((unsigned char)c) || ((c == '-' || c == '+') && isdigit((unsigned char)d)))
        scan_number(s);
    else if (isalpha((unsigned char)c) || c == '*')
        scan_name(s);
    else
        scan_other(s);
}

char *config_text_prepare(const char *text, const char *label, int lines, struct messages *m)
{
    struct scan s = {.at = text, .label = label, .line = 1, .lines = lines, .m = m};
    s.out = malloc(2 * strlen(text) + 1); /* each literal grows by one letter at most */
    if (!s.out) {
        messages_error(m, "%s: memory is out", label);
        return NULL;
    }
    while (*s.at && !s.failed)
        scan_token(&s);
    s.out[s.length] = 0;
    if (!s.failed)
        return s.out;
    free(s.out);
    return NULL;
}

#define _GNU_SOURCE /* fopencookie */
#include "golden/formats/format.h"

#include "golden/formats/dma_file.h"
#include "golden/formats/host_stream.h"
#include "golden/formats/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- recognition ---- */

enum { LINE = 256 + TEXT_SLACK };

/* The next line of a head, cut so that slack is behind it; NULL when there is none, or it is no text. */
static const char *next_line(const unsigned char **at, const unsigned char *end, char *line, size_t size)
{
    size_t n = 0;
    if (*at >= end)
        return NULL;
    for (; *at < end && **at != '\n'; ++*at) {
        if (**at == 0)
            return NULL;
        if (n < size - 1 - TEXT_SLACK)
            line[n++] = (char)**at;
    }
    *at += *at < end;
    n -= n > 0 && line[n - 1] == '\r';
    line[n] = 0;
    return text_skip(line);
}

/* The next line that is neither blank nor, with `comments`, begins with #. */
static const char *next_text(const unsigned char **at, const unsigned char *end, char *line, size_t size,
                             int comments)
{
    const char *s;
    do
        s = next_line(at, end, line, size);
    while (s && (!*s || (comments && *s == '#')));
    return s;
}

/* MP7 or EMP v1: 32 or 64, how wide the words of the first frame are; 0: neither. */
static unsigned board_width(const unsigned char *head, size_t n)
{
    char line[LINE];
    uint64_t value;
    const unsigned char *at = head, *end = head + n;
    const char *s = next_text(&at, end, line, sizeof line, 1);
    if (!s || strncmp(s, "Board ", 6) != 0)
        return 0;
    while (s && strncmp(s, "Frame", 5) != 0) {
        if (strncmp(s, "Metadata:", 9) == 0)
            return 0;
        s = next_text(&at, end, line, sizeof line, 1);
    }
    s = s ? strchr(s, ':') : NULL;
    if (!s)
        return 0;
    s = text_skip(s + 1);
    s += s[0] && s[1] == 's' ? 2 : 0;
    s += s[0] && s[1] == 'v' ? 2 : 0;
    const char *after = text_hex(s, 8, &value);
    return after && text_hex(after, 8, &value) ? 64 : 32;
}

static int is_mp7(const unsigned char *head, size_t n)
{
    return board_width(head, n) == 32;
}

static int is_emp1(const unsigned char *head, size_t n)
{
    return board_width(head, n) == 64;
}

static int is_emp2(const unsigned char *head, size_t n)
{
    char line[LINE];
    const unsigned char *at = head;
    const char *s = next_text(&at, head + n, line, sizeof line, 1);
    if (!s || (strncmp(s, "ID:", 3) && strncmp(s, "Id:", 3) && strncmp(s, "Board ", 6)))
        return 0;
    s = next_text(&at, head + n, line, sizeof line, 1);
    return s && strncmp(s, "Metadata:", 9) == 0;
}

static int is_apx(const unsigned char *head, size_t n)
{
    char line[LINE];
    const unsigned char *at = head;
    const char *s = next_text(&at, head + n, line, sizeof line, 0);
    return s && (strncmp(s, "#Sideband", 9) == 0 || strncmp(s, "#LinkLabel", 10) == 0);
}

static int is_ugt(const unsigned char *head, size_t n)
{
    char line[LINE];
    uint64_t value;
    unsigned long bx;
    const unsigned char *at = head;
    const char *s = next_text(&at, head + n, line, sizeof line, 1);
    s = s ? text_number(s, &bx) : NULL;
    for (unsigned i = 0; s && i < UGT_MUONS; i++)
        s = *s == ' ' ? text_hex(text_skip(s), 16, &value) : NULL;
    return s != NULL;
}

static int is_records(const unsigned char *head, size_t n)
{
    char line[RECORD_LINE + TEXT_SLACK];
    struct record record;
    struct record_names names;
    const unsigned char *at = head;
    return next_line(&at, head + n, line, sizeof line) && record_parse(line, &record, &names) == 0;
}

static int is_frd(const unsigned char *head, size_t n)
{
    return n >= 8 && memcmp(head, "RAW_0002", 8) == 0;
}

static int is_dma2022(const unsigned char *head, size_t n)
{
    return dma_look_at(head, n).generation == 2022;
}

static int is_dma2021(const unsigned char *head, size_t n)
{
    return dma_look_at(head, n).generation == 2021;
}

static int is_dma2018(const unsigned char *head, size_t n)
{
    return dma_look_at(head, n).generation == 2018;
}

static int is_host12(const unsigned char *head, size_t n)
{
    return host_stream_look(head, n, 1) > 0;
}

static int is_host8(const unsigned char *head, size_t n)
{
    return host_stream_look(head, n, 0) > 0;
}

/* The order is that of looking: what has a name inside comes first. */
const struct format formats[] = {
    {"frd", "Run-3 scouting raw data (FRD, RAW_0002)", "muons, stubs, calorimeter, run, lumi section",
     &bx_codec_frd, NULL, is_frd},
    {"emp2", "EMP v2 pattern file", "64-bit words, strobe, orbit, start, end, valid", &bx_codec_emp2,
     &link_codec_emp2, is_emp2},
    {"emp1", "EMP v1 pattern file", "64-bit words, strobe, valid", &bx_codec_emp1, &link_codec_emp1, is_emp1},
    {"mp7", "MP7 pattern file (rx_summary, tx_summary)", "32-bit words, valid", &bx_codec_mp7,
     &link_codec_mp7, is_mp7},
    {"apx", "APx pattern file", "64-bit words, sideband", &bx_codec_apx, &link_codec_apx, is_apx},
    {"records", "bxact's records, text", "all lanes, all words", &bx_codec_records, NULL, is_records},
    {"ugt", "uGT test vector", "8 final muons, calorimeter, algorithms; no orbit number", &bx_codec_ugt, NULL,
     is_ugt},
    {"dma2022", "scouting DMA stream since 2022 (orbits with hit map)", "all lanes, all words, packets",
     &bx_codec_dma2022, NULL, is_dma2022},
    {"dma2021", "scouting DMA stream of 2021 (orbit, bx)", "all lanes, all words, packets", &bx_codec_dma2021,
     NULL, is_dma2021},
    {"dma2018", "scouting DMA stream of 2018 (bx, orbit)", "all lanes, all words, packets", &bx_codec_dma2018,
     NULL, is_dma2018},
    {"host12", "host's records, 12 bytes a muon (Run-3)", "muons with raw eta and flag", &bx_codec_host12,
     NULL, is_host12},
    {"host8", "host's records, 8 bytes a muon (2018)", "muons", &bx_codec_host8, NULL, is_host8},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct format *format_find(const char *name)
{
    for (const struct format *f = formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const struct format *format_of_content(const unsigned char *head, size_t n)
{
    for (const struct format *f = formats; f->name; f++)
        if (f->is(head, n))
            return f;
    return NULL;
}

const char *format_names(char *text, size_t size)
{
    size_t n = 0;
    for (const struct format *f = formats; f->name && n < size; f++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", f->name);
    return text;
}

/* ---- looking ahead in a stream ---- */

/* A stream whose first bytes were read: they are given again. */
struct ahead {
    FILE *under;
    size_t at, n;
    unsigned char head[FORMAT_HEAD];
};

static ssize_t ahead_read(void *cookie, char *buffer, size_t size)
{
    struct ahead *a = cookie;
    size_t n = a->n - a->at < size ? a->n - a->at : size;
    if (n > 0) {
        memcpy(buffer, a->head + a->at, n);
        a->at += n;
        return (ssize_t)n;
    }
    errno = 0;
    n = fread(buffer, 1, size, a->under);
    return n == 0 && ferror(a->under) ? -1 : (ssize_t)n;
}

static int ahead_close(void *cookie)
{
    struct ahead *a = cookie;
    int result = fclose(a->under);
    free(a);
    return result;
}

static FILE *look_ahead(FILE *file, const struct format **format)
{
    struct ahead *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->under = file;
    a->n = fread(a->head, 1, sizeof a->head, file);
    if (!*format)
        *format = format_of_content(a->head, a->n);
    if (!ferror(file) && fseek(file, 0, SEEK_SET) == 0) {
        free(a);
        return file;
    }
    FILE *again = fopencookie(a, "r", (cookie_io_functions_t){.read = ahead_read, .close = ahead_close});
    if (again)
        setvbuf(again, NULL, _IOFBF, FORMAT_HEAD);
    else
        free(a);
    return again;
}

FILE *format_open(const char *path, const struct format **format, struct message *m)
{
    char names[256];
    FILE *file = stream_read(path, m);
    if (!file || *format)
        return file;
    FILE *whole = look_ahead(file, format);
    if (!whole) {
        message_set(m, "%s: out of memory", path);
        fclose(file);
        return NULL;
    }
    if (*format)
        return whole;
    int c = getc(whole);
    if (c == EOF && ferror(whole))
        message_set(m, "%s: %s", path, stream_why(errno));
    else
        message_set(m, "%s: %s (give --from one of %s)", path,
                    c == EOF ? "is empty" : "is in no format that is known",
                    format_names(names, sizeof names));
    fclose(whole);
    return NULL;
}

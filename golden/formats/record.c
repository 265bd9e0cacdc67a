#include "golden/formats/record.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_names[RECORD_KINDS] = {"payload", "header", "appended", "trailer", "packet"};

int record_write(FILE *out, const struct record *r)
{
    char place[16] = "-";
    if (r->place != RECORD_NO_PLACE)
        snprintf(place, sizeof place, "%d", r->place);
    fprintf(out, "%s %s %" PRIu64 " %s %s %" PRIu32 "/%u %" PRIu32 "/%u ", r->boundary, r->domain, r->cycle,
            place, kind_names[r->kind], r->orbit, r->bx, r->claimed_orbit, r->claimed_bx);
    for (unsigned i = 0; i < r->words; i++)
        fprintf(out, i ? ":%08" PRIx32 : "%08" PRIx32, r->word[i]);
    fputc('\n', out);
    return ferror(out) ? -1 : 0;
}

/* Takes what stands before `end` as the next field and moves behind it. -1 when there is no such end. */
static int field(const char **line, char end, const char **text, size_t *length)
{
    const char *stop = strchr(*line, end);
    if (!stop)
        return -1;
    *text = *line;
    *length = (size_t)(stop - *line);
    *line = stop + 1;
    return 0;
}

static int parse_name(const char **line, char *name, size_t size)
{
    const char *text;
    size_t n;
    if (field(line, ' ', &text, &n) < 0 || n == 0 || n >= size || memchr(text, '\n', n))
        return -1;
    memcpy(name, text, n);
    name[n] = 0;
    return 0;
}

/* A decimal number without sign, blanks or leading zeros, up to `max`. */
static int parse_number(const char **line, char end, uint64_t max, uint64_t *value)
{
    const char *text;
    size_t n;
    if (field(line, end, &text, &n) < 0 || n == 0 || (n > 1 && *text == '0'))
        return -1;
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || *value > (max - digit) / 10)
            return -1;
        *value = 10 * *value + digit;
    }
    return 0;
}

static int parse_place(const char **line, int *place)
{
    uint64_t value;
    *place = RECORD_NO_PLACE;
    if (strncmp(*line, "- ", 2) == 0) {
        *line += 2;
        return 0;
    }
    if (parse_number(line, ' ', BX_WORDS - 1, &value) < 0)
        return -1;
    *place = (int)value;
    return 0;
}

static int parse_kind(const char **line, enum record_kind *kind)
{
    char name[16];
    if (parse_name(line, name, sizeof name) < 0)
        return -1;
    for (int k = 0; k < RECORD_KINDS; k++)
        if (strcmp(name, kind_names[k]) == 0) {
            *kind = (enum record_kind)k;
            return 0;
        }
    return -1;
}

static int parse_bx(const char **line, uint32_t *orbit, uint16_t *bx)
{
    uint64_t o, b;
    if (parse_number(line, '/', UINT32_MAX, &o) < 0 || parse_number(line, ' ', UINT16_MAX, &b) < 0)
        return -1;
    *orbit = (uint32_t)o;
    *bx = (uint16_t)b;
    return 0;
}

/* Eight digits as record_write makes them. */
static int parse_word(const char *text, uint32_t *word)
{
    static const char digits[] = "0123456789abcdef";
    *word = 0;
    for (int i = 0; i < 8; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (!digit)
            return -1;
        *word = *word << 4 | (uint32_t)(digit - digits);
    }
    return 0;
}

static int parse_words(const char *text, struct record *r)
{
    for (r->words = 0; r->words < BX_WORDS; text++) {
        if (parse_word(text, &r->word[r->words]) < 0)
            return -1;
        r->words++;
        text += 8;
        if (*text != ':')
            return *text == 0 || (*text == '\n' && text[1] == 0) ? 0 : -1;
    }
    return -1;
}

int record_parse(const char *line, struct record *r, struct record_names *names)
{
    if (parse_name(&line, names->boundary, sizeof names->boundary) < 0 ||
        parse_name(&line, names->domain, sizeof names->domain) < 0 ||
        parse_number(&line, ' ', UINT64_MAX, &r->cycle) < 0 || parse_place(&line, &r->place) < 0 ||
        parse_kind(&line, &r->kind) < 0 || parse_bx(&line, &r->orbit, &r->bx) < 0 ||
        parse_bx(&line, &r->claimed_orbit, &r->claimed_bx) < 0)
        return -1;
    r->boundary = names->boundary;
    r->domain = names->domain;
    return parse_words(line, r);
}

#include "emu/record/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[RECORD_KINDS] = {"payload", "header", "appended", "trailer", "packet"};

int record_write(FILE *out, const struct record *r)
{
    char place[16] = "-";
    if (r->place != RECORD_NO_PLACE)
        snprintf(place, sizeof place, "%d", r->place);
    fprintf(out, "%s %s %" PRIu64 " %s %s %" PRIu32 "/%u %" PRIu32 "/%u ", r->boundary, r->domain, r->cycle, place,
            kind_names[r->kind], r->orbit, r->bx, r->claimed_orbit, r->claimed_bx);
    for (unsigned i = 0; i < r->words; i++)
        fprintf(out, i ? ":%08" PRIx32 : "%08" PRIx32, r->word[i]);
    fputc('\n', out);
    return ferror(out) ? -1 : 0;
}

static int parse_kind(const char *name, enum record_kind *kind)
{
    for (int k = 0; k < RECORD_KINDS; k++)
        if (strcmp(name, kind_names[k]) == 0) {
            *kind = (enum record_kind)k;
            return 0;
        }
    return -1;
}

static int parse_place(const char *text, int *place)
{
    if (strcmp(text, "-") == 0) {
        *place = RECORD_NO_PLACE;
        return 0;
    }
    char *end;
    long value = strtol(text, &end, 10);
    *place = (int)value;
    return *end || end == text || value < 0 || value > 63 ? -1 : 0;
}

static int parse_words(const char *text, struct record *r)
{
    for (r->words = 0; r->words < BX_WORDS; text++) {
        char *end;
        unsigned long word = strtoul(text, &end, 16);
        if (end != text + 8)
            return -1;
        r->word[r->words++] = (uint32_t)word;
        text = end;
        if (*text != ':')
            break;
    }
    return *text == '\n' || *text == 0 ? 0 : -1;
}

int record_parse(const char *line, struct record *r, struct record_names *names)
{
    char place[16], kind[16];
    int used = -1;
    if (sscanf(line, "%31s %15s %" SCNu64 " %15s %15s %" SCNu32 "/%" SCNu16 " %" SCNu32 "/%" SCNu16 " %n",
               names->boundary, names->domain, &r->cycle, place, kind, &r->orbit, &r->bx, &r->claimed_orbit,
               &r->claimed_bx, &used) != 9 ||
        used < 0)
        return -1;
    r->boundary = names->boundary;
    r->domain = names->domain;
    return parse_place(place, &r->place) || parse_kind(kind, &r->kind) || parse_words(line + used, r) ? -1 : 0;
}

/* The uGT's test vectors (domain.md 5.5): one row a BX, 60 columns in hexadecimal but for the first: BX, 8
 * muons of 64 bits, 48 words of 32 bits (e/gamma, jets, taus, sums), external conditions (256 bits),
 * algorithms (512), final or. */
#include "golden/formats/bx_file.h"
#include "golden/formats/text.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 60, WORDS_FIRST = 9, WORDS_LAST = 56, CONDITIONS = 57, ALGORITHMS = 58, FINAL_OR = 59 };

static unsigned width_of(unsigned column)
{
    switch (column) {
    case 0: return 4;
    case CONDITIONS: return 64;
    case ALGORITHMS: return 128;
    case FINAL_OR: return 1;
    default: return column < WORDS_FIRST ? 16 : 8;
    }
}

struct ugt {
    struct text text;
    uint32_t orbit;
    int last_bx;
};

static void *ugt_open(struct bx_reader *r, struct message *m)
{
    struct ugt *u = calloc(1, sizeof *u);
    if (!u) {
        message_set(m, "%s: out of memory", r->path);
        return NULL;
    }
    text_init(&u->text, r->file, r->path, UGT_ROW_SIZE - 1);
    u->orbit = r->cfg.first_orbit;
    u->last_bx = -1;
    return u;
}

static void ugt_close(void *state)
{
    struct ugt *u = state;
    text_release(&u->text);
    free(u);
}

/* NULL, or the column that is wrong and where it stands. */
static const char *parse_row(const char *s, struct bx_item *item, unsigned *column)
{
    uint64_t value;
    for (*column = 0; *column < COLUMNS; ++*column) {
        unsigned width = width_of(*column);
        const char *word = s = text_skip(s);
        for (unsigned done = 0; done < width; done += 16) {
            s = text_hex(s, width - done < 16 ? width - done : 16, &value);
            if (!s)
                return word;
        }
        if (s != text_word_end(s))
            return word;
        if (*column > 0 && *column < WORDS_FIRST)
            item->ugt.muon[*column - 1] = value;
    }
    return *text_skip(s) ? s : NULL;
}

/* 1; 0: recovered; -1. */
static int take_row(struct bx_reader *r, struct ugt *u, struct bx_item *item, struct message *m)
{
    unsigned column;
    unsigned long number = 0;
    char place[400];
    const char *row = text_skip(u->text.line), *wrong = parse_row(row, item, &column);
    snprintf(place, sizeof place, "%.300s:%lu", r->path, u->text.number);
    if (wrong && column == COLUMNS)
        return bx_wrong(r, m, "%s: more than %d columns", place, COLUMNS);
    if (wrong)
        return bx_wrong(r, m, "%s: column %u: \"%.*s\" (give %u hexadecimal digits)", place, column,
                        text_shown(wrong), wrong, width_of(column));
    if (!text_number(row, &number))
        return bx_wrong(r, m, "%s: BX \"%.4s\" (give four decimal digits)", place, row);
    if (!bx_number(r, (uint32_t)number, &item->bx))
        return bx_number_wrong(r, m, place, (uint32_t)number);
    u->orbit += item->bx < u->last_bx && item->bx == 0;
    u->last_bx = item->bx;
    r->line = u->text.number;
    item->kind = ITEM_BX;
    item->form = FORM_UGT;
    item->layout = LINK_FORMAT_2018;
    item->orbit = u->orbit;
    item->ugt.crlf = (uint8_t)u->text.crlf;
    memcpy(item->ugt.row, u->text.line, u->text.length + 1);
    return 1;
}

static int ugt_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct ugt *u = r->state;
    struct message why;
    for (;;) {
        int got = text_next(&u->text, '#', &why);
        if (got == 0)
            return 0;
        if (got < 0 && (bx_wrong(r, m, "%s", why.text) < 0 || ferror(r->file)))
            return message_set(m, "%s", why.text);
        got = got < 0 ? 0 : take_row(r, u, item, m);
        if (got)
            return got;
    }
}

/* ---- writing ---- */

struct ugt_writer {
    uint32_t orbit;
    int next_bx; /* -1: no row yet */
    int padded;  /* rows that were not there are written, so that an orbit is whole */
};

static void *ugt_begin(struct bx_writer *w, struct message *m)
{
    struct ugt_writer *u = calloc(1, sizeof *u);
    (void)w;
    if (!u)
        message_set(m, "out of memory");
    else
        u->next_bx = -1;
    return u;
}

static void put_row(struct bx_writer *w, unsigned bx, const uint64_t muon[UGT_MUONS])
{
    char line[UGT_ROW_SIZE], *at = line + sprintf(line, "%04u", bx + (unsigned)bx_base_of(&w->cfg, w->codec));
    for (unsigned column = 1; column < COLUMNS; column++) {
        *at++ = ' ';
        if (column < WORDS_FIRST && muon)
            at = text_put_hex(at, muon[column - 1], 16);
        else
            at = (char *)memset(at, '0', width_of(column)) + width_of(column);
    }
    *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), w->file);
}

static void pad_to(struct bx_writer *w, int bx)
{
    struct ugt_writer *u = w->state;
    while (u->padded && u->next_bx < bx)
        put_row(w, (unsigned)u->next_bx++, NULL);
}

static int ugt_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct ugt_writer *u = w->state;
    (void)m;
    if (item->kind != ITEM_BX)
        return 0;
    if (u->next_bx < 0 || item->orbit != u->orbit) {
        if (u->next_bx >= 0)
            pad_to(w, BX_PER_ORBIT);
        w->cfg.losses->n[LOSS_ORBIT_NUMBER] += !item->ugt.row[0];
        u->orbit = item->orbit;
        u->next_bx = 0;
        u->padded = !item->ugt.row[0];
    }
    pad_to(w, item->bx);
    u->next_bx = item->bx + 1;
    if (item->ugt.row[0])
        fprintf(w->file, "%s%s", item->ugt.row, item->ugt.crlf ? "\r\n" : "\n");
    else
        put_row(w, item->bx, item->ugt.muon);
    return 0;
}

static int ugt_end(struct bx_writer *w, struct message *m)
{
    (void)m;
    if (((struct ugt_writer *)w->state)->next_bx >= 0)
        pad_to(w, BX_PER_ORBIT);
    return 0;
}

const struct bx_codec bx_codec_ugt = {
    .name = "ugt", .layout = LINK_FORMAT_2018, .form = FORM_UGT,
    .open = ugt_open, .next = ugt_next, .close = ugt_close,
    .begin = ugt_begin, .put = ugt_put, .end = ugt_end, .release = free};

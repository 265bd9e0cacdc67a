#include "golden/formats/compare.h"

#include "golden/formats/muon.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct side {
    struct bx_reader *reader;
    struct losses losses;
    struct bx_item item;
    int have;       /* 1: item is a BX; 0: the end */
    uint32_t shift; /* added to orbit numbers */
};

struct compare {
    const struct compare_cfg *cfg;
    struct compare_result *result;
    struct side side[2];
};

static void __attribute__((format(printf, 3, 4)))
differ(struct compare *c, const struct bx_item *at, const char *format, ...)
{
    struct message text;
    va_list arguments;
    int n = snprintf(text.text, sizeof text.text, "orbit %lu BX %u", (unsigned long)at->orbit, at->bx);
    va_start(arguments, format);
    vsnprintf(text.text + n, sizeof text.text - (size_t)n, format, arguments);
    va_end(arguments);
    c->result->differences++;
    if (c->cfg->difference)
        c->cfg->difference(c->cfg->ctx, text.text);
}

static int both_hold(const struct compare *c, enum bx_form form)
{
    return c->side[0].reader->codec->form == form && c->side[1].reader->codec->form == form;
}

/* The next BX that is in the range; those of other sources than the GMT where both formats have them. */
static int advance(struct compare *c, unsigned i, struct message *m)
{
    struct side *s = &c->side[i];
    int got, wanted;
    do {
        got = bx_reader_next(s->reader, &s->item, m);
        wanted = got == 1 && s->item.kind == ITEM_BX &&
                 (s->item.form != FORM_WORDS || both_hold(c, FORM_WORDS));
        if (wanted) {
            s->item.orbit += s->shift;
            wanted = bx_in_range(&c->cfg->range, s->item.orbit, s->item.bx);
        }
    } while (got == 1 && !wanted);
    s->have = got == 1;
    return got < 0 ? -1 : 0;
}

/* ---- one BX of each ---- */

static const char *muon_text(char *text, size_t size, const struct bx_muon *muon)
{
    gmt_word w = {muon->muon};
    snprintf(text, size, "%016llx (pT code %u, eta %d, phi %u, quality %u, index %u)",
             (unsigned long long)w.v, gmt_pt(w), gmt_eta(w), gmt_phi(w), gmt_quality(w), gmt_index(w));
    return text;
}

/* Muons in the order of records: A slots before B slots. */
static unsigned ordered(const struct bx_item *item, struct bx_muon out[SLOTS])
{
    struct bx_muon list[SLOTS];
    unsigned n = bx_item_list(item, list), k = 0;
    if (item->form != FORM_LINKS) {
        memcpy(out, list, n * sizeof *out);
        return n;
    }
    for (int b = 0; b < 2; b++)
        for (unsigned i = 0; i < n; i++)
            if ((list[i].slot & 1) == b)
                out[k++] = list[i];
    return k;
}

static void compare_muons(struct compare *c)
{
    const struct bx_item *a = &c->side[0].item, *b = &c->side[1].item;
    struct bx_muon x[SLOTS], y[SLOTS];
    char first[128], second[128];
    unsigned n = ordered(a, x), k = ordered(b, y);
    uint64_t mask = a->layout == b->layout && a->form != FORM_UGT && b->form != FORM_UGT
                        ? UINT64_MAX
                        : ~(UINT64_C(3) << 62);
    if (n != k) {
        differ(c, a, ": %u muons, but %u in the second file", n, k);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        c->result->muons++;
        if ((x[i].muon ^ y[i].muon) & mask)
            differ(c, a, " muon %u of %u: %s, in the second file %s", i + 1, n,
                   muon_text(first, sizeof first, &x[i]), muon_text(second, sizeof second, &y[i]));
    }
}

static const char *frame_name(unsigned frame, enum link_format layout)
{
    static const char *const names[] = {"bx", "orbit", "A low", "A high", "B low", "B high"};
    return frame < 2 && layout == LINK_FORMAT_RUN3 ? names[!frame] : names[frame];
}

static void compare_links(struct compare *c)
{
    const struct bx_item *a = &c->side[0].item, *b = &c->side[1].item;
    unsigned orbit_frame = a->layout == LINK_FORMAT_2018;
    for (unsigned i = 0; i < BX_WORDS; i++) {
        uint32_t shift = i / LANES == orbit_frame ? c->side[1].shift - c->side[0].shift : 0;
        uint32_t x = a->links.block.w[i], y = b->links.block.w[i] + shift;
        c->result->words++;
        if (x != y)
            differ(c, a, " lane %u %s: %08lx, in the second file %08lx", i % LANES,
                   frame_name(i / LANES, a->layout), (unsigned long)x, (unsigned long)y);
    }
    if (a->links.appended && b->links.appended &&
        memcmp(a->links.correction, b->links.correction, sizeof a->links.correction) != 0)
        differ(c, a, ": appended corrections differ");
}

static void compare_words(struct compare *c)
{
    const struct bx_item *a = &c->side[0].item, *b = &c->side[1].item;
    const struct bx_words *x = &a->words, *y = &b->words;
    unsigned long source = a->source;
    if (x->header != y->header || x->n != y->n) {
        differ(c, a, " source %lu: header %08lx, %lu words, in the second file %08lx, %lu words", source,
               (unsigned long)x->header, (unsigned long)x->n, (unsigned long)y->header, (unsigned long)y->n);
        return;
    }
    for (unsigned i = 0; i < x->n; i++) {
        c->result->words++;
        if (x->word[i] != y->word[i])
            differ(c, a, " source %lu word %u: %08lx, in the second file %08lx", source, i,
                   (unsigned long)x->word[i], (unsigned long)y->word[i]);
    }
}

static void compare_bx(struct compare *c)
{
    const struct bx_item *a = &c->side[0].item, *b = &c->side[1].item;
    c->result->bx++;
    if (a->form == FORM_WORDS) /* the source is the same: so is the form */
        compare_words(c);
    else if (a->form == FORM_LINKS && b->form == FORM_LINKS && a->layout == b->layout)
        compare_links(c);
    else
        compare_muons(c);
}

/* A BX that one file has alone. */
static void lone_bx(struct compare *c, unsigned i)
{
    struct bx_muon list[SLOTS];
    const struct bx_item *item = &c->side[i].item;
    int is_words = item->form == FORM_WORDS;
    unsigned n = is_words ? item->words.n : bx_item_list(item, list);
    if (n == 0 && !is_words && (c->cfg->ignore_empty || !both_hold(c, FORM_LINKS)))
        return;
    c->result->only[i]++;
    differ(c, item, ": only in the %s file, with %u %s", i ? "second" : "first", n,
           is_words ? "words of another source than the GMT" : "muons");
}

/* -1, 0, 1: the first file's BX comes before, with or after the second's. */
static int order(const struct compare *c)
{
    const struct side *a = &c->side[0], *b = &c->side[1];
    if (!a->have || !b->have)
        return a->have ? -1 : 1;
    int32_t ahead = (int32_t)(a->item.orbit - b->item.orbit);
    if (ahead == 0)
        ahead = (int32_t)(a->item.source - b->item.source);
    return ahead ? (ahead < 0 ? -1 : 1) : a->item.bx < b->item.bx ? -1 : a->item.bx > b->item.bx;
}

static int compare_all(struct compare *c, struct message *m)
{
    while (c->side[0].have || c->side[1].have) {
        int which = order(c);
        if (which == 0)
            compare_bx(c);
        else
            lone_bx(c, which > 0);
        if (c->cfg->collect && c->result->differences >= c->cfg->collect)
            return 0;
        if ((which <= 0 && advance(c, 0, m) < 0) || (which >= 0 && advance(c, 1, m) < 0))
            return -1;
    }
    return 0;
}

/* ---- files ---- */

static int open_side(struct compare *c, unsigned i, const char *path, struct message *m)
{
    const struct format *format = c->cfg->from[i];
    struct bx_file_cfg in = c->cfg->in[i];
    in.losses = &c->side[i].losses;
    if (link_map_lanes(&c->cfg->links[i], in.link, m) < 0)
        return -1;
    FILE *file = format_open(path, &format, m);
    c->side[i].reader = file ? bx_reader_new(file, path, format->bx, &in, m) : NULL;
    return c->side[i].reader ? 0 : -1;
}

/* The first BX of each; with align_orbits the second file's orbits move to the first's. */
static int begin(struct compare *c, struct message *m)
{
    struct bx_item *item[2] = {&c->side[0].item, &c->side[1].item};
    struct compare_cfg whole = *c->cfg;
    const struct compare_cfg *wanted = c->cfg;
    whole.range = convert_default().range;
    if (wanted->align_orbits)
        c->cfg = &whole;
    int failed = advance(c, 0, m) < 0 || advance(c, 1, m) < 0;
    c->cfg = wanted;
    if (failed || !wanted->align_orbits || !c->side[0].have || !c->side[1].have)
        return failed ? -1 : 0;
    c->side[1].shift = item[0]->orbit - item[1]->orbit;
    item[1]->orbit = item[0]->orbit;
    for (unsigned i = 0; i < 2; i++)
        if (!bx_in_range(&wanted->range, item[i]->orbit, item[i]->bx) && advance(c, i, m) < 0)
            return -1;
    return 0;
}

int compare_files(const char *const path[2], const struct compare_cfg *cfg, struct compare_result *result,
                  struct message *m)
{
    struct compare *c = calloc(1, sizeof *c);
    *result = (struct compare_result){0};
    if (!c)
        return message_set(m, "out of memory");
    c->cfg = cfg;
    c->result = result;
    int failed = open_side(c, 0, path[0], m) < 0 || open_side(c, 1, path[1], m) < 0 || begin(c, m) < 0 ||
                 compare_all(c, m) < 0;
    for (unsigned i = 0; i < 2; i++) {
        result->errors += c->side[i].reader ? c->side[i].reader->errors : 0;
        bx_reader_free(c->side[i].reader);
    }
    free(c);
    return failed ? -1 : 0;
}

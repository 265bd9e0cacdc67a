#include "golden/formats/bx_file.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct bx_file_cfg bx_file_default(struct losses *losses)
{
    struct bx_file_cfg cfg = {
        .layout = -1, .base = -1, .first_orbit = 1, .final_lanes = 0x0f, .losses = losses};
    cfg.link[0] = -2;
    return cfg;
}

/* ---- reading ---- */

struct bx_reader *bx_reader_new(FILE *file, const char *path, const struct bx_codec *codec,
                                const struct bx_file_cfg *cfg, struct message *m)
{
    struct bx_reader *r = calloc(1, sizeof *r);
    if (!r) {
        message_set(m, "%s: out of memory", path);
        fclose(file);
        return NULL;
    }
    *r = (struct bx_reader){.codec = codec, .file = file, .path = path, .cfg = *cfg, .last_bx = -1,
                            .base = (uint32_t)bx_base_of(cfg, codec)};
    r->state = codec->open(r, m);
    if (r->state)
        return r;
    fclose(file);
    free(r);
    return NULL;
}

void bx_reader_free(struct bx_reader *r)
{
    if (!r)
        return;
    r->codec->close(r->state);
    fclose(r->file);
    free(r);
}

int bx_wrong(struct bx_reader *r, struct message *m, const char *format, ...)
{
    struct message text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text.text, sizeof text.text, format, arguments);
    va_end(arguments);
    if (!r->cfg.recover)
        return message_set(m, "%s", text.text);
    r->errors++;
    if (r->cfg.report)
        r->cfg.report(r->cfg.ctx, text.text);
    return 0;
}

int bx_number_wrong(struct bx_reader *r, struct message *m, const char *place, uint32_t number)
{
    uint32_t base = r->base;
    return bx_wrong(r, m, "%s: BX %lu (give %lu..%lu; --in-base says where an orbit's numbers begin)", place,
                    (unsigned long)number, (unsigned long)base, (unsigned long)(base + BX_PER_ORBIT - 1));
}

/* Orbit numbers wrap: half of them lie ahead. */
static int goes_back(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from) < 0;
}

static void begin_orbit(struct bx_reader *r, const struct bx_item *item)
{
    r->orbit = item->orbit;
    r->source = item->source;
    r->last_bx = -1;
    r->started = 1;
}

/* The usual case: a later BX of the same orbit. */
static inline int goes_on(const struct bx_reader *r, const struct bx_item *item)
{
    return item->kind == ITEM_BX && item->orbit == r->orbit && item->source == r->source && r->started &&
           item->bx > r->last_bx;
}

static const char *place_of(const struct bx_reader *r, char *text, size_t size)
{
    if (r->line)
        snprintf(text, size, "%.300s:%lu", r->path, r->line);
    else
        snprintf(text, size, "%.300s: byte %llu", r->path, (unsigned long long)r->byte);
    return text;
}

static int order_wrong(struct bx_reader *r, const struct bx_item *item, struct message *m)
{
    char place[400];
    unsigned long orbit = item->orbit;
    int same = r->started && r->orbit == item->orbit && r->source == item->source;
    if (r->started && goes_back(r->orbit, item->orbit))
        return bx_wrong(r, m, "%s: orbit %lu comes after orbit %lu (orbits must not go back)",
                        place_of(r, place, sizeof place), orbit, (unsigned long)r->orbit);
    if (item->kind == ITEM_BX && same && item->bx == r->last_bx)
        return bx_wrong(r, m, "%s: orbit %lu: BX %u is there twice", place_of(r, place, sizeof place), orbit,
                        item->bx);
    if (item->kind == ITEM_BX && same && item->bx < r->last_bx)
        return bx_wrong(r, m, "%s: orbit %lu: BX %u comes after BX %d", place_of(r, place, sizeof place),
                        orbit, item->bx, r->last_bx);
    if (!same || item->kind == ITEM_ORBIT)
        begin_orbit(r, item);
    if (item->kind == ITEM_BX)
        r->last_bx = item->bx;
    return 1;
}

/* Recovering from what no codec can: the file cannot be read on. What was read is kept. */
static int give_up(struct bx_reader *r, int got, const struct message *why, struct message *m)
{
    return got < 0 ? bx_wrong(r, m, "%s", why->text) : got;
}

int bx_reader_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct message why;
    for (;;) {
        item->source = SOURCE_ID_GMT;
        item->base = (uint8_t)r->base;
        item->run = item->ls = 0;
        item->checked = 0;
        int got = r->ended ? 0 : r->codec->next(r, item, &why);
        if (got != 1)
            r->ended = 1;
        if (got != 1 || item->kind == ITEM_PACKET || item->kind == ITEM_END)
            return give_up(r, got, &why, m);
        if (goes_on(r, item)) {
            r->last_bx = item->bx;
            return 1;
        }
        int good = order_wrong(r, item, m);
        if (good)
            return good;
        if (item->kind ==
            ITEM_ORBIT) /* the orbit is taken up where its number says, so that it goes on from there */
            begin_orbit(r, item);
    }
}

/* ---- writing ---- */

struct bx_writer *bx_writer_new(FILE *file, const struct bx_codec *codec, const struct bx_file_cfg *cfg,
                                struct message *m)
{
    struct bx_writer *w = calloc(1, sizeof *w);
    if (!w) {
        message_set(m, "out of memory");
        return NULL;
    }
    *w = (struct bx_writer){.codec = codec, .file = file, .cfg = *cfg};
    w->links_at_once = codec->put_links && bx_base_of(cfg, codec) == 0;
    w->state = codec->begin(w, m);
    if (w->state)
        return w;
    free(w);
    return NULL;
}

void bx_writer_free(struct bx_writer *w)
{
    if (!w)
        return;
    w->codec->release(w->state);
    free(w);
}

/* 1: write it; 0: there is nothing to write. */
static int turn(struct bx_writer *w, struct bx_item *item)
{
    const struct bx_codec *c = w->codec;
    int wanted = c->layout >= 0 ? c->layout : w->cfg.layout;
    enum link_format layout = wanted >= 0 ? (enum link_format)wanted : item->layout;
    int turned = 1;
    if (item->form == FORM_WORDS && c->form == FORM_WORDS)
        return 1;
    switch (c->form) {
    case FORM_LINKS: turned = bx_item_links(item, layout, w->cfg.final_lanes, w->cfg.losses) == 0; break;
    case FORM_UGT: turned = bx_item_ugt(item, w->cfg.final_lanes, w->cfg.losses) == 0; break;
    default: turned = bx_item_muons(item, layout, w->cfg.final_lanes, w->cfg.losses); break;
    }
    if (turned < 0 || (turned == 0 && item->form == FORM_WORDS))
        w->cfg.losses->n[LOSS_SOURCE]++;
    return turned == 1;
}

int bx_writer_put(struct bx_writer *w, struct bx_item *item, struct message *m)
{
    if (w->links_at_once && item->kind == ITEM_BX && item->form == FORM_LINKS && item->base == 0) {
        w->items += (uint64_t)w->codec->put_links(w, item);
        return 0;
    }
    if (item->kind == ITEM_BX && !turn(w, item))
        return 0;
    w->cfg.losses->n[LOSS_PACKETS] += item->kind == ITEM_PACKET && !w->codec->packets;
    w->cfg.losses->n[LOSS_RUN] += item->kind == ITEM_ORBIT && (item->run || item->ls) && !w->codec->runs;
    if (item->kind == ITEM_BX)
        bx_item_rebase(item, (unsigned)bx_base_of(&w->cfg, w->codec));
    w->items += item->kind == ITEM_BX;
    return w->codec->put(w, item, m);
}

int bx_writer_end(struct bx_writer *w, struct message *m)
{
    return w->codec->end(w, m);
}

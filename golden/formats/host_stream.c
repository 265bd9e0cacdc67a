#include "golden/formats/host_stream.h"

#include "golden/formats/bx_file.h"
#include "golden/formats/words.h"

#include <stdlib.h>
#include <string.h>

/* 8-byte records of Run-3 links hold that link's word as received: raw eta above the BX. */
static uint32_t bx_of(const struct host_record *r)
{
    return r->bx_word & 0x1fff;
}

unsigned host_stream_look(const unsigned char *bytes, size_t n, int twelve)
{
    uint32_t w[HOST_RECORD_MAX_WORDS];
    struct host_record r;
    unsigned records = 0;
    for (;;) {
        size_t there = n / 4 < HOST_RECORD_MAX_WORDS ? n / 4 : HOST_RECORD_MAX_WORDS;
        memset(w, 0, sizeof w);
        le32_read(w, bytes, there);
        if (there < 3)
            return records;
        unsigned size = host_record_parse(w, twelve ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018, &r);
        if (!size || bx_of(&r) > BX_PER_ORBIT || (w[0] & 0x1000000) == 0 || (w[0] & 0xf000f0))
            return 0;
        if (size > there)
            return records;
        for (unsigned i = 0; i < (unsigned)r.a + r.b && twelve; i++)
            if ((r.muon[i].extra & 1) != (i >= r.a))
                return 0;
        records++;
        bytes += 4 * size;
        n -= 4 * size;
    }
}

static void *host_stream_open(struct bx_reader *r, struct message *m)
{
    return host_reader_over(r->file, r->path, (enum link_format)r->codec->layout, m);
}

static void host_stream_close(void *state)
{
    host_reader_leave(state);
}

static int host_stream_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct message why;
    char place[400];
    for (;;) {
        uint64_t byte = host_reader_offset(r->state);
        int got = host_reader_next(r->state, &item->muons, &why);
        if (got == 0)
            return 0;
        if (got < 0 && (bx_wrong(r, m, "%s", why.text) < 0 || host_reader_failed(r->state)))
            return message_set(m, "%s", why.text);
        if (got < 0) {
            host_reader_resync(r->state);
            continue;
        }
        item->kind = ITEM_BX;
        item->form = FORM_MUONS;
        item->layout = (enum link_format)r->codec->layout;
        item->orbit = item->muons.orbit;
        r->byte = byte;
        if (bx_number(r, bx_of(&item->muons), &item->bx))
            return 1;
        bx_place(place, sizeof place, r->path, byte, item->orbit);
        if (bx_number_wrong(r, m, place, bx_of(&item->muons)) < 0)
            return -1;
    }
}

static void *host_stream_begin(struct bx_writer *w, struct message *m)
{
    struct words_out *out = malloc(sizeof *out);
    if (!out) {
        message_set(m, "out of memory");
        return NULL;
    }
    out->file = w->file;
    out->n = 0;
    return out;
}

static int host_stream_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct words_out *out = w->state;
    (void)m;
    if (item->kind != ITEM_BX)
        return 0;
    uint32_t *words = words_room(out, HOST_RECORD_MAX_WORDS);
    words_made(out, host_record_words(&item->muons, item->layout, words));
    return 0;
}

static int host_stream_put_links(struct bx_writer *w, const struct bx_item *item)
{
    struct words_out *out = w->state;
    unsigned n = bx_item_record(item, (enum link_format)w->codec->layout, w->cfg.losses,
                                words_room(out, HOST_RECORD_MAX_WORDS));
    words_made(out, n);
    return n > 0;
}

static int host_stream_end(struct bx_writer *w, struct message *m)
{
    (void)m;
    words_flush(w->state);
    return 0;
}

const struct bx_codec bx_codec_host8 = {.name = "host8",
                                        .layout = LINK_FORMAT_2018,
                                        .form = FORM_MUONS,
                                        .open = host_stream_open,
                                        .next = host_stream_next,
                                        .close = host_stream_close,
                                        .begin = host_stream_begin,
                                        .put = host_stream_put,
                                        .put_links = host_stream_put_links,
                                        .end = host_stream_end,
                                        .release = free};
const struct bx_codec bx_codec_host12 = {.name = "host12",
                                         .layout = LINK_FORMAT_RUN3,
                                         .form = FORM_MUONS,
                                         .open = host_stream_open,
                                         .next = host_stream_next,
                                         .close = host_stream_close,
                                         .begin = host_stream_begin,
                                         .put = host_stream_put,
                                         .put_links = host_stream_put_links,
                                         .end = host_stream_end,
                                         .release = free};

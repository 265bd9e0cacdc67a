#include "golden/formats/dma_file.h"

#include "golden/blocks/host.h"
#include "golden/formats/bx_file.h"
#include "golden/formats/bx_frames.h"
#include "golden/formats/words.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME = 32, BLOCK = FRAMES * FRAME, QUEUE = 32 };

/* ---- what a stream is, by its first bytes ---- */

static uint32_t word_at(const unsigned char *frame, unsigned i)
{
    return le32(frame + 4 * i);
}

static int all_are(const unsigned char *frame, uint32_t word)
{
    for (unsigned i = 0; i < LANES; i++)
        if (word_at(frame, i) != word)
            return 0;
    return 1;
}

static int begins_with(const unsigned char *frame, uint32_t word)
{
    return word_at(frame, 0) == word && word_at(frame, 1) == word;
}

static int is_orbit_header(const unsigned char *frame)
{
    static const unsigned char zero[FRAME - 4];
    return memcmp(frame + 4, zero, sizeof zero) == 0;
}

/* Most lanes agree on a BX in frame `at`. */
static int agrees(const unsigned char *block, unsigned at, uint32_t mask)
{
    unsigned same = 0;
    for (unsigned i = 1; i < LANES; i++)
        same += (word_at(block + at * FRAME, i) & mask) == (word_at(block + at * FRAME, 0) & mask);
    return same >= LANES / 2;
}

static int layout_of_block(const unsigned char *block)
{
    uint32_t bx18 = word_at(block, 0) & 0xffff, bx21 = word_at(block + FRAME, 0) & 0x1fff;
    int may18 = bx18 < BX_PER_ORBIT && word_at(block, 0) == bx18 && agrees(block, 0, 0xffff) &&
                agrees(block, 1, UINT32_MAX);
    int may21 = bx21 < BX_PER_ORBIT && agrees(block, 1, 0x1fff) && agrees(block, 0, UINT32_MAX);
    return may18 && !may21 ? LINK_FORMAT_2018 : may21 && !may18 ? LINK_FORMAT_RUN3 : may18 && may21 ? 2 : -1;
}

/* Both orders fit where the orbit number is small too: then the counter that goes up from block to block is
 * the BX. */
static int layout_by_two(const unsigned char *bytes, size_t n)
{
    int first = n >= BLOCK ? layout_of_block(bytes) : -1;
    if (first != 2)
        return first;
    if (n < 2 * BLOCK || begins_with(bytes + BLOCK, PACK_PACKET_WORD) ||
        all_are(bytes + BLOCK, PACK_TRAILER_WORD))
        return LINK_FORMAT_RUN3;
    int up = word_at(bytes + BLOCK, 0) != word_at(bytes, 0);
    return up ? LINK_FORMAT_2018 : LINK_FORMAT_RUN3;
}

/* How many of an orbit's blocks read well in a layout: the header's orbit number, and BX that go up. */
static unsigned votes(const unsigned char *blocks, size_t n, uint32_t orbit, size_t size, unsigned bx_frame)
{
    unsigned good = 0;
    int last = -1;
    for (size_t at = 0; at + BLOCK <= n && !all_are(blocks + at, PACK_TRAILER_WORD); at += size) {
        const unsigned char *block = blocks + at;
        int bx = (int)(word_at(block + bx_frame * FRAME, 0) & (bx_frame ? 0x1fff : UINT32_MAX) & INT32_MAX);
        if (word_at(block + !bx_frame * FRAME, 0) != orbit || !agrees(block, !bx_frame, UINT32_MAX) ||
            bx <= last || bx > BX_PER_ORBIT)
            continue;
        last = bx;
        good++;
    }
    return good;
}

/* In an orbit of the 2022 framing each block has a vote, so that a broken one does not decide; half of them
 * must agree. -1: nothing like a block follows. */
static int layout_in_orbit(const unsigned char *blocks, size_t n, uint32_t orbit, size_t size)
{
    unsigned old = votes(blocks, n, orbit, size, 0), run3 = votes(blocks, n, orbit, size, 1), all = 0;
    for (size_t at = 0; at + BLOCK <= n && !all_are(blocks + at, PACK_TRAILER_WORD); at += size)
        all++;
    if (2 * (old > run3 ? old : run3) < all || old + run3 == 0)
        return -1;
    if (old == run3)
        return layout_by_two(blocks, n);
    return run3 > old ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
}

/* The first block that is whole says whether corrections are appended. */
static int has_appended(const unsigned char *blocks, size_t n)
{
    return n >= BLOCK + FRAME && word_at(blocks + BLOCK, 0) == PACK_APPENDED_WORD;
}

static struct dma_look look_2022(const unsigned char *p, size_t n)
{
    struct dma_look look = {0, -1, 0};
    if (n >= FRAME && word_at(p, 0) == DMA_BOARD_HEADER && !is_orbit_header(p)) {
        p += FRAME;
        n -= FRAME;
    }
    for (; n >= 2 * FRAME; p += FRAME, n -= FRAME) {
        if (begins_with(p, PACK_PACKET_WORD)) {
            look.generation = 2022; /* empty packets: at the latest what follows decides */
            continue;
        }
        if (!is_orbit_header(p))
            return look.generation && n >= FRAME ? (struct dma_look){0, -1, 0} : look;
        if (!all_are(p + FRAME, PACK_TRAILER_WORD))
            break;
        look.generation = 2022;
        if (n < (PACK_TRAILER_FRAMES + 1) * FRAME)
            return look;
        p += PACK_TRAILER_FRAMES * FRAME;
        n -= PACK_TRAILER_FRAMES * FRAME;
    }
    if (n < FRAME + BLOCK)
        return look;
    look.appended = has_appended(p + FRAME, n - FRAME);
    look.layout = layout_in_orbit(p + FRAME, n - FRAME, word_at(p, 0),
                                  look.appended ? BLOCK + PACK_APPENDED_FRAMES * FRAME : BLOCK);
    look.generation = look.layout >= 0 ? 2022 : 0;
    return look;
}

struct dma_look dma_look_at(const unsigned char *bytes, size_t n)
{
    struct dma_look look = look_2022(bytes, n);
    if (look.generation)
        return look;
    while (n >= FRAME && begins_with(bytes, PACK_PACKET_WORD)) {
        bytes += FRAME;
        n -= FRAME;
    }
    look.layout = layout_by_two(bytes, n);
    if (look.layout >= 0)
        look.generation = look.layout == LINK_FORMAT_2018 ? 2018 : 2021;
    return look;
}

/* ---- reading 2018 and 2021: blocks ---- */

struct blocks {
    struct words words;
};

static void *blocks_open(struct bx_reader *r, struct message *m)
{
    struct blocks *b = calloc(1, sizeof *b);
    if (b && words_init(&b->words, r->file, r->path) == 0)
        return b;
    free(b);
    message_set(m, "%s: out of memory", r->path);
    return NULL;
}

static void blocks_close(void *state)
{
    struct blocks *b = state;
    words_release(&b->words);
    free(b);
}

/* Bytes that are no whole frame or block end the stream. */
static int blocks_cut(struct bx_reader *r, struct words *w, size_t got, struct message *m)
{
    if (words_check(w, m) < 0)
        return -1;
    if (got == 0)
        return 0;
    return bx_wrong(r, m, "%s: byte %llu: the BX block is cut off (%zu of %d bytes are there)", r->path,
                    (unsigned long long)w->offset, got, BLOCK);
}

/* 1: it is one; 0: recovered, the frame is to be skipped; -1. */
static int check_block(struct bx_reader *r, const struct words *w, struct bx_item *item,
                       const unsigned char *bytes, struct message *m)
{
    enum link_format layout = item->layout;
    char place[400];
    uint32_t claimed = bx_frames_bx(&item->links.block, layout, 0);
    if (!bx_number(r, claimed, &item->bx))
        return bx_number_wrong(r, m, bx_place(place, sizeof place, r->path, w->offset, item->orbit), claimed);
    if (agrees(bytes, layout == LINK_FORMAT_2018 ? 0 : 1, 0x1fff) &&
        agrees(bytes, layout == LINK_FORMAT_2018, UINT32_MAX))
        return 1;
    return bx_wrong(r, m, "%.300s: byte %llu: the lanes agree in neither BX nor orbit: no BX block", r->path,
                    (unsigned long long)w->offset);
}

/* Recovering: whether a block or a packet's end may begin here, of an orbit not far from the one before. */
static int may_begin(const struct bx_reader *r, const unsigned char *bytes, size_t n)
{
    enum { NEAR = 1000 };
    int at = r->codec->layout == LINK_FORMAT_2018;
    if (n >= FRAME && begins_with(bytes, PACK_PACKET_WORD))
        return 1;
    if (n < BLOCK || !agrees(bytes, !at, 0x1fff) || !agrees(bytes, at, UINT32_MAX))
        return 0;
    uint32_t bx = word_at(bytes + !at * FRAME, 0) & 0x1fff, orbit = word_at(bytes + at * FRAME, 0);
    return bx <= BX_PER_ORBIT && (!r->started || orbit - r->orbit <= NEAR);
}

/* Over the block, if something may begin behind it (or the file ends there); else on frame by frame. */
static void seek_block(const struct bx_reader *r, struct words *w)
{
    size_t got;
    const unsigned char *bytes = words_look(w, 2 * BLOCK, &got);
    if (got <= BLOCK || may_begin(r, bytes + BLOCK, got - BLOCK)) {
        words_skip(w, got < BLOCK ? got : BLOCK);
        return;
    }
    do {
        words_skip(w, got < FRAME ? got : FRAME);
        bytes = words_look(w, BLOCK, &got);
    } while (got >= BLOCK && !may_begin(r, bytes, got));
}

static int blocks_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct words *w = &((struct blocks *)r->state)->words;
    for (;;) {
        size_t got;
        const unsigned char *bytes = words_look(w, BLOCK, &got);
        if (got >= FRAME && begins_with(bytes, PACK_PACKET_WORD)) {
            item->kind = ITEM_PACKET;
            le32_read(item->packet, bytes, LANES);
            words_skip(w, FRAME);
            return 1;
        }
        if (got < BLOCK)
            return blocks_cut(r, w, got, m);
        item->kind = ITEM_BX;
        item->form = FORM_LINKS;
        item->layout = (enum link_format)r->codec->layout;
        item->links.appended = 0;
        le32_read(item->links.block.w, bytes, BX_WORDS);
        item->orbit = bx_frames_orbit(&item->links.block, item->layout, 0);
        int good = check_block(r, w, item, bytes, m);
        r->byte = w->offset;
        if (good == 1)
            words_skip(w, BLOCK);
        if (good)
            return good;
        seek_block(r, w);
    }
}

/* ---- reading 2022: the host's own reader does it ---- */

/* A part of the stream that waits to be given. */
struct part {
    enum bx_item_kind kind;
    uint32_t orbit;
    uint16_t bx;
    uint64_t byte;
    struct bx_links links;
    uint32_t packet[LANES];
};

struct orbits {
    struct words words;
    struct bx_reader *reader;
    struct host *host;
    struct bx_item *item;     /* what the caller gave to be filled; NULL: it is */
    struct part queue[QUEUE]; /* and what came with it: a frame completes a few parts at most */
    unsigned first, n;
    enum link_format layout;
    int appended;             /* blocks have corrections behind them */
    int ended, wrong;
    struct message why; /* of the first error, when strict */
};

static void orbits_report(void *ctx, const char *text)
{
    struct orbits *o = ctx;
    if (o->wrong < 0)
        return;
    o->wrong = bx_wrong(o->reader, &o->why, "%s", text);
}

static void take_links(struct bx_links *to, const struct host_item *from)
{
    to->block = *from->block;
    to->appended = from->appended != NULL;
    if (from->appended)
        memcpy(to->correction, from->appended, sizeof to->correction);
}

static void give(struct bx_item *item, enum link_format layout, enum bx_item_kind kind, uint32_t orbit,
                 uint16_t bx)
{
    item->kind = kind;
    item->form = FORM_LINKS;
    item->layout = layout;
    item->orbit = orbit;
    item->bx = bx;
}

static size_t block_bytes(const struct orbits *o)
{
    return BLOCK + (o->appended ? PACK_APPENDED_FRAMES * FRAME : 0);
}

/* To the caller's item, or behind those that wait. */
static void push(struct orbits *o, enum bx_item_kind kind, uint16_t bx, const struct host_item *from)
{
    struct part *part = &o->queue[(o->first + o->n) % QUEUE];
    struct bx_item *item = o->item;
    /* A block is told with its last frame. */
    uint64_t byte = o->words.offset - (kind == ITEM_BX ? block_bytes(o) - FRAME : 0);
    if (item) {
        give(item, o->layout, kind, from->orbit, bx);
        o->reader->byte = byte;
    } else {
        part->kind = kind;
        part->orbit = from->orbit;
        part->bx = bx;
        part->byte = byte;
        o->n++;
    }
    if (from->block)
        take_links(item ? &item->links : &part->links, from);
    if (from->packet)
        memcpy(item ? item->packet : part->packet, from->packet, sizeof part->packet);
    o->item = NULL;
}

static void block_number_wrong(struct orbits *o, uint32_t orbit, uint32_t claimed)
{
    char place[400];
    bx_place(place, sizeof place, o->reader->path, o->words.offset, orbit);
    o->wrong = bx_number_wrong(o->reader, &o->why, place, claimed);
}

/* The orbit is the header's; the BX is what lane 0 says. */
static void push_block(struct orbits *o, const struct host_item *from)
{
    uint32_t claimed = bx_frames_bx(from->block, o->layout, 0);
    uint16_t bx;
    if (bx_number(o->reader, claimed, &bx))
        push(o, ITEM_BX, bx, from);
    else
        block_number_wrong(o, from->orbit, claimed);
}

/* host_block has taken the block that is in the caller's item. */
static void give_block(struct orbits *o)
{
    struct bx_item *item = o->item;
    uint32_t orbit = host_orbit(o->host), claimed = bx_frames_bx(&item->links.block, o->layout, 0);
    uint16_t bx;
    if (o->wrong < 0)
        return;
    if (!bx_number(o->reader, claimed, &bx)) {
        block_number_wrong(o, orbit, claimed);
        return;
    }
    give(item, o->layout, ITEM_BX, orbit, bx);
    item->links.appended = (uint8_t)o->appended;
    o->reader->byte = o->words.offset;
    o->item = NULL;
}

static void orbits_item(void *ctx, const struct host_item *from)
{
    static const enum bx_item_kind kinds[] = {[FRAME_HEADER] = ITEM_ORBIT, [FRAME_TRAILER] = ITEM_END,
                                              [FRAME_PACKET] = ITEM_PACKET};
    struct orbits *o = ctx;
    if (o->wrong < 0)
        return;
    if (from->kind == FRAME_BLOCK)
        push_block(o, from);
    else
        push(o, kinds[from->kind], 0, from);
}

static void orbits_close(void *state)
{
    struct orbits *o = state;
    o->wrong = -1; /* whatever the host still says is for nobody */
    if (o->host)
        host_close(o->host, NULL, NULL);
    words_release(&o->words);
    free(o);
}

static int orbits_begin(struct orbits *o, struct bx_reader *r, struct message *m)
{
    size_t got;
    o->reader = r;
    if (words_init(&o->words, r->file, r->path) < 0)
        return message_set(m, "%s: out of memory", r->path);
    const unsigned char *head = words_look(&o->words, WORDS_WINDOW, &got);
    struct dma_look look = look_2022(head, got);
    int layout = r->cfg.layout >= 0 ? r->cfg.layout : look.layout;
    o->layout = layout >= 0 ? (enum link_format)layout : LINK_FORMAT_RUN3;
    o->appended = look.appended;
    struct host_cfg cfg = {.format = o->layout,
                           .record = o->layout,
                           .corrections = look.appended ? PACK_APPENDED : PACK_NONE,
                           .report = orbits_report,
                           .item = orbits_item,
                           .ctx = o,
                           .name = r->path};
    o->host = host_open(&cfg, m);
    return o->host ? 0 : -1;
}

static void *orbits_open(struct bx_reader *r, struct message *m)
{
    struct orbits *o = calloc(1, sizeof *o);
    if (!o) {
        message_set(m, "%s: out of memory", r->path);
        return NULL;
    }
    if (orbits_begin(o, r, m) == 0)
        return o;
    orbits_close(o);
    return NULL;
}

/* The end of the file: what the host still held may complete items. */
static int orbits_end(struct orbits *o, size_t got, struct message *m)
{
    if (words_check(&o->words, m) < 0)
        return -1;
    if (got && bx_wrong(o->reader, m, "%s: byte %llu: the frame is cut off (%zu of %d bytes are there)",
                        o->reader->path, (unsigned long long)o->words.offset, got, FRAME) < 0)
        return -1;
    host_close(o->host, NULL, NULL);
    o->host = NULL;
    o->ended = 1;
    return 0;
}

/* A board header stands where a packet begins; the frame after it is an orbit's header. */
static int skip_board_header(struct orbits *o)
{
    size_t got;
    const unsigned char *bytes = words_look(&o->words, 2 * FRAME, &got);
    if (got < 2 * FRAME || word_at(bytes, 0) != DMA_BOARD_HEADER || is_orbit_header(bytes) ||
        !is_orbit_header(bytes + FRAME) || !host_step_over(o->host))
        return 0;
    o->reader->cfg.losses->n[LOSS_BOARD_HEADER]++;
    words_skip(&o->words, FRAME);
    return 1;
}

/* A whole block at once, into the caller's item: 1; 0: the frames are to be looked at one by one. */
static int read_block(struct orbits *o)
{
    size_t size = block_bytes(o), got;
    const unsigned char *bytes = words_look(&o->words, size, &got);
    struct bx_links *links = &o->item->links;
    if (got < size)
        return 0;
    le32_read(links->block.w, bytes, BX_WORDS);
    for (unsigned i = 0; o->appended && i < PACK_APPENDED_FRAMES; i++)
        le32_read(links->correction[i].w, bytes + BLOCK + i * FRAME, LANES);
    if (!host_block(o->host, &links->block, o->appended ? links->correction : NULL))
        return 0;
    give_block(o);
    words_skip(&o->words, size);
    return 1;
}

static int orbits_feed(struct orbits *o, struct message *m)
{
    uint32_t frame[LANES];
    size_t got;
    if ((o->item && read_block(o)) || skip_board_header(o))
        return 0;
    const unsigned char *bytes = words_look(&o->words, FRAME, &got);
    if (got < FRAME)
        return orbits_end(o, got, m);
    le32_read(frame, bytes, LANES);
    host_frame(o->host, frame);
    words_skip(&o->words, FRAME);
    return 0;
}

static void give_first(struct orbits *o, struct bx_item *item)
{
    const struct part *part = &o->queue[o->first];
    give(item, o->layout, part->kind, part->orbit, part->bx);
    o->reader->byte = part->byte;
    if (part->kind == ITEM_BX)
        item->links = part->links;
    if (part->kind == ITEM_PACKET)
        memcpy(item->packet, part->packet, sizeof item->packet);
    o->first = (o->first + 1) % QUEUE;
    o->n--;
}

static int orbits_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct orbits *o = r->state;
    if (o->n > 0) {
        give_first(o, item);
        return 1;
    }
    o->item = item;
    while (o->item) {
        if (o->wrong < 0)
            return message_set(m, "%s", o->why.text);
        if (o->ended)
            return 0;
        if (orbits_feed(o, m) < 0)
            return -1;
    }
    return 1;
}

/* ---- writing ---- */

struct dma_writer {
    int open;               /* an orbit is */
    uint32_t orbit;
    uint32_t packet_orbits; /* of this packet */
    uint32_t hit_map[HIT_MAP_WORDS];
};

static void *dma_begin(struct bx_writer *w, struct message *m)
{
    struct dma_writer *d = calloc(1, sizeof *d);
    (void)w;
    if (!d)
        message_set(m, "out of memory");
    return d;
}

static void put_frames(struct bx_writer *w, const struct dma_frame *frames, unsigned n)
{
    le32_write(w->file, frames[0].w, (size_t)n * LANES);
}

/* Whether a packet ends with a frame that counts nothing: in 2018 it did (domain.md 3.1), but counts that
 * came from elsewhere are kept; a stream of 2021 stays as it came; since 2022 all are counted. */
static int ends_plain(const struct bx_codec *codec, const uint32_t *came, const struct packet_counts *c)
{
    if (codec == &bx_codec_dma2018)
        return !c->realigns && !c->dropped_orbits;
    return codec == &bx_codec_dma2021 && came && came[2] == PACK_PACKET_WORD;
}

/* The packet's end: counts as they came (NULL: none known), the number of orbits as it is. */
static void put_packet(struct bx_writer *w, const uint32_t *came)
{
    struct dma_writer *d = w->state;
    struct dma_frame frame;
    int counted = came && came[2] != PACK_PACKET_WORD;
    struct packet_counts c = {counted ? came[2] : 0, counted ? came[4] : 0, d->packet_orbits};
    pack_packet(&c, &frame);
    for (unsigned i = 2; i < LANES && ends_plain(w->codec, came, &c); i++)
        frame.w[i] = PACK_PACKET_WORD;
    put_frames(w, &frame, 1);
    d->packet_orbits = 0;
}

static void packet_when_due(struct bx_writer *w)
{
    const struct dma_writer *d = w->state;
    if (w->cfg.orbits_per_packet && d->packet_orbits == w->cfg.orbits_per_packet)
        put_packet(w, NULL);
}

/* 2018 and 2021: an orbit has no marks of its own. */
static int blocks_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct dma_writer *d = w->state;
    (void)m;
    if (item->kind == ITEM_PACKET && !w->cfg.orbits_per_packet)
        put_packet(w, item->packet);
    if (item->kind != ITEM_BX)
        return 0;
    if (!d->open || d->orbit != item->orbit) {
        packet_when_due(w);
        d->packet_orbits++;
    }
    d->open = 1;
    d->orbit = item->orbit;
    w->cfg.losses->n[LOSS_CORRECTIONS] += item->links.appended;
    le32_write(w->file, item->links.block.w, BX_WORDS);
    return 0;
}

static int blocks_end(struct bx_writer *w, struct message *m)
{
    const struct dma_writer *d = w->state;
    (void)m;
    if (w->cfg.orbits_per_packet && d->packet_orbits)
        put_packet(w, NULL);
    return 0;
}

static void close_orbit(struct bx_writer *w)
{
    struct dma_writer *d = w->state;
    struct dma_frame frames[PACK_TRAILER_FRAMES];
    if (!d->open)
        return;
    put_frames(w, frames, pack_trailer(d->hit_map, frames));
    d->open = 0;
    d->packet_orbits++;
    packet_when_due(w);
}

static void open_orbit(struct bx_writer *w, uint32_t orbit)
{
    struct dma_writer *d = w->state;
    struct dma_frame frame;
    close_orbit(w);
    put_frames(w, &frame, pack_header(orbit, &frame));
    memset(d->hit_map, 0, sizeof d->hit_map);
    d->open = 1;
    d->orbit = orbit;
}

static void orbits_put_bx(struct bx_writer *w, const struct bx_item *item)
{
    struct dma_writer *d = w->state;
    if (!d->open || d->orbit != item->orbit)
        open_orbit(w, item->orbit);
    d->hit_map[item->bx / 32] |= UINT32_C(1) << item->bx % 32;
    le32_write(w->file, item->links.block.w, BX_WORDS);
    if (item->links.appended)
        put_frames(w, item->links.correction, PACK_APPENDED_FRAMES);
}

static int orbits_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    (void)m;
    switch (item->kind) {
    case ITEM_ORBIT: open_orbit(w, item->orbit); break;
    case ITEM_BX: orbits_put_bx(w, item); break;
    case ITEM_END: close_orbit(w); break;
    case ITEM_PACKET:
        close_orbit(w);
        if (!w->cfg.orbits_per_packet)
            put_packet(w, item->packet);
        break;
    }
    return 0;
}

static int orbits_finish(struct bx_writer *w, struct message *m)
{
    close_orbit(w);
    return blocks_end(w, m);
}

const struct bx_codec bx_codec_dma2018 = {
    .name = "dma2018", .packets = 1, .layout = LINK_FORMAT_2018, .form = FORM_LINKS,
    .open = blocks_open, .next = blocks_next, .close = blocks_close,
    .begin = dma_begin, .put = blocks_put, .end = blocks_end, .release = free};
const struct bx_codec bx_codec_dma2021 = {
    .name = "dma2021", .packets = 1, .layout = LINK_FORMAT_RUN3, .form = FORM_LINKS,
    .open = blocks_open, .next = blocks_next, .close = blocks_close,
    .begin = dma_begin, .put = blocks_put, .end = blocks_end, .release = free};
const struct bx_codec bx_codec_dma2022 = {
    .name = "dma2022", .packets = 1, .layout = -1, .form = FORM_LINKS,
    .open = orbits_open, .next = orbits_next, .close = orbits_close,
    .begin = dma_begin, .put = orbits_put, .end = orbits_finish, .release = free};

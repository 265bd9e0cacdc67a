/* bxact's own record text (record.h) as BX: records of one block's output that hold all 48 words, or, where
 * asked for, the DMA's frames (record_frames.h). */
#include "golden/formats/bx_file.h"
#include "golden/formats/bx_frames.h"
#include "golden/formats/record.h"
#include "golden/formats/record_frames.h"
#include "golden/formats/text.h"

#include <stdlib.h>
#include <string.h>

static const char default_boundary[] = "link_align";
/* What bx_writer writes: no block of the chain, so that nobody takes it for one. */
static const char file_boundary[] = "file", file_domain[] = "none";

struct records {
    struct text text;
    int layout;          /* -1: not known yet */
    uint64_t bx, others; /* records that were BX; of other blocks or kinds */
    char seen[BX_BOUNDARY_SIZE]; /* a block whose records hold a BX, though it was not asked for */
    struct record_frames frames;
    struct bx_reader *stream;    /* of the frames; NULL: the records are not frames */
};

static void *records_open(struct bx_reader *r, struct message *m)
{
    struct records *s = calloc(1, sizeof *s);
    if (!s) {
        message_set(m, "%s: out of memory", r->path);
        return NULL;
    }
    text_init(&s->text, r->file, r->path, RECORD_LINE);
    s->layout = r->cfg.layout;
    return s;
}

static void records_close(void *state)
{
    struct records *s = state;
    bx_reader_free(s->stream);
    text_release(&s->text);
    free(s);
}

static int open_stream(struct bx_reader *r, const struct record *first, struct message *m)
{
    struct records *s = r->state;
    FILE *file = record_frames_stream(&s->frames, &s->text, r->cfg.boundary, first);
    if (!file)
        return message_set(m, "%s: out of memory", r->path);
    s->stream = bx_reader_new(file, r->path, &bx_codec_dma2022, &r->cfg, m);
    return s->stream ? 0 : -1;
}

static int next_of_stream(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct records *s = r->state;
    int got = bx_reader_next(s->stream, item, m);
    r->errors = s->stream->errors;
    r->byte = s->stream->byte;
    return s->frames.failed && got <= 0 ? message_set(m, "%s", s->frames.why.text) : got;
}

/* The layout that makes the data claim what the record says they claim. */
static int layout_of(const struct record *record)
{
    int old =
        (record->word[0] & 0xffff) == record->claimed_bx && record->word[LANES] == record->claimed_orbit;
    int run3 =
        (record->word[LANES] & 0x1fff) == record->claimed_bx && record->word[0] == record->claimed_orbit;
    return run3 ? LINK_FORMAT_RUN3 : old ? LINK_FORMAT_2018 : -1;
}

/* A file that bxact wrote from another one has its own boundary; it is taken when nothing is asked for. */
static int is_wanted(const struct bx_reader *r, const struct record *record)
{
    if (record->words != BX_WORDS || record->kind != RECORD_PAYLOAD)
        return 0;
    if (r->cfg.boundary[0])
        return strcmp(record->boundary, r->cfg.boundary) == 0;
    return strcmp(record->boundary, default_boundary) == 0 || strcmp(record->boundary, file_boundary) == 0;
}

/* The frames that the board sends are asked for by their boundary. */
static int is_frame(const struct bx_reader *r, const struct record *record)
{
    return record->words == LANES && strcmp(record->boundary, r->cfg.boundary) == 0;
}

/* 1; 0: not a BX that is wanted; -1. */
static int take_record(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct records *s = r->state;
    struct record record;
    struct record_names names;
    char place[400];
    snprintf(place, sizeof place, "%.300s:%lu", r->path, s->text.number);
    if (record_parse(s->text.line, &record, &names) < 0)
        return bx_wrong(
            r, m, "%s: no record (give \"block domain cycle place kind orbit/bx orbit/bx words\")", place);
    if (is_frame(r, &record))
        return open_stream(r, &record, m) < 0 ? -1 : next_of_stream(r, item, m);
    if (!is_wanted(r, &record)) {
        if (record.words == BX_WORDS && !s->seen[0])
            snprintf(s->seen, sizeof s->seen, "%s", names.boundary);
        s->others++;
        return 0;
    }
    if (s->layout < 0)
        s->layout = layout_of(&record);
    if (!bx_number(r, record.bx, &item->bx))
        return bx_number_wrong(r, m, place, record.bx);
    s->bx++;
    r->line = s->text.number;
    item->kind = ITEM_BX;
    item->form = FORM_LINKS;
    item->layout = s->layout >= 0 ? (enum link_format)s->layout : LINK_FORMAT_2018;
    item->orbit = record.orbit;
    item->links.appended = 0;
    memcpy(item->links.block.w, record.word, sizeof item->links.block.w);
    return 1;
}

static int records_end(struct bx_reader *r, struct message *m)
{
    const struct records *s = r->state;
    if (s->bx || !s->others)
        return 0;
    return message_set(m, "%s: no record of %s holds a BX (give --boundary %s)", r->path,
                       r->cfg.boundary[0] ? r->cfg.boundary : default_boundary,
                       s->seen[0] ? s->seen : "of a block whose records have 48 words or are DMA frames");
}

static int records_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct records *s = r->state;
    struct message why;
    while (!s->stream) {
        int got = text_line(&s->text, &why);
        if (got == 0)
            return records_end(r, m);
        if (got < 0 && (bx_wrong(r, m, "%s", why.text) < 0 || ferror(r->file)))
            return message_set(m, "%s", why.text);
        got = got < 0 ? 0 : take_record(r, item, m);
        if (got || s->stream)
            return got;
    }
    return next_of_stream(r, item, m);
}

static void *records_begin(struct bx_writer *w, struct message *m)
{
    uint64_t *cycle = calloc(1, sizeof *cycle);
    (void)w;
    if (!cycle)
        message_set(m, "out of memory");
    return cycle;
}

static int records_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    uint64_t *cycle = w->state;
    (void)m;
    if (item->kind != ITEM_BX)
        return 0;
    struct record record = {.boundary = file_boundary, .domain = file_domain, .cycle = (*cycle)++,
                            .place = RECORD_NO_PLACE, .kind = RECORD_PAYLOAD, .words = BX_WORDS,
                            .orbit = item->orbit, .bx = item->bx};
    record.claimed_orbit = bx_frames_orbit(&item->links.block, item->layout, 0);
    record.claimed_bx = bx_frames_bx(&item->links.block, item->layout, 0);
    memcpy(record.word, item->links.block.w, sizeof record.word);
    w->cfg.losses->n[LOSS_CORRECTIONS] += item->links.appended;
    record_write(w->file, &record);
    return 0;
}

static int records_finish(struct bx_writer *w, struct message *m)
{
    (void)w;
    (void)m;
    return 0;
}

const struct bx_codec bx_codec_records = {
    .name = "records", .layout = -1, .form = FORM_LINKS,
    .open = records_open, .next = records_next, .close = records_close,
    .begin = records_begin, .put = records_put, .end = records_finish, .release = free};

#include "tests/fuzz/reader_check.h"

#include <string.h>

static const char name[] = "input";

/* How a file was read. */
struct reading {
    int result; /* 0: to its end; -1 */
    uint64_t bx, errors, digest;
    int layout, mixed; /* of the last BX; not all have the same */
    struct message why;
};

/* What was written, in memory; more than fits is a failed write. */
static char written[1 << 20];

static FILE *open_written(struct message *m)
{
    FILE *file = fmemopen(written, sizeof written, "wb");
    if (!file)
        message_set(m, "out of memory");
    return file;
}

/* Ends writing: how much there is, -1 when writing has failed. */
static long close_written(FILE *file)
{
    long n = fflush(file) == 0 && !ferror(file) ? ftell(file) : -1;
    fclose(file);
    return n;
}

/* ---- digests ---- */

static void add(uint64_t *digest, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        *digest = (*digest ^ p[i]) * UINT64_C(0x100000001b3);
}

static void add_number(uint64_t *digest, uint64_t n)
{
    add(digest, &n, sizeof n);
}

static void add_record(uint64_t *digest, const struct host_record *r)
{
    add_number(digest, r->bx_word);
    add_number(digest, r->bx_match | r->orbit_match << 8 | r->a << 16 | (uint32_t)r->b << 24);
    for (unsigned i = 0; i < (unsigned)r->a + r->b; i++) {
        add_number(digest, r->muon[i].muon);
        add_number(digest, r->muon[i].extra);
    }
}

static void add_bx(uint64_t *digest, const struct bx_item *item)
{
    add_number(digest, (uint64_t)item->orbit << 16 | item->bx);
    add_number(digest, (uint64_t)item->source << 32 | (uint32_t)item->form << 8 | (uint32_t)item->layout);
    switch (item->form) {
    case FORM_LINKS: add(digest, item->links.block.w, sizeof item->links.block.w); return;
    case FORM_MUONS: add_record(digest, &item->muons); return;
    case FORM_UGT: add(digest, item->ugt.row, strlen(item->ugt.row)); return;
    default:
        add_number(digest, item->words.header);
        add(digest, item->words.word, item->words.n * sizeof *item->words.word);
    }
}

static void add_row(uint64_t *digest, const struct link_board *b, const struct link_frame *f)
{
    add_number(digest, (uint64_t)b->links << 32 | f->number);
    for (unsigned i = 0; i < b->links; i++) {
        add_number(digest, f->data[i]);
        add_number(digest, f->side[i] | (uint32_t)b->link[i] << 16);
    }
}

/* ---- BX ---- */

static struct bx_item item;

/* Reads; what was read goes to `w` unless that is NULL. */
static struct reading read_items(const struct bx_codec *codec, const void *bytes, size_t n,
                                 const struct bx_file_cfg *cfg, struct bx_writer *w)
{
    struct reading got = {.layout = -1};
    FILE *in = fmemopen((void *)(uintptr_t)bytes, n, "rb");
    struct bx_reader *r = in ? bx_reader_new(in, name, codec, cfg, &got.why) : NULL;
    got.result = r ? 1 : -1;
    while (got.result == 1 && (got.result = bx_reader_next(r, &item, &got.why)) == 1) {
        if (item.kind == ITEM_BX) {
            got.bx++;
            got.mixed |= got.layout >= 0 && got.layout != (int)item.layout;
            got.layout = (int)item.layout;
            add_bx(&got.digest, &item);
        }
        if (w && bx_writer_put(w, &item, &got.why) < 0)
            w = NULL; /* what cannot be written is not compared: the caller sees it by the number of BX */
    }
    got.errors = r ? r->errors : 0;
    bx_reader_free(r);
    return got;
}

static int came_back(const struct reading *first, const struct bx_codec *codec, long n,
                     const struct bx_file_cfg *cfg, struct message *m)
{
    struct bx_file_cfg again_cfg = *cfg;
    again_cfg.layout = first->layout;
    struct reading again = read_items(codec, written, (size_t)n, &again_cfg, NULL);
    if (again.result < 0)
        return message_set(m, "what was written as %s cannot be read: %.300s", codec->name, again.why.text);
    if (again.bx != first->bx || again.digest != first->digest)
        return message_set(m, "%s: %llu BX were written, %llu came back%s", codec->name,
                           (unsigned long long)first->bx, (unsigned long long)again.bx,
                           again.bx == first->bx ? ", not the same" : "");
    return 0;
}

/* Strict reading, and back. Pattern files fill gaps with rows, which takes long: their BX go to a stream. */
static int check_strict(const struct format *f, const uint8_t *bytes, size_t n, const struct bx_file_cfg *cfg,
                        struct reading *strict, struct message *m)
{
    const struct bx_codec *to = f->links ? &bx_codec_dma2022 : f->bx;
    struct bx_file_cfg out_cfg = *cfg;
    struct message why;
    FILE *out = open_written(m);
    if (!out)
        return -1;
    out_cfg.orbits_per_packet = f->links ? 20 : 0;
    struct bx_writer *w = bx_writer_new(out, to, &out_cfg, &why);
    *strict = read_items(f->bx, bytes, n, cfg, w);
    int whole = w && strict->result == 0 && !strict->mixed && strict->bx > 0 && w->items == strict->bx &&
                bx_writer_end(w, &why) == 0;
    bx_writer_free(w);
    long size = close_written(out);
    if (whole && size >= 0 && came_back(strict, to, size, cfg, m) < 0)
        return -1;
    if (strict->result < 0 && strncmp(strict->why.text, name, sizeof name - 1) != 0)
        return message_set(m, "a message without place: %.300s", strict->why.text);
    return 0;
}

static int check_items(const struct format *f, const uint8_t *bytes, size_t n, struct message *m)
{
    struct losses losses = {{0}};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    struct reading strict, recovered;
    if (check_strict(f, bytes, n, &cfg, &strict, m) < 0)
        return -1;
    cfg.recover = 1;
    recovered = read_items(f->bx, bytes, n, &cfg, NULL);
    if ((strict.result < 0) != (recovered.result < 0 || recovered.errors > 0))
        return message_set(m, "strict: %d, recovering: %d with %llu errors", strict.result, recovered.result,
                           (unsigned long long)recovered.errors);
    if (recovered.bx < strict.bx)
        return message_set(m, "recovering gives %llu BX, strict %llu", (unsigned long long)recovered.bx,
                           (unsigned long long)strict.bx);
    return 0;
}

/* ---- rows ---- */

static struct reading read_rows(const struct link_codec *codec, const void *bytes, size_t n, FILE *out)
{
    static struct link_frame row;
    struct reading got = {.layout = -1};
    struct link_board board;
    FILE *in = fmemopen((void *)(uintptr_t)bytes, n, "rb");
    struct link_reader *r = in ? link_reader_new(in, name, codec, &got.why) : NULL;
    got.result = r ? 1 : -1;
    while (got.result == 1 && (got.result = link_read_board(r, &board, &got.why)) == 1) {
        int first = 1, more;
        while ((more = link_read_frame(r, &row, &got.why)) == 1) {
            if (out && first)
                codec->write_board(out, &r->board);
            if (out)
                codec->write_frame(out, &r->board, &row);
            first = 0;
            add_row(&got.digest, &r->board, &row);
        }
        got.result = more < 0 ? -1 : 1;
    }
    link_reader_free(r);
    return got;
}

static int check_rows(const struct link_codec *codec, const uint8_t *bytes, size_t n, struct message *m)
{
    FILE *out = open_written(m);
    if (!out)
        return -1;
    struct reading first = read_rows(codec, bytes, n, out);
    long size = close_written(out);
    if (first.result < 0 || size < 0)
        return 0;
    struct reading again = read_rows(codec, written, (size_t)size, NULL);
    if (again.result == 0 && again.digest == first.digest)
        return 0;
    return message_set(m, "rows of %s do not come back: %.300s", codec->name,
                       again.result < 0 ? again.why.text : "other words");
}

int reader_check(const struct format *f, const uint8_t *bytes, size_t n, struct message *m)
{
    if (n == 0)
        return 0;
    if (check_items(f, bytes, n, m) < 0)
        return -1;
    return f->links ? check_rows(f->links, bytes, n, m) : 0;
}

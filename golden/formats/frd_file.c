/* Run-3 scouting raw data as CMSSW reads them (domain.md 3.4, 3.5): FRD files "RAW_0002".
 *
 * 32 bytes: "RAW_0002", u16 header size, u16 data type 20, u32 orbits, u32 run, u32 lumi section, u64 file
 * size. Per orbit 24 bytes: u16 version 6, u16 flags, u32 run, ls, orbit, payload bytes, CRC-32C of the
 * payload (0: none). The payload: u32 source id, then BX blocks {header, bx, orbit, words}; BX count from
 * 1. The calorimeter's sums have no header.
 */
#include "golden/formats/bx_file.h"
#include "golden/formats/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_HEADER = 32,
    ORBIT_HEADER = 24,
    DATA_TYPE = 20,
    VERSION = 6,
    GMT_BLOCK = 4 * HOST_RECORD_MAX_WORDS,
};
static const char magic[] = "RAW_0002";

/* table[k][b]: what byte b does to the CRC when k more bytes follow. */
static void make_table(uint32_t table[4][256])
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t c = b;
        for (int i = 0; i < 8; i++)
            c = c >> 1 ^ (c & 1 ? UINT32_C(0x82f63b78) : 0);
        table[0][b] = c;
    }
    for (unsigned k = 1; k < 4; k++)
        for (unsigned b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
}

/* CRC-32C (Castagnoli), reflected, as in RFC 3720, of words as they stand in the file. */
static uint32_t crc32c(uint32_t crc, const uint32_t *words, size_t n)
{
    static uint32_t table[4][256];
    if (!table[0][1])
        make_table(table);
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= words[i];
        crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^
              table[0][crc >> 24];
    }
    return ~crc;
}

/* ---- reading ---- */

struct frd {
    struct words words;
    uint32_t orbits, run, ls; /* as the file's header says */
    uint64_t size;
    uint32_t seen;            /* orbits */
    int open;                 /* inside an orbit */
    uint32_t orbit, source, left; /* left: bytes of the payload */
    uint32_t crc, wanted;
};

static void frd_close(void *state)
{
    struct frd *f = state;
    words_release(&f->words);
    free(f);
}

static int frd_header(struct bx_reader *r, struct frd *f, struct message *m)
{
    size_t got;
    const unsigned char *p = words_look(&f->words, FILE_HEADER, &got);
    if (got < FILE_HEADER)
        return words_check(&f->words, m) < 0
                   ? -1
                   : message_set(m, "%s: byte 0: the file's header is cut off (%zu of %d bytes)", r->path,
                                 got, FILE_HEADER);
    if (memcmp(p, magic, 8) != 0)
        return message_set(m, "%s: byte 0: no \"%s\" (give an FRD file)", r->path, magic);
    if (le16(p + 8) != FILE_HEADER || le16(p + 10) != DATA_TYPE)
        return message_set(m, "%s: byte 8: header of %u bytes, data type %u (give %d bytes, type %d)",
                           r->path, le16(p + 8), le16(p + 10), FILE_HEADER, DATA_TYPE);
    f->orbits = le32(p + 12);
    f->run = le32(p + 16);
    f->ls = le32(p + 20);
    f->size = le64(p + 24);
    words_skip(&f->words, FILE_HEADER);
    return 0;
}

static void *frd_open(struct bx_reader *r, struct message *m)
{
    struct frd *f = calloc(1, sizeof *f);
    if (!f || words_init(&f->words, r->file, r->path) < 0) {
        free(f);
        message_set(m, "%s: out of memory", r->path);
        return NULL;
    }
    if (frd_header(r, f, m) == 0)
        return f;
    frd_close(f);
    return NULL;
}

static int frd_end(struct bx_reader *r, struct frd *f, struct message *m)
{
    uint64_t size = f->words.offset;
    if (f->orbits != f->seen && bx_wrong(r, m, "%s: byte 12: the header says %lu orbits, the file has %lu",
                                         r->path, (unsigned long)f->orbits, (unsigned long)f->seen) < 0)
        return -1;
    if (f->size != size && bx_wrong(r, m, "%s: byte 24: the header says %llu bytes, the file has %llu",
                                    r->path, (unsigned long long)f->size, (unsigned long long)size) < 0)
        return -1;
    return 0;
}

static int known_source(uint32_t source)
{
    return source == SOURCE_ID_GMT || source == SOURCE_ID_CALO || source == SOURCE_ID_TOWER ||
           (source >= SOURCE_ID_BMTF_FIRST && source <= SOURCE_ID_CALO_LAST);
}

static int is_orbit(const struct frd *f, const unsigned char *p)
{
    return le16(p) == VERSION && le32(p + 4) == f->run && le32(p + 8) == f->ls;
}

/* Recovering: on to where an orbit's header can be. */
static void seek_orbit(struct frd *f)
{
    size_t got;
    const unsigned char *p;
    do {
        p = words_look(&f->words, 4, &got);
        words_skip(&f->words, got < 4 ? got : 4);
        p = words_look(&f->words, ORBIT_HEADER + 4, &got);
    } while (got >= ORBIT_HEADER + 4 && !(is_orbit(f, p) && known_source(le32(p + ORBIT_HEADER))));
    if (got < ORBIT_HEADER + 4)
        words_skip(&f->words, got);
}

static int orbit_wrong(struct bx_reader *r, struct frd *f, const unsigned char *p, size_t got,
                       struct message *m)
{
    unsigned long long at = f->words.offset;
    if (words_check(&f->words, m) < 0)
        return -1;
    if (got < ORBIT_HEADER + 4)
        return bx_wrong(r, m, "%s: byte %llu: the orbit's header is cut off (%zu of %d bytes are there)",
                        r->path, at, got, ORBIT_HEADER + 4);
    if (!is_orbit(f, p))
        return bx_wrong(r, m,
                        "%s: byte %llu: orbit header version %u, run %lu, lumi section %lu (give version %d, "
                        "run %lu, lumi section %lu)",
                        r->path, at, le16(p), (unsigned long)le32(p + 4), (unsigned long)le32(p + 8), VERSION,
                        (unsigned long)f->run, (unsigned long)f->ls);
    if (le32(p + 16) < 4)
        return bx_wrong(r, m, "%s: byte %llu: orbit %lu: payload of %lu bytes (give 4 or more)", r->path, at,
                        (unsigned long)le32(p + 12), (unsigned long)le32(p + 16));
    return bx_wrong(
        r, m,
        "%s: byte %llu: orbit %lu: source id %lu (give %d GMT, %d or %d..%d calorimeter, %d..%d BMTF, %d "
        "towers)",
        r->path, at, (unsigned long)le32(p + 12), (unsigned long)le32(p + ORBIT_HEADER), SOURCE_ID_GMT,
        SOURCE_ID_CALO, SOURCE_ID_CALO_JET, SOURCE_ID_CALO_LAST, SOURCE_ID_BMTF_FIRST, SOURCE_ID_BMTF_LAST,
        SOURCE_ID_TOWER);
}

static void begin_orbit(struct frd *f, const unsigned char *p, struct bx_item *item)
{
    f->open = 1;
    f->seen++;
    f->orbit = le32(p + 12);
    f->source = le32(p + ORBIT_HEADER);
    f->left = le32(p + 16) - 4;
    f->wanted = le32(p + 20);
    f->crc = crc32c(0, &f->source, 1);
    item->kind = ITEM_ORBIT;
    item->orbit = f->orbit;
    item->source = f->source;
    item->run = f->run;
    item->ls = f->ls;
    item->checked = f->wanted != 0;
    words_skip(&f->words, ORBIT_HEADER + 4);
}

/* 1 with ITEM_ORBIT, 0 at the end of the file, -1. */
static int next_orbit(struct bx_reader *r, struct frd *f, struct bx_item *item, struct message *m)
{
    for (;;) {
        size_t got;
        const unsigned char *p = words_look(&f->words, ORBIT_HEADER + 4, &got);
        if (got == 0 && !f->words.failed)
            return frd_end(r, f, m);
        if (got == ORBIT_HEADER + 4 && is_orbit(f, p) && le32(p + 16) >= 4 &&
            known_source(le32(p + ORBIT_HEADER))) {
            r->byte = f->words.offset;
            begin_orbit(f, p, item);
            return 1;
        }
        if (orbit_wrong(r, f, p, got, m) < 0)
            return -1;
        seek_orbit(f);
    }
}

/* What stands before the words of a BX. */
struct head {
    uint32_t header, bx, orbit;
    size_t bytes; /* that it takes */
    int words;    /* that follow; -1: the header cannot be */
};

static size_t head_bytes(uint32_t source)
{
    return source == SOURCE_ID_CALO_SUM ? 8 : 12;
}

static int words_after(uint32_t source, uint32_t header)
{
    unsigned a = header >> 16 & 0xff, b = header & 0xff; /* four bits each; those above them are never set */
    switch (source) {
    case SOURCE_ID_GMT: return a <= LANES && b <= LANES && a + b > 0 ? (int)(3 * (a + b)) : -1;
    case SOURCE_ID_CALO: return CALO_WORDS;
    case SOURCE_ID_CALO_SUM: return CALO_SUMS;
    case SOURCE_ID_TOWER: return header <= BX_MAX_WORDS ? (int)header : -1;
    default: return (int)(source < SOURCE_ID_CALO_JET ? 2 * b : b); /* a stub has two words, an object one */
    }
}

static struct head head_at(uint32_t source, const unsigned char *p)
{
    struct head h = {.bytes = head_bytes(source)};
    const unsigned char *numbers = p + h.bytes - 8;
    h.header = numbers > p ? le32(p) : 0;
    h.bx = le32(numbers) & (source == SOURCE_ID_GMT ? 0x1fff : UINT32_MAX);
    h.orbit = le32(numbers + 4);
    h.words = words_after(source, h.header);
    return h;
}

static int end_orbit(struct bx_reader *r, struct frd *f, struct bx_item *item, struct message *m)
{
    f->open = 0;
    item->kind = ITEM_END;
    item->orbit = f->orbit;
    item->source = f->source;
    if (!f->wanted || f->wanted == f->crc)
        return 1;
    return bx_wrong(r, m, "%s: byte %llu: orbit %lu: CRC 0x%08lx of the payload, the header says 0x%08lx",
                    r->path, (unsigned long long)f->words.offset, (unsigned long)f->orbit,
                    (unsigned long)f->crc, (unsigned long)f->wanted) < 0
               ? -1
               : 1;
}

static void take(struct frd *f, const uint32_t *words, size_t n)
{
    if (f->wanted)
        f->crc = crc32c(f->crc, words, n);
    f->left -= (uint32_t)(4 * n);
    words_skip(&f->words, 4 * n);
}

/* Recovering: the rest of the orbit cannot be used. */
static void skip_orbit(struct frd *f)
{
    while (f->left > 0) {
        size_t some = f->left < WORDS_WINDOW ? f->left : WORDS_WINDOW, got;
        words_look(&f->words, some, &got);
        words_skip(&f->words, got);
        f->left = got < some ? 0 : f->left - (uint32_t)got;
    }
    f->wanted = 0;
}

/* `w`: the whole block. */
static void fill_item(const struct frd *f, struct bx_item *item, const struct head *h, const uint32_t *w)
{
    item->kind = ITEM_BX;
    item->orbit = f->orbit;
    item->source = f->source;
    item->layout = LINK_FORMAT_RUN3;
    item->form = f->source == SOURCE_ID_GMT ? FORM_MUONS : FORM_WORDS;
    if (f->source == SOURCE_ID_GMT) {
        host_record_parse(w, LINK_FORMAT_RUN3, &item->muons);
        return;
    }
    item->words.header = h->header;
    item->words.n = (uint32_t)h->words;
    memcpy(item->words.word, w + h->bytes / 4, (size_t)h->words * sizeof *w);
}

/* What is wrong with a block whose head is there; returns as bx_wrong. */
static int block_wrong(struct bx_reader *r, struct frd *f, const struct head *h, struct message *m)
{
    char place[400];
    uint16_t bx;
    bx_place(place, sizeof place, r->path, f->words.offset, f->orbit);
    if (!bx_number(r, h->bx, &bx))
        return bx_number_wrong(r, m, place, h->bx);
    if (h->words < 0)
        return bx_wrong(r, m, "%s: BX %u: header 0x%08lx has an impossible count", place, bx,
                        (unsigned long)h->header);
    if ((h->orbit ^ f->orbit) & 0x7fffffff)
        return bx_wrong(r, m, "%s: BX %u: the block says orbit %lu", place, bx, (unsigned long)h->orbit);
    if (words_check(&f->words, m) < 0)
        return -1;
    return bx_wrong(r, m, "%s: BX %u: the block is cut off", place, bx);
}

static int head_cut(struct bx_reader *r, const struct frd *f, struct message *m)
{
    char place[400];
    if (words_check(&f->words, m) < 0)
        return -1;
    return bx_wrong(r, m, "%s: a BX block's header is cut off",
                    bx_place(place, sizeof place, r->path, f->words.offset, f->orbit));
}

/* 1: a BX; 0: recovered, nothing; -1. */
static int next_block(struct bx_reader *r, struct frd *f, struct bx_item *item, struct message *m)
{
    uint32_t w[3 + BX_MAX_WORDS];
    size_t got;
    const unsigned char *p = words_look(&f->words, GMT_BLOCK, &got);
    if (got < head_bytes(f->source) || f->left < head_bytes(f->source))
        return head_cut(r, f, m);
    struct head h = head_at(f->source, p);
    if (!bx_number(r, h.bx, &item->bx) || h.words < 0 || ((h.orbit ^ f->orbit) & 0x7fffffff))
        return block_wrong(r, f, &h, m);
    size_t size = h.bytes + 4 * (size_t)h.words;
    if (got < size)
        p = words_look(&f->words, size, &got);
    if (got < size || f->left < size)
        return block_wrong(r, f, &h, m);
    le32_read(w, p, size / 4);
    fill_item(f, item, &h, w);
    r->byte = f->words.offset;
    take(f, w, size / 4);
    return 1;
}

static int frd_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct frd *f = r->state;
    for (;;) {
        if (!f->open)
            return next_orbit(r, f, item, m);
        item->run = f->run;
        item->ls = f->ls;
        if (f->left == 0)
            return end_orbit(r, f, item, m);
        int got = next_block(r, f, item, m);
        if (got)
            return got;
        skip_orbit(f);
    }
}

/* ---- writing ---- */

struct frd_writer {
    FILE *body; /* the file itself, or a temporary one where the file cannot be sought */
    uint32_t orbits, run, ls;
    int named;  /* run and ls are known */
    uint64_t size;
    int open, checked;
    uint32_t orbit, source;
    uint32_t *payload;
    size_t n, room; /* words */
};

static void put32(unsigned char *p, uint32_t v)
{
    for (unsigned b = 0; b < 4; b++)
        p[b] = (unsigned char)(v >> 8 * b);
}

static void put_header(FILE *out, const struct frd_writer *f)
{
    unsigned char h[FILE_HEADER];
    memcpy(h, magic, 8);
    put32(h + 8, FILE_HEADER | DATA_TYPE << 16);
    put32(h + 12, f->orbits);
    put32(h + 16, f->run);
    put32(h + 20, f->ls);
    put32(h + 24, (uint32_t)f->size);
    put32(h + 28, (uint32_t)(f->size >> 32));
    fwrite(h, 1, sizeof h, out);
}

static void frd_release(void *state)
{
    struct frd_writer *f = state;
    free(f->payload);
    free(f);
}

static void *frd_begin(struct bx_writer *w, struct message *m)
{
    struct frd_writer *f = calloc(1, sizeof *f);
    if (!f) {
        message_set(m, "out of memory");
        return NULL;
    }
    f->size = FILE_HEADER;
    f->body = fseek(w->file, 0, SEEK_CUR) == 0 ? w->file : tmpfile();
    if (f->body == w->file)
        put_header(w->file, f);
    if (f->body)
        return f;
    message_set(m, "no temporary file can be made: %s", strerror(errno));
    free(f);
    return NULL;
}

static int grow(struct frd_writer *f, size_t more, struct message *m)
{
    if (f->n + more <= f->room)
        return 0;
    size_t room = 2 * (f->n + more);
    uint32_t *payload = realloc(f->payload, room * sizeof *payload);
    if (!payload)
        return message_set(m, "out of memory");
    f->payload = payload;
    f->room = room;
    return 0;
}

static int put_words(struct frd_writer *f, const uint32_t *words, size_t n, struct message *m)
{
    if (grow(f, n, m) < 0)
        return -1;
    memcpy(f->payload + f->n, words, n * sizeof *words);
    f->n += n;
    return 0;
}

static void close_orbit(struct frd_writer *f)
{
    unsigned char h[ORBIT_HEADER];
    if (!f->open)
        return;
    put32(h, VERSION);
    put32(h + 4, f->run);
    put32(h + 8, f->ls);
    put32(h + 12, f->orbit);
    put32(h + 16, (uint32_t)(4 * f->n));
    put32(h + 20, f->checked ? crc32c(0, f->payload, f->n) : 0);
    fwrite(h, 1, sizeof h, f->body);
    le32_write(f->body, f->payload, f->n);
    f->size += sizeof h + 4 * f->n;
    f->orbits++;
    f->open = 0;
}

static int open_orbit(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct frd_writer *f = w->state;
    uint32_t run = item->run || item->ls ? item->run : w->cfg.run,
             ls = item->run || item->ls ? item->ls : w->cfg.ls;
    close_orbit(f);
    if (f->named && (f->run != run || f->ls != ls))
        return message_set(
            m, "orbit %lu is of run %lu, lumi section %lu, but an FRD file has one (here %lu, %lu)",
            (unsigned long)item->orbit, (unsigned long)run, (unsigned long)ls, (unsigned long)f->run,
            (unsigned long)f->ls);
    f->named = f->open = 1;
    f->run = run;
    f->ls = ls;
    f->orbit = item->orbit;
    f->source = item->source;
    f->checked = item->kind == ITEM_ORBIT && item->checked;
    f->n = 0;
    return put_words(f, &f->source, 1, m);
}

static int put_bx(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct frd_writer *f = w->state;
    uint32_t words[HOST_RECORD_MAX_WORDS];
    if ((!f->open || f->orbit != item->orbit || f->source != item->source) && open_orbit(w, item, m) < 0)
        return -1;
    if (item->form == FORM_MUONS)
        return put_words(f, words, host_record_words(&item->muons, LINK_FORMAT_RUN3, words), m);
    words[0] = item->words.header;
    words[1] = item->bx + (uint32_t)bx_base_of(&w->cfg, w->codec);
    words[2] = item->orbit;
    size_t head = head_bytes(item->source) / 4;
    if (put_words(f, words + 3 - head, head, m) < 0)
        return -1;
    return put_words(f, item->words.word, item->words.n, m);
}

static int frd_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    switch (item->kind) {
    case ITEM_ORBIT: return open_orbit(w, item, m);
    case ITEM_BX: return put_bx(w, item, m);
    case ITEM_END: close_orbit(w->state); return 0;
    default: return 0;
    }
}

static void copy_body(FILE *body, FILE *out)
{
    char bytes[1 << 14];
    size_t n;
    rewind(body);
    while ((n = fread(bytes, 1, sizeof bytes, body)) > 0)
        fwrite(bytes, 1, n, out);
}

static int frd_finish(struct bx_writer *w, struct message *m)
{
    struct frd_writer *f = w->state;
    close_orbit(f);
    if (!f->named) {
        f->run = w->cfg.run;
        f->ls = w->cfg.ls;
    }
    if (f->body == w->file) {
        if (fseek(w->file, 0, SEEK_SET) != 0)
            return message_set(m, "the header cannot be written: %s", strerror(errno));
        put_header(w->file, f);
        return fseek(w->file, 0, SEEK_END) == 0 ? 0 : message_set(m, "%s", strerror(errno));
    }
    put_header(w->file, f);
    int failed = ferror(f->body);
    copy_body(f->body, w->file);
    fclose(f->body);
    return failed ? message_set(m, "the temporary file could not be written") : 0;
}

const struct bx_codec bx_codec_frd = {
    .name = "frd", .base = 1, .runs = 1, .layout = LINK_FORMAT_RUN3, .form = FORM_WORDS,
    .open = frd_open, .next = frd_next, .close = frd_close,
    .begin = frd_begin, .put = frd_put, .end = frd_finish, .release = frd_release};

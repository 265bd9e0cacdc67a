#include "golden/blocks/host_record.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/stream.h"
#include "golden/formats/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_WORDS = 3 };

/* Lanes whose word in a row equals lane 0's. */
static uint32_t match(const uint32_t row[LANES], uint32_t mask)
{
    uint32_t lanes = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        lanes |= (uint32_t)((row[lane] & mask) == (row[0] & mask)) << lane;
    return lanes;
}

/* The Run-3 frame 1 of a lane; put together from the muon words where the frames are 2018's. */
static uint32_t run3_frame1(const struct bx_block *block, enum link_format format, unsigned lane)
{
    if (format == LINK_FORMAT_RUN3)
        return block->w[LANES + lane];
    uint32_t a = (uint32_t)bx_frames_eta_raw(block, format, 2 * lane) & 0x1ff;
    uint32_t b = (uint32_t)bx_frames_eta_raw(block, format, 2 * lane + 1) & 0x1ff;
    uint32_t intermediate = bx_frames_intermediate(block, format, 2 * lane) == 1 ||
                            bx_frames_intermediate(block, format, 2 * lane + 1) == 1;
    return intermediate << 31 | b << 22 | a << 13 | (bx_frames_bx(block, format, lane) & 0x1fff);
}

/* The muons of the A or of the B slots. Returns how many. */
static unsigned put_list(const struct bx_block *block, enum link_format format, enum link_format record,
                         int all, unsigned b, uint32_t **out)
{
    unsigned n = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        gmt_word w = {bx_block_muon(block->w, 2 * lane + b)};
        if (!all && !gmt_pt(w))
            continue;
        *(*out)++ = (uint32_t)w.v;
        *(*out)++ = (uint32_t)(w.v >> 32);
        if (record == LINK_FORMAT_RUN3)
            *(*out)++ = (run3_frame1(block, format, lane) & ~1u) | b;
        n++;
    }
    return n;
}

static int has_muon(const struct bx_block *block)
{
    unsigned pt = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        pt |= gmt_pt((gmt_word){bx_block_muon(block->w, slot)});
    return pt != 0;
}

unsigned host_record_build(const struct bx_block *block, enum link_format format, enum link_format record,
                           int all, uint32_t out[HOST_RECORD_MAX_WORDS])
{
    int run3 = format == LINK_FORMAT_RUN3;
    const uint32_t *bx = block->w + (run3 ? LANES : 0), *orbit = block->w + (run3 ? 0 : LANES);
    uint32_t *end = out + HEADER_WORDS;
    if (!has_muon(block))
        return 0;
    uint32_t a = put_list(block, format, record, all, 0, &end);
    uint32_t b = put_list(block, format, record, all, 1, &end);
    out[0] = match(bx, run3 ? 0x1fff : 0xffff) << 24 | a << 16 | match(orbit, UINT32_MAX) << 8 | b;
    /* A 2018 reader takes 16 bits of the BX word; Run-3 links have raw eta above the 13 bits of the BX. */
    out[1] = run3 && record == LINK_FORMAT_2018 ? bx[0] & 0x1fff : bx[0];
    out[2] = orbit[0];
    return (unsigned)(end - out);
}

static unsigned words_a_muon(enum link_format record)
{
    return record == LINK_FORMAT_RUN3 ? 3 : 2;
}

static int counts_fit(const struct host_record *r)
{
    return r->a <= LANES && r->b <= LANES && r->a + r->b > 0;
}

static void parse_header(const uint32_t w[HEADER_WORDS], enum link_format record, struct host_record *r)
{
    *r = (struct host_record){.orbit = w[2], .bx_word = w[1]};
    r->bx_match = (uint8_t)(w[0] >> 24);
    r->orbit_match = (uint8_t)(w[0] >> 8);
    r->a = w[0] >> 16 & 0xff;
    r->b = w[0] & 0xff;
    r->bx = w[1] & (record == LINK_FORMAT_RUN3 ? 0x1fff : 0xffff);
}

unsigned host_record_parse(const uint32_t *words, enum link_format record, struct host_record *r)
{
    unsigned each = words_a_muon(record);
    parse_header(words, record, r);
    if (!counts_fit(r))
        return 0;
    words += HEADER_WORDS;
    for (unsigned i = 0; i < (unsigned)r->a + r->b; i++, words += each)
        r->muon[i] = (struct host_muon){(uint64_t)words[1] << 32 | words[0], each == 3 ? words[2] : 0};
    return HEADER_WORDS + each * ((unsigned)r->a + r->b);
}

unsigned host_record_words(const struct host_record *r, enum link_format record,
                           uint32_t out[HOST_RECORD_MAX_WORDS])
{
    uint32_t *at = out;
    *at++ = (uint32_t)r->bx_match << 24 | (uint32_t)r->a << 16 | (uint32_t)r->orbit_match << 8 | r->b;
    *at++ = r->bx_word;
    *at++ = r->orbit;
    for (unsigned i = 0; i < (unsigned)r->a + r->b; i++) {
        *at++ = (uint32_t)r->muon[i].muon;
        *at++ = (uint32_t)(r->muon[i].muon >> 32);
        if (record == LINK_FORMAT_RUN3)
            *at++ = r->muon[i].extra;
    }
    return (unsigned)(at - out);
}

struct host_reader {
    FILE *file;
    char *path;
    struct words words;
    enum link_format record;
};

struct host_reader *host_reader_over(FILE *file, const char *path, enum link_format record, struct message *m)
{
    struct host_reader *r = calloc(1, sizeof *r);
    if (r && (r->path = strdup(path)) && words_init(&r->words, file, r->path) == 0) {
        r->file = file;
        r->record = record;
        return r;
    }
    message_set(m, "%s: out of memory", path);
    if (r)
        free(r->path);
    free(r);
    return NULL;
}

void host_reader_leave(struct host_reader *r)
{
    words_release(&r->words);
    free(r->path);
    free(r);
}

struct host_reader *host_reader_open(const char *path, enum link_format record, struct message *m)
{
    FILE *file = stream_read(path, m);
    struct host_reader *r = file ? host_reader_over(file, path, record, m) : NULL;
    if (file && !r)
        fclose(file);
    return r;
}

void host_reader_close(struct host_reader *r)
{
    if (!r)
        return;
    fclose(r->file);
    host_reader_leave(r);
}

int host_reader_failed(const struct host_reader *r)
{
    return r->words.failed;
}

uint64_t host_reader_offset(const struct host_reader *r)
{
    return r->words.offset;
}

static int cut_off(const struct host_reader *r, size_t there, size_t needed, struct message *m)
{
    if (words_check(&r->words, m) < 0)
        return -1;
    return message_set(m, "%s: byte %llu: the record is cut off (%zu of %zu bytes are there)", r->path,
                       (unsigned long long)r->words.offset, there, needed);
}

int host_reader_next(struct host_reader *r, struct host_record *record, struct message *m)
{
    uint32_t w[HOST_RECORD_MAX_WORDS];
    size_t got;
    const unsigned char *bytes = words_look(&r->words, 4 * HEADER_WORDS, &got);
    if (got == 0)
        return words_check(&r->words, m);
    if (got < 4 * HEADER_WORDS)
        return cut_off(r, got, 4 * HEADER_WORDS, m);
    le32_read(w, bytes, HEADER_WORDS);
    parse_header(w, r->record, record);
    if (!counts_fit(record))
        return message_set(m, "%s: byte %llu: header 0x%08lx says %u and %u muons (0..%d each, not both 0)",
                           r->path, (unsigned long long)r->words.offset, (unsigned long)w[0], record->a,
                           record->b, LANES);
    size_t n = HEADER_WORDS + words_a_muon(r->record) * ((unsigned)record->a + record->b);
    bytes = words_look(&r->words, 4 * n, &got);
    if (got < 4 * n)
        return cut_off(r, got, 4 * n, m);
    le32_read(w, bytes, n);
    host_record_parse(w, r->record, record);
    words_skip(&r->words, 4 * n);
    return 1;
}

/* Bytes of the record that may begin here, 0 when none may: its header must hold, and a BX of an orbit
 * (1-based ones included). */
static size_t may_begin(const unsigned char *bytes, size_t n, enum link_format record)
{
    uint32_t w[HEADER_WORDS];
    struct host_record r;
    if (n < 4 * HEADER_WORDS)
        return 0;
    le32_read(w, bytes, HEADER_WORDS);
    parse_header(w, record, &r);
    size_t size = 4 * (HEADER_WORDS + words_a_muon(record) * ((unsigned)r.a + r.b));
    return counts_fit(&r) && (r.bx_word & 0x1fff) <= BX_PER_ORBIT && (w[0] & 0x01000100) == 0x01000100 &&
                   size <= n
               ? size
               : 0;
}

uint64_t host_reader_resync(struct host_reader *r)
{
    enum { AHEAD = 8 * HOST_RECORD_MAX_WORDS };
    uint64_t start = r->words.offset;
    size_t got;
    do {
        words_look(&r->words, 4, &got);
        words_skip(&r->words, got < 4 ? got : 4);
        const unsigned char *bytes = words_look(&r->words, AHEAD, &got);
        size_t size = may_begin(bytes, got, r->record);
        if (size && (size == got || may_begin(bytes + size, got - size, r->record)))
            break;
    } while (got > 0);
    return r->words.offset - start;
}

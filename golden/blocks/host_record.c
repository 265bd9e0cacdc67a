#include "golden/blocks/host_record.h"

#include "golden/formats/stream.h"
#include "golden/formats/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_WORDS = 3 };

static uint16_t bx_of_word(uint32_t word, enum link_format record)
{
    return word & (record == LINK_FORMAT_RUN3 ? 0x1fff : 0xffff);
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

static unsigned count_lanes(unsigned lanes)
{
    static const uint8_t ones[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    return ones[lanes & 15] + ones[lanes >> 4 & 15];
}

unsigned host_record_put(const struct bx_block *block, const struct bx_glance *lanes, enum link_format format,
                         enum link_format record, uint32_t out[HOST_RECORD_MAX_WORDS])
{
    int run3 = format == LINK_FORMAT_RUN3;
    uint32_t bx = block->w[run3 ? LANES : 0], *end = out + HEADER_WORDS;
    out[0] = (uint32_t)lanes->bx_match << 24 | count_lanes(lanes->a) << 16 |
             (uint32_t)lanes->orbit_match << 8 | count_lanes(lanes->b);
    /* A 2018 reader takes 16 bits of the BX word; Run-3 links have raw eta above the 13 bits of the BX. */
    out[1] = run3 && record == LINK_FORMAT_2018 ? bx & 0x1fff : bx;
    out[2] = block->w[run3 ? 0 : LANES];
    /* A slots before B slots: the pick order of golden/bx.h. */
    for (unsigned picks = lanes->a | (unsigned)lanes->b << 8; picks; picks &= picks - 1) {
        unsigned pick = (unsigned)__builtin_ctz(picks), lane = pick & 7, b = pick >> 3;
        const uint32_t *low = block->w + (2 + 2 * b) * LANES + lane;
        *end++ = low[0];
        *end++ = low[LANES];
        if (record == LINK_FORMAT_RUN3)
            *end++ = (run3_frame1(block, format, lane) & ~1u) | b;
    }
    return (unsigned)(end - out);
}

unsigned host_record_build(const struct bx_block *block, enum link_format format, enum link_format record,
                           int all, uint32_t out[HOST_RECORD_MAX_WORDS])
{
    struct bx_glance glance;
    bx_frames_glance(block, format, &glance);
    if (!glance.a && !glance.b)
        return 0;
    if (all)
        glance.a = glance.b = 0xff;
    return host_record_put(block, &glance, format, record, out);
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
    r->orbit = w[2];
    r->bx_word = w[1];
    r->bx_match = (uint8_t)(w[0] >> 24);
    r->orbit_match = (uint8_t)(w[0] >> 8);
    r->a = w[0] >> 16 & 0xff;
    r->b = w[0] & 0xff;
    r->bx = bx_of_word(w[1], record);
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

#include "golden/blocks/host_record.h"

#include "golden/formats/bx_frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

unsigned host_record_build(const struct bx_block *block, enum link_format format, enum link_format record,
                           int all, uint32_t out[HOST_RECORD_MAX_WORDS])
{
    int run3 = format == LINK_FORMAT_RUN3;
    const uint32_t *bx = block->w + (run3 ? LANES : 0), *orbit = block->w + (run3 ? 0 : LANES);
    uint32_t *end = out + HEADER_WORDS;
    uint32_t a = put_list(block, format, record, all, 0, &end);
    uint32_t b = put_list(block, format, record, all, 1, &end);
    if (a + b == 0)
        return 0;
    out[0] = match(bx, run3 ? 0x1fff : 0xffff) << 24 | a << 16 | match(orbit, UINT32_MAX) << 8 | b;
    out[1] = bx[0];
    out[2] = orbit[0];
    return (unsigned)(end - out);
}

struct host_reader {
    FILE *file;
    char *path;
    uint64_t offset;
    enum link_format record;
};

struct host_reader *host_reader_open(const char *path, enum link_format record, struct message *m)
{
    struct stat status;
    struct host_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->path = strdup(path))) {
        message_set(m, "%s: out of memory", path);
        free(r);
        return NULL;
    }
    r->record = record;
    r->file = fopen(path, "rb");
    if (!r->file)
        message_set(m, "%s: %s", path, strerror(errno));
    else if (fstat(fileno(r->file), &status) == 0 && S_ISDIR(status.st_mode))
        message_set(m, "%s: is a directory (give a file of the host)", path);
    else
        return r;
    host_reader_close(r);
    return NULL;
}

void host_reader_close(struct host_reader *r)
{
    if (!r)
        return;
    if (r->file)
        fclose(r->file);
    free(r->path);
    free(r);
}

static uint32_t little(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* 1; 0 at the end of the file before the first byte; -1. */
static int read_words(struct host_reader *r, uint32_t *words, size_t n, struct message *m)
{
    unsigned char bytes[4 * HOST_RECORD_MAX_WORDS];
    size_t got = fread(bytes, 1, 4 * n, r->file);
    if (ferror(r->file))
        return message_set(m, "%s: byte %llu: %s", r->path, (unsigned long long)r->offset, strerror(errno));
    if (got == 0)
        return 0;
    if (got < 4 * n)
        return message_set(m, "%s: byte %llu: the record is cut off (%zu of %zu bytes are there)", r->path,
                           (unsigned long long)r->offset, got, 4 * n);
    for (size_t i = 0; i < n; i++)
        words[i] = little(bytes + 4 * i);
    r->offset += got;
    return 1;
}

static int read_header(struct host_reader *r, struct host_record *record, struct message *m)
{
    uint32_t w[HEADER_WORDS];
    uint64_t start = r->offset;
    int got = read_words(r, w, HEADER_WORDS, m);
    if (got != 1)
        return got;
    *record = (struct host_record){.orbit = w[2], .bx_word = w[1]};
    record->bx_match = (uint8_t)(w[0] >> 24);
    record->orbit_match = (uint8_t)(w[0] >> 8);
    record->a = w[0] >> 16 & 0xff;
    record->b = w[0] & 0xff;
    record->bx = w[1] & (r->record == LINK_FORMAT_RUN3 ? 0x1fff : 0xffff);
    if (record->a > LANES || record->b > LANES || record->a + record->b == 0)
        return message_set(m, "%s: byte %llu: header 0x%08lx says %u and %u muons (0..%d each, not both 0)",
                           r->path, (unsigned long long)start, (unsigned long)w[0], record->a, record->b,
                               LANES);
    return 1;
}

int host_reader_next(struct host_reader *r, struct host_record *record, struct message *m)
{
    uint32_t w[HOST_RECORD_MAX_WORDS];
    int got = read_header(r, record, m);
    if (got != 1)
        return got;
    unsigned each = r->record == LINK_FORMAT_RUN3 ? 3 : 2, n = record->a + record->b;
    got = read_words(r, w, each * n, m);
    if (got == 0)
        return message_set(m, "%s: byte %llu: the record is cut off (%u muons are missing)", r->path,
                           (unsigned long long)r->offset, n);
    for (unsigned i = 0; got == 1 && i < n; i++) {
        const uint32_t *words = w + each * i;
        record->muon[i].muon = (uint64_t)words[1] << 32 | words[0];
        record->muon[i].extra = each == 3 ? words[2] : 0;
    }
    return got;
}

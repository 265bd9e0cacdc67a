#include "golden/blocks/host.h"

#include "golden/blocks/event_pack.h"
#include "golden/blocks/host_file.h"
#include "golden/blocks/host_record.h"
#include "golden/formats/bx_frames.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state {
    BETWEEN, /* a header or a packet frame comes */
    BLOCKS,  /* inside an orbit: `index` frames of a block are there; 0: a block or the trailer comes */
    TRAILER, /* `index` frames of the trailer are there */
    LOST,    /* after a frame that fits nowhere: everything up to the next trailer is skipped */
};

struct host {
    struct host_cfg cfg;
    struct host_counts counts;
    struct host_file file;
    enum state state;
    unsigned index, block_frames;
    struct bx_block block;        /* the block that is coming */
    struct dma_frame behind[PACK_APPENDED_FRAMES];
    struct dma_frame trailer[PACK_TRAILER_FRAMES];
    int lost_trailer; /* the trailer belongs to a part that was skipped: nothing to compare it with */

    uint32_t orbit;               /* of the header */
    unsigned blocks;              /* of this orbit */
    uint16_t claimed[BX_PER_ORBIT];  /* BX of each block as lane 0 says */
    uint32_t hits[HIT_MAP_WORDS];    /* the same as hit map */
    int disordered;                  /* they do not ascend, or are none: the map does not tell all */
    uint16_t appended[BX_PER_ORBIT]; /* and as its appended frame says */
    uint32_t packet_orbits;
    int short_packet; /* the last packet frame came early, which only the end of the stream allows */

    struct dma_frame held[PACK_TRAILER_FRAMES + 1]; /* may be trailer or block, see host.h */
    unsigned n_held, hold_for;
};

static const uint64_t default_max_bytes = UINT64_C(8) << 30;

static int put_place(const struct host *h, struct message *text)
{
    unsigned long long frame = h->counts.frames;
    if (h->cfg.name)
        return snprintf(text->text, MESSAGE_SIZE / 2, "%.400s: byte %llu: orbit %lu: ", h->cfg.name,
                        frame * sizeof(struct dma_frame), (unsigned long)h->orbit);
    return snprintf(text->text, sizeof text->text, "host: frame %llu: orbit %lu: ", frame,
                    (unsigned long)h->orbit);
}

static void tell(const struct host *h, const struct host_item *item)
{
    if (h->cfg.item)
        h->cfg.item(h->cfg.ctx, item);
}

/* Counts an error in *counter and in the sum; bx < 0: not of one BX. */
static void __attribute__((format(printf, 4, 5)))
error(struct host *h, uint64_t *counter, int bx, const char *format, ...)
{
    struct message text;
    va_list arguments;
    int at = put_place(h, &text);
    if (bx >= 0)
        at += snprintf(text.text + at, sizeof text.text - (size_t)at, "BX %d: ", bx);
    va_start(arguments, format);
    vsnprintf(text.text + at, sizeof text.text - (size_t)at, format, arguments);
    va_end(arguments);
    (*counter)++;
    if (h->counts.errors++ == 0)
        memcpy(h->counts.first_error, text.text, sizeof text.text);
    if (h->cfg.report)
        h->cfg.report(h->cfg.ctx, text.text);
}

static int is_trailer(const uint32_t w[LANES])
{
    for (unsigned i = 0; i < LANES; i++)
        if (w[i] != PACK_TRAILER_WORD)
            return 0;
    return 1;
}

static int is_packet(const uint32_t w[LANES])
{
    return w[0] == PACK_PACKET_WORD && w[1] == PACK_PACKET_WORD && !w[3] && !w[5] && !w[7];
}

static int is_header(const uint32_t w[LANES])
{
    uint32_t rest = 0;
    for (unsigned i = 1; i < LANES; i++)
        rest |= w[i];
    return rest == 0;
}

static void take_header(struct host *h, const uint32_t w[LANES])
{
    if (h->short_packet)
        error(h, &h->counts.packet_errors, -1, "the packet before this orbit has less than %u orbits",
              h->cfg.orbits_per_packet);
    h->short_packet = 0;
    if (h->cfg.orbits_per_packet && h->packet_orbits == h->cfg.orbits_per_packet)
        error(h, &h->counts.packet_errors, -1, "a packet frame was expected after %lu orbits",
              (unsigned long)h->packet_orbits);
    h->orbit = w[0];
    h->blocks = 0;
    memset(h->hits, 0, sizeof h->hits);
    h->disordered = 0;
    h->index = 0;
    h->state = BLOCKS;
    tell(h, &(struct host_item){.kind = FRAME_HEADER, .orbit = h->orbit});
}

static void take_packet(struct host *h, const uint32_t w[LANES])
{
    if (w[6] != h->packet_orbits)
        error(h, &h->counts.packet_errors, -1, "the packet frame counts %lu orbits, but %lu came",
              (unsigned long)w[6], (unsigned long)h->packet_orbits);
    h->counts.realigns = w[2];
    h->counts.dropped_orbits = w[4];
    h->counts.packets++;
    h->short_packet = h->packet_orbits < h->cfg.orbits_per_packet;
    h->packet_orbits = 0;
    h->state = BETWEEN;
    tell(h, &(struct host_item){.kind = FRAME_PACKET, .orbit = h->orbit, .packet = w});
}

static void lose(struct host *h, const char *expected)
{
    error(h, &h->counts.bad_frames, -1, "%s was expected; skipping up to the next trailer", expected);
    h->state = LOST;
}

static void take_between(struct host *h, const uint32_t w[LANES])
{
    if (is_packet(w))
        take_packet(h, w);
    else if (is_header(w))
        take_header(h, w);
    else
        lose(h, "an orbit's header or a packet frame");
}

static void write_block(struct host *h, const struct bx_block *block)
{
    uint32_t words[HOST_RECORD_MAX_WORDS];
    unsigned n = host_record_build(block, h->cfg.format, h->cfg.record, h->cfg.all_muons, words);
    if (host_file_write(&h->file, words, n) < 0)
        return;
    h->counts.bytes_written = h->file.bytes_written;
    h->counts.files = h->file.files;
    h->counts.bx_written++;
    h->counts.muons_written += (words[0] >> 16 & 0xff) + (words[0] & 0xff);
}

static void check_appended(struct host *h, const uint32_t w[LANES], int bx, uint32_t orbit)
{
    uint32_t both = w[1] >> 16 & w[1];
    if (w[0] != PACK_APPENDED_WORD || both || w[4] || w[5] || w[6] || w[7])
        error(h, &h->counts.appended_errors, bx, "appended frame 0x%08lx 0x%08lx is not of version 1",
              (unsigned long)w[0], (unsigned long)w[1]);
    else if (w[3] != orbit)
        error(h, &h->counts.appended_errors, bx, "appended frame is of orbit %lu", (unsigned long)w[3]);
}

/* `behind`: the appended frames, or NULL. */
static void take_block(struct host *h, const struct bx_block *block, const struct dma_frame *behind)
{
    int bx = bx_frames_bx(block, h->cfg.format, 0);
    uint32_t orbit = bx_frames_orbit(block, h->cfg.format, 0);
    unsigned muons = bx_frames_muons(block);
    if (orbit != h->orbit)
        error(h, &h->counts.claim_errors, bx, "lane 0 says orbit %lu", (unsigned long)orbit);
    if (behind)
        check_appended(h, behind->w, bx, orbit);
    h->disordered |= bx >= BX_PER_ORBIT || (h->blocks && bx <= h->claimed[h->blocks - 1]);
    h->hits[bx / 32 % HIT_MAP_WORDS] |= UINT32_C(1) << bx % 32;
    h->claimed[h->blocks] = (uint16_t)bx;
    h->appended[h->blocks++] = behind ? (uint16_t)behind->w[2] : 0;
    h->counts.bx++;
    h->counts.muons += muons;
    h->counts.bx_empty += muons == 0;
    if (h->cfg.dir && muons)
        write_block(h, block);
}

/* The BX of the hit map, in order, and their number. */
static unsigned hit_list(const struct dma_frame trailer[PACK_TRAILER_FRAMES], uint16_t hit[BX_PER_ORBIT])
{
    unsigned n = 0;
    for (unsigned k = 0; k < HIT_MAP_WORDS; k++) {
        uint32_t bits = trailer[1 + k / LANES].w[k % LANES];
        if (k == BX_PER_ORBIT / 32)
            bits &= (UINT32_C(1) << BX_PER_ORBIT % 32) - 1; /* what is above is no BX: rest_is_zero */
        for (; bits; bits &= bits - 1)
            hit[n++] = (uint16_t)(32 * k + (unsigned)__builtin_ctz(bits));
    }
    return n;
}

/* Bits above BX 3563 and the last two frames. */
static int rest_is_zero(const struct dma_frame trailer[PACK_TRAILER_FRAMES])
{
    uint32_t rest = trailer[14].w[LANES - 1] >> BX_PER_ORBIT % 32;
    for (unsigned i = 0; i < LANES; i++)
        rest |= trailer[15].w[i] | trailer[16].w[i];
    return rest == 0;
}

/* Every wrong block is counted; the first of an orbit stands for the rest in the report. */
static void check_claims(struct host *h, const uint16_t hit[BX_PER_ORBIT])
{
    int appended = h->cfg.corrections == PACK_APPENDED;
    for (unsigned i = 0; i < h->blocks; i++) {
        if (h->claimed[i] != hit[i])
            error(h, &h->counts.claim_errors, hit[i], "lane 0 says BX %u", h->claimed[i]);
        if (appended && h->appended[i] != hit[i])
            error(h, &h->counts.appended_errors, hit[i], "appended frame says BX %u", h->appended[i]);
    }
}

/* The first BX that only one of them has stands for the rest. */
static void count_differs(struct host *h, const uint16_t hit[BX_PER_ORBIT], unsigned n)
{
    unsigned i = 0;
    while (i < n && i < h->blocks && h->claimed[i] == hit[i])
        i++;
    int no_block = i == h->blocks || (i < n && hit[i] < h->claimed[i]);
    error(h, &h->counts.hit_map_errors, -1, "%u blocks, but the hit map has %u BX (BX %u %s)", h->blocks, n,
          no_block ? hit[i] : h->claimed[i], no_block ? "has no block" : "is not in it");
}

/* The usual case: the blocks are those of the hit map, and nothing was appended. */
static int hits_are_claims(const struct host *h)
{
    return !h->disordered && h->cfg.corrections != PACK_APPENDED &&
           memcmp(h->hits, h->trailer[1].w, sizeof h->hits) == 0;
}

static void check_hits(struct host *h)
{
    uint16_t hit[BX_PER_ORBIT];
    unsigned n = hit_list(h->trailer, hit);
    if (!rest_is_zero(h->trailer))
        error(h, &h->counts.hit_map_errors, -1, "the trailer has bits beyond BX %d", BX_PER_ORBIT - 1);
    if (n != h->blocks)
        count_differs(h, hit, n);
    else
        check_claims(h, hit);
}

static void take_trailer(struct host *h)
{
    h->state = BETWEEN;
    h->packet_orbits++;
    h->counts.orbits++;
    tell(h, &(struct host_item){.kind = FRAME_TRAILER, .orbit = h->orbit});
    if (!h->lost_trailer && !(hits_are_claims(h) && rest_is_zero(h->trailer)))
        check_hits(h);
    h->lost_trailer = 0;
}

static void begin_trailer(struct host *h, const uint32_t w[LANES])
{
    memcpy(h->trailer[0].w, w, sizeof h->trailer[0].w);
    h->index = 1;
    h->state = TRAILER;
}

static void take_trailer_frame(struct host *h, const uint32_t w[LANES])
{
    memcpy(h->trailer[h->index].w, w, sizeof h->trailer[0].w);
    if (++h->index == PACK_TRAILER_FRAMES) {
        h->index = 0;
        take_trailer(h);
    }
}

static void take_block_frame(struct host *h, const uint32_t w[LANES])
{
    uint32_t *to = h->index < PACK_BLOCK_FRAMES ? h->block.w + h->index * LANES
                                                : h->behind[h->index - PACK_BLOCK_FRAMES].w;
    memcpy(to, w, LANES * sizeof *to);
    if (++h->index < h->block_frames)
        return;
    h->index = 0;
    if (h->blocks == BX_PER_ORBIT) {
        lose(h, "the orbit's trailer");
        return;
    }
    const struct dma_frame *behind = h->cfg.corrections == PACK_APPENDED ? h->behind : NULL;
    take_block(h, &h->block, behind);
    tell(h, &(struct host_item){
                .kind = FRAME_BLOCK, .orbit = h->orbit, .block = &h->block, .appended = behind});
}

static void take_frame(struct host *h, const uint32_t w[LANES]);

static int held_is_trailer(const struct host *h)
{
    uint16_t hit[BX_PER_ORBIT];
    unsigned n = hit_list(h->held, hit);
    return rest_is_zero(h->held) && n == h->blocks && memcmp(hit, h->claimed, n * sizeof *hit) == 0;
}

/* Inside a block: a whole trailer, and after it what follows a trailer: frames of the block were lost. */
static int held_cuts_block(const struct host *h)
{
    const uint32_t *next = h->held[PACK_TRAILER_FRAMES].w;
    return rest_is_zero(h->held) && (h->n_held == PACK_TRAILER_FRAMES || is_header(next) || is_packet(next));
}

/* Enough frames are there: a trailer, or the first one is of a block and the rest is looked at again. */
static void decide_held(struct host *h)
{
    struct dma_frame frames[PACK_TRAILER_FRAMES + 1];
    unsigned n = h->n_held;
    int whole = n >= PACK_TRAILER_FRAMES, cut = h->index > 0 && whole && held_cuts_block(h);
    memcpy(frames, h->held, n * sizeof *frames);
    if (cut) {
        error(h, &h->counts.bad_frames, -1, "a block ends after %u of its %u frames", h->index,
              h->block_frames);
        h->lost_trailer = 1;
    }
    if (cut || (h->index == 0 && whole && held_is_trailer(h)))
        begin_trailer(h, frames[0].w);
    else
        take_block_frame(h, frames[0].w);
    h->n_held = 0;
    for (unsigned i = 1; i < n; i++)
        take_frame(h, frames[i].w);
}

static void hold(struct host *h, const uint32_t w[LANES])
{
    if (h->n_held == 0)
        h->hold_for = PACK_TRAILER_FRAMES + (h->index > 0);
    memcpy(h->held[h->n_held++].w, w, sizeof h->held[0].w);
    if (h->n_held == h->hold_for)
        decide_held(h);
}

static void take_in_orbit(struct host *h, const uint32_t w[LANES])
{
    int ambiguous = h->cfg.format == LINK_FORMAT_RUN3 && h->orbit == PACK_TRAILER_WORD;
    if (is_trailer(w)) {
        if (ambiguous || h->index > 0)
            hold(h, w);
        else
            begin_trailer(h, w);
    } else if (h->index > 0) {
        take_block_frame(h, w);
    } else if (is_packet(w)) {
        error(h, &h->counts.bad_frames, -1, "a packet frame inside an orbit; its trailer is missing");
        take_packet(h, w);
    } else {
        take_block_frame(h, w);
    }
}

static void take_lost(struct host *h, const uint32_t w[LANES])
{
    if (is_trailer(w)) {
        h->lost_trailer = 1;
        begin_trailer(h, w);
    } else if (is_packet(w)) {
        take_packet(h, w);
    } else {
        h->counts.bad_frames++;
        h->counts.errors++;
    }
}

static void take_frame(struct host *h, const uint32_t w[LANES])
{
    if (h->n_held > 0) {
        hold(h, w);
        return;
    }
    switch (h->state) {
    case BETWEEN:
        take_between(h, w);
        break;
    case BLOCKS:
        take_in_orbit(h, w);
        break;
    case TRAILER:
        take_trailer_frame(h, w);
        break;
    case LOST:
        take_lost(h, w);
        break;
    }
}

int host_frame(struct host *h, const uint32_t w[LANES])
{
    take_frame(h, w);
    h->counts.frames++;
    return h->file.failed ? -1 : 0;
}

/* Frames that may be something else than the block's: they are looked at one by one. */
static int needs_look(const struct host *h, const struct bx_block *block, const struct dma_frame *behind)
{
    int may_be = h->blocks == BX_PER_ORBIT || block->w[0] == PACK_PACKET_WORD;
    for (unsigned frame = 0; frame < PACK_BLOCK_FRAMES; frame++)
        may_be |= block->w[frame * LANES] == PACK_TRAILER_WORD;
    for (unsigned frame = 0; behind && frame < PACK_APPENDED_FRAMES; frame++)
        may_be |= behind[frame].w[0] == PACK_TRAILER_WORD;
    return may_be;
}

int host_block(struct host *h, const struct bx_block *block, const struct dma_frame *appended)
{
    if (h->state != BLOCKS || h->index > 0 || h->n_held > 0 || needs_look(h, block, appended))
        return 0;
    h->counts.frames += h->block_frames - 1; /* errors stand at its last frame */
    take_block(h, block, appended);
    h->counts.frames++;
    return 1;
}

int host_step_over(struct host *h)
{
    if (h->state != BETWEEN || h->n_held > 0)
        return 0;
    h->counts.frames++;
    return 1;
}

struct host *host_open(const struct host_cfg *cfg, struct message *m)
{
    struct host *h = calloc(1, sizeof *h);
    if (!h) {
        message_set(m, "host: out of memory");
        return NULL;
    }
    h->cfg = *cfg;
    h->block_frames = PACK_BLOCK_FRAMES + (cfg->corrections == PACK_APPENDED ? PACK_APPENDED_FRAMES : 0);
    uint64_t max = cfg->max_file_bytes ? cfg->max_file_bytes : default_max_bytes;
    h->file = (struct host_file){.dir = cfg->dir, .run = cfg->run, .index = cfg->index, .max_bytes = max,
                                 .compression = cfg->compression, .journal = cfg->journal};
    if (cfg->dir && host_file_open(&h->file) < 0) {
        message_set(m, "%s", h->file.why.text);
        free(h);
        return NULL;
    }
    h->counts.files = h->file.files;
    return h;
}

uint32_t host_orbit(const struct host *h)
{
    return h->orbit;
}

const struct host_counts *host_counts(const struct host *h)
{
    return &h->counts;
}

static void end_stream(struct host *h)
{
    if (h->n_held > 0)
        decide_held(h);
    if (h->state != BETWEEN)
        error(h, &h->counts.unfinished, -1, "the stream ends inside an orbit");
    else if (h->packet_orbits > 0)
        error(h, &h->counts.unfinished, -1, "the stream ends inside a packet, after %lu orbits",
              (unsigned long)h->packet_orbits);
}

int host_close(struct host *h, struct host_counts *counts, struct message *m)
{
    int result = 0;
    end_stream(h);
    if (h->cfg.dir && host_file_close(&h->file) < 0)
        result = message_set(m, "%s", h->file.why.text);
    h->counts.bytes_stored = h->file.bytes_stored;
    if (counts)
        *counts = h->counts;
    free(h);
    return result;
}

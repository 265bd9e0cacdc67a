#include "golden/formats/link_decode.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/crc32.h"

#include <stdlib.h>
#include <string.h>

/* Ticks that one lane takes at a time: they stay in the first-level cache for the lanes after it. */
enum { CHUNK = 256, MAX_COMMAS = 3 };

enum { FLAG_FIRST = 1, FLAG_ERR = 2, FLAG_CRC_BAD = 4 };

/* As link_rx (docs/chain.md). */
enum state { DATA, CRC, ID, GAP };

struct lane {
    enum state state;
    int lock, window, bad;
    unsigned commas;
    uint32_t crc;
    size_t crc_from; /* words from here to `end` are not in the CRC yet */

    uint32_t *word;  /* payload words not joined yet: [begin, end) */
    uint8_t *flag;   /* of each */
    size_t begin, end;
};

struct link_decoder {
    struct link_decoder_cfg cfg;
    link_decoder_sink *sink;
    void *ctx;
    struct lane lane[LANES];
    size_t capacity; /* words a lane's buffers hold */
    struct link_decoder_stats stats;

    int aligned, live;
    unsigned frame, bx, first_bx;
    uint8_t err, crc_bad, mismatch;
    struct bx_block *block; /* being assembled: the next of the batch */
    struct bx_block blocks[LINK_DECODE_BATCH];
    struct decoded_bx info[LINK_DECODE_BATCH];
    size_t batch;
};

static int init_lanes(struct link_decoder *d)
{
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *lane = &d->lane[l];
        lane->state = GAP;
        lane->crc = CRC32_START;
        lane->word = malloc(d->capacity * sizeof *lane->word);
        lane->flag = malloc(d->capacity);
        if (!lane->word || !lane->flag)
            return -1;
    }
    return 0;
}

struct link_decoder *link_decoder_new(const struct link_decoder_cfg *cfg, link_decoder_sink *sink, void *ctx)
{
    if (cfg->gap_first >= BX_PER_ORBIT || cfg->max_skew < 1 || cfg->max_skew > LINK_DECODE_MAX_SKEW)
        return NULL;
    struct link_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->cfg = *cfg;
    d->sink = sink;
    d->ctx = ctx;
    d->first_bx = link_window_first(cfg->gap_first);
    d->block = d->blocks;
    /* What is held moves to the front once in that many words, so it costs next to nothing. */
    d->capacity = 4 * ((size_t)cfg->max_skew + CHUNK) + 4 * CHUNK;
    if (init_lanes(d) == 0)
        return d;
    link_decoder_free(d);
    return NULL;
}

void link_decoder_free(struct link_decoder *d)
{
    for (unsigned l = 0; d && l < LANES; l++) {
        free(d->lane[l].word);
        free(d->lane[l].flag);
    }
    free(d);
}

const struct link_decoder_stats *link_decoder_stats(const struct link_decoder *d)
{
    return &d->stats;
}

/* ---- one lane: line words to payload words ---- */

static void catch_up_crc(struct lane *lane)
{
    lane->crc = crc32_words(lane->crc, lane->word + lane->crc_from, lane->end - lane->crc_from);
    lane->crc_from = lane->end;
}

static void restart_crc(struct lane *lane)
{
    lane->crc = CRC32_START;
    lane->crc_from = lane->end;
}

static void emit(struct lane *lane, uint32_t word, uint8_t flag)
{
    lane->word[lane->end] = word;
    lane->flag[lane->end++] = flag;
}

static void judge(struct lane *lane, struct link_lane_stats *stats, int good)
{
    if (!lane->window)
        return;
    if (good) {
        stats->crc_ok++;
    } else {
        stats->crc_bad++;
        lane->bad = 1;
    }
}

static void take_unlocked_comma(struct lane *lane)
{
    if (lane->commas < MAX_COMMAS)
        lane->commas++;
    if (lane->commas < MAX_COMMAS)
        return;
    lane->lock = 1;
    lane->state = GAP;
    lane->window = lane->bad = 0;
    restart_crc(lane);
}

static void take_comma(struct lane *lane, struct link_lane_stats *stats)
{
    stats->commas++;
    if (!lane->lock) {
        take_unlocked_comma(lane);
        return;
    }
    switch (lane->state) {
    case DATA:
        catch_up_crc(lane);
        lane->state = CRC;
        lane->commas = 1;
        break;
    case CRC: /* no CRC was sent */
        judge(lane, stats, 0);
        lane->state = GAP;
        lane->commas = 2;
        break;
    case ID:
        lane->state = GAP;
        lane->commas = 1;
        break;
    case GAP:
        if (lane->commas < MAX_COMMAS)
            lane->commas++;
        if (lane->commas == MAX_COMMAS)
            restart_crc(lane);
        break;
    }
}

static void take_first(struct lane *lane, struct link_lane_stats *stats, uint32_t word)
{
    restart_crc(lane);
    emit(lane, word, FLAG_FIRST | (lane->bad ? FLAG_CRC_BAD : 0));
    stats->words++;
    lane->bad = 0;
    lane->window = 1;
    lane->state = DATA;
}

static void take_data(struct lane *lane, struct link_lane_stats *stats, uint32_t word)
{
    unsigned commas = lane->commas;
    lane->commas = 0;
    if (!lane->lock)
        return;
    switch (lane->state) {
    case DATA:
        emit(lane, word, 0);
        stats->words++;
        break;
    case CRC:
        judge(lane, stats, word == lane->crc);
        lane->state = ID;
        break;
    case ID:
        stats->link_id = link_id_of_word(word);
        lane->state = GAP;
        break;
    case GAP:
        if (commas == MAX_COMMAS) {
            take_first(lane, stats, word);
        } else {
            lane->lock = 0;
            stats->lock_losses++;
        }
        break;
    }
}

static void take_k_error(struct lane *lane, struct link_lane_stats *stats, uint32_t word)
{
    stats->k_errors++;
    lane->commas = 0;
    if (!lane->lock)
        return;
    if (lane->state == DATA) { /* keeps its place, but is not in the CRC */
        catch_up_crc(lane);
        emit(lane, word, FLAG_ERR);
        stats->words++;
        lane->crc_from = lane->end;
    } else if (lane->state == CRC) {
        judge(lane, stats, 0);
        lane->state = ID;
    } else if (lane->state == ID) {
        lane->state = GAP;
    }
}

static void take_word(struct lane *lane, struct link_lane_stats *stats, uint32_t word, uint8_t k)
{
    if (k == LINK_K_DATA)
        take_data(lane, stats, word);
    else if (k == LINK_K_PADDING && word == LINK_PADDING)
        stats->pads++;
    else if (k == LINK_K_COMMA && word == LINK_COMMA)
        take_comma(lane, stats);
    else
        take_k_error(lane, stats, word);
}

/* The run of payload and padding from tick i on, for a lane in DATA. Returns the first tick that is neither.
 * */
static size_t take_run(struct lane *lane, struct link_lane_stats *stats, unsigned l, const struct link_tick *t,
                       size_t i, size_t n)
{
    size_t begin = lane->end, end = begin, from = i;
    uint32_t *word = lane->word;
    for (; i < n; i++) {
        uint8_t k = t[i].k[l];
        if (k != LINK_K_DATA && !(k == LINK_K_PADDING && t[i].data[l] == LINK_PADDING))
            break;
        word[end] = t[i].data[l];
        end += k == LINK_K_DATA;
    }
    if (end != begin)
        lane->commas = 0;
    memset(lane->flag + begin, 0, end - begin);
    stats->words += end - begin;
    stats->pads += i - from - (end - begin);
    lane->end = end;
    return i;
}

static void take_lane(struct lane *lane, struct link_lane_stats *stats, unsigned l, const struct link_tick *t,
                      size_t n)
{
    for (size_t i = 0; i < n;) {
        if (lane->lock && lane->state == DATA)
            i = take_run(lane, stats, l, t, i, n);
        if (i < n) {
            take_word(lane, stats, t[i].data[l], t[i].k[l]);
            i++;
        }
    }
    if (lane->lock && lane->state == DATA)
        catch_up_crc(lane);
    else
        lane->crc_from = lane->end;
    stats->lock = (uint8_t)lane->lock;
}

/* ---- eight lanes: payload words to BX ---- */

static void flush(struct link_decoder *d)
{
    if (d->batch)
        d->sink(d->ctx, d->blocks, d->info, d->batch);
    d->batch = 0;
    d->blocks[0] = *d->block; /* a BX may be half assembled */
    d->block = d->blocks;
}

static void lose_alignment(struct link_decoder *d)
{
    d->aligned = d->live = 0;
    d->frame = 0;
}

static void finish_bx(struct link_decoder *d)
{
    if (d->live) {
        d->info[d->batch++] = (struct decoded_bx){
            .orbit = bx_frames_orbit(d->block, d->cfg.format, 0), .bx = (uint16_t)d->bx, .err = d->err,
            .crc_bad = d->crc_bad, .mismatch = d->mismatch};
        d->stats.bx++;
        d->stats.mismatches += d->mismatch != 0;
        d->block++;
        if (d->batch == LINK_DECODE_BATCH)
            flush(d);
    }
    d->frame = 0;
    d->bx = (d->bx + 1) % BX_PER_ORBIT;
    if (d->bx == d->cfg.gap_first)
        d->bx = d->first_bx;
}

static uint8_t mismatches(const struct link_decoder *d)
{
    unsigned lanes = 0;
    for (unsigned l = 0; l < LANES; l++)
        lanes |= (unsigned)(bx_frames_bx(d->block, d->cfg.format, l) != d->bx) << l;
    return (uint8_t)lanes;
}

static int all_have(const struct link_decoder *d, size_t n)
{
    for (unsigned l = 0; l < LANES; l++)
        if (d->lane[l].end - d->lane[l].begin < n)
            return 0;
    return 1;
}

/* Lanes whose head has a flag. */
static unsigned heads_with(const struct link_decoder *d, uint8_t flag)
{
    unsigned lanes = 0;
    for (unsigned l = 0; l < LANES; l++)
        lanes |= (unsigned)((d->lane[l].flag[d->lane[l].begin] & flag) != 0) << l;
    return lanes;
}

/* Rule 3 of link_align for one word of each lane. */
static void join_word(struct link_decoder *d)
{
    int first = d->frame == 0 && d->bx == d->first_bx;
    if (heads_with(d, FLAG_FIRST) != (first ? 0xff : 0)) {
        lose_alignment(d);
        d->stats.align_losses++;
        return;
    }
    if (first)
        d->crc_bad = (uint8_t)heads_with(d, FLAG_CRC_BAD);
    if (d->frame == 0) {
        d->err = 0;
        d->live |= d->bx == 0;
    }
    d->err |= (uint8_t)heads_with(d, FLAG_ERR);
    for (unsigned l = 0; l < LANES; l++)
        d->block->w[d->frame * LANES + l] = d->lane[l].word[d->lane[l].begin++];
    if (++d->frame == FRAMES) {
        d->mismatch = mismatches(d);
        finish_bx(d);
    }
}

/* Whether six words of each lane are there without any flag, in the middle of a window: nothing can go wrong
 * then. */
static int plain_bx(const struct link_decoder *d)
{
    uint64_t flags = 0;
    if (d->frame != 0 || d->bx == d->first_bx || !all_have(d, FRAMES))
        return 0;
    for (unsigned l = 0; l < LANES; l++) {
        uint32_t four;
        uint16_t two;
        memcpy(&four, d->lane[l].flag + d->lane[l].begin, sizeof four);
        memcpy(&two, d->lane[l].flag + d->lane[l].begin + sizeof four, sizeof two);
        flags |= four | two;
    }
    return flags == 0;
}

static void join_bx(struct link_decoder *d)
{
    d->live |= d->bx == 0;
    d->err = 0;
    for (unsigned l = 0; l < LANES; l++) {
        const uint32_t *word = d->lane[l].word + d->lane[l].begin;
        for (unsigned frame = 0; frame < FRAMES; frame++)
            d->block->w[frame * LANES + l] = word[frame];
        d->lane[l].begin += FRAMES;
    }
    d->mismatch = mismatches(d);
    finish_bx(d);
}

/* Rule 2 of link_align: drop what stands before the first words. Returns whether all lanes stand at one. */
static int search(struct link_decoder *d)
{
    int found = 1;
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *lane = &d->lane[l];
        while (lane->begin < lane->end && !(lane->flag[lane->begin] & FLAG_FIRST))
            lane->begin++;
        found &= lane->begin < lane->end;
    }
    if (!found)
        return 0;
    d->aligned = 1;
    d->frame = 0;
    d->bx = d->first_bx;
    return 1;
}

static void join(struct link_decoder *d)
{
    while (d->aligned || search(d)) {
        if (plain_bx(d))
            join_bx(d);
        else if (all_have(d, 1))
            join_word(d);
        else
            break;
    }
}

/* A lane that is too far ahead, because another one is missing: all start again. */
static void check_overflow(struct link_decoder *d)
{
    int over = 0;
    for (unsigned l = 0; l < LANES; l++)
        over |= d->lane[l].end - d->lane[l].begin > d->cfg.max_skew;
    if (!over)
        return;
    for (unsigned l = 0; l < LANES; l++)
        d->lane[l].begin = d->lane[l].end;
    lose_alignment(d);
    d->stats.align_overflows++;
}

static void make_room(struct link_decoder *d)
{
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *lane = &d->lane[l];
        size_t held = lane->end - lane->begin;
        if (lane->end + CHUNK < d->capacity) /* one more: take_run writes before it knows */
            continue;
        memmove(lane->word, lane->word + lane->begin, held * sizeof *lane->word);
        memmove(lane->flag, lane->flag + lane->begin, held);
        lane->begin = 0;
        lane->end = lane->crc_from = held;
    }
}

void link_decoder_ticks(struct link_decoder *d, const struct link_tick *ticks, size_t n)
{
    for (size_t done = 0; done < n;) {
        size_t count = n - done < CHUNK ? n - done : CHUNK;
        make_room(d);
        for (unsigned l = 0; l < LANES; l++)
            take_lane(&d->lane[l], &d->stats.lane[l], l, ticks + done, count);
        join(d);
        check_overflow(d);
        done += count;
    }
    flush(d);
}

#include "golden/formats/link_decode.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/crc32.h"

#include <stdlib.h>
#include <string.h>

/* Ticks that are taken at a time: they stay in the first-level cache for the lanes one after the other. */
enum { CHUNK = 256, MAX_COMMAS = 3 };

/* As link_rx (docs/chain.md). */
enum state { DATA, CRC, ID, GAP };

struct lane {
    enum state state;
    int lock, window, bad;
    unsigned commas;
    uint32_t crc;
    size_t begin, end; /* rows that hold words of this lane, not joined yet */
    size_t crc_from;   /* words from here to `end` are not in the CRC yet; at most CHUNK */
};

/* What one row of words is marked with, as lane masks. Rows that no lane has reached are 0. */
struct mark {
    uint8_t first, err, crc_bad, unused;
};

/* Payload words stand in rows of eight lanes. Each lane writes its column at its own pace; once the lanes are
 * aligned their columns begin at the same row, so that six rows are one BX, in place. */
struct link_decoder {
    struct link_decoder_cfg cfg;
    link_decoder_sink *sink;
    void *ctx;
    struct lane lane[LANES];
    struct link_decoder_stats stats;

    uint32_t (*row)[LANES];
    struct mark *mark, *spare;
    size_t capacity;

    int aligned, live;
    unsigned frame, bx, first_bx; /* aligned: of the next row */
    uint8_t err, crc_bad, mismatch;
    size_t batch_row; /* of the first BX of the batch */
    size_t batch;
    struct decoded_bx info[LINK_DECODE_BATCH];
};

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
    d->capacity = cfg->max_skew + 5 * CHUNK; /* held words move to the front once in some chunks */
    d->row = malloc(d->capacity * sizeof *d->row);
    d->mark = calloc(d->capacity, sizeof *d->mark);
    d->spare = malloc(d->capacity * sizeof *d->spare);
    for (unsigned l = 0; l < LANES; l++) {
        d->lane[l].state = GAP;
        d->lane[l].crc = CRC32_START;
    }
    if (d->row && d->mark && d->spare)
        return d;
    link_decoder_free(d);
    return NULL;
}

void link_decoder_free(struct link_decoder *d)
{
    if (!d)
        return;
    free(d->row);
    free(d->mark);
    free(d->spare);
    free(d);
}

const struct link_decoder_stats *link_decoder_stats(const struct link_decoder *d)
{
    return &d->stats;
}

/* ---- one lane: line words to payload words ---- */

static void catch_up_crc(struct link_decoder *d, unsigned l)
{
    struct lane *lane = &d->lane[l];
    uint32_t words[CHUNK];
    size_t n = lane->end - lane->crc_from;
    for (size_t i = 0; i < n; i++)
        words[i] = d->row[lane->crc_from + i][l];
    lane->crc = crc32_words(lane->crc, words, n);
    lane->crc_from = lane->end;
}

static void restart_crc(struct lane *lane)
{
    lane->crc = CRC32_START;
    lane->crc_from = lane->end;
}

static struct mark *emit(struct link_decoder *d, unsigned l, uint32_t word)
{
    size_t at = d->lane[l].end++;
    d->row[at][l] = word;
    d->stats.lane[l].words++;
    return &d->mark[at];
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

static void take_comma(struct link_decoder *d, unsigned l)
{
    struct lane *lane = &d->lane[l];
    d->stats.lane[l].commas++;
    if (!lane->lock) {
        take_unlocked_comma(lane);
        return;
    }
    switch (lane->state) {
    case DATA:
        catch_up_crc(d, l);
        lane->state = CRC;
        lane->commas = 1;
        break;
    case CRC: /* no CRC was sent */
        judge(lane, &d->stats.lane[l], 0);
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

static void take_first(struct link_decoder *d, unsigned l, uint32_t word)
{
    struct lane *lane = &d->lane[l];
    restart_crc(lane);
    struct mark *mark = emit(d, l, word);
    mark->first |= (uint8_t)(1u << l);
    mark->crc_bad |= (uint8_t)((unsigned)lane->bad << l);
    lane->bad = 0;
    lane->window = 1;
    lane->state = DATA;
}

static void take_data(struct link_decoder *d, unsigned l, uint32_t word)
{
    struct lane *lane = &d->lane[l];
    unsigned commas = lane->commas;
    lane->commas = 0;
    if (!lane->lock)
        return;
    switch (lane->state) {
    case DATA:
        emit(d, l, word);
        break;
    case CRC:
        judge(lane, &d->stats.lane[l], word == lane->crc);
        lane->state = ID;
        break;
    case ID:
        d->stats.lane[l].link_id = link_id_of_word(word);
        lane->state = GAP;
        break;
    case GAP:
        if (commas == MAX_COMMAS) {
            take_first(d, l, word);
        } else {
            lane->lock = 0;
            d->stats.lane[l].lock_losses++;
        }
        break;
    }
}

static void take_k_error(struct link_decoder *d, unsigned l, uint32_t word)
{
    struct lane *lane = &d->lane[l];
    d->stats.lane[l].k_errors++;
    lane->commas = 0;
    if (!lane->lock)
        return;
    if (lane->state == DATA) { /* keeps its place, but is not in the CRC */
        catch_up_crc(d, l);
        emit(d, l, word)->err |= (uint8_t)(1u << l);
        lane->crc_from = lane->end;
    } else if (lane->state == CRC) {
        judge(lane, &d->stats.lane[l], 0);
        lane->state = ID;
    } else if (lane->state == ID) {
        lane->state = GAP;
    }
}

static void take_word(struct link_decoder *d, unsigned l, uint32_t word, uint8_t k)
{
    if (k == LINK_K_DATA)
        take_data(d, l, word);
    else if (k == LINK_K_PADDING && word == LINK_PADDING)
        d->stats.lane[l].pads++;
    else if (k == LINK_K_COMMA && word == LINK_COMMA)
        take_comma(d, l);
    else
        take_k_error(d, l, word);
}

/* The run of payload and padding from tick i on, lane in DATA. Returns the first tick that is neither. */
static size_t take_run(struct link_decoder *d, unsigned l, const struct link_tick *t, size_t i, size_t n)
{
    size_t begin = d->lane[l].end, end = begin, from = i;
    for (; i < n; i++) {
        uint8_t k = t[i].k[l];
        if (k != LINK_K_DATA && !(k == LINK_K_PADDING && t[i].data[l] == LINK_PADDING))
            break;
        d->row[end][l] = t[i].data[l];
        end += k == LINK_K_DATA;
    }
    if (end != begin)
        d->lane[l].commas = 0;
    d->lane[l].end = end;
    d->stats.lane[l].words += end - begin;
    d->stats.lane[l].pads += i - from - (end - begin);
    return i;
}

static int in_data(const struct lane *lane)
{
    return lane->lock && lane->state == DATA;
}

static void take_lane(struct link_decoder *d, unsigned l, const struct link_tick *t, size_t n)
{
    for (size_t i = 0; i < n;) {
        if (in_data(&d->lane[l]))
            i = take_run(d, l, t, i, n);
        if (i < n) {
            take_word(d, l, t[i].data[l], t[i].k[l]);
            i++;
        }
    }
}

/* ---- eight lanes in step, which is what links without skew are: whole rows at a time ---- */

static int in_step(const struct link_decoder *d)
{
    int same = 1;
    for (unsigned l = 0; l < LANES; l++)
        same &= in_data(&d->lane[l]) && d->lane[l].end == d->lane[0].end;
    return same;
}

static int all_padding(const struct link_tick *t)
{
    uint32_t other = 0;
    for (unsigned l = 0; l < LANES; l++)
        other |= (t->data[l] ^ LINK_PADDING) | (uint32_t)(t->k[l] ^ LINK_K_PADDING);
    return other == 0;
}

static void catch_up_rows(struct link_decoder *d, size_t begin, size_t end)
{
    uint32_t crc[LANES];
    for (unsigned l = 0; l < LANES; l++)
        crc[l] = d->lane[l].crc;
    crc32_lanes(crc, (const uint32_t (*)[LANES])(d->row + begin), end - begin);
    for (unsigned l = 0; l < LANES; l++) {
        d->lane[l].crc = crc[l];
        d->lane[l].crc_from = d->lane[l].end = end;
    }
}

/* As take_run, for all lanes. */
static size_t take_rows(struct link_decoder *d, const struct link_tick *t, size_t i, size_t n)
{
    size_t begin = d->lane[0].end, end = begin, from = i;
    for (unsigned l = 0; l < LANES; l++)
        catch_up_crc(d, l);
    for (; i < n; i++) {
        uint64_t k;
        memcpy(&k, t[i].k, sizeof k);
        if (k == 0)
            memcpy(d->row[end++], t[i].data, sizeof *d->row);
        else if (!all_padding(&t[i]))
            break;
    }
    catch_up_rows(d, begin, end);
    for (unsigned l = 0; l < LANES; l++) {
        if (end != begin)
            d->lane[l].commas = 0;
        d->stats.lane[l].words += end - begin;
        d->stats.lane[l].pads += i - from - (end - begin);
    }
    return i;
}

/* Around the gap and where something is wrong, tick by tick. */
static void take_chunk_in_step(struct link_decoder *d, const struct link_tick *t, size_t n)
{
    for (size_t i = 0; i < n;) {
        if (in_step(d))
            i = take_rows(d, t, i, n);
        for (unsigned l = 0; i < n && l < LANES; l++)
            take_word(d, l, t[i].data[l], t[i].k[l]);
        i++;
    }
}

static void take_chunk(struct link_decoder *d, const struct link_tick *t, size_t n)
{
    int same = 1;
    for (unsigned l = 1; l < LANES; l++)
        same &= d->lane[l].end == d->lane[0].end;
    if (same)
        take_chunk_in_step(d, t, n);
    for (unsigned l = 0; l < LANES; l++) {
        if (!same)
            take_lane(d, l, t, n);
        if (in_data(&d->lane[l]))
            catch_up_crc(d, l);
        else
            d->lane[l].crc_from = d->lane[l].end;
        d->stats.lane[l].lock = (uint8_t)d->lane[l].lock;
    }
}

/* ---- payload words to BX ---- */

static void flush(struct link_decoder *d)
{
    if (d->batch)
        d->sink(d->ctx, (const struct bx_block *)d->row[d->batch_row], d->info, d->batch);
    d->batch = 0;
}

static void lose_alignment(struct link_decoder *d)
{
    flush(d);
    d->aligned = d->live = 0;
    d->frame = 0;
}

static size_t head(const struct link_decoder *d)
{
    return d->lane[0].begin; /* of all lanes, when aligned */
}

static void pop_rows(struct link_decoder *d, size_t n)
{
    for (unsigned l = 0; l < LANES; l++)
        d->lane[l].begin += n;
}

/* Lanes that claim another BX. */
static uint8_t mismatches(const struct link_decoder *d, const uint32_t row[LANES])
{
    uint32_t mask = d->cfg.format == LINK_FORMAT_RUN3 ? 0x1fff : 0xffff, any = 0, lanes = 0;
    for (unsigned l = 0; l < LANES; l++)
        any |= (row[l] ^ d->bx) & mask;
    for (unsigned l = 0; any && l < LANES; l++)
        lanes |= (uint32_t)((row[l] & mask) != d->bx) << l;
    return (uint8_t)lanes;
}

/* The six rows before the head are a BX. */
static void finish_bx(struct link_decoder *d)
{
    size_t at = head(d) - FRAMES;
    int run3 = d->cfg.format == LINK_FORMAT_RUN3;
    d->mismatch = mismatches(d, d->row[at + run3]);
    if (d->live) {
        if (d->batch == 0)
            d->batch_row = at;
        d->info[d->batch++] = (struct decoded_bx){
            .orbit = d->row[at + !run3][0], .bx = (uint16_t)d->bx, .err = d->err, .crc_bad = d->crc_bad,
            .mismatch = d->mismatch};
        d->stats.bx++;
        d->stats.mismatches += d->mismatch != 0;
        if (d->batch == LINK_DECODE_BATCH)
            flush(d);
    }
    d->frame = 0;
    if (++d->bx == BX_PER_ORBIT)
        d->bx = 0;
    if (d->bx == d->cfg.gap_first)
        d->bx = d->first_bx;
}

/* Rows that all lanes have reached. */
static size_t rows_there(const struct link_decoder *d)
{
    size_t end = d->lane[0].end;
    for (unsigned l = 1; l < LANES; l++)
        end = d->lane[l].end < end ? d->lane[l].end : end;
    return end - head(d);
}

/* Rule 3 of link_align for one row. */
static void join_row(struct link_decoder *d)
{
    const struct mark *mark = &d->mark[head(d)];
    int first = d->frame == 0 && d->bx == d->first_bx;
    if (mark->first != (first ? 0xff : 0)) {
        lose_alignment(d);
        d->stats.align_losses++;
        return;
    }
    if (first)
        d->crc_bad = mark->crc_bad;
    if (d->frame == 0) {
        d->err = 0;
        d->live |= d->bx == 0;
    }
    d->err |= mark->err;
    pop_rows(d, 1);
    if (++d->frame == FRAMES)
        finish_bx(d);
}

/* Whether the next six rows are a BX without any mark inside a window: nothing can go wrong then. */
static int plain_bx(const struct link_decoder *d)
{
    uint64_t marks[FRAMES * sizeof(struct mark) / sizeof(uint64_t)];
    if (d->frame != 0 || d->bx == d->first_bx)
        return 0;
    memcpy(marks, d->mark + head(d), sizeof marks);
    return (marks[0] | marks[1] | marks[2]) == 0;
}

static void join_bx(struct link_decoder *d)
{
    d->live |= d->bx == 0;
    d->err = 0;
    pop_rows(d, FRAMES);
    finish_bx(d);
}

static size_t last_end(const struct link_decoder *d)
{
    size_t end = 0;
    for (unsigned l = 0; l < LANES; l++)
        end = d->lane[l].end > end ? d->lane[l].end : end;
    return end;
}

/* Drops `rows` at the front of all lanes. */
static void shift_rows(struct link_decoder *d, size_t rows)
{
    size_t end = last_end(d), held = end - rows;
    memmove(d->row, d->row + rows, held * sizeof *d->row);
    memmove(d->mark, d->mark + rows, held * sizeof *d->mark);
    memset(d->mark + held, 0, (end - held) * sizeof *d->mark);
    for (unsigned l = 0; l < LANES; l++) {
        d->lane[l].begin -= rows;
        d->lane[l].end -= rows;
        d->lane[l].crc_from -= rows;
    }
}

static void copy_mark(struct mark *to, const struct mark *from, unsigned l)
{
    unsigned bit = 1u << l;
    to->first |= from->first & bit;
    to->err |= from->err & bit;
    to->crc_bad |= from->crc_bad & bit;
}

/* Brings the columns of lanes that begin at different rows to the first row. In place: words only move
 * forward, and the marks are made anew beside the old ones. */
static void move_columns(struct link_decoder *d)
{
    struct mark *mark = d->spare;
    memset(mark, 0, d->capacity * sizeof *mark);
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *lane = &d->lane[l];
        size_t held = lane->end - lane->begin;
        for (size_t i = 0; i < held; i++) {
            d->row[i][l] = d->row[lane->begin + i][l];
            copy_mark(&mark[i], &d->mark[lane->begin + i], l);
        }
        lane->begin = 0;
        lane->end = lane->crc_from = held;
    }
    d->spare = d->mark;
    d->mark = mark;
}

/* Rule 2 of link_align: drop what stands before the first words. Returns whether all lanes stand at one. */
static int search(struct link_decoder *d)
{
    int found = 1;
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *lane = &d->lane[l];
        while (lane->begin < lane->end && !(d->mark[lane->begin].first >> l & 1))
            lane->begin++;
        found &= lane->begin < lane->end;
    }
    if (!found)
        return 0;
    move_columns(d);
    d->aligned = 1;
    d->frame = 0;
    d->bx = d->first_bx;
    return 1;
}

static void join(struct link_decoder *d)
{
    while (d->aligned || search(d)) {
        size_t rows = rows_there(d);
        for (; d->aligned && rows >= FRAMES && plain_bx(d); rows -= FRAMES)
            join_bx(d);
        if (rows == 0)
            break;
        join_row(d);
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
    if (last_end(d) + CHUNK < d->capacity) /* one more: take_run writes before it knows */
        return;
    flush(d);
    if (d->aligned)
        shift_rows(d, head(d) - d->frame);
    else
        move_columns(d);
}

/* Ticks before which no lane can overflow, 1..CHUNK: what one throws away is then known to the tick. */
static size_t safe_ticks(const struct link_decoder *d)
{
    size_t held = 0;
    for (unsigned l = 0; l < LANES; l++) {
        size_t n = d->lane[l].end - d->lane[l].begin;
        held = n > held ? n : held;
    }
    size_t safe = d->cfg.max_skew + 1 - held;
    return safe < CHUNK ? safe : CHUNK;
}

void link_decoder_ticks(struct link_decoder *d, const struct link_tick *ticks, size_t n)
{
    for (size_t done = 0; done < n;) {
        size_t safe = safe_ticks(d), count = n - done < safe ? n - done : safe;
        make_room(d);
        take_chunk(d, ticks + done, count);
        join(d);
        check_overflow(d);
        done += count;
    }
    flush(d);
}

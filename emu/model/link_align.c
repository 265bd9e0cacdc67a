#include "emu/model/link_align.h"

#include "golden/formats/link_words.h"

#include <string.h>

enum { ALL_LANES = 0xff, FIRST_SHIFT = 32, ERR_SHIFT = 40, CRC_BAD_SHIFT = 48 };

#define FLAGS_OF_LANE_0 \
    (UINT64_C(1) << FIRST_SHIFT | UINT64_C(1) << ERR_SHIFT | UINT64_C(1) << CRC_BAD_SHIFT)

void link_align_init(struct link_align *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->depth = cfg->align_depth;
    s->run3 = cfg->run3;
    s->gap_first = cfg->gap_first;
    s->bx_after_gap = link_window_first(cfg->gap_first);
}

static uint16_t held(const struct link_align *s, unsigned l)
{
    return s->write[l] - s->read[l];
}

static unsigned lanes_with_a_head(const struct link_align *s)
{
    unsigned mask = 0;
    for (unsigned l = 0; l < LANES; l++)
        mask |= (unsigned)(s->write[l] != s->read[l]) << l;
    return mask;
}

static unsigned lanes_full(const struct link_align *s)
{
    unsigned mask = 0;
    for (unsigned l = 0; l < LANES; l++)
        mask |= (unsigned)(held(s, l) == s->depth) << l;
    return mask;
}

/* Whether some lane holds exactly n words: asked at every edge, so it is kept fit for vector units. */
static int some_lane_holds(const struct link_align *s, uint16_t n)
{
    uint16_t found = 0;
    for (unsigned l = 0; l < LANES; l++)
        found |= (uint16_t)(s->write[l] - s->read[l]) == n;
    return found;
}

/* Reads the heads of all lanes; returns their flags, OR-ed. Lanes without a head give rubbish. */
static uint64_t read_heads(const struct link_align *s, uint64_t head[LANES])
{
    uint64_t flags = 0;
    for (unsigned l = 0; l < LANES; l++) {
        head[l] = s->fifo[l][s->read[l] % MAX_ALIGN_DEPTH];
        flags |= head[l];
    }
    return flags;
}

static void store(struct link_align *s, const struct cdc_rx_out *in)
{
    uint64_t flags = (uint64_t)in->first << FIRST_SHIFT | (uint64_t)in->err << ERR_SHIFT |
                     (uint64_t)in->crc_bad << CRC_BAD_SHIFT;
    for (unsigned l = 0; l < LANES; l++)
        if (in->valid >> l & 1)
            s->fifo[l][s->write[l]++ % MAX_ALIGN_DEPTH] = in->data[l] | (flags & FLAGS_OF_LANE_0 << l);
}

static void overflow(struct link_align *s)
{
    memcpy(s->read, s->write, sizeof s->read);
    s->aligned = s->live = 0;
    s->overflows++;
}

/* Lanes that show something else than the first word after the gap drop it. */
static void drop_heads(struct link_align *s, unsigned heads, unsigned first)
{
    for (unsigned l = 0; l < LANES; l++)
        s->read[l] += heads >> l & ~(first >> l) & 1;
}

static void note_peak(struct link_align *s)
{
    for (unsigned l = 0; l < LANES; l++)
        if (held(s, l) > s->peak)
            s->peak = held(s, l);
}

static void check_bx(struct link_align *s, const uint32_t row[LANES], uint32_t field)
{
    unsigned mismatch = 0;
    for (unsigned l = 0; l < LANES; l++)
        mismatch |= (unsigned)((row[l] & field) != s->bx) << l;
    s->mismatch = mismatch;
}

/* Frames 0 and 1 hold the counters, in the order of the format (domain.md 2). */
static void read_counters(struct link_align *s, const uint32_t row[LANES])
{
    if (s->frame == (s->run3 ? 1 : 0))
        check_bx(s, row, s->run3 ? 0x1fff : 0xffff);
    else
        s->orbit = row[0];
}

static uint16_t next_bx(const struct link_align *s)
{
    uint16_t bx = s->bx + 1 < BX_PER_ORBIT ? s->bx + 1 : 0;
    return bx == s->gap_first ? s->bx_after_gap : bx;
}

static void show(struct link_align *s, struct link_align_out *next)
{
    next->valid = 1;
    next->err = s->err;
    next->crc_bad = s->crc_bad;
    next->mismatch = s->mismatch;
    next->bx = s->bx;
    next->orbit = s->orbit;
    next->block = s->block;
    s->mismatches += s->mismatch != 0;
}

static void finish_block(struct link_align *s, struct link_align_out *next)
{
    if (s->live)
        show(s, next);
    s->frame = 0;
    s->bx = next_bx(s);
}

/* Takes a frame: the heads of all lanes, which belong together, and their flags. */
static void take_row(struct link_align *s, const uint64_t head[LANES], uint64_t flags,
                     struct link_align_out *next)
{
    uint32_t *row = s->block.w + s->frame * LANES;
    for (unsigned l = 0; l < LANES; l++)
        row[l] = head[l];
    for (unsigned l = 0; l < LANES; l++)
        s->read[l]++;
    s->err = (s->frame ? s->err : 0) | (uint8_t)(flags >> ERR_SHIFT);
    if ((uint8_t)(flags >> FIRST_SHIFT))
        s->crc_bad = flags >> CRC_BAD_SHIFT;
    if (s->frame == 0 && s->bx == 0)
        s->live = 1;
    if (s->frame < 2)
        read_counters(s, row);
    if (s->frame == FRAMES - 1)
        finish_block(s, next);
    else
        s->frame++;
}

static void search(struct link_align *s, struct link_align_out *next)
{
    uint64_t head[LANES], flags = read_heads(s, head);
    unsigned heads = lanes_with_a_head(s);
    unsigned first = flags >> FIRST_SHIFT & heads;
    if (first != ALL_LANES) {
        drop_heads(s, heads, first);
        return;
    }
    s->aligned = 1;
    s->frame = 0;
    s->bx = s->bx_after_gap;
    take_row(s, head, flags, next);
}

static void follow(struct link_align *s, struct link_align_out *next)
{
    if (some_lane_holds(s, 0))
        return;
    uint64_t head[LANES], flags = read_heads(s, head);
    unsigned due = s->frame == 0 && s->bx == s->bx_after_gap ? ALL_LANES : 0;
    if ((uint8_t)(flags >> FIRST_SHIFT) == due) {
        if (s->frame == 0)
            note_peak(s);
        take_row(s, head, flags, next);
        return;
    }
    s->aligned = s->live = 0;
    s->losses++;
}

void link_align_step(struct link_align *s, const struct bus_view *now, struct link_align_out *next)
{
    const struct cdc_rx_out *in = &now->board->cdc_rx;
    next->valid = 0;
    if (some_lane_holds(s, s->depth) && in->valid & lanes_full(s)) {
        overflow(s);
    } else {
        if (s->aligned)
            follow(s, next);
        else
            search(s, next);
        if (in->valid)
            store(s, in);
    }
    next->aligned = s->aligned;
    next->live = s->live;
}

void link_align_status(const struct link_align *s, struct board_status *status)
{
    status->align_losses = s->losses;
    status->align_overflows = s->overflows;
    status->mismatches = s->mismatches;
}

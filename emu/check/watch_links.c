/* The watcher on the lanes: link_rx and cdc_rx. */
#include "emu/check/watch_internal.h"

static enum block block_of(unsigned b)
{
    return b ? BLOCK_CDC_RX : BLOCK_LINK_RX;
}

/* Frame 0 or 5 of a BX passed boundary `b` (0: link_rx, 1: cdc_rx) on so many lanes. */
static void note_arrival(struct watch *w, unsigned b, const struct word_tag *tag, unsigned lanes, uint64_t ps)
{
    uint64_t number = bx_number_of(&w->number, tag->orbit, tag->bx);
    struct watch_arrival *a = &w->arrival[b][number % WATCH_ARRIVALS];
    if (a->number != number)
        *a = (struct watch_arrival){.number = number};
    if (tag->frame == 0) {
        a->first_ps = ps;
        return;
    }
    a->lasts += lanes;
    if (a->lasts != LANES)
        return;
    uint64_t t0 = watch_t0(w, number);
    struct boundary_watch *at = &w->at[block_of(b)];
    watch_latency(&at->first_out, a->first_ps, t0);
    watch_latency(&at->last_out, ps, t0);
}

static bool is_milestone(const struct word_tag *tag)
{
    return tag->frame == 0 || tag->frame == FRAMES - 1;
}

/* Frames 0 and 5 say where a lane is: BX and orbit go into the digest once a BX, and times are taken. */
static void lane_milestone(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag,
                           uint64_t ps)
{
    if (tag->frame == 0)
        boundary_watch_lane(&w->at[block_of(b)], lane, watch_where(tag->orbit, tag->bx, 0, 0));
    if (tag->kind == LINK_PAYLOAD)
        note_arrival(w, b, tag, 1, ps);
}

static void lane_record(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag, uint32_t data,
                        uint64_t cycle)
{
    struct watch_bx bx = {.orbit = tag->orbit, .bx = tag->bx, .board_orbit = tag->orbit, .board_bx = tag->bx};
    watch_write(w, block_of(b), cycle, (int)lane, RECORD_PAYLOAD, &bx, &data, 1);
}

/* One word behind link_rx (b = 0) or cdc_rx (1). `flags`: its lane's bits of first, err and crc_bad. */
static inline void lane_word(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag,
                             uint32_t data, unsigned flags, uint64_t cycle, uint64_t ps)
{
    boundary_watch_lane(&w->at[block_of(b)], lane,
                        data ^ (uint64_t)flags << 32 ^ (uint64_t)tag->frame << 60);
    if (is_milestone(tag))
        lane_milestone(w, b, lane, tag, ps);
    if (w->cfg.records)
        lane_record(w, b, lane, tag, data, cycle);
}

/* The flag masks of all lanes, spread so that a lane's three bits are those at `lane` of each byte. */
static inline unsigned flags_of(unsigned first, unsigned err, unsigned crc_bad)
{
    return first | err << 8 | (crc_bad & first) << 16;
}

/* The usual case, handled as one: all eight lanes show the same frame of the same BX, without flags. */
static bool in_step(const struct word_tag tag[LANES])
{
    return memcmp(tag, tag + 1, (LANES - 1) * sizeof *tag) == 0;
}

static bool equal_counts(const uint32_t count[LANES])
{
    return memcmp(count, count + 1, (LANES - 1) * sizeof *count) == 0;
}

/* The same as lane_word for each of eight lanes in step. */
static void row_of_words(struct watch *w, unsigned b, const struct word_tag *tag, const uint32_t data[LANES],
                         uint64_t ps)
{
    struct boundary_watch *at = &w->at[block_of(b)];
    for (unsigned l = 0; l < LANES; l++)
        boundary_watch_lane(at, l, data[l] ^ (uint64_t)tag->frame << 60);
    if (!is_milestone(tag))
        return;
    for (unsigned l = 0; l < LANES && tag->frame == 0; l++)
        boundary_watch_lane(at, l, watch_where(tag->orbit, tag->bx, 0, 0));
    if (tag->kind == LINK_PAYLOAD)
        note_arrival(w, b, tag, LANES, ps);
}

/* Nobody takes the words of a lane when cdc_rx overflows: the oldest give way. */
static void limit(struct watch_lanes *q)
{
    for (unsigned l = 0; l < LANES; l++)
        q->out[l] += q->in[l] - q->out[l] > WATCH_LANE_QUEUE;
}

static void push_row(struct watch_lanes *q, const struct word_tag tag[LANES], const uint32_t data[LANES])
{
    unsigned row = q->in[0] % WATCH_LANE_QUEUE;
    memcpy(q->data[row], data, sizeof q->data[row]);
    memcpy(q->tag[row], tag, sizeof q->tag[row]);
    for (unsigned l = 0; l < LANES; l++)
        q->in[l]++;
}

static void push_lanes(struct watch *w, const struct link_rx_out *out, unsigned flags,
                       const struct line_tag *tag, uint64_t cycle, uint64_t ps)
{
    struct watch_lanes *q = &w->lanes;
    for (unsigned left = out->valid; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctz(left), row = q->in[l]++ % WATCH_LANE_QUEUE;
        q->tag[row][l] = tag->lane[l];
        q->data[row][l] = out->data[l];
        lane_word(w, 0, l, &tag->lane[l], out->data[l], flags >> l & 0x010101, cycle, ps);
    }
}

void watch_line(struct watch *w, uint64_t cycle, uint64_t ps, const struct line_tag *tag,
                const struct line_bus *line)
{
    const struct link_rx_out *out = &line->link_rx;
    if (!out->valid)
        return;
    unsigned flags = flags_of(out->first, out->err, out->crc_bad) & 0x010101u * out->valid;
    if (out->valid == 0xff && !flags && in_step(tag->lane) && equal_counts(w->lanes.in) && !w->cfg.records) {
        push_row(&w->lanes, tag->lane, out->data);
        row_of_words(w, 0, tag->lane, out->data, ps);
    } else {
        push_lanes(w, out, flags, tag, cycle, ps);
    }
    limit(&w->lanes);
    boundary_watch_lanes(&w->at[BLOCK_LINK_RX], out->valid, cycle);
}

/* The lane's word that came out: the oldest with that data, since an overflow may have swallowed some before
 * it. NULL when no such word went in. */
static const struct word_tag *take(struct watch_lanes *q, unsigned lane, uint32_t data)
{
    for (uint32_t i = q->out[lane]; i != q->in[lane]; i++)
        if (q->data[i % WATCH_LANE_QUEUE][lane] == data) {
            q->out[lane] = i + 1;
            return &q->tag[i % WATCH_LANE_QUEUE][lane];
        }
    return NULL;
}

/* A word that never went in: golden says what the oldest one was. Its tag is the best guess. */
static const struct word_tag *strange_word(struct watch *w, unsigned lane, uint32_t data, uint64_t cycle)
{
    static const struct word_tag unknown;
    struct watch_lanes *q = &w->lanes;
    bool empty = q->in[lane] == q->out[lane];
    unsigned row = q->out[lane] % WATCH_LANE_QUEUE;
    const struct word_tag *tag = empty ? &unknown : &q->tag[row][lane];
    struct mismatch m = watch_mismatch(BLOCK_CDC_RX, cycle, tag->orbit, tag->bx);
    m.position = "lane";
    m.slot = (int)lane;
    snprintf(m.field, sizeof m.field, empty ? "word out of an empty FIFO" : "data");
    m.expected = empty ? 0 : q->data[row][lane];
    m.got = data;
    if (w->cfg.golden)
        check_log_mismatch(w->cfg.log, &m);
    q->out[lane] += !empty;
    return tag;
}

static unsigned take_lanes(struct watch *w, const struct cdc_rx_out *out, unsigned flags, uint64_t cycle,
                           uint64_t ps)
{
    unsigned known = 0;
    for (unsigned left = out->valid; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctz(left);
        const struct word_tag *tag = take(&w->lanes, l, out->data[l]);
        known += tag != NULL;
        if (!tag)
            tag = strange_word(w, l, out->data[l], cycle);
        w->lane_tag[l] = *tag;
        lane_word(w, 1, l, tag, out->data[l], flags >> l & 0x010101, cycle, ps);
    }
    return known;
}

/* Whether a row of lanes in step is the one that went in. */
static bool take_row(struct watch *w, const struct cdc_rx_out *out, uint64_t ps)
{
    struct watch_lanes *q = &w->lanes;
    unsigned row = q->out[0] % WATCH_LANE_QUEUE;
    if (!equal_counts(q->out) || !equal_counts(q->in) || q->in[0] == q->out[0] ||
        memcmp(q->data[row], out->data, sizeof out->data) != 0 || !in_step(q->tag[row]))
        return false;
    for (unsigned l = 0; l < LANES; l++)
        q->out[l]++;
    memcpy(w->lane_tag, q->tag[row], sizeof w->lane_tag);
    row_of_words(w, 1, q->tag[row], out->data, ps);
    return true;
}

static void note_lane_levels(struct watch *w)
{
    for (unsigned l = 0; l < LANES; l++) {
        uint32_t held = w->lanes.in[l] - w->lanes.out[l];
        w->lane_high[l] = held > w->lane_high[l] ? held : w->lane_high[l];
    }
}

void watch_lanes_crossed(struct watch *w, uint64_t cycle, uint64_t ps, const struct cdc_rx_out *out)
{
    unsigned known = LANES, flags = flags_of(out->first, out->err, out->crc_bad) & 0x010101u * out->valid;
    note_lane_levels(w);
    if (out->valid != 0xff || flags || w->cfg.records || !take_row(w, out, ps))
        known = take_lanes(w, out, flags, cycle, ps);
    boundary_watch_lanes(&w->at[BLOCK_CDC_RX], out->valid, cycle);
    if (w->cfg.golden)
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_CDC_RX, known);
}

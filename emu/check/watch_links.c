/* The watcher on the lanes: link_rx and cdc_rx. */
#include "emu/check/watch_internal.h"

/* A lane's frame 0 or 5 of a BX passed boundary `b` (0: link_rx, 1: cdc_rx). */
static void note_arrival(struct watch *w, unsigned b, const struct word_tag *tag, uint64_t ps)
{
    uint64_t number = bx_number_of(&w->number, tag->orbit, tag->bx);
    struct watch_arrival *a = &w->arrival[b][number % WATCH_ARRIVALS];
    if (a->number != number)
        *a = (struct watch_arrival){.number = number};
    if (tag->frame == 0) {
        a->first_ps = ps;
        return;
    }
    if (++a->lasts < LANES)
        return;
    uint64_t t0 = watch_t0(w, number);
    struct boundary_watch *at = &w->at[b ? BLOCK_CDC_RX : BLOCK_LINK_RX];
    watch_latency(&at->first_out, a->first_ps, t0);
    watch_latency(&at->last_out, ps, t0);
}

/* Frames 0 and 5 say where a lane is: BX and orbit go into the digest once a BX, and times are taken. */
static void lane_milestone(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag, uint64_t ps)
{
    enum block block = b ? BLOCK_CDC_RX : BLOCK_LINK_RX;
    if (tag->frame == 0)
        boundary_watch_lane(&w->at[block], lane, watch_where(tag->orbit, tag->bx, 0, 0));
    if (tag->kind == LINK_PAYLOAD)
        note_arrival(w, b, tag, ps);
}

static void lane_record(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag, uint32_t data,
                        uint64_t cycle)
{
    struct watch_bx bx = {.orbit = tag->orbit, .bx = tag->bx, .board_orbit = tag->orbit, .board_bx = tag->bx};
    watch_write(w, b ? BLOCK_CDC_RX : BLOCK_LINK_RX, cycle, (int)lane, RECORD_PAYLOAD, &bx, &data, 1);
}

/* One word behind link_rx (b = 0) or cdc_rx (1). `flags`: its lane's bits of first, err and crc_bad. */
static inline void lane_word(struct watch *w, unsigned b, unsigned lane, const struct word_tag *tag, uint32_t data,
                             unsigned flags, uint64_t cycle, uint64_t ps)
{
    boundary_watch_lane(&w->at[b ? BLOCK_CDC_RX : BLOCK_LINK_RX], lane,
                        data ^ (uint64_t)flags << 32 ^ (uint64_t)tag->frame << 60);
    if (tag->frame == 0 || tag->frame == FRAMES - 1)
        lane_milestone(w, b, lane, tag, ps);
    if (w->cfg.records)
        lane_record(w, b, lane, tag, data, cycle);
}

/* The flag masks of all lanes, spread so that a lane's three bits are those at `lane` of each byte. */
static inline unsigned flags_of(unsigned first, unsigned err, unsigned crc_bad)
{
    return first | err << 8 | (crc_bad & first) << 16;
}

void watch_line(struct watch *w, uint64_t cycle, uint64_t ps, const struct line_tag *tag, const struct line_bus *line)
{
    const struct link_rx_out *out = &line->link_rx;
    unsigned flags = flags_of(out->first, out->err, out->crc_bad);
    for (unsigned left = out->valid; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctz(left);
        struct watch_lane_queue *q = &w->lane[l];
        struct watch_lane_word *word = &q->item[q->in++ % WATCH_LANE_QUEUE];
        word->tag = tag->lane[l];
        word->data = out->data[l];
        if (q->in - q->out > WATCH_LANE_QUEUE) /* nobody takes them: cdc_rx overflows */
            q->out++;
        lane_word(w, 0, l, &word->tag, word->data, flags >> l & 0x010101, cycle, ps);
    }
    if (out->valid)
        boundary_watch_lanes(&w->at[BLOCK_LINK_RX], out->valid, cycle);
}

/* The queue's word that came out: the oldest with that data, since an overflow may have swallowed some before it.
 * NULL when no such word went in. */
static const struct word_tag *take(struct watch_lane_queue *q, uint32_t data)
{
    for (unsigned i = q->out; i != q->in; i++)
        if (q->item[i % WATCH_LANE_QUEUE].data == data) {
            q->out = i + 1;
            return &q->item[i % WATCH_LANE_QUEUE].tag;
        }
    return NULL;
}

/* A word that never went in: golden says what the oldest one was. Its tag is the best guess. */
static const struct word_tag *strange_word(struct watch *w, unsigned lane, uint32_t data, uint64_t cycle)
{
    static const struct word_tag unknown;
    struct watch_lane_queue *q = &w->lane[lane];
    const struct word_tag *tag = q->in == q->out ? &unknown : &q->item[q->out % WATCH_LANE_QUEUE].tag;
    struct mismatch m = watch_mismatch(BLOCK_CDC_RX, cycle, tag->orbit, tag->bx);
    m.position = "lane";
    m.slot = (int)lane;
    snprintf(m.field, sizeof m.field, q->in == q->out ? "word out of an empty FIFO" : "data");
    m.expected = q->in == q->out ? 0 : q->item[q->out % WATCH_LANE_QUEUE].data;
    m.got = data;
    if (w->cfg.golden)
        check_log_mismatch(w->cfg.log, &m);
    if (q->in != q->out)
        q->out++;
    return tag;
}

void watch_lanes_crossed(struct watch *w, uint64_t cycle, uint64_t ps, const struct cdc_rx_out *out)
{
    unsigned known = 0, flags = flags_of(out->first, out->err, out->crc_bad);
    for (unsigned left = out->valid; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctz(left);
        struct watch_lane_queue *q = &w->lane[l];
        if (q->in - q->out > w->lane_high[l])
            w->lane_high[l] = q->in - q->out;
        const struct word_tag *tag = take(q, out->data[l]);
        known += tag != NULL;
        if (!tag)
            tag = strange_word(w, l, out->data[l], cycle);
        w->lane_tag[l] = *tag;
        lane_word(w, 1, l, tag, out->data[l], flags >> l & 0x010101, cycle, ps);
    }
    boundary_watch_lanes(&w->at[BLOCK_CDC_RX], out->valid, cycle);
    if (w->cfg.golden)
        check_log_compared(w->cfg.log, ORACLE_GOLDEN, BLOCK_CDC_RX, known);
}

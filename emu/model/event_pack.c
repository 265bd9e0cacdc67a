#include "emu/model/event_pack.h"

#include <string.h>

/* domain.md 3.1; the appended record is our own, its low half is its version. */
#define TRAILER_MARK UINT32_C(0xBEEFDEAD)
#define PACKET_MARK UINT32_C(0xDEADBEEF)
#define APPENDED_MARK UINT32_C(0xB0AC0001)

enum {
    APPENDED_FRAMES = 4,
    TRAILER_FRAMES = 17,
    HIT_MAP_FRAMES = HIT_MAP_WORDS / LANES,
    LAST_BX = BX_PER_ORBIT - 1,
    NOTHING = -1,
    PHI_CODES = 576, /* domain.md 1.2 */
    ETA_MAX = 225,
    PT_MAX = 510,
    PT_OVERFLOW = 511,
};

void event_pack_init(struct event_pack *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->corrections = cfg->pack_corrections;
    s->policy = cfg->drop_policy;
    s->depth = cfg->pack_depth;
    s->orbits_per_packet = cfg->orbits_per_packet;
}

/* ---- in: what arrives at this edge ---- */

static void store_result(struct event_pack *s, const struct recal_result *r)
{
    if (!s->wanted[r->seq])
        return;
    struct event_pack_entry *e = &s->ring[s->wanted_by[r->seq]];
    e->phi[r->slot] = r->phi;
    e->eta[r->slot] = r->eta;
    e->pt[r->slot] = r->pt;
    e->done |= 1u << order_of_slot(r->slot);
}

static void store_results(struct event_pack *s, const struct recal_out *in)
{
    for (unsigned i = 0; i < MAX_ENGINES; i++)
        if (in->result[i].valid)
            store_result(s, &in->result[i]);
}

/* room: an entry is free beside the one that is left for the orbit's end. */
static void open_orbit(struct event_pack *s, int room, int afull)
{
    s->open = room && !(s->policy == DROP_ORBIT && afull);
    s->dropped_orbits += !s->open;
}

static void push(struct event_pack *s, unsigned at, const struct muon_feed_out *in, int accept)
{
    struct event_pack_entry *e = &s->ring[at];
    e->start = in->bx == 0;
    e->end = in->bx == LAST_BX;
    e->has_block = accept;
    e->bx = in->bx;
    e->orbit = in->orbit;
    if (!accept)
        return;
    e->queued = in->queued;
    e->skipped = in->skipped;
    e->done = 0;
    e->block = in->block;
}

/* at, level: place of a new entry and entries held before this edge. Returns how many entries were pushed. */
static unsigned take_bx(struct event_pack *s, unsigned at, unsigned level, const struct bus_view *now,
                        struct event_pack_out *next)
{
    const struct muon_feed_out *in = &now->board->muon_feed;
    int room = level + 1 < s->depth;
    if (in->bx == 0)
        open_orbit(s, room, now->board->cdc_dma_ready.afull);
    int accept = in->keep && s->open && room;
    if (in->keep) {
        s->wanted[in->seq] = accept;
        s->wanted_by[in->seq] = at;
        s->dropped_bx += !accept;
        next->dropped = !accept;
    }
    int pushed = accept || (s->open && (in->bx == 0 || in->bx == LAST_BX));
    if (pushed)
        push(s, at, in, accept);
    if (in->bx == LAST_BX)
        s->open = 0;
    return pushed;
}

/* ---- out: items and their frames ---- */

static int complete(const struct event_pack *s, const struct event_pack_entry *e)
{
    return s->corrections == PACK_NONE || (e->done & e->queued) == e->queued;
}

static int starts_orbit(const struct event_pack *s, const struct event_pack_entry *e)
{
    return e->start && !s->header_done;
}

static int choose_for_entry(const struct event_pack *s, const struct event_pack_entry *e)
{
    if (starts_orbit(s, e))
        return s->out_open ? FRAME_TRAILER : FRAME_HEADER; /* an orbit that broke off is closed first */
    if (e->has_block && !s->block_done)
        return complete(s, e) ? FRAME_BLOCK : NOTHING;
    return FRAME_TRAILER;
}

static int choose_item(const struct event_pack *s, int stop)
{
    if (s->packet_due)
        return FRAME_PACKET;
    if (s->level)
        return choose_for_entry(s, &s->ring[s->first]);
    if (stop && !s->out_open && (s->packet_orbits || s->dropped_orbits != s->packet_drops))
        return FRAME_PACKET;
    return NOTHING;
}

static unsigned frames_of(const struct event_pack *s, int item)
{
    switch (item) {
    case FRAME_BLOCK:
        return s->corrections == PACK_APPENDED ? FRAMES + APPENDED_FRAMES : FRAMES;
    case FRAME_TRAILER:
        return TRAILER_FRAMES;
    default:
        return 1;
    }
}

/* From 1/16 of a code to codes, halves upwards. */
static int rounded(int16_t correction)
{
    return (correction + 8) >> 4;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static uint32_t corrected_phi(uint32_t phi, int change)
{
    if (phi >= PHI_CODES)
        return phi; /* the GMT does not send it */
    int sum = ((int)phi + change) % PHI_CODES;
    return sum < 0 ? sum + PHI_CODES : sum;
}

static uint32_t corrected_eta(uint32_t eta, int change)
{
    int value = (int)(eta ^ 0x100) - 0x100; /* nine bits, two's complement */
    return (uint32_t)clamp(value + change, -ETA_MAX, ETA_MAX) & 0x1ff;
}

static uint32_t corrected_pt(uint32_t pt, int change)
{
    return pt == PT_OVERFLOW ? pt : (uint32_t)clamp((int)pt + change, 1, PT_MAX);
}

/* The low word of a muon: phi [9:0], pT [18:10], eta [31:23] (domain.md 1.1). */
static uint32_t corrected_word(const struct event_pack_entry *e, unsigned slot, uint32_t w)
{
    uint32_t phi = corrected_phi(w & 0x3ff, rounded(e->phi[slot]));
    uint32_t pt = corrected_pt(w >> 10 & 0x1ff, rounded(e->pt[slot]));
    uint32_t eta = corrected_eta(w >> 23, rounded(e->eta[slot]));
    return (w & 0x00780000) | phi | pt << 10 | eta << 23;
}

static void show_block(const struct event_pack *s, const struct event_pack_entry *e,
                       struct event_pack_out *next)
{
    memcpy(next->w, e->block.w + s->index * LANES, sizeof next->w);
    if (s->corrections != PACK_IN_PLACE || (s->index != 2 && s->index != 4))
        return;
    unsigned is_b = s->index == 4;
    for (unsigned left = e->queued >> (is_b ? LANES : 0) & 0xff; left; left &= left - 1) {
        unsigned lane = __builtin_ctz(left);
        next->w[lane] = corrected_word(e, 2 * lane + is_b, next->w[lane]);
    }
}

static uint32_t slots_of_orders(unsigned orders)
{
    uint32_t slots = 0;
    for (; orders; orders &= orders - 1)
        slots |= 1u << slot_of_order(__builtin_ctz(orders));
    return slots;
}

static void show_appended(const struct event_pack_entry *e, unsigned index, struct event_pack_out *next)
{
    uint32_t queued = slots_of_orders(e->queued);
    next->kind = FRAME_APPENDED;
    next->index = index;
    memset(next->w, 0, sizeof next->w);
    if (index == 0) {
        next->w[0] = APPENDED_MARK;
        next->w[1] = queued << 16 | slots_of_orders(e->skipped);
        next->w[2] = e->bx;
        next->w[3] = e->orbit;
        return;
    }
    const int16_t *column = index == 1 ? e->phi : index == 2 ? e->eta : e->pt;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (queued >> slot & 1)
            next->w[slot / 2] |= (uint32_t)(uint16_t)column[slot] << 16 * (slot & 1);
}

static void show_trailer(const struct event_pack *s, struct event_pack_out *next)
{
    memset(next->w, 0, sizeof next->w);
    if (s->index == 0)
        for (unsigned i = 0; i < LANES; i++)
            next->w[i] = TRAILER_MARK;
    else if (s->index <= HIT_MAP_FRAMES)
        memcpy(next->w, s->hit_map + (s->index - 1) * LANES, sizeof next->w);
}

static void show_packet(const struct event_pack *s, uint32_t align_faults, struct event_pack_out *next)
{
    const uint32_t w[LANES] = {PACKET_MARK, PACKET_MARK, align_faults, 0,
                               s->dropped_orbits, 0, s->packet_orbits, 0};
    memcpy(next->w, w, sizeof next->w);
}

static void show_header(const struct event_pack_entry *e, struct event_pack_out *next)
{
    memset(next->w, 0, sizeof next->w);
    next->w[0] = e->orbit;
}

static void show_frame(struct event_pack *s, uint32_t align_faults, struct event_pack_out *next)
{
    const struct event_pack_entry *e = &s->ring[s->first];
    next->valid = 1;
    next->kind = s->what;
    next->index = s->index;
    next->bx = s->what == FRAME_BLOCK ? e->bx : 0;
    switch ((enum frame_kind)s->what) {
    case FRAME_HEADER:
        s->orbit = e->orbit;
        show_header(e, next);
        break;
    case FRAME_BLOCK:
    case FRAME_APPENDED:
        if (s->index < FRAMES)
            show_block(s, e, next);
        else
            show_appended(e, s->index - FRAMES, next);
        break;
    case FRAME_TRAILER:
        show_trailer(s, next);
        break;
    case FRAME_PACKET:
        show_packet(s, align_faults, next);
        break;
    }
    next->orbit = s->what == FRAME_PACKET ? 0 : s->what == FRAME_BLOCK ? e->orbit : s->orbit;
}

static unsigned pop(struct event_pack *s)
{
    s->header_done = s->block_done = 0;
    return 1;
}

static unsigned finish_trailer(struct event_pack *s, const struct event_pack_entry *e)
{
    int because_of_end = !starts_orbit(s, e);
    s->out_open = 0;
    memset(s->hit_map, 0, sizeof s->hit_map);
    s->orbits++;
    s->packet_due = ++s->packet_orbits == s->orbits_per_packet;
    return because_of_end ? pop(s) : 0;
}

static unsigned finish_packet(struct event_pack *s)
{
    s->packet_due = 0;
    s->packet_orbits = 0;
    s->packet_drops = s->dropped_orbits;
    s->packets++;
    return 0;
}

/* After an item's last frame. Returns how many entries leave. */
static unsigned finish_item(struct event_pack *s)
{
    const struct event_pack_entry *e = &s->ring[s->first];
    s->index = 0;
    switch ((enum frame_kind)s->what) {
    case FRAME_HEADER:
        s->out_open = s->header_done = 1;
        return e->has_block || e->end ? 0 : pop(s);
    case FRAME_BLOCK:
    case FRAME_APPENDED:
        s->block_done = 1;
        s->hit_map[e->bx / 32] |= UINT32_C(1) << e->bx % 32;
        return e->end ? 0 : pop(s);
    case FRAME_TRAILER:
        return finish_trailer(s, e);
    case FRAME_PACKET:
        return finish_packet(s);
    }
    return 0;
}

/* One frame, if there is one to send. Returns how many entries leave. */
static unsigned send(struct event_pack *s, int stop, uint32_t align_faults, struct event_pack_out *next)
{
    if (s->index == 0) {
        int item = choose_item(s, stop);
        if (item == NOTHING)
            return 0;
        s->what = item;
        s->frames = frames_of(s, item);
    }
    show_frame(s, align_faults, next);
    return ++s->index == s->frames ? finish_item(s) : 0;
}

void event_pack_step(struct event_pack *s, const struct bus_view *now, uint32_t align_faults,
                     struct event_pack_out *next)
{
    unsigned pushed = 0, popped = 0, at = (s->first + s->level) % MAX_PACK_DEPTH;
    next->valid = next->dropped = 0;
    if (now->board->cdc_dma_ready.ready) /* first, because it reads what was there before this edge */
        popped = send(s, now->stop, align_faults, next);
    store_results(s, &now->board->recal);
    if (now->board->muon_feed.valid)
        pushed = take_bx(s, at, s->level, now, next);
    s->first = (s->first + popped) % MAX_PACK_DEPTH;
    s->level += pushed - popped;
    next->level = s->level;
}

void event_pack_status(const struct event_pack *s, struct board_status *status)
{
    status->pack_dropped_orbits = s->dropped_orbits;
    status->pack_dropped_bx = s->dropped_bx;
    status->pack_orbits = s->orbits;
    status->pack_packets = s->packets;
}

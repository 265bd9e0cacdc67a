#include "emu/model/muon_feed.h"

#include <string.h>

enum { BARREL_FIRST = 36, BARREL_LAST = 71 }; /* domain.md 1.3 */

void muon_feed_init(struct muon_feed *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->depth = cfg->feed_depth;
    s->engines = cfg->engines;
    s->select = cfg->feed_select;
    s->lanes = cfg->feed_select == FEED_ALL ? 0xffff : cfg->final_lanes * 0x0101u;
}

/* The low word of the muon at `order`; its high word is LANES further. */
static const uint32_t *muon_words(const struct bx_block *block, unsigned order)
{
    return block->w + (2 + 2 * (order >> 3)) * LANES + (order & 7);
}

static unsigned with_pt(const struct bx_block *block)
{
    unsigned mask = 0;
    for (unsigned order = 0; order < SLOTS; order++)
        mask |= (unsigned)((*muon_words(block, order) >> 10 & 0x1ff) != 0) << order;
    return mask;
}

static unsigned in_barrel(const struct bx_block *block)
{
    unsigned mask = 0;
    for (unsigned order = 0; order < SLOTS; order++) {
        uint32_t index = muon_words(block, order)[LANES] >> 4 & 0x7f;
        mask |= (unsigned)(index >= BARREL_FIRST && index <= BARREL_LAST) << order;
    }
    return mask;
}

static uint16_t pick(const struct muon_feed *s, const struct bx_block *block)
{
    unsigned mask = with_pt(block) & s->lanes;
    if (mask && s->select == FEED_BARREL_FINAL)
        mask &= in_barrel(block);
    return mask;
}

static void enqueue(struct muon_feed *s, const struct bx_block *block, uint16_t candidates)
{
    struct muon_feed_entry *e = &s->queue[(s->first + s->level) % MAX_FEED_DEPTH];
    e->left = candidates;
    e->seq = s->seq;
    for (unsigned left = candidates; left; left &= left - 1) {
        unsigned order = __builtin_ctz(left);
        const uint32_t *low = muon_words(block, order);
        e->muon[order] = (uint64_t)low[LANES] << 32 | low[0];
    }
}

static void pass_on(const struct muon_feed *s, const struct zero_suppress_out *in, struct muon_feed_out *next)
{
    next->valid = 1;
    next->keep = in->keep;
    next->err = in->err;
    next->crc_bad = in->crc_bad;
    next->mismatch = in->mismatch;
    next->seq = s->seq;
    next->bx = in->bx;
    next->orbit = in->orbit;
    next->queued = next->skipped = 0;
    next->block = in->block;
}

/* full: the queue held `depth` BX before this edge. Returns how many BX were pushed. */
static unsigned take_kept(struct muon_feed *s, const struct bx_block *block, int full,
                          struct muon_feed_out *next)
{
    uint16_t candidates = pick(s, block);
    unsigned n = __builtin_popcount(candidates);
    if (full) {
        next->skipped = candidates;
        s->skipped += n;
    } else {
        next->queued = candidates;
        s->queued += n;
        if (candidates)
            enqueue(s, block, candidates);
    }
    s->seq++;
    return !full && candidates;
}

/* Shows the next muons of the oldest BX. Returns how many BX were popped. */
static unsigned serve(struct muon_feed *s, struct muon_feed_out *next)
{
    struct muon_feed_entry *e = &s->queue[s->first];
    for (unsigned i = 0; i < s->engines && e->left; i++) {
        unsigned order = __builtin_ctz(e->left);
        e->left &= e->left - 1;
        next->muon[i].valid = 1;
        next->muon[i].seq = e->seq;
        next->muon[i].slot = slot_of_order(order);
        next->muon[i].muon = e->muon[order];
    }
    return !e->left;
}

void muon_feed_step(struct muon_feed *s, const struct bus_view *now, struct muon_feed_out *next)
{
    const struct zero_suppress_out *in = &now->board->zero_suppress;
    int full = s->level == s->depth;
    unsigned pushed = 0, popped = 0;
    next->valid = 0;
    for (unsigned i = 0; i < MAX_ENGINES; i++)
        next->muon[i].valid = 0;
    if (s->level)
        popped = serve(s, next);
    if (in->valid) {
        pass_on(s, in, next);
        if (in->keep)
            pushed = take_kept(s, &in->block, full, next);
    }
    s->first = (s->first + popped) % MAX_FEED_DEPTH;
    s->level += pushed - popped;
    next->level = s->level;
}

void muon_feed_status(const struct muon_feed *s, struct board_status *status)
{
    status->feed_queued = s->queued;
    status->feed_skipped = s->skipped;
}

#include "emu/model/muon_feed.h"
#include "golden/blocks/muon_feed.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

struct bench {
    struct muon_feed f;
    struct board_bus board;
    struct muon_feed_out out;
};

static void start(struct bench *b, enum feed_select select, unsigned depth, unsigned engines)
{
    struct board_cfg cfg = {.final_lanes = 0x0f, .feed_select = select, .feed_depth = depth,
                            .engines = engines};
    memset(b, 0, sizeof *b);
    muon_feed_init(&b->f, &cfg);
}

static void edge(struct bench *b)
{
    struct bus_view now = {.board = &b->board};
    memset(&b->out, 0xa5, sizeof b->out);
    muon_feed_step(&b->f, &now, &b->out);
    b->board.zero_suppress.valid = 0;
}

/* A word that tells its slot; pT code 1. */
static uint64_t muon_of(unsigned slot, unsigned tag)
{
    return 1u << 10 | (uint64_t)slot << 43 | (uint64_t)tag << 48;
}

static void arrive(struct bench *b, uint16_t slots, unsigned tag)
{
    struct zero_suppress_out *in = &b->board.zero_suppress;
    memset(in, 0, sizeof *in);
    in->valid = in->keep = 1;
    in->bx = tag;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (slots >> slot & 1)
            bx_block_set_muon(&in->block, slot, muon_of(slot, tag));
}

static void test_all_a_come_before_all_b(void)
{
    struct bench b;
    start(&b, FEED_ALL, 4, 1);
    arrive(&b, 0xffff, 3);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.valid, 1);
    CU_ASSERT_EQUAL(b.out.queued, 0xffff);
    CU_ASSERT_EQUAL(b.out.level, 1);
    CU_ASSERT_EQUAL(b.out.muon[0].valid, 0); /* the queue held nothing before this edge */
    for (unsigned i = 0; i < SLOTS; i++) {
        unsigned slot = i < 8 ? 2 * i : 2 * (i - 8) + 1;
        edge(&b);
        CU_ASSERT_EQUAL(b.out.valid, 0);
        CU_ASSERT_EQUAL(b.out.muon[0].valid, 1);
        CU_ASSERT_EQUAL(b.out.muon[1].valid, 0);
        CU_ASSERT_EQUAL(b.out.muon[0].slot, slot);
        CU_ASSERT_EQUAL(b.out.muon[0].muon, muon_of(slot, 3));
        CU_ASSERT_EQUAL(b.out.level, i < 15);
    }
    edge(&b);
    CU_ASSERT_EQUAL(b.out.muon[0].valid, 0);
}

static void test_engines_take_the_lowest_orders_of_one_bx(void)
{
    struct bench b;
    start(&b, FEED_ALL, 4, 3);
    arrive(&b, 0x000f, 1); /* A0 B0 A1 B1: orders 0, 8, 1, 9 */
    edge(&b);
    arrive(&b, 0x0001, 2);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.muon[0].slot, 0);
    CU_ASSERT_EQUAL(b.out.muon[1].slot, 2);
    CU_ASSERT_EQUAL(b.out.muon[2].slot, 1);
    CU_ASSERT_EQUAL(b.out.muon[2].seq, 0);
    CU_ASSERT_EQUAL(b.out.level, 2);
    edge(&b); /* the last of BX 1; muons of the next BX wait for the next edge */
    CU_ASSERT_EQUAL(b.out.muon[0].slot, 3);
    CU_ASSERT_EQUAL(b.out.muon[1].valid | b.out.muon[2].valid, 0);
    CU_ASSERT_EQUAL(b.out.level, 1);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.muon[0].valid, 1);
    CU_ASSERT_EQUAL(b.out.muon[0].seq, 1);
    CU_ASSERT_EQUAL(b.out.level, 0);
}

static void test_full_queue_skips_and_counts_but_loses_no_bx(void)
{
    struct bench b;
    struct board_status s = {0};
    start(&b, FEED_ALL, 2, 1);
    for (unsigned i = 0; i < 2; i++) {
        arrive(&b, 0xffff, i);
        edge(&b);
    }
    arrive(&b, 0x0700, 7);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.valid, 1);
    CU_ASSERT_EQUAL(b.out.bx, 7);
    CU_ASSERT_EQUAL(b.out.queued, 0);
    CU_ASSERT_EQUAL(b.out.skipped, order_mask_of_slot(0x0700));
    CU_ASSERT_EQUAL(b.out.level, 2);
    arrive(&b, 0, 8); /* kept for another reason: nothing to skip */
    edge(&b);
    CU_ASSERT_EQUAL(b.out.queued | b.out.skipped, 0);
    CU_ASSERT_EQUAL(b.out.seq, 3);
    muon_feed_status(&b.f, &s);
    CU_ASSERT_EQUAL(s.feed_queued, 32);
    CU_ASSERT_EQUAL(s.feed_skipped, 3);
    /* Full counts before the edge: the edge that serves the last muon of a BX still skips. */
    while (b.out.level == 2 && b.f.queue[b.f.first].left & (b.f.queue[b.f.first].left - 1))
        edge(&b);
    arrive(&b, 1, 9);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.level, 1);
    CU_ASSERT_EQUAL(b.out.skipped, 1);
    arrive(&b, 1, 10);
    edge(&b);
    CU_ASSERT_EQUAL(b.out.queued, 1);
}

static void test_bx_that_is_not_kept_uses_no_number(void)
{
    struct bench b;
    start(&b, FEED_ALL, 2, 1);
    for (unsigned i = 0; i < 300; i++) {
        arrive(&b, 0xffff, i);
        b.board.zero_suppress.keep = 0;
        b.board.zero_suppress.err = 0x12;
        edge(&b);
        CU_ASSERT_EQUAL(b.out.valid, 1);
        CU_ASSERT_EQUAL(b.out.keep, 0);
        CU_ASSERT_EQUAL(b.out.err, 0x12);
        CU_ASSERT_EQUAL(b.out.seq, (uint8_t)i);
        CU_ASSERT_EQUAL(b.out.queued | b.out.skipped, 0);
        arrive(&b, 0, i);
        edge(&b);
        CU_ASSERT_EQUAL(b.out.seq, (uint8_t)i);
    }
}

/* ---- random BX against a plain list of muons that wait ---- */

struct waiting {
    unsigned group, slot;
    uint8_t seq;
    uint64_t muon;
};

struct list {
    struct waiting w[100000];
    size_t first, last;
    unsigned groups; /* BX in it */
    uint8_t seq;
};

static struct list list;

static void random_block(struct rng *r, struct bx_block *block)
{
    memset(block, 0, sizeof *block);
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t pt = rng_below(r, 3) ? 0 : rng_below(r, 512), index = rng_below(r, 128);
        bx_block_set_muon(block, slot, (rng_next(r) & ~(UINT64_C(0x1ff) << 10 | UINT64_C(0x7f) << 36)) |
                                           pt << 10 | index << 36);
    }
}

static void check_served(const struct bench *b, unsigned engines)
{
    unsigned group = list.w[list.first].group, e = 0;
    for (; e < engines && list.first < list.last && list.w[list.first].group == group; e++) {
        const struct waiting *w = &list.w[list.first++];
        const struct feed_muon *m = &b->out.muon[e];
        CU_ASSERT_EQUAL_FATAL(m->valid, 1);
        CU_ASSERT_EQUAL_FATAL(m->slot, w->slot);
        CU_ASSERT_EQUAL_FATAL(m->seq, w->seq);
        CU_ASSERT_EQUAL_FATAL(m->muon, w->muon);
    }
    if (e && (list.first == list.last || list.w[list.first].group != group))
        list.groups--;
    for (; e < MAX_ENGINES; e++)
        CU_ASSERT_EQUAL_FATAL(b->out.muon[e].valid, 0);
}

static void check_arrival(const struct bench *b, const struct zero_suppress_out *in, uint16_t candidates,
                          int full)
{
    CU_ASSERT_EQUAL_FATAL(b->out.queued, full ? 0 : candidates);
    CU_ASSERT_EQUAL_FATAL(b->out.skipped, full ? candidates : 0);
    CU_ASSERT_EQUAL_FATAL(b->out.seq, list.seq);
    CU_ASSERT_EQUAL_FATAL(memcmp(&b->out.block, &in->block, sizeof in->block), 0);
    for (unsigned ab = 0; ab < 2 && !full; ab++)
        for (unsigned lane = 0; lane < LANES; lane++)
            if (candidates >> (8 * ab + lane) & 1)
                list.w[list.last++] = (struct waiting){b->out.orbit, 2 * lane + ab, list.seq,
                                                       bx_block_muon(in->block.w, 2 * lane + ab)};
    list.groups += !full && candidates;
}

static void random_run(struct rng *r, enum feed_select select, unsigned depth, unsigned engines)
{
    struct bench b;
    start(&b, select, depth, engines);
    memset(&list, 0, sizeof list);
    for (unsigned i = 0; i < 6000; i++) {
        struct zero_suppress_out in = {.valid = !rng_below(r, 4), .keep = rng_below(r, 5) > 0, .orbit = i};
        random_block(r, &in.block);
        int full = list.groups == depth;
        b.board.zero_suppress = in;
        edge(&b);
        check_served(&b, engines);
        if (in.valid)
            check_arrival(&b, &in, in.keep ? muon_feed_candidates(&in.block, select, 0x0f) : 0,
                          full && in.keep);
        list.seq += in.valid && in.keep;
        CU_ASSERT_EQUAL_FATAL(b.out.level, list.groups);
    }
    CU_ASSERT(list.first > 500);
}

static void test_random_bx_against_a_list(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned engines = 1; engines <= MAX_ENGINES; engines++)
        for (unsigned depth = 1; depth <= MAX_FEED_DEPTH; depth += 5)
            for (unsigned select = FEED_BARREL_FINAL; select <= FEED_ALL; select++)
                random_run(&r, select, depth, engines);
}

TEST_MAIN("model/muon_feed", TEST(test_all_a_come_before_all_b),
          TEST(test_engines_take_the_lowest_orders_of_one_bx),
          TEST(test_full_queue_skips_and_counts_but_loses_no_bx),
          TEST(test_bx_that_is_not_kept_uses_no_number),
          TEST(test_random_bx_against_a_list))

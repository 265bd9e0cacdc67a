#include "emu/model/link_align.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

enum { GAP_FIRST = 3555, AFTER_GAP = 3560, WORDS_PER_ORBIT = (BX_PER_ORBIT - GAP_BX) * FRAMES };

/* One lane's words without gap, from any word on. */
struct lane {
    uint32_t orbit;
    uint16_t bx;
    uint8_t frame;
    uint32_t wait; /* edges until its next word */
};

struct bench {
    struct link_align a;
    struct board_bus board;
    struct link_align_out out;
    struct lane lane[LANES];
    int run3;
    uint8_t err, crc_bad; /* for the words of the next edge */
    uint16_t wrong_bx;    /* XORed into what lane 6 claims */
};

/* Word (frame, lane) of a BX: counters as domain.md 2 has them, else numbers that are easy to tell apart. */
static uint32_t word_of(const struct bench *b, const struct lane *at, unsigned l)
{
    if (at->frame == (b->run3 ? 1 : 0))
        return (b->run3 ? 0xabcde000u : 0xabcd0000u) | (at->bx ^ (l == 6 ? b->wrong_bx : 0));
    if (at->frame < 2)
        return at->orbit + l; /* lane 0 tells the orbit */
    return at->orbit * 0x01000193u ^ (uint32_t)at->bx << 12 ^ at->frame << 4 ^ l;
}

static void advance(struct lane *at)
{
    if (++at->frame < FRAMES)
        return;
    at->frame = 0;
    if (++at->bx == GAP_FIRST)
        at->bx = AFTER_GAP;
    if (at->bx == BX_PER_ORBIT) {
        at->bx = 0;
        at->orbit++;
    }
}

static void start(struct bench *b, int run3, unsigned depth, uint32_t orbit, uint16_t bx)
{
    struct board_cfg cfg = {.run3 = run3, .gap_first = GAP_FIRST, .align_depth = depth};
    memset(b, 0, sizeof *b);
    b->run3 = run3;
    link_align_init(&b->a, &cfg);
    for (unsigned l = 0; l < LANES; l++)
        b->lane[l] = (struct lane){.orbit = orbit, .bx = bx};
}

static void edge(struct bench *b)
{
    struct bus_view now = {.board = &b->board};
    memset(&b->out, 0xa5, sizeof b->out);
    link_align_step(&b->a, &now, &b->out);
}

/* Lanes of `mask` send their next word, if they do not wait. */
static void send(struct bench *b, unsigned mask)
{
    struct cdc_rx_out *in = &b->board.cdc_rx;
    memset(in, 0, sizeof *in);
    for (unsigned l = 0; l < LANES; l++) {
        struct lane *at = &b->lane[l];
        if (!(mask >> l & 1) || (at->wait && at->wait--))
            continue;
        in->valid |= 1u << l;
        in->first |= (at->bx == AFTER_GAP && at->frame == 0) << l;
        in->data[l] = word_of(b, at, l);
        advance(at);
    }
    in->err = b->err & in->valid;
    in->crc_bad = b->crc_bad & in->first;
    edge(b);
}

static void check_block(const struct bench *b, uint32_t orbit, uint16_t bx)
{
    struct lane at = {.orbit = orbit, .bx = bx};
    CU_ASSERT_EQUAL(b->out.bx, bx);
    CU_ASSERT_EQUAL(b->out.orbit, orbit);
    for (at.frame = 0; at.frame < FRAMES; at.frame++)
        for (unsigned l = 0; l < LANES; l++)
            CU_ASSERT_EQUAL_FATAL(b->out.block.w[at.frame * LANES + l], word_of(b, &at, l));
}

/* Sends until n BX have come out, at most `edges` edges; each must be the one after the other. */
static unsigned follow(struct bench *b, unsigned edges, unsigned n, uint32_t orbit, uint16_t bx)
{
    struct lane at = {.orbit = orbit, .bx = bx, .frame = FRAMES - 1};
    unsigned found = 0;
    while (edges-- && found < n) {
        send(b, 0xff);
        if (!b->out.valid)
            continue;
        check_block(b, at.orbit, at.bx);
        advance(&at);
        at.frame = FRAMES - 1;
        found++;
    }
    return found;
}

static struct board_status status_of(const struct bench *b)
{
    struct board_status s = {0};
    link_align_status(&b->a, &s);
    return s;
}

static void test_output_starts_with_the_next_bx_0(void)
{
    struct bench b;
    for (int run3 = 0; run3 < 2; run3++) {
        start(&b, run3, 16, 41, 3500);
        unsigned before_gap = (GAP_FIRST - 3500) * FRAMES;
        for (unsigned i = 0; i < before_gap; i++) {
            send(&b, 0xff);
            CU_ASSERT_EQUAL(b.out.aligned + b.out.live + b.out.valid, 0);
        }
        send(&b, 0xff); /* stored */
        send(&b, 0xff);
        CU_ASSERT_EQUAL(b.out.aligned, 1);
        CU_ASSERT_EQUAL(b.out.live, 0);
        unsigned to_bx_0 = (BX_PER_ORBIT - AFTER_GAP) * FRAMES - 1;
        for (unsigned i = 0; i < to_bx_0; i++) {
            send(&b, 0xff);
            CU_ASSERT_EQUAL(b.out.valid, 0);
            CU_ASSERT_EQUAL(b.out.live, 0);
        }
        send(&b, 0xff);
        CU_ASSERT_EQUAL(b.out.live, 1); /* frame 0 of BX 0 */
        CU_ASSERT_EQUAL(follow(&b, 2 * WORDS_PER_ORBIT, 4000, 42, 0), 4000);
        CU_ASSERT_EQUAL(status_of(&b).mismatches, 0);
    }
}

/* Fast lanes hold the words of `skew` edges, one more that waits to be stored, and one that arrives. */
static void test_skew_up_to_the_depth_less_two(void)
{
    struct rng r;
    struct bench b;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 40; i++) {
        unsigned depth = 8 + rng_below(&r, MAX_ALIGN_DEPTH - 7);
        start(&b, i & 1, depth, 7, AFTER_GAP);
        for (unsigned l = 0; l < LANES; l++)
            b.lane[l].wait = rng_below(&r, depth - 1);
        b.lane[rng_below(&r, LANES / 2)].wait = 0;
        b.lane[LANES / 2 + rng_below(&r, LANES / 2)].wait = depth - 2;
        CU_ASSERT_EQUAL(follow(&b, 4000, 500, 8, 0), 500);
        CU_ASSERT_EQUAL(status_of(&b).align_overflows, 0);
        CU_ASSERT_EQUAL(link_align_peak(&b.a), depth - 1);
    }
}

static void test_one_more_word_of_skew_overflows_and_it_aligns_again(void)
{
    struct bench b;
    start(&b, 0, 32, 7, AFTER_GAP);
    b.lane[3].wait = 31;
    for (unsigned i = 0; i < 32; i++)
        send(&b, 0xff);
    CU_ASSERT_EQUAL(status_of(&b).align_overflows, 0);
    send(&b, 0xff);
    CU_ASSERT_EQUAL(status_of(&b).align_overflows, 1);
    CU_ASSERT_EQUAL(b.out.aligned, 0);
    /* The lane comes nearer, as after a repair: from the next gap on all is well. */
    advance(&b.lane[3]);
    CU_ASSERT_EQUAL(follow(&b, 2 * WORDS_PER_ORBIT, 100, 9, 0), 100);
    CU_ASSERT_EQUAL(status_of(&b).align_overflows, 1);
    CU_ASSERT_EQUAL(status_of(&b).align_losses, 0);
}

static void test_silent_lane_overflows_the_others(void)
{
    struct bench b;
    unsigned edges = 0;
    start(&b, 0, 8, 7, AFTER_GAP);
    send(&b, 0xff);
    send(&b, 0xff); /* aligned, one word held in each lane */
    CU_ASSERT_EQUAL(b.out.aligned, 1);
    while (!status_of(&b).align_overflows && ++edges < 100)
        send(&b, 0x7f);
    /* One row goes with the word that lane 7 still held, seven edges fill the others up to 8, one is too
     * many. */
    CU_ASSERT_EQUAL(edges, 9);
    CU_ASSERT_EQUAL(b.out.aligned, 0);
}

static void test_slipped_word_is_noticed_at_the_gap(void)
{
    struct bench b;
    start(&b, 0, 64, 7, AFTER_GAP);
    CU_ASSERT_EQUAL(follow(&b, 400, 10, 8, 0), 10);
    advance(&b.lane[2]); /* it swallows a word */
    unsigned valid = 0;
    while (!status_of(&b).align_losses && valid < 4000) {
        send(&b, 0xff);
        valid += b.out.valid;
    }
    CU_ASSERT_EQUAL(status_of(&b).align_losses, 1);
    CU_ASSERT_EQUAL(b.out.aligned | b.out.live, 0);
    CU_ASSERT_EQUAL(b.lane[0].bx, AFTER_GAP); /* at once when the first `first` is wrong */
    CU_ASSERT(valid >= GAP_FIRST - 12);
    CU_ASSERT_EQUAL(follow(&b, 400, 10, 9, 0), 10); /* and it is aligned in the same gap */
    CU_ASSERT_EQUAL(status_of(&b).align_losses, 1);
}

static void test_flags_belong_to_their_bx(void)
{
    struct bench b;
    start(&b, 0, 64, 7, AFTER_GAP);
    b.crc_bad = 0x42;
    CU_ASSERT_EQUAL(follow(&b, 400, 1, 8, 0), 1);
    CU_ASSERT_EQUAL(b.out.err, 0);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0x42);
    b.crc_bad = 0;
    for (unsigned i = 1; i < 12; i++) {
        b.err = i == 5 ? 0x81 : 0; /* one row: frame 5 of BX 1 (a row is held back by one edge) */
        send(&b, 0xff);
        if (b.out.valid)
            CU_ASSERT_EQUAL(b.out.err, i == 6 ? 0x81 : 0);
    }
    CU_ASSERT_EQUAL(follow(&b, WORDS_PER_ORBIT + 100, BX_PER_ORBIT - GAP_BX, 8, 2), BX_PER_ORBIT - GAP_BX);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0); /* the next gap's verdict */
}

static void test_claimed_bx_is_compared(void)
{
    for (int run3 = 0; run3 < 2; run3++) {
        struct bench b;
        start(&b, run3, 64, 7, AFTER_GAP);
        b.wrong_bx = 0x1000; /* the highest bit that Run-3 compares, too */
        CU_ASSERT_EQUAL(follow(&b, 400, 1, 8, 0), 1);
        CU_ASSERT_EQUAL(b.out.mismatch, 0x40);
        b.wrong_bx = 0; /* frame 0 of BX 1 is on its way already: 2018 claims its BX there */
        for (unsigned i = 0; i < 6; i++)
            send(&b, 0xff);
        CU_ASSERT_EQUAL(b.out.valid, 1);
        CU_ASSERT_EQUAL(b.out.mismatch, run3 ? 0 : 0x40);
        CU_ASSERT_EQUAL(follow(&b, 6, 1, 8, 2), 1);
        CU_ASSERT_EQUAL(b.out.mismatch, 0);
        CU_ASSERT_EQUAL(status_of(&b).mismatches, run3 ? 1 : 2);
    }
}

/* ---- random traffic against the rules of docs/chain.md, written down once more with plain queues ---- */

struct oracle {
    struct { uint32_t data; int first, err, crc_bad; } queue[LANES][4096];
    unsigned head[LANES], tail[LANES];
    unsigned depth, frame, bx;
    int run3, aligned, live, valid;
    uint8_t err, crc_bad, mismatch;
    uint32_t orbit, w[BX_WORDS];
    uint32_t losses, overflows, mismatches;
};

static struct oracle o;

static int count_heads(int first_only)
{
    int n = 0;
    for (unsigned l = 0; l < LANES; l++)
        n += o.head[l] != o.tail[l] && (!first_only || o.queue[l][o.head[l] % 4096].first);
    return n;
}

static void oracle_pop(void)
{
    o.err = o.frame ? o.err : 0;
    if (o.frame == 0 && o.bx == 0)
        o.live = 1;
    for (unsigned l = 0; l < LANES; l++) {
        unsigned at = o.head[l]++ % 4096;
        uint32_t word = o.queue[l][at].data;
        uint32_t claim = o.run3 ? word % 8192 : word % 65536;
        o.w[o.frame * LANES + l] = word;
        o.err |= o.queue[l][at].err << l;
        if (o.queue[l][at].first)
            o.crc_bad = (o.crc_bad & ~(1 << l)) | o.queue[l][at].crc_bad << l;
        if (o.frame == (unsigned)o.run3)
            o.mismatch = (o.mismatch & ~(1 << l)) | (claim != o.bx) << l;
    }
    if (o.frame == (o.run3 ? 0 : 1))
        o.orbit = o.w[o.frame * LANES];
    if (++o.frame < FRAMES)
        return;
    o.valid = o.live;
    o.mismatches += o.valid && o.mismatch;
}

static void oracle_serve(void)
{
    if (!o.aligned && count_heads(1) == LANES) {
        o.aligned = 1;
        o.frame = 0;
        o.bx = AFTER_GAP;
    } else if (!o.aligned) {
        for (unsigned l = 0; l < LANES; l++)
            o.head[l] += o.head[l] != o.tail[l] && !o.queue[l][o.head[l] % 4096].first;
        return;
    }
    if (count_heads(0) < LANES)
        return;
    if (count_heads(1) == (o.frame == 0 && o.bx == AFTER_GAP ? LANES : 0)) {
        oracle_pop();
    } else {
        o.losses++;
        o.aligned = o.live = 0;
    }
}

static int oracle_overflows(const struct cdc_rx_out *in)
{
    for (unsigned l = 0; l < LANES; l++)
        if (in->valid >> l & 1 && o.tail[l] - o.head[l] == o.depth)
            return 1;
    return 0;
}

static void oracle_edge(const struct cdc_rx_out *in)
{
    if (o.frame == FRAMES) { /* the BX was shown */
        o.frame = 0;
        o.bx = o.bx + 1 == GAP_FIRST ? AFTER_GAP : (o.bx + 1) % BX_PER_ORBIT;
    }
    o.valid = 0;
    if (oracle_overflows(in)) {
        memcpy(o.head, o.tail, sizeof o.head);
        o.aligned = o.live = 0;
        o.overflows++;
        return;
    }
    oracle_serve();
    for (unsigned l = 0; l < LANES; l++)
        if (in->valid >> l & 1) {
            unsigned at = o.tail[l]++ % 4096;
            o.queue[l][at].data = in->data[l];
            o.queue[l][at].first = in->first >> l & 1;
            o.queue[l][at].err = in->err >> l & 1;
            o.queue[l][at].crc_bad = in->crc_bad >> l & 1;
        }
}

static void compare(const struct bench *b)
{
    CU_ASSERT_EQUAL_FATAL(b->out.valid, o.valid);
    CU_ASSERT_EQUAL_FATAL(b->out.aligned, o.aligned);
    CU_ASSERT_EQUAL_FATAL(b->out.live, o.live);
    if (!o.valid)
        return;
    CU_ASSERT_EQUAL_FATAL(b->out.bx, o.bx);
    CU_ASSERT_EQUAL_FATAL(b->out.orbit, o.orbit);
    CU_ASSERT_EQUAL_FATAL(b->out.err, o.err);
    CU_ASSERT_EQUAL_FATAL(b->out.crc_bad, o.crc_bad);
    CU_ASSERT_EQUAL_FATAL(b->out.mismatch, o.mismatch);
    CU_ASSERT_EQUAL_FATAL(memcmp(b->out.block.w, o.w, sizeof o.w), 0);
}

/* Words get lost and lanes stop for a while, now and then: alignment comes and goes. */
static void trouble(struct bench *b, struct rng *r)
{
    struct lane *at = &b->lane[rng_below(r, LANES)];
    if (!rng_below(r, 30000))
        advance(at);
    if (!rng_below(r, 20000))
        at->wait = rng_below(r, 2 * b->a.depth);
    if (!rng_below(r, 20000)) /* all together again */
        for (unsigned l = 0; l < LANES; l++)
            b->lane[l] = (struct lane){
                .orbit = at->orbit + 1, .bx = 3400, .wait = rng_below(r, b->a.depth / 2)};
    b->err = rng_below(r, 50) ? 0 : (uint8_t)rng_next(r);
    b->crc_bad = (uint8_t)rng_next(r);
    b->wrong_bx = rng_below(r, 100) ? 0 : 1u << rng_below(r, 16);
}

static void test_random_traffic_with_trouble(void)
{
    struct rng r;
    struct bench b;
    uint32_t blocks = 0;
    rng_seed(&r, test_seed());
    for (int run3 = 0; run3 < 2; run3++) {
        memset(&o, 0, sizeof o);
        start(&b, run3, 20 + rng_below(&r, 100), 7, 3000);
        o.depth = b.a.depth;
        o.run3 = run3;
        for (unsigned i = 0; i < 400000; i++) {
            trouble(&b, &r);
            send(&b, rng_below(&r, 25) ? 0xff : (unsigned)rng_next(&r) & 0xff);
            oracle_edge(&b.board.cdc_rx);
            compare(&b);
            blocks += o.valid;
        }
        CU_ASSERT_EQUAL(status_of(&b).align_losses, o.losses);
        CU_ASSERT_EQUAL(status_of(&b).align_overflows, o.overflows);
        CU_ASSERT_EQUAL(status_of(&b).mismatches, o.mismatches);
        CU_ASSERT_EQUAL(link_align_faults(&b.a), o.losses + o.overflows);
        CU_ASSERT(o.losses > 0 && o.overflows > 0 && o.mismatches > 0);
    }
    CU_ASSERT(blocks > 1000);
}

TEST_MAIN("model/link_align", TEST(test_output_starts_with_the_next_bx_0),
          TEST(test_skew_up_to_the_depth_less_two),
          TEST(test_one_more_word_of_skew_overflows_and_it_aligns_again),
          TEST(test_silent_lane_overflows_the_others), TEST(test_slipped_word_is_noticed_at_the_gap),
          TEST(test_flags_belong_to_their_bx), TEST(test_claimed_bx_is_compared),
          TEST(test_random_traffic_with_trouble))

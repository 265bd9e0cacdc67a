#include "emu/model/link_rx.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

/* Line words by hand (domain.md 4.1), not from golden/formats/. */
#define COMMA UINT32_C(0x505050BC)
#define PAD UINT32_C(0xF7F7F7F7)

struct bench {
    struct link_rx rx;
    struct line_in in;
    struct link_rx_out out;
};

static void start(struct bench *b)
{
    struct board_cfg cfg = {0};
    memset(b, 0, sizeof *b);
    link_rx_init(&b->rx, &cfg);
}

static void edge(struct bench *b)
{
    struct bus_view now = {.in = &b->in};
    memset(&b->out, 0xa5, sizeof b->out); /* what an edge does not write must not matter */
    link_rx_step(&b->rx, &now, &b->out);
}

/* The same word on all lanes. */
static void send(struct bench *b, uint32_t data, uint8_t k)
{
    for (unsigned l = 0; l < LANES; l++) {
        b->in.data[l] = data;
        b->in.k[l] = k;
    }
    edge(b);
}

static void send_commas(struct bench *b, unsigned n)
{
    while (n--)
        send(b, COMMA, 1);
}

/* CRC bit by bit, as a shift register. */
static uint32_t crc_bits(uint32_t crc, uint32_t word)
{
    for (int i = 31; i >= 0; i--) {
        uint32_t carry = crc >> 31 ^ (word >> i & 1);
        crc = crc << 1 ^ (carry ? UINT32_C(0x04C11DB7) : 0);
    }
    return crc;
}

static struct lane_status status_of(const struct bench *b, unsigned lane)
{
    struct board_status s = {0};
    link_rx_status(&b->rx, &s);
    return s.lane[lane];
}

/* A gap of one BX and more: comma, crc, id, commas. */
static void send_gap(struct bench *b, uint32_t crc, uint32_t id_word)
{
    send_commas(b, 1);
    send(b, crc, 0);
    send(b, id_word, 0);
    send_commas(b, 27);
}

static uint32_t send_window(struct bench *b, struct rng *r, unsigned words)
{
    uint32_t crc = UINT32_MAX;
    for (unsigned i = 0; i < words; i++) {
        uint32_t word = (uint32_t)rng_next(r);
        send(b, word, 0);
        crc = crc_bits(crc, word);
    }
    return crc;
}

static void test_locks_at_third_comma(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 2);
    CU_ASSERT_EQUAL(b.out.lock, 0);
    send(&b, 5, 0); /* data between: counting begins again */
    send_commas(&b, 2);
    CU_ASSERT_EQUAL(b.out.lock, 0);
    send(&b, PAD, 15); /* padding does not matter */
    send_commas(&b, 1);
    CU_ASSERT_EQUAL(b.out.lock, 0xff);
    CU_ASSERT_EQUAL(b.out.valid, 0);
    CU_ASSERT_EQUAL(status_of(&b, 3).commas, 5);
    CU_ASSERT_EQUAL(status_of(&b, 3).pads, 1);
}

static void test_nothing_comes_out_before_lock(void)
{
    struct bench b;
    start(&b);
    for (unsigned i = 0; i < 100; i++) {
        send(&b, i, 0);
        CU_ASSERT_EQUAL(b.out.valid, 0);
    }
    CU_ASSERT_EQUAL(status_of(&b, 0).words, 0);
}

static void test_first_word_is_marked_and_padding_removed(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 9);
    send(&b, 0x1234, 0);
    CU_ASSERT_EQUAL(b.out.valid, 0xff);
    CU_ASSERT_EQUAL(b.out.first, 0xff);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0);
    CU_ASSERT_EQUAL(b.out.data[7], 0x1234);
    send(&b, PAD, 15);
    CU_ASSERT_EQUAL(b.out.valid, 0);
    send(&b, PAD, 0); /* the same bits as data are data */
    CU_ASSERT_EQUAL(b.out.valid, 0xff);
    CU_ASSERT_EQUAL(b.out.first, 0);
    CU_ASSERT_EQUAL(b.out.data[0], PAD);
    CU_ASSERT_EQUAL(status_of(&b, 0).words, 2);
    CU_ASSERT_EQUAL(status_of(&b, 0).pads, 1);
}

static void test_crc_is_judged_after_a_whole_window_only(void)
{
    struct rng r;
    struct bench b;
    rng_seed(&r, test_seed());
    start(&b);
    send_commas(&b, 3); /* the end of a gap is enough: the whole window after it is seen */
    uint32_t crc = send_window(&b, &r, 40);
    send_gap(&b, crc, 0);
    CU_ASSERT_EQUAL(status_of(&b, 2).crc_ok, 1);
    start(&b);
    send_commas(&b, 1); /* the CRC that follows is of a window that nobody saw */
    send(&b, 77, 0);
    send(&b, 0, 0);
    send_commas(&b, 27);
    CU_ASSERT_EQUAL(status_of(&b, 2).crc_ok + status_of(&b, 2).crc_bad, 0);
    crc = send_window(&b, &r, 1000);
    send_gap(&b, crc ^ 0x100, 0);
    CU_ASSERT_EQUAL(status_of(&b, 2).crc_bad, 1);
    crc = send_window(&b, &r, 1);
    CU_ASSERT_EQUAL(b.out.first, 0xff);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0xff);
    crc = crc_bits(crc, 99);
    send(&b, 99, 0);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0);
    send_gap(&b, crc, 0);
    send(&b, 1, 0);
    CU_ASSERT_EQUAL(b.out.first, 0xff);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0);
    CU_ASSERT_EQUAL(status_of(&b, 2).crc_ok, 1);
}

static void test_link_id_is_put_together(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 3);
    send(&b, 1, 0);
    send_gap(&b, crc_bits(UINT32_MAX, 1), UINT32_C(0x0155032a) /* id[9:0] = 0x155, id[19:10] = 0x32a */);
    CU_ASSERT_EQUAL(status_of(&b, 5).link_id, 0x32a << 10 | 0x155);
}

static void test_k_error_keeps_its_place(void)
{
    static const struct { uint32_t data; uint8_t k; } wrong[] = {
        {0x12345678, 2}, {COMMA ^ 1, 1}, {PAD ^ 1, 15}, {PAD, 14}, {0x12345678, 15}, {COMMA, 3}};
    struct bench b;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        start(&b);
        send_commas(&b, 3);
        send(&b, 1, 0);
        send(&b, wrong[i].data, wrong[i].k);
        CU_ASSERT_EQUAL(b.out.valid, 0xff);
        CU_ASSERT_EQUAL(b.out.err, 0xff);
        CU_ASSERT_EQUAL(b.out.data[1], wrong[i].data);
        send(&b, 2, 0);
        CU_ASSERT_EQUAL(b.out.err, 0);
        send_gap(&b, crc_bits(crc_bits(UINT32_MAX, 1), 2), 0); /* it is not in the CRC */
        CU_ASSERT_EQUAL(status_of(&b, 0).crc_ok, 1);
        CU_ASSERT_EQUAL(status_of(&b, 0).k_errors, 1);
        CU_ASSERT_EQUAL(status_of(&b, 0).words, 3);
    }
}

static void test_k_error_in_place_of_the_crc(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 3);
    send(&b, 1, 0);
    send_commas(&b, 1);
    send(&b, 3, 4);
    send(&b, 0x000100ff, 0); /* still the link id */
    send_commas(&b, 3);
    CU_ASSERT_EQUAL(status_of(&b, 0).crc_bad, 1);
    CU_ASSERT_EQUAL(status_of(&b, 0).link_id, 0xff << 10 | 1);
    send(&b, 1, 0);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0xff);
}

static void test_missing_crc_and_missing_id(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 3);
    send(&b, 1, 0);
    send_commas(&b, 3); /* no CRC */
    CU_ASSERT_EQUAL(status_of(&b, 0).crc_bad, 1);
    send(&b, 5, 0);
    CU_ASSERT_EQUAL(b.out.first & b.out.crc_bad, 0xff);
    send_commas(&b, 1);
    send(&b, crc_bits(UINT32_MAX, 5), 0);
    send_commas(&b, 3); /* no id: three commas still make the gap */
    CU_ASSERT_EQUAL(status_of(&b, 0).crc_ok, 1);
    send(&b, 6, 0);
    CU_ASSERT_EQUAL(b.out.first, 0xff);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0);
}

static void test_broken_gap_loses_lock_and_locks_again(void)
{
    struct bench b;
    start(&b);
    send_commas(&b, 3);
    send(&b, 1, 0);
    send_commas(&b, 1);
    send(&b, 0, 0); /* CRC */
    send(&b, 0, 0); /* id */
    send_commas(&b, 2);
    send(&b, 7, 0); /* two commas are not a gap */
    CU_ASSERT_EQUAL(b.out.lock, 0);
    CU_ASSERT_EQUAL(b.out.valid, 0);
    CU_ASSERT_EQUAL(status_of(&b, 0).lock_losses, 1);
    send(&b, 8, 0);
    CU_ASSERT_EQUAL(b.out.valid, 0);
    send_commas(&b, 3);
    CU_ASSERT_EQUAL(b.out.lock, 0xff);
    send(&b, 9, 0);
    CU_ASSERT_EQUAL(b.out.first, 0xff);
    CU_ASSERT_EQUAL(b.out.crc_bad, 0); /* what was bad before is forgotten */
}

/* ---- every lane alone: a random stream against the text of docs/chain.md, written down once more ---- */

struct oracle {
    int lock, commas, window, bad;
    enum { DATA, CRC, ID, GAP } st;
    uint32_t crc;
    struct lane_status n;
    int valid, first, err, crc_bad;
};

static void oracle_word(struct oracle *o, uint32_t word, unsigned k)
{
    int comma = k == 1 && word == COMMA, pad = k == 15 && word == PAD, before = o->commas;
    o->valid = o->first = o->err = o->crc_bad = 0;
    if (pad) {
        o->n.pads++;
        return;
    }
    if (comma) {
        int now = before < 3 ? before + 1 : 3;
        o->n.commas++;
        o->commas = !o->lock || o->st == GAP ? now : o->st == CRC ? 2 : 1;
        if (o->lock && o->st == CRC && o->window) {
            o->bad = 1;
            o->n.crc_bad++;
        }
        if (!o->lock && now == 3) {
            o->lock = 1;
            o->st = GAP;
            o->window = o->bad = 0;
        } else if (o->lock) {
            o->st = o->st == DATA ? CRC : GAP;
        }
        return;
    }
    o->commas = 0;
    o->n.k_errors += k != 0;
    if (!o->lock)
        return;
    switch (o->st) {
    case DATA:
        o->valid = 1;
        o->err = k != 0;
        if (!k)
            o->crc = crc_bits(o->crc, word);
        break;
    case CRC:
        if (o->window && !k && word == o->crc) {
            o->n.crc_ok++;
        } else if (o->window) {
            o->bad = 1;
            o->n.crc_bad++;
        }
        o->st = ID;
        break;
    case ID:
        if (!k)
            o->n.link_id = (word & 0x3ff) << 10 | (word >> 16 & 0x3ff);
        o->st = GAP;
        break;
    case GAP:
        if (k)
            break;
        if (before == 3) {
            o->valid = o->first = 1;
            o->crc_bad = o->bad;
            o->bad = 0;
            o->window = 1;
            o->st = DATA;
            o->crc = crc_bits(UINT32_MAX, word);
        } else {
            o->lock = 0;
            o->n.lock_losses++;
        }
        break;
    }
    o->n.words += o->valid;
}

/* Mostly what a link sends, in short windows, with every other word now and then. */
static void random_word(struct rng *r, struct oracle *o, uint32_t *word, uint8_t *k)
{
    int in_gap = o->st == GAP && o->commas < 3;
    unsigned what = rng_below(r, 1000);
    *k = 0;
    *word = rng_below(r, 4) ? (uint32_t)rng_next(r) : o->crc;
    if (o->st == CRC && what >= 100)
        *word = o->crc;
    if (what < 60) {
        *word = PAD;
        *k = 15;
    } else if (in_gap ? what < 990 : o->st == DATA ? what < 75 : what < 100) {
        *word = COMMA;
        *k = 1;
    } else if (what >= 996) {
        *k = (uint8_t)rng_below(r, 16);
    }
}

static void compare_lane(const struct bench *b, const struct oracle *o, unsigned l, const uint32_t *word)
{
    CU_ASSERT_EQUAL_FATAL(b->out.valid >> l & 1, o->valid);
    CU_ASSERT_EQUAL_FATAL(b->out.lock >> l & 1, o->lock);
    CU_ASSERT_EQUAL_FATAL(b->out.first >> l & 1, o->first);
    CU_ASSERT_EQUAL_FATAL(b->out.err >> l & 1, o->err);
    CU_ASSERT_EQUAL_FATAL(b->out.crc_bad >> l & 1, o->crc_bad);
    if (o->valid)
        CU_ASSERT_EQUAL_FATAL(b->out.data[l], word[l]);
}

static void compare_counters(const struct bench *b, const struct oracle o[LANES])
{
    for (unsigned l = 0; l < LANES; l++) {
        struct lane_status s = status_of(b, l);
        CU_ASSERT_EQUAL(memcmp(&s, &o[l].n, sizeof s), 0);
    }
}

static void test_random_streams_on_eight_lanes(void)
{
    struct rng r;
    struct bench b;
    struct oracle o[LANES] = {0};
    uint32_t ok = 0, losses = 0;
    rng_seed(&r, test_seed());
    start(&b);
    for (unsigned l = 0; l < LANES; l++)
        o[l].st = GAP;
    for (unsigned i = 0; i < 100000; i++) {
        for (unsigned l = 0; l < LANES; l++) {
            random_word(&r, &o[l], &b.in.data[l], &b.in.k[l]);
            oracle_word(&o[l], b.in.data[l], b.in.k[l]);
        }
        edge(&b);
        for (unsigned l = 0; l < LANES; l++)
            compare_lane(&b, &o[l], l, b.in.data);
    }
    compare_counters(&b, o);
    for (unsigned l = 0; l < LANES; l++) {
        ok += o[l].n.crc_ok;
        losses += o[l].n.lock_losses;
    }
    CU_ASSERT(ok > 1000 && losses > 100); /* the stream did go there */
}

TEST_MAIN("model/link_rx", TEST(test_locks_at_third_comma), TEST(test_nothing_comes_out_before_lock),
          TEST(test_first_word_is_marked_and_padding_removed),
          TEST(test_crc_is_judged_after_a_whole_window_only),
          TEST(test_link_id_is_put_together), TEST(test_k_error_keeps_its_place),
          TEST(test_k_error_in_place_of_the_crc), TEST(test_missing_crc_and_missing_id),
          TEST(test_broken_gap_loses_lock_and_locks_again), TEST(test_random_streams_on_eight_lanes))

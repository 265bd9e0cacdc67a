#include "emu/model/event_pack.h"
#include "golden/blocks/event_pack.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

enum { LAST_BX = BX_PER_ORBIT - 1, FRAMES_SEEN = 4000 };

struct bench {
    struct event_pack p;
    struct board_bus board;
    struct event_pack_out out;
    uint32_t align_faults;
    int stop;
    struct event_pack_out seen[FRAMES_SEEN]; /* all frames so far */
    size_t n;
};

static struct bench b;

static struct board_cfg config(enum pack_corrections corrections)
{
    return (struct board_cfg){.pack_corrections = corrections, .pack_depth = 8, .orbits_per_packet = 3,
                              .drop_policy = DROP_ORBIT};
}

static void start(const struct board_cfg *cfg)
{
    memset(&b, 0, sizeof b);
    event_pack_init(&b.p, cfg);
    b.board.cdc_dma_ready.ready = 1;
}

static void edge(void)
{
    struct bus_view now = {.board = &b.board, .stop = b.stop};
    memset(&b.out, 0xa5, sizeof b.out);
    event_pack_step(&b.p, &now, b.align_faults, &b.out);
    b.board.muon_feed.valid = 0;
    memset(&b.board.recal, 0, sizeof b.board.recal);
    if (b.out.valid && b.n < FRAMES_SEEN)
        b.seen[b.n++] = b.out;
}

static void edges(unsigned n)
{
    while (n--)
        edge();
}

/* The edge at which a BX arrives. queued: order mask. */
static void arrive(uint32_t orbit, uint16_t bx, int keep, uint8_t seq, uint16_t queued)
{
    b.board.muon_feed = (struct muon_feed_out){
        .valid = 1, .keep = keep, .orbit = orbit, .bx = bx, .seq = seq, .queued = queued};
    for (unsigned i = 0; i < BX_WORDS; i++)
        b.board.muon_feed.block.w[i] = orbit << 20 | bx << 8 | i;
    edge();
}

static void give_result(unsigned engine, uint8_t seq, uint8_t slot, int16_t phi)
{
    b.board.recal.result[engine] = (struct recal_result){.valid = 1, .seq = seq, .slot = slot, .phi = phi};
}

static struct board_status status(void)
{
    struct board_status s = {0};
    event_pack_status(&b.p, &s);
    return s;
}

/* What was sent, one letter an item: Header, Block, Appended, Trailer, Packet. */
static const char *items(void)
{
    static char text[FRAMES_SEEN + 1];
    size_t n = 0;
    for (size_t i = 0; i < b.n; i++)
        if (b.seen[i].index == 0)
            text[n++] = "HBATP"[b.seen[i].kind];
    text[n] = 0;
    return text;
}

static void test_an_orbit_without_muons(void)
{
    struct board_cfg cfg = config(PACK_IN_PLACE);
    start(&cfg);
    arrive(9, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(b.out.level, 1);
    CU_ASSERT_EQUAL(b.out.valid, 0);
    edge();
    CU_ASSERT_EQUAL(b.out.valid, 1); /* the header, one edge later; and it pops the entry */
    CU_ASSERT_EQUAL(b.out.kind, FRAME_HEADER);
    CU_ASSERT_EQUAL(b.out.w[0], 9);
    CU_ASSERT_EQUAL(b.out.w[1], 0);
    CU_ASSERT_EQUAL(b.out.orbit, 9);
    CU_ASSERT_EQUAL(b.out.level, 0);
    arrive(9, 100, 0, 0, 0);
    CU_ASSERT_EQUAL(b.out.level, 0);
    arrive(9, LAST_BX, 0, 0, 0);
    edges(40);
    CU_ASSERT_STRING_EQUAL(items(), "HT");
    CU_ASSERT_EQUAL(b.n, 1 + 17);
    CU_ASSERT_EQUAL(b.seen[1].w[0], 0xBEEFDEAD);
    CU_ASSERT_EQUAL(b.seen[1].w[7], 0xBEEFDEAD);
    for (unsigned i = 2; i < 18; i++)
        for (unsigned l = 0; l < LANES; l++)
            CU_ASSERT_EQUAL(b.seen[i].w[l], 0);
    CU_ASSERT_EQUAL(b.seen[17].index, 16);
    CU_ASSERT_EQUAL(b.seen[17].orbit, 9);
    CU_ASSERT_EQUAL(status().pack_orbits, 1);
}

static void test_blocks_and_their_hit_map(void)
{
    static const uint16_t kept[] = {0, 31, 32, 1000, 3554, LAST_BX};
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    for (unsigned i = 0; i < 6; i++) {
        arrive(9, kept[i], 1, i, 0xffff); /* corrections do not matter */
        edges(10);
    }
    edges(20);
    CU_ASSERT_STRING_EQUAL(items(), "HBBBBBBT");
    for (unsigned i = 0; i < 6; i++)
        for (unsigned f = 0; f < 6; f++) {
            const struct event_pack_out *out = &b.seen[1 + 6 * i + f];
            CU_ASSERT_EQUAL(out->bx, kept[i]);
            CU_ASSERT_EQUAL(out->index, f);
            CU_ASSERT_EQUAL(out->w[3], 9u << 20 | (uint32_t)kept[i] << 8 | (8 * f + 3));
        }
    const struct event_pack_out *map = &b.seen[1 + 36 + 1];
    CU_ASSERT_EQUAL(map[0].w[0], UINT32_C(0x80000001));
    CU_ASSERT_EQUAL(map[0].w[1], 1);
    CU_ASSERT_EQUAL(map[31 / 8].w[31 % 8], 1 << 1000 % 32);
    CU_ASSERT_EQUAL(map[111 / 8].w[111 % 8], 1 << 3554 % 32 | 1 << 3563 % 32);
}

static void test_block_waits_for_its_corrections(void)
{
    struct board_cfg cfg = config(PACK_IN_PLACE);
    start(&cfg);
    arrive(9, 0, 1, 200, 0x0101); /* A0 and B0: slots 0 and 1 */
    edges(20);
    CU_ASSERT_STRING_EQUAL(items(), "H");
    give_result(0, 200, 0, 0);
    edges(5);
    CU_ASSERT_STRING_EQUAL(items(), "H");
    give_result(2, 200, 1, 0);
    edge();
    CU_ASSERT_STRING_EQUAL(items(), "H"); /* complete before the edge, not at it */
    edge();
    CU_ASSERT_STRING_EQUAL(items(), "HB");
}

static void test_packet_after_its_orbits(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    b.align_faults = 5;
    for (unsigned orbit = 1; orbit <= 4; orbit++) {
        arrive(orbit, 0, 0, 0, 0);
        arrive(orbit, LAST_BX, 0, 0, 0);
        edges(20);
    }
    CU_ASSERT_STRING_EQUAL(items(), "HTHTHTPHT");
    const struct event_pack_out *packet = &b.seen[3 * 18];
    const uint32_t expected[LANES] = {0xdeadbeef, 0xdeadbeef, 5, 0, 0, 0, 3, 0};
    CU_ASSERT_EQUAL(memcmp(packet->w, expected, sizeof expected), 0);
    CU_ASSERT_EQUAL(packet->orbit | packet->bx, 0);
    b.stop = 1;
    edges(3);
    CU_ASSERT_STRING_EQUAL(items(), "HTHTHTPHTP"); /* the unfinished packet, once */
    CU_ASSERT_EQUAL(b.seen[b.n - 1].w[6], 1);
    CU_ASSERT_EQUAL(status().pack_packets, 2);
}

static void test_stop_waits_for_the_orbit_and_says_nothing_of_nothing(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    b.stop = 1;
    edges(10);
    CU_ASSERT_EQUAL(b.n, 0);
    arrive(1, 0, 0, 0, 0);
    edges(10);
    CU_ASSERT_STRING_EQUAL(items(), "H");
    arrive(1, LAST_BX, 0, 0, 0);
    edges(30);
    CU_ASSERT_STRING_EQUAL(items(), "HTP");
}

static void test_orbit_that_broke_off_is_closed(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    arrive(1, 0, 0, 0, 0);
    arrive(1, 40, 1, 0, 0);
    arrive(4, 0, 1, 1, 0); /* alignment came back */
    arrive(4, LAST_BX, 0, 0, 0);
    edges(60);
    CU_ASSERT_STRING_EQUAL(items(), "HBTHBT");
    CU_ASSERT_EQUAL(b.seen[7].orbit, 1);
    CU_ASSERT_EQUAL(b.seen[8].w[1], 1 << 8); /* first map: BX 40 is bit 8 of word 1 */
    CU_ASSERT_EQUAL(status().pack_orbits, 2);
    CU_ASSERT_EQUAL(b.seen[b.n - 1].orbit, 4);
}

static void test_bx_before_an_orbit_is_open_are_dropped(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    arrive(1, 5, 1, 0, 0);
    CU_ASSERT_EQUAL(b.out.dropped, 1);
    CU_ASSERT_EQUAL(b.out.level, 0);
    arrive(1, 6, 0, 0, 0);
    CU_ASSERT_EQUAL(b.out.dropped, 0);
    arrive(1, LAST_BX, 0, 1, 0);
    edges(5);
    CU_ASSERT_EQUAL(b.n, 0);
    CU_ASSERT_EQUAL(status().pack_dropped_bx, 1);
    CU_ASSERT_EQUAL(status().pack_dropped_orbits, 0);
    arrive(2, 0, 0, 0, 0);
    arrive(2, LAST_BX, 0, 0, 0);
    arrive(3, 5, 1, 0, 0); /* an orbit ends with its last BX */
    CU_ASSERT_EQUAL(b.out.dropped, 1);
    edges(40);
    CU_ASSERT_STRING_EQUAL(items(), "HT");
}

static void test_drop_policy_orbit_looks_at_afull_at_bx_0(void)
{
    for (unsigned policy = DROP_ORBIT; policy <= DROP_BX; policy++) {
        struct board_cfg cfg = config(PACK_NONE);
        cfg.drop_policy = policy;
        start(&cfg);
        b.board.cdc_dma_ready.afull = 1;
        arrive(1, 0, 1, 0, 0);
        CU_ASSERT_EQUAL(b.out.dropped, policy == DROP_ORBIT);
        b.board.cdc_dma_ready.afull = 0;
        arrive(1, 7, 1, 1, 0); /* it is decided at the orbit's start */
        CU_ASSERT_EQUAL(b.out.dropped, policy == DROP_ORBIT);
        arrive(1, LAST_BX, 0, 2, 0);
        edges(60);
        CU_ASSERT_STRING_EQUAL(items(), policy == DROP_ORBIT ? "" : "HBBT");
        CU_ASSERT_EQUAL(status().pack_dropped_orbits, policy == DROP_ORBIT);
        CU_ASSERT_EQUAL(status().pack_dropped_bx, policy == DROP_ORBIT ? 2 : 0);
        b.stop = 1;
        edges(5); /* dropped orbits are reported even when no orbit was sent */
        CU_ASSERT_EQUAL(b.seen[b.n - 1].kind, FRAME_PACKET);
        CU_ASSERT_EQUAL(b.seen[b.n - 1].w[4], policy == DROP_ORBIT);
        CU_ASSERT_EQUAL(b.seen[b.n - 1].w[6], policy == DROP_BX);
    }
}

static void test_one_entry_is_left_for_the_orbits_end(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    b.board.cdc_dma_ready.ready = 0;
    for (unsigned i = 0; i < 20; i++) {
        arrive(1, i, 1, i, 0);
        CU_ASSERT_EQUAL(b.out.dropped, i >= 7); /* of eight entries */
        CU_ASSERT_EQUAL(b.out.level, i < 7 ? i + 1 : 7);
    }
    arrive(1, LAST_BX, 1, 20, 0); /* its block found no room, the end does */
    CU_ASSERT_EQUAL(b.out.dropped, 1);
    CU_ASSERT_EQUAL(b.out.level, 8);
    arrive(2, 0, 1, 21, 0); /* the next orbit finds no room */
    CU_ASSERT_EQUAL(status().pack_dropped_orbits, 1);
    CU_ASSERT_EQUAL(b.out.dropped, 1);
    CU_ASSERT_EQUAL(status().pack_dropped_bx, 15);
    b.board.cdc_dma_ready.ready = 1;
    edges(100);
    CU_ASSERT_STRING_EQUAL(items(), "HBBBBBBBT");
    CU_ASSERT_EQUAL(b.seen[b.n - 16].w[0], 0x7f);
}

/* The reason why corrections are kept by entry (docs/chain.md): while an entry waits, its number comes
 * round again. */
static void test_a_long_stall_does_not_mix_up_corrections(void)
{
    struct board_cfg cfg = config(PACK_APPENDED);
    start(&cfg);
    b.board.cdc_dma_ready.ready = 0;
    arrive(1, 0, 1, 0, 0x0003); /* A0, A1 */
    give_result(0, 0, 0, 111);
    give_result(1, 0, 2, 222);
    edge();
    for (unsigned i = 1; i < 600; i++) { /* two times round; all but the first six find no room */
        arrive(1, i, 1, (uint8_t)i, 0x0001);
        give_result(0, (uint8_t)i, 0, -5);
        edge();
    }
    b.board.cdc_dma_ready.ready = 1;
    edges(200);
    CU_ASSERT_STRING_EQUAL(items(), "HBABABABABABABA");
    CU_ASSERT_EQUAL(b.seen[1 + 6 + 1].w[0], 111);
    CU_ASSERT_EQUAL(b.seen[1 + 6 + 1].w[1], 222);
}

static void test_nothing_moves_without_ready(void)
{
    struct board_cfg cfg = config(PACK_NONE);
    start(&cfg);
    arrive(1, 0, 1, 0, 0);
    for (unsigned i = 0; i < 50; i++) {
        b.board.cdc_dma_ready.ready = i & 1;
        edge();
        CU_ASSERT_EQUAL(b.out.valid, (i & 1) && i < 14); /* header and six frames, each at a ready edge */
    }
    CU_ASSERT_EQUAL(b.n, 7);
}

/* ---- random orbits against the golden packer ---- */

struct expected {
    uint8_t kind, index;
    uint16_t bx;
    uint32_t orbit;
    struct dma_frame frame;
};

struct due_result {
    unsigned edge;
    struct recal_result result;
};

static struct {
    struct expected frame[400000];
    size_t first, last;
    struct due_result result[65536];
    size_t first_result, last_result;
    struct event_packer golden;
    struct rng r;
    uint32_t orbit; /* of the last header */
    uint16_t bx;    /* that golden packs */
    int open;
    unsigned edge;
    uint8_t seq;
} run;

static void expect_frame(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    (void)ctx;
    int has_bx = kind == FRAME_BLOCK || kind == FRAME_APPENDED;
    run.frame[run.last++] = (struct expected){kind, index, has_bx ? run.bx : 0,
                                              kind == FRAME_PACKET ? 0 : run.orbit, *frame};
}

static void check_frame(uint32_t dropped_before)
{
    struct expected *e = &run.frame[run.first++];
    CU_ASSERT_FATAL(run.first <= run.last);
    if (e->kind == FRAME_PACKET) { /* when a packet goes out depends on time */
        e->frame.w[2] = b.align_faults;
        e->frame.w[4] = dropped_before;
    }
    CU_ASSERT_EQUAL_FATAL(b.out.kind, e->kind);
    CU_ASSERT_EQUAL_FATAL(b.out.index, e->index);
    CU_ASSERT_EQUAL_FATAL(b.out.bx, e->bx);
    CU_ASSERT_EQUAL_FATAL(b.out.orbit, e->orbit);
    CU_ASSERT_EQUAL_FATAL(memcmp(b.out.w, e->frame.w, sizeof b.out.w), 0);
}

static void put_results(void)
{
    for (unsigned i = 0; i < MAX_ENGINES && run.first_result < run.last_result; i++) {
        const struct due_result *d = &run.result[run.first_result % 65536];
        if (d->edge > run.edge)
            return;
        b.board.recal.result[i] = d->result;
        run.first_result++;
    }
}

static void random_edge(unsigned stall)
{
    uint32_t dropped = status().pack_dropped_orbits;
    b.board.cdc_dma_ready.ready = !stall && rng_below(&run.r, 10) > 0;
    b.board.cdc_dma_ready.afull = rng_below(&run.r, 4) == 0;
    b.align_faults = rng_below(&run.r, 5);
    put_results();
    b.n = 0;
    edge();
    run.edge++;
    if (b.out.valid)
        check_frame(dropped);
}

static void random_content(struct packed_bx *bx)
{
    memset(bx, 0, sizeof *bx);
    bx->queued = (uint16_t)(rng_next(&run.r) & rng_next(&run.r) & rng_next(&run.r));
    bx->skipped = (uint16_t)rng_next(&run.r) & ~bx->queued;
    for (unsigned i = 0; i < BX_WORDS; i++)
        bx->block.w[i] = (uint32_t)rng_next(&run.r);
    for (unsigned order = 0; order < SLOTS; order++) {
        unsigned slot = 2 * (order % 8) + order / 8, range = rng_below(&run.r, 5) ? 2048 : 65536;
        if (!(bx->queued >> order & 1))
            continue;
        struct correction *c = &bx->correction[slot];
        c->phi = (int16_t)(rng_below(&run.r, range) - range / 2);
        c->eta = (int16_t)(rng_below(&run.r, range) - range / 2);
        c->pt = (int16_t)(rng_below(&run.r, range) - range / 2);
        run.result[run.last_result++ % 65536] = (struct due_result){
            run.edge + 4 + rng_below(&run.r, 10), {1, run.seq, slot, c->phi, c->eta, c->pt}};
        CU_ASSERT_FATAL(run.last_result - run.first_result < 65536);
    }
}

static void random_bx(uint32_t orbit, uint16_t bx, unsigned stall)
{
    struct packed_bx content;
    uint32_t dropped = status().pack_dropped_orbits;
    int keep = rng_below(&run.r, 3) == 0;
    if (keep)
        random_content(&content);
    b.board.muon_feed = (struct muon_feed_out){.valid = 1, .keep = keep, .orbit = orbit, .bx = bx,
                                               .seq = run.seq};
    if (keep) {
        b.board.muon_feed.queued = content.queued;
        b.board.muon_feed.skipped = content.skipped;
        b.board.muon_feed.block = content.block;
        content.orbit = orbit;
        content.bx = bx;
        run.seq++;
    }
    random_edge(stall);
    if (bx == 0 && status().pack_dropped_orbits == dropped) {
        if (run.open)
            event_packer_end(&run.golden);
        run.open = 1;
        run.orbit = orbit;
        event_packer_begin(&run.golden, orbit);
    }
    run.bx = bx;
    if (keep && !b.out.dropped)
        event_packer_bx(&run.golden, &content);
}

/* Some orbits break off before their end; what golden must not know is whether the next one was refused. */
static void random_orbit(uint32_t orbit)
{
    unsigned stall = rng_below(&run.r, 4) ? 0 : rng_below(&run.r, 3000);
    int breaks = rng_below(&run.r, 5) == 0, accepted = 0;
    for (unsigned bx = 0; bx < LAST_BX; bx += 1 + rng_below(&run.r, 60)) {
        uint32_t dropped = status().pack_dropped_orbits;
        random_bx(orbit, bx, stall > 0);
        accepted |= bx == 0 && status().pack_dropped_orbits == dropped;
        for (unsigned i = rng_below(&run.r, 14); i; i--)
            random_edge(stall > 0);
        stall -= stall > 10 ? 10 : stall;
        if (breaks && bx > 2000)
            return;
    }
    random_bx(orbit, LAST_BX, 0);
    if (!accepted)
        return;
    event_packer_end(&run.golden);
    run.open = 0;
}

static void random_run(enum pack_corrections corrections, enum drop_policy policy)
{
    struct board_cfg cfg = config(corrections);
    cfg.drop_policy = policy;
    cfg.pack_depth = 4 + rng_below(&run.r, MAX_PACK_DEPTH - 3);
    cfg.orbits_per_packet = 1 + rng_below(&run.r, 5);
    start(&cfg);
    run.first = run.last = run.first_result = run.last_result = run.edge = run.open = run.seq = 0;
    event_packer_init(&run.golden, corrections, cfg.orbits_per_packet, expect_frame, NULL);
    for (unsigned orbit = 0; orbit < 60; orbit++)
        random_orbit(0xffffffe0u + orbit); /* over the wrap */
    for (unsigned i = 0; i < 3000; i++)
        random_edge(0);
    CU_ASSERT_EQUAL(run.first, run.last); /* everything that golden made came out */
    CU_ASSERT(run.last > 1000);
    CU_ASSERT(status().pack_orbits > 5 && status().pack_dropped_bx > 0);
    CU_ASSERT(policy == DROP_BX || status().pack_dropped_orbits > 0);
}

static void test_random_orbits_against_golden(void)
{
    rng_seed(&run.r, test_seed());
    for (unsigned corrections = PACK_NONE; corrections <= PACK_APPENDED; corrections++)
        for (unsigned policy = DROP_ORBIT; policy <= DROP_BX; policy++)
            random_run(corrections, policy);
}

TEST_MAIN("model/event_pack", TEST(test_an_orbit_without_muons), TEST(test_blocks_and_their_hit_map),
          TEST(test_block_waits_for_its_corrections), TEST(test_packet_after_its_orbits),
          TEST(test_stop_waits_for_the_orbit_and_says_nothing_of_nothing),
          TEST(test_orbit_that_broke_off_is_closed),
          TEST(test_bx_before_an_orbit_is_open_are_dropped),
          TEST(test_drop_policy_orbit_looks_at_afull_at_bx_0),
          TEST(test_one_entry_is_left_for_the_orbits_end),
          TEST(test_a_long_stall_does_not_mix_up_corrections),
          TEST(test_nothing_moves_without_ready), TEST(test_random_orbits_against_golden))

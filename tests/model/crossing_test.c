/* The two clock crossings: what goes in comes out, in order, without overrun, and the order of calls does
 * not show. */
#include "emu/model/cdc_dma.h"
#include "emu/model/cdc_rx.h"
#include "emu/model/dma.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

enum { LINE = 1, BOARD = 2, HOST = 4 };

/* ---- cdc_rx ---- */

struct rx_bench {
    struct cdc_rx x;
    struct line_bus line;
    struct board_bus board, next;
};

static void rx_start(struct rx_bench *b, unsigned stages)
{
    struct board_cfg cfg = {.sync_stages = stages};
    memset(b, 0, sizeof *b);
    cdc_rx_init(&b->x, &cfg);
}

static void rx_instant(struct rx_bench *b, unsigned domains, int board_first)
{
    struct bus_view now = {.line = &b->line, .board = &b->board};
    memset(&b->next, 0xa5, sizeof b->next);
    if (domains & BOARD && board_first)
        cdc_rx_step_board(&b->x, &now, &b->next.cdc_rx);
    if (domains & LINE)
        cdc_rx_step_line(&b->x, &now);
    if (domains & BOARD && !board_first)
        cdc_rx_step_board(&b->x, &now, &b->next.cdc_rx);
    cdc_rx_commit(&b->x);
    if (domains & BOARD)
        b->board = b->next;
}

/* A word is stored at a line edge; the pointer passes `stages` board edges; the edge after them shows the
 * word. */
static void test_cdc_rx_takes_the_synchronisers_edges(void)
{
    for (unsigned stages = 2; stages <= MAX_SYNC_STAGES; stages++) {
        struct rx_bench b;
        rx_start(&b, stages);
        b.line.link_rx = (struct link_rx_out){.valid = 0x05, .first = 0x04, .err = 0x01, .data = {7, 0, 8}};
        rx_instant(&b, LINE | BOARD, 0);
        b.line.link_rx.valid = 0;
        for (unsigned i = 0; i < stages; i++) {
            rx_instant(&b, BOARD, 0);
            CU_ASSERT_EQUAL(b.board.cdc_rx.valid, 0);
        }
        rx_instant(&b, BOARD, 0);
        CU_ASSERT_EQUAL(b.board.cdc_rx.valid, 0x05);
        CU_ASSERT_EQUAL(b.board.cdc_rx.first, 0x04);
        CU_ASSERT_EQUAL(b.board.cdc_rx.err, 0x01);
        CU_ASSERT_EQUAL(b.board.cdc_rx.crc_bad, 0);
        CU_ASSERT_EQUAL(b.board.cdc_rx.data[0], 7);
        CU_ASSERT_EQUAL(b.board.cdc_rx.data[2], 8);
        rx_instant(&b, BOARD, 0);
        CU_ASSERT_EQUAL(b.board.cdc_rx.valid, 0);
    }
}

static void test_cdc_rx_counts_words_that_find_it_full(void)
{
    struct rx_bench b;
    struct board_status s = {0};
    rx_start(&b, 2);
    for (unsigned i = 0; i < CDC_RX_DEPTH + 3; i++) {
        b.line.link_rx = (struct link_rx_out){.valid = 0x80, .data = {[7] = i}};
        rx_instant(&b, LINE, 0);
    }
    cdc_rx_status(&b.x, &s);
    CU_ASSERT_EQUAL(s.lane[7].cdc_overflows, 3);
    CU_ASSERT_EQUAL(s.lane[0].cdc_overflows, 0);
    b.line.link_rx.valid = 0;
    unsigned n = 0;
    for (unsigned i = 0; i < 40; i++) {
        rx_instant(&b, BOARD, 0);
        if (b.board.cdc_rx.valid)
            CU_ASSERT_EQUAL(b.board.cdc_rx.data[7], n++);
    }
    CU_ASSERT_EQUAL(n, CDC_RX_DEPTH);
}

/* The flags of a lane, as a word carries them in its low bits. */
static uint32_t flags_of(unsigned l, uint8_t first, uint8_t err, uint8_t crc_bad)
{
    return (first >> l & 1) | (err >> l & 1) << 1 | (crc_bad >> l & 1) << 2;
}

static void random_words(struct rng *r, int all, struct link_rx_out *out, uint32_t sent[LANES])
{
    memset(out, 0, sizeof *out);
    out->valid = all || rng_below(r, 3) ? 0xff : (uint8_t)rng_next(r);
    out->first = rng_below(r, 9) ? 0 : (uint8_t)rng_next(r);
    out->err = rng_below(r, 9) ? 0 : (uint8_t)rng_next(r);
    out->crc_bad = out->first & (uint8_t)rng_next(r);
    for (unsigned l = 0; l < LANES; l++)
        out->data[l] = out->valid >> l & 1
                           ? sent[l]++ << 3 | flags_of(l, out->first, out->err, out->crc_bad)
                           : 0xdead;
}

/* Words come out in order with their own flags; the line is a little slower than the board, so none is
 * lost. */
static void check_words(const struct cdc_rx_out *out, uint32_t got[LANES])
{
    for (unsigned l = 0; l < LANES; l++) {
        if (!(out->valid >> l & 1))
            continue;
        uint32_t flags = flags_of(l, out->first, out->err, out->crc_bad);
        CU_ASSERT_EQUAL_FATAL(out->data[l], got[l] << 3 | flags);
        got[l]++;
    }
}

/* all: the lanes keep step, as without skew. */
static void check_stream(struct rng *r, int all)
{
    struct rx_bench a, b;
    uint32_t sent[LANES] = {0}, got[LANES] = {0};
    rx_start(&a, 2);
    rx_start(&b, 2);
    for (unsigned i = 0; i < 200000; i++) {
        unsigned domains = rng_below(r, 10) ? LINE | BOARD : BOARD;
        if (domains & LINE) {
            random_words(r, all, &a.line.link_rx, sent);
            b.line = a.line;
        }
        rx_instant(&a, domains, 0);
        rx_instant(&b, domains, 1);
        CU_ASSERT_EQUAL_FATAL(a.board.cdc_rx.valid, b.board.cdc_rx.valid);
        check_words(&a.board.cdc_rx, got);
        for (unsigned l = 0; l < LANES; l++)
            if (a.board.cdc_rx.valid >> l & 1)
                CU_ASSERT_EQUAL_FATAL(a.board.cdc_rx.data[l], b.board.cdc_rx.data[l]);
    }
    for (unsigned l = 0; l < LANES; l++)
        CU_ASSERT(sent[l] - got[l] <= CDC_RX_DEPTH && got[l] > 1000);
    CU_ASSERT_EQUAL(memcmp(&a.x, &b.x, sizeof a.x), 0);
}

static void test_cdc_rx_loses_nothing_and_order_of_calls_does_not_show(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    check_stream(&r, 0);
    check_stream(&r, 1);
}

/* ---- cdc_dma and dma ---- */

struct dma_bench {
    struct cdc_dma x;
    struct board_bus board, next_board;
    struct host_bus host, next_host;
    uint32_t sent, got, most;
};

static struct dma_bench one, two;
static struct dma fifo_one, fifo_two;

static void dma_start(struct dma_bench *b, struct dma *d, const struct board_cfg *cfg)
{
    memset(b, 0, sizeof *b);
    cdc_dma_init(&b->x, cfg);
    dma_init(d, cfg);
}

/* event_pack as a sender that uses every chance that `ready` gives. */
static void send_frame(struct dma_bench *b)
{
    struct event_pack_out *out = &b->next_board.event_pack;
    out->valid = b->board.cdc_dma_ready.ready;
    if (!out->valid)
        return;
    out->kind = b->sent % 5;
    for (unsigned i = 0; i < LANES; i++)
        out->w[i] = b->sent * LANES + i;
    b->sent++;
}

static void dma_instant(struct dma_bench *b, struct dma *d, unsigned domains, int bus_ready, int host_first)
{
    struct bus_view now = {.board = &b->board, .host = &b->host, .bus_ready = bus_ready};
    for (int pass = 0; pass < 2; pass++) {
        if (domains & HOST && pass != host_first) {
            dma_step(d, &now, &b->next_host.dma);
            cdc_dma_step_host(&b->x, &now, &b->next_host.cdc_dma);
        }
        if (domains & BOARD && pass == host_first) {
            cdc_dma_step_board(&b->x, &now, &b->next_board.cdc_dma_ready);
            send_frame(b);
        }
    }
    cdc_dma_commit(&b->x);
    uint8_t held = b->x.write - b->x.read;
    b->most = held > b->most ? held : b->most;
    if (domains & BOARD)
        b->board = b->next_board;
    if (domains & HOST)
        b->host = b->next_host;
}

static void take_frame(struct dma_bench *b)
{
    const struct dma_out *out = &b->host.dma;
    if (!out->valid)
        return;
    CU_ASSERT_EQUAL_FATAL(out->w[0], b->got * LANES);
    CU_ASSERT_EQUAL_FATAL(out->w[7], b->got * LANES + 7);
    CU_ASSERT_EQUAL_FATAL(out->kind, b->got % 5);
    b->got++;
}

static void stalls(unsigned stages, uint16_t depth, struct rng *r)
{
    struct board_cfg cfg = {.sync_stages = stages, .dma_depth = depth, .dma_reserve = depth / 2};
    uint32_t most_in_dma = 0;
    int bus_ready = 1;
    dma_start(&one, &fifo_one, &cfg);
    dma_start(&two, &fifo_two, &cfg);
    for (unsigned i = 0; i < 60000; i++) {
        unsigned domains = 1 + rng_below(r, 3);
        domains = domains == 1 ? BOARD : domains == 2 ? HOST : BOARD | HOST;
        if (!rng_below(r, 100))
            bus_ready = !bus_ready;
        uint32_t level = one.host.dma.level;
        dma_instant(&one, &fifo_one, domains, bus_ready, 0);
        if (domains & HOST) {
            CU_ASSERT_EQUAL_FATAL(one.host.dma.ready, level <= depth - 4u);
            CU_ASSERT_EQUAL_FATAL(one.host.dma.afull, level + cfg.dma_reserve > depth);
        }
        dma_instant(&two, &fifo_two, domains, bus_ready, 1);
        if (domains & HOST)
            take_frame(&one);
        most_in_dma = one.host.dma.level > most_in_dma ? one.host.dma.level : most_in_dma;
        CU_ASSERT_EQUAL_FATAL(memcmp(&one.x, &two.x, sizeof one.x), 0);
        CU_ASSERT_EQUAL_FATAL(one.host.dma.level, two.host.dma.level);
    }
    CU_ASSERT(one.most > 28 && one.most <= CDC_DMA_DEPTH); /* it was pushed to its limit, never beyond */
    CU_ASSERT(most_in_dma > depth - 4u && most_in_dma <= depth);
    CU_ASSERT(one.got > 1000);
}

static void test_dma_path_never_overruns_and_keeps_order(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned stages = 2; stages <= MAX_SYNC_STAGES; stages++)
        stalls(stages, 64 + rng_below(&r, 200), &r);
}

static void host_edges(struct dma_bench *b, struct dma *d, unsigned n, int bus_ready)
{
    while (n--) {
        dma_instant(b, d, HOST, bus_ready, 0);
        take_frame(b);
    }
}

static void test_ready_starts_after_reset_and_afull_crosses(void)
{
    struct board_cfg cfg = {.sync_stages = 3, .dma_depth = 64, .dma_reserve = 64};
    dma_start(&one, &fifo_one, &cfg);
    CU_ASSERT_EQUAL(one.board.cdc_dma_ready.ready, 0);
    CU_ASSERT_EQUAL(one.host.dma.ready, 0);
    dma_instant(&one, &fifo_one, BOARD | HOST, 0, 0);
    CU_ASSERT_EQUAL(one.board.cdc_dma_ready.ready, 1);
    CU_ASSERT_EQUAL(one.host.dma.ready, 1);
    CU_ASSERT_EQUAL(one.host.dma.afull, 0); /* 0 + 64 is not above 64 */
    dma_instant(&one, &fifo_one, BOARD, 0, 0);
    dma_instant(&one, &fifo_one, BOARD, 0, 0);
    host_edges(&one, &fifo_one, 20, 0);
    CU_ASSERT(one.host.dma.level >= 1);
    CU_ASSERT_EQUAL(one.host.dma.afull, 1);
    for (unsigned i = 0; i < 2; i++) {
        dma_instant(&one, &fifo_one, BOARD, 0, 0);
        CU_ASSERT_EQUAL(one.board.cdc_dma_ready.afull, 0);
    }
    dma_instant(&one, &fifo_one, BOARD, 0, 0);
    CU_ASSERT_EQUAL(one.board.cdc_dma_ready.afull, 1);
}

TEST_MAIN("model/crossing", TEST(test_cdc_rx_takes_the_synchronisers_edges),
          TEST(test_cdc_rx_counts_words_that_find_it_full),
          TEST(test_cdc_rx_loses_nothing_and_order_of_calls_does_not_show),
          TEST(test_dma_path_never_overruns_and_keeps_order),
          TEST(test_ready_starts_after_reset_and_afull_crosses))

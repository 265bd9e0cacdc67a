#include "tests/rtl/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- comparing ---- */

struct field {
    const char *name;
    size_t offset, size;
    int status; /* meaningful without valid */
};

#define PAYLOAD(type, f) {#f, offsetof(struct type, f), sizeof(((struct type *)0)->f), 0}
#define STATUS(type, f) {#f, offsetof(struct type, f), sizeof(((struct type *)0)->f), 1}
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct field link_rx_fields[] = {STATUS(link_rx_out, valid),    STATUS(link_rx_out, lock),
                                              PAYLOAD(link_rx_out, first),   PAYLOAD(link_rx_out, err),
                                              PAYLOAD(link_rx_out, crc_bad), PAYLOAD(link_rx_out, data)};
static const struct field cdc_rx_fields[] = {STATUS(cdc_rx_out, valid), PAYLOAD(cdc_rx_out, first),
                                             PAYLOAD(cdc_rx_out, err), PAYLOAD(cdc_rx_out, crc_bad),
                                             PAYLOAD(cdc_rx_out, data)};
static const struct field link_align_fields[] = {
    STATUS(link_align_out, valid), STATUS(link_align_out, aligned),  STATUS(link_align_out, live),
    PAYLOAD(link_align_out, err),  PAYLOAD(link_align_out, crc_bad), PAYLOAD(link_align_out, mismatch),
    PAYLOAD(link_align_out, bx),   PAYLOAD(link_align_out, orbit),   PAYLOAD(link_align_out, block)};
static const struct field zero_suppress_fields[] = {
    STATUS(zero_suppress_out, valid),     PAYLOAD(zero_suppress_out, keep),
    PAYLOAD(zero_suppress_out, err),      PAYLOAD(zero_suppress_out, crc_bad),
    PAYLOAD(zero_suppress_out, mismatch), PAYLOAD(zero_suppress_out, bx),
    PAYLOAD(zero_suppress_out, orbit),    PAYLOAD(zero_suppress_out, block)};
static const struct field muon_feed_fields[] = {
    STATUS(muon_feed_out, valid),    STATUS(muon_feed_out, level),    PAYLOAD(muon_feed_out, keep),
    PAYLOAD(muon_feed_out, err),     PAYLOAD(muon_feed_out, crc_bad), PAYLOAD(muon_feed_out, mismatch),
    PAYLOAD(muon_feed_out, seq),     PAYLOAD(muon_feed_out, bx),      PAYLOAD(muon_feed_out, queued),
    PAYLOAD(muon_feed_out, skipped), PAYLOAD(muon_feed_out, orbit),   PAYLOAD(muon_feed_out, block)};
static const struct field feed_muon_fields[] = {STATUS(feed_muon, valid), PAYLOAD(feed_muon, seq),
                                                PAYLOAD(feed_muon, slot), PAYLOAD(feed_muon, muon)};
static const struct field recal_fields[] = {STATUS(recal_result, valid), PAYLOAD(recal_result, seq),
                                            PAYLOAD(recal_result, slot), PAYLOAD(recal_result, phi),
                                            PAYLOAD(recal_result, eta),  PAYLOAD(recal_result, pt)};
static const struct field event_pack_fields[] = {
    STATUS(event_pack_out, valid),  STATUS(event_pack_out, level),  STATUS(event_pack_out, dropped),
    PAYLOAD(event_pack_out, kind),  PAYLOAD(event_pack_out, index), PAYLOAD(event_pack_out, bx),
    PAYLOAD(event_pack_out, orbit), PAYLOAD(event_pack_out, w)};
static const struct field ready_fields[] = {STATUS(cdc_dma_ready, ready), STATUS(cdc_dma_ready, afull)};
static const struct field cdc_dma_fields[] = {STATUS(cdc_dma_out, valid), PAYLOAD(cdc_dma_out, kind),
                                              PAYLOAD(cdc_dma_out, w)};
static const struct field dma_fields[] = {STATUS(dma_out, valid), STATUS(dma_out, ready),
                                          STATUS(dma_out, afull), STATUS(dma_out, level),
                                          PAYLOAD(dma_out, kind), PAYLOAD(dma_out, w)};

static void print_bytes(const char *who, const uint8_t *bytes, size_t n)
{
    printf("    %s", who);
    for (size_t i = n; i-- > 0;)
        printf("%s%02x", (i + 1) % 4 == 0 ? " " : "", bytes[i]);
    printf("\n");
}

static void differs(struct bench *b, const char *who, const char *block, const struct field *f,
                    const void *got, const void *expected)
{
    b->failed = 1;
    printf("\n  edge %" PRIu64 ": %s.%s: %s differs (inject 0x%03x)\n", b->edges, block, f->name, who,
           b->inject);
    print_bytes("got     ", (const uint8_t *)got + f->offset, f->size);
    print_bytes("expected", (const uint8_t *)expected + f->offset, f->size);
}

/* `got` and `expected` are the same block of board and model (or of the twin). */
static void compare(struct bench *b, const char *who, const char *block, const struct field *fields, size_t n,
                    const void *got, const void *expected, int valid)
{
    for (size_t i = 0; i < n && !b->failed; i++) {
        const struct field *f = &fields[i];
        if (!f->status && !valid)
            continue;
        b->compared++;
        if (memcmp((const char *)got + f->offset, (const char *)expected + f->offset, f->size) != 0)
            differs(b, who, block, f, got, expected);
    }
}

/* Lanes without valid carry anything: blank them. */
static void blank_lanes(uint8_t valid, uint8_t *first, uint8_t *err, uint8_t *crc_bad, uint32_t data[LANES])
{
    *first &= valid;
    *err &= valid;
    *crc_bad &= valid;
    for (unsigned l = 0; l < LANES; l++)
        data[l] = valid >> l & 1 ? data[l] : 0;
}

static void compare_line(struct bench *b, const char *who, const struct line_bus *got,
                         const struct line_bus *expected)
{
    struct link_rx_out g = got->link_rx, e = expected->link_rx;
    blank_lanes(g.valid, &g.first, &g.err, &g.crc_bad, g.data);
    blank_lanes(e.valid, &e.first, &e.err, &e.crc_bad, e.data);
    compare(b, who, "link_rx", link_rx_fields, COUNT(link_rx_fields), &g, &e, e.valid);
}

static void compare_muons(struct bench *b, const char *who, const struct board_bus *g,
                          const struct board_bus *e)
{
    for (unsigned i = 0; i < MAX_ENGINES; i++) {
        compare(b, who, "muon_feed.muon", feed_muon_fields, COUNT(feed_muon_fields), &g->muon_feed.muon[i],
                &e->muon_feed.muon[i], e->muon_feed.muon[i].valid);
        compare(b, who, "recal", recal_fields, COUNT(recal_fields), &g->recal.result[i], &e->recal.result[i],
                e->recal.result[i].valid);
    }
}

#define COMPARE(block, fields)                                                                               \
    compare(b, who, #block, fields, COUNT(fields), &g->block, &e->block, e->block.valid)

static void compare_board(struct bench *b, const char *who, const struct board_bus *g,
                          const struct board_bus *e)
{
    struct cdc_rx_out got = g->cdc_rx, expected = e->cdc_rx;
    blank_lanes(got.valid, &got.first, &got.err, &got.crc_bad, got.data);
    blank_lanes(expected.valid, &expected.first, &expected.err, &expected.crc_bad, expected.data);
    compare(b, who, "cdc_rx", cdc_rx_fields, COUNT(cdc_rx_fields), &got, &expected, expected.valid);
    COMPARE(link_align, link_align_fields);
    COMPARE(zero_suppress, zero_suppress_fields);
    COMPARE(muon_feed, muon_feed_fields);
    compare_muons(b, who, g, e);
    COMPARE(event_pack, event_pack_fields);
    compare(b, who, "cdc_dma", ready_fields, COUNT(ready_fields), &g->cdc_dma_ready, &e->cdc_dma_ready, 1);
}

static void compare_host(struct bench *b, const char *who, const struct host_bus *g, const struct host_bus *e)
{
    COMPARE(cdc_dma, cdc_dma_fields);
    COMPARE(dma, dma_fields);
}

static void compare_domains(struct bench *b, unsigned domains, const char *who, const struct bus *g,
                            const struct bus *e)
{
    if (domains >> DOMAIN_LINE & 1)
        compare_line(b, who, &g->line, &e->line);
    if (domains >> DOMAIN_BOARD & 1)
        compare_board(b, who, &g->board, &e->board);
    if (domains >> DOMAIN_HOST & 1)
        compare_host(b, who, &g->host, &e->host);
}

/* ---- stepping ---- */

static uint32_t losses(const struct bench *b)
{
    return b->drive >> BLOCK_LINK_ALIGN & 1 ? b->losses : link_align_faults(&b->link_align);
}

static void step_models(struct bench *b, unsigned domains, const struct bus_view *now)
{
    struct board_bus *next = &b->model.board;
    uint32_t faults = losses(b);
    if (domains >> DOMAIN_LINE & 1) {
        link_rx_step(&b->link_rx, now, &b->model.line.link_rx);
        cdc_rx_step_line(&b->cdc_rx, now);
    }
    if (domains >> DOMAIN_BOARD & 1) {
        cdc_rx_step_board(&b->cdc_rx, now, &next->cdc_rx);
        link_align_step(&b->link_align, now, &next->link_align);
        zero_suppress_step(&b->zero_suppress, now, &next->zero_suppress);
        muon_feed_step(&b->muon_feed, now, &next->muon_feed);
        recal_step(&b->recal, now, &next->recal);
        event_pack_step(&b->event_pack, now, faults, &next->event_pack);
        cdc_dma_step_board(&b->cdc_dma, now, &next->cdc_dma_ready);
    }
    if (domains >> DOMAIN_HOST & 1) {
        cdc_dma_step_host(&b->cdc_dma, now, &b->model.host.cdc_dma);
        dma_step(&b->dma, now, &b->model.host.dma);
    }
    cdc_rx_commit(&b->cdc_rx);
    cdc_dma_commit(&b->cdc_dma);
}

#define SHOW(BLOCK, member)                                                                                  \
    do {                                                                                                     \
        if (!(b->drive >> BLOCK & 1))                                                                        \
            b->seen.member = b->inject >> BLOCK & 1 ? b->model.member : b->own.member;                       \
    } while (0)

static void show(struct bench *b, unsigned domains)
{
    if (domains >> DOMAIN_LINE & 1)
        SHOW(BLOCK_LINK_RX, line.link_rx);
    if (domains >> DOMAIN_BOARD & 1) {
        SHOW(BLOCK_CDC_RX, board.cdc_rx);
        SHOW(BLOCK_LINK_ALIGN, board.link_align);
        SHOW(BLOCK_ZERO_SUPPRESS, board.zero_suppress);
        SHOW(BLOCK_MUON_FEED, board.muon_feed);
        SHOW(BLOCK_RECAL, board.recal);
        SHOW(BLOCK_EVENT_PACK, board.event_pack);
        SHOW(BLOCK_CDC_DMA, board.cdc_dma_ready);
    }
    if (domains >> DOMAIN_HOST & 1) {
        SHOW(BLOCK_CDC_DMA, host.cdc_dma);
        SHOW(BLOCK_DMA, host.dma);
    }
}

int bench_edge(struct bench *b, unsigned domains)
{
    struct bus_view now = {&b->in, &b->seen.line, &b->seen.board, &b->seen.host, b->stop, b->bus_ready};
    board_rtl_inject_losses(b->rtl, losses(b));
    board_rtl_inject_losses(b->twin, losses(b));
    step_models(b, domains, &now);
    board_rtl_edge(b->rtl, domains, &now, b->inject, &b->own.line, &b->own.board, &b->own.host);
    board_rtl_edge(b->twin, domains, &now, b->inject, &b->twin_own.line, &b->twin_own.board,
                   &b->twin_own.host);
    for (unsigned d = 0; d < DOMAINS; d++)
        b->edges += domains >> d & 1;
    compare_domains(b, domains, "the board", &b->own, &b->model);
    compare_domains(b, domains, "the board of another random seed", &b->twin_own, &b->own);
    show(b, domains);
    return b->failed ? -1 : 0;
}

int bench_status(struct bench *b, struct board_status *status)
{
    struct board_status twin;
    const struct field whole = {"counters", 0, sizeof *status, 1};
    memset(status, 0, sizeof *status);
    link_rx_status(&b->link_rx, status);
    cdc_rx_status(&b->cdc_rx, status);
    link_align_status(&b->link_align, status);
    muon_feed_status(&b->muon_feed, status);
    event_pack_status(&b->event_pack, status);
    struct board_status expected = *status;
    board_rtl_status(b->rtl, status);
    board_rtl_status(b->twin, &twin);
    compare(b, "the board", "status", &whole, 1, status, &expected, 1);
    compare(b, "the board of another random seed", "status", &whole, 1, &twin, status, 1);
    return b->failed ? -1 : 0;
}

/* ---- opening ---- */

static int open_models(struct bench *b, const char *kernels)
{
    struct message m;
    if (zero_suppress_init(&b->zero_suppress, &b->cfg, kernels, &m) < 0 ||
        recal_init(&b->recal, &b->cfg, kernels, &m) < 0) {
        printf("%s\n", m.text);
        return -1;
    }
    link_rx_init(&b->link_rx, &b->cfg);
    cdc_rx_init(&b->cdc_rx, &b->cfg);
    link_align_init(&b->link_align, &b->cfg);
    muon_feed_init(&b->muon_feed, &b->cfg);
    event_pack_init(&b->event_pack, &b->cfg);
    cdc_dma_init(&b->cdc_dma, &b->cfg);
    dma_init(&b->dma, &b->cfg);
    return 0;
}

static struct board_rtl *open_board(const char *so, const struct board_cfg *cfg, uint64_t seed,
                                    struct bus *bus)
{
    char error[512];
    struct board_rtl *rtl = board_rtl_open(so, cfg, seed, error, sizeof error);
    if (!rtl) {
        printf("%s\n", error);
        return NULL;
    }
    board_rtl_reset(rtl);
    board_rtl_show(rtl, &bus->line, &bus->board, &bus->host);
    return rtl;
}

struct bench *bench_new(const char *board_so, const char *kernels, const struct board_cfg *cfg, uint64_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->cfg = *cfg;
    b->bus_ready = 1;
    if (open_models(b, kernels) < 0 || !(b->rtl = open_board(board_so, cfg, seed, &b->own)) ||
        !(b->twin = open_board(board_so, cfg, ~seed, &b->twin_own))) {
        bench_free(b);
        return NULL;
    }
    /* models start at 0 */
    compare_domains(b, (1u << DOMAINS) - 1, "the board after reset", &b->own, &b->model);
    show(b, (1u << DOMAINS) - 1);
    return b;
}

void bench_free(struct bench *b)
{
    if (!b)
        return;
    board_rtl_close(b->rtl);
    board_rtl_close(b->twin);
    zero_suppress_release(&b->zero_suppress);
    recal_release(&b->recal);
    free(b);
}

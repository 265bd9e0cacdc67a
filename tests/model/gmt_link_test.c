#include "emu/model/gmt_link.h"
#include "golden/formats/crc32.h"
#include "golden/formats/link_decode.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_PER_ORBIT = BX_PER_ORBIT * FRAMES, GAP_FIRST = 3555 };

struct row {
    struct line_in in;
    struct line_tag tag;
};

struct source {
    uint32_t fails_orbit;
    uint16_t fails_bx;
    int fails;
    uint32_t asked;
};

/* Every word of every BX is a different number. */
static void fill(uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    uint64_t x = (uint64_t)orbit << 16 | bx;
    for (unsigned i = 0; i < BX_WORDS; i++)
        out->w[i] = (uint32_t)splitmix64(&x);
}

static int next_bx(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    struct source *s = ctx;
    s->asked++;
    fill(orbit, bx, out);
    return s->fails && orbit == s->fails_orbit && bx == s->fails_bx ? -1 : 0;
}

static const char *source_message(void *ctx)
{
    (void)ctx;
    return "capture.txt:7: torn";
}

static struct source source;

static struct gmt_link_cfg config(void)
{
    source = (struct source){0};
    struct gmt_link_cfg cfg = {.payload_hz = 6 * UINT64_C(40078900), .line_hz = 250000000, .first_orbit = 10,
                               .orbits = 1, .gap_first = GAP_FIRST, .start_bx = 3555,
                               .source = {next_bx, source_message, &source}};
    for (unsigned l = 0; l < LANES; l++)
        cfg.link_id[l] = 0x54321 + l;
    return cfg;
}

static struct gmt_link *open_link(const struct gmt_link_cfg *cfg)
{
    struct message m = {""};
    struct gmt_link *g = gmt_link_open(cfg, &m);
    if (!g)
        printf("\n%s", m.text);
    CU_ASSERT_FATAL(g != NULL);
    return g;
}

/* n rows from the start. The caller frees them. */
static struct row *record(const struct gmt_link_cfg *cfg, size_t n)
{
    struct row *row = calloc(n, sizeof *row);
    struct gmt_link *g = open_link(cfg);
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_FATAL(gmt_link_next(g, &row[i].in, &row[i].tag) >= 0);
    gmt_link_close(g);
    return row;
}

static uint64_t word_number(const struct word_tag *t)
{
    return (uint64_t)t->orbit * WORDS_PER_ORBIT + t->bx * FRAMES + t->frame;
}

static int in_gap(const struct word_tag *t)
{
    return t->bx >= GAP_FIRST && t->bx < GAP_FIRST + 5;
}

/* ---- what is sent ---- */

static void check_gap_word(const struct row *r, unsigned l, uint32_t crc)
{
    const struct word_tag *t = &r->tag.lane[l];
    int is_crc = t->bx == GAP_FIRST && t->frame == 1, is_id = t->bx == GAP_FIRST && t->frame == 2;
    uint32_t id = 0x54321 + l, expected = is_crc ? crc : is_id ? (id & 0x3ff) << 16 | id >> 10 : 0x505050BC;
    CU_ASSERT_EQUAL_FATAL(t->kind, LINK_GAP);
    CU_ASSERT_EQUAL_FATAL(r->in.k[l], is_crc || is_id ? 0 : 1);
    if (!is_crc || crc)
        CU_ASSERT_EQUAL_FATAL(r->in.data[l], expected);
}

static void check_word(const struct gmt_link *g, const struct row *r, unsigned l, uint32_t *crc, int *whole)
{
    const struct word_tag *t = &r->tag.lane[l];
    if (t->kind == LINK_PAD) {
        CU_ASSERT_EQUAL_FATAL(r->in.data[l], 0xF7F7F7F7);
        CU_ASSERT_EQUAL_FATAL(r->in.k[l], 15);
    } else if (in_gap(t)) {
        check_gap_word(r, l, *whole ? *crc : 0);
        CU_ASSERT_PTR_NULL(gmt_link_sent(g, t->orbit, t->bx));
        if (t->bx == GAP_FIRST + 4) {
            *crc = CRC32_START;
            *whole = 1;
        }
    } else {
        const struct bx_block *sent = gmt_link_sent(g, t->orbit, t->bx);
        CU_ASSERT_EQUAL_FATAL(t->kind, LINK_PAYLOAD);
        CU_ASSERT_EQUAL_FATAL(r->in.k[l], 0);
        CU_ASSERT_FATAL(sent != NULL);
        CU_ASSERT_EQUAL_FATAL(r->in.data[l], sent->w[t->frame * LANES + l]);
        *crc = crc32_word(*crc, r->in.data[l]);
    }
}

/* From a random word on, over the wrap of the orbit number, with skews: words follow each other and are
 * what the tags say. */
static void check_stream(struct rng *r)
{
    struct gmt_link_cfg cfg = config();
    uint64_t before[LANES];
    uint32_t crc[LANES];
    int whole[LANES] = {0};
    struct row row;
    cfg.first_orbit = (uint32_t)rng_next(r) % 4 - 2;
    cfg.orbits = 2;
    cfg.start_bx = rng_below(r, BX_PER_ORBIT);
    cfg.start_frame = rng_below(r, FRAMES);
    for (unsigned l = 0; l < LANES; l++)
        cfg.skew[l] = rng_below(r, 3) ? rng_below(r, GMT_LINK_MAX_SKEW + 1) : 0;
    cfg.skew[rng_below(r, LANES)] = 0;
    struct gmt_link *g = open_link(&cfg);
    for (uint64_t n = 0; gmt_link_next(g, &row.in, &row.tag) > 0; n++)
        for (unsigned l = 0; l < LANES; l++) {
            struct word_tag t = row.tag.lane[l];
            t.orbit -= cfg.first_orbit - 2; /* counts from 0, without wrap */
            if (n == 0 && cfg.skew[l] == 0) {
                CU_ASSERT_EQUAL(word_number(&t), WORDS_PER_ORBIT + cfg.start_bx * FRAMES + cfg.start_frame);
                CU_ASSERT_NOT_EQUAL(t.kind, LINK_PAD);
            }
            if (n > 0)
                CU_ASSERT_EQUAL_FATAL(word_number(&t), before[l]);
            before[l] = word_number(&t) + (t.kind == LINK_PAYLOAD || t.kind == LINK_GAP);
            if (t.kind != LINK_IDLE)
                check_word(g, &row, l, &crc[l], &whole[l]);
        }
    for (unsigned l = 0; l < LANES; l++)
        CU_ASSERT_EQUAL(before[l], 4 * (uint64_t)WORDS_PER_ORBIT); /* all was sent */
    gmt_link_close(g);
}

static void test_stream_from_any_word(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 12; i++)
        check_stream(&r);
}

static void test_paddings_of_an_orbit(void)
{
    struct gmt_link_cfg cfg = config();
    struct row row;
    unsigned orbits = 20, pads[20] = {0}, all = 0;
    cfg.orbits = orbits;
    struct gmt_link *g = open_link(&cfg);
    while (gmt_link_next(g, &row.in, &row.tag) > 0)
        if (row.tag.lane[0].kind == LINK_PAD && row.tag.lane[0].orbit >= 10)
            pads[row.tag.lane[0].orbit - 10]++;
    gmt_link_close(g);
    for (unsigned i = 0; i < orbits; i++) {
        CU_ASSERT(pads[i] == 847 || pads[i] == 848);
        all += pads[i];
    }
    uint64_t words = (uint64_t)orbits * WORDS_PER_ORBIT, line = words * cfg.line_hz / cfg.payload_hz;
    CU_ASSERT(all + 1 >= line - words && all <= line - words + 1);
}

static void test_a_line_as_fast_as_its_payload_has_no_paddings(void)
{
    struct gmt_link_cfg cfg = config();
    struct row row;
    unsigned rows = 0;
    cfg.line_hz = cfg.payload_hz;
    struct gmt_link *g = open_link(&cfg);
    for (; gmt_link_next(g, &row.in, &row.tag) > 0; rows++)
        CU_ASSERT_NOT_EQUAL(row.tag.lane[0].kind, LINK_PAD);
    CU_ASSERT_EQUAL(rows, WORDS_PER_ORBIT + 9 * FRAMES);
    gmt_link_close(g);
}

static void test_skew_is_a_delay_in_line_words(void)
{
    enum { ROWS = 30000 };
    struct gmt_link_cfg cfg = config();
    cfg.start_bx = 200;
    struct row *plain = record(&cfg, ROWS);
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned l = 0; l < LANES; l++)
        cfg.skew[l] = l == 3 ? GMT_LINK_MAX_SKEW : rng_below(&r, GMT_LINK_MAX_SKEW + 1);
    struct row *skewed = record(&cfg, ROWS);
    for (unsigned l = 0; l < LANES; l++)
        for (unsigned i = cfg.skew[l]; i < ROWS; i++) {
            CU_ASSERT_EQUAL_FATAL(skewed[i].in.data[l], plain[i - cfg.skew[l]].in.data[l]);
            CU_ASSERT_EQUAL_FATAL(skewed[i].in.k[l], plain[i - cfg.skew[l]].in.k[l]);
        }
    free(plain);
    free(skewed);
}

static void test_ends_in_padding(void)
{
    struct gmt_link_cfg cfg = config();
    struct line_in in;
    struct line_tag tag;
    cfg.first_orbit = UINT32_MAX;
    cfg.skew[4] = 300;
    struct gmt_link *g = open_link(&cfg);
    unsigned idle_rows = 0;
    while (gmt_link_next(g, &in, &tag) > 0)
        idle_rows += tag.lane[0].kind == LINK_IDLE;
    CU_ASSERT_EQUAL(idle_rows, 300); /* the late lane still had words */
    for (unsigned i = 0; i < 3000; i++) {
        CU_ASSERT_EQUAL(gmt_link_next(g, &in, &tag), 0);
        for (unsigned l = 0; l < LANES; l++) {
            CU_ASSERT_EQUAL(in.data[l], 0xF7F7F7F7);
            CU_ASSERT_EQUAL(in.k[l], 15);
            CU_ASSERT_EQUAL(tag.lane[l].kind, LINK_IDLE);
            CU_ASSERT_EQUAL(tag.lane[l].orbit, 0);
        }
    }
    CU_ASSERT_EQUAL(source.asked, 3559 + 4 + 86); /* an orbit, 3560..3563 and the run-up */
    gmt_link_close(g);
}

static void test_sent_remembers_a_window(void)
{
    struct gmt_link_cfg cfg = config();
    struct row row;
    struct bx_block expected;
    cfg.orbits = 3;
    struct gmt_link *g = open_link(&cfg);
    do {
        CU_ASSERT_FATAL(gmt_link_next(g, &row.in, NULL) > 0 && gmt_link_next(g, &row.in, &row.tag) > 0);
    } while (row.tag.lane[0].orbit < 12 || row.tag.lane[0].bx < 1000);
    fill(12, 900, &expected);
    CU_ASSERT_EQUAL(memcmp(gmt_link_sent(g, 12, 900), &expected, sizeof expected), 0);
    fill(11, 1000, &expected); /* one orbit ago */
    CU_ASSERT_EQUAL(memcmp(gmt_link_sent(g, 11, 1000), &expected, sizeof expected), 0);
    CU_ASSERT_PTR_NULL(gmt_link_sent(g, 11, 400)); /* too long ago */
    CU_ASSERT_PTR_NULL(gmt_link_sent(g, 12, 1100)); /* not yet */
    CU_ASSERT_PTR_NULL(gmt_link_sent(g, 11, GAP_FIRST));
    CU_ASSERT_PTR_NULL(gmt_link_sent(g, 11, BX_PER_ORBIT));
    CU_ASSERT_PTR_NOT_NULL(gmt_link_sent(g, 12, 0));
    CU_ASSERT_PTR_NULL(gmt_link_sent(g, 77, 900));
    gmt_link_close(g);
}

struct decoded {
    uint32_t first_orbit, wrong, count;
};

static void take_decoded(void *ctx, const struct bx_block *blocks, const struct decoded_bx *info, size_t n)
{
    struct decoded *d = ctx;
    for (size_t i = 0; i < n; i++) {
        struct bx_block expected;
        fill(d->first_orbit + d->count / (BX_PER_ORBIT - 5), info[i].bx, &expected);
        d->wrong += memcmp(&expected, &blocks[i], sizeof expected) != 0 || info[i].crc_bad || info[i].err;
        d->count++;
    }
}

/* The golden decoder is the opposite direction, written for itself. */
static void test_golden_decoder_reads_it(void)
{
    struct link_decoder_cfg dc = {.format = LINK_FORMAT_2018, .gap_first = GAP_FIRST, .max_skew = 1000};
    struct gmt_link_cfg cfg = config();
    struct decoded d = {.first_orbit = 10};
    struct link_tick tick;
    struct line_in in;
    cfg.orbits = 3;
    cfg.start_bx = 3000;
    for (unsigned l = 0; l < LANES; l++)
        cfg.skew[l] = 50 * l;
    struct gmt_link *g = open_link(&cfg);
    struct link_decoder *decoder = link_decoder_new(&dc, take_decoded, &d);
    while (gmt_link_next(g, &in, NULL) > 0) {
        memcpy(tick.data, in.data, sizeof in.data);
        memcpy(tick.k, in.k, sizeof in.k);
        link_decoder_ticks(decoder, &tick, 1);
    }
    const struct link_decoder_stats *s = link_decoder_stats(decoder);
    CU_ASSERT_EQUAL(d.wrong, 0);
    CU_ASSERT_EQUAL(d.count, 3 * (BX_PER_ORBIT - 5));
    for (unsigned l = 0; l < LANES; l++) {
        CU_ASSERT_EQUAL(s->lane[l].crc_ok, 3);
        CU_ASSERT_EQUAL(s->lane[l].crc_bad, 0);
        CU_ASSERT_EQUAL(s->lane[l].link_id, 0x54321 + l);
    }
    link_decoder_free(decoder);
    gmt_link_close(g);
}

/* ---- faults: the same stream with and without ---- */

enum { FAULT_ROWS = 2000 };

static size_t find_row(const struct row *rows, unsigned l, uint16_t bx, uint8_t frame)
{
    for (size_t i = 0; i < FAULT_ROWS; i++) {
        const struct word_tag *t = &rows[i].tag.lane[l];
        if (t->kind != LINK_PAD && t->bx == bx && t->frame == frame)
            return i;
    }
    CU_FAIL_FATAL("no such row");
    return 0;
}

/* Rows with faults in orbit 9 on lane 3, and the clean ones; the other lanes must be equal. */
static void with_faults(const struct link_fault *fault, size_t n, struct row **clean, struct row **faulty)
{
    struct gmt_link_cfg cfg = config();
    cfg.start_bx = 3500;
    cfg.skew[3] = 5;
    cfg.skew[7] = 40;
    *clean = record(&cfg, FAULT_ROWS);
    cfg.faults = fault;
    cfg.fault_count = n;
    *faulty = calloc(FAULT_ROWS, sizeof **faulty);
    struct gmt_link *g = open_link(&cfg);
    for (size_t i = 0; i < FAULT_ROWS; i++)
        CU_ASSERT_FATAL(gmt_link_next(g, &(*faulty)[i].in, &(*faulty)[i].tag) > 0);
    CU_ASSERT_EQUAL(gmt_link_faults_done(g), n);
    gmt_link_close(g);
    for (size_t i = 0; i < FAULT_ROWS; i++)
        for (unsigned l = 0; l < LANES; l++)
            if (l != 3 && ((*clean)[i].in.data[l] != (*faulty)[i].in.data[l] ||
                           (*clean)[i].in.k[l] != (*faulty)[i].in.k[l]))
                CU_FAIL_FATAL("a fault touched another lane");
}

static void with_fault(struct link_fault fault, struct row **clean, struct row **faulty)
{
    fault.lane = 3;
    fault.orbit = 9;
    with_faults(&fault, 1, clean, faulty);
}

/* Lane 3 of faulty[i] must be clean[i + shift]'s, in [from, to). */
static void check_same(const struct row *clean, const struct row *faulty, size_t from, size_t to, int shift)
{
    for (size_t i = from; i < to; i++) {
        CU_ASSERT_EQUAL_FATAL(faulty[i].in.data[3], clean[i + shift].in.data[3]);
        CU_ASSERT_EQUAL_FATAL(faulty[i].in.k[3], clean[i + shift].in.k[3]);
        const struct word_tag *a = &faulty[i].tag.lane[3], *b = &clean[i + shift].tag.lane[3];
        CU_ASSERT_EQUAL_FATAL(memcmp(a, b, sizeof *a), 0);
    }
}

static void check_one_word(enum link_fault_kind kind, uint32_t value, uint16_t bx, uint8_t frame,
                           uint32_t data, uint8_t k)
{
    struct row *clean, *faulty;
    with_fault((struct link_fault){.kind = kind, .bx = bx, .frame = frame, .value = value}, &clean, &faulty);
    uint16_t where = kind == FAULT_CRC_ERROR ? GAP_FIRST : bx;
    size_t at = find_row(clean, 3, where, kind == FAULT_CRC_ERROR ? 1 : frame);
    check_same(clean, faulty, 0, at, 0);
    CU_ASSERT_EQUAL(faulty[at].in.data[3] ^ clean[at].in.data[3], data);
    CU_ASSERT_EQUAL(faulty[at].in.k[3] ^ clean[at].in.k[3], k);
    check_same(clean, faulty, at + 1, FAULT_ROWS, 0);
    free(clean);
    free(faulty);
}

static void test_faults_in_one_word(void)
{
    check_one_word(FAULT_BIT_FLIP, 0, 3520, 4, 1, 0);
    check_one_word(FAULT_BIT_FLIP, 31, GAP_FIRST + 1, 5, UINT32_C(1) << 31, 0);
    check_one_word(FAULT_K_ERROR, 9, 3520, 0, 0, 9);
    check_one_word(FAULT_CRC_ERROR, 5, 17, 3, 1 << 5, 0);
}

static void test_slips(void)
{
    struct row *clean, *faulty;
    with_fault((struct link_fault){.kind = FAULT_DROP_WORD, .bx = 3530, .frame = 2, .value = 3}, &clean,
               &faulty);
    size_t at = find_row(clean, 3, 3530, 2);
    check_same(clean, faulty, 0, at, 0);
    check_same(clean, faulty, at, FAULT_ROWS - 3, 3);
    free(clean);
    free(faulty);
    with_fault((struct link_fault){.kind = FAULT_INSERT_WORD, .bx = 3530, .frame = 2, .value = 2}, &clean,
               &faulty);
    at = find_row(clean, 3, 3530, 2);
    check_same(clean, faulty, 0, at + 1, 0);
    for (size_t i = at + 1; i < at + 3; i++) {
        CU_ASSERT_EQUAL(faulty[i].in.data[3], clean[at].in.data[3]);
        CU_ASSERT_EQUAL(faulty[i].tag.lane[3].kind, LINK_FAULT);
    }
    check_same(clean, faulty, at + 3, FAULT_ROWS, -2);
    free(clean);
    free(faulty);
}

static void test_faults_of_a_lane_act_at_their_own_words(void)
{
    static const struct link_fault fault[] = {{FAULT_DROP_WORD, 9, 3530, 2, 3, 3},
                                              {FAULT_BIT_FLIP, 9, 3525, 1, 3, 7},
                                              {FAULT_K_ERROR, 9, 3535, 5, 3, 1}};
    struct row *clean, *faulty;
    with_faults(fault, 3, &clean, &faulty);
    size_t flip = find_row(clean, 3, 3525, 1), drop = find_row(clean, 3, 3530, 2), k = find_row(clean, 3,
                                                                                                3535, 5);
    check_same(clean, faulty, 0, flip, 0);
    CU_ASSERT_EQUAL(faulty[flip].in.data[3] ^ clean[flip].in.data[3], 1 << 7);
    CU_ASSERT_EQUAL(faulty[flip].in.k[3], 0);
    check_same(clean, faulty, flip + 1, drop, 0);
    check_same(clean, faulty, drop, k - 3, 3);
    CU_ASSERT_EQUAL(faulty[k - 3].in.data[3], clean[k].in.data[3]);
    CU_ASSERT_EQUAL(faulty[k - 3].in.k[3], 1);
    check_same(clean, faulty, k - 2, FAULT_ROWS - 3, 3);
    free(clean);
    free(faulty);
}

static void test_faults_of_two_lanes_at_one_word(void)
{
    static const struct link_fault fault[] = {{FAULT_BIT_FLIP, 9, 3525, 1, 2, 7}, {FAULT_BIT_FLIP, 9, 3525,
                                                                                   1, 5, 9}};
    struct gmt_link_cfg cfg = config();
    cfg.start_bx = 3500;
    struct row *clean = record(&cfg, FAULT_ROWS);
    cfg.faults = fault;
    cfg.fault_count = 2;
    struct row *faulty = record(&cfg, FAULT_ROWS);
    size_t at = find_row(clean, 0, 3525, 1);
    for (unsigned l = 0; l < LANES; l++)
        CU_ASSERT_EQUAL(clean[at].in.data[l] ^ faulty[at].in.data[l], l == 2 ? 1 << 7 : l == 5 ? 1 << 9 : 0);
    CU_ASSERT_EQUAL(memcmp(clean + at + 1, faulty + at + 1, sizeof *clean * (FAULT_ROWS - at - 1)), 0);
    free(clean);
    free(faulty);
}

static void test_lane_off(void)
{
    static const struct { uint32_t kind, data; uint8_t k; } off[] = {{FAULT_COMMAS, 0x505050BC, 1},
                                                                     {FAULT_PADS, 0xF7F7F7F7, 15}};
    for (unsigned i = 0; i < 2; i++) {
        struct row *clean, *faulty;
        with_fault((struct link_fault){.kind = off[i].kind, .bx = 3510, .frame = 1, .value = 700}, &clean,
                   &faulty);
        size_t at = find_row(clean, 3, 3510, 1);
        check_same(clean, faulty, 0, at, 0);
        for (size_t j = at; j < at + 700; j++) {
            CU_ASSERT_EQUAL(faulty[j].in.data[3], off[i].data);
            CU_ASSERT_EQUAL(faulty[j].in.k[3], off[i].k);
            CU_ASSERT_EQUAL(faulty[j].tag.lane[3].kind, LINK_FAULT);
        }
        check_same(clean, faulty, at + 700, FAULT_ROWS, 0);
        free(clean);
        free(faulty);
    }
}

/* As many as a campaign may have, in any order; slips forth and back. */
static void test_many_faults(void)
{
    enum { MANY = 3500 };
    static struct link_fault fault[MANY];
    struct gmt_link_cfg cfg = config();
    struct line_in in;
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < MANY; i++) {
        unsigned place = (i * 1009u) % MANY; /* a shuffle: 1009 is prime to MANY */
        uint32_t kind = place % 8 == 1   ? FAULT_DROP_WORD
                        : place % 8 == 5 ? FAULT_INSERT_WORD
                                         : FAULT_BIT_FLIP;
        fault[i] = (struct link_fault){kind, 10, place, 3, place / 8 % LANES, 1 + place / 512 % 6};
    }
    cfg.faults = fault;
    cfg.fault_count = MANY;
    struct gmt_link *g = open_link(&cfg);
    while (gmt_link_next(g, &in, NULL) > 0)
        ;
    CU_ASSERT_EQUAL(gmt_link_faults_done(g), MANY);
    gmt_link_close(g);
}

/* ---- refusals ---- */

static void refused(const struct gmt_link_cfg *cfg, const char *what)
{
    struct message m = {""};
    struct gmt_link *g = gmt_link_open(cfg, &m);
    CU_ASSERT_PTR_NULL(g);
    gmt_link_close(g);
    if (!strstr(m.text, what))
        printf("\nmessage '%s' lacks '%s'", m.text, what);
    CU_ASSERT(strstr(m.text, what) != NULL);
}

static void test_values_out_of_range(void)
{
#define REFUSED(what, ...)                  \
    do {                                    \
        struct gmt_link_cfg cfg = config(); \
        __VA_ARGS__;                        \
        refused(&cfg, what);                \
    } while (0)
    REFUSED("payload", cfg.payload_hz = 0);
    REFUSED("payload", cfg.payload_hz = cfg.line_hz + 1);
    REFUSED("line_hz", cfg.line_hz = UINT64_MAX);
    REFUSED("line_hz", cfg.payload_hz = UINT64_C(1) << 62; cfg.line_hz = cfg.payload_hz + 1);
    REFUSED("orbits: 0", cfg.orbits = 0);
    REFUSED("orbits", cfg.orbits = UINT32_MAX);
    REFUSED("gap_first: 3564", cfg.gap_first = 3564);
    REFUSED("start_bx: 3564", cfg.start_bx = 3564);
    REFUSED("start_frame: 6", cfg.start_frame = 6);
    REFUSED("skew of lane 7: 401", cfg.skew[7] = 401);
    REFUSED("skew of lane 0: 500", cfg.skew[0] = 500);
    REFUSED("link id of lane 2", cfg.link_id[2] = 1 << 20);
}

static void refused_faults(const struct link_fault *fault, size_t n, const char *what)
{
    struct gmt_link_cfg cfg = config();
    cfg.faults = fault;
    cfg.fault_count = n;
    refused(&cfg, what);
}

static void test_wrong_faults(void)
{
    refused_faults(&(struct link_fault){.kind = LINK_FAULT_KINDS}, 1, "kind 7");
    refused_faults(&(struct link_fault){.bx = 3564}, 1, "bx 3564");
    refused_faults(&(struct link_fault){.frame = 6}, 1, "frame 6");
    refused_faults(&(struct link_fault){.lane = 8}, 1, "lane 8");
    for (uint32_t kind = 0; kind < LINK_FAULT_KINDS; kind++) {
        const struct link_fault_info *info = &link_fault_info[kind];
        refused_faults(&(struct link_fault){.kind = kind, .value = info->max + 1}, 1, info->name);
        if (info->min)
            refused_faults(&(struct link_fault){.kind = kind, .value = info->min - 1}, 1, info->value);
    }
    const struct link_fault slips[] = {{FAULT_INSERT_WORD, 10, 100, 0, 1, 60},
                                       {FAULT_INSERT_WORD, 10, 200, 0, 1, 41}};
    refused_faults(slips, 2, "slips too far");
    const struct link_fault hidden[] = {{FAULT_BIT_FLIP, 10, 101, 1, 1, 0},
                                        {FAULT_DROP_WORD, 10, 100, 0, 1, 8}};
    refused_faults(hidden, 2, "another fault drops");
}

static void test_source_that_fails(void)
{
    struct gmt_link_cfg cfg = config();
    struct line_in in;
    uint32_t orbit = 0;
    uint16_t bx = 0;
    source = (struct source){.fails = 1, .fails_orbit = 10, .fails_bx = 77};
    struct gmt_link *g = open_link(&cfg);
    int result;
    do
        result = gmt_link_next(g, &in, NULL);
    while (result > 0);
    CU_ASSERT_EQUAL(result, -1);
    gmt_link_failed_at(g, &orbit, &bx);
    CU_ASSERT_EQUAL(orbit, 10);
    CU_ASSERT_EQUAL(bx, 77);
    CU_ASSERT_EQUAL(gmt_link_next(g, &in, NULL), -1);
    gmt_link_close(g);
    source = (struct source){.fails = 1, .fails_orbit = 9, .fails_bx = 3500};
    refused(&cfg, "capture.txt:7: torn");
}

TEST_MAIN("model/gmt_link", TEST(test_stream_from_any_word), TEST(test_paddings_of_an_orbit),
          TEST(test_a_line_as_fast_as_its_payload_has_no_paddings),
          TEST(test_skew_is_a_delay_in_line_words), TEST(test_ends_in_padding),
          TEST(test_sent_remembers_a_window),
          TEST(test_golden_decoder_reads_it), TEST(test_faults_in_one_word), TEST(test_slips),
          TEST(test_faults_of_a_lane_act_at_their_own_words), TEST(test_faults_of_two_lanes_at_one_word),
          TEST(test_lane_off),
          TEST(test_many_faults), TEST(test_values_out_of_range), TEST(test_wrong_faults),
          TEST(test_source_that_fails))

/* Lock-step comparison, field by field: each bit of each register that matters at an edge is looked at and
 * named, and each one that means nothing there is not. */
#include "emu/check/compare.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stddef.h>
#include <string.h>

/* When a field means something. */
enum when {
    ALWAYS,
    IF_VALID, /* the byte at `valid` is set */
    IF_LANE,  /* bit l, or element l, with lane l's bit in the byte at `valid` */
    IF_FIRST, /* as IF_LANE, with both `valid` and `first` */
};

/* What a difference in it is called. */
enum naming {
    NAMED,       /* by the field's name */
    NAMED_LANES, /* by the field's name, with the lane of the bit */
    DATA,        /* "data", with the lane of the element */
    WORD,        /* "word <element>" of a frame */
    INDEXED,     /* "word <element>", with the frame's index */
    BLOCK,       /* by mismatch_in_block() */
    MUON,        /* by mismatch_in_muon(), with the slot */
    CORRECTION,  /* "<name> correction", with the slot */
};

struct field {
    const char *name;
    size_t offset, size, count, align;
    enum when when;
    size_t valid, other; /* offsets: of the valid byte; of `first` or of the slot */
    enum naming naming;
};

#define SIZE_OF(type, field) sizeof(((struct type *)0)->field)
#define ENTRY(type, title, field, element, when, valid, other, naming)                                       \
    {title,                                                                                                  \
     offsetof(struct type, field),                                                                           \
     SIZE_OF(type, element),                                                                                 \
     SIZE_OF(type, field) / SIZE_OF(type, element),                                                          \
     SIZE_OF(type, element),                                                                                 \
     when,                                                                                                   \
     valid,                                                                                                  \
     other,                                                                                                  \
     naming}
#define STATUS(type, field) ENTRY(type, #field, field, field, ALWAYS, 0, 0, NAMED)
#define PAYLOAD(type, field)                                                                                 \
    ENTRY(type, #field, field, field, IF_VALID, offsetof(struct type, valid), 0, NAMED)
#define MASK(type, field)                                                                                    \
    ENTRY(type, #field, field, field, IF_VALID, offsetof(struct type, valid), 0, NAMED_LANES)
#define WORDS(type) ENTRY(type, "w", w, w[0], IF_VALID, offsetof(struct type, valid), 0, WORD)
#define INDEXED_WORDS(type) \
    ENTRY(type, "w", w, w[0], IF_VALID, offsetof(struct type, valid), offsetof(struct type, index), INDEXED)
#define BX_BLOCK(type)                                                                                       \
    ENTRY(type, "block", block, block.w[0], IF_VALID, offsetof(struct type, valid), 0, BLOCK)
#define LANE_STATUS(type, field) ENTRY(type, #field, field, field, ALWAYS, 0, 0, NAMED_LANES)
#define LANE(type, field)                                                                                    \
    ENTRY(type, #field, field, field, IF_LANE, offsetof(struct type, valid), 0, NAMED_LANES)
#define LANE_FIRST(type, field)                                                                              \
    ENTRY(type, #field, field, field, IF_FIRST, offsetof(struct type, valid), offsetof(struct type, first),  \
          NAMED_LANES)
#define LANE_DATA(type) ENTRY(type, "data", data, data[0], IF_LANE, offsetof(struct type, valid), 0, DATA)
#define FED_STATUS(e) ENTRY(muon_feed_out, "valid", muon[e].valid, muon[e].valid, ALWAYS, 0, 0, NAMED)
#define FED(e, field, naming)                                                                                \
    ENTRY(muon_feed_out, #field, muon[e].field, muon[e].field, IF_VALID,                                     \
          offsetof(struct muon_feed_out, muon[e].valid), offsetof(struct muon_feed_out, muon[e].slot),       \
          naming)
#define FED_MUON(e) FED_STATUS(e), FED(e, seq, NAMED), FED(e, slot, NAMED), FED(e, muon, MUON)
#define RESULT(e, field, naming)                                                                             \
    ENTRY(recal_out, #field, result[e].field, result[e].field, IF_VALID,                                     \
          offsetof(struct recal_out, result[e].valid), offsetof(struct recal_out, result[e].slot), naming)
#define RESULTS(e)                                                                                           \
    ENTRY(recal_out, "valid", result[e].valid, result[e].valid, ALWAYS, 0, 0, NAMED), RESULT(e, seq, NAMED), \
        RESULT(e, slot, NAMED), RESULT(e, phi, CORRECTION), RESULT(e, eta, CORRECTION),                      \
        RESULT(e, pt, CORRECTION)
#define END {.name = NULL}

static const struct field link_rx_fields[] = {
    LANE_STATUS(link_rx_out, valid), LANE(link_rx_out, first), LANE(link_rx_out, err),
    LANE_FIRST(link_rx_out, crc_bad), LANE_STATUS(link_rx_out, lock), LANE_DATA(link_rx_out), END};
static const struct field cdc_rx_fields[] = {LANE_STATUS(cdc_rx_out, valid), LANE(cdc_rx_out, first),
                                             LANE(cdc_rx_out, err), LANE_FIRST(cdc_rx_out, crc_bad),
                                             LANE_DATA(cdc_rx_out), END};
static const struct field link_align_fields[] = {
    STATUS(link_align_out, valid),   STATUS(link_align_out, aligned), STATUS(link_align_out, live),
    MASK(link_align_out, err),       MASK(link_align_out, crc_bad),   MASK(link_align_out, mismatch),
    PAYLOAD(link_align_out, bx),     PAYLOAD(link_align_out, orbit),  BX_BLOCK(link_align_out), END};
static const struct field zero_suppress_fields[] = {
    STATUS(zero_suppress_out, valid), PAYLOAD(zero_suppress_out, keep),  MASK(zero_suppress_out, err),
    MASK(zero_suppress_out, crc_bad), MASK(zero_suppress_out, mismatch), PAYLOAD(zero_suppress_out, bx),
    PAYLOAD(zero_suppress_out, orbit), BX_BLOCK(zero_suppress_out), END};
static const struct field muon_feed_fields[] = {
    STATUS(muon_feed_out, valid),  PAYLOAD(muon_feed_out, keep),    MASK(muon_feed_out, err),
    MASK(muon_feed_out, crc_bad),  MASK(muon_feed_out, mismatch),   PAYLOAD(muon_feed_out, seq),
    PAYLOAD(muon_feed_out, bx),    PAYLOAD(muon_feed_out, queued),  PAYLOAD(muon_feed_out, skipped),
    PAYLOAD(muon_feed_out, orbit), STATUS(muon_feed_out, level),    BX_BLOCK(muon_feed_out),
    FED_MUON(0), FED_MUON(1), FED_MUON(2), END};
static const struct field recal_fields[] = {RESULTS(0), RESULTS(1), RESULTS(2), END};
static const struct field event_pack_fields[] = {
    STATUS(event_pack_out, valid), PAYLOAD(event_pack_out, kind), PAYLOAD(event_pack_out, index),
    STATUS(event_pack_out, level), STATUS(event_pack_out, dropped), PAYLOAD(event_pack_out, bx),
    PAYLOAD(event_pack_out, orbit), INDEXED_WORDS(event_pack_out), END};
static const struct field cdc_dma_ready_fields[] = {STATUS(cdc_dma_ready, ready),
                                                    STATUS(cdc_dma_ready, afull), END};
static const struct field cdc_dma_fields[] = {STATUS(cdc_dma_out, valid), PAYLOAD(cdc_dma_out, kind),
                                              WORDS(cdc_dma_out), END};
static const struct field dma_fields[] = {STATUS(dma_out, valid),
                                          PAYLOAD(dma_out, kind),
                                          STATUS(dma_out, ready),
                                          STATUS(dma_out, afull),
                                          STATUS(dma_out, level),
                                          WORDS(dma_out),
                                          END};

typedef int compare_function(const void *model, const void *rtl, struct mismatch *m);

#define COMPARE(name, type)                                                             \
    static int call_##name(const void *model, const void *rtl, struct mismatch *m)      \
    {                                                                                   \
        return compare_##name((const struct type *)model, (const struct type *)rtl, m); \
    }
COMPARE(link_rx, link_rx_out)
COMPARE(cdc_rx, cdc_rx_out)
COMPARE(link_align, link_align_out)
COMPARE(zero_suppress, zero_suppress_out)
COMPARE(muon_feed, muon_feed_out)
COMPARE(recal, recal_out)
COMPARE(event_pack, event_pack_out)
COMPARE(cdc_dma_ready, cdc_dma_ready)
COMPARE(cdc_dma, cdc_dma_out)
COMPARE(dma, dma_out)

static const struct bus_struct {
    const char *name;
    size_t size;
    compare_function *compare;
    const struct field *fields;
} structs[] = {
    {"link_rx", sizeof(struct link_rx_out), call_link_rx, link_rx_fields},
    {"cdc_rx", sizeof(struct cdc_rx_out), call_cdc_rx, cdc_rx_fields},
    {"link_align", sizeof(struct link_align_out), call_link_align, link_align_fields},
    {"zero_suppress", sizeof(struct zero_suppress_out), call_zero_suppress, zero_suppress_fields},
    {"muon_feed", sizeof(struct muon_feed_out), call_muon_feed, muon_feed_fields},
    {"recal", sizeof(struct recal_out), call_recal, recal_fields},
    {"event_pack", sizeof(struct event_pack_out), call_event_pack, event_pack_fields},
    {"cdc_dma_ready", sizeof(struct cdc_dma_ready), call_cdc_dma_ready, cdc_dma_ready_fields},
    {"cdc_dma", sizeof(struct cdc_dma_out), call_cdc_dma, cdc_dma_fields},
    {"dma", sizeof(struct dma_out), call_dma, dma_fields},
};
enum { STRUCTS = sizeof structs / sizeof *structs, MAX_SIZE = sizeof(struct muon_feed_out), ROUNDS = 60 };

static _Alignas(8) uint8_t model[MAX_SIZE], rtl[MAX_SIZE];

/* ---- the tables are complete ---- */

static size_t aligned(size_t offset, size_t to) { return (offset + to - 1) / to * to; }

/* Fields follow each other with no more between them than alignment asks for, so none is forgotten. */
static void test_every_field_is_in_the_tables(void)
{
    for (int s = 0; s < STRUCTS; s++) {
        size_t end = 0, align = 1;
        for (const struct field *f = structs[s].fields; f->name; f++) {
            CU_ASSERT(f->offset == aligned(end, f->align) || f->offset == aligned(end, 8));
            end = f->offset + f->size * f->count;
            align = f->align > align ? f->align : align;
        }
        CU_ASSERT_EQUAL(structs[s].size, aligned(end, align));
    }
}

/* ---- one bit at a time ---- */

static int meant(const struct field *f, unsigned element, unsigned bit)
{
    unsigned lane = f->naming == NAMED_LANES ? bit : element;
    switch (f->when) {
    case IF_VALID: return model[f->valid] != 0;
    case IF_LANE: return model[f->valid] >> lane & 1;
    case IF_FIRST: return model[f->valid] >> lane & model[f->other] >> lane & 1;
    default: return 1;
    }
}

static int is_valid_byte(const struct field *f) { return strcmp(f->name, "valid") == 0; }

/* Random registers; valid bits of single records are 0 or 1. */
static void fill(const struct bus_struct *s, struct rng *r)
{
    for (size_t i = 0; i < s->size; i++)
        model[i] = (uint8_t)rng_next(r);
    for (const struct field *f = s->fields; f->name; f++)
        if (is_valid_byte(f) && f->naming == NAMED)
            model[f->offset] &= 1;
    memcpy(rtl, model, s->size);
}

/* Records that are valid, which is how many the comparison must count. */
static int records(const struct bus_struct *s)
{
    int n = 0;
    for (const struct field *f = s->fields; f->name; f++)
        if (is_valid_byte(f))
            n += __builtin_popcount(model[f->offset]);
    return n;
}

static int named_rightly(const struct field *f, unsigned element, unsigned bit, const struct mismatch *m)
{
    char text[48];
    switch (f->naming) {
    case NAMED: return strcmp(m->field, f->name) == 0 && m->slot == NO_SLOT;
    case NAMED_LANES:
        return strcmp(m->field, f->name) == 0 && strcmp(m->position, "lane") == 0 && m->slot == (int)bit;
    case DATA:
        return strcmp(m->field, "data") == 0 && strcmp(m->position, "lane") == 0 && m->slot == (int)element;
    case WORD:
    case INDEXED:
        snprintf(text, sizeof text, "word %u", element);
        return strncmp(m->field, text, strlen(text)) == 0 &&
               m->slot == (f->naming == INDEXED ? model[f->other] : NO_SLOT);
    case MUON: return strcmp(m->position, "slot") == 0 && m->slot == model[f->other] && m->field[0];
    case CORRECTION:
        snprintf(text, sizeof text, "%s correction", f->name);
        return strcmp(m->field, text) == 0 && strcmp(m->position, "slot") == 0 && m->slot == model[f->other];
    case BLOCK:
        return element < 2 * LANES ? strcmp(m->position, "lane") == 0 && m->slot == (int)(element % LANES)
                                   : m->slot == (int)(2 * (element % LANES) + (element >= 4 * LANES));
    }
    return 0;
}

/* Flips one bit of one register. 1 when the comparison did the right thing. */
static int flip(const struct bus_struct *s, const struct field *f, unsigned element, unsigned bit)
{
    uint8_t *byte = &rtl[f->offset + element * f->size + bit / 8];
    struct mismatch m;
    memset(&m, 0x5a, sizeof m); /* whatever counts must be filled in */
    *byte ^= 1u << bit % 8;
    int n = s->compare(model, rtl, &m);
    *byte ^= 1u << bit % 8;
    if (!meant(f, element, bit))
        return n == records(s);
    return n == COMPARE_DIFFERS && named_rightly(f, element, bit, &m) && m.expected != m.got &&
           m.is_signed == (f->naming == CORRECTION);
}

static void check_struct(const struct bus_struct *s, struct rng *r)
{
    struct mismatch m;
    unsigned wrong = 0;
    fill(s, r);
    CU_ASSERT_EQUAL(s->compare(model, rtl, &m), records(s));
    for (const struct field *f = s->fields; f->name; f++)
        for (unsigned element = 0; element < f->count; element++)
            for (unsigned bit = 0; bit < 8 * f->size; bit++)
                if (!flip(s, f, element, bit) && wrong++ == 0)
                    printf("\n    %s.%s element %u bit %u", s->name, f->name, element, bit);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_each_bit_counts_exactly_when_it_means_something(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < ROUNDS; i++)
        for (int s = 0; s < STRUCTS; s++)
            check_struct(&structs[s], &r);
}

/* Everything but what has a meaning differs. */
static void test_what_means_nothing_is_never_compared(void)
{
    struct link_rx_out a = {.lock = 3}, b = {.lock = 3};
    struct muon_feed_out c = {.level = 2}, d = {.level = 2};
    struct mismatch m;
    memset(a.data, 0x55, sizeof a.data);
    a.first = a.err = a.crc_bad = 0xff;
    memset(&c.block, 0x77, sizeof c.block);
    c.keep = c.err = c.seq = 9;
    c.muon[1].muon = 1;
    CU_ASSERT_EQUAL(compare_link_rx(&a, &b, &m), 0);
    CU_ASSERT_EQUAL(compare_muon_feed(&c, &d, &m), 0);
}

static void test_expected_is_the_model_and_got_the_rtl(void)
{
    struct dma_out a = {.level = 5}, b = {.level = 6};
    struct mismatch m;
    CU_ASSERT_EQUAL(compare_dma(&a, &b, &m), COMPARE_DIFFERS);
    CU_ASSERT(m.expected == 5 && m.got == 6);
}

static void test_negative_corrections_are_signed(void)
{
    struct recal_out a = {.result = {{.valid = 1, .phi = -5}}}, b = {.result = {{.valid = 1, .phi = 5}}};
    struct mismatch m = {.block = BLOCK_RECAL};
    char text[512];
    CU_ASSERT_EQUAL(compare_recal(&a, &b, &m), COMPARE_DIFFERS);
    mismatch_text(&m, 1, text, sizeof text);
    CU_ASSERT(strstr(text, "phi correction: expected -5, got 5 ") != NULL);
}

/* ---- counters ---- */

static const struct counter {
    const char *name;
    int block;
} lane_counters[] = {{"words", BLOCK_LINK_RX},       {"pads", BLOCK_LINK_RX},
                     {"commas", BLOCK_LINK_RX},      {"k_errors", BLOCK_LINK_RX},
                     {"crc_ok", BLOCK_LINK_RX},      {"crc_bad", BLOCK_LINK_RX},
                     {"lock_losses", BLOCK_LINK_RX}, {"link_id", BLOCK_LINK_RX},
                     {"cdc_overflows", BLOCK_CDC_RX}},
  board_counters[] = {{"align_losses", BLOCK_LINK_ALIGN},    {"align_overflows", BLOCK_LINK_ALIGN},
                      {"mismatches", BLOCK_LINK_ALIGN},      {"feed_queued", BLOCK_MUON_FEED},
                      {"feed_skipped", BLOCK_MUON_FEED},     {"pack_dropped_orbits", BLOCK_EVENT_PACK},
                      {"pack_dropped_bx", BLOCK_EVENT_PACK}, {"pack_orbits", BLOCK_EVENT_PACK},
                      {"pack_packets", BLOCK_EVENT_PACK}};
enum {
    LANE_COUNTERS = sizeof lane_counters / sizeof *lane_counters,
    BOARD_COUNTERS = sizeof board_counters / sizeof *board_counters,
    ALL_COUNTERS = LANES * LANE_COUNTERS + BOARD_COUNTERS,
};

static void test_each_counter_is_compared_and_named(void)
{
    union {
        struct board_status status;
        uint32_t word[ALL_COUNTERS];
    } a, b;
    struct rng r;
    CU_ASSERT_EQUAL_FATAL(sizeof a.status, sizeof a.word);
    rng_seed(&r, test_seed());
    for (int i = 0; i < ALL_COUNTERS; i++)
        a.word[i] = (uint32_t)rng_next(&r);
    for (int i = 0; i < ALL_COUNTERS; i++) {
        const struct counter *c = i < LANES * LANE_COUNTERS ? &lane_counters[i % LANE_COUNTERS]
                                                            : &board_counters[i - LANES * LANE_COUNTERS];
        struct mismatch m = {.slot = NO_SLOT};
        int block = -1;
        b = a;
        CU_ASSERT_EQUAL(compare_status(&a.status, &b.status, &m, &block), 1);
        b.word[i] ^= 1u << rng_below(&r, 32);
        CU_ASSERT_EQUAL(compare_status(&a.status, &b.status, &m, &block), 0);
        CU_ASSERT_STRING_EQUAL(m.field, c->name);
        CU_ASSERT_EQUAL(block, c->block);
        CU_ASSERT_EQUAL(m.slot, i < LANES * LANE_COUNTERS ? i / LANE_COUNTERS : NO_SLOT);
        CU_ASSERT(m.expected == a.word[i] && m.got == b.word[i]);
    }
}

TEST_MAIN("check/compare", TEST(test_every_field_is_in_the_tables),
          TEST(test_each_bit_counts_exactly_when_it_means_something),
          TEST(test_what_means_nothing_is_never_compared), TEST(test_expected_is_the_model_and_got_the_rtl),
          TEST(test_negative_corrections_are_signed), TEST(test_each_counter_is_compared_and_named))

#include "emu/check/mismatch.h"

#include "emu/check/boundary.h"

#include <inttypes.h>
#include <stdio.h>

/* Muon word fields of the 2017/2018 layout, which Run-3 shares up to bit 52 (domain.md 1.1). */
static const struct {
    const char *name;
    uint8_t low, width;
} muon_fields[] = {
    {"phi at vertex", 0, 10}, {"pt", 10, 9},         {"quality", 19, 4}, {"eta at vertex", 23, 9},
    {"isolation", 32, 2},     {"charge", 34, 1},     {"charge valid", 35, 1}, {"index", 36, 7},
    {"phi", 43, 10},          {"bits [61:53]", 53, 9}, {"bits [63:62]", 62, 2},
};

static uint64_t field_of(uint64_t word, unsigned low, unsigned width)
{
    return word >> low & ((UINT64_C(1) << width) - 1);
}

static void set_field(struct mismatch *m, const char *name, uint64_t expected, uint64_t got)
{
    snprintf(m->field, sizeof m->field, "%s", name);
    m->expected = expected;
    m->got = got;
    m->is_signed = 0;
}

void mismatch_in_frame(struct mismatch *m, enum frame_kind kind, int index, unsigned word)
{
    unsigned first = 32 * (LANES * ((unsigned)index - 1) + word);
    if (kind == FRAME_TRAILER && index >= 1 && first < 32 * HIT_MAP_WORDS)
        snprintf(m->field, sizeof m->field, "word %u (hit map, BX %u..%u)", word, first, first + 31);
    else
        snprintf(m->field, sizeof m->field, "word %u", word);
}

void mismatch_in_muon(struct mismatch *m, uint64_t expected, uint64_t got)
{
    for (unsigned i = 0; i < sizeof muon_fields / sizeof *muon_fields; i++) {
        uint64_t e = field_of(expected, muon_fields[i].low, muon_fields[i].width);
        uint64_t g = field_of(got, muon_fields[i].low, muon_fields[i].width);
        if (e != g) {
            set_field(m, muon_fields[i].name, e, g);
            return;
        }
    }
}

int mismatch_in_block(struct mismatch *m, const struct bx_block *expected, const struct bx_block *got)
{
    for (unsigned i = 0; i < BX_WORDS; i++) {
        if (expected->w[i] == got->w[i])
            continue;
        unsigned frame = i / LANES, lane = i % LANES;
        if (frame < 2) {
            m->position = "lane";
            m->slot = (int)lane;
            set_field(m, frame ? "word of frame 1" : "word of frame 0", expected->w[i], got->w[i]);
            return 1;
        }
        unsigned slot = 2 * lane + (frame >= 4);
        m->position = "slot";
        m->slot = (int)slot;
        mismatch_in_muon(m, bx_block_muon(expected->w, slot), bx_block_muon(got->w, slot));
        return 1;
    }
    return 0;
}

static void value_text(const struct mismatch *m, uint64_t value, char *text, size_t size)
{
    if (m->is_signed)
        snprintf(text, size, "%" PRId64, (int64_t)value);
    else
        snprintf(text, size, "%" PRIu64 " (0x%" PRIx64 ")", value, value);
}

void mismatch_text(const struct mismatch *m, uint64_t seed, char *text, size_t size)
{
    char place[40] = "", expected[48], got[48];
    if (m->slot != NO_SLOT)
        snprintf(place, sizeof place, " %s %d", m->position, m->slot);
    value_text(m, m->expected, expected, sizeof expected);
    value_text(m, m->got, got, sizeof got);
    snprintf(text, size,
             "%s: orbit %" PRIu32 " BX %u%s cycle %" PRIu64
             ": %s: expected %s, got %s by the %s (seed %" PRIu64 ")",
             boundary_info[m->block].name, m->orbit, m->bx, place, m->cycle, m->field, expected, got,
             m->oracle == ORACLE_MODEL ? "C model in lock-step" : "golden reference", seed);
}

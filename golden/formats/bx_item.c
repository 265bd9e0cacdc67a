#include "golden/formats/bx_item.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/muon.h"

#include <stddef.h>
#include <string.h>

const char *const loss_names[LOSSES] = {
    [LOSS_LANES] = "muons: the lane and slot they came on",
    [LOSS_EMPTY_BX] = "BX without muons",
    [LOSS_COUNTERS] = "BX: that lanes disagreed in BX or orbit number",
    [LOSS_ABSENT] = "muon words with pT code 0 but other bits set",
    [LOSS_CORRECTIONS] = "BX: appended corrections",
    [LOSS_RUN3] = "muons: unconstrained pT, shower and dxy, which the word of 2018 has no room for",
    [LOSS_EXTRA] = "muons: raw eta and flags of the 12-byte record",
    [LOSS_TYPE] = "muons: final or intermediate (bits 63:62 of the 2018 copy)",
    [LOSS_INTERMEDIATE] = "muons of intermediate lanes",
    [LOSS_ORBIT_NUMBER] = "orbits: their number",
    [LOSS_PACKETS] = "DMA packets: their ends and counts",
    [LOSS_SOURCE] = "BX of other sources than the GMT",
    [LOSS_COLUMNS] = "uGT rows: calorimeter, external conditions, algorithms",
    [LOSS_RUN] = "orbits: run and lumi section",
    [LOSS_SIDE] = "words: strobe, start, end or error marks",
    [LOSS_BITS] = "words: bits 63:32",
    [LOSS_WORDS] = "link words outside whole BX, of links not mapped, or of frames 0 and 1 written anew",
    [LOSS_NAME] = "boards: their name",
    [LOSS_BOARDS] = "boards beyond the first",
    [LOSS_BOARD_HEADER] = "DMA packets: the board's header",
};

static gmt_word word_of(uint64_t v)
{
    return (gmt_word){v};
}

void bx_item_copy(struct bx_item *to, const struct bx_item *from)
{
    memcpy(to, from, offsetof(struct bx_item, links));
    if (from->kind != ITEM_BX)
        return;
    switch (from->form) {
    case FORM_LINKS:
        to->links.block = from->links.block;
        to->links.appended = from->links.appended;
        if (from->links.appended)
            memcpy(to->links.correction, from->links.correction, sizeof to->links.correction);
        return;
    case FORM_MUONS: to->muons = from->muons; return;
    case FORM_UGT: to->ugt = from->ugt; return;
    default:
        to->words.header = from->words.header;
        to->words.n = from->words.n;
        memcpy(to->words.word, from->words.word, from->words.n * sizeof *from->words.word);
        return;
    }
}

/* Adds to a field of a word, other bits stay. */
static uint32_t add_bits(uint32_t word, uint32_t mask, uint32_t by)
{
    return (word & ~mask) | ((word + by) & mask);
}

void bx_item_rebase(struct bx_item *item, unsigned base)
{
    uint32_t by = base - (uint32_t)item->base;
    uint32_t mask = item->layout == LINK_FORMAT_RUN3 ? 0x1fff : 0xffff;
    if (by == 0)
        return;
    if (item->form == FORM_LINKS)
        for (unsigned lane = 0; lane < LANES; lane++) {
            uint32_t *word = &item->links.block.w[(item->layout == LINK_FORMAT_RUN3 ? LANES : 0) + lane];
            *word = add_bits(*word, mask, by);
        }
    if (item->form == FORM_MUONS)
        item->muons.bx_word = add_bits(item->muons.bx_word, 0x1fff, by);
    item->base = (uint8_t)base;
}

/* ---- lists of muons ---- */

static unsigned list_links(const struct bx_item *item, struct bx_muon list[SLOTS])
{
    const struct bx_block *block = &item->links.block;
    unsigned n = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t muon = bx_block_muon(block->w, slot);
        if (gmt_pt(word_of(muon)))
            list[n++] = (struct bx_muon){muon, (int)slot, bx_frames_intermediate(block, item->layout, slot),
                                         bx_frames_eta_raw(block, item->layout, slot), 1};
    }
    return n;
}

static struct bx_muon record_muon(const struct bx_item *item, unsigned i)
{
    const struct host_muon *from = &item->muons.muon[i];
    int b = i >= item->muons.a;
    if (item->layout == LINK_FORMAT_RUN3)
        return (struct bx_muon){from->muon, -1, from->extra >> 31, gmt_frame1_eta(from->extra, (unsigned)b),
                                1};
    struct gmt_muon fields;
    gmt_unpack(word_of(from->muon), GMT_LAYOUT_2017, &fields);
    int known = fields.type == GMT_TYPE_FINAL || fields.type == GMT_TYPE_INTERMEDIATE;
    return (struct bx_muon){from->muon, -1, known ? fields.type == GMT_TYPE_INTERMEDIATE : -1, fields.eta_raw,
                            1};
}

static unsigned list_ugt(const struct bx_item *item, struct bx_muon list[SLOTS])
{
    unsigned n = 0;
    for (unsigned i = 0; i < UGT_MUONS; i++)
        if (gmt_pt(word_of(item->ugt.muon[i])))
            list[n++] = (struct bx_muon){item->ugt.muon[i], (int)i, 0, 0, 0};
    return n;
}

unsigned bx_item_list(const struct bx_item *item, struct bx_muon list[SLOTS])
{
    unsigned n = 0;
    switch (item->form) {
    case FORM_LINKS: return list_links(item, list);
    case FORM_UGT: return list_ugt(item, list);
    case FORM_MUONS:
        for (unsigned i = 0; i < (unsigned)item->muons.a + item->muons.b; i++)
            if (gmt_pt(word_of(item->muons.muon[i].muon)))
                list[n++] = record_muon(item, i);
        return n;
    default: return 0;
    }
}

/* ---- what goes ---- */

/* Muons that are not there, but have words that are not 0. */
static unsigned count_absent(const struct bx_block *block)
{
    unsigned n = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        gmt_word w = word_of(bx_block_muon(block->w, slot));
        n += !gmt_pt(w) && w.v;
    }
    return n;
}

static void count_links(const struct bx_item *item, struct bx_glance *glance, struct losses *l)
{
    bx_frames_glance(&item->links.block, item->layout, glance);
    if ((glance->bx_match & glance->orbit_match) != 0xff)
        l->n[LOSS_COUNTERS]++;
    if (glance->leftover)
        l->n[LOSS_ABSENT] += count_absent(&item->links.block);
    if (item->links.appended)
        l->n[LOSS_CORRECTIONS]++;
}

/* Whether a row read from a test vector has anything but BX and muons. */
static int has_columns(const struct bx_item *item)
{
    enum { MUONS_END = 4 + 17 * UGT_MUONS };
    const char *row = item->ugt.row;
    return item->form == FORM_UGT && strlen(row) > MUONS_END &&
           row[MUONS_END + strspn(row + MUONS_END, " 0")];
}

/* ---- to links ---- */

/* A free slot of the wanted kind of lane: A slots before B slots, so that a list's halves stay what they
 * were. */
static int free_slot(const struct bx_content *c, unsigned b, int intermediate)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        int final_lane = c->final_lanes >> lane & 1;
        if (final_lane != (intermediate == 1) && !c->muon[2 * lane + b].v)
            return (int)(2 * lane + b);
    }
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (!c->muon[slot].v)
            return (int)slot;
    return -1;
}

/* The word in another layout: raw eta stands in it in 2018, where Run-3 has unconstrained pT, shower and dxy,
 * but for its intermediate muons (domain.md 1.1). The type goes to the lane's flag. */
static uint64_t word_in(const struct bx_muon *from, enum link_format was, enum link_format layout,
                        struct losses *l)
{
    enum { HIGH = 53 };
    uint64_t low = from->muon & ((UINT64_C(1) << HIGH) - 1), high = from->muon >> HIGH;
    uint64_t eta = (uint64_t)from->eta_raw & 0x1ff;
    if (was == layout)
        return from->muon;
    if (layout == LINK_FORMAT_2018)
        l->n[LOSS_RUN3] += high != (from->intermediate == 1 ? eta : 0);
    return layout == LINK_FORMAT_2018 || from->intermediate == 1 ? low | eta << HIGH : low;
}

static void place_muon(struct bx_content *c, const struct bx_muon *from, uint64_t word, unsigned b)
{
    int slot = from->slot >= 0 ? from->slot : free_slot(c, b, from->intermediate);
    if (slot < 0)
        return;
    c->muon[slot] = word_of(word);
    c->eta_raw[slot] = (int16_t)from->eta_raw;
    if (from->intermediate == 1)
        c->final_lanes &= (uint8_t)~(1u << slot / 2);
}

/* Which lanes are final: by their muons, where those say it; a lane that has both kinds is intermediate. */
static void set_lanes(struct bx_content *c, const struct bx_muon *list, unsigned n)
{
    for (int known = 0; known < 2; known++) /* intermediate ones have the last word */
        for (unsigned i = 0; i < n; i++) {
            uint8_t lane = list[i].slot < 0 ? 0 : (uint8_t)(1u << list[i].slot / 2);
            if (list[i].intermediate == known)
                c->final_lanes = known ? c->final_lanes & (uint8_t)~lane : c->final_lanes | lane;
        }
}

/* What a change of layout loses of links: flags of lanes without muons, types that are none or differ in a
 * lane, raw eta of absent muons. */
static void count_changed(const struct bx_item *item, const struct bx_content *c, uint8_t final_lanes,
                          struct losses *l)
{
    const struct bx_block *block = &item->links.block;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        int final = c->final_lanes >> slot / 2 & 1, usual = final_lanes >> slot / 2 & 1;
        int there = gmt_pt(word_of(bx_block_muon(block->w, slot))) != 0;
        int kind = bx_frames_intermediate(block, item->layout, slot);
        if (item->layout == LINK_FORMAT_RUN3) {
            int empty = !there && !gmt_pt(word_of(bx_block_muon(block->w, slot ^ 1)));
            l->n[LOSS_TYPE] += empty && !(slot & 1) && kind == usual;
            l->n[LOSS_ABSENT] += !there && bx_frames_eta_raw(block, item->layout, slot);
        } else
            l->n[LOSS_TYPE] += there && kind != !final;
    }
}

/* What links lose of a record: that it comes back shows it. */
static void count_record(const struct host_record *was, const struct bx_block *block, enum link_format layout,
                         enum link_format record, struct losses *l)
{
    uint32_t words[HOST_RECORD_MAX_WORDS];
    struct host_record now;
    if (!host_record_build(block, layout, record, 0, words))
        return; /* it has no muon with a pT code */
    host_record_parse(words, record, &now);
    unsigned n = (unsigned)was->a + was->b, m = (unsigned)now.a + now.b;
    l->n[LOSS_COUNTERS] += (was->bx_match & was->orbit_match) != 0xff;
    for (unsigned i = 0; i < n && i < m; i++)
        l->n[LOSS_EXTRA] += was->muon[i].extra != now.muon[i].extra || (i == 0 && was->bx_word != now.bx_word);
}

int bx_item_links(struct bx_item *item, enum link_format layout, uint8_t final_lanes, struct losses *l)
{
    struct bx_content c = {.orbit = item->orbit, .bx = item->bx, .final_lanes = final_lanes};
    struct bx_muon list[SLOTS];
    if (item->form == FORM_WORDS)
        return -1;
    if (item->form == FORM_LINKS && item->layout == layout)
        return 0;
    struct bx_glance glance;
    unsigned n = bx_item_list(item, list), a = item->form == FORM_MUONS ? item->muons.a : n;
    enum link_format was = item->form == FORM_UGT ? layout : item->layout;
    set_lanes(&c, list, n);
    if (item->form == FORM_LINKS) {
        count_links(item, &glance, l);
        count_changed(item, &c, final_lanes, l);
    }
    l->n[LOSS_COLUMNS] += has_columns(item);
    for (unsigned i = 0; i < n; i++)
        place_muon(&c, &list[i], word_in(&list[i], was, layout, l), i >= a);
    struct bx_block block;
    bx_frames_build(&block, layout, &c);
    if (item->form == FORM_MUONS)
        count_record(&item->muons, &block, layout, item->layout, l);
    item->links.block = block;
    item->base = 0;
    item->links.appended = 0;
    item->form = FORM_LINKS;
    item->layout = layout;
    return 0;
}

/* ---- to muons ---- */

unsigned bx_item_record(const struct bx_item *item, enum link_format layout, struct losses *l,
                        uint32_t words[HOST_RECORD_MAX_WORDS])
{
    struct bx_glance glance;
    count_links(item, &glance, l);
    if (!glance.a && !glance.b) {
        l->n[LOSS_EMPTY_BX]++;
        return 0;
    }
    unsigned n = host_record_put(&item->links.block, &glance, item->layout, layout, words);
    unsigned muons = (words[0] >> 16 & 0xff) + (words[0] & 0xff);
    l->n[LOSS_LANES] += muons;
    l->n[LOSS_EXTRA] += item->layout == LINK_FORMAT_RUN3 && layout == LINK_FORMAT_2018 ? muons : 0;
    return n;
}

static int links_to_record(struct bx_item *item, enum link_format layout, struct losses *l)
{
    uint32_t words[HOST_RECORD_MAX_WORDS];
    if (bx_item_record(item, layout, l, words) == 0)
        return 0;
    host_record_parse(words, layout, &item->muons);
    item->form = FORM_MUONS;
    item->layout = layout;
    return 1;
}

/* The record's other layout, muon by muon: 8-byte records have raw eta in the word, 12-byte ones beside it.
 */
static void change_record(struct bx_item *item, enum link_format layout, struct losses *l)
{
    struct host_record *r = &item->muons;
    for (unsigned i = 0; i < (unsigned)r->a + r->b; i++) {
        struct bx_muon from = record_muon(item, i);
        unsigned b = i >= r->a;
        if (layout == LINK_FORMAT_2018)
            l->n[LOSS_EXTRA]++;
        r->muon[i].extra = layout == LINK_FORMAT_2018 ? 0
                         : (uint32_t)(from.intermediate == 1) << 31 |
                               ((uint32_t)from.eta_raw & 0x1ff) << (b ? 22 : 13) | (item->bx & 0x1ffeu) | b;
    }
    r->bx_word = item->bx;
    item->base = 0;
}

static void ugt_to_record(struct bx_item *item, enum link_format layout, const struct bx_muon *list,
                          unsigned n)
{
    struct host_record r = {.orbit = item->orbit, .bx_word = item->bx, .bx = item->bx, .bx_match = 0xff,
                            .orbit_match = 0xff, .a = (uint8_t)n};
    for (unsigned i = 0; i < n; i++)
        r.muon[i] = (struct host_muon){list[i].muon, layout == LINK_FORMAT_RUN3 ? item->bx & 0x1ffeu : 0};
    item->muons = r;
    item->base = 0;
}

int bx_item_muons(struct bx_item *item, enum link_format layout, uint8_t final_lanes, struct losses *l)
{
    struct bx_muon list[SLOTS];
    (void)final_lanes;
    if (item->form == FORM_WORDS)
        return -1;
    if (item->form == FORM_LINKS)
        return links_to_record(item, layout, l);
    if (item->form == FORM_MUONS && item->layout == layout)
        return 1;
    unsigned n = bx_item_list(item, list);
    l->n[LOSS_COLUMNS] += has_columns(item);
    if (n == 0 && item->form != FORM_MUONS) {
        l->n[LOSS_EMPTY_BX]++;
        return 0;
    }
    if (item->form == FORM_UGT)
        ugt_to_record(item, layout, list, n);
    else
        change_record(item, layout, l);
    item->form = FORM_MUONS;
    item->layout = layout;
    return 1;
}

/* ---- to uGT rows ---- */

static unsigned final_slots(uint8_t final_lanes, unsigned slots[SLOTS])
{
    unsigned n = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (final_lanes >> slot / 2 & 1)
            slots[n++] = slot;
    return n;
}

/* The row's column of a muon: its place among the final lanes' slots, or the first free one; -1: no room. */
static int ugt_column(const struct bx_ugt *row, const struct bx_muon *muon, uint8_t final_lanes)
{
    unsigned slots[SLOTS], n = final_slots(final_lanes, slots);
    for (unsigned i = 0; i < n && i < UGT_MUONS && muon->slot >= 0; i++)
        if (slots[i] == (unsigned)muon->slot)
            return (int)i;
    for (unsigned i = 0; i < UGT_MUONS && muon->slot < 0; i++)
        if (!row->muon[i])
            return (int)i;
    return -1;
}

int bx_item_ugt(struct bx_item *item, uint8_t final_lanes, struct losses *l)
{
    struct bx_muon list[SLOTS];
    struct bx_ugt row = {.row = ""};
    struct bx_glance glance;
    if (item->form == FORM_WORDS)
        return -1;
    if (item->form == FORM_UGT)
        return 0;
    unsigned n = bx_item_list(item, list);
    if (item->form == FORM_LINKS)
        count_links(item, &glance, l);
    for (unsigned i = 0; i < n; i++) {
        int column = list[i].intermediate == 1 ? -1 : ugt_column(&row, &list[i], final_lanes);
        l->n[LOSS_INTERMEDIATE] += column < 0;
        if (column < 0)
            continue;
        int typed = item->layout == LINK_FORMAT_2018 && list[i].muon >> 62;
        l->n[LOSS_EXTRA] += item->layout == LINK_FORMAT_RUN3;
        row.muon[column] = typed ? list[i].muon & ~(UINT64_C(3) << 62) : list[i].muon;
    }
    item->ugt = row;
    item->form = FORM_UGT;
    return 0;
}

/* BX out of and into pattern files: six rows of up to eight links are a BX (domain.md 2, 5.1).
 *
 * Captures of scouting links hold BX and orbit in rows 0 and 1 of each BX; captures of the uGMT's outputs do
 * not: there BX count on from the first row, and the counters are written (docs/formats.md, "counters"). */
#include "golden/formats/bx_file.h"
#include "golden/formats/bx_frames.h"
#include "golden/formats/link_file.h"
#include "golden/formats/muon.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1, AS_USUAL = -2, MAX_FILL_ORBITS = 20 };

struct pattern {
    struct link_reader *links;
    struct link_board board;
    int column[LANES];  /* of each lane; NONE */
    int mapped[LINKS_MAX];
    int decided;        /* counters: kept or written */
    enum bx_counters counters;
    int layout;         /* -1: not known yet */
    uint32_t orbit;     /* of the next BX, when they are written */
    unsigned bx;
    struct link_frame rows[FRAMES];
    int begun;          /* a BX with valid words was seen */
    int ended;
};

static int column_of(const struct link_board *board, int link)
{
    for (unsigned i = 0; i < board->links; i++)
        if (board->link[i] == link)
            return (int)i;
    return NONE;
}

static void map_lanes(struct pattern *p, const int16_t link[LANES], unsigned lanes)
{
    memset(p->mapped, 0, sizeof p->mapped);
    for (unsigned lane = 0; lane < LANES; lane++) {
        int wanted = link[0] != AS_USUAL ? link[lane] : lane < lanes ? (int)lane : NONE;
        p->column[lane] = wanted == NONE ? NONE : column_of(&p->board, wanted);
        if (p->column[lane] != NONE)
            p->mapped[p->column[lane]] = 1;
    }
}

static int check_map(const struct bx_reader *r, const struct pattern *p, struct message *m)
{
    int some = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        int asked = r->cfg.link[0] != AS_USUAL && r->cfg.link[lane] != NONE;
        if (asked && p->column[lane] == NONE)
            return message_set(m, "%s:%lu: board %s has no link %d (--links names links of the file)",
                               r->path, p->links->text.number, p->board.name, r->cfg.link[lane]);
        some |= p->column[lane] != NONE;
    }
    return some
               ? 0
               : message_set(m,
                             "%s:%lu: board %s has none of the links 0..7 (name those of the lanes: --links)",
                             r->path, p->links->text.number, p->board.name);
}

static const struct link_codec *links_of(const struct bx_codec *codec)
{
    static const struct link_codec *const all[] = {&link_codec_mp7, &link_codec_emp1, &link_codec_emp2,
                                                   &link_codec_apx};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, codec->name) == 0)
            return all[i];
    return NULL;
}

static void pattern_close(void *state)
{
    struct pattern *p = state;
    link_reader_leave(p->links);
    free(p);
}

static void *pattern_open(struct bx_reader *r, struct message *m)
{
    struct pattern *p = calloc(1, sizeof *p);
    if (!p || !(p->links = link_reader_over(r->file, r->path, links_of(r->codec), m))) {
        free(p);
        message_set(m, "%s: out of memory", r->path);
        return NULL;
    }
    p->layout = r->cfg.layout;
    p->orbit = r->cfg.first_orbit;
    p->bx = r->cfg.first_bx;
    p->counters = r->cfg.counters;
    p->decided = p->counters != COUNTERS_AUTO;
    if (link_read_board(p->links, &p->board, m) == 1) {
        map_lanes(p, r->cfg.link, LANES);
        if (check_map(r, p, m) == 0)
            return p;
    }
    pattern_close(p);
    return NULL;
}

/* ---- counters ---- */

static int valid(const struct pattern *p, unsigned frame, unsigned lane)
{
    return p->column[lane] != NONE && p->rows[frame].side[p->column[lane]] & SIDE_VALID;
}

static uint32_t word(const struct pattern *p, unsigned frame, unsigned lane)
{
    return (uint32_t)p->rows[frame].data[p->column[lane]];
}

static int any_valid(const struct pattern *p)
{
    for (unsigned frame = 0; frame < FRAMES; frame++)
        for (unsigned lane = 0; lane < LANES; lane++)
            if (valid(p, frame, lane))
                return 1;
    return 0;
}

/* Whether all mapped lanes have the same word in a row, but for the bits not in the mask. */
static int same_word(const struct pattern *p, unsigned frame, uint32_t mask, uint32_t *value)
{
    int first = 1;
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (p->column[lane] == NONE)
            continue;
        if (!valid(p, frame, lane) || (!first && ((word(p, frame, lane) ^ *value) & mask)))
            return 0;
        *value = first ? word(p, frame, lane) : *value;
        first = 0;
    }
    return !first;
}

/* enum link_format of the counters in rows 0 and 1, -1: there are none. Rows of zeros are none: no orbit is
 * 0. */
static int counters_layout(const struct pattern *p)
{
    uint32_t zero = 0, one = 0;
    int old = same_word(p, 0, UINT32_MAX, &zero) && zero <= BX_PER_ORBIT &&
              same_word(p, 1, UINT32_MAX, &one) && one;
    int run3 = same_word(p, 0, UINT32_MAX, &zero) && zero && same_word(p, 1, 0x1fff, &one) &&
               (one & 0x1fff) <= BX_PER_ORBIT;
    if (old && run3) /* both small: the one that has raw eta or a flag beside it is a Run-3 BX word */
        return same_word(p, 1, UINT32_MAX, &one) && !(one >> 13) ? LINK_FORMAT_2018 : LINK_FORMAT_RUN3;
    return old ? LINK_FORMAT_2018 : run3 ? LINK_FORMAT_RUN3 : -1;
}

static void decide(struct bx_reader *r, struct pattern *p)
{
    int layout = counters_layout(p);
    if (!p->decided)
        p->counters = layout >= 0 ? COUNTERS_KEEP : COUNTERS_WRITE;
    p->decided = 1;
    if (p->layout < 0)
        p->layout = layout >= 0 && p->counters == COUNTERS_KEEP ? layout : LINK_FORMAT_2018;
    /* A capture of the uGMT has its eight final muons on links 0..3, which the four final lanes take. */
    if (p->counters == COUNTERS_WRITE)
        map_lanes(p, r->cfg.link, LANES / 2);
}

/* ---- reading ---- */

static void count_row(struct bx_reader *r, const struct pattern *p, const struct link_frame *row)
{
    struct losses *l = r->cfg.losses;
    for (unsigned i = 0; i < p->board.links; i++) {
        l->n[LOSS_SIDE] += (row->side[i] & ~SIDE_VALID) != 0;
        l->n[LOSS_BITS] += row->data[i] >> 32 != 0;
        l->n[LOSS_WORDS] += !p->mapped[i] && row->side[i] & SIDE_VALID && row->data[i];
    }
}

/* Reads six rows: 1; 0: the board has ended; -1. */
static int read_rows(struct bx_reader *r, struct pattern *p, struct message *m)
{
    struct message why;
    for (unsigned n = 0; n < FRAMES; n++) {
        int got = link_read_frame(p->links, &p->rows[n], &why);
        r->line = n == 0 ? p->links->text.number : r->line;
        if (got == 1)
            continue;
        if (got < 0 && (bx_wrong(r, m, "%s", why.text) < 0 || ferror(r->file)))
            return message_set(m, "%s", why.text);
        for (unsigned k = 0; k < n; k++)
            for (unsigned i = 0; i < p->board.links; i++)
                r->cfg.losses->n[LOSS_WORDS] += p->rows[k].side[i] & SIDE_VALID && p->rows[k].data[i];
        return 0; /* recovering: rows cannot be told apart from here on, so the board ends */
    }
    return 1;
}

static int end_of_board(struct bx_reader *r, struct pattern *p, struct message *m)
{
    struct link_board more;
    struct message why;
    p->ended = 1;
    if (r->errors)
        return 0;
    int got;
    while ((got = link_read_board(p->links, &more, &why)) == 1)
        r->cfg.losses->n[LOSS_BOARDS]++;
    if (got < 0 && bx_wrong(r, m, "%s", why.text) < 0)
        return -1;
    return 0;
}

static void take_block(struct pattern *p, struct bx_item *item)
{
    struct bx_block *block = &item->links.block;
    memset(block, 0, sizeof *block);
    for (unsigned frame = 0; frame < FRAMES; frame++)
        for (unsigned lane = 0; lane < LANES; lane++)
            if (valid(p, frame, lane))
                block->w[frame * LANES + lane] = word(p, frame, lane);
    item->orbit = bx_frames_orbit(block, item->layout, 0);
}

/* A BX whose counters are written: muons of which both words are valid. */
static void build_block(struct bx_reader *r, struct pattern *p, struct bx_item *item)
{
    struct bx_content c = {.orbit = p->orbit, .bx = (uint16_t)p->bx, .final_lanes = r->cfg.final_lanes};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        unsigned lane = slot / 2, frame = 2 + 2 * (slot & 1);
        struct gmt_muon fields;
        if (!valid(p, frame, lane) || !valid(p, frame + 1, lane))
            continue;
        c.muon[slot].v = (uint64_t)word(p, frame + 1, lane) << 32 | word(p, frame, lane);
        gmt_unpack(c.muon[slot], GMT_LAYOUT_2017, &fields);
        c.eta_raw[slot] = fields.eta_raw;
    }
    for (unsigned lane = 0; lane < LANES; lane++)
        for (unsigned frame = 0; frame < 2; frame++)
            r->cfg.losses->n[LOSS_WORDS] += valid(p, frame, lane) && word(p, frame, lane);
    bx_frames_build(&item->links.block, item->layout, &c);
    item->orbit = p->orbit;
    item->bx = (uint16_t)p->bx;
    item->base = 0;
    p->bx = (p->bx + 1) % BX_PER_ORBIT;
    p->orbit += p->bx == 0;
}

/* 1; 0: nothing there, or recovered; -1. */
static int take_rows(struct bx_reader *r, struct pattern *p, struct bx_item *item, struct message *m)
{
    char place[400];
    int full = any_valid(p);
    if (full && !p->begun)
        decide(r, p);
    p->begun |= full;
    if (!full && p->counters == COUNTERS_KEEP)
        return 0;
    for (unsigned frame = 0; frame < FRAMES; frame++)
        count_row(r, p, &p->rows[frame]);
    item->kind = ITEM_BX;
    item->form = FORM_LINKS;
    item->layout = p->layout >= 0 ? (enum link_format)p->layout : LINK_FORMAT_2018;
    item->links.appended = 0;
    if (p->counters != COUNTERS_KEEP) {
        build_block(r, p, item);
        return 1;
    }
    take_block(p, item);
    uint32_t claimed = bx_frames_bx(&item->links.block, item->layout, 0);
    if (bx_number(r, claimed, &item->bx))
        return 1;
    snprintf(place, sizeof place, "%.300s:%lu: orbit %lu: lane 0", r->path, p->links->text.number,
             (unsigned long)item->orbit);
    return bx_number_wrong(r, m, place, claimed);
}

static int pattern_next(struct bx_reader *r, struct bx_item *item, struct message *m)
{
    struct pattern *p = r->state;
    for (;;) {
        if (p->ended)
            return 0;
        int got = read_rows(r, p, m);
        if (got <= 0)
            return got < 0 ? -1 : end_of_board(r, p, m);
        got = take_rows(r, p, item, m);
        if (got)
            return got;
    }
}

/* ---- writing ---- */

struct pattern_writer {
    struct link_board board;
    int lane[LANES];   /* of each column */
    uint32_t number, orbit;
    unsigned bx;
    int started;
};

static int by_link(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return x[0] - y[0];
}

static void *pattern_begin(struct bx_writer *w, struct message *m)
{
    struct pattern_writer *p = calloc(1, sizeof *p);
    const struct link_codec *codec = links_of(w->codec);
    int pair[LANES][2];
    unsigned n = 0;
    if (!p) {
        message_set(m, "out of memory");
        return NULL;
    }
    for (int lane = 0; lane < LANES; lane++) {
        int link = w->cfg.link[0] == AS_USUAL ? lane : w->cfg.link[lane];
        if (link != NONE) {
            pair[n][0] = link;
            pair[n++][1] = lane;
        }
    }
    qsort(pair, n, sizeof *pair, by_link);
    strcpy(p->board.name, "bxact");
    p->board.links = n;
    for (unsigned i = 0; i < n; i++) {
        p->board.link[i] = (uint16_t)pair[i][0];
        p->lane[i] = pair[i][1];
        if ((i && pair[i][0] == pair[i - 1][0]) || pair[i][0] > (int)codec->max_link) {
            message_set(m, "--links: link %d cannot be there (give different numbers 0..%u)", pair[i][0],
                        codec->max_link);
            free(p);
            return NULL;
        }
    }
    codec->write_board(w->file, &p->board);
    return p;
}

static void put_row(struct bx_writer *w, const struct bx_block *block, unsigned frame)
{
    struct pattern_writer *p = w->state;
    struct link_frame row;
    row.number = p->number++;
    for (unsigned i = 0; i < p->board.links; i++) {
        row.data[i] = block ? block->w[frame * LANES + (unsigned)p->lane[i]] : 0;
        row.side[i] = block ? SIDE_VALID : 0;
    }
    links_of(w->codec)->write_frame(w->file, &p->board, &row);
}

static void put_rows(struct bx_writer *w, const struct bx_block *block)
{
    for (unsigned frame = 0; frame < FRAMES; frame++)
        put_row(w, block, frame);
}

/* Rows without data for the BX in between. */
static int fill(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct pattern_writer *p = w->state;
    uint64_t orbits = item->orbit - p->orbit;
    if (orbits > MAX_FILL_ORBITS)
        return message_set(
            m,
            "orbit %lu comes %llu orbits after the one before: a pattern file would need empty rows "
            "for all their BX (at most %d orbits; choose with --orbit)",
            (unsigned long)item->orbit, (unsigned long long)orbits, MAX_FILL_ORBITS);
    for (uint64_t n = orbits * BX_PER_ORBIT + item->bx - p->bx - 1; n > 0; n--)
        put_rows(w, NULL);
    return 0;
}

static void count_unmapped(struct bx_writer *w, const struct bx_block *block)
{
    struct pattern_writer *p = w->state;
    unsigned lanes = 0;
    for (unsigned i = 0; i < p->board.links; i++)
        lanes |= 1u << p->lane[i];
    for (unsigned i = 0; i < BX_WORDS && lanes != 0xff; i++)
        w->cfg.losses->n[LOSS_WORDS] += !(lanes >> i % LANES & 1) && block->w[i];
}

static int pattern_put(struct bx_writer *w, const struct bx_item *item, struct message *m)
{
    struct pattern_writer *p = w->state;
    if (item->kind != ITEM_BX)
        return 0;
    if (p->started && fill(w, item, m) < 0)
        return -1;
    p->started = 1;
    p->orbit = item->orbit;
    p->bx = item->bx;
    count_unmapped(w, &item->links.block);
    w->cfg.losses->n[LOSS_CORRECTIONS] += item->links.appended;
    put_rows(w, &item->links.block);
    return 0;
}

static int pattern_end(struct bx_writer *w, struct message *m)
{
    struct pattern_writer *p = w->state;
    return p->started ? 0 : message_set(m, "there is no BX to write: a pattern file needs rows");
}

#define PATTERN(id)                                                                                        \
    const struct bx_codec bx_codec_##id = {                                                                \
        .name = #id, .layout = -1, .form = FORM_LINKS,                                                     \
        .open = pattern_open, .next = pattern_next, .close = pattern_close,                                \
        .begin = pattern_begin, .put = pattern_put, .end = pattern_end, .release = free}
PATTERN(mp7);
PATTERN(emp1);
PATTERN(emp2);
PATTERN(apx);

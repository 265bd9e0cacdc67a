#include "emu/model/gmt_link.h"

#include "golden/formats/link_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 1024,    /* a power of two that holds the slowest and the fastest lane */
    MAX_TICKS = 128, /* line words a BX */
    RUN_UP_BX = (GMT_LINK_RUN_UP + FRAMES - 1) / FRAMES,
    MAX_SLIP_BY_ONE = 64,
    CRC_FRAME = 1, /* of the gap's first BX */
};

_Static_assert(GMT_LINK_MAX_SKEW + 2 * (GMT_LINK_MAX_SLIP + MAX_TICKS) < ROWS,
               "no row is overwritten too early");
_Static_assert(GMT_LINK_MAX_SKEW + GMT_LINK_MAX_SLIP <= GMT_LINK_RUN_UP,
               "the slowest lane starts with true words");

const struct link_fault_info link_fault_info[LINK_FAULT_KINDS] = {
    [FAULT_BIT_FLIP] = {"bit_flip", "data bit that is inverted", 0, 31},
    [FAULT_K_ERROR] = {"k_error", "K bits that are inverted, as a mask", 1, 15},
    [FAULT_DROP_WORD] = {"drop_word", "line words that are not sent", 1, MAX_SLIP_BY_ONE},
    [FAULT_INSERT_WORD] = {"insert_word", "times that the word is sent again", 1, MAX_SLIP_BY_ONE},
    [FAULT_CRC_ERROR] = {"crc_error", "bit of the orbit's CRC word that is inverted", 0, 31},
    [FAULT_COMMAS] = {"commas", "line words that commas replace", 1, GMT_LINK_MAX_OFF},
    [FAULT_PADS] = {"pads", "line words that paddings replace", 1, GMT_LINK_MAX_OFF},
};

/* One edge of the line clock as lanes without skew send it. */
struct row {
    struct link_tick tick;
    struct word_tag tag;
    uint8_t hit; /* lane mask: a fault is tied to this word */
};

/* A fault with its place in the stream of words. */
struct placed_fault {
    uint64_t word; /* running number of the stream word */
    struct link_fault fault;
};

/* BX have running numbers: 0 is BX 0 of the orbit two before first_orbit, which the run-up may reach. Rows
 * too: 0 is the first row of the run-up. */
struct gmt_link {
    struct gmt_link_cfg cfg;
    struct link_lanes lanes;
    uint64_t next_bx, end_bx;
    uint64_t rows; /* made so far */
    uint64_t cursor[LANES]; /* the row that the lane sends next */
    unsigned ahead;         /* the lane with the highest cursor */
    int together;           /* all cursors are equal */
    int busy;               /* a fault is still going on */
    uint32_t again[LANES];  /* times that the word before is still to be sent */
    uint32_t off[LANES];    /* words that are still to be replaced */
    struct link_word off_word[LANES];
    struct placed_fault *fault; /* in the order of their words */
    size_t faults, next_fault;  /* next_fault: first that no row was made for */
    uint64_t faults_done;
    struct row row[ROWS];
    uint64_t sent_bx[GMT_LINK_HISTORY];
    struct bx_block sent[GMT_LINK_HISTORY];
};

static uint64_t number_of(const struct gmt_link *g, uint32_t orbit, uint16_t bx)
{
    uint32_t orbits = orbit - (g->cfg.first_orbit - 2);
    return (uint64_t)orbits * BX_PER_ORBIT + bx;
}

static uint32_t orbit_of(const struct gmt_link *g, uint64_t number)
{
    return g->cfg.first_orbit - 2 + (uint32_t)(number / BX_PER_ORBIT);
}

/* ---- checks ---- */

static int check_clocks(const struct gmt_link_cfg *cfg, struct message *m)
{
    if (!cfg->payload_hz || cfg->payload_hz > cfg->line_hz)
        return message_set(m, "payload of %" PRIu64 " words a second does not fit the line's %" PRIu64
                              " (give 1..line_hz)", cfg->payload_hz, cfg->line_hz);
    if (cfg->line_hz / cfg->payload_hz >= MAX_TICKS / FRAMES - 1)
        return message_set(m, "line_hz: %" PRIu64 " is %d times the payload's rate or more (give less)",
                           cfg->line_hz, MAX_TICKS / FRAMES - 1);
    return 0;
}

static int check_place(const struct gmt_link_cfg *cfg, struct message *m)
{
    if (!cfg->orbits || cfg->orbits > UINT32_C(1) << 31)
        return message_set(m, "orbits: %" PRIu32 " (give 1..2147483648)", cfg->orbits);
    if (cfg->gap_first >= BX_PER_ORBIT)
        return message_set(m, "gap_first: %u is above 3563 (give 0..3563)", cfg->gap_first);
    if (cfg->start_bx >= BX_PER_ORBIT)
        return message_set(m, "start_bx: %u is above 3563 (give 0..3563)", cfg->start_bx);
    if (cfg->start_frame >= FRAMES)
        return message_set(m, "start_frame: %u is above 5 (give 0..5)", cfg->start_frame);
    return 0;
}

static int check_lanes(const struct gmt_link_cfg *cfg, struct message *m)
{
    for (unsigned l = 0; l < LANES; l++) {
        if (cfg->skew[l] > GMT_LINK_MAX_SKEW)
            return message_set(m, "skew of lane %u: %u is above %d line words (give 0..%d)", l, cfg->skew[l],
                               GMT_LINK_MAX_SKEW, GMT_LINK_MAX_SKEW);
        if (cfg->link_id[l] >> 20)
            return message_set(m, "link id of lane %u: 0x%" PRIx32 " has more than 20 bits", l,
                               cfg->link_id[l]);
    }
    return 0;
}

static int check_fault(const struct link_fault *f, struct message *m)
{
    if (f->kind >= LINK_FAULT_KINDS)
        return message_set(m, "fault: kind %" PRIu32 " is not known (give 0..%d)", f->kind,
                           LINK_FAULT_KINDS - 1);
    const struct link_fault_info *info = &link_fault_info[f->kind];
    if (f->value < info->min || f->value > info->max)
        return message_set(m, "fault %s: value %" PRIu32 " (%s, %" PRIu32 "..%" PRIu32 ")", info->name,
                           f->value, info->value, info->min, info->max);
    if (f->bx >= BX_PER_ORBIT || f->frame >= FRAMES || f->lane >= LANES)
        return message_set(m, "fault %s: bx %u frame %u lane %u (give 0..3563, 0..5, 0..7)", info->name,
                           f->bx, f->frame, f->lane);
    return 0;
}

static int check(const struct gmt_link_cfg *cfg, struct message *m)
{
    if (check_clocks(cfg, m) < 0 || check_place(cfg, m) < 0 || check_lanes(cfg, m) < 0)
        return -1;
    for (size_t i = 0; i < cfg->fault_count; i++)
        if (check_fault(&cfg->faults[i], m) < 0)
            return -1;
    return 0;
}

/* ---- faults: where they are ---- */

static int by_word(const void *a, const void *b)
{
    uint64_t x = ((const struct placed_fault *)a)->word, y = ((const struct placed_fault *)b)->word;
    return x < y ? -1 : x > y;
}

static int slip_of(const struct link_fault *f)
{
    return f->kind == FAULT_DROP_WORD ? (int)f->value : f->kind == FAULT_INSERT_WORD ? -(int)f->value : 0;
}

/* A lane must stay near the others, and what it skips must not hold another fault. */
static const char *slip_trouble(const struct placed_fault *f, int slip, uint64_t free_from)
{
    if (f->word < free_from)
        return "lies in words that another fault drops";
    if (abs(slip) > GMT_LINK_MAX_SLIP)
        return "the lane slips too far from the others";
    return NULL;
}

static int check_slips(const struct gmt_link *g, struct message *m)
{
    int slip[LANES] = {0};
    uint64_t free_from[LANES] = {0};
    for (size_t i = 0; i < g->faults; i++) {
        const struct link_fault *f = &g->fault[i].fault;
        slip[f->lane] += slip_of(f);
        const char *trouble = slip_trouble(&g->fault[i], slip[f->lane], free_from[f->lane]);
        if (trouble)
            return message_set(m, "fault %s at orbit %" PRIu32 " bx %u lane %u: %s (slip up to %d words)",
                               link_fault_info[f->kind].name, f->orbit, f->bx, f->lane, trouble,
                               GMT_LINK_MAX_SLIP);
        if (f->kind == FAULT_DROP_WORD)
            free_from[f->lane] = g->fault[i].word + f->value;
    }
    return 0;
}

static int place_faults(struct gmt_link *g, struct message *m)
{
    g->faults = g->cfg.fault_count;
    g->fault = malloc((g->faults + 1) * sizeof *g->fault);
    if (!g->fault)
        return message_set(m, "faults: out of memory");
    for (size_t i = 0; i < g->faults; i++) {
        struct link_fault f = g->cfg.faults[i];
        if (f.kind == FAULT_CRC_ERROR) {
            f.bx = g->cfg.gap_first;
            f.frame = CRC_FRAME;
        }
        g->fault[i] = (struct placed_fault){number_of(g, f.orbit, f.bx) * FRAMES + f.frame, f};
    }
    qsort(g->fault, g->faults, sizeof *g->fault, by_word);
    return check_slips(g, m);
}

/* ---- rows ---- */

static struct row *row_at(struct gmt_link *g, uint64_t number)
{
    return &g->row[number % ROWS];
}

static uint8_t hit_by_faults(struct gmt_link *g, uint64_t word)
{
    uint8_t hit = 0;
    while (g->next_fault < g->faults && g->fault[g->next_fault].word < word)
        g->next_fault++;
    for (size_t i = g->next_fault; i < g->faults && g->fault[i].word == word; i++)
        hit |= 1u << g->fault[i].fault.lane;
    return hit;
}

static void add_rows(struct gmt_link *g, const struct link_tick *tick, size_t n, uint8_t kind)
{
    uint8_t frame = 0;
    uint32_t orbit = orbit_of(g, g->next_bx);
    uint16_t bx = g->next_bx % BX_PER_ORBIT;
    for (size_t i = 0; i < n; i++) {
        struct row *r = row_at(g, g->rows++);
        int pad = tick[i].k[0] == LINK_K_PADDING;
        r->tick = tick[i];
        r->tag = (struct word_tag){orbit, bx, frame, pad ? LINK_PAD : kind};
        r->hit = pad ? 0 : hit_by_faults(g, g->next_bx * FRAMES + frame);
        frame += !pad;
    }
}

static void add_idle_row(struct gmt_link *g)
{
    struct row *r = row_at(g, g->rows++);
    for (unsigned l = 0; l < LANES; l++) {
        r->tick.data[l] = LINK_PADDING;
        r->tick.k[l] = LINK_K_PADDING;
    }
    r->tag = (struct word_tag){orbit_of(g, g->end_bx), 0, 0, LINK_IDLE};
    r->hit = 0;
}

static int add_payload_bx(struct gmt_link *g, uint16_t bx)
{
    struct link_tick tick[MAX_TICKS];
    unsigned at = g->next_bx % GMT_LINK_HISTORY;
    if (bx_source_next(&g->cfg.source, orbit_of(g, g->next_bx), bx, &g->sent[at]) < 0)
        return -1;
    g->sent_bx[at] = g->next_bx;
    add_rows(g, tick, link_lanes_bx(&g->lanes, bx, &g->sent[at], tick), LINK_PAYLOAD);
    return 0;
}

/* Makes the rows of the next BX. -1 when the source failed. */
static int add_bx(struct gmt_link *g)
{
    struct link_tick tick[MAX_TICKS];
    uint16_t bx = g->next_bx % BX_PER_ORBIT;
    if (g->next_bx >= g->end_bx) {
        add_idle_row(g);
        return 0;
    }
    if (link_in_gap(bx, g->cfg.gap_first))
        add_rows(g, tick, link_lanes_bx(&g->lanes, bx, NULL, tick), LINK_GAP);
    else if (add_payload_bx(g, bx) < 0)
        return -1;
    g->next_bx++;
    return 0;
}

static int make_rows(struct gmt_link *g, uint64_t up_to)
{
    while (g->rows <= up_to)
        if (add_bx(g) < 0)
            return -1;
    return 0;
}

/* ---- open ---- */

/* What the quick ways to send a row need to know; skews and faults change it. */
static void note_lanes(struct gmt_link *g)
{
    g->together = 1;
    g->busy = 0;
    g->ahead = 0;
    for (unsigned l = 0; l < LANES; l++) {
        g->together &= g->cursor[l] == g->cursor[0];
        g->busy |= g->again[l] || g->off[l];
        if (g->cursor[l] > g->cursor[g->ahead])
            g->ahead = l;
    }
}

/* The row of the word that a lane without skew sends first. It is among the last rows made. */
static uint64_t find_start(struct gmt_link *g)
{
    uint64_t row = g->rows - 1;
    while (row_at(g, row)->tag.frame > g->cfg.start_frame || row_at(g, row)->tag.kind == LINK_PAD)
        row--;
    return row;
}

static int run_up(struct gmt_link *g, struct message *m)
{
    uint64_t start = BX_PER_ORBIT + g->cfg.start_bx;
    for (g->next_bx = start - RUN_UP_BX; g->next_bx <= start;)
        if (add_bx(g) < 0) {
            const struct bx_source *s = &g->cfg.source;
            return message_set(m, "%s", s->message ? s->message(s->ctx) : "the source of BX failed");
        }
    uint64_t first = find_start(g);
    for (unsigned l = 0; l < LANES; l++)
        g->cursor[l] = first - g->cfg.skew[l];
    note_lanes(g);
    return 0;
}

static int start(struct gmt_link *g, const struct gmt_link_cfg *cfg, struct message *m)
{
    g->cfg = *cfg;
    g->end_bx = (UINT64_C(2) + cfg->orbits) * BX_PER_ORBIT;
    memset(g->sent_bx, 0xff, sizeof g->sent_bx);
    if (place_faults(g, m) < 0)
        return -1;
    g->cfg.faults = NULL; /* the caller's; ours are placed */
    if (link_lanes_init(&g->lanes, cfg->gap_first, cfg->link_id, cfg->payload_hz, cfg->line_hz) < 0)
        return message_set(m, "line_hz: %" PRIu64 " is too large (give up to 2^62)", cfg->line_hz);
    return run_up(g, m);
}

struct gmt_link *gmt_link_open(const struct gmt_link_cfg *cfg, struct message *m)
{
    if (check(cfg, m) < 0)
        return NULL;
    struct gmt_link *g = calloc(1, sizeof *g);
    if (!g) {
        message_set(m, "links: out of memory");
        return NULL;
    }
    if (start(g, cfg, m) == 0)
        return g;
    gmt_link_close(g);
    return NULL;
}

void gmt_link_close(struct gmt_link *g)
{
    if (!g)
        return;
    free(g->fault);
    free(g);
}

/* ---- lanes with faults ---- */

static void start_off(struct gmt_link *g, unsigned l, uint32_t n, uint32_t data, uint8_t k)
{
    g->off[l] = n;
    g->off_word[l] = (struct link_word){data, k};
}

static void apply(struct gmt_link *g, const struct link_fault *f, struct link_word *w)
{
    g->faults_done++;
    switch ((enum link_fault_kind)f->kind) {
    case FAULT_BIT_FLIP:
    case FAULT_CRC_ERROR:
        w->data ^= UINT32_C(1) << f->value;
        break;
    case FAULT_K_ERROR:
        w->k ^= f->value;
        break;
    case FAULT_DROP_WORD: /* never here: skip_dropped() went past its word */
    case LINK_FAULT_KINDS:
        break;
    case FAULT_INSERT_WORD:
        g->again[f->lane] = f->value;
        break;
    case FAULT_COMMAS:
        start_off(g, f->lane, f->value, LINK_COMMA, LINK_K_COMMA);
        break;
    case FAULT_PADS:
        start_off(g, f->lane, f->value, LINK_PADDING, LINK_K_PADDING);
        break;
    }
}

/* The first fault at or after a word. */
static size_t find_fault(const struct gmt_link *g, uint64_t word)
{
    size_t low = 0, high = g->faults;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (g->fault[middle].word < word)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t word_of(const struct gmt_link *g, const struct row *r)
{
    return number_of(g, r->tag.orbit, r->tag.bx) * FRAMES + r->tag.frame;
}

static void apply_faults(struct gmt_link *g, unsigned l, const struct row *r, struct link_word *w)
{
    uint64_t word = word_of(g, r);
    for (size_t i = find_fault(g, word); i < g->faults && g->fault[i].word == word; i++)
        if (g->fault[i].fault.lane == l)
            apply(g, &g->fault[i].fault, w);
}

static uint32_t words_dropped_at(const struct gmt_link *g, unsigned l, const struct row *r)
{
    uint64_t word = word_of(g, r);
    for (size_t i = find_fault(g, word); i < g->faults && g->fault[i].word == word; i++)
        if (g->fault[i].fault.lane == l && g->fault[i].fault.kind == FAULT_DROP_WORD)
            return g->fault[i].fault.value;
    return 0;
}

/* Moves the lane past words that a fault drops. */
static int skip_dropped(struct gmt_link *g, unsigned l)
{
    for (;;) {
        if (make_rows(g, g->cursor[l]) < 0)
            return -1;
        const struct row *r = row_at(g, g->cursor[l]);
        uint32_t n = r->hit >> l & 1 ? words_dropped_at(g, l, r) : 0;
        if (!n)
            return 0;
        g->cursor[l] += n;
        g->faults_done++;
    }
}

/* The word of a lane whose turn it is, with the faults that begin at it. */
static struct link_word next_word(struct gmt_link *g, unsigned l, struct word_tag *tag)
{
    int repeated = g->again[l] > 0;
    const struct row *r = row_at(g, repeated ? g->cursor[l] - 1 : g->cursor[l]);
    struct link_word w = {r->tick.data[l], r->tick.k[l]};
    *tag = r->tag;
    if (repeated) {
        g->again[l]--;
        tag->kind = LINK_FAULT;
    } else {
        g->cursor[l]++;
        if (r->hit >> l & 1)
            apply_faults(g, l, r, &w);
    }
    if (!g->off[l])
        return w;
    g->off[l]--;
    tag->kind = LINK_FAULT;
    return g->off_word[l];
}

static int lane_next(struct gmt_link *g, unsigned l, struct line_in *out, struct word_tag *tag)
{
    if (!g->again[l] && skip_dropped(g, l) < 0)
        return -1;
    struct link_word w = next_word(g, l, tag);
    out->data[l] = w.data;
    out->k[l] = w.k;
    return tag->kind != LINK_IDLE;
}

static int each_lane_next(struct gmt_link *g, struct line_in *out, struct line_tag *tag)
{
    int more = 0;
    for (unsigned l = 0; l < LANES; l++) {
        struct word_tag t;
        int result = lane_next(g, l, out, &t);
        if (result < 0)
            return -1;
        more |= result;
        if (tag)
            tag->lane[l] = t;
    }
    note_lanes(g);
    return more;
}

/* ---- quick ways ---- */

static int hit_somewhere(struct gmt_link *g)
{
    unsigned hit = 0;
    for (unsigned l = 0; l < LANES; l++)
        hit |= row_at(g, g->cursor[l])->hit & 1u << l;
    return hit;
}

/* All lanes send the same row. */
static int whole_row_next(struct gmt_link *g, struct line_in *out, struct line_tag *tag)
{
    const struct row *r = row_at(g, g->cursor[0]);
    memcpy(out->data, r->tick.data, sizeof out->data);
    memcpy(out->k, r->tick.k, sizeof out->k);
    for (unsigned l = 0; l < LANES; l++)
        g->cursor[l]++;
    for (unsigned l = 0; tag && l < LANES; l++)
        tag->lane[l] = r->tag;
    return r->tag.kind != LINK_IDLE;
}

static int skewed_row_next(struct gmt_link *g, struct line_in *out, struct line_tag *tag)
{
    int more = 0;
    for (unsigned l = 0; l < LANES; l++) {
        const struct row *r = row_at(g, g->cursor[l]++);
        out->data[l] = r->tick.data[l];
        out->k[l] = r->tick.k[l];
        more |= r->tag.kind != LINK_IDLE;
        if (tag)
            tag->lane[l] = r->tag;
    }
    return more;
}

int gmt_link_next(struct gmt_link *g, struct line_in *out, struct line_tag *tag)
{
    if (make_rows(g, g->cursor[g->ahead]) < 0)
        return -1;
    if (g->busy || hit_somewhere(g))
        return each_lane_next(g, out, tag);
    return g->together ? whole_row_next(g, out, tag) : skewed_row_next(g, out, tag);
}

void gmt_link_failed_at(const struct gmt_link *g, uint32_t *orbit, uint16_t *bx)
{
    *orbit = orbit_of(g, g->next_bx);
    *bx = g->next_bx % BX_PER_ORBIT;
}

uint64_t gmt_link_faults_done(const struct gmt_link *g)
{
    return g->faults_done;
}

const struct bx_block *gmt_link_sent(const struct gmt_link *g, uint32_t orbit, uint16_t bx)
{
    if (bx >= BX_PER_ORBIT)
        return NULL;
    uint64_t number = number_of(g, orbit, bx);
    unsigned at = number % GMT_LINK_HISTORY;
    return g->sent_bx[at] == number ? &g->sent[at] : NULL;
}

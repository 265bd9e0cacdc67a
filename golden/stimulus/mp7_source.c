#include "golden/stimulus/mp7_source.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/link_file.h"
#include "golden/formats/link_words.h"
#include "golden/formats/stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPTURE_LINKS = 4, CAPTURE_MUONS = 2 * CAPTURE_LINKS, NOTES_SIZE = 4096 };

/* One BX of the capture: muon 2 * link + {A, B}. */
struct capture_bx {
    uint64_t muon[CAPTURE_MUONS];
};

struct mp7_source {
    struct mp7_source_cfg cfg;
    unsigned lane[CAPTURE_LINKS];   /* final lanes, lowest first */
    unsigned column[CAPTURE_LINKS]; /* of links 0..3 in the file */
    struct capture_bx bx[BX_PER_ORBIT];
    unsigned n_bx, muons, half_valid;
    char notes[NOTES_SIZE];
    size_t notes_length;
};

static void note(struct mp7_source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct mp7_source *s, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof s->notes - s->notes_length;
    va_start(arguments, format);
    int n = vsnprintf(s->notes + s->notes_length, room, format, arguments);
    va_end(arguments);
    s->notes_length += (size_t)n < room ? (size_t)n : room - 1;
}

static int check_cfg(struct mp7_source *s, struct message *m)
{
    const struct mp7_source_cfg *cfg = &s->cfg;
    unsigned n = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        if (cfg->final_lanes >> lane & 1 && n < CAPTURE_LINKS)
            s->lane[n++] = lane;
    if (__builtin_popcount(cfg->final_lanes) != CAPTURE_LINKS)
        return message_set(m, "mp7.final_lanes: 0x%02x has %d lanes (give %d)", cfg->final_lanes,
                           __builtin_popcount(cfg->final_lanes), CAPTURE_LINKS);
    if (cfg->bx_offset >= BX_PER_ORBIT)
        return message_set(m, "mp7.bx_offset: %u is above %d (give 0..%d)", cfg->bx_offset, BX_PER_ORBIT - 1,
                           BX_PER_ORBIT - 1);
    if (cfg->gap_first >= BX_PER_ORBIT)
        return message_set(m, "mp7.gap_first: %u is above %d (give 0..%d)", cfg->gap_first, BX_PER_ORBIT - 1,
                           BX_PER_ORBIT - 1);
    return 0;
}

static int find_columns(struct mp7_source *s, const struct link_reader *r, const struct link_board *board,
                        struct message *m)
{
    for (unsigned link = 0; link < CAPTURE_LINKS; link++) {
        unsigned column = 0;
        while (column < board->links && board->link[column] != link)
            column++;
        if (column == board->links)
            return message_set(m, "%s:%lu: board %s has no link %u (give a capture with links 0..%d)",
                               s->cfg.path, r->text.number, board->name, link, CAPTURE_LINKS - 1);
        s->column[link] = column;
    }
    return 0;
}

static void take_muon(struct mp7_source *s, const struct link_frame *low, const struct link_frame *high,
                      unsigned link, unsigned b)
{
    unsigned column = s->column[link];
    if (low->side[column] != high->side[column])
        s->half_valid++;
    if (!low->side[column] || !high->side[column])
        return;
    gmt_word w = {high->data[column] << 32 | low->data[column]};
    s->bx[s->n_bx].muon[2 * link + b] = w.v;
    s->muons += gmt_pt(w) != 0;
}

static void take_bx(struct mp7_source *s, const struct link_frame frames[FRAMES])
{
    for (unsigned link = 0; link < CAPTURE_LINKS; link++) {
        take_muon(s, &frames[2], &frames[3], link, 0);
        take_muon(s, &frames[4], &frames[5], link, 1);
    }
    s->n_bx++;
}

static int check_fits(const struct mp7_source *s, const struct link_reader *r, struct message *m)
{
    unsigned bx = s->cfg.bx_offset + s->n_bx;
    if (bx < BX_PER_ORBIT && !link_in_gap(bx, s->cfg.gap_first))
        return 0;
    return message_set(m, "%s:%lu: mp7.bx_offset: %u: BX %u of the capture would stand at BX %u, %s"
                       " (give an offset that keeps the capture clear of the gap at %u and the orbit's end)",
                       s->cfg.path, r->text.number, s->cfg.bx_offset, s->n_bx, bx,
                       bx < BX_PER_ORBIT ? "in the gap" : "beyond the orbit", s->cfg.gap_first);
}

static int read_frames(struct mp7_source *s, struct link_reader *r, struct message *m)
{
    struct link_frame frames[FRAMES];
    unsigned n = 0, last = 0;
    int got;
    while ((got = link_read_frame(r, &frames[n], m)) == 1) {
        last = frames[n].number;
        if (++n < FRAMES)
            continue;
        if (check_fits(s, r, m) < 0)
            return -1;
        take_bx(s, frames);
        n = 0;
    }
    if (got == 0 && n > 0)
        note(s, "%s: the capture's last BX, %u, is partial (frames %u..%u of %u); it is dropped\n",
             s->cfg.path, s->n_bx, last + 1 - n, last, (s->n_bx + 1) * FRAMES);
    return got;
}

static int read_capture(struct mp7_source *s, struct link_reader *r, struct message *m)
{
    struct link_board board;
    if (link_read_board(r, &board, m) != 1 || find_columns(s, r, &board, m) < 0 || read_frames(s, r, m) < 0)
        return -1;
    if (s->n_bx == 0)
        return message_set(m, "%s:%lu: board %s has no whole BX (give at least %d frames)", s->cfg.path,
                           r->text.number, board.name, FRAMES);
    if (s->half_valid)
        note(s, "%s: %u muons have one word valid and one not; they count as no data\n", s->cfg.path,
             s->half_valid);
    int more = link_read_board(r, &board, m);
    if (more == 1)
        note(s, "%s: board %s and what follows is not used\n", s->cfg.path, board.name);
    return more < 0 ? -1 : 0;
}

struct mp7_source *mp7_source_open(const struct mp7_source_cfg *cfg, struct message *m)
{
    struct mp7_source *s = calloc(1, sizeof *s);
    if (!s) {
        message_set(m, "%s: out of memory", cfg->path);
        return NULL;
    }
    s->cfg = *cfg;
    FILE *file = check_cfg(s, m) == 0 ? stream_read(cfg->path, m) : NULL;
    struct link_reader *r = file ? link_reader_new(file, cfg->path, &link_codec_mp7, m) : NULL;
    int wrong = !r || read_capture(s, r, m) < 0;
    link_reader_free(r);
    s->cfg.path = NULL; /* the caller's, not needed any more */
    if (!wrong)
        return s;
    mp7_source_close(s);
    return NULL;
}

void mp7_source_close(struct mp7_source *s)
{
    free(s);
}

unsigned mp7_source_bx(const struct mp7_source *s)
{
    return s->n_bx;
}

unsigned mp7_source_muons(const struct mp7_source *s)
{
    return s->muons;
}

const char *mp7_source_notes(const struct mp7_source *s)
{
    return s->notes;
}

static int taken(const struct mp7_source *s, uint32_t orbit, uint16_t bx)
{
    uint32_t since = orbit - s->cfg.first_orbit; /* orbit numbers wrap */
    int in_orbit = since == 0 || (s->cfg.repeat && since < UINT32_MAX / 2);
    return in_orbit && bx >= s->cfg.bx_offset && bx < s->cfg.bx_offset + s->n_bx;
}

static void put_muons(const struct mp7_source *s, const struct capture_bx *from, struct bx_content *c)
{
    for (unsigned i = 0; i < CAPTURE_MUONS; i++) {
        unsigned slot = 2 * s->lane[i / 2] + i % 2;
        struct gmt_muon fields;
        c->muon[slot].v = from->muon[i];
        gmt_unpack(c->muon[slot], GMT_LAYOUT_2017, &fields);
        c->eta_raw[slot] = fields.eta_raw;
    }
}

static int source_next(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    const struct mp7_source *s = ctx;
    struct bx_content c = {.orbit = orbit, .bx = bx, .final_lanes = s->cfg.final_lanes};
    if (taken(s, orbit, bx))
        put_muons(s, &s->bx[bx - s->cfg.bx_offset], &c);
    bx_frames_build(out, s->cfg.format, &c);
    return 0;
}

struct bx_source mp7_source_source(struct mp7_source *s)
{
    return (struct bx_source){.next = source_next, .ctx = s};
}

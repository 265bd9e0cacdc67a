#include "golden/stimulus/file_source.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/format.h"

#include <stdlib.h>
#include <string.h>

enum { NOTES_SIZE = 4096 };

struct file_source {
    struct file_source_cfg cfg;
    const struct format *format;
    struct bx_reader *reader;
    struct losses losses;
    struct bx_item item;   /* the next BX of the file, when `have` is set */
    int have, ended;
    uint32_t shift;        /* what is added to the file's orbit numbers */
    uint32_t orbit;        /* the last one that was asked for */
    uint64_t sent, missed; /* BX: sent, not asked for because they lie in the gap or before the run */
    uint64_t errors;       /* recovered from, in what was read before */
    struct message why;
    char notes[NOTES_SIZE];
};

static int begin_file(struct file_source *s, struct message *m)
{
    struct bx_file_cfg cfg = bx_file_default(&s->losses);
    cfg.recover = s->cfg.recover;
    cfg.first_bx = s->cfg.bx_offset;
    cfg.final_lanes = s->cfg.final_lanes;
    FILE *file = format_open(s->cfg.path, &s->format, m);
    s->reader = file ? bx_reader_new(file, s->cfg.path, s->format->bx, &cfg, m) : NULL;
    return s->reader ? 0 : -1;
}

/* The next BX of the GMT: 1; 0 at the end; -1. */
static int next_item(struct file_source *s, struct message *m)
{
    int got;
    do
        got = bx_reader_next(s->reader, &s->item, m);
    while (got == 1 && (s->item.kind != ITEM_BX || s->item.form == FORM_WORDS));
    s->have = got == 1;
    return got;
}

static int begin(struct file_source *s, uint32_t first_orbit, struct message *m)
{
    if (begin_file(s, m) < 0)
        return -1;
    int got = next_item(s, m);
    if (got == 0)
        return message_set(m, "%s: there is no BX of the GMT in the file", s->cfg.path);
    s->shift = first_orbit - s->item.orbit;
    return got;
}

struct file_source *file_source_open(const struct file_source_cfg *cfg, struct message *m)
{
    struct file_source *s = calloc(1, sizeof *s);
    if (!s) {
        message_set(m, "%s: out of memory", cfg->path);
        return NULL;
    }
    s->cfg = *cfg;
    if (cfg->format[0] && strcmp(cfg->format, "auto") != 0)
        s->format = format_find(cfg->format);
    if (begin(s, cfg->first_orbit, m) == 1)
        return s;
    file_source_close(s);
    return NULL;
}

void file_source_close(struct file_source *s)
{
    if (!s)
        return;
    bx_reader_free(s->reader);
    free(s);
}

static int again(struct file_source *s)
{
    s->errors += s->reader->errors;
    bx_reader_free(s->reader);
    s->reader = NULL;
    return begin(s, s->orbit + 1, &s->why);
}

static int advance(struct file_source *s)
{
    int got = next_item(s, &s->why);
    if (got == 0 && s->cfg.repeat)
        got = again(s);
    s->ended = got == 0;
    return got < 0 ? -1 : 0;
}

/* Whether the file's BX comes before the one asked for; orbit numbers wrap. */
static int is_past(const struct file_source *s, uint32_t orbit, uint16_t bx)
{
    int32_t ahead = (int32_t)(s->item.orbit + s->shift - orbit);
    return ahead < 0 || (ahead == 0 && s->item.bx < bx);
}

static void send(struct file_source *s, uint32_t orbit, struct bx_block *out)
{
    unsigned frame = s->cfg.layout == LINK_FORMAT_RUN3 ? 0 : LANES;
    bx_item_rebase(&s->item, 0);
    s->item.orbit = orbit;
    int recorded = s->item.form == FORM_LINKS && s->item.layout == s->cfg.layout;
    bx_item_links(&s->item, s->cfg.layout, s->cfg.final_lanes, &s->losses);
    *out = s->item.links.block;
    for (unsigned lane = 0; lane < LANES && recorded; lane++)
        out->w[frame + lane] += s->shift;
    s->sent++;
}

static int source_next(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    struct file_source *s = ctx;
    s->orbit = orbit;
    while (s->have && !s->ended && is_past(s, orbit, bx)) {
        s->missed++;
        if (advance(s) < 0)
            return -1;
    }
    if (s->have && s->item.orbit + s->shift == orbit && s->item.bx == bx) {
        send(s, orbit, out);
        return advance(s);
    }
    struct bx_content empty = {.orbit = orbit, .bx = bx, .final_lanes = s->cfg.final_lanes};
    bx_frames_build(out, s->cfg.layout, &empty);
    return 0;
}

static const char *source_message(void *ctx)
{
    return ((struct file_source *)ctx)->why.text;
}

struct bx_source file_source_source(struct file_source *s)
{
    return (struct bx_source){.next = source_next, .message = source_message, .ctx = s};
}

static void note(struct file_source *s, uint64_t n, const char *what)
{
    size_t length = strlen(s->notes);
    if (n)
        snprintf(s->notes + length, sizeof s->notes - length, "%s: %llu %s\n", s->cfg.path,
                 (unsigned long long)n, what);
}

const char *file_source_notes(struct file_source *s)
{
    s->notes[0] = 0;
    note(s, s->missed, "BX lie in the gap, or before the run's first orbit, and were not sent");
    note(s, s->errors + (s->reader ? s->reader->errors : 0), "errors in the file, gone on after each");
    for (unsigned i = 0; i < LOSSES; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s were not used", loss_names[i]);
        note(s, i == LOSS_PACKETS || i == LOSS_BOARD_HEADER ? 0 : s->losses.n[i], text);
    }
    return s->notes;
}

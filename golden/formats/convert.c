#include "golden/formats/convert.h"

#include "golden/formats/daq_slips.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ORBITS_PER_PACKET = 20, NONE = -1 };

struct convert_cfg convert_default(void)
{
    struct convert_cfg cfg = {.in = bx_file_default(NULL), .out = bx_file_default(NULL),
                              .range = {0, UINT32_MAX, 0, BX_PER_ORBIT - 1}};
    return cfg;
}

/* ---- link maps ---- */

static const char *parse_link(const char *s, int *link)
{
    unsigned long number;
    if (*s == '-') {
        *link = NONE;
        return s + 1;
    }
    s = text_number(s, &number);
    *link = s && number <= 999 ? (int)number : NONE;
    return s && number <= 999 ? s : NULL;
}

int link_map_parse(struct link_map *map, const char *text, struct message *m)
{
    const char *s = text;
    map->n = 0;
    do {
        if (map->n == LINKS_MAX)
            return message_set(m, "%s: more than %d links", text, LINKS_MAX);
        const char *item = s;
        s = parse_link(s, &map->from[map->n]);
        map->to[map->n] = map->from[map->n];
        if (s && *s == ':')
            s = parse_link(s + 1, &map->to[map->n]);
        if (!s || (*s && *s != ','))
            return message_set(
                m,
                "%s: \"%.20s\" (give link numbers 0..999, new numbers after a colon, - for none, apart by "
                "commas: 0,1,8:2,-)",
                text, item);
        map->n++;
    } while (*s++ == ',');
    return 0;
}

int link_map_lanes(const struct link_map *map, int16_t link[LANES], struct message *m)
{
    if (map->n > LANES)
        return message_set(m, "--links: %u links for %d lanes (give up to %d)", map->n, LANES, LANES);
    for (unsigned lane = 0; lane < LANES && map->n; lane++)
        link[lane] = (int16_t)(lane < map->n ? map->from[lane] : NONE);
    return 0;
}

int bx_in_range(const struct bx_range *r, uint32_t orbit, uint16_t bx)
{
    return orbit >= r->first_orbit && orbit <= r->last_orbit && bx >= r->first_bx && bx <= r->last_bx;
}

/* ---- by rows ---- */

struct rows {
    const struct convert_cfg *cfg;
    struct convert_result *result;
    struct link_reader *reader;
    FILE *out;
    struct link_board board;  /* as it is written */
    unsigned column[LINKS_MAX]; /* of each written link in the input */
};

static int pick_links(struct rows *x, const struct link_board *in, const char *path, struct message *m)
{
    const struct link_map *map = &x->cfg->links;
    const struct link_codec *to = x->result->to->links;
    x->board.links = map->n ? map->n : in->links;
    for (unsigned i = 0; i < x->board.links; i++) {
        unsigned column = 0;
        while (map->n && column < in->links && in->link[column] != map->from[i])
            column++;
        if (column == in->links)
            return message_set(m, "%s: board %s has no link %d (--links names links of the file)", path,
                               in->name, map->from[i]);
        x->column[i] = map->n ? column : i;
        int number = map->n ? map->to[i] : in->link[i];
        if (number < 0 || number > (int)to->max_link)
            return message_set(m, "link %d cannot be in %s (give 0..%u: --links old:new)", number, to->name,
                               to->max_link);
        x->board.link[i] = (uint16_t)number;
        x->board.strobed[i] = in->strobed[x->column[i]];
    }
    return 0;
}

/* A dialect belongs to its format; only line ends and "no marks" mean the same in another. */
static unsigned dialect_for(const struct rows *x, unsigned dialect)
{
    unsigned kept = x->result->from == x->result->to ? dialect : 0;
    return kept | (x->cfg->plain ? DIALECT_PLAIN : 0);
}

static void count_row(struct rows *x, const struct link_frame *row)
{
    const struct link_codec *to = x->result->to->links;
    unsigned held = to->sides;
    if (x->board.dialect & (DIALECT_PLAIN | DIALECT_NO_VALID))
        held &= ~(unsigned)SIDE_VALID;
    for (unsigned i = 0; i < x->board.links; i++) {
        /* What cannot be marked is taken for valid. */
        unsigned side = held & SIDE_VALID ? row->side[i] : row->side[i] ^ SIDE_VALID;
        x->result->losses.n[LOSS_SIDE] += (side & ~held) != 0;
        x->result->losses.n[LOSS_BITS] += to->word_bits == 32 && row->data[i] >> 32;
    }
}

static void put_row(struct rows *x, const struct link_frame *in)
{
    struct link_frame row;
    row.number = in->number;
    for (unsigned i = 0; i < x->board.links; i++) {
        row.data[i] = in->data[x->column[i]];
        row.side[i] = in->side[x->column[i]];
    }
    count_row(x, &row);
    x->result->to->links->write_frame(x->out, &x->board, &row);
    x->result->rows++;
}

/* A board's header is written with its first row, which shows how its words are written. */
static int copy_board(struct rows *x, const struct link_board *board, const char *path, struct message *m)
{
    struct link_frame row;
    int got, first = 1;
    while ((got = link_read_frame(x->reader, &row, m)) == 1) {
        if (first) {
            x->board = *board;
            x->board.dialect = dialect_for(x, x->reader->board.dialect);
            if (pick_links(x, &x->reader->board, path, m) < 0)
                return -1;
            x->result->to->links->write_board(x->out, &x->board);
        }
        first = 0;
        put_row(x, &row);
    }
    return got;
}

/* What is wrong ends the reading: strict gives up, recover keeps what was read. */
static int rows_wrong(struct rows *x, const struct message *why, struct message *m)
{
    const struct bx_file_cfg *in = &x->cfg->in;
    if (!in->recover || x->result->rows == 0)
        return message_set(m, "%s", why->text);
    x->result->errors++;
    if (in->report)
        in->report(in->ctx, why->text);
    return 0;
}

static int copy_boards(struct rows *x, const char *path, struct message *m)
{
    struct link_board board;
    struct message why = {""};
    int got;
    while ((got = link_read_board(x->reader, &board, &why)) == 1) {
        x->result->losses.n[LOSS_BOARDS] += x->result->boards > 0 && x->result->to->links->one_board;
        if (x->result->boards > 0 && x->result->to->links->one_board)
            continue;
        x->result->losses.n[LOSS_NAME] += x->result->to->links->no_name && !x->result->from->links->no_name;
        x->result->boards++;
        if ((got = copy_board(x, &board, path, &why)) < 0)
            break;
    }
    return got < 0 ? rows_wrong(x, &why, m) : 0;
}

static int convert_rows(FILE *file, const char *path, FILE *out, const struct convert_cfg *cfg,
                        struct convert_result *result, struct message *m)
{
    struct rows *x = calloc(1, sizeof *x);
    result->by_rows = 1;
    if (!x) {
        fclose(file);
        return message_set(m, "%s: out of memory", path);
    }
    *x = (struct rows){.cfg = cfg, .result = result, .out = out};
    x->reader = link_reader_new(file, path, result->from->links, m);
    int failed = !x->reader || copy_boards(x, path, m) < 0;
    link_reader_free(x->reader);
    free(x);
    return failed ? -1 : 0;
}

/* ---- by BX ---- */

static int is_whole(const struct bx_range *r)
{
    return r->first_orbit == 0 && r->last_orbit == UINT32_MAX && r->first_bx == 0 &&
           r->last_bx == BX_PER_ORBIT - 1;
}

static int wanted(const struct convert_cfg *cfg, const struct bx_item *item)
{
    const struct bx_range *r = &cfg->range;
    if (item->kind == ITEM_BX)
        return bx_in_range(r, item->orbit, item->bx);
    if (item->kind == ITEM_PACKET)
        return is_whole(r);
    return item->orbit >= r->first_orbit && item->orbit <= r->last_orbit;
}

/* One item, or all that the DAQ of 2022 would have made of the orbit that it ends. */
static int put_item(struct bx_writer *w, struct daq_slips *slips, struct bx_item *item, struct message *m)
{
    if (!slips)
        return bx_writer_put(w, item, m);
    int failed = 0;
    if (daq_slips_take(slips, item))
        while (!failed && daq_slips_give(slips, item))
            failed = bx_writer_put(w, item, m) < 0;
    return failed ? -1 : 0;
}

static int copy_items(struct bx_reader *r, struct bx_writer *w, const struct convert_cfg *cfg,
                      struct convert_result *result, struct message *m)
{
    struct bx_item *item = calloc(1, sizeof *item);
    struct daq_slips *slips = cfg->daq_slips ? calloc(1, sizeof *slips) : NULL;
    const int whole = is_whole(&cfg->range);
    uint32_t orbit = 0;
    int got = item && (slips || !cfg->daq_slips) ? 1 : message_set(m, "out of memory");
    while (got == 1 && (got = bx_reader_next(r, item, m)) == 1) {
        if (!whole && !wanted(cfg, item))
            continue;
        if (item->kind != ITEM_PACKET && (!result->orbits || item->orbit != orbit)) {
            result->orbits++;
            orbit = item->orbit;
        }
        if (put_item(w, slips, item, m) < 0 || ferror(w->file))
            got = ferror(w->file) ? message_set(m, "writing failed: %s", stream_why(errno)) : -1;
    }
    free(item);
    free(slips);
    result->bx = w->items;
    result->errors = r->errors;
    return got;
}

static int convert_items(FILE *file, const char *path, FILE *out, const struct convert_cfg *cfg,
                         struct convert_result *result, struct message *m)
{
    struct bx_file_cfg in_cfg = cfg->in, out_cfg = cfg->out;
    in_cfg.losses = out_cfg.losses = &result->losses;
    int from_pattern = result->from->links != NULL;
    if (cfg->daq_slips &&
        (result->from->bx != &bx_codec_dma2022 || result->to->bx->layout != LINK_FORMAT_RUN3 ||
         result->to->bx->form == FORM_LINKS)) {
        fclose(file);
        return message_set(m, "%s: --as-daq-2022 is for dma2022 to host12 or frd, not for %s to %s", path,
                           result->from->name, result->to->name);
    }
    if (link_map_lanes(&cfg->links, from_pattern ? in_cfg.link : out_cfg.link, m) < 0) {
        fclose(file);
        return -1;
    }
    if (!out_cfg.orbits_per_packet && !(result->from->bx->packets && is_whole(&cfg->range)))
        out_cfg.orbits_per_packet = ORBITS_PER_PACKET;
    struct bx_reader *r = bx_reader_new(file, path, result->from->bx, &in_cfg, m);
    struct bx_writer *w = r ? bx_writer_new(out, result->to->bx, &out_cfg, m) : NULL;
    int failed = !w || copy_items(r, w, cfg, result, m) < 0 || bx_writer_end(w, m) < 0;
    bx_writer_free(w);
    bx_reader_free(r);
    return failed ? -1 : 0;
}

/* ---- all together ---- */

static int check_losses(const struct convert_cfg *cfg, const struct convert_result *result, const char *path,
                        struct message *m)
{
    for (unsigned i = 0; i < LOSSES && cfg->lossless; i++)
        if (result->losses.n[i])
            return message_set(
                m, "%s: %s cannot hold %s (%llu): left out --lossless, or choose another format", path,
                result->to->name, loss_names[i], (unsigned long long)result->losses.n[i]);
    return 0;
}

/* Rows are rows as long as nobody asks for BX. */
static int rows_will_do(const struct convert_cfg *cfg, const struct convert_result *result)
{
    return result->from->links && result->to->links && is_whole(&cfg->range) && cfg->out.layout < 0 &&
           cfg->in.counters == COUNTERS_AUTO;
}

int convert_file(const char *in, const char *out, const struct convert_cfg *cfg,
                 struct convert_result *result, struct message *m)
{
    struct stream_out target;
    memset(result, 0, sizeof *result);
    result->from = cfg->from;
    FILE *file = format_open(in, &result->from, m);
    if (!file)
        return -1;
    result->to = cfg->to ? cfg->to : result->from;
    if (stream_create(&target, out, m) < 0) {
        fclose(file);
        return -1;
    }
    int failed = rows_will_do(cfg, result) ? convert_rows(file, in, target.file, cfg, result, m)
                                           : convert_items(file, in, target.file, cfg, result, m);
    failed = failed < 0 || check_losses(cfg, result, in, m) < 0;
    struct message why = *m;
    if (failed && ferror(target.file))
        message_set(m, "%s: %.900s", out, why.text);
    if (stream_close(&target, !failed, &why) < 0)
        return message_set(m, "%s", why.text);
    return failed ? -1 : 0;
}

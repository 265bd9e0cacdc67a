#include "hls/compiler/report.h"

#include "hls/compiler/area.h"
#include "hls/compiler/critical.h"
#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE_COLUMNS = 62 };

/* What the nodes of a source line cost together. */
struct line {
    unsigned nodes, first, last; /* stages */
    double luts;
    unsigned dsps, registers;
};

struct report {
    const struct hls_fn *fn;
    const struct hls_emitted *count;
    struct hls_area *area; /* of each node */
    FILE *to;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* --- by line --- */

static bool counts(const struct report *r, hls_id id, const char *file)
{
    const struct hls_node *n = &r->fn->node[id];
    bool costs = r->area[id].luts > 0 || r->area[id].dsps || r->count->node_bits[id];
    return n->loc.file == file && n->demand && (costs || !hls_is_wiring(n->op));
}

static void add_node(const struct report *r, struct line *l, hls_id id)
{
    const struct hls_node *n = &r->fn->node[id];
    if (!l->nodes || n->stage < l->first)
        l->first = n->stage;
    if (!l->nodes || n->stage + n->wait > l->last)
        l->last = n->stage + n->wait;
    l->nodes++;
    l->luts += r->area[id].luts;
    l->dsps += r->area[id].dsps;
    l->registers += r->count->node_bits[id];
}

/* The lines of a file, by number; all in line 0 without a file. */
static struct line *gather(const struct report *r, const char *file, unsigned *lines)
{
    *lines = 1;
    for (hls_id id = 0; id < r->fn->nodes; id++)
        if (file && counts(r, id, file) && r->fn->node[id].loc.line >= *lines)
            *lines = r->fn->node[id].loc.line + 1;
    struct line *line = hls_allocate(*lines, sizeof *line);
    for (hls_id id = 0; id < r->fn->nodes; id++)
        if (counts(r, id, file))
            add_node(r, &line[file ? r->fn->node[id].loc.line : 0], id);
    return line;
}

/* One line of the source without its indentation, cut to the column. */
static void read_line(FILE *source, char text[SOURCE_COLUMNS + 1])
{
    char *whole = NULL;
    size_t room = 0;
    text[0] = 0;
    if (getline(&whole, &room, source) >= 0) {
        const char *start = whole + strspn(whole, " \t");
        snprintf(text, SOURCE_COLUMNS + 1, "%.*s", (int)strcspn(start, "\r\n"), start);
    }
    free(whole);
}

static void put_line(FILE *to, const struct line *l, const char *where, const char *text)
{
    char stages[32];
    snprintf(stages, sizeof stages, l->first == l->last ? "%u" : "%u-%u", l->first, l->last);
    fprintf(to, "%6s %8.0f %6u %10u %8s  %s\n", where, l->luts, l->dsps, l->registers, stages, text);
}

static void put_file(const struct report *r, const char *path)
{
    char text[SOURCE_COLUMNS + 1], number[16];
    unsigned lines;
    struct line *line = gather(r, path, &lines);
    FILE *source = fopen(path, "r");
    if (lines > 1)
        fprintf(r->to, "\n%6s %8s %6s %10s %8s  %s\n", "line", "LUTs", "DSPs", "registers", "stages", base_name(path));
    for (unsigned i = 1; i < lines; i++) {
        text[0] = 0;
        if (source)
            read_line(source, text);
        snprintf(number, sizeof number, "%u", i);
        if (line[i].nodes)
            put_line(r->to, &line[i], number, text);
    }
    if (source)
        fclose(source);
    free(line);
}

static void put_lines(const struct report *r)
{
    unsigned lines;
    for (unsigned f = 0; f < r->fn->files; f++)
        put_file(r, r->fn->file[f]);
    struct line *line = gather(r, NULL, &lines);
    if (line->nodes)
        put_line(r->to, line, "", "(inputs, and what has no line of its own)");
    free(line);
}

/* --- the rest --- */

static void put_head(const struct report *r, const struct hls_options *o)
{
    const struct hls_fn *fn = r->fn;
    struct hls_area sum = hls_area_sum(fn, r->area);
    double ns = 1000.0 / o->clock_mhz;
    fprintf(r->to, "%s: %s\n", fn->name, base_name(o->source));
    fprintf(r->to, "latency    %u cycles, %.1f ns at %.4f MHz\n", fn->stages, fn->stages * ns, o->clock_mhz);
    if (fn->ii == 1)
        fprintf(r->to, "interval   a result every cycle, %.1f ns (II 1)\n", ns);
    else
        fprintf(r->to, "interval   a result every %u cycles, %.1f ns (II %u)\n", fn->ii, fn->ii * ns, fn->ii);
    fprintf(r->to, "registers  %u bits, %u of them in shift registers\n", r->count->register_bits,
            r->count->shift_bits);
    fprintf(r->to, "LUTs       %.0f (estimate)\nDSPs       %u\n", sum.luts, sum.dsps);
}

static void put_stages(const struct report *r, double clock_mhz)
{
    fprintf(r->to,
            "\nslowest way through each stage, of a period of %.2f ns (estimates; operation and line)\n",
            1000.0 / clock_mhz);
    for (unsigned s = 0; s < r->fn->stages; s++) {
        hls_id end = hls_stage_end(r->fn, s);
        char *path = hls_path_text(r->fn, end);
        fprintf(r->to, "%6u %5.2f ns  %s\n", s, end == HLS_NONE ? 0 : (double)r->fn->node[end].arrival,
                end == HLS_NONE ? "registers only" : path);
        free(path);
    }
}

int hls_report(const struct hls_fn *fn, const struct hls_options *o, const struct hls_emitted *count,
               FILE *to)
{
    struct report r = {.fn = fn, .count = count, .area = hls_area_of_nodes(fn), .to = to};
    put_head(&r, o);
    put_lines(&r);
    put_stages(&r, o->clock_mhz);
    free(r.area);
    return fflush(to) || ferror(to) ? -1 : 0;
}

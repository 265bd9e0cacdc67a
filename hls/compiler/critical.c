#include "hls/compiler/critical.h"

#include "hls/compiler/memory.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 64 };

hls_id hls_stage_end(const struct hls_fn *fn, unsigned stage)
{
    hls_id last = HLS_NONE;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        bool computes = n->demand && n->stage == stage && n->arrival > 0;
        if (computes && (last == HLS_NONE || n->arrival > fn->node[last].arrival))
            last = id;
    }
    return last;
}

hls_id hls_waited_for(const struct hls_fn *fn, hls_id id)
{
    hls_id latest = HLS_NONE;
    for (unsigned a = 0; a < hls_op_info[fn->node[id].op].operands; a++) {
        hls_id x = fn->node[id].arg[a];
        const struct hls_node *n = &fn->node[x];
        bool same = n->stage == fn->node[id].stage && !n->wait && n->arrival > 0;
        if (same && (latest == HLS_NONE || n->arrival > fn->node[latest].arrival))
            latest = x;
    }
    return latest;
}

static char *step_text(const struct hls_fn *fn, hls_id id)
{
    const struct hls_node *n = &fn->node[id];
    char *place = hls_place(fn, n->loc);
    char *text = hls_text("%s%s%s", hls_op_info[n->op].text, *place ? " " : "", place);
    free(place);
    return text;
}

static void append(char **text, unsigned times, const char *step)
{
    const char *comma = **text ? ", " : "";
    char *longer = times > 1 ? hls_text("%s%s%u %s", *text, comma, times, step)
                             : hls_text("%s%s%s", *text, comma, step);
    free(*text);
    *text = longer;
}

char *hls_path_text(const struct hls_fn *fn, hls_id id)
{
    hls_id way[LONGEST];
    unsigned n = 0, times = 0;
    for (; id != HLS_NONE && n < LONGEST; id = hls_waited_for(fn, id))
        if (!hls_is_wiring(fn->node[id].op))
            way[n++] = id;
    char *text = hls_copy_text("");
    while (n-- > 0) {
        char *step = step_text(fn, way[n]), *next = n ? step_text(fn, way[n - 1]) : NULL;
        times++;
        if (!next || strcmp(step, next)) {
            append(&text, times, step);
            times = 0;
        }
        free(step);
        free(next);
    }
    return text;
}

/* --- the latency --- */

static hls_id last_root(const struct hls_fn *fn)
{
    hls_id last = HLS_NONE;
    for (unsigned i = 0; i < fn->outputs; i++)
        if (last == HLS_NONE || hls_timing_compare(fn, fn->output[i], last) > 0)
            last = fn->output[i];
    return last;
}

static hls_id latest_operand(const struct hls_fn *fn, hls_id id)
{
    hls_id latest = HLS_NONE;
    for (unsigned a = 0; a < hls_op_info[fn->node[id].op].operands; a++) {
        hls_id x = fn->node[id].arg[a];
        if (latest == HLS_NONE || hls_timing_compare(fn, x, latest) > 0)
            latest = x;
    }
    return latest;
}

static bool same_line(struct hls_loc a, struct hls_loc b)
{
    return a.file == b.file && (!a.file || a.line == b.line);
}

/* "17 (stages 0-2), 19 (stages 2-3)": the lines on the longest way from an input, in its order. */
static char *longest_way(const struct hls_fn *fn)
{
    char *text = hls_copy_text("");
    hls_id id = last_root(fn);
    while (id != HLS_NONE) {
        const struct hls_node *n = &fn->node[id];
        struct hls_loc loc = n->loc;
        unsigned last = n->stage + n->wait, first = last;
        for (; id != HLS_NONE; id = latest_operand(fn, id)) {
            n = &fn->node[id];
            if (!hls_is_wiring(n->op) && !same_line(n->loc, loc))
                break;
            first = n->op == HLS_INPUT || n->op == HLS_CONST ? first : n->stage;
        }
        if (!loc.file)
            continue;
        char *line = hls_place(fn, loc);
        char *step = first == last ? hls_text("%s (stage %u)", line, first)
                                   : hls_text("%s (stages %u-%u)", line, first, last);
        free(line);
        char *longer = hls_text("%s%s%s", step, *text ? ", " : "", text);
        free(step);
        free(text);
        text = longer;
    }
    return text;
}

int hls_check_latency(const struct hls_fn *fn, const struct hls_options *o)
{
    if (!o->latency || fn->stages <= o->latency)
        return 0;
    char *way = longest_way(fn);
    int code = hls_refuse(fn->top,
                          "'%s' takes %u cycles at %.4f MHz, --latency allows %u; the longest way goes through "
                          "line %s (shorten it, allow %u cycles, or lower --clock-mhz)",
                          fn->name, fn->stages, o->clock_mhz, o->latency, way, fn->stages);
    free(way);
    return code;
}

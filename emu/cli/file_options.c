#include "emu/cli/file_options.h"

#include "emu/cli/command.h"
#include "emu/scenario/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REPORTS = 20 };

enum file_option {
    OPT_FROM = 'f',
    OPT_LINKS = 'l',
    OPT_RECOVER = 512,
    OPT_STRICT,
    OPT_LAYOUT,
    OPT_IN_BASE,
    OPT_FIRST_ORBIT,
    OPT_BX_OFFSET,
    OPT_COUNTERS,
    OPT_BOUNDARY,
    OPT_ORBIT,
    OPT_BX,
};

static const struct argp_option options[] = {
    {"from", OPT_FROM, "FORMAT", 0, "format of the input (default: by its content)", 10},
    {"strict", OPT_STRICT, NULL, 0, "the first thing that is wrong in the input is an error (default)", 10},
    {"recover", OPT_RECOVER, NULL, 0, "report and count what is wrong, skip it, go on", 10},
    {"orbit", OPT_ORBIT, "N[-M]", 0, "only these orbits", 11},
    {"bx", OPT_BX, "N[-M]", 0, "only these BX, 0..3563", 11},
    {"links", OPT_LINKS, "LIST", 0,
     "pattern files: the link of each lane, - for none (0,1,2,3,-,-,-,-); between two pattern files: the "
     "links to copy, "
     "each with a new number if wanted (4:0,5:1)",
     12},
    {"layout", OPT_LAYOUT, "2018|run3", 0,
     "order of BX and orbit in the input's links (default: as the data show)", 12},
    {"in-base", OPT_IN_BASE, "0|1", 0,
     "number of an orbit's first BX in the input (default: 1 for frd, else 0)", 12},
    {"counters", OPT_COUNTERS, "KIND", 0,
     "pattern files: keep (rows 0 and 1 hold BX and orbit), write (they do not), or auto", 12},
    {"first-orbit", OPT_FIRST_ORBIT, "N", 0,
     "orbit of the input's first BX, where it has no numbers (default 1)", 12},
    {"bx-offset", OPT_BX_OFFSET, "N", 0,
     "BX of the input's first rows, where they have no numbers (default 0)", 12},
    {"boundary", OPT_BOUNDARY, "BLOCK", 0, "records: the block whose output is read (default link_align)",
     12},
    {0},
};

const struct format *file_option_format(struct argp_state *state, const char *option, const char *text)
{
    const struct format *found = format_find(text);
    char names[256];
    const char *near = NULL;
    for (const struct format *f = formats; !found && f->name; f++)
        if (suggest_distance(f->name, text) <= 1)
            near = f->name;
    if (!found)
        argp_error(state, "--%s %s: unknown (%s%s%sgive %s)", option, text, near ? "did you mean " : "",
                   near ? near : "", near ? "? " : "", format_names(names, sizeof names));
    return found;
}

static int word(struct argp_state *state, const char *option, const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], text))
            return i;
    argp_error(state, "--%s %s: unknown (give %s or %s)", option, text, words[0], words[1]);
    return 0;
}

int file_option_layout(struct argp_state *state, const char *option, const char *text)
{
    static const char *const layouts[] = {[LINK_FORMAT_2018] = "2018", [LINK_FORMAT_RUN3] = "run3", NULL};
    return word(state, option, layouts, text);
}

static const char *number(const char *text, unsigned long max, unsigned long *value)
{
    char *end;
    if (*text < '0' || *text > '9')
        return NULL;
    *value = strtoul(text, &end, 10);
    return end - text > 10 || *value > max ? NULL : end;
}

unsigned long file_option_number(struct argp_state *state, const char *option, const char *text,
                                 unsigned long max)
{
    unsigned long value = 0;
    const char *end = number(text, max, &value);
    if (!end || *end)
        argp_error(state, "--%s %s: no number of this option (give 0..%lu)", option, text, max);
    return value;
}

static void range(struct argp_state *state, const char *option, const char *text, unsigned long max,
                  unsigned long *first, unsigned long *last)
{
    const char *end = number(text, max, first);
    *last = *first;
    if (end && *end == '-')
        end = number(end + 1, max, last);
    if (!end || *end || *last < *first)
        argp_error(state, "--%s %s: no range (give N or N-M, 0..%lu)", option, text, max);
}

static void set_range(struct argp_state *state, struct bx_range *r, int key, const char *text)
{
    unsigned long first = 0, last = 0;
    if (key == OPT_ORBIT) {
        range(state, "orbit", text, UINT32_MAX, &first, &last);
        r->first_orbit = (uint32_t)first;
        r->last_orbit = (uint32_t)last;
        return;
    }
    range(state, "bx", text, BX_PER_ORBIT - 1, &first, &last);
    r->first_bx = (uint16_t)first;
    r->last_bx = (uint16_t)last;
}

static void set_boundary(struct argp_state *state, struct bx_file_cfg *in, const char *text)
{
    if (strlen(text) >= sizeof in->boundary)
        argp_error(state, "--boundary %.40s: too long (give the name of a block)", text);
    snprintf(in->boundary, sizeof in->boundary, "%s", text);
}

static void set_links(struct argp_state *state, struct link_map *map, const char *text)
{
    struct message m;
    if (link_map_parse(map, text, &m) < 0)
        argp_error(state, "--links %s", m.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    static const char *const counters[] = {
        [COUNTERS_AUTO] = "auto", [COUNTERS_KEEP] = "keep", [COUNTERS_WRITE] = "write", NULL};
    struct file_options *o = state->input;
    switch (key) {
    case OPT_FROM: *o->from = file_option_format(state, "from", arg); return 0;
    case OPT_STRICT: o->in->recover = 0; return 0;
    case OPT_RECOVER: o->in->recover = 1; return 0;
    case OPT_ORBIT:
    case OPT_BX: set_range(state, o->range, key, arg); return 0;
    case OPT_LINKS: set_links(state, o->links, arg); return 0;
    case OPT_LAYOUT: o->in->layout = file_option_layout(state, "layout", arg); return 0;
    case OPT_IN_BASE: o->in->base = (int)file_option_number(state, "in-base", arg, 1); return 0;
    case OPT_COUNTERS: o->in->counters = (enum bx_counters)word(state, "counters", counters, arg); return 0;
    case OPT_FIRST_ORBIT:
        o->in->first_orbit = (uint32_t)file_option_number(state, "first-orbit", arg, UINT32_MAX);
        return 0;
    case OPT_BX_OFFSET:
        o->in->first_bx = (uint16_t)file_option_number(state, "bx-offset", arg, BX_PER_ORBIT - 1);
        return 0;
    case OPT_BOUNDARY: set_boundary(state, o->in, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp file_argp = {.options = options, .parser = parse};

void file_report(void *ctx, const char *text)
{
    uint64_t *n = ctx;
    if (++*n <= MOST_REPORTS)
        fprintf(stderr, "%s\n", text);
    else if (*n == MOST_REPORTS + 1)
        fputs("(further errors are counted only)\n", stderr);
}

#include "emu/cli/command.h"
#include "emu/cli/file_options.h"
#include "golden/formats/show.h"

#include <stdio.h>

enum show_option { OPT_ALL = 'a', OPT_JSON = 'j', OPT_MOST = 'n', OPT_LINK = 256 };

static const struct argp_option options[] = {
    {"all", OPT_ALL, NULL, 0, "show every BX, those without muons too", 1},
    {"most", OPT_MOST, "N", 0, "show at most N BX with muons (default 10); the summary counts all", 1},
    {"link", OPT_LINK, "N", 0, "only muons of this lane, 0..7", 1},
    {"json", OPT_JSON, NULL, 0, "for programs: one JSON object", 1},
    {0},
};

static const char doc[] =
    "Show what is in a file of the scouting chain: each BX decoded to physical units, and a summary. "
    "Compressed files are "
    "read as they are; - is standard input."
    "\vExamples:\n"
    "  bxact show out/pp_fill/scout_GMT_000001_000000.dat\n"
    "  bxact show run.dat.zst --orbit 7 --bx 100-120 --all\n"
    "  bxact show capture.txt --json --link 2\n\n"
    "Exit status: 0 all was read, 1 errors were recovered from (--recover), 2 wrong usage or bad input.";

struct show_options {
    struct show_cfg cfg;
    struct file_options shared;
    const char *path;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct show_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->shared; return 0;
    case OPT_ALL: o->cfg.most = UINT64_MAX; return 0;
    case OPT_MOST: o->cfg.most = file_option_number(state, "most", arg, 1000000000); return 0;
    case OPT_LINK: o->cfg.lane = (int)file_option_number(state, "link", arg, LANES - 1); return 0;
    case OPT_JSON: o->cfg.json = 1; return 0;
    case ARGP_KEY_ARG:
        if (o->path)
            argp_error(state, "%s: a second file (give one)", arg);
        o->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->path)
            argp_error(state, "no file (give one)");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int cmd_show(int argc, char **argv)
{
    static const struct argp_child children[] = {{&file_argp, 0, "Input:", 10}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "FILE", .doc = doc, .children = children};
    struct show_options o = {.cfg = show_default()};
    struct message message = {""};
    uint64_t reports = 0;
    o.shared = (struct file_options){&o.cfg.from, &o.cfg.in, &o.cfg.links, &o.cfg.range};
    o.cfg.in.report = file_report;
    o.cfg.in.ctx = &reports;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int result = show_file(o.path, &o.cfg, stdout, &message);
    if (result < 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", message.text);
        return EXIT_USAGE;
    }
    return result ? EXIT_FAILED : EXIT_HELD;
}

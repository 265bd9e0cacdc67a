#include "emu/cli/command.h"
#include "emu/cli/file_options.h"
#include "golden/formats/compare.h"

#include <inttypes.h>
#include <stdio.h>

enum compare_option { OPT_COLLECT = 'c', OPT_QUIET = 'q', OPT_FROM2 = 256, OPT_ALIGN, OPT_IGNORE_EMPTY };

static const struct argp_option options[] = {
    {"collect", OPT_COLLECT, "N", 0, "stop after N differences (default 10; 0: never)", 1},
    {"align-orbits", OPT_ALIGN, NULL, 0, "number the second file's orbits as if both began with the same one",
     1},
    {"ignore-empty", OPT_IGNORE_EMPTY, NULL, 0, "a BX without muons that one file has alone is no difference",
     1},
    {"from2", OPT_FROM2, "FORMAT", 0, "format of the second file (default: by its content)", 1},
    {"quiet", OPT_QUIET, NULL, 0, "print differences only", 1},
    {0},
};

static const char doc[] = "Compare two files of the scouting chain BX by BX, whatever their formats: what a "
                          "board recorded against what it "
                          "should have. All words where both files hold the links' words in the same layout, "
                          "else the muons. The options below "
                          "\"Input\" hold for both files, --from for the first."
                          "\vExamples:\n"
                          "  bxact compare recorded.dat out/pp_fill/dma.dat --align-orbits\n"
                          "  bxact compare capture.txt muons.dat --collect 100\n\n"
                          "Exit status: 0 equal, 1 they differ, nothing was compared or errors were "
                          "recovered from, 2 wrong usage or bad input.";

struct compare_options {
    struct compare_cfg cfg;
    struct file_options shared;
    const char *path[2];
    int quiet;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct compare_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->shared; return 0;
    case OPT_COLLECT: o->cfg.collect = file_option_number(state, "collect", arg, 1000000000); return 0;
    case OPT_ALIGN: o->cfg.align_orbits = 1; return 0;
    case OPT_IGNORE_EMPTY: o->cfg.ignore_empty = 1; return 0;
    case OPT_FROM2: o->cfg.from[1] = file_option_format(state, "from2", arg); return 0;
    case OPT_QUIET: o->quiet = 1; return 0;
    case ARGP_KEY_ARG:
        if (o->path[1])
            argp_error(state, "%s: a third file (give two)", arg);
        o->path[o->path[0] != NULL] = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->path[1])
            argp_error(state, "two files are needed");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void on_difference(void *ctx, const char *text)
{
    (void)ctx;
    printf("%s\n", text);
}

static int judge(const struct compare_options *o, const struct compare_result *r)
{
    if (!o->quiet)
        printf("%" PRIu64 " BX compared, %" PRIu64 " muons and %" PRIu64 " words in them: %" PRIu64
               " differences\n",
               r->bx, r->muons, r->words, r->differences);
    if (!r->bx)
        fprintf(stderr, "no BX is in both files: nothing was compared\n");
    return r->bx && !r->differences && !r->errors ? EXIT_HELD : EXIT_FAILED;
}

int cmd_compare(int argc, char **argv)
{
    static const struct argp_child children[] = {{&file_argp, 0, "Input:", 10}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "FILE FILE", .doc = doc, .children = children};
    struct bx_file_cfg in = bx_file_default(NULL);
    struct compare_options o = {
        .cfg = {.range = convert_default().range, .collect = 10, .difference = on_difference}};
    struct compare_result result;
    struct message message = {""};
    uint64_t reports = 0;
    in.report = file_report;
    in.ctx = &reports;
    o.cfg.in[0] = in;
    o.shared = (struct file_options){&o.cfg.from[0], &o.cfg.in[0], &o.cfg.links[0], &o.cfg.range};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    o.cfg.in[1] = o.cfg.in[0];
    o.cfg.links[1] = o.cfg.links[0];
    if (compare_files(o.path, &o.cfg, &result, &message) < 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", message.text);
        return EXIT_USAGE;
    }
    return judge(&o, &result);
}

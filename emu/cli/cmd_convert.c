#include "emu/cli/command.h"
#include "emu/cli/file_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum convert_option {
    OPT_TO = 't', OPT_QUIET = 'q',
    OPT_OUT_BASE = 256, OPT_OUT_LAYOUT, OPT_PACKET, OPT_RUN, OPT_LS, OPT_PLAIN, OPT_LOSSLESS, OPT_SLIPS,
};

static const struct argp_option options[] = {
    {"to", OPT_TO, "FORMAT", 0, "format of the output (default: the input's)", 1},
    {"lossless", OPT_LOSSLESS, NULL, 0, "what the output cannot hold is an error", 1},
    {"quiet", OPT_QUIET, NULL, 0, "say nothing but errors", 1},
    {"out-base", OPT_OUT_BASE, "0|1", 0,
     "number of an orbit's first BX in the output (default: 1 for frd, else 0)", 2},
    {"out-layout", OPT_OUT_LAYOUT, "2018|run3", 0,
     "order of BX and orbit in the output's links (default: the input's)", 2},
    {"orbits-per-packet", OPT_PACKET, "N", 0, "DMA streams (default: as the input, or 20)", 2},
    {"run", OPT_RUN, "N", 0, "run number of an frd file, where the input has none", 2},
    {"ls", OPT_LS, "N", 0, "lumi section of an frd file, where the input has none", 2},
    {"as-daq-2022", OPT_SLIPS, NULL, 0,
     "dma2022 to host12 or frd: with the four slips of the DAQ software of June 2022", 2},
    {"plain", OPT_PLAIN, NULL, 0, "pattern files without marks: old mp7, apx without sideband", 2},
    {0},
};

static const char doc[] =
    "Turn a file of the scouting chain into another format. Compressed files (.gz, .bz2, .zst) are read by "
    "their content "
    "and written by the name's end; - is standard input or output. What the output cannot hold is told."
    "\vExamples:\n"
    "  bxact convert capture.txt capture_emp.txt --to emp2\n"
    "  bxact convert run.dat muons.dat.zst --to host12\n"
    "  bxact convert out/pp_fill/records.txt links.txt --to mp7 --orbit 1 --bx 100-300\n"
    "  bxact convert broken.dat good.dat --recover\n\n"
    "Formats: frd, emp2, emp1, mp7, apx, records, ugt, dma2022, dma2021, dma2018, host12, host8 "
    "(docs/formats.md).\n"
    "Exit status: 0 all was read, 1 errors were recovered from, 2 wrong usage or bad input.";

struct convert_options {
    struct convert_cfg cfg;
    struct file_options shared;
    const char *in, *out;
    int quiet;
};

static error_t argument(struct convert_options *o, const char *arg, struct argp_state *state)
{
    if (o->out)
        argp_error(state, "%s: a third file (give IN and OUT)", arg);
    if (o->in)
        o->out = arg;
    else
        o->in = arg;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct convert_options *o = state->input;
    struct bx_file_cfg *out = &o->cfg.out;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->shared; return 0;
    case OPT_TO: o->cfg.to = file_option_format(state, "to", arg); return 0;
    case OPT_LOSSLESS: o->cfg.lossless = 1; return 0;
    case OPT_QUIET: o->quiet = 1; return 0;
    case OPT_OUT_BASE: out->base = (int)file_option_number(state, "out-base", arg, 1); return 0;
    case OPT_OUT_LAYOUT: out->layout = file_option_layout(state, "out-layout", arg); return 0;
    case OPT_PACKET:
        out->orbits_per_packet = (uint16_t)file_option_number(state, "orbits-per-packet", arg, 4095);
        return 0;
    case OPT_RUN: out->run = (uint32_t)file_option_number(state, "run", arg, UINT32_MAX); return 0;
    case OPT_LS: out->ls = (uint32_t)file_option_number(state, "ls", arg, UINT32_MAX); return 0;
    case OPT_SLIPS: o->cfg.daq_slips = 1; return 0;
    case OPT_PLAIN: o->cfg.plain = 1; return 0;
    case ARGP_KEY_ARG: return argument(o, arg, state);
    case ARGP_KEY_END:
        if (!o->out)
            argp_error(state, "no %s file (give IN and OUT)", o->in ? "output" : "input");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void say(const struct convert_options *o, const struct convert_result *r)
{
    if (r->by_rows)
        fprintf(stderr, "%s (%s) -> %s (%s): %" PRIu64 " rows of %" PRIu64 " board%s\n", o->in, r->from->name,
                o->out, r->to->name, r->rows, r->boards, r->boards == 1 ? "" : "s");
    else
        fprintf(stderr, "%s (%s) -> %s (%s): %" PRIu64 " BX of %" PRIu64 " orbits\n", o->in, r->from->name,
                o->out, r->to->name, r->bx, r->orbits);
    for (unsigned i = 0; i < LOSSES; i++)
        if (r->losses.n[i])
            fprintf(stderr, "lost: %" PRIu64 " %s\n", r->losses.n[i], loss_names[i]);
    if (r->errors)
        fprintf(stderr, "%" PRIu64 " errors, gone on after each\n", r->errors);
}

int cmd_convert(int argc, char **argv)
{
    static const struct argp_child children[] = {{&file_argp, 0, "Input:", 10}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "IN OUT", .doc = doc, .children = children};
    struct convert_options o = {.cfg = convert_default()};
    struct convert_result result;
    struct message message = {""};
    uint64_t reports = 0;
    o.shared = (struct file_options){&o.cfg.from, &o.cfg.in, &o.cfg.links, &o.cfg.range};
    o.cfg.in.report = file_report;
    o.cfg.in.ctx = &reports;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (convert_file(o.in, o.out, &o.cfg, &result, &message) < 0) {
        fprintf(stderr, "%s\n", message.text);
        return EXIT_USAGE;
    }
    if (!o.quiet)
        say(&o, &result);
    return result.errors ? EXIT_FAILED : EXIT_HELD;
}

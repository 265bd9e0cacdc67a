#include "emu/bench/bench.h"
#include "emu/bench/bench_print.h"
#include "emu/cli/command.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPT_ORBITS = 'n', OPT_SEED = 256, OPT_JSON, OPT_SECONDS, OPT_ROUNDS };

static const struct argp_option options[] = {
    {"orbits", OPT_ORBITS, "N", 0, "orbits of a pass, 1..200 (default 20)", 0},
    {"seed", OPT_SEED, "N", 0, "seed of the stimulus (default: the scenario's)", 0},
    {"json", OPT_JSON, "FILE", 0, "write the figures to FILE too", 0},
    {"seconds", OPT_SECONDS, "S", 0, "processor time for each row, 0.01..3600 (default 1.5)", 0},
    {"rounds", OPT_ROUNDS, "N", 0, "rounds in which the rows take turns, 1..99 (default 5)", 0},
    {0},
};

static const char doc[] =
    "Measure how many BX per second each part of bxact works through, all on the stimulus of "
    "scenarios/pp_fill.cfg, in one table with the goals."
    "\vExamples:\n"
    "  bxact bench\n"
    "  bxact bench --orbits 50 --seconds 10 --json bench.json\n\n"
    "Rows take turns, so that another load disturbs all alike. Every pass checks what came out.\n"
    "Exit status: 0 measured (goals may be missed), 1 a pass gave a wrong result, 2 wrong usage or a file "
    "that cannot be read or written, 3 internal fault.";

struct bench_options {
    struct bench_setup setup;
    const char *json;
};

static double number(struct argp_state *state, const char *option, const char *text, double low, double high)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= low && value <= high))
        argp_error(state, "--%s %s: is not accepted (give %g..%g)", option, text, low, high);
    return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *o = state->input;
    double rounds;
    switch (key) {
    case OPT_ORBITS: o->setup.orbits = arg; return 0;
    case OPT_SEED: o->setup.seed = arg; return 0;
    case OPT_JSON: o->json = arg; return 0;
    case OPT_SECONDS: o->setup.seconds = number(state, "seconds", arg, 0.01, 3600); return 0;
    case OPT_ROUNDS:
        rounds = number(state, "rounds", arg, 1, BENCH_MAX_ROUNDS);
        o->setup.rounds = (unsigned)rounds;
        if (o->setup.rounds != rounds)
            argp_error(state, "--rounds %s: is no whole number (give 1..%d)", arg, BENCH_MAX_ROUNDS);
        return 0;
    case ARGP_KEY_ARG: argp_error(state, "%s: no argument is expected", arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void on_progress(void *ctx, const char *title, unsigned round)
{
    const struct bench_setup *setup = ctx;
    fprintf(stderr, "\rround %u of %u: %-44s", round + 1, setup->rounds, title);
}

static void on_note(void *ctx, const char *text)
{
    (void)ctx;
    fputs(text, stderr);
}

static int print(const struct bench_options *o, const struct bench_report *r)
{
    struct message m;
    bench_print(r, stdout);
    if (!o->json || bench_write_json(r, o->json, &m) == 0)
        return EXIT_HELD;
    fprintf(stderr, "%s\n", m.text);
    return EXIT_USAGE;
}

int cmd_bench(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, doc, NULL, NULL, NULL};
    static const int codes[] = {[BENCH_BAD_INPUT] = EXIT_USAGE, [BENCH_WRONG_RESULT] = EXIT_FAILED};
    struct bench_options o = {.setup = {.orbits = "20", .seconds = 1.5, .rounds = 5, .note = on_note}};
    struct bench_report report;
    struct message m = {""};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    bool terminal = isatty(STDERR_FILENO);
    o.setup.progress = terminal ? on_progress : NULL;
    o.setup.ctx = &o.setup;
    enum bench_end end = bench_run(&o.setup, &report, &m);
    if (terminal)
        fputs("\r\033[K", stderr);
    if (end == BENCH_DONE)
        return print(&o, &report);
    fprintf(stderr, "%s%s\n", end == BENCH_BAD_INPUT ? "" : "bxact bench: ", m.text);
    return codes[end];
}

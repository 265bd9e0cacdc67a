#include "emu/cli/run_options.h"

#include "emu/cli/command.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum run_option {
    OPT_INPUT = 'i', OPT_SET = 's', OPT_OUT = 'o', OPT_QUIET = 'q',
    OPT_SEED = 256, OPT_ORBITS, OPT_VIEW, OPT_QUANTUM, OPT_ENGINE, OPT_RTL, OPT_COLLECT, OPT_RECORDS, OPT_VCD,
    OPT_PRINT, OPT_NEEDS,
};

static const struct argp_option options[] = {
    {"input", OPT_INPUT, "FILE", 0, "file to send, with stimulus.source = \"mp7\" or \"file\"", 1},
    {"set", OPT_SET, "KEY=VALUE", 0,
     "override a key of the scenario; may be given again (`bxact keys` lists them)", 1},
    {"seed", OPT_SEED, "N", 0, "the same as --set run.seed=N", 1},
    {"orbits", OPT_ORBITS, "N", 0, "the same as --set run.orbits=N", 1},
    {"engine", OPT_ENGINE, "BLOCK=KIND", 0,
     "run a block (or `default`) as model, rtl or lockstep; the same as --set engines.BLOCK=KIND", 1},
    {"collect", OPT_COLLECT, "N", 0, "stop after N mismatches instead of the first", 1},
    {"rtl", OPT_RTL, "DIR", 0, "Verilog files of DIR replace the board's files of the same name", 2},
    {"view", OPT_VIEW, "VIEW", 0, "fast (default), or pins: SystemC modules with ports and clocks", 2},
    {"quantum", OPT_QUANTUM, "STEP", 0, "how far the chain runs at a time: cycle, bx or orbit (default); "
                                        "changes no result", 2},
    {"out", OPT_OUT, "DIR", 0, "folder of the results, made when missing (default out/<scenario>)", 3},
    {"records", OPT_RECORDS, NULL, 0, "write the observation records too", 3},
    {"vcd", OPT_VCD, "ORBIT:BX", 0, "write a VCD trace of the RTL around a BX", 3},
    {"quiet", OPT_QUIET, NULL, 0, "no progress, no table: only errors and the verdict", 3},
    {"print-scenario", OPT_PRINT, NULL, 0, "print the scenario with all defaults filled in, and stop", 4},
    {"needs", OPT_NEEDS, NULL, OPTION_HIDDEN, NULL, 4},
    {0},
};

static const char doc[] =
    "Run SCENARIO through the chain from GMT links to the host's file, check every bit and every cycle, "
    "and write summary.json, junit.xml and the host's file."
    "\vExamples:\n"
    "  bxact run scenarios/pp_fill.cfg\n"
    "  bxact run scenarios/pp_fill.cfg --orbits 1000 --seed 7 --out /tmp/long\n"
    "  bxact run scenarios/stalled_host.cfg --set dma.drop=bx --set dma.depth=512\n"
    "  bxact run scenarios/ugmt_pattern.cfg --input capture.txt\n"
    "  bxact run scenarios/pp_fill.cfg --rtl my_rtl/ --collect 10 --vcd 1:69\n\n"
    "Exit status: 0 all held, 1 a check failed or the run was interrupted, 2 wrong usage or bad input, "
    "3 internal fault.";

static const char *const views[] = {[VIEW_FAST] = "fast", [VIEW_PINS] = "pins", NULL};
static const char *const quanta[] = {
    [QUANTUM_CYCLE] = "cycle", [QUANTUM_BX] = "bx", [QUANTUM_ORBIT] = "orbit", NULL};

static unsigned word(struct argp_state *state, const char *option, const char *const *words, const char *text)
{
    unsigned i = 0;
    while (words[i] && strcmp(words[i], text))
        i++;
    if (!words[i])
        argp_error(state, "--%s %s: unknown (give %s, %s%s%s)", option, text, words[0], words[1],
                   words[2] ? " or " : "", words[2] ? words[2] : "");
    return i;
}

static char *joined(const char *a, const char *b, const char *c)
{
    size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(size);
    if (!text) {
        fputs("bxact run: memory is out\n", stderr);
        exit(EXIT_INTERNAL);
    }
    snprintf(text, size, "%s%s%s", a, b, c);
    return text;
}

/* All three texts become the option's own. */
static void add(struct run_options *o, char *label, char *key, char *value)
{
    o->set[o->sets++] = (struct scenario_setting){label, key, value};
}

static void add_simple(struct run_options *o, const char *option, const char *key, const char *value)
{
    add(o, joined(option, value[0] ? " " : "", value), joined(key, "", ""), joined(value, "", ""));
}

static void add_flag(struct run_options *o, const char *option, const char *key)
{
    add(o, joined(option, "", ""), joined(key, "", ""), joined("true", "", ""));
}

/* "key=value", the key below `group`. */
static void add_pair(struct run_options *o, struct argp_state *state, const char *option, const char *group,
                     const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair) {
        argp_error(state, "%s %s: no pair (give %s)", option, pair, group[0] ? "BLOCK=KIND" : "KEY=VALUE");
        return;
    }
    char *key = joined(group, pair, "");
    key[strlen(group) + (size_t)(equals - pair)] = 0;
    add(o, joined(option, " ", pair), key, joined(equals + 1, "", ""));
}

static void add_vcd(struct run_options *o, struct argp_state *state, const char *where)
{
    const char *colon = strchr(where, ':');
    if (!colon || colon == where || !colon[1]) {
        argp_error(state, "--vcd %s: no place (give ORBIT:BX, for example 1:69)", where);
        return;
    }
    char *orbit = joined(where, "", "");
    orbit[colon - where] = 0;
    add(o, joined("--vcd ", where, ""), joined("output.vcd.orbit", "", ""), orbit);
    add(o, joined("--vcd ", where, ""), joined("output.vcd.bx", "", ""), joined(colon + 1, "", ""));
    add_flag(o, "--vcd", "output.vcd.on");
}

static error_t parse_argument(struct run_options *o, struct argp_state *state, const char *arg)
{
    if (o->scenario)
        argp_error(state, "%s: a second scenario (give one)", arg);
    o->scenario = arg;
    return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct run_options *o = state->input;
    switch (key) {
    case OPT_INPUT: add_simple(o, "--input", SCENARIO_INPUT, arg); return 0;
    case OPT_SET: add_pair(o, state, "--set", "", arg); return 0;
    case OPT_SEED: add_simple(o, "--seed", "run.seed", arg); return 0;
    case OPT_ORBITS: add_simple(o, "--orbits", "run.orbits", arg); return 0;
    case OPT_ENGINE: add_pair(o, state, "--engine", "engines.", arg); return 0;
    case OPT_COLLECT: add_simple(o, "--collect", "check.collect", arg); return 0;
    case OPT_RTL: o->rtl = arg; return 0;
    case OPT_VIEW: o->view = (enum run_view)word(state, "view", views, arg); return 0;
    case OPT_QUANTUM: o->quantum = (enum run_quantum)word(state, "quantum", quanta, arg); return 0;
    case OPT_OUT: o->out = arg; return 0;
    case OPT_RECORDS: add_flag(o, "--records", "output.records"); return 0;
    case OPT_VCD: add_vcd(o, state, arg); return 0;
    case OPT_QUIET: o->quiet = true; return 0;
    case OPT_PRINT: o->print_scenario = true; return 0;
    case OPT_NEEDS: o->needs = true; return 0;
    case ARGP_KEY_ARG: return parse_argument(o, state, arg);
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no scenario (give a file, for example scenarios/pp_fill.cfg)");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

void run_options_parse(struct run_options *o, int argc, char **argv)
{
    static const struct argp argp = {options, parse_option, "SCENARIO", doc, NULL, NULL, NULL};
    *o = (struct run_options){.quantum = QUANTUM_ORBIT};
    o->set = calloc(3 * (size_t)argc + 1, sizeof *o->set); /* an option is three settings at most */
    if (!o->set) {
        fputs("bxact run: memory is out\n", stderr);
        exit(EXIT_INTERNAL);
    }
    argp_parse(&argp, argc, argv, 0, NULL, o);
}

void run_options_release(struct run_options *o)
{
    for (size_t i = 0; i < o->sets; i++) {
        free((char *)o->set[i].label);
        free((char *)o->set[i].key);
        free((char *)o->set[i].value);
    }
    free(o->set);
}

/* hlsc: a C kernel to pipelined Verilog. */
#include "hls/compiler/compile.h"
#include "hls/compiler/memory.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *argp_program_version = HLSC_VERSION;

#define BOARD_MHZ "240.4734"

static const char doc[] =
    "Compile a C23 kernel to pipelined Verilog-2005, a JSON schedule and a native shim "
    "(DIR/NAME.v, .json, _shim.c), and print what it costs and where.\v"
    "Examples:\n"
    "  ./bxact hls hls/kernels/select_pair.c\n"
    "  ./bxact hls hls/kernels/sort_muons.c --clock-mhz 360 --latency 8 --out out\n"
    "  ./bxact hls hls/kernels/link_crc.c --out out --testbench 1000\n\n"
    "Exit codes: 0 done; 2 wrong usage, or a kernel that cannot be compiled (the message says where and what "
    "to write instead); 3 internal fault.";

static const struct argp_option options[] = {
    {"top", 't', "NAME", 0,
     "The function to compile: inputs by value or const array, outputs by pointer or array (default: the "
     "only one "
     "that is not static)",
     0},
    {"clock-mhz", 'c', "MHZ", 0,
     "The clock that a stage must meet, 1..1000 (default " BOARD_MHZ ", the board's)", 0},
    {"ii", 'n', "CLOCKS", 0,
     "A new evaluation every so many clocks, 1..1024 (default: the rounds of the longest rolled loop, or 1)",
     0},
    {"latency", 'l', "CYCLES", 0, "Refuse to take more cycles than that, and say what takes so long", 0},
    {"dsp", 'D', "N", 0,
     "DSP blocks that products may take: N, none, or auto (default: products of variables, not those by "
     "constants)",
     0},
    {"out", 'o', "DIR", 0, "Where the three files go; made when missing (default: KERNEL.hls)", 0},
    {"include", 'I', "DIR", 0, "Look for headers there too; may be repeated", 0},
    {"dump", 'd', "PASS", 0,
     "Print the graph after a pass: lower, state, multiply, dsp, linear, balance, demand, schedule, retime",
     0},
    {"estimate", 'E', "FAMILY", OPTION_ARG_OPTIONAL,
     "Map the Verilog with Yosys and print LUTs, flip-flops, DSPs and RAMs: xcup (default, UltraScale+) or "
     "xcu "
     "(UltraScale)",
     0},
    {"quiet", 'q', NULL, 0, "Print no report", 0},
    {"testbench", 'b', "N", 0,
     "Write DIR/NAME_tb.v as well: a self-checking bench of N evaluations, 1..100000", 0},
    {"seed", 's', "SEED", 0, "Of the bench's random vectors (default 1)", 0},
    {"clock-enable", 'e', NULL, 0, "The module has ce_i: an edge without it changes nothing (a reset does)",
     0},
    {"modules", 'm', NULL, 0, "DIR/NAME.v has a module for each pipeline stage, wired by NAME", 0},
    {"ready", 'r', NULL, 0,
     "Write DIR/NAME_stream.v as well: handshakes of valid and ready around the module", 0},
    {"vhdl", 'v', NULL, 0, "Write DIR/NAME_pkg.vhd as well: component, record types and a wrapper entity", 0},
    {0},
};

static double read_clock(const char *text, struct argp_state *state)
{
    char *end;
    double mhz = strtod(text, &end);
    if (end == text || *end || !(mhz >= 1 && mhz <= 1000))
        argp_error(state, "--clock-mhz: '%s' is no clock (give 1..1000)", text);
    return mhz;
}

static uint64_t read_number(const char *name, const char *text, uint64_t least, uint64_t most,
                            struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n < least || n > most)
        argp_error(state, "--%s: '%s' is out of range or no number (give %" PRIu64 "..%" PRIu64 ")", name,
                   text, least, most);
    return n;
}

static int read_dsps(const char *text, struct argp_state *state)
{
    if (!strcmp(text, "auto"))
        return HLS_DSP_AUTO;
    int n = strcmp(text, "none") ? (int)read_number("dsp", text, 0, 100000, state) : 0;
    return n ? n : HLS_DSP_NONE;
}

static const char *read_family(const char *text, struct argp_state *state)
{
    if (text && strcmp(text, "xcup") && strcmp(text, "xcu"))
        argp_error(state, "--estimate: '%s' is no family (xcup, xcu)", text);
    return text ? text : "xcup";
}

/* KERNEL.hls in the working directory. */
static char *default_out(const char *source)
{
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source, *dot = strrchr(name, '.');
    return hls_text("%.*s.hls", dot && dot != name ? (int)(dot - name) : (int)strlen(name), name);
}

static void check(struct hls_options *o, struct argp_state *state)
{
    if (!o->source)
        argp_error(state, "no kernel given (one C file)");
    if (o->ready && o->clock_enable)
        argp_error(state,
                   "--ready and --clock-enable exclude each other (a handshake stalls without an enable)");
    if (access(o->source, R_OK))
        argp_failure(state, HLS_EXIT_USAGE, errno, "%s", o->source);
    if (o->family && o->dump)
        argp_error(state, "--estimate and --dump exclude each other (a dump writes no Verilog)");
    o->report = o->report && !o->dump;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct hls_options *o = state->input;
    switch (key) {
    case 't': o->top = text; break;
    case 'l': o->latency = (unsigned)read_number("latency", text, 1, 1000000, state); break;
    case 'D': o->dsps = read_dsps(text, state); break;
    case 'E': o->family = read_family(text, state); break;
    case 'q': o->report = false; break;
    case 'c': o->clock_mhz = read_clock(text, state); break;
    case 'n': o->ii = (unsigned)read_number("ii", text, 1, HLS_MAX_ROUNDS, state); break;
    case 'o': o->out = text; break;
    case 'b': o->testbench = (unsigned)read_number("testbench", text, 1, 100000, state); break;
    case 's': o->seed = read_number("seed", text, 0, UINT64_MAX, state); break;
    case 'e': o->clock_enable = true; break;
    case 'm': o->modules = true; break;
    case 'r': o->ready = true; break;
    case 'v': o->vhdl = true; break;
    case 'd':
        o->dump = text;
        if (!hls_is_pass(text))
            argp_error(state, "-d: there is no pass '%s' (%s)", text, hls_pass_names);
        break;
    case 'I':
        if (o->includes == HLS_MAX_INCLUDES)
            argp_error(state, "-I: more than %d", HLS_MAX_INCLUDES);
        o->include[o->includes++] = text;
        break;
    case ARGP_KEY_ARG:
        if (o->source)
            argp_error(state, "more than one kernel given (one C file)");
        o->source = text;
        break;
    case ARGP_KEY_END: check(o, state); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "KERNEL.c", doc, NULL, NULL, NULL};
    struct hls_options o = {.clock_mhz = strtod(BOARD_MHZ, NULL), .report = true, .seed = 1};
    argp_err_exit_status = HLS_EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o))
        return HLS_EXIT_USAGE;
    char *out = o.out || o.dump ? NULL : default_out(o.source);
    if (out)
        o.out = out;
    int code = hls_compile(&o, NULL);
    free(out);
    return code;
}

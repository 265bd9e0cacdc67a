#include "emu/cli/command.h"
#include "emu/cli/net_print.h"
#include "golden/network/model.h"
#include "hls/writer/network_kernel.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_FORMATS = 'f',
    OPT_DATA = 'd',
    OPT_OUT = 'o',
    OPT_SAMPLES = 256,
    OPT_SEED,
    OPT_BITS,
    OPT_ERROR,
    OPT_RECAL,
    OPT_NAME,
    OPT_REUSE
};

static const struct argp_option options[] = {
    {"formats", OPT_FORMATS, "FILE", 0, "number formats of tensors (libconfig; docs/networks.md)", 1},
    {"data", OPT_DATA, "FILE", 0, "samples: a line each, the numbers of all inputs", 1},
    {"samples", OPT_SAMPLES, "N", 0,
     "without --data: N random samples, uniform in -1..1, 1..1000000 (default 1000)", 1},
    {"seed", OPT_SEED, "N", 0, "of random samples (default 1)", 1},
    {"bits", OPT_BITS, "N", 0, "quantise: bits of every tensor, 2..24 (default 8)", 2},
    {"error", OPT_ERROR, "E", 0, "quantise: the fewest bits that keep every output within E of doubles", 2},
    {"recal", OPT_RECAL, NULL, 0, "kernel: with the ports of the board's recal block", 3},
    {"name", OPT_NAME, "NAME", 0, "kernel: name of the function (default net)", 3},
    {"reuse", OPT_REUSE, "N", 0,
     "kernel: a multiplier works for up to N products, and an evaluation begins every N clocks (default 1)",
     3},
    {"out", OPT_OUT, "FILE", 0, "write there instead of to standard output", 4},
    {0},
};

static const char doc[] =
    "Work with a trained network: an ONNX or QONNX file, or the folder of an hls4ml project."
    "\vActions:\n"
    "  info      nodes, shapes, parameters, multiplies; number formats and what can overflow\n"
    "  eval      outputs of samples, in doubles and in fixed point\n"
    "  quantise  choose number formats from the ranges that data show; writes a formats file\n"
    "  kernel    write the C23 kernel that hlsc makes Verilog of\n\n"
    "Examples:\n"
    "  bxact net info student.onnx\n"
    "  bxact net quantise student.onnx --data muons.txt --error 0.05 -o student.cfg\n"
    "  bxact net eval student.onnx --formats student.cfg --samples 5\n"
    "  bxact net kernel student.onnx --formats student.cfg --recal -o recal.c\n"
    "  bxact net kernel large.onnx --formats large.cfg --reuse 32 -o large.c\n\n"
    "Exit status: 0 done, 2 wrong usage or a network that cannot be used, 3 internal fault.";

struct net_options {
    const char *action, *model, *formats, *data, *out, *name;
    unsigned long long samples, seed, bits, reuse;
    double error;
    bool recal, has_bits, has_error;
};

struct net_job {
    const struct net_options *o;
    struct graph *g;
    struct net_formats formats;
    struct quantised *q;
    struct net_data data;
    FILE *to;
    struct message m;
};

/* ---- options ---- */

static unsigned long long whole(struct argp_state *state, const char *option, const char *text,
                                unsigned long long low, unsigned long long high)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || v < low || v > high)
        argp_error(state, "--%s %s: is not accepted (give %llu..%llu)", option, text, low, high);
    return v;
}

static double bound(struct argp_state *state, const char *text)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !(v > 0 && v < 1e30))
        argp_error(state, "--error %s: is no bound (give a number above 0)", text);
    return v;
}

static void check(const struct net_options *o, struct argp_state *state)
{
    static const char *const actions[] = {"info", "eval", "quantise", "kernel"};
    unsigned k = 0;
    if (!o->action)
        argp_error(state, "an action is missing (give info, eval, quantise or kernel)");
    while (k < 4 && strcmp(actions[k], o->action) != 0)
        k++;
    if (k == 4)
        argp_error(state, "%s: unknown action (give info, eval, quantise or kernel)", o->action);
    if (!o->model)
        argp_error(state, "a model is missing (give an ONNX file or the folder of an hls4ml project)");
    if (o->has_bits && o->has_error)
        argp_error(state, "--bits and --error exclude each other");
    if (o->formats && k == 2)
        argp_error(state, "quantise chooses the formats: leave --formats out");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct net_options *o = state->input;
    switch (key) {
    case OPT_FORMATS: o->formats = arg; return 0;
    case OPT_DATA: o->data = arg; return 0;
    case OPT_OUT: o->out = arg; return 0;
    case OPT_NAME: o->name = arg; return 0;
    case OPT_RECAL: o->recal = true; return 0;
    case OPT_SAMPLES: o->samples = whole(state, "samples", arg, 1, 1000000); return 0;
    case OPT_SEED: o->seed = whole(state, "seed", arg, 0, INT64_MAX); return 0;
    case OPT_REUSE: o->reuse = whole(state, "reuse", arg, 1, NETWORK_MOST_REUSE); return 0;
    case OPT_BITS:
        o->bits = whole(state, "bits", arg, CHOOSE_MIN_BITS, CHOOSE_MAX_BITS);
        o->has_bits = true;
        return 0;
    case OPT_ERROR:
        o->error = bound(state, arg);
        o->has_error = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->model)
            argp_error(state, "%s: one model is enough", arg);
        *(o->action ? &o->model : &o->action) = arg;
        return 0;
    case ARGP_KEY_END: check(o, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- actions ---- */

static int read_data(struct net_job *j)
{
    if (j->o->data)
        return net_data_read(&j->data, j->g, j->o->data, &j->m);
    fprintf(stderr, "note: no --data: %llu samples at random, uniform in -1..1\n", j->o->samples);
    return net_data_random(&j->data, j->g, j->o->samples, j->o->seed, &j->m);
}

/* -1 with the reason in j->m. */
static int quantise(struct net_job *j)
{
    j->q = quantised_new(j->g, &j->formats, &j->m);
    return j->q ? 0 : -1;
}

static int info(struct net_job *j)
{
    if (quantise(j) < 0 && j->o->formats)
        return -1;
    net_print_info(j->g, j->q, j->m.text, j->to);
    return 0;
}

static int eval(struct net_job *j)
{
    if (read_data(j) < 0 || (quantise(j) < 0 && j->o->formats))
        return -1;
    if (!j->q)
        fprintf(stderr, "note: in doubles only: %s\n", j->m.text);
    return net_print_values(j->g, j->q, &j->data, j->to, &j->m);
}

static int choose(struct net_job *j)
{
    struct net_choice c;
    unsigned bits = j->o->has_error ? 0 : (unsigned)j->o->bits;
    if (read_data(j) < 0 || net_choose(j->g, &j->data, bits, j->o->error, &c, j->to, &j->m) < 0)
        return -1;
    fprintf(stderr, "%u bits: on %zu samples at most %.6g from doubles, rms %.6g, %llu overflows\n", c.bits,
            j->data.samples, c.error.largest, c.error.rms, (unsigned long long)c.error.overflows);
    return 0;
}

static int kernel(struct net_job *j)
{
    if (quantise(j) < 0)
        return -1;
    return j->o->recal ? network_kernel_write_recal(j->q, (unsigned)j->o->reuse, j->to, &j->m)
                       : network_kernel_write(j->q, j->o->name, (unsigned)j->o->reuse, j->to, &j->m);
}

static int act(struct net_job *j)
{
    switch (j->o->action[0]) {
    case 'i': return info(j);
    case 'e': return eval(j);
    case 'q': return choose(j);
    default: return kernel(j);
    }
}

/* Output goes to memory first: a file appears only when all went well. */
static int write_out(const struct net_job *j, const char *text, size_t n)
{
    FILE *to = j->o->out ? fopen(j->o->out, "w") : stdout;
    if (to && fwrite(text, 1, n, to) == n && (!j->o->out || fclose(to) == 0))
        return EXIT_HELD;
    fprintf(stderr, "%s: %s\n", j->o->out ? j->o->out : "standard output", strerror(errno));
    return EXIT_USAGE;
}

static int run(struct net_job *j)
{
    char *text = NULL;
    size_t n = 0;
    j->to = open_memstream(&text, &n);
    if (!j->to) {
        fputs("bxact net: memory is out\n", stderr);
        return EXIT_INTERNAL;
    }
    j->g = model_read(j->o->model, j->o->formats, &j->formats, &j->m);
    int failed = j->g ? act(j) : -1;
    fclose(j->to);
    if (failed)
        fprintf(stderr, "%s\n", j->m.text);
    int code = failed ? EXIT_USAGE : write_out(j, text, n);
    free(text);
    net_data_release(&j->data);
    quantised_free(j->q);
    net_formats_release(&j->formats);
    graph_free(j->g);
    return code;
}

int cmd_net(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "ACTION MODEL", doc, NULL, NULL, NULL};
    struct net_options o = {.samples = 1000, .seed = 1, .bits = 8, .reuse = 1, .name = "net"};
    struct net_job j = {.o = &o};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    return run(&j);
}

/* random_kernel: writes a kernel of fully connected layers whose weights come from a seed, to measure
 * circuits on: `random_kernel 5-8-8-8-8-3 --bits 8 --seed 1 > student.c`. Nothing was trained; the weights
 * fill their type.
 *
 * With --bits B, weights are uniform in -(2^(B-1)-1)..2^(B-1)-1, inputs and outputs are _BitInt(B), hidden values
 * lie in 0..2^(B-1)-1 (a clamp, which is the ReLU too), biases are a fourth of the largest product of both. With
 * --reuse R, each layer is a rolled loop of at most R rounds over its inputs; the last round may have zeros. */
#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LAYERS = 16, MOST_WIDTH = 1024, LINE = 100 };

struct network {
    const char *shape;
    unsigned size[MOST_LAYERS + 1], layers; /* inputs, then the outputs of each layer */
    unsigned bits, reuse;
    uint64_t random;
};

/* SplitMix64. */
static uint64_t next(struct network *n)
{
    uint64_t z = n->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in -most..most. */
static int64_t draw(struct network *n, int64_t most)
{
    return (int64_t)(next(n) % (uint64_t)(2 * most + 1)) - most;
}

static void put_numbers(struct network *n, unsigned count, int64_t most)
{
    int column = printf("    {");
    for (unsigned i = 0; i < count; i++) {
        column += printf("%" PRId64 "%s", draw(n, most), i + 1 < count ? ", " : "},\n");
        if (column > LINE - 12 && i + 1 < count)
            column = printf("\n     ") - 1;
    }
}

/* A sum of `inputs` products is about sqrt(inputs) times one of them: the shift keeps hidden values in range.
 */
static unsigned shift_of(const struct network *n, unsigned inputs)
{
    unsigned shift = n->bits - 1;
    for (unsigned more = inputs; more > 3; more /= 4)
        shift++;
    return shift;
}

/* Inputs of a layer in one round. */
static unsigned slice_of(const struct network *n, unsigned layer)
{
    return (n->size[layer] + n->reuse - 1) / n->reuse;
}

/* Inputs of a layer with those that fill up the last round. */
static unsigned padded(const struct network *n, unsigned layer)
{
    unsigned slice = slice_of(n, layer);
    return (n->size[layer] + slice - 1) / slice * slice;
}

static void put_layer(struct network *n, unsigned layer)
{
    unsigned inputs = n->size[layer], outputs = n->size[layer + 1];
    int64_t most = ((int64_t)1 << (n->bits - 1)) - 1;
    printf("\nstatic const int w%u[%u][%u] = {\n", layer, outputs, padded(n, layer));
    for (unsigned o = 0; o < outputs; o++)
        put_numbers(n, inputs, most);
    printf("};\nstatic const hls_wide b%u[1][%u] = {\n", layer, outputs);
    put_numbers(n, outputs, most * most / 4);
    printf("};\n");
}

static void put_sums(const struct network *n, unsigned layer, unsigned shift)
{
    unsigned outputs = n->size[layer + 1], slice = n->reuse > 1 ? slice_of(n, layer) : 1;
    printf("    hls_wide s%u[%u];\n    for (int o = 0; o < %u; o++)\n", layer, outputs, outputs);
    printf("        s%u[o] = b%u[0][o] + ((hls_wide)1 << %u);\n", layer, layer, shift - 1);
    printf("%s    for (int i = 0; i < %u; i += %u)\n", n->reuse > 1 ? "    HLS_ROLLED\n" : "", padded(n, layer), slice);
    printf("        for (int o = 0; o < %u; o++)\n", outputs);
    printf("            for (int j = i; j < i + %u; j++)\n                s%u[o] += w%u[o][j] * a%u[j];\n", slice,
           layer, layer, layer);
}

static void put_evaluation(const struct network *n, unsigned layer)
{
    bool last = layer + 1 == n->layers;
    unsigned shift = shift_of(n, n->size[layer]), outputs = n->size[layer + 1];
    int64_t most = ((int64_t)1 << (n->bits - 1)) - 1, least = last ? -most - 1 : 0;
    put_sums(n, layer, shift);
    printf("    hls_wide a%u[%u] = {0};\n    for (int o = 0; o < %u; o++) {\n", layer + 1,
           last ? outputs : padded(n, layer + 1), outputs);
    printf("        hls_wide y = s%u[o] >> %u;\n", layer, shift);
    printf("        a%u[o] = y < %" PRId64 " ? %" PRId64 " : y > %" PRId64 " ? %" PRId64 " : y;\n    }\n", layer + 1,
           least, least, most, most);
}

static void put_kernel(struct network *n)
{
    printf(
        "/* %s, %u bits, weights from a seed: written by random_kernel. */\n#include \"hls/kernels/hls.h\"\n",
        n->shape, n->bits);
    for (unsigned i = 0; i < n->layers; i++)
        put_layer(n, i);
    printf("\nvoid network(const _BitInt(%u) x[%u], _BitInt(%u) result[%u])\n{\n", n->bits, n->size[0], n->bits,
           n->size[n->layers]);
    printf("    hls_wide a0[%u] = {0};\n    for (int i = 0; i < %u; i++)\n        a0[i] = x[i];\n", padded(n, 0),
           n->size[0]);
    for (unsigned i = 0; i < n->layers; i++)
        put_evaluation(n, i);
    printf("    for (int o = 0; o < %u; o++)\n        result[o] = (_BitInt(%u))a%u[o];\n}\n", n->size[n->layers],
           n->bits, n->layers);
}

/* ---- the command line ---- */

static const char doc[] =
    "Write a kernel of fully connected layers with weights from a seed, to measure circuits on.\v"
    "Example:\n  random_kernel 5-8-8-8-8-3 --bits 8 --seed 1 > student.c";

static const struct argp_option options[] = {
    {"bits", 'b', "N", 0, "Bits of weights, inputs and outputs, 2..18 (default 8)", 0},
    {"reuse", 'r', "R", 0, "Rounds that a layer may take, 1..1024 (default 1: all at once)", 0},
    {"seed", 's', "N", 0, "Where the weights come from (default 1)", 0},
    {0},
};

static uint64_t read_number(const char *text, const char *what, uint64_t least, uint64_t most,
                            struct argp_state *state)
{
    char *end;
    uint64_t v = strtoull(text, &end, 10);
    if (end == text || *end || v < least || v > most)
        argp_error(state, "%s: '%s' (give %" PRIu64 "..%" PRIu64 ")", what, text, least, most);
    return v;
}

static void read_shape(struct network *n, const char *text, struct argp_state *state)
{
    char *end = NULL;
    n->shape = text;
    for (unsigned i = 0; i <= MOST_LAYERS; i++, text = end + 1) {
        unsigned long v = strtoul(text, &end, 10);
        if (end == text || v < 1 || v > MOST_WIDTH || (*end && *end != '-'))
            argp_error(state, "'%s' is no shape (give sizes of 1..%d, such as 5-8-8-3)", n->shape,
                       MOST_WIDTH);
        n->size[i] = (unsigned)v;
        n->layers = i;
        if (!*end)
            break;
    }
    if (*end || n->layers < 1)
        argp_error(state, "'%s' is no shape (give 1..%d layers)", n->shape, MOST_LAYERS);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct network *n = state->input;
    switch (key) {
    case 'b': n->bits = (unsigned)read_number(text, "--bits", 2, 18, state); break;
    case 'r': n->reuse = (unsigned)read_number(text, "--reuse", 1, 1024, state); break;
    case 's': n->random = read_number(text, "--seed", 0, UINT64_MAX, state); break;
    case ARGP_KEY_ARG: read_shape(n, text, state); break;
    case ARGP_KEY_END:
        if (!n->shape)
            argp_error(state, "no shape given (such as 5-8-8-3)");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "SHAPE", doc, NULL, NULL, NULL};
    struct network n = {.bits = 8, .reuse = 1, .random = 1};
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, 0, NULL, &n))
        return 2;
    put_kernel(&n);
    return fflush(stdout) || ferror(stdout) ? 3 : 0;
}

/* make_weights NAME > NAME_weights.h: the stand-in weights of one shipped network.
 *
 * Until trained networks come, student and baseline have random weights from a fixed seed. What is not
 * random is the shift of each layer: it is chosen on SAMPLES uniformly random muons so that activations
 * neither die nor mostly saturate, and so that corrections mostly stay within +-64 (in 1/16 of a GMT code).
 * The arithmetic is that of docs/chain.md, "The arithmetic of the shipped networks".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 4096, WIDEST = 32, MOST_LAYERS = 8, SEED = 20181022 };

struct network {
    const char *name;
    int layers;
    int size[MOST_LAYERS + 1]; /* inputs, then the outputs of each layer */
    int8_t w[MOST_LAYERS][WIDEST][WIDEST];
    int16_t b[MOST_LAYERS][WIDEST];
    int shift[MOST_LAYERS];
};

static struct network networks[] = {
    {.name = "student", .layers = 5, .size = {5, 8, 8, 8, 8, 3}},
    {.name = "baseline", .layers = 4, .size = {4, 32, 32, 32, 3}},
};

/* SplitMix64 (Steele, Lea, Flood 2014): published, so that a seed means the same everywhere. */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int random_within(uint64_t *state, int limit)
{
    return (int)(random_bits(state) % (uint64_t)(2 * limit + 1)) - limit;
}

static void draw_weights(struct network *n, uint64_t *state)
{
    for (int l = 0; l < n->layers; l++)
        for (int o = 0; o < n->size[l + 1]; o++) {
            for (int i = 0; i < n->size[l]; i++)
                n->w[l][o][i] = (int8_t)random_within(state, 127);
            n->b[l][o] = (int16_t)random_within(state, 2048);
        }
}

/* The features of a muon whose fields are uniform over the codes that the GMT sends. */
static void draw_features(int32_t x[WIDEST], uint64_t *state)
{
    int phi = (int)(random_bits(state) % 576);
    int eta = random_within(state, 225);
    int pt = 1 + (int)(random_bits(state) % 511);
    int negative = (int)(random_bits(state) & 1);
    int quality = (int)(random_bits(state) & 15);
    x[0] = (phi - 288) >> 2;
    x[1] = eta >> 1;
    x[2] = (pt >> 1) - 128;
    x[3] = negative ? -64 : 64;
    x[4] = (quality - 8) * 8;
}

static int32_t accumulate(const struct network *n, int l, int o, const int32_t x[WIDEST])
{
    int32_t acc = n->b[l][o];
    for (int i = 0; i < n->size[l]; i++)
        acc += n->w[l][o][i] * x[i];
    return acc;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The smallest shift that brings 95 % of |acc| to at most `limit`: the rest saturates, so that the clamps are
 * seen at work. Only what a layer lets through counts: of a hidden layer the positive sums. */
static int choose_shift(const struct network *n, int l, const int32_t x[][WIDEST], int limit)
{
    static int32_t sums[SAMPLES * WIDEST];
    size_t count = 0;
    for (int s = 0; s < SAMPLES; s++)
        for (int o = 0; o < n->size[l + 1]; o++) {
            int32_t acc = accumulate(n, l, o, x[s]);
            if (acc > 0)
                sums[count++] = acc;
            else if (l + 1 == n->layers)
                sums[count++] = -acc;
        }
    qsort(sums, count, sizeof *sums, by_value);
    int shift = 1;
    while (count && sums[(count - 1) * 95 / 100] >> shift > limit)
        shift++;
    return shift;
}

static void apply_hidden_layer(const struct network *n, int l, int32_t x[][WIDEST])
{
    for (int s = 0; s < SAMPLES; s++) {
        int32_t y[WIDEST] = {0};
        for (int o = 0; o < n->size[l + 1]; o++) {
            int32_t v = (accumulate(n, l, o, x[s]) + (1 << (n->shift[l] - 1))) >> n->shift[l];
            y[o] = v < 0 ? 0 : v > 127 ? 127 : v;
        }
        memcpy(x[s], y, sizeof y);
    }
}

static void choose_shifts(struct network *n, uint64_t *state)
{
    static int32_t x[SAMPLES][WIDEST];
    for (int s = 0; s < SAMPLES; s++)
        draw_features(x[s], state);
    for (int l = 0; l < n->layers; l++) {
        int last = l + 1 == n->layers;
        n->shift[l] = choose_shift(n, l, x, last ? 64 : 127);
        if (!last)
            apply_hidden_layer(n, l, x);
    }
}

static void print_layer(const struct network *n, int l)
{
    printf("\nstatic const signed char %s_w%d[%d][%d] = {\n", n->name, l, n->size[l + 1], n->size[l]);
    for (int o = 0; o < n->size[l + 1]; o++) {
        printf("    {");
        for (int i = 0; i < n->size[l]; i++)
            printf("%s%d", i == 0 ? "" : i % 16 ? ", " : ",\n     ", n->w[l][o][i]);
        puts("},");
    }
    printf("};\nstatic const short %s_b%d[%d] = {", n->name, l, n->size[l + 1]);
    for (int o = 0; o < n->size[l + 1]; o++)
        printf("%s%d", o % 12 ? ", " : o ? ",\n    " : "\n    ", n->b[l][o]);
    puts(",\n};");
}

static void print_numbers(const char *name, const char *what, const int *v, int n)
{
    printf("static const unsigned char %s_%s[%d] = {", name, what, n);
    for (int i = 0; i < n; i++)
        printf("%s%d", i ? ", " : "", v[i]);
    puts("};");
}

static void print_header(const struct network *n, const char *upper)
{
    printf("/* Written by models/make_weights.c from seed %d: random weights, no trained network. See "
           "README.md. */\n"
           "#ifndef MODELS_%s_WEIGHTS_H\n#define MODELS_%s_WEIGHTS_H\n\n"
           "enum { %s_LAYERS = %d };\n\n",
           SEED, upper, upper, upper, n->layers);
    printf("/* Inputs of the network, then the outputs of each layer; the shift of each layer. */\n");
    print_numbers(n->name, "size", n->size, n->layers + 1);
    print_numbers(n->name, "shift", n->shift, n->layers);
    for (int l = 0; l < n->layers; l++)
        print_layer(n, l);
    puts("\n#endif");
}

static int make(struct network *n)
{
    char upper[32] = "";
    for (size_t i = 0; n->name[i]; i++)
        upper[i] = (char)(n->name[i] - 'a' + 'A');
    uint64_t state = SEED;
    draw_weights(n, &state);
    choose_shifts(n, &state);
    print_header(n, upper);
    return fflush(stdout) == 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof networks / sizeof *networks; i++)
        if (!strcmp(networks[i].name, argv[1]))
            return make(&networks[i]);
    fprintf(stderr, "usage: make_weights student|baseline > NAME_weights.h\n");
    return 2;
}

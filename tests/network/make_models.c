/* make_models DIR: the networks of the literature as ONNX files with random weights, for tests of the command
 * line. <inputs>-<hidden>..-3, with or without batch norms (domain.md 8.1). */
#include "golden/stimulus/rng.h"
#include "tests/network/onnx_write.h"

#include <stdio.h>
#include <stdlib.h>

#define DIMS(...)                                                                                            \
    (int64_t[])                                                                                              \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

struct shape {
    const char *name;
    unsigned inputs, hidden, layers;
    int norm;
};

static struct rng source;

static void numbers(struct onnx_writer *w, const char *name, unsigned layer, unsigned rank, int64_t a,
                    int64_t b, double offset, char *full)
{
    size_t n = (size_t)(rank == 2 ? a * b : a);
    double *v = malloc(n * sizeof *v);
    for (size_t i = 0; i < n; i++)
        v[i] = (double)rng_below(&source, 1 << 20) / (1 << 19) - 1 + offset;
    sprintf(full, "%s%u", name, layer);
    onnx_floats(w, full, rank, DIMS(a, b), v);
    free(v);
}

static void layer(struct onnx_writer *w, const struct shape *s, unsigned k, unsigned in, unsigned out)
{
    char weight[40], bias[40], more[200], node[40], x[40], h[40], n[5][40];
    numbers(w, "w", k, 2, in, out, 0, weight);
    numbers(w, "b", k, 1, out, 0, 0, bias);
    sprintf(x, k ? "a%u" : "x", k);
    sprintf(h, k == s->layers ? "y" : "h%u", k);
    sprintf(more, "%s %s %s", x, weight, bias);
    sprintf(node, "fc%u", k);
    onnx_node(w, "Gemm", node, more, h);
    if (k == s->layers)
        return;
    sprintf(n[4], "n%u", k);
    if (s->norm) {
        static const char *const parts[] = {"gamma", "beta", "mean", "var"};
        for (unsigned p = 0; p < 4; p++)
            numbers(w, parts[p], k, 1, out, 0, p == 3 ? 1.5 : 0, n[p]);
        sprintf(more, "%s %s %s %s %s", h, n[0], n[1], n[2], n[3]);
        sprintf(node, "bn%u", k);
        onnx_node(w, "BatchNormalization", node, more, n[4]);
    }
    sprintf(node, "relu%u", k);
    sprintf(x, "a%u", k + 1);
    onnx_node(w, "Relu", node, s->norm ? n[4] : h, x);
}

static void write_model(const char *folder, const struct shape *s)
{
    char path[512];
    struct onnx_writer *w = onnx_writer_new(13);
    onnx_input(w, "x", 2, DIMS(-1, s->inputs));
    for (unsigned k = 0; k <= s->layers; k++)
        layer(w, s, k, k ? s->hidden : s->inputs, k == s->layers ? 3 : s->hidden);
    onnx_output(w, "y");
    snprintf(path, sizeof path, "%s/%s.onnx", folder, s->name);
    onnx_file(w, path);
    onnx_writer_free(w);
}

int main(int argc, char **argv)
{
    static const struct shape shapes[] = {
        {"student", 5, 8, 4, 1},    {"baseline", 5, 16, 4, 1},  {"teacher", 5, 256, 4, 1},
        {"dense32x3", 4, 32, 3, 0}, {"dense32x4", 4, 32, 4, 0}, {"dense128x4", 4, 128, 4, 0}, {"dense128x5", 4, 128, 5, 0},
    };
    if (argc != 2) {
        fputs("usage: make_models DIR\n", stderr);
        return 2;
    }
    rng_seed(&source, 1);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        write_model(argv[1], &shapes[i]);
    return 0;
}

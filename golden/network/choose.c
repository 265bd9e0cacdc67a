#include "golden/network/choose.h"

#include "golden/network/arena.h"
#include "golden/network/op.h"
#include "golden/stimulus/rng.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- data ---- */

static size_t width_of(const struct graph *g)
{
    size_t n = 0;
    for (unsigned k = 0; k < g->inputs; k++)
        n += graph_input(g, k)->size;
    return n;
}

void net_data_release(struct net_data *d)
{
    free(d->value);
    *d = (struct net_data){0};
}

static double *add_sample(struct net_data *d)
{
    if ((d->samples & (d->samples - 1)) == 0) { /* room for 1, 2, 4, ... */
        size_t room = d->samples ? 2 * d->samples : 1;
        double *more = realloc(d->value, room * (d->width ? d->width : 1) * sizeof *more);
        if (!more)
            return NULL;
        d->value = more;
    }
    return d->value + d->samples++ * d->width;
}

/* 1: a sample; 0: nothing on this line; -1: wrong. */
static int read_line(const char *line, double *value, size_t width)
{
    size_t n = 0;
    for (;;) {
        line += strspn(line, " \t,;\r\n");
        if (!*line || *line == '#')
            return n == 0 ? 0 : n == width ? 1 : -1;
        char *end;
        double v = strtod(line, &end);
        if (end == line || n == width || !isfinite(v))
            return -1;
        value[n++] = v;
        line = end;
    }
}

static int read_samples(struct net_data *d, FILE *file, const char *path, struct message *m)
{
    char *line = NULL;
    size_t size = 0, number = 0;
    int result = 0;
    while (result == 0 && getline(&line, &size, file) >= 0) {
        double *value = add_sample(d);
        int got = value ? read_line(line, value, d->width) : -1;
        number++;
        if (!value)
            result = message_set(m, "%s: out of memory", path);
        else if (got < 0)
            result = message_set(m, "%s:%zu: is no sample (give %zu numbers)", path, number, d->width);
        d->samples -= got == 0;
    }
    free(line);
    if (!result && ferror(file))
        result = message_set(m, "%s: cannot be read", path);
    return result || d->samples ? result : message_set(m, "%s: holds no samples", path);
}

int net_data_read(struct net_data *d, const struct graph *g, const char *path, struct message *m)
{
    *d = (struct net_data){.width = width_of(g)};
    FILE *file = fopen(path, "r");
    if (!file)
        return message_set(m, "%s: %s", path, strerror(errno));
    int failed = read_samples(d, file, path, m);
    fclose(file);
    if (failed)
        net_data_release(d);
    return failed;
}

int net_data_random(struct net_data *d, const struct graph *g, size_t samples, uint64_t seed,
                    struct message *m)
{
    struct rng r;
    rng_seed(&r, seed);
    *d = (struct net_data){.width = width_of(g)};
    for (size_t s = 0; s < samples; s++) {
        double *value = add_sample(d);
        if (!value) {
            net_data_release(d);
            return message_set(m, "%s: out of memory", g->path);
        }
        for (size_t k = 0; k < d->width; k++)
            value[k] = ldexp((double)rng_next(&r), -63) - 1;
    }
    return 0;
}

static void set_float(const struct graph *g, struct float_run *run, const double *sample)
{
    for (unsigned k = 0; k < g->inputs; k++) {
        uint32_t n = graph_input(g, k)->size;
        memcpy(float_run_input(run, k), sample, n * sizeof *sample);
        sample += n;
    }
}

/* ---- comparison ---- */

static void set_fixed(const struct quantised *q, struct quantised_run *run, unsigned lane,
                      const double *sample)
{
    for (unsigned k = 0; k < q->inputs; k++) {
        const struct quantised_tensor *t = &q->tensor[q->input[k]];
        for (uint32_t e = 0; e < t->size; e++)
            quantised_run_set(run, k, e, lane, (int64_t)fixed_from_double(&t->type, *sample++, NULL));
    }
}

static void compare_sample(const struct quantised *q, const struct quantised_run *run, unsigned lane,
                           const struct float_run *reference, struct net_error *e, size_t *n)
{
    for (unsigned k = 0; k < q->outputs; k++) {
        const struct quantised_tensor *t = &q->tensor[q->output[k]];
        const double *want = float_run_value(reference, q->graph->output[k]);
        for (uint32_t i = 0; i < t->size; i++) {
            double got =
                fixed_to_double(quantised_run_get(run, q->output[k], i, lane), fixed_fraction(&t->type));
            double off = fabs(got - want[i]);
            e->largest = fmax(e->largest, off);
            e->rms += off * off;
            ++*n;
        }
    }
}

int net_compare(const struct quantised *q, const struct net_data *d, struct net_error *e, struct message *m)
{
    struct quantised_run *run = quantised_run_new(q, m);
    struct float_run *reference = run ? float_run_new(q->graph, m) : NULL;
    size_t n = 0;
    *e = (struct net_error){0};
    for (size_t first = 0; reference && first < d->samples; first += QUANTISED_BATCH) {
        size_t left = d->samples - first;
        unsigned lanes = left < QUANTISED_BATCH ? (unsigned)left : QUANTISED_BATCH;
        quantised_run_lanes(run, lanes);
        for (unsigned lane = 0; lane < lanes; lane++)
            set_fixed(q, run, lane, d->value + (first + lane) * d->width);
        quantised_run_evaluate(run);
        for (unsigned lane = 0; lane < lanes; lane++) {
            set_float(q->graph, reference, d->value + (first + lane) * d->width);
            float_run_evaluate(reference);
            compare_sample(q, run, lane, reference, e, &n);
        }
    }
    e->rms = n ? sqrt(e->rms / (double)n) : 0;
    for (unsigned i = 0; reference && i < q->steps; i++)
        e->overflows += quantised_run_overflows(run, i);
    int failed = reference ? 0 : -1;
    float_run_free(reference);
    quantised_run_free(run);
    return failed;
}

/* ---- choosing ---- */

struct chooser {
    const struct graph *g;
    struct arena *arena;
    double *low, *high; /* by tensor */
    struct net_format *list;
    unsigned n;
};

static int find_ranges(struct chooser *c, const struct net_data *d, struct message *m)
{
    struct float_run *run = float_run_new(c->g, m);
    c->low = arena_alloc(c->arena, c->g->tensors, sizeof *c->low);
    c->high = arena_alloc(c->arena, c->g->tensors, sizeof *c->high);
    c->list = arena_alloc(c->arena, c->g->tensors, sizeof *c->list);
    bool good = run && c->low && c->high && c->list;
    for (size_t s = 0; good && s < d->samples; s++) {
        set_float(c->g, run, d->value + s * d->width);
        float_run_evaluate(run);
        for (unsigned t = 0; t < c->g->tensors; t++)
            for (uint32_t e = 0; !c->g->tensor[t].constant && e < c->g->tensor[t].size; e++) {
                double v = float_run_value(run, (int)t)[e];
                c->low[t] = fmin(c->low[t], v);
                c->high[t] = fmax(c->high[t], v);
            }
    }
    float_run_free(run);
    return good ? 0 : message_set(m, "%s: out of memory", c->g->path);
}

static bool is_quantiser(enum net_op op)
{
    return op == NET_QUANT || op == NET_BIPOLAR || op == NET_TRUNC || op == NET_QUANTIZE ||
           op == NET_DEQUANTIZE;
}

/* The one node that reads a tensor, or NULL. */
static const struct net_node *reader_of(const struct graph *g, int tensor)
{
    const struct net_node *reader = NULL;
    unsigned readers = 0;
    for (unsigned i = 0; i < g->nodes; i++)
        for (unsigned k = 0; k < g->node[i].inputs; k++)
            if (g->node[i].input[k] == tensor) {
                reader = &g->node[i];
                readers++;
            }
    for (unsigned k = 0; k < g->outputs; k++)
        readers += g->output[k] == tensor;
    return readers == 1 ? reader : NULL;
}

/* What only goes to a Relu, a batch norm or a quantiser stays exact; inputs cannot. */
static bool is_rounded(const struct graph *g, int tensor)
{
    const struct net_tensor *t = &g->tensor[tensor];
    const struct net_node *reader = reader_of(g, tensor);
    if (t->constant)
        return false;
    if (t->producer < 0)
        return !reader || reader->op != NET_QUANT;
    switch (g->node[t->producer].op) {
    case NET_FLATTEN:
    case NET_RESHAPE:
    case NET_TRANSPOSE:
    case NET_IDENTITY:
    case NET_CAST:
    case NET_CONCAT: return false;
    default: break;
    }
    if (is_quantiser(g->node[t->producer].op))
        return false;
    return !reader || (reader->op != NET_RELU && reader->op != NET_BATCH_NORM && !is_quantiser(reader->op));
}

/* The finest format of so many bits whose range holds low..high; the largest number may
 * saturate by one place. */
static struct fixed_type format_for(double low, double high, unsigned bits)
{
    struct fixed_type t = {
        .width = (uint8_t)bits, .is_signed = low < 0, .round = FIXED_RND, .overflow = FIXED_SAT};
    double most = fmax(-low, high);
    int exponent = 0;
    if (most > 0)
        frexp(most, &exponent);
    t.integer = (int16_t)(exponent + t.is_signed);
    return t;
}

static void add_format(struct chooser *c, const char *name, struct fixed_type type)
{
    c->list[c->n++] = (struct net_format){.name = name, .type = type};
}

static struct quantised *with_bits(struct chooser *c, unsigned bits, struct message *m)
{
    struct net_formats f;
    net_formats_init(&f);
    c->n = 0;
    for (unsigned t = 0; t < c->g->tensors; t++)
        if (is_rounded(c->g, (int)t))
            add_format(c, c->g->tensor[t].name, format_for(c->low[t], c->high[t], bits));
    f.tensor = c->list;
    f.tensors = c->n;
    f.partial = f.fold_batch_norm = true;
    f.constant_bits = (uint8_t)(bits < 32 ? bits : 32);
    return quantised_new(c->g, &f, m);
}

static void write_entry(FILE *to, const char *name, const struct fixed_type *type, bool *first)
{
    char text[FIXED_TEXT];
    fixed_type_print(type, text);
    fprintf(to, "%s    { tensor = \"", *first ? "" : ",\n");
    for (; *name; name++)
        fprintf(to, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    fprintf(to, "\"; format = \"%s\"; }", text);
    *first = false;
}

/* Two nodes may share a constant. */
static bool seen_before(const struct quantised *q, unsigned k)
{
    for (unsigned j = 0; j < k; j++)
        if (strcmp(q->constant[j].name, q->constant[k].name) == 0)
            return true;
    return false;
}

static int write_formats(const struct chooser *c, const struct quantised *q, const struct net_data *d,
                         const struct net_choice *choice, FILE *to, struct message *m)
{
    bool first = true;
    fprintf(to,
            "# %u bits, chosen by bxact from %zu samples. On these the outputs are at most %.6g from what "
            "doubles give,\n"
            "# rms %.6g; %llu casts overflowed.\nfold_batch_norm = true;\ntensors = (\n",
            choice->bits, d->samples, choice->error.largest, choice->error.rms,
            (unsigned long long)choice->error.overflows);
    for (unsigned k = 0; k < c->n; k++)
        if (c->list[k].used)
            write_entry(to, c->list[k].name, &c->list[k].type, &first);
    for (unsigned k = 0; k < q->constants; k++)
        if (q->constant[k].name[0] && !seen_before(q, k))
            write_entry(to, q->constant[k].name, &q->constant[k].type, &first);
    fputs("\n);\n", to);
    return ferror(to) ? message_set(m, "the formats could not be written") : 0;
}

static int choose(struct chooser *c, const struct net_data *d, unsigned bits, double most,
                  struct net_choice *choice, FILE *to, struct message *m)
{
    for (unsigned b = bits ? bits : CHOOSE_MIN_BITS; b <= CHOOSE_MAX_BITS; b++) {
        struct quantised *q = with_bits(c, b, m);
        int failed = q ? net_compare(q, d, &choice->error, m) : -1;
        choice->bits = b;
        bool good = !failed && (bits || choice->error.largest <= most);
        if (good && to)
            failed = write_formats(c, q, d, choice, to, m);
        quantised_free(q);
        if (failed || good)
            return failed;
    }
    return message_set(m, "%s: %d bits leave an error of %g, which is above %g", c->g->path, CHOOSE_MAX_BITS,
                       choice->error.largest, most);
}

int net_choose(const struct graph *g, const struct net_data *d, unsigned bits, double most,
               struct net_choice *choice, FILE *to, struct message *m)
{
    struct chooser c = {.g = g, .arena = arena_new()};
    if (!c.arena)
        return message_set(m, "%s: out of memory", g->path);
    int failed = find_ranges(&c, d, m);
    if (!failed)
        failed = choose(&c, d, bits, most, choice, to, m);
    arena_free(c.arena);
    return failed;
}

/* Support vectors: what the kernel is a function of, the kernel by products or a table, the weighted sum. */
#include "golden/network/lowering.h"
#include "golden/network/svm.h"

#include <math.h>

enum { MOST_DEGREE = 8 };

/* The type that the file gives to a part of the node, or its default; NULL: the exact one. */
static const struct fixed_type *part_type(struct lowering *l, enum net_role role)
{
    const struct fixed_type *given = net_format_within(l->f, l->node->name, role);
    return given ? given : l->f->has_default ? &l->f->otherwise : NULL;
}

static int add_tensor(struct lowering *l, const char *end, uint32_t rows, uint32_t columns)
{
    return lower_tensor(l, lower_named(l, end), (struct net_shape){2, {rows, columns}}, rows * columns);
}

/* out[o] = bias[0] + the sum of weight[o * n + i] * x[i], with one bias for all. */
struct sums {
    int x;
    uint32_t n, outputs;
    const double *weight;
    double bias;
    const char *weights, *biases; /* ends of their names */
};

static int add_sums(struct lowering *l, const struct sums *s, int out, const struct fixed_type *type)
{
    struct linear w;
    int wf, bf, xf = fixed_fraction(&l->q->tensor[s->x].type);
    int64_t *weight = lower_constants(l, lower_named(l, s->weights), s->weight, s->n * s->outputs, 0, &wf);
    int64_t *bias =
        weight ? lower_constants(l, lower_named(l, s->biases), &s->bias, 1, LOWER_BIAS_BITS, &bf) : NULL;
    if (!bias ||
        linear_begin(&w, l, out, s->n * s->outputs, *bias ? lower_larger_int(wf + xf, bf) : wf + xf) < 0)
        return -1;
    for (uint32_t o = 0; o < s->outputs; o++) {
        for (uint32_t i = 0; i < s->n; i++)
            if (linear_term(&w, s->x, i, weight[(size_t)o * s->n + i], wf) < 0)
                return -1;
        if (linear_next(&w, *bias, bf) < 0)
            return -1;
    }
    return linear_end(&w, type);
}

/* gamma * (x . v) + offset of each support vector; linear kernels have neither. */
static int add_products(struct lowering *l, const struct svm *s, int x)
{
    bool linear = s->kernel == 'L';
    uint32_t n = s->supports * s->features;
    double *v = lower_get(l, n, sizeof *v);
    int out = add_tensor(l, ".argument", 1, s->supports);
    if (!v || out < 0)
        return lower_no_memory(l);
    for (uint32_t k = 0; k < n; k++)
        v[k] = s->vector[k] * (linear ? 1 : s->gamma);
    const struct sums sums = {x, s->features, s->supports, v, linear ? 0 : s->offset, ".vectors", ".offset"};
    return add_sums(l, &sums, out, part_type(l, NET_ARGUMENT)) < 0 ? -1 : out;
}

/* x - v for each support vector. */
static int add_differences(struct lowering *l, const struct svm *s, int x)
{
    struct linear w;
    uint32_t n = s->supports * s->features;
    int vf, out = add_tensor(l, ".difference", s->supports, s->features);
    int64_t *v = out < 0 ? NULL : lower_constants(l, lower_named(l, ".vectors"), s->vector, n, 0, &vf);
    if (!v || linear_begin(&w, l, out, n, lower_larger_int(vf, fixed_fraction(&l->q->tensor[x].type))) < 0)
        return -1;
    for (uint32_t k = 0; k < n; k++)
        if (linear_term(&w, x, k % s->features, 1, 0) < 0 || linear_next(&w, -v[k], vf) < 0)
            return -1;
    return linear_end(&w, NULL) < 0 ? -1 : out;
}

/* gamma * |x - v|^2 of each support vector. */
static int add_distances(struct lowering *l, const struct svm *s, int x)
{
    struct linear w;
    int gf, difference = add_differences(l, s, x);
    int square = difference < 0 ? -1 : add_tensor(l, ".square", s->supports, s->features);
    if (square < 0 || lower_product_of(l, difference, difference, square, NULL) < 0)
        return -1;
    int out = add_tensor(l, ".argument", 1, s->supports);
    int64_t *gamma = out < 0 ? NULL : lower_constants(l, lower_named(l, ".gamma"), &s->gamma, 1, 0, &gf);
    if (!gamma || linear_begin(&w, l, out, s->supports * s->features,
                               gf + fixed_fraction(&l->q->tensor[square].type)) < 0)
        return -1;
    for (uint32_t k = 0; k < s->supports * s->features; k++)
        if (linear_term(&w, square, k, *gamma, gf) < 0 ||
            ((k + 1) % s->features == 0 && linear_next(&w, 0, 0) < 0))
            return -1;
    return linear_end(&w, part_type(l, NET_ARGUMENT)) < 0 ? -1 : out;
}

/* argument ^ degree */
static int add_power(struct lowering *l, const struct svm *s, int argument)
{
    int power = argument;
    if (s->degree != floor(s->degree) || s->degree < 1 || s->degree > MOST_DEGREE)
        return lower_failed(l, "only degrees 1, 2, .. 8 have a fixed-point form");
    for (int k = 1; k < (int)s->degree; k++) {
        int out = add_tensor(l, ".power", 1, s->supports);
        if (out < 0 || lower_product_of(l, power, argument, out, part_type(l, NET_KERNEL)) < 0)
            return -1;
        power = out;
    }
    return power;
}

/* exp(-argument) or tanh(argument). Without formats: 1024 places up to 8, or from -4 to 4. */
static int add_table(struct lowering *l, const struct svm *s, int argument)
{
    bool rbf = s->kernel == 'R';
    const struct fixed_type places = {
        .width = 10, .integer = 3, .is_signed = !rbf, .round = FIXED_RND, .overflow = FIXED_SAT};
    const struct fixed_type fine = {
        .width = 18, .integer = 1, .is_signed = !rbf, .round = FIXED_RND, .overflow = FIXED_SAT};
    const struct fixed_type *x = &l->q->tensor[argument].type, *index, *values;
    index = net_format_within(l->f, l->node->name, NET_TABLE);
    values = net_format_within(l->f, l->node->name, NET_KERNEL);
    struct lower_table t = {.function = rbf ? TABLE_EXP_MINUS : TABLE_TANH,
                            .index = index                              ? *index
                                     : x->width <= QUANTISED_TABLE_BITS ? *x
                                                                        : places,
                            .result = values ? *values : fine};
    int out = add_tensor(l, ".kernel", 1, s->supports);
    return out < 0 || lower_table(l, &t, argument, out) < 0 ? -1 : out;
}

static int add_kernels(struct lowering *l, const struct svm *s, int x)
{
    int argument = s->kernel == 'R' ? add_distances(l, s, x) : add_products(l, s, x);
    if (argument < 0 || s->kernel == 'L')
        return argument;
    return s->kernel == 'P' ? add_power(l, s, argument) : add_table(l, s, argument);
}

int lower_svm(struct lowering *l)
{
    struct svm s;
    const struct quantised_tensor *x = lower_operand(l, 0);
    if (!x)
        return -1;
    svm_read(l->g, l->node, &s);
    if (x->size != s.features || op_integer(l->node, "one_class", 0))
        return lower_failed(l, "only one sample at a time, and no one_class, has a fixed-point form");
    if ((uint64_t)s.supports * s.features > QUANTISED_MAX_TERMS)
        return lower_failed(l, "has too many support vectors");
    int y = l->node->output[0], from = l->q->of_graph[l->node->input[0]];
    int kernels = s.supports ? add_kernels(l, &s, from) : from;
    int out = kernels < 0 ? -1 : lower_result(l, y);
    const struct sums sums = {
        kernels, s.supports ? s.supports : s.features, 1, s.coefficient, s.rho, ".coefficients", ".rho"};
    return out < 0 ? -1 : add_sums(l, &sums, out, lower_given_type(l, y));
}

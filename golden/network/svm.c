/* SVMRegressor: support vectors with linear, polynomial, RBF and sigmoid kernels, which is also how other
 * kernel machines (Nystrom centres) travel; and the transforms that ai.onnx.ml applies to scores. */
#include "golden/network/op.h"
#include "golden/network/svm.h"

#include <math.h>
#include <string.h>

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

bool op_post_transform_known(const char *name)
{
    static const char *const known[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", NULL};
    return is_one_of(name, known);
}

/* SOFTMAX_ZERO leaves scores of 0 out. */
static void softmax(double *score, uint32_t n, bool skip_zero)
{
    double most = -INFINITY, sum = 0;
    for (uint32_t k = 0; k < n; k++)
        most = fmax(most, score[k]);
    for (uint32_t k = 0; k < n; k++)
        if (!skip_zero || score[k] != 0)
            sum += score[k] = exp(score[k] - most);
    for (uint32_t k = 0; k < n && sum > 0; k++)
        score[k] /= sum;
}

void op_post_transform(const char *name, double *score, uint32_t n)
{
    if (strcmp(name, "LOGISTIC") == 0)
        for (uint32_t k = 0; k < n; k++)
            score[k] = 1 / (1 + exp(-score[k]));
    else if (strcmp(name, "NONE") != 0)
        softmax(score, n, strcmp(name, "SOFTMAX_ZERO") == 0);
}

static size_t length(const struct net_attribute *a)
{
    return a ? a->n : 0;
}

const char *svm_read(const struct graph *g, const struct net_node *n, struct svm *s)
{
    static const char *const kernels[] = {"LINEAR", "POLY", "RBF", "SIGMOID", NULL};
    const struct net_shape *x = &op_input(g, n, 0)->shape;
    const struct net_attribute *c = op_attribute(n, "coefficients"), *v = op_attribute(n, "support_vectors");
    const struct net_attribute *rho = op_attribute(n, "rho"), *p = op_attribute(n, "kernel_params");
    const char *kernel = op_word(n, "kernel_type", "LINEAR");
    int64_t supports = op_integer(n, "n_supports", 0);
    if (x->rank < 1 || x->rank > 2 || x->dim[x->rank - 1] == 0)
        return "the input is no table of rows";
    if (!is_one_of(kernel, kernels))
        return "kernel_type: is unknown (give LINEAR, POLY, RBF or SIGMOID)";
    if (length(p) != 3 && (length(p) || kernel[0] != 'L'))
        return "kernel_params: needs gamma, coef0 and degree";
    if (length(rho) != 1)
        return "rho: needs one number";
    *s = (struct svm){.features = x->dim[x->rank - 1], .kernel = kernel[0], .rho = rho->floats[0]};
    if (supports < 0 || supports > NET_MAX_ELEMENTS ||
        length(c) != (supports ? (size_t)supports : s->features))
        return "coefficients: there must be one for each support vector";
    if (length(v) != (size_t)supports * s->features)
        return "support_vectors: there must be n_supports rows as wide as the input";
    s->supports = (uint32_t)supports;
    s->coefficient = c->floats;
    s->vector = v ? v->floats : NULL;
    s->gamma = length(p) ? p->floats[0] : 0;
    s->offset = length(p) ? p->floats[1] : 0;
    s->degree = length(p) ? p->floats[2] : 0;
    return NULL;
}

int svm_shape(struct graph *g, struct net_node *n, struct message *m)
{
    struct svm s;
    const char *wrong = svm_read(g, n, &s), *post = op_word(n, "post_transform", "NONE");
    if (!wrong && strcmp(post, "NONE") != 0)
        wrong = "post_transform: is not supported (give NONE)";
    if (wrong)
        return op_wrong(g, n, m, "%s", wrong);
    struct net_shape out = {2, {op_input(g, n, 0)->size / s.features, 1}};
    return op_output(g, n, 0, out, ELEMENT_FLOAT) ? 0 : op_wrong(g, n, m, "the result is too large");
}

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double distance2(const double *a, const double *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static double kernel_value(const struct svm *s, const double *x, const double *v)
{
    switch (s->kernel) {
    case 'P': return pow(s->gamma * dot(x, v, s->features) + s->offset, s->degree);
    case 'R': return exp(-s->gamma * distance2(x, v, s->features));
    case 'S': return tanh(s->gamma * dot(x, v, s->features) + s->offset);
    default: return dot(x, v, s->features);
    }
}

static double machine_evaluate(const struct svm *s, const double *x)
{
    double sum = s->rho;
    if (!s->supports)
        return sum + dot(x, s->coefficient, s->features);
    for (uint32_t i = 0; i < s->supports; i++)
        sum += s->coefficient[i] * kernel_value(s, x, s->vector + (size_t)i * s->features);
    return sum;
}

void svm_compute(const struct graph *g, const struct net_node *n, double *const *value)
{
    struct svm s;
    svm_read(g, n, &s);
    for (uint32_t row = 0; row < g->tensor[n->output[0]].size; row++) {
        double y = machine_evaluate(&s, value[n->input[0]] + (size_t)row * s.features);
        value[n->output[0]][row] = op_integer(n, "one_class", 0) ? (y > 0 ? 1 : -1) : y;
    }
}

#include "emu/cli/net_print.h"

#include <inttypes.h>
#include <string.h>

/* ---- info ---- */

static uint64_t multiplies_of(const struct graph *g, bool norm)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < g->nodes; i++)
        if ((g->node[i].op == NET_BATCH_NORM) == norm)
            n += graph_node_multiplies(g, i);
    return n;
}

/* Scale and offset of a batch norm go into the dense layer before it; then its numbers are gone. */
static uint64_t norm_parameters(const struct graph *g)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < g->nodes; i++)
        if (g->node[i].op == NET_BATCH_NORM)
            n += 4 * (uint64_t)g->tensor[g->node[i].input[1]].size;
    return n;
}

static void print_tensor(const struct graph *g, int t, const char *what, FILE *to)
{
    char shape[NET_SHAPE_TEXT];
    net_shape_print(&g->tensor[t].shape, shape);
    fprintf(to, "%-8s %-28.60s %s\n", what, g->tensor[t].name, shape);
}

static void print_graph(const struct graph *g, FILE *to)
{
    char shape[NET_SHAPE_TEXT];
    fprintf(to, "%s: %u inputs, %u outputs, %u nodes, opset %" PRId64 "\n", g->path, g->inputs, g->outputs,
            g->nodes, g->opset);
    for (unsigned k = 0; k < g->inputs; k++)
        print_tensor(g, g->input[k], "input", to);
    for (unsigned k = 0; k < g->outputs; k++)
        print_tensor(g, g->output[k], "output", to);
    fprintf(to, "\n%-28s %-20s %-28s %-12s %10s\n", "node", "operator", "result", "shape", "multiplies");
    for (unsigned i = 0; i < g->nodes; i++) {
        const struct net_node *n = &g->node[i];
        const struct net_tensor *y = &g->tensor[n->output[0]];
        net_shape_print(&y->shape, shape);
        fprintf(to, "%-28.60s %-20s %-28.60s %-12s %10" PRIu64 "\n", n->name, net_op_name(n->op), y->name,
                shape, graph_node_multiplies(g, i));
    }
    fprintf(to, "\nmultiplies  %" PRIu64, multiplies_of(g, false));
    if (multiplies_of(g, true))
        fprintf(to, ", and %" PRIu64 " of batch norms", multiplies_of(g, true));
    fprintf(to, "\nparameters  %" PRIu64, graph_parameters(g));
    if (norm_parameters(g))
        fprintf(to, ", %" PRIu64 " with batch norms folded", graph_parameters(g) - norm_parameters(g));
    fputc('\n', to);
}

static void range_of(const struct quantised_tensor *t, double *low, double *high)
{
    fixed_wide least = t->size ? t->low[0] : 0, most = t->size ? t->high[0] : 0;
    for (uint32_t e = 1; e < t->size; e++) {
        least = t->low[e] < least ? t->low[e] : least;
        most = t->high[e] > most ? t->high[e] : most;
    }
    *low = fixed_to_double(least, fixed_fraction(&t->type));
    *high = fixed_to_double(most, fixed_fraction(&t->type));
}

static void print_format(const struct quantised *q, int t, const char *note, FILE *to)
{
    char type[FIXED_TEXT], range[64];
    double low, high;
    fixed_type_print(&q->tensor[t].type, type);
    range_of(&q->tensor[t], &low, &high);
    snprintf(range, sizeof range, "%.6g..%.6g", low, high);
    fprintf(to, "%-28.60s %-30s %-26s%s%s\n", q->tensor[t].name, type, range, *note ? " " : "", note);
}

static const char *warning(const struct quantised_step *s)
{
    if (s->accumulator_can_overflow)
        return "accumulator can overflow";
    return s->can_overflow ? "can overflow" : "";
}

static void print_formats(const struct quantised *q, FILE *to)
{
    fprintf(to, "\n%-28s %-30s %s\n", "tensor", "format", "can be");
    for (unsigned k = 0; k < q->inputs; k++)
        print_format(q, q->input[k], "", to);
    for (unsigned i = 0; i < q->steps; i++)
        print_format(q, q->step[i].out, warning(&q->step[i]), to);
    fprintf(to, "\n%-28s %-30s %s\n", "constant", "format", "numbers");
    for (unsigned k = 0; k < q->constants; k++) {
        char type[FIXED_TEXT];
        fixed_type_print(&q->constant[k].type, type);
        if (q->constant[k].name[0])
            fprintf(to, "%-28.60s %-30s %u\n", q->constant[k].name, type, q->constant[k].size);
    }
    fprintf(to, "\nweights that are not 0: %" PRIu64 ", of these no power of two: %" PRIu64 "\n",
            quantised_terms(q), quantised_multiplies(q));
}

void net_print_info(const struct graph *g, const struct quantised *q, const char *why, FILE *to)
{
    print_graph(g, to);
    if (q)
        print_formats(q, to);
    else
        fprintf(to, "\nno number formats: %s\n", why);
}

/* ---- values ---- */

static void set_sample(const struct graph *g, const struct quantised *q, struct float_run *reference,
                       struct quantised_run *run, const double *sample)
{
    for (unsigned k = 0; k < g->inputs; k++)
        for (uint32_t e = 0; e < graph_input(g, k)->size; e++, sample++) {
            float_run_input(reference, k)[e] = *sample;
            if (!q)
                continue;
            const struct fixed_type *type = &q->tensor[q->input[k]].type;
            quantised_run_set(run, k, e, 0, (int64_t)fixed_from_double(type, *sample, NULL));
        }
}

static void print_sample(const struct graph *g, const struct quantised *q, const struct float_run *reference,
                         const struct quantised_run *run, size_t number, FILE *to)
{
    for (unsigned k = 0; k < g->outputs; k++)
        for (uint32_t e = 0; e < graph_output(g, k)->size; e++) {
            fprintf(to, "%-8zu %-20.60s %5u  %14.9g", number, graph_output(g, k)->name, e,
                    float_run_value(reference, g->output[k])[e]);
            if (q) {
                int64_t raw = quantised_run_get(run, q->output[k], e, 0);
                int fraction = fixed_fraction(&q->tensor[q->output[k]].type);
                fprintf(to, "  %14.9g  %12" PRId64, fixed_to_double(raw, fraction), raw);
            }
            fputc('\n', to);
        }
}

int net_print_values(const struct graph *g, const struct quantised *q, const struct net_data *d, FILE *to,
                     struct message *m)
{
    struct float_run *reference = float_run_new(g, m);
    struct quantised_run *run = q ? quantised_run_new(q, m) : NULL;
    int failed = !reference || (q && !run) ? -1 : 0;
    fprintf(to, "%-8s %-20s %5s  %14s%s\n", "sample", "output", "place", "double",
            q ? "     fixed point           raw" : "");
    for (size_t s = 0; !failed && s < d->samples; s++) {
        set_sample(g, q, reference, run, d->value + s * d->width);
        float_run_evaluate(reference);
        if (q)
            quantised_run_evaluate(run);
        print_sample(g, q, reference, run, s + 1, to);
    }
    float_run_free(reference);
    quantised_run_free(run);
    return failed;
}

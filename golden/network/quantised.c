/* From graph to steps: formats are resolved, constants become integers, ranges are followed. */
#include "golden/network/lowering.h"

int lower_failed(struct lowering *l, const char *what)
{
    return op_wrong(l->g, l->node, l->m, "%s", what);
}

int lower_no_memory(struct lowering *l)
{
    return message_set(l->m, "%s: out of memory", l->g->path);
}

void *lower_get(struct lowering *l, size_t n, size_t size)
{
    return arena_alloc(l->q->arena, n, size);
}

static int lower_elementwise(struct lowering *l)
{
    bool first = op_input(l->g, l->node, 0)->constant, second = op_input(l->g, l->node, 1)->constant;
    if (first || second)
        return lower_with_constant(l, first ? 1 : 0);
    return l->node->op == NET_MUL ? lower_product(l) : lower_sum(l);
}

static int lower_node(struct lowering *l)
{
    switch (l->node->op) {
    case NET_GEMM:
    case NET_MATMUL: return lower_dense(l);
    case NET_ADD:
    case NET_SUB:
    case NET_MUL: return lower_elementwise(l);
    case NET_BATCH_NORM: return lower_norm(l);
    case NET_RELU: return lower_relu(l);
    case NET_LEAKY_RELU: return lower_leaky(l);
    case NET_SIGMOID:
    case NET_TANH: return lower_sigmoid(l);
    case NET_SOFTMAX: return lower_softmax(l);
    case NET_FLATTEN:
    case NET_RESHAPE:
    case NET_TRANSPOSE:
    case NET_IDENTITY:
    case NET_CAST:
    case NET_CONCAT: return lower_move(l);
    case NET_QUANT: return lower_quant(l);
    case NET_BIPOLAR: return lower_bipolar(l);
    case NET_TRUNC: return lower_trunc(l);
    case NET_QUANTIZE:
    case NET_DEQUANTIZE: return lower_linear_quant(l);
    case NET_SVM_REGRESSOR: return lower_svm(l);
    case NET_TREE_REGRESSOR:
    case NET_TREE_CLASSIFIER: return lower_trees(l);
    default: return lower_failed(l, "has no fixed-point form yet");
    }
}

/* An input without a format takes that of the Quant that is all it goes to. */
static int input_type(struct lowering *l, int tensor, struct fixed_type *type)
{
    const struct net_tensor *t = &l->g->tensor[tensor];
    const struct net_node *next = l->consumer[tensor];
    const struct fixed_type *given = net_format_of(l->f, t->name);
    if (given) {
        *type = *given;
        return 0;
    }
    if (l->consumers[tensor] == 1 && next && next->op == NET_QUANT) {
        l->node = next;
        return lower_quant_type(l, next, type);
    }
    if (l->f->has_default) {
        *type = l->f->otherwise;
        return 0;
    }
    return message_set(
        l->m,
        "%s: input '%.80s' has no number format (give one in the formats file, or begin the network "
        "with a Quant node)",
        l->g->path, t->name);
}

static int lower_inputs(struct lowering *l)
{
    for (unsigned k = 0; k < l->g->inputs; k++) {
        int t = lower_result(l, l->g->input[k]);
        if (t < 0)
            return -1;
        struct quantised_tensor *to = &l->q->tensor[t];
        if (input_type(l, l->g->input[k], &to->type) < 0)
            return -1;
        if (!to->type.is_signed && to->type.width == FIXED_MAX_WIDTH)
            return message_set(l->m, "%s: input '%.80s': unsigned numbers of 64 bits are not supported",
                               l->g->path, to->name);
        for (uint32_t e = 0; e < to->size; e++) {
            to->low[e] = fixed_min(&to->type);
            to->high[e] = fixed_max(&to->type);
        }
        l->q->input[l->q->inputs++] = t;
    }
    return 0;
}

static void count_consumers(struct lowering *l)
{
    for (unsigned i = 0; i < l->g->nodes; i++)
        for (unsigned k = 0; k < l->g->node[i].inputs; k++)
            if (l->g->node[i].input[k] >= 0) {
                l->consumers[l->g->node[i].input[k]]++;
                l->consumer[l->g->node[i].input[k]] = &l->g->node[i];
            }
    for (unsigned k = 0; k < l->g->outputs; k++)
        l->consumers[l->g->output[k]]++;
}

static int lower_outputs(struct lowering *l)
{
    for (unsigned k = 0; k < l->g->outputs; k++) {
        int t = l->q->of_graph[l->g->output[k]];
        if (t < 0)
            return message_set(l->m, "%s: output '%.80s' is a constant", l->g->path,
                               graph_output(l->g, k)->name);
        l->q->output[l->q->outputs++] = t;
    }
    return 0;
}

static int lower(struct lowering *l)
{
    count_consumers(l);
    if (lower_inputs(l) < 0)
        return -1;
    for (unsigned i = 0; i < l->g->nodes; i++) {
        l->node = &l->g->node[i];
        if (!l->absorbed[i] && lower_node(l) < 0)
            return -1;
    }
    return lower_outputs(l) < 0 ? -1 : net_formats_all_used(l->f, l->m);
}

/* Whether 32 bits hold every number that is kept between steps. */
static bool is_narrow(const struct quantised *q)
{
    for (unsigned t = 0; t < q->tensors; t++)
        if (q->tensor[t].type.width > 31 + q->tensor[t].type.is_signed)
            return false;
    return true;
}

/* Softmax, support vectors and classifiers become several steps, each with a tensor. */
static size_t steps_at_most(const struct graph *g)
{
    size_t n = 0;
    for (unsigned i = 0; i < g->nodes; i++) {
        enum net_op op = g->node[i].op;
        n += op == NET_SOFTMAX || op == NET_SVM_REGRESSOR || op == NET_TREE_CLASSIFIER ? LOWER_MOST_STEPS : 1;
    }
    return n;
}

static int prepare(struct lowering *l, struct arena *arena)
{
    struct quantised *q = l->q;
    const struct graph *g = l->g;
    *q = (struct quantised){.graph = g, .arena = arena};
    size_t steps = steps_at_most(g);
    q->tensor = lower_get(l, g->tensors + steps, sizeof *q->tensor);
    q->step = lower_get(l, steps, sizeof *q->step);
    q->constant = lower_get(l, 2 * steps, sizeof *q->constant);
    q->of_graph = lower_get(l, g->tensors, sizeof *q->of_graph);
    q->input = lower_get(l, g->inputs, sizeof *q->input);
    q->output = lower_get(l, g->outputs, sizeof *q->output);
    l->consumers = lower_get(l, g->tensors, sizeof *l->consumers);
    l->consumer = lower_get(l, g->tensors, sizeof *l->consumer);
    l->absorbed = lower_get(l, g->nodes, sizeof *l->absorbed);
    if (!q->tensor || !q->step || !q->constant || !q->of_graph || !q->input || !q->output || !l->consumers ||
        !l->consumer || !l->absorbed)
        return lower_no_memory(l);
    for (unsigned t = 0; t < g->tensors; t++)
        q->of_graph[t] = -1;
    return 0;
}

struct quantised *quantised_new(const struct graph *g, struct net_formats *f, struct message *m)
{
    struct arena *arena = arena_new();
    struct lowering l = {.q = arena ? arena_alloc(arena, 1, sizeof *l.q) : NULL, .g = g, .f = f, .m = m};
    if (!l.q) {
        arena_free(arena);
        message_set(m, "%s: out of memory", g->path);
        return NULL;
    }
    if (prepare(&l, arena) < 0 || lower(&l) < 0) {
        arena_free(arena);
        return NULL;
    }
    l.q->narrow = is_narrow(l.q);
    return l.q;
}

void quantised_free(struct quantised *q)
{
    if (q)
        arena_free(q->arena);
}

static uint64_t count_terms(const struct quantised *q, bool all)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < q->steps; i++) {
        const struct quantised_step *s = &q->step[i];
        for (uint32_t k = 0; s->kind == Q_LINEAR && k < s->first[q->tensor[s->out].size]; k++) {
            uint64_t w = s->term[k].weight < 0 ? -(uint64_t)s->term[k].weight : (uint64_t)s->term[k].weight;
            n += all || (w & (w - 1)) != 0;
        }
        if (s->kind == Q_PRODUCT)
            n += q->tensor[s->out].size;
    }
    return n;
}

uint64_t quantised_multiplies(const struct quantised *q)
{
    return count_terms(q, false);
}

uint64_t quantised_terms(const struct quantised *q)
{
    return count_terms(q, true);
}

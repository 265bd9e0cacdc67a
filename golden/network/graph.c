#include "golden/network/graph.h"

#include "golden/network/arena.h"
#include "golden/network/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct op_info op_table[NET_OPS] = {
#define OP(id, name, domain, least, most, outputs, attributes)                                               \
    [NET_##id] = {name, domain, least, most, outputs, attributes},
#include "golden/network/ops.def"
};

const char *net_op_name(enum net_op op)
{
    return op_table[op].name;
}

struct graph *graph_new(const char *path)
{
    struct arena *arena = arena_new();
    struct graph *g = arena ? arena_alloc(arena, 1, sizeof *g) : NULL;
    if (g) {
        g->arena = arena;
        g->path = arena_text(arena, path);
    }
    if (g && g->path)
        return g;
    arena_free(arena);
    return NULL;
}

void graph_free(struct graph *g)
{
    if (g)
        arena_free(g->arena);
}

int graph_find(const struct graph *g, const char *name)
{
    for (unsigned t = 0; t < g->tensors; t++)
        if (strcmp(g->tensor[t].name, name) == 0)
            return (int)t;
    return -1;
}

void net_shape_print(const struct net_shape *s, char text[NET_SHAPE_TEXT])
{
    int n = snprintf(text, NET_SHAPE_TEXT, "%s", s->rank ? "" : "scalar");
    for (unsigned d = 0; d < s->rank; d++)
        n += snprintf(text + n, (size_t)(NET_SHAPE_TEXT - n), "%s%u", d ? "x" : "", s->dim[d]);
}

int op_wrong(const struct graph *g, const struct net_node *n, struct message *m, const char *format, ...)
{
    char what[MESSAGE_SIZE - 256];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return message_set(m, "%s: node '%.80s' (%s): %s", g->path, n->name, net_op_name(n->op), what);
}

const struct net_attribute *op_attribute(const struct net_node *n, const char *name)
{
    for (unsigned a = 0; a < n->attributes; a++)
        if (strcmp(n->attribute[a].name, name) == 0)
            return &n->attribute[a];
    return NULL;
}

int64_t op_integer(const struct net_node *n, const char *name, int64_t otherwise)
{
    const struct net_attribute *a = op_attribute(n, name);
    return a ? a->i : otherwise;
}

double op_number(const struct net_node *n, const char *name, double otherwise)
{
    const struct net_attribute *a = op_attribute(n, name);
    return a ? a->f : otherwise;
}

const char *op_word(const struct net_node *n, const char *name, const char *otherwise)
{
    const struct net_attribute *a = op_attribute(n, name);
    return a ? a->s : otherwise;
}

const struct net_tensor *op_input(const struct graph *g, const struct net_node *n, unsigned k)
{
    return k < n->inputs && n->input[k] >= 0 ? &g->tensor[n->input[k]] : NULL;
}

uint64_t graph_node_multiplies(const struct graph *g, unsigned node)
{
    return op_multiplies(g, &g->node[node]);
}

uint64_t graph_multiplies(const struct graph *g)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < g->nodes; i++)
        sum += op_multiplies(g, &g->node[i]);
    return sum;
}

/* A constant input that training found: weights, biases, the four numbers a channel of batch norm. */
static int is_parameter(const struct graph *g, const struct net_node *n, unsigned k)
{
    static const enum net_op with[] = {NET_GEMM, NET_MATMUL, NET_ADD, NET_SUB, NET_MUL, NET_BATCH_NORM};
    const struct net_tensor *t = op_input(g, n, k);
    if (!t || !t->constant)
        return 0;
    for (unsigned i = 0; i < sizeof with / sizeof *with; i++)
        if (n->op == with[i])
            return 1;
    return 0;
}

static uint64_t own_parameters(const struct net_node *n)
{
    uint64_t sum = 0;
    for (unsigned a = 0; a < n->attributes; a++)
        if (strchr("Ft", n->attribute[a].kind) && n->op != NET_CONSTANT)
            sum += n->attribute[a].n;
    return sum;
}

uint64_t graph_parameters(const struct graph *g)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < g->nodes; i++) {
        const struct net_node *n = &g->node[i];
        for (unsigned k = 0; k < n->inputs; k++)
            if (is_parameter(g, n, k))
                sum += op_input(g, n, k)->size;
        sum += own_parameters(n);
    }
    return sum;
}

/* ---- evaluation ---- */

struct float_run {
    const struct graph *g;
    struct arena *arena;
    double **value; /* by tensor */
};

struct float_run *float_run_new(const struct graph *g, struct message *m)
{
    struct arena *arena = arena_new();
    struct float_run *r = arena ? arena_alloc(arena, 1, sizeof *r) : NULL;
    double **value = r ? arena_alloc(arena, g->tensors, sizeof *value) : NULL;
    bool good = value != NULL;
    for (unsigned t = 0; good && t < g->tensors; t++) {
        const struct net_tensor *tensor = &g->tensor[t];
        value[t] = tensor->constant ? tensor->constant : arena_alloc(arena, tensor->size, sizeof(double));
        good = value[t] != NULL;
    }
    if (!good) {
        arena_free(arena);
        message_set(m, "%s: out of memory", g->path);
        return NULL;
    }
    *r = (struct float_run){g, arena, value};
    return r;
}

void float_run_free(struct float_run *r)
{
    if (r)
        arena_free(r->arena);
}

double *float_run_input(struct float_run *r, unsigned k)
{
    return r->value[r->g->input[k]];
}

void float_run_evaluate(struct float_run *r)
{
    for (unsigned i = 0; i < r->g->nodes; i++)
        op_compute(r->g, &r->g->node[i], r->value);
}

const double *float_run_value(const struct float_run *r, int tensor)
{
    return r->value[tensor];
}

#include "golden/network/hls4ml.h"

#include "golden/network/file.h"
#include "golden/network/hls4ml_source.h"
#include "golden/network/op.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_WIDTH = 1 << 16,   /* of a layer */
    NODES_A_CALL = 2,       /* a softmax of kind argmax is two, a clone one for each copy */
    CONSTANTS_A_CALL = 4,   /* batch norm */
    MOST_INTEGER_BITS = 24, /* of what indexes a table: hls4ml computes the index in 32 bits */
    MOST_PATH = 512
};

struct project {
    struct source source;
    struct graph *g;
    struct net_formats *f;
    const struct source_call *call; /* the one at work */
    const char *folder;             /* firmware/ */
    struct message *m;
};

static int wrong(struct project *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int wrong(struct project *p, const char *format, ...)
{
    char what[MESSAGE_SIZE - 256];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return message_set(p->m, "%s:%u: %.80s: %s", p->source.path, p->call->line, p->call->function, what);
}

static int no_memory(struct project *p)
{
    return message_set(p->m, "%s: out of memory", p->g->path);
}

/* ---- what the layer's struct says ---- */

static const char *config_of(const struct project *p)
{
    return p->call->types ? p->call->type[p->call->types - 1] : "";
}

/* A number of the layer's struct. */
static int number(struct project *p, const char *name, long long low, long long high, uint32_t *v)
{
    long long found;
    const struct source_name *n = source_find(&p->source, config_of(p), name);
    if (!n || !*n->scope)
        return wrong(p, "%s has no %s", config_of(p), name);
    if (source_number(&p->source, n->value, &found) < 0 || found < low || found > high)
        return message_set(p->m, "%s:%u: %s: '%.40s' is not supported (%lld..%lld)", n->path, n->line, name,
                           n->value, low, high);
    *v = (uint32_t)found;
    return 0;
}

/* A word of the layer's struct, or "". */
static const char *word(const struct project *p, const char *name)
{
    const struct source_name *n = source_find(&p->source, config_of(p), name);
    return n && *n->scope ? n->value : "";
}

/* A type of the layer's struct. */
static int type_within(struct project *p, const char *name, struct fixed_type *type)
{
    if (!*word(p, name))
        return wrong(p, "%s has no %s", config_of(p), name);
    return source_type(&p->source, config_of(p), word(p, name), type, p->m);
}

/* ---- the graph ---- */

static int add_tensor(struct project *p, const char *name, uint32_t rows, uint32_t columns)
{
    struct net_tensor *t = &p->g->tensor[p->g->tensors];
    *t = (struct net_tensor){.name = arena_text(p->g->arena, name),
                             .element = ELEMENT_FLOAT,
                             .shape = {2, {rows, columns}},
                             .size = rows * columns,
                             .producer = -1};
    return t->name ? (int)p->g->tensors++ : no_memory(p);
}

/* A matrix, or without rows a vector. */
static int add_constant(struct project *p, const char *name, uint32_t rows, uint32_t columns, double *v)
{
    int t = add_tensor(p, name, rows ? rows : 1, columns);
    if (t >= 0)
        p->g->tensor[t].constant = v;
    if (t >= 0 && !rows)
        p->g->tensor[t].shape = (struct net_shape){1, {columns}};
    return t;
}

static void set_format(struct project *p, const char *tensor, struct fixed_type type)
{
    p->f->tensor[p->f->tensors++] = (struct net_format){.name = tensor, .type = type};
}

static void set_role(struct project *p, const struct net_node *n, enum net_role role, struct fixed_type type)
{
    p->f->node[p->f->nodes++] = (struct net_format){.name = n->name, .role = role, .type = type};
}

static void set_rule(struct project *p, const struct net_node *n, enum net_rule rule, unsigned reuse)
{
    p->f->setting[p->f->settings++] = (struct net_setting){.node = n->name, .rule = rule, .reuse = reuse};
}

/* Argument k of the call as a tensor that is there already. */
static int given(struct project *p, unsigned k)
{
    int t = k < p->call->arguments ? graph_find(p->g, p->call->argument[k]) : -1;
    return t >= 0 ? t : wrong(p, "argument %u is no tensor that was computed before", k + 1);
}

/* The layer's name is the comment behind the call, else the result's. */
static const char *name_of(struct project *p, const char *result)
{
    const char *name = *p->call->comment ? p->call->comment : result;
    for (unsigned i = 0; i < p->g->nodes; i++)
        if (strcmp(p->g->node[i].name, name) == 0)
            return result;
    return name;
}

/* A node without inputs yet; its result is a new tensor of that name. */
static struct net_node *add_node(struct project *p, enum net_op op, const char *result)
{
    struct graph *g = p->g;
    struct net_node *n = &g->node[g->nodes];
    *n = (struct net_node){.op = op, .name = arena_text(g->arena, name_of(p, result)), .outputs = 1};
    n->input = arena_alloc(g->arena, op_table[op].most_inputs, sizeof *n->input);
    n->output = arena_alloc(g->arena, 1, sizeof *n->output);
    n->attribute = arena_alloc(g->arena, 1, sizeof *n->attribute);
    if (!n->name || !n->input || !n->output || !n->attribute) {
        no_memory(p);
        return NULL;
    }
    if (graph_find(g, result) >= 0) {
        wrong(p, "'%.60s' is computed twice", result);
        return NULL;
    }
    return n;
}

static int finish_node(struct project *p, struct net_node *n, const char *result)
{
    int y = add_tensor(p, result, 1, 1);
    if (y < 0)
        return -1;
    n->output[0] = y;
    p->g->tensor[y].producer = (int)p->g->nodes++;
    return op_shape(p->g, n, p->m);
}

/* ---- weights ---- */

/* The file that the array is loaded from, or NULL. */
static const char *loaded_from(const struct project *p, const char *array)
{
    static const char loader[] = "nnet::load_weights_from_txt";
    for (unsigned k = 0; k < p->source.calls; k++) {
        const struct source_call *c = &p->source.call[k];
        if (strcmp(c->function, loader) == 0 && c->arguments == 2 && strcmp(c->argument[0], array) == 0)
            return c->argument[1];
    }
    return NULL;
}

static int read_numbers(struct project *p, const char *path, const char *text, uint32_t n, double *v)
{
    uint32_t k = 0;
    for (;;) {
        char *end;
        text += strspn(text, " \t\r\n,");
        if (!*text || *text == '}')
            break;
        double x = strtod(text, &end);
        if (end == text || !isfinite(x))
            return message_set(p->m, "%s: '%.20s' is no number", path, text);
        if (k < n)
            v[k] = x;
        k++;
        text = end;
    }
    return k == n ? 0 : message_set(p->m, "%s: holds %u numbers where %u are needed", path, k, n);
}

/* "name.txt" as the simulation reads it; without one, the array's header. */
static double *weights(struct project *p, const char *array, uint32_t n)
{
    char path[MOST_PATH], file[96];
    const char *loaded = loaded_from(p, array);
    size_t length;
    double *v = arena_alloc(p->g->arena, n, sizeof *v);
    if (loaded)
        snprintf(file, sizeof file, "%.*s", (int)strcspn(loaded + 1, "\""), loaded + 1);
    else
        snprintf(file, sizeof file, "%.60s.h", array);
    if (!v || strchr(file, '/') ||
        snprintf(path, sizeof path, "%s/weights/%s", p->folder, file) >= (int)sizeof path) {
        wrong(p, "the weights '%.60s' cannot be found", array);
        return NULL;
    }
    char *text = net_file_read(path, 0, NET_MAX_FILE, &length, p->m);
    if (!text)
        return NULL;
    text[length] = 0;
    const char *from = loaded ? text : strrchr(text, '{');
    int failed =
        from ? read_numbers(p, path, from + !loaded, n, v) : message_set(p->m, "%s: holds no numbers", path);
    free(text);
    return failed ? NULL : v;
}

/* ---- layers ---- */

static int result_type(struct project *p, unsigned place, const char *result)
{
    struct fixed_type type;
    if (place >= p->call->types || source_type(&p->source, "", p->call->type[place], &type, p->m) < 0)
        return place < p->call->types ? -1 : wrong(p, "has too few types");
    set_format(p, result, type);
    return 0;
}

static int check_size(struct project *p, int tensor, uint32_t n)
{
    if (p->g->tensor[tensor].size != n)
        return wrong(p, "'%.60s' has %u numbers where %u are needed", p->g->tensor[tensor].name,
                     p->g->tensor[tensor].size, n);
    return 0;
}

static int check_call(struct project *p, unsigned types, unsigned arguments)
{
    if (p->call->types == types && p->call->arguments == arguments)
        return 0;
    return wrong(p, "has %u types and %u arguments where %u and %u are known", p->call->types,
                 p->call->arguments, types, arguments);
}

/* Products are as written; weights of two bits are -1, 0, 1 for the ternary one, too. */
static int check_product(struct project *p, const char *type_name, const double *v, uint32_t n)
{
    static const char mult[] = "nnet::product::mult<", ternary[] = "nnet::product::weight_ternary<";
    const char *product = word(p, "product");
    struct fixed_type type;
    if (!*product || strncmp(product, mult, sizeof mult - 1) == 0)
        return 0;
    if (strncmp(product, ternary, sizeof ternary - 1) != 0)
        return wrong(p, "product %.60s is not supported (give mult or weight_ternary)", product);
    if (type_within(p, type_name, &type) < 0)
        return -1;
    for (uint32_t k = 0; k < n; k++)
        if (fixed_from_double(&type, v[k], NULL) == -2)
            return wrong(p, "a ternary weight is -2");
    return 0;
}

static int check_strategy(struct project *p, bool *resource)
{
    static const char *const kernels[] = {"nnet::DenseLatency<", "nnet::DenseResource_rf_leq_nin<",
                                          "nnet::DenseResource_rf_gt_nin_rem0<"};
    const char *strategy = word(p, "strategy"), *kernel = word(p, "kernel");
    *resource = strcmp(strategy, "nnet::resource") == 0;
    if (!*resource && strcmp(strategy, "nnet::latency") != 0)
        return wrong(p, "strategy '%.40s' is not supported (give latency or resource)", strategy);
    if (!*kernel)
        return 0;
    for (unsigned k = 0; k < 3; k++)
        if (strncmp(kernel, kernels[k], strlen(kernels[k])) == 0 && *resource == (k > 0))
            return 0;
    return wrong(p, "kernel '%.60s' is not supported under strategy '%s'", kernel, strategy);
}

/* Under resource the file has the weights of an output in a row, else of an input. */
static double *transposed(struct project *p, const double *v, uint32_t rows, uint32_t columns)
{
    double *t = arena_alloc(p->g->arena, (size_t)rows * columns, sizeof *t);
    for (uint32_t k = 0; t && k < rows * columns; k++)
        t[k] = v[k % columns * rows + k / columns];
    return t;
}

/* dense<data, result, config>(x, y, weights, biases) */
static int read_dense(struct project *p, enum net_op op)
{
    uint32_t inputs = 0, outputs = 0, reuse = 1;
    bool resource;
    struct fixed_type weight, bias, accumulator;
    const char *const *a = p->call->argument;
    if (check_call(p, 3, 4) < 0 || check_strategy(p, &resource) < 0 ||
        number(p, "n_in", 1, MOST_WIDTH, &inputs) < 0 || number(p, "n_out", 1, MOST_WIDTH, &outputs) < 0 ||
        number(p, "reuse_factor", 1, NET_MAX_REUSE, &reuse) < 0 || type_within(p, "weight_t", &weight) < 0 ||
        type_within(p, "bias_t", &bias) < 0 || type_within(p, "accum_t", &accumulator) < 0)
        return -1;
    if ((uint64_t)inputs * outputs > NET_MAX_ELEMENTS)
        return wrong(p, "has too many weights");
    int x = given(p, 0);
    double *w = x < 0 || check_size(p, x, inputs) < 0 ? NULL : weights(p, a[2], inputs * outputs);
    double *b = w ? weights(p, a[3], outputs) : NULL;
    if (!b || check_product(p, "weight_t", w, inputs * outputs) < 0)
        return -1;
    if (resource && !(w = transposed(p, w, inputs, outputs)))
        return no_memory(p);
    struct net_node *n = add_node(p, op, a[1]);
    if (!n || result_type(p, 1, a[1]) < 0)
        return -1;
    n->inputs = 3;
    n->input[0] = x;
    n->input[1] = add_constant(p, a[2], inputs, outputs, w);
    n->input[2] = add_constant(p, a[3], 0, outputs, b);
    set_format(p, a[2], weight);
    set_format(p, a[3], bias);
    set_role(p, n, NET_ACCUMULATOR, accumulator);
    set_rule(p, n, NET_RULE_NEAREST, resource ? reuse : 1);
    return n->input[1] < 0 || n->input[2] < 0 ? -1 : finish_node(p, n, a[1]);
}

/* One number for each input from as many as there are filters. */
static int norm_numbers(struct project *p, unsigned k, uint32_t inputs, uint32_t filters, double *to)
{
    const double *v = weights(p, p->call->argument[k], filters);
    for (uint32_t e = 0; v && e < inputs; e++)
        to[e] = v[e % filters];
    return v ? 0 : -1;
}

static int norm_filters(struct project *p, uint32_t inputs, uint32_t *filters)
{
    *filters = inputs;
    if (strcmp(word(p, "n_filt"), "-1") == 0)
        return 0;
    return number(p, "n_filt", 1, inputs, filters);
}

/* normalize<data, result, config>(x, y, scale, bias): a batch norm of mean 0 and variance 1. */
static int read_normalize(struct project *p, enum net_op op)
{
    uint32_t inputs, filters;
    struct fixed_type type[2];
    const char *const *a = p->call->argument;
    if (check_call(p, 3, 4) < 0 || number(p, "n_in", 1, MOST_WIDTH, &inputs) < 0 ||
        norm_filters(p, inputs, &filters) < 0 || type_within(p, "scale_t", &type[0]) < 0 ||
        type_within(p, "bias_t", &type[1]) < 0)
        return -1;
    double *v = arena_alloc(p->g->arena, (size_t)4 * inputs, sizeof *v);
    int x = given(p, 0);
    if (!v || x < 0 || check_size(p, x, inputs) < 0 || norm_numbers(p, 2, inputs, filters, v) < 0 ||
        norm_numbers(p, 3, inputs, filters, v + inputs) < 0 || check_product(p, "scale_t", v, inputs) < 0)
        return v ? -1 : no_memory(p);
    for (uint32_t e = 0; e < inputs; e++)
        v[3 * inputs + e] = 1;
    struct net_node *n = add_node(p, op, a[1]);
    if (!n || result_type(p, 1, a[1]) < 0)
        return -1;
    n->attribute[n->attributes++] = (struct net_attribute){.name = "epsilon", .kind = 'f', .f = 0};
    n->inputs = 5;
    n->input[0] = x;
    for (unsigned k = 0; k < 4; k++) {
        char name[96];
        snprintf(name, sizeof name, "%.60s%s", k < 2 ? a[2 + k] : a[1],
                 k < 2    ? ""
                 : k == 2 ? ".mean"
                          : ".variance");
        n->input[1 + k] = add_constant(p, name, 0, inputs, v + (size_t)k * inputs);
        char *format = arena_alloc(p->g->arena, strlen(n->name) + 8, 1);
        if (n->input[1 + k] < 0 || !format)
            return no_memory(p);
        if (k < 2)
            set_format(p, strcat(strcpy(format, n->name), k ? ".offset" : ".scale"), type[k]);
    }
    return finish_node(p, n, a[1]);
}

/* A node on the tensor of argument 0. */
static struct net_node *unary(struct project *p, enum net_op op, const char *result, unsigned type)
{
    int x = given(p, 0);
    struct net_node *n = x < 0 ? NULL : add_node(p, op, result);
    if (!n || result_type(p, type, result) < 0)
        return NULL;
    n->input[n->inputs++] = x;
    return n;
}

/* linear, relu<data, result, config>(x, y) */
static int read_simple(struct project *p, enum net_op op)
{
    struct net_node *n = check_call(p, 3, 2) < 0 ? NULL : unary(p, op, p->call->argument[1], 1);
    return n ? finish_node(p, n, p->call->argument[1]) : -1;
}

/* leaky_relu<data, parameter, result, config>(x, alpha, y); once the parameter had the data's type. */
static int read_leaky(struct project *p, enum net_op op)
{
    char *end;
    struct fixed_type type;
    unsigned types = p->call->types == 3 ? 3 : 4;
    if (check_call(p, types, 3) < 0)
        return -1;
    double alpha = strtod(p->call->argument[1], &end);
    if (*end || end == p->call->argument[1])
        return wrong(p, "'%.40s' is no number", p->call->argument[1]);
    struct net_node *n = unary(p, op, p->call->argument[2], types - 2);
    if (!n || source_type(&p->source, "", p->call->type[types - 3], &type, p->m) < 0)
        return -1;
    n->attribute[n->attributes++] = (struct net_attribute){.name = "alpha", .kind = 'f', .f = alpha};
    char *format = arena_alloc(p->g->arena, strlen(n->name) + 8, 1);
    if (!format)
        return no_memory(p);
    set_format(p, strcat(strcpy(format, n->name), ".alpha"), type);
    return finish_node(p, n, p->call->argument[2]);
}

/* The number of bits that index a table of the struct's size `name`. */
static int table_bits(struct project *p, const char *name, int *bits)
{
    uint32_t size = 0;
    if (number(p, name, 2, 4096, &size) < 0)
        return -1;
    *bits = __builtin_ctz(size);
    return size == 1u << *bits ? 0 : wrong(p, "%s %u is no power of two", name, size);
}

/* sigmoid, tanh<data, result, config>(x, y): the index is x toward 0 in steps of 16/size or 8/size, and ends
 * where the table ends. */
static int read_table(struct project *p, enum net_op op)
{
    int bits;
    struct fixed_type entries, x;
    if (check_call(p, 3, 2) < 0 || table_bits(p, "table_size", &bits) < 0 ||
        type_within(p, "table_t", &entries) < 0 ||
        source_type(&p->source, "", p->call->type[0], &x, p->m) < 0)
        return -1;
    if (x.integer > MOST_INTEGER_BITS || bits < 4)
        return wrong(p, "its index does not fit 32 bits (give narrower data), or its table is too small");
    struct net_node *n = unary(p, op, p->call->argument[1], 1);
    if (!n)
        return -1;
    set_role(p, n, NET_TABLE,
             (struct fixed_type){.width = (uint8_t)bits,
                                 .integer = op == NET_TANH ? 3 : 4,
                                 .is_signed = 1,
                                 .round = FIXED_TRN_ZERO,
                                 .overflow = FIXED_SAT});
    set_role(p, n, NET_ENTRIES, entries);
    set_rule(p, n, NET_RULE_HLS4ML, 1);
    return finish_node(p, n, p->call->argument[1]);
}

/* The index of a table is the highest bits of a number. */
static int set_top_bits(struct project *p, const struct net_node *n, enum net_role role, struct fixed_type t,
                        const char *size)
{
    int bits;
    if (table_bits(p, size, &bits) < 0)
        return -1;
    if (bits > t.width)
        return wrong(p, "%s is larger than what its index of %u bits can reach", size, t.width);
    t.width = (uint8_t)bits;
    t.round = FIXED_TRN;
    t.overflow = FIXED_WRAP;
    t.wrap_bits = 0;
    set_role(p, n, role, t);
    return 0;
}

/* Until 1.1: the difference has the data's width; one type for exponentials, one table size. */
static int softmax_until_11(struct project *p, const struct net_node *n, bool stable, struct fixed_type data)
{
    struct fixed_type exponential, inverse, difference = data;
    if (type_within(p, "exp_table_t", &exponential) < 0 || type_within(p, "inv_table_t", &inverse) < 0)
        return -1;
    if (stable && !data.is_signed)
        return wrong(p, "differences of unsigned data wrap (give signed data)");
    difference.round = FIXED_RND;
    difference.overflow = FIXED_SAT;
    difference.wrap_bits = 0;
    if (stable)
        set_role(p, n, NET_DIFFERENCE, difference);
    set_role(p, n, NET_SUM, exponential);
    set_role(p, n, NET_INVERSE_ENTRIES, inverse);
    set_rule(p, n, NET_RULE_HLS4ML_11, 1);
    return set_top_bits(p, n, NET_TABLE, difference, "table_size") < 0
               ? -1
               : set_top_bits(p, n, NET_INVERSE_TABLE, exponential, "table_size");
}

/* From 1.2 on each has a type of its own. */
static int softmax_from_12(struct project *p, const struct net_node *n, bool stable, struct fixed_type data)
{
    struct fixed_type exponential, inverse, difference = data, sum, input;
    const char *scale = word(p, "exp_scale");
    if (type_within(p, "exp_table_t", &exponential) < 0 || type_within(p, "inv_table_t", &inverse) < 0 ||
        type_within(p, "accum_t", &sum) < 0 || type_within(p, "inv_inp_t", &input) < 0 ||
        (stable && type_within(p, "inp_norm_t", &difference) < 0))
        return -1;
    if (*scale && strtod(scale, NULL) != 1)
        return wrong(p, "exp_scale %.20s is not supported (give 1)", scale);
    if (stable)
        set_role(p, n, NET_DIFFERENCE, difference);
    set_role(p, n, NET_ENTRIES, exponential);
    set_role(p, n, NET_SUM, sum);
    set_role(p, n, NET_INVERSE, input);
    set_role(p, n, NET_INVERSE_ENTRIES, inverse);
    set_rule(p, n, NET_RULE_HLS4ML, 1);
    return set_top_bits(p, n, NET_TABLE, difference, "exp_table_size") < 0
               ? -1
               : set_top_bits(p, n, NET_INVERSE_TABLE, input, "inv_table_size");
}

/* softmax<data, result, config>(x, y) */
static int read_softmax(struct project *p, enum net_op op)
{
    static const char prefix[] = "nnet::softmax_implementation::";
    const char *kind = word(p, "implementation");
    uint32_t inputs;
    struct fixed_type data;
    int x = check_call(p, 3, 2) < 0 ? -1 : given(p, 0);
    kind += strncmp(kind, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 0;
    if (x < 0 || number(p, "n_in", 1, MOST_WIDTH, &inputs) < 0 || check_size(p, x, inputs) < 0 ||
        source_type(&p->source, "", p->call->type[0], &data, p->m) < 0)
        return -1;
    bool stable = strcmp(kind, "stable") == 0;
    if (!stable && strcmp(kind, "latency") != 0)
        return wrong(p, "implementation '%.40s' is not supported (give stable or latency)", kind);
    if (*word(p, "n_slice") && (number(p, "n_slice", inputs, inputs, &inputs) < 0))
        return -1;
    struct net_node *n = unary(p, op, p->call->argument[1], 1);
    if (!n)
        return -1;
    bool new = *word(p, "inv_inp_t");
    if ((new ? softmax_from_12(p, n, stable, data) : softmax_until_11(p, n, stable, data)) < 0)
        return -1;
    return finish_node(p, n, p->call->argument[1]);
}

/* add, subtract, multiply, concatenate1d<data1, data2, result, config>(x1, x2, y) */
static int read_merge(struct project *p, enum net_op op)
{
    int x = check_call(p, 4, 3) < 0 ? -1 : given(p, 1);
    struct net_node *n = x < 0 ? NULL : unary(p, op, p->call->argument[2], 2);
    if (!n)
        return -1;
    n->input[n->inputs++] = x;
    if (op == NET_CONCAT)
        n->attribute[n->attributes++] = (struct net_attribute){.name = "axis", .kind = 'i', .i = 1};
    else if (check_size(p, x, p->g->tensor[n->input[0]].size) < 0)
        return -1;
    return finish_node(p, n, p->call->argument[2]);
}

/* clone_stream<data, result, size>(x, y1, y2, ..) */
static int read_clone(struct project *p, enum net_op op)
{
    if (p->call->types != 3 || p->call->arguments < 3)
        return check_call(p, 3, 3);
    for (unsigned k = 1; k < p->call->arguments; k++) {
        struct net_node *n = unary(p, op, p->call->argument[k], 1);
        if (!n || finish_node(p, n, p->call->argument[k]) < 0)
            return -1;
    }
    return 0;
}

static int read_alias(struct project *p, enum net_op op)
{
    int x = given(p, 0);
    struct net_node *n = x < 0 ? NULL : add_node(p, op, p->call->argument[1]);
    if (!n)
        return -1;
    n->input[n->inputs++] = x;
    return finish_node(p, n, p->call->argument[1]);
}

/* Weights are read where they are used. */
static int read_nothing(struct project *p, enum net_op op)
{
    (void)p;
    (void)op;
    return 0;
}

/* Functions of namespace nnet; a result is argument `result`, and with `more` all behind it. "" is an alias.
 */
static const struct layer {
    const char *name;
    int (*read)(struct project *p, enum net_op op);
    enum net_op op;
    unsigned result;
    bool more;
} layers[] = {
    {"nnet::dense", read_dense, NET_GEMM, 1, false},
    {"nnet::normalize", read_normalize, NET_BATCH_NORM, 1, false},
    {"nnet::linear", read_simple, NET_IDENTITY, 1, false},
    {"nnet::relu", read_simple, NET_RELU, 1, false},
    {"nnet::leaky_relu", read_leaky, NET_LEAKY_RELU, 2, false},
    {"nnet::sigmoid", read_table, NET_SIGMOID, 1, false},
    {"nnet::tanh", read_table, NET_TANH, 1, false},
    {"nnet::softmax", read_softmax, NET_SOFTMAX, 1, false},
    {"nnet::add", read_merge, NET_ADD, 2, false},
    {"nnet::subtract", read_merge, NET_SUB, 2, false},
    {"nnet::multiply", read_merge, NET_MUL, 2, false},
    {"nnet::concatenate1d", read_merge, NET_CONCAT, 2, false},
    {"nnet::clone_stream", read_clone, NET_IDENTITY, 1, true},
    {"", read_alias, NET_IDENTITY, 1, false},
    {"nnet::load_weights_from_txt", read_nothing, NET_IDENTITY, SOURCE_MOST_ARGUMENTS, false},
};

static const struct layer *layer_of(const struct source_call *c)
{
    for (unsigned k = 0; k < sizeof layers / sizeof *layers; k++)
        if (strcmp(layers[k].name, c->function) == 0)
            return &layers[k];
    return NULL;
}

static int read_call(struct project *p)
{
    const struct layer *l = layer_of(p->call);
    if (l)
        return l->read(p, l->op);
    return wrong(p, "is not supported (supported: dense, normalize, linear, relu, leaky_relu, sigmoid, tanh, "
                    "softmax, add, subtract, multiply, concatenate1d, clone_stream)");
}

/* ---- ports ---- */

/* "nnet::array<T,5*1>" has its size behind the comma. */
static int port_size(struct project *p, const struct source_port *port, uint32_t *size)
{
    const char *text = port->size;
    long long n;
    if (!*text) {
        const struct source_name *t = source_find(&p->source, "", port->type);
        const char *comma = t ? strrchr(t->value, ',') : NULL;
        char part[80] = "";
        size_t length = comma ? strcspn(comma + 1, ">") : 0;
        if (length < sizeof part)
            memcpy(part, comma ? comma + 1 : "", length);
        if (source_number(&p->source, part, &n) < 0)
            n = 0;
    } else if (source_number(&p->source, text, &n) < 0)
        n = 0;
    if (n < 1 || n > MOST_WIDTH)
        return message_set(p->m, "%s: the size of port '%.60s' is not understood", p->source.path,
                           port->name);
    *size = (uint32_t)n;
    return 0;
}

static bool is_computed(const struct project *p, const char *name)
{
    for (unsigned k = 0; k < p->source.calls; k++) {
        const struct source_call *c = &p->source.call[k];
        const struct layer *l = layer_of(c);
        for (unsigned a = l ? l->result : c->arguments; a < c->arguments && (a == l->result || l->more); a++)
            if (strcmp(c->argument[a], name) == 0)
                return true;
    }
    return false;
}

/* Ports that no layer computes are inputs. */
static int add_inputs(struct project *p)
{
    for (unsigned k = 0; k < p->source.ports; k++) {
        const struct source_port *port = &p->source.port[k];
        struct fixed_type type;
        uint32_t size = 0;
        if (is_computed(p, port->name))
            continue;
        if (port_size(p, port, &size) < 0 || source_type(&p->source, "", port->type, &type, p->m) < 0)
            return -1;
        int t = add_tensor(p, port->name, 1, size);
        if (t < 0)
            return -1;
        set_format(p, p->g->tensor[t].name, type);
        p->g->input[p->g->inputs++] = t;
    }
    return 0;
}

static int add_outputs(struct project *p)
{
    for (unsigned k = 0; k < p->source.ports; k++) {
        int t = graph_find(p->g, p->source.port[k].name);
        if (t >= 0 && p->g->tensor[t].producer >= 0)
            p->g->output[p->g->outputs++] = t;
    }
    if (!p->g->inputs || !p->g->outputs)
        return message_set(p->m, "%s: the network has no inputs or no outputs", p->source.path);
    return 0;
}

/* ---- the project ---- */

/* The one file with the top function. */
static int find_top(struct project *p, char *path)
{
    DIR *folder = opendir(p->folder);
    unsigned found = 0;
    if (!folder)
        return message_set(p->m, "%s: %s (an hls4ml project has a folder 'firmware')", p->folder,
                           strerror(errno));
    for (const struct dirent *e; (e = readdir(folder));) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".cpp") != 0)
            continue;
        found++;
        if (snprintf(path, MOST_PATH, "%s/%s", p->folder, e->d_name) >= MOST_PATH)
            found = 2;
    }
    closedir(folder);
    return found == 1 ? 0
                      : message_set(p->m, "%s: holds %u files *.cpp where one is needed", p->folder, found);
}

static int read_header(struct project *p, const char *name)
{
    char path[MOST_PATH];
    if (snprintf(path, sizeof path, "%s/%s", p->folder, name) >= (int)sizeof path)
        return message_set(p->m, "%s: is too long a path", p->folder);
    return source_read_header(&p->source, path, p->m);
}

static int make_room(struct project *p)
{
    size_t calls = 1, tensors;
    for (unsigned k = 0; k < p->source.calls; k++)
        calls += p->source.call[k].arguments;
    tensors = calls * (1 + CONSTANTS_A_CALL) + p->source.ports;
    struct arena *a = p->g->arena;
    p->g->tensor = arena_alloc(a, tensors, sizeof *p->g->tensor);
    p->g->node = arena_alloc(a, calls * NODES_A_CALL, sizeof *p->g->node);
    p->g->input = arena_alloc(a, p->source.ports, sizeof *p->g->input);
    p->g->output = arena_alloc(a, p->source.ports, sizeof *p->g->output);
    p->f->tensor = arena_alloc(p->f->memory, tensors, sizeof *p->f->tensor);
    p->f->node = arena_alloc(p->f->memory, calls * NET_ROLES, sizeof *p->f->node);
    p->f->setting = arena_alloc(p->f->memory, calls, sizeof *p->f->setting);
    bool done = p->g->tensor && p->g->node && p->g->input && p->g->output && p->f->tensor && p->f->node &&
                p->f->setting;
    return done && tensors <= NET_MAX_TENSORS ? 0 : no_memory(p);
}

static int read_project(struct project *p)
{
    char path[MOST_PATH];
    if (find_top(p, path) < 0 || read_header(p, "defines.h") < 0 || read_header(p, "parameters.h") < 0 ||
        source_read_top(&p->source, path, p->m) < 0 || make_room(p) < 0 || add_inputs(p) < 0)
        return -1;
    for (unsigned k = 0; k < p->source.calls; k++) {
        p->call = &p->source.call[k];
        if (read_call(p) < 0)
            return -1;
    }
    return add_outputs(p);
}

/* Names of formats are texts of the project's, so formats keep them all. */
static int keep_names(struct project *p)
{
    struct net_formats *f = p->f;
    for (unsigned k = 0; k < f->tensors; k++)
        if (!(f->tensor[k].name = arena_text(f->memory, f->tensor[k].name)))
            return no_memory(p);
    for (unsigned k = 0; k < f->nodes; k++)
        if (!(f->node[k].name = arena_text(f->memory, f->node[k].name)))
            return no_memory(p);
    for (unsigned k = 0; k < f->settings; k++)
        if (!(f->setting[k].node = arena_text(f->memory, f->setting[k].node)))
            return no_memory(p);
    return 0;
}

struct graph *graph_read_hls4ml(const char *path, struct net_formats *f, struct message *m)
{
    char folder[MOST_PATH];
    net_formats_init(f);
    f->memory = arena_new();
    f->accumulation = FIXED_HLS4ML;
    struct project p = {.g = graph_new(path), .f = f, .m = m, .folder = folder};
    int failed = snprintf(folder, sizeof folder, "%s/firmware", path) >= (int)sizeof folder;
    if (!p.g || !f->memory || failed || !(f->path = arena_text(f->memory, path))) {
        message_set(m, "%s: out of memory, or too long a path", path);
        graph_free(p.g);
        return NULL;
    }
    p.source.arena = p.g->arena;
    p.g->opset = 13;
    if (read_project(&p) == 0 && keep_names(&p) == 0)
        return p.g;
    graph_free(p.g);
    return NULL;
}

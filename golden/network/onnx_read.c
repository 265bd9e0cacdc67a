/* ONNX files: protobuf through the code that protoc-c makes of onnx.proto, checked field by field. What comes
 * out is a graph without references to the file's bytes. */
#include "golden/network/arena.h"
#include "golden/network/file.h"
#include "golden/network/onnx_tensor.h"
#include "golden/network/op.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct importer {
    struct graph *g;
    const Onnx__GraphProto *from;
    struct message *m;
    unsigned room;             /* for tensors */
    unsigned *bucket, buckets; /* tensors by name: open addressing, 0 is free, else index + 1 */
    double **value;            /* by tensor: the constants */
    uint64_t multiplies;
};

static int no_memory(struct importer *i)
{
    return message_set(i->m, "%s: out of memory", i->g->path);
}

/* ---- tensors by name ---- */

static uint32_t hash(const char *name)
{
    uint32_t h = 2166136261u;
    while (*name)
        h = (h ^ (unsigned char)*name++) * 16777619u;
    return h;
}

static unsigned *slot_of(struct importer *i, const char *name)
{
    uint32_t at = hash(name) & (i->buckets - 1);
    while (i->bucket[at] && strcmp(i->g->tensor[i->bucket[at] - 1].name, name) != 0)
        at = (at + 1) & (i->buckets - 1);
    return &i->bucket[at];
}

static int find(struct importer *i, const char *name)
{
    return (int)*slot_of(i, name) - 1;
}

/* A new tensor; -1 with a message when the name is taken. */
static int add(struct importer *i, const char *name)
{
    struct graph *g = i->g;
    unsigned *slot = slot_of(i, name);
    if (*slot)
        return message_set(i->m, "%s: '%.80s' is made twice", g->path, name);
    struct net_tensor *t = &g->tensor[g->tensors];
    *t = (struct net_tensor){.name = arena_text(g->arena, name), .producer = -1};
    if (!t->name)
        return no_memory(i);
    *slot = ++g->tensors;
    return (int)g->tensors - 1;
}

static int make_room(struct importer *i)
{
    size_t n = i->from->n_initializer + i->from->n_input;
    for (size_t k = 0; k < i->from->n_node; k++)
        n += i->from->node[k]->n_output;
    if (n > NET_MAX_TENSORS || i->from->n_node > NET_MAX_TENSORS)
        return message_set(i->m, "%s: has more than %d tensors", i->g->path, NET_MAX_TENSORS);
    for (i->buckets = 16; i->buckets < 2 * n; i->buckets *= 2)
        ;
    i->bucket = arena_alloc(i->g->arena, i->buckets, sizeof *i->bucket);
    i->value = arena_alloc(i->g->arena, n, sizeof *i->value);
    i->g->tensor = arena_alloc(i->g->arena, n, sizeof *i->g->tensor);
    i->g->node = arena_alloc(i->g->arena, i->from->n_node, sizeof *i->g->node);
    i->g->input = arena_alloc(i->g->arena, i->from->n_input, sizeof *i->g->input);
    i->g->output = arena_alloc(i->g->arena, i->from->n_output, sizeof *i->g->output);
    return i->bucket && i->value && i->g->tensor && i->g->node && i->g->input && i->g->output ? 0
                                                                                              : no_memory(i);
}

/* ---- initializers and inputs ---- */

static bool named(const char *name)
{
    return name && *name;
}

static int read_initializers(struct importer *i)
{
    for (size_t k = 0; k < i->from->n_initializer; k++) {
        const Onnx__TensorProto *from = i->from->initializer[k];
        struct onnx_numbers numbers;
        if (!named(from->name))
            return message_set(i->m, "%s: initializer %zu has no name", i->g->path, k);
        int t = add(i, from->name);
        if (t < 0 || onnx_numbers_read(&numbers, i->g->arena, from, i->g->path, i->m) < 0)
            return -1;
        struct net_tensor *to = &i->g->tensor[t];
        to->element = numbers.element;
        to->shape = numbers.shape;
        to->size = (uint32_t)numbers.n;
        to->constant = i->value[t] = numbers.value;
    }
    if (i->from->n_sparse_initializer)
        return message_set(i->m, "%s: has sparse initializers (export the weights as plain tensors)",
                           i->g->path);
    return 0;
}

static int input_shape(struct importer *i, const Onnx__ValueInfoProto *from, struct net_tensor *t)
{
    const Onnx__TypeProto *type = from->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type->shape)
        return message_set(i->m, "%s: input '%.80s' is no tensor of known shape", i->g->path, t->name);
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    if (shape->n_dim > NET_MAX_RANK)
        return message_set(i->m, "%s: input '%.80s' has more than %d dimensions", i->g->path, t->name,
                           NET_MAX_RANK);
    uint64_t size = 1;
    if (!onnx_element_known(type->tensor_type->elem_type))
        return message_set(i->m, "%s: input '%.80s' does not hold numbers", i->g->path, t->name);
    t->element = (uint8_t)type->tensor_type->elem_type;
    t->shape.rank = (unsigned)shape->n_dim;
    for (size_t d = 0; d < shape->n_dim; d++) {
        const Onnx__TensorShapeProto__Dimension *dim = shape->dim[d];
        bool sized = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        int64_t n = sized ? dim->dim_value : 1; /* a named dimension is the batch: one sample */
        if (n < 0 || n > NET_MAX_ELEMENTS || (size *= (uint64_t)n) > NET_MAX_ELEMENTS)
            return message_set(i->m, "%s: input '%.80s' has a dimension of %" PRId64, i->g->path, t->name, n);
        t->shape.dim[d] = (uint32_t)n;
    }
    t->size = (uint32_t)size;
    return 0;
}

/* Old files list initializers as inputs too. */
static int read_inputs(struct importer *i)
{
    for (size_t k = 0; k < i->from->n_input; k++) {
        const Onnx__ValueInfoProto *from = i->from->input[k];
        if (!named(from->name))
            return message_set(i->m, "%s: input %zu has no name", i->g->path, k);
        int t = find(i, from->name);
        if (t >= 0 && i->g->tensor[t].constant)
            continue;
        t = add(i, from->name);
        if (t < 0 || input_shape(i, from, &i->g->tensor[t]) < 0)
            return -1;
        i->g->input[i->g->inputs++] = t;
    }
    return 0;
}

/* ---- attributes ---- */

static int copy_integers(struct importer *i, const Onnx__AttributeProto *from, struct net_attribute *to)
{
    int64_t *ints = arena_alloc(i->g->arena, from->n_ints, sizeof *ints);
    if (!ints)
        return no_memory(i);
    if (from->n_ints)
        memcpy(ints, from->ints, from->n_ints * sizeof *ints);
    to->ints = ints;
    to->n = from->n_ints;
    return 0;
}

static int copy_numbers(struct importer *i, const Onnx__AttributeProto *from, struct net_attribute *to)
{
    double *floats = arena_alloc(i->g->arena, from->n_floats, sizeof *floats);
    if (!floats)
        return no_memory(i);
    for (size_t k = 0; k < from->n_floats; k++)
        floats[k] = from->floats[k];
    to->floats = floats;
    to->n = from->n_floats;
    return 0;
}

static const char *copy_word(struct importer *i, ProtobufCBinaryData from)
{
    char *s = arena_alloc(i->g->arena, from.len + 1, 1);
    if (s && from.len)
        memcpy(s, from.data, from.len);
    return s;
}

static int copy_words(struct importer *i, const Onnx__AttributeProto *from, struct net_attribute *to)
{
    to->strings = arena_alloc(i->g->arena, from->n_strings, sizeof *to->strings);
    to->n = from->n_strings;
    for (size_t k = 0; to->strings && k < from->n_strings; k++)
        if (!(to->strings[k] = copy_word(i, from->strings[k])))
            return no_memory(i);
    return to->strings ? 0 : no_memory(i);
}

static int copy_tensor(struct importer *i, const struct net_node *n, const Onnx__AttributeProto *from,
                       struct net_attribute *to)
{
    struct onnx_numbers numbers;
    if (!from->t)
        return op_wrong(i->g, n, i->m, "%s: holds no tensor", to->name);
    if (onnx_numbers_read(&numbers, i->g->arena, from->t, i->g->path, i->m) < 0)
        return -1;
    to->floats = numbers.value;
    to->n = numbers.n;
    to->shape = numbers.shape;
    to->element = numbers.element;
    return 0;
}

static int copy_attribute(struct importer *i, const struct net_node *n, const Onnx__AttributeProto *from,
                          struct net_attribute *to)
{
    to->i = from->i;
    to->f = from->f;
    switch (to->kind) {
    case 's': return (to->s = copy_word(i, from->s)) ? 0 : no_memory(i);
    case 't': return copy_tensor(i, n, from, to);
    case 'I': return copy_integers(i, from, to);
    case 'F': return copy_numbers(i, from, to);
    case 'S': return copy_words(i, from, to);
    default: return 0;
    }
}

/* The letter of ops.def. Files of the first ONNX versions give no type. */
static char kind_of(const Onnx__AttributeProto *a)
{
    if (a->has_type)
        switch (a->type) {
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT: return 'f';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT: return 'i';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING: return 's';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR: return 't';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS: return 'F';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS: return 'I';
        case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS: return 'S';
        default: return '?';
        }
    return a->has_f      ? 'f'
           : a->has_i    ? 'i'
           : a->has_s    ? 's'
           : a->t        ? 't'
           : a->n_floats ? 'F'
           : a->n_ints   ? 'I'
                         : 'S';
}

/* The place of "name:k" in a list of ops.def, or NULL. */
static const char *listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at + (*at == '-'), name, length) == 0 && at[length + (*at == '-')] == ':')
            return at;
    }
    return NULL;
}

static int read_attributes(struct importer *i, struct net_node *n, const Onnx__NodeProto *from)
{
    n->attribute = arena_alloc(i->g->arena, from->n_attribute, sizeof *n->attribute);
    if (!n->attribute)
        return no_memory(i);
    for (size_t k = 0; k < from->n_attribute; k++) {
        const Onnx__AttributeProto *a = from->attribute[k];
        const char *name = a->name ? a->name : "", *at = listed(op_table[n->op].attributes, name);
        if (!at || !*name)
            return op_wrong(i->g, n, i->m,
                            "%.80s: is no attribute that bxact knows (it would change the meaning; "
                            "known: %.300s)",
                            name, op_table[n->op].attributes);
        if (*at == '-')
            continue;
        struct net_attribute *to = &n->attribute[n->attributes];
        *to = (struct net_attribute){.name = arena_text(i->g->arena, name), .kind = kind_of(a)};
        if (!to->name)
            return no_memory(i);
        if (to->kind != at[strlen(name) + 1])
            return op_wrong(i->g, n, i->m, "%s: has another type than it should", to->name);
        if (op_attribute(n, to->name))
            return op_wrong(i->g, n, i->m, "%s: is given twice", to->name);
        if (copy_attribute(i, n, a, to) < 0)
            return -1;
        n->attributes++;
    }
    return 0;
}

/* ---- nodes ---- */

static int domain_of(const char *name)
{
    static const struct {
        const char *name;
        enum op_domain domain;
    } known[] = {{"", ONNX},
                 {"ai.onnx", ONNX},
                 {"ai.onnx.ml", ONNX_ML},
                 {"qonnx.custom_op.general", QONNX},
                 {"onnx.brevitas", QONNX},
                 {"finn.custom_op.general", QONNX}};
    for (unsigned k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(known[k].name, name ? name : "") == 0)
            return (int)known[k].domain;
    return -1;
}

static int unknown_operator(struct importer *i, const Onnx__NodeProto *from, const char *name)
{
    char list[512] = "";
    size_t n = 0;
    for (unsigned op = 0; op < NET_OPS && n < sizeof list; op++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", op ? ", " : "", op_table[op].name);
    return message_set(
        i->m,
        "%s: node '%.80s': operator '%.40s'%s%.40s is not supported (supported: %s; convolution "
        "and recurrence are not imported yet)",
        i->g->path, name, from->op_type ? from->op_type : "", named(from->domain) ? " of " : "",
        named(from->domain) ? from->domain : "", list);
}

static int find_op(const Onnx__NodeProto *from, enum net_op *op)
{
    int domain = domain_of(from->domain);
    for (unsigned k = 0; k < NET_OPS; k++)
        if (from->op_type && (int)op_table[k].domain == domain &&
            strcmp(op_table[k].name, from->op_type) == 0) {
            *op = (enum net_op)k;
            return 0;
        }
    return -1;
}

static int read_node_inputs(struct importer *i, struct net_node *n, const Onnx__NodeProto *from)
{
    n->inputs = (unsigned)from->n_input;
    for (unsigned k = 0; k < n->inputs; k++) {
        n->input[k] = named(from->input[k]) ? find(i, from->input[k]) : -1;
        if (named(from->input[k]) && n->input[k] < 0)
            return op_wrong(i->g, n, i->m,
                            "its input '%.80s' comes from nowhere (nodes must stand in the order of "
                            "evaluation)",
                            from->input[k]);
    }
    return 0;
}

static int read_node_outputs(struct importer *i, struct net_node *n, const Onnx__NodeProto *from)
{
    n->outputs = (unsigned)from->n_output;
    for (unsigned k = 0; k < n->outputs; k++) {
        n->output[k] = -1;
        if (!named(from->output[k]))
            continue;
        n->output[k] = add(i, from->output[k]);
        if (n->output[k] < 0)
            return -1;
        i->g->tensor[n->output[k]].producer = (int)i->g->nodes;
    }
    return 0;
}

static int check_counts(struct importer *i, const struct net_node *n, const Onnx__NodeProto *from)
{
    const struct op_info *info = &op_table[n->op];
    if (from->n_input < info->least_inputs || from->n_input > info->most_inputs)
        return op_wrong(i->g, n, i->m, "has %zu inputs (give %u..%u)", from->n_input, info->least_inputs,
                        info->most_inputs);
    if (from->n_output > info->most_outputs)
        return op_wrong(i->g, n, i->m, "has %zu outputs; only %u can be computed", from->n_output,
                        info->most_outputs);
    return 0;
}

static bool all_constant(const struct graph *g, const struct net_node *n)
{
    for (unsigned k = 0; k < n->inputs; k++)
        if (n->input[k] >= 0 && !g->tensor[n->input[k]].constant)
            return false;
    return true;
}

/* Computes a node whose inputs are known; it leaves the list of nodes. */
static int fold(struct importer *i, const struct net_node *n)
{
    struct graph *g = i->g;
    struct net_node *kept = arena_alloc(g->arena, 1, sizeof *kept);
    if (!kept)
        return no_memory(i);
    *kept = *n;
    for (unsigned k = 0; k < n->outputs; k++) {
        if (n->output[k] < 0)
            continue;
        struct net_tensor *t = &g->tensor[n->output[k]];
        t->constant = i->value[n->output[k]] = arena_alloc(g->arena, t->size, sizeof(double));
        t->producer = -1;
        t->folded = kept;
        if (!t->constant)
            return no_memory(i);
    }
    op_compute(g, kept, i->value);
    return 0;
}

static int read_node(struct importer *i, const Onnx__NodeProto *from)
{
    struct graph *g = i->g;
    struct net_node *n = &g->node[g->nodes];
    const char *name = named(from->name)                   ? from->name
                       : from->n_output && from->output[0] ? from->output[0]
                                                           : "";
    *n = (struct net_node){.name = arena_text(g->arena, name)};
    if (!n->name)
        return no_memory(i);
    if (find_op(from, &n->op) < 0)
        return unknown_operator(i, from, name);
    if (!from->n_output || !named(from->output[0]))
        return op_wrong(g, n, i->m, "has no output");
    if (check_counts(i, n, from) < 0)
        return -1;
    n->input = arena_alloc(g->arena, from->n_input, sizeof *n->input);
    n->output = arena_alloc(g->arena, from->n_output, sizeof *n->output);
    if (!n->input || !n->output)
        return no_memory(i);
    if (read_attributes(i, n, from) < 0 || read_node_inputs(i, n, from) < 0 ||
        read_node_outputs(i, n, from) < 0 || op_shape(g, n, i->m) < 0)
        return -1;
    if ((i->multiplies += op_multiplies(g, n)) > NET_MAX_MULTIPLIES)
        return message_set(i->m, "%s: needs more than %d multiplications", g->path, NET_MAX_MULTIPLIES);
    if (all_constant(g, n))
        return fold(i, n);
    g->nodes++;
    return 0;
}

static int read_outputs(struct importer *i)
{
    for (size_t k = 0; k < i->from->n_output; k++) {
        const char *name = i->from->output[k]->name;
        int t = named(name) ? find(i, name) : -1;
        if (t < 0)
            return message_set(i->m, "%s: output '%.80s' is not computed by any node", i->g->path,
                               name ? name : "");
        i->g->output[i->g->outputs++] = t;
    }
    if (!i->g->outputs)
        return message_set(i->m, "%s: the network has no outputs", i->g->path);
    return 0;
}

/* ---- the model ---- */

enum { OLDEST_OPSET = 7, NEWEST_OPSET = 21, NEWEST_ML = 4 };

static int read_opsets(struct graph *g, const Onnx__ModelProto *model, struct message *m)
{
    for (size_t k = 0; k < model->n_opset_import; k++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[k];
        int domain = domain_of(set->domain);
        if (domain == ONNX)
            g->opset = set->version;
        if (domain == ONNX_ML)
            g->ml_opset = set->version;
    }
    if (g->opset && (g->opset < OLDEST_OPSET || g->opset > NEWEST_OPSET))
        return message_set(m, "%s: opset %" PRId64 " is not supported (export with opset %d..%d)", g->path,
                           g->opset, OLDEST_OPSET, NEWEST_OPSET);
    if (g->ml_opset > NEWEST_ML)
        return message_set(m, "%s: ai.onnx.ml version %" PRId64 " is not supported (export with 1..%d)",
                           g->path, g->ml_opset, NEWEST_ML);
    if (!g->opset && !g->ml_opset)
        return message_set(m, "%s: says no opset (export with opset %d..%d)", g->path, OLDEST_OPSET,
                           NEWEST_OPSET);
    return 0;
}

static int import(struct graph *g, const Onnx__ModelProto *model, struct message *m)
{
    struct importer i = {.g = g, .from = model->graph, .m = m};
    if (!model->graph)
        return message_set(m, "%s: holds no graph (is it an ONNX model?)", g->path);
    if (read_opsets(g, model, m) < 0 || make_room(&i) < 0 || read_initializers(&i) < 0 || read_inputs(&i) < 0)
        return -1;
    for (size_t k = 0; k < i.from->n_node; k++)
        if (read_node(&i, i.from->node[k]) < 0)
            return -1;
    return read_outputs(&i);
}

struct graph *graph_read_onnx_bytes(const void *bytes, size_t n, const char *path, struct message *m)
{
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, n, bytes);
    struct graph *g = model ? graph_new(path) : NULL;
    if (!model)
        message_set(m, "%s: is no ONNX model, or is damaged", path);
    else if (!g)
        message_set(m, "%s: out of memory", path);
    else if (import(g, model, m) < 0) {
        graph_free(g);
        g = NULL;
    }
    if (model)
        onnx__model_proto__free_unpacked(model, NULL);
    return g;
}

struct graph *graph_read_onnx(const char *path, struct message *m)
{
    size_t n;
    void *bytes = net_file_read(path, 0, NET_MAX_FILE, &n, m);
    struct graph *g = bytes ? graph_read_onnx_bytes(bytes, n, path, m) : NULL;
    free(bytes);
    return g;
}

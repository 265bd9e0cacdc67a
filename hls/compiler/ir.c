#include "hls/compiler/ir.h"

#include "hls/compiler/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct hls_op_info hls_op_info[HLS_OPS] = {
#define OP(name, text, operands, immediate) {text, operands, immediate},
#include "hls/compiler/ops.def"
#undef OP
};

struct hls_fn *hls_fn_new(const char *name)
{
    struct hls_fn *fn = hls_allocate(1, sizeof *fn);
    fn->name = hls_copy_text(name);
    fn->loop = hls_allocate(1, sizeof *fn->loop);
    fn->loop[0].rounds = fn->ii = 1;
    return fn;
}

static void release(struct hls_fn *fn)
{
    for (size_t i = 0; i < fn->ports; i++) {
        free(fn->port[i].name);
        free(fn->port[i].type);
    }
    for (unsigned i = 0; i < fn->states; i++)
        free(fn->state[i].name);
    for (size_t i = 0; i < fn->tables; i++)
        free(fn->table[i].value);
    for (unsigned i = 0; i < fn->files; i++)
        free(fn->file[i]);
    free(fn->file);
    free(fn->state);
    free(fn->port);
    free(fn->table);
    free(fn->loop);
    free(fn->output);
    free(fn->node);
    free(fn->bucket);
    free(fn->name);
}

void hls_fn_free(struct hls_fn *fn)
{
    if (fn)
        release(fn);
    free(fn);
}

const char *hls_fn_file(struct hls_fn *fn, const char *name)
{
    if (!name)
        return NULL;
    for (unsigned i = 0; i < fn->files; i++)
        if (!strcmp(fn->file[i], name))
            return fn->file[i];
    fn->file = hls_resize(fn->file, fn->files + 1, sizeof *fn->file);
    return fn->file[fn->files++] = hls_copy_text(name);
}

char *hls_place(const struct hls_fn *fn, struct hls_loc loc)
{
    if (!loc.file)
        return hls_copy_text("");
    if (fn->files && loc.file == fn->file[0])
        return hls_text("%u", loc.line);
    const char *slash = strrchr(loc.file, '/');
    return hls_text("%s:%u", slash ? slash + 1 : loc.file, loc.line);
}

void hls_fn_add_port(struct hls_fn *fn, const struct hls_port *port)
{
    fn->port = hls_resize(fn->port, fn->ports + 1, sizeof *fn->port);
    struct hls_port *p = &fn->port[fn->ports++];
    *p = *port;
    p->name = hls_copy_text(port->name);
    p->type = hls_copy_text(port->type);
    unsigned *total = p->is_output ? &fn->outputs : &fn->inputs;
    p->first = *total;
    *total += p->count;
    if (!p->is_output)
        return;
    fn->output = hls_resize(fn->output, fn->outputs, sizeof *fn->output);
    for (unsigned i = p->first; i < fn->outputs; i++)
        fn->output[i] = HLS_NONE;
}

unsigned hls_fn_add_state(struct hls_fn *fn, const struct hls_state *state)
{
    fn->state = hls_resize(fn->state, fn->states + 1, sizeof *fn->state);
    fn->state[fn->states] = *state;
    fn->state[fn->states].name = hls_copy_text(state->name);
    fn->state[fn->states].next = HLS_NONE;
    return fn->states++;
}

unsigned hls_fn_add_loop(struct hls_fn *fn, unsigned rounds, struct hls_loc loc)
{
    fn->loop = hls_resize(fn->loop, ++fn->loops + 1, sizeof *fn->loop);
    fn->loop[fn->loops] = (struct hls_loop){.rounds = rounds, .loc = loc};
    return fn->loops;
}

static bool same_table(const struct hls_table *t, const hls_int *value, size_t size)
{
    size_t i = 0;
    while (i < t->size && t->value[i] == value[i < size ? i : size - 1])
        i++;
    return size <= t->size && i == t->size;
}

size_t hls_fn_add_table(struct hls_fn *fn, const hls_int *value, size_t size)
{
    for (size_t i = 0; i < fn->tables; i++)
        if (same_table(&fn->table[i], value, size))
            return i;
    fn->table = hls_resize(fn->table, fn->tables + 1, sizeof *fn->table);
    struct hls_table *t = &fn->table[fn->tables++];
    t->size = 1;
    while (t->size < size)
        t->size *= 2;
    t->value = hls_allocate(t->size, sizeof *t->value);
    for (size_t i = 0; i < t->size; i++)
        t->value[i] = value[i < size ? i : size - 1];
    return fn->tables - 1;
}

struct hls_fn *hls_fn_like(const struct hls_fn *fn)
{
    struct hls_fn *copy = hls_fn_new(fn->name);
    copy->top = fn->top;
    for (size_t i = 0; i < fn->ports; i++)
        hls_fn_add_port(copy, &fn->port[i]);
    for (unsigned i = 0; i < fn->states; i++)
        hls_fn_add_state(copy, &fn->state[i]);
    for (unsigned i = 1; i <= fn->loops; i++)
        hls_fn_add_loop(copy, fn->loop[i].rounds, fn->loop[i].loc);
    copy->ii = fn->ii;
    return copy;
}

void hls_fn_connect(struct hls_fn *to, const struct hls_fn *from, const hls_id *map)
{
    for (unsigned i = 0; i < hls_roots(from); i++)
        *hls_root(to, i) = map[*hls_root(from, i)];
}

void hls_fn_replace(struct hls_fn *fn, struct hls_fn *with)
{
    with->file = fn->file; /* the new nodes name them */
    with->files = fn->files;
    fn->files = 0;
    fn->file = NULL;
    release(fn);
    *fn = *with;
    free(with);
}

const struct hls_port *hls_fn_port(const struct hls_fn *fn, bool is_output, unsigned i)
{
    for (size_t p = 0; p < fn->ports; p++) {
        const struct hls_port *port = &fn->port[p];
        if (port->is_output == is_output && i >= port->first && i - port->first < port->count)
            return port;
    }
    return NULL;
}

unsigned hls_port_bits(const struct hls_fn *fn, bool is_output)
{
    unsigned bits = 0;
    for (size_t p = 0; p < fn->ports; p++)
        if (fn->port[p].is_output == is_output)
            bits += fn->port[p].width * fn->port[p].count;
    return bits;
}

/* --- hash-consing --- */

static uint32_t hash_node(const struct hls_node *n)
{
    uint64_t h = n->op;
    uint64_t part[] = {(uint64_t)n->imm, (uint64_t)(n->imm >> 64), n->arg[0], n->arg[1], n->arg[2]};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        h = (h ^ part[i]) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
    return (uint32_t)(h >> 16);
}

static bool same_node(const struct hls_node *a, const struct hls_node *b)
{
    return a->op == b->op && a->imm == b->imm && !memcmp(a->arg, b->arg, sizeof a->arg);
}

static uint32_t find_bucket(const struct hls_fn *fn, const struct hls_node *n)
{
    uint32_t i = hash_node(n) & (fn->buckets - 1);
    while (fn->bucket[i] && !same_node(&fn->node[fn->bucket[i] - 1], n))
        i = (i + 1) & (fn->buckets - 1);
    return i;
}

static void grow(struct hls_fn *fn)
{
    fn->room = fn->room ? fn->room * 2 : 256;
    fn->node = hls_resize(fn->node, fn->room, sizeof *fn->node);
    free(fn->bucket);
    fn->buckets = fn->room * 2;
    fn->bucket = hls_allocate(fn->buckets, sizeof *fn->bucket);
    for (hls_id i = 0; i < fn->nodes; i++)
        fn->bucket[find_bucket(fn, &fn->node[i])] = i + 1;
}

static unsigned loop_of(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned loop = 0;
    if (n->op == HLS_LAST)
        return 0;
    if (n->op == HLS_ROUND || n->op == HLS_HOLD)
        return (unsigned)n->imm;
    if (n->op == HLS_STATE)
        return fn->state[n->imm].loop;
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        if (fn->node[n->arg[i]].loop)
            loop = fn->node[n->arg[i]].loop;
    return loop;
}

hls_id hls_intern(struct hls_fn *fn, const struct hls_node *node)
{
    if (fn->nodes == fn->room)
        grow(fn);
    uint32_t bucket = find_bucket(fn, node);
    if (!fn->bucket[bucket]) {
        fn->node[fn->nodes] = *node;
        fn->node[fn->nodes].loc = fn->loc;
        fn->node[fn->nodes].loop = loop_of(fn, node);
        fn->bucket[bucket] = ++fn->nodes;
    }
    return fn->bucket[bucket] - 1;
}

void hls_tighten(struct hls_fn *fn, hls_id id, hls_int lo, hls_int hi)
{
    struct hls_node *n = &fn->node[id];
    n->lo = lo > n->lo ? lo : n->lo;
    n->hi = hi < n->hi ? hi : n->hi;
    assert(n->lo <= n->hi);
    if (n->op == HLS_HOLD) /* what is made of it may be made of that, before the loop */
        hls_tighten(fn, n->arg[0], lo, hi);
}

/* --- questions --- */

bool hls_is_const(const struct hls_fn *fn, hls_id id, hls_int *value)
{
    const struct hls_node *n = &fn->node[id];
    if (n->op == HLS_CONST && value)
        *value = n->imm;
    return n->op == HLS_CONST;
}

unsigned hls_bits(hls_int lo, hls_int hi)
{
    unsigned n = 1;
    if (lo >= 0)
        while (n < HLS_WIDEST && hi >> n)
            n++;
    else
        while (n < HLS_WIDEST && (lo < -hls_two_to(n - 1) || hi >= hls_two_to(n - 1)))
            n++;
    return n;
}

bool hls_fits(const struct hls_fn *fn, hls_id id, unsigned width, bool is_signed)
{
    const struct hls_node *n = &fn->node[id];
    if (is_signed)
        return n->lo >= -hls_two_to(width - 1) && n->hi < hls_two_to(width - 1);
    return n->lo >= 0 && n->hi < hls_two_to(width);
}

unsigned hls_node_width(const struct hls_node *n)
{
    unsigned bits = hls_bits(n->lo, n->hi);
    return n->demand && n->demand < bits ? n->demand : bits;
}

bool hls_is_wiring(enum hls_op op)
{
    return op == HLS_INPUT || op == HLS_STATE || op == HLS_CONST || op == HLS_SHL || op == HLS_SHR ||
           op == HLS_WRAPU || op == HLS_WRAPS || op == HLS_ROUND || op == HLS_HOLD || op == HLS_LAST;
}

bool hls_keeps_state(const struct hls_fn *fn)
{
    bool keeps = false;
    for (unsigned i = 0; i < fn->states; i++)
        keeps |= hls_state_keeps(&fn->state[i]);
    return keeps;
}

unsigned *hls_levels(const struct hls_fn *fn)
{
    unsigned *level = hls_allocate(fn->nodes, sizeof *level);
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        level[id] = n->op == HLS_LAST ? fn->node[n->arg[0]].loop : 0;
        for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
            if (level[n->arg[i]] > level[id])
                level[id] = level[n->arg[i]];
    }
    return level;
}

uint8_t *hls_live(const struct hls_fn *fn)
{
    uint8_t *live = hls_allocate(fn->nodes + 1, 1);
    for (unsigned i = 0; i < hls_roots(fn); i++)
        live[*hls_root(fn, i)] = 1;
    for (hls_id id = fn->nodes; id-- > 0;)
        for (unsigned a = 0; live[id] && a < hls_op_info[fn->node[id].op].operands; a++)
            live[fn->node[id].arg[a]] = 1;
    return live;
}

hls_id hls_copy_node(struct hls_fn *to, const struct hls_fn *from, hls_id id, const hls_id *map)
{
    const struct hls_node *n = &from->node[id];
    hls_id arg[HLS_MAX_OPERANDS] = {HLS_NONE, HLS_NONE, HLS_NONE};
    for (unsigned a = 0; a < hls_op_info[n->op].operands; a++)
        arg[a] = map[n->arg[a]];
    to->loc = n->loc;
    hls_int imm = n->imm;
    if (n->op == HLS_ROM)
        imm = (hls_int)hls_fn_add_table(to, from->table[imm].value, from->table[imm].size);
    hls_id made = hls_make(to, n->op, imm, arg[0], arg[1], arg[2]);
    hls_tighten(to, made, n->lo, n->hi);
    return made;
}

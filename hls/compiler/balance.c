/* Chains of one associative operation, a | b | c | ..., are flattened where nobody else looks at the parts,
 * and joined again two by two, the earliest first. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>

struct balancing {
    const struct hls_fn *from;
    struct hls_fn *to;
    struct hls_timing timing;
    hls_id *map;
    uint32_t *uses;
    hls_id *leaf; /* nodes of `to` */
    size_t leaves;
};

static bool is_associative(enum hls_op op)
{
    return op == HLS_AND || op == HLS_OR || op == HLS_XOR || op == HLS_MIN || op == HLS_MAX;
}

static void count_uses(struct balancing *b, const uint8_t *live)
{
    for (hls_id id = 0; id < b->from->nodes; id++)
        for (unsigned i = 0; live[id] && i < hls_op_info[b->from->node[id].op].operands; i++)
            b->uses[b->from->node[id].arg[i]]++;
    for (unsigned i = 0; i < hls_roots(b->from); i++)
        b->uses[*hls_root(b->from, i)]++;
}

static void collect(struct balancing *b, hls_id id, enum hls_op op, bool root)
{
    const struct hls_node *n = &b->from->node[id];
    if (n->op == op && (root || b->uses[id] == 1)) {
        collect(b, n->arg[0], op, false);
        collect(b, n->arg[1], op, false);
        return;
    }
    b->leaf = hls_resize(b->leaf, b->leaves + 1, sizeof *b->leaf);
    b->leaf[b->leaves++] = b->map[id];
}

static hls_id take_earliest(struct balancing *b)
{
    size_t best = 0;
    for (size_t i = 1; i < b->leaves; i++)
        if (hls_timing_compare(b->to, b->leaf[i], b->leaf[best]) < 0)
            best = i;
    hls_id id = b->leaf[best];
    for (size_t i = best + 1; i < b->leaves; i++)
        b->leaf[i - 1] = b->leaf[i];
    b->leaves--;
    return id;
}

static hls_id rebuild(struct balancing *b, hls_id id)
{
    enum hls_op op = b->from->node[id].op;
    b->leaves = 0;
    collect(b, id, op, true);
    while (b->leaves > 1) {
        hls_timing_place(&b->timing);
        hls_id x = take_earliest(b), y = take_earliest(b);
        b->leaf[b->leaves++] = hls_binary(b->to, op, x, y);
    }
    hls_tighten(b->to, b->leaf[0], b->from->node[id].lo, b->from->node[id].hi);
    return b->leaf[0];
}

void hls_pass_balance(struct hls_fn *fn, double clock_mhz)
{
    struct balancing b = {.from = fn, .to = hls_fn_like(fn)};
    uint8_t *live = hls_live(fn);
    b.map = hls_allocate(fn->nodes, sizeof *b.map);
    b.uses = hls_allocate(fn->nodes, sizeof *b.uses);
    hls_timing_init(&b.timing, b.to, clock_mhz);
    count_uses(&b, live);
    for (hls_id id = 0; id < fn->nodes; id++) {
        b.to->loc = fn->node[id].loc;
        if (live[id])
            b.map[id] =
                is_associative(fn->node[id].op) ? rebuild(&b, id) : hls_copy_node(b.to, fn, id, b.map);
    }
    hls_fn_connect(b.to, fn, b.map);
    hls_timing_release(&b.timing);
    free(b.uses);
    free(b.map);
    free(b.leaf);
    free(live);
    hls_fn_replace(fn, b.to);
}

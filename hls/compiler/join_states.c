/* A static variable that a rolled loop takes in, changes and gives back goes round in the loop's own state:
 * what the last round of an evaluation leaves is what the first round of the next one begins with. Otherwise
 * it would spend two clocks on the way out and in, beside the rounds. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"

#include <stdlib.h>

struct readers {
    uint32_t *count; /* live nodes and roots that read a node */
    hls_id *last;    /* the last node that does */
};

static struct readers find_readers(const struct hls_fn *fn)
{
    struct readers r = {hls_allocate(fn->nodes, sizeof *r.count), hls_allocate(fn->nodes, sizeof *r.last)};
    uint8_t *live = hls_live(fn);
    for (hls_id id = 0; id < fn->nodes; id++)
        for (unsigned i = 0; live[id] && i < hls_op_info[fn->node[id].op].operands; i++) {
            r.count[fn->node[id].arg[i]]++;
            r.last[fn->node[id].arg[i]] = id;
        }
    for (unsigned i = 0; i < hls_roots(fn); i++)
        r.count[*hls_root(fn, i)]++;
    free(live);
    return r;
}

static bool is_first_round(const struct hls_fn *fn, hls_id id)
{
    unsigned loop = fn->node[id].loop;
    hls_int value;
    for (unsigned round = 0; round < fn->loop[loop].rounds; round++)
        if (!hls_in_round(fn, id, round, &value) || value != (round == 0))
            return false;
    return loop > 0;
}

/* The node `first round ? state : what goes round`, if that is all that reads the state and what goes round
 * is given back to it; HLS_NONE otherwise. */
static hls_id way_in(const struct hls_fn *fn, const struct readers *r, hls_id state)
{
    const struct hls_node *n = &fn->node[state], *back = &fn->node[fn->state[n->imm].next];
    hls_id hold = r->last[state], choice = r->count[state] == 1 ? r->last[hold] : HLS_NONE;
    if (choice == HLS_NONE || fn->node[hold].op != HLS_HOLD || r->count[hold] != 1 || back->op != HLS_LAST)
        return HLS_NONE;
    const struct hls_node *c = &fn->node[choice];
    if (c->op != HLS_SELECT || c->arg[1] != hold || !is_first_round(fn, c->arg[0]))
        return HLS_NONE;
    const struct hls_node *round = &fn->node[c->arg[2]];
    return round->op == HLS_STATE && fn->state[round->imm].next == back->arg[0] ? choice : HLS_NONE;
}

static void take_over(struct hls_state *to, const struct hls_state *from)
{
    to->keeps = true;
    to->initial = from->initial;
    to->lo = to->lo < from->lo ? to->lo : from->lo;
    to->hi = to->hi > from->hi ? to->hi : from->hi;
    free(to->name);
    to->name = hls_copy_text(from->name);
}

/* joined[id]: the node is to be replaced by its last operand. Returns whether there is one. */
static bool find_joined(struct hls_fn *fn, uint8_t *joined)
{
    struct readers r = find_readers(fn);
    bool any = false;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        bool reads = n->op == HLS_STATE && n->loop == 0 && r.count[id];
        hls_id choice = reads ? way_in(fn, &r, id) : HLS_NONE;
        if (choice == HLS_NONE)
            continue;
        take_over(&fn->state[fn->node[fn->node[choice].arg[2]].imm], &fn->state[n->imm]);
        joined[choice] = 1;
        any = true;
    }
    free(r.count);
    free(r.last);
    return any;
}

void hls_join_states(struct hls_fn *fn)
{
    uint8_t *joined = hls_allocate(fn->nodes, 1);
    if (!find_joined(fn, joined)) {
        free(joined);
        return;
    }
    struct hls_fn *to = hls_fn_like(fn);
    hls_id *map = hls_allocate(fn->nodes, sizeof *map);
    for (hls_id id = 0; id < fn->nodes; id++)
        map[id] = joined[id] ? map[fn->node[id].arg[2]] : hls_copy_node(to, fn, id, map);
    hls_fn_connect(to, fn, map);
    free(joined);
    free(map);
    hls_fn_replace(fn, to);
}

/* States: those that no output depends on go, and each gets the interval of its initial value and of all that
 * are written to it. That is sound round by round: while all states lie in their intervals, their next values
 * lie in those of the nodes that compute them. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>

enum { ROUNDS = 4 };

/* What the outputs need, through the states that they read; needed[i] says which states. The caller frees. */
static uint8_t *mark_needed(const struct hls_fn *fn, uint8_t *needed)
{
    uint8_t *live = hls_allocate(fn->nodes + 1, 1);
    bool again = true;
    for (unsigned i = 0; i < fn->outputs; i++)
        live[fn->output[i]] = 1;
    while (again) {
        again = false;
        for (hls_id id = fn->nodes; id-- > 0;) {
            const struct hls_node *n = &fn->node[id];
            for (unsigned a = 0; live[id] && a < hls_op_info[n->op].operands; a++)
                live[n->arg[a]] = 1;
            if (live[id] && n->op == HLS_STATE && !needed[n->imm]) {
                needed[n->imm] = live[fn->state[n->imm].next] = 1;
                again = true;
            }
        }
    }
    return live;
}

/* A state that is only ever given its own value stays what it is. */
static void narrow(const struct hls_fn *fn, struct hls_state *s, unsigned i)
{
    const struct hls_node *n = &fn->node[fn->state[i].next];
    bool kept = n->op == HLS_STATE && n->imm == i;
    hls_int lo = kept ? s->initial : n->lo, hi = kept ? s->initial : n->hi;
    lo = lo < s->initial ? lo : s->initial;
    hi = hi > s->initial ? hi : s->initial;
    s->lo = lo > s->lo ? lo : s->lo;
    s->hi = hi < s->hi ? hi : s->hi;
}

/* The first round does not look at it, so any value will do. */
static void choose_initial(const struct hls_fn *fn, struct hls_state *s)
{
    const struct hls_node *n = &fn->node[s->next];
    s->initial = n->lo > 0 ? n->lo : n->hi < 0 ? n->hi : 0;
}

/* A function with the needed states of `fn`; number[i] is what state i is there. */
static struct hls_fn *begin(const struct hls_fn *fn, const uint8_t *needed, unsigned *number)
{
    struct hls_fn *to = hls_fn_like(fn);
    for (unsigned i = 0; i < to->states; i++)
        free(to->state[i].name);
    to->states = 0;
    for (unsigned i = 0; i < fn->states; i++) {
        struct hls_state s = fn->state[i];
        if (!hls_state_keeps(&s))
            choose_initial(fn, &s);
        narrow(fn, &s, i);
        s.stage = HLS_LATE;
        if (needed[i])
            number[i] = hls_fn_add_state(to, &s);
    }
    return to;
}

static bool same_states(const struct hls_fn *a, const struct hls_fn *b)
{
    bool same = a->states == b->states;
    for (unsigned i = 0; same && i < a->states; i++)
        same = a->state[i].lo == b->state[i].lo && a->state[i].hi == b->state[i].hi;
    return same;
}

/* One round. Returns whether it changed anything. */
static bool rebuild(struct hls_fn *fn)
{
    hls_bound_loops(fn);
    uint8_t *needed = hls_allocate(fn->states, 1), *live = mark_needed(fn, needed);
    unsigned *number = hls_allocate(fn->states, sizeof *number);
    hls_id *map = hls_allocate(fn->nodes, sizeof *map);
    struct hls_fn *to = begin(fn, needed, number);
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        to->loc = n->loc;
        if (live[id])
            map[id] = n->op == HLS_STATE ? hls_state(to, number[n->imm]) : hls_copy_node(to, fn, id, map);
    }
    for (unsigned i = 0; i < fn->outputs; i++)
        to->output[i] = map[fn->output[i]];
    for (unsigned i = 0; i < fn->states; i++)
        if (needed[i])
            to->state[number[i]].next = map[fn->state[i].next];
    bool changed = !same_states(fn, to);
    free(needed);
    free(live);
    free(number);
    free(map);
    hls_fn_replace(fn, to);
    return changed;
}

void hls_pass_state(struct hls_fn *fn)
{
    hls_join_states(fn);
    for (int round = 0; round < ROUNDS && (fn->states || fn->loops); round++)
        if (!rebuild(fn))
            return;
}

/* Intervals in rolled loops, round by round: what an accumulator can be after `rounds` rounds, each with its
 * own row of the tables. A state holds in one round what it was given in the round before, and in the first
 * one what an earlier evaluation left: its initial value or what the last round gives, when the rounds that
 * begin with these end within them; otherwise whatever its interval says. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"

#include <stdlib.h>

struct interval {
    hls_int lo, hi, ones;
};

struct bounds {
    struct hls_fn *fn;
    unsigned loop;
    hls_id *id; /* the nodes of the loop */
    unsigned n;
    struct interval *before, *all; /* of each: what was known, and over all rounds */
    struct interval *state,
        *first; /* of each state of the function: its value in this round, in the first one */
};

static struct interval interval_of(const struct hls_node *n)
{
    return (struct interval){n->lo, n->hi, n->ones};
}

static void set_interval(struct hls_node *n, struct interval i)
{
    n->lo = i.lo;
    n->hi = i.hi;
    n->ones = i.ones;
}

static struct interval meet(struct interval a, struct interval b)
{
    return (struct interval){a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi, a.ones & b.ones};
}

static struct interval join(struct interval a, struct interval b)
{
    return (struct interval){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi, a.ones | b.ones};
}

static void run_round(struct bounds *b, unsigned round)
{
    for (unsigned i = 0; i < b->n; i++) {
        struct hls_node *n = &b->fn->node[b->id[i]];
        hls_range(b->fn, n);
        if (n->op == HLS_ROUND)
            set_interval(n, (struct interval){round, round, round});
        else if (n->op == HLS_STATE)
            set_interval(n, round ? b->state[n->imm] : b->first[n->imm]);
        set_interval(n, meet(interval_of(n), b->before[i]));
        b->all[i] = round ? join(b->all[i], interval_of(n)) : interval_of(n);
    }
    for (unsigned s = 0; s < b->fn->states; s++)
        if (b->fn->state[s].loop == b->loop)
            b->state[s] = interval_of(&b->fn->node[b->fn->state[s].next]);
}

/* What leaves the loop is of the last round. */
static void bound_last(const struct bounds *b)
{
    for (hls_id id = 0; id < b->fn->nodes; id++) {
        struct hls_node *n = &b->fn->node[id];
        if (n->op == HLS_LAST && b->fn->node[n->arg[0]].loop == b->loop)
            set_interval(n, meet(interval_of(n), interval_of(&b->fn->node[n->arg[0]])));
    }
}

static void run_rounds(struct bounds *b)
{
    for (unsigned round = 0; round < b->fn->loop[b->loop].rounds; round++)
        run_round(b, round);
}

static bool is_within(struct interval a, struct interval b)
{
    return a.lo >= b.lo && a.hi <= b.hi && !(a.ones & ~b.ones);
}

/* All rounds, from what the states begin with. */
static void run_from_first(struct bounds *b)
{
    bool closed = true;
    for (unsigned s = 0; s < b->fn->states; s++) {
        hls_int initial = b->fn->state[s].initial;
        b->first[s] = (struct interval){initial, initial, initial};
    }
    run_rounds(b);
    for (unsigned s = 0; s < b->fn->states; s++)
        if (b->fn->state[s].loop == b->loop)
            b->first[s] = join(b->first[s], b->state[s]);
    run_rounds(b);
    for (unsigned s = 0; s < b->fn->states && closed; s++)
        closed = b->fn->state[s].loop != b->loop || is_within(b->state[s], b->first[s]);
    if (closed)
        return;
    for (unsigned s = 0; s < b->fn->states; s++)
        b->first[s] = (struct interval){b->fn->state[s].lo, b->fn->state[s].hi, -1};
    run_rounds(b);
}

static void bound_loop(struct hls_fn *fn, unsigned loop)
{
    struct bounds b = {.fn = fn, .loop = loop};
    b.id = hls_allocate(fn->nodes, sizeof *b.id);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (fn->node[id].loop == loop)
            b.id[b.n++] = id;
    b.before = hls_allocate(b.n, sizeof *b.before);
    b.all = hls_allocate(b.n, sizeof *b.all);
    b.state = hls_allocate(fn->states, sizeof *b.state);
    for (unsigned i = 0; i < b.n; i++)
        b.before[i] = interval_of(&fn->node[b.id[i]]);
    b.first = hls_allocate(fn->states, sizeof *b.first);
    run_from_first(&b);
    bound_last(&b);
    for (unsigned i = 0; i < b.n; i++)
        set_interval(&fn->node[b.id[i]], b.all[i]);
    free(b.id);
    free(b.before);
    free(b.all);
    free(b.state);
    free(b.first);
}

void hls_bound_loops(struct hls_fn *fn)
{
    for (unsigned loop = 1; loop <= fn->loops; loop++)
        bound_loop(fn, loop);
}

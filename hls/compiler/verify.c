/* hls_verify(): what holds between any two passes. */
#include "hls/compiler/timing.h"

#include <stdlib.h>

static int violation(const struct hls_fn *fn, const char *after, hls_id id, const char *what)
{
    fprintf(stderr, "hlsc: internal: after %s: %s: %%%u: %s\n", after, fn->name, id, what);
    return -1;
}

static int verify_operands(const struct hls_fn *fn, hls_id id, const char *after)
{
    const struct hls_node *n = &fn->node[id];
    if ((unsigned)n->op >= HLS_OPS)
        return violation(fn, after, id, "unknown operation");
    for (unsigned i = 0; i < HLS_MAX_OPERANDS; i++) {
        bool expected = i < hls_op_info[n->op].operands;
        if (expected ? n->arg[i] >= id : n->arg[i] != HLS_NONE)
            return violation(fn, after, id, "operands missing, too many, or out of order");
    }
    if (n->op == HLS_SELECT && !hls_fits(fn, n->arg[0], 1, false))
        return violation(fn, after, id, "condition is not 0..1");
    if ((n->op == HLS_ROUND || n->op == HLS_HOLD) && (n->imm < 1 || n->imm > (hls_int)fn->loops))
        return violation(fn, after, id, "no such loop");
    if ((n->op == HLS_INPUT && n->imm >= (hls_int)fn->inputs) ||
        (n->op == HLS_STATE && n->imm >= (hls_int)fn->states))
        return violation(fn, after, id, "no such input or state");
    if (n->op == HLS_ROM &&
        (fn->node[n->arg[0]].lo < 0 || fn->node[n->arg[0]].hi >= (hls_int)fn->table[n->imm].size))
        return violation(fn, after, id, "table index out of range");
    return 0;
}

/* Operands and node in one loop; what a loop holds, there before it; what is taken out, from within one. */
static int verify_loop(const struct hls_fn *fn, hls_id id, const unsigned *level, const char *after)
{
    const struct hls_node *n = &fn->node[id];
    const struct hls_node *a = n->arg[0] == HLS_NONE ? NULL : &fn->node[n->arg[0]];
    if (n->loop > fn->loops || fn->loop[n->loop].rounds > fn->ii)
        return violation(fn, after, id, "no such loop, or one of more rounds than an evaluation has");
    if (n->op == HLS_HOLD)
        return a->loop || level[n->arg[0]] >= n->loop ? violation(fn, after, id, "holds a later value") : 0;
    if (n->op == HLS_LAST)
        return a->loop ? 0 : violation(fn, after, id, "takes the last value of no loop");
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        if (fn->node[n->arg[i]].loop != n->loop && fn->node[n->arg[i]].op != HLS_CONST)
            return violation(fn, after, id, "operand of another loop");
    return 0;
}

static int verify_interval(const struct hls_fn *fn, hls_id id, const char *after)
{
    struct hls_node n = fn->node[id];
    hls_int lo = n.lo, hi = n.hi;
    hls_range(fn, &n);
    bool before_wrap = fn->node[id].op == HLS_SHLV || fn->node[id].op == HLS_HOLD; /* of such a shift */
    if (hls_bits(lo, hi) >= HLS_WIDEST && !before_wrap)
        return violation(fn, after, id, "interval too wide to compute with");
    if (lo > hi || lo > n.hi || hi < n.lo)
        return violation(fn, after, id, "empty or contradicting interval");
    if (hls_node_width(&fn->node[id]) > HLS_MAX_WIDTH + 1 && fn->node[id].demand)
        return violation(fn, after, id, "wider than 65 bits");
    return 0;
}

/* Operands are there before their reader; through registers at the borders of a loop. */
static bool is_in_time(const struct hls_fn *fn, const struct hls_node *n, const struct hls_node *a)
{
    if (n->op == HLS_HOLD)
        return hls_read_from(a) < n->stage;
    if (n->op == HLS_LAST)
        return a->stage + a->wait + fn->loop[a->loop].rounds == n->stage;
    return hls_read_from(a) <= n->stage && (a->stage < n->stage || a->arrival <= n->arrival);
}

/* A node that someone reads must have been given a demand, and none may be computed before its operands. */
static int verify_notes(const struct hls_fn *fn, hls_id id, const char *after)
{
    const struct hls_node *n = &fn->node[id];
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++) {
        const struct hls_node *a = &fn->node[n->arg[i]];
        if (n->demand && !a->demand)
            return violation(fn, after, id, "reads an operand that nobody demands");
        if (fn->stages && !is_in_time(fn, n, a))
            return violation(fn, after, id, "computed before its operand");
    }
    if (fn->stages && n->stage < fn->loop[n->loop].begin)
        return violation(fn, after, id, "before its loop begins");
    if (fn->stages && n->op == HLS_STATE && n->stage != fn->state[n->imm].stage)
        return violation(fn, after, id, "read in another stage than its state's");
    return fn->stages && n->stage >= fn->stages ? violation(fn, after, id, "beyond the last stage") : 0;
}

/* The initial value and every next one are what the readers of a state reckon with, and all of them meet in
 * one stage. */
static int verify_state(const struct hls_fn *fn, const struct hls_state *s, const char *after)
{
    const struct hls_node *n = &fn->node[s->next];
    if (s->initial < s->lo || s->initial > s->hi || n->lo < s->lo || n->hi > s->hi)
        return violation(fn, after, s->next, "next or initial value outside its state's interval");
    if (n->op != HLS_CONST && n->loop != s->loop)
        return violation(fn, after, s->next, "next value of another loop than its state's");
    if (fn->stages && n->demand && hls_read_from(n) > hls_state_due(fn, s))
        return violation(fn, after, s->next, "next value not there when its state is read again");
    return 0;
}

int hls_verify(const struct hls_fn *fn, const char *after)
{
    uint8_t *live = hls_live(fn);
    unsigned *level = hls_levels(fn);
    int wrong = 0;
    for (hls_id id = 0; id < fn->nodes && !wrong; id++) {
        wrong = verify_operands(fn, id, after) || verify_loop(fn, id, level, after);
        if (!wrong)
            wrong = verify_interval(fn, id, after);
        if (!wrong && live[id])
            wrong = verify_notes(fn, id, after);
    }
    for (unsigned i = 0; i < fn->outputs && !wrong; i++) {
        const struct hls_port *p = hls_fn_port(fn, true, i);
        if (fn->node[fn->output[i]].loop)
            wrong = violation(fn, after, fn->output[i], "output from within a loop");
        else if (!hls_fits(fn, fn->output[i], p->width, p->is_signed))
            wrong = violation(fn, after, fn->output[i], "output does not fit its port");
    }
    for (unsigned i = 0; i < fn->states && !wrong; i++)
        wrong = verify_state(fn, &fn->state[i], after);
    free(live);
    free(level);
    return wrong;
}

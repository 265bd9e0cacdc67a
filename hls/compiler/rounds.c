/* Values in rolled loops of which more is known than an interval says: those that the round alone decides,
 * and those that no round changes. */
#include "hls/compiler/ir.h"
#include "hls/compiler/memory.h"

#include <stdlib.h>

bool hls_in_round(const struct hls_fn *fn, hls_id id, unsigned round, hls_int *value)
{
    const struct hls_node *n = &fn->node[id];
    if (n->op == HLS_CONST)
        *value = n->imm;
    else if (n->op == HLS_ROUND)
        *value = round;
    else if (n->op == HLS_ROM && fn->node[n->arg[0]].op == HLS_ROUND)
        *value = fn->table[n->imm].value[round];
    else
        return false;
    return true;
}

hls_id hls_of_rounds(struct hls_fn *fn, unsigned loop, const hls_int *value)
{
    unsigned rounds = fn->loop[loop].rounds;
    bool same = true, counts = true;
    for (unsigned r = 0; r < rounds; r++) {
        same = same && value[r] == value[0];
        counts = counts && value[r] == (hls_int)r;
    }
    if (same)
        return hls_const(fn, value[0]);
    hls_id round = hls_round(fn, loop);
    return counts ? round : hls_unary(fn, HLS_ROM, round, (hls_int)hls_fn_add_table(fn, value, rounds));
}

/* The loop of which all operands are known in each round; 0: they are not, or they are all constants. */
static unsigned known_in(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned loop = 0;
    hls_int value;
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++) {
        if (!hls_in_round(fn, n->arg[i], 0, &value))
            return 0;
        if (fn->node[n->arg[i]].loop)
            loop = fn->node[n->arg[i]].loop;
    }
    return loop;
}

static hls_id tabulate(struct hls_fn *fn, const struct hls_node *n, unsigned loop)
{
    unsigned rounds = fn->loop[loop].rounds;
    hls_int *value = hls_allocate(rounds, sizeof *value), arg[HLS_MAX_OPERANDS] = {0};
    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
            hls_in_round(fn, n->arg[i], r, &arg[i]);
        value[r] = hls_evaluate(fn, n->op, n->imm, arg);
    }
    hls_id id = hls_of_rounds(fn, loop, value);
    free(value);
    return id;
}

/* The loop through which all operands that are no constants are held; 0: there is none. */
static unsigned held_in(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned loop = 0;
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++) {
        const struct hls_node *a = &fn->node[n->arg[i]];
        if (a->op == HLS_HOLD)
            loop = a->loop;
        else if (a->op != HLS_CONST)
            return 0;
    }
    return loop;
}

static hls_id do_before(struct hls_fn *fn, const struct hls_node *n, unsigned loop)
{
    hls_id arg[HLS_MAX_OPERANDS] = {HLS_NONE, HLS_NONE, HLS_NONE};
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        arg[i] = fn->node[n->arg[i]].op == HLS_HOLD ? fn->node[n->arg[i]].arg[0] : n->arg[i];
    return hls_hold(fn, loop, hls_make(fn, n->op, n->imm, arg[0], arg[1], arg[2]));
}

hls_id hls_fold_rounds(struct hls_fn *fn, const struct hls_node *n)
{
    if (!fn->loops || !hls_op_info[n->op].operands || n->op == HLS_HOLD || n->op == HLS_LAST)
        return HLS_NONE;
    bool is_table = n->op == HLS_ROM && fn->node[n->arg[0]].op == HLS_ROUND; /* folded already */
    unsigned loop = is_table ? 0 : known_in(fn, n);
    if (loop)
        return tabulate(fn, n, loop);
    loop = held_in(fn, n);
    return loop ? do_before(fn, n, loop) : HLS_NONE;
}

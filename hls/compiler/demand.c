/* Demanded bits: low bits of each node that some output depends on, from the outputs backwards. A sum that is
 * cut to n bits needs n bits of its operands only, whatever their intervals are. */
#include "hls/compiler/passes.h"

static void raise(struct hls_fn *fn, hls_id id, unsigned demand)
{
    struct hls_node *n = &fn->node[id];
    unsigned bits = hls_bits(n->lo, n->hi);
    demand = demand < bits ? demand : bits;
    n->demand = demand > n->demand ? demand : n->demand;
}

static unsigned all_of(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(fn->node[id].lo, fn->node[id].hi);
}

static void raise_all(struct hls_fn *fn, const struct hls_node *n, unsigned from)
{
    for (unsigned i = from; i < hls_op_info[n->op].operands; i++)
        raise(fn, n->arg[i], all_of(fn, n->arg[i]));
}

/* Bits above a non-negative constant mask do not matter. */
static unsigned through_mask(const struct hls_fn *fn, const struct hls_node *n, unsigned demand)
{
    hls_int mask;
    if (n->op != HLS_AND || !hls_is_const(fn, n->arg[1], &mask) || mask < 0)
        return demand;
    unsigned bits = hls_bits(0, mask);
    return bits < demand ? bits : demand;
}

static void propagate(struct hls_fn *fn, const struct hls_node *n)
{
    unsigned d = n->demand, width = (unsigned)n->imm;
    switch (n->op) {
    case HLS_ADD:
    case HLS_SUB:
    case HLS_MUL:
    case HLS_AND:
    case HLS_OR:
    case HLS_XOR:
        d = through_mask(fn, n, d);
        raise(fn, n->arg[0], d);
        raise(fn, n->arg[1], d);
        break;
    case HLS_SHL: raise(fn, n->arg[0], d > width ? d - width : 1); break;
    case HLS_SHR: raise(fn, n->arg[0], d + width); break;
    case HLS_HOLD:
    case HLS_LAST: raise(fn, n->arg[0], d); break;
    case HLS_WRAPU:
    case HLS_WRAPS: raise(fn, n->arg[0], d < width ? d : width); break;
    case HLS_SHLV:
        raise(fn, n->arg[0], d);
        raise_all(fn, n, 1);
        break;
    case HLS_SELECT:
        raise(fn, n->arg[0], 1);
        raise(fn, n->arg[1], d);
        raise(fn, n->arg[2], d);
        break;
    case HLS_STATE: raise(fn, fn->state[n->imm].next, d); break;
    default: raise_all(fn, n, 0); break;
    }
}

/* From the last node to the first. Returns whether the next value of a state was left behind: then it takes
 * another round. */
static bool propagate_all(struct hls_fn *fn)
{
    bool again = false;
    for (hls_id id = fn->nodes; id-- > 0;) {
        const struct hls_node *n = &fn->node[id];
        hls_id next = n->op == HLS_STATE ? fn->state[n->imm].next : id;
        unsigned before = fn->node[next].demand;
        if (n->demand)
            propagate(fn, n);
        again |= next > id && fn->node[next].demand != before;
    }
    return again;
}

void hls_pass_demand(struct hls_fn *fn)
{
    for (hls_id id = 0; id < fn->nodes; id++)
        fn->node[id].demand = 0;
    for (unsigned i = 0; i < fn->outputs; i++)
        raise(fn, fn->output[i], all_of(fn, fn->output[i]));
    while (propagate_all(fn))
        ;
}

/* The meaning of the IR: the value of one operation, and a run of a whole graph with every interval checked.
 */
#include "hls/compiler/ir.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>

static hls_int wrap(hls_int x, unsigned width, bool is_signed)
{
    hls_int low = x & (hls_two_to(width) - 1);
    return is_signed && low >> (width - 1) ? low - hls_two_to(width) : low;
}

hls_int hls_evaluate(const struct hls_fn *fn, enum hls_op op, hls_int imm,
                     const hls_int arg[HLS_MAX_OPERANDS])
{
    hls_int a = arg[0], b = arg[1];
    switch (op) {
    case HLS_ADD: return a + b;
    case HLS_SUB: return a - b;
    case HLS_MUL: return a * b;
    case HLS_SHL: return a * hls_two_to((unsigned)imm);
    case HLS_SHR: return a >> imm;
    case HLS_SHLV: return a * hls_two_to((unsigned)b);
    case HLS_SHRV: return a >> b;
    case HLS_AND: return a & b;
    case HLS_OR: return a | b;
    case HLS_XOR: return a ^ b;
    case HLS_EQ: return a == b;
    case HLS_LT: return a < b;
    case HLS_SELECT: return a ? b : arg[2];
    case HLS_MIN: return a < b ? a : b;
    case HLS_MAX: return a > b ? a : b;
    case HLS_WRAPU: return wrap(a, (unsigned)imm, false);
    case HLS_WRAPS: return wrap(a, (unsigned)imm, true);
    case HLS_ROM: return fn->table[imm].value[a];
    case HLS_HOLD:
    case HLS_LAST: return a;
    default: return imm;
    }
}

static int check_interval(const struct hls_fn *fn, hls_id id, hls_int value)
{
    const struct hls_node *n = &fn->node[id];
    if (value >= n->lo && value <= n->hi)
        return 0;
    fprintf(stderr, "%s: %%%u = %s is %lld, outside its interval %lld..%lld\n", fn->name, id,
            hls_op_info[n->op].text, (long long)value, (long long)n->lo, (long long)n->hi);
    return -1;
}

/* The value of a node whose operands have theirs. */
static hls_int run_node(const struct hls_fn *fn, const struct hls_node *n, const hls_int *value,
                        const hls_int *state, const hls_int *in)
{
    hls_int arg[HLS_MAX_OPERANDS] = {0};
    if (n->op == HLS_INPUT)
        return in[n->imm];
    if (n->op == HLS_STATE)
        return state[n->imm];
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        arg[i] = value[n->arg[i]];
    return hls_evaluate(fn, n->op, n->imm, arg);
}

void hls_reset(const struct hls_fn *fn, hls_int *state)
{
    for (unsigned i = 0; i < fn->states; i++)
        state[i] = fn->state[i].initial;
}

/* A run through the graph. */
struct run {
    const struct hls_fn *fn;
    hls_int *state, *value;
    const hls_int *in;
    uint8_t *live;
    unsigned *level;
};

static int run_round(struct run *r, unsigned loop, unsigned level, unsigned round)
{
    const struct hls_fn *fn = r->fn;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        if (!r->live[id] || n->loop != loop || (!loop && r->level[id] != level))
            continue;
        r->value[id] = n->op == HLS_ROUND ? (hls_int)round : run_node(fn, n, r->value, r->state, r->in);
        if (check_interval(fn, id, r->value[id]))
            return -1;
    }
    return 0;
}

static void keep_states(struct run *r, unsigned loop)
{
    for (unsigned i = 0; i < r->fn->states; i++)
        if (r->fn->state[i].loop == loop)
            r->state[i] = r->value[r->fn->state[i].next];
}

static int run_loop(struct run *r, unsigned loop)
{
    int wrong = 0;
    for (unsigned round = 0; round < r->fn->loop[loop].rounds && !wrong; round++) {
        wrong = run_round(r, loop, loop, round);
        if (!wrong)
            keep_states(r, loop);
    }
    return wrong;
}

int hls_interpret(const struct hls_fn *fn, hls_int *state, const hls_int *in, hls_int *out)
{
    struct run r = {fn, state, hls_allocate(fn->nodes, sizeof *r.value), in, hls_live(fn), hls_levels(fn)};
    int wrong = run_round(&r, 0, 0, 0);
    for (unsigned loop = 1; loop <= fn->loops && !wrong; loop++)
        wrong = run_loop(&r, loop) || run_round(&r, 0, loop, 0);
    for (unsigned i = 0; i < fn->outputs && !wrong; i++)
        out[i] = r.value[fn->output[i]];
    if (!wrong)
        keep_states(&r, 0);
    free(r.value);
    free(r.live);
    free(r.level);
    return wrong;
}

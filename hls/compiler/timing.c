#include "hls/compiler/timing.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>

/* ns. A level is a LUT6 and the routing to it; a carry chain costs its entry and exit once and little a bit;
 * the register is clock-to-output, setup and clock uncertainty. Rounded up from the LUT, CARRY8, FF and
 * DSP48E2 figures of AMD data sheets DS892 and DS923 (speed grade -2) plus an average route. */
static const float LEVEL = 0.55f, CARRY = 0.20f, CARRY_BIT = 0.012f, REGISTER = 0.45f, DSP = 2.9f,
                   DSP_MORE = 1.2f;

enum { MOST_WAIT = 2 }; /* registers that a DSP48E2 has inside, beside that at its inputs */

void hls_timing_init(struct hls_timing *t, struct hls_fn *fn, double clock_mhz)
{
    *t =
        (struct hls_timing){.fn = fn, .usable = (float)(1000.0 / clock_mhz) - REGISTER, .too_slow = HLS_NONE};
}

void hls_timing_release(struct hls_timing *t)
{
    free(t->cut);
    t->cut = NULL;
}

unsigned hls_read_from(const struct hls_node *n)
{
    return n->wait ? n->stage + n->wait + 1 : n->stage;
}

unsigned hls_state_due(const struct hls_fn *fn, const struct hls_state *s)
{
    return s->loop ? s->stage : s->stage + fn->ii - 1;
}

int hls_timing_compare(const struct hls_fn *fn, hls_id a, hls_id b)
{
    const struct hls_node *x = &fn->node[a], *y = &fn->node[b];
    float at_x = x->wait ? 0 : x->arrival, at_y = y->wait ? 0 : y->arrival;
    if (hls_read_from(x) != hls_read_from(y))
        return hls_read_from(x) < hls_read_from(y) ? -1 : 1;
    return (at_x > at_y) - (at_x < at_y);
}

static unsigned range_bits(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(fn->node[id].lo, fn->node[id].hi);
}

/* LUT levels that reduce n bits to one. */
static unsigned levels(unsigned n)
{
    unsigned l = 0;
    for (; n > 1; n = (n + HLS_LUT_INPUTS - 1) / HLS_LUT_INPUTS)
        l++;
    return l;
}

int hls_clamp_bit(const struct hls_fn *fn, const struct hls_node *n)
{
    hls_int c;
    if (!hls_is_const(fn, n->arg[1], &c))
        return -1;
    hls_int power = n->op == HLS_MIN ? c + 1 : -c;
    int k = 0;
    if (n->op == HLS_MAX && c == 0)
        return 0;
    while (power > 1 && !(power & 1)) {
        power >>= 1;
        k++;
    }
    return power == 1 ? k : -1;
}

static float carry_delay(unsigned bits)
{
    return LEVEL + CARRY + CARRY_BIT * (float)bits;
}

/* The decision over the bits from k up, which shares its last LUT with the choice when it is small enough. */
static float clamp_delay(const struct hls_fn *fn, const struct hls_node *n)
{
    int k = hls_clamp_bit(fn, n);
    unsigned a = range_bits(fn, n->arg[0]), b = range_bits(fn, n->arg[1]);
    if (k < 0)
        return carry_delay(a > b ? a : b) + LEVEL;
    unsigned decide = n->op == HLS_MAX && k == 0 ? 1 : a > (unsigned)k ? a - (unsigned)k : 1;
    return LEVEL * (float)(decide < HLS_LUT_INPUTS ? 1 : levels(decide) + 1);
}

static float multiply_delay(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned a = range_bits(fn, n->arg[0]), b = range_bits(fn, n->arg[1]);
    unsigned narrow = a < b ? a : b, wide = a < b ? b : a;
    unsigned tiles = (narrow + 17) / 18 + (wide + 26) / 27;
    return DSP + DSP_MORE * (float)(tiles - 2);
}

static float equal_delay(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned a = range_bits(fn, n->arg[0]), b = range_bits(fn, n->arg[1]);
    unsigned bits = a > b ? a : b;
    bool constant = hls_is_const(fn, n->arg[1], NULL);
    unsigned l = levels(constant ? bits : 2 * bits);
    return LEVEL * (float)(l ? l : 1);
}

float hls_delay(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned amount;
    switch (n->op) {
    case HLS_ADD:
    case HLS_SUB: return carry_delay(hls_node_width(n));
    case HLS_LT: {
        unsigned a = range_bits(fn, n->arg[0]), b = range_bits(fn, n->arg[1]);
        return carry_delay(a > b ? a : b);
    }
    case HLS_EQ: return equal_delay(fn, n);
    case HLS_MIN:
    case HLS_MAX: return clamp_delay(fn, n);
    case HLS_MUL: return multiply_delay(fn, n);
    case HLS_SHLV:
    case HLS_SHRV: amount = range_bits(fn, n->arg[1]); return LEVEL * (float)((amount + 1) / 2);
    case HLS_ROM:
        amount = range_bits(fn, n->arg[0]);
        return LEVEL * (float)(amount <= HLS_LUT_INPUTS ? 1 : 1 + (amount - HLS_LUT_INPUTS + 1) / 2);
    case HLS_AND:
    case HLS_OR:
    case HLS_XOR:
    case HLS_SELECT: return LEVEL;
    default: return 0;
    }
}

/* --- placing --- */

static bool is_lut(enum hls_op op)
{
    return op == HLS_AND || op == HLS_OR || op == HLS_XOR || op == HLS_SELECT;
}

static bool add_leaf(struct hls_cut *c, hls_id leaf)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->leaf[i] == leaf)
            return true;
    if (c->n < HLS_LUT_INPUTS)
        c->leaf[c->n++] = leaf;
    else
        return false;
    return true;
}

/* When everything that the node at `stage` reads is there; registers are there at once. */
static float ready(const struct hls_fn *fn, const hls_id *from, unsigned n, unsigned stage)
{
    float t = 0;
    for (unsigned i = 0; i < n; i++)
        if (fn->node[from[i]].stage == stage && fn->node[from[i]].arrival > t)
            t = fn->node[from[i]].arrival;
    return t;
}

/* Packs the operands' LUTs into this one where all sources still fit; otherwise the operands are the sources.
 */
static struct hls_cut cut_of(const struct hls_timing *t, const struct hls_node *n, unsigned stage)
{
    unsigned operands = hls_op_info[n->op].operands;
    struct hls_cut packed = {.n = 0}, plain = {.n = 0};
    bool fits = true;
    for (unsigned i = 0; i < operands; i++) {
        const struct hls_cut *c = &t->cut[n->arg[i]];
        add_leaf(&plain, n->arg[i]);
        if (c->n == 0 || t->fn->node[n->arg[i]].stage != stage)
            fits = fits && (hls_is_const(t->fn, n->arg[i], NULL) || add_leaf(&packed, n->arg[i]));
        else
            for (unsigned j = 0; j < c->n; j++)
                fits = fits && add_leaf(&packed, c->leaf[j]);
    }
    return fits ? packed : plain;
}

/* A product that is slower than a period gets registers behind it, which synthesis moves into the DSP block.
 */
static void spread(const struct hls_timing *t, struct hls_node *n)
{
    while (n->wait < MOST_WAIT && n->arrival > t->usable * (float)(n->wait + 1))
        n->wait++;
    n->arrival /= (float)(n->wait + 1);
}

/* The first stage that a node's operands, its loop and its state allow. What a loop holds and what leaves it
 * comes through registers, and no longer depends on a state that is to be taken late. */
static unsigned first_stage(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned stage = fn->loop[n->loop].begin;
    if (n->op == HLS_STATE && fn->state[n->imm].stage > stage)
        stage = fn->state[n->imm].stage;
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++) {
        const struct hls_node *a = &fn->node[n->arg[i]];
        unsigned from = hls_read_from(a);
        if (n->op == HLS_HOLD)
            from = from % HLS_LATE + 1;
        else if (n->op == HLS_LAST)
            from = (a->stage + a->wait) % HLS_LATE + fn->loop[a->loop].rounds;
        stage = from > stage ? from : stage;
    }
    return stage;
}

/* Sets the arrival of a node in its stage, and its LUT. */
static void arrive(struct hls_timing *t, hls_id id)
{
    struct hls_node *n = &t->fn->node[id];
    struct hls_cut cut = {.n = 0};
    if (is_lut(n->op))
        cut = cut_of(t, n, n->stage);
    const hls_id *from = cut.n ? cut.leaf : n->arg;
    unsigned sources = cut.n ? cut.n : is_lut(n->op) ? 0 : hls_op_info[n->op].operands;
    if (n->op == HLS_HOLD || n->op == HLS_LAST)
        n->arrival = 0;
    else
        n->arrival = (ready(t->fn, from, sources, n->stage) + hls_delay(t->fn, n)) / (float)(n->wait + 1);
    t->cut[id] = cut;
}

static void place(struct hls_timing *t, hls_id id)
{
    struct hls_node *n = &t->fn->node[id];
    n->wait = 0;
    n->stage = first_stage(t->fn, n);
    arrive(t, id);
    if (n->arrival > t->usable && hls_delay(t->fn, n) > 0) {
        n->stage++;
        arrive(t, id);
    }
    if (n->arrival > t->usable && n->op == HLS_MUL)
        spread(t, n);
    if (n->arrival > t->usable && n->demand)
        t->too_slow = id;
}

static void make_room(struct hls_timing *t)
{
    if (t->room < t->fn->nodes) {
        t->room = t->fn->nodes * 2;
        t->cut = hls_resize(t->cut, t->room, sizeof *t->cut);
    }
}

bool hls_timing_settle(struct hls_timing *t, const hls_id *id, size_t n)
{
    bool fits = true;
    make_room(t);
    for (size_t i = 0; i < n; i++) {
        struct hls_node *x = &t->fn->node[id[i]];
        if (hls_is_wiring(x->op))
            x->stage = first_stage(t->fn, x);
        arrive(t, id[i]);
        fits = fits && (x->arrival <= t->usable || !x->demand);
    }
    return fits;
}

void hls_timing_place(struct hls_timing *t)
{
    make_room(t);
    while (t->placed < t->fn->nodes)
        place(t, t->placed++);
}

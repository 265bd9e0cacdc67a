#include "hls/compiler/area.h"

#include "hls/compiler/memory.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>

static unsigned range_bits(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(fn->node[id].lo, fn->node[id].hi);
}

static unsigned most(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* Zeros below a value that is shifted. */
static unsigned zeros_below(const struct hls_fn *fn, hls_id id)
{
    hls_int ones = fn->node[id].ones;
    unsigned k = 0;
    while (ones && k < HLS_MAX_WIDTH && !(ones >> k & 1))
        k++;
    return k;
}

static unsigned ones_of(hls_int c, unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned i = from; i < to; i++)
        n += c >> i & 1;
    return n;
}

unsigned hls_adder_bits(const struct hls_fn *fn, const struct hls_node *n)
{
    const struct hls_node *a = &fn->node[n->arg[0]], *b = &fn->node[n->arg[1]];
    unsigned wide_a = range_bits(fn, n->arg[0]), wide_b = range_bits(fn, n->arg[1]);
    unsigned width = hls_node_width(n), pass = zeros_below(fn, n->arg[1]), top = most(wide_a, wide_b);
    hls_int c;
    if (n->op == HLS_ADD)
        pass = most(pass, zeros_below(fn, n->arg[0]));
    if (n->op == HLS_ADD && a->lo >= 0 && top > wide_a)
        top = wide_a;
    if (n->op == HLS_ADD && b->lo >= 0 && top > wide_b)
        top = wide_b;
    top = top < width ? top : width;
    if (n->op == HLS_ADD && hls_is_const(fn, n->arg[1], &c))
        return ones_of(c, pass, width);
    return top > pass ? top - pass : 0;
}

/* LUTs that reduce n bits to one. */
static unsigned reduction(unsigned n)
{
    return n <= 1 ? 1 : (n - 1 + HLS_LUT_INPUTS - 2) / (HLS_LUT_INPUTS - 1);
}

static unsigned compared_bits(const struct hls_fn *fn, const struct hls_node *n)
{
    return most(range_bits(fn, n->arg[0]), range_bits(fn, n->arg[1]));
}

static double extreme_luts(const struct hls_fn *fn, const struct hls_node *n)
{
    int k = hls_clamp_bit(fn, n);
    unsigned width = hls_node_width(n), whole = range_bits(fn, n->arg[0]);
    if (k < 0)
        return width + compared_bits(fn, n);
    unsigned decide = whole > (unsigned)k ? whole - (unsigned)k : 1;
    bool sign_only = n->op == HLS_MAX && k == 0;
    return width + (sign_only || decide < HLS_LUT_INPUTS ? 0 : reduction(decide));
}

/* A table of 2^n bits takes 2^(n-6) LUTs and, from four on, the multiplexers to choose among them. */
static double rom_luts(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned index = range_bits(fn, n->arg[0]), width = hls_node_width(n);
    if (index <= HLS_LUT_INPUTS)
        return width;
    return (double)width * (double)((size_t)1 << (index - HLS_LUT_INPUTS));
}

/* Every two bits of the amount are a multiplexer of four, which is one LUT6. */
static double shifter_luts(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned width = n->op == HLS_SHRV ? range_bits(fn, n->arg[0]) : hls_node_width(n);
    return (double)width * ((range_bits(fn, n->arg[1]) + 1) / 2);
}

static struct hls_area area_of(const struct hls_fn *fn, const struct hls_node *n)
{
    double luts = 0;
    unsigned dsps = 0;
    switch (n->op) {
    case HLS_ADD:
    case HLS_SUB: luts = hls_adder_bits(fn, n); break;
    case HLS_LT: luts = compared_bits(fn, n); break;
    case HLS_EQ: luts = reduction(compared_bits(fn, n) * (hls_is_const(fn, n->arg[1], NULL) ? 1 : 2)); break;
    case HLS_MIN:
    case HLS_MAX: luts = extreme_luts(fn, n); break;
    case HLS_SHLV:
    case HLS_SHRV: luts = shifter_luts(fn, n); break;
    case HLS_ROM: luts = rom_luts(fn, n); break;
    case HLS_MUL: dsps = 1; break;
    case HLS_AND:
    case HLS_OR:
    case HLS_XOR:
    case HLS_SELECT: luts = hls_node_width(n); break;
    default: break; /* wiring */
    }
    return (struct hls_area){luts, dsps};
}

static bool is_bitwise(enum hls_op op)
{
    return op == HLS_AND || op == HLS_OR || op == HLS_XOR || op == HLS_SELECT;
}

/* inputs[id]: of the LUT that a bit of a bitwise node takes once the operands that only it reads, in its
 * stage, are packed into it; those then cost nothing themselves. */
static void pack(const struct hls_fn *fn, struct hls_area *area)
{
    uint32_t *uses = hls_allocate(fn->nodes, sizeof *uses);
    uint8_t *inputs = hls_allocate(fn->nodes, 1);
    for (unsigned i = 0; i < hls_roots(fn); i++)
        uses[*hls_root(fn, i)]++;
    for (hls_id id = 0; id < fn->nodes; id++)
        for (unsigned a = 0; fn->node[id].demand && a < hls_op_info[fn->node[id].op].operands; a++)
            uses[fn->node[id].arg[a]]++;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        unsigned operands = hls_op_info[n->op].operands;
        for (unsigned a = 0; a < operands; a++)
            inputs[id] += is_bitwise(n->op) && !hls_is_const(fn, n->arg[a], NULL);
        for (unsigned a = 0; is_bitwise(n->op) && a < operands; a++) {
            hls_id x = n->arg[a];
            bool alone = is_bitwise(fn->node[x].op) && uses[x] == 1 && fn->node[x].stage == n->stage;
            if (!alone || inputs[id] - 1 + inputs[x] > HLS_LUT_INPUTS)
                continue;
            inputs[id] = (uint8_t)(inputs[id] - 1 + inputs[x]);
            area[x].luts = 0;
        }
    }
    free(uses);
    free(inputs);
}

struct hls_area *hls_area_of_nodes(const struct hls_fn *fn)
{
    struct hls_area *area = hls_allocate(fn->nodes, sizeof *area);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (fn->node[id].demand)
            area[id] = area_of(fn, &fn->node[id]);
    pack(fn, area);
    return area;
}

struct hls_area hls_area_sum(const struct hls_fn *fn, const struct hls_area *of_node)
{
    struct hls_area sum = {0, 0};
    for (hls_id id = 0; id < fn->nodes; id++) {
        sum.luts += of_node[id].luts;
        sum.dsps += of_node[id].dsps;
    }
    return sum;
}

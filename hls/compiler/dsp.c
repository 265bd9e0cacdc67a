/* DSP block or shift-add for products of variables. A product that stays one operation is a `*` in the Verilog and
 * a DSP block in hardware; the others become sums of the one operand, shifted, for each bit of the other.
 * What is left of the blocks afterwards goes to products by constants (linear.c). */
#include "hls/compiler/memory.h"
#include "hls/compiler/options.h"
#include "hls/compiler/passes.h"

#include <stdlib.h>

/* An operand of so few bits makes a single addition of its product: no work for a block, which multiplies 18 by
 * 27 bits, signed. */
enum { FEW_BITS = 2, DSP_NARROW = 18, DSP_WIDE = 27 };

struct product {
    hls_id id;
    unsigned cost; /* LUTs it would take, roughly */
};

static unsigned bits_of(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(fn->node[id].lo, fn->node[id].hi);
}

static bool is_product(const struct hls_fn *fn, hls_id id)
{
    const struct hls_node *n = &fn->node[id];
    return n->op == HLS_MUL && !hls_is_const(fn, n->arg[1], NULL);
}

static unsigned narrow_bits(const struct hls_fn *fn, const struct hls_node *n)
{
    unsigned a = bits_of(fn, n->arg[0]), b = bits_of(fn, n->arg[1]);
    return a < b ? a : b;
}

static int by_cost(const void *x, const void *y)
{
    const struct product *a = x, *b = y;
    if (a->cost != b->cost)
        return a->cost > b->cost ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

unsigned hls_count_products(const struct hls_fn *fn)
{
    uint8_t *live = hls_live(fn);
    unsigned n = 0;
    for (hls_id id = 0; id < fn->nodes; id++)
        n += live[id] && is_product(fn, id);
    free(live);
    return n;
}

/* in_block[id] = 1 for the costliest `dsps` of n products. */
static void give_blocks(struct product *product, size_t n, size_t dsps, uint8_t *in_block)
{
    qsort(product, n, sizeof *product, by_cost);
    for (size_t i = 0; i < n && i < dsps; i++)
        in_block[product[i].id] = 1;
}

/* Products of variables that get a block. The caller frees it. */
static uint8_t *choose(const struct hls_fn *fn, const uint8_t *live, int dsps)
{
    struct product *product = hls_allocate(fn->nodes, sizeof *product);
    uint8_t *in_block = hls_allocate(fn->nodes, 1);
    size_t n = 0;
    for (hls_id id = 0; id < fn->nodes; id++)
        if (live[id] && is_product(fn, id) && narrow_bits(fn, &fn->node[id]) > FEW_BITS)
            product[n++] = (struct product){
                id, bits_of(fn, fn->node[id].arg[0]) * bits_of(fn, fn->node[id].arg[1])};
    give_blocks(product, n, dsps == HLS_DSP_AUTO ? n : dsps > 0 ? (size_t)dsps : 0, in_block);
    free(product);
    return in_block;
}

/* Additions that a product by c takes: one less than its signed digits. */
static unsigned additions_of(hls_int c)
{
    unsigned digits = 0;
    for (; c != 0; c >>= 1)
        if (c & 1) {
            c -= (c & 3) == 3 ? -1 : 1;
            digits++;
        }
    return digits ? digits - 1 : 0;
}

uint8_t *hls_choose_constant_products(const struct hls_fn *fn, const uint8_t *live, unsigned dsps)
{
    struct product *product = hls_allocate(fn->nodes, sizeof *product);
    uint8_t *in_block = hls_allocate(fn->nodes, 1);
    size_t n = 0;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *x = &fn->node[id];
        hls_int c;
        if (!live[id] || x->op != HLS_MUL || !hls_is_const(fn, x->arg[1], &c))
            continue;
        unsigned bits = bits_of(fn, x->arg[0]), more = bits_of(fn, x->arg[1]);
        bool fits = (bits <= DSP_NARROW && more <= DSP_WIDE) || (bits <= DSP_WIDE && more <= DSP_NARROW);
        if (fits && additions_of(c) > 1)
            product[n++] = (struct product){id, additions_of(c) * bits};
    }
    give_blocks(product, n, dsps, in_block);
    free(product);
    return in_block;
}

/* a * b as the sum of a << i for the ones of b; the sign of b counts negative. */
static hls_id shift_add(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (bits_of(fn, a) < bits_of(fn, b)) {
        hls_id wide = b;
        b = a;
        a = wide;
    }
    unsigned bits = bits_of(fn, b);
    bool is_signed = fn->node[b].lo < 0;
    hls_id zero = hls_const(fn, 0), sum = zero;
    for (unsigned i = 0; i < bits; i++) {
        hls_id bit = hls_unary(fn, HLS_WRAPU, hls_unary(fn, HLS_SHR, b, i), 1);
        hls_id row = hls_unary(fn, HLS_SHL, hls_select(fn, bit, a, zero), i);
        sum = hls_binary(fn, is_signed && i + 1 == bits ? HLS_SUB : HLS_ADD, sum, row);
    }
    return sum;
}

void hls_pass_dsp(struct hls_fn *fn, int dsps)
{
    struct hls_fn *to = hls_fn_like(fn);
    hls_id *map = hls_allocate(fn->nodes, sizeof *map);
    uint8_t *live = hls_live(fn), *in_block = choose(fn, live, dsps);
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        if (!live[id])
            continue;
        to->loc = n->loc;
        if (is_product(fn, id) && !in_block[id]) {
            map[id] = shift_add(to, map[n->arg[0]], map[n->arg[1]]);
            hls_tighten(to, map[id], n->lo, n->hi);
        } else {
            map[id] = hls_copy_node(to, fn, id, map);
        }
    }
    hls_fn_connect(to, fn, map);
    free(in_block);
    free(live);
    free(map);
    hls_fn_replace(fn, to);
}

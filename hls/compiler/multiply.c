/* Products beyond 18 x 27 bits (signed, a DSP48E2) become sums of shifted products within it, so that the
 * pipeline can cut between them. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"

#include <stdlib.h>

enum { NARROW = 17, WIDE = 26 }; /* unsigned parts, one bit below the signed ports */

static unsigned bits_of(const struct hls_fn *fn, hls_id id)
{
    return hls_bits(fn->node[id].lo, fn->node[id].hi);
}

static hls_id split(struct hls_fn *fn, hls_id a, hls_id b);

/* a * b = ((a * (b >> n)) << n) + a * (b mod 2^n) */
static hls_id split_second(struct hls_fn *fn, hls_id a, hls_id b, unsigned n)
{
    hls_id high = split(fn, a, hls_unary(fn, HLS_SHR, b, n));
    hls_id low = split(fn, a, hls_unary(fn, HLS_WRAPU, b, n));
    return hls_binary(fn, HLS_ADD, hls_unary(fn, HLS_SHL, high, n), low);
}

static hls_id split(struct hls_fn *fn, hls_id a, hls_id b)
{
    if (bits_of(fn, a) < bits_of(fn, b)) {
        hls_id wide = b;
        b = a;
        a = wide;
    }
    if (bits_of(fn, b) > NARROW + 1)
        return split_second(fn, a, b, NARROW);
    if (bits_of(fn, a) > WIDE + 1)
        return split_second(fn, b, a, WIDE);
    return hls_binary(fn, HLS_MUL, a, b);
}

void hls_pass_multiply(struct hls_fn *fn)
{
    struct hls_fn *to = hls_fn_like(fn);
    hls_id *map = hls_allocate(fn->nodes, sizeof *map);
    uint8_t *live = hls_live(fn);
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        if (!live[id])
            continue;
        bool product = n->op == HLS_MUL && !hls_is_const(fn, n->arg[1], NULL);
        to->loc = n->loc;
        map[id] = product ? split(to, map[n->arg[0]], map[n->arg[1]]) : hls_copy_node(to, fn, id, map);
    }
    hls_fn_connect(to, fn, map);
    free(live);
    free(map);
    hls_fn_replace(fn, to);
}

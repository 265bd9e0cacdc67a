/* Sums and products by constants, rebuilt as adder trees with shared sub-expressions. */
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/share.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>
#include <string.h>

/* sum of coefficient * node + constant; nodes of the function that is rebuilt. */
struct row {
    hls_id root;
    struct hls_loc loc; /* of a product or sum in it that the source has, rather than of its last rounding */
    struct {
        hls_id x;
        hls_int c;
    } *term;
    size_t terms;
    hls_int constant;
};

/* +-(node << shift) in the new function, and what it is as a sum over the inputs of the group. */
struct part {
    hls_id node;
    int shift;
    bool minus;
    hls_int *coefficient, constant;
};

struct linear {
    struct hls_fn *from, *to;
    struct hls_timing timing;
    hls_id *map; /* from -> to */
    uint8_t *live, *interior;
    uint8_t *in_block; /* products by constants that go to a DSP block and stay as they are */
    unsigned *level; /* sums above a node, along the deepest way to an input */
    /* the group of rows of one level */
    struct row *row;
    size_t rows;
    hls_id *input; /* nodes of `from` that the rows of the group read */
    uint32_t inputs;
};

/* --- which sums belong together --- */

static bool is_linear(const struct linear *l, hls_id id)
{
    const struct hls_node *n = &l->from->node[id];
    return n->op == HLS_ADD || n->op == HLS_SUB || n->op == HLS_SHL ||
           (n->op == HLS_MUL && hls_is_const(l->from, n->arg[1], NULL) && !l->in_block[id]);
}

/* A scaled or negated value costs nothing to repeat in each sum that reads it. */
static bool is_cheap(const struct hls_fn *fn, hls_id id)
{
    const struct hls_node *n = &fn->node[id];
    return n->op == HLS_SHL || n->op == HLS_MUL || (n->op == HLS_SUB && hls_is_const(fn, n->arg[0], NULL)) ||
           (n->op == HLS_ADD && hls_is_const(fn, n->arg[1], NULL));
}

/* Interior: read by sums only, and by one only unless it is cheap. The others are roots of rows. */
static void mark_interior(struct linear *l)
{
    const struct hls_fn *fn = l->from;
    uint32_t *uses = hls_allocate(fn->nodes, sizeof *uses);
    uint8_t *outside = hls_allocate(fn->nodes, 1);
    for (unsigned i = 0; i < hls_roots(fn); i++)
        outside[*hls_root(fn, i)] = 1;
    for (hls_id id = 0; id < fn->nodes; id++)
        for (unsigned i = 0; l->live[id] && i < hls_op_info[fn->node[id].op].operands; i++) {
            uses[fn->node[id].arg[i]]++;
            outside[fn->node[id].arg[i]] |= !is_linear(l, id);
        }
    for (hls_id id = 0; id < fn->nodes; id++)
        l->interior[id] = is_linear(l, id) && !outside[id] && (uses[id] == 1 || is_cheap(fn, id));
    free(uses);
    free(outside);
}

static bool is_root(const struct linear *l, hls_id id)
{
    return l->live[id] && is_linear(l, id) && !l->interior[id];
}

static void set_levels(struct linear *l)
{
    for (hls_id id = 0; id < l->from->nodes; id++) {
        const struct hls_node *n = &l->from->node[id];
        for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
            if (l->level[n->arg[i]] > l->level[id])
                l->level[id] = l->level[n->arg[i]];
        l->level[id] += is_root(l, id);
    }
}

/* --- rows --- */

static void add_term(struct row *r, hls_id x, hls_int c)
{
    for (size_t i = 0; i < r->terms; i++)
        if (r->term[i].x == x) {
            r->term[i].c += c;
            return;
        }
    r->term = hls_resize(r->term, r->terms + 1, sizeof *r->term);
    r->term[r->terms].x = x;
    r->term[r->terms++].c = c;
}

static void collect(const struct linear *l, struct row *r, hls_id id, hls_int c)
{
    const struct hls_node *n = &l->from->node[id];
    hls_int factor;
    if (hls_is_const(l->from, id, &factor)) {
        r->constant += c * factor;
        return;
    }
    if (id != r->root && !l->interior[id]) {
        add_term(r, id, c);
        return;
    }
    if (n->loc.file && !hls_is_const(l->from, n->arg[n->op != HLS_SHL], NULL))
        r->loc = n->loc;
    if (n->op == HLS_SHL)
        collect(l, r, n->arg[0], c * hls_two_to((unsigned)n->imm));
    else if (n->op == HLS_MUL && hls_is_const(l->from, n->arg[1], &factor))
        collect(l, r, n->arg[0], c * factor);
    else {
        collect(l, r, n->arg[0], c);
        collect(l, r, n->arg[1], n->op == HLS_SUB ? -c : c);
    }
}

static void add_row(struct linear *l, hls_id root)
{
    l->row = hls_resize(l->row, l->rows + 1, sizeof *l->row);
    struct row *r = &l->row[l->rows++];
    *r = (struct row){.root = root, .loc = l->from->node[root].loc};
    collect(l, r, root, 1);
}

static uint32_t input_of(struct linear *l, hls_id x)
{
    uint32_t i = 0;
    while (i < l->inputs && l->input[i] != x)
        i++;
    if (i == l->inputs) {
        l->input = hls_resize(l->input, i + 1, sizeof *l->input);
        l->input[l->inputs++] = x;
    }
    return i;
}

/* --- trees --- */

/* Tightens the node of a part to what its sum over the inputs can be. */
static void bound(struct linear *l, const struct part *p)
{
    hls_int lo = p->constant, hi = p->constant;
    for (uint32_t i = 0; i < l->inputs; i++) {
        const struct hls_node *x = &l->to->node[l->map[l->input[i]]];
        hls_int a = p->coefficient[i] * x->lo, b = p->coefficient[i] * x->hi;
        lo += a < b ? a : b;
        hi += a < b ? b : a;
    }
    hls_tighten(l->to, p->node, lo, hi);
}

static hls_id shifted(struct linear *l, hls_id node, int by)
{
    return hls_unary(l->to, HLS_SHL, node, by);
}

/* a + b with their signs; the common shift stays outside, so that the adder is no wider than needed. Of two
 * signs that differ, one goes to the part made: the operand that is shifted is the one subtracted, because then
 * the low bits of the other pass without an adder. The last sum of a row takes no sign where it has the choice:
 * it would have to be undone. Coefficients of `a` are taken over. */
static struct part join(struct linear *l, struct part a, struct part b, bool last)
{
    int common = a.shift < b.shift ? a.shift : b.shift;
    bool differ = a.minus != b.minus;
    bool minus = !differ ? a.minus : last || a.shift == b.shift ? false : a.shift < b.shift ? a.minus : b.minus;
    int sign_a = a.minus == minus ? 1 : -1, sign_b = b.minus == minus ? 1 : -1;
    hls_id x = shifted(l, a.node, a.shift - common), y = shifted(l, b.node, b.shift - common);
    struct part made = {.shift = common, .minus = minus, .coefficient = a.coefficient};
    if (!differ)
        made.node = hls_binary(l->to, HLS_ADD, x, y);
    else
        made.node = hls_binary(l->to, HLS_SUB, sign_a > 0 ? x : y, sign_a > 0 ? y : x);
    hls_int scale_a = sign_a * hls_two_to((unsigned)(a.shift - common));
    hls_int scale_b = sign_b * hls_two_to((unsigned)(b.shift - common));
    for (uint32_t i = 0; i < l->inputs; i++)
        made.coefficient[i] = a.coefficient[i] * scale_a + b.coefficient[i] * scale_b;
    made.constant = a.constant * scale_a + b.constant * scale_b;
    bound(l, &made);
    return made;
}

static hls_int *copy_coefficients(const struct linear *l, const hls_int *from)
{
    hls_int *copy = hls_allocate(l->inputs, sizeof *copy);
    if (from)
        memcpy(copy, from, l->inputs * sizeof *copy);
    return copy;
}

/* Earliest first; among equals the narrowest, which keeps neighbouring shifts together. */
static int before(const struct linear *l, const struct part *a, const struct part *b)
{
    int order = hls_timing_compare(l->to, a->node, b->node);
    if (order)
        return order < 0;
    return a->shift < b->shift;
}

static struct part take_earliest(struct linear *l, struct part *part, size_t *parts)
{
    size_t best = 0;
    for (size_t i = 1; i < *parts; i++)
        if (before(l, &part[i], &part[best]))
            best = i;
    struct part p = part[best];
    memmove(&part[best], &part[best + 1], (*parts - best - 1) * sizeof *part);
    --*parts;
    return p;
}

static struct part constant_part(struct linear *l, hls_int value)
{
    struct part p = {.minus = value < 0,
                     .constant = value < 0 ? -value : value,
                     .coefficient = copy_coefficients(l, NULL)};
    p.node = hls_const(l->to, p.constant);
    return p;
}

static hls_id build_row(struct linear *l, const struct row *r, const struct hls_digit_row *digits,
                        const struct part *symbol)
{
    struct part *part = hls_allocate(digits->digits + 1, sizeof *part);
    size_t parts = 0;
    for (size_t i = 0; i < digits->digits; i++) {
        part[parts] = symbol[digits->digit[i].symbol];
        part[parts].coefficient = copy_coefficients(l, part[parts].coefficient);
        part[parts].shift += digits->digit[i].shift;
        part[parts++].minus ^= digits->digit[i].minus;
    }
    if (r->constant || !parts)
        part[parts++] = constant_part(l, r->constant);
    while (parts > 1) {
        hls_timing_place(&l->timing);
        struct part a = take_earliest(l, part, &parts), b = take_earliest(l, part, &parts);
        part[parts] = join(l, a, b, parts == 0);
        parts++;
        free(b.coefficient);
    }
    hls_id sum = shifted(l, part[0].node, part[0].shift);
    free(part[0].coefficient);
    bool minus = part[0].minus;
    free(part);
    return minus ? hls_binary(l->to, HLS_SUB, hls_const(l->to, 0), sum) : sum;
}

/* --- a group: all rows of one level --- */

static struct hls_digit_row *make_digits(struct linear *l)
{
    struct hls_digit_row *digits = hls_allocate(l->rows, sizeof *digits);
    for (size_t r = 0; r < l->rows; r++) {
        for (size_t i = 0; i < l->row[r].terms; i++)
            hls_row_add(&digits[r], input_of(l, l->row[r].term[i].x), l->row[r].term[i].c);
        digits[r].constant = l->row[r].constant != 0;
    }
    return digits;
}

/* Inputs, then the shared sub-expressions, each a part. */
static struct part *build_symbols(struct linear *l, const struct hls_shared *shared, size_t made)
{
    struct part *symbol = hls_allocate(l->inputs + made, sizeof *symbol);
    for (uint32_t i = 0; i < l->inputs; i++) {
        symbol[i] = (struct part){.node = l->map[l->input[i]], .coefficient = copy_coefficients(l, NULL)};
        symbol[i].coefficient[i] = 1;
    }
    for (size_t s = 0; s < made; s++) {
        struct part a = symbol[shared[s].first], b = symbol[shared[s].second];
        a.coefficient = copy_coefficients(l, a.coefficient);
        a.shift += shared[s].shift < 0 ? -shared[s].shift : 0;
        b.shift += shared[s].shift > 0 ? shared[s].shift : 0;
        b.minus ^= shared[s].minus;
        hls_timing_place(&l->timing);
        symbol[l->inputs + s] = join(l, a, b, false);
    }
    return symbol;
}

static void release_group(struct linear *l, struct hls_digit_row *digits, struct part *symbol, size_t symbols)
{
    for (size_t s = 0; s < symbols; s++)
        free(symbol[s].coefficient);
    for (size_t r = 0; r < l->rows; r++) {
        free(l->row[r].term);
        free(digits[r].digit);
    }
    free(symbol);
    free(digits);
    free(l->row);
    free(l->input);
    l->row = NULL;
    l->input = NULL;
    l->rows = l->inputs = 0;
}

static void build_group(struct linear *l)
{
    size_t made;
    struct hls_digit_row *digits = make_digits(l);
    struct hls_shared *shared = hls_share(digits, l->rows, l->inputs, &made);
    l->to->loc = l->row[0].loc;
    struct part *symbol = build_symbols(l, shared, made);
    for (size_t r = 0; r < l->rows; r++) {
        const struct hls_node *root = &l->from->node[l->row[r].root];
        l->to->loc = l->row[r].loc;
        hls_id sum = build_row(l, &l->row[r], &digits[r], symbol);
        hls_tighten(l->to, sum, root->lo, root->hi);
        l->map[l->row[r].root] = sum;
    }
    free(shared);
    release_group(l, digits, symbol, l->inputs + made);
}

static void build_level(struct linear *l, unsigned level)
{
    for (hls_id id = 0; id < l->from->nodes; id++)
        if (is_root(l, id) && l->level[id] == level)
            add_row(l, id);
    if (l->rows)
        build_group(l);
    for (hls_id id = 0; id < l->from->nodes; id++)
        if (l->live[id] && l->level[id] == level && !is_linear(l, id))
            l->map[id] = hls_copy_node(l->to, l->from, id, l->map);
}

static void release(struct linear *l)
{
    hls_timing_release(&l->timing);
    free(l->map);
    free(l->live);
    free(l->interior);
    free(l->in_block);
    free(l->level);
}

void hls_pass_linear(struct hls_fn *fn, double clock_mhz, unsigned dsps)
{
    struct linear l = {.from = fn, .to = hls_fn_like(fn), .live = hls_live(fn)};
    l.in_block = hls_choose_constant_products(fn, l.live, dsps);
    l.map = hls_allocate(fn->nodes, sizeof *l.map);
    l.interior = hls_allocate(fn->nodes, 1);
    l.level = hls_allocate(fn->nodes, sizeof *l.level);
    hls_timing_init(&l.timing, l.to, clock_mhz);
    mark_interior(&l);
    set_levels(&l);
    unsigned last = 0;
    for (hls_id id = 0; id < fn->nodes; id++)
        last = l.level[id] > last ? l.level[id] : last;
    for (unsigned level = 0; level <= last; level++)
        build_level(&l, level);
    hls_fn_connect(l.to, fn, l.map);
    release(&l);
    hls_fn_replace(fn, l.to);
}

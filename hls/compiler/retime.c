/* Retiming: fewer register bits between stages, with the same stages and the same period.
 *
 * The schedule computes everything as early as it can. Here, for two neighbouring stages s and s + 1, the nodes of
 * both are divided anew so that the fewest bits cross from one to the other: a minimum cut, exact, with
 *   - an operand never later than who reads it (an edge that cannot be cut);
 *   - a bit with many readers counted once (a vertex of its own between it and them);
 *   - a node fit for s if all that leads to it within both stages fits the period behind it, and for s + 1 if all
 *     that follows does: either depends on the node alone, because whoever goes to s takes along all before it.
 * Only the registers between s and s + 1 depend on that choice, so the total never rises. Pairs are taken in turn
 * until none gains. As the stages of a network are those of the whole kernel, not of its layers, this moves
 * registers across layers.
 *
 * A function with rolled loops is left as it is: what a loop holds and what leaves it is tied to its rounds.
 * LUTs are packed differently when their inputs move, so every move is timed again and taken back if it misses
 * the period. */
#include "hls/compiler/flow.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 6 };

/* `to` reads bits low..high-1 of `from`: both nodes with registers of their own, or a root (nodes + its number). */
struct edge {
    hls_id from, to;
    unsigned low, high;
};

/* Where the ranges of a value's readers begin and end; more than that are not told apart. */
enum { MOST_POINTS = 9 };

struct points {
    unsigned at[MOST_POINTS], n;
};

struct retiming {
    struct hls_fn *fn;
    struct hls_timing timing;
    struct edge *edge; /* in the order of `to` */
    size_t edges, room;
    size_t *first_read, *first_reader; /* per node: its edges as `to`, and in `reader` as `from` */
    struct edge *reader; /* the edges in the order of `from` */
    hls_id *member;       /* all nodes of the two stages, wiring too, in order */
    size_t members;
    unsigned *before; /* their stages, to go back to */
    float *head, *tail;
    uint32_t *vertex; /* of a member in the flow graph; 0: none */
};

/* --- who reads whom, through wiring --- */

/* Width 0: nothing is read, but the order must hold all the same. */
static void add_edge(struct retiming *r, hls_id from, hls_id to, unsigned low, unsigned width)
{
    if (r->edges == r->room) {
        r->room = r->room ? 2 * r->room : 1024;
        r->edge = hls_resize(r->edge, r->room, sizeof *r->edge);
    }
    r->edge[r->edges++] = (struct edge){from, to, low, low + width};
}

/* As the Verilog reads them: bits beyond a value are copies of its sign. */
static void read_bits(struct retiming *r, hls_id id, hls_id to, unsigned low, unsigned width)
{
    const struct hls_node *n = &r->fn->node[id];
    unsigned whole = hls_node_width(n), k = (unsigned)n->imm;
    if (n->op == HLS_CONST)
        return;
    if (width && low + width > whole) {
        if (n->lo < 0)
            read_bits(r, id, to, whole - 1, 1);
        if (low < whole)
            read_bits(r, id, to, low, whole - low);
        return;
    }
    switch (n->op) {
    case HLS_SHL:
        read_bits(r, n->arg[0], to, low > k ? low - k : 0, low > k ? width : low + width > k ? low + width - k : 0);
        break;
    case HLS_SHR: read_bits(r, n->arg[0], to, low + k, width); break;
    case HLS_WRAPU:
    case HLS_WRAPS:
        read_bits(r, n->arg[0], to, low, low >= k ? 0 : low + width > k ? k - low : width);
        break;
    default: add_edge(r, id, to, low, width);
    }
}

static void read_whole(struct retiming *r, hls_id id, hls_id to)
{
    read_bits(r, id, to, 0, hls_node_width(&r->fn->node[id]));
}

static void find_edges(struct retiming *r)
{
    const struct hls_fn *fn = r->fn;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        r->first_read[id] = r->edges;
        for (unsigned a = 0; n->demand && !hls_is_wiring(n->op) && a < hls_op_info[n->op].operands; a++)
            read_whole(r, n->arg[a], id);
    }
    r->first_read[fn->nodes] = r->edges;
    for (unsigned i = 0; i < hls_roots(fn); i++)
        if (fn->node[*hls_root(fn, i)].demand)
            read_whole(r, *hls_root(fn, i), fn->nodes + i);
}

/* Turns the edges round: the readers of each node. */
static void find_readers(struct retiming *r)
{
    r->reader = hls_allocate(r->edges, sizeof *r->reader);
    for (size_t e = 0; e < r->edges; e++)
        r->first_reader[r->edge[e].from + 1]++;
    for (hls_id id = 0; id < r->fn->nodes; id++)
        r->first_reader[id + 1] += r->first_reader[id];
    size_t *at = hls_allocate(r->fn->nodes, sizeof *at);
    for (size_t e = 0; e < r->edges; e++) {
        hls_id from = r->edge[e].from;
        r->reader[r->first_reader[from] + at[from]++] = r->edge[e];
    }
    free(at);
}

/* The stage in which a reader reads: outputs are taken in the last one, next values where their
 * states take them. */
static unsigned stage_of(const struct retiming *r, hls_id reader)
{
    const struct hls_fn *fn = r->fn;
    if (reader < fn->nodes)
        return fn->node[reader].stage;
    if (reader < fn->nodes + fn->outputs)
        return fn->stages - 1;
    const struct hls_state *s = &fn->state[reader - fn->nodes - fn->outputs];
    unsigned from = hls_read_from(&fn->node[s->next]);
    return from > s->stage ? from : s->stage;
}

/* --- two stages --- */

static bool can_move(const struct retiming *r, hls_id id)
{
    const struct hls_node *n = &r->fn->node[id];
    return n->demand && !hls_is_wiring(n->op) && !n->wait;
}

static void find_members(struct retiming *r, unsigned s)
{
    r->members = 0;
    for (hls_id id = 0; id < r->fn->nodes; id++) {
        const struct hls_node *n = &r->fn->node[id];
        if (n->stage != s && n->stage != s + 1)
            continue;
        r->before[r->members] = n->stage;
        r->member[r->members++] = id;
    }
}

/* When each node would be there with all before it in stage s; beyond the period where it cannot be there. */
static void find_heads(struct retiming *r, unsigned s)
{
    const struct hls_fn *fn = r->fn;
    for (size_t m = 0; m < r->members; m++) {
        hls_id id = r->member[m];
        float ready = 0;
        for (size_t e = r->first_read[id]; e < r->first_read[id + 1]; e++) {
            const struct hls_node *x = &fn->node[r->edge[e].from];
            float at = x->stage < s ? 0 : r->head[r->edge[e].from];
            if (hls_read_from(x) > s && (x->stage <= s || !can_move(r, r->edge[e].from)))
                at = 2 * r->timing.usable;
            ready = at > ready ? at : ready;
        }
        r->head[id] = ready + hls_delay(fn, &fn->node[id]);
        if (fn->node[id].stage == s && r->head[id] > r->timing.usable)
            r->head[id] = fn->node[id].arrival; /* it is there: packed LUTs are faster than their sum */
    }
}

/* From the start of stage s + 1 to the end of all that follows a node in these two stages. */
static void find_tails(struct retiming *r, unsigned s)
{
    const struct hls_fn *fn = r->fn;
    for (size_t m = r->members; m-- > 0;) {
        hls_id id = r->member[m];
        float most = 0;
        for (size_t e = r->first_reader[id]; e < r->first_reader[id + 1]; e++) {
            hls_id to = r->reader[e].to;
            if (to < fn->nodes && fn->node[to].stage <= s + 1 && r->tail[to] > most)
                most = r->tail[to];
            if (to >= fn->nodes + fn->outputs && stage_of(r, to) <= s)
                most = 2 * r->timing.usable; /* the next value of a state that is read in s */
        }
        r->tail[id] = most + hls_delay(fn, &fn->node[id]);
    }
}

/* Bits that the register of a value between s and s + 1 has: from the lowest to the highest read beyond. */
static unsigned crossing_bits(const struct retiming *r, hls_id id, unsigned s)
{
    unsigned low = 0, high = 0;
    for (size_t e = r->first_reader[id]; e < r->first_reader[id + 1]; e++) {
        const struct edge *x = &r->reader[e];
        if (stage_of(r, x->to) <= s || x->low == x->high)
            continue;
        low = high && low < x->low ? low : x->low;
        high = high > x->high ? high : x->high;
    }
    return high - low;
}

/* Between s and s + 1 now, of the values that these two stages read or compute. */
static int64_t bits_now(const struct retiming *r, unsigned s, const hls_id *driver, size_t drivers)
{
    int64_t bits = 0;
    for (size_t d = 0; d < drivers; d++)
        if (r->fn->node[driver[d]].stage <= s)
            bits += crossing_bits(r, driver[d], s);
    return bits;
}

static void add_point(struct points *p, unsigned at)
{
    unsigned i = p->n;
    for (unsigned k = 0; k < p->n; k++)
        if (p->at[k] == at)
            return;
    if (p->n == MOST_POINTS) { /* only the ends are kept exact */
        p->at[0] = at < p->at[0] ? at : p->at[0];
        p->at[p->n - 1] = at > p->at[p->n - 1] ? at : p->at[p->n - 1];
        return;
    }
    for (; i > 0 && p->at[i - 1] > at; i--)
        p->at[i] = p->at[i - 1];
    p->at[i] = at;
    p->n++;
}

/* In ascending order; between two of them all bits have the same readers. */
static struct points points_of(const struct retiming *r, hls_id id)
{
    struct points p = {.n = 0};
    for (size_t e = r->first_reader[id]; e < r->first_reader[id + 1]; e++)
        if (r->reader[e].low < r->reader[e].high) {
            add_point(&p, r->reader[e].low);
            add_point(&p, r->reader[e].high);
        }
    return p;
}

/* The edges of the bits of a value between two points: to their register, and from there to all who read them. */
static void add_bits(struct retiming *r, struct hls_flow *f, hls_id id, uint32_t own, uint32_t net, unsigned s,
                     unsigned low, unsigned high)
{
    hls_flow_add(f, own, net, (int32_t)(high - low));
    for (size_t e = r->first_reader[id]; e < r->first_reader[id + 1]; e++) {
        const struct edge *x = &r->reader[e];
        uint32_t v = x->to < r->fn->nodes ? r->vertex[x->to] : 0;
        if (x->low >= high || x->high <= low)
            continue;
        if (v)
            hls_flow_add(f, net, v, HLS_FLOW_ENDLESS);
        else if (stage_of(r, x->to) > s)
            hls_flow_add(f, net, HLS_FLOW_SINK, HLS_FLOW_ENDLESS);
    }
}

/* A value with all its bits; nobody who reads it goes to s without it. Returns the next free vertex. */
static uint32_t add_driver(struct retiming *r, struct hls_flow *f, hls_id id, uint32_t net, unsigned s)
{
    uint32_t own = r->vertex[id] ? r->vertex[id] : r->fn->node[id].stage > s ? HLS_FLOW_SINK : HLS_FLOW_SOURCE;
    struct points p = points_of(r, id);
    for (unsigned i = 0; i + 1 < p.n && own != HLS_FLOW_SINK; i++)
        add_bits(r, f, id, own, net++, s, p.at[i], p.at[i + 1]);
    for (size_t e = r->first_reader[id]; e < r->first_reader[id + 1] && r->vertex[id]; e++) {
        hls_id to = r->reader[e].to;
        if (to < r->fn->nodes && r->vertex[to])
            hls_flow_add(f, r->vertex[to], own, HLS_FLOW_ENDLESS);
    }
    return net;
}

static void add_bounds(struct retiming *r, struct hls_flow *f, hls_id id, unsigned s)
{
    bool early = r->head[id] <= r->timing.usable, late = r->tail[id] <= r->timing.usable;
    if (!late && r->fn->node[id].stage == s)
        hls_flow_add(f, HLS_FLOW_SOURCE, r->vertex[id], HLS_FLOW_ENDLESS);
    else if (!early)
        hls_flow_add(f, r->vertex[id], HLS_FLOW_SINK, HLS_FLOW_ENDLESS);
}

/* The values that may cross: computed in the two stages, or before and read there. The caller frees them. */
static hls_id *find_drivers(const struct retiming *r, size_t *drivers)
{
    hls_id *driver = hls_allocate(r->fn->nodes, sizeof *driver);
    uint8_t *seen = hls_allocate(r->fn->nodes, 1);
    *drivers = 0;
    for (size_t m = 0; m < r->members; m++) {
        hls_id id = r->member[m];
        if (!seen[id] && r->first_reader[id] < r->first_reader[id + 1])
            driver[(*drivers)++] = id;
        seen[id] = 1;
        for (size_t e = r->first_read[id]; e < r->first_read[id + 1]; e++) {
            hls_id from = r->edge[e].from;
            if (!seen[from])
                driver[(*drivers)++] = from;
            seen[from] = 1;
        }
    }
    free(seen);
    return driver;
}

static void number_vertices(struct retiming *r, struct hls_flow *f)
{
    f->vertices = 2;
    for (size_t m = 0; m < r->members; m++)
        r->vertex[r->member[m]] = can_move(r, r->member[m]) ? f->vertices++ : 0;
}

static void set_stages(struct retiming *r, const struct hls_flow *f, unsigned s)
{
    for (size_t m = 0; m < r->members; m++) {
        hls_id id = r->member[m];
        if (r->vertex[id])
            r->fn->node[id].stage = f->depth[r->vertex[id]] ? s : s + 1;
    }
}

static void go_back(struct retiming *r)
{
    for (size_t m = 0; m < r->members; m++)
        r->fn->node[r->member[m]].stage = r->before[m];
    hls_timing_settle(&r->timing, r->member, r->members);
}

static void build_flow(struct retiming *r, struct hls_flow *f, const hls_id *driver, size_t drivers, unsigned s)
{
    uint32_t net = f->vertices;
    for (size_t d = 0; d < drivers; d++)
        f->vertices += MOST_POINTS - 1;
    for (size_t d = 0; d < drivers; d++)
        net = add_driver(r, f, driver[d], net, s);
    for (size_t m = 0; m < r->members; m++)
        if (r->vertex[r->member[m]])
            add_bounds(r, f, r->member[m], s);
    f->vertices = net;
}

/* Takes the cut's division where it gains; back to the old one when it misses the period, or when the registers
 * are not fewer after all (a register takes all bits from its lowest to its highest). */
static bool improve_pair(struct retiming *r, unsigned s)
{
    struct hls_flow f = {0};
    size_t drivers;
    find_members(r, s);
    find_heads(r, s);
    find_tails(r, s);
    number_vertices(r, &f);
    hls_id *driver = find_drivers(r, &drivers);
    build_flow(r, &f, driver, drivers, s);
    int64_t now = bits_now(r, s, driver, drivers);
    bool gained = hls_flow_cut(&f) < now;
    if (gained) {
        set_stages(r, &f, s);
        gained = hls_timing_settle(&r->timing, r->member, r->members) && bits_now(r, s, driver, drivers) < now;
        if (!gained)
            go_back(r);
    }
    for (size_t m = 0; m < r->members; m++)
        r->vertex[r->member[m]] = 0;
    free(driver);
    hls_flow_release(&f);
    return gained;
}

/* --- all of it --- */

static void begin(struct retiming *r, struct hls_fn *fn, double clock_mhz)
{
    size_t n = fn->nodes + 1;
    *r = (struct retiming){.fn = fn};
    hls_timing_init(&r->timing, fn, clock_mhz);
    r->first_read = hls_allocate(n, sizeof *r->first_read);
    r->first_reader = hls_allocate(n, sizeof *r->first_reader);
    r->member = hls_allocate(n, sizeof *r->member);
    r->before = hls_allocate(n, sizeof *r->before);
    r->head = hls_allocate(n, sizeof *r->head);
    r->tail = hls_allocate(n, sizeof *r->tail);
    r->vertex = hls_allocate(n, sizeof *r->vertex);
    for (hls_id id = 0; id < fn->nodes; id++)
        r->member[id] = id;
    hls_timing_settle(&r->timing, r->member, fn->nodes);
    find_edges(r);
    find_readers(r);
}

static void release(struct retiming *r)
{
    hls_timing_release(&r->timing);
    free(r->edge);
    free(r->first_read);
    free(r->first_reader);
    free(r->reader);
    free(r->member);
    free(r->before);
    free(r->head);
    free(r->tail);
    free(r->vertex);
}

void hls_pass_retime(struct hls_fn *fn, double clock_mhz)
{
    struct retiming r;
    if (fn->loops)
        return;
    begin(&r, fn, clock_mhz);
    /* settled[s + 1]: nothing has moved in or beside stages s and s + 1 since they were last divided. */
    uint8_t *settled = hls_allocate(fn->stages + 2, 1);
    bool gained = true;
    for (int sweep = 0; sweep < SWEEPS && gained; sweep++) {
        gained = false;
        for (unsigned i = 0; i + 1 < fn->stages; i++) {
            unsigned s = sweep & 1 ? fn->stages - 2 - i : i;
            if (settled[s + 1])
                continue;
            bool moved = improve_pair(&r, s);
            settled[s + 1] = 1;
            if (moved)
                settled[s] = settled[s + 2] = 0;
            gained |= moved;
        }
    }
    free(settled);
    release(&r);
}

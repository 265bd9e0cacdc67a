/* Rolled loops. What goes round in one (a phi of its header, a cell of memory that it changes) is a state of
 * the loop: `first round ? value before : what the last round left`. What does so and depends on nothing but
 * the number of the round (counters, and whether a cell has been written) is known in each round, and becomes
 * a table.
 *
 * Both are found out by lowering the body: again and again, until nothing new turns up, then once for good.
 * What a trial made and the last lowering does not use is never looked at again. */
#include "hls/compiler/lower.h"

#include "hls/compiler/memory.h"
#include "hls/compiler/optimize.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TRIALS = 64 };

struct carried {
    LLVMValueRef phi;      /* NULL: a cell */
    unsigned cell;         /* its number */
    bool says_defined;     /* not the cell's value but whether it has one */
    hls_id before, header; /* before the loop; at the start of a round */
    unsigned state;
    bool is_blank;   /* it has no value before the loop, and nobody looks at the one it has in its place */
    bool is_unknown; /* not known in each round, as far as this trial shows */
    bool is_revoked; /* it was once taken to be known and is not */
    hls_int *known;  /* its value in each round, or NULL */
    hls_id next;     /* at the end of a round */
};

struct rolled {
    struct hls_lowering *l;
    const struct hls_rolled *at;
    unsigned loop, rounds;           /* rounds 0: not found out yet */
    struct hls_cell *outer, *memory; /* before the loop, and at the start of a round */
    struct carried *carried;
    unsigned n;
    bool failed; /* the last trial did not see all accesses to memory */
};

/* --- what goes round --- */

static unsigned new_state(struct rolled *r, unsigned width)
{
    char *name = hls_text("loop%u.%u", r->loop, r->n);
    struct hls_state s = {.name = name, .loop = r->loop};
    s.lo = width == 1 ? 0 : -hls_two_to(width - 1);
    s.hi = width == 1 ? 1 : hls_two_to(width - 1) - 1;
    unsigned i = hls_fn_add_state(r->l->fn, &s);
    r->l->fn->state[i].next = hls_state(r->l->fn, i);
    free(name);
    return i;
}

static void add_carried(struct rolled *r, struct carried c, unsigned width)
{
    c.state = new_state(r, width);
    r->carried = hls_resize(r->carried, r->n + 1, sizeof *r->carried);
    r->carried[r->n++] = c;
}

static void add_phis(struct rolled *r)
{
    const struct hls_block *header = &r->l->block[r->at->header];
    LLVMValueRef i = LLVMGetFirstInstruction(header->block);
    for (; LLVMIsAPHINode(i) && !r->l->code; i = LLVMGetNextInstruction(i)) {
        LLVMTypeRef type = LLVMTypeOf(i);
        r->l->loc = r->at->loc;
        if (hls_lower_is_pointer(i))
            hls_lower_refuse(r->l, "pointer that moves in a rolled loop (index an array instead)");
        else if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind || LLVMGetIntTypeWidth(type) > HLS_MAX_WIDTH)
            hls_lower_refuse(r->l,
                             "something other than integers of up to 64 bits goes round in a rolled loop");
        else
            add_carried(r, (struct carried){.phi = i, .before = hls_lower_phi(r->l, i, header)},
                        LLVMGetIntTypeWidth(type));
    }
}

static bool is_carried(const struct rolled *r, unsigned cell, bool says_defined)
{
    for (unsigned i = 0; i < r->n; i++)
        if (!r->carried[i].phi && r->carried[i].cell == cell && r->carried[i].says_defined == says_defined)
            return true;
    return false;
}

static void add_cell(struct rolled *r, unsigned cell, const struct hls_cell *after)
{
    struct hls_cell *outer = &r->outer[cell];
    bool blank = outer->value == HLS_UNDEFINED;
    unsigned width = blank || outer->width < after->width ? after->width : outer->width;
    struct carried c = {
        .cell = cell, .before = blank ? hls_const(r->l->fn, 0) : outer->value, .is_blank = blank};
    add_carried(r, c, width);
    if (blank || after->width < outer->width)
        outer->width = after->width;
}

/* Cells that a round leaves different are carried from now on. Returns whether there are new ones. */
static bool add_cells(struct rolled *r)
{
    const struct hls_cell *end = r->l->block[r->at->latch].memory;
    unsigned before = r->n;
    for (unsigned c = 0; c < r->l->cells; c++) {
        if (end[c].value != r->memory[c].value && !is_carried(r, c, false))
            add_cell(r, c, &end[c]);
        if (end[c].defined != r->memory[c].defined && !is_carried(r, c, true))
            add_carried(r, (struct carried){.cell = c, .says_defined = true, .before = r->outer[c].defined},
                        1);
    }
    return r->n > before;
}

/* --- one lowering of the body --- */

static hls_id at_header(struct rolled *r, const struct carried *c)
{
    struct hls_fn *fn = r->l->fn;
    if (c->before == HLS_UNDEFINED)
        return HLS_UNDEFINED;
    if (!r->rounds)
        return hls_state(fn, c->state);
    if (c->known)
        return hls_of_rounds(fn, r->loop, c->known);
    if (c->is_blank && r->rounds > 1)
        return hls_state(fn, c->state);
    hls_id first = hls_binary(fn, HLS_EQ, hls_round(fn, r->loop), hls_const(fn, 0));
    return hls_select(fn, first, hls_hold(fn, r->loop, c->before), hls_state(fn, c->state));
}

static void begin_round(struct rolled *r)
{
    for (unsigned c = 0; c < r->l->cells; c++) {
        r->memory[c] = r->outer[c];
        r->memory[c].value = hls_lower_seen(r->l, r->outer[c].value);
        r->memory[c].defined = hls_lower_seen(r->l, r->outer[c].defined);
    }
    for (unsigned i = 0; i < r->n; i++) {
        struct carried *c = &r->carried[i];
        c->header = at_header(r, c);
        if (c->phi)
            hls_map_set(&r->l->values, c->phi, c->header);
        else if (c->says_defined)
            r->memory[c->cell].defined = c->header;
        else
            r->memory[c->cell].value = c->header;
    }
    memcpy(r->l->memory, r->memory, r->l->cells * sizeof *r->memory);
}

static hls_id from_latch(struct rolled *r, LLVMValueRef phi)
{
    LLVMBasicBlockRef latch = r->l->block[r->at->latch].block;
    unsigned i = 0;
    while (LLVMGetIncomingBlock(phi, i) != latch)
        i++;
    return hls_lower_value(r->l, LLVMGetIncomingValue(phi, i));
}

static void end_round(struct rolled *r)
{
    const struct hls_cell *end = r->l->block[r->at->latch].memory;
    for (unsigned i = 0; i < r->n; i++) {
        struct carried *c = &r->carried[i];
        if (c->phi)
            c->next = from_latch(r, c->phi);
        else
            c->next = c->says_defined ? end[c->cell].defined : end[c->cell].value;
    }
}

static void lower_round(struct rolled *r)
{
    unsigned refusals = r->l->refusals;
    r->l->stays = hls_const(r->l->fn, 1);
    begin_round(r);
    hls_lower_body(r->l, r->l->inside);
    r->failed = r->l->refusals > refusals;
    if (!r->l->code)
        end_round(r);
}

/* --- what is known in each round --- */

/* A walk through the rounds with the values that need nothing but the round. */
struct walk {
    const struct rolled *r;
    const struct hls_fn *fn;
    uint8_t *open; /* nodes that need more */
    hls_int *value, *state;
};

static const struct carried *carried_in(const struct rolled *r, hls_int state)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->carried[i].state == state)
            return &r->carried[i];
    return NULL;
}

static bool is_open(const struct walk *w, const struct hls_node *n)
{
    if (n->op == HLS_STATE) {
        const struct carried *c = carried_in(w->r, n->imm);
        return !c || c->is_unknown || c->known;
    }
    bool open = n->op == HLS_INPUT || n->op == HLS_LAST || (n->loop != w->r->loop && n->op != HLS_CONST);
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        open |= w->open[n->arg[i]];
    return open;
}

/* Returns whether a carried value turned out to be unknown that was not before. */
static bool find_open(struct walk *w, struct rolled *r)
{
    bool found = false;
    for (hls_id id = 0; id < w->fn->nodes; id++)
        w->open[id] = is_open(w, &w->fn->node[id]);
    for (unsigned i = 0; i < r->n; i++) {
        struct carried *c = &r->carried[i];
        bool open = !hls_is_const(w->fn, c->before, NULL) || c->next == HLS_UNDEFINED || w->open[c->next];
        found |= open && !c->is_unknown;
        c->is_unknown |= open;
    }
    return found;
}

static void walk_round(struct walk *w, unsigned round)
{
    for (hls_id id = 0; id < w->fn->nodes; id++) {
        const struct hls_node *n = &w->fn->node[id];
        hls_int arg[HLS_MAX_OPERANDS] = {0};
        if (w->open[id])
            continue;
        for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
            arg[i] = w->value[n->arg[i]];
        w->value[id] = n->op == HLS_ROUND   ? (hls_int)round
                       : n->op == HLS_STATE ? w->state[n->imm]
                                            : hls_evaluate(w->fn, n->op, n->imm, arg);
    }
}

/* Notes what the round begins with, after the one that is noted already. */
static void note_round(struct walk *w, struct rolled *r, hls_int **seen, unsigned round)
{
    for (unsigned i = 0; i < r->n; i++) {
        struct carried *c = &r->carried[i];
        if (c->is_unknown)
            continue;
        hls_int value = 0;
        if (round)
            value = w->value[c->next];
        else
            hls_is_const(w->fn, c->before, &value);
        seen[i][round] = w->state[c->state] = value;
    }
}

/* Goes round until the loop is left. 0: it is not, within the rounds allowed. */
static unsigned walk_rounds(struct walk *w, struct rolled *r, hls_int **seen)
{
    for (unsigned round = 0; round < HLS_MAX_ROUNDS; round++) {
        note_round(w, r, seen, round);
        walk_round(w, round);
        if (!w->value[r->l->stays])
            return round + 1;
    }
    return 0;
}

/* Takes over what has been seen. What was thought to be known and is not, never will be. Returns whether
 * anything changed. */
static bool keep_seen(struct rolled *r, hls_int **seen)
{
    bool changed = false;
    for (unsigned i = 0; i < r->n; i++) {
        struct carried *c = &r->carried[i];
        bool same = c->known && !c->is_unknown && !memcmp(c->known, seen[i], r->rounds * sizeof *c->known);
        if (same || (!c->known && c->is_unknown))
            continue;
        changed = true;
        c->is_revoked |= c->known != NULL;
        c->is_unknown |= c->is_revoked;
        free(c->known);
        c->known = NULL;
        if (c->is_unknown)
            continue;
        c->known = hls_allocate(r->rounds, sizeof *c->known);
        memcpy(c->known, seen[i], r->rounds * sizeof *c->known);
    }
    return changed;
}

static void walk(struct walk *w, struct rolled *r, bool *changed)
{
    hls_int **seen = hls_allocate(r->n, sizeof *seen);
    for (unsigned i = 0; i < r->n; i++)
        seen[i] = hls_allocate(HLS_MAX_ROUNDS, sizeof **seen);
    for (unsigned i = 0; i < r->n; i++)
        r->carried[i].is_unknown = r->carried[i].is_revoked || (r->failed && !r->carried[i].phi);
    while (find_open(w, r))
        ;
    unsigned rounds = w->open[r->l->stays] ? 0 : walk_rounds(w, r, seen);
    *changed |= r->rounds != rounds;
    r->rounds = rounds;
    if (rounds)
        *changed |= keep_seen(r, seen);
    for (unsigned i = 0; i < r->n; i++)
        free(seen[i]);
    free(seen);
}

/* Returns whether there is something new; r->rounds is 0 when the loop's end depends on more than the round.
 */
static bool find_known(struct rolled *r)
{
    struct hls_fn *fn = r->l->fn;
    struct walk w = {.r = r, .fn = fn};
    bool changed = false;
    w.open = hls_allocate(fn->nodes, sizeof *w.open);
    w.value = hls_allocate(fn->nodes, sizeof *w.value);
    w.state = hls_allocate(fn->states, sizeof *w.state);
    walk(&w, r, &changed);
    free(w.open);
    free(w.value);
    free(w.state);
    return changed;
}

/* --- the whole --- */

static void scout(struct rolled *r)
{
    bool more = true;
    r->l->scouting = true;
    for (unsigned trial = 0; more && trial < MOST_TRIALS; trial++) {
        lower_round(r);
        more = add_cells(r);
        if (!more)
            more = find_known(r);
        if (!more && !r->rounds)
            break;
        r->l->fn->loop[r->loop].rounds = r->rounds ? r->rounds : HLS_MAX_ROUNDS;
    }
    r->l->scouting = false;
    r->l->loc = r->at->loc;
    if (!r->rounds)
        hls_lower_refuse(r->l,
                         "a rolled loop whose number of rounds is not a constant, or is above %d (give it a "
                         "fixed bound, and an if inside)",
                         HLS_MAX_ROUNDS);
    else if (more)
        hls_lower_refuse(r->l, "a rolled loop in which too many things depend on each other (split it)");
}

static void set_states(struct rolled *r)
{
    for (unsigned i = 0; i < r->n && !r->l->code; i++) {
        struct carried *c = &r->carried[i];
        if (c->known || c->before == HLS_UNDEFINED || r->rounds == 1)
            continue;
        r->l->loc = r->at->loc;
        if (c->next == HLS_UNDEFINED)
            hls_lower_refuse(r->l,
                             "what goes round in a rolled loop may be given an uninitialised value (set it)");
        else
            r->l->fn->state[c->state].next = c->next;
    }
}

/* The way out, with the memory as the last round leaves it. */
static void leave(struct rolled *r)
{
    struct hls_lowering *l = r->l;
    struct hls_cell *end = l->block[r->at->latch].memory;
    LLVMValueRef last = LLVMGetBasicBlockTerminator(l->block[r->at->latch].block);
    l->inside = l->loop = 0;
    for (unsigned c = 0; c < l->cells; c++) {
        bool same = end[c].value == r->memory[c].value && end[c].defined == r->memory[c].defined;
        end[c].value = same ? r->outer[c].value : hls_lower_seen(l, end[c].value);
        end[c].defined = same ? r->outer[c].defined : hls_lower_seen(l, end[c].defined);
    }
    for (unsigned s = 0; s < LLVMGetNumSuccessors(last); s++)
        if (LLVMGetSuccessor(last, s) != l->block[r->at->header].block)
            hls_lower_add_edge(l, r->at->latch, LLVMGetSuccessor(last, s), l->outer);
}

static void lower_rolled(struct rolled *r)
{
    struct hls_lowering *l = r->l;
    struct hls_block *header = &l->block[r->at->header];
    add_phis(r);
    l->loop = r->loop;
    l->outer = header->reached;
    header->reached = hls_const(l->fn, 1);
    l->unknown = hls_state(l->fn, new_state(r, HLS_MAX_WIDTH));
    if (!l->code)
        scout(r);
    if (!l->code)
        lower_round(r);
    set_states(r);
    if (!l->code)
        leave(r);
}

void hls_lower_rolled(struct hls_lowering *l, unsigned which)
{
    struct rolled r = {.l = l, .at = &l->rolled[which - 1]};
    r.outer = hls_allocate(l->cells, sizeof *r.outer);
    r.memory = hls_allocate(l->cells, sizeof *r.memory);
    memcpy(r.outer, l->memory, l->cells * sizeof *r.outer);
    r.loop = hls_fn_add_loop(l->fn, HLS_MAX_ROUNDS, r.at->loc);
    l->inside = which;
    lower_rolled(&r);
    for (unsigned i = 0; i < r.n; i++)
        free(r.carried[i].known);
    free(r.carried);
    free(r.outer);
    free(r.memory);
}

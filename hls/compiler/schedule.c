/* Pipeline stages: every node as early as the delay model allows (timing.h).
 *
 * A state is read in one stage, and its next value must be there when the next evaluation, `ii` clocks
 * behind, reads it; that of a loop's state one clock later, for the next round. So its stage moves back until
 * that is so; when the way from a state to its own next value is too long for that, no stage will do.
 *
 * A loop begins where all that it holds is there. Its stages are counted as everywhere: from the start of the
 * evaluation to the first round. */
#include "hls/compiler/memory.h"
#include "hls/compiler/options.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/timing.h"

#include <stdlib.h>
#include <string.h>

static void place_all(struct hls_fn *fn, double clock_mhz, hls_id *too_slow)
{
    struct hls_timing t;
    hls_timing_init(&t, fn, clock_mhz);
    hls_timing_place(&t);
    hls_timing_release(&t);
    *too_slow = t.too_slow;
}

/* Stages up to the last root. */
static unsigned count_stages(const struct hls_fn *fn)
{
    unsigned stages = 1;
    for (unsigned i = 0; i < hls_roots(fn); i++) {
        const struct hls_node *n = &fn->node[*hls_root(fn, i)];
        if (n->demand && n->stage + n->wait >= stages)
            stages = n->stage + n->wait + 1;
    }
    return stages;
}

/* How many stages the next value of a state comes too late. */
static unsigned lateness(const struct hls_fn *fn, unsigned state)
{
    const struct hls_state *s = &fn->state[state];
    unsigned from = hls_read_from(&fn->node[s->next]), due = hls_state_due(fn, s);
    return fn->node[s->next].demand && from > due ? from - due : 0;
}

enum motion { AT_REST, MOVED, TOO_FAR };

/* Moves each state to where its next value is in time; not beyond `most`. */
static enum motion move_states(struct hls_fn *fn, unsigned most)
{
    enum motion result = AT_REST;
    for (unsigned i = 0; i < fn->states && result != TOO_FAR; i++) {
        unsigned by = lateness(fn, i);
        fn->state[i].stage += by;
        if (by)
            result = fn->state[i].stage > most ? TOO_FAR : MOVED;
    }
    return result;
}

/* Moves each loop and its states to where the last held value is there. Returns whether any moved. */
static bool move_loops(struct hls_fn *fn)
{
    bool moved = false;
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        moved |= n->demand && n->op == HLS_HOLD && n->stage > fn->loop[n->loop].begin;
        if (n->demand && n->op == HLS_HOLD && n->stage > fn->loop[n->loop].begin)
            fn->loop[n->loop].begin = n->stage;
    }
    for (unsigned i = 0; i < fn->states; i++)
        if (fn->state[i].stage < fn->loop[fn->state[i].loop].begin)
            fn->state[i].stage = fn->loop[fn->state[i].loop].begin;
    return moved;
}

/* --- the message about a way that is too long --- */

static hls_id node_of_state(const struct hls_fn *fn, unsigned state)
{
    hls_id id = 0;
    while (fn->node[id].op != HLS_STATE || fn->node[id].imm != state)
        id++;
    return id;
}

/* reached[id]: whether the node depends on the state. */
static uint8_t *depend_on(const struct hls_fn *fn, unsigned state)
{
    uint8_t *reached = hls_allocate(fn->nodes, 1);
    reached[node_of_state(fn, state)] = 1;
    for (hls_id id = 0; id < fn->nodes; id++)
        for (unsigned a = 0; a < hls_op_info[fn->node[id].op].operands; a++)
            reached[id] |= reached[fn->node[id].arg[a]];
    return reached;
}

/* The operand on the longest way from the state to here; HLS_NONE at the state itself. */
static hls_id latest_operand(const struct hls_fn *fn, hls_id id, const uint8_t *reached)
{
    hls_id latest = HLS_NONE;
    for (unsigned a = 0; a < hls_op_info[fn->node[id].op].operands; a++) {
        hls_id x = fn->node[id].arg[a];
        if (reached[x] && (latest == HLS_NONE || hls_timing_compare(fn, x, latest) > 0))
            latest = x;
    }
    return latest;
}

static char *describe_node(const struct hls_fn *fn, hls_id id)
{
    const struct hls_node *n = &fn->node[id];
    char *place = hls_place(fn, n->loc);
    char *text = *place ? hls_text("'%s' (line %s)", hls_op_info[n->op].text, place)
                        : hls_text("'%s'", hls_op_info[n->op].text);
    free(place);
    return text;
}

/* "'mul' (line 4), 'add' (line 5)", from the state to its next value. Wiring takes no time and is left out,
 * and neighbours that read the same are named once. */
static char *describe_way(const struct hls_fn *fn, hls_id id, const uint8_t *reached)
{
    char *text = hls_copy_text("");
    for (; id != HLS_NONE; id = latest_operand(fn, id, reached)) {
        if (hls_is_wiring(fn->node[id].op))
            continue;
        char *step = describe_node(fn, id);
        if (strncmp(text, step, strlen(step))) {
            char *longer = hls_text("%s%s%s", step, *text ? ", " : "", text);
            free(text);
            text = longer;
        }
        free(step);
    }
    return text;
}

static int refuse_state(const struct hls_fn *fn, unsigned state, double clock_mhz)
{
    const struct hls_state *s = &fn->state[state];
    const struct hls_node *next = &fn->node[s->next];
    uint8_t *reached = depend_on(fn, state);
    char *way = describe_way(fn, s->next, reached);
    char *what = hls_state_keeps(s)
                     ? hls_text("state '%s'", s->name)
                     : hls_text("what goes round in the loop of line %u", fn->loop[s->loop].loc.line);
    int code =
        hls_refuse(next->loc.file ? next->loc : fn->top,
                   "%s is not ready for the next %s at %.3f MHz: from its value to the next one "
                   "it goes through %s (shorten that way, or lower --clock-mhz%s)",
                   what, s->loop ? "round" : "input", clock_mhz, way, s->loop ? "" : ", or raise --ii");
    free(what);
    free(way);
    free(reached);
    return code;
}

/* Of states that chase each other, one that is late whatever the others do. */
static unsigned find_slow_state(struct hls_fn *fn, double clock_mhz)
{
    hls_id slow;
    for (unsigned i = 0; i < fn->states; i++) {
        place_all(fn, clock_mhz, &slow);
        fn->state[i].stage += lateness(fn, i);
        place_all(fn, clock_mhz, &slow);
        if (lateness(fn, i))
            return i;
    }
    return 0;
}

int hls_pass_schedule(struct hls_fn *fn, double clock_mhz)
{
    hls_id slow;
    for (unsigned i = 0; i < fn->states; i++)
        fn->state[i].stage = 0;
    for (unsigned i = 0; i <= fn->loops; i++)
        fn->loop[i].begin = 0;
    place_all(fn, clock_mhz, &slow);
    while (slow == HLS_NONE && move_loops(fn))
        place_all(fn, clock_mhz, &slow);
    unsigned most = (count_stages(fn) + 1) * (fn->states + 1);
    enum motion motion = AT_REST;
    while (slow == HLS_NONE &&
           ((motion = move_states(fn, most)) == MOVED || (motion == AT_REST && move_loops(fn))))
        place_all(fn, clock_mhz, &slow);
    if (slow != HLS_NONE)
        return hls_refuse(
            fn->node[slow].loc,
            "'%s' needs %.2f ns (estimate) and cannot be pipelined at %.3f MHz (lower --clock-mhz)",
            hls_op_info[fn->node[slow].op].text, (double)fn->node[slow].arrival, clock_mhz);
    if (motion == TOO_FAR)
        return refuse_state(fn, find_slow_state(fn, clock_mhz), clock_mhz);
    fn->stages = count_stages(fn);
    return 0;
}

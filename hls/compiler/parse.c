/* hls_parse(): the text of hls_dump() back to a graph. Every line is checked before it is believed: operands
 * that are there, numbers whose intervals can be computed without overflow. */
#include "hls/compiler/ir.h"
#include "hls/compiler/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct hls_fn *fn;
    const char *name; /* of the text */
    char *line;
    size_t room;
    unsigned number; /* of the line */
    const char *at;
    bool wrong;
    hls_id *shown; /* the id that the text gives to node i; ascending */
    hls_id nodes, space;
};

static bool fail(struct parser *p, const char *what)
{
    if (!p->wrong)
        fprintf(stderr, "%s:%u: %s\n", p->name, p->number, what);
    p->wrong = true;
    return false;
}

/* --- words and numbers --- */

static void skip_blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

/* Takes `text` when it stands here, as a word or a sign of its own. */
static bool accept(struct parser *p, const char *text)
{
    size_t n = strlen(text);
    skip_blanks(p);
    if (strncmp(p->at, text, n) || (isalnum((unsigned char)text[n - 1]) && isalnum((unsigned char)p->at[n])))
        return false;
    p->at += n;
    return true;
}

static bool expect(struct parser *p, const char *text)
{
    char message[80];
    if (accept(p, text))
        return true;
    snprintf(message, sizeof message, "'%s' is missing here", text);
    return fail(p, message);
}

/* Of at most 126 bits, so that sums of two stay within hls_int. */
static hls_int take_number(struct parser *p)
{
    hls_int value = 0, most = hls_two_to(HLS_WIDEST - 1) - 1;
    skip_blanks(p);
    bool minus = *p->at == '-';
    p->at += minus;
    if (!isdigit((unsigned char)*p->at))
        fail(p, "a number is missing here");
    for (; isdigit((unsigned char)*p->at) && !p->wrong; p->at++) {
        int digit = *p->at - '0';
        if (value > (most - digit) / 10)
            fail(p, "a number of more than 126 bits");
        else
            value = value * 10 + digit;
    }
    return minus ? -value : value;
}

static unsigned take_count(struct parser *p, unsigned most)
{
    hls_int value = take_number(p);
    if (value < 0 || value > (hls_int)most)
        fail(p, "a number is out of range");
    return p->wrong ? 0 : (unsigned)value;
}

/* What stands before the next blank; the caller frees it. */
static char *take_name(struct parser *p)
{
    skip_blanks(p);
    size_t n = strcspn(p->at, " \t");
    if (!n)
        fail(p, "a name is missing here");
    char *name = hls_allocate(n + 1, 1);
    memcpy(name, p->at, n);
    p->at += n;
    return name;
}

static void take_interval(struct parser *p, hls_int *lo, hls_int *hi)
{
    expect(p, ":");
    *lo = take_number(p);
    expect(p, "..");
    *hi = take_number(p);
    if (*lo > *hi)
        fail(p, "the interval is empty");
}

/* --- ports, states, tables --- */

static void take_port(struct parser *p)
{
    struct hls_port port = {0};
    port.is_output = accept(p, "out");
    if (!port.is_output)
        expect(p, "in");
    port.is_signed = accept(p, "signed");
    if (!port.is_signed)
        expect(p, "unsigned");
    port.width = take_count(p, HLS_MAX_WIDTH);
    port.is_array = accept(p, "array");
    if (!port.is_array)
        expect(p, "scalar");
    port.count = take_count(p, 65536);
    port.name = take_name(p);
    expect(p, ":");
    skip_blanks(p);
    port.type = hls_copy_text(p->at);
    p->at += strlen(p->at);
    if (!p->wrong && (!port.width || !port.count || p->nodes))
        fail(p, "a port of no bits or elements, or after the first node");
    if (!p->wrong)
        hls_fn_add_port(p->fn, &port);
    free(port.name);
    free(port.type);
}

static void take_loop(struct parser *p)
{
    if (take_count(p, HLS_MAX_ROUNDS) != p->fn->loops + 1 || p->fn->states || p->nodes)
        fail(p, "loops must be in order and before the first state and node");
    expect(p, "rounds");
    unsigned rounds = take_count(p, HLS_MAX_ROUNDS);
    expect(p, "begin");
    unsigned begin = take_count(p, 1u << 20);
    if (!p->wrong && (!rounds || rounds > p->fn->ii))
        fail(p, "a loop of no rounds, or of more than ii");
    if (p->wrong)
        return;
    unsigned loop = hls_fn_add_loop(p->fn, rounds, (struct hls_loc){0});
    p->fn->loop[loop].begin = begin;
}

static void take_state(struct parser *p)
{
    struct hls_state s = {0};
    if (take_count(p, UINT32_MAX) != p->fn->states || p->nodes)
        fail(p, "states must be in order and before the first node");
    expect(p, "initial");
    s.initial = take_number(p);
    take_interval(p, &s.lo, &s.hi);
    if (accept(p, "stage"))
        s.stage = take_count(p, UINT32_MAX);
    if (accept(p, "loop"))
        s.loop = take_count(p, p->fn->loops);
    s.keeps = s.loop && accept(p, "keeps");
    s.name = take_name(p);
    if (!p->wrong)
        hls_fn_add_state(p->fn, &s);
    free(s.name);
}

static void take_table(struct parser *p)
{
    hls_int *value = NULL;
    size_t n = 0;
    if (take_count(p, UINT32_MAX) != p->fn->tables)
        fail(p, "tables must be in order");
    expect(p, ":");
    for (skip_blanks(p); *p->at && !p->wrong; skip_blanks(p)) {
        value = hls_resize(value, n + 1, sizeof *value);
        value[n++] = take_number(p);
    }
    size_t expected = p->fn->tables;
    if (!p->wrong && (!n || n & (n - 1)))
        fail(p, "a table's size must be a power of two");
    if (!p->wrong && hls_fn_add_table(p->fn, value, n) != expected)
        fail(p, "the same table twice");
    free(value);
}

/* --- nodes --- */

/* `%12`: the node that the text calls 12. */
static hls_id take_node(struct parser *p)
{
    expect(p, "%");
    unsigned shown = take_count(p, UINT32_MAX);
    hls_id first = 0, end = p->nodes;
    while (first < end) {
        hls_id middle = first + (end - first) / 2;
        if (p->shown[middle] < shown)
            first = middle + 1;
        else
            end = middle;
    }
    if (!p->wrong && first < p->nodes && p->shown[first] == shown)
        return first;
    fail(p, "no node of that number above");
    return HLS_NONE;
}

static unsigned bits_of(const struct parser *p, hls_id id)
{
    return hls_bits(p->fn->node[id].lo, p->fn->node[id].hi);
}

static bool is_within(const struct parser *p, hls_id id, hls_int lo, hls_int hi)
{
    return p->fn->node[id].lo >= lo && p->fn->node[id].hi <= hi;
}

static bool is_index(const struct parser *p, const struct hls_node *n)
{
    return n->imm >= 0 && n->imm < (hls_int)p->fn->tables &&
           is_within(p, n->arg[0], 0, (hls_int)p->fn->table[n->imm].size - 1);
}

/* Whether the interval of the operation can be computed. */
static bool is_computable(const struct parser *p, const struct hls_node *n)
{
    hls_int top = HLS_WIDEST - 1;
    switch (n->op) {
    case HLS_INPUT: return n->imm >= 0 && n->imm < (hls_int)p->fn->inputs;
    case HLS_STATE: return n->imm >= 0 && n->imm < (hls_int)p->fn->states;
    case HLS_MUL: return bits_of(p, n->arg[0]) + bits_of(p, n->arg[1]) <= HLS_WIDEST;
    case HLS_SHL: return n->imm >= 0 && n->imm + (hls_int)bits_of(p, n->arg[0]) <= HLS_WIDEST;
    case HLS_SHR: return n->imm >= 0 && n->imm <= top;
    case HLS_SHLV: return is_within(p, n->arg[1], 0, HLS_WIDEST - (hls_int)bits_of(p, n->arg[0]));
    case HLS_SHRV: return is_within(p, n->arg[1], 0, top);
    case HLS_WRAPU:
    case HLS_WRAPS: return n->imm >= 1 && n->imm < top;
    case HLS_ROM: return is_index(p, n);
    case HLS_ROUND: return n->imm >= 1 && n->imm <= (hls_int)p->fn->loops;
    case HLS_HOLD: return n->imm >= 1 && n->imm <= (hls_int)p->fn->loops && p->fn->node[n->arg[0]].loop == 0;
    case HLS_LAST: return p->fn->node[n->arg[0]].loop > 0;
    default: return true;
    }
}

static void take_operation(struct parser *p, struct hls_node *n)
{
    char *text = take_name(p);
    int op = 0;
    while (op < HLS_OPS && strcmp(hls_op_info[op].text, text))
        op++;
    free(text);
    if (op == HLS_OPS) {
        fail(p, "no such operation");
        return;
    }
    n->op = (enum hls_op)op;
    for (unsigned i = 0; i < HLS_MAX_OPERANDS; i++)
        n->arg[i] = i < hls_op_info[op].operands && !p->wrong ? take_node(p) : HLS_NONE;
    if (hls_op_info[op].immediate && !p->wrong)
        n->imm = take_number(p);
    if (!p->wrong && !is_computable(p, n))
        fail(p, "operands or number do not suit the operation");
}

static void take_notes(struct parser *p, struct hls_node *n)
{
    if (accept(p, "demand"))
        n->demand = take_count(p, HLS_WIDEST);
    if (accept(p, "stage")) {
        n->stage = take_count(p, UINT32_MAX);
        expect(p, "at");
        char *end;
        skip_blanks(p);
        n->arrival = strtof(p->at, &end);
        p->at = end;
    }
    if (accept(p, "wait"))
        n->wait = take_count(p, 16);
}

/* The text's interval may be narrower than the operation's, never beside it. */
static void take_range(struct parser *p, struct hls_node *n)
{
    hls_int lo, hi;
    take_interval(p, &lo, &hi);
    if (p->wrong)
        return;
    hls_range(p->fn, n);
    if (lo > n->hi || hi < n->lo || (n->op == HLS_CONST && (lo != n->imm || hi != n->imm)))
        fail(p, "an interval that the operation cannot have");
    n->lo = lo;
    n->hi = hi;
}

static void add_node(struct parser *p, unsigned shown, const struct hls_node *n)
{
    if (p->nodes && p->shown[p->nodes - 1] >= shown)
        fail(p, "node numbers must ascend");
    else if (hls_intern(p->fn, n) != p->nodes)
        fail(p, "the same node twice");
    if (p->wrong)
        return;
    if (p->nodes == p->space) {
        p->space = p->space ? 2 * p->space : 256;
        p->shown = hls_resize(p->shown, p->space, sizeof *p->shown);
    }
    p->shown[p->nodes++] = shown;
}

static void take_definition(struct parser *p)
{
    struct hls_node n = {.op = HLS_CONST};
    unsigned shown = take_count(p, HLS_NONE - 2);
    expect(p, "=");
    if (!p->wrong)
        take_operation(p, &n);
    if (!p->wrong)
        take_range(p, &n);
    take_notes(p, &n);
    if (!p->wrong)
        add_node(p, shown, &n);
}

/* --- roots --- */

static void set_root(struct parser *p, hls_id *root)
{
    expect(p, "=");
    hls_id id = take_node(p);
    if (!p->wrong && *root != HLS_NONE)
        fail(p, "given twice");
    *root = id;
}

static void take_output(struct parser *p)
{
    skip_blanks(p);
    for (size_t i = 0; i < p->fn->ports; i++) {
        const struct hls_port *port = &p->fn->port[i];
        size_t n = strlen(port->name);
        if (!port->is_output || strncmp(p->at, port->name, n) || p->at[n] != '[')
            continue;
        p->at += n + 1;
        unsigned element = take_count(p, port->count - 1);
        expect(p, "]");
        if (!p->wrong)
            set_root(p, &p->fn->output[port->first + element]);
        return;
    }
    fail(p, "no such output");
}

static void take_next(struct parser *p)
{
    unsigned state = take_count(p, UINT32_MAX);
    if (p->wrong || state >= p->fn->states)
        fail(p, "no such state");
    else
        set_root(p, &p->fn->state[state].next);
}

static void check_roots(struct parser *p)
{
    for (unsigned i = 0; i < hls_roots(p->fn) && !p->wrong; i++)
        if (*hls_root(p->fn, i) == HLS_NONE)
            fail(p, i < p->fn->outputs ? "ends before every output is given"
                                       : "ends before the next value of every state is given");
    if (!p->wrong && (!p->fn->outputs || !p->fn->inputs))
        fail(p, "a function without inputs or without outputs");
}

/* --- lines --- */

static void take_line(struct parser *p)
{
    static const struct {
        const char *word;
        void (*take)(struct parser *p);
    } kinds[] = {{"%", take_definition}, {"output", take_output}, {"next", take_next},  {"port", take_port},
                 {"loop", take_loop},    {"state", take_state},   {"table", take_table}};
    size_t k = 0, n = sizeof kinds / sizeof *kinds;
    while (k < n && !accept(p, kinds[k].word))
        k++;
    if (k == n)
        fail(p, "a line of no known kind (port, loop, state, table, %, output, next)");
    else
        kinds[k].take(p);
    skip_blanks(p);
    if (*p->at)
        fail(p, "more than belongs on the line");
}

/* Without what follows a semicolon. False at the end. */
static bool next_line(struct parser *p, FILE *from)
{
    while (getline(&p->line, &p->room, from) >= 0) {
        p->line[strcspn(p->line, ";\n")] = 0;
        p->at = p->line;
        p->number++;
        skip_blanks(p);
        if (*p->at)
            return true;
    }
    return false;
}

static void take_header(struct parser *p)
{
    expect(p, "function");
    char *name = take_name(p);
    expect(p, "stages");
    unsigned stages = take_count(p, 1u << 20);
    unsigned ii = accept(p, "ii") ? take_count(p, 1u << 20) : 1;
    p->fn = hls_fn_new(name);
    p->fn->stages = stages;
    p->fn->ii = ii;
    if (!p->wrong && !ii)
        fail(p, "an ii of 0");
    free(name);
}

struct hls_fn *hls_parse(FILE *from, const char *name)
{
    struct parser p = {.name = name};
    if (next_line(&p, from))
        take_header(&p);
    else
        fail(&p, "no function here");
    while (!p.wrong && next_line(&p, from))
        take_line(&p);
    if (!p.wrong)
        check_roots(&p);
    if (p.wrong)
        hls_fn_free(p.fn);
    free(p.line);
    free(p.shown);
    return p.wrong ? NULL : p.fn;
}

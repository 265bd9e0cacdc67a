#include "hls/compiler/emit.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/timing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Which bits of a node a pipeline register must carry: low..high-1; high = 0 means none. */
struct carried {
    unsigned low, high;
    bool read;       /* by the logic of the next stage, not only by the next register */
    bool in_shift;   /* a place of a shift register, not a register of its own */
    unsigned places; /* where the shift register ends: how many it has */
};

/* A value that is carried on untouched over so many registers goes through a shift register instead: without
 * reset, one statement, which synthesis maps to SRLs. Registers of its own remain at both ends. */
enum { LEAST_PLACES = 3 };

/* The text of the stages is produced twice by the same functions: first to nowhere, to learn which bits each
 * later stage reads, then to the file. */
struct verilog {
    const struct hls_fn *fn;
    bool clock_enable;
    FILE *to;                /* NULL: the first time */
    struct carried *carried; /* [node * stages + stage that ends in the register] */
    unsigned *state_width;   /* of each state; 0: nobody reads it */
    unsigned *left_by;       /* of each node: 1 + the loop's state that it is the next value of, or 0 */
    hls_id *same_index;      /* of each table: the next one of its stage with the same index */
    hls_id *table_at;        /* of each node: the first table of the stage that it is the index of */
    bool *is_joined;         /* of each table: it is written with an earlier one */
    unsigned loop, stage;    /* being written */
    bool loading;            /* registers from registers */
    uint8_t *shift;          /* [first place * stages + last place]: there is such a shift register */
};

static void put(const struct verilog *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(const struct verilog *v, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    if (v->to)
        vfprintf(v->to, format, ap);
    va_end(ap);
}

static const struct hls_node *node(const struct verilog *v, hls_id id)
{
    return &v->fn->node[id];
}

static struct carried *carried(const struct verilog *v, hls_id id, unsigned stage)
{
    return &v->carried[(size_t)id * v->fn->stages + stage];
}

/* --- bits of a value as an expression of exactly that width --- */

static void put_bits(struct verilog *v, hls_id id, unsigned low, unsigned width);

static void put_constant(const struct verilog *v, hls_int value, unsigned low, unsigned width)
{
    if (width > 64) {
        put(v, "{");
        put_constant(v, value, low + 64, width - 64);
        put(v, ", ");
        put_constant(v, value, low, 64);
        put(v, "}");
        return;
    }
    uint64_t bits = (uint64_t)(value >> (low < 127 ? low : 127));
    if (width < 64)
        bits &= ((uint64_t)1 << width) - 1;
    if (bits < 10)
        put(v, "%u'd%u", width, (unsigned)bits);
    else
        put(v, "%u'h%" PRIx64, width, bits);
}

static unsigned state_width(const struct verilog *v, unsigned state)
{
    return v->state_width[state];
}

static void put_repeated(struct verilog *v, unsigned times, hls_id id, unsigned bit)
{
    if (times > 1)
        put(v, "{%u{", times);
    put_bits(v, id, bit, 1);
    if (times > 1)
        put(v, "}}");
}

/* {above, bits low.. of id}, `own` of them from id and the others copies of bit `sign`, or 0 when there is no
 * sign. */
static void put_extended(struct verilog *v, hls_id id, unsigned low, unsigned own, unsigned width, int sign)
{
    if (own == width) {
        put_bits(v, id, low, width);
        return;
    }
    if (own)
        put(v, "{");
    if (sign < 0)
        put(v, "%u'd0", width - own);
    else
        put_repeated(v, width - own, id, (unsigned)sign);
    if (own) {
        put(v, ", ");
        put_bits(v, id, low, own);
        put(v, "}");
    }
}

/* Of the bits low..low+width-1, how many are below `limit`. */
static unsigned below(unsigned low, unsigned width, unsigned limit)
{
    return low >= limit ? 0 : low + width <= limit ? width : limit - low;
}

static void put_shifted(struct verilog *v, const struct hls_node *n, unsigned low, unsigned width)
{
    unsigned k = (unsigned)n->imm, zeros = below(low, width, k);
    if (zeros == width) {
        put(v, "%u'd0", width);
        return;
    }
    if (zeros)
        put(v, "{");
    put_bits(v, n->arg[0], low + zeros - k, width - zeros);
    if (zeros)
        put(v, ", %u'd0}", zeros);
}

static void put_slice(const struct verilog *v, unsigned low, unsigned width, unsigned whole)
{
    if (whole == 1 || width == whole)
        return;
    if (width == 1)
        put(v, "[%u]", low);
    else
        put(v, "[%u:%u]", low + width - 1, low);
}

static void put_input(const struct verilog *v, const struct hls_node *n, unsigned low, unsigned width)
{
    const struct hls_port *p = hls_fn_port(v->fn, false, (unsigned)n->imm);
    unsigned element = (unsigned)n->imm - p->first;
    put(v, "%s_i", p->name);
    put_slice(v, element * p->width + low, width, p->count * p->width);
}

/* Whether the state that the last round gave this value to holds these bits of it. */
static const struct hls_state *holder(const struct verilog *v, hls_id id, unsigned bits, unsigned *number)
{
    if (!v->left_by[id])
        return NULL;
    *number = v->left_by[id] - 1;
    const struct hls_state *s = &v->fn->state[*number];
    return bits <= state_width(v, *number) && s->stage == node(v, id)->stage + node(v, id)->wait ? s : NULL;
}

/* What leaves a loop is in the register behind its stage for one clock, or longer when no round follows. */
static void put_last(struct verilog *v, const struct hls_node *n, unsigned low, unsigned width)
{
    const struct hls_node *a = node(v, n->arg[0]);
    unsigned state, stage = v->stage;
    if (holder(v, n->arg[0], low + width, &state)) {
        put(v, "s%u", state);
        put_slice(v, low, width, state_width(v, state));
        return;
    }
    v->stage = a->stage + a->wait + 1;
    put_bits(v, n->arg[0], low, width);
    v->stage = stage;
}

static void put_present(struct verilog *v, hls_id id, unsigned low, unsigned width)
{
    const struct hls_node *n = node(v, id);
    if (n->op == HLS_INPUT) {
        put_input(v, n, low, width);
        return;
    }
    if (n->op == HLS_STATE)
        put(v, "s%u", (unsigned)n->imm);
    else if (n->op == HLS_ROUND)
        put(v, "round_%u", n->loop);
    else
        put(v, "t%u", id);
    put_slice(v, low, width, hls_node_width(n));
}

/* From the end of a shift register; see put_shifts(). */
static void put_shift_end(const struct verilog *v, hls_id id, unsigned low, unsigned width)
{
    const struct carried *c = carried(v, id, v->stage - 1);
    unsigned one = c->high - c->low;
    put(v, "d%u_%u", v->stage - c->places, id);
    put_slice(v, low - c->low + (c->places - 1) * one, width, c->places * one);
}

/* Bits that exist: from the port, from this stage's variable, or from the register before this stage. */
static void put_named(struct verilog *v, hls_id id, unsigned low, unsigned width)
{
    const struct hls_node *n = node(v, id);
    if (n->stage == v->stage && n->op == HLS_LAST) {
        put_last(v, n, low, width);
        return;
    }
    if (n->stage == v->stage) {
        put_present(v, id, low, width);
        return;
    }
    for (unsigned s = n->stage; s < v->stage && !v->to; s++) {
        struct carried *c = carried(v, id, s);
        c->low = c->high && c->low < low ? c->low : low;
        c->high = c->high > low + width ? c->high : low + width;
    }
    struct carried *c = carried(v, id, v->stage - 1);
    c->read |= !v->loading;
    if (c->in_shift) {
        put_shift_end(v, id, low, width);
        return;
    }
    put(v, "r%u_%u", v->stage - 1, id);
    put_slice(v, low - c->low, width, c->high - c->low);
}

/* Bits beyond a node's own width are copies of its sign or zeros. Its operand need not have them: nobody
 * demanded them there. */
static void put_bits(struct verilog *v, hls_id id, unsigned low, unsigned width)
{
    const struct hls_node *n = node(v, id);
    unsigned whole = hls_node_width(n), own = below(low, width, whole), k = (unsigned)n->imm;
    if (n->op == HLS_CONST)
        put_constant(v, n->imm, low, width);
    else if (own < width)
        put_extended(v, id, low, own, width, n->lo < 0 ? (int)whole - 1 : -1);
    else if (n->op == HLS_SHL)
        put_shifted(v, n, low, width);
    else if (n->op == HLS_SHR)
        put_bits(v, n->arg[0], low + k, width);
    else if (n->op == HLS_HOLD) /* stays in the register before the loop, which loads once an evaluation */
        put_bits(v, n->arg[0], low, width);
    else if (n->op == HLS_WRAPU)
        put_extended(v, n->arg[0], low, below(low, width, k), width, -1);
    else if (n->op == HLS_WRAPS)
        put_extended(v, n->arg[0], low, below(low, width, k), width, (int)k - 1);
    else
        put_named(v, id, low, width);
}

/* --- operations --- */

/* Bits that hold both operands in one reading, signed when either can be negative. */
static unsigned common_width(const struct verilog *v, const struct hls_node *n, bool *is_signed)
{
    const struct hls_node *a = node(v, n->arg[0]), *b = node(v, n->arg[1]);
    *is_signed = a->lo < 0 || b->lo < 0;
    return hls_bits(a->lo < b->lo ? a->lo : b->lo, a->hi > b->hi ? a->hi : b->hi);
}

static void put_compare(struct verilog *v, const struct hls_node *n, const char *operator)
{
    bool is_signed;
    unsigned width = common_width(v, n, &is_signed);
    put(v, is_signed ? "$signed(" : "(");
    put_bits(v, n->arg[0], 0, width);
    put(v, ") %s %s(", operator, is_signed ? "$signed" : "");
    put_bits(v, n->arg[1], 0, width);
    put(v, ")");
}

static void put_binary(struct verilog *v, const struct hls_node *n, const char *operator)
{
    unsigned width = hls_node_width(n);
    put_bits(v, n->arg[0], 0, width);
    put(v, " %s ", operator);
    put_bits(v, n->arg[1], 0, width);
}

/* Whether the operand passes the bound, from the bits above it (timing.h). */
static void put_clamp_condition(struct verilog *v, const struct hls_node *n, unsigned k)
{
    const struct hls_node *x = node(v, n->arg[0]);
    unsigned whole = hls_bits(x->lo, x->hi), magnitude = whole - (x->lo < 0);
    bool above = n->op == HLS_MIN;
    if (x->lo < 0) {
        put(v, above ? "~" : "");
        put_bits(v, n->arg[0], whole - 1, 1);
    }
    if (!above && k == 0)
        return;
    put(v, x->lo < 0 ? " & " : "");
    put(v, above ? "(|" : "~(&");
    put_bits(v, n->arg[0], k, magnitude - k);
    put(v, ")");
}

static void put_extreme(struct verilog *v, const struct hls_node *n)
{
    int k = hls_clamp_bit(v->fn, n);
    unsigned width = hls_node_width(n);
    put(v, "(");
    if (k >= 0)
        put_clamp_condition(v, n, (unsigned)k);
    else
        put_compare(v, n, n->op == HLS_MIN ? "<" : ">");
    put(v, ") ? ");
    put_bits(v, n->arg[k >= 0], 0, width);
    put(v, " : ");
    put_bits(v, n->arg[k < 0], 0, width);
}

/* Signed where an operand can be negative, so that synthesis sees how wide the operands are. */
static void put_product(struct verilog *v, const struct hls_node *n)
{
    unsigned width = hls_node_width(n);
    bool is_signed = node(v, n->arg[0])->lo < 0 || node(v, n->arg[1])->lo < 0;
    put(v, is_signed ? "$signed(" : "(");
    put_bits(v, n->arg[0], 0, width);
    put(v, is_signed ? ") * $signed(" : ") * (");
    put_bits(v, n->arg[1], 0, width);
    put(v, ")");
}

static void put_select(struct verilog *v, const struct hls_node *n)
{
    unsigned width = hls_node_width(n);
    put_bits(v, n->arg[0], 0, 1);
    put(v, " ? ");
    put_bits(v, n->arg[1], 0, width);
    put(v, " : ");
    put_bits(v, n->arg[2], 0, width);
}

static unsigned full_width(const struct verilog *v, hls_id id)
{
    return hls_bits(node(v, id)->lo, node(v, id)->hi);
}

/* A right shift needs all bits of its operand; fewer may be left of the result. */
static unsigned shift_width(const struct verilog *v, const struct hls_node *n)
{
    return n->op == HLS_SHRV ? full_width(v, n->arg[0]) : hls_node_width(n);
}

static void put_shift_by(struct verilog *v, const struct hls_node *n)
{
    bool is_signed = n->op == HLS_SHRV && node(v, n->arg[0])->lo < 0;
    put(v, is_signed ? "$signed(" : "(");
    put_bits(v, n->arg[0], 0, shift_width(v, n));
    put(v, n->op == HLS_SHLV ? ") << (" : is_signed ? ") >>> (" : ") >> (");
    put_bits(v, n->arg[1], 0, full_width(v, n->arg[1]));
    put(v, ")");
}

static bool is_variable(const struct verilog *v, hls_id id)
{
    const struct hls_node *n = node(v, id);
    return n->demand && n->loop == v->loop && n->stage == v->stage && !hls_is_wiring(n->op);
}

/* The entries of all tables of this stage that are read at the same place, from `first` on. */
static void put_entries(const struct verilog *v, hls_id first, size_t entry)
{
    for (hls_id id = first; id != HLS_NONE; id = v->same_index[id]) {
        put(v, " t%u = ", id);
        put_constant(v, v->fn->table[node(v, id)->imm].value[entry], 0, hls_node_width(node(v, id)));
        put(v, ";");
    }
}

static void put_tables(struct verilog *v, hls_id first)
{
    const struct hls_node *n = node(v, first);
    size_t last = v->fn->table[n->imm].size - 1;
    unsigned index = hls_bits(0, (hls_int)last);
    put(v, "            case (");
    put_bits(v, n->arg[0], 0, index);
    put(v, ")\n");
    for (size_t i = 0; i <= last; i++) {
        if (i < last)
            put(v, "                %u'd%zu: begin", index, i);
        else
            put(v, "                default: begin");
        put_entries(v, first, i);
        put(v, " end\n");
    }
    put(v, "            endcase\n");
}

/* Joins the tables of this stage that are read at the same place: one case for all. */
static void join_tables(struct verilog *v)
{
    memset(v->table_at, 0xff, v->fn->nodes * sizeof *v->table_at);
    for (hls_id id = v->fn->nodes; id-- > 0;) {
        const struct hls_node *n = node(v, id);
        if (n->op != HLS_ROM || !is_variable(v, id))
            continue;
        hls_id later = v->table_at[n->arg[0]];
        bool same = later != HLS_NONE && v->fn->table[node(v, later)->imm].size == v->fn->table[n->imm].size;
        v->same_index[id] = same ? later : HLS_NONE;
        v->is_joined[later == HLS_NONE ? id : later] = same;
        v->is_joined[id] = false;
        v->table_at[n->arg[0]] = id;
    }
}

static void put_operation(struct verilog *v, const struct hls_node *n)
{
    switch (n->op) {
    case HLS_ADD: put_binary(v, n, "+"); break;
    case HLS_SUB: put_binary(v, n, "-"); break;
    case HLS_MUL: put_product(v, n); break;
    case HLS_AND: put_binary(v, n, "&"); break;
    case HLS_OR: put_binary(v, n, "|"); break;
    case HLS_XOR: put_binary(v, n, "^"); break;
    case HLS_EQ: put_compare(v, n, "=="); break;
    case HLS_LT: put_compare(v, n, "<"); break;
    case HLS_SELECT: put_select(v, n); break;
    case HLS_MIN:
    case HLS_MAX: put_extreme(v, n); break;
    case HLS_SHLV:
    case HLS_SHRV: put_shift_by(v, n); break;
    default: break; /* wiring has no statement of its own, tables have theirs */
    }
}

/* A right shift whose result is narrower than its operand goes through a variable of its own. */
static bool has_wide_variable(const struct verilog *v, hls_id id)
{
    const struct hls_node *n = node(v, id);
    return n->op == HLS_SHRV && shift_width(v, n) != hls_node_width(n);
}

static void put_statement(struct verilog *v, hls_id id)
{
    const struct hls_node *n = node(v, id);
    bool wide = has_wide_variable(v, id);
    if (n->op == HLS_ROM) {
        if (!v->is_joined[id])
            put_tables(v, id);
        return;
    }
    put(v, "            t%u%s = ", id, wide ? "w" : "");
    put_operation(v, n);
    put(v, ";\n");
    if (wide) {
        put(v, "            t%u = t%uw", id, id);
        put_slice(v, 0, hls_node_width(n), shift_width(v, n));
        put(v, ";\n");
    }
}

/* --- stages --- */

static void put_range(const struct verilog *v, unsigned width)
{
    if (width > 1)
        put(v, "[%u:0] ", width - 1);
}

/* Whether something runs in a stage: an evaluation, or a round of one. */
static void put_valid(const struct verilog *v, unsigned loop, unsigned stage)
{
    if (loop)
        put(v, "run_%u_%u", loop, stage);
    else if (stage == 0)
        put(v, "valid_i");
    else
        put(v, "valid_%u", stage);
}

static void put_variables(const struct verilog *v)
{
    for (hls_id id = 0; id < v->fn->nodes; id++) {
        if (!is_variable(v, id))
            continue;
        put(v, "        reg ");
        put_range(v, hls_node_width(node(v, id)));
        put(v, "t%u;\n", id);
        if (!has_wide_variable(v, id))
            continue;
        put(v, "        reg ");
        put_range(v, shift_width(v, node(v, id)));
        put(v, "t%uw;\n", id);
    }
}

static void put_loads(struct verilog *v)
{
    v->loading = true;
    for (hls_id id = 0; id < v->fn->nodes; id++) {
        const struct carried *c = carried(v, id, v->stage);
        if (!c->high || c->in_shift || node(v, id)->loop != v->loop)
            continue;
        put(v, "            r%u_%u <= ", v->stage, id);
        put_named(v, id, c->low, c->high - c->low);
        put(v, ";\n");
    }
    v->loading = false;
}

/* One assignment a port: simulators copy a vector that is assigned in parts. */
static void put_output(struct verilog *v, const struct hls_port *p)
{
    put(v, "            %s_o <= %s", p->name, p->count > 1 ? "{" : "");
    for (unsigned e = p->count; e-- > 0;) {
        put_bits(v, v->fn->output[p->first + e], 0, p->width);
        put(v, e ? ",\n                " : "");
    }
    put(v, p->count > 1 ? "};\n" : ";\n");
}

static void put_outputs(struct verilog *v)
{
    for (size_t p = 0; p < v->fn->ports; p++)
        if (v->fn->port[p].is_output)
            put_output(v, &v->fn->port[p]);
}

/* A state is written where its next value is there: in its own stage, or in a later one when evaluations are
 * several clocks apart. */
static bool is_state_here(const struct verilog *v, unsigned state)
{
    const struct hls_state *s = &v->fn->state[state];
    unsigned from = hls_read_from(node(v, s->next));
    return state_width(v, state) && s->loop == v->loop && v->stage == (from > s->stage ? from : s->stage);
}

static void put_state_updates(struct verilog *v)
{
    for (unsigned i = 0; i < v->fn->states; i++) {
        if (!is_state_here(v, i))
            continue;
        put(v, "            s%u <= ", i);
        put_bits(v, v->fn->state[i].next, 0, state_width(v, i));
        put(v, ";\n");
    }
}

/* What goes round in a loop needs none: its first round does not look at it. */
static void put_state_resets(const struct verilog *v)
{
    bool any = false;
    for (unsigned i = 0; i < v->fn->states; i++) {
        if (!is_state_here(v, i) || !hls_state_keeps(&v->fn->state[i]))
            continue;
        put(v, any ? "" : "        if (rst_i) begin\n");
        any = true;
        put(v, "            s%u <= ", i);
        put_constant(v, v->fn->state[i].initial, 0, state_width(v, i));
        put(v, ";\n");
    }
    put(v, any ? "        end\n" : "");
}

static bool is_empty_stage(const struct verilog *v)
{
    bool empty = v->loop || v->stage + 1 < v->fn->stages;
    for (hls_id id = 0; id < v->fn->nodes && empty; id++)
        empty = !is_variable(v, id) && (node(v, id)->loop != v->loop || !carried(v, id, v->stage)->high);
    for (unsigned i = 0; i < v->fn->states && empty; i++)
        empty = !is_state_here(v, i);
    return empty;
}

static void put_stage(struct verilog *v, unsigned loop, unsigned stage)
{
    v->loop = loop;
    v->stage = stage;
    if (is_empty_stage(v))
        return;
    put(v, "\n    always @(posedge clk_i) begin : ");
    if (loop)
        put(v, "loop_%u_", loop);
    put(v, "stage_%u\n", stage);
    put_variables(v);
    put(v, "        if (%s", v->clock_enable ? "ce_i && " : "");
    put_valid(v, loop, stage);
    put(v, ") begin\n");
    join_tables(v);
    for (hls_id id = 0; id < v->fn->nodes; id++)
        if (is_variable(v, id))
            put_statement(v, id);
    put_loads(v);
    if (!loop && stage + 1 == v->fn->stages)
        put_outputs(v);
    put_state_updates(v);
    put(v, "        end\n");
    put_state_resets(v);
    put(v, "    end\n");
}

/* --- shift registers --- */

/* The places first..end-1 become one, if they are enough. A variable of a stage is seen in that stage only: its
 * first register stays. */
static void make_shift(struct verilog *v, hls_id id, unsigned first, unsigned end)
{
    const struct hls_node *n = node(v, id);
    first += first == n->stage && n->op != HLS_INPUT && n->op != HLS_STATE;
    if (first + LEAST_PLACES > end)
        return;
    for (unsigned s = first; s < end; s++)
        carried(v, id, s)->in_shift = true;
    carried(v, id, end - 1)->places = end - first;
    v->shift[(size_t)first * v->fn->stages + end - 1] = 1;
}

/* After the first writing, which knows who reads. The last register of a value is read always. Registers around
 * a loop wait for its rounds: they stay what they are. */
static void find_shifts(struct verilog *v)
{
    for (hls_id id = 0; id < v->fn->nodes && !v->fn->loops; id++)
        for (unsigned s = 0, first = 0; s < v->fn->stages; s++) {
            if (carried(v, id, s)->high && !carried(v, id, s)->read)
                continue;
            make_shift(v, id, first, s);
            first = s + 1;
        }
}

static void put_shift_registers(const struct verilog *v)
{
    for (unsigned s = 0; s < v->fn->stages; s++)
        for (hls_id id = 0; id < v->fn->nodes; id++) {
            const struct carried *c = carried(v, id, s);
            if (c->places)
                put(v, "    reg [%u:0] d%u_%u;\n", c->places * (c->high - c->low) - 1, s + 1 - c->places, id);
        }
}

/* The shift registers of the same places move together, while anything is on its way through them. */
static void put_shift(struct verilog *v, unsigned first, unsigned last)
{
    v->stage = first;
    v->loading = true;
    put(v, "\n    always @(posedge clk_i)\n        if (%s", v->clock_enable ? "ce_i && (" : "");
    for (unsigned s = first; s <= last; s++) {
        put(v, s > first ? " || " : "");
        put_valid(v, 0, s);
    }
    put(v, "%s) begin\n", v->clock_enable ? ")" : "");
    for (hls_id id = 0; id < v->fn->nodes; id++) {
        const struct carried *c = carried(v, id, last);
        if (!c->places || last + 1 - c->places != first)
            continue;
        unsigned one = c->high - c->low;
        put(v, "            d%u_%u <= {d%u_%u[%u:0], ", first, id, first, id, (c->places - 1) * one - 1);
        put_named(v, id, c->low, one);
        put(v, "};\n");
    }
    put(v, "        end\n");
    v->loading = false;
}

static void put_shifts(struct verilog *v)
{
    for (unsigned first = 0; first < v->fn->stages; first++)
        for (unsigned last = first; last < v->fn->stages; last++)
            if (v->shift[(size_t)first * v->fn->stages + last])
                put_shift(v, first, last);
}

/* --- the module --- */

void hls_emit_ports(const struct hls_fn *fn, FILE *to)
{
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        fputs(p->is_output ? "    output reg " : "    input wire ", to);
        if (p->width * p->count > 1)
            fprintf(to, "[%u:0] ", p->width * p->count - 1);
        fprintf(to, "%s_%c,\n", p->name, p->is_output ? 'o' : 'i');
    }
}

static void put_ports(const struct verilog *v)
{
    put(v, "    input wire clk_i,\n    input wire rst_i,\n%s    input wire valid_i,\n",
        v->clock_enable ? "    input wire ce_i,\n" : "");
    if (v->to)
        hls_emit_ports(v->fn, v->to);
    put(v, "    output reg valid_o,\n    output wire [63:0] hash_o\n);\n");
}

static void put_states(const struct verilog *v)
{
    for (unsigned i = 0; i < v->fn->states; i++) {
        const struct hls_state *s = &v->fn->state[i];
        if (!state_width(v, i))
            continue;
        put(v, "    reg ");
        put_range(v, state_width(v, i));
        put(v, "s%u", i);
        if (hls_state_keeps(s)) {
            put(v, " = ");
            put_constant(v, s->initial, 0, state_width(v, i));
        }
        put(v, "; // %s\n", s->name);
    }
}

/* The stages that a loop has something in: begin..end-1. */
static unsigned end_of_loop(const struct verilog *v, unsigned loop)
{
    unsigned end = v->fn->loop[loop].begin;
    for (hls_id id = 0; id < v->fn->nodes; id++) {
        const struct hls_node *n = node(v, id);
        if (n->demand && n->loop == loop && n->stage + n->wait >= end)
            end = n->stage + n->wait + 1;
    }
    return end;
}

static unsigned round_bits(const struct verilog *v, unsigned loop)
{
    return hls_bits(0, v->fn->loop[loop].rounds - 1);
}

/* The first stage of a loop runs from an evaluation's arrival until the round is 0 again. */
static void put_loop_registers(const struct verilog *v, unsigned loop)
{
    unsigned begin = v->fn->loop[loop].begin;
    if (end_of_loop(v, loop) == begin)
        return;
    put(v, "    reg ");
    put_range(v, round_bits(v, loop));
    put(v, "round_%u;\n    wire ", loop);
    put_valid(v, loop, begin);
    put(v, " = ");
    put_valid(v, 0, begin);
    put(v, " | round_%u != ", loop);
    put_constant(v, 0, 0, round_bits(v, loop));
    put(v, ";\n");
    for (unsigned s = begin + 1; s < end_of_loop(v, loop); s++)
        put(v, "    reg run_%u_%u;\n", loop, s);
}

static void put_loop_chain(const struct verilog *v, unsigned loop)
{
    unsigned begin = v->fn->loop[loop].begin, end = end_of_loop(v, loop), bits = round_bits(v, loop);
    if (end == begin)
        return;
    put(v, "\n    always @(posedge clk_i) begin\n        if (rst_i) begin\n            round_%u <= ", loop);
    put_constant(v, 0, 0, bits);
    put(v, ";\n");
    for (unsigned s = begin + 1; s < end; s++)
        put(v, "            run_%u_%u <= 1'b0;\n", loop, s);
    put(v, "        end else%s begin\n            if (run_%u_%u)\n                round_%u <= round_%u == ",
        v->clock_enable ? " if (ce_i)" : "", loop, begin, loop, loop);
    put_constant(v, v->fn->loop[loop].rounds - 1, 0, bits);
    put(v, " ? ");
    put_constant(v, 0, 0, bits);
    put(v, " : round_%u + ", loop);
    put_constant(v, 1, 0, bits);
    put(v, ";\n");
    for (unsigned s = begin + 1; s < end; s++)
        put(v, "            run_%u_%u <= run_%u_%u;\n", loop, s, loop, s - 1);
    put(v, "        end\n    end\n");
}

static void put_registers(const struct verilog *v)
{
    put_states(v);
    for (unsigned s = 1; s < v->fn->stages; s++)
        put(v, "    reg valid_%u;\n", s);
    for (unsigned s = 0; s < v->fn->stages; s++)
        for (hls_id id = 0; id < v->fn->nodes; id++) {
            const struct carried *c = carried(v, id, s);
            if (!c->high || c->in_shift)
                continue;
            put(v, "    reg ");
            put_range(v, c->high - c->low);
            put(v, "r%u_%u;\n", s, id);
        }
    put_shift_registers(v);
    for (unsigned loop = 1; loop <= v->fn->loops; loop++)
        put_loop_registers(v, loop);
}

static void put_valid_chain(const struct verilog *v)
{
    put(v, "\n    always @(posedge clk_i) begin\n        if (rst_i) begin\n");
    for (unsigned s = 1; s < v->fn->stages; s++)
        put(v, "            valid_%u <= 1'b0;\n", s);
    put(v, "            valid_o <= 1'b0;\n        end else%s begin\n", v->clock_enable ? " if (ce_i)" : "");
    for (unsigned s = 0; s < v->fn->stages; s++) {
        put(v, "            ");
        if (s + 1 < v->fn->stages)
            put_valid(v, 0, s + 1);
        else
            put(v, "valid_o");
        put(v, " <= ");
        put_valid(v, 0, s);
        put(v, ";\n");
    }
    put(v, "        end\n    end\n");
}

/* Learns which bits are carried: from the last stage to the first, since a stage asks for earlier ones only.
 */
static void find_carried(struct verilog *v)
{
    for (unsigned s = v->fn->stages; s-- > 0;)
        for (unsigned loop = 0; loop <= v->fn->loops; loop++)
            put_stage(v, loop, s);
}

static void put_module(struct verilog *v, uint64_t hash)
{
    put(v, "// %s: written by " HLSC_VERSION ", latency %u, ", v->fn->name, v->fn->stages);
    put(v,
        v->fn->ii == 1 ? "one result a clock. Do not edit.\n"
                       : "one result every %u clocks (valid_i must not come sooner). Do not edit.\n",
        v->fn->ii);
    put(v, "// BLKSEQ: the variables of a stage are its combinational logic, read in that stage only.\n"
           "// UNUSED: rounding drops low bits of sums, and a kernel need not look at all of its inputs.\n"
           "/* verilator lint_off BLKSEQ */\n/* verilator lint_off UNUSED */\n");
    put(v, "module %s (\n", v->fn->name);
    put_ports(v);
    put(v, "    assign hash_o = 64'h%016" PRIx64 ";\n\n", hash);
    put_registers(v);
    put_valid_chain(v);
    for (unsigned s = 0; s < v->fn->stages; s++)
        put_stage(v, 0, s);
    put_shifts(v);
    for (unsigned loop = 1; loop <= v->fn->loops; loop++) {
        put_loop_chain(v, loop);
        for (unsigned s = v->fn->loop[loop].begin; s < end_of_loop(v, loop); s++)
            put_stage(v, loop, s);
    }
    put(v, "endmodule\n/* verilator lint_on UNUSED */\n/* verilator lint_on BLKSEQ */\n");
}

static void count_registers(const struct verilog *v, struct hls_emitted *count)
{
    count->register_bits = v->fn->stages;
    count->shift_bits = 0;
    count->node_bits = hls_allocate(v->fn->nodes, sizeof *count->node_bits);
    for (hls_id id = 0; id < v->fn->nodes; id++) {
        for (unsigned s = 0; s < v->fn->stages; s++) {
            const struct carried *c = carried(v, id, s);
            count->node_bits[id] += c->high - c->low;
            count->shift_bits += c->in_shift ? c->high - c->low : 0;
        }
        if (node(v, id)->op == HLS_STATE && node(v, id)->demand)
            count->node_bits[id] += hls_node_width(node(v, id));
        count->register_bits += count->node_bits[id];
    }
    for (unsigned loop = 1; loop <= v->fn->loops; loop++) {
        unsigned stages = end_of_loop(v, loop) - v->fn->loop[loop].begin;
        count->register_bits += stages ? round_bits(v, loop) + stages - 1 : 0;
    }
    for (size_t p = 0; p < v->fn->ports; p++)
        if (v->fn->port[p].is_output)
            count->register_bits += v->fn->port[p].width * v->fn->port[p].count;
}

void hls_emitted_release(struct hls_emitted *count)
{
    free(count->node_bits);
    count->node_bits = NULL;
}

/* Which states are read, and by what values they are left; no tables joined yet. */
static void begin_notes(struct verilog *v)
{
    const struct hls_fn *fn = v->fn;
    v->state_width = hls_allocate(fn->states, sizeof *v->state_width);
    v->left_by = hls_allocate(fn->nodes, sizeof *v->left_by);
    v->same_index = hls_allocate(fn->nodes, sizeof *v->same_index);
    v->table_at = hls_allocate(fn->nodes, sizeof *v->table_at);
    v->is_joined = hls_allocate(fn->nodes, sizeof *v->is_joined);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (fn->node[id].op == HLS_STATE && fn->node[id].demand)
            v->state_width[fn->node[id].imm] = hls_node_width(&fn->node[id]);
    for (unsigned i = 0; i < fn->states; i++)
        if (fn->state[i].loop && v->state_width[i])
            v->left_by[fn->state[i].next] = i + 1;
}

void hls_emit_verilog(const struct hls_fn *fn, bool clock_enable, uint64_t hash, FILE *to,
                      struct hls_emitted *count)
{
    struct verilog v = {.fn = fn, .clock_enable = clock_enable};
    v.carried = hls_allocate((size_t)fn->nodes * fn->stages, sizeof *v.carried);
    v.shift = hls_allocate((size_t)fn->stages * fn->stages, sizeof *v.shift);
    begin_notes(&v);
    find_carried(&v);
    find_shifts(&v);
    v.to = to;
    put_module(&v, hash);
    count_registers(&v, count);
    free(v.carried);
    free(v.state_width);
    free(v.left_by);
    free(v.same_index);
    free(v.table_at);
    free(v.is_joined);
    free(v.shift);
}

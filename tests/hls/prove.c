#include "tests/hls/prove.h"

#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- states: `FUNCTION.NAME` or `FUNCTION.NAME[ELEMENT]` --- */

static bool is_kept(const struct hls_node *n)
{
    return n->op == HLS_STATE && n->demand;
}

/* A variable of the C: one state, or the elements of an array, which are taken to be equally wide. */
struct variable {
    char name[128];
    unsigned width, elements;
};

static unsigned element_of(const char *state)
{
    const char *bracket = strchr(state, '[');
    return bracket ? (unsigned)strtoul(bracket + 1, NULL, 10) : 0;
}

static void name_of(const char *state, char name[128])
{
    const char *dot = strrchr(state, '.');
    snprintf(name, 128, "%s", dot ? dot + 1 : state);
    name[strcspn(name, "[")] = 0;
}

static size_t find_variables(const struct hls_fn *fn, struct variable *v)
{
    size_t n = 0, i;
    for (hls_id id = 0; id < fn->nodes; id++) {
        if (!is_kept(&fn->node[id]))
            continue;
        const char *state = fn->state[fn->node[id].imm].name;
        name_of(state, v[n].name);
        for (i = 0; strcmp(v[i].name, v[n].name); i++)
            ;
        v[i].width = hls_node_width(&fn->node[id]);
        v[i].elements = i == n || element_of(state) >= v[i].elements ? element_of(state) + 1 : v[i].elements;
        n += i == n;
    }
    return n;
}

/* A copy of the module with each state as an output. */
static int write_open_module(const struct hls_fn *fn, const char *directory)
{
    char *ports = hls_copy_text(""), *assigns = hls_copy_text("");
    for (hls_id id = 0; id < fn->nodes; id++) {
        if (!is_kept(&fn->node[id]))
            continue;
        unsigned i = (unsigned)fn->node[id].imm, high = hls_node_width(&fn->node[id]) - 1;
        char *more_ports = hls_text("%s    output wire [%u:0] open_%u,\\n", ports, high, i);
        char *more_assigns = hls_text("%s    assign open_%u = s%u;\\n", assigns, i, i);
        free(ports);
        free(assigns);
        ports = more_ports;
        assigns = more_assigns;
    }
    int wrong = bench_command("cd %s && sed 's/^module %s (/&\\n%s/;s/^endmodule/%s&/' %s.v > open.v",
                              directory, fn->name, ports, assigns, fn->name);
    free(ports);
    free(assigns);
    return wrong;
}

/* --- the module `check`, whose `bad` must stay 0 --- */

static void put_data_ports(FILE *f, const struct hls_fn *fn)
{
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        if (!p->is_output)
            fprintf(f, "    input wire [%u:0] %s_i,\n", p->width * p->count - 1, p->name);
    }
}

static void put_connections(FILE *f, const struct hls_fn *fn, const char *outputs)
{
    unsigned at = 0;
    const char *comma = "";
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        unsigned width = p->width * p->count;
        if (p->is_output)
            fprintf(f, "%s.%s_o(%s[%u:%u])", comma, p->name, outputs, at + width - 1, at);
        else
            fprintf(f, "%s.%s_i(%s_i)", comma, p->name, p->name);
        at += p->is_output ? width : 0;
        comma = ", ";
    }
}

static void put_variables(FILE *f, const struct hls_fn *fn)
{
    struct variable *v = hls_allocate(fn->states + 1, sizeof *v);
    size_t n = find_variables(fn, v);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "    wire [%u:0] %s_s;\n", v[i].width * v[i].elements - 1, v[i].name);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (is_kept(&fn->node[id]))
            fprintf(f, "    wire [%u:0] open_%u;\n", hls_node_width(&fn->node[id]) - 1,
                    (unsigned)fn->node[id].imm);
    fprintf(f, "    %s_reference reference (", fn->name);
    for (size_t i = 0; i < n; i++)
        fprintf(f, ".%s_s(%s_s), ", v[i].name, v[i].name);
    free(v);
}

static void put_instances(FILE *f, const struct hls_fn *fn)
{
    fprintf(f, "    wire [%u:0] got, now;\n    wire got_valid;\n", hls_port_bits(fn, true) - 1);
    put_variables(f, fn);
    if (fn->states)
        fputs(".clk_i(clk_i), .rst_i(rst_i), .valid_i(valid_i), ", f);
    put_connections(f, fn, "now");
    fputs(");\n", f);
    fprintf(f, "    %s dut (.clk_i(clk_i), .rst_i(rst_i), .valid_i(valid_i), .valid_o(got_valid), ",
            fn->name);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (is_kept(&fn->node[id]))
            fprintf(f, ".open_%u(open_%u), ", (unsigned)fn->node[id].imm, (unsigned)fn->node[id].imm);
    put_connections(f, fn, "got");
    fputs(");\n", f);
}

/* What the passes proved of a state, the proof may rely on, and shows again. (Of a state whose high bits
 * nobody looks at, the interval says nothing.) */
static void put_interval(FILE *f, const struct hls_state *s, unsigned i, unsigned width)
{
    if (hls_bits(s->lo, s->hi) != width)
        fprintf(f, "    wire out_%u = 1'b0;\n", i);
    else if (s->lo < 0)
        fprintf(f, "    wire out_%u = $signed(open_%u) < %lld || $signed(open_%u) > %lld;\n", i, i,
                (long long)s->lo, i, (long long)s->hi);
    else
        fprintf(f, "    wire out_%u = open_%u < %llu || open_%u > %llu;\n", i, i, (unsigned long long)s->lo,
                i, (unsigned long long)s->hi);
}

/* The reference is at the first stage, the state at its own: later by as many clocks. A reset is at once. */
static void put_state(FILE *f, const struct hls_fn *fn, const struct hls_node *n)
{
    const struct hls_state *s = &fn->state[n->imm];
    unsigned i = (unsigned)n->imm, width = hls_node_width(n), element = element_of(s->name);
    char name[128];
    name_of(s->name, name);
    fprintf(f, "    wire [%u:0] late_%u_0 = %s_s[%u:%u];\n", width - 1, i, name, (element + 1) * width - 1,
            element * width);
    for (unsigned d = 1; d <= s->stage; d++)
        fprintf(f,
                "    reg [%u:0] late_%u_%u;\n    always @(posedge clk_i) late_%u_%u <= rst_i ? %lld : "
                "late_%u_%u;\n",
                width - 1, i, d, i, d, (long long)s->initial, i, d - 1);
    put_interval(f, s, i, width);
    fprintf(f, "    wire bad_%u = open_%u != late_%u_%u || out_%u;\n", i, i, i, s->stage, i);
}

/* Without a state, whatever was in the registers has left after `latency` clocks; a state holds from the
 * first reset on. */
static void put_comparison(FILE *f, const struct hls_fn *fn)
{
    unsigned out = hls_port_bits(fn, true), L = fn->stages;
    fprintf(f,
            "    reg [%u:0] wanted;\n    reg [%u:0] valid;\n%s"
            "    always @(posedge clk_i) begin\n        wanted <= {wanted, now};\n"
            "        valid <= rst_i ? 0 : {valid, valid_i};\n"
            "    end\n"
            "    assign bad = armed && (got_valid != valid[%u] || (got_valid && "
            "got != wanted[%u:%u])",
            L * out - 1, L - 1,
            fn->states ? "    reg armed = 0;\n    always @(posedge clk_i) if (rst_i) armed <= 1;\n"
                       : "    wire armed = 1;\n",
            L - 1, L * out - 1, (L - 1) * out);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (is_kept(&fn->node[id]))
            fprintf(f, " || bad_%u", (unsigned)fn->node[id].imm);
    fputs(");\nendmodule\n", f);
}

static int write_check(const struct hls_fn *fn, const char *directory)
{
    char *path = hls_text("%s/check.v", directory);
    FILE *f = fopen(path, "w");
    free(path);
    if (!f)
        return -1;
    fputs("module check (\n    input wire clk_i, rst_i, valid_i,\n", f);
    put_data_ports(f, fn);
    fputs("    output wire bad);\n", f);
    put_instances(f, fn);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (is_kept(&fn->node[id]))
            put_state(f, fn, &fn->node[id]);
    put_comparison(f, fn);
    return fclose(f);
}

int prove_equal(const struct hls_fn *fn, const char *directory, const char *reference)
{
    unsigned L = fn->stages;
    if (write_open_module(fn, directory) || write_check(fn, directory))
        return -1;
    char *how = fn->states ? hls_text("-tempinduct -initsteps %u -maxsteps %u", L + 1, L + 2)
                           : hls_text("-seq %u -prove-skip %u", L + 1, L);
    int status = bench_command(
        "cp %s %s/reference.v && cd %s && yosys -q -p 'read_verilog check.v open.v reference.v; "
        "hierarchy -check -top check; proc; flatten; opt; memory_map; opt; sat -verify %s -prove bad 0 "
        "check' > "
        "prove.out 2>&1",
        reference, directory, directory, how);
    free(how);
    return status;
}

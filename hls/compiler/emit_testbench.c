#include "hls/compiler/emit.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/vectors.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A wide number under construction, least significant bit first. */
struct bits {
    uint8_t *bit;
    unsigned n;
};

/* Constants of one width, as Verilog. */
struct table {
    char **text;
    size_t n;
};

struct testbench {
    const struct hls_fn *fn;
    const struct hls_options *o;
    FILE *to;
    struct hls_vectors vectors;
    hls_int *state, *interpreted; /* of the interpreter, which must agree */
    struct bits line;
    struct table stimulus, result;
};

/* Simulators take vectors of so many bits gladly; a page of a table is no longer. */
enum { PAGE_BITS = 65536, FLAGS = 4 };

/* --- bits --- */

static void add_bits(struct bits *b, hls_int value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        b->bit[b->n++] = (uint8_t)(value >> i & 1);
}

static void add_ports(struct bits *b, const struct hls_fn *fn, bool outputs, const hls_int *value)
{
    for (size_t p = 0; p < fn->ports; p++) {
        const struct hls_port *port = &fn->port[p];
        for (unsigned e = 0; port->is_output == outputs && e < port->count; e++)
            add_bits(b, value[port->first + e], port->width);
    }
}

static void add_constant(struct table *t, const struct bits *b)
{
    unsigned digits = (b->n + 3) / 4;
    char *digit = hls_allocate(digits + 1, 1);
    for (unsigned d = 0; d < digits; d++) {
        unsigned value = 0;
        for (unsigned i = 4 * d; i < 4 * d + 4 && i < b->n; i++)
            value |= (unsigned)b->bit[i] << (i - 4 * d);
        digit[digits - 1 - d] = "0123456789abcdef"[value];
    }
    t->text = hls_resize(t->text, t->n + 1, sizeof *t->text);
    t->text[t->n++] = hls_text("%u'h%s", b->n, digit);
    free(digit);
}

static void free_table(struct table *t)
{
    while (t->n)
        free(t->text[--t->n]);
    free(t->text);
}

/* --- vectors --- */

/* Every evaluation that begins runs in the interpreter as well. */
static int check_interpreter(struct testbench *t)
{
    const struct hls_vectors *v = &t->vectors;
    if (v->reset)
        hls_reset(t->fn, t->state);
    if (v->reset || !v->enable || !v->valid)
        return 0;
    if (hls_interpret(t->fn, t->state, v->in, t->interpreted) == 0 &&
        memcmp(t->interpreted, v->flying, t->fn->outputs * sizeof *v->flying) == 0)
        return 0;
    fprintf(stderr,
            "hlsc: internal: '%s': the graph computes otherwise than its source (seed %" PRIu64
            ", clock %u)\n",
            t->fn->name, t->o->seed, v->cycle);
    return HLS_EXIT_INTERNAL;
}

static void add_clock(struct testbench *t)
{
    const struct hls_vectors *v = &t->vectors;
    t->line.n = 0;
    add_ports(&t->line, t->fn, false, v->in);
    add_bits(&t->line, v->reset, 1);
    add_bits(&t->line, v->enable, 1);
    add_bits(&t->line, v->valid, 1);
    add_bits(&t->line, v->shows, 1);
    add_constant(&t->stimulus, &t->line);
}

static void add_result(struct testbench *t)
{
    t->line.n = 0;
    add_ports(&t->line, t->fn, true, t->vectors.out);
    add_constant(&t->result, &t->line);
}

static int make_vectors(struct testbench *t)
{
    while (t->result.n < t->o->testbench) {
        hls_vectors_next(&t->vectors);
        if (check_interpreter(t))
            return HLS_EXIT_INTERNAL;
        add_clock(t);
        if (t->vectors.results > (long)t->result.n)
            add_result(t);
    }
    return 0;
}

static size_t lines_of_page(const struct table *t, unsigned width)
{
    size_t lines = width < PAGE_BITS ? PAGE_BITS / width : 1;
    return lines < t->n ? lines : t->n;
}

/* Pages of many lines each: with a line an element, Verilator's C++ takes minutes to compile. The last page
 * is filled up with its last line. */
static void put_table(const struct table *t, const char *name, unsigned width, FILE *to)
{
    size_t lines = lines_of_page(t, width);
    fprintf(to, "    initial begin\n");
    for (size_t first = 0; first < t->n; first += lines) {
        fprintf(to, "        %s[%zu] = {\n", name, first / lines);
        for (size_t i = lines; i-- > 0;)
            fprintf(to, "            %s%s\n", t->text[first + i < t->n ? first + i : t->n - 1],
                    i ? "," : "};");
    }
    fputs("    end\n\n", to);
}

static void put_declaration(const struct table *t, const char *name, unsigned width, FILE *to)
{
    size_t lines = lines_of_page(t, width);
    fprintf(to, "    reg [%zu:0] %s [0:%zu]; // pages of %zu lines\n", lines * width - 1, name,
            (t->n - 1) / lines, lines);
}

/* TABLE[NUMBER / lines][width * (NUMBER % lines) +: width] */
static void put_line(const struct table *t, const char *name, unsigned width, const char *number, FILE *to)
{
    size_t lines = lines_of_page(t, width);
    fprintf(to, "%s[%s / %zu][%u * (%s %% %zu) +: %u];\n", name, number, lines, width, number, lines, width);
}

/* --- the module --- */

static void put_head(const struct testbench *t)
{
    const char *name = t->fn->name;
    fprintf(t->to,
            "// %s_tb: written by " HLSC_VERSION ". Do not edit.\n"
            "// %u evaluations from seed %" PRIu64
            ", with bubbles and resets; the values expected are those of\n"
            "// the kernel's C, compiled natively. The last line is PASS or FAIL; a FAIL ends in $stop. For "
            "instance\n"
            "//   $ iverilog -g2005 -o tb %s_tb.v %s.v && vvp -N tb\n"
            "//   $ verilator --binary --timing --top-module %s_tb %s_tb.v %s.v && obj_dir/V%s_tb\n"
            "// Exit status then: 0 only with PASS. No `timescale: a delay is any unit.\n"
            "module %s_tb;\n",
            name, t->o->testbench, t->o->seed, name, name, name, name, name, name, name);
}

static void put_instance(const struct testbench *t)
{
    unsigned in = hls_port_bits(t->fn, false), at[2] = {0, 0};
    for (size_t p = 0; p < t->fn->ports; p++)
        if (t->fn->port[p].is_output)
            fprintf(t->to, "    wire [%u:0] %s_o;\n", t->fn->port[p].width * t->fn->port[p].count - 1,
                    t->fn->port[p].name);
    fprintf(t->to, "    wire valid_o;\n    wire [63:0] hash_o;\n    %s dut (.clk_i(clk), .rst_i(line[%u]),%s",
            t->fn->name, in, t->o->clock_enable ? "" : "\n        ");
    if (t->o->clock_enable)
        fprintf(t->to, " .ce_i(line[%u]),\n        ", in + 1);
    fprintf(t->to, ".valid_i(line[%u]), .valid_o(valid_o), .hash_o(hash_o)", in + 2);
    for (size_t p = 0; p < t->fn->ports; p++) {
        const struct hls_port *port = &t->fn->port[p];
        if (port->is_output)
            fprintf(t->to, ",\n        .%s_o(%s_o)", port->name, port->name);
        else
            fprintf(t->to, ",\n        .%s_i(line[%u:%u])", port->name, at[0] + port->width * port->count - 1,
                    at[0]);
        at[port->is_output] += port->width * port->count;
    }
    fputs(");\n", t->to);
}

/* Everything that is compared is extended to the same width, so that one task compares it. */
static void put_value(FILE *to, unsigned width, const char *format, const char *name)
{
    if (width < HLS_MAX_WIDTH)
        fprintf(to, "{%u'd0, ", HLS_MAX_WIDTH - width);
    fprintf(to, format, name);
    fputs(width < HLS_MAX_WIDTH ? "}" : "", to);
}

static void put_port_check(FILE *to, const struct hls_port *p, unsigned at)
{
    char *got, *want;
    bool several = p->count > 1;
    if (several) {
        fprintf(to, "        for (e = 0; e < %u; e = e + 1)\n    ", p->count);
        got = hls_text("%%s_o[%u * e +: %u]", p->width, p->width);
        want = hls_text("expected[%u + %u * e +: %u]", at, p->width, p->width);
    } else {
        got = hls_text("%%s_o");
        want = hls_text("expected[%u:%u]", at + p->width - 1, at);
    }
    fprintf(to, "        check(\"%s_o\", %s, ", p->name, several ? "e" : "-1");
    put_value(to, p->width, got, p->name);
    fputs(",\n            ", to);
    put_value(to, p->width, "%s", want);
    fputs(");\n", to);
    free(got);
    free(want);
}

static size_t longest_name(const struct hls_fn *fn)
{
    size_t longest = strlen("valid_o");
    for (size_t p = 0; p < fn->ports; p++)
        longest = strlen(fn->port[p].name) + 2 > longest ? strlen(fn->port[p].name) + 2 : longest;
    return longest;
}

static void put_check(const struct testbench *t)
{
    fprintf(t->to,
            "    task check;\n        input [%zu:0] port;\n        input integer element;\n"
            "        input [63:0] got, want;\n        if (got !== want) begin\n"
            "            wrong = wrong + 1;\n            if (wrong == 1) begin\n"
            "                $write(\"first mismatch: port %%0s\", port);\n"
            "                if (element >= 0) $write(\"[%%0d]\", element);\n"
            "                $display(\", cycle %%0d: expected %%0h, got %%0h\", cycle, want, got);\n"
            "            end\n        end\n    endtask\n\n",
            8 * longest_name(t->fn) - 1);
}

static void put_check_outputs(const struct testbench *t)
{
    unsigned at = 0;
    fputs("    task check_outputs;\n    begin\n", t->to);
    for (size_t p = 0; p < t->fn->ports; p++)
        if (t->fn->port[p].is_output) {
            put_port_check(t->to, &t->fn->port[p], at);
            at += t->fn->port[p].width * t->fn->port[p].count;
        }
    fputs("    end\n    endtask\n\n", t->to);
}

static void put_edge(const struct testbench *t)
{
    unsigned in = hls_port_bits(t->fn, false);
    fputs("            line = ", t->to);
    put_line(&t->stimulus, "stimulus", in + FLAGS, "cycle", t->to);
    fprintf(t->to, "            if (line[%u] && line[%u]) begin\n                expected = ", in + 3,
            in + 1);
    put_line(&t->result, "result", hls_port_bits(t->fn, true), "shown", t->to);
    fprintf(t->to,
            "                shown = shown + 1;\n            end\n            #1 clk = 1;\n            #1;\n"
            "            check(\"valid_o\", -1, {63'd0, valid_o}, {63'd0, line[%u]});\n"
            "            if (line[%u]) check_outputs;\n            clk = 0;\n",
            in + 3, in + 3);
}

static void put_run(const struct testbench *t, uint64_t hash)
{
    fprintf(t->to,
            "    initial begin\n        clk = 0;\n        wrong = 0;\n        shown = 0;\n        #1;\n"
            "        for (cycle = 0; cycle < %zu; cycle = cycle + 1) begin\n",
            t->stimulus.n);
    put_edge(t);
    fprintf(t->to,
            "        end\n        check(\"hash_o\", -1, hash_o, 64'h%016" PRIx64 ");\n"
            "        if (wrong == 0) begin\n"
            "            $display(\"PASS: %s: %%0d results in %%0d cycles\", shown, cycle);\n"
            "            $finish;\n        end else begin\n"
            "            $display(\"FAIL: %s: %%0d mismatches, %%0d results in %%0d cycles\", wrong, shown, "
            "cycle);\n"
            "            $stop;\n        end\n    end\n\n",
            hash, t->fn->name, t->fn->name);
}

static void put_module(const struct testbench *t, uint64_t hash)
{
    unsigned in = hls_port_bits(t->fn, false), out = hls_port_bits(t->fn, true);
    put_head(t);
    put_declaration(&t->stimulus, "stimulus", in + FLAGS, t->to);
    put_declaration(&t->result, "result", out, t->to);
    fprintf(t->to,
            "    reg [%u:0] line; // {result shows after the edge, valid, ce, rst, inputs}\n"
            "    reg [%u:0] expected;\n    reg clk;\n    integer cycle, shown, wrong, e;\n",
            in + FLAGS - 1, out - 1);
    put_instance(t);
    fputc('\n', t->to);
    put_check(t);
    put_check_outputs(t);
    put_run(t, hash);
    put_table(&t->stimulus, "stimulus", in + FLAGS, t->to);
    put_table(&t->result, "result", out, t->to);
    fputs("endmodule\n", t->to);
}

/* --- the native form --- */

static int put_with(const struct hls_fn *fn, const struct hls_options *o, const struct hls_native *native,
                    uint64_t hash, FILE *to)
{
    unsigned in = hls_port_bits(fn, false), out = hls_port_bits(fn, true);
    struct testbench t = {.fn = fn, .o = o, .to = to};
    hls_vectors_open(&t.vectors, &(struct hls_vectors){.fn = fn,
                                                       .native = native,
                                                       .random = o->seed,
                                                       .calm = o->testbench / 2,
                                                       .clock_enable = o->clock_enable});
    t.state = hls_allocate(fn->states, sizeof *t.state);
    t.interpreted = hls_allocate(fn->outputs, sizeof *t.interpreted);
    t.line.bit = hls_allocate((in > out ? in : out) + FLAGS, 1);
    int code = make_vectors(&t);
    if (!code)
        put_module(&t, hash);
    hls_vectors_close(&t.vectors);
    free(t.state);
    free(t.interpreted);
    free(t.line.bit);
    free_table(&t.stimulus);
    free_table(&t.result);
    return code;
}

static int open_and_put(const struct hls_fn *fn, const struct hls_options *o, const char *object,
                        uint64_t hash, FILE *to)
{
    struct hls_native native;
    void *library = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    if (!library || hls_native_find(&native, library, fn->name)) {
        fprintf(stderr, "hlsc: internal: native form of '%s': %s\n", fn->name,
                library ? "no symbols" : dlerror());
        return HLS_EXIT_INTERNAL;
    }
    int code = put_with(fn, o, &native, hash, to);
    dlclose(library);
    return code;
}

int hls_emit_testbench(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash, FILE *to)
{
    char *folder = realpath(o->out, NULL); /* dlopen() searches for a path without a slash elsewhere */
    if (!folder)
        return HLS_EXIT_INTERNAL;
    char *shim = hls_text("%s/%s_shim.c", folder, o->top), *object = hls_text("%s/%s_tb.so", folder, o->top);
    int code = hls_frontend_native(o, fn, shim, object);
    if (!code)
        code = open_and_put(fn, o, object, hash, to);
    unlink(object);
    free(folder);
    free(shim);
    free(object);
    return code;
}

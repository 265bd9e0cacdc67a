/* What hlsc writes beside the module: all of it clean for Verilator, Icarus, Yosys and GHDL, and the VHDL
 * wrapper in simulation, turned into Verilog by GHDL, under the test bench of the module that it wraps. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/examples.h"

#include "hls/compiler/memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVALUATIONS = 200, LEAST_EXAMPLES = 7 };

static const double BOARD_MHZ = 240.4734;

static struct bench *compiled(const struct example *e, const struct hls_options *with)
{
    struct bench *b = bench_new();
    struct hls_options o = *with;
    o.source = e->source;
    o.top = e->top;
    o.clock_mhz = BOARD_MHZ;
    o.seed = test_seed();
    CU_ASSERT_EQUAL_FATAL(bench_add_with(b, &o), 0);
    return b;
}

/* Runs `check` on every example, compiled with these options. */
static void for_each_example(const struct hls_options *with, void (*check)(const struct bench *b))
{
    size_t n;
    struct example *e = examples_find(&n);
    CU_ASSERT_TRUE_FATAL(n >= LEAST_EXAMPLES);
    for (size_t i = 0; i < n; i++) {
        struct bench *b = compiled(&e[i], with);
        check(b);
        bench_free(b);
    }
    examples_free(e, n);
}

/* --- Verilog --- */

static void is_clean(const struct bench *b, const char *module, const char *files)
{
    const char *d = b->directory;
    CU_ASSERT_EQUAL(
        bench_command("cd %s && verilator --lint-only -Wall --top-module %s %s", d, module, files), 0);
    CU_ASSERT_EQUAL(bench_command("cd %s && iverilog -g2005 -Wall -s %s -o /dev/null %s > log 2>&1; "
                                  "cat log; test ! -s log",
                                  d, module, files),
                    0);
    CU_ASSERT_EQUAL(bench_command("cd %s && yosys -q -p 'read_verilog %s; hierarchy -check -top %s; proc; "
                                  "opt_clean; check -assert'",
                                  d, files, module),
                    0);
}

static void module_is_clean(const struct bench *b)
{
    char *file = hls_text("%s.v", b->kernel[0].name);
    is_clean(b, b->kernel[0].name, file);
    free(file);
}

static void stream_is_clean(const struct bench *b)
{
    const char *name = b->kernel[0].name;
    char *module = hls_text("%s_stream", name), *files = hls_text("%s_stream.v %s.v", name, name);
    is_clean(b, module, files);
    free(module);
    free(files);
}

/* --- a module a stage --- */

static int run_bench(const struct bench *b)
{
    const char *name = b->kernel[0].name;
    return bench_command("cd %s && iverilog -g2005 -Wall -o tb %s_tb.v %s.v && vvp -N tb > log", b->directory,
                         name, name);
}

static void modules_compute_the_same(const struct bench *b)
{
    module_is_clean(b);
    CU_ASSERT_EQUAL(run_bench(b), 0);
    CU_ASSERT_EQUAL(
        bench_command("test $(grep -c '^module ' %s/%s.v) -gt 1", b->directory, b->kernel[0].name), 0);
}

/* With states and their initial values, with loops, and one of many stages. */
static void test_a_module_a_stage_computes_the_same(void)
{
    static const struct example kernels[] = {{"hls/kernels/orbit_counter.c", "orbit_counter"},
                                             {"hls/kernels/recal_student.c", "recal"},
                                             {"tests/hls/rolled/with_state.c", "with_state"},
                                             {"tests/hls/rolled/two_layers.c", "two_layers"}};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        for (int enable = 0; enable < 2; enable++) {
            struct bench *b = compiled(
                &kernels[i],
                &(struct hls_options){.modules = true, .clock_enable = enable, .testbench = EVALUATIONS});
            modules_compute_the_same(b);
            bench_free(b);
        }
}

/* --- VHDL --- */

/* GHDL puts element 0 of an array highest, hlsc lowest. */
static void put_reversed(FILE *f, const struct hls_port *p, const char *name)
{
    fputc('{', f);
    for (unsigned e = 0; e < p->count; e++)
        fprintf(f, "%s%s[%u:%u]", e ? ", " : "", name, (e + 1) * p->width - 1, e * p->width);
    fputc('}', f);
}

static void put_port(FILE *f, const struct hls_port *p)
{
    char *ours = hls_text("%s_%c", p->name, p->is_output ? 'o' : 'i');
    char *ghdl = hls_text("ghdl_%s", ours);
    bool bits = p->width == 1 && !p->is_signed;
    fprintf(f, "    wire [%u:0] %s;\n    assign %s = ", p->width * p->count - 1, ghdl,
            p->is_output ? ours : ghdl);
    if (bits || p->count == 1)
        fputs(p->is_output ? ghdl : ours, f);
    else
        put_reversed(f, p, p->is_output ? ghdl : ours);
    fputs(";\n", f);
    free(ours);
    free(ghdl);
}

/* NAME_flat: the ports of NAME around what GHDL made of NAME_typed. */
static void put_flat(FILE *f, const struct hls_fn *fn)
{
    fprintf(f, "module %s_flat (input wire clk_i, rst_i, ce_i, valid_i, output wire valid_o,\n", fn->name);
    for (size_t i = 0; i < fn->ports; i++)
        fprintf(f, "    %s wire [%u:0] %s_%c,\n", fn->port[i].is_output ? "output" : "input",
                fn->port[i].width * fn->port[i].count - 1, fn->port[i].name,
                fn->port[i].is_output ? 'o' : 'i');
    fputs("    output wire [63:0] hash_o);\n", f);
    for (size_t i = 0; i < fn->ports; i++)
        put_port(f, &fn->port[i]);
    fprintf(f,
            "    %s_typed typed (.clk_i(clk_i), .rst_i(rst_i), .ce_i(ce_i), .valid_i(valid_i), "
            ".valid_o(valid_o), .hash_o(hash_o)",
            fn->name);
    for (size_t i = 0; i < fn->ports; i++) {
        char way = fn->port[i].is_output ? 'o' : 'i';
        fprintf(f, ",\n        .%sputs_%s_%c(ghdl_%s_%c)", way == 'o' ? "out" : "in", fn->port[i].name, way,
                fn->port[i].name, way);
    }
    fputs(");\nendmodule\n", f);
}

static void write_flat(const struct bench *b)
{
    char *path = hls_text("%s/flat.v", b->directory);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    put_flat(f, b->kernel[0].fn);
    CU_ASSERT_EQUAL(fclose(f), 0);
    free(path);
}

/* The first module that GHDL writes stands for the component: the kernel's own takes its place. */
static int run_wrapped(const struct bench *b)
{
    const char *name = b->kernel[0].name;
    write_flat(b);
    if (bench_command(
            "cd %s && ghdl -a --std=93 %s_pkg.vhd && ghdl --synth --std=93 --out=verilog %s_typed "
            "2> log | sed '1,/^endmodule/d' > typed.v && sed 's/^    %s dut/    %s_flat dut/' %s_tb.v "
            "> tb.v && iverilog -g2005 -s %s_tb -o tb tb.v flat.v typed.v %s.v",
            b->directory, name, name, name, name, name, name, name))
        return -1;
    return bench_command("cd %s && vvp -N tb > log 2>&1", b->directory);
}

static void wrapper_computes_the_same(const struct bench *b)
{
    CU_ASSERT_EQUAL(run_wrapped(b), 0);
    CU_ASSERT_EQUAL(bench_command("grep -q '^PASS: %s: %d results' %s/log || { cat %s/log; false; }",
                                  b->kernel[0].name, EVALUATIONS, b->directory, b->directory),
                    0);
}

static void with_enable(const struct bench *b)
{
    module_is_clean(b);
    wrapper_computes_the_same(b);
}

static void test_modules_with_clock_enable_are_clean_and_so_is_their_vhdl(void)
{
    for_each_example(&(struct hls_options){.vhdl = true, .clock_enable = true, .testbench = EVALUATIONS},
                     with_enable);
}

/* Two elements exchanged in the wrapper. */
static void test_a_wrong_wrapper_is_seen(void)
{
    struct example e = {"hls/kernels/sort_muons.c", "sort_muons"};
    struct bench *b =
        compiled(&e, &(struct hls_options){.vhdl = true, .clock_enable = true, .testbench = EVALUATIONS});
    CU_ASSERT_EQUAL(
        bench_command("cd %s && sed -i 's/inputs.pt_i(3)/inputs.pt_i(4)/' sort_muons_pkg.vhd", b->directory),
        0);
    CU_ASSERT_EQUAL(run_wrapped(b), 1);
    bench_free(b);
}

static void vhdl_is_clean(const struct bench *b)
{
    const char *name = b->kernel[0].name;
    CU_ASSERT_EQUAL(
        bench_command("cd %s && for std in 93 08; do ghdl -a --std=$std %s_pkg.vhd || exit 1; "
                      "ghdl --synth --std=$std %s_typed > /dev/null 2> log || { cat log; exit 1; }; done",
                      b->directory, name, name),
        0);
}

static void as_stream(const struct bench *b)
{
    stream_is_clean(b);
    vhdl_is_clean(b);
}

static void test_streams_are_clean_and_so_is_their_vhdl(void)
{
    for_each_example(&(struct hls_options){.vhdl = true, .ready = true}, as_stream);
}

/* --- names --- */

/* C that has no VHDL: each line a kernel, and part of the message. */
static void test_names_that_vhdl_lacks_are_refused(void)
{
    static const char *const kernels[][3] = {
        {"void signal(int a, int *y) { *y = a; }", "signal", "'signal' cannot name a VHDL entity"},
        {"void k(int a__b, int *y) { *y = a__b; }", "k", "argument 'a__b' is no VHDL name"},
        {"void k(int a_, int *y) { *y = a_; }", "k", "argument 'a_' is no VHDL name"},
        {"void k(int a, int A, int *y) { *y = a + A; }", "k",
         "argument 'A' differs from another in case only"}};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        struct bench *b = bench_new();
        const char *d = b->directory,
                   *run = HLSC " %s/k.c --top %s --clock-mhz 240 --out %s/out %s 2> %s/log";
        CU_ASSERT_EQUAL(bench_command("echo '%s' > %s/k.c", kernels[i][0], d), 0);
        CU_ASSERT_EQUAL(bench_command(run, d, kernels[i][1], d, "", d), 0);
        CU_ASSERT_EQUAL(bench_command("rm -r %s/out", d), 0);
        CU_ASSERT_EQUAL(bench_command(run, d, kernels[i][1], d, "--vhdl", d), 2);
        CU_ASSERT_EQUAL(bench_command("grep -qF \"%s/k.c:1:6: error: %s\" %s/log || { cat %s/log; false; }",
                                      d, kernels[i][2], d, d),
                        0);
        CU_ASSERT_NOT_EQUAL(bench_command("test -e %s/out", d), 0);
        bench_free(b);
    }
}

TEST_MAIN("hls/outputs", TEST(test_modules_with_clock_enable_are_clean_and_so_is_their_vhdl),
          TEST(test_a_module_a_stage_computes_the_same), TEST(test_a_wrong_wrapper_is_seen),
          TEST(test_streams_are_clean_and_so_is_their_vhdl), TEST(test_names_that_vhdl_lacks_are_refused))

/* The test bench that hlsc writes: every example passes it, in Icarus and in Verilator; a module that
 * computes something else, or at another clock, does not, and is named. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/examples.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>

enum { EVALUATIONS = 500 };

static const double BOARD_MHZ = 240.4734;

static struct bench *compiled(const char *source, const char *top, bool clock_enable)
{
    struct bench *b = bench_new();
    struct hls_options o = {.source = source,
                            .top = top,
                            .clock_mhz = BOARD_MHZ,
                            .testbench = EVALUATIONS,
                            .seed = test_seed(),
                            .clock_enable = clock_enable};
    CU_ASSERT_EQUAL_FATAL(bench_add_with(b, &o), 0);
    return b;
}

/* Runs TOP_tb on what is in TOP.v now; its exit status, output in DIR/log. */
static int run_icarus(const struct bench *b)
{
    const char *d = b->directory, *top = b->kernel[0].name;
    int built =
        bench_command("iverilog -g2005 -Wall -o %s/tb %s/%s_tb.v %s/%s.v > %s/log 2>&1 && test ! -s %s/log",
                      d, d, top, d, top, d, d);
    return built ? -1 : bench_command("vvp -N %s/tb > %s/log 2>&1", d, d);
}

static int run_verilator(const struct bench *b)
{
    const char *d = b->directory, *top = b->kernel[0].name;
    int built =
        bench_command("verilator --binary --timing --top-module %s_tb -Mdir %s/v -MAKEFLAGS 'OPT_FAST=-O0 "
                      "OPT_SLOW=-O0 OPT_GLOBAL=-O0' %s/%s_tb.v %s/%s.v -o tb > %s/log 2>&1",
                      top, d, d, top, d, top, d);
    return built ? -1 : bench_command("%s/v/tb > %s/log 2>&1", d, d);
}

static bool log_has(const struct bench *b, const char *text)
{
    return bench_command("grep -qE '%s' %s/log", text, b->directory) == 0;
}

static void passes(const struct bench *b, int (*run)(const struct bench *b))
{
    char *pass = hls_text("^PASS: %s: %d results in", b->kernel[0].name, EVALUATIONS);
    int status = run(b);
    if (status != 0 || !log_has(b, pass))
        bench_command("head -20 %s/log", b->directory);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_TRUE(log_has(b, pass));
    free(pass);
}

static void test_every_example_passes_its_bench(void)
{
    size_t n;
    struct example *e = examples_find(&n);
    CU_ASSERT_TRUE(n >= 7);
    for (size_t i = 0; i < n; i++) {
        struct bench *b = compiled(e[i].source, e[i].top, false);
        passes(b, run_icarus);
        bench_free(b);
    }
    examples_free(e, n);
}

static void test_verilator_runs_it_too(void)
{
    struct bench *b = compiled("hls/kernels/orbit_counter.c", "orbit_counter", true);
    passes(b, run_verilator);
    CU_ASSERT_EQUAL(
        bench_command("sed -i 's/bx_o <= .*;/bx_o <= 12'\\''d7;/' %s/orbit_counter.v", b->directory), 0);
    CU_ASSERT_TRUE(run_verilator(b) > 0);
    CU_ASSERT_TRUE(log_has(b, "^FAIL: orbit_counter: [1-9]"));
    bench_free(b);
}

/* Each a change of select_pair.v, and what the bench must say of it. */
static void test_broken_modules_fail(void)
{
    static const char *const broken[][2] = {
        {"s/pt_sum_o <= {1.d0, /pt_sum_o <= {1'\\''d1, /;s/pt_sum_o <= \\(t[0-9]*\\);/pt_sum_o <= ~\\1;/",
         "^first mismatch: port pt_sum_o, cycle [0-9]+: expected [0-9a-f]+, got [0-9a-f]+$"},
        {"s/valid_o <= valid_[0-9]*;/valid_o <= valid_i;/", "^first mismatch: port valid_o, cycle "},
        {"s/if (rst_i) begin/if (1'\\''b0) begin/",
         "^first mismatch: port valid_o, cycle 0: expected 0, got [xX]"},
        {"s/hash_o = 64.h./hash_o = 64'\\''hz/", "^first mismatch: port hash_o, "},
        {"s/ + / - /", "^first mismatch: port [a-z_]+_o, cycle "}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct bench *b = compiled("hls/kernels/select_pair.c", "select_pair", false);
        CU_ASSERT_EQUAL(bench_command("cp %s/select_pair.v %s/good && sed -i '%s' %s/select_pair.v && "
                                      "! cmp -s %s/good %s/select_pair.v",
                                      b->directory, b->directory, broken[i][0], b->directory, b->directory,
                                      b->directory),
                        0);
        CU_ASSERT_EQUAL(run_icarus(b), 1);
        CU_ASSERT_TRUE(log_has(b, "^FAIL: select_pair: [1-9][0-9]* mismatches"));
        if (!log_has(b, broken[i][1]))
            bench_command("head -5 %s/log", b->directory);
        CU_ASSERT_TRUE(log_has(b, broken[i][1]));
        bench_free(b);
    }
}

/* An element of an array is named by its number. */
static void test_a_mismatch_names_the_element(void)
{
    struct bench *b = compiled("hls/kernels/sort_muons.c", "sort_muons", false);
    CU_ASSERT_EQUAL(
        bench_command("sed -i 's/sorted_pt_o <= /&(144'\\''d1 << 9 * 5) ^ /' %s/sort_muons.v", b->directory),
        0);
    CU_ASSERT_EQUAL(run_icarus(b), 1);
    CU_ASSERT_TRUE(log_has(b, "^first mismatch: port sorted_pt_o\\[5\\], cycle "));
    bench_free(b);
}

/* The same seed gives the same file, another seed another one. */
static void test_the_seed_decides_the_vectors(void)
{
    struct bench *b = compiled("hls/kernels/link_crc.c", "link_crc", false);
    struct hls_options o = {.source = "hls/kernels/link_crc.c",
                            .top = "link_crc",
                            .clock_mhz = BOARD_MHZ,
                            .testbench = EVALUATIONS,
                            .seed = test_seed()};
    const char *d = b->directory;
    CU_ASSERT_EQUAL(bench_command("mv %s/link_crc_tb.v %s/first", d, d), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add_with(b, &o), 0);
    CU_ASSERT_EQUAL(bench_command("cmp -s %s/first %s/link_crc_tb.v", d, d), 0);
    o.seed++;
    CU_ASSERT_EQUAL_FATAL(bench_add_with(b, &o), 0);
    CU_ASSERT_EQUAL(bench_command("cmp -s %s/first %s/link_crc_tb.v", d, d), 1);
    bench_free(b);
}

TEST_MAIN("hls/testbench", TEST(test_every_example_passes_its_bench), TEST(test_verilator_runs_it_too),
          TEST(test_broken_modules_fail), TEST(test_a_mismatch_names_the_element),
          TEST(test_the_seed_decides_the_vectors))

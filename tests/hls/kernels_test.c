/* The chain's kernels: native code, IR interpreter, Verilator and Icarus give the same values at the same
 * clocks. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 2000, CYCLES = 3000, ICARUS_CYCLES = 300 };

static const double BOARD_MHZ = 240.4734;

static void hold_together(struct bench *b)
{
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O3"), 0);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_VERILATOR, CYCLES, test_seed() + 1) > CYCLES / 4);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, test_seed() + 2) > ICARUS_CYCLES / 8);
}

static void test_zero_suppress_and_student_agree_everywhere(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/zero_suppress.c", "zero_suppress", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/recal_student.c", "recal", BOARD_MHZ), 0);
    hold_together(b);
    bench_free(b);
}

/* hls/kernels/NAME.c, function NAME. */
static void add_examples(struct bench *b)
{
    static const char *const names[] = {"dimuon_mass", "extrapolate_muon", "hit_map", "link_crc", "orbit_counter",
                                        "select_pair", "sort_muons", "unpack_muon"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = hls_text("hls/kernels/%s.c", names[i]);
        CU_ASSERT_EQUAL_FATAL(bench_add(b, path, names[i], BOARD_MHZ), 0);
        free(path);
    }
}

static void test_examples_agree_everywhere(void)
{
    struct bench *b = bench_new();
    add_examples(b);
    hold_together(b);
    bench_free(b);
}

static void test_baseline_agrees_everywhere(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/recal_baseline.c", "recal", BOARD_MHZ), 0);
    hold_together(b);
    bench_free(b);
}

/* The clock decides where the pipeline is cut, never what it computes. */
static void test_other_clocks_change_the_latency_only(void)
{
    static const double clocks[] = {40, 160, 320};
    unsigned latency = 0;
    for (size_t c = 0; c < sizeof clocks / sizeof *clocks; c++) {
        struct bench *b = bench_new();
        CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/recal_student.c", "recal", clocks[c]), 0);
        CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
        CU_ASSERT_EQUAL(bench_native_against_interpreter(b, 200, test_seed()), 0);
        CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, test_seed()) > 0);
        CU_ASSERT_TRUE(b->kernel[0].fn->stages > latency);
        latency = b->kernel[0].fn->stages;
        bench_free(b);
    }
}

/* Function NAME of NAME.c in tests/hls/language/ (what the guide promises), or of what the fuzzer once found
 * in tests/hls/kept/. */
static void add_named_after_file(struct bench *b, const char *path)
{
    char *name = hls_copy_text(strrchr(path, '/') + 1);
    name[strcspn(name, ".")] = 0;
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, 350), 0);
    free(name);
}

static void test_small_kernels_agree(void)
{
    struct bench *b = bench_new();
    glob_t g;
    CU_ASSERT_EQUAL_FATAL(glob("tests/hls/{kept,language}/*.c", GLOB_BRACE, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        add_named_after_file(b, g.gl_pathv[i]);
    globfree(&g);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O0"), 0);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, CYCLES, test_seed()) > CYCLES / 4);
    bench_free(b);
}

static void test_verilog_is_lint_clean(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/zero_suppress.c", "zero_suppress", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/recal_student.c", "recal", BOARD_MHZ), 0);
    add_examples(b);
    for (size_t k = 0; k < b->kernels; k++) {
        const char *d = b->directory, *name = b->kernel[k].name;
        CU_ASSERT_EQUAL(bench_command("verilator --lint-only -Wall %s/%s.v", d, name), 0);
        CU_ASSERT_EQUAL(
            bench_command("iverilog -g2005 -Wall -o /dev/null %s/%s.v 2> %s/log; test ! -s %s/log", d, name,
                          d, d),
            0);
        CU_ASSERT_EQUAL(
            bench_command("yosys -q -p 'read_verilog %s/%s.v; hierarchy -check -top %s; proc; opt_clean; "
                          "check -assert'",
                          d, name, name),
            0);
    }
    bench_free(b);
}

TEST_MAIN("hls/kernels", TEST(test_zero_suppress_and_student_agree_everywhere),
          TEST(test_examples_agree_everywhere), TEST(test_baseline_agrees_everywhere),
          TEST(test_other_clocks_change_the_latency_only), TEST(test_small_kernels_agree),
          TEST(test_verilog_is_lint_clean))

/* Rolled loops: native code, interpreter, Verilator and Icarus agree, with evaluations as close as the kernel
 * allows, with gaps, and with resets in flight (tests/hls/rolled/; at the lower clock only: rolled/slow/);
 * what is rolled is there once, and what accumulates is as wide as its sum can be. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 2000, CYCLES = 4000, ICARUS_CYCLES = 800 };

static const double BOARD_MHZ = 240.4734;

static int add(struct bench *b, const char *path, const char *name, double clock_mhz, unsigned ii)
{
    const struct hls_options o = {.source = path, .top = name, .clock_mhz = clock_mhz, .ii = ii};
    return bench_add_with(b, &o);
}

static void add_named_after_file(struct bench *b, const char *path, double clock_mhz, unsigned ii)
{
    char *name = hls_copy_text(strrchr(path, '/') + 1);
    name[strcspn(name, ".")] = 0;
    CU_ASSERT_EQUAL_FATAL(add(b, path, name, clock_mhz, ii), 0);
    free(name);
}

static void add_all(struct bench *b, const char *pattern, double clock_mhz, unsigned ii)
{
    glob_t g;
    CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        add_named_after_file(b, g.gl_pathv[i], clock_mhz, ii);
    globfree(&g);
}

static void hold_together(struct bench *b, const char *flags)
{
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, flags), 0);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_VERILATOR, CYCLES, test_seed() + 1) > CYCLES / 16);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, test_seed() + 2) > ICARUS_CYCLES / 16);
}

/* What -d prints of loops is read back and computes the same, and prints the same again. */
static void test_dumps_of_loops_are_graphs(void)
{
    struct bench *b = bench_new();
    add_all(b, "tests/hls/rolled/*.c", BOARD_MHZ, 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
    for (size_t k = 0; k < b->kernels; k++) {
        FILE *f = tmpfile();
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        hls_dump(b->kernel[k].fn, f);
        rewind(f);
        struct hls_fn *again = hls_parse(f, b->kernel[k].name);
        fclose(f);
        CU_ASSERT_PTR_NOT_NULL_FATAL(again);
        CU_ASSERT_EQUAL(hls_verify(again, "parse"), 0);
        hls_fn_free(b->kernel[k].fn);
        b->kernel[k].fn = again;
    }
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, 300, test_seed()), 0);
    bench_free(b);
}

static void test_rolled_loops_agree_everywhere(void)
{
    struct bench *b = bench_new();
    add_all(b, "tests/hls/rolled/*.c", BOARD_MHZ, 0);
    hold_together(b, "-O3");
    bench_free(b);
}

static void test_rolled_loops_agree_at_a_low_clock_and_seldom(void)
{
    struct bench *b = bench_new();
    add_all(b, "tests/hls/rolled/*.c", 60, 13);
    add_all(b, "tests/hls/rolled/slow/*.c", 60, 0);
    hold_together(b, "-O0");
    bench_free(b);
}

static unsigned count(const struct hls_fn *fn, enum hls_op op)
{
    unsigned n = 0;
    for (hls_id id = 0; id < fn->nodes; id++)
        n += fn->node[id].op == op && fn->node[id].demand;
    return n;
}

/* 128 products of two layers: a quarter of them by tables; of the first layer's, one is by a power of two. */
static void test_products_are_shared_and_sums_narrow(void)
{
    struct bench *b = bench_new();
    add_named_after_file(b, "tests/hls/rolled/two_layers.c", BOARD_MHZ, 0);
    const struct hls_fn *fn = b->kernel[0].fn;
    CU_ASSERT_EQUAL(fn->loops, 2);
    CU_ASSERT_EQUAL(fn->ii, 4);
    CU_ASSERT_TRUE(count(fn, HLS_MUL) <= 32 && count(fn, HLS_MUL) > 24);
    for (unsigned i = 0; i < fn->states; i++) /* 16 bits times the sum of a row's weights, 191 at most */
        CU_ASSERT_TRUE(hls_bits(fn->state[i].lo, fn->state[i].hi) <= 16 + 8);
    bench_free(b);
}

static void test_intervals_between_evaluations(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL(add(b, "tests/hls/rolled/two_layers.c", "two_layers", BOARD_MHZ, 3), 2);
    add_named_after_file(b, "tests/hls/rolled/two_layers.c", BOARD_MHZ, 4);
    add_named_after_file(b, "tests/hls/rolled/two_layers.c", BOARD_MHZ, 9);
    CU_ASSERT_EQUAL(b->kernel[0].fn->ii, 4);
    CU_ASSERT_EQUAL(b->kernel[1].fn->ii, 9);
    CU_ASSERT_EQUAL(b->kernel[0].fn->stages, b->kernel[1].fn->stages);
    bench_free(b);
}

/* The same network with and without shared multipliers. */
static void test_shared_layers_compute_the_same(void)
{
    static const char *const sources[] = {"hls/kernels/recal_baseline.c",
                                          "hls/kernels/recal_baseline_shared.c"};
    struct bench *b[2] = {bench_new(), bench_new()};
    uint64_t random = test_seed();
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(add(b[i], sources[i], "recal", BOARD_MHZ, 0), 0);
        CU_ASSERT_EQUAL_FATAL(bench_build_native(b[i], "-O1"), 0);
    }
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b[1], 100, test_seed()), 0);
    for (int n = 0; n < 2000; n++) {
        uint32_t in[] = {(uint32_t)bench_random(&random), (uint32_t)bench_random(&random), n & 255, n & 15};
        uint32_t out[2][5] = {{0}};
        for (int i = 0; i < 2; i++)
            b[i]->kernel[0].native->call(in, out[i]);
        CU_ASSERT_EQUAL_FATAL(memcmp(out[0], out[1], sizeof out[0]), 0);
    }
    CU_ASSERT_EQUAL(b[1]->kernel[0].fn->ii, 8);
    CU_ASSERT_TRUE(count(b[1]->kernel[0].fn, HLS_MUL) <= 16 + 128 + 128 + 32);
    bench_free(b[0]);
    bench_free(b[1]);
}

TEST_MAIN("hls/rolled", TEST(test_rolled_loops_agree_everywhere), TEST(test_dumps_of_loops_are_graphs),
          TEST(test_rolled_loops_agree_at_a_low_clock_and_seldom),
          TEST(test_products_are_shared_and_sums_narrow), TEST(test_intervals_between_evaluations),
          TEST(test_shared_layers_compute_the_same))

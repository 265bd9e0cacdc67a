/* Whatever the compiler must get right, once and quickly: native code, interpreter and Icarus over small
 * kernels and random ones, and that the clock decides the latency. For mutants.sh, which runs it on compilers
 * with a deliberate fault each; the other tests of this folder go deeper. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"

#include "hls/compiler/memory.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 200, CYCLES = 150, FIRST_SEED = 15, RANDOM_KERNELS = 24 };

static const double BOARD_MHZ = 240.4734, STATE_MHZ = 1;

static void add_file(struct bench *b, const char *path, double clock_mhz)
{
    char *name = hls_copy_text(strrchr(path, '/') + 1);
    name[strcspn(name, ".")] = 0;
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, clock_mhz), 0);
    free(name);
}

static void add_files(struct bench *b, const char *pattern, double clock_mhz)
{
    glob_t g;
    CU_ASSERT_EQUAL_FATAL(glob(pattern, GLOB_BRACE, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        add_file(b, g.gl_pathv[i], clock_mhz);
    globfree(&g);
}

static void add_random(struct bench *b, uint64_t seed)
{
    char *name = hls_text("random_%u", (unsigned)seed), *path = hls_text("%s/%s.c", b->directory, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    generate_kernel(f, name, seed);
    fclose(f);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, generate_has_state(seed) ? STATE_MHZ : BOARD_MHZ), 0);
    free(name);
    free(path);
}

static void hold_together(struct bench *b)
{
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O0"), 0);
    CU_ASSERT_EQUAL_FATAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE_FATAL(bench_rtl(b, BENCH_ICARUS, CYCLES, test_seed() + 1) > 0);
}

static void test_small_kernels_agree(void)
{
    struct bench *b = bench_new();
    add_files(b, "tests/hls/{division,kept,language,rolled,state}/*.c", BOARD_MHZ);
    add_files(b, "tests/hls/structs/*.c", 60);
    add_files(b, "hls/kernels/{dimuon_mass,link_crc,orbit_counter,select_pair,unpack_muon}.c", BOARD_MHZ);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "hls/kernels/recal_student.c", "recal", BOARD_MHZ), 0);
    hold_together(b);
    bench_free(b);
}

static void test_random_kernels_agree(void)
{
    struct bench *b = bench_new();
    for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + RANDOM_KERNELS; seed++)
        add_random(b, seed);
    hold_together(b);
    bench_free(b);
}

static unsigned latency_at(const char *path, double clock_mhz)
{
    struct bench *b = bench_new();
    add_file(b, path, clock_mhz);
    unsigned stages = b->kernel[0].fn->stages;
    bench_free(b);
    return stages;
}

/* A fast clock needs more stages, a slow one next to none; ten comparisons in a row take time. */
static void test_the_clock_decides_the_latency(void)
{
    static const char *const paths[] = {"hls/kernels/sort_muons.c", "hls/kernels/dimuon_mass.c",
                                        "tests/hls/division/by_constants.c"};
    CU_ASSERT_TRUE(latency_at(paths[0], BOARD_MHZ) > 4);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CU_ASSERT_TRUE(latency_at(paths[i], 10) <= 2);
        CU_ASSERT_TRUE(latency_at(paths[i], 300) > latency_at(paths[i], 100));
    }
}

TEST_MAIN("hls/hunt", TEST(test_small_kernels_agree), TEST(test_random_kernels_agree),
          TEST(test_the_clock_decides_the_latency))

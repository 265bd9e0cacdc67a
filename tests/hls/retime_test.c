/* Retiming and shift registers: register bits never rise, the graph stays what it was, the cut is least, and
 * what the Verilog does with values that wait is right. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"

#include "hls/compiler/emit.h"
#include "hls/compiler/flow.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOARD_MHZ 240.4734

/* --- the cut --- */

enum { GRAPHS = 300, VERTICES = 9, EDGES = 24 };

struct graph {
    uint32_t from[EDGES], to[EDGES];
    int32_t capacity[EDGES];
};

/* By trying all sides; vertex v is with the source when bit v of `side` is set. */
static int64_t cut_of_side(const struct graph *g, unsigned side)
{
    int64_t sum = 0;
    for (int e = 0; e < EDGES; e++)
        sum += (side >> g->from[e] & 1) && !(side >> g->to[e] & 1) ? g->capacity[e] : 0;
    return sum;
}

static int64_t least_cut(const struct graph *g)
{
    int64_t least = INT64_MAX;
    for (unsigned side = 0; side < 1u << VERTICES; side++)
        if ((side & 1) && !(side & 2) && cut_of_side(g, side) < least)
            least = cut_of_side(g, side);
    return least;
}

static void test_cut_is_the_least(void)
{
    uint64_t state = test_seed();
    unsigned wrong = 0;
    for (int i = 0; i < GRAPHS; i++) {
        struct graph g;
        struct hls_flow f = {.vertices = VERTICES};
        for (int e = 0; e < EDGES; e++) {
            g.from[e] = (uint32_t)(bench_random(&state) % VERTICES);
            g.to[e] = (uint32_t)(bench_random(&state) % VERTICES);
            g.capacity[e] = (int32_t)(bench_random(&state) % 20);
            hls_flow_add(&f, g.from[e], g.to[e], g.capacity[e]);
        }
        int64_t cut = hls_flow_cut(&f);
        unsigned side = 0;
        for (unsigned v = 0; v < VERTICES; v++)
            side |= (unsigned)(f.depth[v] != 0) << v;
        wrong += cut != least_cut(&g) || cut_of_side(&g, side) != cut;
        hls_flow_release(&f);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* --- the pass --- */

/* The graph of a source as the schedule gets it, by hlsc's own text; NULL when hlsc refuses the source. */
static struct hls_fn *graph_of(const char *source, const char *top)
{
    char *command = hls_text(HLSC " %s --top %s -I . --clock-mhz 100 -d demand", source, top);
    bool compiles = bench_command("%s >/dev/null 2>&1", command) == 0;
    FILE *text = compiles ? popen(command, "r") : NULL;
    struct hls_fn *fn = text ? hls_parse(text, command) : NULL;
    CU_ASSERT_EQUAL(text ? pclose(text) : 0, 0);
    free(command);
    return fn;
}

static struct hls_emitted count_registers(const struct hls_fn *fn)
{
    struct hls_emitted count = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    hls_emit_verilog(fn, false, 0, nowhere, &count);
    fclose(nowhere);
    hls_emitted_release(&count);
    return count;
}

/* Bits before and after, 0 and 0 when the source is refused at this clock; a graph that is no longer right, or
 * takes more, fails. */
static void retime(const char *source, const char *top, double clock_mhz, unsigned bits[2])
{
    struct hls_fn *fn = graph_of(source, top);
    bits[0] = bits[1] = 0;
    if (fn && hls_pass_schedule(fn, clock_mhz) == 0) {
        unsigned stages = fn->stages;
        bits[0] = count_registers(fn).register_bits;
        hls_pass_retime(fn, clock_mhz);
        CU_ASSERT_EQUAL(hls_verify(fn, "retime"), 0);
        CU_ASSERT_EQUAL(fn->stages, stages);
        bits[1] = count_registers(fn).register_bits;
        if (bits[1] > bits[0])
            printf("%s at %.0f MHz: %u bits became %u\n", source, clock_mhz, bits[0], bits[1]);
        CU_ASSERT_TRUE(bits[1] <= bits[0]);
    }
    if (fn)
        hls_fn_free(fn);
}

static void test_registers_of_kernels_never_rise_and_those_of_networks_fall(void)
{
    static const char *const kernels[][2] = {{"select_pair", "select_pair"},
                                             {"sort_muons", "sort_muons"},
                                             {"hit_map", "hit_map"},
                                             {"zero_suppress", "zero_suppress"},
                                             {"recal_student", "recal"}};
    unsigned bits[2];
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        char *source = hls_text("hls/kernels/%s.c", kernels[i][0]);
        for (double mhz = 160; mhz < 400; mhz *= 1.5) {
            retime(source, kernels[i][1], mhz, bits);
            CU_ASSERT_TRUE(bits[0] > 0);
        }
        free(source);
    }
    retime("hls/kernels/recal_student.c", "recal", BOARD_MHZ, bits);
    printf("recal_student: %u register bits became %u\n", bits[0], bits[1]);
    CU_ASSERT_TRUE(bits[1] < bits[0]);
}

enum { PROGRAMS = 30 };

static void test_registers_of_random_kernels_never_rise(void)
{
    char path[] = "/tmp/retime_XXXXXX.c";
    int descriptor = mkstemps(path, 2);
    CU_ASSERT_FATAL(descriptor >= 0);
    FILE *f = fdopen(descriptor, "w");
    unsigned bits[2], fewer = 0, compiled = 0;
    for (uint64_t i = 0; i < PROGRAMS; i++) {
        f = freopen(path, "w", f);
        generate_kernel(f, "kernel", test_seed() + i);
        fflush(f);
        retime(path, "kernel", 200, bits);
        compiled += bits[0] > 0;
        fewer += bits[1] < bits[0];
    }
    printf("%u of %u random kernels have fewer register bits\n", fewer, compiled);
    CU_ASSERT_TRUE(compiled > PROGRAMS / 2 && fewer > 0);
    fclose(f);
    remove(path);
}

/* --- shift registers --- */

static void test_values_that_wait_go_through_shift_registers(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "tests/hls/quality/carry.c", "carry", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
    struct hls_emitted count = count_registers(b->kernel[0].fn);
    printf("carry: %u of %u register bits in shift registers\n", count.shift_bits, count.register_bits);
    CU_ASSERT_TRUE(count.shift_bits > count.register_bits / 10);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, 2000, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_VERILATOR, 3000, test_seed()) > 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, 1000, test_seed()) > 0);
    bench_free(b);
}

TEST_MAIN("hls/retime", TEST(test_cut_is_the_least),
          TEST(test_registers_of_kernels_never_rise_and_those_of_networks_fall),
          TEST(test_registers_of_random_kernels_never_rise), TEST(test_values_that_wait_go_through_shift_registers))

/* Kernels with state: native code, interpreter, Verilator and Icarus agree through bubbles and resets
 * (tests/hls/state/; structs in memory, at the lower clock only: tests/hls/structs/), instances have states
 * of their own, and the examples count what they should. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 3000, CYCLES = 3000, ICARUS_CYCLES = 600, LAST_BX = 3563 };

static const double BOARD_MHZ = 240.4734;

static void add_named_after_file(struct bench *b, const char *path, double clock_mhz)
{
    char *name = hls_copy_text(strrchr(path, '/') + 1);
    name[strcspn(name, ".")] = 0;
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, clock_mhz), 0);
    free(name);
}

static void hold_all(const char *pattern, double clock_mhz, const char *flags)
{
    struct bench *b = bench_new();
    glob_t g;
    CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        add_named_after_file(b, g.gl_pathv[i], clock_mhz);
    globfree(&g);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, flags), 0);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_VERILATOR, CYCLES, test_seed() + 1) > CYCLES / 4);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, test_seed() + 2) > ICARUS_CYCLES / 4);
    bench_free(b);
}

static void test_states_agree_everywhere(void)
{
    hold_all("tests/hls/state/*.c", BOARD_MHZ, "-O3");
    hold_all("tests/hls/st*/*.c", 60, "-O0");
}

/* The one kernel of a bench, in native form at -O3. */
static struct bench *open_kernel(const char *source)
{
    struct bench *b = bench_new();
    add_named_after_file(b, source, BOARD_MHZ);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O3"), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->kernel[0].native_state);
    CU_ASSERT_PTR_NULL(b->kernel[0].native->call);
    return b;
}

/* Bit by bit, as a shift register in hardware does it. */
static uint32_t crc_step(uint32_t crc, uint32_t word)
{
    for (int bit = 31; bit >= 0; bit--) {
        uint32_t out = crc >> 31 ^ (word >> bit & 1);
        crc <<= 1;
        if (out)
            crc ^= 0x04C11DB7u;
    }
    return crc;
}

/* Two instances run in turn; a reset of one leaves the other alone. */
static void test_link_crc_is_the_crc_of_each_instance(void)
{
    struct bench *b = open_kernel("hls/kernels/link_crc.c");
    const struct hls_kernel_state *s = b->kernel[0].native_state;
    uint64_t random = test_seed();
    uint32_t crc[2] = {0xffffffffu, 0xffffffffu};
    void *state[2] = {hls_allocate(s->bytes(), 1), hls_allocate(s->bytes(), 1)};
    s->reset(state[0]);
    s->reset(state[1]);
    for (int i = 0; i < 10000; i++) {
        int which = (int)(bench_random(&random) & 1);
        uint32_t in[] = {(uint32_t)bench_random(&random), bench_random(&random) % 16 == 0}, out[1];
        if (i % 1000 == 999) {
            s->reset(state[which]);
            crc[which] = 0xffffffffu;
        }
        crc[which] = crc_step(in[1] ? 0xffffffffu : crc[which], in[0]);
        s->step(state[which], in, out);
        CU_ASSERT_EQUAL_FATAL(out[0], crc[which]);
    }
    free(state[0]);
    free(state[1]);
    bench_free(b);
}

static void test_orbit_counter_follows_bc0(void)
{
    struct bench *b = open_kernel("hls/kernels/orbit_counter.c");
    const struct hls_kernel_state *s = b->kernel[0].native_state;
    void *state = hls_allocate(s->bytes(), 1);
    uint64_t random = test_seed();
    uint32_t expected = 0, orbits = 0, slips = 0;
    int running = 0;
    s->reset(state);
    for (int i = 0; i < 40000; i++) {
        uint32_t odd = bench_random(&random) % 5000 == 0, sync = (expected == 0 && i > 20) ^ odd, out[3];
        uint32_t slipped = running && sync != (expected == 0);
        uint32_t bx = sync ? 0 : expected;
        orbits += bx == 0;
        s->step(state, &sync, out);
        CU_ASSERT_EQUAL_FATAL(out[0], bx);
        CU_ASSERT_EQUAL_FATAL(out[1], orbits);
        CU_ASSERT_EQUAL_FATAL(out[2], slipped);
        running |= (int)sync;
        slips += slipped;
        expected = bx == LAST_BX ? 0 : bx + 1;
    }
    CU_ASSERT_TRUE(slips > 0 && orbits > 5);
    free(state);
    bench_free(b);
}

/* What cannot be seen costs nothing, and intervals follow from what is written. */
static void test_states_are_as_narrow_as_their_values(void)
{
    struct bench *b = bench_new();
    add_named_after_file(b, "tests/hls/state/delay_line.c", BOARD_MHZ);
    add_named_after_file(b, "tests/hls/state/far_down.c", BOARD_MHZ);
    const struct hls_fn *line = b->kernel[0].fn, *far = b->kernel[1].fn;
    CU_ASSERT_EQUAL(line->states, 9);
    for (unsigned i = 0; i < line->states; i++)
        if (!strcmp(line->state[i].name, "delay_line.at"))
            CU_ASSERT_TRUE(line->state[i].lo == 0 && line->state[i].hi == 7);
    CU_ASSERT_EQUAL(far->states, 2);
    CU_ASSERT_EQUAL(far->node[far->state[0].next].stage, far->state[0].stage);
    CU_ASSERT_TRUE(far->state[0].stage > 0);
    bench_free(b);
}

TEST_MAIN("hls/state", TEST(test_states_agree_everywhere), TEST(test_link_crc_is_the_crc_of_each_instance),
          TEST(test_orbit_counter_follows_bc0), TEST(test_states_are_as_narrow_as_their_values))

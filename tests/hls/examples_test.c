/* What the example kernels are for, each against a plain program of the same purpose. That the Verilog does
 * what the native kernel does is held by hls/kernels. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

enum { TRIALS = 5000, MUONS = 16, PAIR_MUONS = 8, MAP_WORDS = 112, ORBIT = 3564 };

static const double BOARD_MHZ = 240.4734;

static struct bench *open_kernel(const char *name)
{
    struct bench *b = bench_new();
    char *path = hls_text("hls/kernels/%s.c", name);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O2"), 0);
    free(path);
    return b;
}

/* Ties and empty slots more often than chance would give them. */
static uint32_t random_pt(uint64_t *state)
{
    uint64_t kind = bench_random(state) % 4;
    return kind == 0 ? 0 : (uint32_t)(bench_random(state) % (kind == 1 ? 4 : 512));
}

static void test_muons_are_sorted_by_pt(void)
{
    struct bench *b = open_kernel("sort_muons");
    uint64_t state = test_seed();
    for (int t = 0; t < TRIALS; t++) {
        uint32_t pt[MUONS], out[2 * MUONS];
        unsigned taken = 0;
        for (int i = 0; i < MUONS; i++)
            pt[i] = random_pt(&state);
        b->kernel[0].native->call(pt, out);
        for (int place = 0; place < MUONS; place++) {
            int best = -1;
            for (int i = 0; i < MUONS; i++)
                if (!(taken >> i & 1) && (best < 0 || pt[i] > pt[best]))
                    best = i;
            taken |= 1u << best;
            CU_ASSERT_EQUAL_FATAL(out[place], pt[best]);
            CU_ASSERT_EQUAL_FATAL(out[MUONS + place], (uint32_t)best);
        }
    }
    bench_free(b);
}

/* in: pt, charge, pt_min; expected: found, first, second, sum. */
static void best_pair(const uint32_t *in, uint32_t expected[4])
{
    const uint32_t *pt = in, *charge = in + PAIR_MUONS, least = in[2 * PAIR_MUONS];
    memset(expected, 0, 4 * sizeof *expected);
    for (uint32_t i = 0; i < PAIR_MUONS; i++)
        for (uint32_t j = i + 1; j < PAIR_MUONS; j++) {
            if (!pt[i] || !pt[j] || pt[i] < least || pt[j] < least || charge[i] == charge[j])
                continue;
            if (pt[i] + pt[j] > expected[3])
                memcpy(expected, (uint32_t[]){1, i, j, pt[i] + pt[j]}, 4 * sizeof *expected);
        }
}

static void test_the_best_pair_is_selected(void)
{
    struct bench *b = open_kernel("select_pair");
    uint64_t state = test_seed();
    unsigned found = 0;
    for (int t = 0; t < TRIALS; t++) {
        uint32_t in[2 * PAIR_MUONS + 1], out[4], expected[4];
        for (int i = 0; i < PAIR_MUONS; i++) {
            in[i] = random_pt(&state);
            in[PAIR_MUONS + i] = bench_random(&state) & 1;
        }
        in[2 * PAIR_MUONS] = random_pt(&state);
        best_pair(in, expected);
        b->kernel[0].native->call(in, out);
        CU_ASSERT_EQUAL_FATAL(memcmp(out, expected, sizeof out), 0);
        found += out[0];
    }
    CU_ASSERT_TRUE(found > TRIALS / 8 && found < TRIALS);
    bench_free(b);
}

static void test_the_hit_map_is_that_of_the_orbit(void)
{
    struct bench *b = open_kernel("hit_map");
    const struct hls_kernel_state *s = b->kernel[0].native_state;
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    void *kernel = hls_allocate(s->bytes(), 1);
    uint64_t state = test_seed();
    uint8_t kept[MAP_WORDS * 32] = {0};
    uint32_t count = 0;
    s->reset(kernel);
    for (uint32_t n = 0; n < 3 * ORBIT; n++) {
        uint32_t bx = n % ORBIT, in[] = {bx, bench_random(&state) % 5 == 0, bench_random(&state) % MAP_WORDS};
        uint32_t out[2], word = 0;
        if (bx == 0) {
            memset(kept, 0, sizeof kept);
            count = 0;
        }
        kept[bx] = (uint8_t)in[1];
        count += in[1];
        for (uint32_t i = 0; i < 32; i++)
            word |= (uint32_t)kept[32 * in[2] + i] << i;
        s->step(kernel, in, out);
        CU_ASSERT_EQUAL_FATAL(out[0], word);
        CU_ASSERT_EQUAL_FATAL(out[1], count);
    }
    free(kernel);
    bench_free(b);
}

TEST_MAIN("hls/examples", TEST(test_muons_are_sorted_by_pt), TEST(test_the_best_pair_is_selected),
          TEST(test_the_hit_map_is_that_of_the_orbit))

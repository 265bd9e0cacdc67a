/* `/` and `%`: graphs against the C of this program, then kernels through native code, interpreter and
 * simulators.
 */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/divide.h"

enum { DIVISORS = 3000, SAMPLES = 24, EVALUATIONS = 3000, CYCLES = 2000, ICARUS_CYCLES = 300 };

static const double BOARD_MHZ = 240.4734;

static uint64_t random_bits(uint64_t *state, unsigned width)
{
    uint64_t bits = bench_random(state) >> (64 - width);
    switch (bench_random(state) % 8) {
    case 0: return 0;
    case 1: return UINT64_MAX >> (64 - width);
    case 2: return bits & 15;
    default: return bits;
    }
}

/* x / divisor and x % divisor for x of `width` bits; the divisor is `constant`, or, when that is 0, input 1.
 */
static struct hls_fn *make_divider(unsigned width, uint64_t constant, unsigned divisor_width)
{
    static char x[] = "x", type[] = "unsigned long";
    struct hls_fn *fn = hls_fn_new("divider");
    hls_fn_add_port(fn, &(struct hls_port){.name = x, .type = type, .width = width, .count = 1});
    hls_fn_add_port(fn, &(struct hls_port){.name = x, .type = type, .width = divisor_width, .count = 1});
    hls_fn_add_port(fn,
                    &(struct hls_port){.name = x, .type = type, .is_output = true, .width = 64, .count = 2});
    hls_id d = constant ? hls_const(fn, (hls_int)constant)
                        : hls_binary(fn, HLS_MAX, hls_input(fn, 1), hls_const(fn, 1));
    struct hls_division r = hls_divide(fn, hls_input(fn, 0), d);
    fn->output[0] = r.quotient;
    fn->output[1] = r.remainder;
    return fn;
}

/* The divisor's multiples and their neighbours are where a reciprocal goes wrong first. */
static uint64_t random_dividend(uint64_t *state, unsigned width, uint64_t d)
{
    uint64_t most = UINT64_MAX >> (64 - width), x = random_bits(state, width);
    if (d && bench_random(state) % 2)
        x = most / d ? d * (1 + bench_random(state) % (most / d)) - bench_random(state) % 2 : x;
    return x & most;
}

static unsigned wrong_samples(const struct hls_fn *fn, unsigned width, uint64_t constant,
                              unsigned divisor_width, uint64_t *state)
{
    unsigned wrong = hls_verify(fn, "divide") != 0;
    for (unsigned s = 0; s < SAMPLES && !wrong; s++) {
        uint64_t y = random_bits(state, divisor_width), d = constant ? constant : y ? y : 1;
        uint64_t x = s == 0 ? UINT64_MAX >> (64 - width) : random_dividend(state, width, d);
        hls_int in[] = {(hls_int)x, (hls_int)y}, out[2];
        wrong += hls_interpret(fn, NULL, in, out) || out[0] != (hls_int)(x / d) || out[1] != (hls_int)(x % d);
        if (wrong)
            printf("%u bits: %llu by %llu\n", width, (unsigned long long)x, (unsigned long long)d);
    }
    return wrong;
}

static void test_quotients_and_remainders_are_exact(void)
{
    uint64_t state = test_seed();
    unsigned wrong = 0, products = 0;
    for (unsigned i = 0; i < DIVISORS && !wrong; i++) {
        unsigned width = 1 + (unsigned)(bench_random(&state) % 64), divisor_width = 1 + i % 64;
        uint64_t constant = i % 4 ? random_bits(&state, divisor_width) : 0;
        struct hls_fn *fn = make_divider(width, constant, divisor_width);
        for (hls_id id = 0; id < fn->nodes; id++)
            products += fn->node[id].op == HLS_MUL;
        wrong += wrong_samples(fn, width, constant, divisor_width, &state);
        hls_fn_free(fn);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(products > DIVISORS / 8);
}

/* Every dividend, at the widths where that is quick. */
static void test_small_dividends_are_exact_throughout(void)
{
    unsigned wrong = 0;
    for (uint64_t d = 1; d < 300; d++) {
        struct hls_fn *fn = make_divider(9, d, 1);
        for (hls_int x = 0; x < 512; x++) {
            hls_int in[] = {x, 0}, out[2];
            wrong += hls_interpret(fn, NULL, in, out) || out[0] != x / (hls_int)d || out[1] != x % (hls_int)d;
        }
        hls_fn_free(fn);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_kernels_that_divide_agree_everywhere(void)
{
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "tests/hls/division/guarded.c", "guarded", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "tests/hls/division/by_constants.c", "by_constants", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, "tests/hls/division/by_variables.c", "by_variables", BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O3"), 0);
    CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_VERILATOR, CYCLES, test_seed() + 1) > CYCLES / 4);
    CU_ASSERT_TRUE(bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, test_seed() + 2) > ICARUS_CYCLES / 4);
    bench_free(b);
}

TEST_MAIN("hls/division", TEST(test_quotients_and_remainders_are_exact),
          TEST(test_small_dividends_are_exact_throughout), TEST(test_kernels_that_divide_agree_everywhere))

/* Random kernels: native code at -O0, IR interpreter, Verilator and Icarus must agree.
 *
 * HLS_FUZZ_KERNELS kernels in batches of 20, the first HLS_FUZZ_RTL of them through both simulators as well
 * (Icarus a shorter stream); 60 and 20 unless the environment says otherwise. The kernels of a batch that
 * differs are kept in fuzz_failures/ of the present directory.
 */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"

#include "hls/compiler/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    DEFAULT_KERNELS = 60,
    DEFAULT_RTL = 20,
    BATCH = 20,
    EVALUATIONS = 300,
    CYCLES = 200,
    ICARUS_CYCLES = 60
};

static const double clocks[] = {80, 240.4734, 350};

static unsigned wanted_of(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* Returns hlsc's exit code. */
static int add_kernel(struct bench *b, unsigned number, uint64_t seed)
{
    char *name = hls_text("k%u", number), *path = hls_text("%s/%s.c", b->directory, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    generate_kernel(f, name, seed);
    fclose(f);
    int code = bench_add(b, path, name, clocks[seed % 3]);
    if (code)
        printf("kernel of seed %" PRIu64 ": hlsc gives %d\n", seed, code);
    free(name);
    free(path);
    return code;
}

static void keep(const struct bench *b, uint64_t seed)
{
    bench_command("mkdir -p fuzz_failures && cp %s/k*.c fuzz_failures/", b->directory);
    printf("kernels of the batch at seed %" PRIu64 " kept in fuzz_failures/\n", seed);
}

/* Returns how many were refused. */
static unsigned run_batch(unsigned kernels, uint64_t seed, bool rtl)
{
    struct bench *b = bench_new();
    unsigned refused = 0;
    for (unsigned k = 0; k < kernels; k++) {
        int code = add_kernel(b, k, seed + k);
        CU_ASSERT_TRUE(code == 0 || code == 2);
        refused += code != 0;
    }
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O0"), 0);
    bool same = bench_native_against_interpreter(b, EVALUATIONS, seed) == 0;
    if (rtl)
        same = same && bench_rtl(b, BENCH_VERILATOR, CYCLES, seed) > 0 &&
               bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, seed) > 0;
    CU_ASSERT_TRUE(same);
    if (!same)
        keep(b, seed);
    bench_free(b);
    return refused;
}

static void test_random_kernels_agree_everywhere(void)
{
    unsigned wanted = wanted_of("HLS_FUZZ_KERNELS", DEFAULT_KERNELS),
             rtl = wanted_of("HLS_FUZZ_RTL", DEFAULT_RTL);
    unsigned refused = 0;
    uint64_t seed = test_seed() * 1000003u;
    for (unsigned done = 0; done < wanted; done += BATCH)
        refused += run_batch(wanted - done < BATCH ? wanted - done : BATCH, seed + done, done < rtl);
    printf("%u kernels, %u of them in simulators too, %u refused\n", wanted, rtl, refused);
    CU_ASSERT_TRUE(wanted > 0 && refused * 50 <= wanted);
}

TEST_MAIN("hls/fuzz", TEST(test_random_kernels_agree_everywhere))

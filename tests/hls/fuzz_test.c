/* Random kernels: native code at -O0, IR interpreter, Verilator and Icarus must agree.
 *
 * HLS_FUZZ_KERNELS kernels in batches of 20, the first HLS_FUZZ_RTL of them through both simulators as well
 * (Icarus a shorter stream); 60 and 20 unless the environment says otherwise. When a batch differs, its
 * kernels are tried one by one, and those that fail alone are reduced and kept in fuzz_failures/ of the
 * present directory, as NAME_whole.c and as NAME.c, which fits into tests/hls/kept/ as it is.
 */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"
#include "tests/hls/reduce.h"

#include "hls/compiler/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_KERNELS = 60,
    DEFAULT_RTL = 20,
    BATCH = 20,
    EVALUATIONS = 300,
    CYCLES = 200,
    ICARUS_CYCLES = 60,
    REDUCTION_TRIES = 600
};

static const double clocks[] = {80, 240.4734, 350}, STATE_MHZ = 5;

static double clock_of(uint64_t seed)
{
    return generate_has_state(seed) ? STATE_MHZ : clocks[seed % 3];
}

static unsigned wanted_of(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static char *kernel_text(const char *name, uint64_t seed)
{
    char *text;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    generate_kernel(f, name, seed);
    fclose(f);
    return text;
}

/* Returns hlsc's exit code. */
static int add_text(struct bench *b, const char *name, const char *text, double clock_mhz)
{
    char *path = hls_text("%s/%s.c", b->directory, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    fclose(f);
    int code = bench_add(b, path, name, clock_mhz);
    free(path);
    return code;
}

static int add_kernel(struct bench *b, unsigned number, uint64_t seed)
{
    char *name = hls_text("k%u", number), *text = kernel_text(name, seed);
    int code = add_text(b, name, text, clock_of(seed));
    if (code)
        printf("kernel of seed %" PRIu64 ": hlsc gives %d\n", seed, code);
    free(name);
    free(text);
    return code;
}

/* --- failures, one by one --- */

/* A kernel under suspicion. `damage` changes the graph after compilation: to try the reduction itself. */
struct suspect {
    const char *name;
    uint64_t seed;
    bool rtl;
    void (*damage)(struct hls_fn *fn);
};

/* Compilers' messages about proposals that are no kernels interest nobody. */
static int quietly_add(struct bench *b, const struct suspect *s, const char *text)
{
    FILE *saved = stderr;
    stderr = fopen("/dev/null", "w");
    int code = add_text(b, s->name, text, clock_of(s->seed));
    fclose(stderr);
    stderr = saved;
    return code;
}

static bool differs(const char *text, void *context)
{
    const struct suspect *s = context;
    struct bench *b = bench_new();
    int code = quietly_add(b, s, text);
    bool wrong = code == 3;
    if (code == 0 && bench_build_native(b, "-O0") == 0) {
        if (s->damage)
            s->damage(b->kernel[0].fn);
        wrong = bench_native_against_interpreter(b, EVALUATIONS, s->seed) != 0 ||
                (s->rtl && bench_rtl(b, BENCH_ICARUS, CYCLES, s->seed) < 0);
    }
    bench_free(b);
    return wrong;
}

static void write_failure(const char *name, const char *suffix, const char *text)
{
    bench_command("mkdir -p fuzz_failures");
    char *path = hls_text("fuzz_failures/%s%s.c", name, suffix);
    FILE *f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
    printf("kept in %s\n", path);
    free(path);
}

static void keep_reduced(uint64_t seed, bool rtl)
{
    char *name = hls_text("seed_%" PRIu64, seed), *text = kernel_text(name, seed);
    struct suspect s = {name, seed, rtl, NULL};
    if (differs(text, &s)) {
        char *reduced = reduce_kernel(text, differs, &s, REDUCTION_TRIES);
        write_failure(name, "_whole", text);
        write_failure(name, "", reduced);
        free(reduced);
    }
    free(name);
    free(text);
}

/* Returns how many were refused. */
static unsigned run_batch(unsigned kernels, uint64_t seed, bool rtl)
{
    struct bench *b = bench_new();
    unsigned refused = 0;
    bool same = true;
    for (unsigned k = 0; k < kernels; k++) {
        int code = add_kernel(b, k, seed + k);
        same = same && (code == 0 || code == 2);
        refused += code != 0;
    }
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O0"), 0);
    same = same && bench_native_against_interpreter(b, EVALUATIONS, seed) == 0;
    if (rtl)
        same = same && bench_rtl(b, BENCH_VERILATOR, CYCLES, seed) > 0 &&
               bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, seed) > 0;
    CU_ASSERT_TRUE(same);
    for (unsigned k = 0; k < kernels && !same; k++)
        keep_reduced(seed + k, rtl);
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

/* --- the reduction itself --- */

/* As if hlsc took exclusive or for inclusive or. */
static void damage_xor(struct hls_fn *fn)
{
    for (hls_id id = 0; id < fn->nodes; id++)
        if (fn->node[id].op == HLS_XOR)
            fn->node[id].op = HLS_OR;
}

static const char *const large = "void k(const int in[8], int x, unsigned char n, int *y0, int *y1)\n{\n"
                                 "    int a = x;\n"
                                 "    for (int i = 0; i < 3; i++) {\n"
                                 "        a += in[i];\n"
                                 "    }\n"
                                 "    if ((a & 1)) {\n"
                                 "        a = (a * 3);\n"
                                 "    }\n"
                                 "    else {\n"
                                 "        a ^= ((x - 7) + (in[(n & 7)] >> 2));\n"
                                 "    }\n"
                                 "    switch (x & 3) {\n"
                                 "    case 0: {\n"
                                 "        a -= (n * n);\n"
                                 "    }\n"
                                 "    break;\n"
                                 "    default: {\n"
                                 "        a += 1;\n"
                                 "    }\n"
                                 "    break;\n"
                                 "    }\n"
                                 "    *y0 = ((x + n) * 5);\n"
                                 "    *y1 = (a - (x ? 3 : 4));\n}\n";

static void test_failures_are_reduced(void)
{
    struct suspect broken = {"k", 1, false, damage_xor}, sound = {"k", 1, false, NULL};
    CU_ASSERT_FALSE(differs(large, &sound));
    CU_ASSERT_TRUE_FATAL(differs(large, &broken));
    char *small = reduce_kernel(large, differs, &broken, REDUCTION_TRIES);
    printf("reduced to:\n%s", small);
    CU_ASSERT_TRUE(differs(small, &broken));
    CU_ASSERT_FALSE(differs(small, &sound));
    CU_ASSERT_PTR_NOT_NULL(strstr(small, "a ^="));
    CU_ASSERT_PTR_NULL(strstr(small, "y0"));
    CU_ASSERT_TRUE(strlen(small) * 3 < strlen(large));
    free(small);
}

static bool has_marker(const char *text, void *context)
{
    ++*(unsigned *)context;
    return strstr(text, "MARK") != NULL;
}

static void test_reduction_stops_at_its_limit(void)
{
    unsigned asked = 0;
    char *small = reduce_kernel(large, has_marker, &asked, 7);
    CU_ASSERT_EQUAL(asked, 7);
    CU_ASSERT_STRING_EQUAL(small, large);
    free(small);
}

TEST_MAIN("hls/fuzz", TEST(test_random_kernels_agree_everywhere), TEST(test_failures_are_reduced),
          TEST(test_reduction_stops_at_its_limit))

/* Random kernels: native code at -O0, IR interpreter, Verilator and Icarus must agree.
 *
 * In batches of 50, from the environment (otherwise): HLS_FUZZ_KERNELS kernels (60) through native code and
 * interpreter; the first HLS_FUZZ_SANITIZED of them (50) natively with the sanitizer for undefined behaviour,
 * which generated kernels must not have; the first HLS_FUZZ_RTL (20) through Verilator, the first
 * HLS_FUZZ_ICARUS (20) through Icarus as well. When a batch differs, its kernels are tried one by one, and
 * those that fail alone are reduced and kept in fuzz_failures/ of the present directory, as NAME_whole.c and
 * as NAME.c, which fits into tests/hls/kept/ as it is.
 */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"
#include "tests/hls/reduce.h"

#include "hls/compiler/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DEFAULT_KERNELS = 60,
    DEFAULT_SANITIZED = 50,
    DEFAULT_RTL = 20,
    BATCH = 50,
    EVALUATIONS = 300,
    CYCLES = 200,
    ICARUS_CYCLES = 60,
    REDUCTION_TRIES = 600
};

static const double BOARD_MHZ = 240.4734, STATE_MHZ = 1, clocks[] = {40, 80, 160, 240.4734, 360, 500};

/* A state that goes through rolled loops takes all of their rounds to its next value. */
enum { STATE_II = 40 };

static unsigned ii_of(uint64_t seed)
{
    return generate_has_state(seed) && generate_has_rolled(seed) ? STATE_II : 0;
}

static double clock_of(uint64_t seed)
{
    return generate_has_state(seed) || generate_has_rolled(seed)
               ? STATE_MHZ
               : clocks[seed % (sizeof clocks / sizeof *clocks)];
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

/* At the clock of the seed, or, where single operations are too slow for it, at the board's. Returns hlsc's
 * exit code. */
static int add_text(struct bench *b, const char *name, const char *text, uint64_t seed, bool rtl)
{
    char *path = hls_text("%s/%s.c", b->directory, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    fclose(f);
    int (*add)(struct bench *, const char *, const char *, double) =
        rtl ? bench_add : bench_add_without_verilog;
    b->ii = ii_of(seed);
    int code = add(b, path, name, clock_of(seed));
    if (code == 2 && clock_of(seed) > BOARD_MHZ)
        code = add(b, path, name, BOARD_MHZ);
    free(path);
    return code;
}

static int add_kernel(struct bench *b, unsigned number, uint64_t seed, bool rtl)
{
    char *name = hls_text("k%u", number), *text = kernel_text(name, seed);
    int code = add_text(b, name, text, seed, rtl);
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
    int code = add_text(b, s->name, text, s->seed, s->rtl);
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

/* --- batches --- */

struct batch {
    uint64_t seed;
    unsigned kernels;
    bool sanitized, rtl, icarus;
};

/* The comparison in a process of its own: undefined behaviour is a trap, and ends it. */
static bool agrees_sanitized(const struct bench *b, uint64_t seed)
{
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        unsigned wrong = bench_native_against_interpreter(b, EVALUATIONS, seed);
        fflush(stdout);
        _exit(wrong != 0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        printf("kernels of seeds %" PRIu64 "..: undefined behaviour, or a crash (status %d)\n", seed, status);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool agrees(struct bench *b, const struct batch *c)
{
    const char *flags = c->sanitized ? "-O0 -fsanitize=undefined -fsanitize-trap=all" : "-O0";
    CU_ASSERT_EQUAL_FATAL(bench_build_together(b, flags), 0);
    bool same = c->sanitized ? agrees_sanitized(b, c->seed)
                             : bench_native_against_interpreter(b, EVALUATIONS, c->seed) == 0;
    if (same && c->rtl)
        same = bench_rtl(b, BENCH_VERILATOR, CYCLES, c->seed) > 0;
    if (same && c->icarus)
        same = bench_rtl(b, BENCH_ICARUS, ICARUS_CYCLES, c->seed) > 0;
    return same;
}

/* Returns how many were refused. */
static unsigned run_batch(const struct batch *c)
{
    struct bench *b = bench_new();
    unsigned refused = 0;
    bool same = true;
    for (unsigned k = 0; k < c->kernels; k++) {
        int code = add_kernel(b, k, c->seed + k, c->rtl);
        same = same && (code == 0 || code == 2);
        refused += code != 0;
    }
    same = agrees(b, c) && same;
    CU_ASSERT_TRUE(same);
    for (unsigned k = 0; k < c->kernels && !same; k++)
        keep_reduced(c->seed + k, c->rtl);
    bench_free(b);
    return refused;
}

/* A batch ends where one of the counts does. */
static unsigned size_of_batch(unsigned done, const unsigned *until, size_t counts)
{
    unsigned size = BATCH;
    for (size_t i = 0; i < counts; i++)
        if (until[i] > done && until[i] - done < size)
            size = until[i] - done;
    return size;
}

static void test_random_kernels_agree_everywhere(void)
{
    unsigned wanted = wanted_of("HLS_FUZZ_KERNELS", DEFAULT_KERNELS),
             sanitized = wanted_of("HLS_FUZZ_SANITIZED", DEFAULT_SANITIZED),
             rtl = wanted_of("HLS_FUZZ_RTL", DEFAULT_RTL), icarus = wanted_of("HLS_FUZZ_ICARUS", DEFAULT_RTL);
    const unsigned until[] = {wanted, sanitized, rtl, icarus};
    unsigned refused = 0;
    uint64_t seed = test_seed() * 1000003u;
    for (unsigned done = 0, n; done < wanted; done += n) {
        n = size_of_batch(done, until, sizeof until / sizeof *until);
        refused += run_batch(
            &(struct batch){seed + done, n, done < sanitized, done < rtl || done < icarus, done < icarus});
    }
    printf("%u kernels, of them %u sanitized, %u in Verilator, %u in Icarus; %u refused\n", wanted, sanitized,
           rtl, icarus, refused);
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

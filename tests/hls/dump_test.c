/* What `hlsc -d PASS` prints is a graph again: it verifies, computes what native code does, and prints the
 * same once more. Text that is no graph is refused with its line, whatever it says. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/generate.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 200, GENERATED = 4, MUTATIONS = 4000 };

static const char *const passes[] = {"lower", "state", "multiply", "dsp",
                                     "linear", "balance", "demand", "schedule", "retime"};
enum { PASSES = sizeof passes / sizeof *passes };

static struct hls_fn *parse_text(const char *text, size_t n)
{
    FILE *f = fmemopen((void *)text, n, "r");
    struct hls_fn *fn = hls_parse(f, "text");
    fclose(f);
    return fn;
}

/* The caller frees it. */
static char *dump_text(const struct hls_fn *fn)
{
    char *text;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    hls_dump(fn, f);
    fclose(f);
    return text;
}

/* Ids close up and source lines are dropped at the first reading; from then on nothing changes. */
static void hold_stable(const struct hls_fn *fn)
{
    char *first = dump_text(fn);
    struct hls_fn *again = parse_text(first, strlen(first));
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    char *second = dump_text(again);
    CU_ASSERT_STRING_EQUAL(first, second);
    hls_fn_free(again);
    free(first);
    free(second);
}

static struct hls_fn *dump_of(const struct bench *b, const char *source, const char *top, const char *pass)
{
    char *path = hls_text("%s/dump.txt", b->directory);
    CU_ASSERT_EQUAL_FATAL(bench_command(HLSC " %s --top %s --clock-mhz 240.4734 -I . -d %s > %s 2> %s.log",
                                        source, top, pass, path, path),
                          0);
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct hls_fn *fn = hls_parse(f, path);
    fclose(f);
    free(path);
    return fn;
}

/* Kernel 0 of the bench, after each pass. */
static void hold_after_each_pass(struct bench *b)
{
    struct bench_kernel *k = &b->kernel[0];
    for (unsigned i = 0; i < PASSES; i++) {
        struct hls_fn *fn = dump_of(b, k->source, k->name, passes[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(fn);
        CU_ASSERT_EQUAL(hls_verify(fn, passes[i]), 0);
        hls_fn_free(k->fn);
        k->fn = fn;
        CU_ASSERT_EQUAL(bench_native_against_interpreter(b, EVALUATIONS, test_seed()), 0);
        hold_stable(fn);
    }
}

static void test_dumps_of_the_chains_kernels_compute_the_same(void)
{
    static const char *const kernels[][2] = {{"hls/kernels/zero_suppress.c", "zero_suppress"},
                                             {"hls/kernels/recal_student.c", "recal"}};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        struct bench *b = bench_new();
        CU_ASSERT_EQUAL_FATAL(bench_add(b, kernels[i][0], kernels[i][1], 240.4734), 0);
        CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
        hold_after_each_pass(b);
        bench_free(b);
    }
}

static void test_dumps_of_random_kernels_compute_the_same(void)
{
    for (uint64_t seed = test_seed(); seed < test_seed() + GENERATED; seed++) {
        struct bench *b = bench_new();
        char *path = hls_text("%s/k.c", b->directory);
        FILE *f = fopen(path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        generate_kernel(f, "k", seed);
        fclose(f);
        if (bench_add(b, path, "k", 240.4734) == 0) {
            CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O0"), 0);
            hold_after_each_pass(b);
        }
        free(path);
        bench_free(b);
    }
}

/* --- text that is no graph --- */

#define HEAD "function f stages 0\nport in signed 8 scalar 1 x : int\nport out signed 8 scalar 1 y : int\n"
#define TABLE "table 0: 1 2\n"
#define NODE "%0 = input 0 : -128..127\n"

static void test_wrong_text_is_refused_with_its_line(void)
{
    static const char *const texts[][2] = {
        {"\n", "text:1: no function here"},
        {"fn f", "text:1: 'function' is missing here"},
        {HEAD "nonsense", "text:4: a line of no known kind"},
        {HEAD "port in signed 65 scalar 1 z : int", "text:4: a number is out of range"},
        {HEAD NODE NODE, "text:5: node numbers must ascend"},
        {HEAD NODE "%1 = input 0 : -128..127", "text:5: the same node twice"},
        {HEAD "%0 = input 1 : 0..1", "text:4: operands or number do not suit"},
        {HEAD "%0 = input 0 : 200..300", "text:4: an interval that the operation cannot have"},
        {HEAD "%0 = input 0 : 3..2", "text:4: the interval is empty"},
        {HEAD NODE "%1 = add %0 %2 : 0..1", "text:5: no node of that number above"},
        {HEAD NODE "%1 = frob %0 : 0..1", "text:5: no such operation"},
        {HEAD NODE "%1 = shl %0 127 : 0..1", "text:5: operands or number do not suit"},
        {HEAD NODE "%1 = wrapu %0 0 : 0..1", "text:5: operands or number do not suit"},
        {HEAD NODE "%1 = rom %0 0 : 0..1", "text:5: operands or number do not suit"},
        {HEAD TABLE NODE "%1 = rom %0 0 : 0..1", "text:6: operands or number do not suit"},
        {HEAD TABLE "table 1: 1 2", "text:5: the same table twice"},
        {HEAD "table 0: 1 2 3", "text:4: a table's size must be a power of two"},
        {HEAD NODE "%1 = const 99999999999999999999999999999999999999999 : 0..1", "text:5: a number of more"},
        {HEAD NODE "output z[0] = %0", "text:5: no such output"},
        {HEAD NODE "output y[1] = %0", "text:5: a number is out of range"},
        {HEAD NODE "output y[0] = %0\noutput y[0] = %0", "text:6: given twice"},
        {HEAD NODE "output y[0] = %0 7", "text:5: more than belongs on the line"},
        {HEAD NODE "next 0 = %0", "text:5: no such state"},
        {HEAD NODE, "text:4: ends before every output is given"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char message[512] = "";
        FILE *saved = stderr, *caught = fmemopen(message, sizeof message - 1, "w");
        stderr = caught;
        struct hls_fn *fn = parse_text(texts[i][0], strlen(texts[i][0]));
        stderr = saved;
        fclose(caught);
        CU_ASSERT_PTR_NULL(fn);
        CU_ASSERT_EQUAL(strncmp(message, texts[i][1], strlen(texts[i][1])), 0);
        if (strncmp(message, texts[i][1], strlen(texts[i][1])))
            printf("expected %s\n     got %s", texts[i][1], message);
    }
}

/* Overwrites, deletes or repeats a few bytes. */
static size_t mutate(char *text, size_t n, uint64_t *state)
{
    static const char letters[] = "0123456789-%:.= \nashlrom[]";
    for (unsigned i = 1 + (unsigned)(bench_random(state) % 3); i > 0; i--) {
        size_t at = bench_random(state) % n;
        uint64_t kind = bench_random(state) % 4;
        if (kind < 2)
            text[at] = letters[bench_random(state) % (sizeof letters - 1)];
        else if (kind == 2)
            memmove(text + at, text + at + 1, --n - at);
        else
            n = at + 1;
    }
    return n;
}

static void test_damaged_text_never_harms(void)
{
    struct bench *b = bench_new();
    struct hls_fn *fn = dump_of(b, "hls/kernels/recal_student.c", "recal", "lower");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fn);
    char *text = dump_text(fn);
    size_t n = strlen(text);
    uint64_t state = test_seed();
    unsigned refused = 0, ran = 0;
    FILE *saved = stderr;
    stderr = fopen("/dev/null", "w");
    for (unsigned i = 0; i < MUTATIONS; i++) {
        char *damaged = hls_copy_text(text);
        struct hls_fn *got = parse_text(damaged, mutate(damaged, n, &state));
        hls_int in[64] = {0}, out[64];
        refused += !got;
        if (got && !hls_verify(got, "damage") && got->inputs <= 64 && got->outputs <= 64 && !got->states)
            ran += hls_interpret(got, NULL, in, out) == 0;
        hls_fn_free(got);
        free(damaged);
    }
    fclose(stderr);
    stderr = saved;
    printf("damaged text: %u of %u refused, %u still run\n", refused, MUTATIONS, ran);
    CU_ASSERT_TRUE(refused > MUTATIONS / 2 && ran > 0);
    free(text);
    hls_fn_free(fn);
    bench_free(b);
}

TEST_MAIN("hls/dump", TEST(test_dumps_of_the_chains_kernels_compute_the_same),
          TEST(test_dumps_of_random_kernels_compute_the_same), TEST(test_wrong_text_is_refused_with_its_line),
          TEST(test_damaged_text_never_harms))

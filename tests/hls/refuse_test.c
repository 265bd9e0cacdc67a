/* What hlsc refuses, and in which words: tests/hls/refuse/NAME.c must end with exit code 2 and the first
 * message in NAME.err. Wrong command lines likewise. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static void read_line(const char *path, char line[1024])
{
    FILE *f = fopen(path, "r");
    *line = 0;
    if (f && fgets(line, 1024, f))
        line[strcspn(line, "\n")] = 0;
    if (f)
        fclose(f);
}

static void expect_refusal(const struct bench *b, const char *source)
{
    char log[512], error[512], got[1024], expected[1024];
    snprintf(log, sizeof log, "%s/log", b->directory);
    snprintf(error, sizeof error, "%.*s.err", (int)strlen(source) - 2, source);
    int code = bench_command("cd tests/hls/refuse && " HLSC
                             " %s --top kernel --clock-mhz 240 --out %s/out > %s 2>&1",
                             strrchr(source, '/') + 1, b->directory, log);
    read_line(log, got);
    read_line(error, expected);
    if (code != 2 || strcmp(got, expected) || !*expected)
        printf("%s: exit %d\n     got %s\nexpected %s\n", source, code, got, expected);
    CU_ASSERT_EQUAL(code, 2);
    CU_ASSERT_STRING_EQUAL(got, expected);
    CU_ASSERT_NOT_EQUAL(bench_command("test -e %s/out", b->directory), 0);
}

static void test_kernels_outside_the_language_are_refused_by_name(void)
{
    struct bench *b = bench_new();
    glob_t g;
    CU_ASSERT_EQUAL_FATAL(glob("tests/hls/refuse/*.c", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        expect_refusal(b, g.gl_pathv[i]);
    CU_ASSERT_TRUE(g.gl_pathc >= 20);
    globfree(&g);
    bench_free(b);
}

/* Each with a part of the message that names what is wrong. */
static void test_wrong_command_lines_are_refused(void)
{
    static const char *const lines[][2] = {
        {"", "no kernel given"},
        {"a.c", "a.c: No such file"},
        {"a.c --top f --clock-mhz 0 --out o", "'0' is no clock (give 1..1000)"},
        {"a.c --top f --clock-mhz 24O --out o", "'24O' is no clock"},
        {"a.c --top f --clock-mhz nan --out o", "'nan' is no clock"},
        {"a.c --top f --clock-mhz 240 --out o --testbench 0", "--testbench: '0' is out of range"},
        {"a.c --top f --clock-mhz 240 --out o --testbench 1e3",
         "'1e3' is out of range or no number (give 1..100000)"},
        {"a.c --top f --clock-mhz 240 --out o --ready --clock-enable", "exclude each other"},
        {"a.c --top f --clock-mhz 240 --out o --seed -1", "--seed: '-1' is out of range or no number"},
        {"a.c --top f --latency 0", "--latency: '0' is out of range"},
        {"a.c b.c --top f --clock-mhz 240 --out o", "more than one kernel"},
        {"a.c --top f --clock-mhz 240 --out o -d nosuch", "there is no pass 'nosuch' (lower"},
        {"a.c --top f --clock-mhz 240 --ii 0 --out o", "--ii: '0' is out of range"},
        {"tests/hls/rolled/two_layers.c -I . --top two_layers --clock-mhz 240 --ii 3 --out o",
         "two_layers.c:16:5: error: a rolled loop of 4 rounds takes 4 clocks an evaluation (--ii 4 or more, "
         "not 3)"},
        {"/nonexistent/a.c --top f --clock-mhz 240 --out o", "/nonexistent/a.c"},
        {"tests --top f --clock-mhz 240 --out o", "tests"},
        {"hls/kernels/zero_suppress.c -I . --top zero_suppress --clock-mhz 240 --out /dev/null/o",
         "/dev/null"},
        {"hls/kernels/zero_suppress.c -I . --top zero_suppress --clock-mhz 240 --out /dev/full", "/dev/full"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int code = bench_command(HLSC " %s 2>&1 | grep -qF -e \"%s\"", lines[i][0], lines[i][1]);
        CU_ASSERT_EQUAL(code, 0);
        int exit_code = bench_command(HLSC " %s > /dev/null 2>&1", lines[i][0]);
        CU_ASSERT_EQUAL(exit_code, 2);
        if (code || exit_code != 2)
            printf("hlsc %s: exit %d, message found: %s\n", lines[i][0], exit_code, code ? "no" : "yes");
    }
    CU_ASSERT_EQUAL(bench_command(HLSC " --help | grep -q 'hls hls/kernels/select_pair.c'"), 0);
}

/* Three operations of line 6, and nothing else. */
static void test_results_that_lose_bits_are_warned_of(void)
{
    static const char *const expected[] = {"narrow.c:6:12: warning: '+'", "narrow.c:6:13: warning: '*'",
                                           "narrow.c:6:23: warning: '<<'"};
    struct bench *b = bench_new();
    CU_ASSERT_EQUAL(bench_command(HLSC " tests/hls/lint/narrow.c --top narrow --clock-mhz 240 --out %s -I . "
                                       "> /dev/null 2> %s/log",
                                  b->directory, b->directory),
                    0);
    CU_ASSERT_EQUAL(bench_command("test $(wc -l < %s/log) = 3", b->directory), 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CU_ASSERT_EQUAL(bench_command("grep -qF \"%s\" %s/log", expected[i], b->directory), 0);
    bench_free(b);
}

static void test_each_pass_can_be_shown(void)
{
    static const char *const passes[] = {"lower",   "state",  "multiply", "dsp",   "linear",
                                         "balance", "demand", "schedule", "retime"};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
        CU_ASSERT_EQUAL(bench_command(HLSC
                                      " hls/kernels/recal_student.c --top recal --clock-mhz 240 -I . -d %s | "
                                      "grep -q 'output phi\\[0\\] = %%'",
                                      passes[i]),
                        0);
}

TEST_MAIN("hls/refuse", TEST(test_kernels_outside_the_language_are_refused_by_name),
          TEST(test_wrong_command_lines_are_refused), TEST(test_each_pass_can_be_shown),
          TEST(test_results_that_lose_bits_are_warned_of))

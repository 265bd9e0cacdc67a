/* Long runs, interrupted runs, and disks that fill up. */
#include "tests/e2e/program.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static long peak_of(const char *orbits, const char *engine)
{
    const char *const arguments[] = {"scenarios/pp_fill.cfg", "--orbits", orbits, "--engine", engine, NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    outcome_release(&o);
    return o.peak_kb;
}

/* Five times the orbits, the same memory: within 5 %. (Before some 20 orbits, rings of fixed size fill up.)
 */
static void test_memory_does_not_grow(void)
{
    static const char *const engine[] = {"default=lockstep", "default=model"};
    for (unsigned i = 0; i < 2; i++) {
        long few = peak_of("20", engine[i]), many = peak_of("100", engine[i]);
        printf("(%s: %ld kB after 20 orbits, %ld kB after 100) ", engine[i], few, many);
        CU_ASSERT(few > 0);
        CU_ASSERT(100 * many < 105 * few && 100 * few < 105 * many);
    }
}

static void test_an_interrupted_run_keeps_its_results(void)
{
    const char *const arguments[] = {"scenarios/pp_fill.cfg", "--orbits", "100000", NULL};
    const struct program_limits soon = {.interrupt_at = "scout_GMT_000001_000000.dat"};
    struct outcome o = program_run_within(arguments, &soon);
    CU_ASSERT_EQUAL(o.code, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(o.summary);
    CU_ASSERT_STRING_EQUAL(outcome_text(&o, "verdict"), "interrupted");
    CU_ASSERT(outcome_number(&o, "records_compared") > 0);
    CU_ASSERT(outcome_number(&o, "run.orbits") > 0);
    CU_ASSERT_EQUAL(outcome_number(&o, "mismatches"), 0);
    struct stat file;
    CU_ASSERT_EQUAL(stat(outcome_text(&o, "host.file"), &file), 0);
    CU_ASSERT_EQUAL(file.st_size, outcome_number(&o, "host.bytes"));
    outcome_release(&o);
}

static void test_a_disk_that_fills_up_is_said(void)
{
    const char *const plain[] = {"scenarios/pp_fill.cfg", "--orbits", "20", "--engine",
                                 "default=model",         NULL};
    const char *const records[] = {"scenarios/pp_fill.cfg", "--orbits",  "2", "--engine",
                                   "default=model",         "--records", NULL};
    const struct program_limits small = {.file_bytes = 20000};
    struct outcome o = program_run_within(plain, &small);
    CU_ASSERT_EQUAL(o.code, 2);
    CU_ASSERT(outcome_said(&o, "scout_GMT_000001_000000.dat"));
    outcome_release(&o);
    o = program_run_within(records, &small);
    CU_ASSERT_EQUAL(o.code, 2);
    CU_ASSERT(outcome_said(&o, "records.txt"));
    outcome_release(&o);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST(test_memory_does_not_grow),
                                             TEST(test_an_interrupted_run_keeps_its_results),
                                             TEST(test_a_disk_that_fills_up_is_said)};
    if (program_begin() < 0)
        return 3;
    int result = test_main(argc, argv, "e2e/limits", cases, sizeof cases / sizeof *cases);
    program_end();
    return result;
}

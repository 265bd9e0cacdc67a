#include "tests/harness.h"

#include <CUnit/Basic.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 20181022;

uint64_t test_seed(void)
{
    return seed;
}

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [--seed N]\n", program);
    return 2;
}

static int read_arguments(int argc, char **argv)
{
    if (argc == 1)
        return 0;
    char *end;
    if (argc != 3 || strcmp(argv[1], "--seed") != 0)
        return usage(argv[0]);
    seed = strtoull(argv[2], &end, 0);
    return *end || end == argv[2] ? usage(argv[0]) : 0;
}

/* CUnit does not count a suite that failed to start as a failure, hence the three questions. */
static int verdict(void)
{
    int held = CU_get_number_of_failure_records() == 0 && CU_get_number_of_tests_run() > 0 &&
               CU_get_number_of_asserts() > 0;
    return held ? 0 : 1;
}

int test_main(int argc, char **argv, const char *suite_name, const struct test_case *cases, size_t n)
{
    int wrong = read_arguments(argc, argv);
    if (wrong)
        return wrong;
    printf("%s: seed %" PRIu64 "\n", suite_name, seed);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 3;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    for (size_t i = 0; suite && i < n; i++)
        if (!CU_add_test(suite, cases[i].name, cases[i].run))
            return 3;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (!suite || CU_basic_run_tests() != CUE_SUCCESS)
        return 3;
    int result = verdict();
    CU_cleanup_registry();
    return result;
}

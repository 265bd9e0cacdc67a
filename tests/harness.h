/* A CUnit program in one table: the tests of a file, run under one seed.
 *
 *     static void test_muon_packs_what_it_unpacks(void) { ... test_seed() ... }
 *     TEST_MAIN("golden/muon", TEST(test_muon_packs_what_it_unpacks))
 *
 * `--seed N` repeats a run; the seed is printed always. The program fails when a suite cannot start,
 * when a check fails, and when no check ran.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>

#include <stddef.h>
#include <stdint.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

uint64_t test_seed(void);
int test_main(int argc, char **argv, const char *suite, const struct test_case *cases, size_t n);

#define TEST(function) {#function, function}
#define TEST_MAIN(suite, ...)                                                   \
    int main(int argc, char **argv)                                             \
    {                                                                           \
        static const struct test_case cases[] = {__VA_ARGS__};                  \
        return test_main(argc, argv, suite, cases, sizeof cases / sizeof *cases); \
    }

#endif

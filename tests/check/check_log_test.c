/* The bookkeeping of comparisons. */
#include "emu/check/check_log.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

static struct mismatch mismatch_of(enum oracle oracle, enum block block, uint64_t cycle)
{
    return (struct mismatch){.oracle = oracle,
                             .block = block,
                             .position = "",
                             .slot = NO_SLOT,
                             .cycle = cycle,
                             .field = "valid",
                             .expected = 1};
}

static void test_compared_records_are_counted_by_oracle_and_block(void)
{
    struct check_log log = {.limit = 1};
    check_log_compared(&log, ORACLE_MODEL, BLOCK_DMA, 7);
    check_log_compared(&log, ORACLE_GOLDEN, BLOCK_DMA, 5);
    check_log_compared(&log, ORACLE_GOLDEN, BLOCK_RECAL, 1);
    check_log_compared(&log, ORACLE_GOLDEN, BLOCK_RECAL, 0);
    CU_ASSERT_EQUAL(log.compared, 13);
    CU_ASSERT_EQUAL(log.tally[ORACLE_MODEL][BLOCK_DMA].compared, 7);
    CU_ASSERT_EQUAL(log.tally[ORACLE_GOLDEN][BLOCK_DMA].compared, 5);
    CU_ASSERT_EQUAL(log.tally[ORACLE_GOLDEN][BLOCK_RECAL].compared, 1);
    CU_ASSERT_EQUAL(log.tally[ORACLE_MODEL][BLOCK_RECAL].compared, 0);
    CU_ASSERT(!check_log_full(&log));
}

static void test_first_mismatches_are_kept(void)
{
    struct check_log log = {.limit = 3};
    for (uint64_t cycle = 10; cycle < 14; cycle++) {
        CU_ASSERT_EQUAL(check_log_full(&log), cycle >= 13);
        struct mismatch m = mismatch_of(cycle & 1 ? ORACLE_MODEL : ORACLE_GOLDEN, BLOCK_RECAL, cycle);
        check_log_mismatch(&log, &m);
    }
    CU_ASSERT_EQUAL(log.mismatches, 4);
    CU_ASSERT_EQUAL(log.first.cycle, 10);
    CU_ASSERT_EQUAL(log.tally[ORACLE_GOLDEN][BLOCK_RECAL].first.cycle, 10);
    CU_ASSERT_EQUAL(log.tally[ORACLE_MODEL][BLOCK_RECAL].first.cycle, 11);
    CU_ASSERT_EQUAL(log.tally[ORACLE_MODEL][BLOCK_RECAL].mismatches, 2);
    CU_ASSERT_EQUAL(log.tally[ORACLE_MODEL][BLOCK_DMA].mismatches, 0);
    CU_ASSERT_EQUAL(log.compared, 0);
}

static void test_every_mismatch_is_a_line_in_the_file(void)
{
    char *text = NULL, expected[512];
    size_t size = 0;
    struct check_log log = {.seed = 42, .limit = 9, .file = open_memstream(&text, &size)};
    struct mismatch m = mismatch_of(ORACLE_MODEL, BLOCK_LINK_RX, 17);
    check_log_mismatch(&log, &m);
    m.cycle = 18;
    check_log_mismatch(&log, &m);
    fclose(log.file);
    mismatch_text(&m, 42, expected, sizeof expected);
    char *second = strchr(text, '\n') + 1;
    CU_ASSERT(strncmp(second, expected, strlen(expected)) == 0);
    CU_ASSERT_STRING_EQUAL(second + strlen(expected), "\n");
    free(text);
}

TEST_MAIN("check/check_log", TEST(test_compared_records_are_counted_by_oracle_and_block),
          TEST(test_first_mismatches_are_kept), TEST(test_every_mismatch_is_a_line_in_the_file))

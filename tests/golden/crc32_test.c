#include "golden/formats/crc32.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

enum { MAX_WORDS = 700 };

/* The definition, bit by bit. */
static uint32_t oracle(uint32_t crc, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int bit = 31; bit >= 0; bit--) {
            uint32_t feedback = (crc >> 31 ^ words[i] >> bit) & 1;
            crc = crc << 1 ^ (feedback ? 0x04C11DB7 : 0);
        }
    return crc;
}

/* CRC-32/MPEG-2 of "123456789" is published as 0x0376E6E7; here of its first 8 bytes, by the definition, and
 * of a zero word. */
static void test_known_values(void)
{
    static const uint32_t digits[2] = {0x31323334, 0x35363738};
    uint32_t crc = crc32_words_table(CRC32_START, digits, 2);
    for (int bit = 7; bit >= 0; bit--) { /* the ninth byte, '9', by hand */
        uint32_t feedback = (crc >> 31 ^ 0x39u >> bit) & 1;
        crc = crc << 1 ^ (feedback ? 0x04C11DB7 : 0);
    }
    CU_ASSERT_EQUAL(crc, 0x0376E6E7);
    CU_ASSERT_EQUAL(crc32_word(0, 1), 0x04C11DB7);
    CU_ASSERT_EQUAL(crc32_word(0, 0), 0);
}

static void random_words(struct rng *r, uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        words[i] = rng_below(r, 4) ? (uint32_t)rng_next(r) : 0;
}

static void test_all_ways_agree_at_all_lengths(void)
{
    struct rng r;
    uint32_t words[MAX_WORDS + 3];
    rng_seed(&r, test_seed());
    for (size_t n = 0; n <= MAX_WORDS; n++) {
        uint32_t start = (uint32_t)rng_next(&r), *at = words + rng_below(&r, 4);
        random_words(&r, at, n);
        uint32_t expected = oracle(start, at, n);
        CU_ASSERT_EQUAL(crc32_words_table(start, at, n), expected);
        CU_ASSERT_EQUAL(crc32_words(start, at, n), expected);
        if (crc32_has_clmul())
            CU_ASSERT_EQUAL(crc32_words_clmul(start, at, n), expected);
    }
}

static void test_lanes_agree_with_single_words(void)
{
    static uint32_t rows[MAX_WORDS][LANES];
    struct rng r;
    rng_seed(&r, test_seed() + 1);
    for (int forced = 0; forced < 2; forced++) {
        crc32_force_table(forced);
        for (size_t n = 0; n <= MAX_WORDS; n += 1 + n / 20) {
            uint32_t crc[LANES], expected[LANES];
            random_words(&r, rows[0], n * LANES);
            for (unsigned lane = 0; lane < LANES; lane++) {
                uint32_t column[MAX_WORDS];
                for (size_t i = 0; i < n; i++)
                    column[i] = rows[i][lane];
                crc[lane] = (uint32_t)rng_next(&r);
                expected[lane] = oracle(crc[lane], column, n);
            }
            crc32_lanes(crc, rows, n);
            for (unsigned lane = 0; lane < LANES; lane++)
                CU_ASSERT_EQUAL(crc[lane], expected[lane]);
        }
    }
    crc32_force_table(0);
}

static void test_forcing_the_table_changes_nothing_but_speed(void)
{
    struct rng r;
    uint32_t words[MAX_WORDS];
    rng_seed(&r, test_seed() + 2);
    random_words(&r, words, MAX_WORDS);
    uint32_t fast = crc32_words(CRC32_START, words, MAX_WORDS);
    crc32_force_table(1);
    CU_ASSERT_EQUAL(crc32_words(CRC32_START, words, MAX_WORDS), fast);
    crc32_force_table(0);
}

TEST_MAIN("golden/crc32", TEST(test_known_values), TEST(test_all_ways_agree_at_all_lengths),
          TEST(test_lanes_agree_with_single_words), TEST(test_forcing_the_table_changes_nothing_but_speed))

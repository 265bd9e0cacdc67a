/* Observation records as text: what is written is read back, and nothing else is. */
#include "golden/formats/record.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

static const char *const boundaries[] = {"link_rx", "zero_suppress", "x", "a_name_of_31_characters_is_fine"};
static const char *const domains[] = {"line", "board", "host"};

static struct record random_record(struct rng *r)
{
    struct record c = {.boundary = boundaries[rng_below(r, 4)],
                       .domain = domains[rng_below(r, 3)],
                       .cycle = rng_next(r) >> rng_below(r, 64),
                       .place = rng_below(r, 4) ? (int)rng_below(r, BX_WORDS) : RECORD_NO_PLACE,
                       .kind = (enum record_kind)rng_below(r, RECORD_KINDS),
                       .orbit = (uint32_t)rng_next(r) >> rng_below(r, 32),
                       .claimed_orbit = (uint32_t)rng_next(r),
                       .bx = (uint16_t)rng_below(r, BX_PER_ORBIT),
                       .claimed_bx = (uint16_t)rng_below(r, 65536),
                       .words = (uint16_t)(rng_below(r, 3) ? 1 + rng_below(r, BX_WORDS) : BX_WORDS)};
    for (unsigned i = 0; i < c.words; i++)
        c.word[i] = (uint32_t)rng_next(r) >> rng_below(r, 32);
    return c;
}

static void text_of(const struct record *r, char line[RECORD_LINE])
{
    FILE *f = fmemopen(line, RECORD_LINE, "w");
    CU_ASSERT_FATAL(f != NULL);
    CU_ASSERT_EQUAL(record_write(f, r), 0);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static int same(const struct record *a, const struct record *b)
{
    return strcmp(a->boundary, b->boundary) == 0 && strcmp(a->domain, b->domain) == 0 && a->cycle == b->cycle &&
           a->place == b->place && a->kind == b->kind && a->orbit == b->orbit && a->bx == b->bx &&
           a->claimed_orbit == b->claimed_orbit && a->claimed_bx == b->claimed_bx && a->words == b->words &&
           memcmp(a->word, b->word, a->words * sizeof *a->word) == 0;
}

static void test_records_come_back(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 20000; i++) {
        struct record in = random_record(&r), out;
        struct record_names names;
        char line[RECORD_LINE];
        text_of(&in, line);
        CU_ASSERT_EQUAL(line[strlen(line) - 1], '\n');
        CU_ASSERT_EQUAL_FATAL(record_parse(line, &out, &names), 0);
        CU_ASSERT(same(&in, &out));
        line[strlen(line) - 1] = 0;
        CU_ASSERT_EQUAL(record_parse(line, &out, &names), 0);
    }
}

static void test_a_record_looks_as_documented(void)
{
    struct record r = {.boundary = "link_align", .domain = "board", .cycle = 28511, .place = RECORD_NO_PLACE,
                       .kind = RECORD_PAYLOAD, .orbit = 1, .bx = 69, .claimed_orbit = 1, .claimed_bx = 69, .words = 2,
                       .word = {0x2d, 0xdeadbeef}};
    char line[RECORD_LINE];
    text_of(&r, line);
    CU_ASSERT_STRING_EQUAL(line, "link_align board 28511 - payload 1/69 1/69 0000002d:deadbeef\n");
}

static void test_the_longest_record_has_room(void)
{
    struct record r = {.boundary = boundaries[3], .domain = "fifteen_letters", .cycle = UINT64_MAX, .place = BX_WORDS - 1,
                       .kind = RECORD_APPENDED, .orbit = UINT32_MAX, .bx = UINT16_MAX, .claimed_orbit = UINT32_MAX,
                       .claimed_bx = UINT16_MAX, .words = BX_WORDS};
    char line[RECORD_LINE];
    text_of(&r, line);
    CU_ASSERT_EQUAL(line[strlen(line) - 1], '\n');
}

/* Whatever is read as a record is written as exactly that line: nothing is guessed, cut or rounded. */
static int canonical(const char *line)
{
    struct record r;
    struct record_names names;
    char again[RECORD_LINE];
    if (record_parse(line, &r, &names) < 0)
        return 1;
    text_of(&r, again);
    size_t n = strcspn(line, "\n");
    return strncmp(line, again, n) == 0 && again[n] == '\n' && (line[n] == 0 || line[n + 1] == 0);
}

static void garble(char *line, struct rng *r)
{
    static const char letters[] = "0123456789abcdefx-+/: \t\n.gA";
    size_t n = strlen(line), at = rng_below(r, (uint32_t)n);
    switch (rng_below(r, 5)) {
    case 0: line[at] = (char)(1 + rng_below(r, 255)); break;
    case 1: line[at] = 0; break;
    case 2: memmove(line + at, line + at + 1, n - at); break;
    case 3:
        memmove(line + at + 1, line + at, n - at + 1);
        line[at] = letters[rng_below(r, sizeof letters - 1)];
        break;
    default: line[at] = letters[rng_below(r, sizeof letters - 1)];
    }
}

static void test_garbled_lines_are_refused_or_mean_what_they_say(void)
{
    struct rng r;
    unsigned wrong = 0;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 200000; i++) {
        struct record in = random_record(&r);
        char line[RECORD_LINE + 16];
        text_of(&in, line);
        for (unsigned n = 1 + rng_below(&r, 4); n > 0 && *line; n--)
            garble(line, &r);
        if (!canonical(line) && wrong++ == 0)
            printf("\n    %s", line);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

#define GOOD "link_align board 5 - payload 1/69 1/69 "

static void test_lines_that_are_no_records(void)
{
    static const char *const bad[] = {
        "", "\n", " ", "link_align", GOOD, GOOD "\n", GOOD "0000002", GOOD "0000002g", GOOD "0x00002d",
        GOOD "+000002d", GOOD "-000002d", GOOD " 0000002d", GOOD "0000002D", GOOD "0000002d:", GOOD "0000002d:\n",
        GOOD "0000002d;0000002d", GOOD "0000002d 0000002d", GOOD "0000002d\n\n", GOOD "0000002d\nx", GOOD "00000002d",
        "link_align board -5 - payload 1/69 1/69 0000002d", "link_align board +5 - payload 1/69 1/69 0000002d",
        "link_align board 18446744073709551616 - payload 1/69 1/69 0000002d",
        "link_align board 5 48 payload 1/69 1/69 0000002d", "link_align board 5 -1 payload 1/69 1/69 0000002d",
        "link_align board 5 +1 payload 1/69 1/69 0000002d", "link_align board 5 01 payload 1/69 1/69 0000002d",
        "link_align board 5 - paylod 1/69 1/69 0000002d", "link_align board 5 - payload 4294967296/69 1/69 0000002d",
        "link_align board 5 - payload 1/65536 1/69 0000002d", "link_align board 5 - payload 1/69 1/65536 0000002d",
        "link_align board 5 - payload 1-69 1/69 0000002d", "link_align  board 5 - payload 1/69 1/69 0000002d",
        " link_align board 5 - payload 1/69 1/69 0000002d",
        "a_name_of_32_characters_is_beyond board 5 - payload 1/69 1/69 0000002d",
        "link_align sixteen__letters 5 - payload 1/69 1/69 0000002d"};
    struct record r;
    struct record_names names;
    CU_ASSERT_EQUAL(record_parse(GOOD "0000002d", &r, &names), 0);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(record_parse(bad[i], &r, &names), -1);
        if (record_parse(bad[i], &r, &names) == 0)
            printf("\n    accepted: \"%s\"", bad[i]);
    }
}

static void test_forty_nine_words_are_too_many(void)
{
    char line[RECORD_LINE + 16] = GOOD;
    struct record r;
    struct record_names names;
    for (int i = 0; i < BX_WORDS; i++)
        strcat(line, i ? ":00000000" : "00000000");
    CU_ASSERT_EQUAL(record_parse(line, &r, &names), 0);
    CU_ASSERT_EQUAL(r.words, BX_WORDS);
    strcat(line, ":");
    CU_ASSERT_EQUAL(record_parse(line, &r, &names), -1);
    strcat(line, "00000000");
    CU_ASSERT_EQUAL(record_parse(line, &r, &names), -1);
}

static void test_a_full_disk_shows(void)
{
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        return;
    struct record r = {.boundary = "dma", .domain = "host", .words = 1};
    setvbuf(full, NULL, _IONBF, 0);
    CU_ASSERT_EQUAL(record_write(full, &r), -1);
    fclose(full);
}

TEST_MAIN("golden/record", TEST(test_records_come_back), TEST(test_a_record_looks_as_documented),
          TEST(test_the_longest_record_has_room), TEST(test_garbled_lines_are_refused_or_mean_what_they_say),
          TEST(test_lines_that_are_no_records), TEST(test_forty_nine_words_are_too_many), TEST(test_a_full_disk_shows))

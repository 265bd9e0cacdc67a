#include "golden/stimulus/filling.h"
#include "tests/harness.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many trains and how many gaps between them there are of each length. */
static void count_runs(const uint8_t *slots, unsigned *full, unsigned *empty)
{
    unsigned length = 1, seen_train = slots[0];
    for (unsigned bx = 1; bx <= BX_PER_ORBIT; bx++, length++) {
        if (bx < BX_PER_ORBIT && slots[bx] == slots[bx - 1])
            continue;
        if (slots[bx - 1])
            full[length]++;
        else if (seen_train && bx < BX_PER_ORBIT)
            empty[length]++;
        seen_train |= slots[bx - 1];
        length = 0;
    }
}

static unsigned total(const uint8_t *slots)
{
    unsigned n = 0;
    for (unsigned bx = 0; bx < BX_PER_ORBIT; bx++)
        n += slots[bx];
    return n;
}

static void test_presets_have_the_published_numbers(void)
{
    static const struct {
        const char *name;
        unsigned bunches, collisions, train, trains, gap7, gap31;
    } known[] = {{"25ns_2760b", 2760, 2748, 72, 38, 27, 8},
                 {"25ns_2744b_BCMS", 2744, 2736, 48, 57, 45, 11},
                 {"8b4e_1972b", 1972, 1960, 8, 245, 24, 7}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct filling_scheme *s = filling_preset(known[i].name);
        uint8_t slots[BX_PER_ORBIT];
        unsigned full[BX_PER_ORBIT + 1] = {0}, empty[BX_PER_ORBIT + 1] = {0};
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        CU_ASSERT_EQUAL(filling_collisions(s, slots, NULL), (int)known[i].collisions);
        for (unsigned beam = 0; beam < 2; beam++) {
            CU_ASSERT_EQUAL(filling_beam(s->beam[beam], s->trains[beam], slots, NULL), 0);
            CU_ASSERT_EQUAL(total(slots), known[i].bunches);
        }
        filling_collisions(s, slots, NULL);
        count_runs(slots, full, empty);
        CU_ASSERT_EQUAL(full[known[i].train], known[i].trains);
        CU_ASSERT_EQUAL(empty[7], known[i].gap7);
        CU_ASSERT_EQUAL(empty[31], known[i].gap31);
    }
    CU_ASSERT_PTR_NULL(filling_preset("25ns"));
}

/* The digits of one beam's array in a published file. */
static int read_beam(const char *text, const char *beam, uint8_t slots[BX_PER_ORBIT])
{
    const char *s = strstr(text, beam);
    unsigned n = 0;
    s = s ? strchr(s, '[') : NULL;
    for (; s && *s && *s != ']'; s++)
        if (isdigit((unsigned char)*s) && n < BX_PER_ORBIT)
            slots[n++] = *s != '0';
    return n == BX_PER_ORBIT ? 0 : -1;
}

static void compare_with_file(const char *path, const struct filling_scheme *s)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("(%s is not there; skipped) ", path);
        return;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (unsigned beam = 0; beam < 2; beam++) {
        uint8_t published[BX_PER_ORBIT], ours[BX_PER_ORBIT];
        CU_ASSERT_EQUAL_FATAL(read_beam(text, beam ? "beam2" : "beam1", published), 0);
        CU_ASSERT_EQUAL(filling_beam(s->beam[beam], s->trains[beam], ours, NULL), 0);
        CU_ASSERT_EQUAL(memcmp(published, ours, sizeof ours), 0);
    }
}

static void test_presets_equal_the_published_files(void)
{
    static const struct {
        const char *name, *file;
    } known[] = {{"25ns_2760b", "25ns_2760b_2748_2492_2574_288bpi_13inj_800ns_bs200ns.json"},
                 {"25ns_2744b_BCMS", "25ns_2744b_2736_2246_2370_240bpi_13inj_800ns_bs200ns_BCMS_5x48b.json"},
                 {"8b4e_1972b", "8b4e_1972b_1960_1178_1886_224bpi_12inj_800ns_bs200ns.json"}};
    const char *dir = getenv("BXACT_SHARED_DATA");
    unsigned presets = 0;
    for (const struct filling_scheme *s = filling_presets; s->name; s++)
        presets++;
    CU_ASSERT_EQUAL(presets, sizeof known / sizeof *known);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/lhc_filling/%s", dir ? dir : "../shared/data", known[i].file);
        compare_with_file(path, filling_preset(known[i].name));
    }
}

static void test_trains_become_slots(void)
{
    static const struct filling_train trains[] = {
        {.first_bx = 3, .bunches = 2},
        {.first_bx = 10, .bunches = 5, .fill = 2, .empty = 1},
        {.first_bx = 30, .bunches = 1, .repeat = 3, .period = 5},
    };
    static const char expected[] = "...11.....11.11.1.............1....1....1...";
    uint8_t slots[BX_PER_ORBIT];
    CU_ASSERT_EQUAL(filling_beam(trains, 3, slots, NULL), 0);
    for (unsigned bx = 0; bx < sizeof expected - 1; bx++)
        CU_ASSERT_EQUAL(slots[bx], expected[bx] == '1');
    CU_ASSERT_EQUAL(total(slots), 10);
    CU_ASSERT_EQUAL(filling_beam(NULL, 0, slots, NULL), 0);
    CU_ASSERT_EQUAL(total(slots), 0);
}

static void refuse(struct filling_train first, struct filling_train second, const char *text)
{
    struct filling_train trains[] = {first, second};
    struct message m = {""};
    uint8_t slots[BX_PER_ORBIT];
    CU_ASSERT_EQUAL(filling_beam(trains, 2, slots, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, text));
    CU_ASSERT_PTR_NOT_NULL(strchr(m.text, '('));
}

static void test_impossible_trains_are_refused(void)
{
    struct filling_train good = {.first_bx = 0, .bunches = 10};
    refuse(good, (struct filling_train){.first_bx = 9, .bunches = 1}, "slot 9 is filled already (move");
    refuse(good, (struct filling_train){.first_bx = 3563, .bunches = 2}, "slot 3564 is outside");
    refuse(good, (struct filling_train){.first_bx = 65535, .bunches = 65535}, "outside");
    refuse(good, (struct filling_train){.first_bx = 20}, "bunches: 0");
    refuse(good, (struct filling_train){.first_bx = 20, .bunches = 4, .empty = 3}, "fill: 0");
    refuse(good, (struct filling_train){.first_bx = 20, .bunches = 4, .repeat = 2}, "period: 0");
}

TEST_MAIN("golden/filling", TEST(test_presets_have_the_published_numbers),
          TEST(test_presets_equal_the_published_files), TEST(test_trains_become_slots),
          TEST(test_impossible_trains_are_refused))

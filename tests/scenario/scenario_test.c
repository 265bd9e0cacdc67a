/* Scenario files: every key of the table right and wrong, printing and reading back, pairs of bad files and
 * messages. */
#include "emu/check/boundary.h"
#include "emu/model/gmt_link.h"
#include "emu/scenario/config_text.h"
#include "emu/scenario/field.h"
#include "emu/scenario/keys.h"
#include "emu/scenario/scenario.h"
#include "emu/scenario/suggest.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 1 << 16 };

/* A scenario file in the test's own folder. */
static char folder[] = "/tmp/bxact_scenario_XXXXXX";
static char file_name[64];

static void write_file(const char *text)
{
    FILE *f = fopen(file_name, "w");
    fputs(text, f);
    fclose(f);
}

static void make_folder(void)
{
    if (file_name[0])
        return;
    if (!mkdtemp(folder))
        abort();
    snprintf(file_name, sizeof file_name, "%s/s.cfg", folder);
}

static void test_folder_is_removed(void)
{
    make_folder();
    unlink(file_name);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* Loads the text; the messages go to `said`. */
static int load_text(struct scenario *s, const char *text, char *said)
{
    struct messages m = MESSAGES_EMPTY;
    make_folder();
    write_file(text);
    int result = scenario_load(s, file_name, NULL, 0, &m);
    snprintf(said, TEXT, "%s", m.text ? m.text : "");
    CU_ASSERT_EQUAL(result < 0, m.errors > 0);
    messages_release(&m);
    return result;
}

static int load_option(const char *key, const char *value, char *said)
{
    char label[512];
    struct scenario *s = scenario_new();
    struct messages m = MESSAGES_EMPTY;
    snprintf(label, sizeof label, "--set %s=%s", key, value);
    struct scenario_setting set = {label, key, value};
    make_folder();
    write_file("run : { };");
    int result = scenario_load(s, file_name, &set, 1, &m);
    snprintf(said, TEXT, "%s", m.text ? m.text : "");
    messages_release(&m);
    scenario_free(s);
    return result;
}

/* "a.b = v" as groups, the value in line 3. */
static void nest(const char *path, const char *value, char *text)
{
    int n = sprintf(text, "# first line\n# second line\n"), groups = 0;
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1, groups++)
        n += sprintf(text + n, "%.*s : { ", (int)(dot - path), path);
    n += snprintf(text + n, TEXT - (size_t)n, "%s = %s;", path, value);
    while (groups--)
        n += sprintf(text + n, " };");
}

/* The value is refused in a file with file, line, key and what is accepted, and as an option with its label.
 */
static void refused(const struct key *key, const char *value, const char *member, const char *what)
{
    static char text[TEXT], said[TEXT], expected[TEXT], accepts[512];
    struct scenario *s = scenario_new();
    key_accepts(key, accepts, sizeof accepts);
    nest(key->path, value, text);
    sprintf(expected, "%s:3: %s%s: %s (give %s)\n", file_name, key->path, member, what, accepts);
    CU_ASSERT_EQUAL(load_text(s, text, said), -1);
    if (strcmp(said, expected))
        printf("  said     %s  expected %s", said, expected);
    CU_ASSERT_STRING_EQUAL(said, expected);
    scenario_free(s);
    sprintf(expected, "--set %s=%s: %s%s%s (give %s)\n", key->path, value, member, member[0] ? ": " : "",
            what, accepts);
    CU_ASSERT_EQUAL(load_option(key->path, value, said), -1);
    CU_ASSERT_STRING_EQUAL(said, expected);
}

static void refused_integers(const struct key *key)
{
    char value[64], what[128];
    snprintf(what, sizeof what, "-1 is below %" PRIu64, key->min);
    refused(key, "-1", "", what);
    if (key->min) {
        snprintf(value, sizeof value, "%" PRIu64, key->min - 1);
        snprintf(what, sizeof what, "%s is below %" PRIu64, value, key->min);
        refused(key, value, "", what);
    }
    if (key->max < INT64_MAX) {
        snprintf(value, sizeof value, "%" PRIu64, key->max + 1);
        snprintf(what, sizeof what, "%s is above %" PRIu64, value, key->max);
        refused(key, value, "", what);
        /* What libconfig's own reader would take for the good value `min`. */
        snprintf(value, sizeof value, "%" PRIu64,
                 key->min + (key->max > UINT32_MAX ? UINT64_C(1) << 62 : UINT64_C(1) << 32));
        snprintf(what, sizeof what, "%s is above %" PRIu64, value, key->max);
        refused(key, value, "", what);
    }
    refused(key, "\"x\"", "", "is a text");
    refused(key, "1.0", "", "is a number with a fraction");
    refused(key, "true", "", "is a truth value");
    refused(key, "[1]", "", "is a list");
}

/* A list with one member that is wrong: `bad` at place `at`, `good` elsewhere. */
static void one_wrong(size_t length, size_t at, const char *good, const char *bad, char *text)
{
    int n = sprintf(text, "[");
    for (size_t i = 0; i < length; i++)
        n += sprintf(text + n, "%s%s", i ? ", " : "", i == at ? bad : good);
    sprintf(text + n, "]");
}

static void refused_ints(const struct key *key)
{
    char value[512], bad[64], what[128], member[32];
    size_t at = key->count / 2;
    snprintf(member, sizeof member, "[%zu]", at);
    snprintf(bad, sizeof bad, "%" PRIu64, key->max + 1);
    one_wrong(key->count, at, "1", bad, value);
    snprintf(what, sizeof what, "%s is above %" PRIu64, bad, key->max);
    refused(key, value, member, what);
    one_wrong(key->count + 1, 0, "1", "1", value);
    snprintf(what, sizeof what, "has %zu members", key->count + 1);
    refused(key, value, "", what);
    if (!key->count_offset)
        refused(key, "[]", "", "has 0 members");
    refused(key, "1", "", "is an integer");
    refused(key, "[\"a\"]", key->count_offset ? "[0]" : "", key->count_offset ? "is a text" : "has 1 member");
}

static void refused_by_kind(const struct key *key)
{
    switch (key->kind) {
    case KEY_INT: refused_integers(key); return;
    case KEY_WORD:
    case KEY_TEXT:
        refused(key, "\"nonsense\"", "", "\"nonsense\" is unknown");
        refused(key, "\"\"", "", "\"\" is unknown");
        return;
    case KEY_BOOL:
        refused(key, "1", "", "is an integer");
        refused(key, "\"true\"", "", "is a text");
        return;
    case KEY_WORD_OR_FILE:
        refused(key, "\"\"", "", "is empty"); /* fall through */
    case KEY_FILE:
        refused(key, "\"/nowhere/at/all\"", "", "there is no file \"/nowhere/at/all\"");
        refused(key, "\"/dev/null\"", "", "\"/dev/null\" is no regular file");
        refused(key, "\"/\"", "", "\"/\" is a directory");
        return;
    case KEY_INTS: refused_ints(key); return;
    case KEY_LANES:
        refused(key, "[8]", "[0]", "8 is above 7");
        refused(key, "[0, 3, 3]", "[2]", "lane 3 stands there twice");
        refused(key, "0", "", "is an integer");
        return;
    case KEY_GROUPS: refused(key, "7", "", "is an integer"); return;
    }
}

static void test_every_key_wrong_in_turn(void)
{
    unsigned keys = 0;
    make_folder();
    for (const struct key *key = scenario_keys; key->path; key++, keys++)
        refused_by_kind(key);
    printf("  %u keys\n", keys);
    CU_ASSERT(keys > 60);
}

static void test_every_key_misspelt_is_unknown_and_suggested(void)
{
    static char text[TEXT], said[TEXT], expected[TEXT], path[256];
    make_folder();
    for (const struct key *key = scenario_keys; key->path; key++) {
        snprintf(path, sizeof path, "%sx", key->path);
        struct scenario *s = scenario_new();
        nest(path, "1", text);
        CU_ASSERT_EQUAL(load_text(s, text, said), -1);
        snprintf(expected, sizeof expected, "%s:3: %s: unknown key (did you mean %s?)\n", file_name, path,
                 key->path);
        CU_ASSERT_STRING_EQUAL(said, expected);
        scenario_free(s);
    }
}

/* Members of lists of groups: out of range, missing, unknown. */
static void test_every_member_of_groups_wrong_in_turn(void)
{
    static char value[TEXT], text[TEXT], said[TEXT];
    make_folder();
    for (const struct key *key = scenario_keys; key->path; key++) {
        if (key->kind != KEY_GROUPS)
            continue;
        for (const struct key *sub = key->sub; sub->path; sub++) {
            char expected[512], spot[128];
            snprintf(value, sizeof value, "( { %s = [true]; } )", sub->path);
            snprintf(spot, sizeof spot, "%s[0].%s: is a list", key->path, sub->path);
            struct scenario *s = scenario_new();
            nest(key->path, value, text);
            CU_ASSERT_EQUAL(load_text(s, text, said), -1);
            snprintf(expected, sizeof expected, "%s:3: %s", file_name, spot);
            CU_ASSERT_EQUAL(strncmp(said, expected, strlen(expected)), 0);
            scenario_free(s);
        }
    }
}

/* --- random good scenarios
 * ---------------------------------------------------------------------------------- */

static uint64_t random_in(struct rng *r, uint64_t min, uint64_t max)
{
    if (rng_chance(r, 200000))
        return rng_chance(r, 500000) ? min : max;
    return min + rng_next(r) % (max - min + 1);
}

/* The value is stored, and the text that a user would write for it appended; returns its length. */
static int random_value(struct rng *r, const struct key *key, void *base, char *text)
{
    int n = 0;
    uint64_t v;
    switch (key->kind) {
    case KEY_INT:
        v = random_in(r, key->min, key->max);
        field_store(key, base, 0, v);
        return sprintf(text, rng_chance(r, 300000) ? "0x%" PRIx64 : "%" PRIu64, v);
    case KEY_WORD:
    case KEY_TEXT:
        for (v = 0; key->words[v]; v++)
            ;
        v = rng_below(r, (uint32_t)v);
        if (key->kind == KEY_WORD)
            field_store(key, base, 0, v);
        else
            strcpy(field_text(key, base), key->words[v]);
        return sprintf(text, "\"%s\"", key->words[v]);
    case KEY_BOOL:
        v = rng_below(r, 2);
        *(bool *)field_element(key, base, 0) = v;
        return sprintf(text, "%s", v ? "true" : "false");
    case KEY_INTS:
        n = sprintf(text, "[");
        for (size_t i = 0; i < key->count; i++) {
            v = random_in(r, key->min, key->max);
            field_store(key, base, i, v);
            n += sprintf(text + n, "%s%" PRIu64, i ? "," : "", v);
        }
        field_set_count(key, base, (uint32_t)key->count);
        return n + sprintf(text + n, "]");
    case KEY_LANES:
        v = rng_next(r) & 0xff;
        field_store(key, base, 0, v);
        n = sprintf(text, "(");
        for (unsigned lane = LANES; lane--;)
            if (v >> lane & 1)
                n += sprintf(text + n, "%s%u", n > 1 ? ", " : "", lane);
        return n + sprintf(text + n, ")");
    default: return -1;
    }
}

static bool same_field(const struct key *key, const struct scenario *a, const struct scenario *b)
{
    return !memcmp((const char *)a + key->offset, (const char *)b + key->offset,
                   key->size * (key->count && key->kind != KEY_LANES ? field_count(key, a) : 1));
}

/* Each key by itself, so that cross-checks seldom speak; where they do, the scenario must have been refused.
 */
static void test_random_values_arrive(void)
{
    static char text[TEXT], value[TEXT], said[TEXT];
    struct rng r;
    unsigned taken = 0, refusals = 0;
    rng_seed(&r, test_seed());
    for (unsigned round = 0; round < 20; round++)
        for (const struct key *key = scenario_keys; key->path; key++) {
            struct scenario *expected = scenario_new(), *got = scenario_new();
            if (random_value(&r, key, expected, value) > 0) {
                nest(key->path, value, text);
                if (load_text(got, text, said) == 0) {
                    CU_ASSERT(same_field(key, expected, got));
                    taken++;
                } else {
                    refusals++;
                }
            }
            scenario_free(expected);
            scenario_free(got);
        }
    printf("  %u values taken, %u refused by cross-checks\n", taken, refusals);
    CU_ASSERT(taken > 1000);
    CU_ASSERT(refusals < taken / 10);
}

static void print_to(const struct scenario *s, char *text)
{
    FILE *out = fmemopen(text, TEXT, "w");
    scenario_print(s, out);
    fclose(out);
}

/* Printing and reading back gives the same scenario, from random keys and from the shipped scenarios. */
static void read_back(const char *text)
{
    static char first[TEXT], second[TEXT], said[TEXT];
    struct scenario *a = scenario_new(), *b = scenario_new();
    if (load_text(a, text, said) == 0) {
        print_to(a, first);
        int result = load_text(b, first, said);
        CU_ASSERT_EQUAL(result, 0);
        if (result < 0)
            printf("  %s", said);
        print_to(b, second);
        CU_ASSERT_STRING_EQUAL(first, second);
        CU_ASSERT_EQUAL(memcmp(a, b, sizeof *a), 0);
    }
    scenario_free(a);
    scenario_free(b);
}

static void test_printed_scenarios_read_back(void)
{
    static char text[TEXT], value[TEXT];
    struct rng r;
    rng_seed(&r, test_seed() + 1);
    for (unsigned round = 0; round < 5; round++)
        for (const struct key *key = scenario_keys; key->path; key++) {
            struct scenario *s = scenario_new();
            if (random_value(&r, key, s, value) > 0) {
                nest(key->path, value, text);
                read_back(text);
            }
            scenario_free(s);
        }
    read_back(
        "links : { faults = ( { kind = \"pads\"; orbit = 4294967295; bx = 7; lane = 3; value = 9; },"
        " { kind = \"crc_error\"; orbit = 1; value = 0; } ); };"
        "host : { stalls = ( { orbit = 5; cycles = 100; } ); };"
        "stimulus : { generator : { filling = \"trains\";"
        " trains = ( { first_bx = 3; bunches = 8; fill = 8; empty = 4; repeat = 2; period = 100; } ); }; };");
}

static void test_shipped_scenarios_load(void)
{
    struct dirent *entry;
    unsigned files = 0;
    DIR *dir = opendir("scenarios");
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir))) {
        char path[300];
        struct messages m = MESSAGES_EMPTY;
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".cfg"))
            continue;
        snprintf(path, sizeof path, "scenarios/%s", entry->d_name);
        struct scenario *s = scenario_new();
        struct scenario_setting input = {"--input", SCENARIO_INPUT, "LICENSE"};
        int reads = !strcmp(entry->d_name, "ugmt_pattern.cfg") || !strcmp(entry->d_name, "replay.cfg");
        scenario_load(s, path, &input, (size_t)reads, &m);
        if (m.text)
            printf("  %s", m.text);
        CU_ASSERT_EQUAL(m.errors + m.warnings, 0);
        messages_release(&m);
        scenario_free(s);
        files++;
    }
    closedir(dir);
    CU_ASSERT(files >= 6);
}

/* --- pairs of bad files and messages
 * ------------------------------------------------------------------------- */

static size_t read_text(const char *path, char *text)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, TEXT - 1, f) : 0;
    text[n] = 0;
    if (f)
        fclose(f);
    return n;
}

static void test_bad_files_say_what_is_wrong(void)
{
    static char expected[TEXT];
    struct dirent *entry;
    unsigned pairs = 0;
    DIR *dir = opendir("tests/scenario/bad");
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir))) {
        char path[300];
        struct messages m = MESSAGES_EMPTY;
        char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".err"))
            continue;
        snprintf(path, sizeof path, "tests/scenario/bad/%s", entry->d_name);
        read_text(path, expected);
        strcpy(strrchr(path, '.'), ".cfg");
        struct scenario *s = scenario_new();
        CU_ASSERT_EQUAL(scenario_load(s, path, NULL, 0, &m), -1);
        if (!m.text || strcmp(m.text, expected))
            printf("  said     %s\n  expected %s\n", m.text ? m.text : "", expected);
        CU_ASSERT(m.text && !strcmp(m.text, expected));
        messages_release(&m);
        scenario_free(s);
        pairs++;
    }
    closedir(dir);
    printf("  %u pairs\n", pairs);
    CU_ASSERT(pairs >= 35);
}

static void says(const char *path, const char *expected)
{
    struct messages m = MESSAGES_EMPTY;
    struct scenario *s = scenario_new();
    CU_ASSERT_EQUAL(scenario_load(s, path, NULL, 0, &m), -1);
    CU_ASSERT(m.text && !strcmp(m.text, expected));
    if (m.text && strcmp(m.text, expected))
        printf("  %s", m.text);
    messages_release(&m);
    scenario_free(s);
}

static void test_files_that_cannot_be_read(void)
{
    says("no/such.cfg", "no/such.cfg: cannot be opened: No such file or directory (give a scenario file, "
                        "for example scenarios/pp_fill.cfg)\n");
    says("scenarios", "scenarios: is a directory (give a scenario file)\n");
    says("/dev/null", "/dev/null: is no regular file (give a scenario file)\n");
}

/* Mutations of a good file, cut, changed and doubled: refused or read, never a crash, and never without a
 * word. */
static void test_mutated_files_are_read_or_refused(void)
{
    static char original[TEXT], text[TEXT + 64], said[TEXT];
    static const char *const pieces[] = {
        "{",  "}",        "(",    ")",   "[", "]",        "\"", "/*",
        "#",  "@include", "=",    ":",   ";", "1e9",      "-",  "99999999999999999999",
        "0x", "\\",       "true", "run", "L", "\x80\xff", "\n"};
    struct rng r;
    unsigned read = 0, refusals = 0;
    rng_seed(&r, test_seed() + 2);
    size_t length = read_text("scenarios/skewed_links.cfg", original);
    CU_ASSERT(length > 500);
    for (unsigned round = 0; round < 3000; round++) {
        memcpy(text, original, length + 1);
        for (unsigned n = rng_below(&r, 4) + 1; n--;) {
            const char *piece = pieces[rng_below(&r, sizeof pieces / sizeof *pieces)];
            size_t at = rng_below(&r, (uint32_t)length), size = strlen(piece);
            memcpy(text + at, piece, at + size < length ? size : 0);
        }
        if (rng_chance(&r, 100000))
            text[rng_below(&r, (uint32_t)length)] = 0;
        struct scenario *s = scenario_new();
        if (load_text(s, text, said) < 0) {
            CU_ASSERT(said[0]);
            refusals++;
        } else {
            read++;
        }
        scenario_free(s);
    }
    printf("  %u read, %u refused\n", read, refusals);
    CU_ASSERT(read > 0 && refusals > 0);
}

/* --- the table against what it names
 * ------------------------------------------------------------------------ */

static void test_table_agrees_with_golden_and_model(void)
{
    static char ours[TEXT], golden[TEXT];
    struct scenario *s = scenario_new();
    struct generator_cfg cfg = generator_default();
    struct message message;
    CU_ASSERT_EQUAL(
        filling_collisions(filling_preset(s->generator.filling), s->generator.cfg.colliding, &message), 2748);
    CU_ASSERT_EQUAL(memcmp(cfg.colliding, s->generator.cfg.colliding, sizeof cfg.colliding), 0);
    print_to(s, ours);
    s->generator.cfg = cfg;
    print_to(s, golden);
    CU_ASSERT_STRING_EQUAL(ours, golden);
    const char *const *fillings = scenario_key("stimulus.generator.filling")->words;
    unsigned n = 0;
    for (; filling_presets[n].name; n++)
        CU_ASSERT_STRING_EQUAL(fillings[n], filling_presets[n].name);
    CU_ASSERT_STRING_EQUAL(fillings[n], "trains");
    const char *const *kinds = scenario_key("links.faults")->sub[0].words;
    for (unsigned i = 0; i < LINK_FAULT_KINDS; i++)
        CU_ASSERT_STRING_EQUAL(kinds[i], link_fault_info[i].name);
    CU_ASSERT_PTR_NULL(kinds[LINK_FAULT_KINDS]);
    for (unsigned b = 0; b < BLOCKS; b++) {
        char path[64];
        snprintf(path, sizeof path, "engines.%s", boundary_info[b].name);
        const struct key *key = scenario_key(path);
        CU_ASSERT_PTR_NOT_NULL_FATAL(key);
        CU_ASSERT_EQUAL(key->offset, offsetof(struct scenario, engine) + b);
    }
    scenario_free(s);
}

static void test_documented_keys_are_the_table(void)
{
    static char doc[TEXT], reference[TEXT];
    FILE *out = fmemopen(reference, sizeof reference, "w");
    scenario_print_reference(out);
    fclose(out);
    read_text("docs/scenario.md", doc);
    const char *begin = strstr(doc, "<!-- bxact keys -->\n"),
               *end = strstr(doc, "<!-- end of bxact keys -->");
    CU_ASSERT_FATAL(begin && end);
    begin = strchr(begin, '\n') + 1;
    CU_ASSERT_EQUAL((size_t)(end - begin), strlen(reference));
    CU_ASSERT_EQUAL(strncmp(begin, reference, strlen(reference)), 0);
}

static void test_board_cfg_follows_the_scenario(void)
{
    static char said[TEXT];
    struct board_cfg cfg;
    struct scenario *s = scenario_new();
    scenario_board_cfg(s, &cfg);
    CU_ASSERT_EQUAL(cfg.zs_slots, 0xffff);
    CU_ASSERT_EQUAL(cfg.zs_pt_min, 1);
    CU_ASSERT_EQUAL(cfg.final_lanes, 0x0f);
    CU_ASSERT_EQUAL(cfg.gap_first, 3555);
    CU_ASSERT_EQUAL(cfg.orbits_per_packet, 20);
    CU_ASSERT_EQUAL(load_text(s,
                              "zero_suppress : { condition = \"final\"; pt_min = 9; };"
                              "links : { final_lanes = [7, 0, 2]; };"
                              "stimulus : { format = \"run3\"; }; dma : { drop = \"bx\"; };",
                              said),
                    0);
    scenario_board_cfg(s, &cfg);
    CU_ASSERT_EQUAL(cfg.zs_slots, 0xc033);
    CU_ASSERT_EQUAL(cfg.zs_pt_min, 9);
    CU_ASSERT_EQUAL(cfg.final_lanes, 0x85);
    CU_ASSERT_EQUAL(cfg.run3, 1);
    CU_ASSERT_EQUAL(cfg.drop_policy, DROP_BX);
    CU_ASSERT_EQUAL(s->host.record, LINK_FORMAT_RUN3);
    CU_ASSERT_EQUAL(load_text(s, "zero_suppress : { condition = \"all\"; };", said), 0);
    scenario_board_cfg(s, &cfg);
    CU_ASSERT_EQUAL(cfg.zs_pt_min, 0);
    scenario_free(s);
}

static void test_options_come_after_the_file_and_the_last_one_counts(void)
{
    struct messages m = MESSAGES_EMPTY;
    struct scenario *s = scenario_new();
    struct scenario_setting sets[] = {{"a", "run.orbits", "7"},
                                      {"b", "run.orbits", "8"},
                                      {"c", "engines.default", "rtl"},
                                      {"d", "engines.recal", "\"model\""},
                                      {"e", "links.skew", "[1,2,3,4,5,6,7,8]"}};
    make_folder();
    write_file("run : { orbits = 5; seed = 0x7fffffffffffffff; };");
    CU_ASSERT_EQUAL(scenario_load(s, file_name, sets, sizeof sets / sizeof *sets, &m), 0);
    CU_ASSERT_EQUAL(s->run.orbits, 8);
    CU_ASSERT_EQUAL(s->run.seed, INT64_MAX);
    CU_ASSERT_EQUAL(s->generator.cfg.seed, INT64_MAX);
    CU_ASSERT_EQUAL(s->engine[BLOCK_DMA], ENGINE_RTL);
    CU_ASSERT_EQUAL(s->engine[BLOCK_RECAL], ENGINE_MODEL);
    CU_ASSERT_EQUAL(s->links.skew[7], 8);
    CU_ASSERT_STRING_EQUAL(s->name, "s");
    messages_release(&m);
    scenario_free(s);
}

static void test_warnings_do_not_refuse(void)
{
    static char said[TEXT];
    struct scenario *s = scenario_new();
    CU_ASSERT_EQUAL(load_text(s, "links : { skew = [0, 0, 0, 0, 0, 0, 0, 64]; };", said), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "warning: "));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(said, ":1: links.skew: lanes lie up to 64 words apart, board.align_depth holds 64"));
    scenario_free(s);
}

static void test_distance_counts_edits(void)
{
    CU_ASSERT_EQUAL(suggest_distance("", ""), 0);
    CU_ASSERT_EQUAL(suggest_distance("depth", "depth"), 0);
    CU_ASSERT_EQUAL(suggest_distance("depth", "dpeth"), 2);
    CU_ASSERT_EQUAL(suggest_distance("kitten", "sitting"), 3);
    CU_ASSERT_EQUAL(suggest_distance("", "abc"), 3);
}

TEST_MAIN("emu/scenario", TEST(test_every_key_wrong_in_turn),
          TEST(test_every_key_misspelt_is_unknown_and_suggested),
          TEST(test_every_member_of_groups_wrong_in_turn), TEST(test_random_values_arrive),
          TEST(test_printed_scenarios_read_back), TEST(test_shipped_scenarios_load),
          TEST(test_bad_files_say_what_is_wrong), TEST(test_files_that_cannot_be_read),
          TEST(test_mutated_files_are_read_or_refused), TEST(test_table_agrees_with_golden_and_model),
          TEST(test_documented_keys_are_the_table), TEST(test_board_cfg_follows_the_scenario),
          TEST(test_options_come_after_the_file_and_the_last_one_counts), TEST(test_warnings_do_not_refuse),
          TEST(test_distance_counts_edits), TEST(test_folder_is_removed))

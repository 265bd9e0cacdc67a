/* Results as a user reads them: summary.json against its documentation, junit.xml as XML, the table's shape,
 * full disks. */
#include "emu/report/progress.h"
#include "emu/report/report.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT = 1 << 18, KEYS = 512, KEY = 128 };

static struct run_result result;
static struct latency latency;
static char text[TEXT];

static void fill_latency(struct rng *r, uint64_t ps_from, uint32_t ps_span)
{
    latency_init(&latency, 240473400);
    for (unsigned i = 0; i < 1000; i++)
        latency_add(&latency, ps_from + rng_below(r, ps_span));
}

/* Every field has a value of its own, so that a swapped or forgotten one shows. */
static void fill_result(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    run_result_init(&result);
    result.verdict = VERDICT_PASS;
    result.complete = true;
    run_result_text(result.reproduce, sizeof result.reproduce, "./bxact run x.cfg --seed 1");
    run_result_text(
        result.network_note, sizeof result.network_note,
        "the network 'student' is trained on bxact's simple sample, which is no simulation of CMS "
        "(models/README.md)");
    result.records_compared = 123456789;
    for (unsigned b = 0; b < BLOCKS; b++) {
        fill_latency(&r, 100000 * (b + 1), 20000);
        result.boundary[b].records = 1000 + b;
        result.boundary[b].content_digest = rng_next(&r);
        result.boundary[b].timing_digest = rng_next(&r);
        run_result_latency(&result.boundary[b].first_out, &latency);
        run_result_latency(&result.boundary[b].last_out, &latency);
    }
    static const char *const checks[] = {"lock-step link_rx", "lock-step cdc_rx", "lock-step dma",
                                         "golden dma",        "conservation",     "host stream",
                                         "host file"};
    for (unsigned i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct check_result *c = run_result_check(&result, checks[i]);
        c->passed = true;
        c->compared = 5000 + i;
    }
    run_result_fifo(&result, "cdc_rx", 16)->high_water = 3;
    run_result_fifo(&result, "dma", 4096)->high_water = 1840;
    result.conservation = (struct conservation){3569, 100, 3400, 10, 9, 30, 20, true};
    result.zero_suppression_factor = 20.5;
    result.inference = (struct inference_result){
        90, 80, 10, 2e6, 1.9e6, 79, {0.28, 0.036, 0.49}, {0.11, 0.031, 0.35}};
    result.host = (struct host_result){.file = "out/x/scout_GMT_000001_000000.dat",
                                       .files = 1,
                                       .bytes = 4096,
                                       .stored_bytes = 2048,
                                       .block_bytes = 32768,
                                       .bytes_per_s = 2e7,
                                       .software_factor = 8,
                                       .compression_factor = 2,
                                       .muons = 150,
                                       .bx = 100,
                                       .orbits = 1,
                                       .packets = 1};
    for (unsigned l = 0; l < LANES; l++)
        result.board.lane[l] = (struct lane_status){21354, 847, 27, 0, 1, 0, 0, l, 0};
    result.bx_run = 7128;
    result.orbits_run = 2;
    result.wall_s = 0.25;
    result.emulated_s = 1.77e-4;
}

static size_t written(int (*write)(const struct scenario *, const struct run_result *, FILE *))
{
    struct scenario *s = scenario_new();
    FILE *out = fmemopen(text, sizeof text, "w");
    CU_ASSERT_EQUAL(write(s, &result, out), 0);
    fclose(out);
    scenario_free(s);
    return strlen(text);
}

/* --- keys of the file and of its page
 * ------------------------------------------------------------------------ */

struct keys {
    char key[KEYS][KEY];
    unsigned n;
};

static void add_key(struct keys *k, const char *key)
{
    for (unsigned i = 0; i < k->n; i++)
        if (!strcmp(k->key[i], key))
            return;
    if (k->n < KEYS)
        snprintf(k->key[k->n++], KEY, "%.127s", key);
}

static bool has_key(const struct keys *k, const char *key)
{
    for (unsigned i = 0; i < k->n; i++)
        if (!strcmp(k->key[i], key))
            return true;
    return false;
}

static void flatten(struct keys *k, const char *path, json_t *value)
{
    char inner[KEY + 8];
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach(value, name, member)
        {
            snprintf(inner, sizeof inner, "%.60s%s%.60s", path, path[0] ? "." : "", name);
            flatten(k, inner, member);
        }
    } else if (json_is_array(value)) {
        CU_ASSERT(json_array_size(value) > 0);
        snprintf(inner, sizeof inner, "%.120s[]", path);
        json_array_foreach(value, i, member) flatten(k, inner, member);
    } else {
        add_key(k, path);
    }
}

/* The first cell of each row of the page's table, between back quotes. */
static void documented(struct keys *k)
{
    char line[1024], *end;
    FILE *page = fopen("docs/summary.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(page);
    while (fgets(line, sizeof line, page)) {
        if (strncmp(line, "| `", 3) || !(end = strchr(line + 3, '`')))
            continue;
        *end = 0;
        CU_ASSERT_FALSE(has_key(k, line + 3));
        add_key(k, line + 3);
    }
    fclose(page);
}

static void compare_keys(const struct keys *in, const struct keys *of, const char *missing)
{
    for (unsigned i = 0; i < of->n; i++)
        if (!has_key(in, of->key[i])) {
            printf("  %s: %s\n", missing, of->key[i]);
            CU_FAIL("a key is not on both sides");
        }
}

static void test_every_key_is_documented(void)
{
    static struct keys file, page;
    json_error_t error;
    fill_result();
    written(report_json);
    json_t *summary = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(summary);
    flatten(&file, "", summary);
    json_decref(summary);
    documented(&page);
    compare_keys(&page, &file, "not documented");
    compare_keys(&file, &page, "documented, but not in the file");
    printf("  %u keys\n", file.n);
    CU_ASSERT(file.n > 90);
}

static void test_values_reach_the_file(void)
{
    json_error_t error;
    fill_result();
    written(report_json);
    json_t *summary = json_loads(text, 0, &error), *host = json_object_get(summary, "host");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(summary, "verdict")), "pass");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(summary, "records_compared")), 123456789);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(host, "muons")), 150);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(json_object_get(summary, "run"), "bx_per_second")),
                    28512);
    json_t *dma = json_array_get(json_object_get(summary, "boundaries"), BLOCK_DMA);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(dma, "name")), "dma");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(dma, "domain")), "host");
    json_t *counts =
        json_object_get(json_object_get(json_object_get(dma, "first_out"), "histogram"), "counts");
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(counts); i++)
        sum += json_integer_value(json_array_get(counts, i));
    CU_ASSERT_EQUAL(sum, 1000);
    json_decref(summary);
}

/* The histogram's bins hold each latency once, between min and max, for narrow and wide distributions. */
static void test_histograms_hold_everything(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned round = 0; round < 200; round++) {
        struct latency_result l;
        uint64_t sum = 0;
        fill_latency(&r, rng_below(&r, 1u << (round % 30)), 1u << (round % 32));
        run_result_latency(&l, &latency);
        for (uint32_t i = 0; i < l.bins; i++)
            sum += l.bin[i];
        CU_ASSERT_EQUAL(sum, 1000);
        CU_ASSERT(l.bins >= 1 && l.bins <= RESULT_BINS);
        CU_ASSERT(l.bin[0] > 0 && l.bin[l.bins - 1] > 0);
        CU_ASSERT(l.bin_first <= l.summary.p50_cycles);
        /* A cycle is a bin up to LATENCY_EXACT cycles; above it is one part in 256 of the latency. */
        CU_ASSERT(l.bin_first + l.bins * l.bin_width + l.summary.p99_cycles / 256 > l.summary.p99_cycles);
    }
    latency_init(&latency, 240473400);
    struct latency_result none;
    run_result_latency(&none, &latency);
    CU_ASSERT_EQUAL(none.bins, 0);
}

/* --- junit.xml
 * ---------------------------------------------------------------------------------------------- */

static const char *skip_name(const char *at)
{
    while (isalnum((unsigned char)*at) || *at == '_' || *at == '-')
        at++;
    return at;
}

/* Attributes: name="value", the value without <, without bare &, only printable. Returns what follows, NULL
 * when wrong. */
static const char *skip_attributes(const char *at)
{
    while (*at == ' ') {
        const char *name = ++at;
        at = skip_name(at);
        if (at == name || strncmp(at, "=\"", 2))
            return NULL;
        for (at += 2; *at && *at != '"'; at++) {
            if (*at == '<' || *at < ' ' || *at > 126)
                return NULL;
            if (*at == '&' && strncmp(at, "&amp;", 5) && strncmp(at, "&lt;", 4) && strncmp(at, "&gt;", 4) &&
                strncmp(at, "&quot;", 6) && strncmp(at, "&#10;", 5))
                return NULL;
        }
        if (*at++ != '"')
            return NULL;
    }
    return at;
}

/* Well formed, as far as this file goes: a declaration, then elements that close in order, no text between
 * them. */
static bool well_formed(const char *at, unsigned *elements)
{
    char open[8][32];
    int depth = 0;
    const char *end = strstr(at, "?>\n");
    if (strncmp(at, "<?xml version=\"1.0\"", 19) || !end)
        return false;
    for (at = end + 2; *(at += strspn(at, " \n"));) {
        bool closing = at[0] == '<' && at[1] == '/';
        const char *name = at + 1 + closing, *after = skip_name(name);
        if (*at != '<' || after == name || after - name > 31)
            return false;
        if (closing) {
            if (!depth || strlen(open[--depth]) != (size_t)(after - name) ||
                strncmp(open[depth], name, (size_t)(after - name)))
                return false;
            at = after;
        } else {
            ++*elements;
            at = skip_attributes(after);
            if (!at || depth == 8)
                return false;
            if (at[0] == '/')
                at++;
            else
                snprintf(open[depth++], 32, "%.*s", (int)(after - name), name);
        }
        if (*at++ != '>')
            return false;
    }
    return depth == 0;
}

static void test_junit_is_xml_with_a_case_a_check(void)
{
    unsigned elements = 0;
    fill_result();
    written(report_junit);
    CU_ASSERT(well_formed(text, &elements));
    CU_ASSERT_EQUAL(elements, 1 + 1 + result.checks);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "tests=\"8\" failures=\"0\""));
}

static void test_junit_escapes_and_counts_failures(void)
{
    unsigned elements = 0;
    fill_result();
    result.verdict = VERDICT_FAIL;
    run_result_text(result.reason, sizeof result.reason, "a < b && \"c\" > d\n\x01\xff");
    result.check[2].passed = false;
    result.check[2].mismatches = 1;
    run_result_text(result.check[2].text, RESULT_TEXT, "expected <1>, got \"2\"");
    written(report_junit);
    CU_ASSERT(well_formed(text, &elements));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "failures=\"2\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "a &lt; b &amp;&amp; &quot;c&quot; &gt; d&#10;??"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "expected &lt;1&gt;, got &quot;2&quot;"));
}

static void test_the_xml_check_can_fail(void)
{
    unsigned n = 0;
    CU_ASSERT_FALSE(well_formed("<?xml version=\"1.0\"?>\n<a><b></a></b>", &n));
    CU_ASSERT_FALSE(well_formed("<?xml version=\"1.0\"?>\n<a x=\"<\"/>", &n));
    CU_ASSERT_FALSE(well_formed("<?xml version=\"1.0\"?>\n<a x=\"a & b\"/>", &n));
    CU_ASSERT_FALSE(well_formed("<?xml version=\"1.0\"?>\n<a>", &n));
    CU_ASSERT_FALSE(well_formed("<a/>", &n));
}

/* --- the table
 * ---------------------------------------------------------------------------------------------- */

static void print_table(bool colour)
{
    struct scenario *s = scenario_new();
    FILE *out = fmemopen(text, sizeof text, "w");
    report_table(s, &result, out, colour);
    fclose(out);
    scenario_free(s);
}

static void test_table_fits_a_terminal(void)
{
    unsigned lines = 0;
    fill_result();
    print_table(false);
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1, lines++) {
        if (strcspn(at, "\n") > 110)
            printf("  too long: %.*s\n", (int)strcspn(at, "\n"), at);
        CU_ASSERT(strcspn(at, "\n") <= 110);
    }
    CU_ASSERT(lines > 25 && lines < 50);
    CU_ASSERT_PTR_NULL(strchr(text, '\033'));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "verdict: pass, 123,456,789 records compared, 0 mismatches"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "lock-step of 3 blocks"));
    print_table(true);
    CU_ASSERT_PTR_NOT_NULL(strchr(text, '\033'));
}

static void test_table_shows_failures_one_by_one(void)
{
    fill_result();
    result.verdict = VERDICT_FAIL;
    result.mismatches = 1;
    run_result_text(result.reason, RESULT_TEXT, "1 mismatch");
    run_result_text(result.first_mismatch, RESULT_TEXT, "cdc_rx: orbit 1 BX 69 ...");
    result.check[1].passed = false;
    result.check[1].mismatches = 1;
    run_result_text(result.check[1].text, RESULT_TEXT, "cdc_rx: orbit 1 BX 69 ...");
    print_table(false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "FAIL  lock-step cdc_rx"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "ok    lock-step link_rx"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "first mismatch: cdc_rx: orbit 1 BX 69 ..."));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "verdict: fail: 1 mismatch; 123,456,789 records compared\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "see it again:   ./bxact run x.cfg --seed 1"));
}

/* What a stopped run did not get to is neither passed nor failed. */
static void test_stopped_run_skips_what_it_did_not_reach(void)
{
    unsigned elements = 0;
    fill_result();
    result.verdict = VERDICT_FAIL;
    result.complete = false;
    result.mismatches = 1;
    result.check[1].passed = false;
    result.check[1].mismatches = 1;
    result.check[2].passed = false; /* nothing was compared */
    result.check[2].compared = 0;
    result.check[4].passed = false; /* conservation needs the end */
    result.conservation.exact = false;
    print_table(false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "FAIL  lock-step cdc_rx"));
    CU_ASSERT_PTR_NULL(strstr(text, "lock-step dma"));
    CU_ASSERT_PTR_NULL(strstr(text, "ADD UP"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "-     2 more checks: the run was stopped before"));
    written(report_junit);
    CU_ASSERT(well_formed(text, &elements));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "failures=\"2\" errors=\"0\" skipped=\"2\""));
    result.complete = true; /* a run that came to its end has no such excuse */
    print_table(false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "FAIL  lock-step dma"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "FAIL  conservation"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "ADD UP"));
}

/* A result that is all zero, as of a run that was stopped at once, divides by nothing and prints. */
static void test_empty_result_is_reported(void)
{
    unsigned elements = 0;
    run_result_init(&result);
    print_table(false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "verdict: fail"));
    CU_ASSERT_PTR_NULL(strstr(text, "nan"));
    CU_ASSERT_PTR_NULL(strstr(text, "inf "));
    written(report_junit);
    CU_ASSERT(well_formed(text, &elements));
    written(report_json);
    CU_ASSERT_PTR_NULL(strstr(text, "nan"));
}

/* --- files
 * --------------------------------------------------------------------------------------------------- */

static void test_full_disk_is_an_error_for_each_file(void)
{
    char dir[] = "/tmp/bxact_report_XXXXXX", path[64];
    static const char *const names[] = {"summary.json", "junit.xml", "scenario.cfg"};
    struct messages m = MESSAGES_EMPTY;
    struct scenario *s = scenario_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    fill_result();
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        CU_ASSERT_EQUAL(symlink("/dev/full", path), 0);
    }
    CU_ASSERT_EQUAL(report_write(dir, s, &result, &m), -1);
    CU_ASSERT_EQUAL(m.errors, 3);
    CU_ASSERT(m.text && strstr(m.text, "/summary.json: cannot be written: No space left on device"));
    messages_release(&m);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    CU_ASSERT_EQUAL(report_write(dir, s, &result, &m), 0);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    rmdir(dir);
    scenario_free(s);
}

static void test_folders_are_made_or_refused(void)
{
    char dir[] = "/tmp/bxact_report_XXXXXX", deep[64], long_name[5000];
    struct messages m = MESSAGES_EMPTY;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(deep, sizeof deep, "%s/a/b/", dir);
    CU_ASSERT_EQUAL(report_make_dir(deep, &m), 0);
    CU_ASSERT_EQUAL(report_make_dir(deep, &m), 0);
    CU_ASSERT_EQUAL(access(deep, W_OK), 0);
    CU_ASSERT_EQUAL(report_make_dir("/dev/full", &m), -1);
    CU_ASSERT_EQUAL(report_make_dir("/dev/full/x", &m), -1);
    CU_ASSERT_EQUAL(report_make_dir("/proc/x", &m), -1);
    CU_ASSERT_EQUAL(report_make_dir("", &m), -1);
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    CU_ASSERT_EQUAL(report_make_dir(long_name, &m), -1);
    CU_ASSERT_EQUAL(m.errors, 5);
    messages_release(&m);
    rmdir(deep);
    *strrchr(deep, '/') = 0;
    *strrchr(deep, '/') = 0;
    rmdir(deep);
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static void test_progress_is_quiet_in_a_pipe(void)
{
    struct progress p;
    FILE *out = tmpfile();
    progress_begin(&p, out, 100);
    for (unsigned i = 0; i < 1000; i++)
        progress_update(&p, i / 10, i * 356);
    CU_ASSERT_EQUAL(ftell(out), 0);
    p.last_s -= 11;
    progress_update(&p, 50, 178200);
    progress_end(&p);
    long length = ftell(out);
    rewind(out);
    CU_ASSERT(fgets(text, sizeof text, out) != NULL);
    CU_ASSERT_EQUAL((long)strlen(text), length);
    CU_ASSERT_EQUAL(strncmp(text, " 50 %  orbit 50 of 100  ", 24), 0);
    CU_ASSERT_PTR_NULL(strchr(text, '\r'));
    fclose(out);
}

static void test_rates_have_three_figures(void)
{
    static const struct {
        double rate;
        const char *text;
    } cases[] = {{0, "0"},          {999, "999"},         {1000, "1.00 k"},
                 {45678, "45.7 k"}, {4.0079e7, "40.1 M"}, {2.5e9, "2.50 G"}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rate[32];
        progress_rate(cases[i].rate, rate, sizeof rate);
        CU_ASSERT_STRING_EQUAL(rate, cases[i].text);
    }
}

TEST_MAIN("emu/report", TEST(test_every_key_is_documented), TEST(test_values_reach_the_file),
          TEST(test_histograms_hold_everything), TEST(test_junit_is_xml_with_a_case_a_check),
          TEST(test_junit_escapes_and_counts_failures), TEST(test_the_xml_check_can_fail),
          TEST(test_table_fits_a_terminal), TEST(test_table_shows_failures_one_by_one),
          TEST(test_stopped_run_skips_what_it_did_not_reach), TEST(test_empty_result_is_reported),
          TEST(test_full_disk_is_an_error_for_each_file), TEST(test_folders_are_made_or_refused),
          TEST(test_progress_is_quiet_in_a_pipe), TEST(test_rates_have_three_figures))

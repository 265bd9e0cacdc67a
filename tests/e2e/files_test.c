/* The files of a run agree with each other: records, waveforms, junit.xml, summary.json, and with golden's
 * own reading of public captures. */
#include "emu/check/boundary.h"
#include "golden/formats/record.h"
#include "golden/blocks/host_record.h"
#include "tests/e2e/program.h"
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_result(const struct outcome *o, const char *name)
{
    char path[PROGRAM_PATH + 32];
    snprintf(path, sizeof path, "%s/%s", o->out, name);
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    return f;
}

static int boundary_of(const char *name)
{
    int b = 0;
    while (b < BLOCKS && strcmp(boundary_info[b].name, name))
        b++;
    return b;
}

/* Counts the records of each boundary; all lines must be records. */
static void count_records(FILE *f, int64_t count[BLOCKS])
{
    char line[RECORD_LINE];
    while (fgets(line, sizeof line, f)) {
        struct record r;
        struct record_names names;
        CU_ASSERT_EQUAL_FATAL(record_parse(line, &r, &names), 0);
        int b = boundary_of(r.boundary);
        CU_ASSERT_FATAL(b < BLOCKS);
        count[b]++;
    }
}

static void test_records_are_those_of_the_summary(void)
{
    const char *const arguments[] = {"tests/e2e/exercise.cfg", "--orbits",  "2", "--engine",
                                     "default=model",          "--records", NULL};
    int64_t count[BLOCKS] = {0};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    FILE *f = open_result(&o, "records.txt");
    count_records(f, count);
    fclose(f);
    for (int b = 0; b < BLOCKS; b++) {
        const json_t *at = outcome_named(&o, "boundaries", boundary_info[b].name);
        CU_ASSERT_EQUAL(count[b], json_integer_value(json_object_get(at, "records")));
    }
    outcome_release(&o);
}

static unsigned lines_with(FILE *f, const char *text)
{
    char line[8192];
    unsigned n = 0;
    while (fgets(line, sizeof line, f))
        n += strstr(line, text) != NULL;
    return n;
}

static void test_junit_has_a_case_for_each_check(void)
{
    const char *const arguments[] = {"scenarios/pp_fill.cfg", "--orbits", "1", NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    FILE *f = open_result(&o, "junit.xml");
    /* The run itself is a case too. */
    CU_ASSERT_EQUAL(lines_with(f, "<testcase "), json_array_size(json_object_get(o.summary, "checks")) + 1);
    fclose(f);
    CU_ASSERT_PTR_NOT_NULL(outcome_named(&o, "checks", "lock-step recal"));
    CU_ASSERT_PTR_NOT_NULL(outcome_named(&o, "checks", "golden recal"));
    CU_ASSERT_PTR_NOT_NULL(outcome_named(&o, "checks", "conservation"));
    CU_ASSERT_PTR_NOT_NULL(outcome_named(&o, "checks", "host file"));
    outcome_release(&o);
}

/* A window of 46 BX has at least a change of some clock at each of its board edges, and stays a window. */
static void test_waveforms_are_a_window(void)
{
    const char *const arguments[] = {"scenarios/pp_fill.cfg", "--orbits", "2", "--vcd", "1:69", NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    FILE *f = open_result(&o, "window.vcd");
    unsigned times = 0;
    char line[8192];
    unsigned long long first = 0, last = 0;
    while (fgets(line, sizeof line, f))
        if (line[0] == '#' && times++ == 0)
            first = last = strtoull(line + 1, NULL, 10);
        else if (line[0] == '#')
            last = strtoull(line + 1, NULL, 10);
    fclose(f);
    CU_ASSERT(times >= 46 * 6);
    CU_ASSERT(last - first > 45ull * 24900 && last - first < 47ull * 25000); /* ps */
    outcome_release(&o);
}

/* ---- public captures: what the file has is what the host gets ---- */

struct muon_at {
    uint16_t bx;
    uint8_t b, lane;
    uint64_t word;
};
enum { MOST_MUONS = 8 * 170, MOST_FRAMES = 6 * 171 };

/* Words of the capture's links 0..3, read here by hand; 0v is no data. Returns the number of frames. */
static unsigned read_frames(const char *path, uint32_t word[MOST_FRAMES][4])
{
    char line[4096];
    int link[128], links = 0, used;
    unsigned frames = 0;
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fgets(line, sizeof line, f)) {
        const char *at = strchr(line, ':');
        if (strstr(line, "Link :"))
            for (at++; links < 128 && sscanf(at, "%d%n", &link[links], &used) == 1; at += used)
                links++;
        if (strncmp(line, "Frame ", 6) || frames == MOST_FRAMES)
            continue;
        at++;
        for (int column = 0; column < links; column++) {
            unsigned valid, data;
            CU_ASSERT_EQUAL_FATAL(sscanf(at, " %uv%x%n", &valid, &data, &used), 2);
            at += used;
            if (link[column] < 4)
                word[frames][link[column]] = valid ? data : 0;
        }
        frames++;
    }
    fclose(f);
    return frames;
}

/* The capture's muons with a pT code, in the order of the host's file: by BX, A before B, by lane. */
static unsigned read_capture(const char *path, struct muon_at list[MOST_MUONS])
{
    static uint32_t word[MOST_FRAMES][4];
    unsigned frames = read_frames(path, word), n = 0;
    for (uint16_t bx = 0; bx < frames / 6; bx++)
        for (uint8_t b = 0; b < 2; b++)
            for (uint8_t lane = 0; lane < 4; lane++) {
                uint64_t muon =
                    (uint64_t)word[6 * bx + 3 + 2 * b][lane] << 32 | word[6 * bx + 2 + 2 * b][lane];
                if (muon >> 10 & 0x1ff)
                    list[n++] = (struct muon_at){bx, b, lane, muon};
            }
    return n;
}

static void check_host_file(const struct outcome *o, const struct muon_at *expected, unsigned n)
{
    const uint64_t below_type = UINT64_MAX >> 2;
    struct message m;
    struct host_record record;
    unsigned seen = 0, wrong = 0;
    struct host_reader *r = host_reader_open(outcome_text(o, "host.file"), LINK_FORMAT_2018, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    while (host_reader_next(r, &record, &m) == 1)
        for (unsigned i = 0; i < record.a + record.b; i++, seen++) {
            const struct muon_at *e = &expected[seen < n ? seen : n - 1];
            wrong += seen >= n || e->bx != record.bx || e->b != (i >= record.a) ||
                     (e->word & below_type) != (record.muon[i].muon & below_type) ||
                     record.muon[i].muon >> 62 != 2;
        }
    host_reader_close(r);
    CU_ASSERT_EQUAL(seen, n);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void check_capture(const char *name, unsigned muons)
{
    static struct muon_at list[MOST_MUONS];
    const char *data = getenv("BXACT_SHARED_DATA");
    char path[512];
    snprintf(path, sizeof path, "%s/ugmt/%s", data ? data : "../shared/data", name);
    if (access(path, R_OK) != 0) {
        printf("(no %s) ", path);
        return;
    }
    const char *const arguments[] = {"scenarios/ugmt_pattern.cfg", "--input", path, NULL};
    unsigned n = read_capture(path, list);
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    CU_ASSERT_EQUAL(n, muons);
    CU_ASSERT_EQUAL(outcome_number(&o, "host.bx"), 161);
    CU_ASSERT_EQUAL(outcome_number(&o, "host.muons"), muons);
    check_host_file(&o, list, n);
    outcome_release(&o);
}

static void test_public_captures_reach_the_file_bit_for_bit(void)
{
    CU_ASSERT(1); /* the captures may not be there */
    check_capture("TT_TuneCUETP8M1_13TeV_out.txt", 205);
    check_capture("JPsiToMuMu_Pt20to120_EtaPhiRestricted_out.txt", 307);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_records_are_those_of_the_summary), TEST(test_junit_has_a_case_for_each_check),
        TEST(test_waveforms_are_a_window), TEST(test_public_captures_reach_the_file_bit_for_bit)};
    if (program_begin() < 0)
        return 3;
    int result = test_main(argc, argv, "e2e/files", cases, sizeof cases / sizeof *cases);
    program_end();
    return result;
}

/* Each way of the benchmark passes on its stimulus, and notices when what came out is wrong; goals, JSON. */
#include "emu/bench/bench_print.h"
#include "emu/bench/ways.h"
#include "emu/cosim/board_rtl.h"
#include "golden/formats/crc32.h"
#include "tests/harness.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stimulus s;
static struct board_rtl *board;
static struct message m;

static void open_all(void)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, test_seed());
    if (stimulus_make(&s, "2", seed, NULL, NULL, &m) < 0 || board_pass_open(&s, &board, &m) < 0) {
        printf("%s\n", m.text);
        exit(3);
    }
}

static void close_all(void)
{
    board_rtl_close(board);
    stimulus_release(&s);
}

static void check_pass(int result, const struct pass *p, uint64_t count)
{
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_EQUAL(p->count, count);
    CU_ASSERT(p->seconds > 0);
    if (result < 0)
        printf("\n    %s", m.text);
}

static int chain_with(enum engine e, enum run_view view, bool watched, struct pass *p)
{
    const struct chain_way way = {.view = view, .watched = watched};
    struct scenario *scenario = malloc(sizeof *scenario);
    *scenario = *s.scenario;
    for (int b = 0; b < BLOCKS; b++)
        scenario->engine[b] = (uint8_t)e;
    int result = chain_pass(&s, scenario, &way, p, NULL, &m);
    free(scenario);
    return result;
}

static void test_stimulus_is_that_of_the_scenario(void)
{
    open_all();
    CU_ASSERT_EQUAL(s.blocks, 2 * (BX_PER_ORBIT - GAP_BX));
    CU_ASSERT(s.kept > 100 && s.kept < s.blocks / 4);
    CU_ASSERT(s.muons >= s.kept);
    CU_ASSERT_EQUAL(s.end.pack_orbits, 2);
    CU_ASSERT_EQUAL(s.end.lane[0].crc_ok, 2);
    CU_ASSERT(s.blocks * s.copies * sizeof *s.block >= 64 << 20);
    close_all();
}

static void test_every_way_passes(void)
{
    struct pass p;
    open_all();
    uint64_t bx = s.board_cycles / FRAMES;
    check_pass(board_pass_bare(&s, board, &p, &m), &p, bx);
    check_pass(board_pass_systemc(&s, board, &p, &m), &p, bx);
    check_pass(golden_pass_aligned(&s, &p, &m), &p, s.blocks * s.copies);
    check_pass(golden_pass_lines(&s, true, &p, &m), &p, bx);
    check_pass(golden_pass_lines(&s, false, &p, &m), &p, bx);
    check_pass(golden_pass_network(&s, &p, &m), &p, s.muons);
    check_pass(file_pass_host(&s, &p, &m), &p, 50000);
    CU_ASSERT(p.plain_seconds > 0 && p.plain_seconds < p.seconds);
    check_pass(file_pass_frd(&s, &p, &m), &p, 50000);
    CU_ASSERT_EQUAL(file_pass_text(&s, &p, &m), 0);
    CU_ASSERT(p.count > 3000 * FRAMES * LANES * 8);
    CU_ASSERT_EQUAL(chain_with(ENGINE_LOCKSTEP, VIEW_FAST, true, &p), 0);
    uint64_t chain_bx = p.count;
    CU_ASSERT(chain_bx > 2 * BX_PER_ORBIT);
    check_pass(chain_with(ENGINE_MODEL, VIEW_FAST, false, &p), &p, chain_bx);
    check_pass(chain_with(ENGINE_MODEL, VIEW_PINS, false, &p), &p, chain_bx);
    close_all();
}

/* Bit 0 of a muon's pT in a payload word that the board sees late in the run. */
static void test_a_wrong_word_is_noticed(void)
{
    struct pass p;
    open_all();
    size_t at = s.rows / 2;
    while (s.row[at].k[3])
        at++;
    s.row[at].data[3] ^= 1u << 10;
    s.tick[at].data[3] ^= 1u << 10;
    CU_ASSERT_EQUAL(board_pass_bare(&s, board, &p, &m), -1); /* its CRC is bad */
    CU_ASSERT_EQUAL(board_pass_systemc(&s, board, &p, &m), -1);
    CU_ASSERT_EQUAL(golden_pass_lines(&s, true, &p, &m), -1);
    close_all();
}

static void test_wrong_expectations_are_noticed(void)
{
    struct pass p;
    open_all();
    s.end.feed_queued++;
    CU_ASSERT_EQUAL(board_pass_bare(&s, board, &p, &m), -1);
    CU_ASSERT_EQUAL(chain_with(ENGINE_MODEL, VIEW_FAST, false, &p), -1);
    CU_ASSERT_EQUAL(chain_with(ENGINE_MODEL, VIEW_PINS, false, &p), -1);
    s.kept++;
    CU_ASSERT_EQUAL(golden_pass_aligned(&s, &p, &m), -1);
    CU_ASSERT_EQUAL(golden_pass_lines(&s, false, &p, &m), -1);
    close_all();
}

/* ---- report ---- */

static void test_goals(void)
{
    struct bench_result r = {.per_s = 50, .of_bare = 0.5};
    CU_ASSERT(bench_reached(&r));
    r.goal.of_bare = 0.5;
    CU_ASSERT(bench_reached(&r));
    r.goal.per_s = 50.1;
    CU_ASSERT(!bench_reached(&r));
    r.goal = (struct bench_goal){0.51, 0, 0};
    CU_ASSERT(!bench_reached(&r));
    r.goal = (struct bench_goal){.of_plain = 0.5};
    CU_ASSERT(!bench_reached(&r));
    r.of_plain = 0.5;
    CU_ASSERT(bench_reached(&r));
}

static struct bench_report small_report(void)
{
    return (struct bench_report){
        .scenario = "pp_fill", .orbits = 2, .seed = 5, .bx = 7000, .rounds = 3, .rows = 2,
        .row = {{"board_bare", "Verilated board, bare", "BX", {0, 0, 0}, true, 4, 1000, 1, 900, 1100, 0},
                {"golden_lines_clmul", "  carry-less multiply", "BX", {0, 12e6, 0}, false, 0, 0, 0, 0, 0, 0}}};
}

static void test_json(void)
{
    struct bench_report r = small_report();
    char path[] = "/tmp/bxact-bench-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    CU_ASSERT_EQUAL(bench_write_json(&r, path, &m), 0);
    json_t *json = json_load_file(path, 0, NULL), *rows = json_object_get(json, "rows");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "seed")), 5);
    CU_ASSERT_EQUAL(json_array_size(rows), 2);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(json_array_get(rows, 0), "per_second")), 1000, 0);
    CU_ASSERT(json_is_false(json_object_get(json_array_get(rows, 1), "available")));
    json_decref(json);
    unlink(path);
    CU_ASSERT_EQUAL(bench_write_json(&r, "/nowhere/bench.json", &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "/nowhere/bench.json"));
    CU_ASSERT_EQUAL(bench_write_json(&r, "/dev/full", &m), -1);
}

static void test_wrong_input_is_refused(void)
{
    struct bench_report r;
    struct bench_setup setup = {.orbits = "201", .seconds = 0.01, .rounds = 1};
    CU_ASSERT_EQUAL(bench_run(&setup, &r, &m), BENCH_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "--orbits 201"));
    setup.orbits = "many";
    CU_ASSERT_EQUAL(bench_run(&setup, &r, &m), BENCH_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "--orbits many"));
}

static void test_rounds_and_rows(void)
{
    struct bench_report r;
    struct bench_setup setup = {.orbits = "1", .seconds = 0.01, .rounds = 2};
    CU_ASSERT_EQUAL_FATAL(bench_run(&setup, &r, &m), BENCH_DONE);
    CU_ASSERT_EQUAL(r.orbits, 1);
    CU_ASSERT_DOUBLE_EQUAL(r.row[0].of_bare, 1, 0);
    for (unsigned i = 0; i < r.rows; i++)
        if (r.row[i].here)
            CU_ASSERT(r.row[i].passes >= 2 && r.row[i].slowest <= r.row[i].per_s &&
                      r.row[i].per_s <= r.row[i].fastest && r.row[i].per_s > 0);
}

TEST_MAIN("bench", TEST(test_stimulus_is_that_of_the_scenario), TEST(test_every_way_passes),
          TEST(test_a_wrong_word_is_noticed), TEST(test_wrong_expectations_are_noticed), TEST(test_goals),
          TEST(test_json), TEST(test_wrong_input_is_refused), TEST(test_rounds_and_rows))

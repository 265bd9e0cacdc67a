/* Every shipped scenario in full lock-step, as short as it makes sense. */
#include "golden/stimulus/rng.h"
#include "tests/e2e/program.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct outcome run_short(const char *scenario, const char *orbits)
{
    const char *const arguments[] = {scenario, "--orbits", orbits, NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    CU_ASSERT(outcome_bool(&o, "conservation.exact"));
    CU_ASSERT_EQUAL(outcome_number(&o, "mismatches"), 0);
    CU_ASSERT_STRING_EQUAL(outcome_text(&o, "engines.recal"), "lockstep");
    CU_ASSERT(outcome_number(&o, "conservation.sent") > 3564 * 2);
    return o;
}

static void test_pp_fill(void)
{
    struct outcome o = run_short("scenarios/pp_fill.cfg", "2");
    CU_ASSERT(outcome_number(&o, "host.muons") > 100);
    CU_ASSERT(outcome_number(&o, "inference.inferred") > 50);
    CU_ASSERT_EQUAL(outcome_number(&o, "inference.judged"), outcome_number(&o, "inference.inferred"));
    /* Corrections make sense. */
    CU_ASSERT(outcome_real(&o, "inference.after.phi") < 0.7 * outcome_real(&o, "inference.before.phi"));
    CU_ASSERT(outcome_real(&o, "inference.after.pt") < 0.95 * outcome_real(&o, "inference.before.pt"));
    outcome_release(&o);
}

static void test_high_occupancy(void)
{
    struct outcome o = run_short("scenarios/high_occupancy.cfg", "2");
    CU_ASSERT_EQUAL(outcome_number(&o, "conservation.dropped"), 0);
    CU_ASSERT_EQUAL(outcome_number(&o, "conservation.forwarded"), 2 * 3559);
    CU_ASSERT_EQUAL(outcome_number(&o, "inference.skipped"), 0);
    outcome_release(&o);
}

static void test_empty_orbits(void)
{
    struct outcome o = run_short("scenarios/empty_orbits.cfg", "12");
    CU_ASSERT(outcome_number(&o, "conservation.before_lock") > 2000);
    CU_ASSERT_EQUAL(outcome_number(&o, "host.orbits"), 12);
    outcome_release(&o);
}

/* Long enough for all faults and stalls of the file. */
static void test_skewed_links(void)
{
    struct outcome o = run_short("scenarios/skewed_links.cfg", "13");
    CU_ASSERT(outcome_number(&o, "conservation.lost_to_fault") > 0);
    CU_ASSERT(outcome_number(&o, "corrupted_bx") > 0);
    outcome_release(&o);
}

static void test_stalled_host(void)
{
    struct outcome o = run_short("scenarios/stalled_host.cfg", "10");
    CU_ASSERT(outcome_number(&o, "conservation.dropped") > 0);
    outcome_release(&o);
}

/* Faults where they hurt most: in the last orbit, and on lane 0, whose numbers the host believes. The verdict
 * is about the board, which did what it should. */
static void test_faults_on_lane_0_and_at_the_end(void)
{
    static const char *const faults[] = {
        "links.faults=({kind=\"drop_word\"; orbit=2; bx=1000; lane=0; value=1;})",
        "links.faults=({kind=\"bit_flip\"; orbit=1; bx=0; frame=1; lane=0; value=3;})",
        "links.faults=({kind=\"commas\"; orbit=2; bx=1700; lane=4; value=5;})"};
    for (unsigned i = 0; i < 3; i++) {
        const char *const arguments[] = {"scenarios/pp_fill.cfg", "--orbits", "2", "--set", faults[i], NULL};
        struct outcome o = program_run(arguments);
        CU_ASSERT(outcome_passed(&o));
        CU_ASSERT(outcome_number(&o, "host.errors") > 0);
        outcome_release(&o);
    }
}

/* A capture with random muons; returns how many. */
static unsigned write_capture(const char *path, unsigned bx)
{
    struct rng r;
    unsigned muons = 0;
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    rng_seed(&r, test_seed());
    fputs("Board TEST\n Quad/Chan : q00c0 q00c1 q00c2 q00c3\n      Link : 00 01 02 03\n", f);
    for (unsigned i = 0; i < bx * 6; i++) {
        fprintf(f, "Frame %04u :", i);
        for (unsigned l = 0; l < 4; l++) {
            bool muon = i % 6 >= 2 && (i / 6 + l) % 5 == 0;
            fprintf(f, " 1v%08x",
                    muon ? (uint32_t)rng_next(&r) | 1u << 10 : 0); /* in a low word: pT code not 0 */
            muons += muon && i % 2 == 0;
        }
        fputc('\n', f);
    }
    fclose(f);
    return muons;
}

static void test_ugmt_pattern(void)
{
    char path[] = "/tmp/bxact-capture-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    unsigned muons = write_capture(path, 170);
    const char *const arguments[] = {"scenarios/ugmt_pattern.cfg", "--input", path, NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT(outcome_passed(&o));
    CU_ASSERT_EQUAL(outcome_number(&o, "host.muons"), muons);
    outcome_release(&o);
    unlink(path);
}

/* What the board of one run gave out is what the next one makes of it again. */
static void test_replay(void)
{
    char recording[PROGRAM_PATH + 16];
    const char *const first[] = {"scenarios/pp_fill.cfg",     "--orbits", "2",
                                 "--engine",                  "default=model",
                                 "--set",                     "output.dma=true",
                                 "--set",                     "event_pack.corrections=none", NULL};
    struct outcome made = program_run(first);
    CU_ASSERT(outcome_passed(&made));
    snprintf(recording, sizeof recording, "%s/dma.dat", made.out);
    const char *const second[] = {"scenarios/replay.cfg", "--orbits", "2", "--input", recording, NULL};
    struct outcome again = program_run(second);
    CU_ASSERT(outcome_passed(&again));
    CU_ASSERT_STRING_EQUAL(outcome_text(&again, "engines.recal"), "lockstep");
    CU_ASSERT(outcome_number(&made, "host.muons") > 100);
    CU_ASSERT_EQUAL(outcome_number(&again, "host.muons"), outcome_number(&made, "host.muons"));
    CU_ASSERT_EQUAL(outcome_number(&again, "host.bx"), outcome_number(&made, "host.bx"));
    outcome_release(&again);
    outcome_release(&made);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST(test_pp_fill),
                                             TEST(test_high_occupancy),
                                             TEST(test_empty_orbits),
                                             TEST(test_skewed_links),
                                             TEST(test_stalled_host),
                                             TEST(test_ugmt_pattern),
                                             TEST(test_replay),
                                             TEST(test_faults_on_lane_0_and_at_the_end)};
    if (program_begin() < 0)
        return 3;
    int result = test_main(argc, argv, "e2e/scenarios", cases, sizeof cases / sizeof *cases);
    program_end();
    return result;
}

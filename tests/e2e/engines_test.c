/* One run, many ways: whatever runs a block, and however it is driven, content and time are the same to the
 * bit. */
#include "emu/check/boundary.h"
#include "golden/stimulus/rng.h"
#include "tests/e2e/program.h"
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

static const char *const engines[] = {"model", "rtl", "lockstep"};

struct digests {
    char content[BLOCKS][20], timing[BLOCKS][20];
    int64_t host_bytes, cycles;
};

static void keep(const struct outcome *o, struct digests *d)
{
    memset(d, 0, sizeof *d);
    for (int b = 0; b < BLOCKS; b++) {
        const json_t *at = outcome_named(o, "boundaries", boundary_info[b].name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        snprintf(d->content[b], 20, "%s", json_string_value(json_object_get(at, "content_digest")));
        snprintf(d->timing[b], 20, "%s", json_string_value(json_object_get(at, "timing_digest")));
    }
    d->host_bytes = outcome_number(o, "host.bytes");
    d->cycles = outcome_number(o, "run.cycles.board");
}

/* The reference is what ran first: everything in lock-step. */
static struct digests reference;

static void check_run(const char *const arguments[])
{
    struct digests got;
    struct outcome o = program_run(arguments);
    CU_ASSERT_FATAL(outcome_passed(&o));
    keep(&o, &got);
    CU_ASSERT_EQUAL(memcmp(&got, &reference, sizeof got), 0);
    for (int b = 0; b < BLOCKS; b++)
        if (strcmp(got.content[b], reference.content[b]) || strcmp(got.timing[b], reference.timing[b]))
            printf("\n    %s: another digest", boundary_info[b].name);
    outcome_release(&o);
}

static void run_reference(const char *scenario)
{
    const char *const arguments[] = {scenario, "--set", "run.orbits=4", NULL};
    struct outcome o = program_run(arguments);
    CU_ASSERT_FATAL(outcome_passed(&o));
    keep(&o, &reference);
    outcome_release(&o);
}

static void check_mix(const char *scenario, const unsigned engine[BLOCKS], const char *option,
                      const char *value)
{
    char pair[BLOCKS][64];
    const char *arguments[2 * BLOCKS + 8] = {scenario, "--set", "run.orbits=4"};
    size_t n = 3;
    for (int b = 0; b < BLOCKS; b++) {
        snprintf(pair[b], sizeof pair[b], "%s=%s", boundary_info[b].name, engines[engine[b]]);
        arguments[n++] = "--engine";
        arguments[n++] = pair[b];
    }
    arguments[n++] = option;
    arguments[n++] = option ? value : NULL;
    check_run(arguments);
}

static void check_all_mixes(const char *scenario, unsigned random_mixes)
{
    unsigned engine[BLOCKS];
    struct rng r;
    rng_seed(&r, test_seed());
    run_reference(scenario);
    for (unsigned kind = 0; kind < 2; kind++) {
        for (int b = 0; b < BLOCKS; b++) /* all of a kind */
            engine[b] = kind;
        check_mix(scenario, engine, NULL, NULL);
        for (int b = 0; b < BLOCKS; b++) /* alternating */
            engine[b] = (unsigned)b % 2 ^ kind;
        check_mix(scenario, engine, NULL, NULL);
        for (int odd = 0; odd < BLOCKS; odd++) { /* one of the other kind */
            for (int b = 0; b < BLOCKS; b++)
                engine[b] = kind ^ (b == odd);
            check_mix(scenario, engine, NULL, NULL);
        }
    }
    for (unsigned i = 0; i < random_mixes; i++) {
        for (int b = 0; b < BLOCKS; b++)
            engine[b] = rng_below(&r, 3);
        check_mix(scenario, engine, NULL, NULL);
    }
}

static void test_mixes_under_faults_and_stalls(void)
{
    check_all_mixes("tests/e2e/exercise.cfg", 10);
}

static void test_mixes_of_a_fill(void)
{
    check_all_mixes("scenarios/pp_fill.cfg", 2);
}

static void test_views_and_quanta(void)
{
    static const char *const scenarios[] = {"tests/e2e/exercise.cfg", "scenarios/pp_fill.cfg",
                                            "scenarios/empty_orbits.cfg"};
    static const unsigned all_models[BLOCKS], all_rtl[BLOCKS] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (unsigned i = 0; i < 3; i++) {
        run_reference(scenarios[i]);
        check_mix(scenarios[i], all_models, "--view", "pins");
        check_mix(scenarios[i], all_models, "--quantum", "cycle");
        check_mix(scenarios[i], all_rtl, "--quantum", "bx");
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST(test_mixes_under_faults_and_stalls),
                                             TEST(test_mixes_of_a_fill), TEST(test_views_and_quanta)};
    if (program_begin() < 0)
        return 3;
    int result = test_main(argc, argv, "e2e/engines", cases, sizeof cases / sizeof *cases);
    program_end();
    return result;
}

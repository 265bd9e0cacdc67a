/* The pin view: equal to the scheduler's chain at every boundary and cycle; opened, refused, closed again. */
#include "emu/systemc/fast_view.h"
#include "emu/systemc/pin_view.h"
#include "emu/systemc/quantum.h"
#include "tests/harness.h"
#include "tests/model/wiring.h"
#include "tests/systemc/rig.h"

#include <string.h>

static const char *kernels;

static struct outcome run_fast(const struct stimulus *s)
{
    struct outcome o = {0};
    struct message m;
    struct rig *r = rig_new(s, test_seed(), kernels);
    struct chain *c = chain_open(&r->cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    o.state = fast_view_run(c, QUANTUM_OF_BX, r->cfg.hz[DOMAIN_BOARD], NULL, NULL);
    for (int d = 0; d < DOMAINS; d++)
        o.cycles[d] = chain_cycles(c, (enum domain)d);
    chain_status(c, &o.status);
    rig_outcome(r, &o);
    chain_close(c);
    rig_free(r);
    return o;
}

static struct outcome run_pins(const struct stimulus *s, uint64_t quantum)
{
    struct outcome o = {0};
    struct message m;
    struct rig *r = rig_new(s, test_seed(), kernels);
    struct pin_view *v = pin_view_open(&r->cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    uint64_t until = 0;
    while ((o.state = pin_view_run(v, until += quantum)) == CHAIN_MORE)
        if (pin_view_cycles(v, DOMAIN_BOARD) != until)
            CU_FAIL_FATAL("the pin view stopped at another cycle than asked");
    for (int d = 0; d < DOMAINS; d++)
        o.cycles[d] = pin_view_cycles(v, (enum domain)d);
    pin_view_status(v, &o.status);
    rig_outcome(r, &o);
    pin_view_close(v);
    rig_free(r);
    return o;
}

static void check_equal(const struct stimulus *s)
{
    struct outcome fast = run_fast(s), pins = run_pins(s, QUANTUM_OF_ORBIT);
    CU_ASSERT_EQUAL(fast.state, CHAIN_DONE);
    CU_ASSERT(fast.cycles[DOMAIN_BOARD] > 10 * QUANTUM_OF_ORBIT);
    for (int b = 0; b < BLOCKS; b++)
        CU_ASSERT(fast.records[b] > 100);
    CU_ASSERT(outcome_same(&fast, &pins));
}

static void test_views_agree_on_a_fill(void)
{
    check_equal(&generator_stimulus);
}

static void test_views_agree_with_skewed_links_and_clocks_out_of_phase(void)
{
    check_equal(&skewed_stimulus);
}

static void test_views_agree_when_the_host_stalls(void)
{
    check_equal(&stalled_stimulus);
}

static void test_views_agree_when_all_edges_coincide(void)
{
    check_equal(&one_clock_stimulus);
}

static void test_quantum_changes_nothing(void)
{
    struct stimulus one = skewed_stimulus;
    one.orbits = 1;
    struct outcome orbit = run_pins(&one, QUANTUM_OF_ORBIT), bx = run_pins(&one, QUANTUM_OF_BX),
                   cycle = run_pins(&one, QUANTUM_OF_CYCLE);
    CU_ASSERT(outcome_same(&orbit, &bx));
    CU_ASSERT(outcome_same(&orbit, &cycle));
}

/* ---- troubles ---- */

static void check_refused(const struct chain_cfg *cfg, const char *why)
{
    struct message m = {""};
    CU_ASSERT_PTR_NULL(pin_view_open(cfg, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, why));
}

static void test_what_cannot_be_opened_is_refused(void)
{
    struct rig *r = rig_new(&generator_stimulus, test_seed(), kernels);
    struct chain_cfg wrong = r->cfg;
    wrong.engine[BLOCK_RECAL] = ENGINE_LOCKSTEP;
    check_refused(&wrong, "recal: the pin view runs C models only");
    wrong = r->cfg;
    wrong.trace.path = "window.vcd";
    check_refused(&wrong, "waveforms");
    wrong = r->cfg;
    wrong.kernels = "/nowhere";
    check_refused(&wrong, "/nowhere");
    wrong = r->cfg;
    wrong.hz[DOMAIN_HOST] = 0;
    check_refused(&wrong, "clocks");
    struct message m;
    struct pin_view *v = pin_view_open(&r->cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    check_refused(&r->cfg, "another SystemC simulation");
    CU_ASSERT_EQUAL(quantum_run(1, 1, NULL, NULL), -1);
    pin_view_close(v);
    rig_free(r);
    pin_view_close(NULL);
}

static void check_equal_end(const struct stimulus *s, enum chain_state end)
{
    struct outcome fast = run_fast(s), pins = run_pins(s, QUANTUM_OF_BX);
    if (s->source_bx)
        fast.status = pins.status; /* at the edge without a row the modules step, the scheduler does not */
    CU_ASSERT_EQUAL(fast.state, end);
    CU_ASSERT(outcome_same(&fast, &pins));
}

static void test_views_end_alike_when_something_fails(void)
{
    struct stimulus source = generator_stimulus, host = source, golden = source;
    source.source_bx = 5000;
    check_equal_end(&source, CHAIN_BROKEN);
    host.sink_frames = 500;
    check_equal_end(&host, CHAIN_BROKEN);
    golden.wrong_golden = true;
    check_equal_end(&golden, CHAIN_MISMATCH);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_views_agree_on_a_fill),
        TEST(test_views_agree_with_skewed_links_and_clocks_out_of_phase),
        TEST(test_views_agree_when_the_host_stalls),
        TEST(test_views_agree_when_all_edges_coincide),
        TEST(test_quantum_changes_nothing),
        TEST(test_what_cannot_be_opened_is_refused),
        TEST(test_views_end_alike_when_something_fails),
    };
    kernels = wiring_make_kernels(3, 14);
    if (!kernels)
        return 3;
    int result = test_main(argc, argv, "systemc/views", cases, sizeof cases / sizeof *cases);
    wiring_remove_kernels(kernels);
    return result;
}

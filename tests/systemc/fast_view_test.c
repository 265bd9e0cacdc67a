/* The fast view: neither quantum nor order of calls changes anything, and it is what the bare scheduler
 * does. */
#include "emu/systemc/fast_view.h"
#include "tests/harness.h"
#include "tests/model/wiring.h"
#include "tests/systemc/rig.h"

static const char *kernels;

struct calls {
    struct chain *chain;
    uint64_t quantum, count, stop_after;
    bool exact; /* every call but the last came after whole quanta */
    enum chain_state last;
};

static bool count(void *ctx, enum chain_state state)
{
    struct calls *c = ctx;
    c->count++;
    c->exact &= c->last == CHAIN_MORE;
    c->exact &= state != CHAIN_MORE || chain_cycles(c->chain, DOMAIN_BOARD) == c->count * c->quantum;
    c->last = state;
    return c->count != c->stop_after;
}

static void finish(struct rig *r, struct chain *c, struct outcome *o)
{
    for (int d = 0; d < DOMAINS; d++)
        o->cycles[d] = chain_cycles(c, (enum domain)d);
    chain_status(c, &o->status);
    rig_outcome(r, o);
    chain_close(c);
    rig_free(r);
}

static struct chain *open_chain(const struct rig *r)
{
    struct message m;
    struct chain *c = chain_open(&r->cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    return c;
}

static struct outcome run_bare(const struct stimulus *s)
{
    struct outcome o = {0};
    struct rig *r = rig_new(s, test_seed(), kernels);
    struct chain *c = open_chain(r);
    o.state = chain_run(c, UINT64_MAX);
    finish(r, c, &o);
    return o;
}

static struct outcome run_fast(const struct stimulus *s, uint64_t quantum, bool reverse)
{
    struct outcome o = {0};
    struct rig *r = rig_new(s, test_seed(), kernels);
    r->cfg.reverse = reverse;
    struct chain *c = open_chain(r);
    struct calls calls = {.chain = c, .quantum = quantum, .exact = true};
    o.state = fast_view_run(c, quantum, r->cfg.hz[DOMAIN_BOARD], count, &calls);
    CU_ASSERT(calls.exact);
    CU_ASSERT_EQUAL(calls.last, o.state);
    CU_ASSERT_EQUAL(calls.count, (chain_cycles(c, DOMAIN_BOARD) + quantum - 1) / quantum);
    finish(r, c, &o);
    return o;
}

static void check_quanta_and_order(const struct stimulus *s)
{
    static const uint64_t quanta[] = {QUANTUM_OF_CYCLE, QUANTUM_OF_BX, QUANTUM_OF_ORBIT};
    struct outcome bare = run_bare(s);
    CU_ASSERT_EQUAL(bare.state, CHAIN_DONE);
    CU_ASSERT(bare.records[BLOCK_DMA] > 1000 && bare.frames == bare.records[BLOCK_DMA]);
    for (unsigned i = 0; i < 3; i++)
        for (int reverse = 0; reverse < 2; reverse++) {
            struct outcome fast = run_fast(s, quanta[i], reverse);
            CU_ASSERT(outcome_same(&bare, &fast));
        }
}

static void test_quantum_and_order_change_nothing(void)
{
    check_quanta_and_order(&generator_stimulus);
}

static void test_quantum_and_order_change_nothing_when_the_host_stalls(void)
{
    struct outcome o = run_bare(&stalled_stimulus);
    CU_ASSERT(o.status.pack_dropped_bx > 0); /* the stalls do bite */
    check_quanta_and_order(&stalled_stimulus);
}

static void test_quantum_and_order_change_nothing_when_all_edges_coincide(void)
{
    check_quanta_and_order(&one_clock_stimulus);
}

static void test_a_run_ends_where_it_is_told_and_goes_on_from_there(void)
{
    struct outcome whole = run_bare(&skewed_stimulus), parts = {0};
    struct rig *r = rig_new(&skewed_stimulus, test_seed(), kernels);
    struct chain *c = open_chain(r);
    struct calls calls = {.chain = c, .quantum = 1000, .stop_after = 7, .exact = true};
    CU_ASSERT_EQUAL(fast_view_run(c, 1000, r->cfg.hz[DOMAIN_BOARD], count, &calls), CHAIN_MORE);
    CU_ASSERT_EQUAL(calls.count, 7);
    CU_ASSERT_EQUAL(chain_cycles(c, DOMAIN_BOARD), 7000);
    parts.state = fast_view_run(c, 999, r->cfg.hz[DOMAIN_BOARD], NULL, NULL);
    finish(r, c, &parts);
    CU_ASSERT(outcome_same(&whole, &parts));
}

static void test_absurd_clock_and_quantum_run_too(void)
{
    struct stimulus one = generator_stimulus;
    one.orbits = 1;
    struct rig *r = rig_new(&one, test_seed(), kernels);
    struct chain *c = open_chain(r);
    CU_ASSERT_EQUAL(fast_view_run(c, 1, 1, NULL, NULL), CHAIN_DONE);        /* a cycle a second */
    CU_ASSERT_EQUAL(fast_view_run(c, UINT64_MAX / 4, 1, NULL, NULL), CHAIN_DONE);
    chain_close(c);
    rig_free(r);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_quantum_and_order_change_nothing),
        TEST(test_quantum_and_order_change_nothing_when_the_host_stalls),
        TEST(test_quantum_and_order_change_nothing_when_all_edges_coincide),
        TEST(test_a_run_ends_where_it_is_told_and_goes_on_from_there),
        TEST(test_absurd_clock_and_quantum_run_too),
    };
    kernels = wiring_make_kernels(3, 14);
    if (!kernels)
        return 3;
    int result = test_main(argc, argv, "systemc/fast_view", cases, sizeof cases / sizeof *cases);
    wiring_remove_kernels(kernels);
    return result;
}

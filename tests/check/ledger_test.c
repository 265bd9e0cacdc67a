/* Conservation against a walk over every BX of a run that gives each one its class. */
#include "emu/check/ledger.h"
#include "golden/formats/link_words.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <string.h>

struct run {
    uint32_t first_orbit, orbits;
    uint16_t start_bx, gap_first;
    unsigned kept_ppm, dropped_ppm, lost_ppm;
    uint64_t lock_at; /* BX since the start; before it nothing comes out of link_align */
};

static struct bx_number number;
static struct ledger ledger;
static struct board_status status;
static struct conservation found;
static char why[128];

static void begin(const struct run *r)
{
    memset(&status, 0, sizeof status);
    bx_number_init(&number, r->first_orbit - 3, r->gap_first);
    ledger_init(&ledger, &number, r->first_orbit, r->orbits, r->start_bx);
}

static void close_run(void)
{
    ledger_close(&ledger, &status, true, &found, why, sizeof why);
}

/* What becomes of a BX that came out of link_align. */
static void pass(const struct run *r, struct rng *rng, struct conservation *expected)
{
    if (!rng_chance(rng, r->kept_ppm)) {
        ledger.suppressed++;
        expected->suppressed++;
        return;
    }
    ledger.kept++;
    if (rng_chance(rng, r->dropped_ppm)) {
        ledger.dropped++;
        status.pack_dropped_bx++;
        expected->dropped++;
    } else {
        ledger.forwarded++;
        expected->forwarded++;
    }
}

/* Walks over all BX in the order of time; returns how many there are. */
static void walk(const struct run *r, struct rng *rng, struct conservation *expected)
{
    bool live = false;
    uint64_t all = (uint64_t)(BX_PER_ORBIT - r->start_bx) + (uint64_t)r->orbits * BX_PER_ORBIT;
    for (uint64_t i = 0; i < all; i++) {
        uint64_t at = i + r->start_bx;
        uint32_t orbit = r->first_orbit - 1 + (uint32_t)(at / BX_PER_ORBIT);
        uint16_t bx = (uint16_t)(at % BX_PER_ORBIT);
        expected->sent++;
        if (i >= r->lock_at && !live && !link_in_gap(bx, r->gap_first) && !rng_chance(rng, r->lost_ppm))
            live = true;
        else if (!live) {
            expected->before_lock++;
            continue;
        } else if (link_in_gap(bx, r->gap_first)) {
            expected->gap++;
            continue;
        } else if (rng_chance(rng, r->lost_ppm)) {
            expected->lost_to_fault++;
            continue;
        }
        ledger_aligned(&ledger, bx_number_of(&number, orbit, bx), true);
        pass(r, rng, expected);
    }
}

static void check_classes(const struct conservation *e)
{
    CU_ASSERT_EQUAL(found.sent, e->sent);
    CU_ASSERT_EQUAL(found.forwarded, e->forwarded);
    CU_ASSERT_EQUAL(found.suppressed, e->suppressed);
    CU_ASSERT_EQUAL(found.gap, e->gap);
    CU_ASSERT_EQUAL(found.before_lock, e->before_lock);
    CU_ASSERT_EQUAL(found.dropped, e->dropped);
    CU_ASSERT_EQUAL(found.lost_to_fault, e->lost_to_fault);
}

static void check_run(const struct run *r, struct rng *rng)
{
    struct conservation expected = {0};
    begin(r);
    walk(r, rng, &expected);
    close_run();
    check_classes(&expected);
    CU_ASSERT(found.exact);
    CU_ASSERT_STRING_EQUAL(why, "");
}

static struct run random_run(struct rng *r)
{
    return (struct run){.first_orbit = rng_below(r, 3) ? (uint32_t)rng_next(r) : UINT32_MAX - rng_below(r, 3),
                        .orbits = 1 + rng_below(r, 3),
                        .start_bx = (uint16_t)rng_below(r, BX_PER_ORBIT),
                        .gap_first =
                            (uint16_t)(rng_below(r, 2) ? rng_below(r, BX_PER_ORBIT) : LINK_GAP_FIRST),
                        .kept_ppm = rng_below(r, 1000001),
                        .dropped_ppm = rng_below(r, 1000001),
                        .lost_ppm = rng_below(r, 2) ? 0 : rng_below(r, 500000),
                        .lock_at = rng_below(r, 6000)};
}

static void test_every_bx_is_in_one_class(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (int i = 0; i < 1000; i++) {
        struct run run = random_run(&r);
        check_run(&run, &r);
    }
}

static void test_gap_positions(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned gap = 0; gap < BX_PER_ORBIT; gap += gap < 8 || gap > 3550 ? 1 : 97) {
        struct run run = {.first_orbit = 9, .orbits = 2, .start_bx = 3000, .gap_first = (uint16_t)gap,
                          .kept_ppm = 50000, .lock_at = 564};
        check_run(&run, &r);
    }
}

static void test_losses_at_the_ends_of_a_run(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    const struct run run = {
        .first_orbit = UINT32_MAX, .orbits = 2, .start_bx = 3555, .gap_first = 3555, .lock_at = 9};
    begin(&run);
    ledger_aligned(&ledger, bx_number_of(&number, UINT32_MAX, 0), true);
    ledger_aligned(&ledger, bx_number_of(&number, 0, 3561), true);
    ledger.suppressed = 2;
    close_run();
    const struct conservation expected = {.sent = 9 + 2 * BX_PER_ORBIT,
                                          .suppressed = 2,
                                          .gap = 10,
                                          .before_lock = 9,
                                          .lost_to_fault = 2 * PAYLOAD_BX - 2};
    check_classes(&expected);
    CU_ASSERT(found.exact);
}

static void test_a_run_that_never_locked_has_only_before_lock(void)
{
    const struct run run = {.first_orbit = 1, .orbits = 3, .start_bx = 3000, .gap_first = 3555};
    begin(&run);
    close_run();
    const struct conservation expected = {.sent = 564 + 3 * BX_PER_ORBIT,
                                          .before_lock = 564 + 3 * BX_PER_ORBIT};
    check_classes(&expected);
    CU_ASSERT(found.exact);
}

/* One orbit in which every BX is suppressed, but for what `spoil` does at BX 100. */
static void run_spoilt(void (*spoil)(uint64_t bx_number))
{
    const struct run run = {.first_orbit = 1, .orbits = 1, .start_bx = 3555, .gap_first = 3555};
    begin(&run);
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        if (link_in_gap(bx, 3555))
            continue;
        uint64_t n = bx_number_of(&number, 1, bx);
        if (bx == 100)
            spoil(n);
        else {
            ledger_aligned(&ledger, n, true);
            ledger.suppressed++;
        }
    }
    close_run();
}

static void expect_why(void (*spoil)(uint64_t), const char *text)
{
    run_spoilt(spoil);
    CU_ASSERT(!found.exact);
    CU_ASSERT(strstr(why, text) != NULL);
    if (!strstr(why, text))
        printf("\n    got \"%s\"", why);
}

static void twice(uint64_t n)
{
    for (int i = 0; i < 2; i++) {
        ledger_aligned(&ledger, n, true);
        ledger.suppressed++;
    }
}
static void back(uint64_t n)
{
    ledger_aligned(&ledger, n + 5, true);
    ledger_aligned(&ledger, n, true);
    ledger.suppressed += 2;
}
static void never_sent(uint64_t n)
{
    ledger_aligned(&ledger, n, false);
    ledger.suppressed++;
}
static void undecided(uint64_t n) { ledger_aligned(&ledger, n, true); }
static void decided_twice(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.suppressed += 2;
}
static void vanished(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.kept++;
}
static void came_from_nowhere(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.suppressed++;
    ledger.forwarded++;
}
static void dropped_uncounted(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.kept++;
    ledger.dropped++;
}
static void dropped_only_by_the_counter(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.suppressed++;
    status.pack_dropped_bx = 1;
}
static void swapped(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.kept += 2;
    ledger.forwarded++;
}
static void kept_and_suppressed(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger.kept++;
    ledger.suppressed++;
}
static void lost(uint64_t n) { (void)n; }

/* More BX than were sent, each of them fine by itself. */
static void beyond_the_end(uint64_t n)
{
    ledger_aligned(&ledger, n, true);
    ledger_aligned(&ledger, n + 2 * PAYLOAD_BX, true);
    ledger.suppressed += 2;
}

static void test_contradictions_are_found_and_named(void)
{
    expect_why(twice, "twice, out of order");
    expect_why(back, "twice, out of order");
    expect_why(never_sent, "never sent");
    expect_why(undecided, "did not decide every BX");
    expect_why(decided_twice, "did not decide every BX");
    expect_why(swapped, "did not decide every BX");
    expect_why(kept_and_suppressed, "did not decide every BX");
    expect_why(vanished, "neither dropped nor");
    expect_why(came_from_nowhere, "neither dropped nor");
    expect_why(dropped_uncounted, "counter of dropped BX");
    expect_why(dropped_only_by_the_counter, "counter of dropped BX");
    run_spoilt(lost);
    CU_ASSERT(found.exact);
    CU_ASSERT_EQUAL(found.lost_to_fault, 1);
}

static void test_bx_beyond_the_end_do_not_add_up(void)
{
    const struct run run = {.first_orbit = 1, .orbits = 1, .start_bx = 3555, .gap_first = 3555};
    begin(&run);
    beyond_the_end(bx_number_of(&number, 1, 100));
    close_run();
    CU_ASSERT(!found.exact);
    CU_ASSERT(strstr(why, "add up") != NULL);
}

/* What comes out first must have been sent too, or it would count as the lock. */
static void test_a_first_bx_that_was_never_sent_is_no_lock(void)
{
    const struct run run = {.first_orbit = 1, .orbits = 1, .start_bx = 3555, .gap_first = 3555};
    begin(&run);
    ledger_aligned(&ledger, bx_number_of(&number, 1, 7), false);
    ledger.suppressed = 1;
    close_run();
    CU_ASSERT(!found.exact);
    CU_ASSERT_EQUAL(found.before_lock, found.sent);
}

static void test_a_run_stopped_early_is_not_exact(void)
{
    run_spoilt(lost);
    ledger_close(&ledger, &status, false, &found, why, sizeof why);
    CU_ASSERT(!found.exact);
    CU_ASSERT(strstr(why, "stopped") != NULL);
}

TEST_MAIN("check/ledger", TEST(test_every_bx_is_in_one_class), TEST(test_gap_positions),
          TEST(test_losses_at_the_ends_of_a_run), TEST(test_a_run_that_never_locked_has_only_before_lock),
          TEST(test_contradictions_are_found_and_named), TEST(test_bx_beyond_the_end_do_not_add_up),
          TEST(test_a_first_bx_that_was_never_sent_is_no_lock), TEST(test_a_run_stopped_early_is_not_exact))

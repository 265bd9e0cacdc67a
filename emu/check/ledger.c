#include "emu/check/ledger.h"

#include <inttypes.h>
#include <stdio.h>

void ledger_init(struct ledger *l, const struct bx_number *number, uint32_t first_orbit, uint32_t orbits,
                 uint16_t start_bx)
{
    *l = (struct ledger){.number = number, .first_orbit = first_orbit, .orbits = orbits};
    l->run_in = BX_PER_ORBIT - start_bx;
}

static uint64_t all_bx(const struct ledger *l)
{
    return l->run_in + (uint64_t)l->orbits * BX_PER_ORBIT;
}

/* Number of the first payload BX that is not sent any more. */
static uint64_t end_of_run(const struct ledger *l)
{
    return bx_number_of(l->number, l->first_orbit + l->orbits, 0);
}

/* All BX, gaps included, from the start of the run to this payload BX (exclusive). The end of the run is that
 * of its last orbit, also when a gap wraps around it. */
static uint64_t all_bx_before(const struct ledger *l, uint64_t bx_number)
{
    if (bx_number == end_of_run(l))
        return all_bx(l);
    uint64_t first = bx_number_of(l->number, l->first_orbit, 0) / PAYLOAD_BX;
    uint64_t orbits = bx_number / PAYLOAD_BX;
    return l->run_in + (orbits - first) * BX_PER_ORBIT + bx_number_bx(l->number, bx_number);
}

static uint64_t gap_bx_between(const struct ledger *l, uint64_t from, uint64_t to)
{
    return all_bx_before(l, to) - all_bx_before(l, from) - (to - from);
}

void ledger_aligned(struct ledger *l, uint64_t bx_number, bool was_sent)
{
    l->aligned++;
    if (was_sent && !l->live) {
        l->live = true;
        l->before_lock = all_bx_before(l, bx_number);
        l->next = bx_number;
    }
    if (!was_sent || bx_number < l->next) {
        l->repeated++;
        return;
    }
    l->lost += bx_number - l->next;
    l->gap += gap_bx_between(l, l->next, bx_number + 1);
    l->next = bx_number + 1;
}

static void close_live(struct ledger *l)
{
    uint64_t end = end_of_run(l);
    if (l->next >= end)
        return;
    l->lost += end - l->next;
    l->gap += gap_bx_between(l, l->next, end);
    l->next = end;
}

/* The first thing that is wrong, what is most particular first; or NULL. */
static const char *contradiction(const struct ledger *l, const struct board_status *status,
                                 const struct conservation *c)
{
    if (l->repeated)
        return "a BX came out of link_align twice, out of order, or was never sent";
    if (l->aligned != l->suppressed + l->kept)
        return "zero_suppress did not decide every BX that link_align gave";
    if (l->kept != l->dropped + l->forwarded)
        return "a kept BX was neither dropped nor handed to the host";
    if (status->pack_dropped_bx != (uint32_t)l->dropped)
        return "event_pack's counter of dropped BX disagrees";
    if (c->sent != c->forwarded + c->suppressed + c->gap + c->before_lock + c->dropped + c->lost_to_fault)
        return "the classes do not add up to what was sent";
    return NULL;
}

void ledger_close(struct ledger *l, const struct board_status *status, bool complete, struct conservation *c,
                  char *why, size_t size)
{
    uint64_t sent = complete ? all_bx(l) : l->live ? all_bx_before(l, l->next) : 0;
    if (complete && l->live)
        close_live(l);
    *c = (struct conservation){
        .sent = sent,
        .forwarded = l->forwarded,
        .suppressed = l->suppressed,
        .gap = l->gap,
        .before_lock = l->live ? l->before_lock : sent,
        .dropped = l->dropped,
        .lost_to_fault = l->lost,
    };
    const char *wrong = complete ? contradiction(l, status, c) : "the run was stopped before its end";
    c->exact = wrong == NULL;
    snprintf(why, size, "%s", wrong ? wrong : "");
}

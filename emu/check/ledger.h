/* Conservation: every BX that the outside world sent ends in exactly one class.
 *
 * What the ledger is told comes from the boundaries (link_align says which BX arrived, zero_suppress which
 * are suppressed, event_pack which found no room, dma which left), so that the sum can fail; ledger_close()
 * holds it against what was sent and against the board's own counters.
 */
#ifndef EMU_CHECK_LEDGER_H
#define EMU_CHECK_LEDGER_H

#include "emu/check/bx_number.h"
#include "emu/model/bus.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ledger {
    const struct bx_number *number;
    uint32_t first_orbit, orbits; /* whole orbits sent */
    uint64_t run_in;              /* BX sent before BX 0 of first_orbit, gap BX included */
    bool live;                    /* some BX came out of link_align */
    uint64_t next;                /* number of the payload BX that should come out next */
    uint64_t aligned;             /* BX out of link_align */
    uint64_t suppressed, kept, dropped, forwarded;
    uint64_t lost;                /* payload BX after the first aligned one that did not come out */
    uint64_t repeated;            /* BX that came out again, out of order, or were never sent */
    uint64_t before_lock;         /* BX sent before the first one that came out, gap BX included */
    uint64_t gap;                 /* gap BX since */
};

struct conservation {
    uint64_t sent, forwarded, suppressed, gap, before_lock, dropped, lost_to_fault;
    bool exact;
};

/* start_bx: of the orbit before first_orbit. */
void ledger_init(struct ledger *l, const struct bx_number *number, uint32_t first_orbit, uint32_t orbits,
                 uint16_t start_bx);

/* A BX came out of link_align; `bx_number` is its true number, `was_sent` says whether such a BX was sent at
 * all. */
void ledger_aligned(struct ledger *l, uint64_t bx_number, bool was_sent);

/* At the end, after the last frame: fills *c. When the sum or a cross-check does not hold, c->exact is false
 * and `why` says which. A run that was stopped early cannot be closed; say complete = false, then only
 * classes are given. */
void ledger_close(struct ledger *l, const struct board_status *status, bool complete, struct conservation *c,
                  char *why, size_t size);

#ifdef __cplusplus
}
#endif
#endif

/* What the files of the watcher share. */
#ifndef EMU_CHECK_WATCH_INTERNAL_H
#define EMU_CHECK_WATCH_INTERNAL_H

#include "emu/check/watch.h"
#include "golden/formats/record.h"

#include <string.h>

#define NO_TIME UINT64_MAX
enum { NOT_HELD = -1 };

/* BX and place of a record as one number for digests. */
static inline uint64_t watch_where(uint32_t orbit, uint16_t bx, unsigned place, unsigned flags)
{
    return (uint64_t)orbit << 32 | (uint64_t)bx << 16 | place << 8 | flags;
}

static inline struct mismatch watch_mismatch(enum block block, uint64_t cycle, uint32_t orbit, uint16_t bx)
{
    return (struct mismatch){.oracle = ORACLE_GOLDEN, .block = block, .slot = NO_SLOT, .position = "",
                             .cycle = cycle, .orbit = orbit, .bx = bx};
}

/* Compares one number with what golden says; counts nothing by itself. Returns 1 when equal. */
static inline int watch_expect(struct watch *w, struct mismatch m, const char *field, uint64_t expected,
                               uint64_t got)
{
    if (expected == got)
        return 1;
    snprintf(m.field, sizeof m.field, "%s", field);
    m.expected = expected;
    m.got = got;
    check_log_mismatch(w->cfg.log, &m);
    return 0;
}

static inline void watch_latency(struct latency *l, uint64_t ps, uint64_t t0_ps)
{
    if (t0_ps != NO_TIME)
        latency_add(l, ps - t0_ps);
}

/* When the BX's last first word was sampled by link_rx, or NO_TIME. */
static inline uint64_t watch_t0(const struct watch *w, uint64_t number)
{
    const struct watch_arrival *a = &w->arrival[0][number % WATCH_ARRIVALS];
    return a->number == number ? a->first_ps : NO_TIME;
}

static inline void watch_write(struct watch *w, enum block block, uint64_t cycle, int place,
                               enum record_kind kind, const struct watch_bx *bx, const uint32_t *words,
                               unsigned n)
{
    if (!w->cfg.records)
        return;
    struct record r = {.boundary = boundary_info[block].name,
                       .cycle = cycle,
                       .place = place,
                       .kind = kind,
                       .orbit = bx->orbit,
                       .bx = bx->bx,
                       .claimed_orbit = bx->board_orbit,
                       .claimed_bx = bx->board_bx,
                       .words = (uint16_t)n};
    static const char *const domain[DOMAINS] = {"line", "board", "host"};
    r.domain = domain[boundary_info[block].domain];
    memcpy(r.word, words, n * sizeof *words);
    record_write(w->cfg.records, &r); /* a failed stream shows when it is closed */
}

void watch_lanes_crossed(struct watch *w, uint64_t cycle, uint64_t ps, const struct cdc_rx_out *out);
void watch_frames(struct watch *w, uint64_t cycle, uint64_t ps, const struct event_pack_out *out);

#endif

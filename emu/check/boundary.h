/* A boundary is the output of a block and has its number. What is kept of each over a run: how many records
 * crossed it, their digests, their latencies.
 *
 * The content digest covers boundary, true orbit and BX, slot or lane and words, in the order of each lane:
 * it is equal over every mix of engines and both views. The timing digest adds the cycle of every record: it
 * is equal over every mix of timed engines.
 */
#ifndef EMU_CHECK_BOUNDARY_H
#define EMU_CHECK_BOUNDARY_H

#include "emu/check/digest.h"
#include "emu/check/latency.h"
#include "emu/model/blocks.h"
#include "emu/model/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct boundary_info {
    const char *name;
    enum domain domain;
    const char *record; /* what one record is: "lane word", "BX", "muon", "result", "frame" */
};
extern const struct boundary_info boundary_info[BLOCKS];

struct boundary_watch {
    uint64_t records;
    uint64_t content[LANES]; /* one digest a lane; only the first is used where there are no lanes */
    uint64_t timing;
    struct latency first_out, last_out;
};

void boundary_watch_init(struct boundary_watch *w, enum block b, uint64_t hz);
uint64_t boundary_watch_content(const struct boundary_watch *w);
uint64_t boundary_watch_timing(const struct boundary_watch *w);

/* One record. `where` tells BX and place apart, `cycle` is that of the boundary's domain. */
static inline void boundary_watch_record(struct boundary_watch *w, uint64_t where, uint64_t cycle,
                                         const uint32_t *words, unsigned n)
{
    w->records++;
    w->content[0] = digest_words(digest_mix(w->content[0], where), words, n);
    w->timing = digest_mix(w->timing, cycle);
}

/* The words of the lanes in `mask` at one cycle: call _lane for each, then _lanes once. There are a hundred
 * of these a BX, so the mixing step is one multiplication; it is a bijection of the digest, so a difference
 * never cancels itself. `value` has the word in its low half and whatever else tells the record apart above.
 */
static inline void boundary_watch_lane(struct boundary_watch *w, unsigned lane, uint64_t value)
{
    uint64_t h = (w->content[lane] ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    w->content[lane] = h ^ h >> 32;
}

static inline void boundary_watch_lanes(struct boundary_watch *w, unsigned mask, uint64_t cycle)
{
    w->records += (unsigned)__builtin_popcount(mask);
    w->timing = digest_mix(w->timing, cycle << 8 | mask);
}

#ifdef __cplusplus
}
#endif
#endif

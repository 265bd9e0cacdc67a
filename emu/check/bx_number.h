/* Payload BX counted through: one number that grows by 1 from payload BX to payload BX, over gaps and orbits.
 */
#ifndef EMU_CHECK_BX_NUMBER_H
#define EMU_CHECK_BX_NUMBER_H

#include "golden/bx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAYLOAD_BX = BX_PER_ORBIT - GAP_BX };

struct bx_number {
    uint32_t base_orbit;         /* numbers count from this orbit's first payload BX; orbits wrap at 2^32 */
    uint16_t rank[BX_PER_ORBIT]; /* payload BX before this one in its orbit */
    uint16_t bx[PAYLOAD_BX];     /* the other way */
};

static inline void bx_number_init(struct bx_number *n, uint32_t base_orbit, uint16_t gap_first)
{
    n->base_orbit = base_orbit;
    uint16_t rank = 0;
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        n->rank[bx] = rank;
        if ((bx + BX_PER_ORBIT - gap_first) % BX_PER_ORBIT >= GAP_BX)
            n->bx[rank++] = bx;
    }
}

static inline uint64_t bx_number_of(const struct bx_number *n, uint32_t orbit, uint16_t bx)
{
    return (uint64_t)(uint32_t)(orbit - n->base_orbit) * PAYLOAD_BX + n->rank[bx];
}

static inline uint32_t bx_number_orbit(const struct bx_number *n, uint64_t number)
{
    return n->base_orbit + (uint32_t)(number / PAYLOAD_BX);
}

static inline uint16_t bx_number_bx(const struct bx_number *n, uint64_t number)
{
    return n->bx[number % PAYLOAD_BX];
}

#ifdef __cplusplus
}
#endif
#endif

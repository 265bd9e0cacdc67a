/* When the host bus takes nothing: stalls at given BX, and random ones. */
#ifndef EMU_CHAIN_BUS_STALL_H
#define EMU_CHAIN_BUS_STALL_H

#include "golden/stimulus/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bus_stall_at { /* begins when lane 0 sends this BX; never when the run does not reach it */
    uint32_t orbit;
    uint16_t bx;
    uint32_t cycles; /* of the host clock; stalls that overlap do not add up, the later end counts */
};

struct bus_stall {
    const struct bus_stall_at *at; /* not owned; any order */
    size_t count;
    uint32_t per_million; /* chance that a random stall begins at a host cycle, 0..1,000,000 */
    uint32_t cycles;      /* length of a random stall */
    struct rng rng;
    uint64_t left; /* host cycles that the present stall lasts */
};

void bus_stall_init(struct bus_stall *s, const struct bus_stall_at *at, size_t count, uint32_t per_million,
                    uint32_t cycles, uint64_t seed);

/* Lane 0 begins to send this BX. */
void bus_stall_bx(struct bus_stall *s, uint32_t orbit, uint16_t bx);

/* One host edge: does the bus take a frame? */
bool bus_stall_ready(struct bus_stall *s);

#ifdef __cplusplus
}
#endif
#endif

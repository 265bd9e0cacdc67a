#include "emu/chain/bus_stall.h"

void bus_stall_init(struct bus_stall *s, const struct bus_stall_at *at, size_t count, uint32_t per_million,
                    uint32_t cycles, uint64_t seed)
{
    *s = (struct bus_stall){.at = at, .count = count, .per_million = per_million, .cycles = cycles};
    rng_seed(&s->rng, seed);
}

static void stall(struct bus_stall *s, uint32_t cycles)
{
    if (cycles > s->left)
        s->left = cycles;
}

void bus_stall_bx(struct bus_stall *s, uint32_t orbit, uint16_t bx)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i].orbit == orbit && s->at[i].bx == bx)
            stall(s, s->at[i].cycles);
}

bool bus_stall_ready(struct bus_stall *s)
{
    if (s->per_million && s->left == 0 && rng_chance(&s->rng, s->per_million))
        stall(s, s->cycles);
    if (s->left == 0)
        return true;
    s->left--;
    return false;
}

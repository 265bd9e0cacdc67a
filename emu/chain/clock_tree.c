#include "emu/chain/clock_tree.h"

#define PS_PER_SECOND UINT64_C(1000000000000)

_Static_assert(DOMAINS == 3, "three pairs of domains");

static const uint8_t pair_of[CLOCK_PAIRS][2] = {{0, 1}, {0, 2}, {1, 2}};

int clock_tree_init(struct clock_tree *t, const uint64_t hz[DOMAINS], const uint64_t phase_ps[DOMAINS])
{
    *t = (struct clock_tree){0};
    for (int d = 0; d < DOMAINS; d++) {
        if (hz[d] < 1 || hz[d] > UINT64_C(10000000000) || phase_ps[d] >= PS_PER_SECOND)
            return -1;
        t->hz[d] = hz[d];
        t->phase_ps[d] = phase_ps[d];
        t->ps_per_cycle[d] = 1e12 / (double)hz[d];
        t->step[d] = (__int128)hz[d] * PS_PER_SECOND;
    }
    for (int p = 0; p < CLOCK_PAIRS; p++) {
        unsigned a = pair_of[p][0], b = pair_of[p][1];
        t->later[p] = ((__int128)phase_ps[a] - (__int128)phase_ps[b]) * hz[a] * hz[b];
    }
    return 0;
}

/* A domain ticks when no other one comes before it. */
static unsigned first_domains(const struct clock_tree *t)
{
    unsigned before = 0; /* domains that another one comes before */
    for (int p = 0; p < CLOCK_PAIRS; p++) {
        before |= (unsigned)(t->later[p] > 0) << pair_of[p][0];
        before |= (unsigned)(t->later[p] < 0) << pair_of[p][1];
    }
    return ~before & ((1u << DOMAINS) - 1);
}

unsigned clock_tree_step(struct clock_tree *t)
{
    unsigned ticking = first_domains(t);
    /* An edge of domain a is followed by the next one after 1 / hz[a]: hz[b] x 10^12 in the unit of the pair.
     */
    for (int p = 0; p < CLOCK_PAIRS; p++) {
        unsigned a = pair_of[p][0], b = pair_of[p][1];
        t->later[p] += (ticking >> a & 1 ? t->step[b] : 0) - (ticking >> b & 1 ? t->step[a] : 0);
    }
    for (int d = 0; d < DOMAINS; d++)
        t->cycle[d] += ticking >> d & 1;
    return ticking;
}

#include "emu/chain/clock_tree.h"

typedef unsigned __int128 u128;

static u128 gcd(u128 a, u128 b)
{
    while (b) {
        u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int clock_tree_init(struct clock_tree *t, const uint64_t hz[DOMAINS], const uint64_t phase_ps[DOMAINS])
{
    const uint64_t ps_per_second = UINT64_C(1000000000000);
    u128 multiple = 1;
    for (int d = 0; d < DOMAINS; d++) {
        if (hz[d] < 1 || hz[d] > UINT64_C(10000000000) || phase_ps[d] >= ps_per_second)
            return -1;
        multiple = multiple / gcd(multiple, hz[d]) * hz[d];
    }
    *t = (struct clock_tree){0};
    for (int d = 0; d < DOMAINS; d++) {
        t->hz[d] = hz[d];
        t->phase_ps[d] = phase_ps[d];
        t->ps_per_cycle[d] = 1e12 / (double)hz[d];
        t->period[d] = multiple / hz[d];
        /* multiple is at most 10^30, so the product of whole and fractional picoseconds stays in 128 bits. */
        t->next[d] = multiple / ps_per_second * phase_ps[d] + multiple % ps_per_second * phase_ps[d] / ps_per_second;
    }
    return 0;
}

unsigned clock_tree_step(struct clock_tree *t)
{
    u128 first = t->next[0];
    for (int d = 1; d < DOMAINS; d++)
        if (t->next[d] < first)
            first = t->next[d];
    unsigned ticking = 0;
    for (int d = 0; d < DOMAINS; d++)
        if (t->next[d] == first) {
            ticking |= 1u << d;
            t->next[d] += t->period[d];
            t->cycle[d]++;
        }
    return ticking;
}

#include "golden/stimulus/rng.h"

void rng_seed(struct rng *r, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++)
        r->s[i] = splitmix64(&seed);
}

/* The columns that have less than their share, and those that have more, as two stacks in one array. */
struct columns {
    uint16_t index[RNG_TABLE_MAX];
    uint32_t poor, rich; /* poor: index[0..poor), rich: index[rich..RNG_TABLE_MAX) */
};

static void sort_in(struct columns *c, const uint64_t *have, uint32_t share, uint16_t i)
{
    if (have[i] < share)
        c->index[c->poor++] = i;
    else
        c->index[--c->rich] = i;
}

/* Vose's method with every weight scaled by n, so that a column's share is the total: no rounding
 * anywhere. */
static void fill_columns(struct rng_table *t, uint64_t *have)
{
    struct columns c = {.rich = RNG_TABLE_MAX};
    for (uint16_t i = 0; i < t->n; i++) {
        t->cut[i] = t->total;
        t->alias[i] = i;
        sort_in(&c, have, t->total, i);
    }
    while (c.poor && c.rich < RNG_TABLE_MAX) {
        uint16_t small = c.index[--c.poor], large = c.index[c.rich++];
        t->cut[small] = (uint32_t)have[small];
        t->alias[small] = large;
        have[large] -= t->total - have[small];
        sort_in(&c, have, t->total, large);
    }
}

int rng_table_init(struct rng_table *t, const uint32_t *weight, size_t n)
{
    uint64_t have[RNG_TABLE_MAX], total = 0;
    if (n == 0 || n > RNG_TABLE_MAX)
        return -1;
    for (size_t i = 0; i < n; i++) {
        total += weight[i];
        have[i] = (uint64_t)weight[i] * n;
    }
    if (total == 0 || total > UINT32_MAX)
        return -1;
    t->n = (uint32_t)n;
    t->total = (uint32_t)total;
    fill_columns(t, have);
    return 0;
}

/* Random numbers that are the same on every machine: xoshiro256** 1.0 (D. Blackman, S. Vigna, "Scrambled
 * linear pseudorandom number generators", ACM TOMS 47 (2021) 36; prng.di.unimi.it), its state filled by
 * splitmix64 (Steele, Lea, Flood, OOPSLA 2014), as its authors advise. All sampling is in integers; no
 * floating point.
 */
#ifndef GOLDEN_STIMULUS_RNG_H
#define GOLDEN_STIMULUS_RNG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rng {
    uint64_t s[4];
};

/* The next output of splitmix64, whose state is *x. */
static inline uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void rng_seed(struct rng *r, uint64_t seed);

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s, t = s[1] << 17, m = s[1] * 5, result = (m << 7 | m >> 57) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

/* Uniform in 0..n-1, without bias, n >= 1 (D. Lemire, ACM TOMACS 29 (2019) 3). */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    uint64_t m = (rng_next(r) >> 32) * n;
    if ((uint32_t)m < n)
        for (uint32_t floor = -n % n; (uint32_t)m < floor;)
            m = (rng_next(r) >> 32) * n;
    return (uint32_t)(m >> 32);
}

/* 1 with a chance of `ppm` in a million. */
static inline int rng_chance(struct rng *r, uint32_t ppm) { return rng_below(r, 1000000) < ppm; }

enum { RNG_TABLE_MAX = 576 };

/* A distribution over 0..n-1 with given integer weights, drawn from in constant time (alias method, A. J.
 * Walker 1977, M. D. Vose 1991), exactly: entry i comes up with probability weight[i] / sum. */
struct rng_table {
    uint32_t n;
    uint32_t total;                /* sum of the weights */
    uint32_t cut[RNG_TABLE_MAX];   /* 0..total: below it the column's own entry, from it on its alias */
    uint16_t alias[RNG_TABLE_MAX];
};

/* 0; or -1 when n is 0 or above RNG_TABLE_MAX, or the sum of the weights is 0 or above 2^32 - 1. */
int rng_table_init(struct rng_table *t, const uint32_t *weight, size_t n);

static inline uint32_t rng_table_draw(const struct rng_table *t, struct rng *r)
{
    uint32_t column = rng_below(r, t->n);
    return rng_below(r, t->total) < t->cut[column] ? column : t->alias[column];
}

#ifdef __cplusplus
}
#endif
#endif

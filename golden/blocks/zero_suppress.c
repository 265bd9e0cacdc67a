#include "golden/blocks/zero_suppress.h"

#include <string.h>

enum { PT_SHIFT = 10, PT_MASK = 0x1ff, ROW_A = 2 * LANES, ROW_B = 4 * LANES };

/* The condition as two rows of masks: a lane's pT field where its slot counts, else 0. */
struct condition {
    int32_t mask_a[LANES], mask_b[LANES];
    int32_t threshold;
};

static void condition_init(struct condition *c, const struct zero_suppress_cfg *cfg)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        c->mask_a[lane] = cfg->slots >> (2 * lane) & 1 ? PT_MASK << PT_SHIFT : 0;
        c->mask_b[lane] = cfg->slots >> (2 * lane + 1) & 1 ? PT_MASK << PT_SHIFT : 0;
    }
    c->threshold = (int32_t)cfg->pt_min << PT_SHIFT;
}

/* A difference is negative exactly when the muon is below the threshold, so the AND of all is when every muon
 * is. */
static inline unsigned keep_above(const struct condition *c, const uint32_t *w)
{
    int32_t below = -1;
    for (unsigned lane = 0; lane < LANES; lane++) {
        below &= ((int32_t)w[ROW_A + lane] & c->mask_a[lane]) - c->threshold;
        below &= ((int32_t)w[ROW_B + lane] & c->mask_b[lane]) - c->threshold;
    }
    return below >= 0;
}

/* Any muon in any slot, the usual condition: OR the pT words first. */
static inline unsigned keep_any(const struct condition *c, const uint32_t *w)
{
    uint32_t any = 0;
    (void)c;
    for (unsigned lane = 0; lane < LANES; lane++)
        any |= w[ROW_A + lane] | w[ROW_B + lane];
    return (any >> PT_SHIFT & PT_MASK) != 0;
}

/* 32 blocks to a word of the hit map; always inlined, so that each condition has a loop of its own. */
static inline __attribute__((always_inline)) size_t
batch(const struct condition *c, unsigned (*keep)(const struct condition *, const uint32_t *),
      const struct bx_block *blocks, size_t n, uint32_t *hits)
{
    size_t kept = 0;
    for (size_t first = 0; first < n; first += 32) {
        size_t count = n - first < 32 ? n - first : 32;
        uint32_t word = 0;
        for (size_t i = 0; i < count; i++)
            word |= keep(c, blocks[first + i].w) << i;
        hits[first / 32] = word;
        kept += (size_t)__builtin_popcount(word);
    }
    return kept;
}

static size_t batch_all(size_t n, uint32_t *hits)
{
    size_t words = n / 32;
    memset(hits, 0xff, words * sizeof *hits);
    if (n % 32)
        hits[words] = (1u << n % 32) - 1;
    return n;
}

size_t zero_suppress_batch(const struct zero_suppress_cfg *cfg, const struct bx_block *blocks, size_t n,
                           uint32_t *hits)
{
    struct condition c;
    if (cfg->pt_min == 0)
        return batch_all(n, hits);
    condition_init(&c, cfg);
    if (cfg->pt_min == 1 && cfg->slots == 0xffff)
        return batch(&c, keep_any, blocks, n, hits);
    return batch(&c, keep_above, blocks, n, hits);
}

int zero_suppress_keep(const struct zero_suppress_cfg *cfg, const struct bx_block *block)
{
    uint32_t hit;
    return (int)zero_suppress_batch(cfg, block, 1, &hit);
}

#include "emu/check/latency.h"

static uint64_t to_cycles(const struct latency *l, uint64_t ps)
{
    const uint64_t ps_per_second = UINT64_C(1000000000000);
    uint64_t product;
    if (!__builtin_mul_overflow(ps, l->hz, &product)) /* spares a division of 128 bits */
        return product / ps_per_second + (product % ps_per_second >= ps_per_second / 2);
    return (uint64_t)(((unsigned __int128)ps * l->hz + ps_per_second / 2) / ps_per_second);
}

static size_t bin_of(uint64_t cycles)
{
    if (cycles < LATENCY_EXACT)
        return cycles;
    unsigned power = 63 - (unsigned)__builtin_clzll(cycles); /* at least 12 */
    size_t index = LATENCY_EXACT + (size_t)(power - 12) * LATENCY_STEPS +
                   ((cycles >> (power - 8)) & (LATENCY_STEPS - 1));
    return index < LATENCY_BINS ? index : LATENCY_BINS - 1;
}

uint64_t latency_bin_cycles(size_t index)
{
    if (index < LATENCY_EXACT)
        return index;
    size_t above = index - LATENCY_EXACT;
    unsigned power = 12 + (unsigned)(above / LATENCY_STEPS);
    return (UINT64_C(1) << power) + ((uint64_t)(above % LATENCY_STEPS) << (power - 8));
}

void latency_init(struct latency *l, uint64_t hz)
{
    *l = (struct latency){.hz = hz, .min_ps = UINT64_MAX};
}

void latency_add(struct latency *l, uint64_t ps)
{
    l->count++;
    l->min_ps = ps < l->min_ps ? ps : l->min_ps;
    l->max_ps = ps > l->max_ps ? ps : l->max_ps;
    l->bin[bin_of(to_cycles(l, ps))]++;
}

/* Smallest bin at or below which `percent` of the entries lie; wide bins do not lead below the minimum. */
static uint64_t percentile(const struct latency *l, unsigned percent)
{
    uint64_t wanted = (l->count * percent + 99) / 100, seen = 0, least = to_cycles(l, l->min_ps);
    size_t i = 0;
    while (i < LATENCY_BINS - 1 && (seen += l->bin[i]) < wanted)
        i++;
    return latency_bin_cycles(i) > least ? latency_bin_cycles(i) : least;
}

struct latency_summary latency_summarise(const struct latency *l)
{
    if (l->count == 0)
        return (struct latency_summary){0};
    uint64_t p50 = percentile(l, 50), p99 = percentile(l, 99);
    double ns_per_cycle = 1e9 / (double)l->hz;
    return (struct latency_summary){
        .count = l->count,
        .min_cycles = to_cycles(l, l->min_ps),
        .p50_cycles = p50,
        .p99_cycles = p99,
        .max_cycles = to_cycles(l, l->max_ps),
        .min_ns = (double)l->min_ps / 1e3,
        .p50_ns = (double)p50 * ns_per_cycle,
        .p99_ns = (double)p99 * ns_per_cycle,
        .max_ns = (double)l->max_ps / 1e3,
    };
}

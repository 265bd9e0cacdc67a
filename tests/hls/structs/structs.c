/* Structs in memory: arrays of them with a computed index, arrays within them, copies whole, as results, through
 * pointers, and of sizes that compilers copy as one word. */
#include <stdint.h>

struct muon {
    unsigned _BitInt(9) pt;
    _BitInt(17) eta;
    bool charge;
};
struct pair {
    int16_t first, second;
};
struct board {
    uint8_t state;
    struct muon muon[3];
    struct pair range[2];
};

static struct muon last[4] = {{1, -2, true}, {3, 4, false}};
static struct board boards[2] = {{7, {{1, 2, 1}, {3, -4, 0}, {5, 6, 1}}, {{-1, 1}, {2, -2}}}};
static struct pair extremes = {-7, 9};

static struct muon made(unsigned _BitInt(9) pt, _BitInt(17) eta)
{
    return (struct muon){.pt = pt, .eta = eta, .charge = eta < 0};
}

static void widen(struct pair *p, int16_t x)
{
    p->first = x < p->first ? x : p->first;
    p->second = x > p->second ? x : p->second;
}

static struct pair swapped(struct pair p)
{
    return (struct pair){p.second, p.first};
}

void structs(uint8_t at, unsigned _BitInt(9) pt, _BitInt(17) eta, int16_t x, int *eta_sum, int *all,
             int16_t range[2], uint8_t *state)
{
    struct board *b = &boards[at >> 7];
    struct muon old = last[at & 3], now = made(pt, eta);
    struct pair seen = boards[at >> 6 & 1].range[at >> 3 & 1];
    last[at & 3] = now;
    last[(at >> 2) & 3].eta ^= old.eta;
    b->muon[at % 3] = last[(at + 1) & 3];
    b->state += old.charge ? old.pt : 1;
    widen(&b->range[at >> 4 & 1], x);
    widen(&extremes, (int16_t)(x * 3));
    if (at & 0x40)
        b->range[1] = swapped(b->range[0]);
    if (at == 0x55)
        boards[1] = boards[0];
    *eta_sum = (int)b->muon[0].eta + (int)b->muon[1].eta + (int)b->muon[2].eta;
    *all = 0;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++)
            *all = *all * 5 + (boards[i].muon[k].charge ? (int)boards[i].muon[k].pt : -1) + boards[i].range[i].second;
    range[0] = seen.first;
    range[1] = seen.second;
    *state = b->state;
}

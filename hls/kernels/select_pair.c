/* select_pair: of all pairs of muons with opposite charge, each with pT at least `pt_min`, the one with the
 * highest sum of pT; of equal ones the first in the order (0,1), (0,2), .. (0,7), (1,2), .. A slot without a
 * muon has pT 0 and takes no part, even with `pt_min` 0. The charges are the words' charge bits, 0 or 1.
 *
 * All 28 pairs are tried at once and the best is found by a knock-out: each round halves the field. */
#include "hls/kernels/hls.h"

enum { MUONS = 8, PAIRS = 28, FIELD = 32 };

typedef unsigned _BitInt(3) u3;
typedef unsigned _BitInt(10) u10;

/* 0: no pair. */
static int score(u9 pt_a, u9 pt_b, u1 charge_a, u1 charge_b, u9 pt_min)
{
    bool good = pt_a && pt_b && pt_a >= pt_min && pt_b >= pt_min && charge_a != charge_b;
    return good ? (int)pt_a + (int)pt_b : 0;
}

/* Whoever stands first wins when both are equal. */
static void knock_out(int sum[FIELD], int pair[FIELD])
{
    for (int left = FIELD / 2; left > 0; left /= 2)
        for (int i = 0; i < left; i++) {
            bool second = sum[2 * i + 1] > sum[2 * i];
            sum[i] = second ? sum[2 * i + 1] : sum[2 * i];
            pair[i] = second ? pair[2 * i + 1] : pair[2 * i];
        }
}

void select_pair(const u9 pt[MUONS], const u1 charge[MUONS], u9 pt_min, u1 *found, u3 *first, u3 *second,
                 u10 *pt_sum)
{
    int sum[FIELD] = {0}, pair[FIELD] = {0}, n = 0;
    for (int a = 0; a < MUONS; a++)
        for (int b = a + 1; b < MUONS; b++) {
            sum[n] = score(pt[a], pt[b], charge[a], charge[b], pt_min);
            pair[n++] = a * MUONS + b;
        }
    knock_out(sum, pair);
    *found = sum[0] != 0;
    *first = *found ? (u3)(pair[0] / MUONS) : 0;
    *second = *found ? (u3)(pair[0] % MUONS) : 0;
    *pt_sum = (u10)sum[0];
}

/* sort_muons: the muons of a BX by pT, the highest first; equal pT keeps the order of the slots, and slots
 * without a muon (pT 0) come last. `slot` says where each came from.
 *
 * Batcher's odd-even merge sort: 63 comparisons of 16 keys in 10 layers, every one at the same time as the
 * others of its layer. A key is {pT, 15 - slot}, so that no two are equal. */
#include "hls/kernels/hls.h"

enum { MUONS = 16 };

static void order(int *a, int *b)
{
    int high = *a > *b ? *a : *b;
    *b = *a > *b ? *b : *a;
    *a = high;
}

/* Merges sorted runs of `run` keys by comparisons `apart` from each other. */
static void merge(int key[MUONS], int run, int apart)
{
    for (int a = 0; a < MUONS; a++) {
        int b = a + apart, from = a - apart % run;
        if (b < MUONS && from >= 0 && from / apart % 2 == 0 && a / (2 * run) == b / (2 * run))
            order(&key[a], &key[b]);
    }
}

static void sort(int key[MUONS])
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (j <= i)
                merge(key, 1 << i, 1 << (i - j & 3));
}

void sort_muons(const u9 pt[MUONS], u9 sorted_pt[MUONS], u4 slot[MUONS])
{
    int key[MUONS];
    for (int i = 0; i < MUONS; i++)
        key[i] = (int)pt[i] << 4 | (MUONS - 1 - i);
    sort(key);
    for (int i = 0; i < MUONS; i++) {
        sorted_pt[i] = (u9)(key[i] >> 4);
        slot[i] = (u4)(MUONS - 1 - (key[i] & 15));
    }
}

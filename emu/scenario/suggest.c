#include "emu/scenario/suggest.h"

#include <string.h>

enum { LONGEST = 127, FAR = 1000 };

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

unsigned suggest_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return FAR;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0]++;
        for (size_t j = 1; j <= m; j++) {
            unsigned above = row[j];
            row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

static const char *last_name(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static unsigned unlikeness(const char *known, const char *path)
{
    unsigned whole = suggest_distance(known, path);
    unsigned last = suggest_distance(last_name(known), last_name(path));
    return least(whole, last + 1); /* in another group: worse than the same misspelling in its own */
}

const char *suggest_key(const struct key *keys, const char *path)
{
    const char *best = NULL;
    unsigned best_distance = (unsigned)strlen(last_name(path)) / 3 + 2; /* not more than about a third is wrong */
    for (; keys->path; keys++) {
        unsigned distance = unlikeness(keys->path, path);
        if (distance < best_distance) {
            best_distance = distance;
            best = keys->path;
        }
    }
    return best;
}

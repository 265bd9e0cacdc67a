#include "emu/scenario/suggest.h"

#include <stdio.h>
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

/* `known` itself, and each of the groups that it stands in. */
static unsigned try_with_groups(const char *known, const char *path, unsigned best, char *near, size_t size)
{
    char candidate[LONGEST + 1];
    for (size_t n = strlen(known); n > 0 && n <= LONGEST; n--) {
        if (known[n] != 0 && known[n] != '.')
            continue;
        snprintf(candidate, sizeof candidate, "%.*s", (int)n, known);
        unsigned distance = unlikeness(candidate, path);
        if (distance < best) {
            best = distance;
            snprintf(near, size, "%s", candidate);
        }
    }
    return best;
}

bool suggest_key(const struct key *keys, const char *path, char *near, size_t size)
{
    const unsigned limit =
        (unsigned)strlen(last_name(path)) / 3 + 2; /* not more than about a third is wrong */
    unsigned best = limit;
    for (; keys->path; keys++)
        best = try_with_groups(keys->path, path, best, near, size);
    return best < limit;
}

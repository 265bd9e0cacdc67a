#include "golden/network/arena.h"

#include <stdlib.h>
#include <string.h>

static const size_t MOST = (size_t)1 << 30;

struct piece {
    struct piece *next;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct piece *first;
    size_t used;
};

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
    struct piece *p = a ? a->first : NULL;
    while (p) {
        struct piece *next = p->next;
        free(p);
        p = next;
    }
    free(a);
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
    if (a->used > MOST || (size && n > (MOST - a->used) / size))
        return NULL;
    struct piece *p = calloc(1, sizeof *p + n * size + 1);
    if (!p)
        return NULL;
    p->next = a->first;
    a->first = p;
    a->used += n * size + sizeof *p;
    return p->bytes;
}

char *arena_text(struct arena *a, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    char *copy = arena_alloc(a, n + 1, 1);
    if (copy && n)
        memcpy(copy, text, n);
    return copy;
}

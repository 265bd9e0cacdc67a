#include "hls/compiler/map.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>

static size_t place(const struct hls_map *m, const void *key)
{
    size_t i = (size_t)(((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u) & (m->room - 1);
    while (m->slot[i].key && m->slot[i].key != key)
        i = (i + 1) & (m->room - 1);
    return i;
}

static void grow(struct hls_map *m)
{
    struct hls_map old = *m;
    m->room = old.room ? 2 * old.room : 64;
    m->slot = hls_allocate(m->room, sizeof *m->slot);
    for (size_t i = 0; i < old.room; i++)
        if (old.slot[i].key)
            m->slot[place(m, old.slot[i].key)] = old.slot[i];
    free(old.slot);
}

void hls_map_set(struct hls_map *m, const void *key, uint32_t value)
{
    if (2 * (m->used + 1) > m->room)
        grow(m);
    size_t i = place(m, key);
    m->used += !m->slot[i].key;
    m->slot[i].key = key;
    m->slot[i].value = value;
}

bool hls_map_get(const struct hls_map *m, const void *key, uint32_t *value)
{
    if (!m->room)
        return false;
    size_t i = place(m, key);
    if (m->slot[i].key)
        *value = m->slot[i].value;
    return m->slot[i].key != NULL;
}

void hls_map_release(struct hls_map *m)
{
    free(m->slot);
    *m = (struct hls_map){0};
}

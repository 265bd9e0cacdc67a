#include "emu/scenario/field.h"

#include <assert.h>
#include <string.h>

void *field_element(const struct key *key, void *base, size_t index)
{
    return (char *)base + key->offset + index * key->size;
}

char *field_text(const struct key *key, void *base) { return field_element(key, base, 0); }

void field_store(const struct key *key, void *base, size_t index, uint64_t value)
{
    void *at = field_element(key, base, index);
    switch (key->size) {
    case 1: *(uint8_t *)at = (uint8_t)value; return;
    case 2: *(uint16_t *)at = (uint16_t)value; return;
    case 4: *(uint32_t *)at = (uint32_t)value; return;
    case 8: *(uint64_t *)at = value; return;
    }
    assert(!"an integer field of odd size");
}

uint64_t field_fetch(const struct key *key, const void *base, size_t index)
{
    const void *at = (const char *)base + key->offset + index * key->size;
    switch (key->size) {
    case 1: return *(const uint8_t *)at;
    case 2: return *(const uint16_t *)at;
    case 4: return *(const uint32_t *)at;
    case 8: return *(const uint64_t *)at;
    }
    assert(!"an integer field of odd size");
    return 0;
}

void field_set_count(const struct key *key, void *base, uint32_t count)
{
    if (key->count_offset)
        memcpy((char *)base + key->count_offset, &count, sizeof count);
}

uint32_t field_count(const struct key *key, const void *base)
{
    uint32_t count = (uint32_t)key->count;
    if (key->count_offset)
        memcpy(&count, (const char *)base + key->count_offset, sizeof count);
    return count;
}

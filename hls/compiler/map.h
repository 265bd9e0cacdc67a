/* From a pointer to a number: open addressing, no removal. A zeroed struct is an empty map. */
#ifndef HLS_COMPILER_MAP_H
#define HLS_COMPILER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hls_map {
    struct {
        const void *key;
        uint32_t value;
    } *slot;
    size_t room, used;
};

void hls_map_set(struct hls_map *m, const void *key, uint32_t value);
bool hls_map_get(const struct hls_map *m, const void *key, uint32_t *value);
void hls_map_release(struct hls_map *m);

#ifdef __cplusplus
}
#endif
#endif

/* A running 64-bit digest of what crossed a boundary.
 *
 * Two runs that show the same things in the same order have the same digest. The mixing step is the folded
 * 64 x 64 -> 128 bit multiplication that wyhash and XXH3 are built on; the digest finds differences, it is no
 * signature. Machine and compiler independent.
 */
#ifndef EMU_CHECK_DIGEST_H
#define EMU_CHECK_DIGEST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline uint64_t digest_mix(uint64_t h, uint64_t value)
{
    unsigned __int128 product = (unsigned __int128)(h ^ value ^ UINT64_C(0x9e3779b97f4a7c15)) *
                                (value ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ (h << 32 | h >> 32);
}

static inline uint64_t digest_words(uint64_t h, const uint32_t *words, unsigned n)
{
    for (unsigned i = 0; i + 1 < n; i += 2)
        h = digest_mix(h, (uint64_t)words[i + 1] << 32 | words[i]);
    return n & 1 ? digest_mix(h, words[n - 1]) : h;
}

#ifdef __cplusplus
}
#endif
#endif

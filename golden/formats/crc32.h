/* The link's CRC-32 (domain.md 4.1): polynomial 0x04C11DB7, start all ones, bit 31 of a word first,
 * not reflected, no final xor. Over 32-bit words.
 */
#ifndef GOLDEN_FORMATS_CRC32_H
#define GOLDEN_FORMATS_CRC32_H

#include "golden/bx.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CRC32_START UINT32_C(0xffffffff)

/* crc32_table[k][b]: the CRC of byte b followed by k zero bytes. */
extern const uint32_t crc32_table[4][256];

/* The CRC after one more word. */
static inline uint32_t crc32_word(uint32_t crc, uint32_t word)
{
    uint32_t x = crc ^ word;
    return crc32_table[3][x >> 24] ^ crc32_table[2][x >> 16 & 255] ^ crc32_table[1][x >> 8 & 255] ^
           crc32_table[0][x & 255];
}

/* The CRC after n words of one lane; the fastest way that this machine has. */
uint32_t crc32_words(uint32_t crc, const uint32_t *words, size_t n);

/* Eight lanes at once: row r holds the r-th word of each lane. */
void crc32_lanes(uint32_t crc[LANES], const uint32_t (*rows)[LANES], size_t n);

/* The two ways by name, for comparison and benchmarks. `crc32_words_clmul` needs crc32_has_clmul(). */
uint32_t crc32_words_table(uint32_t crc, const uint32_t *words, size_t n);
uint32_t crc32_words_clmul(uint32_t crc, const uint32_t *words, size_t n);
int crc32_has_clmul(void);

/* Makes crc32_words use the table even where carry-less multiply is there (for benchmarks), or not. */
void crc32_force_table(int on);

#ifdef __cplusplus
}
#endif
#endif

#include "golden/formats/crc32.h"

/* The CRC is linear: a table entry is the sum of those of its bits. BYTE(b, R) adds up for byte value b the
 * eight residues R of x^(32 + 8k + i) modulo the polynomial, i = 0..7. */
#define PICK(b, i, r) ((b) >> (i) & 1 ? (r) : 0u)
#define BYTE(b, r0, r1, r2, r3, r4, r5, r6, r7)                                                          \
    (PICK(b, 0, r0) ^ PICK(b, 1, r1) ^ PICK(b, 2, r2) ^ PICK(b, 3, r3) ^ PICK(b, 4, r4) ^ PICK(b, 5, r5) ^ \
     PICK(b, 6, r6) ^ PICK(b, 7, r7))
#define ROW0(b)                                                                           \
    BYTE(b, 0x04c11db7u, 0x09823b6eu, 0x130476dcu, 0x2608edb8u,                                  \
         0x4c11db70u, 0x9823b6e0u, 0x34867077u, 0x690ce0eeu)
#define ROW1(b)                                                                           \
    BYTE(b, 0xd219c1dcu, 0xa0f29e0fu, 0x452421a9u, 0x8a484352u,                                  \
         0x10519b13u, 0x20a33626u, 0x41466c4cu, 0x828cd898u)
#define ROW2(b)                                                                           \
    BYTE(b, 0x01d8ac87u, 0x03b1590eu, 0x0762b21cu, 0x0ec56438u,                                  \
         0x1d8ac870u, 0x3b1590e0u, 0x762b21c0u, 0xec564380u)
#define ROW3(b)                                                                           \
    BYTE(b, 0xdc6d9ab7u, 0xbc1a28d9u, 0x7cf54c05u, 0xf9ea980au,                                  \
         0xf7142da3u, 0xeae946f1u, 0xd1139055u, 0xa6e63d1du)
#define FOUR(row, b) row(b), row((b) + 1), row((b) + 2), row((b) + 3)
#define SIXTEEN(row, b) FOUR(row, b), FOUR(row, (b) + 4), FOUR(row, (b) + 8), FOUR(row, (b) + 12)
#define SIXTY_FOUR(row, b)                                                                  \
    SIXTEEN(row, b), SIXTEEN(row, (b) + 16), SIXTEEN(row, (b) + 32), SIXTEEN(row, (b) + 48)
#define TABLE(row) SIXTY_FOUR(row, 0), SIXTY_FOUR(row, 64), SIXTY_FOUR(row, 128), SIXTY_FOUR(row, 192)

const uint32_t crc32_table[4][256] = {{TABLE(ROW0)}, {TABLE(ROW1)}, {TABLE(ROW2)}, {TABLE(ROW3)}};

static int table_forced;

void crc32_force_table(int on)
{
    table_forced = on;
}

uint32_t crc32_words_table(uint32_t crc, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crc = crc32_word(crc, words[i]);
    return crc;
}

static void lanes_table(uint32_t crc[LANES], const uint32_t (*rows)[LANES], size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (unsigned lane = 0; lane < LANES; lane++)
            crc[lane] = crc32_word(crc[lane], rows[r][lane]);
}

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define CLMUL __attribute__((target("pclmul,sse4.1")))

int crc32_has_clmul(void)
{
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

/* x moved up by D bits and brought back under 128 bits: `k` holds x^D mod P low, x^(D+64) mod P high (Gopal
 * et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009). */
CLMUL static inline __m128i fold(__m128i x, __m128i k, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(x, k, 0x00);
    __m128i high = _mm_clmulepi64_si128(x, k, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* Four words, the first one as the highest coefficients. */
CLMUL static inline __m128i load4(const uint32_t *words)
{
    return _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)words), 0x1B);
}

CLMUL static inline uint32_t reduce(__m128i x)
{
    uint32_t words[4];
    _mm_storeu_si128((__m128i *)words, _mm_shuffle_epi32(x, 0x1B));
    return crc32_words_table(0, words, 4);
}

#define FOLD_128 _mm_set_epi64x(0xc5b9cd4c, 0xe8a45605)
#define FOLD_512 _mm_set_epi64x(0x8833794c, 0xe6228b11)

CLMUL uint32_t crc32_words_clmul(uint32_t crc, const uint32_t *words, size_t n)
{
    if (n < 16)
        return crc32_words_table(crc, words, n);
    __m128i x[4];
    for (unsigned i = 0; i < 4; i++)
        x[i] = load4(words + 4 * i);
    x[0] = _mm_xor_si128(x[0], _mm_set_epi32((int)crc, 0, 0, 0));
    size_t done = 16;
    for (; done + 16 <= n; done += 16)
        for (unsigned i = 0; i < 4; i++)
            x[i] = fold(x[i], FOLD_512, load4(words + done + 4 * i));
    for (unsigned i = 1; i < 4; i++)
        x[0] = fold(x[0], FOLD_128, x[i]);
    for (; done + 4 <= n; done += 4)
        x[0] = fold(x[0], FOLD_128, load4(words + done));
    return crc32_words_table(reduce(x[0]), words + done, n - done);
}

/* Four rows of four lanes, turned: out[lane] has the lane's four words, the first one on top. */
CLMUL static inline void load4x4(const uint32_t (*rows)[LANES], unsigned lane, __m128i out[4])
{
    __m128i r[4];
    for (unsigned i = 0; i < 4; i++)
        r[i] = _mm_loadu_si128((const __m128i *)&rows[i][lane]);
    __m128i a = _mm_unpacklo_epi32(r[3], r[2]), b = _mm_unpacklo_epi32(r[1], r[0]);
    __m128i c = _mm_unpackhi_epi32(r[3], r[2]), d = _mm_unpackhi_epi32(r[1], r[0]);
    out[0] = _mm_unpacklo_epi64(a, b);
    out[1] = _mm_unpackhi_epi64(a, b);
    out[2] = _mm_unpacklo_epi64(c, d);
    out[3] = _mm_unpackhi_epi64(c, d);
}

CLMUL static void lanes_clmul(uint32_t crc[LANES], const uint32_t (*rows)[LANES], size_t n)
{
    __m128i x[LANES], next[LANES];
    load4x4(rows, 0, x);
    load4x4(rows, 4, x + 4);
    for (unsigned lane = 0; lane < LANES; lane++)
        x[lane] = _mm_xor_si128(x[lane], _mm_set_epi32((int)crc[lane], 0, 0, 0));
    size_t done = 4;
    for (; done + 4 <= n; done += 4) {
        load4x4(rows + done, 0, next);
        load4x4(rows + done, 4, next + 4);
        for (unsigned lane = 0; lane < LANES; lane++)
            x[lane] = fold(x[lane], FOLD_128, next[lane]);
    }
    for (unsigned lane = 0; lane < LANES; lane++)
        crc[lane] = reduce(x[lane]);
    lanes_table(crc, rows + done, n - done);
}
#else
int crc32_has_clmul(void)
{
    return 0;
}

uint32_t crc32_words_clmul(uint32_t crc, const uint32_t *words, size_t n)
{
    return crc32_words_table(crc, words, n);
}

static void lanes_clmul(uint32_t crc[LANES], const uint32_t (*rows)[LANES], size_t n)
{
    lanes_table(crc, rows, n);
}
#endif

uint32_t crc32_words(uint32_t crc, const uint32_t *words, size_t n)
{
    if (table_forced || !crc32_has_clmul())
        return crc32_words_table(crc, words, n);
    return crc32_words_clmul(crc, words, n);
}

void crc32_lanes(uint32_t crc[LANES], const uint32_t (*rows)[LANES], size_t n)
{
    if (table_forced || n < 4 || !crc32_has_clmul())
        lanes_table(crc, rows, n);
    else
        lanes_clmul(crc, rows, n);
}

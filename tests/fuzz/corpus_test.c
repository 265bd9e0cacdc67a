/* The corpus that fuzzing left (tests/fuzz/corpus, one tar a format), replayed and damaged a little further:
 * a short round of what tools/fuzz does, under the same sanitizers. */
#include "golden/stimulus/rng.h"
#include "tests/fuzz/reader_check.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, MOST = 1 << 16, MUTANTS = 1500 };

static unsigned char entry[MOST], copy[MOST];

/* The next file of a tar into `entry`: its size; -1 at the end. */
static long next_entry(FILE *tar)
{
    char header[BLOCK];
    for (;;) {
        if (fread(header, 1, BLOCK, tar) != BLOCK || !header[0])
            return -1;
        size_t n = strtoul(header + 124, NULL, 8), whole = (n + BLOCK - 1) / BLOCK * BLOCK;
        CU_ASSERT_FATAL(whole <= MOST);
        CU_ASSERT_FATAL(fread(entry, 1, whole, tar) == whole);
        if (header[156] == '0')
            return (long)n;
    }
}

static size_t mutate(struct rng *r, unsigned char *bytes, size_t n)
{
    for (unsigned k = 1 + rng_below(r, 3); k > 0 && n > 1; k--) {
        size_t at = rng_below(r, (uint32_t)n), some = 1 + rng_below(r, 64);
        some = some < n - at ? some : n - at;
        switch (rng_below(r, 5)) {
        case 0: bytes[at] ^= (unsigned char)(1u << rng_below(r, 8)); break;
        case 1: bytes[at] = (unsigned char)rng_next(r); break;
        case 2: memset(bytes + at, rng_below(r, 2) ? 0 : 255, some); break;
        case 3: n = at; break;
        default:
            memmove(bytes + at, bytes + at + some, n - at - some);
            n -= some;
        }
    }
    return n;
}

static unsigned check(const struct format *f, const unsigned char *bytes, size_t n)
{
    struct message m;
    if (reader_check(f, bytes, n, &m) == 0)
        return 0;
    printf("(%s: %s) ", f->name, m.text);
    return 1;
}

static void replay(const struct format *f)
{
    struct message m = {""};
    char path[128];
    struct rng r;
    unsigned files = 0, wrong = 0, mutants = 0;
    rng_seed(&r, test_seed() + (uint64_t)(f - formats));
    for (int round = 0; mutants < MUTANTS && (round == 0 || files > 0); round++) {
        snprintf(path, sizeof path, "tests/fuzz/corpus/%s.tar.gz", f->name);
        FILE *tar = stream_read(path, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(tar);
        for (long n; (n = next_entry(tar)) >= 0;) {
            files += round == 0;
            wrong += round == 0 ? check(f, entry, (size_t)n) : 0;
            memcpy(copy, entry, (size_t)n);
            size_t size = mutate(&r, copy, (size_t)n);
            if (mutants < MUTANTS) {
                mutants++;
                wrong += check(f, copy, size);
            }
        }
        fclose(tar);
    }
    CU_ASSERT(files > 10);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_readers_hold_over_the_corpus(void)
{
    for (const struct format *f = formats; f->name; f++)
        replay(f);
}

TEST_MAIN("golden/corpus", TEST(test_readers_hold_over_the_corpus))

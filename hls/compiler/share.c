#include "hls/compiler/share.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

/* Pairs that are counted at most: beyond it inputs fall into blocks, and only pairs within a block are looked
 * at, so that time and memory grow with the number of digits and not with its square. */
static const double MOST_PAIRS = 2e6;

/* Pairs of equal count among which the best is looked for. */
enum { LOOK_BACK = 256 };

/* A pair of digits up to common shift and sign, in the order symbol, then shift. */
struct pattern {
    uint32_t first, second;
    int16_t shift; /* of the second against the first */
    bool minus;    /* signs differ */
};

struct entry {
    struct pattern pattern;
    uint32_t count; /* occurrences, overlapping ones included */
    bool given_up;
};

/* Entries that had this count when they were put here; checked when taken out. */
struct bucket {
    uint32_t *entry;
    size_t n, room;
};

struct sharing {
    struct hls_digit_row *row;
    size_t rows;
    double *weight, *limit; /* per row: sum of 2^depth, and the power of two it must not pass */
    unsigned *depth;        /* per symbol */
    uint32_t *block;        /* per symbol */
    struct hls_shared *shared;
    uint32_t inputs;
    size_t made;
    struct entry *entry;
    size_t entries, entry_room;
    uint32_t *slot; /* hash table of entry numbers + 1 */
    size_t slots;
    struct bucket *bucket; /* by count */
    size_t buckets;
    bool queued; /* the buckets are in use: the first count is over */
};

void hls_row_add(struct hls_digit_row *row, uint32_t symbol, hls_int c)
{
    for (int shift = 0; c != 0; shift++, c >>= 1) {
        if (!(c & 1))
            continue;
        int digit = (c & 3) == 3 ? -1 : 1; /* ..11 is 4 - 1 */
        row->digit = hls_resize(row->digit, row->digits + 1, sizeof *row->digit);
        row->digit[row->digits++] = (struct hls_digit){symbol, shift, digit < 0};
        c -= digit;
    }
}

/* --- the table of patterns --- */

static struct pattern pattern_of(const struct hls_digit *a, const struct hls_digit *b)
{
    bool in_order = a->symbol < b->symbol || (a->symbol == b->symbol && a->shift < b->shift);
    const struct hls_digit *x = in_order ? a : b, *y = in_order ? b : a;
    return (struct pattern){x->symbol, y->symbol, (int16_t)(y->shift - x->shift), x->minus != y->minus};
}

static bool same_pattern(const struct pattern *a, const struct pattern *b)
{
    return a->first == b->first && a->second == b->second && a->shift == b->shift && a->minus == b->minus;
}

static size_t place(const struct sharing *s, const struct pattern *p)
{
    uint64_t h = ((uint64_t)p->first << 32 | p->second) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29) ^ (uint64_t)(uint16_t)p->shift << 1 ^ p->minus) * 0xbf58476d1ce4e5b9u;
    size_t i = (size_t)(h >> 20) & (s->slots - 1);
    while (s->slot[i] && !same_pattern(&s->entry[s->slot[i] - 1].pattern, p))
        i = (i + 1) & (s->slots - 1);
    return i;
}

static void grow(struct sharing *s)
{
    s->entry_room = s->entry_room ? 2 * s->entry_room : 1024;
    s->entry = hls_resize(s->entry, s->entry_room, sizeof *s->entry);
    free(s->slot);
    s->slots = 2 * s->entry_room;
    s->slot = hls_allocate(s->slots, sizeof *s->slot);
    for (size_t e = 0; e < s->entries; e++)
        s->slot[place(s, &s->entry[e].pattern)] = (uint32_t)e + 1;
}

static uint32_t entry_of(struct sharing *s, const struct pattern *p)
{
    if (s->entries == s->entry_room)
        grow(s);
    size_t i = place(s, p);
    if (!s->slot[i]) {
        s->entry[s->entries] = (struct entry){*p, 0, false};
        s->slot[i] = (uint32_t)++s->entries;
    }
    return s->slot[i] - 1;
}

/* --- the most frequent pattern --- */

static void queue(struct sharing *s, uint32_t e)
{
    uint32_t count = s->entry[e].count;
    if (count < 2 || s->entry[e].given_up)
        return;
    while (s->buckets <= count) {
        s->bucket = hls_resize(s->bucket, s->buckets + 1, sizeof *s->bucket);
        s->bucket[s->buckets++] = (struct bucket){NULL, 0, 0};
    }
    struct bucket *b = &s->bucket[count];
    if (b->n == b->room) {
        b->room = b->room ? 2 * b->room : 16;
        b->entry = hls_resize(b->entry, b->room, sizeof *b->entry);
    }
    b->entry[b->n++] = e;
}

/* Small is better: symbols near together make a narrow sum, and deep ones find few other partners within the
 * limits of their rows. The weights are by trial on random matrices. */
static int rank(const struct sharing *s, uint32_t e)
{
    const struct pattern *p = &s->entry[e].pattern;
    return (p->shift < 0 ? -p->shift : p->shift) - 4 * (int)(s->depth[p->first] + s->depth[p->second]);
}

/* Among the latest of one count. */
static void put_best_last(const struct sharing *s, struct bucket *b)
{
    size_t best = b->n - 1;
    for (size_t i = b->n > LOOK_BACK ? b->n - LOOK_BACK : 0; i < b->n; i++)
        if (rank(s, b->entry[i]) < rank(s, b->entry[best]))
            best = i;
    uint32_t e = b->entry[best];
    b->entry[best] = b->entry[b->n - 1];
    b->entry[b->n - 1] = e;
}

/* Takes out the entry with the highest count; false when none occurs twice. One that has lost occurrences
 * since it was queued goes to where it belongs now. */
static bool take_most_frequent(struct sharing *s, uint32_t *e)
{
    while (s->buckets > 2) {
        struct bucket *b = &s->bucket[s->buckets - 1];
        if (b->n == 0) {
            free(b->entry);
            s->buckets--;
            continue;
        }
        put_best_last(s, b);
        *e = b->entry[--b->n];
        if (s->entry[*e].given_up)
            continue;
        if (s->entry[*e].count == s->buckets - 1)
            return true;
        if (s->entry[*e].count < s->buckets - 1)
            queue(s, *e);
    }
    return false;
}

static void count(struct sharing *s, const struct hls_digit *a, const struct hls_digit *b, int change)
{
    if (s->block[a->symbol] != s->block[b->symbol])
        return;
    struct pattern p = pattern_of(a, b);
    uint32_t e = entry_of(s, &p);
    s->entry[e].count += (uint32_t)change;
    if (s->queued && change > 0)
        queue(s, e);
}

/* All pairs of digit d with the others of its row. */
static void count_with_others(struct sharing *s, const struct hls_digit_row *r, size_t d, int change)
{
    for (size_t i = 0; i < r->digits; i++)
        if (i != d)
            count(s, &r->digit[i], &r->digit[d], change);
}

static void count_row(struct sharing *s, const struct hls_digit_row *r)
{
    for (size_t i = 0; i < r->digits; i++)
        for (size_t j = 0; j < i; j++)
            count(s, &r->digit[i], &r->digit[j], 1);
}

/* --- depth --- */

static double two_to(unsigned n)
{
    double x = 1;
    while (n--)
        x *= 2;
    return x;
}

static void weigh_row(struct sharing *s, size_t r)
{
    s->weight[r] = (double)s->row[r].digits + s->row[r].constant;
    for (s->limit[r] = 1; s->limit[r] < s->weight[r]; s->limit[r] *= 2)
        ;
}

static unsigned depth_of_pair(const struct sharing *s, const struct pattern *p)
{
    unsigned a = s->depth[p->first], b = s->depth[p->second];
    return (a > b ? a : b) + 1;
}

static double extra_weight(const struct sharing *s, const struct pattern *p)
{
    return two_to(depth_of_pair(s, p)) - two_to(s->depth[p->first]) - two_to(s->depth[p->second]);
}

/* --- one replacement --- */

/* The digits i, j of a row that are the first and second of the pattern. */
static bool find_occurrence(const struct hls_digit_row *r, const struct pattern *p, size_t *i, size_t *j)
{
    for (*i = 0; *i < r->digits; ++*i) {
        const struct hls_digit *a = &r->digit[*i];
        if (a->symbol != p->first)
            continue;
        for (*j = 0; *j < r->digits; ++*j) {
            const struct hls_digit *b = &r->digit[*j];
            if (b->symbol == p->second && b->shift == a->shift + p->shift &&
                (b->minus != a->minus) == p->minus && *i != *j)
                return true;
        }
    }
    return false;
}

static void remove_digit(struct sharing *s, struct hls_digit_row *r, size_t d)
{
    count_with_others(s, r, d, -1);
    r->digit[d] = r->digit[--r->digits];
}

/* The pair i, j of a row becomes one digit of the new symbol, which stands at the first one's place and sign.
 */
static void replace(struct sharing *s, struct hls_digit_row *r, const struct pattern *p, size_t i, size_t j)
{
    struct hls_digit with = r->digit[i];
    with.symbol = s->inputs + (uint32_t)s->made;
    with.shift += p->shift < 0 ? p->shift : 0;
    remove_digit(s, r, i > j ? i : j);
    remove_digit(s, r, i > j ? j : i);
    r->digit[r->digits++] = with; /* room is there: two digits have gone */
    count_with_others(s, r, r->digits - 1, 1);
}

/* The rows in which the pattern can be replaced without making them deeper. */
static size_t rows_to_gain(const struct sharing *s, const struct pattern *p)
{
    size_t n = 0, i, j;
    double extra = extra_weight(s, p);
    for (size_t r = 0; r < s->rows; r++)
        n += s->weight[r] + extra <= s->limit[r] && find_occurrence(&s->row[r], p, &i, &j);
    return n;
}

static void replace_all(struct sharing *s, const struct pattern *p)
{
    size_t i, j;
    double extra = extra_weight(s, p);
    for (size_t r = 0; r < s->rows; r++)
        while (s->weight[r] + extra <= s->limit[r] && find_occurrence(&s->row[r], p, &i, &j)) {
            replace(s, &s->row[r], p, i, j);
            s->weight[r] += extra;
        }
}

static void make_symbol(struct sharing *s, const struct pattern *p)
{
    size_t symbol = s->inputs + s->made;
    s->shared = hls_resize(s->shared, s->made + 1, sizeof *s->shared);
    s->shared[s->made] = (struct hls_shared){p->first, p->second, p->shift, p->minus};
    s->depth = hls_resize(s->depth, symbol + 1, sizeof *s->depth);
    s->depth[symbol] = depth_of_pair(s, p);
    s->block = hls_resize(s->block, symbol + 1, sizeof *s->block);
    s->block[symbol] = s->block[p->first];
    replace_all(s, p);
    s->made++;
}

/* --- all of it --- */

static void divide_into_blocks(struct sharing *s)
{
    double pairs = 0, blocks = 1;
    for (size_t r = 0; r < s->rows; r++)
        pairs += (double)s->row[r].digits * (double)s->row[r].digits / 2;
    while (pairs / blocks > MOST_PAIRS && blocks < s->inputs)
        blocks *= 2;
    uint32_t size = (uint32_t)((double)s->inputs / blocks) + 1;
    s->block = hls_allocate(s->inputs, sizeof *s->block);
    for (uint32_t i = 0; i < s->inputs; i++)
        s->block[i] = i / size;
}

static void count_all(struct sharing *s)
{
    for (size_t r = 0; r < s->rows; r++) {
        weigh_row(s, r);
        count_row(s, &s->row[r]);
    }
    for (size_t e = 0; e < s->entries; e++)
        queue(s, (uint32_t)e);
    s->queued = true;
}

static void release(struct sharing *s)
{
    for (size_t b = 0; b < s->buckets; b++)
        free(s->bucket[b].entry);
    free(s->bucket);
    free(s->weight);
    free(s->limit);
    free(s->depth);
    free(s->block);
    free(s->entry);
    free(s->slot);
}

struct hls_shared *hls_share(struct hls_digit_row *row, size_t rows, uint32_t inputs, size_t *made)
{
    struct sharing s = {.row = row, .rows = rows, .inputs = inputs};
    s.weight = hls_allocate(rows, sizeof *s.weight);
    s.limit = hls_allocate(rows, sizeof *s.limit);
    s.depth = hls_allocate(inputs, sizeof *s.depth);
    divide_into_blocks(&s);
    count_all(&s);
    uint32_t e;
    while (take_most_frequent(&s, &e)) {
        struct pattern p = s.entry[e].pattern;
        s.entry[e].given_up = true; /* what a round leaves of a pattern is not worth another look */
        if (rows_to_gain(&s, &p) >= 2)
            make_symbol(&s, &p);
    }
    release(&s);
    *made = s.made;
    return s.shared;
}

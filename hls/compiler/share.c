#include "hls/compiler/share.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

/* A pair of digits up to common shift and sign, in the order symbol, then shift. */
struct pattern {
    uint32_t first, second;
    int16_t shift; /* of the second against the first */
    bool minus;    /* signs differ */
};

struct entry {
    struct pattern pattern;
    uint32_t count; /* occurrences, overlapping ones included; 0: free or given up */
    bool used, given_up;
};

struct sharing {
    struct hls_digit_row *row;
    size_t rows;
    double *weight, *limit; /* per row: sum of 2^depth, and the power of two it must not pass */
    unsigned *depth;        /* per symbol */
    struct hls_shared *shared;
    uint32_t inputs;
    size_t made;
    struct entry *entry;
    size_t room, used;
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
    size_t i = (size_t)(h >> 20) & (s->room - 1);
    while (s->entry[i].used && !same_pattern(&s->entry[i].pattern, p))
        i = (i + 1) & (s->room - 1);
    return i;
}

static void grow(struct sharing *s)
{
    struct entry *old = s->entry;
    size_t room = s->room;
    s->room = room ? 2 * room : 1024;
    s->entry = hls_allocate(s->room, sizeof *s->entry);
    for (size_t i = 0; i < room; i++)
        if (old[i].used)
            s->entry[place(s, &old[i].pattern)] = old[i];
    free(old);
}

static void count(struct sharing *s, const struct hls_digit *a, const struct hls_digit *b, int change)
{
    if (2 * (s->used + 1) > s->room)
        grow(s);
    struct pattern p = pattern_of(a, b);
    struct entry *e = &s->entry[place(s, &p)];
    s->used += !e->used;
    e->used = true;
    e->pattern = p;
    e->count += (uint32_t)change;
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

static bool find_occurrence(const struct hls_digit_row *r, const struct pattern *p, size_t *i, size_t *j)
{
    for (*i = 0; *i < r->digits; ++*i)
        for (*j = *i + 1; *j < r->digits; ++*j) {
            struct pattern q = pattern_of(&r->digit[*i], &r->digit[*j]);
            if (same_pattern(p, &q))
                return true;
        }
    return false;
}

static void remove_digit(struct sharing *s, struct hls_digit_row *r, size_t d)
{
    count_with_others(s, r, d, -1);
    memmove(&r->digit[d], &r->digit[d + 1], (r->digits - d - 1) * sizeof *r->digit);
    r->digits--;
}

/* The pair i, j of a row becomes one digit of the new symbol, which stands at the first one's place and sign.
 */
static void replace(struct sharing *s, struct hls_digit_row *r, const struct pattern *p, size_t i, size_t j)
{
    struct hls_digit a = r->digit[i], b = r->digit[j];
    bool a_first = a.symbol < b.symbol || (a.symbol == b.symbol && a.shift < b.shift);
    struct hls_digit with = a_first ? a : b;
    with.symbol = s->inputs + (uint32_t)s->made;
    if (p->shift < 0)
        with.shift += p->shift;
    remove_digit(s, r, j);
    remove_digit(s, r, i);
    r->digit[r->digits++] = with; /* room is there: two digits have gone */
    count_with_others(s, r, r->digits - 1, 1);
}

/* The rows in which the pattern can be replaced without making them deeper; done, as often as it goes, when
 * `really`. */
static size_t replace_all(struct sharing *s, const struct pattern *p, bool really)
{
    size_t n = 0, i, j;
    double extra = extra_weight(s, p);
    for (size_t r = 0; r < s->rows; r++) {
        struct hls_digit_row *row = &s->row[r];
        if (s->weight[r] + extra > s->limit[r] || !find_occurrence(row, p, &i, &j))
            continue;
        if (!really) { /* one a row is enough to decide */
            n++;
            continue;
        }
        do {
            replace(s, row, p, i, j);
            s->weight[r] += extra;
            n++;
        } while (s->weight[r] + extra <= s->limit[r] && find_occurrence(row, p, &i, &j));
    }
    return n;
}

static void make_symbol(struct sharing *s, const struct pattern *p)
{
    s->shared = hls_resize(s->shared, s->made + 1, sizeof *s->shared);
    s->shared[s->made] = (struct hls_shared){p->first, p->second, p->shift, p->minus};
    s->depth = hls_resize(s->depth, s->inputs + s->made + 1, sizeof *s->depth);
    s->depth[s->inputs + s->made] = depth_of_pair(s, p);
    replace_all(s, p, true);
    s->made++;
}

static struct entry *most_frequent(struct sharing *s)
{
    struct entry *best = NULL;
    for (size_t i = 0; i < s->room; i++) {
        struct entry *e = &s->entry[i];
        if (e->used && !e->given_up && e->count >= 2 && (!best || e->count > best->count))
            best = e;
    }
    return best;
}

struct hls_shared *hls_share(struct hls_digit_row *row, size_t rows, uint32_t inputs, size_t *made)
{
    struct sharing s = {.row = row, .rows = rows, .inputs = inputs};
    s.weight = hls_allocate(rows, sizeof *s.weight);
    s.limit = hls_allocate(rows, sizeof *s.limit);
    s.depth = hls_allocate(inputs, sizeof *s.depth);
    for (size_t r = 0; r < rows; r++) {
        weigh_row(&s, r);
        count_row(&s, &row[r]);
    }
    struct entry *e;
    while ((e = most_frequent(&s))) {
        struct pattern p = e->pattern;
        e->given_up =
            true; /* counted pairs overlap: what is left after this round is not worth another look */
        if (replace_all(&s, &p, false) >= 2)
            make_symbol(&s, &p);
    }
    free(s.weight);
    free(s.limit);
    free(s.depth);
    free(s.entry);
    *made = s.made;
    return s.shared;
}

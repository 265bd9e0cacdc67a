/* Evaluation in fixed point, many samples side by side. Each step is done in the narrowest arithmetic that
 * cannot overflow: 32 bits, 64, or one number after the other in 128. */
#include "golden/network/arena.h"
#include "golden/network/quantised.h"
#include "golden/vector.h"

#include <stdlib.h>
#include <string.h>

/* What a step's result is cast to, worked out once. */
struct cast {
    const struct fixed_type *type;
    int drop; /* fraction bits that go away; below 0: that come */
    int64_t low, high;
    bool can_overflow;
};

enum engine {
    NARROW,
    MIDDLE,
    WIDE,
    SLOW
}; /* sums of 32 or 64 bits over rows of 32, sums and rows of 64, 128 */

struct quantised_run {
    const struct quantised *q;
    struct arena *arena;
    void **row; /* by tensor */
    struct cast *cast;
    uint8_t *engine; /* by step */
    uint64_t *overflows;
    unsigned lanes;
};

#define KEPT int32_t
#define SUM int32_t
#define NAME(x) narrow_##x
#include "golden/network/rows.h"
#undef KEPT
#undef SUM
#undef NAME
#define KEPT int32_t
#define SUM int64_t
#define NAME(x) middle_##x
#include "golden/network/rows.h"
#undef KEPT
#undef SUM
#undef NAME
#define KEPT int64_t
#define SUM int64_t
#define NAME(x) wide_##x
#include "golden/network/rows.h"

/* ---- one number after the other ---- */

static int64_t kept(const struct quantised_run *r, int tensor, uint32_t element, unsigned lane)
{
    size_t at = (size_t)element * QUANTISED_BATCH + lane;
    return r->q->narrow ? ((const int32_t *)r->row[tensor])[at] : ((const int64_t *)r->row[tensor])[at];
}

static void keep(struct quantised_run *r, int tensor, uint32_t element, unsigned lane, int64_t raw)
{
    size_t at = (size_t)element * QUANTISED_BATCH + lane;
    if (r->q->narrow)
        ((int32_t *)r->row[tensor])[at] = (int32_t)raw;
    else
        ((int64_t *)r->row[tensor])[at] = raw;
}

static fixed_wide slow_sum(const struct quantised_run *r, const struct quantised_step *s, uint32_t e,
                           unsigned lane, int *fraction, uint64_t *overflows)
{
    struct fixed_sum sum;
    fixed_sum_start(&sum, s->hls4ml ? FIXED_HLS4ML : FIXED_EXACT, &s->accumulator, s->fraction);
    fixed_sum_add(&sum, s->bias[e], s->fraction);
    for (uint32_t k = s->first[e]; k < s->first[e + 1]; k++)
        fixed_sum_add(&sum,
                      (fixed_wide)s->term[k].weight * kept(r, s->term[k].tensor, s->term[k].element, lane),
                      s->fraction);
    *fraction = sum.fraction;
    *overflows += sum.overflows;
    return sum.raw;
}

static fixed_wide slow_trees(const struct quantised_run *r, const struct quantised_step *s, uint32_t e,
                             unsigned lane)
{
    fixed_wide sum = s->bias[e];
    for (uint32_t k = 0; k < s->roots; k++) {
        const struct quantised_branch *b = &s->branch[s->root[k]];
        while (b->ask != Q_LEAF) {
            int64_t x = kept(r, s->in[0], b->element, lane);
            b = &s->branch[(b->ask == Q_EQUAL ? x == b->limit : x <= b->limit) ? b->yes : b->no];
        }
        sum += b->vote[e];
    }
    return sum;
}

/* The largest of a group; or whether element e is the first that is as large. */
static fixed_wide slow_group(const struct quantised_run *r, const struct quantised_step *s, uint32_t e,
                             unsigned lane)
{
    uint32_t first = s->kind == Q_MAX ? e * s->group : e - e % s->group, at = first;
    for (uint32_t k = first + 1; k < first + s->group; k++)
        if (kept(r, s->in[0], k, lane) > kept(r, s->in[0], at, lane))
            at = k;
    return s->kind == Q_MAX ? kept(r, s->in[0], at, lane) : at == e;
}

static fixed_wide slow_function(const struct quantised_run *r, const struct quantised_step *s, uint32_t e,
                                unsigned lane)
{
    if (s->kind == Q_MAX || s->kind == Q_LARGEST)
        return slow_group(r, s, e, lane);
    fixed_wide x = kept(r, s->in[0], e, lane);
    switch (s->kind) {
    case Q_RELU: return x > 0 ? x : 0;
    case Q_LEAKY: return x < 0 ? x * s->constant : x * ((fixed_wide)1 << s->raise);
    case Q_BIPOLAR: return x >= 0 ? s->constant : -s->constant;
    case Q_PRODUCT: return x * kept(r, s->in[1], e, lane);
    default: return x;
    }
}

static void slow_element(struct quantised_run *r, const struct quantised_step *s, uint32_t e, unsigned lane)
{
    uint64_t overflows = 0;
    int fraction = s->fraction;
    fixed_wide v;
    if (s->kind == Q_LINEAR)
        v = slow_sum(r, s, e, lane, &fraction, &overflows);
    else
        v = s->kind == Q_TREES ? slow_trees(r, s, e, lane) : slow_function(r, s, e, lane);
    const struct fixed_type *type = s->kind == Q_TABLE ? &s->index : &r->q->tensor[s->out].type;
    int64_t raw = (int64_t)fixed_cast(type, v, fraction, &overflows);
    if (s->kind == Q_TABLE)
        raw = s->table[(uint64_t)raw & ((UINT64_C(1) << s->index.width) - 1)];
    keep(r, s->out, e, lane, raw);
    if (lane < r->lanes)
        r->overflows[s - r->q->step] += overflows;
}

static void slow_step(struct quantised_run *r, const struct quantised_step *s)
{
    for (uint32_t e = 0; e < r->q->tensor[s->out].size; e++)
        for (unsigned lane = 0; lane < QUANTISED_BATCH; lane++)
            slow_element(r, s, e, lane);
}

/* ---- the run ---- */

static int bits_of(fixed_wide magnitude)
{
    int bits = 0;
    for (; magnitude; magnitude >>= 1)
        bits++;
    return bits;
}

/* Bits of the largest number on the way, the sign and the rounding's carry included. */
static enum engine engine_of(const struct quantised *q, const struct quantised_step *s, const struct cast *c)
{
    int up = c->drop < 0 ? -c->drop : 0, bits = bits_of(s->reach) + up + 2;
    int type = c->type->width + 2; /* the limits are compared with, too */
    int need = bits > type ? bits : type, round = c->drop > 0 ? c->drop + 2 : 0;
    need = need > round ? need : round;
    if (s->hls4ml || s->kind == Q_TREES || need > 64)
        return SLOW;
    return !q->narrow ? WIDE : need > 32 ? MIDDLE : NARROW;
}

static void prepare_step(struct quantised_run *r, unsigned i)
{
    const struct quantised_step *s = &r->q->step[i];
    struct cast *c = &r->cast[i];
    c->type = s->kind == Q_TABLE ? &s->index : &r->q->tensor[s->out].type;
    c->drop = s->fraction - fixed_fraction(c->type);
    c->low = (int64_t)fixed_min(c->type);
    c->high = (int64_t)fixed_max(c->type);
    c->can_overflow = s->can_overflow || s->kind == Q_TABLE;
    r->engine[i] = (uint8_t)engine_of(r->q, s, c);
}

static bool allocate(struct quantised_run *r)
{
    const struct quantised *q = r->q;
    size_t size = q->narrow ? sizeof(int32_t) : sizeof(int64_t);
    r->row = arena_alloc(r->arena, q->tensors, sizeof *r->row);
    r->cast = arena_alloc(r->arena, q->steps, sizeof *r->cast);
    r->engine = arena_alloc(r->arena, q->steps, sizeof *r->engine);
    r->overflows = arena_alloc(r->arena, q->steps, sizeof *r->overflows);
    for (unsigned t = 0; r->row && t < q->tensors; t++)
        if (!(r->row[t] = arena_alloc(r->arena, (size_t)q->tensor[t].size * QUANTISED_BATCH, size)))
            return false;
    return r->row && r->cast && r->engine && r->overflows;
}

struct quantised_run *quantised_run_new(const struct quantised *q, struct message *m)
{
    struct arena *arena = arena_new();
    struct quantised_run *r = arena ? arena_alloc(arena, 1, sizeof *r) : NULL;
    if (r)
        *r = (struct quantised_run){.q = q, .arena = arena, .lanes = QUANTISED_BATCH};
    if (!r || !allocate(r)) {
        arena_free(arena);
        message_set(m, "%s: out of memory", q->graph->path);
        return NULL;
    }
    for (unsigned i = 0; i < q->steps; i++)
        prepare_step(r, i);
    return r;
}

void quantised_run_free(struct quantised_run *r)
{
    if (r)
        arena_free(r->arena);
}

void quantised_run_set(struct quantised_run *r, unsigned k, uint32_t element, unsigned lane, int64_t raw)
{
    keep(r, r->q->input[k], element, lane, raw);
}

void quantised_run_evaluate(struct quantised_run *r)
{
    for (unsigned i = 0; i < r->q->steps; i++) {
        const struct quantised_step *s = &r->q->step[i];
        switch ((enum engine)r->engine[i]) {
        case NARROW: narrow_step(r, s, &r->cast[i]); break;
        case MIDDLE: middle_step(r, s, &r->cast[i]); break;
        case WIDE: wide_step(r, s, &r->cast[i]); break;
        case SLOW: slow_step(r, s); break;
        }
    }
}

int64_t quantised_run_get(const struct quantised_run *r, int tensor, uint32_t element, unsigned lane)
{
    return kept(r, tensor, element, lane);
}

uint64_t quantised_run_overflows(const struct quantised_run *r, unsigned step)
{
    return r->overflows[step];
}

void quantised_run_lanes(struct quantised_run *r, unsigned lanes)
{
    r->lanes = lanes < QUANTISED_BATCH ? lanes : QUANTISED_BATCH;
}

/* Steps on rows of QUANTISED_BATCH samples, for one pair of types: KEPT (what tensors hold) and SUM (what
 * sums are done in). Included by quantised_run.c once for each pair, with NAME(x) giving functions their
 * names. Nothing here overflows: the caller has checked the step's reach. */

typedef KEPT NAME(row)[QUANTISED_BATCH];

#define EACH_LANE for (unsigned b = 0; b < QUANTISED_BATCH; b++)

/* v / 2^drop with the rounding of domain.md 8.4: the floor of v plus something below 2^drop. */
static inline __attribute__((always_inline)) void NAME(round)(unsigned mode, unsigned drop, SUM *v)
{
    const SUM most = ((SUM)1 << drop) - 1, half = (SUM)1 << (drop - 1);
    switch (mode) {
    case FIXED_RND: EACH_LANE v[b] = (v[b] + half) >> drop; break;
    case FIXED_RND_ZERO: EACH_LANE v[b] = (v[b] + (half - (v[b] >= 0))) >> drop; break;
    case FIXED_RND_MIN_INF: EACH_LANE v[b] = (v[b] + (half - 1)) >> drop; break;
    case FIXED_RND_INF: EACH_LANE v[b] = (v[b] + (half - (v[b] < 0))) >> drop; break;
    case FIXED_RND_CONV: EACH_LANE v[b] = (v[b] + (half - 1) + (v[b] >> drop & 1)) >> drop; break;
    case FIXED_TRN_ZERO: EACH_LANE v[b] = (v[b] + (v[b] < 0 ? most : 0)) >> drop; break;
    default: EACH_LANE v[b] >>= drop; break;
    }
}

static inline uint64_t NAME(count)(const SUM *v, SUM low, SUM high, unsigned lanes)
{
    uint64_t n = 0;
    for (unsigned b = 0; b < lanes; b++)
        n += (v[b] < low) | (v[b] > high);
    return n;
}

static inline __attribute__((always_inline)) void NAME(limit)(const struct cast *c, SUM *v)
{
    const SUM low = (SUM)c->low, high = (SUM)c->high;
    switch (c->type->overflow) {
    case FIXED_SAT:
    case FIXED_SAT_SYM: EACH_LANE v[b] = v[b] < low ? low : v[b] > high ? high : v[b]; break;
    case FIXED_SAT_ZERO: EACH_LANE v[b] = v[b] < low || v[b] > high ? 0 : v[b]; break;
    default: EACH_LANE v[b] = (SUM)fixed_cast(c->type, v[b], fixed_fraction(c->type), NULL); break;
    }
}

/* From sums to the result's row. */
static inline __attribute__((always_inline)) void NAME(cast)(const struct cast *c, SUM *v, KEPT *out,
                                                             uint64_t *overflows, unsigned lanes)
{
    if (c->drop > 0)
        NAME(round)(c->type->round, (unsigned)c->drop, v);
    else if (c->drop < 0)
        EACH_LANE v[b] *= (SUM)1 << -c->drop;
    if (c->can_overflow) {
        *overflows += NAME(count)(v, (SUM)c->low, (SUM)c->high, lanes);
        NAME(limit)(c, v);
    }
    EACH_LANE out[b] = (KEPT)v[b];
}

/* Vectors spelled out: as loops over lanes, compilers keep the sums in memory instead of in registers. */
enum { NAME(PER) = 32 / sizeof(SUM), NAME(VECTORS) = QUANTISED_BATCH / NAME(PER) };
typedef SUM NAME(sums) __attribute__((vector_size(32), aligned(sizeof(SUM)), may_alias));
typedef KEPT NAME(part)
    __attribute__((vector_size(NAME(PER) * sizeof(KEPT)), aligned(sizeof(KEPT)), may_alias));

static inline __attribute__((always_inline)) void
NAME(add_terms)(const struct quantised_run *r, const struct quantised_step *s, uint32_t e, SUM *sum)
{
    NAME(sums) acc[NAME(VECTORS)] = {{0}};
    for (unsigned v = 0; v < NAME(VECTORS); v++)
        acc[v] += (SUM)s->bias[e];
    for (uint32_t k = s->first[e]; k < s->first[e + 1]; k++) {
        const KEPT *x = ((NAME(row) *)r->row[s->term[k].tensor])[s->term[k].element];
        const SUM w = (SUM)s->term[k].weight;
        for (unsigned v = 0; v < NAME(VECTORS); v++)
            acc[v] += w * __builtin_convertvector(((const NAME(part) *)x)[v], NAME(sums));
    }
    for (unsigned v = 0; v < NAME(VECTORS); v++)
        ((NAME(sums) *)sum)[v] = acc[v];
}

VECTOR_CLONES
static void NAME(linear)(struct quantised_run *r, const struct quantised_step *s, const struct cast *c)
{
    NAME(row) *out = r->row[s->out];
    uint64_t overflows = 0;
    for (uint32_t e = 0; e < r->q->tensor[s->out].size; e++) {
        SUM sum[QUANTISED_BATCH];
        NAME(add_terms)(r, s, e, sum);
        NAME(cast)(c, sum, out[e], &overflows, r->lanes);
    }
    r->overflows[s - r->q->step] += overflows;
}

/* The functions of single numbers before the cast. */
static inline __attribute__((always_inline)) void NAME(function)(const struct quantised_step *s,
                                                                 const KEPT *x, const KEPT *y, SUM *v)
{
    const SUM k = (SUM)s->constant;
    switch (s->kind) {
    case Q_RELU: EACH_LANE v[b] = x[b] > 0 ? x[b] : 0; break;
    case Q_LEAKY: EACH_LANE v[b] = x[b] < 0 ? x[b] * k : x[b] * ((SUM)1 << s->raise); break;
    case Q_BIPOLAR: EACH_LANE v[b] = x[b] >= 0 ? k : -k; break;
    case Q_PRODUCT: EACH_LANE v[b] = (SUM)x[b] * y[b]; break;
    default: EACH_LANE v[b] = x[b]; break;
    }
}

VECTOR_CLONES
static void NAME(unary)(struct quantised_run *r, const struct quantised_step *s, const struct cast *c)
{
    NAME(row) *x = r->row[s->in[0]], *y = s->kind == Q_PRODUCT ? r->row[s->in[1]] : x, *out = r->row[s->out];
    uint64_t overflows = 0;
    for (uint32_t e = 0; e < r->q->tensor[s->out].size; e++) {
        SUM v[QUANTISED_BATCH];
        NAME(function)(s, x[e], y[e], v);
        NAME(cast)(c, v, out[e], &overflows, r->lanes);
    }
    r->overflows[s - r->q->step] += overflows;
}

static void NAME(table)(struct quantised_run *r, const struct quantised_step *s, const struct cast *c)
{
    NAME(row) *x = r->row[s->in[0]], *out = r->row[s->out];
    const uint64_t mask = (UINT64_C(1) << s->index.width) - 1;
    uint64_t overflows = 0;
    for (uint32_t e = 0; e < r->q->tensor[s->out].size; e++) {
        SUM v[QUANTISED_BATCH];
        KEPT index[QUANTISED_BATCH];
        EACH_LANE v[b] = x[e][b];
        NAME(cast)(c, v, index, &overflows, r->lanes);
        EACH_LANE out[e][b] = (KEPT)s->table[(uint64_t)index[b] & mask];
    }
    r->overflows[s - r->q->step] += overflows;
}

/* The largest of each group, or 1 at the first that is as large. */
VECTOR_CLONES
static void NAME(groups)(struct quantised_run *r, const struct quantised_step *s, const struct cast *c)
{
    NAME(row) *x = r->row[s->in[0]], *out = r->row[s->out];
    for (uint32_t first = 0; first < r->q->tensor[s->in[0]].size; first += s->group) {
        SUM most[QUANTISED_BATCH], at[QUANTISED_BATCH];
        EACH_LANE most[b] = x[first][b];
        EACH_LANE at[b] = 0;
        for (uint32_t k = 1; k < s->group; k++) {
            EACH_LANE at[b] = x[first + k][b] > most[b] ? (SUM)k : at[b];
            EACH_LANE most[b] = x[first + k][b] > most[b] ? x[first + k][b] : most[b];
        }
        if (s->kind == Q_MAX)
            NAME(cast)(c, most, out[first / s->group], &r->overflows[s - r->q->step], r->lanes);
        for (uint32_t k = 0; s->kind == Q_LARGEST && k < s->group; k++)
            EACH_LANE out[first + k][b] = at[b] == (SUM)k;
    }
}

static void NAME(step)(struct quantised_run *r, const struct quantised_step *s, const struct cast *c)
{
    if (s->kind == Q_LINEAR)
        NAME(linear)(r, s, c);
    else if (s->kind == Q_TABLE)
        NAME(table)(r, s, c);
    else if (s->kind == Q_MAX || s->kind == Q_LARGEST)
        NAME(groups)(r, s, c);
    else
        NAME(unary)(r, s, c);
}

#undef EACH_LANE

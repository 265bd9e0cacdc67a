/* Which integers the constants of a node become. */
#include "golden/network/lowering.h"

#include <math.h>
#include <string.h>

enum { EXACT_CONSTANT_BITS = 32 };

/* The place of the lowest bit of a number that is not 0: v is a multiple of 2^place. */
static int lowest_place(double v)
{
    int exponent;
    int64_t mantissa = (int64_t)ldexp(fabs(frexp(v, &exponent)), 53);
    return exponent - 53 + __builtin_ctzll((uint64_t)mantissa);
}

/* The smallest type that holds all of them; false when it needs more bits than `most`. */
static bool exact_type(const double *v, uint32_t n, int most, struct fixed_type *type)
{
    int low = 0, high = 0;
    bool any = false, is_signed = false;
    for (uint32_t e = 0; e < n; e++) {
        int exponent;
        if (!isfinite(v[e]))
            return false;
        if (v[e] == 0)
            continue;
        int place = lowest_place(v[e]);
        /* A negative power of two needs a bit less: -2^k fits k bits and the sign. */
        frexp(v[e] < 0 ? nextafter(v[e], 0) : v[e], &exponent);
        low = any && low < place ? low : place;
        high = any && high > exponent ? high : exponent;
        is_signed |= v[e] < 0;
        any = true;
    }
    int width = high - low + is_signed;
    width = width > 0 ? width : 1;
    if (!any)
        low = 0;
    if (width > most)
        return false;
    *type = (struct fixed_type){.width = (uint8_t)width,
                                .integer = (int16_t)(width + low),
                                .is_signed = is_signed,
                                .round = FIXED_TRN,
                                .overflow = FIXED_WRAP};
    return true;
}

/* The finest type of that many bits whose range holds all of them. */
static struct fixed_type fitting_type(const double *v, uint32_t n, uint8_t bits)
{
    struct fixed_type t = {.width = bits, .round = FIXED_RND, .overflow = FIXED_SAT};
    double low = 0, high = 0;
    int of_low = -FIXED_MAX_INTEGER, of_high = -FIXED_MAX_INTEGER;
    for (uint32_t e = 0; e < n; e++) {
        low = fmin(low, v[e]);
        high = fmax(high, v[e]);
    }
    t.is_signed = low < 0;
    if (high > 0)
        frexp(high, &of_high);
    if (low < 0)
        frexp(nextafter(low, 0), &of_low);
    t.integer = (int16_t)((of_low > of_high ? of_low : of_high) + t.is_signed);
    return t;
}

/* The type of a node's constants; what is added to products gets LOWER_BIAS_BITS more (`extra`). */
static int constant_type(struct lowering *l, const char *name, const double *v, uint32_t n, int extra,
                         struct fixed_type *type)
{
    int most = l->f->constant_bits ? l->f->constant_bits + extra : EXACT_CONSTANT_BITS;
    const struct fixed_type *given = net_format_of(l->f, name);
    for (uint32_t e = 0; e < n; e++)
        if (!isfinite(v[e]))
            return op_wrong(l->g, l->node, l->m, "constant '%.80s' has a number that is not finite", name);
    if (given)
        *type = *given;
    else if (exact_type(v, n, most, type))
        return 0;
    else if (l->f->constant_bits)
        *type = fitting_type(v, n, (uint8_t)most);
    else if (l->f->has_default)
        *type = l->f->otherwise;
    else
        return op_wrong(
            l->g, l->node, l->m,
            "constant '%.80s' has no number format and needs more than %d bits to be exact (give a format in "
            "the formats file, scales that are powers of two, or let `bxact net quantise` choose)",
            name, EXACT_CONSTANT_BITS);
    return 0;
}

/* Type and integers of named constants; NULL and a message when they have none. */
int64_t *lower_constants(struct lowering *l, const char *name, const double *v, uint32_t n, int extra,
                         int *fraction)
{
    struct quantised_constant *c = &l->q->constant[l->q->constants];
    *c = (struct quantised_constant){.name = name, .size = n};
    if (constant_type(l, name, v, n, extra, &c->type) < 0)
        return NULL;
    int64_t *raw = lower_get(l, n, sizeof *raw);
    if (!raw) {
        lower_no_memory(l);
        return NULL;
    }
    for (uint32_t e = 0; e < n; e++)
        raw[e] = (int64_t)fixed_from_double(&c->type, v[e], NULL);
    *fraction = fixed_fraction(&c->type);
    l->q->constants++;
    return raw;
}

const char *lower_named(struct lowering *l, const char *end)
{
    size_t n = strlen(l->node->name) + strlen(end) + 1;
    char *name = lower_get(l, n, 1);
    if (name) {
        strcpy(name, l->node->name);
        strcat(name, end);
    }
    return name ? name : "";
}

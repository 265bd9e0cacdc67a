/* Quantisers: Quant, Trunc, QuantizeLinear, DequantizeLinear. */
#include "golden/network/lowering.h"

#include <math.h>
#include <string.h>

static bool power_of_two(double v)
{
    int exponent;
    return isfinite(v) && v > 0 && frexp(v, &exponent) == 0.5;
}

static const struct {
    const char *name;
    enum fixed_round round;
} rounds[] = {{"ROUND", FIXED_RND_CONV},    {"HALF_EVEN", FIXED_RND_CONV},     {"FLOOR", FIXED_TRN},
              {"DOWN", FIXED_TRN_ZERO},     {"ROUND_TO_ZERO", FIXED_TRN_ZERO}, {"HALF_UP", FIXED_RND_INF},
              {"HALF_DOWN", FIXED_RND_ZERO}};

static int round_of(struct lowering *l, const char *mode, uint8_t *round)
{
    for (unsigned k = 0; k < sizeof rounds / sizeof *rounds; k++)
        if (strcmp(rounds[k].name, mode) == 0) {
            *round = (uint8_t)rounds[k].round;
            return 0;
        }
    return op_wrong(l->g, l->node, l->m,
                    "rounding_mode: %s has no fixed-point mode (train with ROUND, HALF_UP, "
                    "HALF_DOWN, FLOOR or ROUND_TO_ZERO)",
                    mode);
}

/* The one power of two that all numbers of a scale are; its exponent. */
static int one_exponent(struct lowering *l, const struct net_node *n, const struct net_tensor *s,
                        int *exponent)
{
    if (!s->constant || !s->size)
        return lower_failed(l, "a scale is computed (give constants)");
    for (uint32_t e = 0; e < s->size; e++)
        if (!power_of_two(s->constant[e]) || s->constant[e] != s->constant[0])
            return op_wrong(l->g, n, l->m,
                            "scale %g is no power of two, or they differ (train with one scale 2^n a "
                            "tensor: only that is a number format)",
                            s->constant[e]);
    frexp(s->constant[0], exponent);
    --*exponent;
    return 0;
}

int lower_scale(struct lowering *l, const struct net_node *n, int *exponent)
{
    const struct net_tensor *zero = n->inputs > 2 && n->op != NET_BIPOLAR ? op_input(l->g, n, 2) : NULL;
    if (one_exponent(l, n, op_input(l->g, n, 1), exponent) < 0)
        return -1;
    if (zero && !zero->constant)
        return lower_failed(l, "a zero point is computed (give constants)");
    for (uint32_t e = 0; zero && e < zero->size; e++)
        if (zero->constant[e] != 0)
            return op_wrong(l->g, n, l->m, "zero point %g (train with 0: formats are centred)",
                            zero->constant[e]);
    return 0;
}

/* The type without its rounding that bits in units of 2^exponent and the node's attributes are. */
static int bits_type(struct lowering *l, const struct net_node *n, const struct net_tensor *bits,
                     int exponent, struct fixed_type *t)
{
    bool is_signed = op_integer(n, "signed", 1), narrow = op_integer(n, "narrow", 0);
    for (uint32_t e = 1; e < bits->size; e++)
        if (bits->constant[e] != bits->constant[0])
            return op_wrong(l->g, n, l->m, "bit widths differ within the tensor");
    *t = (struct fixed_type){.width = (uint8_t)bits->constant[0],
                             .is_signed = is_signed,
                             .overflow = narrow ? FIXED_SAT_SYM : FIXED_SAT};
    t->integer = (int16_t)(t->width + exponent);
    if (narrow && !is_signed)
        return op_wrong(l->g, n, l->m, "narrow: 1 with unsigned numbers has no fixed-point mode (give 0)");
    struct message why;
    return fixed_type_check(t, &why) < 0 ? op_wrong(l->g, n, l->m, "%s", why.text) : 0;
}

/* The number format that a Quant node is. */
int lower_quant_type(struct lowering *l, const struct net_node *n, struct fixed_type *t)
{
    int exponent;
    if (lower_scale(l, n, &exponent) < 0 || bits_type(l, n, op_input(l->g, n, 3), exponent, t) < 0)
        return -1;
    return round_of(l, op_word(n, "rounding_mode", "ROUND"), &t->round);
}

/* out = cast(2^-exponent * x) */
static int lower_cast(struct lowering *l, int exponent, const struct fixed_type *type)
{
    struct affine a = {.weight_fraction = exponent, .of = lower_same_element};
    const struct quantised_tensor *x = lower_operand(l, 0);
    if (!x)
        return -1;
    a.weight = lower_get(l, x->size, sizeof *a.weight);
    if (!a.weight)
        return lower_no_memory(l);
    for (uint32_t e = 0; e < x->size; e++)
        a.weight[e] = 1;
    return lower_affine(l, &a, l->q->of_graph[l->node->input[0]], l->node->output[0], type);
}

int lower_quant(struct lowering *l)
{
    struct fixed_type type;
    if (lower_quant_type(l, l->node, &type) < 0)
        return -1;
    const struct fixed_type *given = net_format_of(l->f, l->g->tensor[l->node->output[0]].name);
    return lower_cast(l, 0, given ? given : &type);
}

int lower_linear_quant(struct lowering *l)
{
    int exponent;
    if (lower_scale(l, l->node, &exponent) < 0)
        return -1;
    if (l->node->op == NET_DEQUANTIZE)
        return lower_cast(l, -exponent, NULL);
    uint8_t element = l->g->tensor[l->node->output[0]].element, width = element <= ELEMENT_INT8 ? 8 : 16;
    struct fixed_type type = {.width = width,
                              .integer = width,
                              .round = FIXED_RND_CONV,
                              .overflow = FIXED_SAT,
                              .is_signed = element == ELEMENT_INT8 || element == ELEMENT_INT16};
    return lower_cast(l, exponent, &type);
}

/* Version 2: the type that scale and bits of the output are. */
static int trunc_to_scale(struct lowering *l)
{
    int exponent;
    struct fixed_type type;
    const struct net_node *n = l->node;
    if (one_exponent(l, n, op_input(l->g, n, 4), &exponent) < 0 ||
        bits_type(l, n, op_input(l->g, n, 5), exponent, &type) < 0 ||
        round_of(l, op_word(n, "rounding_mode", "FLOOR"), &type.round) < 0)
        return -1;
    return lower_cast(l, 0, &type);
}

/* The low bits of an integer in units of the scale go away; in version 1 the scale stays. */
int lower_trunc(struct lowering *l)
{
    int exponent;
    const struct quantised_tensor *x = lower_operand(l, 0);
    if (!x || lower_scale(l, l->node, &exponent) < 0)
        return -1;
    if (l->node->inputs == 6)
        return fixed_fraction(&x->type) > -exponent
                   ? lower_failed(l, "its input is finer than its scale (put a Quant before it)")
                   : trunc_to_scale(l);
    int drop = (int)(op_input(l->g, l->node, 3)->constant[0] - op_input(l->g, l->node, 4)->constant[0]);
    if (fixed_fraction(&x->type) > -exponent)
        return lower_failed(l, "its input is finer than its scale (put a Quant before it)");
    if (drop < 0)
        return lower_failed(l, "gives more bits than it takes");
    int width = x->type.width + 1;
    struct fixed_type type = {.width = (uint8_t)(width < FIXED_MAX_WIDTH ? width : FIXED_MAX_WIDTH),
                              .is_signed = 1,
                              .overflow = FIXED_SAT};
    type.integer = (int16_t)(type.width + exponent);
    if (round_of(l, op_word(l->node, "rounding_mode", "FLOOR"), &type.round) < 0)
        return -1;
    return lower_cast(l, drop, &type);
}

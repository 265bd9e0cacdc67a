/* The graph itself: folding, simplification, intervals and the passes, on random graphs. The oracle evaluates
 * every operation that was asked for, one by one, without any graph. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/share.h"

#include <stdlib.h>
#include <string.h>

enum { GRAPHS = 400, OPERATIONS = 60, SAMPLES = 12, INPUTS = 4, OUTPUTS = 12, MOST_BITS = 40 };

static const unsigned widths[INPUTS] = {1, 7, 12, 16};

/* A graph under construction and what its nodes are for each sample. */
struct trial {
    struct hls_fn *fn;
    uint64_t state;
    hls_int in[SAMPLES][INPUTS];
    hls_id id[INPUTS + OPERATIONS + 8];
    hls_int value[INPUTS + OPERATIONS + 8][SAMPLES];
    unsigned n;
};

static unsigned pick(struct trial *t, unsigned n)
{
    return (unsigned)(bench_random(&t->state) % n);
}

static void add(struct trial *t, hls_id id, const hls_int value[SAMPLES])
{
    t->id[t->n] = id;
    memcpy(t->value[t->n++], value, SAMPLES * sizeof *value);
}

static void add_inputs(struct trial *t)
{
    static char type[] = "int", name[] = "x";
    for (unsigned i = 0; i < INPUTS; i++) {
        struct hls_port p = {.name = name, .type = type, .is_signed = i == 2, .width = widths[i], .count = 1};
        hls_fn_add_port(t->fn, &p);
    }
    struct hls_port y = {
        .name = name, .type = type, .is_output = true, .is_signed = true, .width = 64, .count = OUTPUTS};
    hls_fn_add_port(t->fn, &y);
    for (unsigned i = 0; i < INPUTS; i++) {
        hls_int value[SAMPLES];
        for (unsigned s = 0; s < SAMPLES; s++) {
            hls_int bits = (hls_int)(bench_random(&t->state) & ((1u << widths[i]) - 1));
            value[s] = t->in[s][i] = i == 2 ? bits - (1 << (widths[i] - 1)) : bits;
        }
        add(t, hls_input(t->fn, i), value);
    }
}

static void add_constant(struct trial *t)
{
    hls_int value[SAMPLES], c = (hls_int)pick(t, 257) - 128;
    if (pick(t, 3) == 0)
        c = hls_two_to(pick(t, 12)) - pick(t, 2);
    for (unsigned s = 0; s < SAMPLES; s++)
        value[s] = c;
    add(t, hls_const(t->fn, c), value);
}

static bool fits(const struct trial *t, unsigned i, hls_int lo, hls_int hi)
{
    const struct hls_node *n = &t->fn->node[t->id[i]];
    return n->lo >= lo && n->hi <= hi;
}

/* An operation on nodes already there, if its operands suit it; its value comes from hls_evaluate() alone. */
static void add_operation(struct trial *t)
{
    enum hls_op op = (enum hls_op)(HLS_ADD + pick(t, HLS_ROM - HLS_ADD));
    unsigned a = pick(t, t->n), b = pick(t, t->n), c = pick(t, t->n);
    hls_int big = hls_two_to(MOST_BITS), imm = 0;
    if (op == HLS_SHL || op == HLS_SHR || op == HLS_WRAPU || op == HLS_WRAPS)
        imm = 1 + pick(t, 14);
    if (op == HLS_SELECT && !fits(t, a, 0, 1))
        a = 0;
    if ((op == HLS_SHLV || op == HLS_SHRV) && !fits(t, b, 0, 15))
        return;
    if (!fits(t, a, -big, big) || !fits(t, b, -big, big) || !fits(t, c, -big, big))
        return;
    unsigned operands = hls_op_info[op].operands;
    hls_int value[SAMPLES];
    for (unsigned s = 0; s < SAMPLES; s++) {
        hls_int arg[] = {t->value[a][s], t->value[b][s], t->value[c][s]};
        value[s] = hls_evaluate(t->fn, op, imm, arg);
    }
    add(t,
        hls_make(t->fn, op, imm, t->id[a], operands > 1 ? t->id[b] : HLS_NONE,
                 operands > 2 ? t->id[c] : HLS_NONE),
        value);
}

static void grow(struct trial *t, uint64_t seed)
{
    *t = (struct trial){.fn = hls_fn_new("trial"), .state = seed};
    add_inputs(t);
    for (unsigned i = 0; i < OPERATIONS; i++)
        if (pick(t, 6) == 0)
            add_constant(t);
        else
            add_operation(t);
}

/* The outputs are the last nodes, backwards. */
static unsigned node_of_output(const struct trial *t, unsigned output)
{
    return t->n - 1 - output % t->n;
}

static void set_outputs(struct trial *t)
{
    for (unsigned o = 0; o < OUTPUTS; o++)
        t->fn->output[o] = hls_unary(t->fn, HLS_WRAPS, t->id[node_of_output(t, o)], 64);
}

static hls_int wrapped(const struct trial *t, hls_int value)
{
    hls_int arg[HLS_MAX_OPERANDS] = {value};
    return hls_evaluate(t->fn, HLS_WRAPS, 64, arg);
}

/* Samples and outputs that differ from the oracle. */
static unsigned wrong_outputs(const struct trial *t)
{
    unsigned wrong = 0;
    for (unsigned s = 0; s < SAMPLES; s++) {
        hls_int got[OUTPUTS];
        wrong += hls_interpret(t->fn, NULL, t->in[s], got) != 0;
        for (unsigned o = 0; o < OUTPUTS; o++)
            wrong += got[o] != wrapped(t, t->value[node_of_output(t, o)][s]);
    }
    return wrong;
}

static void test_simplification_and_intervals_keep_every_value(void)
{
    unsigned wrong = 0;
    for (unsigned g = 0; g < GRAPHS; g++) {
        struct trial t;
        grow(&t, test_seed() + g);
        while (t.n > 1) {
            set_outputs(&t);
            wrong += wrong_outputs(&t);
            t.n = t.n > OUTPUTS ? t.n - OUTPUTS : 1;
        }
        hls_fn_free(t.fn);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_passes_keep_every_value(void)
{
    unsigned wrong = 0;
    for (unsigned g = 0; g < GRAPHS; g++) {
        struct trial t;
        grow(&t, test_seed() + 100000 + g);
        set_outputs(&t);
        hls_pass_multiply(t.fn);
        wrong += hls_verify(t.fn, "multiply") || wrong_outputs(&t);
        hls_pass_linear(t.fn, 240, 0);
        wrong += hls_verify(t.fn, "linear") || wrong_outputs(&t);
        hls_pass_balance(t.fn, 240);
        wrong += hls_verify(t.fn, "balance") || wrong_outputs(&t);
        hls_pass_demand(t.fn);
        wrong += hls_pass_schedule(t.fn, 240) || hls_verify(t.fn, "schedule");
        hls_fn_free(t.fn);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* --- sharing --- */

enum { ROWS = 12, COLUMNS = 9 };

static double weight_of(const struct hls_digit_row *row, const unsigned *depth)
{
    double sum = row->constant;
    for (size_t i = 0; i < row->digits; i++)
        sum += (double)(1u << depth[row->digit[i].symbol]);
    return sum;
}

static unsigned least_depth(double weight)
{
    unsigned d = 0;
    while ((double)(1u << d) < weight)
        d++;
    return d;
}

/* What each symbol is as a sum over the columns, from the definitions. */
static void expand(const struct hls_shared *shared, size_t made, hls_int (*sum)[COLUMNS], unsigned *depth)
{
    for (unsigned i = 0; i < COLUMNS; i++)
        sum[i][i] = 1;
    for (size_t s = 0; s < made; s++) {
        const struct hls_shared *d = &shared[s];
        for (unsigned i = 0; i < COLUMNS; i++) {
            hls_int a = sum[d->first][i] * hls_two_to(d->shift < 0 ? (unsigned)-d->shift : 0);
            hls_int b = sum[d->second][i] * hls_two_to(d->shift > 0 ? (unsigned)d->shift : 0);
            sum[COLUMNS + s][i] = d->minus ? a - b : a + b;
        }
        unsigned x = depth[d->first], y = depth[d->second];
        depth[COLUMNS + s] = (x > y ? x : y) + 1;
    }
}

static void check_row(const struct hls_digit_row *row, hls_int (*sum)[COLUMNS], const int *weight)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        hls_int total = 0;
        for (size_t d = 0; d < row->digits; d++) {
            hls_int part = sum[row->digit[d].symbol][i] * hls_two_to((unsigned)row->digit[d].shift);
            total += row->digit[d].minus ? -part : part;
        }
        CU_ASSERT_TRUE(total == weight[i]);
    }
}

static void test_sharing_keeps_rows_and_depth_and_saves_adders(void)
{
    int weight[ROWS][COLUMNS];
    struct hls_digit_row row[ROWS] = {0};
    uint64_t state = test_seed();
    size_t before = 0, after = 0, made;
    unsigned limit[ROWS], zero[COLUMNS] = {0};
    for (unsigned r = 0; r < ROWS; r++) {
        for (unsigned i = 0; i < COLUMNS; i++) {
            weight[r][i] = (int)(bench_random(&state) % 255) - 127;
            hls_row_add(&row[r], i, weight[r][i]);
        }
        row[r].constant = r % 2;
        limit[r] = least_depth(weight_of(&row[r], zero));
        before += row[r].digits - 1;
    }
    struct hls_shared *shared = hls_share(row, ROWS, COLUMNS, &made);
    hls_int(*sum)[COLUMNS] = hls_allocate(COLUMNS + made, sizeof *sum);
    unsigned *depth = hls_allocate(COLUMNS + made, sizeof *depth);
    expand(shared, made, sum, depth);
    for (unsigned r = 0; r < ROWS; r++) {
        check_row(&row[r], sum, weight[r]);
        CU_ASSERT_TRUE(least_depth(weight_of(&row[r], depth)) <= limit[r]);
        after += row[r].digits - 1;
        free(row[r].digit);
    }
    printf("sharing: %zu adders become %zu\n", before, after + made);
    CU_ASSERT_TRUE(after + made < before * 3 / 4);
    free(sum);
    free(depth);
    free(shared);
}

/* --- the verifier sees what it is there for --- */

static void test_verifier_sees_faults(void)
{
    struct trial t;
    grow(&t, test_seed());
    set_outputs(&t);
    t.fn->output[0] = hls_binary(t.fn, HLS_ADD, t.id[1], t.id[2]);
    CU_ASSERT_EQUAL_FATAL(hls_verify(t.fn, "test"), 0);
    struct hls_node *n = &t.fn->node[t.fn->output[0]], good = *n;
    n->arg[1] = t.fn->output[0];
    CU_ASSERT_NOT_EQUAL(hls_verify(t.fn, "test: own operand"), 0);
    *n = good;
    n->lo = n->hi + 1;
    CU_ASSERT_NOT_EQUAL(hls_verify(t.fn, "test: empty interval"), 0);
    *n = good;
    n->hi = hls_two_to(70);
    CU_ASSERT_NOT_EQUAL(hls_verify(t.fn, "test: output too wide"), 0);
    *n = good;
    n->demand = 3;
    CU_ASSERT_NOT_EQUAL(hls_verify(t.fn, "test: operand not demanded"), 0);
    hls_fn_free(t.fn);
}

TEST_MAIN("hls/ir", TEST(test_simplification_and_intervals_keep_every_value),
          TEST(test_passes_keep_every_value), TEST(test_sharing_keeps_rows_and_depth_and_saves_adders),
          TEST(test_verifier_sees_faults))

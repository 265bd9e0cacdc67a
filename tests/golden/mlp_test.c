#include "golden/network/mlp.h"
#include "golden/stimulus/rng.h"
#include "models/baseline_weights.h"
#include "models/student_weights.h"
#include "tests/harness.h"

#include <math.h>
#include <string.h>

/* A network as numbers of a size that no rounding touches: exact, and not written like the code under
 * test. */
struct plain {
    unsigned layers;
    const unsigned char *size, *shift;
    const signed char *w[MLP_MAX_LAYERS];
    const short *b[MLP_MAX_LAYERS];
};

static const struct plain student = {
    STUDENT_LAYERS, student_size, student_shift,
    {student_w0[0], student_w1[0], student_w2[0], student_w3[0], student_w4[0]},
    {student_b0, student_b1, student_b2, student_b3, student_b4}};
static const struct plain baseline = {
    BASELINE_LAYERS, baseline_size, baseline_shift,
    {baseline_w0[0], baseline_w1[0], baseline_w2[0], baseline_w3[0]},
    {baseline_b0, baseline_b1, baseline_b2, baseline_b3}};

static double limited(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* docs/chain.md in doubles: all sums are far below 2^53, division by a power of two is exact, floor is
 * floor. */
static void oracle(const struct plain *net, const double *x, double *out)
{
    double in[MLP_MAX_WIDTH];
    memcpy(in, x, net->size[0] * sizeof *in);
    for (unsigned l = 0; l < net->layers; l++) {
        int last = l + 1 == net->layers;
        for (unsigned o = 0; o < net->size[l + 1]; o++) {
            double acc = net->b[l][o];
            for (unsigned i = 0; i < net->size[l]; i++)
                acc += net->w[l][o * net->size[l] + i] * in[i];
            acc = floor((acc + ldexp(1, net->shift[l] - 1)) / ldexp(1, net->shift[l]));
            out[o] = last ? limited(acc, -32768, 32767) : limited(acc, 0, 127);
        }
        memcpy(in, out, net->size[l + 1] * sizeof *in);
    }
}

static void oracle_features(uint64_t word, double *x)
{
    struct gmt_muon m;
    gmt_unpack((gmt_word){word}, GMT_LAYOUT_2017, &m);
    double phi = m.phi > 575 ? 575 : m.phi;
    x[0] = floor((phi - 288) / 4);
    x[1] = floor(m.eta / 2.0);
    x[2] = floor(m.pt / 2.0) - 128;
    x[3] = m.charge_sign ? -64 : 64;
    x[4] = (m.quality - 8.0) * 8;
}

static int same(const struct correction *c, const double *out)
{
    return c->phi == out[0] && c->eta == out[1] && c->pt == out[2];
}

static void check_net(const struct plain *plain, const struct mlp *net, uint64_t seed)
{
    enum { N = 3000 };
    static gmt_word muon[N];
    static struct correction batch[N];
    struct rng r;
    unsigned wrong = 0, moved = 0;
    rng_seed(&r, seed);
    for (unsigned i = 0; i < N; i++)
        muon[i].v = rng_next(&r);
    mlp_correct_batch(net, muon, N, batch);
    for (unsigned i = 0; i < N; i++) {
        double x[MLP_MAX_FEATURES], out[MLP_MAX_WIDTH];
        struct correction one;
        oracle_features(muon[i].v, x);
        oracle(plain, x, out);
        mlp_correct(net, muon[i], &one);
        wrong += !same(&one, out) + !same(&batch[i], out);
        moved += one.phi != batch[0].phi;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(moved > N / 10); /* the inputs reach the outputs */
}

static void test_both_networks_against_exact_arithmetic(void)
{
    check_net(&student, &mlp_student, test_seed());
    check_net(&baseline, &mlp_baseline, test_seed() + 1);
}

static void test_batches_of_any_length(void)
{
    gmt_word muon[200];
    struct rng r;
    rng_seed(&r, test_seed() + 2);
    for (unsigned i = 0; i < 200; i++)
        muon[i].v = rng_next(&r);
    for (size_t n = 0; n < 200; n += 1 + n / 7) {
        struct correction batch[200], one;
        memset(batch, 0x5a, sizeof batch);
        mlp_correct_batch(&mlp_student, muon, n, batch);
        for (size_t i = 0; i < n; i++) {
            mlp_correct(&mlp_student, muon[i], &one);
            CU_ASSERT_EQUAL(memcmp(&one, &batch[i], sizeof one), 0);
        }
        for (size_t i = n; i < 200; i++)
            CU_ASSERT_EQUAL(batch[i].phi, 0x5a5a);
    }
}

static void test_features_at_their_limits(void)
{
    static const struct {
        uint64_t word;
        int8_t x[MLP_MAX_FEATURES];
    } known[] = {
        {0, {-72, 0, -128, 64, -64}},
        {UINT64_MAX, {71, -1, 127, -64, 56}},
        {575, {71, 0, -128, 64, -64}},
        {576, {71, 0, -128, 64, -64}},
        {287, {-1, 0, -128, 64, -64}},
        {UINT64_C(0x0ff) << 23, {-72, 127, -128, 64, -64}},
        {UINT64_C(0x100) << 23, {-72, -128, -128, 64, -64}},
        {UINT64_C(511) << 10, {-72, 0, 127, 64, -64}},
        {UINT64_C(1) << 34 | UINT64_C(12) << 19, {-72, 0, -128, -64, 32}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int8_t x[MLP_MAX_FEATURES] = {99, 99, 99, 99, 99};
        mlp_features((gmt_word){known[i].word}, x, 5);
        CU_ASSERT_EQUAL(memcmp(x, known[i].x, sizeof x), 0);
        x[4] = 99;
        mlp_features((gmt_word){known[i].word}, x, 4);
        CU_ASSERT_EQUAL(x[4], 99);
    }
}

/* Sums that run into every limit: weights at their ends, smallest and largest shifts. */
static void test_saturation(void)
{
    static const uint8_t size[] = {2, 3, 3};
    static const int8_t w0[] = {127, 127, -128, -128, 1, 0}, w1[] = {127, 127, 127, -128, -128, -128, 1, 0,
                                                                     0};
    static const int16_t b0[] = {0, 0, 32767}, b1[] = {32767, -32768, -1};
    for (unsigned s = 1; s <= 8; s += 7) {
        uint8_t shift[] = {(uint8_t)s, 1};
        struct mlp net = {"limits", 2, size, shift, {w0, w1}, {b0, b1}};
        struct plain plain = {2, size, shift, {w0, w1}, {b0, b1}};
        for (int a = -128; a < 128; a += 5)
            for (int b = -128; b < 128; b += 15) {
                int8_t x[] = {(int8_t)a, (int8_t)b};
                double in[] = {a, b}, expected[MLP_MAX_WIDTH];
                int16_t out[MLP_OUTPUTS];
                oracle(&plain, in, expected);
                mlp_evaluate(&net, x, out);
                CU_ASSERT(out[0] == expected[0] && out[1] == expected[1] && out[2] == expected[2]);
            }
    }
}

static void test_networks_are_found_by_name(void)
{
    CU_ASSERT_PTR_EQUAL(mlp_find("student"), &mlp_student);
    CU_ASSERT_PTR_EQUAL(mlp_find("baseline"), &mlp_baseline);
    CU_ASSERT_PTR_NULL(mlp_find("teacher"));
}

TEST_MAIN("golden/mlp", TEST(test_both_networks_against_exact_arithmetic), TEST(test_batches_of_any_length),
          TEST(test_features_at_their_limits), TEST(test_saturation), TEST(test_networks_are_found_by_name))

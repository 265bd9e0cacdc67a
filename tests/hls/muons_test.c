/* The muon kernels against golden/formats/muon.h and the formulas in double precision. */
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "golden/formats/muon.h"
#include "hls/compiler/memory.h"
#include "hls/kernels/dimuon_tables.h"
#include "hls/kernels/extrapolation_tables.h"

#include <math.h>
#include <stdlib.h>

enum { TRIALS = 5000, MOST_TURN = 127 };

static const double BOARD_MHZ = 240.4734, PHI_STEP = 6.283185307179586477 / 576, ETA_STEP = 0.010875;

/* --- tables --- */

/* k(|eta|) of extrapolate_muon.c. */
static double bending(double eta)
{
    return 2.84 * fmin(1, 1.283 / sinh(eta));
}

static void test_tables_follow_their_rules(void)
{
    for (int n = 0; n <= 450; n++)
        CU_ASSERT_EQUAL(cosh_of_eta[n], (int)lround(4096 * cosh(ETA_STEP * n)));
    for (int n = 0; n <= 288; n++)
        CU_ASSERT_EQUAL(cos_of_phi[n], (int)lround(4096 * cos(PHI_STEP * n)));
    for (int n = 0; n < 64; n++)
        CU_ASSERT_EQUAL(bend_at_eta[n], (int)lround(16 * bending((4 * n + 2) * ETA_STEP) / PHI_STEP));
    for (int n = 0; n < 128; n++)
        CU_ASSERT_EQUAL(inverse_pt[n], (int)lround(4096 / (0.5 * (n > 2 ? n - 1 : 1))));
}

/* --- kernels --- */

static struct bench *open_kernel(const char *name)
{
    struct bench *b = bench_new();
    char *path = hls_text("hls/kernels/%s.c", name);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, path, name, BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O2"), 0);
    free(path);
    return b;
}

/* Within the codes that the uGMT sends; no muon, one valid charge in four more often than chance would do it.
 */
static gmt_word random_muon(uint64_t *state, enum gmt_layout layout)
{
    struct gmt_muon m = {0};
    gmt_word w = {bench_random(state)};
    gmt_unpack(w, layout, &m);
    m.phi = m.phi_raw = (uint16_t)(bench_random(state) % GMT_PHI_CODES);
    m.eta = m.eta_raw = (int16_t)(bench_random(state) % (2 * GMT_ETA_MAX + 1)) - GMT_ETA_MAX;
    m.pt = bench_random(state) % 8 ? m.pt >> bench_random(state) % 9 : 0;
    m.reserved = 0;
    return gmt_pack(&m, layout);
}

static void put_word(uint32_t in[2], gmt_word w)
{
    in[0] = (uint32_t)w.v;
    in[1] = (uint32_t)(w.v >> 32);
}

static void check_unpacked(gmt_word w, const uint32_t out[8])
{
    CU_ASSERT_EQUAL(out[0], gmt_pt(w) != 0);
    CU_ASSERT_EQUAL(out[1], lround(1000 * gmt_pt_gev(gmt_pt(w))));
    CU_ASSERT_EQUAL((int32_t)out[2], lround(1e6 * gmt_eta_value(gmt_eta(w))));
    CU_ASSERT_TRUE(fabs((int32_t)out[3] - 1e6 * gmt_phi_value(gmt_phi(w))) < 1);
    CU_ASSERT_EQUAL((int32_t)out[4], gmt_charge(w));
    CU_ASSERT_EQUAL(out[5], gmt_quality(w));
    CU_ASSERT_EQUAL(out[6], gmt_iso(w));
    CU_ASSERT_EQUAL(out[7], (uint32_t)gmt_finder_of(gmt_index(w)));
}

static void test_fields_get_their_physical_meaning(void)
{
    struct bench *b = open_kernel("unpack_muon");
    uint64_t state = test_seed();
    for (int t = 0; t < TRIALS; t++) {
        gmt_word w = random_muon(&state, GMT_LAYOUT_2017);
        uint32_t in[2], out[8];
        put_word(in, w);
        b->kernel[0].native->call(in, out);
        check_unpacked(w, out);
    }
    bench_free(b);
}

/* --- mass --- */

/* In GeV^2. */
static double mass_squared(gmt_word a, gmt_word b)
{
    double eta = ETA_STEP * (gmt_eta(a) - gmt_eta(b)), phi = PHI_STEP * ((int)gmt_phi(a) - (int)gmt_phi(b));
    return 2 * gmt_pt_gev(gmt_pt(a)) * gmt_pt_gev(gmt_pt(b)) * (cosh(eta) - cos(phi));
}

static void check_mass(gmt_word a, gmt_word b, const uint32_t out[4])
{
    bool found = gmt_pt(a) && gmt_pt(b);
    double bound = gmt_pt_gev(gmt_pt(a)) * gmt_pt_gev(gmt_pt(b)) / 2048;
    double m2 = ldexp((double)((uint64_t)out[3] << 32 | out[2]), -13);
    CU_ASSERT_EQUAL(out[0], found);
    CU_ASSERT_EQUAL(out[1], gmt_charge(a) * gmt_charge(b) < 0);
    CU_ASSERT_TRUE(fabs(m2 - (found ? mass_squared(a, b) : 0)) <= bound);
}

static void test_the_mass_is_within_its_bound(void)
{
    struct bench *b = open_kernel("dimuon_mass");
    uint64_t state = test_seed();
    for (int t = 0; t < TRIALS; t++) {
        gmt_word first = random_muon(&state, GMT_LAYOUT_2017), second = random_muon(&state, GMT_LAYOUT_2017);
        uint32_t in[4], out[4];
        put_word(in, first);
        put_word(in + 2, second);
        b->kernel[0].native->call(in, out);
        check_mass(first, second, out);
    }
    bench_free(b);
}

/* --- extrapolation --- */

static void check_bent(const struct gmt_muon *station, const struct gmt_muon *vertex)
{
    int eta = station->eta_raw, dphi = gmt_delta_phi(vertex->phi, station->phi_raw, station->charge_sign);
    double pt = fmax(gmt_pt_gev(station->pt), 0.5), middle = (abs(eta) / 4 * 4 + 2) * ETA_STEP;
    double turn = fmin(bending(middle) / pt / PHI_STEP, MOST_TURN), shift = fmin(5.5 / pt, abs(eta));
    CU_ASSERT_TRUE(fabs(dphi - (station->charge_sign ? -turn : turn)) <= 1);
    CU_ASSERT_TRUE(fabs(abs(eta) - shift - abs(vertex->eta)) <= 0.51);
    CU_ASSERT_TRUE(vertex->eta * eta >= 0);
}

static void check_extrapolated(gmt_word in, gmt_word out)
{
    struct gmt_muon station, vertex;
    gmt_unpack(in, GMT_LAYOUT_2016, &station);
    gmt_unpack(out, GMT_LAYOUT_2017, &vertex);
    CU_ASSERT_EQUAL(vertex.phi_raw, station.phi_raw);
    CU_ASSERT_EQUAL(vertex.eta_raw, station.eta_raw);
    CU_ASSERT_EQUAL((in.v ^ out.v) & 0x7ff007ffc00u, 0);
    CU_ASSERT_EQUAL(vertex.type, 0);
    if (station.pt && station.pt <= GMT_EXTRAPOLATION_PT_MAX)
        check_bent(&station, &vertex);
    else
        CU_ASSERT_TRUE(vertex.phi == station.phi_raw && vertex.eta == station.eta_raw);
}

static void test_muons_are_extrapolated_to_the_vertex(void)
{
    struct bench *b = open_kernel("extrapolate_muon");
    uint64_t state = test_seed();
    for (int t = 0; t < TRIALS; t++) {
        gmt_word w = random_muon(&state, GMT_LAYOUT_2016);
        uint32_t in[2], out[2];
        put_word(in, w);
        b->kernel[0].native->call(in, out);
        check_extrapolated(w, (gmt_word){(uint64_t)out[1] << 32 | out[0]});
    }
    bench_free(b);
}

/* From public patterns (domain.md 1.5): where the model is to lie near the experiment's tables. */
static void test_published_muons_are_near(void)
{
    static const uint64_t published[] = {0x26502e989b601235, 0x0bc0e92c2ee02e29, 0x0aa1a92a2ae11c39};
    struct bench *b = open_kernel("extrapolate_muon");
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        struct gmt_muon m, station, vertex;
        uint32_t in[2], out[2];
        gmt_unpack((gmt_word){published[i]}, GMT_LAYOUT_2017, &m);
        station = m;
        put_word(in, gmt_pack(&station, GMT_LAYOUT_2016));
        b->kernel[0].native->call(in, out);
        gmt_unpack((gmt_word){(uint64_t)out[1] << 32 | out[0]}, GMT_LAYOUT_2017, &vertex);
        CU_ASSERT_TRUE(abs(vertex.phi - m.phi) <= 4 && abs(vertex.eta - m.eta) <= 1);
    }
    bench_free(b);
}

TEST_MAIN("hls/muons", TEST(test_tables_follow_their_rules), TEST(test_fields_get_their_physical_meaning),
          TEST(test_the_mass_is_within_its_bound), TEST(test_muons_are_extrapolated_to_the_vertex),
          TEST(test_published_muons_are_near))

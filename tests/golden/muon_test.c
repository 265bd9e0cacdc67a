#include "golden/formats/muon.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <math.h>
#include <string.h>

/* domain.md 1.5: public 2017 captures, decoded. */
struct decoded {
    uint64_t word;
    struct gmt_muon m;
};

static const struct decoded public_words[] = {
    {0x0e64483e39e3bc89, {.phi = 137, .pt = 239, .quality = 12, .eta = 115, .iso = 2, .charge_sign = 1,
                          .charge_valid = 1, .index = 3, .phi_raw = 137, .eta_raw = 115}},
    {0x26502e989b601235, {.phi = 565, .pt = 4, .quality = 12, .eta = -202, .iso = 0, .charge_sign = 0,
                          .charge_valid = 1, .index = 105, .phi_raw = 517, .eta_raw = -206}},
    {0x0bc0e92c2ee02e29, {.phi = 553, .pt = 11, .quality = 12, .eta = 93, .iso = 0, .charge_sign = 1,
                          .charge_valid = 1, .index = 18, .phi_raw = 29, .eta_raw = 94}},
    {0x0ec4683e3b620c8d, {.phi = 141, .pt = 131, .quality = 12, .eta = 118, .iso = 2, .charge_sign = 1,
                          .charge_valid = 1, .index = 3, .phi_raw = 141, .eta_raw = 118}},
    {0x0aa1a92a2ae11c39, {.phi = 57, .pt = 71, .quality = 12, .eta = 85, .iso = 2, .charge_sign = 0,
                          .charge_valid = 1, .index = 18, .phi_raw = 53, .eta_raw = 85}},
};

static void test_public_words_decode(void)
{
    for (size_t i = 0; i < sizeof public_words / sizeof *public_words; i++) {
        gmt_word w = {public_words[i].word};
        const struct gmt_muon *m = &public_words[i].m;
        struct gmt_muon got;
        gmt_unpack(w, GMT_LAYOUT_2017, &got);
        CU_ASSERT_EQUAL(memcmp(&got, m, sizeof got), 0);
        CU_ASSERT_EQUAL(gmt_pack(m, GMT_LAYOUT_2017).v, w.v);
        CU_ASSERT_EQUAL(gmt_phi(w), m->phi);
        CU_ASSERT_EQUAL(gmt_pt(w), m->pt);
        CU_ASSERT_EQUAL(gmt_quality(w), m->quality);
        CU_ASSERT_EQUAL(gmt_eta(w), m->eta);
        CU_ASSERT_EQUAL(gmt_iso(w), m->iso);
        CU_ASSERT_EQUAL(gmt_charge_sign(w), m->charge_sign);
        CU_ASSERT_EQUAL(gmt_charge_valid(w), m->charge_valid);
        CU_ASSERT_EQUAL(gmt_charge(w), m->charge_sign ? -1 : 1);
        CU_ASSERT_EQUAL(gmt_index(w), m->index);
        CU_ASSERT_EQUAL(gmt_phi_raw(w), m->phi_raw);
    }
}

/* The table of domain.md 1.1 once more, written as text: layout, name, lowest bit, bits. */
struct position {
    enum gmt_layout layout;
    const char *name;
    unsigned low, bits;
};

static const struct position positions[] = {
    {GMT_LAYOUT_2016, "phi_raw", 0, 10},      {GMT_LAYOUT_2016, "pt", 10, 9},
    {GMT_LAYOUT_2016, "quality", 19, 4},      {GMT_LAYOUT_2016, "eta_raw", 23, 9},
    {GMT_LAYOUT_2016, "iso", 32, 2},          {GMT_LAYOUT_2016, "charge_sign", 34, 1},
    {GMT_LAYOUT_2016, "charge_valid", 35, 1}, {GMT_LAYOUT_2016, "index", 36, 7},
    {GMT_LAYOUT_2016, "reserved", 43, 21},

    {GMT_LAYOUT_2017, "phi", 0, 10},          {GMT_LAYOUT_2017, "pt", 10, 9},
    {GMT_LAYOUT_2017, "quality", 19, 4},      {GMT_LAYOUT_2017, "eta", 23, 9},
    {GMT_LAYOUT_2017, "iso", 32, 2},          {GMT_LAYOUT_2017, "charge_sign", 34, 1},
    {GMT_LAYOUT_2017, "charge_valid", 35, 1}, {GMT_LAYOUT_2017, "index", 36, 7},
    {GMT_LAYOUT_2017, "phi_raw", 43, 10},     {GMT_LAYOUT_2017, "eta_raw", 53, 9},
    {GMT_LAYOUT_2017, "type", 62, 2},

    {GMT_LAYOUT_RUN3, "phi", 0, 10},          {GMT_LAYOUT_RUN3, "pt", 10, 9},
    {GMT_LAYOUT_RUN3, "quality", 19, 4},      {GMT_LAYOUT_RUN3, "eta", 23, 9},
    {GMT_LAYOUT_RUN3, "iso", 32, 2},          {GMT_LAYOUT_RUN3, "charge_sign", 34, 1},
    {GMT_LAYOUT_RUN3, "charge_valid", 35, 1}, {GMT_LAYOUT_RUN3, "index", 36, 7},
    {GMT_LAYOUT_RUN3, "phi_raw", 43, 10},     {GMT_LAYOUT_RUN3, "pt_unconstrained", 53, 8},
    {GMT_LAYOUT_RUN3, "shower", 61, 1},       {GMT_LAYOUT_RUN3, "dxy", 62, 2},

    {GMT_LAYOUT_INTERMEDIATE, "pt_unconstrained", 0, 8}, {GMT_LAYOUT_INTERMEDIATE, "reserved", 8, 2},
    {GMT_LAYOUT_INTERMEDIATE, "pt", 10, 9},              {GMT_LAYOUT_INTERMEDIATE, "quality", 19, 4},
    {GMT_LAYOUT_INTERMEDIATE, "eta", 23, 9},             {GMT_LAYOUT_INTERMEDIATE, "iso", 32, 2},
    {GMT_LAYOUT_INTERMEDIATE, "charge_sign", 34, 1},     {GMT_LAYOUT_INTERMEDIATE, "charge_valid", 35, 1},
    {GMT_LAYOUT_INTERMEDIATE, "index", 36, 7},           {GMT_LAYOUT_INTERMEDIATE, "phi_raw", 43, 10},
    {GMT_LAYOUT_INTERMEDIATE, "eta_raw", 53, 9},         {GMT_LAYOUT_INTERMEDIATE, "dxy", 62, 2},
};
enum { N_POSITIONS = sizeof positions / sizeof *positions };

static int is(const struct position *p, const char *name)
{
    return strcmp(p->name, name) == 0;
}

/* Sets a field by name; the value is what the bits say, signed for the two etas. */
static void set(struct gmt_muon *m, const struct position *p, uint32_t bits)
{
    int16_t eta = (int16_t)(bits >= 256 ? (int)bits - 512 : (int)bits);
    if (is(p, "phi"))
        m->phi = (uint16_t)bits;
    else if (is(p, "phi_raw"))
        m->phi_raw = (uint16_t)bits;
    else if (is(p, "pt"))
        m->pt = (uint16_t)bits;
    else if (is(p, "eta"))
        m->eta = eta;
    else if (is(p, "eta_raw"))
        m->eta_raw = eta;
    else if (is(p, "reserved"))
        m->reserved = bits;
    else
        *(is(p, "quality")            ? &m->quality
          : is(p, "iso")              ? &m->iso
          : is(p, "charge_sign")      ? &m->charge_sign
          : is(p, "charge_valid")     ? &m->charge_valid
          : is(p, "index")            ? &m->index
          : is(p, "pt_unconstrained") ? &m->pt_unconstrained
          : is(p, "shower")           ? &m->shower
          : is(p, "dxy")              ? &m->dxy
                                      : &m->type) = (uint8_t)bits;
}

static void test_every_value_of_every_field(void)
{
    for (const struct position *p = positions; p < positions + N_POSITIONS; p++) {
        unsigned wrong = 0;
        for (uint32_t bits = 0; bits < 1u << p->bits; bits++) {
            struct gmt_muon m = {0}, got;
            gmt_word w = {(uint64_t)bits << p->low};
            set(&m, p, bits);
            gmt_unpack(w, p->layout, &got);
            wrong += memcmp(&m, &got, sizeof m) != 0 || gmt_pack(&m, p->layout).v != w.v;
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

static void test_layouts_cover_the_word(void)
{
    uint64_t covered[GMT_LAYOUTS] = {0};
    for (const struct position *p = positions; p < positions + N_POSITIONS; p++) {
        uint64_t mask = ((UINT64_C(1) << p->bits) - 1) << p->low;
        CU_ASSERT_EQUAL(covered[p->layout] & mask, 0);
        covered[p->layout] |= mask;
    }
    for (unsigned l = 0; l < GMT_LAYOUTS; l++)
        CU_ASSERT_EQUAL(covered[l], UINT64_MAX);
}

static void test_random_words_come_back(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    unsigned wrong = 0;
    for (unsigned i = 0; i < 200000; i++) {
        gmt_word w = {rng_next(&r)};
        struct gmt_muon m;
        gmt_unpack(w, (enum gmt_layout)(i % GMT_LAYOUTS), &m);
        wrong += gmt_pack(&m, (enum gmt_layout)(i % GMT_LAYOUTS)).v != w.v;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_delta_phi_follows_the_charge(void)
{
    CU_ASSERT_EQUAL(gmt_delta_phi(553, 29, 1), -52);
    CU_ASSERT_EQUAL(gmt_delta_phi(565, 517, 0), 48);
    CU_ASSERT_EQUAL(gmt_delta_phi(5, 570, 0), 11);
    CU_ASSERT_EQUAL(gmt_delta_phi(137, 137, 1), 0);
    CU_ASSERT_EQUAL(gmt_delta_phi(137, 137, 0), 0);
    unsigned wrong = 0;
    for (unsigned charge = 0; charge < 2; charge++)
        for (unsigned raw = 0; raw < GMT_PHI_CODES; raw++)
            for (unsigned bend = 0; bend < GMT_PHI_CODES; bend++) {
                unsigned phi = (raw + (charge ? GMT_PHI_CODES - bend : bend)) % GMT_PHI_CODES;
                wrong += gmt_delta_phi(phi, raw, charge) != (charge ? -(int)bend : (int)bend);
            }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_index_names_the_finder(void)
{
    static const struct {
        unsigned first, last;
        enum gmt_finder finder;
    } ranges[] = {{0, 17, GMT_EMTF_POS},  {18, 35, GMT_OMTF_POS},  {36, 71, GMT_BMTF},
                  {72, 89, GMT_OMTF_NEG}, {90, 107, GMT_EMTF_NEG}, {108, 127, GMT_FINDERS}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (unsigned index = ranges[i].first; index <= ranges[i].last; index++)
            CU_ASSERT_EQUAL(gmt_finder_of(index), ranges[i].finder);
}

static void test_physical_units(void)
{
    const double pi = acos(-1);
    CU_ASSERT_EQUAL(gmt_pt_gev(0), 0);
    CU_ASSERT_EQUAL(gmt_pt_gev(1), 0);
    CU_ASSERT_EQUAL(gmt_pt_gev(239), 119);
    CU_ASSERT_EQUAL(gmt_pt_gev(511), 255);
    CU_ASSERT_EQUAL(gmt_pt_unconstrained_gev(0), 0);
    CU_ASSERT_EQUAL(gmt_pt_unconstrained_gev(255), 254);
    CU_ASSERT_DOUBLE_EQUAL(gmt_eta_value(225), 2.446875, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(gmt_eta_value(-1), -0.010875, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(gmt_phi_value(0), 0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(gmt_phi_value(1), 0.010908, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(gmt_phi_value(288), -pi, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(gmt_phi_value(575), -pi / 288, 1e-9);
}

static void test_charge_type_and_frame1(void)
{
    gmt_word negative = {UINT64_C(3) << 34}, unknown = {UINT64_C(1) << 34}, present = {5 << 10};
    CU_ASSERT_EQUAL(gmt_charge(negative), -1);
    CU_ASSERT_EQUAL(gmt_charge(unknown), 0);
    CU_ASSERT_EQUAL(gmt_with_type(present, GMT_TYPE_FINAL).v, (UINT64_C(2) << 62 | 5 << 10));
    CU_ASSERT_EQUAL(gmt_with_type(gmt_with_type(present, GMT_TYPE_FINAL), GMT_TYPE_INTERMEDIATE).v,
                    (UINT64_C(1) << 62 | 5 << 10));
    CU_ASSERT_EQUAL(gmt_with_type(negative, GMT_TYPE_FINAL).v, negative.v);
    for (int eta = -256; eta < 256; eta++) {
        uint32_t code = (uint32_t)eta & 0x1ff;
        CU_ASSERT_EQUAL(gmt_frame1_eta(code << 13 | 0x80001fff, 0), eta);
        CU_ASSERT_EQUAL(gmt_frame1_eta(code << 22 | 0x80001fff, 1), eta);
    }
}

TEST_MAIN("golden/muon", TEST(test_public_words_decode), TEST(test_every_value_of_every_field),
          TEST(test_layouts_cover_the_word), TEST(test_random_words_come_back),
          TEST(test_delta_phi_follows_the_charge), TEST(test_index_names_the_finder),
              TEST(test_physical_units),
          TEST(test_charge_type_and_frame1))

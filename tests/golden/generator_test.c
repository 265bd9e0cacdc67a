#include "golden/formats/bx_frames.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/stimulus/filling.h"
#include "golden/stimulus/generator.h"
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORBITS = 20 };

static struct generator *make(const struct generator_cfg *cfg)
{
    struct message m = {""};
    struct generator *g = generator_new(cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    return g;
}

/* Same seed, same BX, in whatever order they are asked for; another seed gives others. */
static void test_a_bx_depends_on_seed_and_place_alone(void)
{
    struct generator_cfg cfg = generator_default(), other;
    cfg.seed = test_seed();
    other = cfg;
    other.seed++;
    struct generator *a = make(&cfg), *b = make(&cfg), *c = make(&other);
    unsigned different = 0, wrong = 0;
    for (uint32_t orbit = 0; orbit < 3; orbit++)
        for (unsigned i = 0; i < BX_PER_ORBIT; i++) {
            uint16_t bx = (uint16_t)(BX_PER_ORBIT - 1 - i);
            struct bx_block x, y, z;
            generator_bx(a, orbit, bx, &x);
            struct bx_source s = generator_source(b);
            wrong += bx_source_next(&s, orbit, bx, &y) != 0;
            generator_bx(c, orbit, bx, &z);
            wrong += memcmp(&x, &y, sizeof x) != 0;
            different += memcmp(&x, &z, sizeof x) != 0;
        }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(different > 500);
    generator_free(a);
    generator_free(b);
    generator_free(c);
}

/* One orbit under seed 1, by digest: it changes only when the generator is changed on purpose. */
static void test_seed_1_is_the_same_on_every_machine(void)
{
    struct generator_cfg cfg = generator_default();
    struct generator *g = make(&cfg);
    uint64_t digest = 0xcbf29ce484222325; /* FNV-1a over one orbit */
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        struct bx_block block;
        generator_bx(g, 7, bx, &block);
        for (unsigned w = 0; w < BX_WORDS; w++)
            digest = (digest ^ block.w[w]) * 0x100000001b3;
    }
    CU_ASSERT_EQUAL(digest, 0x87bd842086fe4dba);
    generator_free(g);
}

struct tally {
    unsigned bx, kept, kept_empty, muons, intermediate, wrong;
    unsigned pt[512], charge[2], finder[GMT_FINDERS], phi[12], quality[16];
};

/* What holds for every muon (domain.md 1.2-1.4). */
static int muon_is_sound(gmt_word w, int eta_raw)
{
    unsigned abs_eta = (unsigned)abs(gmt_eta(w));
    enum gmt_finder f = gmt_finder_of(gmt_index(w));
    int barrel = abs_eta <= 76, overlap = !barrel && abs_eta <= 114;
    int right_finder = barrel    ? f == GMT_BMTF
                       : overlap ? f == (gmt_eta(w) > 0 ? GMT_OMTF_POS : GMT_OMTF_NEG)
                                 : f == (gmt_eta(w) > 0 ? GMT_EMTF_POS : GMT_EMTF_NEG);
    int delta = gmt_delta_phi(gmt_phi(w), gmt_phi_raw(w), gmt_charge_sign(w));
    int extrapolated = gmt_pt(w) <= GMT_EXTRAPOLATION_PT_MAX;
    return right_finder && gmt_phi(w) < 576 && gmt_phi_raw(w) < 576 && abs_eta <= 225 &&
        abs(eta_raw) <= 225 &&
           gmt_quality(w) % 4 == 0 && abs(delta) <= 100 && (extrapolated || delta == 0) &&
           (extrapolated || eta_raw == gmt_eta(w));
}

static void tally_muon(struct tally *t, const struct bx_block *block, enum link_format format, unsigned slot)
{
    gmt_word w = {bx_block_muon(block->w, slot)};
    t->muons++;
    if (bx_frames_intermediate(block, format, slot)) {
        t->intermediate++;
        t->wrong += gmt_finder_of(gmt_index(w)) != GMT_BMTF;
        return;
    }
    t->wrong += !muon_is_sound(w, bx_frames_eta_raw(block, format, slot));
    t->pt[gmt_pt(w)]++;
    t->charge[gmt_charge_sign(w)]++;
    t->finder[gmt_finder_of(gmt_index(w))]++;
    t->phi[gmt_phi_raw(w) / 48]++;
    t->quality[gmt_quality(w)]++;
}

/* Final muons fill their slots from the first on, by falling rank. */
static void check_order(struct tally *t, const struct bx_block *block)
{
    unsigned before = UINT32_MAX;
    for (unsigned slot = 0; slot < SLOTS / 2; slot++) {
        gmt_word w = {bx_block_muon(block->w, slot)};
        unsigned rank = gmt_pt(w) ? gmt_pt(w) + 4 * gmt_quality(w) : 0;
        t->wrong += rank > before;
        before = rank;
    }
}

static void tally_run(struct tally *t, const struct generator_cfg *cfg)
{
    static const struct zero_suppress_cfg any = {1, 0xffff};
    struct generator *g = make(cfg);
    memset(t, 0, sizeof *t);
    for (uint32_t orbit = 0; orbit < ORBITS; orbit++)
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
            struct bx_block block;
            generator_bx(g, orbit, bx, &block);
            int keep = zero_suppress_keep(&any, &block);
            t->bx++;
            t->kept += (unsigned)keep;
            t->kept_empty += keep && !cfg->colliding[bx];
            t->wrong += bx_frames_bx(&block, cfg->format, 5) != bx || bx_frames_orbit(&block, cfg->format,
                                                                                      2) != orbit;
            for (unsigned slot = 0; slot < SLOTS; slot++)
                if (gmt_pt((gmt_word){bx_block_muon(block.w, slot)}))
                    tally_muon(t, &block, cfg->format, slot);
            check_order(t, &block);
        }
    generator_free(g);
}

static void test_default_rates_and_shapes(void)
{
    for (unsigned format = 0; format < 2; format++) {
        static struct tally t;
        struct generator_cfg cfg = generator_default();
        cfg.seed = test_seed();
        cfg.format = (enum link_format)format;
        tally_run(&t, &cfg);
        unsigned final = t.muons - t.intermediate;
        CU_ASSERT_EQUAL(t.wrong, 0);
        CU_ASSERT_EQUAL(t.kept_empty, 0);
        CU_ASSERT(t.kept > t.bx * 46 / 1000 && t.kept < t.bx * 54 / 1000);     /* 5 % */
        CU_ASSERT(t.muons > t.kept * 14 / 10 && t.muons < t.kept * 16 / 10);    /* 1.5 */
        CU_ASSERT(t.finder[GMT_BMTF] > final * 33 / 100 && t.finder[GMT_BMTF] < final * 43 / 100);
        CU_ASSERT(t.intermediate > t.finder[GMT_BMTF] * 7 / 10 &&
                  t.intermediate < t.finder[GMT_BMTF] * 9 / 10);
        CU_ASSERT(t.charge[0] > final * 46 / 100 && t.charge[1] > final * 44 / 100);
        CU_ASSERT(t.quality[12] > t.quality[8] && t.quality[8] > t.quality[4] && t.quality[0] > 0);
        CU_ASSERT_EQUAL(t.quality[0] + t.quality[4] + t.quality[8] + t.quality[12], final);
        CU_ASSERT(t.pt[511] > 0 && t.pt[511] < final * 2 / 100);
        CU_ASSERT(t.pt[0] + t.pt[1] + t.pt[2] + t.pt[3] + t.pt[4] == 0);
        unsigned low = 0, middle = 0, high = 0;
        for (unsigned code = 5; code < 511; code++)
            *(code < 15 ? &low : code < 25 ? &middle : &high) += t.pt[code];
        CU_ASSERT(low > 2 * middle && middle > high / 2);
        for (unsigned i = 0; i < 12; i++)
            CU_ASSERT(t.phi[i] > final / 12 * 8 / 10 && t.phi[i] < final / 12 * 12 / 10);
    }
}

static void test_full_bx_and_background(void)
{
    static struct tally t;
    struct generator_cfg cfg = generator_default();
    memset(cfg.multiplicity, 0, sizeof cfg.multiplicity);
    cfg.multiplicity[8] = 1;
    cfg.intermediate_ppm = 1000000;
    cfg.background_ppm = 100000;
    tally_run(&t, &cfg);
    CU_ASSERT_EQUAL(t.wrong, 0);
    CU_ASSERT_EQUAL(t.kept - t.kept_empty, ORBITS * 2748u);
    CU_ASSERT_EQUAL(t.muons - t.intermediate, ORBITS * 2748u * 8 + t.kept_empty);
    CU_ASSERT(t.kept_empty > ORBITS * 816 * 8 / 100 && t.kept_empty < ORBITS * 816 * 12 / 100);
    cfg.final_lanes = 0xff;
    cfg.multiplicity[8] = 0;
    cfg.multiplicity[16] = 1;
    struct generator *g = make(&cfg);
    struct bx_block block;
    generator_bx(g, 0, 200, &block);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        CU_ASSERT(gmt_pt((gmt_word){bx_block_muon(block.w, slot)}) > 0);
    generator_free(g);
}

static void refuse(struct generator_cfg cfg, const char *text)
{
    struct message m = {""};
    CU_ASSERT_EQUAL(generator_validate(&cfg, &m), -1);
    CU_ASSERT_PTR_NULL(generator_new(&cfg, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, text));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "(give "));
}

#define REFUSE(change, text)                            \
    do {                                                \
        struct generator_cfg cfg = generator_default(); \
        cfg.change;                                     \
        refuse(cfg, text);                              \
    } while (0)

static void test_wrong_parameters_are_refused(void)
{
    REFUSE(multiplicity[9] = 1, "generator.multiplicity: 9 muons");
    REFUSE(multiplicity[0] = UINT32_MAX, "generator.multiplicity: the weights");
    REFUSE(final_lanes = 1, "generator.multiplicity: 3 muons");
    REFUSE(background_ppm = 1000001, "generator.background_ppm");
    REFUSE(intermediate_ppm = 1000001, "generator.intermediate_ppm");
    REFUSE(overflow_ppm = 1000001, "generator.overflow_ppm");
    REFUSE(negative_ppm = 1000001, "generator.negative_ppm");
    REFUSE(charge_valid_ppm = 1000001, "generator.charge_valid_ppm");
    REFUSE(isolated_ppm = 1000001, "generator.isolated_ppm");
    REFUSE(pt_min = 0, "generator.pt_min");
    REFUSE(pt_min = 511, "generator.pt_min");
    REFUSE(pt_max = 511, "generator.pt_min, pt_max");
    REFUSE(pt_knee = 256, "generator.pt_knee");
    REFUSE(colliding[17] = 2, "generator.colliding: 2 in slot 17");
    REFUSE(format = (enum link_format)7, "generator.format");
    REFUSE(region[0] = cfg.region[1] = cfg.region[2] = 0, "generator.region");
    REFUSE(quality[0] = cfg.quality[1] = cfg.quality[2] = cfg.quality[3] = 0, "generator.quality");
    struct generator_cfg narrow = generator_default();
    narrow.pt_min = narrow.pt_max = 1;
    narrow.pt_knee = 0;
    CU_ASSERT_EQUAL(generator_validate(&narrow, NULL), 0);
    generator_free(make(&narrow));
}

TEST_MAIN("golden/generator", TEST(test_a_bx_depends_on_seed_and_place_alone),
          TEST(test_seed_1_is_the_same_on_every_machine), TEST(test_default_rates_and_shapes),
          TEST(test_full_bx_and_background), TEST(test_wrong_parameters_are_refused))

#include "golden/stimulus/generator.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/muon.h"
#include "golden/stimulus/filling.h"
#include "golden/stimulus/rng.h"

#include <stdlib.h>

enum { MILLION = 1000000, BARREL_END = 76, OVERLAP_END = 114, ENDCAP_END = 220 };

struct generator {
    struct generator_cfg cfg;
    uint64_t seed; /* mixed once, so that neighbouring seeds have nothing in common */
    struct rng_table multiplicity, pt, eta, quality;
    uint8_t final_slot[SLOTS], other_slot[SLOTS];
    unsigned finals, others;
};

struct made_muon {
    struct gmt_muon m;
    unsigned link, rank;
};

struct generator_cfg generator_default(void)
{
    struct generator_cfg cfg = {
        .seed = 1,
        .format = LINK_FORMAT_2018,
        .final_lanes = 0x0f,
        .multiplicity = {93500, 5700, 650, 120, 30},
        .intermediate_ppm = 800000,
        .pt_min = 5,
        .pt_max = 510,
        .pt_knee = 12,
        .overflow_ppm = 6000,
        .region = {38, 20, 42},
        .quality = {4, 14, 22, 60},
        .negative_ppm = 490000,
        .charge_valid_ppm = 990000,
        .isolated_ppm = 350000,
    };
    filling_collisions(filling_preset("25ns_2760b"), cfg.colliding, NULL);
    return cfg;
}

static unsigned capacity(uint8_t lanes)
{
    return 2 * (unsigned)__builtin_popcount(lanes);
}

static int check_weights(const char *name, const uint32_t *weight, size_t n, struct message *m)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    if (sum == 0 || sum > UINT32_MAX)
        return message_set(m, "generator.%s: the weights add up to %llu (give a sum of 1..%lu)", name,
                           (unsigned long long)sum, (unsigned long)UINT32_MAX);
    return 0;
}

static int check_chance(const char *name, uint32_t ppm, struct message *m)
{
    if (ppm > MILLION)
        return message_set(m, "generator.%s: %lu is above %d (give 0..%d)", name, (unsigned long)ppm, MILLION,
                           MILLION);
    return 0;
}

static int check_chances(const struct generator_cfg *cfg, struct message *m)
{
    const struct {
        const char *name;
        uint32_t ppm;
    } chances[] = {
        {"background_ppm", cfg->background_ppm}, {"intermediate_ppm", cfg->intermediate_ppm},
        {"overflow_ppm", cfg->overflow_ppm},     {"negative_ppm", cfg->negative_ppm},
        {"isolated_ppm", cfg->isolated_ppm},     {"charge_valid_ppm", cfg->charge_valid_ppm},
    };
    for (size_t i = 0; i < sizeof chances / sizeof *chances; i++)
        if (check_chance(chances[i].name, chances[i].ppm, m) < 0)
            return -1;
    return 0;
}

static int check_multiplicity(const struct generator_cfg *cfg, struct message *m)
{
    for (unsigned n = capacity(cfg->final_lanes) + 1; n <= GENERATOR_MAX_MUONS; n++)
        if (cfg->multiplicity[n])
            return message_set(m, "generator.multiplicity: %u muons do not fit on final lanes 0x%02x"
                               " (give numbers up to %u)", n, cfg->final_lanes, capacity(cfg->final_lanes));
    if (cfg->background_ppm && !cfg->final_lanes)
        return message_set(m, "generator.background_ppm: there is no final lane (give 0, or final lanes)");
    return check_weights("multiplicity", cfg->multiplicity, GENERATOR_MAX_MUONS + 1, m);
}

static int check_pt(const struct generator_cfg *cfg, struct message *m)
{
    if (cfg->pt_min < 1 || cfg->pt_min > cfg->pt_max || cfg->pt_max >= GMT_PT_OVERFLOW)
        return message_set(m, "generator.pt_min, pt_max: %u, %u (give codes 1..%d in rising order)",
                           cfg->pt_min, cfg->pt_max, GMT_PT_OVERFLOW - 1);
    if (cfg->pt_knee > 255)
        return message_set(m, "generator.pt_knee: %u is above 255 (give 0..255)", cfg->pt_knee);
    return 0;
}

int generator_validate(const struct generator_cfg *cfg, struct message *m)
{
    if (cfg->format != LINK_FORMAT_2018 && cfg->format != LINK_FORMAT_RUN3)
        return message_set(m, "generator.format: %d is unknown (give 2018 or run3)", (int)cfg->format);
    for (unsigned bx = 0; bx < BX_PER_ORBIT; bx++)
        if (cfg->colliding[bx] > 1)
            return message_set(m, "generator.colliding: %u in slot %u (give 0 or 1)", cfg->colliding[bx], bx);
    if (check_multiplicity(cfg, m) < 0 || check_chances(cfg, m) < 0 || check_pt(cfg, m) < 0 ||
        check_weights("region", cfg->region, REGIONS, m) < 0)
        return -1;
    return check_weights("quality", cfg->quality, 4, m);
}

/* Scales weights to a sum below 2^32, keeping what can be kept of them. */
static void init_scaled(struct rng_table *t, const uint64_t *weight, size_t n)
{
    uint32_t scaled[RNG_TABLE_MAX];
    uint64_t sum;
    for (unsigned shift = 0;; shift++) {
        sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += scaled[i] = (uint32_t)(weight[i] >> shift);
        int fits = sum <= UINT32_MAX;
        for (size_t i = 0; i < n; i++)
            fits &= weight[i] >> shift <= UINT32_MAX;
        if (fits)
            break;
    }
    rng_table_init(t, scaled, n);
}

static void init_pt(struct generator *g)
{
    uint64_t weight[GMT_PT_OVERFLOW] = {0};
    for (unsigned code = g->cfg.pt_min; code <= g->cfg.pt_max; code++) {
        uint64_t x = code + g->cfg.pt_knee;
        weight[code] = (UINT64_C(1) << 60) / (x * x * x * x);
    }
    init_scaled(&g->pt, weight, GMT_PT_OVERFLOW);
}

static enum generator_region region_of(unsigned abs_eta)
{
    return abs_eta <= BARREL_END ? REGION_BARREL : abs_eta <= OVERLAP_END ? REGION_OVERLAP : REGION_ENDCAP;
}

/* Within a region: fewer muons between the barrel's wheels, and towards the beam. */
static unsigned eta_shape(unsigned abs_eta)
{
    switch (region_of(abs_eta)) {
    case REGION_BARREL:
        return abs_eta >= 21 && abs_eta <= 29 ? 70 : 100;
    case REGION_OVERLAP:
        return 90;
    default:
        return 130 - (abs_eta - OVERLAP_END) / 2;
    }
}

static void init_eta(struct generator *g)
{
    uint64_t weight[ENDCAP_END + 1], sum[REGIONS] = {0};
    for (unsigned eta = 0; eta <= ENDCAP_END; eta++)
        sum[region_of(eta)] += eta_shape(eta);
    for (unsigned eta = 0; eta <= ENDCAP_END; eta++) {
        enum generator_region r = region_of(eta);
        weight[eta] = ((uint64_t)g->cfg.region[r] << 20) * eta_shape(eta) / sum[r];
    }
    init_scaled(&g->eta, weight, ENDCAP_END + 1);
}

static void init_slots(struct generator *g)
{
    for (uint8_t slot = 0; slot < SLOTS; slot++) {
        if (g->cfg.final_lanes >> (slot >> 1) & 1)
            g->final_slot[g->finals++] = slot;
        else
            g->other_slot[g->others++] = slot;
    }
}

struct generator *generator_new(const struct generator_cfg *cfg, struct message *m)
{
    if (generator_validate(cfg, m) < 0)
        return NULL;
    struct generator *g = calloc(1, sizeof *g);
    if (!g) {
        message_set(m, "generator: out of memory");
        return NULL;
    }
    uint64_t seed = cfg->seed;
    g->cfg = *cfg;
    g->seed = splitmix64(&seed);
    rng_table_init(&g->multiplicity, cfg->multiplicity, GENERATOR_MAX_MUONS + 1);
    rng_table_init(&g->quality, cfg->quality, 4);
    init_pt(g);
    init_eta(g);
    init_slots(g);
    return g;
}

void generator_free(struct generator *g)
{
    free(g);
}

/* The uGMT input link that sees a muon of this region at this phi (domain.md 1.3, 1.6): twelve barrel wedges
 * of 48 codes from 552 on, six overlap and endcap sectors of 96 codes from 24 on. */
static unsigned link_of(enum generator_region region, int eta, unsigned phi)
{
    unsigned wedge = (phi + 24) % GMT_PHI_CODES / 48;
    unsigned sector = (phi + GMT_PHI_CODES - 24) % GMT_PHI_CODES / 96;
    switch (region) {
    case REGION_BARREL:
        return 12 + wedge;
    case REGION_OVERLAP:
        return (eta >= 0 ? 6 : 24) + sector;
    default:
        return (eta >= 0 ? 0 : 30) + sector;
    }
}

/* Codes between vertex and station: about 500 / pT code (250 in the endcap), as in the public captures
 * (domain.md 1.5); none above the extrapolation's limit. Positive muons have the larger phi at the vertex
 * (1.4). */
static int bend_of(struct rng *r, const struct gmt_muon *m, enum generator_region region)
{
    if (m->pt > GMT_EXTRAPOLATION_PT_MAX)
        return 0;
    unsigned strength = (region == REGION_ENDCAP ? 200 : 400) + rng_below(r, 101);
    unsigned bend = strength / m->pt;
    if (bend > 100)
        bend = 100;
    return m->charge_sign ? -(int)bend : (int)bend;
}

static void make_angles(const struct generator *g, struct rng *r, struct made_muon *made)
{
    struct gmt_muon *m = &made->m;
    unsigned abs_eta = rng_table_draw(&g->eta, r);
    enum generator_region region = region_of(abs_eta);
    int side = rng_below(r, 2) ? 1 : -1, shift = m->pt > GMT_EXTRAPOLATION_PT_MAX ? 0 : (int)rng_below(r, 5);
    m->eta = (int16_t)(side * (int)abs_eta);
    m->eta_raw = (int16_t)(side * ((int)abs_eta + shift));
    m->phi_raw = (uint16_t)rng_below(r, GMT_PHI_CODES);
    m->phi = (uint16_t)((m->phi_raw + GMT_PHI_CODES + bend_of(r, m, region)) % GMT_PHI_CODES);
    made->link = link_of(region, m->eta, m->phi_raw);
}

static void make_muon(const struct generator *g, struct rng *r, struct made_muon *made)
{
    struct gmt_muon *m = &made->m;
    *made = (struct made_muon){0};
    m->pt = rng_chance(r, g->cfg.overflow_ppm) ? GMT_PT_OVERFLOW : (uint16_t)rng_table_draw(&g->pt, r);
    m->quality = (uint8_t)(4 * rng_table_draw(&g->quality, r));
    m->charge_sign = (uint8_t)rng_chance(r, g->cfg.negative_ppm);
    m->charge_valid = (uint8_t)rng_chance(r, g->cfg.charge_valid_ppm);
    m->iso = rng_chance(r, g->cfg.isolated_ppm) ? 2 : 0;
    make_angles(g, r, made);
    if (g->cfg.format == LINK_FORMAT_RUN3) {
        m->pt_unconstrained = (uint8_t)(1 + (m->pt + rng_below(r, 16)) / 4);
        m->dxy = (uint8_t)(rng_below(r, 8) ? 0 : 1 + rng_below(r, 3));
    }
    /* The uGMT sorts by pT and quality; the weights are CMSSW's defaults for its sorting table [I]. */
    made->rank = m->pt + 4u * m->quality;
}

/* Index bits 3 * link + n, n counting the muons of a link in this BX. */
static void set_index(struct made_muon *muons, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned same = 0;
        for (unsigned j = 0; j < i; j++)
            same += muons[j].link == muons[i].link;
        muons[i].m.index = (uint8_t)(3 * muons[i].link + (same < 2 ? same : 2));
    }
}

static void sort_by_rank(struct made_muon *muons, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        struct made_muon moved = muons[i];
        unsigned j = i;
        for (; j > 0 && muons[j - 1].rank < moved.rank; j--)
            muons[j] = muons[j - 1];
        muons[j] = moved;
    }
}

static void put_muon(struct bx_content *c, unsigned slot, const struct gmt_muon *m, enum gmt_layout layout)
{
    c->muon[slot] = gmt_pack(m, layout);
    c->eta_raw[slot] = m->eta_raw;
}

static void place_muons(const struct generator *g, struct rng *r, const struct made_muon *muons, unsigned n,
                        struct bx_content *c)
{
    int run3 = g->cfg.format == LINK_FORMAT_RUN3;
    unsigned copies = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct gmt_muon *m = &muons[i].m;
        put_muon(c, g->final_slot[i], m, run3 ? GMT_LAYOUT_RUN3 : GMT_LAYOUT_2017);
        if (gmt_finder_of(m->index) == GMT_BMTF && rng_chance(r, g->cfg.intermediate_ppm) &&
            copies < g->others)
            put_muon(c, g->other_slot[copies++], m, run3 ? GMT_LAYOUT_INTERMEDIATE : GMT_LAYOUT_2017);
    }
}

static unsigned draw_muons(const struct generator *g, struct rng *r, uint16_t bx)
{
    if (g->cfg.colliding[bx])
        return rng_table_draw(&g->multiplicity, r);
    return (unsigned)rng_chance(r, g->cfg.background_ppm);
}

void generator_bx(const struct generator *g, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    struct bx_content c = {.orbit = orbit, .bx = bx, .final_lanes = g->cfg.final_lanes};
    struct made_muon muons[GENERATOR_MAX_MUONS];
    struct rng r;
    rng_seed(&r, g->seed + ((uint64_t)orbit << 16 | bx));
    unsigned n = draw_muons(g, &r, bx);
    for (unsigned i = 0; i < n; i++)
        make_muon(g, &r, &muons[i]);
    set_index(muons, n);
    sort_by_rank(muons, n);
    place_muons(g, &r, muons, n, &c);
    bx_frames_build(out, g->cfg.format, &c);
}

static int source_next(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    generator_bx(ctx, orbit, bx, out);
    return 0;
}

struct bx_source generator_source(struct generator *g)
{
    return (struct bx_source){.next = source_next, .ctx = g};
}

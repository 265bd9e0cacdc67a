#include "golden/formats/bx_frames.h"

static gmt_word block_word(const struct bx_block *block, unsigned slot)
{
    return (gmt_word){bx_block_muon(block->w, slot)};
}

static void build_2018(struct bx_block *block, const struct bx_content *c)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        block->w[lane] = c->bx;
        block->w[LANES + lane] = c->orbit;
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        int final = c->final_lanes >> (slot >> 1) & 1;
        gmt_word w = gmt_with_type(c->muon[slot], final ? GMT_TYPE_FINAL : GMT_TYPE_INTERMEDIATE);
        bx_block_set_muon(block, slot, w.v);
    }
}

static void build_run3(struct bx_block *block, const struct bx_content *c)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        uint32_t eta_a = (uint32_t)c->eta_raw[2 * lane] & 0x1ff;
        uint32_t eta_b = (uint32_t)c->eta_raw[2 * lane + 1] & 0x1ff;
        uint32_t intermediate = ~c->final_lanes >> lane & 1;
        block->w[lane] = c->orbit;
        block->w[LANES + lane] = intermediate << 31 | eta_b << 22 | eta_a << 13 | (c->bx & 0x1fff);
    }
    for (unsigned slot = 0; slot < SLOTS; slot++)
        bx_block_set_muon(block, slot, c->muon[slot].v);
}

void bx_frames_build(struct bx_block *block, enum link_format format, const struct bx_content *content)
{
    if (format == LINK_FORMAT_RUN3)
        build_run3(block, content);
    else
        build_2018(block, content);
}

unsigned bx_frames_muons(const struct bx_block *block)
{
    unsigned n = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        n += (block->w[2 * LANES + lane] & GMT_PT_BITS) != 0;
        n += (block->w[4 * LANES + lane] & GMT_PT_BITS) != 0;
    }
    return n;
}

/* All bits where `yes` is not 0. */
static inline uint32_t where(uint32_t yes)
{
    return -(uint32_t)(yes != 0);
}

/* One straight loop over the lanes, which compilers vectorise: each has its bit in the bytes of `all`. */
void bx_frames_glance(const struct bx_block *block, enum link_format format, struct bx_glance *glance)
{
    static const uint32_t bit[LANES] = {1, 2, 4, 8, 16, 32, 64, 128};
    const uint32_t *w = block->w, *a = w + 2 * LANES, *b = w + 4 * LANES;
    int run3 = format == LINK_FORMAT_RUN3;
    const uint32_t *bx = w + (run3 ? LANES : 0), *orbit = w + (run3 ? 0 : LANES);
    uint32_t mask = run3 ? 0x1fff : 0xffff, first_bx = bx[0], first_orbit = orbit[0], all = 0, left = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        uint32_t has_a = where(a[lane] & GMT_PT_BITS), has_b = where(b[lane] & GMT_PT_BITS);
        all |= (bit[lane] & has_a) | (bit[lane] << 8 & has_b);
        all |= bit[lane] << 16 & where((bx[lane] ^ first_bx) & mask);
        all |= bit[lane] << 24 & where(orbit[lane] ^ first_orbit);
        left |= (~has_a & (a[lane] | a[LANES + lane])) | (~has_b & (b[lane] | b[LANES + lane]));
    }
    glance->a = (uint8_t)all;
    glance->b = (uint8_t)(all >> 8);
    glance->bx_match = (uint8_t)~(all >> 16);
    glance->orbit_match = (uint8_t)~(all >> 24);
    glance->leftover = left != 0;
}

int bx_frames_intermediate(const struct bx_block *block, enum link_format format, unsigned slot)
{
    if (format == LINK_FORMAT_RUN3)
        return block->w[LANES + (slot >> 1)] >> 31;
    gmt_word w = block_word(block, slot);
    if (!gmt_pt(w) || (gmt_type(w) != GMT_TYPE_INTERMEDIATE && gmt_type(w) != GMT_TYPE_FINAL))
        return -1;
    return gmt_type(w) == GMT_TYPE_INTERMEDIATE;
}

int bx_frames_eta_raw(const struct bx_block *block, enum link_format format, unsigned slot)
{
    if (format == LINK_FORMAT_RUN3)
        return gmt_frame1_eta(block->w[LANES + (slot >> 1)], slot & 1);
    struct gmt_muon m;
    gmt_unpack(block_word(block, slot), GMT_LAYOUT_2017, &m);
    return m.eta_raw;
}

void bx_frames_read(const struct bx_block *block, enum link_format format, struct bx_content *content)
{
    content->orbit = bx_frames_orbit(block, format, 0);
    content->bx = bx_frames_bx(block, format, 0);
    content->final_lanes = 0xff;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        content->muon[slot] = block_word(block, slot);
        content->eta_raw[slot] = (int16_t)bx_frames_eta_raw(block, format, slot);
        if (bx_frames_intermediate(block, format, slot) == 1)
            content->final_lanes &= (uint8_t)~(1u << (slot >> 1));
    }
}

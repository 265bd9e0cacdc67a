/* The six frames of a BX built from muons, and read back (domain.md 2).
 *
 *     struct bx_content c = {.orbit = 7, .bx = 100, .final_lanes = 0x0f, .muon[0] = word};
 *     bx_frames_build(&block, LINK_FORMAT_2018, &c);
 */
#ifndef GOLDEN_FORMATS_BX_FRAMES_H
#define GOLDEN_FORMATS_BX_FRAMES_H

#include "golden/bx.h"
#include "golden/formats/muon.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bx_content {
    uint32_t orbit;
    uint16_t bx;             /* 0..3563 */
    uint8_t final_lanes;     /* bit per lane that carries final muons, the others carry intermediate ones */
    gmt_word muon[SLOTS];    /* pT code 0: absent */
    int16_t eta_raw[SLOTS];  /* Run-3: -256..255, goes to frame 1; not used by 2018 */
};

/* Writes all 48 words. 2018: frame 0 = bx, frame 1 = orbit, and bits [63:62] of present muons become their
 * type. Run-3: frame 0 = orbit, frame 1 = bx, both raw etas, and bit 31 on intermediate lanes; muon words go
 * as they are. */
void bx_frames_build(struct bx_block *block, enum link_format format, const struct bx_content *content);

/* What the frames of one lane claim. */
static inline uint16_t bx_frames_bx(const struct bx_block *b, enum link_format format, unsigned lane)
{
    return format == LINK_FORMAT_RUN3 ? b->w[LANES + lane] & 0x1fff : b->w[lane] & 0xffff;
}
static inline uint32_t bx_frames_orbit(const struct bx_block *b, enum link_format format, unsigned lane)
{
    return b->w[(format == LINK_FORMAT_RUN3 ? 0 : LANES) + lane];
}

/* What the lanes of a BX show at a glance, a bit a lane. */
struct bx_glance {
    uint8_t a, b;        /* muon A, B is there: its pT code is not 0 */
    uint8_t bx_match;    /* says the same BX as lane 0; all 16 bits of it in 2018, 13 in Run-3 */
    uint8_t orbit_match; /* the same orbit */
    uint8_t leftover;    /* 1, not by lane: some word of a muon that is not there is not 0 */
};
void bx_frames_glance(const struct bx_block *block, enum link_format format, struct bx_glance *glance);

/* How many muons are there. */
unsigned bx_frames_muons(const struct bx_block *block);

/* Whether a slot holds an intermediate muon: 1, or 0 for final. Run-3: the lane's flag. 2018: the muon's
 * type; -1 where there is no muon or its type is neither. */
int bx_frames_intermediate(const struct bx_block *block, enum link_format format, unsigned slot);

/* Raw eta of a slot: Run-3 from frame 1, 2018 from the muon word. */
int bx_frames_eta_raw(const struct bx_block *block, enum link_format format, unsigned slot);

/* Reads everything back. `final_lanes` gets the lanes that claim no intermediate muon. */
void bx_frames_read(const struct bx_block *block, enum link_format format, struct bx_content *content);

/* Stores a muon word in its two frames. */
static inline void bx_block_set_muon(struct bx_block *block, unsigned slot, uint64_t muon)
{
    uint32_t *low = block->w + (2 + 2 * (slot & 1)) * LANES + (slot >> 1);
    low[0] = (uint32_t)muon;
    low[LANES] = (uint32_t)(muon >> 32);
}

#ifdef __cplusplus
}
#endif
#endif

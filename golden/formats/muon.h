/* The 64-bit uGMT muon word in its layouts (domain.md 1.1), its scales (1.2) and index bits (1.3).
 *
 *     gmt_word w = {bx_block_muon(block.w, slot)};
 *     if (gmt_pt(w))
 *         printf("%.1f GeV, eta %.3f\n", gmt_pt_gev(gmt_pt(w)), gmt_eta_value(gmt_eta(w)));
 *
 * The getters read fields that stand at the same place in every layout; `gmt_unpack` reads all fields of one
 * layout.
 */
#ifndef GOLDEN_FORMATS_MUON_H
#define GOLDEN_FORMATS_MUON_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint64_t v; /* high word << 32 | low word */
} gmt_word;

enum gmt_layout {
    GMT_LAYOUT_2016,         /* [9:0], [31:23] at the muon station; nothing extrapolated, [63:43] not used */
    GMT_LAYOUT_2017,         /* 2017/18: raw eta [61:53]; [63:62] muon type in the 2018 scouting copy */
    GMT_LAYOUT_RUN3,         /* unconstrained pT [60:53], shower [61], dxy [63:62]; raw eta in frame 1 */
    GMT_LAYOUT_INTERMEDIATE, /* Run-3: raw eta [61:53], dxy [63:62], unconstrained pT in place of phi */
    GMT_LAYOUTS
};

/* The pT field in the low word. */
#define GMT_PT_BITS UINT32_C(0x7fc00)

/* Bits [63:62] of a muon in the 2018 scouting copy. */
enum gmt_type { GMT_TYPE_NONE = 0, GMT_TYPE_INTERMEDIATE = 1, GMT_TYPE_FINAL = 2 };

enum {
    GMT_PHI_CODES = 576,         /* phi codes are 0..575 */
    GMT_ETA_MAX = 225,           /* |eta| <= 2.45 */
    GMT_PT_OVERFLOW = 511,       /* pT code that means "this or more"; code 0 means no muon */
    GMT_PT_UNCONSTRAINED_MAX = 255,
    GMT_EXTRAPOLATION_PT_MAX = 127, /* above (63 GeV) vertex and station coordinates are equal */
    GMT_INDEX_CODES = 108,       /* 3 muons of each of 36 links */
};

/* Track finders by index bits / 3 = uGMT input link (domain.md 1.3). */
enum gmt_finder { GMT_EMTF_POS, GMT_OMTF_POS, GMT_BMTF, GMT_OMTF_NEG, GMT_EMTF_NEG, GMT_FINDERS };

/* All fields as codes. A field that the layout does not have unpacks as 0 and is not packed. */
struct gmt_muon {
    uint16_t phi;             /* at the vertex, 10 bits (0..575 are sent) */
    uint16_t phi_raw;         /* at the muon station, 10 bits */
    int16_t eta, eta_raw;     /* at the vertex, at the station: -256..255 */
    uint16_t pt;              /* 9 bits */
    uint8_t quality;          /* 4 bits */
    uint8_t iso;              /* 2 bits: bit 0 absolute, bit 1 relative */
    uint8_t charge_sign;      /* 1: negative */
    uint8_t charge_valid;
    uint8_t index;            /* 7 bits */
    uint8_t pt_unconstrained; /* 8 bits */
    uint8_t shower;           /* hadronic shower flag, fw >= 0x7000000 */
    uint8_t dxy;              /* 2 bits */
    uint8_t type;             /* enum gmt_type, layout 2017 only */
    uint32_t reserved;        /* bits that the layout does not name, so that packing gives back every word */
};

void gmt_unpack(gmt_word w, enum gmt_layout layout, struct gmt_muon *m);
gmt_word gmt_pack(const struct gmt_muon *m, enum gmt_layout layout);

static inline unsigned gmt_phi(gmt_word w) { return w.v & 0x3ff; }
static inline unsigned gmt_pt(gmt_word w) { return w.v >> 10 & 0x1ff; }
static inline unsigned gmt_quality(gmt_word w) { return w.v >> 19 & 0xf; }
static inline int gmt_eta(gmt_word w) { return (int)((w.v >> 23 & 0x1ff) ^ 0x100) - 0x100; }
static inline unsigned gmt_iso(gmt_word w) { return w.v >> 32 & 3; }
static inline unsigned gmt_charge_sign(gmt_word w) { return w.v >> 34 & 1; }
static inline unsigned gmt_charge_valid(gmt_word w) { return w.v >> 35 & 1; }
static inline unsigned gmt_index(gmt_word w) { return w.v >> 36 & 0x7f; }
static inline unsigned gmt_phi_raw(gmt_word w) { return w.v >> 43 & 0x3ff; }
static inline unsigned gmt_type(gmt_word w) { return w.v >> 62; }

/* +1, -1, or 0 where the charge is not valid (CMSSW: sign bit 1 is negative). */
static inline int gmt_charge(gmt_word w)
{
    return gmt_charge_valid(w) ? 1 - 2 * (int)gmt_charge_sign(w) : 0;
}

/* 2018 scouting copy: the word with its muon type; an absent muon (pT code 0) keeps 0. */
static inline gmt_word gmt_with_type(gmt_word w, enum gmt_type type)
{
    uint64_t bits = gmt_pt(w) ? (uint64_t)type << 62 : 0;
    return (gmt_word){(w.v & ~(UINT64_C(3) << 62)) | bits};
}

/* Raw eta of muon A (0) or B (1) of a lane from the Run-3 frame 1: bits [21:13] and [30:22]. */
static inline int gmt_frame1_eta(uint32_t frame1, unsigned b)
{
    return (int)((frame1 >> (b ? 22 : 13) & 0x1ff) ^ 0x100) - 0x100;
}

/* phi at the vertex minus phi at the station in codes, on the branch that the charge bends to (domain.md
 * 1.4). */
int gmt_delta_phi(unsigned phi, unsigned phi_raw, unsigned charge_sign);

/* The finder of an index 0..107; larger indices do not exist and give GMT_FINDERS. */
enum gmt_finder gmt_finder_of(unsigned index);

/* Physical units (domain.md 1.2). */
double gmt_phi_value(unsigned code);           /* rad, -pi <= phi < pi */
double gmt_eta_value(int code);                /* centre of the step */
double gmt_pt_gev(unsigned code);              /* (code - 1) / 2; 0 for code 0 */
double gmt_pt_unconstrained_gev(unsigned code); /* code - 1; 0 for code 0 */

#ifdef __cplusplus
}
#endif
#endif

#include "golden/blocks/recal.h"

#include <string.h>

/* Sixteenths to whole codes, half up. */
static int rounded(int16_t c)
{
    return (c + 8) >> 4;
}

static int clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

static unsigned corrected_phi(unsigned phi, int16_t c)
{
    if (phi >= GMT_PHI_CODES)
        return phi;
    int moved = ((int)phi + rounded(c)) % GMT_PHI_CODES;
    return (unsigned)(moved < 0 ? moved + GMT_PHI_CODES : moved);
}

static unsigned corrected_pt(unsigned pt, int16_t c)
{
    return pt == GMT_PT_OVERFLOW ? pt : (unsigned)clamp((int)pt + rounded(c), 1, GMT_PT_OVERFLOW - 1);
}

gmt_word recal_apply(gmt_word muon, const struct correction *c)
{
    const uint64_t fields = UINT64_C(0x1ff) << 23 | 0x1ff << 10 | 0x3ff;
    uint64_t phi = corrected_phi(gmt_phi(muon), c->phi);
    uint64_t pt = corrected_pt(gmt_pt(muon), c->pt);
    uint64_t eta = (uint64_t)clamp(gmt_eta(muon) + rounded(c->eta), -GMT_ETA_MAX, GMT_ETA_MAX) & 0x1ff;
    return (gmt_word){(muon.v & ~fields) | eta << 23 | pt << 10 | phi};
}

void recal_block(const struct mlp *net, const struct bx_block *block, uint16_t queued,
                 struct correction by_slot[SLOTS])
{
    memset(by_slot, 0, SLOTS * sizeof *by_slot);
    for (unsigned order = 0; order < SLOTS; order++)
        if (queued >> order & 1) {
            unsigned slot = slot_of_order(order);
            mlp_correct(net, (gmt_word){bx_block_muon(block->w, slot)}, &by_slot[slot]);
        }
}

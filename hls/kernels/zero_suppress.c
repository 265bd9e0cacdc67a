/* zero_suppress: does this BX go on? The condition: docs/chain.md, "zero_suppress". Everything else of the BX
 * travels beside the decision. */
#include "hls/kernels/hls.h"

enum { LANES = 8, SLOTS = 16, WORDS = 48 };

/* The pT code of a slot: frame 2 (muon A) or 4 (muon B) of its lane holds the muon's low word. */
static inline u32 pt_code(const u32 block[WORDS], int slot)
{
    return block[(2 + 2 * (slot & 1)) * LANES + (slot >> 1)] >> 10 & 511;
}

void zero_suppress(const u32 block[WORDS], u12 bx, u32 orbit, u24 flags, u9 pt_min, u16 slots, u1 *keep,
                   u32 block_out[WORDS], u12 *bx_out, u32 *orbit_out, u24 *flags_out)
{
    int any = pt_min == 0;
    for (int slot = 0; slot < SLOTS; slot++)
        any |= ((u32)slots >> slot & 1) && pt_code(block, slot) >= pt_min;
    *keep = (u1)any;
    for (int i = 0; i < WORDS; i++)
        block_out[i] = block[i];
    *bx_out = bx;
    *orbit_out = orbit;
    *flags_out = flags;
}

/* One difference between what was expected and what was seen, in words that a firmware engineer can act on:
 *
 *     zero_suppress: orbit 1 BX 69 slot 3 cycle 28511: pt: expected 12, got 13 (seed 1)
 */
#ifndef EMU_CHECK_MISMATCH_H
#define EMU_CHECK_MISMATCH_H

#include "emu/model/blocks.h"
#include "golden/blocks/kinds.h"
#include "golden/bx.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum oracle { ORACLE_MODEL, ORACLE_GOLDEN, ORACLES };

enum { NO_SLOT = -1 };

struct mismatch {
    enum oracle oracle;   /* the C step in lock-step, or the golden reference on content */
    enum block block;     /* whose output differs */
    const char *position; /* what `slot` counts: "slot", "lane", "frame", "engine"; static string */
    int slot;             /* or NO_SLOT */
    uint64_t cycle;       /* of the boundary's clock domain */
    uint32_t orbit;
    uint16_t bx;
    char field[48];
    uint64_t expected, got;
    uint8_t is_signed; /* expected and got are two's complement numbers */
};

/* Fills slot, position, field, expected and got from the first differing word of two blocks.
 * Returns 1 when the blocks differ, 0 when they are equal. */
int mismatch_in_block(struct mismatch *m, const struct bx_block *expected, const struct bx_block *got);

/* Names the first differing field of two muon words. */
void mismatch_in_muon(struct mismatch *m, uint64_t expected, uint64_t got);

/* Fills the field with what a word of a DMA frame is: the BX of the hit map that it holds, where it is of that. */
void mismatch_in_frame(struct mismatch *m, enum frame_kind kind, int index, unsigned word);

/* One line without a newline; `seed` is that of the run. */
void mismatch_text(const struct mismatch *m, uint64_t seed, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

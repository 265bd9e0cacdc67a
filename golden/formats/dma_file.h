/* The scouting board's DMA stream in its generations (domain.md 3.1), 32-byte frames, as a file: codecs in
 * bx_file.h.
 *
 *   2018  6-frame blocks (bx, orbit, muons), a trailer frame of 8 x 0xdeadbeef a packet
 *   2021  6-frame blocks (orbit, bx, muons), the same trailer frame
 *   2022  per orbit a header frame, blocks, 17 trailer frames with the hit map; a packet frame; before a
 *         packet there may be a board header (0xFEEDBEEF). bxact's own boards send this framing with
 *         either order of the blocks, and with 4 more frames a block for appended corrections
 */
#ifndef GOLDEN_FORMATS_DMA_FILE_H
#define GOLDEN_FORMATS_DMA_FILE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DMA_BOARD_HEADER UINT32_C(0xFEEDBEEF)

struct dma_look {
    int generation; /* 2018, 2021, 2022; 0: no DMA stream */
    int layout;     /* enum link_format; -1: no block was seen */
    int appended;
};

/* What the first bytes of a file are. */
struct dma_look dma_look_at(const unsigned char *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif

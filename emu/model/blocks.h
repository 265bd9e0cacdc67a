/* The blocks of the board, in the order of the data: one number for engine tables and injection masks.
 * The outside world (gmt_link, host) is not on the board and has none. */
#ifndef EMU_MODEL_BLOCKS_H
#define EMU_MODEL_BLOCKS_H

#ifdef __cplusplus
extern "C" {
#endif

enum block {
    BLOCK_LINK_RX,
    BLOCK_CDC_RX,
    BLOCK_LINK_ALIGN,
    BLOCK_ZERO_SUPPRESS,
    BLOCK_MUON_FEED,
    BLOCK_RECAL,
    BLOCK_EVENT_PACK,
    BLOCK_CDC_DMA, /* both directions: frames to the host, ready and afull back to the board */
    BLOCK_DMA,
    BLOCKS
};

#ifdef __cplusplus
}
#endif
#endif

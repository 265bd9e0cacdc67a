/* The frames that the board sends to the host (docs/chain.md "event_pack", domain.md 3.1), as content.
 *
 *     struct event_packer p;
 *     event_packer_init(&p, PACK_APPENDED, 20, sink, ctx);
 *     event_packer_begin(&p, orbit);
 *     event_packer_bx(&p, &bx);          // forwarded BX only, in order
 *     event_packer_end(&p);              // trailer, and the packet frame when it is due
 *     event_packer_stop(&p);             // the packet frame of an unfinished packet
 *
 * Which BX and orbits were dropped is for the caller to say: it depends on time.
 */
#ifndef GOLDEN_BLOCKS_EVENT_PACK_H
#define GOLDEN_BLOCKS_EVENT_PACK_H

#include "golden/blocks/kinds.h"
#include "golden/bx.h"
#include "golden/network/mlp.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PACK_BLOCK_FRAMES = 6,
    PACK_APPENDED_FRAMES = 4,
    PACK_TRAILER_FRAMES = 17,
    PACK_MAX_FRAMES = 17, /* longest item */
};
#define PACK_TRAILER_WORD UINT32_C(0xBEEFDEAD)
#define PACK_PACKET_WORD UINT32_C(0xdeadbeef)
#define PACK_APPENDED_WORD UINT32_C(0xB0AC0001)

struct dma_frame {
    uint32_t w[LANES];
};

/* One forwarded BX. */
struct packed_bx {
    uint32_t orbit;
    uint16_t bx;
    uint16_t queued, skipped; /* order masks; 0 when there is no network */
    struct bx_block block;    /* as received */
    struct correction correction[SLOTS]; /* of the queued slots */
};

struct packet_counts {
    uint32_t realigns;       /* align_losses + align_overflows */
    uint32_t dropped_orbits; /* since the start */
    uint32_t orbits;         /* in this packet */
};

/* The frames of each item; the number of frames written is returned. */
unsigned pack_header(uint32_t orbit, struct dma_frame out[1]);
unsigned pack_block(const struct packed_bx *bx, enum pack_corrections corrections,
                    struct dma_frame out[PACK_BLOCK_FRAMES + PACK_APPENDED_FRAMES]);
unsigned pack_trailer(const uint32_t hit_map[HIT_MAP_WORDS], struct dma_frame out[PACK_TRAILER_FRAMES]);
unsigned pack_packet(const struct packet_counts *counts, struct dma_frame out[1]);

/* Called for every frame; index counts within its kind (docs/chain.md). */
typedef void event_packer_sink(void *ctx, enum frame_kind kind, unsigned index,
                               const struct dma_frame *frame);

struct event_packer {
    enum pack_corrections corrections;
    uint16_t orbits_per_packet; /* 1..4095 */
    uint32_t realigns, dropped_orbits; /* kept up to date by the caller */
    uint32_t packet_orbits, packet_drops;
    uint32_t hit_map[HIT_MAP_WORDS];
    event_packer_sink *sink;
    void *ctx;
};

void event_packer_init(struct event_packer *p, enum pack_corrections corrections, uint16_t orbits_per_packet,
                       event_packer_sink *sink, void *ctx);
void event_packer_begin(struct event_packer *p, uint32_t orbit);
void event_packer_bx(struct event_packer *p, const struct packed_bx *bx);
void event_packer_end(struct event_packer *p);
void event_packer_stop(struct event_packer *p);

#ifdef __cplusplus
}
#endif
#endif

#include "golden/blocks/event_pack.h"

#include "golden/blocks/muon_feed.h"
#include "golden/blocks/recal.h"
#include "golden/formats/bx_frames.h"

#include <string.h>

unsigned pack_header(uint32_t orbit, struct dma_frame out[1])
{
    *out = (struct dma_frame){{orbit}};
    return 1;
}

static void correct_block(struct bx_block *block, const struct packed_bx *bx)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (bx->queued >> order_of_slot(slot) & 1) {
            gmt_word w = {bx_block_muon(block->w, slot)};
            bx_block_set_muon(block, slot, recal_apply(w, &bx->correction[slot]).v);
        }
}

/* 16 numbers of 16 bits in one frame, slot 0 in the low half of word 0. */
static void put_corrections(struct dma_frame *frame, const int16_t value[SLOTS])
{
    for (unsigned i = 0; i < LANES; i++)
        frame->w[i] = (uint16_t)value[2 * i] | (uint32_t)(uint16_t)value[2 * i + 1] << 16;
}

static void append(const struct packed_bx *bx, struct dma_frame out[PACK_APPENDED_FRAMES])
{
    int16_t phi[SLOTS] = {0}, eta[SLOTS] = {0}, pt[SLOTS] = {0};
    uint32_t queued = slot_mask_of_order(bx->queued), skipped = slot_mask_of_order(bx->skipped);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (queued >> slot & 1) {
            phi[slot] = bx->correction[slot].phi;
            eta[slot] = bx->correction[slot].eta;
            pt[slot] = bx->correction[slot].pt;
        }
    out[0] = (struct dma_frame){{PACK_APPENDED_WORD, queued << 16 | skipped, bx->bx, bx->orbit}};
    put_corrections(&out[1], phi);
    put_corrections(&out[2], eta);
    put_corrections(&out[3], pt);
}

unsigned pack_block(const struct packed_bx *bx, enum pack_corrections corrections,
                    struct dma_frame out[PACK_BLOCK_FRAMES + PACK_APPENDED_FRAMES])
{
    struct bx_block block = bx->block;
    if (corrections == PACK_IN_PLACE)
        correct_block(&block, bx);
    memcpy(out, block.w, sizeof block.w);
    if (corrections != PACK_APPENDED)
        return PACK_BLOCK_FRAMES;
    append(bx, out + PACK_BLOCK_FRAMES);
    return PACK_BLOCK_FRAMES + PACK_APPENDED_FRAMES;
}

unsigned pack_trailer(const uint32_t hit_map[HIT_MAP_WORDS], struct dma_frame out[PACK_TRAILER_FRAMES])
{
    memset(out, 0, PACK_TRAILER_FRAMES * sizeof *out);
    for (unsigned i = 0; i < LANES; i++)
        out[0].w[i] = PACK_TRAILER_WORD;
    memcpy(out + 1, hit_map, HIT_MAP_WORDS * sizeof *hit_map);
    return PACK_TRAILER_FRAMES;
}

unsigned pack_packet(const struct packet_counts *counts, struct dma_frame out[1])
{
    *out = (struct dma_frame){{PACK_PACKET_WORD, PACK_PACKET_WORD, counts->realigns, 0,
                               counts->dropped_orbits, 0, counts->orbits, 0}};
    return 1;
}

void event_packer_init(struct event_packer *p, enum pack_corrections corrections, uint16_t orbits_per_packet,
                       event_packer_sink *sink, void *ctx)
{
    *p = (struct event_packer){
        .corrections = corrections, .orbits_per_packet = orbits_per_packet, .sink = sink, .ctx = ctx};
}

static void send(struct event_packer *p, enum frame_kind kind, const struct dma_frame *frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p->sink(p->ctx, kind, i, &frames[i]);
}

void event_packer_begin(struct event_packer *p, uint32_t orbit)
{
    struct dma_frame frame[1];
    send(p, FRAME_HEADER, frame, pack_header(orbit, frame));
}

void event_packer_bx(struct event_packer *p, const struct packed_bx *bx)
{
    struct dma_frame frames[PACK_BLOCK_FRAMES + PACK_APPENDED_FRAMES];
    unsigned n = pack_block(bx, p->corrections, frames);
    send(p, FRAME_BLOCK, frames, PACK_BLOCK_FRAMES);
    send(p, FRAME_APPENDED, frames + PACK_BLOCK_FRAMES, n - PACK_BLOCK_FRAMES);
    p->hit_map[bx->bx / 32] |= 1u << bx->bx % 32;
}

static void send_packet(struct event_packer *p)
{
    struct packet_counts counts = {p->realigns, p->dropped_orbits, p->packet_orbits};
    struct dma_frame frame[1];
    send(p, FRAME_PACKET, frame, pack_packet(&counts, frame));
    p->packet_orbits = 0;
    p->packet_drops = p->dropped_orbits;
}

void event_packer_end(struct event_packer *p)
{
    struct dma_frame frames[PACK_TRAILER_FRAMES];
    send(p, FRAME_TRAILER, frames, pack_trailer(p->hit_map, frames));
    memset(p->hit_map, 0, sizeof p->hit_map);
    if (++p->packet_orbits == p->orbits_per_packet)
        send_packet(p);
}

void event_packer_stop(struct event_packer *p)
{
    if (p->packet_orbits > 0 || p->dropped_orbits != p->packet_drops)
        send_packet(p);
}

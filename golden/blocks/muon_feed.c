#include "golden/blocks/muon_feed.h"

#include "golden/formats/muon.h"

static int chosen(gmt_word w, unsigned slot, enum feed_select select, uint8_t final_lanes)
{
    if (!gmt_pt(w))
        return 0;
    if (select == FEED_ALL)
        return 1;
    if (!(final_lanes >> (slot >> 1) & 1))
        return 0;
    return select == FEED_FINAL || gmt_finder_of(gmt_index(w)) == GMT_BMTF;
}

uint16_t muon_feed_candidates(const struct bx_block *block, enum feed_select select, uint8_t final_lanes)
{
    unsigned mask = 0;
    for (unsigned order = 0; order < SLOTS; order++) {
        unsigned slot = slot_of_order(order);
        gmt_word w = {bx_block_muon(block->w, slot)};
        if (chosen(w, slot, select, final_lanes))
            mask |= 1u << order;
    }
    return (uint16_t)mask;
}

uint16_t slot_mask_of_order(uint16_t order_mask)
{
    unsigned mask = 0;
    for (unsigned order = 0; order < SLOTS; order++)
        mask |= (order_mask >> order & 1u) << slot_of_order(order);
    return (uint16_t)mask;
}

uint16_t order_mask_of_slot(uint16_t slot_mask)
{
    unsigned mask = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        mask |= (slot_mask >> slot & 1u) << order_of_slot(slot);
    return (uint16_t)mask;
}

#include "emu/check/compare.h"

#include "emu/model/blocks.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int differs(struct mismatch *m, const char *position, int slot, const char *field, uint64_t expected,
                   uint64_t got)
{
    m->position = position;
    m->slot = slot;
    snprintf(m->field, sizeof m->field, "%s", field);
    m->expected = expected;
    m->got = got;
    m->is_signed = 0;
    return COMPARE_DIFFERS;
}

/* Leaves the calling function when the field of `model` and `rtl` differs. */
#define SAME(field)                                                                           \
    do {                                                                                      \
        if (model->field != rtl->field)                                                       \
            return differs(m, "", NO_SLOT, #field, (uint64_t)model->field, (uint64_t)rtl->field); \
    } while (0)

static int first_lane(unsigned lanes)
{
    return __builtin_ctz(lanes);
}

/* A lane mask: the lowest lane that differs is named. */
static int lanes_differ(struct mismatch *m, const char *field, unsigned model, unsigned rtl)
{
    int lane = first_lane(model ^ rtl);
    return differs(m, "lane", lane, field, model >> lane & 1, rtl >> lane & 1);
}

#define SAME_LANES(field, mask)                                            \
    do {                                                                   \
        if ((model->field ^ rtl->field) & (mask))                          \
            return lanes_differ(m, #field, model->field & (mask), rtl->field & (mask)); \
    } while (0)

/* Words of the lanes in `valid`; returns how many were compared. */
static int compare_lanes(const uint32_t model[LANES], const uint32_t rtl[LANES], unsigned valid,
                         struct mismatch *m)
{
    if (valid == 0 || (valid == 0xff && memcmp(model, rtl, LANES * sizeof *model) == 0))
        return valid ? LANES : 0;
    uint32_t difference = 0;
    for (unsigned l = 0; l < LANES; l++)
        difference |= (model[l] ^ rtl[l]) & -(valid >> l & 1);
    if (difference == 0)
        return __builtin_popcount(valid);
    for (int l = 0;; l++)
        if (valid >> l & 1 && model[l] != rtl[l])
            return differs(m, "lane", l, "data", model[l], rtl[l]);
}

int compare_link_rx(const struct link_rx_out *model, const struct link_rx_out *rtl, struct mismatch *m)
{
    SAME_LANES(lock, 0xffu);
    SAME_LANES(valid, 0xffu);
    SAME_LANES(first, model->valid);
    SAME_LANES(err, model->valid);
    SAME_LANES(crc_bad, model->valid & model->first);
    return compare_lanes(model->data, rtl->data, model->valid, m);
}

int compare_cdc_rx(const struct cdc_rx_out *model, const struct cdc_rx_out *rtl, struct mismatch *m)
{
    SAME_LANES(valid, 0xffu);
    SAME_LANES(first, model->valid);
    SAME_LANES(err, model->valid);
    SAME_LANES(crc_bad, model->valid & model->first);
    return compare_lanes(model->data, rtl->data, model->valid, m);
}

/* What a BX carries through link_align, zero_suppress and muon_feed alike. */
#define SAME_BX()                                                  \
    do {                                                           \
        SAME(bx);                                                  \
        SAME(orbit);                                               \
        SAME_LANES(err, 0xffu);                                    \
        SAME_LANES(crc_bad, 0xffu);                                \
        SAME_LANES(mismatch, 0xffu);                               \
        if (memcmp(&model->block, &rtl->block, sizeof model->block) && \
            mismatch_in_block(m, &model->block, &rtl->block))      \
            return COMPARE_DIFFERS;                                \
    } while (0)

int compare_link_align(const struct link_align_out *model, const struct link_align_out *rtl,
                       struct mismatch *m)
{
    SAME(aligned);
    SAME(live);
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME_BX();
    return 1;
}

int compare_zero_suppress(const struct zero_suppress_out *model, const struct zero_suppress_out *rtl,
                          struct mismatch *m)
{
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(keep);
    SAME_BX();
    return 1;
}

static int compare_muon(const struct feed_muon *model, const struct feed_muon *rtl, struct mismatch *m)
{
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(seq);
    SAME(slot);
    if (model->muon != rtl->muon) {
        m->position = "slot";
        m->slot = model->slot;
        mismatch_in_muon(m, model->muon, rtl->muon);
        return COMPARE_DIFFERS;
    }
    return 1;
}

int compare_muon_feed(const struct muon_feed_out *model, const struct muon_feed_out *rtl, struct mismatch *m)
{
    int compared = 0;
    SAME(level);
    for (int e = 0; e < MAX_ENGINES; e++) {
        int one = compare_muon(&model->muon[e], &rtl->muon[e], m);
        if (one == COMPARE_DIFFERS)
            return one;
        compared += one;
    }
    SAME(valid);
    if (!model->valid)
        return compared;
    SAME(keep);
    SAME(seq);
    SAME(queued);
    SAME(skipped);
    SAME_BX();
    return compared + 1;
}

static int correction_differs(struct mismatch *m, const struct recal_result *model, const char *field,
                              int16_t expected, int16_t got)
{
    differs(m, "slot", model->slot, field, (uint64_t)expected, (uint64_t)got);
    m->is_signed = 1;
    return COMPARE_DIFFERS;
}

static int compare_result(const struct recal_result *model, const struct recal_result *rtl,
                          struct mismatch *m)
{
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(seq);
    SAME(slot);
    if (model->phi != rtl->phi)
        return correction_differs(m, model, "phi correction", model->phi, rtl->phi);
    if (model->eta != rtl->eta)
        return correction_differs(m, model, "eta correction", model->eta, rtl->eta);
    if (model->pt != rtl->pt)
        return correction_differs(m, model, "pt correction", model->pt, rtl->pt);
    return 1;
}

int compare_recal(const struct recal_out *model, const struct recal_out *rtl, struct mismatch *m)
{
    int compared = 0;
    for (int e = 0; e < MAX_ENGINES; e++) {
        int one = compare_result(&model->result[e], &rtl->result[e], m);
        if (one == COMPARE_DIFFERS)
            return one;
        compared += one;
    }
    return compared;
}

/* The eight words of a frame; `index` is its place within its kind, where the boundary knows it. */
static int compare_frame(const uint32_t model[LANES], const uint32_t rtl[LANES], unsigned kind, int index,
                         struct mismatch *m)
{
    for (unsigned i = 0; i < LANES; i++)
        if (model[i] != rtl[i]) {
            differs(m, index == NO_SLOT ? "" : "frame", index, "", model[i], rtl[i]);
            mismatch_in_frame(m, (enum frame_kind)kind, index, i);
            return COMPARE_DIFFERS;
        }
    return 1;
}

int compare_event_pack(const struct event_pack_out *model, const struct event_pack_out *rtl,
                       struct mismatch *m)
{
    SAME(level);
    SAME(dropped);
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(kind);
    SAME(index);
    SAME(bx);
    SAME(orbit);
    return compare_frame(model->w, rtl->w, model->kind, model->index, m);
}

int compare_cdc_dma_ready(const struct cdc_dma_ready *model, const struct cdc_dma_ready *rtl,
                          struct mismatch *m)
{
    SAME(ready);
    SAME(afull);
    return 0;
}

int compare_cdc_dma(const struct cdc_dma_out *model, const struct cdc_dma_out *rtl, struct mismatch *m)
{
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(kind);
    return compare_frame(model->w, rtl->w, model->kind, NO_SLOT, m);
}

int compare_dma(const struct dma_out *model, const struct dma_out *rtl, struct mismatch *m)
{
    SAME(ready);
    SAME(afull);
    SAME(level);
    SAME(valid);
    if (!model->valid)
        return 0;
    SAME(kind);
    return compare_frame(model->w, rtl->w, model->kind, NO_SLOT, m);
}

#define COUNTERS(struct_type, counter, owner) {#counter, offsetof(struct struct_type, counter), owner}

struct counter {
    const char *name;
    size_t offset;
    int block;
};

static const struct counter lane_counters[] = {
    COUNTERS(lane_status, words, BLOCK_LINK_RX),       COUNTERS(lane_status, pads, BLOCK_LINK_RX),
    COUNTERS(lane_status, commas, BLOCK_LINK_RX),      COUNTERS(lane_status, k_errors, BLOCK_LINK_RX),
    COUNTERS(lane_status, crc_ok, BLOCK_LINK_RX),      COUNTERS(lane_status, crc_bad, BLOCK_LINK_RX),
    COUNTERS(lane_status, lock_losses, BLOCK_LINK_RX), COUNTERS(lane_status, link_id, BLOCK_LINK_RX),
    COUNTERS(lane_status, cdc_overflows, BLOCK_CDC_RX),
};
static const struct counter board_counters[] = {
    COUNTERS(board_status, align_losses, BLOCK_LINK_ALIGN),
    COUNTERS(board_status, align_overflows, BLOCK_LINK_ALIGN),
    COUNTERS(board_status, mismatches, BLOCK_LINK_ALIGN),
    COUNTERS(board_status, feed_queued, BLOCK_MUON_FEED),
    COUNTERS(board_status, feed_skipped, BLOCK_MUON_FEED),
    COUNTERS(board_status, pack_dropped_orbits, BLOCK_EVENT_PACK),
    COUNTERS(board_status, pack_dropped_bx, BLOCK_EVENT_PACK),
    COUNTERS(board_status, pack_orbits, BLOCK_EVENT_PACK),
    COUNTERS(board_status, pack_packets, BLOCK_EVENT_PACK),
};

static int compare_counters(const struct counter *c, size_t n, const void *model, const void *rtl,
                            struct mismatch *m, int *block)
{
    for (; n > 0; n--, c++) {
        uint32_t expected, got;
        memcpy(&expected, (const char *)model + c->offset, sizeof expected);
        memcpy(&got, (const char *)rtl + c->offset, sizeof got);
        if (expected != got) {
            *block = c->block;
            differs(m, "", NO_SLOT, c->name, expected, got);
            return 0;
        }
    }
    return 1;
}

int compare_status(const struct board_status *model, const struct board_status *rtl, struct mismatch *m,
                   int *block)
{
    for (int l = 0; l < LANES; l++)
        if (!compare_counters(lane_counters, sizeof lane_counters / sizeof *lane_counters, &model->lane[l],
                              &rtl->lane[l], m, block)) {
            m->position = "lane";
            m->slot = l;
            return 0;
        }
    return compare_counters(board_counters, sizeof board_counters / sizeof *board_counters, model, rtl, m,
                            block);
}

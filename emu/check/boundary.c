#include "emu/check/boundary.h"

const struct boundary_info boundary_info[BLOCKS] = {
    [BLOCK_LINK_RX] = {"link_rx", DOMAIN_LINE, "lane word"},
    [BLOCK_CDC_RX] = {"cdc_rx", DOMAIN_BOARD, "lane word"},
    [BLOCK_LINK_ALIGN] = {"link_align", DOMAIN_BOARD, "BX"},
    [BLOCK_ZERO_SUPPRESS] = {"zero_suppress", DOMAIN_BOARD, "BX"},
    [BLOCK_MUON_FEED] = {"muon_feed", DOMAIN_BOARD, "BX or muon"},
    [BLOCK_RECAL] = {"recal", DOMAIN_BOARD, "result"},
    [BLOCK_EVENT_PACK] = {"event_pack", DOMAIN_BOARD, "frame"},
    [BLOCK_CDC_DMA] = {"cdc_dma", DOMAIN_HOST, "frame"},
    [BLOCK_DMA] = {"dma", DOMAIN_HOST, "frame"},
};

void boundary_watch_init(struct boundary_watch *w, enum block b, uint64_t hz)
{
    w->records = 0;
    for (unsigned l = 0; l < LANES; l++)
        w->content[l] = digest_mix(b, l);
    w->timing = digest_mix(b, LANES);
    latency_init(&w->first_out, hz);
    latency_init(&w->last_out, hz);
}

uint64_t boundary_watch_content(const struct boundary_watch *w)
{
    uint64_t h = w->records;
    for (unsigned l = 0; l < LANES; l++)
        h = digest_mix(h, w->content[l]);
    return h;
}

uint64_t boundary_watch_timing(const struct boundary_watch *w)
{
    return digest_mix(boundary_watch_content(w), w->timing);
}

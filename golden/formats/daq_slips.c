#include "golden/formats/daq_slips.h"

static void take_block(struct daq_slips *d, const struct bx_item *item)
{
    if (d->orbits != 1 || item->form != FORM_LINKS || d->blocks == BX_PER_ORBIT)
        return;
    d->layout = item->layout;
    d->bx[d->blocks] = item->bx;
    d->block[d->blocks++] = item->links.block;
}

int daq_slips_take(struct daq_slips *d, const struct bx_item *item)
{
    switch (item->kind) {
    case ITEM_ORBIT:
        if (d->orbits++ == 0)
            d->blocks = 0;
        break;
    case ITEM_BX: take_block(d, item); break;
    case ITEM_END: d->next = d->hits = 0; return 1;
    case ITEM_PACKET: d->orbits = 0; break;
    }
    return 0;
}

int daq_slips_give(struct daq_slips *d, struct bx_item *record)
{
    uint32_t w[HOST_RECORD_MAX_WORDS];
    unsigned words = 0;
    while (d->next < d->blocks && words == 0)
        words = host_record_build(&d->block[d->next++], d->layout, LINK_FORMAT_RUN3, 0, w);
    if (words == 0)
        return 0;
    struct host_record *r = &record->muons;
    host_record_parse(w, LINK_FORMAT_RUN3, r);
    record->kind = ITEM_BX;
    record->form = FORM_MUONS;
    record->layout = LINK_FORMAT_RUN3;
    record->source = SOURCE_ID_GMT;
    record->base = 0;
    record->orbit = r->orbit;
    record->bx = d->bx[d->hits++];
    r->bx_word = r->bx = record->bx;
    r->bx_match = 0xff;
    for (unsigned i = 0; i < (unsigned)r->a + r->b; i++)
        r->muon[i].extra = (record->bx & ~1u) | (i >= r->a);
    return 1;
}

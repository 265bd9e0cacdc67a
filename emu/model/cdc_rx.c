#include "emu/model/cdc_rx.h"

#include <string.h>

enum { FLAG_FIRST = 1, FLAG_ERR = 2, FLAG_CRC_BAD = 4 };

void cdc_rx_init(struct cdc_rx *s, const struct board_cfg *cfg)
{
    memset(s, 0, sizeof *s);
    s->stages = cfg->sync_stages;
}

/* One edge of a synchroniser. */
static void shift(union cdc_rx_pointers *sync, unsigned stages, union cdc_rx_pointers in)
{
    for (unsigned i = stages - 1; i > 0; i--)
        sync[i] = sync[i - 1];
    sync[0] = in;
}

static void store(struct cdc_rx *s, unsigned l, const struct link_rx_out *in)
{
    unsigned at = s->write.lane[l]++ % CDC_RX_DEPTH;
    s->data[at][l] = in->data[l];
    s->flags[at][l] = (in->first >> l & 1) * FLAG_FIRST | (in->err >> l & 1) * FLAG_ERR |
                      (in->crc_bad >> l & 1) * FLAG_CRC_BAD;
}

void cdc_rx_step_line(struct cdc_rx *s, const struct bus_view *now)
{
    const struct link_rx_out *in = &now->line->link_rx;
    union cdc_rx_pointers read = s->read_sync[s->stages - 1];
    shift(s->read_sync, s->stages, s->read_seen);
    if (!in->valid)
        return;
    for (unsigned l = 0; l < LANES; l++) {
        if (!(in->valid >> l & 1))
            continue;
        if ((uint8_t)(s->write.lane[l] - read.lane[l]) == CDC_RX_DEPTH)
            s->overflows[l]++;
        else
            store(s, l, in);
    }
}

static void fetch(struct cdc_rx *s, unsigned l, struct cdc_rx_out *next)
{
    unsigned at = s->read.lane[l]++ % CDC_RX_DEPTH;
    unsigned flags = s->flags[at][l];
    next->data[l] = s->data[at][l];
    next->valid |= 1u << l;
    next->first |= (flags & FLAG_FIRST ? 1u : 0) << l;
    next->err |= (flags & FLAG_ERR ? 1u : 0) << l;
    next->crc_bad |= (flags & FLAG_CRC_BAD ? 1u : 0) << l;
}

void cdc_rx_step_board(struct cdc_rx *s, const struct bus_view *now, struct cdc_rx_out *next)
{
    (void)now; /* all inputs come through the FIFO */
    union cdc_rx_pointers write = s->write_sync[s->stages - 1];
    shift(s->write_sync, s->stages, s->write_seen);
    next->valid = next->first = next->err = next->crc_bad = 0;
    if (write.all == s->read.all)
        return;
    for (unsigned l = 0; l < LANES; l++)
        if (write.lane[l] != s->read.lane[l])
            fetch(s, l, next);
}

void cdc_rx_status(const struct cdc_rx *s, struct board_status *status)
{
    for (unsigned l = 0; l < LANES; l++)
        status->lane[l].cdc_overflows = s->overflows[l];
}

#include "emu/model/cdc_rx.h"

#include <string.h>

enum { FIRST_SHIFT = 32, ERR_SHIFT = 40, CRC_BAD_SHIFT = 48 };

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

/* The flags of all lanes in their places. */
static uint64_t flags_of(const struct link_rx_out *in)
{
    return (uint64_t)in->first << FIRST_SHIFT | (uint64_t)in->err << ERR_SHIFT |
           (uint64_t)in->crc_bad << CRC_BAD_SHIFT;
}

/* The places of one lane's flags. */
static uint64_t lane_flags(unsigned l)
{
    return (UINT64_C(1) << FIRST_SHIFT | UINT64_C(1) << ERR_SHIFT | UINT64_C(1) << CRC_BAD_SHIFT) << l;
}

void cdc_rx_step_line(struct cdc_rx *s, const struct bus_view *now)
{
    const struct link_rx_out *in = &now->line->link_rx;
    union cdc_rx_pointers read = s->read_sync[s->stages - 1];
    shift(s->read_sync, s->stages, s->read_seen);
    if (!in->valid)
        return;
    uint64_t flags = flags_of(in);
    for (unsigned l = 0; l < LANES; l++) {
        if (!(in->valid >> l & 1))
            continue;
        if ((uint8_t)(s->write.lane[l] - read.lane[l]) == CDC_RX_DEPTH)
            s->overflows[l]++;
        else
            s->fifo[s->write.lane[l]++ % CDC_RX_DEPTH][l] = in->data[l] | (flags & lane_flags(l));
    }
}

/* All lanes have a word at the same place, as without skew. Returns the flags, OR-ed. */
static uint64_t fetch_row(struct cdc_rx *s, struct cdc_rx_out *next)
{
    const uint64_t *row = s->fifo[s->read.lane[0] % CDC_RX_DEPTH];
    uint64_t flags = 0;
    for (unsigned l = 0; l < LANES; l++) {
        next->data[l] = row[l];
        flags |= row[l];
        s->read.lane[l]++;
    }
    next->valid = 0xff;
    return flags;
}

static uint64_t fetch_lanes(struct cdc_rx *s, union cdc_rx_pointers write, struct cdc_rx_out *next)
{
    uint64_t flags = 0;
    for (unsigned l = 0; l < LANES; l++) {
        if (write.lane[l] == s->read.lane[l])
            continue;
        uint64_t word = s->fifo[s->read.lane[l]++ % CDC_RX_DEPTH][l];
        next->data[l] = word;
        next->valid |= 1u << l;
        flags |= word;
    }
    return flags;
}

static int all_equal(union cdc_rx_pointers p)
{
    return p.all == p.lane[0] * UINT64_C(0x0101010101010101);
}

void cdc_rx_step_board(struct cdc_rx *s, const struct bus_view *now, struct cdc_rx_out *next)
{
    (void)now; /* all inputs come through the FIFO */
    union cdc_rx_pointers write = s->write_sync[s->stages - 1];
    uint64_t flags = 0;
    shift(s->write_sync, s->stages, s->write_seen);
    next->valid = 0;
    if (write.all != s->read.all)
        flags = all_equal(write) && all_equal(s->read) ? fetch_row(s, next) : fetch_lanes(s, write, next);
    next->first = flags >> FIRST_SHIFT;
    next->err = flags >> ERR_SHIFT;
    next->crc_bad = flags >> CRC_BAD_SHIFT;
}

void cdc_rx_status(const struct cdc_rx *s, struct board_status *status)
{
    for (unsigned l = 0; l < LANES; l++)
        status->lane[l].cdc_overflows = s->overflows[l];
}

#include "golden/formats/link_words.h"

#include "golden/formats/crc32.h"

void link_encoder_init(struct link_encoder *e, uint32_t link_id, uint16_t gap_first)
{
    *e = (struct link_encoder){.crc = CRC32_START, .link_id = link_id, .gap_first = gap_first};
}

static struct link_word comma(void)
{
    return (struct link_word){LINK_COMMA, LINK_K_COMMA};
}

static struct link_word data(uint32_t word)
{
    return (struct link_word){word, LINK_K_DATA};
}

/* Comma, CRC, link id, three commas; the register is set back by the third comma in a row. */
static void first_gap_bx(struct link_encoder *e, struct link_word out[FRAMES])
{
    for (unsigned frame = 0; frame < FRAMES; frame++)
        out[frame] = comma();
    out[1] = data(e->crc);
    out[2] = data(link_id_word(e->link_id));
    e->crc = CRC32_START;
}

static void comma_bx(struct link_word out[FRAMES])
{
    for (unsigned frame = 0; frame < FRAMES; frame++)
        out[frame] = comma();
}

static void payload_bx(struct link_encoder *e, const struct bx_block *block, unsigned lane,
                       struct link_word out[FRAMES])
{
    for (unsigned frame = 0; frame < FRAMES; frame++) {
        out[frame] = data(block->w[frame * LANES + lane]);
        e->crc = crc32_word(e->crc, out[frame].data);
    }
}

void link_encoder_bx(struct link_encoder *e, uint16_t bx, const struct bx_block *block, unsigned lane,
                     struct link_word out[FRAMES])
{
    if (bx == e->gap_first)
        first_gap_bx(e, out);
    else if (link_in_gap(bx, e->gap_first))
        comma_bx(out);
    else
        payload_bx(e, block, lane, out);
}

int link_pacer_init(struct link_pacer *p, uint64_t payload_hz, uint64_t line_hz)
{
    *p = (struct link_pacer){.payload_hz = payload_hz, .line_hz = line_hz};
    return payload_hz == 0 || payload_hz > line_hz || line_hz > UINT64_C(1) << 62 ? -1 : 0;
}

int link_lanes_init(struct link_lanes *l, uint16_t gap_first, const uint32_t link_id[LANES],
                    uint64_t payload_hz, uint64_t line_hz)
{
    for (unsigned lane = 0; lane < LANES; lane++)
        link_encoder_init(&l->lane[lane], link_id[lane], gap_first);
    return link_pacer_init(&l->pacer, payload_hz, line_hz);
}

size_t link_lanes_max_ticks(const struct link_lanes *l)
{
    uint64_t each = (l->pacer.line_hz + l->pacer.payload_hz - 1) / l->pacer.payload_hz;
    return FRAMES * (size_t)each;
}

static void put_padding(struct link_tick *tick)
{
    struct link_word pad = link_padding();
    for (unsigned lane = 0; lane < LANES; lane++) {
        tick->data[lane] = pad.data;
        tick->k[lane] = pad.k;
    }
}

size_t link_lanes_bx(struct link_lanes *l, uint16_t bx, const struct bx_block *block, struct link_tick *out)
{
    struct link_word words[LANES][FRAMES];
    size_t n = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        link_encoder_bx(&l->lane[lane], bx, block, lane, words[lane]);
    for (unsigned frame = 0; frame < FRAMES; frame++, n++) {
        while (!link_pacer_due(&l->pacer))
            put_padding(&out[n++]);
        for (unsigned lane = 0; lane < LANES; lane++) {
            out[n].data[lane] = words[lane][frame].data;
            out[n].k[lane] = words[lane][frame].k;
        }
    }
    return n;
}

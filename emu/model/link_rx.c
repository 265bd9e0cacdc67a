#include "emu/model/link_rx.h"

#include "golden/formats/crc32.h"
#include "golden/formats/link_words.h"

#include <string.h>

enum { ALL_LANES = 0xff, COMMAS_OF_GAP = 3 };

void link_rx_init(struct link_rx *s, const struct board_cfg *cfg)
{
    (void)cfg; /* the receiver has no configuration */
    memset(s, 0, sizeof *s);
    for (unsigned l = 0; l < LANES; l++) {
        s->crc[l] = CRC32_START;
        s->state[l] = LINK_RX_GAP;
    }
}

static void emit(struct link_rx *s, unsigned l, uint32_t word, struct link_rx_out *next)
{
    next->valid |= 1u << l;
    next->data[l] = word;
    s->count[l].words++;
}

static void enter(struct link_rx *s, unsigned l, enum link_rx_state state)
{
    uint8_t lane = 1u << l;
    s->state[l] = state;
    s->in_data = state == LINK_RX_DATA && s->lock & lane ? s->in_data | lane : s->in_data & ~lane;
}

static void lock_lane(struct link_rx *s, unsigned l)
{
    uint8_t lane = 1u << l;
    s->lock |= lane;
    s->window &= ~lane;
    s->bad &= ~lane;
    s->crc[l] = CRC32_START;
    enter(s, l, LINK_RX_GAP);
}

static void judge_crc(struct link_rx *s, unsigned l, int good)
{
    uint8_t lane = 1u << l;
    if (!(s->window & lane))
        return;
    if (good) {
        s->count[l].crc_ok++;
        return;
    }
    s->bad |= lane;
    s->count[l].crc_bad++;
}

static void comma_in_gap(struct link_rx *s, unsigned l)
{
    if (s->commas[l] < COMMAS_OF_GAP)
        s->commas[l]++;
    if (s->commas[l] < COMMAS_OF_GAP)
        return;
    if (s->lock >> l & 1)
        s->crc[l] = CRC32_START;
    else
        lock_lane(s, l);
}

static void take_comma(struct link_rx *s, unsigned l)
{
    s->count[l].commas++;
    if (!(s->lock >> l & 1)) {
        comma_in_gap(s, l);
        return;
    }
    switch ((enum link_rx_state)s->state[l]) {
    case LINK_RX_DATA:
        s->commas[l] = 1;
        enter(s, l, LINK_RX_CRC);
        break;
    case LINK_RX_CRC: /* no CRC was sent */
        s->commas[l] = 2;
        judge_crc(s, l, 0);
        enter(s, l, LINK_RX_GAP);
        break;
    case LINK_RX_ID:
        s->commas[l] = 1;
        enter(s, l, LINK_RX_GAP);
        break;
    case LINK_RX_GAP:
        comma_in_gap(s, l);
        break;
    }
}

static void first_word_after_gap(struct link_rx *s, unsigned l, uint32_t word, struct link_rx_out *next)
{
    uint8_t lane = 1u << l;
    emit(s, l, word, next);
    next->first |= lane;
    next->crc_bad |= s->bad & lane;
    s->bad &= ~lane;
    s->window |= lane;
    s->crc[l] = crc32_word(CRC32_START, word);
    enter(s, l, LINK_RX_DATA);
}

static void data_in_gap(struct link_rx *s, unsigned l, uint32_t word, unsigned commas,
                        struct link_rx_out *next)
{
    uint8_t lane = 1u << l;
    if (commas == COMMAS_OF_GAP) {
        first_word_after_gap(s, l, word, next);
        return;
    }
    s->lock &= ~lane; /* the gap broke off; the next three commas lock again */
    s->count[l].lock_losses++;
}

static void take_data(struct link_rx *s, unsigned l, uint32_t word, struct link_rx_out *next)
{
    unsigned commas = s->commas[l];
    s->commas[l] = 0;
    if (!(s->lock >> l & 1))
        return;
    switch ((enum link_rx_state)s->state[l]) {
    case LINK_RX_DATA:
        emit(s, l, word, next);
        s->crc[l] = crc32_word(s->crc[l], word);
        break;
    case LINK_RX_CRC:
        judge_crc(s, l, word == s->crc[l]);
        enter(s, l, LINK_RX_ID);
        break;
    case LINK_RX_ID:
        s->count[l].link_id = link_id_of_word(word);
        enter(s, l, LINK_RX_GAP);
        break;
    case LINK_RX_GAP:
        data_in_gap(s, l, word, commas, next);
        break;
    }
}

static void take_k_error(struct link_rx *s, unsigned l, uint32_t word, struct link_rx_out *next)
{
    s->count[l].k_errors++;
    s->commas[l] = 0;
    if (!(s->lock >> l & 1))
        return;
    switch ((enum link_rx_state)s->state[l]) {
    case LINK_RX_DATA: /* it keeps its place, but is not in the CRC */
        emit(s, l, word, next);
        next->err |= 1u << l;
        break;
    case LINK_RX_CRC:
        judge_crc(s, l, 0);
        enter(s, l, LINK_RX_ID);
        break;
    case LINK_RX_ID:
        enter(s, l, LINK_RX_GAP);
        break;
    case LINK_RX_GAP:
        break;
    }
}

static void take_word(struct link_rx *s, unsigned l, uint32_t word, uint8_t k, struct link_rx_out *next)
{
    if (k == LINK_K_DATA)
        take_data(s, l, word, next);
    else if (k == LINK_K_PADDING && word == LINK_PADDING)
        s->count[l].pads++;
    else if (k == LINK_K_COMMA && word == LINK_COMMA)
        take_comma(s, l);
    else
        take_k_error(s, l, word, next);
}

/* All lanes inside a window and all words data: nearly every edge. `commas` is 0 already. */
static void take_data_row(struct link_rx *s, const struct line_in *in, struct link_rx_out *next)
{
    memcpy(next->data, in->data, sizeof next->data);
    for (unsigned l = 0; l < LANES; l++)
        s->crc[l] = crc32_word(s->crc[l], in->data[l]);
    next->valid = ALL_LANES;
    s->all_words++;
}

static int all_padding(const struct line_in *in, uint64_t k)
{
    uint32_t other = 0;
    for (unsigned l = 0; l < LANES; l++)
        other |= in->data[l] ^ LINK_PADDING;
    return k == UINT64_C(0x0f0f0f0f0f0f0f0f) && !other;
}

void link_rx_step(struct link_rx *s, const struct bus_view *now, struct link_rx_out *next)
{
    const struct line_in *in = now->in;
    uint64_t k;
    memcpy(&k, in->k, sizeof k);
    next->valid = next->first = next->err = next->crc_bad = 0;
    if (k == 0 && s->in_data == ALL_LANES)
        take_data_row(s, in, next);
    else if (all_padding(in, k))
        s->all_pads++;
    else
        for (unsigned l = 0; l < LANES; l++)
            take_word(s, l, in->data[l], in->k[l], next);
    next->lock = s->lock;
}

void link_rx_status(const struct link_rx *s, struct board_status *status)
{
    for (unsigned l = 0; l < LANES; l++) {
        uint32_t overflows = status->lane[l].cdc_overflows;
        status->lane[l] = s->count[l];
        status->lane[l].words += s->all_words;
        status->lane[l].pads += s->all_pads;
        status->lane[l].cdc_overflows = overflows;
    }
}

/* The words of a 10 Gb/s scouting link (domain.md 4.1, docs/chain.md "gmt_link").
 *
 * A *stream word* is a word before rate adaption: payload, comma, CRC or link id, six a BX. A *line word* is
 * what is on the line at one edge of the line clock: a stream word when one is due, padding else.
 *
 *     link_encoder_init(&e, 0, LINK_GAP_FIRST);
 *     link_pacer_init(&p, 6 * 40078900, 250000000);
 *     at each line edge:  word = link_pacer_due(&p) ? next stream word : link_padding();
 */
#ifndef GOLDEN_FORMATS_LINK_WORDS_H
#define GOLDEN_FORMATS_LINK_WORDS_H

#include "golden/bx.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LINK_COMMA UINT32_C(0x505050BC)
#define LINK_PADDING UINT32_C(0xF7F7F7F7)

enum {
    LINK_GAP_FIRST = 3555, /* default: that of the track finders' links; the GMT's own is not public */
    LINK_K_DATA = 0,
    LINK_K_COMMA = 1,
    LINK_K_PADDING = 15,
};

struct link_word {
    uint32_t data;
    uint8_t k; /* bit b: byte b is a K character */
};

static inline struct link_word link_padding(void)
{
    return (struct link_word){LINK_PADDING, LINK_K_PADDING};
}

/* One edge of the line clock, all lanes. */
struct link_tick {
    uint32_t data[LANES];
    uint8_t k[LANES];
};

/* Link id word: {6'b0, id[9:0], 6'b0, id[19:10]}. */
static inline uint32_t link_id_word(uint32_t id) { return (id & 0x3ff) << 16 | (id >> 10 & 0x3ff); }
static inline uint32_t link_id_of_word(uint32_t word) { return (word & 0x3ff) << 10 | (word >> 16 & 0x3ff); }

/* Whether a BX is one of the GAP_BX that carry no payload; the first payload BX after them; the BX after a
 * payload BX. */
static inline int link_in_gap(unsigned bx, unsigned gap_first)
{
    return (bx + BX_PER_ORBIT - gap_first) % BX_PER_ORBIT < GAP_BX;
}
static inline unsigned link_window_first(unsigned gap_first) { return (gap_first + GAP_BX) % BX_PER_ORBIT; }

/* One lane: keeps the CRC of the payload since the last gap. */
struct link_encoder {
    uint32_t crc;
    uint32_t link_id;   /* 20 bits */
    uint16_t gap_first; /* 0..3563 */
};

void link_encoder_init(struct link_encoder *e, uint32_t link_id, uint16_t gap_first);

/* The six stream words of lane `lane` in BX `bx`. BX are given in order, from any one on. `block` may be NULL
 * in the gap. */
void link_encoder_bx(struct link_encoder *e, uint16_t bx, const struct bx_block *block, unsigned lane,
                     struct link_word out[FRAMES]);

/* Says at which line edges a stream word is due: integer accumulation, so exact for ever. */
struct link_pacer {
    uint64_t payload_hz, line_hz, acc;
};

/* 0; or -1 when payload_hz is 0 or above line_hz (words would have to be lost), or line_hz is above 2^62. */
int link_pacer_init(struct link_pacer *p, uint64_t payload_hz, uint64_t line_hz);

static inline int link_pacer_due(struct link_pacer *p)
{
    p->acc += p->payload_hz;
    if (p->acc < p->line_hz)
        return 0;
    p->acc -= p->line_hz;
    return 1;
}

/* Eight lanes without skew: BX in, line ticks out. */
struct link_lanes {
    struct link_encoder lane[LANES];
    struct link_pacer pacer;
};

int link_lanes_init(struct link_lanes *l, uint16_t gap_first, const uint32_t link_id[LANES],
                    uint64_t payload_hz, uint64_t line_hz);

/* How many ticks a BX can take at most: the space that link_lanes_bx needs. */
size_t link_lanes_max_ticks(const struct link_lanes *l);

/* Writes the ticks up to and including the BX's last word; returns how many. */
size_t link_lanes_bx(struct link_lanes *l, uint16_t bx, const struct bx_block *block, struct link_tick *out);

#ifdef __cplusplus
}
#endif
#endif

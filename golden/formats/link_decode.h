/* Line words of eight lanes back to BX, untimed and fast: what link_rx and link_align give (docs/chain.md),
 * without clocks.
 *
 *     struct link_decoder *d = link_decoder_new(&cfg, sink, ctx);
 *     link_decoder_ticks(d, ticks, n);       // any number of times; sink is called from inside
 *     link_decoder_stats(d)->lane[0].crc_ok;
 *     link_decoder_free(d);
 *
 * Per lane the rules of link_rx hold to the word: lock after three commas, CRC judged from the second gap on,
 * words with K errors keep their place. Lanes are joined by their first word after the gap, whatever their
 * skew is, up to `max_skew` words; output starts at the first BX 0 after alignment.
 */
#ifndef GOLDEN_FORMATS_LINK_DECODE_H
#define GOLDEN_FORMATS_LINK_DECODE_H

#include "golden/bx.h"
#include "golden/formats/link_words.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LINK_DECODE_BATCH = 64, LINK_DECODE_MAX_SKEW = 32768 };

struct link_decoder_cfg {
    enum link_format format;
    uint16_t gap_first;
    uint32_t max_skew; /* words that a lane may be ahead, 1..LINK_DECODE_MAX_SKEW; more: all start again.
                        * From 256 on decoding is fastest. */
};

/* One BX as link_align shows it. */
struct decoded_bx {
    uint32_t orbit;   /* lane 0's claim */
    uint16_t bx;      /* counted from the gap, 0..3563 */
    uint8_t err;      /* lane mask: a word had a K error */
    uint8_t crc_bad;  /* lane mask: the window before the last gap failed its CRC */
    uint8_t mismatch; /* lane mask: the lane claims another BX */
};

/* Called with 1..LINK_DECODE_BATCH BX in order; both arrays are valid during the call only. */
typedef void link_decoder_sink(void *ctx, const struct bx_block *blocks, const struct decoded_bx *info,
                               size_t n);

struct link_lane_stats {
    uint64_t words, pads, commas, k_errors;
    uint64_t crc_ok, crc_bad, lock_losses;
    uint32_t link_id; /* as last received */
    uint8_t lock;
};

struct link_decoder_stats {
    struct link_lane_stats lane[LANES];
    uint64_t bx, mismatches; /* BX given to the sink; those of them with a mismatch bit */
    uint64_t align_losses, align_overflows;
};

struct link_decoder;

/* NULL when memory is out or cfg is out of range. */
struct link_decoder *link_decoder_new(const struct link_decoder_cfg *cfg, link_decoder_sink *sink, void *ctx);
void link_decoder_free(struct link_decoder *d);

/* Takes n ticks of the line and gives every BX that they complete. */
void link_decoder_ticks(struct link_decoder *d, const struct link_tick *ticks, size_t n);

const struct link_decoder_stats *link_decoder_stats(const struct link_decoder *d);

#ifdef __cplusplus
}
#endif
#endif

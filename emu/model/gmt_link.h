/* gmt_link, the outside world: takes BX blocks from a source and presents the eight lanes' line words, one
 * row at each line edge, with padding, gap, CRC, link id, skew and faults. Rules: docs/chain.md "gmt_link",
 * domain.md 4.1.
 *
 * Time runs over whole orbits first_orbit .. first_orbit + orbits - 1 and starts somewhere in the orbit
 * before: at the first edge a lane without skew shows the word (start_bx, start_frame) of that orbit. A
 * lane with skew s shows what that lane would have shown s line words earlier: the link was running before
 * anybody looked, so the source is asked for up to GMT_LINK_RUN_UP words before the start, which may reach
 * two orbits back. Skews do not move the paddings of other lanes. After the last word of the last orbit
 * every lane sends padding for ever, which no receiver counts as an error (commas would look like a gap
 * without CRC).
 */
#ifndef EMU_MODEL_GMT_LINK_H
#define EMU_MODEL_GMT_LINK_H

#include "emu/model/bus.h"
#include "golden/message.h"
#include "golden/stimulus/bx_source.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GMT_LINK_MAX_SKEW = 400, /* line words */
    GMT_LINK_MAX_SLIP = 100, /* net line words that faults may drop or insert on a lane */
    GMT_LINK_RUN_UP = 512,   /* stream words sent before the first edge */
    GMT_LINK_HISTORY = 4096, /* BX that gmt_link_sent() remembers */
};

enum link_word_kind {
    LINK_PAYLOAD,
    LINK_GAP,   /* comma, CRC, link id */
    LINK_PAD,   /* padding between stream words; the tag is that of the next stream word */
    LINK_FAULT, /* sent by a fault instead of, or in addition to, the word of the tag */
    LINK_IDLE,  /* padding after the last orbit; orbit is the one after it, bx and frame 0 */
};

/* What a word truly is, whatever it claims or became. */
struct word_tag {
    uint32_t orbit;
    uint16_t bx;   /* 0..3563 */
    uint8_t frame; /* 0..5 */
    uint8_t kind;  /* enum link_word_kind */
};

struct line_tag {
    struct word_tag lane[LANES];
};

/* Faults act on the words as they leave, after the CRC was computed. Each is tied to one stream word of one
 * lane. */
enum link_fault_kind {
    FAULT_BIT_FLIP,    /* value: data bit 0..31 that is inverted */
    FAULT_K_ERROR,     /* value: the word's K bits are XORed with it, 1..15 */
    FAULT_DROP_WORD,   /* value: 1..64 line words from this one are not sent; the lane slips ahead */
    FAULT_INSERT_WORD, /* value: this word is sent 1..64 times more; the lane slips behind */
    FAULT_CRC_ERROR,   /* value: bit 0..31 of the orbit's CRC word; bx and frame are not looked at */
    FAULT_COMMAS,      /* value: commas instead of 1..GMT_LINK_MAX_OFF line words from this one */
    FAULT_PADS,        /* value: paddings instead of 1..GMT_LINK_MAX_OFF line words from this one */
    LINK_FAULT_KINDS
};

enum { GMT_LINK_MAX_OFF = 1000000 };

/* One at a word that is never sent (before the start, after the last orbit) does nothing. */
struct link_fault {
    uint32_t kind; /* enum link_fault_kind */
    uint32_t orbit;
    uint16_t bx; /* 0..3563, of the gap too */
    uint8_t frame, lane;
    uint32_t value;
};

/* Name, meaning of the value and its range, for reading and describing scenarios. */
struct link_fault_info {
    const char *name, *value;
    uint32_t min, max;
};
extern const struct link_fault_info link_fault_info[LINK_FAULT_KINDS];

struct gmt_link_cfg {
    uint64_t payload_hz, line_hz; /* 1 <= payload_hz <= line_hz < 2^62: 6 x LHC and the line's word clock */
    uint32_t first_orbit, orbits; /* orbits: 1..2^31; the orbit number wraps at 2^32 */
    uint16_t gap_first;           /* 0..3563 */
    uint16_t start_bx;            /* 0..3563 */
    uint8_t start_frame;          /* 0..5 */
    uint16_t skew[LANES];         /* line words, 0..GMT_LINK_MAX_SKEW */
    uint32_t link_id[LANES];      /* 20 bits */
    const struct link_fault *faults; /* any order; copied */
    size_t fault_count;
    struct bx_source source; /* asked for BX in order, never for those of the gap */
};

struct gmt_link;

/* NULL with a message when a value is out of range, when faults on a lane slip further than
 * GMT_LINK_MAX_SLIP or lie in words that another fault drops, or when the source fails during the run-up. */
struct gmt_link *gmt_link_open(const struct gmt_link_cfg *cfg, struct message *m);
void gmt_link_close(struct gmt_link *g); /* NULL is allowed */

/* The next line edge. tag may be NULL. Returns 1 while some lane still sends words of the orbits, 0 from
 * the first row on that is idle on all lanes (call on, if you like), -1 when the source failed; its own
 * error text then says why, and orbit and BX are gmt_link_failed_at(). */
int gmt_link_next(struct gmt_link *g, struct line_in *out, struct line_tag *tag);
void gmt_link_failed_at(const struct gmt_link *g, uint32_t *orbit, uint16_t *bx);

/* How many faults have taken effect so far. */
uint64_t gmt_link_faults_done(const struct gmt_link *g);

/* The block that was sent as (orbit, bx), before any fault. NULL when it is not among the last
 * GMT_LINK_HISTORY BX, lies in the gap, or was not sent. Valid until the next gmt_link_next(). */
const struct bx_block *gmt_link_sent(const struct gmt_link *g, uint32_t orbit, uint16_t bx);

#ifdef __cplusplus
}
#endif
#endif

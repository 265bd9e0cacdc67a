/* What the files of the scouting chain carry, whatever their format: a sequence of items, most of them one BX
 * each.
 *
 * A BX comes in one of the forms below. `bx_item_links` and `bx_item_muons` turn one form into another; what
 * the target cannot hold is counted in `struct losses`, never dropped in silence.
 */
#ifndef GOLDEN_FORMATS_BX_ITEM_H
#define GOLDEN_FORMATS_BX_ITEM_H

#include "golden/blocks/event_pack.h"
#include "golden/blocks/host_record.h"
#include "golden/bx.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bx_item_kind {
    ITEM_ORBIT,  /* an orbit begins */
    ITEM_BX,
    ITEM_END,    /* the orbit ends; formats without orbit markers send neither this nor ITEM_ORBIT */
    ITEM_PACKET, /* a DMA packet ends */
};

enum bx_form {
    FORM_LINKS, /* all 48 words of the eight lanes */
    FORM_MUONS, /* the muons that are there, lanes not known */
    FORM_WORDS, /* words of another source: BMTF stubs, calorimeter */
    FORM_UGT,   /* a row of the uGT's test vectors */
    FORMS
};

/* Who wrote a BX: ids of CMS's scouting raw data (domain.md 3.4). Which of the calorimeter's TCP sources
 * sends what is for CMSSW's configuration to say: these are its defaults (ScCaloRawToDigi_cfi.py). */
enum bx_source_id {
    SOURCE_ID_GMT = 1,
    SOURCE_ID_CALO = 2,
    SOURCE_ID_BMTF_FIRST = 10,
    SOURCE_ID_BMTF_LAST = 21,
    SOURCE_ID_CALO_JET = 22,
    SOURCE_ID_CALO_EGAMMA = 23,
    SOURCE_ID_CALO_SUM = 24,
    SOURCE_ID_CALO_TAU = 25,
    SOURCE_ID_CALO_LAST = 29, /* 26..29: objects that nobody has named */
    SOURCE_ID_TOWER = 32,
};

enum { BX_MAX_WORDS = 4096, UGT_MUONS = 8, UGT_ROW_SIZE = 800, CALO_WORDS = 56, CALO_SUMS = 6 };

struct bx_links {
    struct bx_block block;
    uint8_t appended;                                /* bxact's corrections follow */
    struct dma_frame correction[PACK_APPENDED_FRAMES]; /* docs/chain.md "event_pack", Appended */
};

struct bx_words {
    uint32_t header, n; /* header: 0 where the source has none (SOURCE_ID_CALO_SUM) */
    uint32_t word[BX_MAX_WORDS];
};

struct bx_ugt {
    uint64_t muon[UGT_MUONS];
    char row[UGT_ROW_SIZE]; /* as read, with its 0-based BX; "" when the row was not read from such a file */
    uint8_t crlf;
};

struct bx_item {
    enum bx_item_kind kind;
    enum bx_form form;
    enum link_format layout; /* of links and muons */
    uint32_t orbit;
    uint16_t bx;             /* 0..3563 */
    uint8_t base;            /* what the data themselves count an orbit's first BX as: 0 or 1 */
    uint32_t source;         /* enum bx_source_id */
    uint32_t run, ls;        /* of ITEM_ORBIT; 0 where the format has none */
    uint8_t checked;         /* ITEM_ORBIT: the file has a CRC for it */
    uint32_t packet[LANES];  /* of ITEM_PACKET: the frame as it stands in the file */
    union {
        struct bx_links links;
        struct host_record muons;
        struct bx_words words;
        struct bx_ugt ugt;
    };
};

/* What conversions can lose. */
enum loss {
    LOSS_LANES,        /* muons: on which lane and slot they came */
    LOSS_EMPTY_BX,     /* BX without muons */
    LOSS_COUNTERS,     /* BX whose lanes disagreed in BX or orbit number */
    LOSS_ABSENT,       /* muon words with pT code 0, but other bits set */
    LOSS_CORRECTIONS,  /* BX with appended corrections */
    LOSS_RUN3,         /* muons: what only Run-3's word has */
    LOSS_EXTRA,        /* muons: raw eta, intermediate flag of the 12-byte record */
    LOSS_TYPE,         /* muons: bits [63:62] of the 2018 copy, the muon's type */
    LOSS_INTERMEDIATE, /* muons of intermediate lanes */
    LOSS_ORBIT_NUMBER, /* orbits: their number */
    LOSS_PACKETS,      /* DMA packets: their ends and counts */
    LOSS_SOURCE,       /* BX of other sources than the GMT */
    LOSS_COLUMNS,      /* uGT rows: calorimeter, external conditions, algorithms */
    LOSS_RUN,          /* orbits: run and lumi section */
    LOSS_SIDE,         /* words: strobe, start, end, error marks */
    LOSS_BITS,         /* words: bits 63:32 */
    LOSS_WORDS,        /* link words outside whole BX */
    LOSS_BOARDS,       /* boards beyond the first */
    LOSS_NAME,         /* boards: their name */
    LOSS_BOARD_HEADER, /* DMA packets: the board's header */
    LOSSES
};
extern const char *const loss_names[LOSSES];

struct losses {
    uint64_t n[LOSSES];
};

/* Whatever form (but FORM_WORDS) to links in `layout`, in place. Muons without a lane go to lanes in order,
 * final ones to `final_lanes`, intermediate ones to the others. 0; -1 when the form cannot be turned (then
 * nothing has changed). */
int bx_item_links(struct bx_item *item, enum link_format layout, uint8_t final_lanes, struct losses *l);

/* Whatever form (but FORM_WORDS) to muons in `layout`, in place: 1; 0 when there is no muon; -1 as above. */
int bx_item_muons(struct bx_item *item, enum link_format layout, uint8_t final_lanes, struct losses *l);

/* The record of links in `layout`, with what it loses counted, the item left as it is: its words; 0 when
 * there is no muon. */
unsigned bx_item_record(const struct bx_item *item, enum link_format layout, struct losses *l,
                        uint32_t words[HOST_RECORD_MAX_WORDS]);

/* Whatever form (but FORM_WORDS) to a row of uGT muons, in place. */
int bx_item_ugt(struct bx_item *item, uint8_t final_lanes, struct losses *l);

/* Copies what the item's kind and form use. */
void bx_item_copy(struct bx_item *to, const struct bx_item *from);

/* Makes the BX numbers in links and records count from `base`. */
void bx_item_rebase(struct bx_item *item, unsigned base);

/* How many muons (pT code != 0) a BX has; muon i of them, with the slot for links (else -1). */
struct bx_muon {
    uint64_t muon;
    int slot;         /* -1: not known */
    int intermediate; /* 1, 0; -1: not known */
    int eta_raw;
    int has_eta_raw;
};
unsigned bx_item_list(const struct bx_item *item, struct bx_muon list[SLOTS]);

#ifdef __cplusplus
}
#endif
#endif

/* The stimulus of all ways, made in advance: what the links send, which edges fall when, the BX inside. */
#ifndef EMU_BENCH_STIMULUS_H
#define EMU_BENCH_STIMULUS_H

#include "emu/model/bus.h"
#include "emu/run/boards.h"
#include "emu/run/session.h"
#include "emu/scenario/scenario.h"
#include "golden/formats/link_words.h"
#include "golden/formats/muon.h"
#include "golden/network/recal_network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One instant: domains that tick, and the outside signals that they see. */
enum { INSTANT_STOP = 1 << DOMAINS, INSTANT_BUS_READY = 2 << DOMAINS };

struct stimulus {
    struct scenario *scenario;
    struct boards boards;
    struct board_cfg board;
    struct recal_network *network;
    uint8_t *instant;
    struct line_in *row;      /* one each line edge */
    struct link_tick *tick;   /* the same rows */
    struct bx_block *block;   /* payload BX of the orbits, BX 0 of the first one first, `copies` times over */
    gmt_word *muon;           /* all muons in them that are there, once */
    struct correction *correction; /* room for as many */
    size_t instants, rows, blocks, copies, muons;
    uint64_t board_cycles;
    size_t kept;              /* of `blocks`, by zero_suppress_keep() */
    struct board_status end;  /* the board's counters when all is drained, by the C models */
};

/* From the scenario that ships with the program (orbits, seed: texts or NULL). 0, or -1 with a message. The
 * caller releases it in both cases. */
int stimulus_make(struct stimulus *s, const char *orbits, const char *seed,
                  void (*note)(void *ctx, const char *text), void *ctx, struct message *m);
void stimulus_release(struct stimulus *s);

/* Opens the run of a scenario without files, as fast as it goes (a BX at a time) through `view`. */
struct run_setup stimulus_setup(const struct stimulus *s, enum run_view view);

#ifdef __cplusplus
}
#endif
#endif

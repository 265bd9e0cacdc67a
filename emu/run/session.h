/* Everything that one run holds open. */
#ifndef EMU_RUN_SESSION_H
#define EMU_RUN_SESSION_H

#include "emu/chain/chain.h"
#include "emu/run/run.h"
#include "emu/systemc/pin_view.h"
#include "golden/blocks/host.h"
#include "golden/stimulus/bx_source.h"
#include "golden/stimulus/file_source.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/mp7_source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct session {
    const struct scenario *scenario;
    struct generator *generator; /* one of the three sources */
    struct mp7_source *mp7;
    struct file_source *replay;
    struct bx_source source;
    struct gmt_link *link;
    struct bus_stall stall;
    struct check_log log;
    struct recal_network *network;
    struct watch *watch;
    struct host *host;
    FILE *records, *mismatches, *dma;
    char trace_path[SCENARIO_PATH_MAX + 32];
    struct chain_cfg cfg;
    struct chain *chain;      /* one of the two views */
    struct pin_view *pins;
    bool host_failed;         /* writing the host's file failed; the text comes from host_close */
};

/* How the run ended. */
enum drive_end { END_DONE, END_MISMATCH, END_STUCK, END_SOURCE, END_HOST, END_HALTED, END_INTERRUPTED };

/* 0, or -1 with a message; then nothing stays open. */
int session_open(struct session *s, const struct scenario *scenario, const struct run_setup *o,
                 struct message *m);

/* Collects the results, closes everything. 0, or -1 with a message when a file could not be written whole or
 * the source failed. */
int session_close(struct session *s, const struct run_setup *o, enum drive_end end, struct run_result *r,
                  struct message *m);

void session_status(struct session *s, struct board_status *status);
uint64_t session_cycles(const struct session *s, enum domain d);

#ifdef __cplusplus
}
#endif
#endif

/* The ways to work through the stimulus. Each does one pass, checks what came out and says how long the work
 * itself took; opening and closing are not counted. 0, or -1 with a message when the result is wrong. */
#ifndef EMU_BENCH_WAYS_H
#define EMU_BENCH_WAYS_H

#include "emu/bench/stimulus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pass {
    double seconds; /* processor time */
    uint64_t count; /* BX or muons */
    double plain_seconds; /* of reading the same file as bytes; 0 where there is no file */
};

/* Processor time of this process, in seconds. */
double processor_seconds(void);

/* The Verilated board alone, fed with the rows made before; opened once, reset for each pass. */
struct board_rtl;
int board_pass_open(const struct stimulus *s, struct board_rtl **board, struct message *m);
int board_pass_bare(const struct stimulus *s, struct board_rtl *board, struct pass *p, struct message *m);
int board_pass_systemc(const struct stimulus *s, struct board_rtl *board, struct pass *p, struct message *m);

/* The whole chain, links included, with the engines of `scenario`. watched: with watcher and golden, and the
 * verdict must be pass; else the counters must be s->end. *end (may be NULL) gets the counters. */
struct chain_way {
    enum run_view view;
    bool watched;
};
int chain_pass(const struct stimulus *s, const struct scenario *scenario, const struct chain_way *way,
               struct pass *p, struct board_status *end, struct message *m);

/* Golden: aligned blocks through zero suppression; line words through decoding and zero suppression; muons
 * through the network. */
int golden_pass_aligned(const struct stimulus *s, struct pass *p, struct message *m);
int golden_pass_lines(const struct stimulus *s, bool table_crc, struct pass *p, struct message *m);
int golden_pass_network(const struct stimulus *s, struct pass *p, struct message *m);

/* Files in memory: a DMA stream turned into the host's records; FRD read and checked; MP7 rows read and
 * written (counts bytes). */
int file_pass_host(const struct stimulus *s, struct pass *p, struct message *m);
int file_pass_frd(const struct stimulus *s, struct pass *p, struct message *m);
int file_pass_text(const struct stimulus *s, struct pass *p, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

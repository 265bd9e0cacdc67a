/* How fast the parts of bxact are, on one stimulus and in one run: what `bxact bench` does.
 *
 * Every row is one way to work through the same orbits, a pass is once through all of them. The rows take
 * turns, round after round, so that a machine that slows down does so for all. Rates are per second of
 * processor time (one thread does all the work), the median over the rounds; ratios are taken within a round.
 *
 * Each pass checks what came out (counters, verdict, numbers of BX kept): a wrong way is never fast.
 */
#ifndef EMU_BENCH_BENCH_H
#define EMU_BENCH_BENCH_H

#include "emu/scenario/scenario.h"
#include "golden/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BENCH_MAX_ROUNDS = 99, BENCH_MAX_ROWS = 16, BENCH_MAX_ORBITS = 200 };

struct bench_goal {
    double of_bare, per_s, of_plain; /* at least; 0: no such goal */
};

struct bench_result {
    const char *key, *title; /* for programs and for people */
    const char *unit;        /* "BX", "muons" or "bytes" */
    struct bench_goal goal;
    bool here;               /* false: this machine cannot do it (no carry-less multiply) */
    unsigned passes;
    double per_s, of_bare;   /* medians */
    double slowest, fastest; /* of the rounds, per second */
    double of_plain;         /* files: speed as a ratio to a plain read of the same file, median; else 0 */
};

struct bench_setup {
    const char *orbits, *seed; /* as given on the command line, NULL for the scenario's */
    double seconds;            /* processor time for each row, at least, over all rounds */
    unsigned rounds;           /* 1..BENCH_MAX_ROUNDS */
    void (*progress)(void *ctx, const char *title, unsigned round); /* before each row; NULL: none */
    void (*note)(void *ctx, const char *text); /* before something that takes long; NULL: none */
    void *ctx;
};

struct bench_report {
    char scenario[SCENARIO_NAME_MAX];
    uint32_t orbits;
    uint64_t seed, bx; /* BX of one pass, with the way in and the way out */
    unsigned rounds, rows;
    struct bench_result row[BENCH_MAX_ROWS];
};

enum bench_end { BENCH_DONE, BENCH_BAD_INPUT, BENCH_WRONG_RESULT };

/* Runs everything. When not BENCH_DONE, *m says why. */
enum bench_end bench_run(const struct bench_setup *setup, struct bench_report *r, struct message *m);

bool bench_reached(const struct bench_result *r); /* all goals of the row; true when it has none */

#ifdef __cplusplus
}
#endif
#endif

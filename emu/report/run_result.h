/* What a run found out. emu/chain fills it, emu/report writes it; it owns nothing and may be copied.
 *
 * Start from run_result_init(); a field that the run did not reach keeps its zero. Texts end in 0 and are
 * cut, never overrun (run_result_text). docs/summary.md documents each key of the file that comes out of
 * this.
 */
#ifndef EMU_REPORT_RUN_RESULT_H
#define EMU_REPORT_RUN_RESULT_H

#include "emu/check/boundary.h"
#include "emu/check/ledger.h"
#include "emu/model/blocks.h"
#include "emu/model/bus.h"
#include "emu/scenario/scenario.h"
#include "golden/stimulus/truth.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESULT_TEXT = 1024,
    RESULT_NAME = 48,
    RESULT_CHECKS = 32,
    RESULT_FIFOS = 32,
    RESULT_BINS = 64,
};

enum verdict { VERDICT_FAIL, VERDICT_PASS, VERDICT_INTERRUPTED };

/* One thing that was checked, and one test case of junit.xml: "lockstep link_rx", "golden content",
 * "conservation", "host file". A check that compared nothing has failed. */
struct check_result {
    char name[RESULT_NAME];
    bool passed;
    uint64_t compared;      /* records, BX, muons: what the check counts */
    uint64_t mismatches;    /* found before the run stopped */
    char text[RESULT_TEXT]; /* first mismatch or reason, empty when passed */
};

/* Latencies of BX at one boundary, from the edge at which link_rx samples the last lane's first word. */
struct latency_result {
    struct latency_summary summary;
    uint64_t bin_first, bin_width; /* cycles: bin i begins at bin_first + i * bin_width */
    uint32_t bins;                 /* used; the last one is not empty */
    uint64_t bin[RESULT_BINS];
};

struct boundary_result {
    uint64_t records;                /* observed, in units of boundary_info[].record */
    uint64_t content_digest;         /* boundary, orbit, BX, slot, words: equal over engine mixes and views */
    uint64_t timing_digest;          /* the same with cycles: equal over timed mixes */
    struct latency_result first_out; /* first in, first out */
    struct latency_result last_out;  /* first in, last out */
};

struct fifo_result {
    char name[RESULT_NAME]; /* "cdc_rx lane 3", "muon_feed", "event_pack", "dma" */
    uint32_t high_water, depth;
};

struct host_result {
    char file[SCENARIO_PATH_MAX]; /* the first file written; "" when there is none */
    uint32_t files;
    uint64_t bytes, stored_bytes; /* in the files; on disk, after compression */
    uint64_t block_bytes;         /* 192 for each BX block that came */
    double bytes_per_s;           /* of emulated time, before compression */
    double software_factor;       /* block bytes over bytes: what the host's zero suppression saves; 0: nothing written */
    double compression_factor;    /* bytes over stored bytes */
    uint64_t muons, bx, orbits, packets, errors;
    char first_error[RESULT_TEXT];
};

struct inference_result {
    uint64_t offered;  /* muons that the selection wants corrected */
    uint64_t inferred; /* results that came back */
    uint64_t skipped;  /* muons that found the queue full: sent on uncorrected and flagged */
    double offered_per_s, sustained_per_s; /* of emulated time */

    /* Of the muons inferred whose truth the generator knows (golden/stimulus/truth.h): RMS of what is left
     * of phi [rad], eta, pT [of the true one], before and after the corrections. */
    uint64_t judged;
    double before[TRUTH_QUANTITIES], after[TRUTH_QUANTITIES];
};

struct build_result {
    uint64_t zero_suppress_hash, recal_hash;       /* of the kernels that ran */
    uint32_t zero_suppress_latency, recal_latency; /* board cycles, from the compiler's schedule */
    char version[RESULT_NAME];                     /* bxact's */
};

struct run_result {
    enum verdict verdict;
    bool complete;            /* everything sent has come out: the run was not stopped on its way */
    char reason[RESULT_TEXT]; /* why not pass, one sentence; "" for a pass */
    char view[RESULT_NAME], quantum[RESULT_NAME]; /* "fast", "pins"; "cycle", "bx", "orbit" */
    char network_note[RESULT_TEXT];               /* what the network is */
    uint64_t records_compared, mismatches;
    char first_mismatch[RESULT_TEXT]; /* "boundary, orbit, BX, slot, cycle, field: expected / got (seed N)" */
    char reproduce[2 * RESULT_TEXT];  /* the command that shows it again; the command line fills it in */
    uint32_t checks, fifos;
    struct check_result check[RESULT_CHECKS];
    struct boundary_result boundary[BLOCKS];
    struct fifo_result fifo[RESULT_FIFOS];
    struct conservation conservation;
    uint64_t corrupted_bx; /* reached the board with other words than were sent: the work of faults */
    double zero_suppression_factor; /* BX that reached zero_suppress over BX kept; 0 when none was kept */
    struct board_status board;      /* counters at the end of the run */
    struct host_result host;
    struct inference_result inference;
    struct build_result build;
    uint64_t bx_run, orbits_run; /* really emulated: less than asked when interrupted or stopped */
    uint64_t cycles[DOMAINS];    /* clock edges of each domain */
    double emulated_s, wall_s;
};

void run_result_init(struct run_result *r);

/* printf into one of the result's texts, cut at its end. */
void run_result_text(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The summary of a distribution, and its histogram in at most RESULT_BINS equal bins between min and max. */
void run_result_latency(struct latency_result *r, const struct latency *l);

/* All that a boundary's watch knows. */
void run_result_boundary(struct boundary_result *r, const struct boundary_watch *w);

/* A new check of that name; NULL when there is no room. */
struct check_result *run_result_check(struct run_result *r, const char *name);

/* false: the run was stopped, by a mismatch elsewhere, by its own Verilog or by the user, before this check could
 * say anything. */
bool run_result_reached(const struct run_result *r, const struct check_result *check);

/* A new FIFO of that name; NULL when there is no room. */
struct fifo_result *run_result_fifo(struct run_result *r, const char *name, uint32_t depth);

const char *verdict_name(enum verdict v); /* "fail", "pass", "interrupted" */

#ifdef __cplusplus
}
#endif
#endif

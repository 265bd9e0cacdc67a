/* A scenario: everything that one run needs, read from a libconfig file, checked, defaults filled in.
 *
 * One table (scenario_keys, scenario.c) holds each key's path, kind, range, default, unit and meaning. It
 * drives reading, checking, `--set`, printing and docs/scenario.md, so a key exists in one place only.
 *
 *     struct scenario *s = scenario_new();
 *     struct messages m = MESSAGES_EMPTY;
 *     struct scenario_setting sets[] = {{"--orbits 5", "run.orbits", "5"}};
 *     if (scenario_load(s, "scenarios/pp_fill.cfg", sets, 1, &m) < 0)
 *         fputs(m.text, stderr);         // "scenarios/pp_fill.cfg:12: dma.depth: 0 is below 64
 * (give 64..16384)"
 *     ...
 *     scenario_free(s);
 *
 * After a successful load every value is within its documented range and the cross-checks hold.
 */
#ifndef EMU_SCENARIO_SCENARIO_H
#define EMU_SCENARIO_SCENARIO_H

#include "emu/chain/bus_stall.h"
#include "emu/model/blocks.h"
#include "emu/model/board_cfg.h"
#include "emu/model/engine.h"
#include "emu/model/gmt_link.h"
#include "emu/scenario/messages.h"
#include "golden/bx.h"
#include "golden/stimulus/file_source.h"
#include "golden/stimulus/filling.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/mp7_source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SCENARIO_PATH_MAX = 4096,
    SCENARIO_NAME_MAX = 128,
    SCENARIO_WORD_MAX = 32,
    SCENARIO_MAX_TRAINS = 256,
    SCENARIO_MAX_FAULTS = 256,
    SCENARIO_MAX_STALLS = 256,
};

enum scenario_source { SOURCE_GENERATOR, SOURCE_MP7, SOURCE_FILE };
enum zs_condition { ZS_ANY, ZS_FINAL, ZS_ALL }; /* any muon; a muon of a final lane; every BX is kept */

struct scenario_run {
    uint64_t seed;        /* of every random choice of the run */
    uint32_t orbits;      /* orbits sent after the start-up part */
    uint32_t first_orbit; /* number of the first whole orbit; the start-up part belongs to the one before
                             (wraps) */
    uint16_t start_bx;    /* the links start in the orbit before first_orbit, at this BX... */
    uint8_t start_frame;  /* ...and frame */
};

struct scenario_clocks {
    uint64_t line_hz, lhc_hz, board_hz, host_hz;
    uint32_t line_phase_ps, board_phase_ps, host_phase_ps; /* of the first edge */
};

struct scenario_generator {
    char filling[SCENARIO_WORD_MAX]; /* a preset of golden/stimulus/filling.h, or "trains" */
    struct filling_train train[SCENARIO_MAX_TRAINS];
    uint32_t trains;
    uint32_t multiplicities;  /* members given of cfg.multiplicity; the others are 0 */
    struct generator_cfg cfg; /* complete: seed, format, lanes and colliding BX are filled in too */
};

struct scenario_mp7 {
    char file[SCENARIO_PATH_MAX]; /* absolute */
    uint16_t bx_offset;
    bool repeat;
};

struct scenario_file {
    char name[SCENARIO_PATH_MAX];
    char format[SCENARIO_WORD_MAX]; /* a name of golden/formats/format.h, or "auto" */
    uint16_t bx_offset;
    bool repeat, recover;
};

struct scenario_links {
    uint16_t skew[LANES];    /* line words by which a lane lags */
    uint32_t link_id[LANES]; /* 20 bits */
    uint16_t gap_first;      /* first of the GAP_BX gap BX */
    uint8_t final_lanes;     /* bit per lane */
    struct link_fault fault[SCENARIO_MAX_FAULTS];
    uint32_t faults;
};

struct scenario_host {
    struct bus_stall_at stall[SCENARIO_MAX_STALLS];
    uint32_t stalls;
    uint32_t stall_per_million; /* chance that a random stall begins at a host cycle, in 1e-6 */
    uint32_t stall_cycles;      /* length of a random stall, host cycles */
    uint8_t record;             /* enum link_format: layout of the file's records */
    uint8_t compression;        /* enum compression */
    bool zero_suppression;      /* absent muons are left out of the file */
    uint32_t run_number;
    uint64_t max_file_bytes;
};

struct scenario_vcd {
    bool on;
    uint32_t orbit;
    uint16_t bx, before, after; /* window: [bx - before, bx + after] */
};

struct scenario {
    char file[SCENARIO_PATH_MAX]; /* as given */
    char name[SCENARIO_NAME_MAX]; /* file name without folder and ".cfg" */
    struct scenario_run run;
    struct scenario_clocks clocks;
    uint8_t source; /* enum scenario_source */
    uint8_t format; /* enum link_format */
    struct scenario_generator generator;
    struct scenario_mp7 mp7;
    struct scenario_file replay;
    struct scenario_links links;
    struct scenario_host host;
    uint16_t align_depth;
    uint8_t sync_stages;
    uint8_t zs_condition; /* enum zs_condition */
    uint16_t zs_pt_min;   /* pT code */
    uint8_t feed_select;  /* enum feed_select */
    uint8_t feed_depth, recal_engines;
    char network[SCENARIO_PATH_MAX]; /* "student", "baseline", or the path of a file */
    char formats[SCENARIO_PATH_MAX]; /* number formats of the file's network; "" for none */
    uint8_t corrections; /* enum pack_corrections */
    uint8_t pack_depth;
    uint16_t orbits_per_packet;
    uint8_t drop; /* enum drop_policy */
    uint16_t dma_depth, dma_reserve;
    uint8_t default_engine, engine[BLOCKS]; /* enum engine; of each block */
    bool golden;                            /* content is checked against golden/ */
    uint32_t collect;                       /* stop after this many mismatches */
    bool records;                           /* write the observation records to files */
    bool dma;                               /* write the DMA stream to a file */
    struct scenario_vcd vcd;
};

#define SCENARIO_INPUT "stimulus.input"

/* One override. `label` is how the user wrote it ("--set dma.depth=0"); it stands where file:line would. */
struct scenario_setting {
    const char *label, *key, *value;
};

struct scenario *scenario_new(void); /* all defaults; NULL when memory is out */
void scenario_free(struct scenario *s);

/* Read `path`, apply the settings in order, fill in, check. 0, or -1 with at least one error in m;
 * warnings may stand in m either way. The key SCENARIO_INPUT is the file of whichever source reads one. A
 * relative file name inside a scenario starts at the scenario's folder, one given as a setting starts at
 * the working directory. */
int scenario_load(struct scenario *s, const char *path, const struct scenario_setting *sets, size_t n,
                  struct messages *m);

/* The effective scenario as a file that scenario_load reads back to the same struct. */
void scenario_print(const struct scenario *s, FILE *out);

/* docs/scenario.md's tables of keys, from the table. */
void scenario_print_reference(FILE *out);

void scenario_board_cfg(const struct scenario *s, struct board_cfg *cfg);

/* For golden/stimulus/mp7_source.h; the path is the scenario's own. */
void scenario_mp7_cfg(const struct scenario *s, struct mp7_source_cfg *cfg);

/* For golden/stimulus/file_source.h; the path is the scenario's own. */
void scenario_file_cfg(const struct scenario *s, struct file_source_cfg *cfg);

const char *engine_name(enum engine e);            /* "model", "rtl", "lockstep" */

/* Whether the network is a file; its name without folder and ".onnx". */
bool scenario_network_is_file(const struct scenario *s);
void scenario_network_name(const struct scenario *s, char name[SCENARIO_NAME_MAX]);

#ifdef __cplusplus
}
#endif
#endif

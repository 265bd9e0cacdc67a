/* One file into another: any format of the table into any other that can hold some of it.
 *
 *     struct convert_cfg cfg = convert_default();
 *     cfg.to = format_find("emp2");
 *     if (convert_file("in.txt", "out.txt", &cfg, &result, &message) < 0) ...
 *
 * Between two pattern files rows are copied as they are, without a look at what they mean; all other ways go
 * by BX. Nothing is left behind when something is wrong, unless `recover` is set.
 */
#ifndef GOLDEN_FORMATS_CONVERT_H
#define GOLDEN_FORMATS_CONVERT_H

#include "golden/formats/format.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which links: of a pattern file, in order, each under its own or a new number. -1: none (a lane without
 * link). */
struct link_map {
    unsigned n; /* 0: as usual */
    int from[LINKS_MAX], to[LINKS_MAX];
};

/* "0,1,4:2,-": 0, or -1 with a message. */
int link_map_parse(struct link_map *map, const char *text, struct message *m);

/* Which BX. */
struct bx_range {
    uint32_t first_orbit, last_orbit;
    uint16_t first_bx, last_bx;
};

struct convert_cfg {
    const struct format *from, *to; /* NULL: by content; like the input */
    struct bx_file_cfg in, out;     /* losses need not be set */
    struct link_map links;
    struct bx_range range;
    int plain;    /* pattern files without marks beside the words: old MP7, APx without sideband */
    int lossless; /* what is lost is an error */
    int daq_slips; /* dma2022 to host12, frd: as the DAQ of 2022 did (daq_slips.h) */
};
struct convert_cfg convert_default(void);

struct convert_result {
    const struct format *from, *to;
    int by_rows;
    uint64_t boards, rows; /* by rows */
    uint64_t orbits, bx;   /* by BX, written */
    uint64_t errors;       /* recovered from */
    struct losses losses;
};

/* 0; -1 with a message. */
int convert_file(const char *in, const char *out, const struct convert_cfg *cfg,
                 struct convert_result *result, struct message *m);

/* Whether the BX is in the range. */
int bx_in_range(const struct bx_range *range, uint32_t orbit, uint16_t bx);

/* The links of a BX configuration from a map. 0, or -1 with a message: more than 8. */
int link_map_lanes(const struct link_map *map, int16_t link[LANES], struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* Two files, BX by BX: what a board recorded against what it should have, whatever their formats.
 *
 * Where both hold all words of the links in the same layout, all words are compared; else the muons (pT code
 * != 0): A slots' and then B slots', in lane order, without the muon type where only one layout has it. A BX
 * without muons that the other file does not have is a difference only where both formats hold such BX. BX of
 * other sources than the GMT are compared between two frd files, word by word.
 */
#ifndef GOLDEN_FORMATS_COMPARE_H
#define GOLDEN_FORMATS_COMPARE_H

#include "golden/formats/convert.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct compare_cfg {
    const struct format *from[2]; /* NULL: by content */
    struct bx_file_cfg in[2];     /* losses need not be set */
    struct link_map links[2];
    struct bx_range range;        /* in the first file's numbers */
    int align_orbits; /* the second file's orbits are numbered as if both began with the same one */
    int ignore_empty;             /* a BX without muons that one file has alone is no difference */
    uint64_t collect;             /* stop after so many differences; 0: never */
    void (*difference)(void *ctx, const char *text);
    void *ctx;
};

struct compare_result {
    uint64_t bx, muons, words;  /* compared */
    uint64_t differences;
    uint64_t only[2];           /* BX that only one file has (differences too) */
    uint64_t errors;            /* recovered from, both files */
};

/* 0; -1 with a message when a file cannot be read. Whether they are equal is in the result; nothing compared
 * is for the caller to refuse. */
int compare_files(const char *const path[2], const struct compare_cfg *cfg, struct compare_result *result,
                  struct message *m);

#ifdef __cplusplus
}
#endif
#endif

/* Which kernels and which Verilated board a scenario needs, and the board built when it is not there yet.
 *
 * The build makes a board for each network and number of engines. Other synchroniser depths, boards with a
 * user's own Verilog, kernels and boards of a user's own network are built on first use by tools/build_board and kept beside it under a name that has
 * the digest of everything that went in.
 */
#ifndef EMU_RUN_BOARDS_H
#define EMU_RUN_BOARDS_H

#include "emu/scenario/scenario.h"
#include "golden/message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct boards {
    char kernels[SCENARIO_PATH_MAX];
    char board_so[SCENARIO_PATH_MAX]; /* "" when all blocks run as models */
};

/* rtl: folder whose .v files replace the board's own of the same name, or NULL. `note` is told before a build
 * that takes time. Returns 0, or -1 with a message: the folder cannot be used, the Verilog does not compile.
 */
int boards_find(struct boards *b, const struct scenario *s, const char *rtl,
                void (*note)(void *ctx, const char *text), void *ctx, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

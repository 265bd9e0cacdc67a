/* The Verilated board (rtl/board.v) behind the step interface of the C models.
 *
 * A board is a shared object made by tools/build_board. Several can be open at once, also the same file.
 * Order of calls: open, reset, edge ..., status or trace at any time between edges, close.
 *
 * One call of board_rtl_edge() is one instant: every domain in `domains` gets a rising clock edge, all of
 * them sample what was there before it, and what they show afterwards is written to the bus structs.
 * A board does not know time; the caller decides which edges fall together (docs/chain.md, Conventions).
 */
#ifndef EMU_COSIM_BOARD_RTL_H
#define EMU_COSIM_BOARD_RTL_H

#include "emu/model/blocks.h"
#include "emu/model/board_cfg.h"
#include "emu/model/bus.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct board_rtl;

/* Loads the board of `so_path`. `cfg` is copied. `random_seed` (any value) sets what registers and memories
 * hold before reset; two seeds whose runs differ show a register that reset forgot. NULL on trouble, with the
 * reason in `error`: no such file, not a board, another version of the interface, built for other `engines`
 * or `sync_stages` than `cfg` asks for. */
struct board_rtl *board_rtl_open(const char *so_path, const struct board_cfg *cfg, uint64_t random_seed,
                                 char *error, size_t size);

/* Resets all domains with the clock edges that takes. Afterwards every clock is low and no edge of the run
 * has happened. May be called again at any time; memories keep their content, as in hardware. */
void board_rtl_reset(struct board_rtl *);

/* One instant. `domains` has bit d for enum domain d; the same clock may tick in successive calls.
 * `now` is what is visible before the edge: the outside inputs of the ticking domains (line words, stop,
 * bus_ready), and for each block b with bit b set in `inject` its outputs, which the blocks downstream then
 * see instead of the RTL's (link_align's counters, which event_pack reads as wires, stay the RTL's unless
 * board_rtl_inject_losses() says otherwise). The structs of ticking domains are written (others
 * are left alone, and their pointers may be NULL): status fields always, payload only beside its valid.
 * They always hold the RTL's own registers, injected or not. `now` may point to the structs written. */
void board_rtl_edge(struct board_rtl *, unsigned domains, const struct bus_view *now, unsigned inject,
                    struct line_bus *line, struct board_bus *board, struct host_bus *host);

/* Why the Verilog gave up ($finish, $stop, $fatal, a memory file that is not there), or NULL while it runs.
 * The reason goes to stderr too; from then on edges do nothing and write nothing. */
const char *board_rtl_fault(struct board_rtl *);

/* The sum align_losses + align_overflows that event_pack sees while BLOCK_LINK_ALIGN is injected. */
void board_rtl_inject_losses(struct board_rtl *, uint32_t losses);

/* The bus as it stands now, without an edge: what reset left. All three structs are written. */
void board_rtl_show(struct board_rtl *, struct line_bus *line, struct board_bus *board,
                    struct host_bus *host);

void board_rtl_status(struct board_rtl *, struct board_status *);

/* Build hash of a kernel on the board ("zero_suppress" or "recal"); 0 for any other name. */
uint64_t board_rtl_kernel_hash(struct board_rtl *, const char *kernel);

/* Waveforms (VCD). -1 with the reason in `error` when the board was built without tracing or the file cannot
 * be written. `time_ps` must grow from dump to dump; a dump shows the state after the last edge. */
int board_rtl_trace_open(struct board_rtl *, const char *path, char *error, size_t size);
void board_rtl_trace_dump(struct board_rtl *, uint64_t time_ps);
void board_rtl_trace_close(struct board_rtl *);

void board_rtl_close(struct board_rtl *); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif

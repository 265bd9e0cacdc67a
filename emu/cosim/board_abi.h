/* What a board.so gives to board_rtl.c: one table of functions, found under BOARD_ABI_SYMBOL.
 * Internal to emu/cosim; users see board_rtl.h. */
#ifndef EMU_COSIM_BOARD_ABI_H
#define EMU_COSIM_BOARD_ABI_H

#include "emu/model/board_cfg.h"
#include "emu/model/bus.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BOARD_ABI_SYMBOL "bxact_board"

/* Raised with every change of this table; the size catches a change of the bus that forgot to. */
enum { BOARD_ABI_VERSION = 2 };
#define BOARD_ABI_BUS_BYTES                                                                                  \
    ((uint32_t)(sizeof(struct line_in) + sizeof(struct line_bus) + sizeof(struct board_bus) +                \
                sizeof(struct host_bus) + sizeof(struct board_status) + sizeof(struct board_cfg)))

struct board_abi {
    uint32_t version, bus_bytes;
    uint8_t engines, sync_stages, trace;
    /* NULL with the reason in `error` when the Verilog itself gives up, as on a missing memory file. */
    void *(*open)(const struct board_cfg *cfg, uint64_t random_seed, char *error, size_t size);
    void (*reset)(void *board);
    void (*edge)(void *board, unsigned domains, const struct bus_view *now, unsigned inject,
                 struct line_bus *line, struct board_bus *to, struct host_bus *host);
    const char *(*fault)(void *board);
    void (*show)(void *board, struct line_bus *line, struct board_bus *to, struct host_bus *host);
    void (*inject_losses)(void *board, uint32_t losses);
    void (*status)(void *board, struct board_status *to);
    uint64_t (*hash_zero_suppress)(void *board);
    uint64_t (*hash_recal)(void *board);
    int (*trace_open)(void *board, const char *path);
    void (*trace_dump)(void *board, uint64_t time_ps);
    void (*trace_close)(void *board);
    void (*close)(void *board);
};

#ifdef __cplusplus
}
#endif
#endif

/* Loads a board.so and stands between its table and the callers. */
#include "emu/cosim/board_rtl.h"

#include "emu/cosim/board_abi.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct board_rtl {
    void *so;
    const struct board_abi *abi;
    void *board;
    char path[]; /* for messages */
};

/* 0 when the board is one that we can drive and that was built as cfg asks. */
static int check_abi(const struct board_abi *abi, const struct board_cfg *cfg, const char *path, char *error,
                     size_t size)
{
    if (abi->version != BOARD_ABI_VERSION || abi->bus_bytes != BOARD_ABI_BUS_BYTES)
        snprintf(error, size, "%s: made for another version of bxact (build the board again)", path);
    else if (abi->engines != cfg->engines)
        snprintf(error, size,
                 "%s: engines: the board has %u, the configuration asks for %u (build_board --engines %u)",
                 path, abi->engines, cfg->engines, cfg->engines);
    else if (abi->sync_stages != cfg->sync_stages)
        snprintf(error, size,
                 "%s: sync_stages: the board has %u, the configuration asks for %u "
                 "(build_board --sync-stages %u)",
                 path, abi->sync_stages, cfg->sync_stages, cfg->sync_stages);
    else
        return 0;
    return -1;
}

static int load(struct board_rtl *b, const struct board_cfg *cfg, char *error, size_t size)
{
    b->so = dlopen(b->path, RTLD_NOW | RTLD_LOCAL);
    if (!b->so) {
        snprintf(error, size, "%s", dlerror());
        return -1;
    }
    b->abi = dlsym(b->so, BOARD_ABI_SYMBOL);
    if (!b->abi) {
        snprintf(error, size, "%s: not a board (no symbol %s; tools/build_board makes boards)", b->path,
                 BOARD_ABI_SYMBOL);
        return -1;
    }
    return check_abi(b->abi, cfg, b->path, error, size);
}

struct board_rtl *board_rtl_open(const char *so_path, const struct board_cfg *cfg, uint64_t random_seed,
                                 char *error, size_t size)
{
    /* dlopen() searches the library path for a name without a slash; a user means the file. */
    const char *prefix = strchr(so_path, '/') ? "" : "./";
    size_t length = strlen(prefix) + strlen(so_path) + 1;
    struct board_rtl *b = calloc(1, sizeof *b + length);
    if (!b) {
        snprintf(error, size, "%s: out of memory", so_path);
        return NULL;
    }
    snprintf(b->path, length, "%s%s", prefix, so_path);
    if (load(b, cfg, error, size) == 0)
        b->board = b->abi->open(cfg, random_seed, error, size);
    if (!b->board) {
        board_rtl_close(b);
        return NULL;
    }
    return b;
}

void board_rtl_reset(struct board_rtl *b) { b->abi->reset(b->board); }

void board_rtl_edge(struct board_rtl *b, unsigned domains, const struct bus_view *now, unsigned inject,
                    struct line_bus *line, struct board_bus *board, struct host_bus *host)
{
    b->abi->edge(b->board, domains, now, inject, line, board, host);
}

const char *board_rtl_fault(struct board_rtl *b) { return b->abi->fault(b->board); }

void board_rtl_show(struct board_rtl *b, struct line_bus *line, struct board_bus *board,
                    struct host_bus *host)
{
    b->abi->show(b->board, line, board, host);
}

void board_rtl_inject_losses(struct board_rtl *b, uint32_t losses)
{
    b->abi->inject_losses(b->board, losses);
}

void board_rtl_status(struct board_rtl *b, struct board_status *to) { b->abi->status(b->board, to); }

uint64_t board_rtl_kernel_hash(struct board_rtl *b, const char *kernel)
{
    if (strcmp(kernel, "zero_suppress") == 0)
        return b->abi->hash_zero_suppress(b->board);
    if (strcmp(kernel, "recal") == 0)
        return b->abi->hash_recal(b->board);
    return 0;
}

int board_rtl_trace_open(struct board_rtl *b, const char *path, char *error, size_t size)
{
    if (!b->abi->trace) {
        snprintf(error, size, "%s: built without waveforms (build_board --trace)", b->path);
        return -1;
    }
    if (b->abi->trace_open(b->board, path) != 0) {
        snprintf(error, size, "%s: cannot write waveforms here", path);
        return -1;
    }
    return 0;
}

void board_rtl_trace_dump(struct board_rtl *b, uint64_t time_ps) { b->abi->trace_dump(b->board, time_ps); }

void board_rtl_trace_close(struct board_rtl *b) { b->abi->trace_close(b->board); }

void board_rtl_close(struct board_rtl *b)
{
    if (!b)
        return;
    if (b->board)
        b->abi->close(b->board);
    if (b->so)
        dlclose(b->so);
    free(b);
}

#include "emu/check/watch_internal.h"

#include <stdlib.h>

struct watch *watch_new(const struct watch_cfg *cfg)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->cfg = *cfg;
    w->arriving = -1;
    /* The run-in reaches at most two orbits back, so numbers stay positive. */
    bx_number_init(&w->number, cfg->first_orbit - 3, cfg->board.gap_first);
    ledger_init(&w->ledger, &w->number, cfg->first_orbit, cfg->orbits, cfg->start_bx);
    for (int b = 0; b < BLOCKS; b++)
        boundary_watch_init(&w->at[b], (enum block)b, cfg->hz[boundary_info[b].domain]);
    return w;
}

void watch_free(struct watch *w)
{
    free(w);
}

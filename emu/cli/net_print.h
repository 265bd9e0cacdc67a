/* What `bxact net` prints. */
#ifndef EMU_CLI_NET_PRINT_H
#define EMU_CLI_NET_PRINT_H

#include "golden/network/choose.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Nodes, shapes, multiplications, parameters; with `q`, formats, ranges and what can overflow. `why` says why
 * there is no q. */
void net_print_info(const struct graph *g, const struct quantised *q, const char *why, FILE *to);

/* Each sample's outputs in doubles, and in fixed point and raw integers when `q` is given. 0, or -1 and a
 * message. */
int net_print_values(const struct graph *g, const struct quantised *q, const struct net_data *d, FILE *to,
                     struct message *m);

#ifdef __cplusplus
}
#endif
#endif

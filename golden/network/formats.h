/* Which number format each tensor of a network has: what a formats file (libconfig) says.
 *
 *     default = "ap_fixed<16,6,RND,SAT>";          // of whatever nothing else is said about
 *     accumulation = "hls4ml";                     // or "exact", the default
 *     fold_batch_norm = true;                      // into the dense layer before; default false
 *     constant_bits = 8;                           // of constants that nothing else is said about, 2..32:
 * the
 *                                                  // finest format of so many bits that holds them, RND, SAT
 *     tensors = (
 *         { tensor = "x";  format = "ap_fixed<8,1,RND,SAT>"; },
 *         { tensor = "fc1.weight";  format = "ap_fixed<6,1,RND,SAT>"; }
 *     );
 *     nodes = (
 *         { node = "fc1";  accumulator = "ap_fixed<24,12>"; },      // under "hls4ml"
 *         { node = "out";  table = "ap_fixed<10,4,RND,SAT>"; }      // index of a Sigmoid's or Tanh's table
 *     );
 *
 * A node's own constants are tensors "<node>.scale", "<node>.offset" (batch norm kept) and "<node>.alpha"
 * (LeakyRelu). What is not in the file: golden/network/quantised.h, "Formats".
 */
#ifndef GOLDEN_NETWORK_FORMATS_H
#define GOLDEN_NETWORK_FORMATS_H

#include "golden/fixed/fixed.h"
#include "golden/message.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct net_format {
    const char *name; /* of a tensor or node */
    struct fixed_type type;
    unsigned line; /* of the file, for messages */
    bool used;     /* set when the network has it */
};

struct net_formats {
    const char *path; /* "" when there is no file */
    bool has_default, fold_batch_norm;
    bool partial;                /* entries that the network has no use for are no mistake */
    uint8_t constant_bits;       /* see "constant_bits"; 0: not given */
    struct fixed_type otherwise; /* the default */
    enum fixed_accumulation accumulation;
    struct net_format *tensor, *accumulator, *table;
    unsigned tensors, accumulators, tables;
    void *memory;
};

/* Everything is left to the network. */
void net_formats_init(struct net_formats *f);

/* 0, or -1 and a message "file:line: key: what is wrong (what is accepted)". */
int net_formats_read(struct net_formats *f, const char *path, struct message *m);
void net_formats_release(struct net_formats *f);

/* The entry of that name, marked as used, or NULL. */
const struct fixed_type *net_format_of(struct net_format *list, unsigned n, const char *name);

/* -1 and a message when an entry was never asked for: a name that the network does not have. */
int net_formats_all_used(const struct net_formats *f, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

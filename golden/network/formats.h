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
 *         { node = "fc1";  accumulator = "ap_fixed<24,12>";  reuse = 4; },   // under "hls4ml"
 *         { node = "out";  table = "ap_fixed<10,4,RND,SAT>"; }      // index of a Sigmoid's or Tanh's table
 *     );
 *
 * Keys of a node: a format of one of net_role_key(); `rule`, how its tables are filled; `reuse`, which gives
 * the order of its sum under "hls4ml". A node's own constants are tensors "<node>.scale", "<node>.offset"
 * (batch norm kept), "<node>.alpha" (LeakyRelu) and others (docs/networks.md). What is not in the file:
 * golden/network/quantised.h, "Formats".
 */
#ifndef GOLDEN_NETWORK_FORMATS_H
#define GOLDEN_NETWORK_FORMATS_H

#include "golden/fixed/fixed.h"
#include "golden/message.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a format is for, within a node. */
enum net_role {
    NET_ACCUMULATOR,     /* under "hls4ml": products and sums of Gemm, MatMul */
    NET_TABLE,           /* the index of a table: of Sigmoid, Tanh, of the exponential in Softmax and RBF */
    NET_ENTRIES,         /* what the table holds, before it is cast to the result */
    NET_DIFFERENCE,      /* Softmax: from the largest score */
    NET_SUM,             /* Softmax: exponentials and their sum */
    NET_INVERSE,         /* Softmax: the sum as it goes to the table of inverses */
    NET_INVERSE_TABLE,   /* Softmax: the index of that table */
    NET_INVERSE_ENTRIES, /* Softmax: what it holds */
    NET_ARGUMENT,        /* SVM: what the kernel is a function of */
    NET_KERNEL,          /* SVM: its values */
    NET_ROLES
};
const char *net_role_key(enum net_role role);

/* How tables are filled. Entry i stands for numbers that round to the index i. */
enum net_rule {
    NET_RULE_NEAREST,   /* the function of the index, in double precision */
    NET_RULE_HLS4ML,    /* in single precision, as in the code that hls4ml 1.2 and later write */
    NET_RULE_HLS4ML_11, /* so until 1.1: Softmax takes the largest score from the others, not these from it */
    NET_RULES
};

struct net_format {
    const char *name;   /* of a tensor or node */
    enum net_role role; /* of nodes only */
    struct fixed_type type;
    unsigned line; /* of the file, for messages */
    bool used;     /* set when the network has it */
};

/* What is said of a node beside formats. */
struct net_setting {
    const char *node;
    enum net_rule rule;
    unsigned reuse; /* a sum takes the product of weight k = output * inputs + input in the order of k modulo
                     * this, then of inputs; 1: in the order of inputs */
    unsigned line;
    bool used;
};

enum { NET_MAX_REUSE = 1 << 20 };

struct net_formats {
    const char *path; /* "" when there is no file */
    bool has_default, fold_batch_norm;
    bool partial;                /* entries that the network has no use for are no mistake */
    uint8_t constant_bits;       /* see "constant_bits"; 0: not given */
    struct fixed_type otherwise; /* the default */
    enum fixed_accumulation accumulation;
    struct net_format *tensor, *node; /* a node has an entry for each role */
    struct net_setting *setting;
    unsigned tensors, nodes, settings;
    void *memory;
};

/* Everything is left to the network. */
void net_formats_init(struct net_formats *f);

/* 0, or -1 and a message "file:line: key: what is wrong (what is accepted)". */
int net_formats_read(struct net_formats *f, const char *path, struct message *m);
void net_formats_release(struct net_formats *f);

/* The format of a tensor, of a node's role: the entry, marked as used, or NULL. */
const struct fixed_type *net_format_of(struct net_formats *f, const char *tensor);
const struct fixed_type *net_format_within(struct net_formats *f, const char *node, enum net_role role);

/* What is said of a node; the defaults when it is nothing. */
struct net_setting net_setting_of(struct net_formats *f, const char *node);

/* -1 and a message when an entry was never asked for: a name that the network does not have. */
int net_formats_all_used(const struct net_formats *f, struct message *m);

#ifdef __cplusplus
}
#endif
#endif

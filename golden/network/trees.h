/* A tree ensemble as the importer prepares it (net_node.prepared). Internal to golden/network. */
#ifndef GOLDEN_NETWORK_TREES_H
#define GOLDEN_NETWORK_TREES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tree_branch { TREE_LEQ, TREE_LT, TREE_GTE, TREE_GT, TREE_EQ, TREE_NEQ, TREE_LEAF, TREE_BRANCHES };

struct tree_node {
    int64_t tree, id;
    uint32_t place; /* in the attributes' lists */
    uint8_t branch, missing_is_true, is_child;
    uint32_t feature;
    double threshold;
    uint32_t yes, no;      /* children */
    uint32_t first, votes; /* of a leaf, in `vote` */
};

struct tree_vote {
    int64_t tree, id;
    uint32_t place, target;
    double weight;
};

struct trees {
    struct tree_node *node;
    struct tree_vote *vote;
    uint32_t *root;
    uint32_t nodes, votes, roots, features, targets;
    const double *base; /* NULL: zeros */
    char aggregate;     /* S, A, m (MIN), M (MAX) */
    bool one_score;     /* a classifier of two classes that votes for one of them */
    bool all_positive;  /* no vote is below 0 */
};

#ifdef __cplusplus
}
#endif
#endif

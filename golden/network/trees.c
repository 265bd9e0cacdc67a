/* Boosted trees: TreeEnsembleRegressor and TreeEnsembleClassifier of ai.onnx.ml 1 to 4. */
#include "golden/network/arena.h"
#include "golden/network/op.h"
#include "golden/network/trees.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const branch_names[TREE_BRANCHES] = {"BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE", "BRANCH_GT",
                                                        "BRANCH_EQ",  "BRANCH_NEQ", "LEAF"};

/* ---- reading ---- */

/* "nodes_values", or "nodes_values_as_tensor". */
static const struct net_attribute *numbers(const struct net_node *n, const char *name)
{
    char other[64];
    snprintf(other, sizeof other, "%s_as_tensor", name);
    const struct net_attribute *a = op_attribute(n, name);
    return a ? a : op_attribute(n, other);
}

static int list(const struct graph *g, const struct net_node *n, const char *name, size_t length,
                const struct net_attribute **a, struct message *m)
{
    *a = numbers(n, name);
    if (!*a || (*a)->n != length)
        return op_wrong(g, n, m, "%s: has %zu entries where %zu are needed", name, *a ? (*a)->n : 0, length);
    return 0;
}

static int by_key(const void *left, const void *right)
{
    const struct tree_node *a = left, *b = right;
    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static int by_vote_key(const void *left, const void *right)
{
    const struct tree_vote *a = left, *b = right;
    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static struct tree_node *find(const struct trees *t, int64_t tree, int64_t id)
{
    struct tree_node key = {.tree = tree, .id = id};
    return bsearch(&key, t->node, t->nodes, sizeof key, by_key);
}

static int read_branch(const struct graph *g, const struct net_node *n, const char *text, uint8_t *branch,
                       struct message *m)
{
    for (*branch = 0; *branch < TREE_BRANCHES; ++*branch)
        if (strcmp(branch_names[*branch], text) == 0)
            return 0;
    return op_wrong(g, n, m,
                    "nodes_modes: '%.40s' is unknown (give BRANCH_LEQ, _LT, _GTE, _GT, _EQ, _NEQ or LEAF)",
                    text);
}

static int read_nodes(struct graph *g, struct net_node *n, struct trees *t, struct message *m)
{
    const struct net_attribute *tree = op_attribute(n, "nodes_treeids"), *id, *feature, *mode, *value;
    t->nodes = tree ? (uint32_t)tree->n : 0;
    if (!t->nodes || t->nodes > NET_MAX_ELEMENTS)
        return op_wrong(g, n, m, "nodes_treeids: is missing or too long");
    if (list(g, n, "nodes_nodeids", t->nodes, &id, m) < 0 ||
        list(g, n, "nodes_featureids", t->nodes, &feature, m) < 0 ||
        list(g, n, "nodes_modes", t->nodes, &mode, m) < 0 ||
        list(g, n, "nodes_values", t->nodes, &value, m) < 0)
        return -1;
    const struct net_attribute *missing = op_attribute(n, "nodes_missing_value_tracks_true");
    t->node = arena_alloc(g->arena, t->nodes, sizeof *t->node);
    if (!t->node)
        return op_wrong(g, n, m, "out of memory");
    for (uint32_t i = 0; i < t->nodes; i++) {
        struct tree_node *to = &t->node[i];
        *to = (struct tree_node){
            .tree = tree->ints[i], .id = id->ints[i], .place = i, .threshold = value->floats[i]};
        to->missing_is_true = missing && i < missing->n && missing->ints[i];
        if (read_branch(g, n, mode->strings[i], &to->branch, m) < 0)
            return -1;
        if (to->branch != TREE_LEAF && (feature->ints[i] < 0 || feature->ints[i] >= t->features))
            return op_wrong(g, n, m, "nodes_featureids: %lld is none of the %u inputs",
                            (long long)feature->ints[i], t->features);
        to->feature = to->branch == TREE_LEAF ? 0 : (uint32_t)feature->ints[i];
    }
    qsort(t->node, t->nodes, sizeof *t->node, by_key);
    for (uint32_t i = 1; i < t->nodes; i++)
        if (by_key(&t->node[i - 1], &t->node[i]) == 0)
            return op_wrong(g, n, m, "tree %lld has node %lld twice", (long long)t->node[i].tree,
                            (long long)t->node[i].id);
    return 0;
}

/* Each node has at most one parent: then what can be reached from a node without one has no circle. */
static int link_child(const struct graph *g, const struct net_node *n, struct trees *t,
                      struct tree_node *parent, int64_t id, uint32_t *to, struct message *m)
{
    struct tree_node *child = find(t, parent->tree, id);
    if (!child || child == parent || child->is_child)
        return op_wrong(g, n, m, "tree %lld: node %lld as child of %lld %s", (long long)parent->tree,
                        (long long)id, (long long)parent->id,
                        child ? "is part of a circle or has two parents" : "does not exist");
    child->is_child = 1;
    *to = (uint32_t)(child - t->node);
    return 0;
}

static int link_nodes(struct graph *g, struct net_node *n, struct trees *t, struct message *m)
{
    const struct net_attribute *yes, *no;
    if (list(g, n, "nodes_truenodeids", t->nodes, &yes, m) < 0 ||
        list(g, n, "nodes_falsenodeids", t->nodes, &no, m) < 0)
        return -1;
    for (uint32_t i = 0; i < t->nodes; i++) {
        struct tree_node *p = &t->node[i];
        if (p->branch != TREE_LEAF && (link_child(g, n, t, p, yes->ints[p->place], &p->yes, m) < 0 ||
                                       link_child(g, n, t, p, no->ints[p->place], &p->no, m) < 0))
            return -1;
    }
    t->root = arena_alloc(g->arena, t->nodes, sizeof *t->root);
    if (!t->root)
        return op_wrong(g, n, m, "out of memory");
    for (uint32_t i = 0; i < t->nodes; i++)
        if (!t->node[i].is_child)
            t->root[t->roots++] = i;
    return 0;
}

static int read_votes(struct graph *g, struct net_node *n, struct trees *t, const char *const name[4],
                      struct message *m)
{
    const struct net_attribute *weight = numbers(n, name[3]), *tree, *id, *target;
    t->votes = weight ? (uint32_t)weight->n : 0;
    if (list(g, n, name[0], t->votes, &tree, m) < 0 || list(g, n, name[1], t->votes, &id, m) < 0 ||
        list(g, n, name[2], t->votes, &target, m) < 0)
        return -1;
    t->vote = arena_alloc(g->arena, t->votes, sizeof *t->vote);
    if (!t->vote)
        return op_wrong(g, n, m, "out of memory");
    t->all_positive = true;
    for (uint32_t i = 0; i < t->votes; i++) {
        if (target->ints[i] < 0 || target->ints[i] >= t->targets)
            return op_wrong(g, n, m, "%s: %lld is none of the %u outputs", name[2],
                            (long long)target->ints[i], t->targets);
        t->vote[i] =
            (struct tree_vote){tree->ints[i], id->ints[i], i, (uint32_t)target->ints[i], weight->floats[i]};
        t->all_positive &= weight->floats[i] >= 0;
    }
    qsort(t->vote, t->votes, sizeof *t->vote, by_vote_key);
    for (uint32_t i = 0; i < t->votes; i++) {
        struct tree_node *leaf = find(t, t->vote[i].tree, t->vote[i].id);
        if (!leaf || leaf->branch != TREE_LEAF)
            return op_wrong(g, n, m, "%s: node %lld of tree %lld is no leaf", name[1],
                            (long long)t->vote[i].id, (long long)t->vote[i].tree);
        if (!leaf->votes++)
            leaf->first = i;
    }
    return 0;
}

static int read_base(const struct graph *g, const struct net_node *n, struct trees *t, struct message *m)
{
    const struct net_attribute *base = numbers(n, "base_values");
    if (!base || !base->n)
        return 0;
    if (base->n != t->targets && !(t->one_score && base->n == 1))
        return op_wrong(g, n, m, "base_values: has %zu entries for %u outputs", base->n, t->targets);
    t->base = base->floats;
    return 0;
}

static int read_trees(struct graph *g, struct net_node *n, struct trees *t, const char *const votes[4],
                      struct message *m)
{
    const char *post = op_word(n, "post_transform", "NONE");
    if (!op_post_transform_known(post))
        return op_wrong(g, n, m,
                        "post_transform: '%.40s' is not supported (give NONE, SOFTMAX, LOGISTIC or "
                        "SOFTMAX_ZERO)",
                        post);
    if (read_nodes(g, n, t, m) < 0 || link_nodes(g, n, t, m) < 0 || read_votes(g, n, t, votes, m) < 0)
        return -1;
    if (n->op == NET_TREE_CLASSIFIER && t->targets == 2) {
        t->one_score = t->votes > 0;
        for (uint32_t i = 1; i < t->votes; i++)
            t->one_score &= t->vote[i].target == t->vote[0].target;
    }
    return read_base(g, n, t, m);
}

static int read_aggregate(const struct graph *g, const struct net_node *n, struct trees *t, struct message *m)
{
    static const char *const names[] = {"SUM", "AVERAGE", "MIN", "MAX"};
    const char *name = op_word(n, "aggregate_function", "SUM");
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0) {
            t->aggregate = "SAmM"[i];
            return 0;
        }
    return op_wrong(g, n, m, "aggregate_function: '%.40s' is unknown (give SUM, AVERAGE, MIN or MAX)", name);
}

int trees_shape(struct graph *g, struct net_node *n, struct message *m)
{
    static const char *const target[] = {"target_treeids", "target_nodeids", "target_ids", "target_weights"};
    static const char *const class[] = {"class_treeids", "class_nodeids", "class_ids", "class_weights"};
    const struct net_shape *x = &op_input(g, n, 0)->shape;
    bool classes = n->op == NET_TREE_CLASSIFIER;
    const struct net_attribute *labels = op_attribute(n, "classlabels_int64s");
    struct trees *t = arena_alloc(g->arena, 1, sizeof *t);
    if (!t)
        return op_wrong(g, n, m, "out of memory");
    if (x->rank < 1 || x->rank > 2 || x->dim[x->rank - 1] == 0)
        return op_wrong(g, n, m, "the input is no table of rows");
    int64_t targets = classes ? (labels ? (int64_t)labels->n : 0) : op_integer(n, "n_targets", 1);
    if (targets < 1 || targets > NET_MAX_ELEMENTS)
        return op_wrong(g, n, m, "%s: is missing or out of range",
                        classes ? "classlabels_int64s" : "n_targets");
    *t = (struct trees){.features = x->dim[x->rank - 1], .targets = (uint32_t)targets};
    if (read_aggregate(g, n, t, m) < 0 || read_trees(g, n, t, classes ? class : target, m) < 0)
        return -1;
    n->prepared = t;
    uint32_t rows = x->rank == 2 ? x->dim[0] : 1;
    struct net_shape scores = {2, {rows, t->targets}};
    if (classes && !op_output(g, n, 0, (struct net_shape){1, {rows}}, ELEMENT_INT64))
        return op_wrong(g, n, m, "the result is too large");
    if (!op_output(g, n, classes, scores, ELEMENT_FLOAT))
        return op_wrong(g, n, m, "the result is too large");
    return 0;
}

/* ---- evaluation ---- */

static bool goes_yes(const struct tree_node *p, double x)
{
    if (isnan(x))
        return p->missing_is_true;
    switch (p->branch) {
    case TREE_LEQ: return x <= p->threshold;
    case TREE_LT: return x < p->threshold;
    case TREE_GTE: return x >= p->threshold;
    case TREE_GT: return x > p->threshold;
    case TREE_EQ: return x == p->threshold;
    default: return x != p->threshold;
    }
}

static const struct tree_node *leaf_of(const struct trees *t, uint32_t root, const double *x)
{
    const struct tree_node *p = &t->node[root];
    while (p->branch != TREE_LEAF)
        p = &t->node[goes_yes(p, x[p->feature]) ? p->yes : p->no];
    return p;
}

static double aggregated(char how, double sum, double w, bool first)
{
    if (first || how == 'S' || how == 'A')
        return sum + w;
    return how == 'm' ? fmin(sum, w) : fmax(sum, w);
}

static void add_votes(const struct trees *t, const double *x, double *score)
{
    for (uint32_t k = 0; k < t->targets; k++) {
        bool first = true;
        score[k] = 0;
        for (uint32_t r = 0; r < t->roots; r++) {
            const struct tree_node *leaf = leaf_of(t, t->root[r], x);
            for (uint32_t v = leaf->first; v < leaf->first + leaf->votes; v++)
                if (t->vote[v].target == k) {
                    score[k] = aggregated(t->aggregate, score[k], t->vote[v].weight, first);
                    first = false;
                }
        }
        if (t->aggregate == 'A')
            score[k] /= t->roots;
    }
}

static void add_base(const struct trees *t, double *score)
{
    for (uint32_t k = 0; t->base && k < t->targets && !t->one_score; k++)
        score[k] += t->base[k];
}

/* Two classes, votes for one: what runtimes make of it is the score's complement, or its negative when votes
 * can be negative. Returns the class. */
static unsigned expand_one_score(const struct trees *t, const char *post, double *score)
{
    double s = score[t->vote[0].target] + (t->base ? t->base[0] : 0);
    score[1] = s;
    score[0] = t->all_positive ? 1 - s : -s;
    if (strcmp(post, "LOGISTIC") == 0 && !t->all_positive)
        op_post_transform(post, score, 2);
    return t->all_positive ? s > 0.5 : s > 0;
}

static unsigned best(const double *score, uint32_t n)
{
    unsigned at = 0;
    for (uint32_t k = 1; k < n; k++)
        if (score[k] > score[at])
            at = k;
    return at;
}

void trees_compute(const struct graph *g, const struct net_node *n, double *const *value)
{
    const struct trees *t = n->prepared;
    const struct net_tensor *x = op_input(g, n, 0);
    bool classes = n->op == NET_TREE_CLASSIFIER;
    const char *post = op_word(n, "post_transform", "NONE");
    const struct net_attribute *labels = op_attribute(n, "classlabels_int64s");
    double *scores = NULL, *scratch = NULL;
    if (n->outputs > (unsigned)classes && n->output[classes] >= 0)
        scores = value[n->output[classes]];
    else
        scores = scratch = calloc(t->targets, sizeof *scratch); /* labels only: one row after the other */
    for (uint32_t row = 0; scores && row < x->size / t->features; row++) {
        double *score = scores + (scratch ? 0 : row * t->targets);
        unsigned class;
        add_votes(t, value[n->input[0]] + row * t->features, score);
        add_base(t, score);
        if (t->one_score) {
            class = expand_one_score(t, post, score);
        } else {
            class = best(score, t->targets);
            op_post_transform(post, score, t->targets);
        }
        if (classes)
            value[n->output[0]][row] = (double)labels->ints[class];
    }
    free(scratch);
}

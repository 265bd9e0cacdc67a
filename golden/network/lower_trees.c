/* Tree ensembles. */
#include "golden/network/lowering.h"
#include "golden/network/trees.h"

#include <math.h>
#include <string.h>

/* A threshold as a question to integers: x <= t is raw <= floor(t 2^F), x < t is raw <= ceil(t 2^F) - 1.
 * Where the answer to "at most" is the other way round, yes and no change places. */
static void set_question(struct quantised_branch *b, const struct tree_node *from, int fraction)
{
    double t = ldexp(from->threshold, fraction);
    bool below = from->branch == TREE_LT || from->branch == TREE_GTE;
    bool turned = from->branch == TREE_GTE || from->branch == TREE_GT || from->branch == TREE_NEQ;
    double limit = below ? ceil(t) - 1 : floor(t);
    b->ask = from->branch == TREE_EQ || from->branch == TREE_NEQ ? Q_EQUAL : Q_AT_MOST;
    if (b->ask == Q_EQUAL && limit != t) { /* never equal */
        b->ask = Q_AT_MOST;
        limit = -INFINITY;
    }
    b->limit = (int64_t)fmin(fmax(limit, -0x1p62), 0x1p62);
    b->element = from->feature;
    b->yes = turned ? from->no : from->yes;
    b->no = turned ? from->yes : from->no;
}

static int check_trees(struct lowering *l, const struct trees *t)
{
    const struct quantised_tensor *x = lower_operand(l, 0);
    if (!x)
        return -1;
    if (t->aggregate != 'S')
        return lower_failed(l, "only sums of votes have a fixed-point form");
    if (x->size != t->features)
        return lower_failed(l, "only one sample at a time has a fixed-point form");
    if (x->type.width > 60)
        return lower_failed(l, "its input has more than 60 bits (give a narrower format)");
    for (uint32_t k = 0; k < t->nodes; k++)
        if (t->node[k].branch != TREE_LEAF && isnan(t->node[k].threshold))
            return lower_failed(l, "a threshold is not a number");
    if ((uint64_t)t->nodes * t->targets > QUANTISED_MAX_TERMS)
        return lower_failed(l, "has too many leaves and outputs");
    return 0;
}

/* Votes of each leaf for each output, and base values as bias: integers of the step's fraction. */
static int tree_votes(struct lowering *l, const struct trees *t, struct quantised_step *s, int64_t **vote)
{
    double *v = lower_get(l, t->votes, sizeof *v), *base = lower_get(l, t->targets, sizeof *base);
    int fraction, base_fraction;
    if (!v || !base)
        return lower_no_memory(l);
    for (uint32_t k = 0; k < t->votes; k++)
        v[k] = t->vote[k].weight;
    for (uint32_t k = 0; t->base && k < t->targets && !t->one_score; k++)
        base[k] = t->base[k];
    if (t->base && t->one_score)
        base[t->vote[0].target] = t->base[0];
    int64_t *raw = lower_constants(l, lower_named(l, ".votes"), v, t->votes, 0, &fraction);
    s->bias =
        raw ? lower_constants(l, lower_named(l, ".base"), base, t->targets, LOWER_BIAS_BITS, &base_fraction)
            : NULL;
    if (!s->bias)
        return -1;
    *vote = lower_get(l, (size_t)t->nodes * t->targets, sizeof **vote);
    if (!*vote)
        return lower_no_memory(l);
    s->fraction = t->base ? lower_larger_int(fraction, base_fraction) : fraction;
    int up = s->fraction - fraction, base_up = t->base ? s->fraction - base_fraction : 0;
    if (up > 24 || base_up > 24)
        return lower_failed(l, "votes and base values differ too much in size (give formats)");
    for (uint32_t k = 0; k < t->targets; k++)
        s->bias[k] *= INT64_C(1) << base_up;
    for (uint32_t n = 0; n < t->nodes; n++)
        for (uint32_t k = t->node[n].first; k < t->node[n].first + t->node[n].votes; k++)
            (*vote)[(size_t)n * t->targets + t->vote[k].target] += raw[k] * (INT64_C(1) << up);
    return 0;
}

/* Adds the least and the most that one tree can vote for output k; `stack` has room for all places. */
static void add_tree_range(const struct quantised_step *s, uint32_t root, uint32_t *stack, uint32_t k,
                           fixed_wide *low, fixed_wide *high)
{
    uint32_t n = 0;
    bool first = true;
    fixed_wide least = 0, most = 0;
    stack[n++] = root;
    while (n) {
        const struct quantised_branch *b = &s->branch[stack[--n]];
        if (b->ask != Q_LEAF) {
            stack[n++] = b->yes;
            stack[n++] = b->no;
            continue;
        }
        least = first || b->vote[k] < least ? b->vote[k] : least;
        most = first || b->vote[k] > most ? b->vote[k] : most;
        first = false;
    }
    *low += least;
    *high += most;
}

static int tree_ranges(struct lowering *l, const struct trees *t, struct quantised_step *s, fixed_wide *low,
                       fixed_wide *high)
{
    uint32_t *stack = lower_get(l, (size_t)t->nodes + 2, sizeof *stack);
    if (!stack)
        return lower_no_memory(l);
    for (uint32_t k = 0; k < t->targets; k++) {
        fixed_wide reach = lower_magnitude(s->bias[k]);
        low[k] = high[k] = s->bias[k];
        for (uint32_t r = 0; r < t->roots; r++) {
            fixed_wide least = 0, most = 0;
            add_tree_range(s, t->root[r], stack, k, &least, &most);
            low[k] += least;
            high[k] += most;
            reach += lower_larger(lower_magnitude(least), lower_magnitude(most));
        }
        s->reach = lower_larger(s->reach, reach);
    }
    return 0;
}

/* The sums of votes, from tensor x to tensor out; type NULL: the exact one. */
static int add_trees(struct lowering *l, const struct trees *t, int x, int out, const struct fixed_type *type)
{
    fixed_wide *low, *high;
    int64_t *vote = NULL;
    int x_fraction = fixed_fraction(&l->q->tensor[x].type);
    struct quantised_branch *branch = lower_get(l, t->nodes, sizeof *branch);
    struct quantised_step *s = lower_step(l, Q_TREES);
    s->in[0] = x;
    s->out = out;
    if (!branch || lower_ranges(l, t->targets, &low, &high) < 0)
        return lower_no_memory(l);
    if (tree_votes(l, t, s, &vote) < 0)
        return -1;
    s->branch = branch;
    s->root = t->root;
    s->roots = t->roots;
    for (uint32_t n = 0; n < t->nodes; n++) {
        branch[n] = (struct quantised_branch){.ask = Q_LEAF, .vote = vote + (size_t)n * t->targets};
        if (t->node[n].branch != TREE_LEAF)
            set_question(&branch[n], &t->node[n], x_fraction);
    }
    if (tree_ranges(l, t, s, low, high) < 0)
        return -1;
    return lower_finish(l, s, type, low, high);
}

static int add_row(struct lowering *l, const char *end, uint32_t n)
{
    return lower_tensor(l, lower_named(l, end), (struct net_shape){2, {1, n}}, n);
}

/* Two classes that one score tells apart: the other one's is 1 - s, or -s when votes can be negative. */
static int add_both_scores(struct lowering *l, const struct trees *t, int votes)
{
    struct linear w;
    uint32_t target = t->vote[0].target;
    int out = add_row(l, ".both", 2), fraction = fixed_fraction(&l->q->tensor[votes].type);
    if (out < 0 || linear_begin(&w, l, out, 2, lower_larger_int(fraction, 0)) < 0 ||
        linear_term(&w, votes, target, -1, 0) < 0 || linear_next(&w, t->all_positive, 0) < 0 ||
        linear_term(&w, votes, target, 1, 0) < 0 || linear_next(&w, 0, 0) < 0)
        return -1;
    return linear_end(&w, NULL) < 0 ? -1 : out;
}

/* The label of the first largest score. */
static int add_label(struct lowering *l, const struct trees *t, int scores, int label)
{
    struct linear w;
    const struct net_attribute *labels = op_attribute(l->node, "classlabels_int64s");
    int largest = add_row(l, ".largest", t->targets), out = lower_result(l, label);
    if (largest < 0 || out < 0 || lower_largest(l, scores, t->targets, largest) < 0 ||
        linear_begin(&w, l, out, t->targets, 0) < 0)
        return -1;
    for (uint32_t k = 0; k < t->targets; k++)
        if (linear_term(&w, largest, k, labels->ints[k], 0) < 0)
            return -1;
    return linear_next(&w, 0, 0) < 0 ? -1 : linear_end(&w, net_format_of(l->f, l->g->tensor[label].name));
}

/* The scores as the node gives them, after its post_transform. */
static int finish_scores(struct lowering *l, const struct trees *t, int scores, int y)
{
    const char *post = op_word(l->node, "post_transform", "NONE");
    struct fixed_type type;
    bool none = strcmp(post, "NONE") == 0;
    if (t->one_score) /* as the evaluation in doubles has it */
        none = strcmp(post, "LOGISTIC") != 0 || t->all_positive;
    if (!none && lower_rounded_type(l, y, &type) < 0)
        return -1;
    int out = lower_result(l, y);
    if (out < 0 || strcmp(post, "SOFTMAX_ZERO") == 0)
        return out < 0 ? -1 : lower_failed(l, "post_transform SOFTMAX_ZERO has no fixed-point form");
    if (none)
        return lower_copy(l, scores, out, lower_given_type(l, y));
    if (strcmp(post, "SOFTMAX") == 0)
        return lower_softmax_of(l, scores, t->targets, out, &type);
    return lower_sigmoid_of(l, scores, out, &type);
}

static int lower_classifier(struct lowering *l, const struct trees *t)
{
    const struct net_node *n = l->node;
    int votes = add_row(l, ".sums", t->targets), x = l->q->of_graph[n->input[0]];
    if (votes < 0 || add_trees(l, t, x, votes, NULL) < 0)
        return -1;
    int scores = t->one_score ? add_both_scores(l, t, votes) : votes;
    if (scores < 0 || (n->output[0] >= 0 && add_label(l, t, scores, n->output[0]) < 0))
        return -1;
    return n->outputs < 2 || n->output[1] < 0 ? 0 : finish_scores(l, t, scores, n->output[1]);
}

static int lower_regressor(struct lowering *l, const struct trees *t)
{
    int y = l->node->output[0], x = l->q->of_graph[l->node->input[0]];
    if (strcmp(op_word(l->node, "post_transform", "NONE"), "NONE") == 0) {
        int out = lower_result(l, y);
        return out < 0 ? -1 : add_trees(l, t, x, out, lower_given_type(l, y));
    }
    int votes = add_row(l, ".sums", t->targets);
    return votes < 0 || add_trees(l, t, x, votes, NULL) < 0 ? -1 : finish_scores(l, t, votes, y);
}

int lower_trees(struct lowering *l)
{
    const struct trees *t = l->node->prepared;
    if (check_trees(l, t) < 0)
        return -1;
    return l->node->op == NET_TREE_CLASSIFIER ? lower_classifier(l, t) : lower_regressor(l, t);
}

#include "golden/network/recal_network.h"

#include "golden/network/model.h"

#include <stdlib.h>

static const struct fixed_type correction_type = {
    .width = 16, .integer = 12, .is_signed = 1, .round = FIXED_RND, .overflow = FIXED_SAT};

enum { FEATURE_FRACTION = 7 };

struct recal_network {
    const struct mlp *own; /* or the rest */
    struct graph *graph;
    struct quantised *q;
    struct quantised_run *run;
};

void recal_network_close(struct recal_network *n)
{
    if (!n)
        return;
    quantised_run_free(n->run);
    quantised_free(n->q);
    graph_free(n->graph);
    free(n);
}

static int check_ports(const struct graph *g, struct message *m)
{
    if (g->inputs != 1 || graph_input(g, 0)->size < 4 || graph_input(g, 0)->size > MLP_MAX_FEATURES)
        return message_set(
            m, "%s: must have one input of 4 numbers (phi, eta, pT, charge) or 5 (and quality)", g->path);
    if (g->outputs != 1 || graph_output(g, 0)->size != MLP_OUTPUTS)
        return message_set(m, "%s: must have one output of 3 numbers (corrections of phi, eta, pT)", g->path);
    return 0;
}

static int open_file(struct recal_network *n, const char *path, const char *formats, struct message *m)
{
    struct net_formats f;
    n->graph = model_read(path, formats, &f, m);
    if (n->graph && check_ports(n->graph, m) == 0)
        n->q = quantised_new(n->graph, &f, m);
    net_formats_release(&f);
    n->run = n->q ? quantised_run_new(n->q, m) : NULL;
    return n->run ? 0 : -1;
}

struct recal_network *recal_network_open(const char *network, const char *formats, struct message *m)
{
    struct recal_network *n = calloc(1, sizeof *n);
    if (!n) {
        message_set(m, "%s: out of memory", network);
        return NULL;
    }
    n->own = mlp_find(network);
    if (n->own || open_file(n, network, formats, m) == 0)
        return n;
    recal_network_close(n);
    return NULL;
}

const struct quantised *recal_network_quantised(const struct recal_network *n)
{
    return n->q;
}

static int16_t correction_of(const struct recal_network *n, unsigned k, unsigned lane)
{
    int y = n->q->output[0];
    return (int16_t)fixed_cast(&correction_type, quantised_run_get(n->run, y, k, lane),
                               fixed_fraction(&n->q->tensor[y].type), NULL);
}

static void correct_batch(struct recal_network *n, const gmt_word *muon, unsigned muons, struct correction *c)
{
    const struct quantised_tensor *x = &n->q->tensor[n->q->input[0]];
    for (unsigned lane = 0; lane < muons; lane++) {
        int8_t feature[MLP_MAX_FEATURES];
        mlp_features(muon[lane], feature, x->size);
        for (uint32_t e = 0; e < x->size; e++)
            quantised_run_set(n->run, 0, e, lane,
                              (int64_t)fixed_cast(&x->type, feature[e], FEATURE_FRACTION, NULL));
    }
    quantised_run_evaluate(n->run);
    for (unsigned lane = 0; lane < muons; lane++)
        c[lane] = (struct correction){correction_of(n, 0, lane), correction_of(n, 1, lane),
                                      correction_of(n, 2, lane)};
}

void recal_network_correct(struct recal_network *n, const gmt_word *muon, size_t muons, struct correction *c)
{
    if (n->own) {
        mlp_correct_batch(n->own, muon, muons, c);
        return;
    }
    for (size_t first = 0; first < muons; first += QUANTISED_BATCH) {
        size_t left = muons - first;
        correct_batch(n, muon + first, left < QUANTISED_BATCH ? (unsigned)left : QUANTISED_BATCH, c + first);
    }
}

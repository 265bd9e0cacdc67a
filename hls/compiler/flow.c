#include "hls/compiler/flow.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

static void append(struct hls_flow *f, uint32_t from, uint32_t to, int32_t capacity)
{
    if (f->edges == f->room) {
        f->room = f->room ? 2 * f->room : 1024;
        f->edge = hls_resize(f->edge, f->room, sizeof *f->edge);
    }
    f->edge[f->edges] = (struct hls_flow_edge){to, f->first[from], capacity};
    f->first[from] = ++f->edges;
}

void hls_flow_add(struct hls_flow *f, uint32_t from, uint32_t to, int32_t capacity)
{
    if (!f->first)
        f->first = hls_allocate(f->vertices, sizeof *f->first);
    append(f, from, to, capacity);
    append(f, to, from, 0);
}

/* Depths from the source over edges with room, from 1; 0 where there is no way. */
static bool reach(struct hls_flow *f, uint32_t *queue)
{
    uint32_t head = 0, tail = 0;
    memset(f->depth, 0, f->vertices * sizeof *f->depth);
    f->depth[HLS_FLOW_SOURCE] = 1;
    queue[tail++] = HLS_FLOW_SOURCE;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint32_t e = f->first[v]; e; e = f->edge[e - 1].next) {
            const struct hls_flow_edge *edge = &f->edge[e - 1];
            if (edge->rest > 0 && !f->depth[edge->to]) {
                f->depth[edge->to] = f->depth[v] + 1;
                queue[tail++] = edge->to;
            }
        }
    }
    return f->depth[HLS_FLOW_SINK] != 0;
}

/* Pushes along one way of increasing depth. Recursion is as deep as that way is long. */
static int32_t push(struct hls_flow *f, uint32_t v, int32_t most)
{
    if (v == HLS_FLOW_SINK)
        return most;
    for (; f->at[v]; f->at[v] = f->edge[f->at[v] - 1].next) {
        uint32_t e = f->at[v] - 1;
        struct hls_flow_edge *edge = &f->edge[e];
        if (edge->rest <= 0 || f->depth[edge->to] != f->depth[v] + 1)
            continue;
        int32_t pushed = push(f, edge->to, most < edge->rest ? most : edge->rest);
        if (!pushed)
            continue;
        edge->rest -= pushed;
        f->edge[e ^ 1].rest += pushed;
        return pushed;
    }
    return 0;
}

int64_t hls_flow_cut(struct hls_flow *f)
{
    int64_t total = 0;
    uint32_t *queue = hls_allocate(f->vertices, sizeof *queue);
    if (!f->first)
        f->first = hls_allocate(f->vertices, sizeof *f->first);
    f->at = hls_allocate(f->vertices, sizeof *f->at);
    f->depth = hls_allocate(f->vertices, sizeof *f->depth);
    while (reach(f, queue)) {
        memcpy(f->at, f->first, f->vertices * sizeof *f->at);
        for (int32_t pushed; (pushed = push(f, HLS_FLOW_SOURCE, HLS_FLOW_ENDLESS)) > 0;)
            total += pushed;
    }
    free(queue);
    return total;
}

void hls_flow_release(struct hls_flow *f)
{
    free(f->edge);
    free(f->first);
    free(f->at);
    free(f->depth);
    *f = (struct hls_flow){0};
}

/* Minimum cut of a directed graph between vertex 0 (the source) and vertex 1 (the sink), by Dinic's algorithm. */
#ifndef HLS_COMPILER_FLOW_H
#define HLS_COMPILER_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HLS_FLOW_SOURCE = 0, HLS_FLOW_SINK = 1, HLS_FLOW_ENDLESS = 1 << 28 };

/* All zero, but for `vertices`, is a graph without edges. */
struct hls_flow {
    uint32_t vertices;
    struct hls_flow_edge {
        uint32_t to, next; /* the next edge of the same vertex, as number + 1 */
        int32_t rest;
    } *edge; /* each is followed by its reverse */
    uint32_t edges, room;
    uint32_t *first, *at; /* per vertex: its first edge, and the one where the search stands, as number + 1 */
    uint32_t *depth;
};

/* Edges from HLS_FLOW_ENDLESS on are never cut. */
void hls_flow_add(struct hls_flow *f, uint32_t from, uint32_t to, int32_t capacity);
/* After all edges: the sum of those cut; depth[v] != 0 then says that v is on the side of the source. */
int64_t hls_flow_cut(struct hls_flow *f);
void hls_flow_release(struct hls_flow *f);

#ifdef __cplusplus
}
#endif
#endif

/* What a node costs in a LUT6 fabric: an ESTIMATE from rules of thumb (area.c), checked against Yosys by
 * tests/hls/area_test.c. It serves to compare one circuit with another, and to say where the LUTs of a kernel go.
 */
#ifndef HLS_COMPILER_AREA_H
#define HLS_COMPILER_AREA_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hls_area {
    double luts;
    unsigned dsps;
};

/* Of every node of a scheduled function; 0 where nobody demands it. The caller frees it. */
struct hls_area *hls_area_of_nodes(const struct hls_fn *fn);
/* The sum of them. */
struct hls_area hls_area_sum(const struct hls_fn *fn, const struct hls_area *of_node);
/* Bits of a sum that take a LUT: the low bits where one operand is zero pass by, the carry chain takes a bit that
 * only one operand of an addition has as it is, and copies of two signs are added once. */
unsigned hls_adder_bits(const struct hls_fn *fn, const struct hls_node *n);

#ifdef __cplusplus
}
#endif
#endif

/* Parts of range.c, which gives every node its interval. */
#ifndef HLS_COMPILER_RANGE_H
#define HLS_COMPILER_RANGE_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The interval of `condition ? then : other`. A condition is a comparison, a sign bit, or an AND or OR of
 * such. */
void hls_range_select(const struct hls_fn *fn, hls_id condition, hls_id then, hls_id other, hls_int *lo,
                      hls_int *hi);

/* What `id` is where the condition is 1; false when it cannot be 1. */
bool hls_range_given(const struct hls_fn *fn, hls_id id, hls_id condition, hls_int *lo, hls_int *hi);
/* The interval of a + b; of a choice of constants and another value, under what the condition says of it. */
void hls_range_add(const struct hls_fn *fn, hls_id a, hls_id b, hls_int *lo, hls_int *hi);

#ifdef __cplusplus
}
#endif
#endif

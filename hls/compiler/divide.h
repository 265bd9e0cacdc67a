/* Quotient and remainder of values that are not negative, as graphs of what the IR has.
 *
 * By a constant: one product with the reciprocal, rounded up, exact for every dividend of the interval
 * (n * m >> s with m = ceil(2^s / d) is floor(n / d) as long as n * (m * d - 2^s) < 2^s), where that product
 * fits. Otherwise the restoring divider: a subtraction a bit, which the schedule cuts into stages. */
#ifndef HLS_COMPILER_DIVIDE_H
#define HLS_COMPILER_DIVIDE_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hls_division {
    hls_id quotient, remainder;
};

/* Requires intervals 0 <= n < 2^64 and 1 <= d < 2^64. */
struct hls_division hls_divide(struct hls_fn *fn, hls_id n, hls_id d);

#ifdef __cplusplus
}
#endif
#endif

/* Shared sub-expressions of a constant matrix-vector product.
 *
 * Rows are sums of signed digits, +-(symbol << shift). The pair of digits that occurs most often over all
 * rows, up to a common shift and sign, becomes a new symbol; again, until no pair occurs twice. (Two-term
 * sub-expression elimination on canonical signed digits, as in distributed arithmetic; see da4ml,
 * arXiv:2507.04535.) Depth: a row of digits at depths d can be summed within depth D exactly when sum 2^d <=
 * 2^D. Each row keeps the least D that it had at the start, so sharing never makes a tree deeper.
 */
#ifndef HLS_COMPILER_SHARE_H
#define HLS_COMPILER_SHARE_H

#include "hls/compiler/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hls_digit {
    uint32_t symbol;
    int shift;
    bool minus;
};

struct hls_digit_row {
    struct hls_digit *digit;
    size_t digits;
    bool constant; /* one more term, not shared, takes part in the tree */
};

/* symbol = first + second << shift, or minus second when `minus` is set. */
struct hls_shared {
    uint32_t first, second;
    int shift; /* of the second; may be negative: then the first is shifted by -shift */
    bool minus;
};

/* The digits of coefficient c (canonical: no two neighbours) are appended to the row. */
void hls_row_add(struct hls_digit_row *row, uint32_t symbol, hls_int c);
/* Symbols 0..inputs-1 are given; new symbols are numbered from `inputs` on. Rows are rewritten. Returns the
 * new symbols (the caller frees them) and their number. */
struct hls_shared *hls_share(struct hls_digit_row *row, size_t rows, uint32_t inputs, size_t *made);

#ifdef __cplusplus
}
#endif
#endif

/* Takes from a kernel what its failure does not need: blocks, lines, sub-expressions, outputs; as long as it
 * still fails.
 *
 * The text is one that generate_kernel() wrote: a brace at the end of a line opens a block, a statement is a
 * line. A proposal that is no C any more is the caller's to reject: `fails` must be false for it. */
#ifndef TESTS_HLS_REDUCE_H
#define TESTS_HLS_REDUCE_H

#include <stdbool.h>

typedef bool (*reduce_fails)(const char *text, void *context);

/* Returns the smallest text found with at most `tries` questions; the caller frees it. `text` itself fails.
 */
char *reduce_kernel(const char *text, reduce_fails fails, void *context, unsigned tries);

#endif

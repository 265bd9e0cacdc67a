/* Warnings about the source that clang does not give. */
#ifndef HLS_COMPILER_LINT_H
#define HLS_COMPILER_LINT_H

#include <clang-c/Index.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To stderr: a sum, product or left shift of `_BitInt` whose type has fewer bits than its results need. */
void hls_lint(CXTranslationUnit unit);

#ifdef __cplusplus
}
#endif
#endif

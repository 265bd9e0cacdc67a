/* Allocation for the compiler: memory is zeroed, and running out of it ends the program with exit code 3. */
#ifndef HLS_COMPILER_MEMORY_H
#define HLS_COMPILER_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *hls_allocate(size_t n, size_t size);
void *hls_resize(void *old, size_t n, size_t size); /* the part beyond the old size is not zeroed */
char *hls_copy_text(const char *text);
/* printf into new memory. */
char *hls_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif
#endif

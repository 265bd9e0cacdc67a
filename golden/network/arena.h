/* Memory that is freed all at once. */
#ifndef GOLDEN_NETWORK_ARENA_H
#define GOLDEN_NETWORK_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct arena;

struct arena *arena_new(void);    /* NULL when memory is out */
void arena_free(struct arena *a); /* NULL is allowed */

/* n elements, zeroed; NULL when memory is out or more than a GiB would be in use. n = 0 gives a valid
 * pointer. */
void *arena_alloc(struct arena *a, size_t n, size_t size);
char *arena_text(struct arena *a, const char *text); /* a copy; of NULL, "" */

#ifdef __cplusplus
}
#endif
#endif

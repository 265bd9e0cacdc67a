/* All example kernels, hls/kernels/NAME.c, with the function that each defines. */
#ifndef TESTS_HLS_EXAMPLES_H
#define TESTS_HLS_EXAMPLES_H

#include <stddef.h>

struct example {
    char *source, *top;
};

/* `n` of them; examples_free() releases them. */
struct example *examples_find(size_t *n);
void examples_free(struct example *e, size_t n);

#endif

/* Random kernels over the language of hlsc, free of undefined behaviour by construction: shift amounts and
 * indices are masked, every variable is set before it is read, loops have fixed bounds, -fwrapv gives
 * overflow a meaning. */
#ifndef TESTS_HLS_GENERATE_H
#define TESTS_HLS_GENERATE_H

#include <stdint.h>
#include <stdio.h>

/* Writes one kernel, `void NAME(...)`, that `seed` stands for. */
void generate_kernel(FILE *to, const char *name, uint64_t seed);

#endif

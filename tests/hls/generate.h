/* Random kernels over the language of hlsc, free of undefined behaviour by construction: shift amounts and
 * indices are masked, every variable is set before it is read, loops have fixed bounds, -fwrapv gives
 * overflow a meaning. */
#ifndef TESTS_HLS_GENERATE_H
#define TESTS_HLS_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Whether the kernel of that seed has static variables: one in four does. Random expressions lie between
 * their old and new values, so such a kernel wants a slow clock. */
static inline bool generate_has_state(uint64_t seed)
{
    return seed % 4 == 3;
}
/* Whether some of its loops are rolled ones; every third of these has state as well. */
static inline bool generate_has_rolled(uint64_t seed)
{
    return seed % 8 == 1 || seed % 16 == 3;
}
/* Writes one kernel, `void NAME(...)`, that `seed` stands for. */
void generate_kernel(FILE *to, const char *name, uint64_t seed);

#endif

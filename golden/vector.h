/* Marks a hot loop that the compiler shall also build for wider vector units, chosen when the program
 * starts. */
#ifndef GOLDEN_VECTOR_H
#define GOLDEN_VECTOR_H

#if defined(__x86_64__) && defined(__gnu_linux__)
#define VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_CLONES
#endif

#endif

/* Kernels for tests of the models, in plain C, with the ports of the real ones (docs/chain.md). */
#ifndef TESTS_MODEL_TEST_KERNELS_H
#define TESTS_MODEL_TEST_KERNELS_H

#include <stdint.h>

#define TEST_KERNEL_HASH UINT64_C(0x0123456789abcdef)
#define TEST_SUM_START 1000u

/* The ports as a compiler's schedule lists them. */
#define TEST_PORT(name, direction, width, count)                                                         \
    "{\"name\": \"" name "\", \"direction\": \"" direction "\", \"width\": " #width ", \"count\": " #count "}"
#define ZERO_SUPPRESS_PORTS                                                                              \
    TEST_PORT("block", "in", 32, 48)                                                                     \
    "," TEST_PORT("bx", "in", 12, 1) "," TEST_PORT("orbit", "in", 32, 1) ","                             \
    TEST_PORT("flags", "in", 24, 1) "," TEST_PORT("pt_min", "in", 9, 1) ","                              \
    TEST_PORT("slots", "in", 16, 1) "," TEST_PORT("keep", "out", 1, 1) ","                               \
    TEST_PORT("block_out", "out", 32, 48) "," TEST_PORT("bx_out", "out", 12, 1) ","                      \
    TEST_PORT("orbit_out", "out", 32, 1) "," TEST_PORT("flags_out", "out", 24, 1)
#define RECAL_PORTS                                                                                      \
    TEST_PORT("muon", "in", 64, 1)                                                                       \
    "," TEST_PORT("seq", "in", 8, 1) "," TEST_PORT("slot", "in", 4, 1) ","                               \
    TEST_PORT("phi", "out", 16, 1) "," TEST_PORT("eta", "out", 16, 1) ","                                \
    TEST_PORT("pt", "out", 16, 1) "," TEST_PORT("seq_out", "out", 8, 1) ","                              \
    TEST_PORT("slot_out", "out", 4, 1)

/* The test's "network": three numbers that depend on all of the muon word. */
static inline int16_t test_recal(uint64_t muon, unsigned which)
{
    return (int16_t)((muon + which) * UINT64_C(0x9e3779b97f4a7c15) >> 50) / 16;
}

#endif

#include "tests/model/test_kernels.h"

#include "golden/blocks/zero_suppress.h"
#include "hls/kernel_abi.h"

#include <string.h>

static void zero_suppress(const uint32_t *in, uint32_t *out)
{
    struct bx_block block;
    struct zero_suppress_cfg cfg = {.pt_min = in[51], .slots = in[52]};
    memcpy(&block, in, sizeof block);
    out[0] = zero_suppress_keep(&cfg, &block);
    memcpy(out + 1, in, 51 * sizeof *out);
}

static void recal(const uint32_t *in, uint32_t *out)
{
    uint64_t muon = (uint64_t)in[1] << 32 | in[0];
    for (unsigned i = 0; i < 3; i++)
        out[i] = (uint32_t)test_recal(muon, i);
    out[3] = in[2];
    out[4] = in[3];
}

/* With state: the sum of all first words, from TEST_SUM_START on. */
static uint32_t sum_bytes(void)
{
    return sizeof(uint32_t);
}

static void sum_reset(void *state)
{
    *(uint32_t *)state = TEST_SUM_START;
}

static void sum_step(void *state, const uint32_t *in, uint32_t *out)
{
    uint32_t *sum = state;
    out[0] = *sum += in[0];
    memset(out + 1, 0, 4 * sizeof *out);
}

extern const struct hls_kernel_info zero_suppress_kernel, recal_kernel, misnamed_kernel, sum_kernel,
    stateless_kernel;
extern const struct hls_kernel_state sum_state;
const struct hls_kernel_info sum_kernel = {"sum", TEST_KERNEL_HASH, 4, 5, NULL};
const struct hls_kernel_info stateless_kernel = {"stateless", TEST_KERNEL_HASH, 4, 5, NULL};
const struct hls_kernel_state sum_state = {sum_bytes, sum_reset, sum_step};
const struct hls_kernel_info zero_suppress_kernel = {"zero_suppress", TEST_KERNEL_HASH, 53, 52,
                                                     zero_suppress};
const struct hls_kernel_info misnamed_kernel = {"recal", TEST_KERNEL_HASH, 4, 5, recal};
const struct hls_kernel_info recal_kernel = {"recal", TEST_KERNEL_HASH, 4, 5, recal};

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

extern const struct hls_kernel_info zero_suppress_kernel, recal_kernel, misnamed_kernel;
const struct hls_kernel_info zero_suppress_kernel = {"zero_suppress", TEST_KERNEL_HASH, 53, 52,
                                                     zero_suppress};
const struct hls_kernel_info misnamed_kernel = {"recal", TEST_KERNEL_HASH, 4, 5, recal};
const struct hls_kernel_info recal_kernel = {"recal", TEST_KERNEL_HASH, 4, 5, recal};

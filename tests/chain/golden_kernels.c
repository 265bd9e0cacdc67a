#include "tests/chain/golden_kernels.h"

#include "golden/blocks/zero_suppress.h"
#include "golden/network/mlp.h"
#include "hls/kernel_abi.h"
#include "tests/model/test_kernels.h"

#include <string.h>

extern struct doctor doctor;
struct doctor doctor;

static void zero_suppress(const uint32_t *in, uint32_t *out)
{
    struct bx_block block;
    struct zero_suppress_cfg cfg = {.pt_min = (uint16_t)in[51], .slots = (uint16_t)in[52]};
    int here = in[48] == doctor.bx && in[49] == doctor.orbit;
    memcpy(&block, in, sizeof block);
    out[0] = (uint32_t)zero_suppress_keep(&cfg, &block) ^ (here && doctor.what == DOCTOR_KEEP);
    memcpy(out + 1, in, 51 * sizeof *out);
    if (here && doctor.what == DOCTOR_BLOCK)
        out[1 + doctor.word] ^= UINT32_C(1) << doctor.bit;
}

static void recal(const uint32_t *in, uint32_t *out)
{
    uint64_t muon = (uint64_t)in[1] << 32 | in[0];
    struct correction c;
    mlp_correct(&mlp_student, (gmt_word){muon}, &c);
    out[0] = (uint32_t)c.phi;
    out[1] = (uint32_t)c.eta;
    out[2] = (uint32_t)c.pt;
    out[3] = in[2];
    out[4] = in[3];
    if (muon != doctor.muon)
        return;
    out[2] += doctor.what == DOCTOR_WEIGHT;
    out[3] ^= doctor.what == DOCTOR_SEQ;
    out[4] ^= doctor.what == DOCTOR_SLOT;
}

extern const struct hls_kernel_info zero_suppress_kernel, recal_kernel;
const struct hls_kernel_info zero_suppress_kernel = {"zero_suppress", TEST_KERNEL_HASH, 53, 52,
                                                     zero_suppress};
const struct hls_kernel_info recal_kernel = {"recal", TEST_KERNEL_HASH, 4, 5, recal};

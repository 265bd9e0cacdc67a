/* The native form of a kernel: what hlsc's shim exports, and what its users need to know.
 *
 * A shim exports one `const struct hls_kernel_info NAME_kernel`. `call` evaluates the kernel once, untimed:
 *  - `in` holds the inputs in the order of the C arguments, `out` the outputs likewise;
 *  - each scalar or array element takes ceil(W / 32) words, low word first; W is its declared width;
 *  - of an input the bits above W are ignored; an unsigned output is zero above W, a signed one sign-extended
 *    to the end of its last word.
 * Latency is not here: it belongs to the Verilog, and NAME.json has it. `hash` is the build hash that the
 * Verilog (hash_o), the JSON and the shim of one hlsc run share; differing hashes must not be used together.
 */
#ifndef HLS_KERNEL_ABI_H
#define HLS_KERNEL_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hls_kernel_info {
    const char *name; /* of the top function */
    uint64_t hash;
    uint32_t in_words, out_words;
    void (*call)(const uint32_t *in, uint32_t *out);
};

#ifdef __cplusplus
}
#endif
#endif

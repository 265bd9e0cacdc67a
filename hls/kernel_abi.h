/* The native form of a kernel: what hlsc's shim exports, and what its users need to know.
 *
 * A shim is compiled together with the kernel's source; that of a kernel with state contains it and is
 * compiled alone. A shim exports one `const struct hls_kernel_info NAME_kernel`. `call` evaluates the kernel
 * once, untimed:
 *  - `in` holds the inputs in the order of the C arguments, `out` the outputs likewise;
 *  - each scalar or array element takes ceil(W / 32) words, low word first; W is its declared width;
 *  - of an input the bits above W are ignored; an unsigned output is zero above W, a signed one sign-extended
 *    to the end of its last word.
 * A kernel with state (static variables) has no `call`; its shim exports one `const struct hls_kernel_state
 * NAME_state` as well. The state belongs to the caller: `bytes()` of them, set by `reset`, taken on by each
 * `step`; one for each instance of the hardware. The hardware's reset does `reset` and drops all that is in
 * flight; a cycle without valid input is no step. `step` uses static memory in passing: one thread at a time
 * for all instances of a kernel. Latency is not here: it belongs to the Verilog, and NAME.json has it. `hash`
 * is the build hash that the Verilog (hash_o), the JSON and the shim of one hlsc run share; differing hashes
 * must not be used together.
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
    void (*call)(const uint32_t *in, uint32_t *out); /* NULL: the kernel has state */
};

struct hls_kernel_state {
    uint32_t (*bytes)(void);
    void (*reset)(void *state);
    void (*step)(void *state, const uint32_t *in, uint32_t *out); /* `in` and `out` as in `call` */
};

#ifdef __cplusplus
}
#endif
#endif

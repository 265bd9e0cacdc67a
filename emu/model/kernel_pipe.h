/* The step of a generated kernel, derived: the natively compiled kernel (kernels.so) gives the values, the
 * compiler's schedule (<top>.json) gives latency and initiation interval. RTL, native code and schedule
 * carry one build hash, so nothing here can drift from the Verilog.
 *
 * Latency L means: inputs valid before edge n show at the output after edge n + L - 1 (L = 1: one
 * register).
 *
 *     struct kernel k;
 *     if (kernel_open(&k, "build/kernels/student", "recal", &shape, &message) < 0)
 *         ...
 *     struct kernel_pipe p;
 *     kernel_pipe_init(&p, &k);
 *     // at each edge
 *     const uint32_t *out = NULL;
 *     if (valid)
 *         out = kernel_pipe_push(&p, in);    // in: k.in_words words
 *     else
 *         out = kernel_pipe_idle(&p);
 *     if (out) ...                           // valid output, k.out_words words, until the next call
 */
#ifndef EMU_MODEL_KERNEL_PIPE_H
#define EMU_MODEL_KERNEL_PIPE_H

#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ports that an adapter packs and unpacks, in argument order. Each scalar or array element takes
 * ceil(width / 32) words. */
struct kernel_port {
    const char *name;
    uint8_t output;
    uint16_t width, count; /* bits of an element, elements (1: a scalar) */
};

struct kernel_shape {
    const struct kernel_port *port;
    size_t ports;
    uint32_t most_ii; /* the longest interval between inputs that suits its user, in cycles */
};

struct hls_kernel_state;

struct kernel {
    void *object; /* of dlopen */
    void (*call)(const uint32_t *in, uint32_t *out);
    const struct hls_kernel_state *state; /* instead of `call`, when evaluations follow from earlier ones */
    uint64_t hash;
    uint32_t latency; /* cycles, 1..KERNEL_LATENCY_MAX */
    uint32_t ii;      /* cycles from one input to the next, at least */
    uint32_t in_words, out_words;
};

enum { KERNEL_LATENCY_MAX = 4096 };

/* Opens <dir>/kernels.so (symbol <top>_kernel and, when the kernel has state, <top>_state; hls/kernel_abi.h) and
 * <dir>/<top>.json. Returns 0, or -1 with a message when a file is missing or garbled, when name or hash differ
 * between the two, when ii is above that of `shape`, or when the ports are not those of `shape`. Nothing stays open then. */
int kernel_open(struct kernel *k, const char *dir, const char *top, const struct kernel_shape *shape,
                struct message *m);
void kernel_close(struct kernel *k);

/* One pipeline: a ring of `latency` results. The kernel must outlive it. */
struct kernel_pipe {
    const struct kernel *kernel;
    void *state;     /* of this instance; NULL: the kernel has none */
    uint32_t *ring;  /* latency * out_words */
    uint8_t *valid;  /* by stage */
    uint32_t at;     /* the stage that the next input goes to */
    uint32_t flying; /* valid stages */
};

/* Returns 0, or -1 when memory is out. */
int kernel_pipe_init(struct kernel_pipe *p, const struct kernel *k);
void kernel_pipe_release(struct kernel_pipe *p);

/* The edge of a reset: what is in flight is dropped, and the state is the initial one, as after init. */
void kernel_pipe_reset(struct kernel_pipe *p);

/* One edge each. Returns the output that is valid after it, or NULL. A push sooner than `ii` edges after the last
 * one is the caller's fault, which the Verilog does not survive either: it ends the program. */
const uint32_t *kernel_pipe_push(struct kernel_pipe *p, const uint32_t *in);
const uint32_t *kernel_pipe_shift(struct kernel_pipe *p);

/* An edge without input. An empty pipeline is not touched at all. */
static inline const uint32_t *kernel_pipe_idle(struct kernel_pipe *p)
{
    return p->flying ? kernel_pipe_shift(p) : NULL;
}

#ifdef __cplusplus
}
#endif
#endif

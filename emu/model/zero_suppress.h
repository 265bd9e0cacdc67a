/* zero_suppress, board domain: a kernel_pipe between bus structs. Ports: docs/chain.md "Ports of the two
 * kernels". */
#ifndef EMU_MODEL_ZERO_SUPPRESS_H
#define EMU_MODEL_ZERO_SUPPRESS_H

#include "emu/model/bus.h"
#include "emu/model/kernel_pipe.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ZERO_SUPPRESS_IN_WORDS = BX_WORDS + 5 };

struct zero_suppress {
    struct kernel kernel;
    struct kernel_pipe pipe;
    uint32_t in[ZERO_SUPPRESS_IN_WORDS];
};

/* kernels: folder of kernels.so and zero_suppress.json. Returns 0, or -1 with a message. */
int zero_suppress_init(struct zero_suppress *s, const struct board_cfg *cfg, const char *kernels,
                       struct message *m);
void zero_suppress_release(struct zero_suppress *s);
void zero_suppress_step(struct zero_suppress *s, const struct bus_view *now, struct zero_suppress_out *next);

#ifdef __cplusplus
}
#endif
#endif

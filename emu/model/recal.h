/* recal, board domain: one kernel_pipe an engine between bus structs. Ports: docs/chain.md "Ports of the two
 * kernels". */
#ifndef EMU_MODEL_RECAL_H
#define EMU_MODEL_RECAL_H

#include "emu/model/bus.h"
#include "emu/model/kernel_pipe.h"

#ifdef __cplusplus
extern "C" {
#endif

struct recal {
    struct kernel kernel;
    struct kernel_pipe pipe[MAX_ENGINES];
    uint8_t engines;
};

/* kernels: folder of kernels.so and recal.json. Returns 0, or -1 with a message. */
int recal_init(struct recal *s, const struct board_cfg *cfg, const char *kernels, struct message *m);
void recal_release(struct recal *s);
void recal_step(struct recal *s, const struct bus_view *now, struct recal_out *next);

#ifdef __cplusplus
}
#endif
#endif

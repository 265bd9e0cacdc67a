/* The pin view: the chain as SystemC modules with ports and clocks (chain_modules.h and the headers that it
 * includes), driven under the same contract as the scheduler's (emu/chain/chain.h). Every block is its C
 * model; each bit and cycle is that of the fast view, only slower.
 *
 *     struct pin_view *v = pin_view_open(&cfg, &message);
 *     while (pin_view_run(v, until += 6) == CHAIN_MORE)
 *         ;
 *     pin_view_close(v); */
#ifndef EMU_SYSTEMC_PIN_VIEW_H
#define EMU_SYSTEMC_PIN_VIEW_H

#include "emu/chain/chain.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pin_view;

/* cfg as for chain_open(); `reverse` is ignored, for SystemC chooses the order. NULL with a message: what
 * chain_open() refuses, and a block whose engine is not the model. One pin view can be open at a time, and
 * no fast view can run meanwhile; after pin_view_close() another may follow. */
struct pin_view *pin_view_open(const struct chain_cfg *cfg, struct message *m);
void pin_view_close(struct pin_view *v); /* NULL is allowed */

/* As chain_run(), chain_cycles(), chain_status(), chain_kernel_hash(), chain_kernel_latency(). */
enum chain_state pin_view_run(struct pin_view *v, uint64_t board_cycles);
uint64_t pin_view_cycles(const struct pin_view *v, enum domain d);
void pin_view_status(const struct pin_view *v, struct board_status *status);
uint64_t pin_view_kernel_hash(const struct pin_view *v, const char *kernel);
uint32_t pin_view_kernel_latency(const struct pin_view *v, const char *kernel);

#ifdef __cplusplus
}
#endif
#endif

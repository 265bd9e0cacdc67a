/* What runs a block: its C model, its RTL, or both at once with every output compared at every edge. */
#ifndef EMU_MODEL_ENGINE_H
#define EMU_MODEL_ENGINE_H

#ifdef __cplusplus
extern "C" {
#endif

enum engine { ENGINE_MODEL, ENGINE_RTL, ENGINE_LOCKSTEP, ENGINES };

#ifdef __cplusplus
}
#endif
#endif

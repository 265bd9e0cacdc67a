/* Drives an open session to its end, quantum by quantum, through the SystemC view asked for. */
#ifndef EMU_RUN_DRIVE_H
#define EMU_RUN_DRIVE_H

#include "emu/run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

enum drive_end drive(struct session *s, const struct run_setup *o);

#ifdef __cplusplus
}
#endif
#endif

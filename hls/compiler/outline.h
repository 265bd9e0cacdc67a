/* One module becomes one a pipeline stage and a top module that wires them: what is in a stage, and what goes
 * from one to the next, can be read, and tools work through small modules faster. */
#ifndef HLS_COMPILER_OUTLINE_H
#define HLS_COMPILER_OUTLINE_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `flat` is the text of hls_emit_verilog(), of module `name`. Writes the same module, whose labelled always
 * blocks have become modules NAME_LABEL, behind it. */
void hls_outline(const char *flat, const char *name, FILE *to);

#ifdef __cplusplus
}
#endif
#endif

/* Names that C allows and Verilog does not. */
#ifndef HLS_COMPILER_NAMES_H
#define HLS_COMPILER_NAMES_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Letters, digits and _ only: C23 allows more, as in `größe`. */
bool hls_is_plain_name(const char *name);
/* A word of Verilog-2005 (IEEE 1364-2005, annex B), which cannot name a module. */
bool hls_is_verilog_word(const char *name);

#ifdef __cplusplus
}
#endif
#endif

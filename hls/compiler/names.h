/* Names that C allows and Verilog or VHDL do not. */
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
/* A basic identifier of VHDL: no underscore at either end, nor two together. */
bool hls_is_vhdl_name(const char *name);
/* A reserved word of VHDL (IEEE 1076-2008, 15.10, any case), or what the packages of the wrapper use. */
bool hls_is_vhdl_word(const char *name);

#ifdef __cplusplus
}
#endif
#endif

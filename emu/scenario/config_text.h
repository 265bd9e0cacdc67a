/* A scenario's text made safe for libconfig.
 *
 * libconfig 1.5 reads an integer that does not fit 32 bits as another number, without a word (4294967296
 * becomes 0, 2147483648 becomes negative), reads 010 as ten, and runs a string or comment that is never
 * closed to the end of the file. So the text is scanned first: every integer literal gets the L suffix that
 * makes it 64 bit, and what libconfig would get wrong is an error with its line. Line numbers stay as they
 * are.
 */
#ifndef EMU_SCENARIO_CONFIG_TEXT_H
#define EMU_SCENARIO_CONFIG_TEXT_H

#include "emu/scenario/messages.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CONFIG_TEXT_MAX = 1 << 20, CONFIG_TEXT_DEPTH = 16 };

/* The file's bytes, 0 at the end, for free(); NULL with an error in m: missing, not a regular file, longer
 * than CONFIG_TEXT_MAX, empty, or with a 0 byte inside. */
char *config_text_read(const char *path, struct messages *m);

/* The text as libconfig is to see it, for free(); NULL with an error in m. `label` stands before ":line" in
 * messages; with lines = 0 no line is named (text that a user typed as an option). */
char *config_text_prepare(const char *text, const char *label, int lines, struct messages *m);

#ifdef __cplusplus
}
#endif
#endif

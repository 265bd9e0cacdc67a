/* The options that convert and show have in common, as a child of their argp parsers. */
#ifndef EMU_CLI_FILE_OPTIONS_H
#define EMU_CLI_FILE_OPTIONS_H

#include "golden/formats/convert.h"

#include <argp.h>

#ifdef __cplusplus
extern "C" {
#endif

struct file_options {
    const struct format **from;
    struct bx_file_cfg *in;
    struct link_map *links;
    struct bx_range *range;
};

/* state->child_inputs[0] must be a struct file_options whose pointers are set. */
extern const struct argp file_argp;

/* For the commands' own options: ends the program with a usage error when the text is none of these. */
const struct format *file_option_format(struct argp_state *state, const char *option, const char *text);
int file_option_layout(struct argp_state *state, const char *option, const char *text);
unsigned long file_option_number(struct argp_state *state, const char *option, const char *text,
                                 unsigned long max);

/* Prints a recovered error; for bx_file_cfg.report, ctx is the number printed before (uint64_t). */
void file_report(void *ctx, const char *text);

#ifdef __cplusplus
}
#endif
#endif

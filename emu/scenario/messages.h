/* Text for the user: errors and warnings, one line each, complete with file and line. */
#ifndef EMU_SCENARIO_MESSAGES_H
#define EMU_SCENARIO_MESSAGES_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MESSAGES_MAX = 20 }; /* errors kept; further ones are only counted */

struct messages {
    char *text; /* NULL while there is none */
    size_t length;
    unsigned errors, warnings;
};
#define MESSAGES_EMPTY {NULL, 0, 0, 0}

void messages_error(struct messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void messages_warn(struct messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void messages_release(struct messages *m);

#ifdef __cplusplus
}
#endif
#endif

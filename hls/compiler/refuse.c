#include "hls/compiler/options.h"

#include <stdarg.h>

int hls_refuse(struct hls_loc loc, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    if (loc.file)
        fprintf(stderr, "%s:%u:%u: error: ", loc.file, loc.line, loc.column);
    else
        fputs("hlsc: error: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    return HLS_EXIT_USAGE;
}

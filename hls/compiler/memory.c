#include "hls/compiler/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *p)
{
    if (!p) {
        fprintf(stderr, "hlsc: out of memory\n");
        exit(3);
    }
    return p;
}

void *hls_allocate(size_t n, size_t size)
{
    return check(calloc(n ? n : 1, size));
}

void *hls_resize(void *old, size_t n, size_t size)
{
    if (n > (size_t)-1 / size)
        return check(NULL);
    return check(realloc(old, n * size));
}

char *hls_copy_text(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(hls_allocate(n, 1), text, n);
}

char *hls_text(const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    char *text = hls_allocate((size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(ap);
    return text;
}

#include "emu/scenario/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line that memory has no room for is lost, its count is not: the caller still sees that there was an
 * error. */
static void append(struct messages *m, const char *prefix, const char *format, va_list list)
{
    va_list measure;
    va_copy(measure, list);
    int length = vsnprintf(NULL, 0, format, measure);
    va_end(measure);
    size_t before = strlen(prefix), need = before + (size_t)length + 1; /* the newline takes the 0's place */
    char *text = length < 0 ? NULL : realloc(m->text, m->length + need + 1);
    if (!text)
        return;
    m->text = text;
    memcpy(text + m->length, prefix, before);
    vsnprintf(text + m->length + before, (size_t)length + 1, format, list);
    m->length += need;
    text[m->length - 1] = '\n';
    text[m->length] = 0;
}

void messages_error(struct messages *m, const char *format, ...)
{
    if (m->errors++ >= MESSAGES_MAX)
        return;
    va_list list;
    va_start(list, format);
    append(m, "", format, list);
    va_end(list);
}

void messages_warn(struct messages *m, const char *format, ...)
{
    m->warnings++;
    va_list list;
    va_start(list, format);
    append(m, "warning: ", format, list);
    va_end(list);
}

void messages_release(struct messages *m)
{
    free(m->text);
    *m = (struct messages)MESSAGES_EMPTY;
}

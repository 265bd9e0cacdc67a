#include "golden/message.h"

#include <stdarg.h>
#include <stdio.h>

int message_set(struct message *m, const char *format, ...)
{
    if (m) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(m->text, sizeof m->text, format, arguments);
        va_end(arguments);
    }
    return -1;
}

#define _GNU_SOURCE /* fwrite_unlocked */
#include "golden/formats/words.h"

#include "golden/formats/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 4 * WORDS_WINDOW };

int words_init(struct words *w, FILE *file, const char *path)
{
    *w = (struct words){.file = file, .path = path, .buffer = malloc(BUFFER)};
    return w->buffer ? 0 : -1;
}

void words_release(struct words *w)
{
    free(w->buffer);
    w->buffer = NULL;
}

const unsigned char *words_look_more(struct words *w, size_t n, size_t *got)
{
    size_t held = w->end - w->begin;
    memmove(w->buffer, w->buffer + w->begin, held);
    w->begin = 0;
    w->end = held;
    while (w->end < n && !w->failed) {
        errno = 0;
        size_t more = fread(w->buffer + w->end, 1, BUFFER - w->end, w->file);
        if (more == 0 && ferror(w->file))
            w->failed = errno ? errno : EIO;
        if (more == 0)
            break;
        w->end += more;
    }
    *got = w->end < n ? w->end : n;
    return w->buffer;
}

int words_check(const struct words *w, struct message *m)
{
    if (!w->failed)
        return 0;
    return message_set(m, "%s: byte %llu: %s", w->path, (unsigned long long)(w->offset + w->end - w->begin),
                       stream_why(w->failed));
}

void le32_write(FILE *out, const uint32_t *words, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    fwrite_unlocked(words, 4, n, out);
#else
    unsigned char bytes[256];
    while (n > 0) {
        size_t some = n < sizeof bytes / 4 ? n : sizeof bytes / 4;
        for (size_t i = 0; i < some; i++)
            for (unsigned b = 0; b < 4; b++)
                bytes[4 * i + b] = (unsigned char)(words[i] >> 8 * b);
        fwrite(bytes, 4, some, out);
        words += some;
        n -= some;
    }
#endif
}

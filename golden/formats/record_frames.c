#define _GNU_SOURCE /* fopencookie */
#include "golden/formats/record_frames.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

static void take(struct record_frames *f, const struct record *record)
{
    for (unsigned i = 0; i < sizeof f->bytes; i++)
        f->bytes[i] = (unsigned char)(record->word[i / 4] >> 8 * (i % 4));
    f->left = sizeof f->bytes;
}

static int failed(struct record_frames *f)
{
    f->failed = 1;
    return -1;
}

/* The next frame of the boundary: 1; 0 at the end; -1. */
static int next_frame(struct record_frames *f)
{
    struct record record;
    struct record_names names;
    for (;;) {
        int got = text_line(f->text, &f->why);
        if (got <= 0)
            return got < 0 ? failed(f) : 0;
        if (record_parse(f->text->line, &record, &names) < 0) {
            text_wrong(f->text, &f->why, "no record");
            return failed(f);
        }
        if (record.words != LANES || strcmp(record.boundary, f->boundary) != 0)
            continue;
        take(f, &record);
        return 1;
    }
}

static ssize_t read_frames(void *cookie, char *buffer, size_t size)
{
    struct record_frames *f = cookie;
    int got = f->left > 0 ? 1 : next_frame(f);
    if (got <= 0) {
        errno = EBADMSG;
        return got;
    }
    size_t n = f->left < size ? f->left : size;
    memcpy(buffer, f->bytes + sizeof f->bytes - f->left, n);
    f->left -= n;
    return (ssize_t)n;
}

FILE *record_frames_stream(struct record_frames *f, struct text *text, const char *boundary,
                           const struct record *first)
{
    *f = (struct record_frames){.text = text, .boundary = boundary};
    take(f, first);
    return fopencookie(f, "r", (cookie_io_functions_t){.read = read_frames});
}

#include "golden/blocks/host_file.h"

#include "golden/blocks/host_record.h"

#include <errno.h>
#include <string.h>

static int failed(struct host_file *f, const char *doing)
{
    if (!f->failed)
        message_set(&f->why, "%s: %s: %s", f->path, doing, strerror(errno));
    f->failed = 1;
    return -1;
}

static int open_next(struct host_file *f)
{
    int n = snprintf(f->path, sizeof f->path, "%s/scout_GMT_%06lu_%06lu.dat", f->dir, (unsigned long)f->run,
                     (unsigned long)f->index);
    if (n < 0 || (size_t)n >= sizeof f->path) {
        errno = ENAMETOOLONG;
        return failed(f, "cannot be made");
    }
    f->file = fopen(f->path, "wb");
    if (!f->file)
        return failed(f, "cannot be made");
    f->bytes = 0;
    f->files++;
    return 0;
}

/* Buffered data may fail to reach the disk only here. */
static int close_this(struct host_file *f)
{
    FILE *file = f->file;
    f->file = NULL;
    return file && fclose(file) != 0 ? failed(f, "writing failed") : 0;
}

int host_file_open(struct host_file *f, const char *dir, uint32_t run, uint32_t index, uint64_t max_bytes)
{
    *f = (struct host_file){.dir = dir, .run = run, .index = index, .max_bytes = max_bytes};
    if (run > HOST_MAX_NUMBER || index > HOST_MAX_NUMBER) {
        f->failed = 1;
        return message_set(&f->why, "host: run %lu, index %lu: too large (give 0..%d)", (unsigned long)run,
                           (unsigned long)index, HOST_MAX_NUMBER);
    }
    return open_next(f);
}

static int next_file(struct host_file *f)
{
    if (close_this(f) < 0)
        return -1;
    if (f->index == HOST_MAX_NUMBER) {
        f->failed = 1;
        return message_set(&f->why, "%s: there is no index after %d (allow larger files)", f->path,
                           HOST_MAX_NUMBER);
    }
    f->index++;
    return open_next(f);
}

int host_file_write(struct host_file *f, const uint32_t *words, unsigned n)
{
    unsigned char bytes[4 * HOST_RECORD_MAX_WORDS];
    if (f->failed)
        return -1;
    if (f->bytes && f->bytes + 4 * n > f->max_bytes && next_file(f) < 0)
        return -1;
    for (unsigned i = 0; i < n; i++)
        for (unsigned b = 0; b < 4; b++)
            bytes[4 * i + b] = (unsigned char)(words[i] >> 8 * b);
    if (fwrite(bytes, 4, n, f->file) != n)
        return failed(f, "writing failed");
    f->bytes += 4 * n;
    f->bytes_written += 4 * n;
    return 0;
}

int host_file_close(struct host_file *f)
{
    close_this(f);
    return f->failed ? -1 : 0;
}

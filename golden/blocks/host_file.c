#include "golden/blocks/host_file.h"

#include "golden/blocks/host_record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int failed(struct host_file *f, const char *doing)
{
    if (!f->failed)
        message_set(&f->why, "%s: %s: %s", f->path, doing, strerror(errno));
    f->failed = 1;
    return -1;
}

static int open_next(struct host_file *f)
{
    int n = snprintf(f->path, sizeof f->path, "%s/scout_GMT_%06lu_%06lu.dat%s", f->dir, (unsigned long)f->run,
                     (unsigned long)f->index, compression_suffixes[f->compression]);
    if (n < 0 || (size_t)n >= sizeof f->path) {
        errno = ENAMETOOLONG;
        return failed(f, "cannot be made");
    }
    FILE *file = fopen(f->path, "wb");
    f->file = file ? stream_compress(file, f->compression) : NULL;
    if (file && !f->file)
        fclose(file);
    if (!f->file)
        return failed(f, "cannot be made");
    f->bytes = f->bx = f->muons = 0;
    f->files++;
    return 0;
}

static int open_journal(struct host_file *f)
{
    char path[HOST_PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/scout_GMT_%06lu_index.txt", f->dir, (unsigned long)f->run);
    f->journal_file = fopen(path, "w");
    if (!f->journal_file)
        return failed(f, "its index cannot be made");
    fputs("# file bytes stored bx muons first_orbit last_orbit\n", f->journal_file);
    return 0;
}

/* The line of the file just closed. */
static int put_journal(struct host_file *f, uint64_t stored)
{
    const char *name = strrchr(f->path, '/') + 1;
    if (!f->journal_file)
        return 0;
    fprintf(f->journal_file, "%s %llu %llu %llu %llu %lu %lu\n", name, (unsigned long long)f->bytes,
            (unsigned long long)stored, (unsigned long long)f->bx, (unsigned long long)f->muons,
            (unsigned long)f->first_orbit, (unsigned long)f->last_orbit);
    return fflush(f->journal_file) == EOF ? failed(f, "writing its index failed") : 0;
}

/* Buffered data may fail to reach the disk only here. */
static int close_this(struct host_file *f)
{
    FILE *file = f->file;
    struct stat status;
    f->file = NULL;
    if (!file)
        return 0;
    if (fclose(file) != 0)
        return failed(f, "writing failed");
    uint64_t stored = stat(f->path, &status) == 0 ? (uint64_t)status.st_size : f->bytes;
    f->bytes_stored += stored;
    return put_journal(f, stored);
}

int host_file_open(struct host_file *f)
{
    if (f->run > HOST_MAX_NUMBER || f->index > HOST_MAX_NUMBER) {
        f->failed = 1;
        return message_set(&f->why, "host: run %lu, index %lu: too large (give 0..%d)", (unsigned long)f->run,
                           (unsigned long)f->index, HOST_MAX_NUMBER);
    }
    if (open_next(f) < 0)
        return -1;
    if (!f->journal || open_journal(f) == 0)
        return 0;
    close_this(f);
    return -1;
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

static void count_record(struct host_file *f, const uint32_t *words, unsigned n)
{
    if (f->bx++ == 0)
        f->first_orbit = words[2];
    f->last_orbit = words[2];
    f->muons += (words[0] >> 16 & 0xff) + (words[0] & 0xff);
    f->bytes += 4 * n;
    f->bytes_written += 4 * n;
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
    count_record(f, words, n);
    return 0;
}

int host_file_close(struct host_file *f)
{
    close_this(f);
    if (f->journal_file && fclose(f->journal_file) != 0)
        failed(f, "writing its index failed");
    f->journal_file = NULL;
    return f->failed ? -1 : 0;
}

#include "golden/network/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void *read_rest(FILE *file, const char *path, size_t most, size_t *n, struct message *m)
{
    size_t room = 1 << 16;
    char *bytes = NULL;
    *n = 0;
    for (;;) {
        char *more = realloc(bytes, room + 1);
        if (!more) {
            free(bytes);
            message_set(m, "%s: out of memory", path);
            return NULL;
        }
        bytes = more;
        *n += fread(bytes + *n, 1, room - *n, file);
        if (*n < room || *n > most)
            break;
        room *= 2;
    }
    if (!ferror(file) && *n <= most)
        return bytes;
    message_set(m, "%s: %s", path, ferror(file) ? "cannot be read" : "is too long");
    free(bytes);
    return NULL;
}

void *net_file_read(const char *path, uint64_t offset, size_t most, size_t *n, struct message *m)
{
    struct stat status;
    void *bytes = NULL;
    FILE *file = fopen(path, "rb");
    if (!file) {
        message_set(m, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(file), &status) < 0 || !S_ISREG(status.st_mode))
        message_set(m, "%s: is no file", path);
    else if (offset > INT64_MAX || fseeko(file, (off_t)offset, SEEK_SET) != 0)
        message_set(m, "%s: has no byte %" PRIu64, path, offset);
    else
        bytes = read_rest(file, path, most, n, m);
    fclose(file);
    return bytes;
}

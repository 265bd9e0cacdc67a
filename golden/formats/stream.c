#define _GNU_SOURCE /* fopencookie */
#include "golden/formats/stream.h"

#include <bzlib.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 1 << 16, GZIP_WINDOW = 15 + 16, GZIP_LEVEL = 6, BZIP2_LEVEL = 9, ZSTD_LEVEL = 3 };

const char *const compression_names[COMPRESSIONS] = {"none", "gzip", "bzip2", "zstd"};
const char *const compression_suffixes[COMPRESSIONS] = {"", ".gz", ".bz2", ".zst"};

/* One direction of one codec: between `under` and the buffers that the cookie functions are given. */
struct codec {
    FILE *under;
    enum compression kind;
    int ended;  /* reading: the last member ended just here */
    int failed; /* an errno, kept */
    union {
        z_stream z;
        bz_stream bz;
        struct {
            ZSTD_CCtx *c;
            ZSTD_DCtx *d;
        } zstd;
    };
    ZSTD_inBuffer held; /* bytes of `chunk` not used yet */
    unsigned char chunk[CHUNK];
};

/* What is in and out of one call of a codec. */
struct span {
    const unsigned char *in;
    size_t n_in;
    unsigned char *out;
    size_t n_out;
};

const char *stream_why(int error)
{
    if (error == EBADMSG)
        return "the compressed data are damaged or cut off";
    return error ? strerror(error) : "reading failed";
}

enum compression compression_of_bytes(const unsigned char *b, size_t n)
{
    if (n >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
        return COMPRESSION_GZIP;
    if (n >= 4 && memcmp(b, "BZh", 3) == 0 && b[3] >= '1' && b[3] <= '9')
        return COMPRESSION_BZIP2;
    if (n >= 4 && memcmp(b, "\x28\xb5\x2f\xfd", 4) == 0)
        return COMPRESSION_ZSTD;
    return COMPRESSION_NONE;
}

enum compression compression_of_name(const char *path)
{
    size_t n = strlen(path);
    for (int k = COMPRESSION_GZIP; k < COMPRESSIONS; k++) {
        size_t end = strlen(compression_suffixes[k]);
        if (n > end && strcmp(path + n - end, compression_suffixes[k]) == 0)
            return (enum compression)k;
    }
    return COMPRESSION_NONE;
}

/* ---- reading ---- */

static int begin_member(struct codec *c)
{
    c->ended = 0;
    switch (c->kind) {
    case COMPRESSION_GZIP: return inflateReset(&c->z) == Z_OK ? 0 : -1;
    case COMPRESSION_BZIP2:
        BZ2_bzDecompressEnd(&c->bz);
        memset(&c->bz, 0, sizeof c->bz);
        return BZ2_bzDecompressInit(&c->bz, 0, 0) == BZ_OK ? 0 : -1;
    default: return 0; /* zstd goes on by itself */
    }
}

static int inflate_gzip(struct codec *c, struct span *s)
{
    c->z.next_in = (unsigned char *)(uintptr_t)s->in;
    c->z.avail_in = (unsigned)s->n_in;
    c->z.next_out = s->out;
    c->z.avail_out = (unsigned)s->n_out;
    int result = inflate(&c->z, Z_NO_FLUSH);
    s->n_in -= c->z.avail_in;
    s->n_out -= c->z.avail_out;
    c->ended = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? 0 : -1;
}

static int inflate_bzip2(struct codec *c, struct span *s)
{
    c->bz.next_in = (char *)(uintptr_t)s->in;
    c->bz.avail_in = (unsigned)s->n_in;
    c->bz.next_out = (char *)s->out;
    c->bz.avail_out = (unsigned)s->n_out;
    int result = BZ2_bzDecompress(&c->bz);
    s->n_in -= c->bz.avail_in;
    s->n_out -= c->bz.avail_out;
    c->ended = result == BZ_STREAM_END;
    return result == BZ_OK || result == BZ_STREAM_END ? 0 : -1;
}

static int inflate_zstd(struct codec *c, struct span *s)
{
    ZSTD_inBuffer in = {s->in, s->n_in, 0};
    ZSTD_outBuffer out = {s->out, s->n_out, 0};
    size_t left = ZSTD_decompressStream(c->zstd.d, &out, &in);
    s->n_in = in.pos;
    s->n_out = out.pos;
    c->ended = left == 0;
    return ZSTD_isError(left) ? -1 : 0;
}

/* Uses n_in bytes and makes n_out, which are set to what was used and made. */
static int inflate_span(struct codec *c, struct span *s)
{
    switch (c->kind) {
    case COMPRESSION_GZIP: return inflate_gzip(c, s);
    case COMPRESSION_BZIP2: return inflate_bzip2(c, s);
    default: return inflate_zstd(c, s);
    }
}

/* 1: there are bytes to work on; 0: the file has ended; -1. */
static int refill(struct codec *c)
{
    if (c->held.pos < c->held.size)
        return 1;
    c->held = (ZSTD_inBuffer){c->chunk, fread(c->chunk, 1, CHUNK, c->under), 0};
    if (c->held.size == 0 && ferror(c->under))
        return -1;
    return c->held.size > 0;
}

static ssize_t read_failed(struct codec *c, int error)
{
    c->failed = errno = error;
    return -1;
}

static ssize_t codec_read(void *cookie, char *buffer, size_t size)
{
    struct codec *c = cookie;
    if (c->failed)
        return read_failed(c, c->failed);
    for (;;) {
        int more = refill(c);
        if (more < 0)
            return read_failed(c, errno ? errno : EIO);
        if (c->ended && !more)
            return 0;
        if (c->ended && begin_member(c) < 0)
            return read_failed(c, EBADMSG);
        struct span s = {c->chunk + c->held.pos, c->held.size - c->held.pos, (unsigned char *)buffer, size};
        if (inflate_span(c, &s) < 0)
            return read_failed(c, EBADMSG);
        c->held.pos += s.n_in;
        if (s.n_out)
            return (ssize_t)s.n_out;
        if (!more && !c->ended)
            return read_failed(c, EBADMSG);
    }
}

static int codec_read_close(void *cookie)
{
    struct codec *c = cookie;
    if (c->kind == COMPRESSION_GZIP)
        inflateEnd(&c->z);
    else if (c->kind == COMPRESSION_BZIP2)
        BZ2_bzDecompressEnd(&c->bz);
    else
        ZSTD_freeDCtx(c->zstd.d);
    fclose(c->under);
    free(c);
    return 0;
}

static int begin_reading(struct codec *c)
{
    switch (c->kind) {
    case COMPRESSION_GZIP: return inflateInit2(&c->z, GZIP_WINDOW) == Z_OK ? 0 : -1;
    case COMPRESSION_BZIP2: return BZ2_bzDecompressInit(&c->bz, 0, 0) == BZ_OK ? 0 : -1;
    default: return (c->zstd.d = ZSTD_createDCtx()) ? 0 : -1;
    }
}

static FILE *open_codec(FILE *under, enum compression kind, int (*begin)(struct codec *), const char *mode,
                        cookie_io_functions_t functions)
{
    struct codec *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->under = under;
    c->kind = kind;
    if (begin(c) < 0) {
        free(c);
        return NULL;
    }
    FILE *file = fopencookie(c, mode, functions);
    if (file)
        setvbuf(file, NULL, _IOFBF, CHUNK);
    return file;
}

/* Looks at the first bytes, which stay to be read: in a pipe they are pushed back one by one, four fit. */
static FILE *decompress(FILE *file)
{
    unsigned char head[4];
    size_t n = fread(head, 1, sizeof head, file);
    enum compression kind = compression_of_bytes(head, n);
    if (fseek(file, 0, SEEK_SET) != 0) {
        clearerr(file);
        for (size_t i = n; i > 0; i--)
            ungetc(head[i - 1], file);
    }
    if (kind == COMPRESSION_NONE)
        return file;
    return open_codec(file, kind, begin_reading, "r",
                      (cookie_io_functions_t){.read = codec_read, .close = codec_read_close});
}

static int is_directory(FILE *file)
{
    struct stat status;
    return fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode);
}

FILE *stream_read(const char *path, struct message *m)
{
    FILE *file = strcmp(path, "-") == 0 ? fdopen(dup(STDIN_FILENO), "rb") : fopen(path, "rb");
    if (!file) {
        message_set(m, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (is_directory(file)) {
        message_set(m, "%s: is a directory (give a file)", path);
        fclose(file);
        return NULL;
    }
    setvbuf(file, NULL, _IOFBF, CHUNK);
    FILE *plain = decompress(file);
    if (!plain) {
        message_set(m, "%s: out of memory", path);
        fclose(file);
    }
    return plain;
}

/* ---- writing ---- */

/* What stands at the end of a call: `more` = 0 finishes the stream. Returns 1 when the codec has more to
 * give. */
static int deflate_span(struct codec *c, struct span *s, int more)
{
    if (c->kind == COMPRESSION_GZIP) {
        c->z.next_in = (unsigned char *)(uintptr_t)s->in;
        c->z.avail_in = (unsigned)s->n_in;
        c->z.next_out = s->out;
        c->z.avail_out = (unsigned)s->n_out;
        int result = deflate(&c->z, more ? Z_NO_FLUSH : Z_FINISH);
        s->n_in -= c->z.avail_in;
        s->n_out -= c->z.avail_out;
        return !more && result != Z_STREAM_END;
    }
    if (c->kind == COMPRESSION_BZIP2) {
        c->bz.next_in = (char *)(uintptr_t)s->in;
        c->bz.avail_in = (unsigned)s->n_in;
        c->bz.next_out = (char *)s->out;
        c->bz.avail_out = (unsigned)s->n_out;
        int result = BZ2_bzCompress(&c->bz, more ? BZ_RUN : BZ_FINISH);
        s->n_in -= c->bz.avail_in;
        s->n_out -= c->bz.avail_out;
        return !more && result != BZ_STREAM_END;
    }
    ZSTD_inBuffer in = {s->in, s->n_in, 0};
    ZSTD_outBuffer out = {s->out, s->n_out, 0};
    size_t left = ZSTD_compressStream2(c->zstd.c, &out, &in, more ? ZSTD_e_continue : ZSTD_e_end);
    s->n_in = in.pos;
    s->n_out = out.pos;
    return !more && !ZSTD_isError(left) && left > 0;
}

static int deflate_all(struct codec *c, const unsigned char *bytes, size_t n, int more)
{
    int again;
    do {
        struct span s = {bytes, n, c->chunk, CHUNK};
        again = deflate_span(c, &s, more);
        bytes += s.n_in;
        n -= s.n_in;
        if (fwrite(c->chunk, 1, s.n_out, c->under) != s.n_out)
            return -1;
    } while (n > 0 || again);
    return 0;
}

static ssize_t codec_write(void *cookie, const char *bytes, size_t n)
{
    struct codec *c = cookie;
    if (c->failed || deflate_all(c, (const unsigned char *)bytes, n, 1) < 0) {
        c->failed = 1;
        return 0; /* how a cookie says that it cannot write; errno is that of the file below */
    }
    return (ssize_t)n;
}

static int codec_write_close(void *cookie)
{
    struct codec *c = cookie;
    int failed = c->failed || deflate_all(c, NULL, 0, 0) < 0;
    if (c->kind == COMPRESSION_GZIP)
        deflateEnd(&c->z);
    else if (c->kind == COMPRESSION_BZIP2)
        BZ2_bzCompressEnd(&c->bz);
    else
        ZSTD_freeCCtx(c->zstd.c);
    failed |= fclose(c->under) != 0;
    free(c);
    return failed ? EOF : 0;
}

static int begin_writing(struct codec *c)
{
    switch (c->kind) {
    case COMPRESSION_GZIP:
        return deflateInit2(&c->z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK ? 0
                                                                                                       : -1;
    case COMPRESSION_BZIP2: return BZ2_bzCompressInit(&c->bz, BZIP2_LEVEL, 0, 0) == BZ_OK ? 0 : -1;
    default:
        c->zstd.c = ZSTD_createCCtx();
        return c->zstd.c &&
                       !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd.c, ZSTD_c_compressionLevel, ZSTD_LEVEL))
                   ? 0
                   : -1;
    }
}

FILE *stream_compress(FILE *under, enum compression kind)
{
    if (kind == COMPRESSION_NONE)
        return under;
    return open_codec(under, kind, begin_writing, "w",
                      (cookie_io_functions_t){.write = codec_write, .close = codec_write_close});
}

static int is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static FILE *open_output(struct stream_out *out, const char *path)
{
    out->path = strdup(path);
    if (!out->path)
        return NULL;
    if (strcmp(path, "-") == 0)
        return fdopen(dup(STDOUT_FILENO), "wb");
    if (is_special(path))
        return fopen(path, "wb");
    if (asprintf(&out->part, "%s.%ld.part", path, (long)getpid()) < 0)
        out->part = NULL;
    return out->part ? fopen(out->part, "wb") : NULL;
}

static void release(struct stream_out *out)
{
    free(out->path);
    free(out->part);
    *out = (struct stream_out){NULL, NULL, NULL};
}

int stream_create(struct stream_out *out, const char *path, struct message *m)
{
    *out = (struct stream_out){NULL, NULL, NULL};
    FILE *file = open_output(out, path);
    if (file) {
        setvbuf(file, NULL, _IOFBF, CHUNK);
        out->file = stream_compress(file, compression_of_name(path));
    }
    if (out->file)
        return 0;
    int wrong = errno;
    if (file)
        fclose(file);
    if (file && out->part)
        unlink(out->part);
    release(out);
    return message_set(m, "%s: cannot be made: %s", path, strerror(wrong));
}

int stream_close(struct stream_out *out, int keep, struct message *m)
{
    if (!out->file)
        return 0;
    errno = 0;
    int failed = ferror(out->file);
    failed |= fclose(out->file) != 0;
    int wrong = errno ? errno : EIO;
    if (!failed && keep && out->part && rename(out->part, out->path) < 0) {
        failed = 1;
        wrong = errno;
    }
    if (out->part && (failed || !keep))
        unlink(out->part);
    int result = failed && keep ? message_set(m, "%s: writing failed: %s", out->path, strerror(wrong)) : 0;
    release(out);
    return result;
}

#include "emu/bench/ways.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/convert.h"
#include "golden/formats/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MIN_BX = 50000, PATTERN_BX = 3000 };

/* A file in memory, under a name that can be opened. */
struct memory_file {
    int fd;
    char path[32];
};

static int make_file(struct memory_file *f, struct message *m)
{
    f->fd = memfd_create("bxact", 0);
    if (f->fd < 0)
        return message_set(m, "no file in memory: %s", strerror(errno));
    snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
    return 0;
}

/* The block as that of another orbit. */
static void set_orbit(const struct stimulus *s, struct bx_block *block, uint32_t orbit)
{
    for (unsigned lane = 0; lane < LANES; lane++)
        block->w[(s->board.run3 ? 0 : LANES) + lane] = orbit;
}

/* Kept BX (all: every BX) of the stimulus, again and again with orbits going on, until there are `least`. */
static uint64_t put_blocks(const struct stimulus *s, struct bx_writer *w, int all, uint64_t least,
                           struct message *m)
{
    const struct zero_suppress_cfg cfg = {s->board.zs_pt_min, s->board.zs_slots};
    enum link_format layout = s->board.run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
    struct bx_item *item = calloc(1, sizeof *item);
    uint32_t orbit = 0;
    int last = BX_PER_ORBIT;
    while (item && w->items < least)
        for (size_t i = 0; i < s->blocks && w->items < least; i++) {
            int bx = s->block[i].w[s->board.run3 ? LANES : 0] & 0x1fff;
            orbit += bx <= last;
            last = bx;
            if (!all && !zero_suppress_keep(&cfg, &s->block[i]))
                continue;
            *item = (struct bx_item){.kind = ITEM_BX, .form = FORM_LINKS, .layout = layout, .orbit = orbit,
                                     .bx = (uint16_t)bx, .source = SOURCE_ID_GMT};
            item->links.block = s->block[i];
            set_orbit(s, &item->links.block, orbit);
            bx_writer_put(w, item, m);
        }
    uint64_t written = item ? w->items : 0;
    free(item);
    return written;
}

static int fill_file(const struct stimulus *s, const struct memory_file *f, const char *format, int all,
                     uint64_t least, uint64_t *bx, struct message *m)
{
    struct losses losses = {{0}};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    FILE *file = fopen(f->path, "wb");
    cfg.orbits_per_packet = 20;
    struct bx_writer *w = file ? bx_writer_new(file, format_find(format)->bx, &cfg, m) : NULL;
    *bx = w ? put_blocks(s, w, all, least, m) : 0;
    int failed = !w || *bx == 0 || bx_writer_end(w, m) < 0;
    bx_writer_free(w);
    if (file && fclose(file) != 0)
        failed = 1;
    return failed ? message_set(m, "a %s file cannot be made in memory", format) : 0;
}

static uint64_t read_bytes(const char *path)
{
    static char chunk[WORDS_WINDOW];
    FILE *file = fopen(path, "rb");
    uint64_t bytes = 0;
    for (size_t n = 1; file && n > 0; bytes += n)
        n = fread(chunk, 1, sizeof chunk, file);
    if (file)
        fclose(file);
    return bytes;
}

/* Reads the file as bytes, and says how long that takes the second time; they must all be there. */
static int plain_read(const struct memory_file *f, double *seconds)
{
    read_bytes(f->path);
    double start = processor_seconds();
    uint64_t bytes = read_bytes(f->path);
    *seconds = processor_seconds() - start;
    return bytes > 0 && bytes == (uint64_t)lseek(f->fd, 0, SEEK_END) ? 0 : -1;
}

/* A file in one format. */
struct sample {
    struct memory_file file;
    const char *format;
    uint64_t bx, bytes;
    double plain_seconds;
};

static int make_sample(const struct stimulus *s, struct sample *x, const char *format, int all,
                       uint64_t least, struct message *m)
{
    *x = (struct sample){.format = format};
    if (make_file(&x->file, m) < 0)
        return -1;
    int failed = fill_file(s, &x->file, format, all, least, &x->bx, m);
    if (!failed && plain_read(&x->file, &x->plain_seconds) < 0)
        failed = message_set(m, "the file could not be read whole");
    if (failed)
        close(x->file.fd);
    else
        x->bytes = (uint64_t)lseek(x->file.fd, 0, SEEK_END);
    return failed;
}

static int all_came(const struct sample *x, uint64_t came, struct message *m)
{
    return came == x->bx ? 0
                         : message_set(m, "%s: %llu BX of %llu came out", x->format, (unsigned long long)came,
                                       (unsigned long long)x->bx);
}

/* Converts a sample, timed; every BX must come out. */
static int convert_pass(const struct stimulus *s, const char *from, const char *to, int all, uint64_t least,
                        struct pass *p, uint64_t *bytes, struct message *m)
{
    struct sample x;
    struct convert_cfg cfg = convert_default();
    struct convert_result result = {0};
    if (make_sample(s, &x, from, all, least, m) < 0)
        return -1;
    cfg.from = format_find(from);
    cfg.to = format_find(to);
    double start = processor_seconds();
    int failed = convert_file(x.file.path, "/dev/null", &cfg, &result, m) < 0;
    *p = (struct pass){processor_seconds() - start, x.bx, x.plain_seconds};
    *bytes = x.bytes;
    close(x.file.fd);
    return failed ? -1 : all_came(&x, result.by_rows ? result.rows / FRAMES : result.bx, m);
}

int file_pass_host(const struct stimulus *s, struct pass *p, struct message *m)
{
    uint64_t bytes;
    return convert_pass(s, "dma2022", "host8", 0, MIN_BX, p, &bytes, m);
}

static uint64_t count_bx(struct bx_reader *r, int *failed, struct message *m)
{
    struct bx_item *item = calloc(1, sizeof *item);
    uint64_t bx = 0;
    int got = item ? 1 : message_set(m, "out of memory");
    while (got == 1 && (got = bx_reader_next(r, item, m)) == 1)
        bx += item->kind == ITEM_BX;
    *failed = got < 0;
    free(item);
    return bx;
}

int file_pass_frd(const struct stimulus *s, struct pass *p, struct message *m)
{
    struct sample x;
    struct losses losses = {{0}};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    int failed = 1;
    if (make_sample(s, &x, "frd", 0, MIN_BX, m) < 0)
        return -1;
    double start = processor_seconds();
    FILE *file = fopen(x.file.path, "rb");
    struct bx_reader *r = file ? bx_reader_new(file, x.file.path, &bx_codec_frd, &cfg, m) : NULL;
    uint64_t came = r ? count_bx(r, &failed, m) : 0;
    bx_reader_free(r);
    *p = (struct pass){processor_seconds() - start, x.bx, x.plain_seconds};
    close(x.file.fd);
    return failed ? -1 : all_came(&x, came, m);
}

int file_pass_text(const struct stimulus *s, struct pass *p, struct message *m)
{
    uint64_t bytes = 0;
    int failed = convert_pass(s, "mp7", "mp7", 1, PATTERN_BX, p, &bytes, m);
    p->count = bytes;
    return failed;
}

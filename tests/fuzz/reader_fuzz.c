/* One reader of a file format under libFuzzer: whatever the bytes, it ends without a fault of ours.
 *
 * tools/fuzz builds one program a format (clang, AddressSanitizer, UndefinedBehaviorSanitizer). FUZZ_FORMAT
 * is the format's name, "any" recognises by content. Both ways of reading are taken, and what was read is
 * written again. */
#include "golden/formats/format.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct bx_item item;

static void read_items(const struct format *f, const uint8_t *bytes, size_t n, int recover)
{
    struct losses losses = {{0}};
    struct message m;
    struct bx_file_cfg cfg = bx_file_default(&losses);
    cfg.recover = recover;
    cfg.orbits_per_packet = 20;
    FILE *in = fmemopen((void *)(uintptr_t)bytes, n, "rb"), *out = fopen("/dev/null", "wb");
    struct bx_reader *r = in ? bx_reader_new(in, "input", f->bx, &cfg, &m) : NULL;
    /* Pattern files fill gaps with rows: slow, and their writers are seen by rows below. */
    struct bx_writer *w =
        r && out ? bx_writer_new(out, f->links ? &bx_codec_dma2022 : f->bx, &cfg, &m) : NULL;
    while (w && bx_reader_next(r, &item, &m) == 1 && bx_writer_put(w, &item, &m) == 0)
        ;
    if (w)
        bx_writer_end(w, &m);
    bx_writer_free(w);
    bx_reader_free(r);
    if (out)
        fclose(out);
}

static void read_rows(const struct format *f, const uint8_t *bytes, size_t n)
{
    static struct link_frame frame;
    struct link_board board;
    struct message m;
    FILE *in = fmemopen((void *)(uintptr_t)bytes, n, "rb"), *out = fopen("/dev/null", "wb");
    struct link_reader *r = in ? link_reader_new(in, "input", f->links, &m) : NULL;
    while (r && out && link_read_board(r, &board, &m) == 1)
        while (link_read_frame(r, &frame, &m) == 1)
            f->links->write_frame(out, &r->board, &frame);
    link_reader_free(r);
    if (out)
        fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct format *f = format_find(FUZZ_FORMAT);
    if (!f)
        f = format_of_content(bytes, n < FORMAT_HEAD ? n : FORMAT_HEAD);
    if (!f || n == 0)
        return 0;
    read_items(f, bytes, n, 0);
    read_items(f, bytes, n, 1);
    if (f->links)
        read_rows(f, bytes, n);
    return 0;
}

/* The DMA frames among records (boundaries event_pack, cdc_dma, dma: eight words each) as the stream of bytes
 * that they are, to be read as dma2022. */
#ifndef GOLDEN_FORMATS_RECORD_FRAMES_H
#define GOLDEN_FORMATS_RECORD_FRAMES_H

#include "golden/bx.h"
#include "golden/formats/record.h"
#include "golden/formats/text.h"
#include "golden/message.h"

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct record_frames {
    struct text *text;    /* the lines; not owned */
    const char *boundary; /* whose records are taken; kept, not copied */
    unsigned char bytes[4 * LANES];
    size_t left;          /* of `bytes`, still to be given */
    int failed;
    struct message why;   /* when failed: "file:line: ..." */
};

/* Begins with the record that was just read. The stream ends with the lines, or when a line is no record: then
 * `failed` is set. NULL: out of memory. *f lives as long as the stream. */
FILE *record_frames_stream(struct record_frames *f, struct text *text, const char *boundary,
                           const struct record *first);

#ifdef __cplusplus
}
#endif
#endif

/* The table of file formats: what each is called, how it is recognised, who reads and writes it.
 *
 * Adding a format: a codec in a file of its own (bx_file.h; pattern files also link_file.h), a row in
 * formats[] (format.c), a test in tests/golden, a section in docs/formats.md.
 *
 *     unsigned char head[FORMAT_HEAD];
 *     const struct format *f = format_of_content(head, n);       // or format_find("dma2022")
 */
#ifndef GOLDEN_FORMATS_FORMAT_H
#define GOLDEN_FORMATS_FORMAT_H

#include "golden/formats/bx_file.h"
#include "golden/formats/link_file.h"
#include "golden/formats/stream.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FORMAT_HEAD = 1 << 16 }; /* bytes that recognition looks at, at most */

struct format {
    const char *name, *summary;
    const char *holds;              /* what it can hold of a BX, in words */
    const struct bx_codec *bx;
    const struct link_codec *links; /* pattern files: rows of links; else NULL */
    int (*is)(const unsigned char *head, size_t n); /* whether a file begins like this */
};

extern const struct format formats[]; /* ends with name = NULL */

/* NULL when there is none of that name. */
const struct format *format_find(const char *name);

/* NULL when the content is none of them. */
const struct format *format_of_content(const unsigned char *head, size_t n);

/* Opens a file, and finds its format where *format is NULL. The stream begins at the first byte. NULL with a
 * message. */
FILE *format_open(const char *path, const struct format **format, struct message *m);

/* "mp7, emp1, ..." for messages. */
const char *format_names(char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

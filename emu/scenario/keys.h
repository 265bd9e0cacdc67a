/* The table of all scenario keys. A new key is one row in keys.c and one field in struct scenario; the
 * reader,
 * --set, the printer, docs/scenario.md (regenerate it with `bxact help scenario`) and their tests follow. */
#ifndef EMU_SCENARIO_KEYS_H
#define EMU_SCENARIO_KEYS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum key_kind {
    KEY_INT,    /* min..max, an unsigned integer of `size` bytes */
    KEY_WORD,   /* one of words[]; the field (uint8_t) holds its place */
    KEY_BOOL,   /* true or false; the field is a bool */
    KEY_TEXT,   /* one of words[] as text, char[size] */
    KEY_FILE,   /* char[size]: a file's path, "" for none */
    KEY_WORD_OR_FILE, /* char[size]: one of words[] as text, else a file's path */
    KEY_INTS,   /* `count` integers min..max, all of them; up to `count` when count_offset is given */
    KEY_LANES,  /* a list of different lane numbers; the field (uint8_t) holds one bit a lane */
    KEY_GROUPS, /* a list of up to `count` groups with the keys sub[] */
};

struct key {
    const char *path; /* "dma.depth"; in a sub-table the name alone */
    enum key_kind kind;
    uint64_t min, max;
    const char *const *words; /* ends in NULL */
    const char *value;        /* the default as libconfig text, or NULL */
    const char *derived;      /* where the default comes from when value is NULL; both NULL: must be given */
    const char *unit;
    const char *meaning;
    size_t offset, size;        /* of the field; for lists `size` is that of one element */
    size_t count, count_offset; /* lists; count_offset 0: the length is fixed */
    const struct key *sub;
};

extern const struct key scenario_keys[]; /* ends with path = NULL, as every sub-table does */

/* The row of a path, or NULL. */
const struct key *scenario_key(const char *path);

/* "an integer 64..16384", "\"orbit\" or \"bx\"", "a list of 8 integers 0..400": what a key takes. */
void key_accepts(const struct key *key, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

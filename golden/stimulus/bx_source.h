/* Where BX come from: a generator, a capture, a file. */
#ifndef GOLDEN_STIMULUS_BX_SOURCE_H
#define GOLDEN_STIMULUS_BX_SOURCE_H

#include "golden/bx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called for ascending (orbit, bx), BX of the gap not asked for, all 48 words written. Returns 0; or -1, then
 * message(ctx) is a text for the user, valid until the next call. `message` may be NULL for a source that
 * cannot fail. Whoever made the source owns ctx. */
struct bx_source {
    int (*next)(void *ctx, uint32_t orbit, uint16_t bx, struct bx_block *out);
    const char *(*message)(void *ctx);
    void *ctx;
};

static inline int bx_source_next(const struct bx_source *s, uint32_t orbit, uint16_t bx, struct bx_block *out)
{
    return s->next(s->ctx, orbit, bx, out);
}

#ifdef __cplusplus
}
#endif
#endif

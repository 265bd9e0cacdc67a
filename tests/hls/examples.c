#include "tests/hls/examples.h"

#include "hls/compiler/memory.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* NAME.c defines NAME; each recal_NETWORK.c defines recal. */
static char *top_of(const char *source)
{
    const char *name = strrchr(source, '/') + 1;
    return strncmp(name, "recal_", 6) == 0 ? hls_copy_text("recal")
                                           : hls_text("%.*s", (int)strlen(name) - 2, name);
}

struct example *examples_find(size_t *n)
{
    glob_t g;
    *n = 0;
    if (glob("hls/kernels/*.c", 0, NULL, &g))
        return NULL;
    struct example *e = hls_allocate(g.gl_pathc, sizeof *e);
    for (*n = 0; *n < g.gl_pathc; ++*n)
        e[*n] = (struct example){hls_copy_text(g.gl_pathv[*n]), top_of(g.gl_pathv[*n])};
    globfree(&g);
    return e;
}

void examples_free(struct example *e, size_t n)
{
    while (n-- > 0) {
        free(e[n].source);
        free(e[n].top);
    }
    free(e);
}

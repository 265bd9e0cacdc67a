#include "hls/compiler/native.h"

#include "hls/compiler/memory.h"

#include <dlfcn.h>
#include <stdlib.h>

static const void *find(void *object, const char *name, const char *suffix)
{
    char *symbol = hls_text("%s_%s", name, suffix);
    const void *found = dlsym(object, symbol);
    free(symbol);
    return found;
}

int hls_native_find(struct hls_native *n, void *object, const char *name)
{
    n->info = find(object, name, "kernel");
    n->state = find(object, name, "state");
    return n->info && !n->info->call == !!n->state ? 0 : -1;
}

void *hls_native_new_state(const struct hls_native *n)
{
    void *state = n->state ? hls_allocate(n->state->bytes(), 1) : NULL;
    if (state)
        n->state->reset(state);
    return state;
}

static unsigned words(const struct hls_port *p)
{
    return (p->width + 31) / 32;
}

static void put_inputs(const struct hls_fn *fn, const hls_int *in, uint32_t *word)
{
    for (unsigned i = 0; i < fn->inputs; i++)
        for (unsigned n = 0; n < words(hls_fn_port(fn, false, i)); n++)
            *word++ = (uint32_t)(in[i] >> (32 * n));
}

static hls_int read_output(const struct hls_port *p, const uint32_t *word)
{
    uint64_t both = words(p) == 2 ? (uint64_t)word[1] << 32 | word[0] : word[0];
    if (!p->is_signed)
        return (hls_int)both;
    return words(p) == 2 ? (hls_int)(int64_t)both : (hls_int)(int32_t)word[0];
}

void hls_native_call(const struct hls_native *n, const struct hls_fn *fn, void *state, const hls_int *in,
                     hls_int *out)
{
    uint32_t *words_in = hls_allocate(n->info->in_words, sizeof *words_in);
    uint32_t *words_out = hls_allocate(n->info->out_words, sizeof *words_out), *word = words_out;
    put_inputs(fn, in, words_in);
    if (state)
        n->state->step(state, words_in, words_out);
    else
        n->info->call(words_in, words_out);
    for (unsigned i = 0; i < fn->outputs; i++) {
        const struct hls_port *p = hls_fn_port(fn, true, i);
        out[i] = read_output(p, word);
        word += words(p);
    }
    free(words_in);
    free(words_out);
}

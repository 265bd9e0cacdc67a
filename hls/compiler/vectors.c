#include "hls/compiler/vectors.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

uint64_t hls_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform bits, with the ends of the range and small values more often than chance would give them. */
static hls_int random_value(const struct hls_port *p, uint64_t *random)
{
    uint64_t mask = p->width == 64 ? UINT64_MAX : ((uint64_t)1 << p->width) - 1;
    uint64_t kind = hls_random(random) % 16, bits = hls_random(random);
    if (kind == 0)
        bits = 0;
    else if (kind == 1)
        bits = mask;
    else if (kind == 2)
        bits = mask >> 1;
    else if (kind == 3)
        bits = (mask >> 1) + 1;
    else if (kind == 4)
        bits &= 7;
    bits &= mask;
    return p->is_signed && bits >> (p->width - 1) ? (hls_int)bits - hls_two_to(p->width) : (hls_int)bits;
}

void hls_random_inputs(const struct hls_fn *fn, uint64_t *random, hls_int *in)
{
    for (unsigned i = 0; i < fn->inputs; i++)
        in[i] = random_value(hls_fn_port(fn, false, i), random);
}

void hls_vectors_open(struct hls_vectors *v, const struct hls_vectors *given)
{
    const struct hls_fn *fn = given->fn;
    *v = *given;
    v->cycle = UINT32_MAX;
    v->results = 0;
    v->density = 1;
    v->since = given->fn->ii;
    v->state = hls_native_new_state(v->native);
    v->in = hls_allocate(fn->inputs, sizeof *v->in);
    v->flying = hls_allocate((size_t)fn->outputs * fn->stages, sizeof *v->flying);
    v->in_flight = hls_allocate(fn->stages, 1);
    v->out = v->flying + (size_t)(fn->stages - 1) * fn->outputs;
}

void hls_vectors_close(struct hls_vectors *v)
{
    free(v->state);
    free(v->in);
    free(v->flying);
    free(v->in_flight);
}

static void drop_all(struct hls_vectors *v)
{
    memset(v->in_flight, 0, v->fn->stages);
    v->shows = false;
    v->since = v->fn->ii;
    if (v->state)
        v->native->state->reset(v->state);
}

static void advance(struct hls_vectors *v)
{
    const struct hls_fn *fn = v->fn;
    memmove(v->flying + fn->outputs, v->flying, (fn->stages - 1) * fn->outputs * sizeof *v->flying);
    memmove(v->in_flight + 1, v->in_flight, fn->stages - 1);
    v->in_flight[0] = v->valid;
    v->since = v->valid ? 1 : v->since + 1;
    if (v->valid)
        hls_native_call(v->native, fn, v->state, v->in, v->flying);
    v->shows = v->in_flight[fn->stages - 1];
    v->results += v->shows;
}

void hls_vectors_next(struct hls_vectors *v)
{
    v->cycle++;
    if (v->cycle % 64 == 0)
        v->density = (unsigned)(hls_random(&v->random) % 4) + 1;
    hls_random_inputs(v->fn, &v->random, v->in);
    v->reset = v->cycle < 2 || (v->cycle > v->calm && v->cycle % 97 < 2);
    v->valid = hls_random(&v->random) % 4 < v->density && v->since >= v->fn->ii;
    v->enable = !v->clock_enable || hls_random(&v->random) % 4 != 0;
    if (v->reset)
        drop_all(v);
    else if (v->enable)
        advance(v);
}

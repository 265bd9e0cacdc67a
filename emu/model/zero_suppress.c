#include "emu/model/zero_suppress.h"

#include <string.h>

/* Where the ports' words start; one word each but for the blocks. */
enum { IN_BLOCK, IN_BX = BX_WORDS, IN_ORBIT, IN_FLAGS, IN_PT_MIN, IN_SLOTS, IN_WORDS };
enum { OUT_KEEP, OUT_BLOCK, OUT_BX = OUT_BLOCK + BX_WORDS, OUT_ORBIT, OUT_FLAGS };

_Static_assert((int)IN_WORDS == (int)ZERO_SUPPRESS_IN_WORDS, "the input words are all there");

static const struct kernel_port ports[] = {
    {"block", 0, 32, BX_WORDS}, {"bx", 0, 12, 1},     {"orbit", 0, 32, 1},
    {"flags", 0, 24, 1},        {"pt_min", 0, 9, 1},  {"slots", 0, 16, 1},
    {"keep", 1, 1, 1},          {"block_out", 1, 32, BX_WORDS},
    {"bx_out", 1, 12, 1},       {"orbit_out", 1, 32, 1}, {"flags_out", 1, 24, 1},
};
static const struct kernel_shape shape = {ports, sizeof ports / sizeof *ports, 1};

int zero_suppress_init(struct zero_suppress *s, const struct board_cfg *cfg, const char *kernels,
                       struct message *m)
{
    memset(s, 0, sizeof *s);
    if (kernel_open(&s->kernel, kernels, "zero_suppress", &shape, m) < 0)
        return -1;
    s->in[IN_PT_MIN] = cfg->zs_pt_min;
    s->in[IN_SLOTS] = cfg->zs_slots;
    if (kernel_pipe_init(&s->pipe, &s->kernel) == 0)
        return 0;
    kernel_close(&s->kernel);
    return message_set(m, "zero_suppress: out of memory");
}

void zero_suppress_release(struct zero_suppress *s)
{
    kernel_pipe_release(&s->pipe);
    kernel_close(&s->kernel);
}

static const uint32_t *push(struct zero_suppress *s, const struct link_align_out *in)
{
    memcpy(s->in + IN_BLOCK, in->block.w, sizeof in->block.w);
    s->in[IN_BX] = in->bx;
    s->in[IN_ORBIT] = in->orbit;
    s->in[IN_FLAGS] = (uint32_t)in->mismatch << 16 | (uint32_t)in->crc_bad << 8 | in->err;
    return kernel_pipe_push(&s->pipe, s->in);
}

static void show(const uint32_t *out, struct zero_suppress_out *next)
{
    next->keep = out[OUT_KEEP];
    next->err = out[OUT_FLAGS];
    next->crc_bad = out[OUT_FLAGS] >> 8;
    next->mismatch = out[OUT_FLAGS] >> 16;
    next->bx = out[OUT_BX];
    next->orbit = out[OUT_ORBIT];
    memcpy(next->block.w, out + OUT_BLOCK, sizeof next->block.w);
}

void zero_suppress_step(struct zero_suppress *s, const struct bus_view *now, struct zero_suppress_out *next)
{
    const struct link_align_out *in = &now->board->link_align;
    const uint32_t *out = in->valid ? push(s, in) : kernel_pipe_idle(&s->pipe);
    next->valid = out != NULL;
    if (out)
        show(out, next);
}

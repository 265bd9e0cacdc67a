#include "emu/model/recal.h"

#include <string.h>

enum { IN_MUON_LOW, IN_MUON_HIGH, IN_SEQ, IN_SLOT, IN_END };
enum { OUT_PHI, OUT_ETA, OUT_PT, OUT_SEQ, OUT_SLOT };

static const struct kernel_port ports[] = {
    {"muon", 0, 64, 1}, {"seq", 0, 8, 1}, {"slot", 0, 4, 1},    {"phi", 1, 16, 1},
    {"eta", 1, 16, 1},  {"pt", 1, 16, 1}, {"seq_out", 1, 8, 1}, {"slot_out", 1, 4, 1},
};
static const struct kernel_shape shape = {ports, sizeof ports / sizeof *ports, 1};

int recal_init(struct recal *s, const struct board_cfg *cfg, const char *kernels, struct message *m)
{
    memset(s, 0, sizeof *s);
    if (kernel_open(&s->kernel, kernels, "recal", &shape, m) < 0)
        return -1;
    s->engines = cfg->engines;
    for (unsigned i = 0; i < s->engines; i++)
        if (kernel_pipe_init(&s->pipe[i], &s->kernel) < 0) {
            recal_release(s);
            return message_set(m, "recal: out of memory");
        }
    return 0;
}

void recal_release(struct recal *s)
{
    for (unsigned i = 0; i < MAX_ENGINES; i++)
        kernel_pipe_release(&s->pipe[i]);
    kernel_close(&s->kernel);
}

static const uint32_t *push(struct kernel_pipe *p, const struct feed_muon *in)
{
    uint32_t words[IN_END] = {(uint32_t)in->muon, in->muon >> 32, in->seq, in->slot};
    return kernel_pipe_push(p, words);
}

static void show(const uint32_t *out, struct recal_result *next)
{
    next->phi = (int16_t)out[OUT_PHI];
    next->eta = (int16_t)out[OUT_ETA];
    next->pt = (int16_t)out[OUT_PT];
    next->seq = out[OUT_SEQ];
    next->slot = out[OUT_SLOT];
}

void recal_step(struct recal *s, const struct bus_view *now, struct recal_out *next)
{
    const struct feed_muon *in = now->board->muon_feed.muon;
    for (unsigned i = 0; i < MAX_ENGINES; i++)
        next->result[i].valid = 0;
    for (unsigned i = 0; i < s->engines; i++) {
        const uint32_t *out = in[i].valid ? push(&s->pipe[i], &in[i]) : kernel_pipe_idle(&s->pipe[i]);
        if (!out)
            continue;
        next->result[i].valid = 1;
        show(out, &next->result[i]);
    }
}

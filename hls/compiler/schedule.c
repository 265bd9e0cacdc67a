/* Pipeline stages at II=1: every node as early as the delay model allows (timing.h). */
#include "hls/compiler/passes.h"
#include "hls/compiler/timing.h"

hls_id hls_pass_schedule(struct hls_fn *fn, double clock_mhz)
{
    struct hls_timing t;
    hls_timing_init(&t, fn, clock_mhz);
    hls_timing_place(&t);
    hls_timing_release(&t);
    fn->stages = 1;
    for (unsigned i = 0; i < fn->outputs; i++)
        if (fn->node[fn->output[i]].stage + fn->node[fn->output[i]].wait >= fn->stages)
            fn->stages = fn->node[fn->output[i]].stage + fn->node[fn->output[i]].wait + 1;
    return t.too_slow;
}

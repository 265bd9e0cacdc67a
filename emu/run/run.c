#include "emu/run/run.h"

#include "emu/chain/chain.h"
#include "emu/run/collect.h"
#include "emu/run/drive.h"
#include "emu/run/session.h"

#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int run_scenario(const struct scenario *s, const struct run_setup *o, struct run_result *r, struct message *m)
{
    struct session session;
    run_result_init(r);
    if (session_open(&session, s, o, m) < 0)
        return -1;
    double start = seconds();
    enum drive_end end = drive(&session, o);
    r->wall_s = seconds() - start;
    return session_close(&session, o, end, r, m);
}

#include "emu/bench/ways.h"
#include "emu/run/drive.h"

#include <stdlib.h>
#include <string.h>

/* Opens the session's view again, without watcher. */
static int unwatch(struct session *run, struct message *m)
{
    run->cfg.watch = NULL;
    if (run->pins) {
        pin_view_close(run->pins);
        run->pins = pin_view_open(&run->cfg, m);
    } else {
        chain_close(run->chain);
        run->chain = chain_open(&run->cfg, m);
    }
    return run->pins || run->chain ? 0 : -1;
}

static int check(const struct stimulus *s, bool watched, enum drive_end end,
                 const struct board_status *status, const struct run_result *result, struct message *m)
{
    if (end != END_DONE)
        return message_set(m, "the run did not come to its end");
    if (watched && result->verdict != VERDICT_PASS)
        return message_set(m, "the run does not pass: %s", result->reason);
    if (!watched && memcmp(status, &s->end, sizeof *status) != 0)
        return message_set(m, "the run ends with other counters than the C models under the watcher");
    return 0;
}

static int drive_and_check(const struct stimulus *s, struct session *run, const struct run_setup *setup,
                           bool watched, struct pass *p, struct board_status *status, struct message *m)
{
    struct run_result *result = malloc(sizeof *result);
    if (!result)
        return message_set(m, "out of memory");
    run_result_init(result);
    double start = processor_seconds();
    enum drive_end end = drive(run, setup);
    p->seconds = processor_seconds() - start;
    p->count = session_cycles(run, DOMAIN_BOARD) / FRAMES;
    session_status(run, status);
    int failed = session_close(run, setup, end, result, m);
    if (!failed)
        failed = check(s, watched, end, status, result, m);
    free(result);
    return failed;
}

int chain_pass(const struct stimulus *s, const struct scenario *scenario, const struct chain_way *way,
               struct pass *p, struct board_status *end, struct message *m)
{
    struct run_setup setup = stimulus_setup(s, way->view);
    struct session run;
    struct board_status status;
    if (session_open(&run, scenario, &setup, m) < 0)
        return -1;
    if (!way->watched && unwatch(&run, m) < 0)
        return -1;
    int failed = drive_and_check(s, &run, &setup, way->watched, p, &status, m);
    if (end)
        *end = status;
    return failed;
}

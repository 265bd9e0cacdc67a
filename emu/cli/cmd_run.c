#include "emu/cli/command.h"
#include "emu/cli/run_options.h"
#include "emu/scenario/scenario.h"

#include <stdio.h>

static int load(struct scenario *s, const struct run_options *o)
{
    struct messages m = MESSAGES_EMPTY;
    int failed = scenario_load(s, o->scenario, o->set, o->sets, &m);
    if (m.text)
        fputs(m.text, stderr);
    messages_release(&m);
    return failed;
}

int cmd_run(int argc, char **argv)
{
    struct run_options o;
    run_options_parse(&o, argc, argv);
    struct scenario *s = scenario_new();
    int code = EXIT_INTERNAL;
    if (!s)
        fputs("bxact run: memory is out\n", stderr);
    else if (load(s, &o) < 0)
        code = EXIT_USAGE;
    else {
        scenario_print(s, stdout);
        code = EXIT_HELD;
    }
    scenario_free(s);
    run_options_release(&o);
    return code;
}

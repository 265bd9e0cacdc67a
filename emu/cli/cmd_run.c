#include "emu/cli/command.h"
#include "emu/cli/reproduce.h"
#include "emu/cli/run_options.h"
#include "emu/report/progress.h"
#include "emu/report/report.h"
#include "emu/run/boards.h"
#include "emu/run/out_dir.h"
#include "emu/run/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* The first Ctrl-C ends the run at the next quantum and keeps what was measured; the second one kills. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void say(struct messages *m)
{
    if (m->text)
        fputs(m->text, stderr);
    messages_release(m);
}

static int usage(const char *text)
{
    fprintf(stderr, "%s\n", text);
    return EXIT_USAGE;
}

/* Notes may be several lines. */
static void on_note(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "note: %s%s", text, strchr(text, '\n') ? "" : "\n");
}

static void on_progress(void *ctx, uint64_t orbits_done, uint64_t bx_done)
{
    progress_update(ctx, orbits_done, bx_done);
}

static bool any_rtl(const struct scenario *s)
{
    for (unsigned b = 0; b < BLOCKS; b++)
        if (s->engine[b] != ENGINE_MODEL)
            return true;
    return false;
}

/* What the script ./bxact has to build before this scenario can run: one target of CMake. The kernel and board of a
 * user's network are built when the run begins. */
static int print_needs(const struct scenario *s)
{
    if (scenario_network_is_file(s))
        printf("hlsc\n");
    else if (any_rtl(s))
        printf("board_%s_%u\n", s->network, s->recal_engines);
    else
        printf("kernels_%s\n", s->network);
    return EXIT_HELD;
}

static void out_dir(const struct scenario *s, const struct run_options *o, char *dir, size_t size)
{
    if (o->out)
        snprintf(dir, size, "%s", o->out);
    else
        snprintf(dir, size, "out/%s", s->name);
}

static int write_results(const struct scenario *s, const struct run_options *o, const struct run_result *r,
                         const char *dir)
{
    struct messages m = MESSAGES_EMPTY;
    int failed = report_write(dir, s, r, &m);
    if (o->quiet)
        printf("%s: %s%s%s%s%s\n", s->name, verdict_name(r->verdict), r->reason[0] ? ": " : "", r->reason,
               r->first_mismatch[0] ? "; " : "", r->first_mismatch);
    else
        report_table(s, r, stdout, isatty(STDOUT_FILENO));
    if (!o->quiet && !failed)
        printf("results in %s: summary.json, junit.xml, scenario.cfg%s\n", dir,
               r->host.file[0] ? ", the host's file" : "");
    fflush(stdout);
    say(&m);
    if (failed)
        return EXIT_USAGE;
    return r->verdict == VERDICT_PASS ? EXIT_HELD : EXIT_FAILED;
}

static int finish(const struct scenario *s, const struct run_options *o, struct run_result *r, const char *dir)
{
    run_result_text(r->build.version, sizeof r->build.version, "%s", BXACT_VERSION);
    reproduce(s, o, r->reproduce, sizeof r->reproduce);
    return write_results(s, o, r, dir);
}

static int run_in(const struct scenario *s, const struct run_options *o, const char *dir,
                  struct run_result *r)
{
    struct boards boards;
    struct message message = {""};
    struct progress progress;
    if (boards_find(&boards, s, o->rtl, on_note, NULL, &message) < 0)
        return usage(message.text);
    struct run_setup setup = {.out_dir = dir,
                              .kernels = boards.kernels,
                              .board_so = boards.board_so,
                              .view = o->view,
                              .quantum = o->quantum,
                              .interrupted = &interrupted,
                              .progress = on_progress,
                              .note = on_note,
                              .ctx = &progress};
    if (out_dir_holds(dir, s->mp7.file, &message) < 0 || out_dir_holds(dir, s->replay.name, &message) < 0)
        return usage(message.text);
    int claim = out_dir_claim(dir, &message);
    if (claim < 0)
        return usage(message.text);
    catch_signals();
    progress_begin(&progress, o->quiet ? NULL : stderr, s->run.orbits);
    int failed = run_scenario(s, &setup, r, &message);
    progress_end(&progress);
    int code = failed ? usage(message.text) : finish(s, o, r, dir);
    out_dir_release(claim);
    return code;
}

static int run(const struct scenario *s, const struct run_options *o)
{
    char dir[SCENARIO_PATH_MAX + 8];
    struct messages m = MESSAGES_EMPTY;
    struct run_result *r = malloc(sizeof *r);
    if (!r) {
        fputs("bxact run: memory is out\n", stderr);
        return EXIT_INTERNAL;
    }
    out_dir(s, o, dir, sizeof dir);
    int made = report_make_dir(dir, &m);
    say(&m);
    int code = made < 0 ? EXIT_USAGE : run_in(s, o, dir, r);
    free(r);
    return code;
}

static int load_and_run(struct scenario *s, const struct run_options *o)
{
    struct messages m = MESSAGES_EMPTY;
    int failed = scenario_load(s, o->scenario, o->set, o->sets, &m);
    say(&m);
    if (failed)
        return EXIT_USAGE;
    if (o->needs)
        return o->print_scenario ? EXIT_HELD : print_needs(s);
    if (o->print_scenario) {
        scenario_print(s, stdout);
        return EXIT_HELD;
    }
    return run(s, o);
}

int cmd_run(int argc, char **argv)
{
    struct run_options o;
    run_options_parse(&o, argc, argv);
    struct scenario *s = scenario_new();
    int code = EXIT_INTERNAL;
    if (s)
        code = load_and_run(s, &o);
    else
        fputs("bxact run: memory is out\n", stderr);
    scenario_free(s);
    run_options_release(&o);
    return code;
}

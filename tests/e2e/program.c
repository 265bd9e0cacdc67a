#include "tests/e2e/program.h"

#include "tests/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/bxact-e2e-XXXXXX";
static unsigned runs;

int program_begin(void)
{
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

void program_end(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the child: does not return. */
static void become(const char *const arguments[], const char *out, const struct program_limits *limits)
{
    const char *line[PROGRAM_ARGUMENTS + 6] = {BXACT_PROGRAM, "run", "--out", out, "--quiet"};
    size_t n = 5;
    for (size_t i = 0; arguments[i] && i < PROGRAM_ARGUMENTS; i++)
        line[n++] = arguments[i];
    char log[PROGRAM_PATH + 16];
    snprintf(log, sizeof log, "%s.log", out);
    int file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644), nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(file, 1);
    dup2(file, 2);
    if (limits->file_bytes) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){limits->file_bytes, limits->file_bytes});
        signal(SIGXFSZ, SIG_IGN); /* as a full disk: the write fails */
    }
    execv(BXACT_PROGRAM, (char *const *)line);
    _exit(127);
}

static bool has_ended(pid_t child)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/* Waits until a file of the results has content, or the program has ended. */
static void wait_for_file(pid_t child, const struct outcome *o, const char *name)
{
    char path[PROGRAM_PATH + 64];
    struct stat file;
    snprintf(path, sizeof path, "%s/%s", o->out, name);
    while ((stat(path, &file) < 0 || file.st_size == 0) && !has_ended(child))
        nanosleep(&(struct timespec){0, 10000000}, NULL);
}

static void wait_for(pid_t child, const struct program_limits *limits, struct outcome *o)
{
    int status = 0;
    struct rusage used;
    if (limits->interrupt_at) {
        wait_for_file(child, o, limits->interrupt_at);
        kill(child, SIGINT);
    }
    while (wait4(child, &status, 0, &used) < 0 && errno == EINTR)
        ;
    o->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    o->peak_kb = used.ru_maxrss;
}

struct outcome program_run_within(const char *const arguments[], const struct program_limits *limits)
{
    struct outcome o = {.code = -1};
    char path[PROGRAM_PATH + 32];
    snprintf(o.out, sizeof o.out, "%s/%u", folder, runs++);
    pid_t child = fork();
    if (child == 0)
        become(arguments, o.out, limits);
    if (child > 0)
        wait_for(child, limits, &o);
    snprintf(path, sizeof path, "%s/summary.json", o.out);
    o.summary = json_load_file(path, 0, NULL);
    return o;
}

struct outcome program_run(const char *const arguments[])
{
    static const struct program_limits none;
    return program_run_within(arguments, &none);
}

void outcome_release(struct outcome *o)
{
    json_decref(o->summary);
    o->summary = NULL;
    nftw(o->out, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const json_t *find(const struct outcome *o, const char *path)
{
    char key[64];
    const json_t *at = o->summary;
    while (at && *path) {
        size_t n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        at = json_object_get(at, key);
        path += n + (path[n] == '.');
    }
    return at;
}

const char *outcome_text(const struct outcome *o, const char *path)
{
    const char *text = json_string_value(find(o, path));
    CU_ASSERT_PTR_NOT_NULL(text);
    return text ? text : "";
}

int64_t outcome_number(const struct outcome *o, const char *path)
{
    const json_t *at = find(o, path);
    CU_ASSERT(json_is_integer(at));
    return json_integer_value(at);
}

double outcome_real(const struct outcome *o, const char *path)
{
    const json_t *at = find(o, path);
    CU_ASSERT(json_is_real(at));
    return json_real_value(at);
}

bool outcome_bool(const struct outcome *o, const char *path)
{
    const json_t *at = find(o, path);
    CU_ASSERT(json_is_boolean(at));
    return json_is_true(at);
}

const json_t *outcome_named(const struct outcome *o, const char *array, const char *name)
{
    size_t i;
    json_t *element;
    json_array_foreach(json_object_get(o->summary, array), i, element)
        if (strcmp(json_string_value(json_object_get(element, "name")), name) == 0)
            return element;
    return NULL;
}

static void print_log(const struct outcome *o)
{
    char path[PROGRAM_PATH + 16], line[512];
    snprintf(path, sizeof path, "%s.log", o->out);
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log))
        printf("    %s", line);
    if (log)
        fclose(log);
}

bool outcome_passed(const struct outcome *o)
{
    bool passed = o->code == 0 && o->summary && strcmp(outcome_text(o, "verdict"), "pass") == 0 &&
                  outcome_number(o, "records_compared") > 0;
    if (!passed) {
        printf("\n    exit %d\n", o->code);
        print_log(o);
    }
    return passed;
}

bool outcome_said(const struct outcome *o, const char *text)
{
    char path[PROGRAM_PATH + 16], line[4096];
    bool said = false;
    snprintf(path, sizeof path, "%s.log", o->out);
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log))
        said |= strstr(line, text) != NULL;
    if (log)
        fclose(log);
    return said;
}

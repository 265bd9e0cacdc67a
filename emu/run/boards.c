#include "emu/run/boards.h"

#include "emu/check/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { DEFAULT_SYNC_STAGES = 2 }; /* of the boards that the build makes */

static int path_set(char *path, struct message *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(path, SCENARIO_PATH_MAX, format, list);
    va_end(list);
    return length < SCENARIO_PATH_MAX
               ? 0
               : message_set(m, "a path is longer than %d characters", SCENARIO_PATH_MAX - 1);
}

/* The build folder: the program is <build>/bin/<name>. */
static int build_folder(char *folder, struct message *m)
{
    char program[SCENARIO_PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0)
        return message_set(m, "/proc/self/exe: %s", strerror(errno));
    program[length] = 0;
    return path_set(folder, m, "%s", dirname(dirname(program)));
}

static bool any_rtl(const struct scenario *s)
{
    for (int b = 0; b < BLOCKS; b++)
        if (s->engine[b] != ENGINE_MODEL)
            return true;
    return false;
}

/* ---- digest of what goes into a board ---- */

static uint64_t digest_bytes(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (; n >= 8; n -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        h = digest_mix(h, word);
    }
    uint64_t rest = n;
    memcpy((unsigned char *)&rest + 1, at, n);
    return digest_mix(h, rest);
}

static int digest_file(uint64_t *h, const char *folder, const char *name, struct message *m)
{
    char path[SCENARIO_PATH_MAX], bytes[1 << 16];
    if (path_set(path, m, "%s/%s", folder, name) < 0)
        return -1;
    FILE *file = fopen(path, "rb");
    if (!file)
        return message_set(m, "%s: %s", path, strerror(errno));
    *h = digest_bytes(*h, name, strlen(name));
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        *h = digest_bytes(*h, bytes, n);
    int failed = ferror(file);
    fclose(file);
    return failed ? message_set(m, "%s: cannot be read", path) : 0;
}

static int is_source(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && (!strcmp(end, ".v") || !strcmp(end, ".vh") || !strcmp(end, ".h") || !strcmp(end, ".cc") ||
                   !strcmp(end, ".mem"));
}

/* Every source file of a folder, in the order of names. */
static int digest_folder(uint64_t *h, const char *folder, struct message *m)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, is_source, alphasort), failed = 0;
    if (n < 0)
        return message_set(m, "%s: %s (give a folder with Verilog files)", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        failed = failed || digest_file(h, folder, entry[i]->d_name, m) < 0;
        free(entry[i]);
    }
    free(entry);
    return failed ? -1 : 0;
}

static int digest_inputs(uint64_t *h, const struct boards *b, const char *rtl, struct message *m)
{
    *h = 0;
    if (digest_folder(h, BXACT_SOURCE_DIR "/rtl", m) < 0 ||
        digest_folder(h, BXACT_SOURCE_DIR "/emu/cosim", m) < 0 ||
        digest_folder(h, BXACT_SOURCE_DIR "/emu/model", m) < 0 || digest_folder(h, b->kernels, m) < 0 ||
        digest_file(h, BXACT_SOURCE_DIR "/tools", "build_board", m) < 0)
        return -1;
    return rtl ? digest_folder(h, rtl, m) : 0;
}

/* ---- building ---- */

static void log_tail(const char *path, struct message *m)
{
    char text[900] = "";
    FILE *log = fopen(path, "r");
    if (log) {
        fseek(log, 0, SEEK_END);
        long size = ftell(log);
        fseek(log, size > (long)sizeof text - 1 ? size - ((long)sizeof text - 1) : 0, SEEK_SET);
        text[fread(text, 1, sizeof text - 1, log)] = 0;
        fclose(log);
    }
    message_set(m, "the board could not be built; %s ends with\n%s", path, text);
}

static int run_build(const char *folder, const struct boards *b, const struct scenario *s, const char *rtl,
                     struct message *m)
{
    char log[SCENARIO_PATH_MAX], stages[8], engines[8];
    if (path_set(log, m, "%s.log", folder) < 0)
        return -1;
    snprintf(stages, sizeof stages, "%u", s->sync_stages);
    snprintf(engines, sizeof engines, "%u", s->recal_engines);
    const char *arguments[] = {BXACT_SOURCE_DIR "/tools/build_board",
                               folder,
                               "--kernels",
                               b->kernels,
                               "--sync-stages",
                               stages,
                               "--engines",
                               engines,
                               "--trace",
                               rtl ? "--rtl" : NULL,
                               rtl,
                               NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid;
    int failed = posix_spawn(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ),
        status = 0;
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return message_set(m, "%s: %s", arguments[0], strerror(failed));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return 0;
    log_tail(log, m);
    return -1;
}

/* Builds beside the final place and moves there when done, so that nobody ever finds half a board. */
static int build_board(const struct boards *b, const char *folder, const struct scenario *s, const char *rtl,
                       struct message *m)
{
    char part[SCENARIO_PATH_MAX];
    if (path_set(part, m, "%s.%ld", folder, (long)getpid()) < 0 || run_build(part, b, s, rtl, m) < 0)
        return -1;
    if (rename(part, folder) < 0 && errno != EEXIST && errno != ENOTEMPTY)
        return message_set(m, "%s: %s", folder, strerror(errno));
    return 0;
}

static int find_variant(struct boards *b, const char *build, const struct scenario *s, const char *rtl,
                        void (*note)(void *, const char *), void *ctx, struct message *m)
{
    char folder[SCENARIO_PATH_MAX];
    uint64_t digest;
    if (digest_inputs(&digest, b, rtl, m) < 0 ||
        path_set(folder, m, "%s/boards/%s_%u-%u-%016" PRIx64, build,
                 network_name((enum scenario_network)s->network), s->recal_engines, s->sync_stages,
                 digest) < 0 ||
        path_set(b->board_so, m, "%s/board.so", folder) < 0)
        return -1;
    if (access(b->board_so, R_OK) == 0)
        return 0;
    if (note)
        note(ctx, rtl ? "building the board with your Verilog; this takes up to a minute, once\n"
                      : "building a board for this number of synchroniser stages; this takes up to a minute, "
                        "once\n");
    return build_board(b, folder, s, rtl, m);
}

int boards_find(struct boards *b, const struct scenario *s, const char *rtl,
                void (*note)(void *ctx, const char *text), void *ctx, struct message *m)
{
    char build[SCENARIO_PATH_MAX];
    const char *network = network_name((enum scenario_network)s->network);
    *b->board_so = 0;
    if (build_folder(build, m) < 0 || path_set(b->kernels, m, "%s/kernels/%s", build, network) < 0)
        return -1;
    if (!any_rtl(s))
        return rtl ? message_set(m,
                                 "--rtl %s: every block runs as C model, so no Verilog is used (set an "
                                 "engine to rtl or lockstep)",
                                 rtl)
                   : 0;
    if (rtl || s->sync_stages != DEFAULT_SYNC_STAGES)
        return find_variant(b, build, s, rtl, note, ctx, m);
    return path_set(b->board_so, m, "%s/boards/%s_%u/board.so", build, network, s->recal_engines);
}

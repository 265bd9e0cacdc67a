#include "emu/run/boards.h"

#include "emu/check/digest.h"
#include "golden/network/recal_network.h"
#include "hls/writer/network_kernel.h"

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

/* Runs a program, its output in <folder>.log. */
static int run_tool(const char *folder, const char *const *arguments, struct message *m)
{
    char log[SCENARIO_PATH_MAX];
    if (path_set(log, m, "%s.log", folder) < 0)
        return -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid;
    int status = 0;
    int failed = posix_spawn(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ);
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

static int run_build(const char *folder, const struct boards *b, const struct scenario *s, const char *rtl,
                     struct message *m)
{
    char stages[8], engines[8];
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
    return run_tool(folder, arguments, m);
}

/* Another process may have been faster. */
static int move_there(const char *part, const char *folder, struct message *m)
{
    if (rename(part, folder) < 0 && errno != EEXIST && errno != ENOTEMPTY)
        return message_set(m, "%s: %s", folder, strerror(errno));
    return 0;
}

/* Builds beside the final place and moves there when done, so that nobody ever finds half a board. */
static int build_board(const struct boards *b, const char *folder, const struct scenario *s, const char *rtl,
                       struct message *m)
{
    char part[SCENARIO_PATH_MAX];
    if (path_set(part, m, "%s.%ld", folder, (long)getpid()) < 0 || run_build(part, b, s, rtl, m) < 0)
        return -1;
    return move_there(part, folder, m);
}

/* ---- kernels of a user's network ---- */

/* The text of its kernel, for free(). */
static char *kernel_text(const struct scenario *s, size_t *n, struct message *m)
{
    char *text = NULL;
    struct recal_network *network = recal_network_open(s->network, s->formats, m);
    FILE *to = network ? open_memstream(&text, n) : NULL;
    if (network && !to)
        message_set(m, "%s: out of memory", s->network);
    int failed = !to || network_kernel_write_recal(recal_network_quantised(network), 1, to, m) < 0;
    if (to && fclose(to) != 0)
        failed = 1;
    recal_network_close(network);
    if (!failed)
        return text;
    free(text);
    return NULL;
}

static int write_text(const char *path, const char *text, size_t n, struct message *m)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(text, 1, n, file) != n || fclose(file) != 0)
        return message_set(m, "%s: %s", path, strerror(errno));
    return 0;
}

static int make_folder(const char *path, struct message *m)
{
    return mkdir(path, 0755) < 0 && errno != EEXIST ? message_set(m, "%s: %s", path, strerror(errno)) : 0;
}

static int build_kernels(const struct boards *b, const char *build, const char *text, size_t n,
                         struct message *m)
{
    char part[SCENARIO_PATH_MAX], source[SCENARIO_PATH_MAX], hlsc[SCENARIO_PATH_MAX];
    if (path_set(part, m, "%s.%ld", b->kernels, (long)getpid()) < 0 ||
        path_set(source, m, "%s/recal.c", part) < 0 || path_set(hlsc, m, "%s/hls/hlsc", build) < 0)
        return -1;
    if (make_folder(part, m) < 0)
        return -1;
    const char *arguments[] = {
        BXACT_SOURCE_DIR "/tools/build_kernels", part, "--recal", source, "--hlsc", hlsc, NULL};
    if (write_text(source, text, n, m) < 0 || run_tool(part, arguments, m) < 0)
        return -1;
    return move_there(part, b->kernels, m);
}

/* Kernels are kept under the digest of the kernel's text and of what makes Verilog and native code of it. */
static int digest_kernels(uint64_t *h, const char *build, const char *text, size_t n, struct message *m)
{
    *h = digest_bytes(0, text, n);
    if (digest_folder(h, BXACT_SOURCE_DIR "/hls/kernels", m) < 0 ||
        digest_file(h, BXACT_SOURCE_DIR "/hls/kernels", "zero_suppress.c", m) < 0 ||
        digest_file(h, BXACT_SOURCE_DIR "/hls", "kernel_abi.h", m) < 0 ||
        digest_file(h, BXACT_SOURCE_DIR "/tools", "build_kernels", m) < 0)
        return -1;
    return digest_file(h, build, "hls/hlsc", m);
}

static int find_kernels(struct boards *b, const char *build, const struct scenario *s,
                        void (*note)(void *, const char *), void *ctx, struct message *m)
{
    size_t n;
    uint64_t digest;
    char library[SCENARIO_PATH_MAX], *text = kernel_text(s, &n, m);
    int failed = !text || digest_kernels(&digest, build, text, n, m) < 0 ||
                 path_set(b->kernels, m, "%s/kernels/own-%016" PRIx64, build, digest) < 0 ||
                 path_set(library, m, "%s/kernels.so", b->kernels) < 0;
    if (!failed && access(library, R_OK) != 0) {
        if (note)
            note(ctx, "compiling the kernel of your network; this takes up to a minute, once\n");
        failed = build_kernels(b, build, text, n, m) < 0;
    }
    free(text);
    return failed ? -1 : 0;
}

/* ---- boards ---- */

static int find_variant(struct boards *b, const char *build, const struct scenario *s, const char *rtl,
                        void (*note)(void *, const char *), void *ctx, struct message *m)
{
    char folder[SCENARIO_PATH_MAX];
    uint64_t digest;
    const char *why = "building a board for this number of synchroniser stages; this takes up to a minute, "
                      "once\n";
    if (scenario_network_is_file(s))
        why = "building a board with your network; this takes up to a minute, once\n";
    if (rtl)
        why = "building the board with your Verilog; this takes up to a minute, once\n";
    if (digest_inputs(&digest, b, rtl, m) < 0 ||
        path_set(folder, m, "%s/boards/%s_%u-%u-%016" PRIx64, build,
                 scenario_network_is_file(s) ? "own" : s->network, s->recal_engines, s->sync_stages,
                 digest) < 0 ||
        path_set(b->board_so, m, "%s/board.so", folder) < 0)
        return -1;
    if (access(b->board_so, R_OK) == 0)
        return 0;
    if (note)
        note(ctx, why);
    return build_board(b, folder, s, rtl, m);
}

int boards_find(struct boards *b, const struct scenario *s, const char *rtl,
                void (*note)(void *ctx, const char *text), void *ctx, struct message *m)
{
    char build[SCENARIO_PATH_MAX];
    char kernels[SCENARIO_PATH_MAX], folder[SCENARIO_PATH_MAX];
    bool own = scenario_network_is_file(s);
    *b->board_so = 0;
    if (build_folder(build, m) < 0 || path_set(kernels, m, "%s/kernels", build) < 0 ||
        path_set(folder, m, "%s/boards", build) < 0 || make_folder(kernels, m) < 0 ||
        make_folder(folder, m) < 0 || (own ? find_kernels(b, build, s, note, ctx, m)
                                           : path_set(b->kernels, m, "%s/kernels/%s", build, s->network)) < 0)
        return -1;
    if (!any_rtl(s))
        return rtl ? message_set(m,
                                 "--rtl %s: every block runs as C model, so no Verilog is used (set an "
                                 "engine to rtl or lockstep)",
                                 rtl)
                   : 0;
    if (rtl || own || s->sync_stages != DEFAULT_SYNC_STAGES)
        return find_variant(b, build, s, rtl, note, ctx, m);
    return path_set(b->board_so, m, "%s/boards/%s_%u/board.so", build, s->network, s->recal_engines);
}

#include "emu/run/out_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const results[] = {
    "summary.json", "junit.xml",      "scenario.cfg", "records.txt",
    "dma.dat",      "mismatches.txt", "window.vcd",   "scout_GMT_[0-9][0-9][0-9][0-9][0-9][0-9]_*",
};

static int is_result(const struct dirent *entry)
{
    for (unsigned i = 0; i < sizeof results / sizeof *results; i++)
        if (fnmatch(results[i], entry->d_name, 0) == 0)
            return 1;
    return 0;
}

/* Links that a user put in a result's place stay, and lead the new result where they point. */
static int is_file(int claim, const struct dirent *entry)
{
    struct stat of;
    return fstatat(claim, entry->d_name, &of, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(of.st_mode);
}

static int remove_results(int claim, const char *dir, struct message *m)
{
    DIR *folder = fdopendir(dup(claim));
    if (!folder)
        return message_set(m, "%s: %s", dir, strerror(errno));
    int failed = 0;
    for (struct dirent *entry; !failed && (entry = readdir(folder));)
        if (is_result(entry) && is_file(claim, entry) && unlinkat(claim, entry->d_name, 0) < 0)
            failed = message_set(m, "%s/%s: an earlier result cannot be removed: %s", dir, entry->d_name,
                                 strerror(errno));
    closedir(folder);
    return failed;
}

int out_dir_holds(const char *dir, const char *input, struct message *m)
{
    char path[PATH_MAX];
    struct stat of_input, of_dir;
    if (!*input || snprintf(path, sizeof path, "%s", input) >= (int)sizeof path ||
        stat(dirname(path), &of_input) < 0 || stat(dir, &of_dir) < 0)
        return 0;
    if (of_input.st_dev != of_dir.st_dev || of_input.st_ino != of_dir.st_ino)
        return 0;
    return message_set(m, "%s: lies in %s, where the run would write its results (give another folder with --out)",
                       input, dir);
}

int out_dir_claim(const char *dir, struct message *m)
{
    int claim = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (claim < 0)
        return message_set(m, "%s: %s", dir, strerror(errno));
    int failed = 0;
    if (flock(claim, LOCK_EX | LOCK_NB) < 0)
        failed = errno == EWOULDBLOCK
                     ? message_set(m, "%s: another run writes its results there (give another folder with --out)", dir)
                     : message_set(m, "%s: cannot be locked: %s", dir, strerror(errno));
    if (!failed && remove_results(claim, dir, m) == 0)
        return claim;
    close(claim);
    return -1;
}

void out_dir_release(int claim)
{
    if (claim >= 0)
        close(claim);
}

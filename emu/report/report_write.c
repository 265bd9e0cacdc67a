#include "emu/report/report.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int made(const char *dir)
{
    struct stat st;
    if (!mkdir(dir, 0777))
        return 0;
    if (errno != EEXIST)
        return errno;
    if (stat(dir, &st) < 0)
        return errno;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

int report_make_dir(const char *dir, struct messages *m)
{
    char path[PATH_MAX + 1];
    int wrong = strlen(dir) < PATH_MAX ? 0 : ENAMETOOLONG;
    snprintf(path, sizeof path, "%s", dir);
    for (char *slash = strchr(path + 1, '/'); path[0] && slash && !wrong; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        wrong = made(path);
        *slash = '/';
    }
    if (!wrong)
        wrong = made(path);
    if (wrong)
        messages_error(m, "%s: cannot be made: %s (give --out a folder that can be written)", dir,
                       strerror(wrong));
    return wrong ? -1 : 0;
}

typedef int (*writer)(const struct scenario *s, const struct run_result *r, FILE *out);

static int write_scenario(const struct scenario *s, const struct run_result *r, FILE *out)
{
    (void)r;
    scenario_print(s, out);
    return ferror(out) ? -1 : 0;
}

static int write_file(const char *dir, const char *name, writer write, const struct scenario *s,
                      const struct run_result *r, struct messages *m)
{
    char path[PATH_MAX];
    int wrong = 0;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        wrong = ENAMETOOLONG;
    FILE *out = wrong ? NULL : fopen(path, "w");
    if (!out)
        wrong = wrong ? wrong : errno;
    else if (write(s, r, out) < 0 || fflush(out) == EOF)
        wrong = errno ? errno : EIO;
    if (out && fclose(out) == EOF && !wrong) /* some file systems report a full disk only here */
        wrong = errno;
    if (wrong)
        messages_error(m, "%s/%s: cannot be written: %s", dir, name, strerror(wrong));
    return wrong ? -1 : 0;
}

int report_write(const char *dir, const struct scenario *s, const struct run_result *r, struct messages *m)
{
    int json = write_file(dir, "summary.json", report_json, s, r, m);
    int junit = write_file(dir, "junit.xml", report_junit, s, r, m);
    int scenario = write_file(dir, "scenario.cfg", write_scenario, s, r, m);
    return json | junit | scenario;
}

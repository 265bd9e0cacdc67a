#include "emu/bench/bench_print.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static void rate_text(char *text, size_t size, double per_s)
{
    if (per_s >= 1e6)
        snprintf(text, size, per_s >= 1e8 ? "%.0f M" : "%.1f M", per_s / 1e6);
    else
        snprintf(text, size, per_s >= 1e5 ? "%.0f k" : "%.1f k", per_s / 1e3);
}

static const char *reached(bool is)
{
    return is ? "reached" : "missed";
}

/* Each goal of the row with its own verdict. */
static void goal_text(char *text, size_t size, const struct bench_result *r)
{
    char rate[16];
    size_t n = 0;
    *text = 0;
    if (r->goal.of_bare > 0)
        n = (size_t)snprintf(text, size, "%.1f of bare: %s%s", r->goal.of_bare,
                             reached(r->of_bare >= r->goal.of_bare), r->goal.per_s > 0 ? "; " : "");
    rate_text(rate, sizeof rate, r->goal.per_s);
    if (r->goal.per_s > 0)
        n += (size_t)snprintf(text + n, size - n, "%s/s: %s", rate, reached(r->per_s >= r->goal.per_s));
    if (r->goal.of_plain > 0)
        snprintf(text + n, size - n, "%s%.2f of a plain read, goal %.1f: %s", n ? "; " : "", r->of_plain,
                 r->goal.of_plain, reached(r->of_plain >= r->goal.of_plain));
}

static void print_row(const struct bench_result *r, FILE *out)
{
    char rate[16], slowest[16], fastest[16], range[40], goal[96];
    if (!r->here) {
        fprintf(out, "%-43s  not on this machine\n", r->title);
        return;
    }
    rate_text(rate, sizeof rate, r->per_s);
    rate_text(slowest, sizeof slowest, r->slowest);
    rate_text(fastest, sizeof fastest, r->fastest);
    snprintf(range, sizeof range, "%s .. %s", slowest, fastest);
    goal_text(goal, sizeof goal, r);
    fprintf(out, "%-43s %8s %19s %9.2f  %s\n", r->title, rate, range, r->of_bare, goal);
}

void bench_print(const struct bench_report *r, FILE *out)
{
    fprintf(out, "%s, %" PRIu32 " orbits, %" PRIu64 " BX a pass, seed %" PRIu64 "\n", r->scenario, r->orbits,
            r->bx, r->seed);
    fprintf(out, "BX (network: muons) per second of processor time, median of %u rounds\n\n", r->rounds);
    fprintf(out, "%-43s %8s %19s %9s  %s\n", "", "per s", "slowest .. fastest", "of bare", "goal");
    for (unsigned i = 0; i < r->rows; i++)
        print_row(&r->row[i], out);
}

static json_t *row_json(const struct bench_result *r)
{
    json_t *row = json_pack("{s:s, s:s, s:b}", "name", r->key, "unit", r->unit, "available", r->here);
    if (!r->here)
        return row;
    json_object_set_new(row, "per_second", json_real(r->per_s));
    json_object_set_new(row, "slowest", json_real(r->slowest));
    json_object_set_new(row, "fastest", json_real(r->fastest));
    json_object_set_new(row, "of_bare", json_real(r->of_bare));
    json_object_set_new(row, "passes", json_integer(r->passes));
    if (r->goal.of_bare > 0)
        json_object_set_new(row, "goal_of_bare", json_real(r->goal.of_bare));
    if (r->goal.per_s > 0)
        json_object_set_new(row, "goal_per_second", json_real(r->goal.per_s));
    if (r->of_plain > 0)
        json_object_set_new(row, "of_plain_read", json_real(r->of_plain));
    if (r->goal.of_plain > 0)
        json_object_set_new(row, "goal_of_plain_read", json_real(r->goal.of_plain));
    if (r->goal.of_bare > 0 || r->goal.per_s > 0 || r->goal.of_plain > 0)
        json_object_set_new(row, "reached", json_boolean(bench_reached(r)));
    return row;
}

static json_t *report_json(const struct bench_report *r)
{
    json_t *rows = json_array();
    for (unsigned i = 0; i < r->rows; i++)
        json_array_append_new(rows, row_json(&r->row[i]));
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "scenario", r->scenario, "orbits",
                     (json_int_t)r->orbits, "seed", (json_int_t)r->seed, "bx", (json_int_t)r->bx, "rounds",
                     (json_int_t)r->rounds, "rows", rows);
}

int bench_write_json(const struct bench_report *r, const char *path, struct message *m)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return message_set(m, "%s: %s", path, strerror(errno));
    json_t *json = report_json(r);
    int failed = !json || json_dumpf(json, file, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) < 0 ||
                 fputc('\n', file) == EOF || fflush(file) != 0;
    int why = errno;
    json_decref(json);
    if (fclose(file) != 0 && !failed) {
        failed = 1;
        why = errno;
    }
    return failed ? message_set(m, "%s: %s", path, strerror(why)) : 0;
}

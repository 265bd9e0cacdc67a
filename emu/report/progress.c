#include "emu/report/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double TERMINAL_STEP_S = 0.2, PIPE_STEP_S = 10;

double progress_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(struct progress *p, FILE *out, uint64_t orbits)
{
    double now = progress_now();
    *p = (struct progress){.out = out, .orbits = orbits, .start_s = now, .last_s = now};
    p->terminal = out && isatty(fileno(out));
}

void progress_rate(double rate, char *text, size_t size)
{
    static const struct {
        double from;
        const char *unit;
    } units[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (rate >= units[i].from) {
            double v = rate / units[i].from;
            snprintf(text, size, "%.*f%s", v < 10 ? 2 : v < 100 ? 1 : 0, v, units[i].unit);
            return;
        }
    snprintf(text, size, "%.0f", rate);
}

static void time_left(double seconds, char *text, size_t size)
{
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s < 100)
        snprintf(text, size, "%lu s", s);
    else if (s < 6000)
        snprintf(text, size, "%lu min %02lu s", s / 60, s % 60);
    else
        snprintf(text, size, "%lu h %02lu min", s / 3600, s / 60 % 60);
}

void progress_update(struct progress *p, uint64_t orbits_done, uint64_t bx_done)
{
    if (!p->out)
        return;
    double now = progress_now(), spent = now - p->start_s;
    if (orbits_done > p->orbits) /* what is still in the board's FIFOs drains after the last orbit */
        orbits_done = p->orbits;
    if (now - p->last_s < (p->terminal ? TERMINAL_STEP_S : PIPE_STEP_S))
        return;
    char rate[32], left[32] = "?";
    progress_rate((double)bx_done / spent, rate, sizeof rate);
    if (orbits_done)
        time_left(spent / (double)orbits_done * (double)(p->orbits - orbits_done), left, sizeof left);
    fprintf(p->out, "%s%3.0f %%  orbit %" PRIu64 " of %" PRIu64 "  %s BX/s  %s left%s",
            p->terminal ? "\r" : "", p->orbits ? 100.0 * (double)orbits_done / (double)p->orbits : 100.0,
            orbits_done, p->orbits, rate, left, p->terminal ? "\033[K" : "\n");
    fflush(p->out);
    p->last_s = now;
    p->shown = true;
}

void progress_end(struct progress *p)
{
    if (p->out && p->terminal && p->shown) {
        fputs("\r\033[K", p->out);
        fflush(p->out);
    }
    p->shown = false;
}

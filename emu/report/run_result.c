#include "emu/report/run_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void run_result_init(struct run_result *r) { memset(r, 0, sizeof *r); }

void run_result_text(char *text, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(text, size, format, list);
    va_end(list);
}

/* From the lowest filled bin to the highest latency, in RESULT_BINS equal steps. Above LATENCY_EXACT cycles a
 * bin of `l` is wider than a cycle, so that its lower end may lie below the highest latency. */
static void histogram(struct latency_result *r, const struct latency *l, size_t first, size_t last)
{
    uint64_t low = latency_bin_cycles(first), high = latency_bin_cycles(last);
    uint64_t span = (high > r->summary.max_cycles ? high : r->summary.max_cycles) - low + 1;
    r->bin_first = low;
    r->bin_width = (span + RESULT_BINS - 1) / RESULT_BINS;
    for (size_t i = first; i <= last; i++)
        r->bin[(latency_bin_cycles(i) - low) / r->bin_width] += l->bin[i];
    r->bins = (uint32_t)((high - low) / r->bin_width + 1);
}

void run_result_latency(struct latency_result *r, const struct latency *l)
{
    size_t first = 0, last = LATENCY_BINS - 1;
    memset(r, 0, sizeof *r);
    r->summary = latency_summarise(l);
    if (!l->count)
        return;
    while (!l->bin[first])
        first++;
    while (!l->bin[last])
        last--;
    histogram(r, l, first, last);
}

void run_result_boundary(struct boundary_result *r, const struct boundary_watch *w)
{
    r->records = w->records;
    r->content_digest = boundary_watch_content(w);
    r->timing_digest = boundary_watch_timing(w);
    run_result_latency(&r->first_out, &w->first_out);
    run_result_latency(&r->last_out, &w->last_out);
}

struct check_result *run_result_check(struct run_result *r, const char *name)
{
    if (r->checks == RESULT_CHECKS)
        return NULL;
    struct check_result *check = &r->check[r->checks++];
    memset(check, 0, sizeof *check);
    run_result_text(check->name, sizeof check->name, "%s", name);
    return check;
}

bool run_result_reached(const struct run_result *r, const struct check_result *check)
{
    bool needs_the_end = !strcmp(check->name, "conservation");
    return check->passed || r->complete || (!needs_the_end && (check->compared || check->mismatches));
}

struct fifo_result *run_result_fifo(struct run_result *r, const char *name, uint32_t depth)
{
    if (r->fifos == RESULT_FIFOS)
        return NULL;
    struct fifo_result *fifo = &r->fifo[r->fifos++];
    *fifo = (struct fifo_result){.depth = depth};
    run_result_text(fifo->name, sizeof fifo->name, "%s", name);
    return fifo;
}

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"fail", "pass", "interrupted"};
    return names[v];
}

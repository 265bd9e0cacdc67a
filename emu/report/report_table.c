#include "emu/report/progress.h"
#include "emu/report/report.h"

#include <inttypes.h>
#include <string.h>

static const char *const RED = "\033[31;1m", *const GREEN = "\033[32;1m", *const PLAIN = "\033[0m";

enum { NUMBER_TEXT = 32 };

/* 1234567 as "1,234,567". */
static const char *grouped(uint64_t v, char text[NUMBER_TEXT])
{
    char *at = text + NUMBER_TEXT - 1;
    unsigned digits = 0;
    *at = 0;
    do {
        if (digits && digits % 3 == 0)
            *--at = ',';
        *--at = (char)('0' + v % 10);
        v /= 10;
        digits++;
    } while (v);
    return at;
}

#define N(v) grouped((v), (char[NUMBER_TEXT]){0})

/* Text at most `width` columns wide, broken at blanks. */
static void wrapped(const char *text, size_t width, FILE *out)
{
    while (strlen(text) > width) {
        size_t n = width;
        while (n && text[n] != ' ')
            n--;
        n = n ? n : width;
        fprintf(out, "%.*s\n", (int)n, text);
        text += n + (text[n] == ' ');
    }
    fprintf(out, "%s\n", text);
}

static void head(const struct scenario *s, const struct run_result *r, FILE *out)
{
    char rate[NUMBER_TEXT], network[SCENARIO_NAME_MAX];
    scenario_network_name(s, network);
    progress_rate(r->wall_s > 0 ? (double)r->bx_run / r->wall_s : 0, rate, sizeof rate);
    fprintf(out, "%s: %s orbits from orbit %" PRIu32 ", seed %" PRIu64 ", %s link words, %s network\n",
            s->name, N(s->run.orbits), s->run.first_orbit, s->run.seed,
            s->format == LINK_FORMAT_RUN3 ? "Run-3" : "2018",
            network);
    if (r->network_note[0])
        wrapped(r->network_note, 100, out);
    fprintf(out, "%s BX in %.1f s: %s BX/s (%s view, quantum %s)\n\n", N(r->bx_run), r->wall_s, rate, r->view,
            r->quantum);
}

static void boundary_row(const struct scenario *s, const struct run_result *r, unsigned b, FILE *out)
{
    const struct boundary_result *at = &r->boundary[b];
    const struct latency_summary *first = &at->first_out.summary, *last = &at->last_out.summary;
    fprintf(out, "%-14s%-9s%14s %-12s", boundary_info[b].name, engine_name((enum engine)s->engine[b]),
            N(at->records), boundary_info[b].record);
    if (first->count)
        fprintf(out, "%6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %8" PRIu64 " %10.1f %10.1f\n", first->min_cycles,
                first->p50_cycles, first->p99_cycles, first->max_cycles, first->p50_ns, last->max_ns);
    else
        fprintf(out, "%6s %6s %6s %8s %10s %10s\n", "-", "-", "-", "-", "-", "-");
}

static void boundaries(const struct scenario *s, const struct run_result *r, FILE *out)
{
    fprintf(out, "%-14s%-9s%14s %-12s%29s %10s %10s\n", "", "", "", "", "BX latency in cycles    ",
            "first out", "last out");
    fprintf(out, "%-14s%-9s%14s %-12s%6s %6s %6s %8s %10s %10s\n", "block", "engine", "records", "", "min",
            "p50", "p99", "max", "p50 ns", "max ns");
    for (unsigned b = 0; b < BLOCKS; b++)
        boundary_row(s, r, b, out);
    fputc('\n', out);
}

/* "cdc_rx lane 3" belongs to "cdc_rx": the lanes share one figure here, summary.json has each. */
static size_t family(const char *name)
{
    const char *lane = strstr(name, " lane ");
    return lane ? (size_t)(lane - name) : strlen(name);
}

static void fifos(const struct run_result *r, FILE *out)
{
    fputs("FIFO high water  ", out);
    for (uint32_t i = 0; i < r->fifos;) {
        const struct fifo_result *first = &r->fifo[i];
        size_t n = family(first->name);
        uint32_t most = 0;
        for (; i < r->fifos && family(r->fifo[i].name) == n && !strncmp(r->fifo[i].name, first->name, n); i++)
            most = r->fifo[i].high_water > most ? r->fifo[i].high_water : most;
        fprintf(out, "  %.*s %" PRIu32 "/%" PRIu32, (int)n, first->name, most, first->depth);
    }
    fputc('\n', out);
}

static bool stopped(const struct run_result *r)
{
    for (uint32_t i = 0; i < r->checks; i++)
        if (!run_result_reached(r, &r->check[i]))
            return true;
    return false;
}

static void content(const struct run_result *r, FILE *out)
{
    const struct conservation *c = &r->conservation;
    fprintf(out, "BX sent            %s = %s forwarded + %s suppressed + %s gap + %s before lock\n",
            N(c->sent), N(c->forwarded), N(c->suppressed), N(c->gap), N(c->before_lock));
    fprintf(out, "                   + %s dropped + %s lost to faults%s\n", N(c->dropped),
            N(c->lost_to_fault),
            c->exact     ? ": exact"
            : stopped(r) ? ""
                         : ": DOES NOT ADD UP");
    if (r->zero_suppression_factor > 0)
        fprintf(out, "zero suppression   1 BX of %.1f is kept\n", r->zero_suppression_factor);
    else
        fputs("zero suppression   no BX was kept\n", out);
}

static void inference(const struct run_result *r, FILE *out)
{
    const struct inference_result *i = &r->inference;
    char offered[NUMBER_TEXT], sustained[NUMBER_TEXT];
    progress_rate(i->offered_per_s, offered, sizeof offered);
    progress_rate(i->sustained_per_s, sustained, sizeof sustained);
    fprintf(out, "inference          %s muons offered (%s/s), %s inferred (%s/s), %s skipped\n",
            N(i->offered), offered, N(i->inferred), sustained, N(i->skipped));
    if (!i->judged)
        return;
    fputs("corrections        RMS ", out);
    fprintf(out, "phi %.3f -> %.3f rad, eta %.4f -> %.4f, pT %.1f -> %.1f %% (simple sample)\n",
            i->before[TRUTH_PHI], i->after[TRUTH_PHI], i->before[TRUTH_ETA], i->after[TRUTH_ETA],
            100 * i->before[TRUTH_PT], 100 * i->after[TRUTH_PT]);
}

static uint64_t over_lanes(const struct board_status *b, size_t offset)
{
    uint64_t sum = 0;
    for (unsigned l = 0; l < LANES; l++)
        sum += *(const uint32_t *)((const char *)&b->lane[l] + offset);
    return sum;
}

#define SUM(field) N(over_lanes(b, offsetof(struct lane_status, field)))

static void counters(const struct run_result *r, FILE *out)
{
    const struct board_status *b = &r->board;
    fprintf(out, "links              %s words, %s paddings, %s commas, %s K errors, ", SUM(words), SUM(pads),
            SUM(commas), SUM(k_errors));
    fprintf(out, "CRC %s good %s bad, %s lock losses\n", SUM(crc_ok), SUM(crc_bad), SUM(lock_losses));
    fprintf(out, "board              %s losses of alignment, %s deskew overflows, %s BX number mismatches\n",
            N(b->align_losses), N(b->align_overflows), N(b->mismatches));
    fprintf(out, "event_pack         %s packets, %s orbits, dropped %s orbits and %s BX\n",
            N(b->pack_packets), N(b->pack_orbits), N(b->pack_dropped_orbits), N(b->pack_dropped_bx));
}

static void host(const struct run_result *r, FILE *out)
{
    const struct host_result *h = &r->host;
    fprintf(out, "host               %s muons in %s BX, %s bytes, %s errors: %s%s\n", N(h->muons), N(h->bx),
            N(h->bytes), N(h->errors), h->file[0] ? h->file : "no file",
            h->files > 1 ? " and further files" : "");
    if (h->bytes)
        fprintf(out, "%-18s %.1f times smaller than the BX blocks, %.1f MB/s; %.1f times smaller on disk\n", "",
                h->software_factor, h->bytes_per_s / 1e6, h->compression_factor);
    fputc('\n', out);
}

static void check_line(const char *name, bool passed, uint64_t compared, FILE *out, bool colour)
{
    fprintf(out, "%s%s%s  %-28s %17s compared", colour ? (passed ? GREEN : RED) : "",
            passed ? "ok  " : "FAIL", colour ? PLAIN : "", name, N(compared));
}

static void not_reached(const struct run_result *r, FILE *out)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < r->checks; i++)
        n += !run_result_reached(r, &r->check[i]);
    if (n)
        fprintf(out, "-     %u more check%s: the run was stopped before\n", n, n == 1 ? "" : "s");
}

static void one_check(const struct run_result *r, const struct check_result *c, FILE *out, bool colour)
{
    bool told = !strcmp(c->text, r->first_mismatch); /* it has a line of its own below */
    check_line(c->name, c->passed, c->compared, out, colour);
    if (c->mismatches && c->compared)
        fprintf(out, ", %s differ%s", N(c->mismatches), c->mismatches == 1 ? "s" : "");
    fprintf(out, "%s%s\n", c->text[0] && !told ? ": " : "", told ? "" : c->text);
}

/* Checks of one kind stand in one line when all of them passed: "lock-step" of nine blocks. */
static uint32_t like_checks(const struct run_result *r, uint32_t from, bool *passed, uint64_t *compared)
{
    size_t kind = strcspn(r->check[from].name, " ");
    uint32_t i = from;
    *passed = true;
    *compared = 0;
    for (; i < r->checks && !strncmp(r->check[i].name, r->check[from].name, kind + 1); i++) {
        *passed = *passed && r->check[i].passed;
        *compared += r->check[i].compared;
    }
    return i - from;
}

static void checks(const struct run_result *r, FILE *out, bool colour)
{
    for (uint32_t i = 0; i < r->checks;) {
        char name[RESULT_NAME + 32];
        bool passed;
        uint64_t compared;
        uint32_t n = like_checks(r, i, &passed, &compared);
        if (passed && n > 2) {
            snprintf(name, sizeof name, "%.*s of %" PRIu32 " blocks", (int)strcspn(r->check[i].name, " "),
                     r->check[i].name, n);
            check_line(name, true, compared, out, colour);
            fputc('\n', out);
            i += n;
        } else {
            if (run_result_reached(r, &r->check[i]))
                one_check(r, &r->check[i], out, colour);
            i++;
        }
    }
    not_reached(r, out);
}

static void verdict(const struct run_result *r, FILE *out, bool colour)
{
    const char *tone = r->verdict == VERDICT_PASS ? GREEN : RED;
    if (r->first_mismatch[0])
        fprintf(out, "first mismatch: %s\n", r->first_mismatch);
    if (r->verdict != VERDICT_PASS && r->reproduce[0])
        fprintf(out, "see it again:   %s\n", r->reproduce);
    fprintf(out, "\nverdict: %s%s%s", colour ? tone : "", verdict_name(r->verdict), colour ? PLAIN : "");
    if (r->reason[0])
        fprintf(out, ": %s; %s records compared\n", r->reason, N(r->records_compared));
    else
        fprintf(out, ", %s records compared, %s mismatches\n", N(r->records_compared), N(r->mismatches));
}

void report_table(const struct scenario *s, const struct run_result *r, FILE *out, bool colour)
{
    head(s, r, out);
    boundaries(s, r, out);
    fifos(r, out);
    content(r, out);
    inference(r, out);
    counters(r, out);
    host(r, out);
    checks(r, out, colour);
    verdict(r, out, colour);
}

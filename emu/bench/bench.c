#include "emu/bench/bench.h"

#include "emu/bench/ways.h"
#include "emu/cosim/board_rtl.h"
#include "golden/formats/crc32.h"

#include <stdlib.h>
#include <string.h>

struct bench {
    struct stimulus stimulus;
    struct board_rtl *board;
    struct scenario *scenario; /* the engines of the present row */
};

typedef int bench_way(struct bench *b, struct pass *p, struct message *m);

/* ---- ways as rows of the table ---- */

static int bare(struct bench *b, struct pass *p, struct message *m)
{
    return board_pass_bare(&b->stimulus, b->board, p, m);
}

static int systemc(struct bench *b, struct pass *p, struct message *m)
{
    return board_pass_systemc(&b->stimulus, b->board, p, m);
}

static int chain(struct bench *b, enum engine all, enum engine network, const struct chain_way *way,
                 struct pass *p, struct message *m)
{
    *b->scenario = *b->stimulus.scenario;
    for (int block = 0; block < BLOCKS; block++)
        b->scenario->engine[block] = (uint8_t)(block == BLOCK_RECAL ? network : all);
    return chain_pass(&b->stimulus, b->scenario, way, p, NULL, m);
}

static const struct chain_way watched = {VIEW_FAST, true};
static const struct chain_way alone = {VIEW_FAST, false};
static const struct chain_way pins = {VIEW_PINS, false};

static int lockstep(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_LOCKSTEP, ENGINE_LOCKSTEP, &watched, p, m);
}

static int lockstep_model(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_LOCKSTEP, ENGINE_MODEL, &watched, p, m);
}

static int rtl(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_RTL, ENGINE_RTL, &watched, p, m);
}

static int models(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_MODEL, ENGINE_MODEL, &watched, p, m);
}

static int models_alone(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_MODEL, ENGINE_MODEL, &alone, p, m);
}

static int pin_view(struct bench *b, struct pass *p, struct message *m)
{
    return chain(b, ENGINE_MODEL, ENGINE_MODEL, &pins, p, m);
}

static int aligned(struct bench *b, struct pass *p, struct message *m)
{
    return golden_pass_aligned(&b->stimulus, p, m);
}

static int lines_table(struct bench *b, struct pass *p, struct message *m)
{
    return golden_pass_lines(&b->stimulus, true, p, m);
}

static int lines_clmul(struct bench *b, struct pass *p, struct message *m)
{
    return golden_pass_lines(&b->stimulus, false, p, m);
}

static int network(struct bench *b, struct pass *p, struct message *m)
{
    return golden_pass_network(&b->stimulus, p, m);
}

static int dma_to_host(struct bench *b, struct pass *p, struct message *m)
{
    return file_pass_host(&b->stimulus, p, m);
}

static int frd(struct bench *b, struct pass *p, struct message *m)
{
    return file_pass_frd(&b->stimulus, p, m);
}

static int text(struct bench *b, struct pass *p, struct message *m)
{
    return file_pass_text(&b->stimulus, p, m);
}

static int always(void)
{
    return 1;
}

/* The first row is the one that others are held against. */
static const struct row {
    const char *key, *title, *unit;
    bench_way *way;
    struct bench_goal goal;
    int (*here)(void);
} rows[] = {
    {"board_bare", "Verilated board, bare", "BX", bare, {0, 0, 0}, always},
    {"board_systemc", "  inside SystemC, one process a BX", "BX", systemc, {.of_bare = 0.9}, always},
    {"lockstep", "all blocks in lock-step, golden on", "BX", lockstep, {0.8, 5e6 / 60, 0}, always},
    {"lockstep_recal_model", "  the network as C model", "BX", lockstep_model, {.of_bare = 0.4}, always},
    {"rtl", "all blocks as RTL, golden on", "BX", rtl, {0, 0, 0}, always},
    {"model", "all blocks as C models, golden on", "BX", models, {0, 0, 0}, always},
    {"model_alone", "  nobody watches", "BX", models_alone, {0, 0, 0}, always},
    {"pins", "  nobody watches, SystemC pin view", "BX", pin_view, {0, 0, 0}, always},
    {"golden_aligned", "golden, aligned blocks to keep bits", "BX", aligned, {.per_s = 40e6}, always},
    {"golden_lines_table", "golden, line words to keep bits, table CRC", "BX", lines_table, {.per_s = 4e6},
     always},
    {"golden_lines_clmul", "  carry-less multiply", "BX", lines_clmul, {.per_s = 12e6}, crc32_has_clmul},
    {"golden_network", "golden, muons through the network", "muons", network, {0, 0, 0}, always},
    {"file_dma_host", "files, DMA stream zero-suppressed to host8", "BX", dma_to_host,
     {.per_s = 5e6, .of_plain = 0.5}, always},
    {"file_frd", "  FRD read and checked", "BX", frd, {.of_plain = 0.5}, always},
    {"file_mp7", "  MP7 rows read and written, bytes", "bytes", text, {.per_s = 300e6}, always},
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(sizeof rows / sizeof *rows <= BENCH_MAX_ROWS, "a report has room for all rows");

/* ---- rounds ---- */

/* Passes of one row until they have taken long enough. */
static int measure(struct bench *b, const struct row *row, double seconds, unsigned *passes, double *per_s,
                   double *of_plain, struct message *m)
{
    struct pass sum = {0, 0, 0}, p;
    do {
        p.plain_seconds = 0;
        if (row->way(b, &p, m) < 0)
            return -1;
        sum.seconds += p.seconds;
        sum.count += p.count;
        sum.plain_seconds += p.plain_seconds;
        ++*passes;
    } while (sum.seconds < seconds);
    *per_s = (double)sum.count / sum.seconds;
    *of_plain = sum.plain_seconds / sum.seconds;
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, ascending);
    return n & 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

typedef double rates[BENCH_MAX_ROUNDS];

static void summarise(struct bench_report *r, rates *per_s, rates *of_plain)
{
    for (unsigned i = ROWS; i-- > 0;) { /* the first row last: sorting loses which round was which */
        struct bench_result *result = &r->row[i];
        rates ratio;
        if (!result->here)
            continue;
        for (unsigned round = 0; round < r->rounds; round++)
            ratio[round] = per_s[i][round] / per_s[0][round];
        result->of_bare = median(ratio, r->rounds);
        result->of_plain = median(of_plain[i], r->rounds);
        result->per_s = median(per_s[i], r->rounds);
        result->slowest = per_s[i][0];
        result->fastest = per_s[i][r->rounds - 1];
    }
}

static enum bench_end all_rounds(struct bench *b, const struct bench_setup *setup, struct bench_report *r,
                                 struct message *m)
{
    const double slice = setup->seconds / setup->rounds;
    rates per_s[ROWS], of_plain[ROWS];
    for (unsigned round = 0; round < setup->rounds; round++)
        for (unsigned i = 0; i < ROWS; i++) {
            struct bench_result *result = &r->row[i];
            struct message why;
            if (!result->here)
                continue;
            if (setup->progress)
                setup->progress(setup->ctx, result->title, round);
            if (measure(b, &rows[i], slice, &result->passes, &per_s[i][round], &of_plain[i][round], &why) <
                0) {
                message_set(m, "%s: %s", result->key, why.text);
                return BENCH_WRONG_RESULT;
            }
        }
    summarise(r, per_s, of_plain);
    return BENCH_DONE;
}

static void begin_report(const struct bench *b, const struct bench_setup *setup, struct bench_report *r)
{
    const struct scenario *s = b->stimulus.scenario;
    *r = (struct bench_report){.orbits = s->run.orbits,
                               .seed = s->run.seed,
                               .bx = b->stimulus.board_cycles / FRAMES,
                               .rounds = setup->rounds,
                               .rows = ROWS};
    snprintf(r->scenario, sizeof r->scenario, "%s", s->name);
    for (unsigned i = 0; i < ROWS; i++)
        r->row[i] = (struct bench_result){.key = rows[i].key,
                                          .title = rows[i].title,
                                          .unit = rows[i].unit,
                                          .goal = rows[i].goal,
                                          .here = rows[i].here()};
}

static enum bench_end run_opened(struct bench *b, const struct bench_setup *setup, struct bench_report *r,
                                 struct message *m)
{
    b->scenario = malloc(sizeof *b->scenario);
    if (!b->scenario) {
        message_set(m, "out of memory");
        return BENCH_BAD_INPUT;
    }
    begin_report(b, setup, r);
    enum bench_end end = all_rounds(b, setup, r, m);
    free(b->scenario);
    return end;
}

enum bench_end bench_run(const struct bench_setup *setup, struct bench_report *r, struct message *m)
{
    struct bench b = {.board = NULL};
    enum bench_end end = BENCH_BAD_INPUT;
    if (stimulus_make(&b.stimulus, setup->orbits, setup->seed, setup->note, setup->ctx, m) == 0 &&
        board_pass_open(&b.stimulus, &b.board, m) == 0)
        end = run_opened(&b, setup, r, m);
    board_rtl_close(b.board);
    stimulus_release(&b.stimulus);
    return end;
}

bool bench_reached(const struct bench_result *r)
{
    return r->of_bare >= r->goal.of_bare && r->per_s >= r->goal.per_s && r->of_plain >= r->goal.of_plain;
}

#include "emu/bench/ways.h"
#include "emu/cosim/board_rtl.h"
#include "emu/systemc/quantum.h"

#include <string.h>
#include <time.h>

double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct playing {
    const struct stimulus *s;
    struct board_rtl *board;
    size_t instant, row;
    struct line_bus line;
    struct board_bus bus;
    struct host_bus host;
};

/* Instants up to and with the next `board_edges` edges of the board's clock. False after the last instant. */
static bool play(struct playing *p, uint64_t board_edges)
{
    const struct stimulus *s = p->s;
    struct bus_view now = {.line = &p->line, .board = &p->bus, .host = &p->host};
    while (board_edges && p->instant < s->instants) {
        unsigned instant = s->instant[p->instant++], ticking = instant & ((1u << DOMAINS) - 1);
        now.stop = (instant & INSTANT_STOP) != 0;
        now.bus_ready = (instant & INSTANT_BUS_READY) != 0;
        if (ticking & 1u << DOMAIN_LINE)
            now.in = &s->row[p->row++];
        board_rtl_edge(p->board, ticking, &now, 0, &p->line, &p->bus, &p->host);
        board_edges -= ticking >> DOMAIN_BOARD & 1;
    }
    return p->instant < s->instants;
}

static bool play_bx(void *ctx)
{
    return play(ctx, FRAMES);
}

int board_pass_open(const struct stimulus *s, struct board_rtl **board, struct message *m)
{
    *board = board_rtl_open(s->boards.board_so, &s->board, s->scenario->run.seed, m->text, sizeof m->text);
    return *board ? 0 : -1;
}

/* The C models saw the same rows but for idle ones at the end. */
static int check_counters(const struct stimulus *s, struct board_rtl *board, struct message *m)
{
    struct board_status status;
    board_rtl_status(board, &status);
    for (int l = 0; l < LANES; l++)
        status.lane[l].pads = s->end.lane[l].pads;
    if (memcmp(&status, &s->end, sizeof status) == 0)
        return 0;
    return message_set(m, "the board alone ends with other counters than the C models (%u orbits, they %u)",
                       status.pack_orbits, s->end.pack_orbits);
}

int board_pass_bare(const struct stimulus *s, struct board_rtl *board, struct pass *p, struct message *m)
{
    struct playing playing = {.s = s, .board = board};
    board_rtl_reset(board);
    double start = processor_seconds();
    play(&playing, UINT64_MAX);
    *p = (struct pass){processor_seconds() - start, s->board_cycles / FRAMES, 0};
    return check_counters(s, board, m);
}

int board_pass_systemc(const struct stimulus *s, struct board_rtl *board, struct pass *p, struct message *m)
{
    struct playing playing = {.s = s, .board = board};
    board_rtl_reset(board);
    double start = processor_seconds();
    if (quantum_run(FRAMES, s->scenario->clocks.board_hz, play_bx, &playing) < 0)
        return message_set(m, "SystemC failed");
    *p = (struct pass){processor_seconds() - start, s->board_cycles / FRAMES, 0};
    return check_counters(s, board, m);
}

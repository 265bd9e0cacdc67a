/* open_board BOARD.so: opens a board of 3 engines and 2 stages; runs it for some edges; prints why not and
 * exits with 1 if it does not open, or gives up. */
#include "emu/cosim/board_rtl.h"

#include <stdio.h>

enum { EDGES = 20 };

static int run(struct board_rtl *board)
{
    struct line_in in = {{0}, {0}};
    struct line_bus line;
    struct board_bus boards;
    struct host_bus host;
    const struct bus_view now = {&in, &line, &boards, &host, 0, 1};
    board_rtl_reset(board);
    for (unsigned i = 0; i < EDGES; i++)
        board_rtl_edge(board, (1u << DOMAINS) - 1, &now, 0, &line, &boards, &host);
    const char *fault = board_rtl_fault(board);
    if (fault)
        printf("%s\n", fault);
    return fault != NULL;
}

int main(int argc, char **argv)
{
    char error[512];
    const struct board_cfg cfg = {.engines = 3, .sync_stages = 2};
    if (argc != 2)
        return 2;
    struct board_rtl *board = board_rtl_open(argv[1], &cfg, 1, error, sizeof error);
    if (!board) {
        printf("%s\n", error);
        return 1;
    }
    int failed = run(board);
    board_rtl_close(board);
    return failed;
}

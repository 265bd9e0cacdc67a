/* open_board BOARD.so: opens a board of 3 engines and 2 stages; prints why not and exits with 1 if it does not open. */
#include "emu/cosim/board_rtl.h"

#include <stdio.h>

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
    board_rtl_close(board);
    return 0;
}

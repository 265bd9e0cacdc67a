#include "emu/cli/command.h"
#include "emu/scenario/scenario.h"

#include <argp.h>

int cmd_keys(int argc, char **argv)
{
    static const struct argp argp = {
        .doc = "Print what docs/scenario.md says of every scenario key: range, default, unit, meaning."
               "\vExample:\n  bxact keys | grep dma"};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    scenario_print_reference(stdout);
    return EXIT_HELD;
}

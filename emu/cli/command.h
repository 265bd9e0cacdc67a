/* Adding a command: one file cmd_<name>.c with `int cmd_<name>(int argc, char **argv)`, one row in commands[]
 * (main.c), one line in the script ./bxact, one test in tests/cli. argv[0] is "bxact <name>", for messages.
 */
#ifndef EMU_CLI_COMMAND_H
#define EMU_CLI_COMMAND_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the program returns to the shell. argp exits with EXIT_USAGE by itself when options are wrong. */
enum exit_code {
    EXIT_HELD = 0,     /* all held */
    EXIT_FAILED = 1,   /* a check failed, or the run was interrupted */
    EXIT_USAGE = 2,    /* wrong usage, bad input, nowhere to write */
    EXIT_INTERNAL = 3, /* our fault */
};

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

extern const struct command commands[]; /* ends with name = NULL */

int cmd_run(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_net(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_show(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif

/* The program behind ./bxact. */
#include "emu/cli/command.h"
#include "emu/scenario/suggest.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *argp_program_version = "bxact " BXACT_VERSION;

const struct command commands[] = {
    {"run", cmd_run, "run a scenario and check every bit and cycle"},
    {"bench", cmd_bench, "measure how many BX per second each part works through"},
    {"convert", cmd_convert, "turn a file into another format"},
    {"compare", cmd_compare, "compare two files BX by BX"},
    {"show", cmd_show, "show what is in a file, in physical units"},
    {"net", cmd_net, "inspect, evaluate and quantise a network, or write its kernel"},
    {"keys", cmd_keys, "list all keys of scenario files"},
    {NULL, NULL, NULL},
};

static void help(FILE *out)
{
    fputs("usage: bxact COMMAND [OPTION...]\n\n", out);
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-7s %s\n", c->name, c->summary);
    fputs("\n`bxact COMMAND --help` describes a command.\n", out);
}

static int unknown(const char *name)
{
    const char *near = NULL;
    for (const struct command *c = commands; c->name; c++)
        if (suggest_distance(c->name, name) <= 2)
            near = c->name;
    fprintf(stderr, "bxact: %s: unknown command", name);
    if (near)
        fprintf(stderr, " (did you mean %s?)\n", near);
    else
        fputs(" (`bxact help` lists them)\n", stderr);
    return EXIT_USAGE;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    char name[32];
    snprintf(name, sizeof name, "bxact %s", c->name);
    argv[0] = name;
    return c->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h")) {
        help(stdout);
        return EXIT_HELD;
    }
    if (!strcmp(name, "--version")) {
        puts(argp_program_version);
        return EXIT_HELD;
    }
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, name))
            return run_command(c, argc - 1, argv + 1);
    return unknown(name);
}

int main(int argc, char **argv)
{
    argp_err_exit_status = EXIT_USAGE;
    int code = dispatch(argc, argv);
    if (fflush(stdout) == EOF || ferror(stdout)) { /* a full disk behind a redirection */
        fprintf(stderr, "bxact: standard output: %s\n", strerror(errno));
        return EXIT_USAGE;
    }
    return code;
}

/* Runs the built bxact as a user does, and reads what it leaves behind. */
#ifndef TESTS_E2E_PROGRAM_H
#define TESTS_E2E_PROGRAM_H

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_ARGUMENTS = 48, PROGRAM_PATH = 256 };

struct outcome {
    int code;               /* exit code; 128 + signal when one ended it; -1: it could not be started */
    char out[PROGRAM_PATH]; /* folder of the results, and log.txt with all that was printed */
    json_t *summary;        /* NULL when there is none */
    long peak_kb;           /* highest resident set */
};

/* What happens to the program before and while it runs. */
struct program_limits {
    const char *interrupt_at; /* Ctrl-C once this file of the results has content; NULL: never */
    uint64_t file_bytes;      /* RLIMIT_FSIZE; 0: none */
};

/* A folder for results; call program_end() when done. Returns 0, or -1. */
int program_begin(void);
void program_end(void);

/* `bxact run` with these arguments (the last one NULL), --out and --quiet. */
struct outcome program_run(const char *const arguments[]);
struct outcome program_run_within(const char *const arguments[], const struct program_limits *limits);
void outcome_release(struct outcome *o);

/* "run.cycles.board" and the like; wrong kinds and missing keys are failed tests. */
const char *outcome_text(const struct outcome *o, const char *path);
int64_t outcome_number(const struct outcome *o, const char *path);
double outcome_real(const struct outcome *o, const char *path);
bool outcome_bool(const struct outcome *o, const char *path);

/* Element of an array by its key "name": boundaries, checks. NULL when there is none. */
const json_t *outcome_named(const struct outcome *o, const char *array, const char *name);

/* Exit 0, verdict pass, something compared. Prints the reason when not. */
bool outcome_passed(const struct outcome *o);

/* What was printed holds this text. */
bool outcome_said(const struct outcome *o, const char *text);

#endif

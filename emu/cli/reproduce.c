#include "emu/cli/reproduce.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line {
    char *text;
    size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (l->length < l->size)
        l->length += (size_t)vsnprintf(l->text + l->length, l->size - l->length, format, list);
    va_end(list);
}

static bool plain(const char *text)
{
    return text[0] &&
           !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:=,@%")];
}

/* A word for the shell: in single quotes unless it is plain. */
static void add_word(struct line *l, const char *text)
{
    if (plain(text)) {
        add(l, " %s", text);
        return;
    }
    add(l, " '");
    for (; *text; text++) {
        if (*text == '\'')
            add(l, "'\\''");
        else
            add(l, "%c", *text);
    }
    add(l, "'");
}

static bool is_output(const char *key) { return !strncmp(key, "output.", strlen("output.")); }

void reproduce(const struct scenario *s, const struct run_options *o, char *text, size_t size)
{
    struct line l = {text, size, 0};
    char seed[32], pair[SCENARIO_PATH_MAX];
    add(&l, "./bxact run");
    add_word(&l, o->scenario);
    for (size_t i = 0; i < o->sets; i++) {
        const struct scenario_setting *set = &o->set[i];
        if (is_output(set->key) || !strcmp(set->key, "run.seed"))
            continue;
        snprintf(pair, sizeof pair, "%s=%s", set->key, set->value);
        add(&l, " --set");
        add_word(&l, pair);
    }
    snprintf(seed, sizeof seed, " --seed %" PRIu64, s->run.seed);
    add(&l, "%s", seed);
    if (o->view == VIEW_PINS)
        add(&l, " --view pins");
    if (o->rtl) {
        add(&l, " --rtl");
        add_word(&l, o->rtl);
    }
}

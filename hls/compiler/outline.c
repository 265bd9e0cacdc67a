#include "hls/compiler/outline.h"

#include "hls/compiler/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A port or register of the module. */
struct signal {
    char *name, *range, *initial; /* "[7:0] " or "", a constant or NULL */
    size_t block;                 /* 1 + the block that assigns it; 0: none */
};

struct block {
    char *label, *text;
};

struct outline {
    const char *name;
    struct signal *signal;
    size_t signals;
    struct block *block;
    size_t blocks;
};

/* --- lines --- */

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

static char *copy(const char *from, size_t n)
{
    return hls_text("%.*s", (int)n, from);
}

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    return n;
}

static const char block_head[] = "    always @(posedge clk_i) begin : ";

static const char *end_of_block(const char *line)
{
    while (*line && !begins(line, "    end\n"))
        line = next_line(line);
    return next_line(line);
}

/* --- signals --- */

/* After `input wire `, `output reg ` or `reg `: a range, a name, a first value. */
static void add_signal(struct outline *o, const char *at)
{
    size_t range = *at == '[' ? strcspn(at, " ") + 1 : 0, n = word_length(at + range);
    const char *rest = at + range + n;
    struct signal s = {copy(at + range, n), copy(at, range), NULL, 0};
    if (begins(rest, " = "))
        s.initial = copy(rest + 3, strcspn(rest + 3, ";"));
    o->signal = hls_resize(o->signal, o->signals + 1, sizeof *o->signal);
    o->signal[o->signals++] = s;
}

static const char *const declarations[] = {"    input wire ", "    output reg ", "    output wire ",
                                           "    reg ", "    wire "};

static void find_signal(struct outline *o, const char *line)
{
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
        if (begins(line, declarations[i]))
            add_signal(o, line + strlen(declarations[i]));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct signal *)a)->name, ((const struct signal *)b)->name);
}

static struct signal *signal_at(const struct outline *o, const char *at)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)word_length(at), at);
    const struct signal key = {.name = name};
    return bsearch(&key, o->signal, o->signals, sizeof key, by_name);
}

/* --- blocks --- */

static void add_block(struct outline *o, const char *line)
{
    const char *label = line + strlen(block_head);
    o->block = hls_resize(o->block, o->blocks + 1, sizeof *o->block);
    o->block[o->blocks++] =
        (struct block){copy(label, word_length(label)), copy(line, (size_t)(end_of_block(line) - line))};
}

static void read_module(struct outline *o, const char *flat)
{
    for (const char *line = flat; *line;)
        if (begins(line, block_head)) {
            add_block(o, line);
            line = end_of_block(line);
        } else {
            find_signal(o, line);
            line = next_line(line);
        }
    qsort(o->signal, o->signals, sizeof *o->signal, by_name);
}

/* A register is assigned in one block, at the beginning of a line. */
static void find_assigned(struct outline *o, size_t block)
{
    for (const char *line = o->block[block].text; *line; line = next_line(line)) {
        const char *at = line + strspn(line, " ");
        struct signal *s = begins(at + word_length(at), " <= ") ? signal_at(o, at) : NULL;
        if (s)
            s->block = block + 1;
    }
}

/* uses[i]: the block names signal i. */
static void find_uses(const struct outline *o, const struct block *b, bool *uses)
{
    memset(uses, 0, o->signals * sizeof *uses);
    for (const char *at = b->text; *at; at++) {
        size_t n = word_length(at);
        const struct signal *s = n && !isdigit((unsigned char)*at) ? signal_at(o, at) : NULL;
        if (s)
            uses[s - o->signal] = true;
        at += n ? n - 1 : *at == '\''; /* what follows ' is a number's base */
    }
}

/* --- writing --- */

static void put_stage(const struct outline *o, size_t block, FILE *to)
{
    bool *uses = hls_allocate(o->signals, sizeof *uses);
    find_uses(o, &o->block[block], uses);
    fprintf(to, "\nmodule %s_%s (\n    input wire clk_i", o->name, o->block[block].label);
    for (size_t i = 0; i < o->signals; i++)
        if (uses[i] && strcmp(o->signal[i].name, "clk_i"))
            fprintf(to, ",\n    %s %s%s", o->signal[i].block == block + 1 ? "output reg" : "input wire",
                    o->signal[i].range, o->signal[i].name);
    fputs("\n);\n", to);
    for (size_t i = 0; i < o->signals; i++)
        if (o->signal[i].block == block + 1 && o->signal[i].initial)
            fprintf(to, "    initial %s = %s;\n", o->signal[i].name, o->signal[i].initial);
    fprintf(to, "%sendmodule\n", o->block[block].text);
    free(uses);
}

static void put_instance(const struct outline *o, size_t block, FILE *to)
{
    bool *uses = hls_allocate(o->signals, sizeof *uses);
    find_uses(o, &o->block[block], uses);
    fprintf(to, "    %s_%s %s (.clk_i(clk_i)", o->name, o->block[block].label, o->block[block].label);
    for (size_t i = 0; i < o->signals; i++)
        if (uses[i] && strcmp(o->signal[i].name, "clk_i"))
            fprintf(to, ",\n        .%s(%s)", o->signal[i].name, o->signal[i].name);
    fputs(");\n", to);
    free(uses);
}

/* What a stage assigns is a wire of the top. */
static void put_top_line(const struct outline *o, const char *line, FILE *to)
{
    const char *reg = begins(line, "    reg ")          ? line + 4
                      : begins(line, "    output reg ") ? line + 11
                                                        : NULL;
    const char *at = reg ? reg + 4 : line;
    size_t range = reg && *at == '[' ? strcspn(at, " ") + 1 : 0;
    const struct signal *s = reg ? signal_at(o, at + range) : NULL;
    if (!s || !s->block) {
        fwrite(line, 1, (size_t)(next_line(line) - line), to);
        return;
    }
    const char *rest = at + range + strlen(s->name);
    rest += s->initial ? strlen(s->initial) + 3 : 0;
    fprintf(to, "%.*swire %s%s%.*s", (int)(reg - line), line, s->range, s->name,
            (int)(next_line(line) - rest), rest);
}

static void put_all(const struct outline *o, const char *flat, FILE *to)
{
    for (const char *line = flat; *line;) {
        if (begins(line, block_head)) {
            line = end_of_block(line);
            continue;
        }
        if (begins(line, "module "))
            fputs("// DECLFILENAME: the modules of the stages follow in this file.\n"
                  "/* verilator lint_off DECLFILENAME */\n",
                  to);
        for (size_t i = 0; i < o->blocks && begins(line, "endmodule"); i++)
            put_instance(o, i, to);
        put_top_line(o, line, to);
        for (size_t i = 0; i < o->blocks && begins(line, "endmodule"); i++)
            put_stage(o, i, to);
        line = next_line(line);
    }
    fputs("/* verilator lint_on DECLFILENAME */\n", to);
}

static void release(struct outline *o)
{
    for (size_t i = 0; i < o->signals; i++) {
        free(o->signal[i].name);
        free(o->signal[i].range);
        free(o->signal[i].initial);
    }
    for (size_t i = 0; i < o->blocks; i++) {
        free(o->block[i].label);
        free(o->block[i].text);
    }
    free(o->signal);
    free(o->block);
}

void hls_outline(const char *flat, const char *name, FILE *to)
{
    struct outline o = {.name = name};
    read_module(&o, flat);
    for (size_t i = 0; i < o.blocks; i++)
        find_assigned(&o, i);
    put_all(&o, flat, to);
    release(&o);
}

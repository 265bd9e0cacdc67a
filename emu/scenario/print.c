/* Writing scenarios, and their reference, from the table of keys. */
#include "emu/scenario/field.h"
#include "emu/scenario/scenario.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static void print_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (iscntrl(c))
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void print_ints(const struct key *key, const void *base, FILE *out)
{
    uint32_t n = field_count(key, base);
    fputc('[', out);
    for (uint32_t i = 0; i < n; i++)
        fprintf(out, "%s%" PRIu64, i ? ", " : "", field_fetch(key, base, i));
    fputc(']', out);
}

static void print_lanes(const struct key *key, const void *base, FILE *out)
{
    uint64_t lanes = field_fetch(key, base, 0);
    const char *before = "";
    fputc('[', out);
    for (unsigned lane = 0; lane < LANES; lane++)
        if (lanes >> lane & 1) {
            fprintf(out, "%s%u", before, lane);
            before = ", ";
        }
    fputc(']', out);
}

static void print_value(const struct key *key, const void *base, FILE *out);

static void print_groups(const struct key *key, const void *base, FILE *out)
{
    uint32_t n = field_count(key, base);
    fputc('(', out);
    for (uint32_t i = 0; i < n; i++) {
        const char *element = (const char *)base + key->offset + i * key->size;
        fprintf(out, "%s\n        {", i ? "," : "");
        for (const struct key *sub = key->sub; sub->path; sub++) {
            fprintf(out, " %s = ", sub->path);
            print_value(sub, element, out);
            fputc(';', out);
        }
        fputs(" }", out);
    }
    fputc(')', out);
}

static void print_value(const struct key *key, const void *base, FILE *out)
{
    const char *at = (const char *)base + key->offset;
    switch (key->kind) {
    case KEY_INT: fprintf(out, "%" PRIu64, field_fetch(key, base, 0)); return;
    case KEY_WORD: fprintf(out, "\"%s\"", key->words[field_fetch(key, base, 0)]); return;
    case KEY_BOOL: fputs(*(const bool *)at ? "true" : "false", out); return;
    case KEY_TEXT:
    case KEY_WORD_OR_FILE:
    case KEY_FILE: print_text(at, out); return;
    case KEY_INTS: print_ints(key, base, out); return;
    case KEY_LANES: print_lanes(key, base, out); return;
    case KEY_GROUPS: print_groups(key, base, out); return;
    }
}

/* How many dotted groups two paths share: "a.b.c" and "a.b.d" share 2. */
static unsigned shared_groups(const char *a, const char *b)
{
    unsigned groups = 0;
    for (; *a && *a == *b; a++, b++)
        groups += *a == '.';
    return groups;
}

static unsigned groups_of(const char *path) { return shared_groups(path, path); }

static void indent(unsigned depth, FILE *out) { fprintf(out, "%*s", (int)(4 * depth), ""); }

static void close_groups(unsigned from, unsigned to, FILE *out)
{
    while (from > to) {
        indent(--from, out);
        fputs("};\n", out);
    }
}

/* Opens the groups of `path` after the first `depth`, and returns the key's own name. */
static const char *open_groups(const char *path, unsigned depth, FILE *out)
{
    for (unsigned i = 0; i < depth; i++)
        path = strchr(path, '.') + 1;
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
        indent(depth++, out);
        fprintf(out, "%.*s : {\n", (int)(dot - path), path);
    }
    return path;
}

void scenario_print(const struct scenario *s, FILE *out)
{
    const char *last = "";
    fprintf(out, "# The scenario %s with all defaults filled in.\n", s->name);
    for (const struct key *key = scenario_keys; key->path; last = key->path, key++) {
        unsigned shared = shared_groups(last, key->path);
        close_groups(groups_of(last), shared, out);
        const char *name = open_groups(key->path, shared, out);
        indent(groups_of(key->path), out);
        fprintf(out, "%s = ", name);
        print_value(key, s, out);
        fputs(";\n", out);
    }
    close_groups(groups_of(last), 0, out);
}

static void print_row(const struct key *key, FILE *out)
{
    char accepts[512];
    key_accepts(key, accepts, sizeof accepts);
    fprintf(out, "| `%s` | %s | ", key->path, accepts);
    if (key->value)
        fprintf(out, "`%s`", key->value);
    else
        fputs(key->derived ? key->derived : "must be given", out);
    fprintf(out, " | %s | %s |\n", key->unit ? key->unit : "", key->meaning);
}

static void print_head(FILE *out)
{
    fputs("| key | takes | default | unit | meaning |\n|---|---|---|---|---|\n", out);
}

static void print_sub_tables(FILE *out)
{
    for (const struct key *key = scenario_keys; key->path; key++) {
        if (key->kind != KEY_GROUPS)
            continue;
        fprintf(out, "\n### Members of `%s`\n", key->path);
        print_head(out);
        for (const struct key *sub = key->sub; sub->path; sub++)
            print_row(sub, out);
    }
}

static void print_faults(FILE *out)
{
    fputs("\n| fault | its `value` | range |\n|---|---|---|\n", out);
    for (unsigned i = 0; i < LINK_FAULT_KINDS; i++)
        fprintf(out, "| `%s` | %s | %" PRIu32 "..%" PRIu32 " |\n", link_fault_info[i].name,
                link_fault_info[i].value, link_fault_info[i].min, link_fault_info[i].max);
}

void scenario_print_reference(FILE *out)
{
    const char *last = "";
    for (const struct key *key = scenario_keys; key->path; last = key->path, key++) {
        size_t group = strcspn(key->path, ".");
        if (strncmp(last, key->path, group + 1)) {
            fprintf(out, "%s### `%.*s`\n", *last ? "\n" : "", (int)group, key->path);
            print_head(out);
        }
        print_row(key, out);
    }
    print_sub_tables(out);
    print_faults(out);
}

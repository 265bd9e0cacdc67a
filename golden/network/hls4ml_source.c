#include "golden/network/hls4ml_source.h"

#include "golden/network/file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 24, MOST_DEPTH = 16 };

/* ---- words ---- */

enum kind { WORD, NUMBER, TEXT, SIGN, DIRECTIVE, END };

struct token {
    enum kind kind;
    const char *at;
    size_t length;
    unsigned line;
    const char *comment; /* that ends its line, or NULL */
    size_t comment_length;
};

struct reader {
    struct source *s;
    const char *path;
    struct token *token;
    size_t tokens, at;
    struct message *m;
};

static size_t length_of_word(const char *c)
{
    size_t n = 0;
    while (isalnum((unsigned char)c[n]) || c[n] == '_' || (c[n] == ':' && c[n + 1] == ':') ||
           (n && c[n] == ':' && c[n - 1] == ':'))
        n++;
    return n;
}

static size_t length_of_number(const char *c)
{
    size_t n = 0;
    while (isalnum((unsigned char)c[n]) || c[n] == '.' ||
           (n && (c[n] == '+' || c[n] == '-') && (c[n - 1] == 'e' || c[n - 1] == 'E')))
        n++;
    return n;
}

static size_t length_of_text(const char *c)
{
    size_t n = 1;
    while (c[n] && c[n] != '"' && c[n] != '\n')
        n += c[n] == '\\' && c[n + 1] ? 2 : 1;
    return n + (c[n] == '"');
}

/* What begins at c, which is no blank and no comment. */
static struct token token_at(const char *c, unsigned line)
{
    struct token t = {.kind = SIGN, .at = c, .length = 1, .line = line};
    if (isalpha((unsigned char)*c) || *c == '_') {
        t.kind = WORD;
        t.length = length_of_word(c);
    } else if (isdigit((unsigned char)*c)) {
        t.kind = NUMBER;
        t.length = length_of_number(c);
    } else if (*c == '"') {
        t.kind = TEXT;
        t.length = length_of_text(c);
    } else if (*c == '#') {
        t.kind = DIRECTIVE;
        t.length = strcspn(c, "\n");
    }
    return t;
}

/* A comment's length, or 0. */
static size_t length_of_comment(const char *c)
{
    if (c[0] != '/' || (c[1] != '/' && c[1] != '*'))
        return 0;
    if (c[1] == '/')
        return strcspn(c, "\n");
    const char *end = strstr(c + 2, "*/");
    return end ? (size_t)(end + 2 - c) : strlen(c);
}

static void note_comment(struct reader *r, const char *c, size_t n, unsigned line)
{
    struct token *last = r->tokens ? &r->token[r->tokens - 1] : NULL;
    if (!last || last->line != line || c[1] != '/')
        return;
    for (c += 2, n -= 2; n && *c == ' '; c++)
        n--;
    last->comment = c;
    last->comment_length = n;
}

static void split(struct reader *r, const char *c)
{
    unsigned line = 1;
    while (*c) {
        size_t n = length_of_comment(c);
        if (n)
            note_comment(r, c, n, line);
        else if (isspace((unsigned char)*c))
            n = 1;
        else {
            r->token[r->tokens] = token_at(c, line);
            n = r->token[r->tokens++].length;
        }
        for (; n; n--)
            line += *c++ == '\n';
    }
    r->token[r->tokens] = (struct token){.kind = END, .at = c, .line = line};
}

/* The file's tokens; their text lives as long as the arena. */
static int open_file(struct reader *r, struct source *s, const char *path, struct message *m)
{
    size_t n;
    *r = (struct reader){.s = s, .path = arena_text(s->arena, path), .m = m};
    char *bytes = net_file_read(path, 0, MOST_BYTES, &n, m);
    if (!bytes)
        return -1;
    char *text = arena_alloc(s->arena, n + 1, 1);
    r->token = text ? arena_alloc(s->arena, n + 1, sizeof *r->token) : NULL;
    if (r->token)
        memcpy(text, bytes, n);
    free(bytes);
    if (!r->token || !r->path)
        return message_set(m, "%s: out of memory", path);
    if (memchr(text, 0, n))
        return message_set(m, "%s: is no text", path);
    split(r, text);
    return 0;
}

static int wrong(struct reader *r, const char *what)
{
    const struct token *t = &r->token[r->at];
    return message_set(r->m, "%s:%u: %s, not '%.*s'", r->path, t->line, what,
                       (int)(t->length < 40 ? t->length : 40), t->at);
}

static bool is(const struct reader *r, size_t at, const char *text)
{
    const struct token *t = &r->token[at];
    return t->kind != TEXT && t->length == strlen(text) && memcmp(t->at, text, t->length) == 0;
}

static bool accept(struct reader *r, const char *text)
{
    bool found = is(r, r->at, text);
    r->at += found;
    return found;
}

static int need(struct reader *r, const char *text)
{
    char what[40] = "needs '";
    if (accept(r, text))
        return 0;
    return wrong(r, strcat(strcat(what, text), "' here"));
}

/* Tokens from..to-1 without what stood between them; two words keep a blank. */
static const char *joined(struct reader *r, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t k = from; k < to; k++)
        n += r->token[k].length + 1;
    char *text = arena_alloc(r->s->arena, n + 1, 1), *c = text;
    for (size_t k = from; text && k < to; k++) {
        if (k > from && r->token[k].kind == WORD && r->token[k - 1].kind == WORD)
            *c++ = ' ';
        memcpy(c, r->token[k].at, r->token[k].length);
        c += r->token[k].length;
    }
    return text ? text : "";
}

/* The place after the bracket that closes the one at `at`, or SIZE_MAX. */
static size_t after_brackets(const struct reader *r, size_t at)
{
    size_t depth = 0;
    for (; r->token[at].kind != END; at++) {
        depth += is(r, at, "<") || is(r, at, "(") || is(r, at, "{") || is(r, at, "[");
        if (is(r, at, ">") || is(r, at, ")") || is(r, at, "}") || is(r, at, "]"))
            if (--depth == 0)
                return at + 1;
        if (depth > MOST_DEPTH)
            break;
    }
    return SIZE_MAX;
}

static size_t skip_to(const struct reader *r, size_t at, const char *text)
{
    while (r->token[at].kind != END && !is(r, at, text))
        at++;
    return at;
}

/* ---- headers ---- */

static int add_name(struct reader *r, const char *scope, const char *name, const char *value, unsigned line)
{
    struct source *s = r->s;
    s->name[s->names++] = (struct source_name){scope, name, value, r->path, line};
    return 0;
}

/* "#define NAME VALUE" */
static int read_directive(struct reader *r)
{
    const struct token *t = &r->token[r->at++];
    char name[80], value[80];
    char *line = arena_alloc(r->s->arena, t->length + 1, 1);
    if (!line)
        return wrong(r, "out of memory");
    memcpy(line, t->at, t->length);
    if (sscanf(line, "#define %79[A-Za-z0-9_] %79s", name, value) != 2)
        return 0;
    return add_name(r, "", arena_text(r->s->arena, name), arena_text(r->s->arena, value), t->line);
}

/* "typedef TYPE NAME;", "static const .. NAME = VALUE;", "using NAME = VALUE;" behind the first word. */
static int read_definition(struct reader *r, const char *scope)
{
    size_t end = skip_to(r, r->at, ";"), equals = skip_to(r, r->at, "=");
    unsigned line = r->token[r->at].line;
    bool is_type = is(r, r->at, "typedef");
    if (r->token[end].kind == END || end < r->at + 3)
        return wrong(r, "needs a definition here");
    size_t name = is_type || equals >= end ? end - 1 : equals - 1;
    size_t from = is_type ? r->at + 1 : equals >= end ? end : equals + 1, to = is_type ? end - 1 : end;
    r->at = end + 1;
    return add_name(r, scope, joined(r, name, name + 1), joined(r, from, to), line);
}

static int read_struct(struct reader *r)
{
    const char *scope = joined(r, r->at + 1, r->at + 2);
    r->at = skip_to(r, r->at, "{");
    size_t end = after_brackets(r, r->at++);
    if (end == SIZE_MAX)
        return wrong(r, "needs a closing bracket before the end");
    while (r->at + 1 < end) {
        if (is(r, r->at, "template")) {
            size_t after = after_brackets(r, r->at + 1);
            r->at = after < end ? after : r->at + 1;
        } else if (read_definition(r, scope) < 0)
            return -1;
    }
    return need(r, "}") < 0 || need(r, ";") < 0 ? -1 : 0;
}

int source_read_header(struct source *s, const char *path, struct message *m)
{
    struct reader r;
    if (open_file(&r, s, path, m) < 0)
        return -1;
    struct source_name *more = arena_alloc(s->arena, s->names + r.tokens, sizeof *more);
    if (!more)
        return wrong(&r, "out of memory");
    if (s->names)
        memcpy(more, s->name, s->names * sizeof *more);
    s->name = more;
    while (r.token[r.at].kind != END) {
        int failed = 0;
        if (r.token[r.at].kind == DIRECTIVE)
            failed = read_directive(&r);
        else if (is(&r, r.at, "typedef"))
            failed = read_definition(&r, "");
        else if (is(&r, r.at, "struct"))
            failed = read_struct(&r);
        else if (is(&r, r.at, "const")) /* of hard activations */
            r.at = skip_to(&r, r.at, ";");
        else if (is(&r, r.at, "namespace") || is(&r, r.at, "}") || is(&r, r.at, ";"))
            r.at = is(&r, r.at, "namespace") ? skip_to(&r, r.at, "{") + 1 : r.at + 1;
        else
            failed = wrong(&r, "needs typedef or struct here");
        if (failed)
            return -1;
    }
    return 0;
}

/* ---- the top function ---- */

/* What stands between commas from `at` (behind a bracket) to `end` (behind the closing one). */
static int read_list(struct reader *r, size_t at, size_t end, const char **list, unsigned *n)
{
    size_t from = at;
    *n = 0;
    for (int depth = 0; at < end; at++) {
        bool closing = is(r, at, ">") || is(r, at, ")") || is(r, at, "]");
        if (at + 1 == end || (depth == 0 && is(r, at, ","))) {
            if (*n == SOURCE_MOST_ARGUMENTS)
                return wrong(r, "has more than 16 arguments");
            if (at > from)
                list[(*n)++] = joined(r, from, at);
            from = at + 1;
        }
        depth += is(r, at, "<") || is(r, at, "(") || is(r, at, "[");
        depth -= closing;
    }
    return 0;
}

static int read_call(struct reader *r)
{
    struct source_call *c = &r->s->call[r->s->calls];
    *c = (struct source_call){.function = joined(r, r->at, r->at + 1), .line = r->token[r->at].line};
    r->at++;
    if (is(r, r->at, "<")) {
        size_t end = after_brackets(r, r->at);
        if (end == SIZE_MAX)
            return wrong(r, "needs a closing bracket before the end");
        if (read_list(r, r->at + 1, end, c->type, &c->types) < 0)
            return -1;
        r->at = end;
    }
    size_t end = is(r, r->at, "(") ? after_brackets(r, r->at) : SIZE_MAX;
    if (end == SIZE_MAX)
        return wrong(r, "needs the call of a layer here");
    if (read_list(r, r->at + 1, end, c->argument, &c->arguments) < 0)
        return -1;
    r->at = end;
    if (need(r, ";") < 0)
        return -1;
    const struct token *last = &r->token[r->at - 1];
    char *comment = arena_alloc(r->s->arena, last->comment_length + 1, 1);
    if (comment && last->comment)
        memcpy(comment, last->comment, last->comment_length);
    c->comment = comment ? comment : "";
    r->s->calls++;
    return 0;
}

/* "auto &name = other;" */
static int read_alias(struct reader *r)
{
    struct source_call *c = &r->s->call[r->s->calls];
    *c = (struct source_call){.function = "", .comment = "", .line = r->token[r->at].line, .arguments = 2};
    r->at++;
    if (need(r, "&") < 0)
        return -1;
    c->argument[1] = joined(r, r->at, r->at + 1);
    r->at++;
    if (need(r, "=") < 0)
        return -1;
    c->argument[0] = joined(r, r->at, r->at + 1);
    r->at++;
    r->s->calls++;
    return need(r, ";");
}

/* Variables, and the lines that load weights once, mean nothing of their own. */
static bool means_nothing(const struct reader *r)
{
    return is(r, r->at, "static") || is(r, r->at, "loaded_weights") || is(r, r->at, "hls::stream") ||
           (r->token[r->at].kind == WORD && r->token[r->at + 1].kind == WORD);
}

static int read_statement(struct reader *r)
{
    const struct token *t = &r->token[r->at];
    if (t->kind == DIRECTIVE || is(r, r->at, "{") || is(r, r->at, "}") || is(r, r->at, ";"))
        r->at++;
    else if (is(r, r->at, "if")) {
        size_t after = after_brackets(r, r->at + 1);
        if (after == SIZE_MAX)
            return wrong(r, "needs a condition here");
        r->at = after;
    } else if (is(r, r->at, "auto"))
        return read_alias(r);
    else if (means_nothing(r))
        r->at = skip_to(r, r->at, ";");
    else if (t->kind == WORD)
        return read_call(r);
    else
        return wrong(r, "needs a statement here");
    return 0;
}

/* "input_t x[N]" or "hls::stream<input_t> &x" */
static int read_port(struct reader *r, size_t from, size_t to)
{
    struct source_port *p = &r->s->port[r->s->ports];
    size_t size = from;
    while (size < to && !is(r, size, "["))
        size++;
    if (r->s->ports == SOURCE_MOST_ARGUMENTS || size < from + 2)
        return wrong(r, "needs the ports of the top function here");
    p->name = joined(r, size - 1, size);
    p->size = size + 2 < to ? joined(r, size + 1, to - 1) : "";
    bool stream = is(r, from, "hls::stream");
    p->type = stream ? joined(r, from + 2, size - 3) : joined(r, from, from + 1);
    r->s->ports++;
    return 0;
}

static int read_ports(struct reader *r)
{
    size_t end = after_brackets(r, r->at), from = r->at + 1;
    if (end == SIZE_MAX)
        return wrong(r, "needs a closing bracket before the end");
    for (size_t at = from, depth = 0; at < end; at++) {
        if (at + 1 == end || (depth == 0 && is(r, at, ","))) {
            if (at > from && read_port(r, from, at) < 0)
                return -1;
            from = at + 1;
        }
        depth += is(r, at, "<") || is(r, at, "[");
        depth -= is(r, at, ">") || is(r, at, "]");
    }
    r->at = end;
    return 0;
}

int source_read_top(struct source *s, const char *path, struct message *m)
{
    struct reader r;
    if (open_file(&r, s, path, m) < 0)
        return -1;
    s->path = r.path;
    s->call = arena_alloc(s->arena, r.tokens + 1, sizeof *s->call);
    if (!s->call)
        return wrong(&r, "out of memory");
    r.at = skip_to(&r, 0, "void");
    r.at += r.token[r.at].kind == END ? 0 : 2;
    if (!is(&r, r.at, "("))
        return wrong(&r, "needs the top function here");
    if (read_ports(&r) < 0)
        return -1;
    while (r.token[r.at].kind != END)
        if (read_statement(&r) < 0)
            return -1;
    return 0;
}

/* ---- meanings ---- */

const struct source_name *source_find(const struct source *s, const char *scope, const char *name)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned k = s->names; k-- > 0;)
            if (strcmp(s->name[k].name, name) == 0 && strcmp(s->name[k].scope, pass ? "" : scope) == 0)
                return &s->name[k];
    return NULL;
}

/* "nnet::array<T,n>": T, and behind it ",n>". */
static const char *element_of(const char *text, size_t *n)
{
    static const char array[] = "nnet::array<";
    if (strncmp(text, array, sizeof array - 1) != 0) {
        *n = strlen(text);
        return text;
    }
    text += sizeof array - 1;
    size_t depth = 0;
    for (*n = 0; text[*n] && (depth || text[*n] != ','); ++*n) {
        depth += text[*n] == '<';
        depth -= depth && text[*n] == '>';
    }
    return text;
}

int source_type(const struct source *s, const char *scope, const char *text, struct fixed_type *type,
                struct message *m)
{
    char part[128];
    const struct source_name *from = NULL;
    for (unsigned depth = 0; depth < MOST_DEPTH; depth++) {
        size_t n;
        const char *element = element_of(text, &n);
        if (n >= sizeof part)
            break;
        memcpy(part, element, n);
        part[n] = 0;
        if (strncmp(part, "ap_", 3) == 0) {
            struct message why;
            if (fixed_type_parse(type, part, &why) == 0)
                return 0;
            return message_set(m, "%s:%u: %s", from ? from->path : s->path, from ? from->line : 0, why.text);
        }
        from = source_find(s, depth ? "" : scope, part);
        if (!from)
            return message_set(m, "%s: type '%.60s' is not defined in its headers", s->path, part);
        text = from->value;
    }
    return message_set(m, "%s: type '%.60s' is no fixed-point type", s->path, text);
}

int source_number(const struct source *s, const char *text, long long *value)
{
    *value = 1;
    for (;;) {
        char *end;
        const struct source_name *named = NULL;
        size_t n = length_of_word(text);
        char name[80];
        if (n && n < sizeof name && !isdigit((unsigned char)*text)) {
            memcpy(name, text, n);
            name[n] = 0;
            named = source_find(s, "", name);
        }
        const char *digits = named ? named->value : text;
        long long v = strtoll(digits, &end, 10);
        if (end == digits || v < -(1ll << 30) || v > 1ll << 30 || (*value *= v) > 1ll << 40)
            return -1;
        text = named ? text + n : end;
        if (named && *end)
            return -1;
        if (*text != '*')
            return *text ? -1 : 0;
        text++;
    }
}

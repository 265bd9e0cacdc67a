#include "tests/hls/reduce.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

struct reduction {
    char *text;
    reduce_fails fails;
    void *context;
    unsigned tries;
};

/* The text without [from, to), and with `by` in its place. */
static char *replaced(const char *text, size_t from, size_t to, const char *by)
{
    return hls_text("%.*s%s%s", (int)from, text, by, text + to);
}

/* Keeps the proposal when it still fails; frees it otherwise. */
static bool propose(struct reduction *r, char *proposal)
{
    bool keep = r->tries && strcmp(proposal, r->text) && (r->tries--, r->fails(proposal, r->context));
    if (keep) {
        free(r->text);
        r->text = proposal;
    } else {
        free(proposal);
    }
    return keep;
}

static bool cut(struct reduction *r, size_t from, size_t to, const char *by)
{
    return propose(r, replaced(r->text, from, to, by));
}

static size_t end_of_line(const char *text, size_t at)
{
    return at + strcspn(text + at, "\n") + (strchr(text + at, '\n') != NULL);
}

/* After the bracket that closes the one at `at`; 0 when none does. */
static size_t after_closing(const char *text, size_t at)
{
    char open = text[at], close = open == '(' ? ')' : '}';
    for (int depth = 0; text[at]; at++) {
        depth += (text[at] == open) - (text[at] == close);
        if (!depth)
            return at + 1;
    }
    return 0;
}

/* Where the function's body begins. */
static size_t body_of(const char *text)
{
    const char *brace = strstr(text, "\n{\n");
    return brace ? (size_t)(brace - text) + 3 : strlen(text);
}

static bool is_balanced(const char *text, size_t from, size_t to)
{
    int depth = 0;
    for (size_t i = from; i < to && depth >= 0; i++)
        depth += (text[i] == '{') - (text[i] == '}');
    return depth == 0;
}

/* --- lines: many at once, then fewer --- */

static size_t lines_on(const char *text, size_t at, unsigned lines)
{
    while (lines-- && text[at])
        at = end_of_line(text, at);
    return at;
}

static bool drop_lines(struct reduction *r, unsigned lines)
{
    bool any = false;
    for (size_t at = body_of(r->text); r->text[at] && r->tries;) {
        size_t to = lines_on(r->text, at, lines);
        if (is_balanced(r->text, at, to) && cut(r, at, to, ""))
            any = true;
        else
            at = end_of_line(r->text, at);
    }
    return any;
}

static unsigned count_lines(const char *text)
{
    unsigned n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static bool drop_all_lines(struct reduction *r)
{
    bool any = false;
    for (unsigned lines = count_lines(r->text) / 2; lines; lines /= 2)
        any |= drop_lines(r, lines);
    return any;
}

/* --- blocks: the block whole, or only what stands around its body --- */

static bool drop_block(struct reduction *r, size_t line, size_t brace)
{
    size_t closed = after_closing(r->text, brace), inside = end_of_line(r->text, brace);
    size_t end = closed ? end_of_line(r->text, closed) : 0;
    if (!closed || inside > closed)
        return false;
    if (cut(r, line, end, ""))
        return true;
    size_t last = closed - 1;
    while (last > inside && r->text[last - 1] != '\n')
        last--;
    char *body = hls_text("%.*s", (int)(last - inside), r->text + inside);
    bool cut_round = cut(r, line, end, body);
    free(body);
    return cut_round;
}

static bool drop_blocks(struct reduction *r)
{
    bool any = false;
    for (size_t at = body_of(r->text); r->text[at] && r->tries;) {
        size_t end = end_of_line(r->text, at);
        bool opens = end >= at + 2 && r->text[end - 2] == '{';
        if (opens && drop_block(r, at, end - 2))
            any = true;
        else
            at = end;
    }
    return any;
}

/* --- expressions: outermost first --- */

static bool drop_expressions(struct reduction *r)
{
    bool any = false;
    for (size_t at = body_of(r->text); r->text[at] && r->tries; at++) {
        size_t end = r->text[at] == '(' ? after_closing(r->text, at) : 0;
        if (end > at + 3)
            any |= cut(r, at, end, "(0)") || cut(r, at, end, "(1)");
    }
    return any;
}

/* --- outputs: the argument and the line that sets it --- */

static bool drop_output(struct reduction *r, size_t star)
{
    size_t from = star, end = star + strcspn(r->text + star, ",)");
    while (from && r->text[from] != ',')
        from--;
    char *set = hls_text("    *%.*s = ", (int)(end - star - 1), r->text + star + 1);
    char *without = replaced(r->text, from, end, ""), *line = strstr(without, set);
    free(set);
    if (!line) {
        free(without);
        return false;
    }
    size_t at = (size_t)(line - without);
    char *proposal = replaced(without, at, end_of_line(without, at), "");
    free(without);
    return propose(r, proposal);
}

static bool drop_outputs(struct reduction *r)
{
    bool any = false;
    for (unsigned i = 0; i < 8 && r->tries; i++) {
        char *name = hls_text("*y%u", i);
        const char *star = strstr(r->text, name);
        if (star && (size_t)(star - r->text) < body_of(r->text))
            any |= drop_output(r, (size_t)(star - r->text));
        free(name);
    }
    return any;
}

char *reduce_kernel(const char *text, reduce_fails fails, void *context, unsigned tries)
{
    struct reduction r = {hls_copy_text(text), fails, context, tries};
    bool any = true;
    while (any && r.tries) {
        any = drop_all_lines(&r);
        any |= drop_blocks(&r);
        any |= drop_outputs(&r);
        any |= drop_expressions(&r);
    }
    return r.text;
}

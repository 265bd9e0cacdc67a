#include "tests/hls/generate.h"

#include "tests/hls/bench.h"

enum { MOST_INPUTS = 4, MOST_OUTPUTS = 3, ARRAY = 8 };

struct generator {
    FILE *to;
    uint64_t random;
    unsigned inputs, outputs, locals, loops;
    bool state;
    int indent;
};

static unsigned pick(struct generator *g, unsigned n)
{
    return (unsigned)(bench_random(&g->random) % n);
}

static void put_type(struct generator *g)
{
    static const char *const plain[] = {"int",      "unsigned", "int8_t",   "uint8_t", "int16_t",
                                        "uint16_t", "int64_t",  "uint64_t", "bool"};
    if (pick(g, 3) == 0)
        fprintf(g->to, "%s", plain[pick(g, sizeof plain / sizeof *plain)]);
    else if (pick(g, 2))
        fprintf(g->to, "_BitInt(%u)", 2 + pick(g, pick(g, 4) ? 24 : 63));
    else
        fprintf(g->to, "unsigned _BitInt(%u)", 1 + pick(g, pick(g, 4) ? 24 : 64));
}

static void put_constant(struct generator *g)
{
    uint64_t bits = bench_random(&g->random);
    switch (pick(g, 5)) {
    case 0: fprintf(g->to, "%d", (int)(bits % 9) - 4); break;
    case 1: fprintf(g->to, "%d", (int)(bits % 513) - 256); break;
    case 2: fprintf(g->to, "%lldLL", 1LL << bits % 40); break;
    case 3: fprintf(g->to, "0x%llxu", (unsigned long long)(bits & 0xffffffff)); break;
    default: fprintf(g->to, "%lldLL", (long long)(bits >> 20)); break;
    }
}

static void put_expression(struct generator *g, unsigned depth);

/* A variable, an input, an element of the local array, of the input array or of the table. */
static void put_leaf(struct generator *g, unsigned depth)
{
    static const char *const arrays[] = {"a", "in", "table"};
    switch (pick(g, 6)) {
    case 0: put_constant(g); break;
    case 1:
        fprintf(g->to, "%s[", arrays[pick(g, 3)]);
        if (depth == 0 || pick(g, 2))
            fprintf(g->to, "%u]", pick(g, ARRAY));
        else {
            fputs("(", g->to);
            put_expression(g, depth - 1);
            fprintf(g->to, ") & %u]", ARRAY - 1);
        }
        break;
    case 2:
    case 3:
        if (g->locals) {
            fprintf(g->to, "v%u", pick(g, g->locals));
            break;
        }
        /* fall through */
    case 4:
        if (g->loops && pick(g, 2)) {
            fprintf(g->to, "i%u", pick(g, g->loops));
            break;
        }
        /* fall through */
    default: fprintf(g->to, "x%u", pick(g, g->inputs)); break;
    }
}

static void put_binary(struct generator *g, unsigned depth)
{
    static const char *const operators[] = {
        "+", "-", "*", "&", "|", "^", "<", "<=", "==", "!=", ">", ">=", "+", "-", "*", "&&", "||"};
    fputs("(", g->to);
    put_expression(g, depth - 1);
    fprintf(g->to, " %s ", operators[pick(g, sizeof operators / sizeof *operators)]);
    put_expression(g, depth - 1);
    fputs(")", g->to);
}

/* Shifts work on 64 bits, where 63 is the largest amount. */
static void put_shift(struct generator *g, unsigned depth)
{
    fprintf(g->to, "((%s)(", pick(g, 2) ? "int64_t" : "uint64_t");
    put_expression(g, depth - 1);
    fprintf(g->to, ") %s ", pick(g, 2) ? "<<" : ">>");
    if (pick(g, 2)) {
        fprintf(g->to, "%u)", pick(g, 64));
        return;
    }
    fputs("((", g->to);
    put_expression(g, depth - 1);
    fprintf(g->to, ") & %u))", pick(g, 4) ? 7 : 63);
}

/* On 32 or 64 bits; an odd constant or a value that is made odd and positive divides. */
static void put_division(struct generator *g, unsigned depth)
{
    static const char *const types[] = {"int", "unsigned", "int64_t", "uint64_t"};
    unsigned type = pick(g, 4), masked = pick(g, 2);
    fprintf(g->to, "((%s)(", types[type]);
    put_expression(g, depth - 1);
    fprintf(g->to, ") %s (%s)", pick(g, 2) ? "/" : "%", types[type]);
    if (masked) {
        fputs("((", g->to);
        put_expression(g, depth - 1);
        fprintf(g->to, ") & %u | 1))", (2u << pick(g, 12)) - 1);
    } else {
        fprintf(g->to, "%s%u)", type % 2 == 0 && pick(g, 4) == 0 ? "-" : "", 2 + pick(g, 2u << pick(g, 20)));
    }
}

static void put_call(struct generator *g, unsigned depth, const char *name, unsigned arguments)
{
    fprintf(g->to, "%s(", name);
    for (unsigned i = 0; i < arguments; i++) {
        fputs(i ? ", " : "", g->to);
        put_expression(g, depth - 1);
    }
    fputs(")", g->to);
}

static void put_builtin(struct generator *g, unsigned depth)
{
    static const char *const builtins[] = {"__builtin_popcount",     "__builtin_popcountll",
                                           "__builtin_bswap32",      "__builtin_bswap64",
                                           "__builtin_bitreverse16", "__builtin_abs"};
    put_call(g, depth, builtins[pick(g, sizeof builtins / sizeof *builtins)], 1);
}

static void put_cast(struct generator *g, unsigned depth)
{
    fputs("(", g->to);
    put_type(g);
    fputs(")(", g->to);
    put_expression(g, depth - 1);
    fputs(")", g->to);
}

static void put_choice(struct generator *g, unsigned depth)
{
    fputs("(", g->to);
    put_expression(g, depth - 1);
    fputs(" ? ", g->to);
    put_expression(g, depth - 1);
    fputs(" : ", g->to);
    put_expression(g, depth - 1);
    fputs(")", g->to);
}

static void put_expression(struct generator *g, unsigned depth)
{
    static const char *const unary[] = {"-", "~", "!"};
    if (depth == 0) {
        put_leaf(g, 0);
        return;
    }
    switch (pick(g, 15)) {
    case 0: put_leaf(g, depth); break;
    case 1:
        fprintf(g->to, "%s(", unary[pick(g, 3)]);
        put_expression(g, depth - 1);
        fputs(")", g->to);
        break;
    case 2: put_shift(g, depth); break;
    case 3: put_choice(g, depth); break;
    case 4: put_cast(g, depth); break;
    case 5: put_call(g, depth, "clamp", 3); break;
    case 6: put_call(g, depth, pick(g, 2) ? "low" : "mix", 2); break;
    case 7: put_builtin(g, depth); break;
    case 8: put_division(g, depth); break;
    default: put_binary(g, depth); break;
    }
}

static void start_line(struct generator *g)
{
    fprintf(g->to, "%*s", 4 * g->indent, "");
}

static void put_block(struct generator *g, unsigned depth);

static void put_assignment(struct generator *g)
{
    start_line(g);
    if (g->locals && pick(g, 3))
        fprintf(g->to, "v%u %s ", pick(g, g->locals), pick(g, 3) ? "=" : pick(g, 2) ? "+=" : "^=");
    else if (pick(g, 2))
        fprintf(g->to, "a[%u] = ", pick(g, ARRAY));
    else {
        fputs("a[(", g->to);
        put_expression(g, 1);
        fprintf(g->to, ") & %u] = ", ARRAY - 1);
    }
    put_expression(g, 3);
    fputs(";\n", g->to);
}

static void put_if(struct generator *g, unsigned depth)
{
    start_line(g);
    fputs("if (", g->to);
    put_expression(g, 2);
    fputs(")", g->to);
    put_block(g, depth - 1);
    if (pick(g, 2)) {
        start_line(g);
        fputs("else", g->to);
        put_block(g, depth - 1);
    }
}

static void put_loop(struct generator *g, unsigned depth)
{
    unsigned n = g->loops++;
    start_line(g);
    fprintf(g->to, "for (int i%u = 0; i%u < %u; i%u++)", n, n, 1 + pick(g, 4), n);
    put_block(g, depth - 1);
    g->loops--;
}

static void put_switch(struct generator *g, unsigned depth)
{
    start_line(g);
    fputs("switch ((", g->to);
    put_expression(g, 2);
    fputs(") & 3) {\n", g->to);
    for (unsigned c = 0; c < 3; c++) {
        start_line(g);
        fprintf(g->to, c < 2 ? "case %u:" : "default:", c);
        put_block(g, depth - 1);
        start_line(g);
        fputs(pick(g, 4) || c == 2 ? "break;\n" : "[[fallthrough]];\n", g->to);
    }
    start_line(g);
    fputs("}\n", g->to);
}

static void put_statement(struct generator *g, unsigned depth)
{
    unsigned kind = depth ? pick(g, 8) : 0;
    if (kind == 5)
        put_if(g, depth);
    else if (kind == 6)
        put_loop(g, depth);
    else if (kind == 7)
        put_switch(g, depth);
    else
        put_assignment(g);
}

static void put_block(struct generator *g, unsigned depth)
{
    fputs(" {\n", g->to);
    g->indent++;
    for (unsigned i = 0, n = 1 + pick(g, 3); i < n; i++)
        put_statement(g, depth);
    g->indent--;
    start_line(g);
    fputs("}\n", g->to);
}

static void put_helpers(struct generator *g, const char *name)
{
    fputs(
        "#pragma clang diagnostic ignored \"-Weverything\"\n#include <stdint.h>\n"
        "static long clamp(long x, int low, int high) { return x < low ? low : x > high ? high : x; }\n"
        "static int low(int a, int b) { return a < b ? a : b; }\n"
        "static unsigned mix(unsigned a, unsigned char b) { return (a << 5 | a >> 27) ^ b * 0x9e3779b1u; }\n",
        g->to);
    fprintf(g->to, "static const ");
    put_type(g);
    fprintf(g->to, " table[%u] = {", ARRAY);
    for (unsigned i = 0; i < ARRAY; i++)
        fprintf(g->to, "%s%d", i ? ", " : "", (int)pick(g, 255) - 127);
    fprintf(g->to, "};\n\nvoid %s(const ", name);
    put_type(g);
    fprintf(g->to, " in[%u]", ARRAY);
}

/* `static`, when this one is to be; then only constants may follow. */
static bool put_static(struct generator *g)
{
    bool is_static = g->state && pick(g, 2);
    fputs(is_static ? "    static " : "    ", g->to);
    return is_static;
}

static void put_array(struct generator *g)
{
    bool is_static = put_static(g);
    put_type(g);
    fprintf(g->to, " a[%u] = {", ARRAY);
    for (unsigned i = 0; i < ARRAY; i++)
        if (is_static)
            fprintf(g->to, "%s%d", i ? ", " : "", (int)pick(g, 255) - 127);
        else
            fprintf(g->to, "%sx%u", i ? ", " : "", pick(g, g->inputs));
    fputs("};\n", g->to);
}

static void put_locals(struct generator *g)
{
    unsigned n = 2 + pick(g, 4);
    put_array(g);
    while (g->locals < n) {
        bool is_static = put_static(g);
        put_type(g);
        fprintf(g->to, " v%u = ", g->locals);
        if (is_static)
            put_constant(g);
        else
            put_expression(g, 2);
        fputs(";\n", g->to);
        g->locals++;
    }
}

void generate_kernel(FILE *to, const char *name, uint64_t seed)
{
    struct generator g = {.to = to, .random = seed, .indent = 1, .state = generate_has_state(seed)};
    g.inputs = 1 + pick(&g, MOST_INPUTS);
    g.outputs = 1 + pick(&g, MOST_OUTPUTS);
    put_helpers(&g, name);
    for (unsigned i = 0; i < g.inputs; i++) {
        fputs(", ", to);
        put_type(&g);
        fprintf(to, " x%u", i);
    }
    for (unsigned i = 0; i < g.outputs; i++) {
        fputs(", ", to);
        put_type(&g);
        fprintf(to, " *y%u", i);
    }
    fputs(", int64_t array_out[2])\n{\n", to);
    put_locals(&g);
    for (unsigned i = 0, n = 3 + pick(&g, 6); i < n; i++)
        put_statement(&g, 2);
    for (unsigned i = 0; i < g.outputs; i++) {
        fprintf(to, "    *y%u = ", i);
        put_expression(&g, 3);
        fputs(";\n", to);
    }
    fprintf(to, "    array_out[0] = v0;\n    array_out[1] = a[%u];\n}\n", pick(&g, ARRAY));
}

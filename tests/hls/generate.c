#include "tests/hls/generate.h"

#include "tests/hls/bench.h"

#include <string.h>

/* Elements: of a, in and table; of the matrix; of the structs q and of their field f2. */
enum { MOST_INPUTS = 4, MOST_OUTPUTS = 3, ARRAY = 8, ROWS = 3, COLUMNS = 5, STRUCTS = 4, FIELD = 2 };

struct generator {
    FILE *to;
    const char *name; /* of the kernel, and how every other name at file scope begins */
    uint64_t random;
    unsigned inputs, outputs, locals, loops;
    bool state, rolled; /* whether there are static variables, rolled loops */
    bool in_rolled, may_break;
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

/* "[index]" within `n` elements: a constant, masked, or a remainder. */
static void put_index(struct generator *g, unsigned n, unsigned depth)
{
    if (depth == 0 || pick(g, 2)) {
        fprintf(g->to, "[%u]", pick(g, n));
        return;
    }
    bool masked = (n & (n - 1)) == 0 && pick(g, 4);
    fputs(masked ? "[(" : "[(unsigned)(", g->to);
    put_expression(g, depth - 1);
    fprintf(g->to, masked ? ") & %u]" : ") %% %u]", masked ? n - 1 : n);
}

/* A scalar in a struct: in the local one, or in the array of them. */
static void put_field(struct generator *g, unsigned depth)
{
    if (pick(g, 2)) {
        fputs("s", g->to);
    } else {
        fputs("q", g->to);
        put_index(g, STRUCTS, depth);
    }
    if (pick(g, 3)) {
        fprintf(g->to, ".f%u", pick(g, 2));
    } else {
        fputs(".f2", g->to);
        put_index(g, FIELD, depth);
    }
}

/* A variable, an input, an element of an array, a field. */
static void put_leaf(struct generator *g, unsigned depth)
{
    static const char *const arrays[] = {"a", "in", "table"};
    unsigned array;
    switch (pick(g, 8)) {
    case 0: put_constant(g); break;
    case 1:
        array = pick(g, 3);
        fprintf(g->to, "%s%s%s", array == 2 ? g->name : "", array == 2 ? "_" : "", arrays[array]);
        put_index(g, ARRAY, depth);
        break;
    case 2:
        fputs("m", g->to);
        put_index(g, ROWS, depth);
        put_index(g, COLUMNS, depth);
        break;
    case 3: put_field(g, depth); break;
    case 4:
    case 5:
        if (g->locals) {
            fprintf(g->to, "v%u", pick(g, g->locals));
            break;
        }
        /* fall through */
    case 6:
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

/* On 32 or 64 bits; an odd constant or a value that is made odd and positive divides. Where the result may go
 * into a state, a divider would be too slow for any clock. */
static void put_division(struct generator *g, unsigned depth)
{
    static const char *const types[] = {"int", "unsigned", "int64_t", "uint64_t"};
    unsigned type = pick(g, 4), masked = !g->state && pick(g, 2);
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
    bool own = strncmp(name, "__builtin", strlen("__builtin"));
    fprintf(g->to, "%s%s%s(", own ? g->name : "", own ? "_" : "", name);
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
    static const char *const unary[] = {"-", "~", "!"}, *const helpers[] = {"low", "mix", "early", "count"};
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
    case 6: put_call(g, depth, helpers[pick(g, g->state ? 4 : 3)], 2); break;
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

static void put_assigned(struct generator *g)
{
    switch (pick(g, 8)) {
    case 0:
    case 1:
        fputs("a", g->to);
        put_index(g, ARRAY, 2);
        break;
    case 2:
        fputs("m", g->to);
        put_index(g, ROWS, 2);
        put_index(g, COLUMNS, 2);
        break;
    case 3: put_field(g, 2); break;
    default: fprintf(g->to, "v%u", pick(g, g->locals)); break;
    }
}

static void put_assignment(struct generator *g)
{
    static const char *const operators[] = {"=", "=", "=", "+=", "^=", "-=", "|=", "&="};
    start_line(g);
    put_assigned(g);
    fprintf(g->to, " %s ", operators[pick(g, sizeof operators / sizeof *operators)]);
    put_expression(g, 3);
    fputs(";\n", g->to);
}

/* Whole structs: copied, from a function, exchanged by it. */
static void put_struct_assignment(struct generator *g)
{
    start_line(g);
    switch (pick(g, 4)) {
    case 0:
        fputs("q", g->to);
        put_index(g, STRUCTS, 2);
        fputs(" = s;\n", g->to);
        break;
    case 1:
        fputs("s = q", g->to);
        put_index(g, STRUCTS, 2);
        fputs(";\n", g->to);
        break;
    case 2:
        fprintf(g->to, "s = %s_turned(q", g->name);
        put_index(g, STRUCTS, 2);
        fputs(", ", g->to);
        put_expression(g, 2);
        fputs(");\n", g->to);
        break;
    default:
        fprintf(g->to, "%s_exchange(&q", g->name);
        put_index(g, STRUCTS, 2);
        fputs(", &s);\n", g->to);
        break;
    }
}

/* A divisor that a condition keeps from 0, and from -1 where the dividend might be the least number. */
static void put_guarded_division(struct generator *g)
{
    unsigned by = pick(g, g->locals);
    bool positive = pick(g, 2);
    start_line(g);
    fprintf(g->to, positive ? "if (v%u > 0) {\n" : "if (v%u != 0) {\n", by);
    g->indent++;
    start_line(g);
    fprintf(g->to, "v%u %s", pick(g, g->locals), positive ? "= " : "= (uint64_t)");
    fputs(positive ? "(" : "(uint32_t)(", g->to);
    put_expression(g, 2);
    fprintf(g->to, positive ? ") %s v%u;\n" : ") %s (uint64_t)v%u;\n", pick(g, 2) ? "/" : "%", by);
    g->indent--;
    start_line(g);
    fputs("}\n", g->to);
}

static void put_if(struct generator *g, unsigned depth)
{
    start_line(g);
    fputs("if (", g->to);
    put_expression(g, 2);
    fputs(")", g->to);
    if (g->loops && pick(g, 4) == 0) {
        fputs(pick(g, 2) && g->may_break ? " break;\n" : " continue;\n", g->to);
        return;
    }
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
    bool could_break = g->may_break, rolled = g->rolled && !g->in_rolled && pick(g, 2);
    if (rolled) {
        start_line(g);
        fputs("_Pragma(\"clang loop unroll(disable)\")\n", g->to);
        g->in_rolled = true;
    }
    g->may_break = !rolled;
    start_line(g);
    fprintf(g->to, "for (int i%u = 0; i%u < %u; i%u++)", n, n, 1 + pick(g, 4), n);
    put_block(g, depth - 1);
    g->may_break = could_break;
    g->in_rolled &= !rolled;
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
    switch (depth ? pick(g, 10) : pick(g, 5)) {
    case 3: put_struct_assignment(g); break;
    case 4: g->state ? put_assignment(g) : put_guarded_division(g); break;
    case 7: put_if(g, depth); break;
    case 8: put_loop(g, depth); break;
    case 9: put_switch(g, depth); break;
    default: put_assignment(g); break;
    }
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

static void put_functions(struct generator *g)
{
    const char *k = g->name;
    fprintf(
        g->to,
        "static long %s_clamp(long x, int low, int high) { return x < low ? low : x > high ? high : x; }\n",
        k);
    fprintf(g->to, "static int %s_low(int a, int b) { return a < b ? a : b; }\n", k);
    fprintf(g->to,
            "static unsigned %s_mix(unsigned a, unsigned char b) { return (a << 5 | a >> 27) ^ b * "
            "0x9e3779b1u; }\n",
            k);
    fprintf(
        g->to,
        "static int %s_early(int a, int b) { if (a < b) return a * 3; if (b & 1) return b; return a ^ b; }\n",
        k);
    if (g->state)
        fprintf(g->to,
                "static int %s_count(int by, int to) { static int n = 3; n += by & 7; if (n > (to & 255)) n "
                "= 0; return n; }\n",
                k);
    fprintf(g->to,
            "static struct %s_s %s_turned(struct %s_s s, int by) { s.f0 += by; s.f2[by & 1] = s.f1; return "
            "s; }\n",
            k, k, k);
    fprintf(
        g->to,
        "static void %s_exchange(struct %s_s *a, struct %s_s *b) { struct %s_s t = *a; *a = *b; *b = t; }\n",
        k, k, k, k);
}

static void put_helpers(struct generator *g)
{
    fputs("#pragma clang diagnostic ignored \"-Weverything\"\n#include <stdint.h>\n", g->to);
    fprintf(g->to, "struct %s_s { ", g->name);
    for (unsigned f = 0; f < 3; f++) {
        put_type(g);
        fprintf(g->to, f < 2 ? " f%u; " : " f%u[%u]; ", f, FIELD);
    }
    fputs("};\n", g->to);
    put_functions(g);
    fputs("static const ", g->to);
    put_type(g);
    fprintf(g->to, " %s_table[%u] = {", g->name, ARRAY);
    for (unsigned i = 0; i < ARRAY; i++)
        fprintf(g->to, "%s%d", i ? ", " : "", (int)pick(g, 255) - 127);
    fprintf(g->to, "};\n\nvoid %s(const ", g->name);
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

/* Initial values of `n` elements; constant ones for a static array. */
static void put_values(struct generator *g, unsigned n, bool is_static)
{
    for (unsigned i = 0; i < n; i++)
        if (is_static)
            fprintf(g->to, "%s%d", i ? ", " : "", (int)pick(g, 255) - 127);
        else
            fprintf(g->to, "%sx%u", i ? ", " : "", pick(g, g->inputs));
}

static void put_arrays(struct generator *g)
{
    bool is_static = put_static(g);
    put_type(g);
    fprintf(g->to, " a[%u] = {", ARRAY);
    put_values(g, ARRAY, is_static);
    fputs("};\n", g->to);
    is_static = put_static(g);
    put_type(g);
    fprintf(g->to, " m[%u][%u] = {", ROWS, COLUMNS);
    for (unsigned i = 0; i < ROWS; i++) {
        fputs(i ? ", {" : "{", g->to);
        put_values(g, 1 + pick(g, COLUMNS), is_static);
        fputs("}", g->to);
    }
    fputs("};\n", g->to);
}

static void put_structs(struct generator *g)
{
    bool is_static = put_static(g);
    fprintf(g->to, "struct %s_s q[%u] = {", g->name, STRUCTS);
    for (unsigned i = 0; i < STRUCTS - 1; i++) {
        fputs(i ? ", {" : "{", g->to);
        put_values(g, 2, is_static);
        fputs(", {", g->to);
        put_values(g, FIELD, is_static);
        fputs("}}", g->to);
    }
    fprintf(g->to, "};\n    struct %s_s s = q[1];\n", g->name);
}

static void put_locals(struct generator *g)
{
    unsigned n = 2 + pick(g, 4);
    put_arrays(g);
    put_structs(g);
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
    struct generator g = {
        .to = to, .name = name, .random = seed, .indent = 1, .state = generate_has_state(seed)};
    g.rolled = generate_has_rolled(seed);
    g.inputs = 1 + pick(&g, MOST_INPUTS);
    g.outputs = 1 + pick(&g, MOST_OUTPUTS);
    put_helpers(&g);
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
    fputs(", int64_t rest[4])\n{\n", to);
    put_locals(&g);
    for (unsigned i = 0, n = 3 + pick(&g, 6); i < n; i++)
        put_statement(&g, 2);
    for (unsigned i = 0; i < g.outputs; i++) {
        fprintf(to, "    *y%u = ", i);
        put_expression(&g, 3);
        fputs(";\n", to);
    }
    fprintf(to, "    rest[0] = v0;\n    rest[1] = a[%u];\n    rest[2] = m[%u][%u];\n", pick(&g, ARRAY),
            pick(&g, ROWS), pick(&g, COLUMNS));
    fputs("    rest[3] = ", to);
    put_field(&g, 0);
    fputs(";\n}\n", to);
}

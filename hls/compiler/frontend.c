#include "hls/compiler/frontend.h"

#include "hls/compiler/lint.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/names.h"

#include <clang-c/Index.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

/* Language and warnings, as libclang and clang get them. What C leaves undefined and clang can see is an
 * error. */
#define LANGUAGE "-std=c23", "-fwrapv", "-O2"
#define STRICT                                                                                               \
    "-Wall", "-Wextra", "-Wconversion", "-Werror=uninitialized", "-Werror=sometimes-uninitialized",          \
        "-Werror=array-bounds", "-Werror=shift-count-overflow", "-Werror=shift-count-negative",              \
        "-Werror=division-by-zero", "-Wno-unused-function", "-Wno-unused-const-variable"
/* No vectors; the passes run later, in process; a shift by too much or an index outside a local array traps,
 * and a trap that cannot be proved unreachable is refused. */
#define CODE                                                                                                 \
    "-fno-vectorize", "-fno-slp-vectorize", "-gline-tables-only", "-gcolumn-info",                           \
        "-fsanitize=shift-exponent,array-bounds", "-fsanitize-trap=all", "-Xclang", "-disable-llvm-passes",  \
        "-emit-llvm", "-c", "-w"

const char *const hls_frontend_flags = "-std=c23 -fwrapv -O2 -fno-vectorize -fno-slp-vectorize "
                                       "-fsanitize=shift-exponent,array-bounds -fsanitize-trap=all";

enum { MAX_ARGUMENTS = 64 };

/* --- running clang --- */

struct arguments {
    const char *v[MAX_ARGUMENTS];
    int n;
};

static void add_all(struct arguments *a, const char *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a->v[a->n++] = v[i];
}

#define ADD(a, ...)                                                                                          \
    add_all(a, (const char *const[]){__VA_ARGS__},                                                           \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add_includes(struct arguments *a, const struct hls_options *o)
{
    for (unsigned i = 0; i < o->includes; i++)
        ADD(a, "-I", o->include[i]);
}

/* Runs a->v, NULL-terminated; standard output goes to `out` when that is not -1. A spawn, since a fork would
 * copy the page tables of all that LLVM has in memory. */
static int run(struct arguments *a, int out)
{
    pid_t child;
    int status;
    posix_spawn_file_actions_t actions;
    ADD(a, NULL);
    posix_spawn_file_actions_init(&actions);
    if (out >= 0)
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    int error = posix_spawnp(&child, a->v[0], &actions, NULL, (char *const *)a->v, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return hls_refuse((struct hls_loc){0}, "%s: %s (install clang 19)", a->v[0], strerror(error));
    if (waitpid(child, &status, 0) != child)
        return HLS_EXIT_INTERNAL;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : HLS_EXIT_USAGE;
}

/* --- ports --- */

/* For the function called fn->name or, when that is empty, for the only one that could be a kernel. */
struct search {
    const struct hls_options *o;
    struct hls_fn *fn;
    CXCursor top;
    unsigned found;
    char *names; /* of all found, for a message */
};

static struct hls_loc location_of(CXCursor cursor)
{
    static char name[4096]; /* of the last one asked for: printed before the next */
    CXFile file;
    struct hls_loc loc = {NULL, 0, 0};
    clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, &loc.line, &loc.column, NULL);
    CXString text = clang_getFileName(file);
    snprintf(name, sizeof name, "%s", clang_getCString(text) ? clang_getCString(text) : "?");
    clang_disposeString(text);
    loc.file = name;
    return loc;
}

/* Width of an integer type: `_BitInt(N)` says it, of the others it is the size. 0: not an integer. */
static unsigned integer_width(CXType type, const char *spelling)
{
    const char *bit_int = strstr(spelling, "_BitInt(");
    if (bit_int)
        return (unsigned)strtoul(bit_int + strlen("_BitInt("), NULL, 10);
    if (type.kind == CXType_Bool)
        return 1;
    bool integer = type.kind >= CXType_Char_U && type.kind <= CXType_Int128 && type.kind != CXType_WChar;
    return integer ? (unsigned)clang_Type_getSizeOf(type) * 8 : 0;
}

static bool is_signed_integer(CXType type, const char *spelling)
{
    if (strstr(spelling, "_BitInt("))
        return !strstr(spelling, "unsigned");
    return type.kind >= CXType_Char_S && type.kind <= CXType_Int128;
}

/* Flattens arrays of arrays; one level of pointer is an array of one. Const anywhere makes it an input. */
static CXType element_type(CXType type, struct hls_port *port)
{
    bool is_const = false;
    port->count = 1;
    if (type.kind != CXType_ConstantArray)
        type = clang_getCanonicalType(type);
    if (type.kind == CXType_Pointer) {
        port->is_array = true;
        type = clang_getPointeeType(type);
    }
    while (type.kind == CXType_ConstantArray) {
        long long n = clang_getArraySize(type);
        port->is_array = true;
        port->count = n > 0 && n <= 65536 && port->count <= 65536 ? port->count * (unsigned)n : 0;
        is_const = is_const || clang_isConstQualifiedType(type);
        type = clang_getArrayElementType(type);
        if (clang_getCanonicalType(type).kind == CXType_ConstantArray && type.kind != CXType_ConstantArray)
            type = clang_getCanonicalType(type);
    }
    port->is_output = port->is_array && !is_const && !clang_isConstQualifiedType(type);
    return type;
}

/* The names that the Verilog module has itself, and that an argument would repeat. */
static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {"clk", "rst", "ce", "valid", "ready", "hash"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (!strcmp(name, reserved[i]))
            return true;
    return false;
}

static int check_port(CXCursor cursor, const struct hls_port *p)
{
    if (!*p->name)
        return hls_refuse(location_of(cursor),
                          "argument without a name (name it: ports are called after arguments)");
    if (!hls_is_plain_name(p->name))
        return hls_refuse(location_of(cursor), "argument '%s' is no Verilog name (letters, digits and _)",
                          p->name);
    if (is_reserved(p->name))
        return hls_refuse(location_of(cursor),
                          "argument '%s' would clash with a port of every kernel "
                          "(not clk, rst, ce, valid, ready, hash)",
                          p->name);
    if (p->width == 0)
        return hls_refuse(location_of(cursor),
                          "argument '%s': type '%s' is no integer (integers, _BitInt(N), "
                          "arrays of them)",
                          p->name, p->type);
    if (p->width > HLS_MAX_WIDTH)
        return hls_refuse(location_of(cursor), "argument '%s' has %u bits (at most 64)", p->name, p->width);
    if (p->count == 0)
        return hls_refuse(location_of(cursor), "argument '%s': bad array length (1..65536 elements)",
                          p->name);
    return 0;
}

static int add_port(CXCursor cursor, struct hls_fn *fn)
{
    struct hls_port port = {0};
    CXType element = element_type(clang_getCursorType(cursor), &port);
    CXString name = clang_getCursorSpelling(cursor);
    CXType plain = clang_getUnqualifiedType(clang_getCanonicalType(element));
    CXString spelling = clang_getTypeSpelling(plain);
    port.name = (char *)clang_getCString(name);
    port.type = (char *)clang_getCString(spelling);
    port.width = integer_width(plain, port.type);
    port.is_signed = is_signed_integer(plain, port.type);
    int code = check_port(cursor, &port);
    if (!code)
        hls_fn_add_port(fn, &port);
    clang_disposeString(name);
    clang_disposeString(spelling);
    return code;
}

static int check_top(CXCursor cursor, const struct hls_fn *fn)
{
    if (clang_getCursorLinkage(cursor) != CXLinkage_External)
        return hls_refuse(location_of(cursor), "'%s' is static (the native form must be able to call it)",
                          fn->name);
    if (!hls_is_plain_name(fn->name) || hls_is_verilog_word(fn->name))
        return hls_refuse(location_of(cursor), "'%s' cannot name a Verilog module (another name)", fn->name);
    if (clang_getCursorResultType(cursor).kind != CXType_Void)
        return hls_refuse(location_of(cursor),
                          "'%s' returns a value (results go through pointer arguments: "
                          "make it void)",
                          fn->name);
    if (clang_Cursor_isVariadic(cursor))
        return hls_refuse(location_of(cursor), "'%s' has variable arguments (name each)", fn->name);
    return 0;
}

static int read_top(CXCursor cursor, struct hls_fn *fn)
{
    int n = clang_Cursor_getNumArguments(cursor), code = check_top(cursor, fn);
    for (int i = 0; i < n && !code; i++)
        code = add_port(clang_Cursor_getArgument(cursor, (unsigned)i), fn);
    if (!code && fn->inputs == 0)
        code = hls_refuse(location_of(cursor), "'%s' has no input (scalars, or pointers and arrays of const)",
                          fn->name);
    if (!code && fn->outputs == 0)
        code = hls_refuse(location_of(cursor), "'%s' has no output (a pointer or array without const)",
                          fn->name);
    return code;
}

static bool could_be_top(const struct search *s, CXCursor cursor, const char *name)
{
    if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl || !clang_isCursorDefinition(cursor))
        return false;
    if (s->o->top)
        return !strcmp(name, s->o->top);
    return clang_getCursorLinkage(cursor) == CXLinkage_External &&
           clang_Location_isFromMainFile(clang_getCursorLocation(cursor));
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct search *s = data;
    CXString name = clang_getCursorSpelling(cursor);
    if (could_be_top(s, cursor, clang_getCString(name))) {
        char *names =
            hls_text("%s%s%s", s->found ? s->names : "", s->found ? ", " : "", clang_getCString(name));
        free(s->names);
        s->names = names;
        s->top = cursor;
        s->found++;
    }
    clang_disposeString(name);
    return CXChildVisit_Continue;
}

/* Takes the function found, or says why there is not one. */
static int take_top(struct search *s)
{
    struct hls_loc file = {s->o->source, 1, 1};
    if (!s->found && s->o->top)
        return hls_refuse(file, "no function '%s' is defined here (--top names the kernel)", s->o->top);
    if (!s->found)
        return hls_refuse(file, "no kernel is defined here (a function that is not static)");
    if (s->found > 1)
        return hls_refuse(file,
                          "which function is the kernel? (--top NAME, one of %s; or make the others static)",
                          s->names);
    free(s->fn->name);
    s->fn->name = hls_copy_text(s->names);
    s->fn->top = location_of(s->top);
    s->fn->top.file = s->o->source;
    return read_top(s->top, s->fn);
}

static int print_diagnostics(CXTranslationUnit unit)
{
    int code = 0;
    for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
        CXDiagnostic d = clang_getDiagnostic(unit, i);
        CXString text =
            clang_formatDiagnostic(d, CXDiagnostic_DisplaySourceLocation | CXDiagnostic_DisplayColumn);
        fprintf(stderr, "%s\n", clang_getCString(text));
        if (clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error)
            code = HLS_EXIT_USAGE;
        clang_disposeString(text);
        clang_disposeDiagnostic(d);
    }
    return code;
}

static int read_unit(CXTranslationUnit unit, const struct hls_options *o, struct hls_fn *fn)
{
    struct search s = {.o = o, .fn = fn};
    int code = print_diagnostics(unit);
    if (code)
        return code;
    if (!o->no_lint)
        hls_lint(unit);
    clang_visitChildren(clang_getTranslationUnitCursor(unit), visit, &s);
    code = take_top(&s);
    free(s.names);
    return code;
}

int hls_frontend_ports(const struct hls_options *o, struct hls_fn *fn)
{
    struct arguments a = {.n = 0};
    ADD(&a, LANGUAGE, STRICT, "-x", "c");
    add_includes(&a, o);
    CXIndex index = clang_createIndex(0, 0);
    CXTranslationUnit unit;
    int code;
    if (clang_parseTranslationUnit2(index, o->source, a.v, a.n, NULL, 0, CXTranslationUnit_None, &unit)) {
        code = hls_refuse((struct hls_loc){o->source, 1, 1}, "cannot be read as C");
    } else {
        code = read_unit(unit, o, fn);
        clang_disposeTranslationUnit(unit);
    }
    clang_disposeIndex(index);
    return code;
}

/* --- the entry function --- */

static void write_parameters(const struct hls_fn *fn, FILE *f)
{
    for (unsigned i = 0; i < fn->inputs; i++)
        fprintf(f, "%s%s hls_in%u", i ? ", " : "", hls_fn_port(fn, false, i)->type, i);
}

static void write_locals(const struct hls_fn *fn, FILE *f)
{
    for (size_t p = 0; p < fn->ports; p++) {
        const struct hls_port *port = &fn->port[p];
        fprintf(f, "    %s hls_port%zu[%u]", port->type, p, port->count);
        for (unsigned i = 0; !port->is_output && i < port->count; i++)
            fprintf(f, "%s hls_in%u", i ? "," : " = {", port->first + i);
        fputs(port->is_output ? ";\n" : "};\n", f);
    }
}

/* A cast through void * makes one spelling do for arrays of arrays. */
static void write_call(const struct hls_fn *fn, FILE *f)
{
    fprintf(f, "    %s(", fn->name);
    for (size_t p = 0; p < fn->ports; p++) {
        const char *form = fn->port[p].is_array ? "%s(void *)hls_port%zu" : "%shls_port%zu[0]";
        fprintf(f, form, p ? ", " : "", p);
    }
    fputs(");\n", f);
}

static int write_entry(const struct hls_options *o, const struct hls_fn *fn, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno));
    fprintf(f, "#include \"%s\"\n", o->source);
    for (unsigned i = 0; i < fn->outputs; i++)
        fprintf(f, "extern %s " HLS_OUTPUT "%u;\n", hls_fn_port(fn, true, i)->type, i);
    fputs("void " HLS_ENTRY "(", f);
    write_parameters(fn, f);
    fputs(")\n{\n", f);
    write_locals(fn, f);
    write_call(fn, f);
    for (size_t p = 0; p < fn->ports; p++)
        for (unsigned i = 0; fn->port[p].is_output && i < fn->port[p].count; i++)
            fprintf(f, "    " HLS_OUTPUT "%u = hls_port%zu[%u];\n", fn->port[p].first + i, p, i);
    fputs("}\n", f);
    return fclose(f) ? hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno)) : 0;
}

int hls_frontend_compile(const struct hls_options *o, const struct hls_fn *fn, const char *directory,
                         const char *bitcode)
{
    char *entry = hls_text("%s/entry.c", directory);
    struct arguments a = {.n = 0};
    ADD(&a, HLS_CLANG, LANGUAGE, CODE, "-iquote", ".");
    add_includes(&a, o);
    ADD(&a, entry, "-o", bitcode);
    int code = write_entry(o, fn, entry);
    if (!code)
        code = run(&a, -1);
    unlink(entry);
    free(entry);
    return code;
}

/* --- the native form --- */

/* The shim of a kernel with state contains the kernel. */
int hls_frontend_native(const struct hls_options *o, const struct hls_fn *fn, const char *shim,
                        const char *object)
{
    struct arguments a = {.n = 0};
    ADD(&a, HLS_CLANG, LANGUAGE, "-w", "-fPIC", "-shared", "-iquote", ".");
    add_includes(&a, o);
    ADD(&a, "-I", HLS_ROOT, shim, "-o", object);
    if (!hls_keeps_state(fn))
        ADD(&a, o->source);
    return run(&a, -1);
}

/* --- the hash --- */

static int hash_stream(FILE *f, const struct hls_options *o, uint64_t *hash)
{
    char text[65536];
    size_t n;
    XXH64_state_t *state = XXH64_createState();
    XXH64_reset(state, 0);
    while ((n = fread(text, 1, sizeof text, f)) > 0)
        XXH64_update(state, text, n);
    char *rest =
        hls_text("%s %s --top %s --clock-mhz %.6f --ii %u --dsp %d%s", HLSC_VERSION, hls_frontend_flags,
                 o->top, o->clock_mhz, o->ii, o->dsps, o->clock_enable ? " --clock-enable" : "");
    XXH64_update(state, rest, strlen(rest));
    *hash = XXH64_digest(state);
    free(rest);
    XXH64_freeState(state);
    return ferror(f) ? HLS_EXIT_INTERNAL : 0;
}

int hls_frontend_hash(const struct hls_options *o, uint64_t *hash)
{
    FILE *f = tmpfile();
    if (!f)
        return hls_refuse((struct hls_loc){0}, "no temporary file: %s", strerror(errno));
    struct arguments a = {.n = 0};
    ADD(&a, HLS_CLANG, LANGUAGE, "-E", "-P", "-w");
    add_includes(&a, o);
    ADD(&a, o->source);
    int code = run(&a, fileno(f));
    rewind(f);
    if (!code)
        code = hash_stream(f, o, hash);
    fclose(f);
    return code;
}

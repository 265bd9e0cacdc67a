#include "tests/hls/bench.h"

#include "hls/compiler/compile.h"
#include "hls/compiler/emit.h"
#include "hls/compiler/memory.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int bench_command(const char *format, ...)
{
    char *command = NULL;
    va_list ap;
    va_start(ap, format);
    int n = vasprintf(&command, format, ap);
    va_end(ap);
    int status = n < 0 ? -1 : system(command);
    free(command);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct bench *bench_new(void)
{
    const char *tmp = getenv("TMPDIR");
    struct bench *b = hls_allocate(1, sizeof *b);
    b->directory = hls_text("%s/hls-bench-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(b->directory)) {
        perror(b->directory);
        exit(3);
    }
    return b;
}

void bench_free(struct bench *b)
{
    for (size_t k = 0; k < b->kernels; k++) {
        hls_fn_free(b->kernel[k].fn);
        free(b->kernel[k].name);
        free(b->kernel[k].source);
    }
    if (b->library)
        dlclose(b->library);
    bench_command("rm -rf '%s'", b->directory);
    free(b->kernel);
    free(b->directory);
    free(b);
}

static void keep(struct bench *b, const struct hls_options *o, struct hls_fn *fn)
{
    b->kernel = hls_resize(b->kernel, b->kernels + 1, sizeof *b->kernel);
    b->kernel[b->kernels++] =
        (struct bench_kernel){hls_copy_text(o->top), hls_copy_text(o->source), fn, NULL, NULL};
}

int bench_add_with(struct bench *b, const struct hls_options *wanted)
{
    struct hls_options o = *wanted;
    o.no_lint = true;
    struct hls_fn *fn;
    o.out = b->directory;
    o.ii = o.ii ? o.ii : b->ii;
    o.include[o.includes++] = ".";
    int code = hls_compile(&o, &fn);
    if (code == 0)
        keep(b, &o, fn);
    return code;
}

int bench_add(struct bench *b, const char *source, const char *top, double clock_mhz)
{
    return bench_add_with(b, &(struct hls_options){.source = source, .top = top, .clock_mhz = clock_mhz});
}

int bench_add_without_verilog(struct bench *b, const char *source, const char *top, double clock_mhz)
{
    struct hls_options o = {.source = source,
                            .top = top,
                            .clock_mhz = clock_mhz,
                            .ii = b->ii,
                            .include = {"."},
                            .includes = 1,
                            .no_lint = true};
    struct hls_fn *fn;
    int code = hls_compile(&o, &fn);
    if (code)
        return code;
    keep(b, &o, fn);
    char *path = hls_text("%s/%s_shim.c", b->directory, top);
    FILE *f = fopen(path, "w");
    if (f)
        hls_emit_shim(fn, source, 0, f);
    free(path);
    return f && fclose(f) == 0 ? 0 : -1;
}

/* --- native --- */

static struct hls_native native_of(const struct bench_kernel *k)
{
    return (struct hls_native){k->native, k->native_state};
}

static int load_native(struct bench *b, const char *path)
{
    b->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!b->library) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    for (size_t k = 0; k < b->kernels; k++) {
        struct hls_native n;
        if (hls_native_find(&n, b->library, b->kernel[k].name))
            return -1;
        b->kernel[k].native = n.info;
        b->kernel[k].native_state = n.state;
    }
    return 0;
}

static int build_native(struct bench *b, const char *flags, const char *list, const char *how)
{
    char *path = hls_text("%s/kernels.so", b->directory);
    int wrong = bench_command(HLS_CLANG " -std=c23 -fwrapv %s -w -fPIC -shared -I . %s%s -o %s", flags, how,
                              list, path);
    wrong = wrong ? -1 : load_native(b, path);
    free(path);
    return wrong;
}

int bench_build_native(struct bench *b, const char *flags)
{
    char *list = hls_text("%s/native.txt", b->directory);
    FILE *f = fopen(list, "w");
    for (size_t k = 0; f && k < b->kernels; k++)
        fprintf(f, "%s\n%s/%s_shim.c\n", hls_keeps_state(b->kernel[k].fn) ? "" : b->kernel[k].source,
                b->directory, b->kernel[k].name);
    int wrong = !f || fclose(f) ? -1 : build_native(b, flags, list, "@");
    free(list);
    return wrong;
}

int bench_build_together(struct bench *b, const char *flags)
{
    char *unit = hls_text("%s/native.c", b->directory);
    FILE *f = fopen(unit, "w");
    for (size_t k = 0; f && k < b->kernels; k++) {
        if (!hls_keeps_state(b->kernel[k].fn))
            fprintf(f, "#include \"%s\"\n", b->kernel[k].source);
        fprintf(f, "#include \"%s/%s_shim.c\"\n", b->directory, b->kernel[k].name);
    }
    int wrong = !f || fclose(f) ? -1 : build_native(b, flags, unit, "");
    free(unit);
    return wrong;
}

/* --- values --- */

/* --- native against interpreter --- */

static bool same_outputs(const struct bench_kernel *k, const hls_int *a, const hls_int *b, const char *what)
{
    for (unsigned i = 0; i < k->fn->outputs; i++)
        if (a[i] != b[i]) {
            const struct hls_port *p = hls_fn_port(k->fn, true, i);
            printf("%s: %s[%u]: %s %lld, native %lld\n", k->name, p->name, i - p->first, what,
                   (long long)b[i], (long long)a[i]);
            return false;
        }
    return true;
}

static unsigned compare_kernel(const struct bench_kernel *k, unsigned n, uint64_t *random)
{
    hls_int *in = hls_allocate(k->fn->inputs, sizeof *in);
    hls_int *native = hls_allocate(k->fn->outputs, sizeof *native);
    hls_int *interpreted = hls_allocate(k->fn->outputs, sizeof *interpreted);
    hls_int *state = hls_allocate(k->fn->states, sizeof *state);
    const struct hls_native form = native_of(k);
    void *native_state = hls_native_new_state(&form);
    unsigned wrong = 0;
    for (unsigned i = 0; i < n && wrong < 3; i++) {
        hls_random_inputs(k->fn, random, in);
        if (i % 64 == 0)
            hls_reset(k->fn, state);
        if (i % 64 == 0 && native_state)
            k->native_state->reset(native_state);
        hls_native_call(&form, k->fn, native_state, in, native);
        wrong += hls_interpret(k->fn, state, in, interpreted) ||
                 !same_outputs(k, native, interpreted, "interpreter");
    }
    free(in);
    free(native);
    free(interpreted);
    free(state);
    free(native_state);
    return wrong;
}

unsigned bench_native_against_interpreter(const struct bench *b, unsigned n, uint64_t seed)
{
    unsigned wrong = 0;
    for (size_t k = 0; k < b->kernels; k++)
        wrong += compare_kernel(&b->kernel[k], n, &seed);
    return wrong;
}

/* --- vectors for the simulators: a line is {reset, valid, inputs, expected valid, expected outputs} --- */

/* A line of bits under construction, most significant first. */
struct line {
    char *bit;
    size_t n;
};

static void add_bits(struct line *l, hls_int value, unsigned width)
{
    while (width--)
        l->bit[l->n++] = (char)('0' + (int)(value >> width & 1));
}

static void add_ports(struct line *l, const struct hls_fn *fn, bool outputs, const hls_int *value)
{
    for (size_t p = fn->ports; p-- > 0;) {
        const struct hls_port *port = &fn->port[p];
        for (unsigned e = port->count; port->is_output == outputs && e-- > 0;)
            add_bits(l, value[port->first + e], port->width);
    }
}

static void put_line(struct line *l, const struct hls_vectors *v)
{
    l->n = 0;
    add_bits(l, v->reset, 1);
    add_bits(l, v->valid, 1);
    add_ports(l, v->fn, false, v->in);
    add_bits(l, v->shows, 1);
    add_ports(l, v->fn, true, v->out);
    l->bit[l->n] = 0;
}

/* Returns the results that must come. */
static long write_vectors(const struct bench_kernel *k, FILE *f, unsigned cycles, uint64_t seed)
{
    const struct hls_native form = native_of(k);
    struct hls_vectors v;
    struct line l = {hls_allocate(hls_port_bits(k->fn, false) + hls_port_bits(k->fn, true) + 4, 1), 0};
    hls_vectors_open(&v,
                     &(struct hls_vectors){.fn = k->fn, .native = &form, .random = seed, .calm = cycles / 2});
    for (unsigned c = 0; c < cycles; c++) {
        hls_vectors_next(&v);
        put_line(&l, &v);
        fprintf(f, "%s\n", l.bit);
    }
    long results = v.results;
    hls_vectors_close(&v);
    free(l.bit);
    return results;
}

/* --- the Verilog bench --- */

static void put_instance(FILE *f, const struct bench *b, size_t k, unsigned cycles)
{
    const struct hls_fn *fn = b->kernel[k].fn;
    unsigned in = hls_port_bits(fn, false), out = hls_port_bits(fn, true), at = out + 1;
    fprintf(f,
            "    reg [%u:0] memory_%zu [0:%u];\n    reg [%u:0] line_%zu;\n    wire valid_%zu;\n"
            "    wire [63:0] hash_%zu;\n    wire [%u:0] out_%zu;\n    %s u%zu (.clk_i(clk), "
            ".rst_i(line_%zu[%u]), "
            ".valid_i(line_%zu[%u]), .valid_o(valid_%zu), .hash_o(hash_%zu)",
            in + out + 2, k, cycles - 1, in + out + 2, k, k, k, out - 1, k, fn->name, k, k, in + out + 2, k,
            in + out + 1, k, k);
    unsigned out_at = 0;
    for (size_t p = 0; p < fn->ports; p++) {
        const struct hls_port *port = &fn->port[p];
        unsigned width = port->width * port->count, *low = port->is_output ? &out_at : &at;
        fprintf(f, ",\n        .%s_%c(%s_%zu[%u:%u])", port->name, port->is_output ? 'o' : 'i',
                port->is_output ? "out" : "line", k, *low + width - 1, *low);
        *low += width;
    }
    fputs(");\n", f);
}

static void put_check(FILE *f, const struct bench *b, size_t k)
{
    unsigned out = hls_port_bits(b->kernel[k].fn, true);
    fprintf(
        f,
        "            if (valid_%zu !== line_%zu[%u] || hash_%zu !== 64'h%016" PRIx64
        " || (valid_%zu === 1'b1 && out_%zu !== line_%zu[%u:0])) begin\n"
        "                wrong = wrong + 1;\n"
        "                if (wrong < 5) $display(\"%s cycle %%0d: valid %%b (%%b) out %%h (%%h)\", cycle, "
        "valid_%zu, line_%zu[%u], out_%zu, line_%zu[%u:0]);\n"
        "            end\n            if (valid_%zu === 1'b1) compared = compared + 1;\n",
        k, k, out, k, b->kernel[k].native->hash, k, k, k, out - 1, b->kernel[k].name, k, k, out, k, k,
        out - 1, k);
}

static void put_bench(FILE *f, const struct bench *b, unsigned cycles)
{
    fputs(
        "`timescale 1ns/1ns\nmodule bench;\n    reg clk = 0;\n    integer cycle, wrong = 0, compared = 0;\n",
        f);
    for (size_t k = 0; k < b->kernels; k++)
        put_instance(f, b, k, cycles);
    fputs("    initial begin\n", f);
    for (size_t k = 0; k < b->kernels; k++)
        fprintf(f, "        $readmemb(\"%s/%s.bits\", memory_%zu);\n", b->directory, b->kernel[k].name, k);
    fprintf(f, "        for (cycle = 0; cycle < %u; cycle = cycle + 1) begin\n", cycles);
    for (size_t k = 0; k < b->kernels; k++)
        fprintf(f, "            line_%zu = memory_%zu[cycle];\n", k, k);
    fputs("            #1 clk = 1;\n            #1;\n", f);
    for (size_t k = 0; k < b->kernels; k++)
        put_check(f, b, k);
    fputs("            clk = 0;\n            #1;\n        end\n"
          "        $display(\"compared %0d wrong %0d\", compared, wrong);\n        $finish;\n    "
          "end\nendmodule\n",
          f);
}

static int write_bench(const struct bench *b, unsigned cycles)
{
    char *path = hls_text("%s/bench.v", b->directory);
    FILE *f = fopen(path, "w");
    free(path);
    if (!f)
        return -1;
    put_bench(f, b, cycles);
    return fclose(f);
}

/* Bits are checked after the first reset only: before it, valid is unknown. */
static int write_all_vectors(const struct bench *b, unsigned cycles, uint64_t seed, long *expected)
{
    int wrong = 0;
    *expected = 0;
    for (size_t k = 0; k < b->kernels && !wrong; k++) {
        char *path = hls_text("%s/%s.bits", b->directory, b->kernel[k].name);
        FILE *f = fopen(path, "w");
        free(path);
        if (!f)
            return -1;
        *expected += write_vectors(&b->kernel[k], f, cycles, seed + k);
        wrong = fclose(f);
    }
    return wrong;
}

static int build_simulation(const struct bench *b, enum bench_simulator with)
{
    const char *d = b->directory;
    char *list = hls_text("%s/sources.txt", d);
    FILE *f = fopen(list, "w");
    free(list);
    if (!f)
        return -1;
    fprintf(f, "%s/bench.v\n", d);
    for (size_t k = 0; k < b->kernels; k++)
        fprintf(f, "%s/%s.v\n", d, b->kernel[k].name);
    if (fclose(f))
        return -1;
    if (with == BENCH_ICARUS)
        return bench_command("iverilog -g2005 -o %s/bench.vvp -c %s/sources.txt", d, d);
    return bench_command(
        "verilator --binary --timing -Wno-fatal -Wno-lint -Wno-style -O3 --top-module bench -Mdir %s/v "
        "-MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' -f %s/sources.txt -o bench > %s/build.log "
        "2>&1 "
        "|| { tail -20 %s/build.log; false; }",
        d, d, d, d);
}

static long read_verdict(const char *path, long expected)
{
    char line[4096];
    long compared = -1, wrong = -1;
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "compared %ld wrong %ld", &compared, &wrong) != 2 && *line != '-')
            fputs(line, stdout);
    if (f)
        fclose(f);
    if (wrong == 0 && compared == expected && expected > 0)
        return compared;
    printf("simulation: compared %ld of %ld, wrong %ld\n", compared, expected, wrong);
    return -1;
}

static long run_simulation(const struct bench *b, enum bench_simulator with, unsigned cycles, uint64_t seed)
{
    long expected;
    if (write_all_vectors(b, cycles, seed, &expected))
        return -1;
    char *log = hls_text("%s/run.log", b->directory);
    const char *program = with == BENCH_ICARUS ? "vvp -n" : "";
    bench_command("%s %s/%s > %s 2>&1", program, b->directory, with == BENCH_ICARUS ? "bench.vvp" : "v/bench",
                  log);
    long compared = read_verdict(log, expected);
    free(log);
    return compared;
}

long bench_rtl_rounds(const struct bench *b, enum bench_simulator with, unsigned cycles, unsigned rounds,
                      uint64_t seed)
{
    long all = 0;
    if (write_bench(b, cycles) || build_simulation(b, with))
        return -1;
    for (unsigned n = 0; n < rounds; n++) {
        long compared = run_simulation(b, with, cycles, seed + n * b->kernels);
        if (compared < 0)
            return -1;
        all += compared;
    }
    return all;
}

long bench_rtl(const struct bench *b, enum bench_simulator with, unsigned cycles, uint64_t seed)
{
    return bench_rtl_rounds(b, with, cycles, 1, seed);
}

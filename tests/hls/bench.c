#include "tests/hls/bench.h"

#include "hls/compiler/compile.h"
#include "hls/compiler/memory.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

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

int bench_add(struct bench *b, const char *source, const char *top, double clock_mhz)
{
    struct hls_options o = {.source = source,
                            .top = top,
                            .clock_mhz = clock_mhz,
                            .out = b->directory,
                            .include = {"."},
                            .includes = 1};
    struct hls_fn *fn;
    int code = hls_compile(&o, &fn);
    if (code)
        return code;
    b->kernel = hls_resize(b->kernel, b->kernels + 1, sizeof *b->kernel);
    b->kernel[b->kernels++] =
        (struct bench_kernel){hls_copy_text(top), hls_copy_text(source), fn, NULL, NULL};
    return 0;
}

/* --- native --- */

static int load_native(struct bench *b, const char *path)
{
    b->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!b->library) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    for (size_t k = 0; k < b->kernels; k++) {
        char *symbol = hls_text("%s_kernel", b->kernel[k].name);
        b->kernel[k].native = dlsym(b->library, symbol);
        free(symbol);
        symbol = hls_text("%s_state", b->kernel[k].name);
        b->kernel[k].native_state = dlsym(b->library, symbol);
        free(symbol);
        if (!b->kernel[k].native || !b->kernel[k].native->call != !!b->kernel[k].native_state)
            return -1;
    }
    return 0;
}

int bench_build_native(struct bench *b, const char *flags)
{
    char *path = hls_text("%s/kernels.so", b->directory), *list = hls_text("%s/native.txt", b->directory);
    FILE *f = fopen(list, "w");
    for (size_t k = 0; f && k < b->kernels; k++)
        fprintf(f, "%s\n%s/%s_shim.c\n", b->kernel[k].fn->states ? "" : b->kernel[k].source, b->directory,
                b->kernel[k].name);
    int wrong = !f || fclose(f);
    if (!wrong)
        wrong = bench_command(HLS_CLANG " -std=c23 -fwrapv %s -w -fPIC -shared -I . @%s -o %s", flags, list,
                              path);
    wrong = wrong ? -1 : load_native(b, path);
    free(path);
    free(list);
    return wrong;
}

/* --- values --- */

static unsigned words(const struct hls_port *p)
{
    return (p->width + 31) / 32;
}

static unsigned bits_of_ports(const struct hls_fn *fn, bool outputs)
{
    unsigned bits = 0;
    for (size_t p = 0; p < fn->ports; p++)
        if (fn->port[p].is_output == outputs)
            bits += fn->port[p].width * fn->port[p].count;
    return bits;
}

/* Uniform bits, with the ends of the range and small values more often than chance would give them. */
static hls_int random_value(const struct hls_port *p, uint64_t *state)
{
    uint64_t mask = p->width == 64 ? UINT64_MAX : ((uint64_t)1 << p->width) - 1;
    uint64_t kind = bench_random(state) % 16, bits = bench_random(state);
    if (kind == 0)
        bits = 0;
    else if (kind == 1)
        bits = mask;
    else if (kind == 2)
        bits = mask >> 1;
    else if (kind == 3)
        bits = (mask >> 1) + 1;
    else if (kind == 4)
        bits &= 7;
    bits &= mask;
    return p->is_signed && bits >> (p->width - 1) ? (hls_int)bits - hls_two_to(p->width) : (hls_int)bits;
}

static void random_inputs(const struct hls_fn *fn, hls_int *in, uint64_t *state)
{
    for (unsigned i = 0; i < fn->inputs; i++)
        in[i] = random_value(hls_fn_port(fn, false, i), state);
}

/* A state of the native kernel at its start, or NULL. */
static void *new_state(const struct bench_kernel *k)
{
    void *state = k->native_state ? hls_allocate(k->native_state->bytes(), 1) : NULL;
    if (state)
        k->native_state->reset(state);
    return state;
}

static void call_native(const struct bench_kernel *k, void *state, const hls_int *in, hls_int *out)
{
    uint32_t *words_in = hls_allocate(k->native->in_words, sizeof *words_in);
    uint32_t *words_out = hls_allocate(k->native->out_words, sizeof *words_out);
    unsigned w = 0;
    for (unsigned i = 0; i < k->fn->inputs; i++)
        for (unsigned n = 0; n < words(hls_fn_port(k->fn, false, i)); n++)
            words_in[w++] = (uint32_t)(in[i] >> (32 * n));
    if (state)
        k->native_state->step(state, words_in, words_out);
    else
        k->native->call(words_in, words_out);
    w = 0;
    for (unsigned i = 0; i < k->fn->outputs; i++) {
        const struct hls_port *p = hls_fn_port(k->fn, true, i);
        uint64_t low = words_out[w], high = words(p) == 2 ? words_out[w + 1] : 0;
        w += words(p);
        if (p->is_signed)
            out[i] = words(p) == 2 ? (hls_int)(int64_t)(high << 32 | low) : (hls_int)(int32_t)low;
        else
            out[i] = (hls_int)(high << 32 | low);
    }
    free(words_in);
    free(words_out);
}

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
    void *native_state = new_state(k);
    unsigned wrong = 0;
    for (unsigned i = 0; i < n && wrong < 3; i++) {
        random_inputs(k->fn, in, random);
        if (i % 64 == 0)
            hls_reset(k->fn, state);
        if (i % 64 == 0 && native_state)
            k->native_state->reset(native_state);
        call_native(k, native_state, in, native);
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

struct stream {
    const struct bench_kernel *k;
    uint64_t random;
    void *state;        /* of the native kernel */
    hls_int *in, *out;  /* present inputs; outputs in flight, `latency` sets of them */
    uint8_t *in_flight; /* valid of each */
    long expected;
};

static void step(struct stream *s, struct line *l, bool reset, bool valid)
{
    const struct hls_fn *fn = s->k->fn;
    size_t size = fn->outputs * sizeof *s->out;
    memmove(s->out + fn->outputs, s->out, (fn->stages - 1) * size);
    memmove(s->in_flight + 1, s->in_flight, fn->stages - 1);
    s->in_flight[0] = valid;
    if (reset)
        memset(s->in_flight, 0, fn->stages);
    if (reset && s->state)
        s->k->native_state->reset(s->state);
    else if (valid || !s->state)
        call_native(s->k, s->state, s->in, s->out);
    bool shows = s->in_flight[fn->stages - 1];
    s->expected += shows;
    l->n = 0;
    add_bits(l, reset, 1);
    add_bits(l, valid, 1);
    add_ports(l, fn, false, s->in);
    add_bits(l, shows, 1);
    add_ports(l, fn, true, s->out + (fn->stages - 1) * fn->outputs);
    l->bit[l->n] = 0;
}

/* Bursts and bubbles, a reset at the start and again in mid-stream. Returns the results that must come. */
static long write_vectors(const struct bench_kernel *k, FILE *f, unsigned cycles, uint64_t seed)
{
    struct stream s = {.k = k, .random = seed, .state = new_state(k)};
    struct line l = {hls_allocate(bits_of_ports(k->fn, false) + bits_of_ports(k->fn, true) + 4, 1), 0};
    s.in = hls_allocate(k->fn->inputs, sizeof *s.in);
    s.out = hls_allocate((size_t)k->fn->outputs * k->fn->stages, sizeof *s.out);
    s.in_flight = hls_allocate(k->fn->stages, 1);
    unsigned density = 1;
    for (unsigned c = 0; c < cycles; c++) {
        if (c % 64 == 0)
            density = (unsigned)(bench_random(&s.random) % 4) + 1;
        random_inputs(k->fn, s.in, &s.random);
        bool reset = c < 2 || (c > cycles / 2 && c % 97 < 2), valid = bench_random(&s.random) % 4 < density;
        step(&s, &l, reset, valid);
        fprintf(f, "%s\n", l.bit);
    }
    free(l.bit);
    free(s.in);
    free(s.out);
    free(s.in_flight);
    free(s.state);
    return s.expected;
}

/* --- the Verilog bench --- */

static void put_instance(FILE *f, const struct bench *b, size_t k, unsigned cycles)
{
    const struct hls_fn *fn = b->kernel[k].fn;
    unsigned in = bits_of_ports(fn, false), out = bits_of_ports(fn, true), at = out + 1;
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
    unsigned out = bits_of_ports(b->kernel[k].fn, true);
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

/* Bits are checked after the first reset only: before it, valid is unknown. */
static int write_bench(const struct bench *b, unsigned cycles, uint64_t seed, long *expected)
{
    char *path = hls_text("%s/bench.v", b->directory);
    FILE *f = fopen(path, "w");
    free(path);
    if (!f)
        return -1;
    put_bench(f, b, cycles);
    int wrong = fclose(f);
    *expected = 0;
    for (size_t k = 0; k < b->kernels && !wrong; k++) {
        path = hls_text("%s/%s.bits", b->directory, b->kernel[k].name);
        f = fopen(path, "w");
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

long bench_rtl(const struct bench *b, enum bench_simulator with, unsigned cycles, uint64_t seed)
{
    long expected;
    if (write_bench(b, cycles, seed, &expected) || build_simulation(b, with))
        return -1;
    char *log = hls_text("%s/run.log", b->directory);
    const char *program = with == BENCH_ICARUS ? "vvp -n" : "";
    bench_command("%s %s/%s > %s 2>&1", program, b->directory, with == BENCH_ICARUS ? "bench.vvp" : "v/bench",
                  log);
    long compared = read_verdict(log, expected);
    free(log);
    return compared;
}

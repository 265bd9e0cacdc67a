/* kernel_pipe and the Verilog of the same kernel, clock by clock: every output at every clock, through
 * bubbles, resets in mid-stream, clocks without enable, and, around both, the FIFO and handshakes of --ready.
 */
#include "emu/model/kernel_pipe.h"
#include "tests/harness.h"
#include "tests/hls/bench.h"

#include "hls/compiler/emit.h"
#include "hls/compiler/memory.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CYCLES = 1500, MOST_PORTS = 16 };

static const double BOARD_MHZ = 240.4734;

/* One clock: what goes in, and what shows after the edge. */
struct clock {
    bool reset, enable, valid, ready_in;
    const uint32_t *in;
    bool shows, ready_out;
    const uint32_t *out;
};

/* --- the models --- */

struct model {
    struct kernel kernel;
    struct kernel_pipe pipe;
    bool stream;
    uint32_t *out; /* the output registers, which hold what came last */
    bool shows, ready, arrives;
    bool has_result;    /* since the last reset, at which the output registers may still load */
    uint32_t *arriving; /* the pipeline's output registers, inside a stream */
    uint32_t *fifo;
    unsigned depth, stored, places, most_stored;
    unsigned pause; /* clocks until the pipeline may take an input */
};

static size_t result_bytes(const struct model *m)
{
    return m->kernel.out_words * sizeof(uint32_t);
}

static void model_open(struct model *m, const struct bench *b, bool stream)
{
    const struct hls_fn *fn = b->kernel[0].fn;
    struct kernel_port port[MOST_PORTS];
    struct message message;
    CU_ASSERT_TRUE_FATAL(fn->ports <= MOST_PORTS);
    for (size_t i = 0; i < fn->ports; i++)
        port[i] = (struct kernel_port){fn->port[i].name, fn->port[i].is_output, (uint16_t)fn->port[i].width,
                                       (uint16_t)fn->port[i].count};
    memset(m, 0, sizeof *m);
    m->stream = stream;
    m->depth = m->places = 1u << hls_stream_depth_bits(fn);
    int opened = kernel_open(&m->kernel, b->directory, fn->name,
                             &(struct kernel_shape){port, fn->ports, fn->ii}, &message);
    if (opened < 0)
        printf("%s\n", message.text);
    CU_ASSERT_EQUAL_FATAL(opened, 0);
    CU_ASSERT_EQUAL_FATAL(kernel_pipe_init(&m->pipe, &m->kernel), 0);
    m->out = hls_allocate(m->kernel.out_words, sizeof *m->out);
    m->arriving = hls_allocate(m->kernel.out_words, sizeof *m->arriving);
    m->fifo = hls_allocate(m->kernel.out_words * (m->depth + 1), sizeof *m->fifo);
}

static void model_close(struct model *m)
{
    kernel_pipe_release(&m->pipe);
    kernel_close(&m->kernel);
    free(m->out);
    free(m->arriving);
    free(m->fifo);
}

static void model_reset(struct model *m)
{
    kernel_pipe_reset(&m->pipe);
    m->shows = m->ready = m->arrives = m->has_result = false;
    m->stored = m->pause = 0;
    m->places = m->depth;
}

static bool pipe_step(struct model *m, bool valid, const uint32_t *in, uint32_t *to)
{
    const uint32_t *out = valid ? kernel_pipe_push(&m->pipe, in) : kernel_pipe_idle(&m->pipe);
    if (out)
        memcpy(to, out, result_bytes(m));
    return out != NULL;
}

/* What the handshakes of TOP_stream promise (docs/kernels.md), a clock at a time. */
static void stream_step(struct model *m, const struct clock *c)
{
    bool accept = c->valid && m->ready, pop = m->stored && (!m->shows || c->ready_in);
    if (pop) {
        memcpy(m->out, m->fifo, result_bytes(m));
        memmove(m->fifo, m->fifo + m->kernel.out_words, --m->stored * result_bytes(m));
        m->has_result = true;
    }
    if (m->arrives)
        memcpy(m->fifo + m->stored++ * m->kernel.out_words, m->arriving, result_bytes(m));
    CU_ASSERT_TRUE_FATAL(m->stored <= m->depth);
    m->most_stored = m->stored > m->most_stored ? m->stored : m->most_stored;
    m->arrives = pipe_step(m, accept, c->in, m->arriving);
    m->places += pop;
    m->places -= accept;
    m->pause = accept ? m->kernel.ii - 1 : m->pause - (m->pause > 0);
    m->ready = m->places > 0 && m->pause == 0;
    m->shows = pop || (m->shows && !c->ready_in);
}

/* Without a handshake, inputs that the pipeline cannot take do not come. */
static void plain_step(struct model *m, struct clock *c)
{
    m->shows = pipe_step(m, c->valid, c->in, m->out);
    m->has_result |= m->shows;
    m->pause = c->valid ? m->kernel.ii - 1 : m->pause - (m->pause > 0);
}

static void model_step(struct model *m, struct clock *c)
{
    c->valid &= m->stream || !m->pause;
    if (c->reset)
        model_reset(m);
    else if (m->stream)
        stream_step(m, c);
    else if (c->enable)
        plain_step(m, c);
    c->shows = m->shows;
    c->ready_out = m->ready;
    c->out = m->out;
}

/* --- vectors: a line is {compare, outputs, ready_o, valid_o, inputs, ready_i or ce_i, valid_i, rst_i} --- */

static void put_bits(FILE *f, const uint32_t *word, unsigned width)
{
    while (width-- > 0)
        fputc('0' + (int)(word[width / 32] >> width % 32 & 1), f);
}

/* Most significant port and element first. */
static void put_values(FILE *f, const struct hls_fn *fn, bool outputs, const uint32_t *word)
{
    const uint32_t *end = word;
    for (size_t i = 0; i < fn->ports; i++)
        if (fn->port[i].is_output == outputs)
            end += (fn->port[i].width + 31) / 32 * fn->port[i].count;
    for (size_t i = fn->ports; i-- > 0;)
        for (unsigned e = 0; fn->port[i].is_output == outputs && e < fn->port[i].count; e++) {
            end -= (fn->port[i].width + 31) / 32;
            put_bits(f, end, fn->port[i].width);
        }
}

static void put_line(FILE *f, const struct model *m, const struct hls_fn *fn, const struct clock *c)
{
    fputc('0' + m->has_result, f);
    put_values(f, fn, true, c->out);
    fprintf(f, "%d%d", c->ready_out, c->shows);
    put_values(f, fn, false, c->in);
    fprintf(f, "%d%d%d\n", m->stream ? c->ready_in : c->enable, c->valid, c->reset);
}

/* Phases of 64 clocks, in which inputs come and results are taken seldom or always. */
static void draw(struct clock *c, unsigned n, uint64_t *random, uint32_t *in, uint32_t in_words)
{
    static unsigned coming, taking;
    if (n % 64 == 0) {
        coming = (unsigned)(bench_random(random) % 4) + 1;
        taking = (unsigned)(bench_random(random) % 5);
    }
    for (uint32_t i = 0; i < in_words; i++)
        in[i] = (uint32_t)bench_random(random) & (bench_random(random) % 4 ? UINT32_MAX : 7);
    c->in = in;
    c->reset = n < 2 || (n > CYCLES / 2 && n % 97 < 2);
    c->valid = bench_random(random) % 4 < coming;
    c->enable = bench_random(random) % 4 != 0;
    c->ready_in = bench_random(random) % 4 < taking;
}

/* Returns how many results were seen new. */
static long write_lines(const struct bench *b, bool stream, uint64_t seed)
{
    char *path = hls_text("%s/lines", b->directory);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct model m;
    struct clock c;
    long results = 0;
    model_open(&m, b, stream);
    uint32_t *in = hls_allocate(m.kernel.in_words, sizeof *in);
    for (unsigned n = 0; n < CYCLES; n++) {
        draw(&c, n, &seed, in, m.kernel.in_words);
        model_step(&m, &c);
        put_line(f, &m, b->kernel[0].fn, &c);
        results += c.shows && (stream ? c.ready_in : c.enable);
    }
    if (stream && m.kernel.ii == 1)
        CU_ASSERT_EQUAL(m.most_stored, m.depth);
    free(in);
    model_close(&m);
    CU_ASSERT_EQUAL(fclose(f), 0);
    free(path);
    return results;
}

/* --- the Verilog beside it --- */

static void put_connections(FILE *f, const struct hls_fn *fn)
{
    unsigned in = 3, out = 0;
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        unsigned width = p->width * p->count, *at = p->is_output ? &out : &in;
        fprintf(f, ",\n        .%s_%c(%s[%u:%u])", p->name, p->is_output ? 'o' : 'i',
                p->is_output ? "out" : "line", *at + width - 1, *at);
        *at += width;
    }
    fputs(");\n", f);
}

static void put_player(FILE *f, const struct bench *b, bool stream)
{
    const struct hls_fn *fn = b->kernel[0].fn;
    unsigned in = hls_port_bits(fn, false) + 3, out = hls_port_bits(fn, true), top = in + out + 2;
    fprintf(f,
            "module play;\n    reg [%u:0] memory [0:%d], line;\n    reg clk = 0;\n    wire [%u:0] out;\n"
            "    wire valid, ready;\n    integer n, wrong = 0;\n    %s%s dut (.clk_i(clk), .rst_i(line[0]), "
            ".valid_i(line[1]), %s(line[2]), .valid_o(valid), .hash_o()%s",
            top, CYCLES - 1, out - 1, fn->name, stream ? "_stream" : "", stream ? ".ready_i" : ".ce_i",
            stream ? ", .ready_o(ready)" : "");
    put_connections(f, fn);
    fprintf(
        f,
        "%s    initial begin\n        $readmemb(\"%s/lines\", memory);\n"
        "        for (n = 0; n < %d; n = n + 1) begin\n            line = memory[n];\n"
        "            #1 clk = 1;\n            #1;\n"
        "            if ({ready, valid} !== line[%u:%u] || (line[%u] && out !== line[%u:%u])) begin\n"
        "                wrong = wrong + 1;\n"
        "                if (wrong < 4) $display(\"%s clock %%0d: ready valid %%b (%%b) out %%h (%%h)\", n,\n"
        "                    {ready, valid}, line[%u:%u], out, line[%u:%u]);\n"
        "            end\n            clk = 0;\n            #1;\n        end\n"
        "        $display(\"%%0d clocks, %%0d wrong\", n, wrong);\n        $finish;\n    end\nendmodule\n",
        stream ? "" : "    assign ready = 0;\n", b->directory, CYCLES, in + 1, in, top, top - 1, in + 2,
        fn->name, in + 1, in, top - 1, in + 2);
}

static int play(const struct bench *b, bool stream, enum bench_simulator with)
{
    char *path = hls_text("%s/play.v", b->directory), *name = b->kernel[0].name;
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    put_player(f, b, stream);
    CU_ASSERT_EQUAL(fclose(f), 0);
    free(path);
    const char *how =
        with == BENCH_ICARUS
            ? "cd %s && iverilog -g2005 -s play -o play play.v %s.v %s && vvp -n play > log"
            : "cd %s && verilator --binary --timing -Wno-fatal -Wno-lint -Wno-style --top-module play "
              "-MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' play.v %s.v %s > build.log 2>&1 "
              "&& obj_dir/Vplay > log";
    char *stream_file = stream ? hls_text("%s_stream.v", name) : hls_copy_text("");
    int built = bench_command(how, b->directory, name, stream_file);
    free(stream_file);
    return built ? -1 : bench_command("grep -q '^%d clocks, 0 wrong' %s/log", CYCLES, b->directory);
}

/* --- tests --- */

static struct bench *compiled(const char *source, bool stream)
{
    struct bench *b = bench_new();
    char *top = hls_copy_text(strrchr(source, '/') + 1);
    top[strcspn(top, ".")] = 0;
    struct hls_options o = {
        .source = source, .top = top, .clock_mhz = BOARD_MHZ, .ready = stream, .clock_enable = !stream};
    CU_ASSERT_EQUAL_FATAL(bench_add_with(b, &o), 0);
    CU_ASSERT_EQUAL_FATAL(bench_build_native(b, "-O1"), 0);
    free(top);
    return b;
}

static const char *const sources[] = {
    "hls/kernels/link_crc.c",       "hls/kernels/orbit_counter.c",       "hls/kernels/select_pair.c",
    "hls/kernels/hit_map.c",        "tests/hls/division/by_variables.c", "tests/hls/rolled/with_state.c",
    "tests/hls/rolled/two_layers.c"};

static void hold_together(const char *source, bool stream, enum bench_simulator with)
{
    struct bench *b = compiled(source, stream);
    CU_ASSERT_TRUE(write_lines(b, stream, test_seed()) > CYCLES / 40);
    int status = play(b, stream, with);
    if (status)
        bench_command("cat %s/log", b->directory);
    CU_ASSERT_EQUAL(status, 0);
    bench_free(b);
}

static void test_pipe_and_module_agree_at_every_clock(void)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        hold_together(sources[i], false, BENCH_ICARUS);
    hold_together("hls/kernels/select_pair.c", false, BENCH_VERILATOR);
}

static void test_stream_and_model_agree_at_every_clock(void)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        hold_together(sources[i], true, BENCH_ICARUS);
    hold_together("hls/kernels/select_pair.c", true, BENCH_VERILATOR);
}

/* A slip in the module shows: one in the enable, one in the credits. */
static void test_slips_are_seen(void)
{
    struct bench *b = compiled("hls/kernels/link_crc.c", false);
    write_lines(b, false, test_seed());
    CU_ASSERT_EQUAL(
        bench_command("cd %s && cp link_crc.v good && sed -i 's/if (ce_i && valid_i)/if (valid_i)/' "
                      "link_crc.v && ! cmp -s good link_crc.v",
                      b->directory),
        0);
    CU_ASSERT_EQUAL(play(b, false, BENCH_ICARUS), 1);
    bench_free(b);
    b = compiled("hls/kernels/link_crc.c", true);
    write_lines(b, true, test_seed());
    CU_ASSERT_EQUAL(
        bench_command("cd %s && cp link_crc_stream.v good && sed -i 's/ready_o <= free/ready_o <= 1 || "
                      "free/' link_crc_stream.v && ! cmp -s good link_crc_stream.v",
                      b->directory),
        0);
    CU_ASSERT_EQUAL(play(b, true, BENCH_ICARUS), 1);
    bench_free(b);
}

/* With results taken at once, a new input goes in whenever the pipeline takes one: the FIFO is deep enough.
 */
static void test_a_stream_never_pauses_when_nothing_waits(void)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct bench *b = compiled(sources[i], true);
        struct model m;
        model_open(&m, b, true);
        uint32_t *in = hls_allocate(m.kernel.in_words, sizeof *in);
        struct clock c = {.reset = true, .valid = true, .ready_in = true, .in = in};
        model_step(&m, &c);
        c.reset = false;
        model_step(&m, &c);
        unsigned latency = 0;
        for (unsigned n = 0; n < 200; n++) {
            CU_ASSERT_EQUAL(c.ready_out, n % m.kernel.ii == 0);
            model_step(&m, &c);
            latency += !latency && c.shows ? n + 1 : 0;
            CU_ASSERT_EQUAL(c.shows, latency > 0 && (n + 1 - latency) % m.kernel.ii == 0);
        }
        CU_ASSERT_EQUAL(latency, m.kernel.latency + HLS_STREAM_STEPS);
        free(in);
        model_close(&m);
        bench_free(b);
    }
}

/* Where the Verilog would compute nonsense, the model stops. */
static void test_an_input_too_soon_ends_the_program(void)
{
    struct bench *b = compiled("tests/hls/rolled/with_state.c", false);
    struct model m;
    model_open(&m, b, false);
    uint32_t *in = hls_allocate(m.kernel.in_words, sizeof *in);
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        kernel_pipe_push(&m.pipe, in);
        kernel_pipe_idle(&m.pipe);
        kernel_pipe_push(&m.pipe, in);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    free(in);
    model_close(&m);
    bench_free(b);
}

TEST_MAIN("model/kernel_rtl", TEST(test_pipe_and_module_agree_at_every_clock),
          TEST(test_stream_and_model_agree_at_every_clock), TEST(test_slips_are_seen),
          TEST(test_a_stream_never_pauses_when_nothing_waits), TEST(test_an_input_too_soon_ends_the_program))

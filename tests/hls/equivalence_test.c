/* What hlsc writes, proved equal to plain Verilog that says the same in another way: the template of each
 * operation, and the control kernels (tests/hls/equivalence/), those of many muons or words at a reduced
 * size. */
#include "tests/harness.h"
#include "tests/hls/bench.h"
#include "tests/hls/prove.h"

#include "hls/compiler/emit.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/passes.h"

#include <stdlib.h>

static const double BOARD_MHZ = 240.4734;

/* --- templates: one operation on inputs of several widths and signs --- */

static const struct input {
    const char *name;
    unsigned width;
    bool is_signed;
} inputs[] = {{"a", 9, true}, {"b", 6, true}, {"c", 8, false}, {"d", 3, false}, {"e", 1, false}};

enum {
    INPUTS = sizeof inputs / sizeof *inputs,
    A = 0,
    B,
    C,
    D,
    E,
    CUT = 4,
    SHIFT = 3,
    WRAP = 5,
    MOST_RESULTS = 16
};

/* What each operation is tried on: pairs of inputs. Shift amounts and indices are not negative. */
static const uint8_t any_pairs[][2] = {{A, B}, {C, D}, {A, C}, {D, B}, {B, A}};
static const uint8_t products[][2] = {{B, D}, {A, D}, {D, B}};
static const uint8_t shifts[][2] = {{A, D}, {B, D}, {C, D}};
static const uint8_t indices[][2] = {{C, C}, {D, D}};

struct template
{
    enum hls_op op;
    struct hls_fn *fn;
    FILE *reference;
    unsigned results;
    unsigned width; /* of the reference's arithmetic: no result is as wide */
};

/* NULL: no template, and the reason is in `elsewhere`. */
static const uint8_t (*pairs_of(enum hls_op op, size_t *n))[2]
{
    *n = op == HLS_MUL || op == HLS_SHLV || op == HLS_SHRV ? 3 : op == HLS_ROM ? 2 : 5;
    switch (op) {
    case HLS_MUL: return products;
    case HLS_SHLV:
    case HLS_SHRV: return shifts;
    case HLS_ROM: return indices;
    case HLS_INPUT:
    case HLS_CONST: /* in every template */
    case HLS_STATE: /* test_a_state_is_proved, and the control kernels */
    case HLS_ROUND:
    case HLS_HOLD:
    case HLS_LAST: return NULL; /* of loops: tests/hls/rolled_test.c simulates them */
    default: return any_pairs;
    }
}

static hls_int entry(hls_int i)
{
    return ((i ^ i << 2) & 63) - 17;
}

static size_t add_table(struct hls_fn *fn, unsigned index_width)
{
    hls_int value[256];
    for (hls_int i = 0; i < hls_two_to(index_width); i++)
        value[i] = entry(i);
    return hls_fn_add_table(fn, value, (size_t)hls_two_to(index_width));
}

/* The operation on x and y, whose intervals suit. */
static hls_id make(struct template *t, hls_id x, hls_id y)
{
    switch (t->op) {
    case HLS_SHL:
    case HLS_SHR: return hls_unary(t->fn, t->op, x, SHIFT);
    case HLS_WRAPU:
    case HLS_WRAPS: return hls_unary(t->fn, t->op, x, WRAP);
    case HLS_ROM:
        return hls_unary(t->fn, t->op, x, (hls_int)add_table(t->fn, hls_bits(0, t->fn->node[x].hi)));
    case HLS_SELECT: return hls_select(t->fn, hls_input(t->fn, E), x, y);
    default: return hls_binary(t->fn, t->op, x, y);
    }
}

/* The same in Verilog, on signed wires as wide as all results. */
static void put_meaning(struct template *t, const char *x, const char *y)
{
    static const char *const binary[HLS_OPS] = {
        [HLS_ADD] = "+", [HLS_SUB] = "-", [HLS_MUL] = "*", [HLS_SHLV] = "<<<", [HLS_SHRV] = ">>>",
        [HLS_AND] = "&", [HLS_OR] = "|",  [HLS_XOR] = "^", [HLS_EQ] = "==",    [HLS_LT] = "<"};
    FILE *f = t->reference;
    unsigned w = t->width;
    switch (t->op) {
    case HLS_SHL: fprintf(f, "%s * 8", x); break;
    case HLS_SHR: fprintf(f, "{{3{%s[%u]}}, %s[%u:3]}", x, w - 1, x, w - 1); break;
    case HLS_WRAPU: fprintf(f, "{%u'd0, %s[4:0]}", w - 5, x); break;
    case HLS_WRAPS: fprintf(f, "{{%u{%s[4]}}, %s[4:0]}", w - 5, x, x); break;
    case HLS_ROM: fprintf(f, "((%s ^ %s <<< 2) & 63) - 17", x, x); break;
    case HLS_SELECT: fprintf(f, "e == 0 ? %s : %s", y, x); break;
    case HLS_MIN: fprintf(f, "%s > %s ? %s : %s", x, y, y, x); break;
    case HLS_MAX: fprintf(f, "%s > %s ? %s : %s", x, y, x, y); break;
    default: fprintf(f, "%s %s %s", x, binary[t->op], y);
    }
}

static bool can_repeat(enum hls_op op)
{
    return op != HLS_ROM && op != HLS_MUL;
}

/* Results y0, y1, ..: of each pair the operation, its low bits alone, and the operation on its result. */
static void put_result(struct template *t, hls_id value, const char *of, unsigned cut)
{
    t->fn->output[t->results] = value;
    if (cut)
        fprintf(t->reference, "    assign y%u_o = {60'd0, %s[%u:0]};\n", t->results++, of, cut - 1);
    else
        fprintf(t->reference, "    assign y%u_o = {{%u{%s[%u]}}, %s};\n", t->results++, 64 - t->width, of,
                t->width - 1, of);
}

static void add_pair(struct template *t, unsigned number, const uint8_t pair[2])
{
    const char *x = inputs[pair[0]].name, *y = inputs[pair[1]].name;
    hls_id first = make(t, hls_input(t->fn, pair[0]), hls_input(t->fn, pair[1]));
    char once[16], twice[16];
    snprintf(once, sizeof once, "once%u", number);
    snprintf(twice, sizeof twice, "twice%u", number);
    fprintf(t->reference, "    wire signed [%u:0] %s = ", t->width - 1, once);
    put_meaning(t, x, y);
    fputs(";\n", t->reference);
    put_result(t, first, once, 0);
    put_result(t, hls_unary(t->fn, HLS_WRAPU, first, CUT), once, CUT);
    if (!can_repeat(t->op))
        return;
    fprintf(t->reference, "    wire signed [%u:0] %s = ", t->width - 1, twice);
    put_meaning(t, once, y);
    fputs(";\n", t->reference);
    put_result(t, make(t, first, hls_input(t->fn, pair[1])), twice, 0);
}

static void add_ports(struct template *t, size_t results)
{
    fprintf(t->reference, "module %s_reference (\n", t->fn->name);
    for (size_t i = 0; i < INPUTS; i++) {
        hls_fn_add_port(t->fn, &(struct hls_port){.name = (char *)inputs[i].name,
                                                  .type = "int",
                                                  .is_signed = inputs[i].is_signed,
                                                  .width = inputs[i].width,
                                                  .count = 1});
        fprintf(t->reference, "    input wire [%u:0] %s_i,\n", inputs[i].width - 1, inputs[i].name);
    }
    for (size_t i = 0; i < results; i++) {
        char name[16];
        snprintf(name, sizeof name, "y%zu", i);
        hls_fn_add_port(
            t->fn,
            &(struct hls_port){
                .name = name, .type = "long", .is_output = true, .is_signed = true, .width = 64, .count = 1});
        fprintf(t->reference, "    output wire [63:0] %s_o%s\n", name, i + 1 < results ? "," : ");");
    }
    for (size_t i = 0; i < INPUTS; i++)
        fprintf(t->reference, "    wire signed [%u:0] %s = {{%u{%s%s_i[%u]}}, %s_i};\n", t->width - 1,
                inputs[i].name, t->width - inputs[i].width, inputs[i].is_signed ? "" : "1'b0 & ",
                inputs[i].name, inputs[i].width - 1, inputs[i].name);
}

static void write_module(const struct bench *b, const struct hls_fn *fn)
{
    struct hls_emitted count;
    char *path = hls_text("%s/%s.v", b->directory, fn->name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    hls_emit_verilog(fn, false, 0, f, &count);
    CU_ASSERT_EQUAL(fclose(f), 0);
    free(path);
}

static bool has_operation(const struct hls_fn *fn, enum hls_op op)
{
    for (hls_id id = 0; id < fn->nodes; id++)
        if (fn->node[id].op == op && fn->node[id].demand)
            return true;
    return false;
}

static struct hls_fn *build_template(const struct bench *b, enum hls_op op, double clock_mhz)
{
    size_t n;
    const uint8_t(*pairs)[2] = pairs_of(op, &n);
    char *path = hls_text("%s/written.v", b->directory);
    struct template t = {.op = op, .fn = hls_fn_new("template"), .reference = fopen(path, "w")};
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.reference);
    t.width = op == HLS_MUL ? 16 : 40;
    add_ports(&t, n * (can_repeat(op) ? 3 : 2));
    for (size_t i = 0; i < n; i++)
        add_pair(&t, (unsigned)i, pairs[i]);
    fputs("endmodule\n", t.reference);
    CU_ASSERT_EQUAL(fclose(t.reference), 0);
    free(path);
    hls_pass_demand(t.fn);
    CU_ASSERT_EQUAL_FATAL(hls_pass_schedule(t.fn, clock_mhz), 0);
    CU_ASSERT_EQUAL_FATAL(hls_verify(t.fn, "schedule"), 0);
    CU_ASSERT_TRUE(has_operation(t.fn, op));
    write_module(b, t.fn);
    return t.fn;
}

/* `change`: a sed script for the module; NULL: as it is. Returns whether the proof holds. */
static bool template_holds(enum hls_op op, double clock_mhz, const char *change)
{
    struct bench *b = bench_new();
    struct hls_fn *fn = build_template(b, op, clock_mhz);
    char *reference = hls_text("%s/written.v", b->directory);
    if (change)
        CU_ASSERT_EQUAL_FATAL(
            bench_command("cd %s && cp template.v good && sed -i '%s' template.v && ! cmp -s good "
                          "template.v",
                          b->directory, change),
            0);
    int status = prove_equal(fn, b->directory, reference);
    if (status && !change) {
        printf("%s at %.0f MHz, %u stages: not proved\n", hls_op_info[op].text, clock_mhz, fn->stages);
        bench_command("tail -3 %s/prove.out", b->directory);
    }
    free(reference);
    hls_fn_free(fn);
    bench_free(b);
    return status == 0;
}

static void test_the_template_of_each_operation_is_proved(void)
{
    size_t n;
    for (int op = 0; op < HLS_OPS; op++)
        if (pairs_of((enum hls_op)op, &n)) {
            CU_ASSERT_TRUE(template_holds((enum hls_op)op, 60, NULL));
            CU_ASSERT_TRUE(template_holds((enum hls_op)op, 400, NULL));
        }
}

/* Each a slip that the template of an operation could have. */
static void test_broken_templates_are_not_proved(void)
{
    static const struct {
        enum hls_op op;
        const char *change;
    } broken[] = {{HLS_ADD, "0,/ + /s// - /"},
                  {HLS_LT, "0,/ < /s// <= /"},
                  {HLS_SHRV, "0,/ >>> /s// >> /"},
                  {HLS_MUL, "0,/ \\* /s// + /"},
                  {HLS_SELECT, "0,/ ? \\(.*\\) : \\(.*\\);/s// ? \\2 : \\1;/"},
                  {HLS_ROM, "0,/8.d7: begin t\\([0-9]*\\) = /s//&~/"},
                  {HLS_XOR, "s/valid_o <= .*valid_[a-z0-9]*;/valid_o <= 1'\\''b1;/"}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        CU_ASSERT_FALSE(template_holds(broken[i].op, 60, broken[i].change));
}

/* --- a state --- */

/* acc = wraps(acc + a, 9), and the result is acc before that. */
static struct hls_fn *build_state(const struct bench *b)
{
    struct hls_fn *fn = hls_fn_new("accumulate");
    hls_fn_add_port(
        fn, &(struct hls_port){.name = "a", .type = "int", .is_signed = true, .width = 6, .count = 1});
    hls_fn_add_port(
        fn, &(struct hls_port){
                .name = "y", .type = "int", .is_output = true, .is_signed = true, .width = 9, .count = 1});
    hls_fn_add_state(fn,
                     &(struct hls_state){
                         .name = "accumulate.acc", .initial = -5, .lo = -256, .hi = 255, .next = HLS_NONE});
    fn->output[0] = hls_state(fn, 0);
    fn->state[0].next =
        hls_unary(fn, HLS_WRAPS, hls_binary(fn, HLS_ADD, hls_state(fn, 0), hls_input(fn, 0)), 9);
    hls_pass_state(fn);
    hls_pass_demand(fn);
    CU_ASSERT_EQUAL_FATAL(hls_pass_schedule(fn, BOARD_MHZ), 0);
    CU_ASSERT_EQUAL_FATAL(hls_verify(fn, "schedule"), 0);
    write_module(b, fn);
    return fn;
}

static const char accumulate[] =
    "module accumulate_reference (input wire clk_i, rst_i, valid_i, input wire signed [5:0] a_i,\n"
    "    output wire signed [8:0] y_o, output reg signed [8:0] acc_s);\n    assign y_o = acc_s;\n"
    "    always @(posedge clk_i)\n        if (rst_i) acc_s <= -9'sd5;\n"
    "        else if (valid_i) acc_s <= acc_s + a_i;\nendmodule\n";

static void test_the_template_of_states_is_proved(void)
{
    struct bench *b = bench_new();
    char *reference = hls_text("%s/written.v", b->directory);
    FILE *f = fopen(reference, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(accumulate, f);
    CU_ASSERT_EQUAL(fclose(f), 0);
    struct hls_fn *fn = build_state(b);
    CU_ASSERT_EQUAL(prove_equal(fn, b->directory, reference), 0);
    CU_ASSERT_EQUAL(
        bench_command("sed -i '/if (rst_i) begin/,/end/s/s0 <= .*/s0 <= 9'\\''d5;/' %s/accumulate.v",
                      b->directory),
        0);
    CU_ASSERT_NOT_EQUAL(prove_equal(fn, b->directory, reference), 0);
    hls_fn_free(fn);
    free(reference);
    bench_free(b);
}

/* --- control kernels --- */

/* A sed script each: of the kernel and of the reference, to a size at which the proof ends soon; and a slip
 * in the module. */
static const struct control {
    const char *name, *kernel, *reference, *slip;
} controls[] = {
    {"zero_suppress", "", "", "0,/ < /s// <= /"},
    {"orbit_counter", "", "", "s/12.hdeb/12'hdea/"},
    /* Four bits of a word a clock: a sum of many bits is beyond such a prover. */
    {"link_crc", "0,/i < 32/s//i < 4/; s/advance(word)/advance(word << 28)/", "s/i = 31/i = 3/",
     "0,/ ^ /s// | /"},
    {"hit_map", "s/WORDS = 112/WORDS = 4/", "s/WORDS = 112/WORDS = 4/", "0,/ | /s// \\^ /"},
    {"select_pair", "s/MUONS = 8, PAIRS = 28, FIELD = 32/MUONS = 4, PAIRS = 6, FIELD = 8/",
     "s/MUONS = 8/MUONS = 4/", "0,/ < /s// <= /"},
    {"sort_muons", "s/MUONS = 16/MUONS = 4/", "s/MUONS = 16/MUONS = 4/", "0,/ ? /s// != 0 ? 9'd1 + /"}};

static void prove_control(const struct control *c)
{
    struct bench *b = bench_new();
    const char *d = b->directory;
    char *source = hls_text("%s/%s.c", d, c->name), *reference = hls_text("%s/written.v", d);
    CU_ASSERT_EQUAL(bench_command("sed '%s' hls/kernels/%s.c > %s", c->kernel, c->name, source), 0);
    CU_ASSERT_EQUAL(
        bench_command("sed '%s' tests/hls/equivalence/%s.v > %s", c->reference, c->name, reference), 0);
    CU_ASSERT_EQUAL_FATAL(bench_add(b, source, c->name, BOARD_MHZ), 0);
    int proved = prove_equal(b->kernel[0].fn, d, reference);
    if (proved)
        bench_command("echo %s; tail -3 %s/prove.out", c->name, d);
    CU_ASSERT_EQUAL(proved, 0);
    CU_ASSERT_EQUAL(bench_command("cd %s && cp %s.v good && sed -i \"%s\" %s.v && ! cmp -s good %s.v", d,
                                  c->name, c->slip, c->name, c->name),
                    0);
    CU_ASSERT_NOT_EQUAL(prove_equal(b->kernel[0].fn, d, reference), 0);
    free(source);
    free(reference);
    bench_free(b);
}

static void test_control_kernels_are_proved(void)
{
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        prove_control(&controls[i]);
}

TEST_MAIN("hls/equivalence", TEST(test_the_template_of_each_operation_is_proved),
          TEST(test_broken_templates_are_not_proved), TEST(test_the_template_of_states_is_proved),
          TEST(test_control_kernels_are_proved))

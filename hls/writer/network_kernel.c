#include "hls/writer/network_kernel.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { MOST_BITS = 62, LINE = 104, MOST_DEPTH = 32 };

struct writer {
    const struct quantised *q;
    unsigned reuse; /* rounds of a dense layer, at most */
    FILE *to;
    struct message *m;
};

/* ---- what cannot be written ---- */

static int bits_of(fixed_wide magnitude)
{
    int bits = 0;
    for (; magnitude; magnitude >>= 1)
        bits++;
    return bits;
}

static const struct fixed_type *result_type(const struct writer *w, const struct quantised_step *s)
{
    return s->kind == Q_TABLE ? &s->index : &w->q->tensor[s->out].type;
}

static int check_type(struct writer *w, const char *name, const struct fixed_type *t)
{
    if (t->width > MOST_BITS)
        return message_set(w->m, "%s: '%.80s' has %u bits (kernels take at most %d; give a narrower format)",
                           w->q->graph->path, name, t->width, MOST_BITS);
    if (t->wrap_bits)
        return message_set(w->m,
                           "%s: '%.80s' saturates %u bits when it wraps, which kernels cannot (give N = 0)",
                           w->q->graph->path, name, t->wrap_bits);
    return 0;
}

static bool is_shallow(const struct quantised_step *s, uint32_t place, int depth)
{
    const struct quantised_branch *b = &s->branch[place];
    return b->ask == Q_LEAF ||
           (depth > 0 && is_shallow(s, b->yes, depth - 1) && is_shallow(s, b->no, depth - 1));
}

static int check_step(struct writer *w, const struct quantised_step *s)
{
    const struct fixed_type *t = result_type(w, s);
    int up = fixed_fraction(t) - s->fraction;
    if (bits_of(s->reach) + (up > 0 ? up : 0) > MOST_BITS)
        return message_set(w->m,
                           "%s: node '%.80s': its intermediate numbers need more than %d bits (give narrower "
                           "formats)",
                           w->q->graph->path, s->name, MOST_BITS);
    if (s->hls4ml && check_type(w, s->name, &s->accumulator) < 0)
        return -1;
    for (uint32_t k = 0; k < s->roots; k++)
        if (!is_shallow(s, s->root[k], MOST_DEPTH))
            return message_set(w->m, "%s: node '%.80s': a tree is deeper than %d (train shallower ones)",
                               w->q->graph->path, s->name, MOST_DEPTH);
    return check_type(w, s->name, t);
}

static int check(struct writer *w)
{
    for (unsigned t = 0; t < w->q->tensors; t++)
        if (check_type(w, w->q->tensor[t].name, &w->q->tensor[t].type) < 0)
            return -1;
    for (unsigned i = 0; i < w->q->steps; i++)
        if (check_step(w, &w->q->step[i]) < 0)
            return -1;
    return 0;
}

/* ---- names and numbers ---- */

/* "s3_fc1": the step's number keeps names apart, the node's name lets a reader find his way. */
static void put_step_name(struct writer *w, const struct quantised_step *s)
{
    fprintf(w->to, "s%u_", (unsigned)(s - w->q->step));
    for (const char *c = s->name; *c && c - s->name < 40; c++)
        fputc(isalnum((unsigned char)*c) && (unsigned char)*c < 128 ? *c : '_', w->to);
}

/* A name of the user's inside a comment. */
static void put_comment(struct writer *w, const char *name)
{
    for (const char *c = name; *c && c - name < 80; c++)
        fputc(isprint((unsigned char)*c) && *c != '*' && *c != '\\' ? *c : '_', w->to);
}

static const char *array_type(const int64_t *v, size_t n, size_t stride)
{
    int bits = 0;
    for (size_t k = 0; k < n; k++) {
        int64_t x = *(const int64_t *)((const char *)v + k * stride);
        int b = bits_of(x < 0 ? -(fixed_wide)x - 1 : x);
        bits = b > bits ? b : bits;
    }
    return bits < 8 ? "int8_t" : bits < 16 ? "int16_t" : bits < 32 ? "int32_t" : "int64_t";
}

/* Numbers between commas, in lines. */
struct list {
    struct writer *w;
    int column;
    bool first;
};

static void put_number(struct list *l, int64_t v)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%" PRId64, v);
    if (!l->first)
        fputc(',', l->w->to);
    if (l->first || l->column + n + 2 > LINE)
        l->column = fprintf(l->w->to, "\n        ") - 1;
    else
        l->column += fprintf(l->w->to, " ") + 1;
    fputs(text, l->w->to);
    l->column += n;
    l->first = false;
}

static void put_array(struct writer *w, const struct quantised_step *s, const char *what, const int64_t *v,
                      size_t n)
{
    struct list l = {w, 0, true};
    fprintf(w->to, "static const %s ", array_type(v, n, sizeof *v));
    put_step_name(w, s);
    /* A long tail of zeros would make the C compiler store a struct, which hlsc cannot index. */
    bool tail = n > 8 && v[n - 1] == 0;
    fprintf(w->to, "_%s[%zu] = {", what, n + tail);
    for (size_t k = 0; k < n; k++)
        put_number(&l, v[k]);
    if (tail)
        put_number(&l, 1);
    fputs("};\n", w->to);
}

/* ---- casts ---- */

/* Opens "hls_limit(SAT, 8, 1, hls_round(RND, 6, "; returns how many brackets close it. */
static unsigned put_cast(struct writer *w, const struct fixed_type *t, int fraction, bool can_overflow)
{
    unsigned open = 0;
    if (can_overflow) {
        fprintf(w->to, "hls_limit(%s, %u, %u, ", fixed_overflow_name(t->overflow), t->width, t->is_signed);
        open++;
    }
    int drop = fraction - fixed_fraction(t);
    if (drop != 0) {
        /* From bit 63 on there are only copies of the sign. */
        fprintf(w->to, "hls_round(%s, %d, ", fixed_round_name(t->round), drop < 63 ? drop : 63);
        open++;
    }
    return open;
}

static void put_close(struct writer *w, unsigned open)
{
    while (open--)
        fputc(')', w->to);
}

/* ---- linear steps ---- */

/* Terms in the order of inputs. */
static bool in_order(const struct writer *w, const struct quantised_step *s)
{
    for (uint32_t o = 0; o < w->q->tensor[s->out].size; o++)
        for (uint32_t k = s->first[o] + 1; k < s->first[o + 1]; k++)
            if (s->term[k].element < s->term[k - 1].element)
                return false;
    return true;
}

/* One row of one tensor, as dense layers of one sample are. */
static bool is_dense(const struct writer *w, const struct quantised_step *s)
{
    uint32_t n = s->first[w->q->tensor[s->out].size];
    if ((s->op != NET_GEMM && s->op != NET_MATMUL) || n == 0 || !in_order(w, s) ||
        w->q->tensor[s->out].shape.rank < 1 ||
        w->q->tensor[s->out].shape.dim[w->q->tensor[s->out].shape.rank - 1] != w->q->tensor[s->out].size)
        return false;
    return true;
}

static void put_weights(struct writer *w, const struct quantised_step *s)
{
    uint32_t outputs = w->q->tensor[s->out].size, inputs = w->q->tensor[s->term[0].tensor].size;
    fprintf(w->to, "static const %s ", array_type(&s->term[0].weight, s->first[outputs], sizeof *s->term));
    put_step_name(w, s);
    fprintf(w->to, "_w[%u][%u] = {", outputs, inputs);
    for (uint32_t o = 0; o < outputs; o++) {
        struct list l = {w, 0, true};
        fprintf(w->to, "%s{", o ? ",\n    " : "\n    ");
        uint32_t k = s->first[o];
        for (uint32_t i = 0; i < inputs; i++) {
            bool there = k < s->first[o + 1] && s->term[k].element == i;
            put_number(&l, there ? s->term[k].weight : 0);
            k += there;
        }
        fputs("}", w->to);
    }
    fputs("};\n", w->to);
}

/* A sum cast at each product and each addition. */
static void put_accumulate(struct writer *w, const struct quantised_step *s, const char *product)
{
    const struct fixed_type *a = &s->accumulator;
    fputs("sum = ", w->to);
    unsigned open = put_cast(w, a, fixed_fraction(a), true);
    fputs("sum + ", w->to);
    unsigned inner = put_cast(w, a, s->fraction, true);
    fputs(product, w->to);
    put_close(w, inner + open);
    fputs(";\n", w->to);
}

/* How the products of a dense layer share multipliers: `each` inputs or outputs a round. */
struct split {
    bool by_inputs;
    uint32_t each, rounds;
};

/* Of 1..`most` rounds as many as can be filled: all but the last one are full. */
static struct split split_into(bool by_inputs, uint32_t n, uint32_t most)
{
    uint32_t each = (n + most - 1) / most;
    return (struct split){by_inputs, each, (n + each - 1) / each};
}

/* The way that takes fewer multipliers; where both take as many, by outputs, whose sums need no registers. A
 * sum that is cast on its way would not be ready for the next round. */
static struct split split_of(const struct writer *w, const struct quantised_step *s)
{
    uint32_t outputs = w->q->tensor[s->out].size, inputs = w->q->tensor[s->term[0].tensor].size;
    struct split in = split_into(true, inputs, w->reuse), out = split_into(false, outputs, w->reuse);
    return !s->hls4ml && (uint64_t)in.each * outputs < (uint64_t)out.each * inputs ? in : out;
}

/* "y[o] = ", the sum, cast. */
static void put_result(struct writer *w, const struct quantised_step *s, const char *sum)
{
    fputs("y[o] = ", w->to);
    unsigned open = put_cast(w, &w->q->tensor[s->out].type,
                             s->hls4ml ? fixed_fraction(&s->accumulator) : s->fraction, s->can_overflow);
    fputs(sum, w->to);
    put_close(w, open);
    fputs(";\n", w->to);
}

/* All sums grow together; a round adds some of the inputs to each. */
static void put_dense_by_inputs(struct writer *w, const struct quantised_step *s, struct split split)
{
    uint32_t outputs = w->q->tensor[s->out].size, inputs = w->q->tensor[s->term[0].tensor].size;
    fprintf(w->to, "    hls_wide sum[%u];\n    for (int o = 0; o < %u; o++)\n        sum[o] = ", outputs,
            outputs);
    put_step_name(w, s);
    fprintf(w->to,
            "_b[o];\n    HLS_ROLLED\n    for (int r = 0; r < %u; r++)\n"
            "        for (int o = 0; o < %u; o++)\n            for (int k = 0; k < %u; k++) {\n"
            "                int i = r * %u + k;\n                sum[o] += %s",
            split.rounds, outputs, split.each, split.each, inputs % split.each ? "i < " : "");
    if (inputs % split.each)
        fprintf(w->to, "%u ? ", inputs);
    put_step_name(w, s);
    fprintf(w->to, "_w[o][i] * t%d[i]%s;\n            }\n    for (int o = 0; o < %u; o++)\n        ",
            s->term[0].tensor, inputs % split.each ? " : 0" : "", outputs);
    put_result(w, s, "sum[o]");
}

/* From the bias to y[o]. */
static void put_output(struct writer *w, const struct quantised_step *s, const char *product)
{
    uint32_t inputs = w->q->tensor[s->term[0].tensor].size;
    fputs("        hls_wide sum = ", w->to);
    unsigned open = s->hls4ml ? put_cast(w, &s->accumulator, s->fraction, true) : 0;
    put_step_name(w, s);
    fputs("_b[o]", w->to);
    put_close(w, open);
    fprintf(w->to, ";\n        for (int i = 0; i < %u; i++)\n            ", inputs);
    if (s->hls4ml)
        put_accumulate(w, s, product);
    else
        fprintf(w->to, "sum += %s;\n", product);
    fputs("        ", w->to);
    put_result(w, s, "sum");
}

/* A round has some of the outputs; what is left of the last round does the last output again. */
static void put_dense_by_outputs(struct writer *w, const struct quantised_step *s, struct split split)
{
    uint32_t outputs = w->q->tensor[s->out].size;
    char product[96];
    int n = snprintf(product, sizeof product, "s%u_", (unsigned)(s - w->q->step));
    for (const char *c = s->name; *c && c - s->name < 40; c++)
        product[n++] = (char)(isalnum((unsigned char)*c) && (unsigned char)*c < 128 ? *c : '_');
    snprintf(product + n, sizeof product - (size_t)n, "_w[o][i] * t%d[i]", s->term[0].tensor);
    if (split.rounds == 1)
        fprintf(w->to, "    for (int o = 0; o < %u; o++) {\n", outputs);
    else
        fprintf(w->to,
                "    HLS_ROLLED\n    for (int r = 0; r < %u; r++)\n    for (int k = 0; k < %u; k++) {\n"
                "        int o = ",
                split.rounds, split.each);
    if (split.rounds > 1 && outputs % split.each)
        fprintf(w->to, "r * %u + k < %u ? r * %u + k : %u;\n", split.each, outputs, split.each, outputs - 1);
    else if (split.rounds > 1)
        fprintf(w->to, "r * %u + k;\n", split.each);
    put_output(w, s, product);
    fputs("    }\n", w->to);
}

static void put_dense(struct writer *w, const struct quantised_step *s)
{
    struct split split = split_of(w, s);
    if (split.by_inputs && split.rounds > 1)
        put_dense_by_inputs(w, s, split);
    else
        put_dense_by_outputs(w, s, split);
}

/* "+ 3 * t4[1]" */
static int put_term(struct writer *w, const struct quantised_term *t, bool first)
{
    int64_t v = t->weight;
    int n = fprintf(w->to, "%s", first ? (v < 0 ? "-" : "") : v < 0 ? " - " : " + ");
    uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;
    if (size != 1)
        n += fprintf(w->to, "(hls_wide)%" PRIu64 " * ", size);
    return n + fprintf(w->to, "t%d[%u]", t->tensor, t->element);
}

static void put_element(struct writer *w, const struct quantised_step *s, uint32_t e)
{
    int column = fprintf(w->to, "    y[%u] = ", e);
    unsigned open = put_cast(w, &w->q->tensor[s->out].type, s->fraction, s->can_overflow);
    bool first = s->bias[e] == 0;
    if (!first || s->first[e] == s->first[e + 1])
        column += fprintf(w->to, "(hls_wide)%" PRId64, s->bias[e]);
    for (uint32_t k = s->first[e]; k < s->first[e + 1]; k++) {
        if (column > LINE - 40)
            column = fprintf(w->to, "\n           ");
        column += put_term(w, &s->term[k], first && k == s->first[e]);
    }
    put_close(w, open);
    fputs(";\n", w->to);
}

/* An element whose sum is cast on the way, its terms in an order of their own. */
static void put_cast_element(struct writer *w, const struct quantised_step *s, uint32_t e)
{
    fputs("    sum = ", w->to);
    unsigned open = put_cast(w, &s->accumulator, s->fraction, true);
    fprintf(w->to, "(hls_wide)%" PRId64, s->bias[e]);
    put_close(w, open);
    fputs(";\n", w->to);
    for (uint32_t k = s->first[e]; k < s->first[e + 1]; k++) {
        char product[64];
        snprintf(product, sizeof product, "(hls_wide)%" PRId64 " * t%d[%u]", s->term[k].weight,
                 s->term[k].tensor, s->term[k].element);
        fputs("    ", w->to);
        put_accumulate(w, s, product);
    }
    fprintf(w->to, "    y[%u] = ", e);
    open = put_cast(w, &w->q->tensor[s->out].type, fixed_fraction(&s->accumulator), s->can_overflow);
    fputs("sum", w->to);
    put_close(w, open);
    fputs(";\n", w->to);
}

static void put_linear(struct writer *w, const struct quantised_step *s)
{
    if (is_dense(w, s))
        put_dense(w, s);
    else {
        if (s->hls4ml)
            fputs("    hls_wide sum;\n", w->to);
        for (uint32_t e = 0; e < w->q->tensor[s->out].size; e++)
            s->hls4ml ? put_cast_element(w, s, e) : put_element(w, s, e);
    }
}

/* ---- other steps ---- */

static void put_function(struct writer *w, const struct quantised_step *s)
{
    int x = s->in[0];
    switch (s->kind) {
    case Q_RELU: fprintf(w->to, "t%d[e] > 0 ? t%d[e] : 0", x, x); break;
    case Q_LEAKY:
        fprintf(w->to, "t%d[e] < 0 ? t%d[e] * (hls_wide)%" PRId64 " : t%d[e] * ((hls_wide)1 << %u)", x, x,
                s->constant, x, s->raise);
        break;
    case Q_BIPOLAR:
        fprintf(w->to, "t%d[e] >= 0 ? %" PRId64 " : %" PRId64, x, s->constant, -s->constant);
        break;
    case Q_PRODUCT: fprintf(w->to, "t%d[e] * t%d[e]", x, s->in[1]); break;
    default: fprintf(w->to, "t%d[e]", x); break;
    }
}

static void put_each(struct writer *w, const struct quantised_step *s)
{
    fprintf(w->to, "    for (int e = 0; e < %u; e++)\n        y[e] = ", w->q->tensor[s->out].size);
    if (s->kind == Q_TABLE) {
        put_step_name(w, s);
        fputs("_table[(u64)(", w->to);
    }
    unsigned open = put_cast(w, result_type(w, s), s->fraction, s->can_overflow || s->kind == Q_TABLE);
    put_function(w, s);
    put_close(w, open);
    if (s->kind == Q_TABLE)
        fprintf(w->to, ") & %u]", (1u << s->index.width) - 1);
    fputs(";\n", w->to);
}

/* The largest of each group of the input, or 1 at the first that is as large. */
static void put_groups(struct writer *w, const struct quantised_step *s)
{
    uint32_t groups = w->q->tensor[s->in[0]].size / s->group;
    fprintf(w->to,
            "    for (int g = 0; g < %u; g++) {\n"
            "        hls_wide most = t%d[g * %u];\n"
            "        for (int k = 1; k < %u; k++)\n"
            "            most = t%d[g * %u + k] > most ? t%d[g * %u + k] : most;\n",
            groups, s->in[0], s->group, s->group, s->in[0], s->group, s->in[0], s->group);
    if (s->kind == Q_MAX)
        fputs("        y[g] = most;\n    }\n", w->to);
    else
        fprintf(w->to,
                "        int found = 0;\n"
                "        for (int k = 0; k < %u; k++) {\n"
                "            y[g * %u + k] = !found && t%d[g * %u + k] == most;\n"
                "            found |= t%d[g * %u + k] == most;\n"
                "        }\n    }\n",
                s->group, s->group, s->in[0], s->group, s->in[0], s->group);
}

/* ---- trees ---- */

/* One output's votes of a tree: a question a line. */
static void put_tree(struct writer *w, const struct quantised_step *s, uint32_t place, uint32_t output,
                     int depth)
{
    const struct quantised_branch *b = &s->branch[place];
    if (b->ask == Q_LEAF) {
        fprintf(w->to, "%" PRId64, b->vote[output]);
        return;
    }
    fprintf(w->to, "t%d[%u] %s %" PRId64 "\n%*s? (", s->in[0], b->element,
            b->ask == Q_EQUAL ? "==" : "<=", b->limit, 8 + 2 * depth, "");
    put_tree(w, s, b->yes, output, depth + 1);
    fprintf(w->to, ")\n%*s: (", 8 + 2 * depth, "");
    put_tree(w, s, b->no, output, depth + 1);
    fputc(')', w->to);
}

static void put_trees(struct writer *w, const struct quantised_step *s)
{
    bool asks = false;
    for (uint32_t k = 0; k < s->roots; k++)
        asks |= s->branch[s->root[k]].ask != Q_LEAF;
    if (!asks) /* trees of one leaf read nothing */
        fprintf(w->to, "    (void)t%d;\n", s->in[0]);
    fputs("    hls_wide sum;\n", w->to);
    for (uint32_t e = 0; e < w->q->tensor[s->out].size; e++) {
        fprintf(w->to, "    sum = %" PRId64 ";\n", s->bias[e]);
        for (uint32_t k = 0; k < s->roots; k++) {
            fputs("    sum += ", w->to);
            put_tree(w, s, s->root[k], e, 0);
            fputs(";\n", w->to);
        }
        fprintf(w->to, "    y[%u] = ", e);
        unsigned open = put_cast(w, &w->q->tensor[s->out].type, s->fraction, s->can_overflow);
        fputs("sum", w->to);
        put_close(w, open);
        fputs(";\n", w->to);
    }
}

/* ---- functions ---- */

static bool reads(const struct writer *w, const struct quantised_step *s, int tensor)
{
    if (s->kind != Q_LINEAR)
        return s->in[0] == tensor || (s->kind == Q_PRODUCT && s->in[1] == tensor);
    for (uint32_t k = 0; k < s->first[w->q->tensor[s->out].size]; k++)
        if (s->term[k].tensor == tensor)
            return true;
    return false;
}

/* "const hls_wide *t4, ", or only "t4, " in a call. */
static void put_arguments(struct writer *w, const struct quantised_step *s, const char *before)
{
    for (int t = 0; t < (int)w->q->tensors; t++)
        if (reads(w, s, t))
            fprintf(w->to, "%st%d, ", before, t);
}

static void put_about(struct writer *w, const struct quantised_step *s)
{
    char text[FIXED_TEXT];
    const struct quantised_tensor *y = &w->q->tensor[s->out];
    fixed_type_print(&y->type, text);
    fprintf(w->to, "/* %s ", net_op_name(s->op));
    put_comment(w, s->name);
    fputs(": ", w->to);
    put_comment(w, y->name);
    fprintf(w->to, "[%u], %s", y->size, text);
    if (s->kind == Q_LINEAR)
        fprintf(w->to, "; the sum is in units of 2^%d", -s->fraction);
    if (s->kind == Q_TABLE) {
        fixed_type_print(&s->index, text);
        fprintf(w->to, "; the table's index is %s", text);
    }
    if (s->hls4ml) {
        fixed_type_print(&s->accumulator, text);
        fprintf(w->to, "; cast to %s at each product and addition", text);
    }
    fputs(" */\n", w->to);
}

static void put_step(struct writer *w, const struct quantised_step *s)
{
    uint32_t size = w->q->tensor[s->out].size;
    fputc('\n', w->to);
    put_about(w, s);
    if (s->kind == Q_LINEAR && is_dense(w, s)) {
        put_weights(w, s);
        put_array(w, s, "b", s->bias, size);
    }
    if (s->kind == Q_TABLE)
        put_array(w, s, "table", s->table, (size_t)1 << s->index.width);
    fputs("static inline void ", w->to);
    put_step_name(w, s);
    fputc('(', w->to);
    put_arguments(w, s, "const hls_wide *");
    fputs("hls_wide *y)\n{\n", w->to);
    if (s->kind == Q_LINEAR)
        put_linear(w, s);
    else if (s->kind == Q_TREES)
        put_trees(w, s);
    else if (s->kind == Q_MAX || s->kind == Q_LARGEST)
        put_groups(w, s);
    else
        put_each(w, s);
    fputs("}\n", w->to);
}

static void put_head(struct writer *w)
{
    fputs("/* Written by bxact from ", w->to);
    put_comment(w, w->q->graph->path);
    fputs(". All numbers are integers; a tensor's\n * format says what they stand for. */\n"
          "#include \"hls/kernels/fixed.h\"\n",
          w->to);
}

/* The tensors as arrays, and the calls. */
static void put_body(struct writer *w)
{
    for (unsigned i = 0; i < w->q->steps; i++) {
        const struct quantised_step *s = &w->q->step[i];
        fprintf(w->to, "    hls_wide t%d[%u];\n    ", s->out, w->q->tensor[s->out].size);
        put_step_name(w, s);
        fputc('(', w->to);
        put_arguments(w, s, "");
        fprintf(w->to, "t%d);\n", s->out);
    }
}

static void put_port(struct writer *w, const char *before, char letter, unsigned k,
                     const struct quantised_tensor *t)
{
    unsigned width = t->type.is_signed && t->type.width < 2 ? 2 : t->type.width;
    fprintf(w->to, "%s%s_BitInt(%u) %c%u[%u]", before, t->type.is_signed ? "" : "unsigned ", width, letter, k,
            t->size);
}

static void put_ports(struct writer *w, const char *name)
{
    fprintf(w->to, "\nvoid %s(", name);
    for (unsigned k = 0; k < w->q->inputs; k++)
        put_port(w, k ? ", const " : "const ", 'x', k, &w->q->tensor[w->q->input[k]]);
    for (unsigned k = 0; k < w->q->outputs; k++)
        put_port(w, ", ", 'y', k, &w->q->tensor[w->q->output[k]]);
    fputs(")\n{\n", w->to);
}

static int finish(struct writer *w)
{
    return ferror(w->to) ? message_set(w->m, "%s: the kernel could not be written", w->q->graph->path) : 0;
}

int network_kernel_write(const struct quantised *q, const char *name, unsigned reuse, FILE *to,
                         struct message *m)
{
    struct writer w = {q, reuse, to, m};
    if (check(&w) < 0)
        return -1;
    put_head(&w);
    for (unsigned i = 0; i < q->steps; i++)
        put_step(&w, &q->step[i]);
    put_ports(&w, name);
    for (unsigned k = 0; k < q->inputs; k++) {
        const struct quantised_tensor *x = &q->tensor[q->input[k]];
        fprintf(to, "    hls_wide t%d[%u];\n    for (int e = 0; e < %u; e++)\n        t%d[e] = x%u[e];\n",
                q->input[k], x->size, x->size, q->input[k], k);
    }
    put_body(&w);
    for (unsigned k = 0; k < q->outputs; k++) {
        const struct quantised_tensor *y = &q->tensor[q->output[k]];
        unsigned width = y->type.is_signed && y->type.width < 2 ? 2 : y->type.width;
        fprintf(to, "    for (int e = 0; e < %u; e++)\n        y%u[e] = (%s_BitInt(%u))t%d[e];\n", y->size, k,
                y->type.is_signed ? "" : "unsigned ", width, q->output[k]);
    }
    fputs("}\n", to);
    return finish(&w);
}

/* ---- recal ---- */

static int check_recal(struct writer *w)
{
    const struct quantised *q = w->q;
    if (q->inputs != 1 || q->tensor[q->input[0]].size < 4 || q->tensor[q->input[0]].size > 5)
        return message_set(w->m,
                           "%s: must have one input of 4 numbers (phi, eta, pT, charge) or 5 (and quality)",
                           q->graph->path);
    if (q->outputs != 1 || q->tensor[q->output[0]].size != 3)
        return message_set(w->m, "%s: must have one output of 3 numbers (corrections of phi, eta, pT)",
                           q->graph->path);
    return check(w);
}

int network_kernel_write_recal(const struct quantised *q, unsigned reuse, FILE *to, struct message *m)
{
    static const char *const ports[] = {"phi", "eta", "pt"};
    static const struct fixed_type correction = {
        .width = 16, .integer = 12, .is_signed = 1, .round = FIXED_RND, .overflow = FIXED_SAT};
    struct writer w = {q, reuse, to, m};
    if (check_recal(&w) < 0)
        return -1;
    int x = q->input[0], y = q->output[0];
    put_head(&w);
    fputs("#include \"hls/kernels/network.h\"\n", to);
    for (unsigned i = 0; i < q->steps; i++)
        put_step(&w, &q->step[i]);
    fputs("\n/* Ports, features and units: docs/chain.md, \"recal\". A feature is an int8 in units of 2^-7, "
          "an output is in "
          "GMT\n * codes. */\n"
          "void recal(u64 muon, u8 seq, u4 slot, s16 *phi, s16 *eta, s16 *pt, u8 *seq_out, u4 *slot_out)\n{\n"
          "    int feature[FEATURES];\n    network_features(muon, feature);\n",
          to);
    fprintf(to, "    hls_wide t%d[%u];\n    for (int e = 0; e < %u; e++)\n        t%d[e] = ", x,
            q->tensor[x].size, q->tensor[x].size, x);
    unsigned open = put_cast(&w, &q->tensor[x].type, 7, true);
    fputs("feature[e]", to);
    put_close(&w, open);
    fputs(";\n", to);
    put_body(&w);
    for (unsigned k = 0; k < 3; k++) {
        fprintf(to, "    *%s = (s16)", ports[k]);
        open = put_cast(&w, &correction, fixed_fraction(&q->tensor[y].type), true);
        fprintf(to, "t%d[%u]", y, k);
        put_close(&w, open);
        fputs(";\n", to);
    }
    fputs("    *seq_out = seq;\n    *slot_out = slot;\n}\n", to);
    return finish(&w);
}

// Projects as hls4ml writes them, made by this program: read by golden/network, evaluated there and here with
// SystemC's fixed-point numbers, layer by layer as the C++ headers of hls4ml compute.
#define SC_INCLUDE_FX
#include <systemc.h>

#include "golden/network/hls4ml.h"
#include "golden/network/quantised.h"
#include "golden/stimulus/rng.h"
extern "C" {
#include "tests/harness.h"
}

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using std::string;
using std::vector;
using values = vector<double>; // of at most 53 bits, so exact

enum { PROJECTS = 300, SAMPLES = 64 };

static rng source;

static unsigned below(unsigned n)
{
    return rng_below(&source, n);
}

// ---- types ----

static const char *const round_names[] = {"AP_RND",      "AP_RND_ZERO", "AP_RND_MIN_INF", "AP_RND_INF",
                                          "AP_RND_CONV", "AP_TRN",      "AP_TRN_ZERO"};
static const char *const overflow_names[] = {"AP_SAT", "AP_SAT_ZERO", "AP_SAT_SYM", "AP_WRAP"};
static const sc_q_mode sc_rounds[] = {SC_RND,      SC_RND_ZERO, SC_RND_MIN_INF, SC_RND_INF,
                                      SC_RND_CONV, SC_TRN,      SC_TRN_ZERO};
static const sc_o_mode sc_overflows[] = {SC_SAT, SC_SAT_ZERO, SC_SAT_SYM, SC_WRAP};

struct type {
    int width, integer;
    bool is_signed;
    int round, overflow;

    string text() const
    {
        char buffer[80];
        std::snprintf(buffer, sizeof buffer, "ap_%sfixed<%d,%d,%s,%s,0>", is_signed ? "" : "u", width,
                      integer, round_names[round], overflow_names[overflow]);
        return buffer;
    }
    double cast(double v) const
    {
        if (is_signed) {
            sc_fix x(width, integer, sc_rounds[round], sc_overflows[overflow]);
            x = v;
            return x.to_double();
        }
        sc_ufix x(width, integer, sc_rounds[round], sc_overflows[overflow]);
        x = v;
        return x.to_double();
    }
};

static type random_type(int least, int most, int integer_least, int integer_most, bool saturates = false)
{
    int width = least + (int)below((unsigned)(most - least + 1));
    int integer = integer_least + (int)below((unsigned)(integer_most - integer_least + 1));
    return {width, integer, true, (int)below(7), saturates ? 0 : (int)below(4)};
}

// ---- layers ----

enum kind {
    DENSE,
    NORMALIZE,
    LINEAR,
    RELU,
    LEAKY,
    SIGMOID,
    TANH,
    ADD,
    MULTIPLY,
    CONCAT,
    CLONE,
    SOFTMAX,
    KINDS
};

struct layer {
    kind what;
    unsigned x, other, size; // places of operands in the list of results; the size of the result
    type result, weight, bias, accumulator, table, difference, sum, inverse_input, inverse;
    unsigned reuse, table_size, inverse_size;
    bool resource, stable, is_new;
    double alpha;
    values w, b; // as in the files: w[input * size + output], under resource w[output * inputs + input]
};

struct project {
    type input;
    unsigned inputs;
    bool stream;
    vector<layer> layers;

    unsigned size(unsigned place) const
    {
        return place ? layers[place - 1].size : inputs;
    }
    const type &type_of(unsigned place) const
    {
        return place ? layers[place - 1].result : input;
    }
};

static values random_values(size_t n, double size)
{
    values v(n);
    for (double &x : v)
        x = below(8) ? size * ((double)below(1 << 20) / (1 << 19) - 1) : 0;
    return v;
}

static void make_dense(const project &p, layer &l)
{
    unsigned inputs = p.size(l.x);
    l.size = 1 + below(8);
    l.resource = below(2);
    do
        l.reuse = 1 + below(inputs * l.size);
    while (l.resource &&
           (inputs * l.size % l.reuse || (l.reuse <= inputs ? inputs % l.reuse : l.reuse % inputs)));
    l.w = random_values((size_t)inputs * l.size, 1.5);
    l.b = random_values(l.size, 1);
}

static void make_softmax(const project &p, layer &l)
{
    const type &x = p.type_of(l.x);
    l.stable = below(3);
    l.is_new = below(2);
    l.difference = x;
    l.difference.round = 0;
    l.difference.overflow = 0;
    if (l.is_new && l.stable)
        l.difference = {x.width - 1, x.integer - 1, false, (int)below(7), 0};
    l.table_size = 1u << (1 + below((unsigned)(l.difference.width < 10 ? l.difference.width - 1 : 9)));
    l.table = random_type(12, 18, 6, 8, true);
    l.sum = l.is_new ? random_type(14, 20, 7, 9, true) : l.table;
    l.inverse_input = l.is_new ? random_type(12, 18, 6, 8, true) : l.sum;
    l.inverse = random_type(10, 18, 2, 4, true);
    // One size for both until 1.1.
    l.inverse_size = l.is_new ? 1u << (4 + below(6)) : l.table_size;
    if (!l.stable)
        l.difference = x;
}

static layer random_layer(const project &p)
{
    layer l = {};
    l.x = (unsigned)p.layers.size();
    l.what = (kind)below(KINDS);
    l.size = p.size(l.x);
    l.result = random_type(6, 16, 2, 6);
    l.weight = random_type(4, 12, 1, 3);
    l.bias = random_type(4, 12, 1, 3);
    l.accumulator = below(2) ? random_type(8, 20, 3, 7) : random_type(28, 32, 9, 12);
    l.table = random_type(6, 18, 1, 3);
    l.table_size = 1u << (4 + below(8));
    if (l.what == DENSE)
        make_dense(p, l);
    if (l.what == NORMALIZE) {
        l.w = random_values(l.size, 2);
        l.b = random_values(l.size, 1);
    }
    if (l.what == LEAKY)
        l.alpha = (double)below(1 << 16) / (1 << 16);
    if (l.what == SOFTMAX)
        make_softmax(p, l);
    l.other = below((unsigned)p.layers.size() + 1);
    if ((l.what == ADD || l.what == MULTIPLY) && p.size(l.other) != l.size)
        l.other = l.x;
    if (l.what == CONCAT)
        l.size += p.size(l.other);
    return l;
}

static project random_project(uint64_t seed)
{
    project p;
    rng_seed(&source, seed);
    p.input = random_type(6, 14, 2, 5);
    p.inputs = 1 + below(6);
    p.stream = below(2);
    for (unsigned n = 1 + below(6); n--;) {
        layer l = random_layer(p);
        if (l.size <= 24)
            p.layers.push_back(l);
    }
    if (p.layers.empty())
        p.layers.push_back(
            {LINEAR, 0, 0, p.inputs, p.input, {}, {}, {}, {}, {}, {}, {}, {}, 0, 0, 0, 0, 0, 0, 0, {}, {}});
    return p;
}

// ---- what hls4ml's headers compute ----

static values dense(const layer &l, const values &x)
{
    size_t inputs = x.size(), n = inputs * l.size;
    values y(l.size);
    for (unsigned o = 0; o < l.size; o++)
        y[o] = l.accumulator.cast(l.bias.cast(l.b[o]));
    // Latency: input after input. Resource: one multiplier has the weights `reuse` apart.
    for (size_t turn = 0; turn < (l.resource ? l.reuse : 1); turn++)
        for (size_t k = turn; k < n; k += l.resource ? l.reuse : 1) {
            size_t i = l.resource ? k % inputs : k / l.size, o = l.resource ? k / inputs : k % l.size;
            y[o] = l.accumulator.cast(y[o] + l.accumulator.cast(x[i] * l.weight.cast(l.w[k])));
        }
    for (double &v : y)
        v = l.result.cast(v);
    return y;
}

static float sigmoid_float(float x)
{
    return 1.0 / (1 + std::exp(-x));
}

static double table_value(const layer &l, double x)
{
    int half = (int)l.table_size / 2, steps = l.what == TANH ? 8 : 16;
    int index = (int)(x * l.table_size / steps) + half;
    index = index < 0 ? 0 : index > 2 * half - 1 ? 2 * half - 1 : index;
    float at = (float)(steps * (index - half) / (double)l.table_size);
    float y = l.what == TANH ? std::tanh(at) : sigmoid_float(at);
    return l.result.cast(l.table.cast(y));
}

// The number that the highest bits of x stand for: `size` of them are told apart.
static float top_bits(const type &t, unsigned size, double x)
{
    int bits = (int)std::log2(size);
    return (float)type{bits, t.integer, t.is_signed, 5, 3}.cast(x);
}

static values softmax(const layer &l, const type &in, const values &x)
{
    values e(x.size()), y(x.size());
    double most = x[0], sum = 0;
    for (double v : x)
        most = v > most ? v : most;
    for (size_t k = 0; k < x.size(); k++) {
        double d = !l.stable ? x[k] : l.difference.cast(l.is_new ? most - x[k] : x[k] - most);
        float at = top_bits(l.stable ? l.difference : in, l.table_size, d);
        e[k] = l.sum.cast(l.table.cast(std::exp(l.stable && l.is_new ? -at : at)));
    }
    for (double v : e)
        sum = l.sum.cast(sum + v);
    float at = top_bits(l.inverse_input, l.inverse_size, l.inverse_input.cast(sum));
    double inverse = at == 0 ? l.inverse.cast(1e30) : l.inverse.cast(1 / at);
    for (size_t k = 0; k < x.size(); k++)
        y[k] = l.result.cast(e[k] * inverse);
    return y;
}

static double one_value(const project &p, const layer &l, const vector<values> &all, unsigned e)
{
    const values &x = all[l.x], &other = all[l.other];
    switch (l.what) {
    case NORMALIZE: return l.result.cast(x[e] * l.weight.cast(l.w[e]) + l.bias.cast(l.b[e]));
    case RELU: return x[e] > 0 ? l.result.cast(x[e]) : 0;
    case LEAKY: return l.result.cast(x[e] > 0 ? x[e] : l.weight.cast(l.alpha) * x[e]);
    case SIGMOID:
    case TANH: return table_value(l, x[e]);
    case ADD: return l.result.cast(x[e] + other[e]);
    case MULTIPLY: return l.result.cast(x[e] * other[e]);
    case CONCAT: return l.result.cast(e < p.size(l.x) ? x[e] : other[e - p.size(l.x)]);
    default: return l.result.cast(x[e]);
    }
}

static vector<values> evaluate(const project &p, const values &input)
{
    vector<values> all = {input};
    for (const layer &l : p.layers) {
        values y(l.size);
        if (l.what == DENSE)
            y = dense(l, all[l.x]);
        else if (l.what == SOFTMAX)
            y = softmax(l, p.type_of(l.x), all[l.x]);
        else
            for (unsigned e = 0; e < l.size; e++)
                y[e] = one_value(p, l, all, e);
        all.push_back(y);
    }
    return all;
}

// ---- the project's files ----

static string name(const char *before, unsigned place)
{
    return before + std::to_string(place);
}

static string variable(const project &p, unsigned place)
{
    return !place ? "x" : place == p.layers.size() ? "y" : name("layer", place) + "_out";
}

static void write_defines(const project &p, std::ofstream to)
{
    to << "#ifndef DEFINES_H_\n#define DEFINES_H_\n#include \"ap_fixed.h\"\n\n#define N_INPUT " << p.inputs
       << "\n";
    for (unsigned k = 0; k <= p.layers.size(); k++) {
        string t = p.type_of(k).text();
        if (p.stream)
            t = "nnet::array<" + t + ", " + std::to_string(p.size(k)) + "*1>";
        to << "typedef " << t << " " << name("layer", k) << "_t;\n";
        if (!k)
            continue;
        const layer &l = p.layers[k - 1];
        to << "typedef " << l.weight.text() << " " << name("weight", k) << "_t;\n"
           << "typedef " << l.bias.text() << " " << name("bias", k) << "_t; // a comment\n"
           << "typedef " << l.accumulator.text() << " " << name("layer", k) << "_accum_t;\n"
           << "typedef " << l.table.text() << " " << name("layer", k) << "_table_t;\n";
    }
    to << "#endif\n";
}

static void write_dense(const project &p, const layer &l, unsigned k, std::ofstream &to)
{
    const char *kernel = !l.resource              ? "DenseLatency"
                         : l.reuse <= p.size(l.x) ? "DenseResource_rf_leq_nin"
                                                  : "DenseResource_rf_gt_nin_rem0";
    to << "    static const unsigned n_out = " << l.size
       << ";\n    static const unsigned strategy = nnet::" << (l.resource ? "resource" : "latency")
       << ";\n    typedef " << name("layer", k) << "_accum_t accum_t;\n"
       << "    typedef " << name("bias", k) << "_t bias_t;\n    typedef " << name("weight", k)
       << "_t weight_t;\n"
       << "    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - 0 / "
          "reuse_factor;\n"
       << "    template<class data_T, class res_T, class CONFIG_T>\n    using kernel = nnet::" << kernel
       << "<data_T, res_T, CONFIG_T>;\n    template<class x_T, class y_T>\n"
       << "    using product = nnet::product::mult<x_T, y_T>;\n";
}

static void write_softmax(const layer &l, std::ofstream &to)
{
    to << "    static const nnet::softmax_implementation implementation = nnet::softmax_implementation::"
       << (l.stable ? "stable" : "latency") << ";\n    typedef " << l.table.text()
       << " exp_table_t;\n    typedef " << l.inverse.text() << " inv_table_t;\n";
    if (l.is_new)
        to << "    static const unsigned n_slice = " << l.size
           << ";\n    static const unsigned exp_table_size = " << l.table_size
           << ";\n    static const unsigned inv_table_size = " << l.inverse_size
           << ";\n    static constexpr float exp_scale = 1.0;\n    typedef " << l.sum.text()
           << " accum_t;\n    typedef " << l.inverse_input.text() << " inv_inp_t;\n    typedef "
           << l.difference.text() << " inp_norm_t;\n";
}

static void write_parameters(const project &p, std::ofstream to)
{
    to << "#include \"defines.h\"\n";
    for (unsigned k = 1; k <= p.layers.size(); k++) {
        const layer &l = p.layers[k - 1];
        to << "\n// layer " << k << "\nstruct " << name("config", k) << " : nnet::some_config {\n"
           << "    static const unsigned n_in = " << p.size(l.x)
           << ";\n    static const unsigned table_size = " << l.table_size
           << ";\n    static const unsigned reuse_factor = " << (l.reuse ? l.reuse : 1) << ";\n";
        if (l.what == DENSE)
            write_dense(p, l, k, to);
        else if (l.what == NORMALIZE)
            to << "    static const unsigned n_filt = -1;\n    typedef " << name("bias", k) << "_t bias_t;\n"
               << "    typedef " << name("weight", k) << "_t scale_t;\n";
        else if (l.what == SOFTMAX)
            write_softmax(l, to);
        else
            to << "    typedef " << name("layer", k) << "_table_t table_t;\n";
        to << "};\n";
    }
}

static string call(const project &p, unsigned k)
{
    static const char *const names[] = {"dense",      "normalize",     "linear",       "relu",
                                        "leaky_relu", "sigmoid",       "tanh",         "add",
                                        "multiply",   "concatenate1d", "clone_stream", "softmax"};
    const layer &l = p.layers[k - 1];
    bool two = l.what == ADD || l.what == MULTIPLY || l.what == CONCAT;
    string t = name("layer", l.x) + "_t, ", a = variable(p, l.x) + ", ", y = variable(p, k),
           last = name("config", k);
    if (two) {
        t += name("layer", l.other) + "_t, ";
        a += variable(p, l.other) + ", ";
    }
    if (l.what == LEAKY) {
        t += name("weight", k) + "_t, ";
        char alpha[40];
        std::snprintf(alpha, sizeof alpha, "%.17g, ", l.alpha);
        a += alpha;
    }
    if (l.what == CLONE) {
        last = std::to_string(l.size);
        y = name("unused", k) + ", " + y;
    }
    if (l.what == DENSE || l.what == NORMALIZE)
        y += ", " + name("w", k) + ", " + name("b", k);
    return string("    nnet::") + names[l.what] + "<" + t + name("layer", k) + "_t, " + last + ">(" + a + y +
           "); // " + name("node", k) + "\n";
}

static void write_top(const project &p, std::ofstream to)
{
    unsigned n = (unsigned)p.layers.size();
    to << "#include \"myproject.h\"\n/* a comment { */\nvoid myproject(\n";
    if (p.stream)
        to << "    hls::stream<layer0_t> &x,\n    hls::stream<" << name("layer", n) << "_t> &y\n";
    else
        to << "    layer0_t x[N_INPUT], " << name("layer", n) << "_t y[" << p.size(n) << "]\n";
    to << ") {\n    #pragma HLS PIPELINE\n#ifndef __SYNTHESIS__\n    static bool loaded_weights = false;\n"
          "    if (!loaded_weights) {\n";
    for (unsigned k = 1; k <= n; k++)
        if (!p.layers[k - 1].w.empty())
            to << "        nnet::load_weights_from_txt<weight" << k << "_t, " << p.layers[k - 1].w.size()
               << ">(w" << k << ", \"w" << k << ".txt\");\n";
    to << "        loaded_weights = true;    }\n#endif\n";
    for (unsigned k = 1; k <= n; k++) {
        if (p.stream && k < n)
            to << "    hls::stream<layer" << k << "_t> layer" << k << "_out(\"layer" << k << "_out\");\n";
        else if (k < n)
            to << "    layer" << k << "_t layer" << k << "_out[" << p.size(k) << "];\n";
        to << call(p, k);
    }
    to << "}\n";
}

static void write_array(const values &v, std::ofstream to, const string &head, const char *tail)
{
    char number[40];
    to << head;
    for (size_t k = 0; k < v.size(); k++) {
        std::snprintf(number, sizeof number, "%s%.10f", k ? ", " : "", v[k]);
        to << number;
    }
    to << tail;
}

// Weights stand in text files, biases in headers only.
static void write_project(const project &p, const string &folder)
{
    std::filesystem::create_directories(folder + "/firmware/weights");
    string in = folder + "/firmware/";
    write_defines(p, std::ofstream(in + "defines.h"));
    write_parameters(p, std::ofstream(in + "parameters.h"));
    write_top(p, std::ofstream(in + "myproject.cpp"));
    for (unsigned k = 1; k <= p.layers.size(); k++) {
        const layer &l = p.layers[k - 1];
        if (l.w.empty())
            continue;
        write_array(l.w, std::ofstream(in + "weights/" + name("w", k) + ".txt"), "", "");
        write_array(l.b, std::ofstream(in + "weights/" + name("b", k) + ".h"),
                    "//Numpy array\n" + name("bias", k) + "_t " + name("b", k) + "[" +
                        std::to_string(l.b.size()) + "] = {",
                    "};\n");
    }
}

// Files hold ten digits: these are the weights.
static void as_in_files(project &p)
{
    char number[40];
    for (layer &l : p.layers)
        for (values *v : {&l.w, &l.b})
            for (double &x : *v) {
                std::snprintf(number, sizeof number, "%.10f", x);
                x = std::strtod(number, nullptr);
            }
}

// ---- the tests ----

static string folder()
{
    static string path;
    if (path.empty()) {
        char text[] = "/tmp/bxact-hls4ml-XXXXXX";
        path = mkdtemp(text);
        std::atexit([] { std::filesystem::remove_all(path); });
    }
    return path;
}

static double random_input(const type &t)
{
    int64_t span = INT64_C(1) << t.width, kind = below(8);
    int64_t raw = kind == 0 ? 0 : kind == 1 ? span - 1 : (int64_t)(rng_next(&source) % (uint64_t)span);
    return t.cast(std::ldexp((double)(raw - span / 2), t.integer - t.width));
}

static unsigned compare_sample(const project &p, const graph *g, const quantised *q, quantised_run *run)
{
    unsigned wrong = 0;
    values input(p.inputs);
    for (unsigned e = 0; e < p.inputs; e++) {
        input[e] = random_input(p.input);
        quantised_run_set(run, 0, e, 0, (int64_t)std::ldexp(input[e], p.input.width - p.input.integer));
    }
    quantised_run_evaluate(run);
    vector<values> want = evaluate(p, input);
    for (unsigned k = 1; k < want.size() && !wrong; k++) {
        int t = q->of_graph[graph_find(g, variable(p, k).c_str())];
        for (unsigned e = 0; e < want[k].size(); e++)
            wrong += fixed_to_double(quantised_run_get(run, t, e, 0), fixed_fraction(&q->tensor[t].type)) !=
                     want[k][e];
        if (wrong)
            std::printf("\n  layer %u differs: %s", k, call(p, k).c_str());
    }
    return wrong;
}

static void test_projects_equal_systemc(void)
{
    unsigned kinds[KINDS] = {0};
    for (unsigned n = 0; n < PROJECTS; n++) {
        message m = {""};
        net_formats f;
        project p = random_project(test_seed() + n);
        as_in_files(p);
        string path = folder() + "/p" + std::to_string(n);
        write_project(p, path);
        graph *g = graph_read_hls4ml(path.c_str(), &f, &m);
        quantised *q = g ? quantised_new(g, &f, &m) : nullptr;
        if (!q)
            std::printf("\n  seed %llu: %s", (unsigned long long)(test_seed() + n), m.text);
        CU_ASSERT_PTR_NOT_NULL(q);
        quantised_run *run = q ? quantised_run_new(q, &m) : nullptr;
        unsigned wrong = 0;
        for (unsigned s = 0; run && s < SAMPLES && !wrong; s++)
            wrong = compare_sample(p, g, q, run);
        if (wrong)
            std::printf("\n  seed %llu", (unsigned long long)(test_seed() + n));
        CU_ASSERT_EQUAL(wrong, 0);
        for (const layer &l : p.layers)
            kinds[l.what]++;
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
        net_formats_release(&f);
    }
    for (unsigned k : kinds)
        CU_ASSERT(k > 0);
}

// A small project, with one text in one file changed.
static void refused(const char *file, const char *text, const char *other, const char *part,
                    bool stream = false)
{
    message m = {""};
    net_formats f;
    project p;
    rng_seed(&source, 1);
    p.input = {8, 3, true, 5, 3};
    p.inputs = 2;
    p.stream = stream;
    layer l = {};
    l.what = DENSE;
    l.result = l.weight = l.bias = l.accumulator = l.table = {12, 4, true, 5, 3};
    make_dense(p, l);
    l.resource = false;
    p.layers.push_back(l);
    string path = folder() + "/refused", whole = path + "/firmware/" + file;
    write_project(p, path);
    std::ifstream from(whole);
    string content((std::istreambuf_iterator<char>(from)), {});
    size_t at = content.find(text);
    CU_ASSERT_FATAL(at != string::npos);
    std::ofstream(whole) << content.replace(at, std::strlen(text), other);
    graph *g = graph_read_hls4ml(path.c_str(), &f, &m);
    CU_ASSERT_PTR_NULL(g);
    CU_ASSERT_PTR_NOT_NULL(std::strstr(m.text, part));
    if (!std::strstr(m.text, part))
        std::printf("\n  '%s' lacks '%s'", m.text, part);
    graph_free(g);
    net_formats_release(&f);
}

static void test_what_is_not_understood_is_named(void)
{
    refused("myproject.cpp", "nnet::dense", "nnet::conv_1d_cl",
            "nnet::conv_1d_cl: is not supported (supported: dense,");
    refused("myproject.cpp", "nnet::dense<layer0_t, ", "nnet::dense<",
            "has 2 types and 4 arguments where 3 and 4");
    refused("myproject.cpp", "(x, y, ", "(z, y, ", "argument 1 is no tensor");
    refused("myproject.cpp", "void", "int", "needs the top function here");
    refused("myproject.cpp", "// node1\n}", "y = x;\n}", "needs the call of a layer here, not '='");
    refused("defines.h", "ap_fixed<8,", "ap_fixed<800,", "defines.h:6: ");
    refused("defines.h", "typedef ap_fixed<8", "typedef float layer_t; typedef floating<8",
            "type 'floating<8");
    refused("defines.h", "N_INPUT 2", "N_INPUT two", "the size of port 'x' is not understood");
    // Found by damaging projects: the type ends in a comma.
    refused("defines.h", "typedef nnet::array<ap_fixed<8,3,AP_TRN,AP_WRAP,0>, 2*1>", "typedef ap_fixed<8,3,",
            "the size of port 'x' is not understood", true);
    refused("parameters.h", "n_in = 2", "n_in = 3", "'x' has 2 numbers where 3 are needed");
    refused("parameters.h", "n_in = 2", "n_on = 2", "config1 has no n_in");
    refused("parameters.h", "latency", "compressed", "strategy 'nnet::compressed' is not supported");
    refused("parameters.h", "DenseLatency", "DenseOther", "kernel 'nnet::DenseOther<");
    refused("parameters.h", "product::mult", "product::weight_exponential",
            "product nnet::product::weight_exponential");
    refused("parameters.h", "};", "", "parameters.h:");
    refused("weights/w1.txt", ",", ", x,", "w1.txt: 'x");
    refused("weights/b1.h", "{", "{1, ", "b1.h: holds");
}

// One of the project's files, damaged: bytes, pieces left out, doubled, or taken from elsewhere in it.
static void damage(const string &file)
{
    std::ifstream from(file);
    string text((std::istreambuf_iterator<char>(from)), {});
    from.close();
    for (unsigned n = 1 + below(3); n-- && !text.empty();) {
        size_t at = below((unsigned)text.size()), length = 1 + below(20),
               source_at = below((unsigned)text.size());
        switch (below(4)) {
        case 0: text[at] = (char)below(256); break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(at, text.substr(source_at, length)); break;
        case 3: text.replace(at, length, text.substr(source_at, length)); break;
        }
    }
    std::ofstream(file) << text;
}

// HLS4ML_DAMAGED=100000 makes a long round. What still can be read is evaluated: sanitizers look on.
static void test_damaged_projects_are_refused_or_read(void)
{
    static const char *const files[] = {"defines.h", "parameters.h", "myproject.cpp", "weights/w1.txt",
                                        "weights/b1.h"};
    const char *wanted = std::getenv("HLS4ML_DAMAGED");
    unsigned cases = wanted ? (unsigned)std::strtoul(wanted, nullptr, 10) : 1000, read = 0;
    for (unsigned n = 0; n < cases; n++) {
        message m = {""};
        net_formats f;
        project p = random_project(test_seed() + n);
        string path = folder() + "/damaged", file = path + "/firmware/" + files[below(5)];
        std::filesystem::remove_all(path);
        write_project(p, path);
        if (!std::filesystem::exists(file))
            file = path + "/firmware/defines.h";
        damage(file);
        graph *g = graph_read_hls4ml(path.c_str(), &f, &m);
        quantised *q = g ? quantised_new(g, &f, &m) : nullptr;
        quantised_run *run = q ? quantised_run_new(q, &m) : nullptr;
        if (run) {
            quantised_run_evaluate(run);
            read++;
        } else
            CU_ASSERT(m.text[0] != 0);
        quantised_run_free(run);
        quantised_free(q);
        graph_free(g);
        net_formats_release(&f);
    }
    std::printf("\n  %u read, %u refused", read, cases - read);
    CU_ASSERT(read > 0 && read < cases);
}

static const test_case cases[] = {TEST(test_projects_equal_systemc),
                                  TEST(test_what_is_not_understood_is_named),
                                  TEST(test_damaged_projects_are_refused_or_read)};

int sc_main(int argc, char **argv)
{
    return test_main(argc, argv, "network/hls4ml", cases, sizeof cases / sizeof *cases);
}

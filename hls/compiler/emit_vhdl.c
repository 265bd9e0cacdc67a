#include "hls/compiler/emit.h"
#include "hls/compiler/names.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* --- names --- */

static bool clash(const struct hls_fn *fn, size_t port)
{
    for (size_t i = 0; i < port; i++)
        if (fn->port[i].is_output == fn->port[port].is_output &&
            !strcasecmp(fn->port[i].name, fn->port[port].name))
            return true;
    return false;
}

/* Ports are arguments with _i or _o behind them, which no word of VHDL is. */
int hls_check_vhdl_names(const struct hls_fn *fn)
{
    if (!hls_is_vhdl_name(fn->name) || hls_is_vhdl_word(fn->name))
        return hls_refuse(fn->top, "'%s' cannot name a VHDL entity (another name, or not --vhdl)", fn->name);
    for (size_t i = 0; i < fn->ports; i++) {
        if (!hls_is_vhdl_name(fn->port[i].name))
            return hls_refuse(fn->top,
                              "argument '%s' is no VHDL name (no '_' at its ends nor two together, or not "
                              "--vhdl)",
                              fn->port[i].name);
        if (clash(fn, i))
            return hls_refuse(fn->top,
                              "argument '%s' differs from another in case only, which VHDL does not see "
                              "(another name, or not --vhdl)",
                              fn->port[i].name);
    }
    return 0;
}

static const char *suffix(const struct hls_port *p)
{
    return p->is_output ? "_o" : "_i";
}

/* --- types: an element, and a port --- */

static bool is_bit(const struct hls_port *p)
{
    return p->width == 1 && !p->is_signed;
}

static void put_element_type(const struct hls_port *p, FILE *to)
{
    if (is_bit(p))
        fputs("std_logic", to);
    else
        fprintf(to, "%ssigned(%u downto 0)", p->is_signed ? "" : "un", p->width - 1);
}

static bool has_own_type(const struct hls_port *p)
{
    return p->count > 1 && !is_bit(p);
}

static void put_array_types(const struct hls_fn *fn, FILE *to)
{
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        if (!has_own_type(p))
            continue;
        fprintf(to, "    type %s_%s%s_array is array (0 to %u) of ", fn->name, p->name, suffix(p),
                p->count - 1);
        put_element_type(p, to);
        fputs(";\n", to);
    }
}

static void put_field(const struct hls_fn *fn, const struct hls_port *p, FILE *to)
{
    fprintf(to, "        %s%s : ", p->name, suffix(p));
    if (has_own_type(p))
        fprintf(to, "%s_%s%s_array", fn->name, p->name, suffix(p));
    else if (p->count > 1)
        fprintf(to, "std_logic_vector(%u downto 0)", p->count - 1);
    else
        put_element_type(p, to);
    fputs(";\n", to);
}

static void put_record(const struct hls_fn *fn, bool outputs, FILE *to)
{
    fprintf(to, "    type %s_%s is record\n", fn->name, outputs ? "outputs" : "inputs");
    for (size_t i = 0; i < fn->ports; i++)
        if (fn->port[i].is_output == outputs)
            put_field(fn, &fn->port[i], to);
    fputs("    end record;\n", to);
}

/* --- ports --- */

/* The Verilog has a plain wire for a width of 1 whatever its sign. */
static void put_flat_type(const struct hls_port *p, FILE *to)
{
    if (p->width * p->count == 1)
        fputs("std_logic", to);
    else
        fprintf(to, "std_logic_vector(%u downto 0)", p->width * p->count - 1);
}

static void put_controls(const struct hls_options *o, bool stream, const char *indent, FILE *to)
{
    fprintf(to, "%sclk_i : in std_logic;\n%srst_i : in std_logic;\n", indent, indent);
    if (o->clock_enable)
        fprintf(to, "%sce_i : in std_logic;\n", indent);
    fprintf(to, "%svalid_i : in std_logic;\n%svalid_o : out std_logic;\n", indent, indent);
    if (stream)
        fprintf(to, "%sready_o : out std_logic;\n%sready_i : in std_logic;\n", indent, indent);
}

static void put_component(const struct hls_fn *fn, const struct hls_options *o, bool stream, FILE *to)
{
    fprintf(to, "    component %s%s is\n        port (\n", fn->name, stream ? "_stream" : "");
    put_controls(o, stream, "            ", to);
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        fprintf(to, "            %s%s : %s ", p->name, suffix(p), p->is_output ? "out" : "in");
        put_flat_type(p, to);
        fputs(";\n", to);
    }
    fputs("            hash_o : out std_logic_vector(63 downto 0));\n    end component;\n", to);
}

static void put_package(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash, FILE *to)
{
    const char *name = fn->name;
    fprintf(to,
            "library ieee;\nuse ieee.std_logic_1164.all;\nuse ieee.numeric_std.all;\n\n"
            "package %s_pkg is\n    constant %s_latency : positive := %u; -- of component %s\n"
            "    constant %s_hash : std_logic_vector(63 downto 0) := x\"%016" PRIx64 "\";\n\n",
            name, name, fn->stages, name, name, hash);
    put_array_types(fn, to);
    put_record(fn, false, to);
    put_record(fn, true, to);
    fputc('\n', to);
    put_component(fn, o, false, to);
    if (o->ready)
        put_component(fn, o, true, to);
    fprintf(to, "end package;\n\n");
}

/* --- the wrapper --- */

static void put_entity(const struct hls_fn *fn, const struct hls_options *o, FILE *to)
{
    const char *name = fn->name;
    fprintf(to,
            "library ieee;\nuse ieee.std_logic_1164.all;\nuse ieee.numeric_std.all;\n"
            "use work.%s_pkg.all;\n\nentity %s_typed is\n    port (\n",
            name, name);
    put_controls(o, o->ready, "        ", to);
    fprintf(to,
            "        inputs : in %s_inputs;\n        outputs : out %s_outputs;\n"
            "        hash_o : out std_logic_vector(63 downto 0));\nend entity;\n\n",
            name, name);
}

static void put_signals(const struct hls_fn *fn, FILE *to)
{
    for (size_t i = 0; i < fn->ports; i++) {
        fprintf(to, "    signal %s%s : ", fn->port[i].name, suffix(&fn->port[i]));
        put_flat_type(&fn->port[i], to);
        fputs(";\n", to);
    }
}

/* The slice of the flat signal that is element e. */
static void put_slice(const struct hls_port *p, unsigned e, FILE *to)
{
    fprintf(to, "%s%s", p->name, suffix(p));
    if (is_bit(p) && p->count > 1)
        fprintf(to, "(%u)", e);
    else if (p->width * p->count > 1)
        fprintf(to, "(%u downto %u)", p->width * (e + 1) - 1, p->width * e);
}

static void put_element(const struct hls_port *p, unsigned e, FILE *to)
{
    fprintf(to, "%s.%s%s", p->is_output ? "outputs" : "inputs", p->name, suffix(p));
    if (p->count > 1)
        fprintf(to, "(%u)", e);
    if (p->width * p->count == 1 && p->is_signed)
        fputs("(0)", to);
}

/* A conversion where the element's type is not the signal's. */
static void put_connection(const struct hls_port *p, unsigned e, FILE *to)
{
    bool same = p->width * p->count == 1 || is_bit(p);
    const char *left = same           ? ""
                       : p->is_output ? p->is_signed ? "signed(" : "unsigned("
                                      : "std_logic_vector(";
    fputs("    ", to);
    if (p->is_output)
        put_element(p, e, to);
    else
        put_slice(p, e, to);
    fprintf(to, " <= %s", left);
    if (p->is_output)
        put_slice(p, e, to);
    else
        put_element(p, e, to);
    fputs(same ? ";\n" : ");\n", to);
}

static void put_instance(const struct hls_fn *fn, const struct hls_options *o, FILE *to)
{
    fprintf(to,
            "    %s_pipeline : %s%s\n        port map (\n            clk_i => clk_i,\n            rst_i => "
            "rst_i,\n",
            fn->name, fn->name, o->ready ? "_stream" : "");
    if (o->clock_enable)
        fputs("            ce_i => ce_i,\n", to);
    fputs("            valid_i => valid_i,\n            valid_o => valid_o,\n", to);
    if (o->ready)
        fputs("            ready_o => ready_o,\n            ready_i => ready_i,\n", to);
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        fprintf(to, "            %s%s => %s%s,\n", p->name, suffix(p), p->name, suffix(p));
    }
    fputs("            hash_o => hash_o);\n", to);
}

static void put_architecture(const struct hls_fn *fn, const struct hls_options *o, FILE *to)
{
    fprintf(to, "architecture wiring of %s_typed is\n", fn->name);
    put_signals(fn, to);
    fputs("begin\n", to);
    for (size_t i = 0; i < fn->ports; i++)
        for (unsigned e = 0; e < fn->port[i].count; e++)
            put_connection(&fn->port[i], e, to);
    put_instance(fn, o, to);
    fputs("end architecture;\n", to);
}

void hls_emit_vhdl(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash, FILE *to)
{
    fprintf(
        to,
        "-- %s in a VHDL design (VHDL-93 and later), written by " HLSC_VERSION ". Do not edit.\n"
        "-- Component %s is the Verilog module as it is; entity %s_typed has its ports as records, where\n"
        "-- element k of an array is element k of the C array.\n",
        fn->name, fn->name, fn->name);
    put_package(fn, o, hash, to);
    put_entity(fn, o, to);
    put_architecture(fn, o, to);
}

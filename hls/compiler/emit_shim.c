#include "hls/compiler/emit.h"

#include <inttypes.h>

static unsigned words(const struct hls_port *p)
{
    return (p->width + 31) / 32;
}

static void put_prototype(const struct hls_fn *fn, FILE *to)
{
    fprintf(to, "void %s(", fn->name);
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        fprintf(to, "%s%s%s%s", i ? ", " : "", p->is_array && !p->is_output ? "const " : "", p->type,
                p->is_array ? " *" : "");
    }
    fputs(");\n\n", to);
}

/* Every name begins with the kernel's, so that shims can share a file. Reads and writes are written out
 * element by element: a shim is read by a compiler, not by people. */
static void put_read(const struct hls_port *p, size_t argument, unsigned first_word, FILE *to)
{
    fprintf(to, "    %s argument%zu[%u] = {", p->type, argument, p->count);
    for (unsigned e = 0; e < p->count; e++) {
        unsigned w = first_word + e * words(p);
        fprintf(to, "%s(%s)", e ? ", " : "", p->type);
        if (words(p) == 2)
            fprintf(to, "((uint64_t)in[%u] << 32 | in[%u])", w + 1, w);
        else
            fprintf(to, "in[%u]", w);
    }
    fputs("};\n", to);
}

static void put_write(const struct hls_port *p, size_t argument, unsigned first_word, FILE *to)
{
    const char *wide = p->is_signed ? "int64_t" : "uint64_t";
    for (unsigned e = 0; e < p->count; e++)
        for (unsigned w = 0; w < words(p); w++)
            fprintf(to, "    out[%u] = (uint32_t)((%s)argument%zu[%u] >> %u);\n",
                    first_word + e * words(p) + w, wide, argument, e, 32 * w);
}

static unsigned put_ports(const struct hls_fn *fn, bool outputs, FILE *to)
{
    unsigned word = 0;
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        if (p->is_output != outputs)
            continue;
        if (outputs)
            put_write(p, i, word, to);
        else
            put_read(p, i, word, to);
        word += p->count * words(p);
    }
    return word;
}

static void put_call(const struct hls_fn *fn, FILE *to)
{
    for (size_t i = 0; i < fn->ports; i++)
        if (fn->port[i].is_output)
            fprintf(to, "    %s argument%zu[%u];\n", fn->port[i].type, i, fn->port[i].count);
    fprintf(to, "    %s(", fn->name);
    for (size_t i = 0; i < fn->ports; i++)
        fprintf(to, "%sargument%zu%s", i ? ", " : "", i, fn->port[i].is_array ? "" : "[0]");
    fputs(");\n", to);
}

/* The kernel within the shim, its static variables in two sections of their own (one for those that begin as
 * 0). Between evaluations the sections hold the initial values; an evaluation swaps a state in, and out
 * again. `optnone`, since no compiler expects the kernel's variables to change under its feet. */
static void put_kernel(const struct hls_fn *fn, const char *source, FILE *to)
{
    const char *name = fn->name;
    fprintf(to,
            "#pragma clang section bss = \"hls_bss_%s\" data = \"hls_data_%s\"\n#include \"%s\"\n"
            "__attribute__((used)) static uint64_t %s_no_empty_bss = 0, %s_no_empty_data = 1;\n"
            "#pragma clang section bss = \"\" data = \"\"\n\n",
            name, name, source, name, name);
    const char *const bounds[] = {"__start_hls_bss_", "__stop_hls_bss_", "__start_hls_data_",
                                  "__stop_hls_data_"};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        fprintf(to, "__attribute__((visibility(\"hidden\"))) extern unsigned char %s%s[];\n", bounds[i],
                name);
    fprintf(to,
            "\nstatic unsigned char *const %s_bound[] = {__start_hls_bss_%s, __stop_hls_bss_%s, "
            "__start_hls_data_%s, "
            "__stop_hls_data_%s};\n\n",
            name, name, name, name, name);
}

static void put_state_functions(const struct hls_fn *fn, FILE *to)
{
    const char *k = fn->name;
    fprintf(to,
            "static uint32_t %s_bytes(void)\n{\n"
            "    return (uint32_t)(%s_bound[1] - %s_bound[0] + (%s_bound[3] - %s_bound[2]));\n}\n\n"
            "static void %s_reset(void *state)\n{\n    unsigned char *s = state;\n"
            "    for (int i = 0; i < 4; i += 2)\n"
            "        for (unsigned char *p = %s_bound[i]; p < %s_bound[i + 1]; p++)\n            *s++ = "
            "*p;\n}\n\n",
            k, k, k, k, k, k, k, k);
    fprintf(to,
            "__attribute__((noinline, optnone)) static void %s_swap(unsigned char *s)\n{\n"
            "    for (int i = 0; i < 4; i += 2)\n"
            "        for (unsigned char *p = %s_bound[i]; p < %s_bound[i + 1]; p++, s++) {\n"
            "            unsigned char kept = *p;\n            *p = *s;\n            *s = kept;\n        "
            "}\n}\n\n",
            k, k, k);
    fprintf(
        to,
        "__attribute__((noinline, optnone)) static void %s_step(void *state, const uint32_t *in, uint32_t "
        "*out)\n{\n"
        "    %s_swap(state);\n    %s_call(in, out);\n    %s_swap(state);\n}\n\n",
        k, k, k, k);
    fprintf(to,
            "extern const struct hls_kernel_state %s_state;\n"
            "const struct hls_kernel_state %s_state = {%s_bytes, %s_reset, %s_step};\n\n",
            k, k, k, k, k);
}

static unsigned put_evaluation(const struct hls_fn *fn, unsigned *out_words, FILE *to)
{
    fprintf(to, "%sstatic void %s_call(const uint32_t *in, uint32_t *out)\n{\n",
            hls_keeps_state(fn) ? "__attribute__((noinline)) " : "", fn->name);
    unsigned in_words = put_ports(fn, false, to);
    put_call(fn, to);
    *out_words = put_ports(fn, true, to);
    fputs("}\n\n", to);
    return in_words;
}

void hls_emit_shim(const struct hls_fn *fn, const char *source, uint64_t hash, FILE *to)
{
    unsigned out_words;
    fprintf(to,
            "/* %s: written by " HLSC_VERSION ". The native form, see hls/kernel_abi.h. Do not edit. */\n"
            "#include \"hls/kernel_abi.h\"\n\n",
            fn->name);
    if (hls_keeps_state(fn))
        put_kernel(fn, source, to);
    else
        put_prototype(fn, to);
    unsigned in_words = put_evaluation(fn, &out_words, to);
    if (hls_keeps_state(fn))
        put_state_functions(fn, to);
    fprintf(to,
            "extern const struct hls_kernel_info %s_kernel;\n"
            "const struct hls_kernel_info %s_kernel = {\"%s\", 0x%016" PRIx64 "u, %u, %u, %s%s};\n",
            fn->name, fn->name, fn->name, hash, in_words, out_words, hls_keeps_state(fn) ? "0" : fn->name,
            hls_keeps_state(fn) ? "" : "_call");
}

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

/* Reads and writes are written out element by element: a shim is read by a compiler, not by people. */
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

void hls_emit_shim(const struct hls_fn *fn, uint64_t hash, FILE *to)
{
    fprintf(to,
            "/* %s: written by " HLSC_VERSION ". The native form, see hls/kernel_abi.h. Do not edit. */\n"
            "#include \"hls/kernel_abi.h\"\n\n",
            fn->name);
    put_prototype(fn, to);
    fputs("static void call(const uint32_t *in, uint32_t *out)\n{\n", to);
    unsigned in_words = put_ports(fn, false, to);
    put_call(fn, to);
    unsigned out_words = put_ports(fn, true, to);
    fprintf(to,
            "}\n\nextern const struct hls_kernel_info %s_kernel;\n"
            "const struct hls_kernel_info %s_kernel = {\"%s\", 0x%016" PRIx64 "u, %u, %u, call};\n",
            fn->name, fn->name, fn->name, hash, in_words, out_words);
}

#include "hls/compiler/write.h"

#include "hls/compiler/emit.h"
#include "hls/compiler/estimate.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/outline.h"
#include "hls/compiler/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the files are written from. */
struct content {
    const struct hls_options *o;
    const struct hls_fn *fn;
    uint64_t hash;
    struct hls_emitted count;
};

/* --- one function a file; each returns 0 or an exit code --- */

static int write_modules(struct content *c, FILE *to)
{
    char *flat = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&flat, &size);
    if (!memory)
        return HLS_EXIT_INTERNAL;
    hls_emit_verilog(c->fn, c->o->clock_enable, c->hash, memory, &c->count);
    int wrong = fclose(memory);
    if (!wrong)
        hls_outline(flat, c->fn->name, to);
    free(flat);
    return wrong ? HLS_EXIT_INTERNAL : 0;
}

static int write_verilog(struct content *c, FILE *to)
{
    if (c->o->modules)
        return write_modules(c, to);
    hls_emit_verilog(c->fn, c->o->clock_enable, c->hash, to, &c->count);
    return 0;
}

/* After the Verilog, which counts its registers. */
static int write_json(struct content *c, FILE *to)
{
    if (hls_emit_json(c->fn, c->o, c->hash, &c->count, to) == 0)
        return 0;
    return hls_refuse((struct hls_loc){0}, "%s/%s.json: cannot be written", c->o->out, c->o->top);
}

static int write_shim(struct content *c, FILE *to)
{
    hls_emit_shim(c->fn, c->o->source, c->hash, to);
    return 0;
}

/* After the shim, which it runs. */
static int write_testbench(struct content *c, FILE *to)
{
    return hls_emit_testbench(c->fn, c->o, c->hash, to);
}

static int write_stream(struct content *c, FILE *to)
{
    hls_emit_stream(c->fn, to);
    return 0;
}

static int write_vhdl(struct content *c, FILE *to)
{
    hls_emit_vhdl(c->fn, c->o, c->hash, to);
    return 0;
}

static bool always(const struct hls_options *o)
{
    (void)o;
    return true;
}

static bool has_testbench(const struct hls_options *o)
{
    return o->testbench > 0;
}

static bool has_stream(const struct hls_options *o)
{
    return o->ready;
}

static bool has_vhdl(const struct hls_options *o)
{
    return o->vhdl;
}

/* In the order in which they are written. */
static const struct {
    const char *suffix;
    bool (*wanted)(const struct hls_options *o);
    int (*write)(struct content *c, FILE *to);
} files[] = {{".v", always, write_verilog},      {".json", always, write_json},
             {"_shim.c", always, write_shim},    {"_stream.v", has_stream, write_stream},
             {"_pkg.vhd", has_vhdl, write_vhdl}, {"_tb.v", has_testbench, write_testbench}};

/* --- the folder --- */

static int make_directory(const char *path)
{
    char *part = hls_copy_text(path);
    int wrong = 0;
    for (char *slash = strchr(part + 1, '/'); slash && !wrong; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        wrong = mkdir(part, 0777) && errno != EEXIST;
        *slash = '/';
    }
    free(part);
    if (wrong || (mkdir(path, 0777) && errno != EEXIST))
        return hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno));
    return 0;
}

static int write_file(struct content *c, const char *suffix, int (*write)(struct content *c, FILE *to))
{
    char *path = hls_text("%s/%s%s", c->o->out, c->o->top, suffix);
    FILE *f = fopen(path, "w");
    int code = f ? write(c, f) : hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno));
    bool wrong = f && ferror(f);
    if (f && (fclose(f) || wrong) && !code)
        code = hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno));
    free(path);
    return code;
}

int hls_write(const struct hls_options *o, const struct hls_fn *fn)
{
    struct content c = {.o = o, .fn = fn};
    int code = o->vhdl ? hls_check_vhdl_names(fn) : 0;
    if (!code)
        code = hls_frontend_hash(o, &c.hash);
    if (!code)
        code = make_directory(o->out);
    for (size_t i = 0; i < sizeof files / sizeof *files && !code; i++)
        if (files[i].wanted(o))
            code = write_file(&c, files[i].suffix, files[i].write);
    if (!code && o->report && hls_report(fn, o, &c.count, stdout))
        code = hls_refuse((struct hls_loc){0}, "standard output: %s", strerror(errno));
    if (!code && o->family)
        code = hls_estimate(o->out, o->top, o->family, stdout);
    hls_emitted_release(&c.count);
    return code;
}

#include "hls/compiler/compile.h"

#include "hls/compiler/critical.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/lower.h"
#include "hls/compiler/memory.h"
#include "hls/compiler/optimize.h"
#include "hls/compiler/passes.h"
#include "hls/compiler/write.h"

#include <errno.h>
#include <llvm-c/BitReader.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- passes --- */

const char *const hls_pass_names = "lower, state, multiply, dsp, linear, balance, demand, schedule, retime";

static int run_state(struct hls_fn *fn, const struct hls_options *o)
{
    (void)o;
    hls_pass_state(fn);
    return 0;
}

static int run_multiply(struct hls_fn *fn, const struct hls_options *o)
{
    (void)o;
    hls_pass_multiply(fn);
    return 0;
}

static int run_dsp(struct hls_fn *fn, const struct hls_options *o)
{
    hls_pass_dsp(fn, o->dsps);
    return 0;
}

static int run_linear(struct hls_fn *fn, const struct hls_options *o)
{
    unsigned used = o->dsps > 0 ? hls_count_products(fn) : 0;
    hls_pass_linear(fn, o->clock_mhz, o->dsps > (int)used ? (unsigned)o->dsps - used : 0);
    return 0;
}

static int run_balance(struct hls_fn *fn, const struct hls_options *o)
{
    hls_pass_balance(fn, o->clock_mhz);
    return 0;
}

static int run_demand(struct hls_fn *fn, const struct hls_options *o)
{
    (void)o;
    hls_pass_demand(fn);
    return 0;
}

static int run_schedule(struct hls_fn *fn, const struct hls_options *o)
{
    int code = hls_pass_schedule(fn, o->clock_mhz);
    return code ? code : hls_check_latency(fn, o);
}

static int run_retime(struct hls_fn *fn, const struct hls_options *o)
{
    hls_pass_retime(fn, o->clock_mhz);
    return 0;
}

/* Each returns 0 or an exit code. `lower` stands for what it starts from. */
static const struct {
    const char *name;
    int (*run)(struct hls_fn *fn, const struct hls_options *o);
} passes[] = {{"lower", NULL},           {"state", run_state},     {"multiply", run_multiply},
              {"dsp", run_dsp},          {"linear", run_linear},   {"balance", run_balance},
              {"demand", run_demand},    {"schedule", run_schedule}, {"retime", run_retime}};

enum { PASSES = sizeof passes / sizeof *passes };

bool hls_is_pass(const char *name)
{
    for (int i = 0; i < PASSES; i++)
        if (!strcmp(passes[i].name, name))
            return true;
    return false;
}

static int run_passes(const struct hls_options *o, struct hls_fn *fn)
{
    for (int i = 0; i < PASSES; i++) {
        int code = passes[i].run ? passes[i].run(fn, o) : 0;
        if (code)
            return code;
        if (hls_verify(fn, passes[i].name))
            return HLS_EXIT_INTERNAL;
        if (o->dump && !strcmp(o->dump, passes[i].name))
            hls_dump(fn, stdout);
    }
    return 0;
}

/* --- from source to graph --- */

static int read_module(const char *bitcode, LLVMContextRef context, LLVMModuleRef *module)
{
    LLVMMemoryBufferRef buffer;
    char *message = NULL;
    if (LLVMCreateMemoryBufferWithContentsOfFile(bitcode, &buffer, &message)) {
        fprintf(stderr, "hlsc: internal: %s: %s\n", bitcode, message);
        LLVMDisposeMessage(message);
        return HLS_EXIT_INTERNAL;
    }
    int wrong = LLVMParseBitcodeInContext2(context, buffer, module);
    LLVMDisposeMemoryBuffer(buffer);
    return wrong ? HLS_EXIT_INTERNAL : 0;
}

/* LLVM owns the file names of its debug locations; the graph keeps its own. */
static void keep_file_names(struct hls_fn *fn, const struct hls_options *o)
{
    hls_fn_file(fn, o->source);
    for (hls_id id = 0; id < fn->nodes; id++)
        fn->node[id].loc.file = hls_fn_file(fn, fn->node[id].loc.file);
    for (unsigned i = 1; i <= fn->loops; i++)
        fn->loop[i].loc.file = hls_fn_file(fn, fn->loop[i].loc.file);
    fn->loc = (struct hls_loc){0};
}

/* As often as the longest loop can be run again, or as seldom as was asked for. */
static int set_ii(struct hls_fn *fn, const struct hls_options *o)
{
    const struct hls_loop *longest = &fn->loop[0];
    for (unsigned i = 1; i <= fn->loops; i++)
        longest = fn->loop[i].rounds > longest->rounds ? &fn->loop[i] : longest;
    fn->ii = o->ii ? o->ii : longest->rounds;
    if (fn->ii >= longest->rounds)
        return 0;
    return hls_refuse(longest->loc,
                      "a rolled loop of %u rounds takes %u clocks an evaluation (--ii %u or more, not %u)",
                      longest->rounds, longest->rounds, longest->rounds, o->ii);
}

static int lower_bitcode(const struct hls_options *o, const char *bitcode, struct hls_fn *fn)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = NULL;
    int code = read_module(bitcode, context, &module);
    if (!code)
        code = hls_optimize(module);
    if (!code)
        code = hls_lower(fn, module);
    if (!code)
        code = set_ii(fn, o);
    keep_file_names(fn, o);
    if (module)
        LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return code;
}

static int build_graph(const struct hls_options *o, struct hls_fn *fn)
{
    const char *tmp = getenv("TMPDIR");
    char *directory = hls_text("%s/hlsc-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(directory)) {
        int code = hls_refuse((struct hls_loc){0}, "%s: %s", directory, strerror(errno));
        free(directory);
        return code;
    }
    char *bitcode = hls_text("%s/kernel.bc", directory);
    int code = hls_frontend_compile(o, fn, directory, bitcode);
    if (!code)
        code = lower_bitcode(o, bitcode, fn);
    unlink(bitcode);
    rmdir(directory);
    free(directory);
    free(bitcode);
    return code;
}

/* --- all of it --- */

int hls_compile(const struct hls_options *asked, struct hls_fn **result)
{
    struct hls_options o = *asked;
    struct hls_fn *fn = hls_fn_new(o.top ? o.top : "");
    int code = hls_frontend_ports(&o, fn);
    char *top = hls_copy_text(fn->name);
    o.top = top;
    if (!code)
        code = build_graph(&o, fn);
    if (!code)
        code = run_passes(&o, fn);
    if (!code && o.out)
        code = hls_write(&o, fn);
    if (!code && result)
        *result = fn;
    else
        hls_fn_free(fn);
    free(top);
    return code;
}

#include "hls/compiler/area.h"
#include "hls/compiler/critical.h"
#include "hls/compiler/emit.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/memory.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *ports(const struct hls_fn *fn)
{
    json_t *list = json_array();
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:b}", "name", p->name, "direction",
                                              p->is_output ? "out" : "in", "width", (int)p->width, "count",
                                              (int)p->count, "signed", (int)p->is_signed));
    }
    return list;
}

static json_t *states(const struct hls_fn *fn)
{
    json_t *list = json_array();
    for (hls_id id = 0; id < fn->nodes; id++) {
        const struct hls_node *n = &fn->node[id];
        if (n->op != HLS_STATE || !n->demand || !hls_state_keeps(&fn->state[n->imm]))
            continue;
        const struct hls_state *s = &fn->state[n->imm];
        json_array_append_new(list, json_pack("{s:s, s:i, s:I, s:i}", "name", s->name, "width",
                                              (int)hls_node_width(n), "reset", (json_int_t)s->initial,
                                              "stage", (int)s->stage));
    }
    return list;
}

static json_t *loops(const struct hls_fn *fn)
{
    json_t *list = json_array();
    for (unsigned i = 1; i <= fn->loops; i++) {
        const struct hls_loop *l = &fn->loop[i];
        json_t *loop = json_pack("{s:i, s:i}", "rounds", (int)l->rounds, "begin", (int)l->begin);
        if (l->loc.file)
            json_object_set_new(loop, "at", json_sprintf("%s:%u", l->loc.file, l->loc.line));
        json_array_append_new(list, loop);
    }
    return list;
}

static json_t *operators(const struct hls_fn *fn)
{
    unsigned count[HLS_OPS] = {0};
    json_t *object = json_object();
    for (hls_id id = 0; id < fn->nodes; id++)
        count[fn->node[id].op] += fn->node[id].demand > 0;
    for (int op = 0; op < HLS_OPS; op++)
        if (count[op] && !hls_is_wiring((enum hls_op)op))
            json_object_set_new(object, hls_op_info[op].text, json_integer(count[op]));
    return object;
}

static json_t *stages(const struct hls_fn *fn)
{
    json_t *list = json_array();
    for (unsigned s = 0; s < fn->stages; s++) {
        hls_id end = hls_stage_end(fn, s);
        const struct hls_node *n = end == HLS_NONE ? NULL : &fn->node[end];
        char *path = hls_path_text(fn, end);
        json_array_append_new(list, json_pack("{s:i, s:f, s:s}", "stage", (int)s, "critical_path_ns_estimate",
                                              n ? (double)(int)(n->arrival * 1000) / 1000 : 0.0,
                                              "critical_path", path));
        free(path);
    }
    return list;
}

static void set_estimates(json_t *root, const struct hls_fn *fn)
{
    struct hls_area *of_node = hls_area_of_nodes(fn), sum = hls_area_sum(fn, of_node);
    json_object_set_new(root, "lut_estimate", json_integer((json_int_t)(sum.luts + 0.5)));
    json_object_set_new(root, "dsp_estimate", json_integer(sum.dsps));
    free(of_node);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int hls_emit_json(const struct hls_fn *fn, const struct hls_options *o, uint64_t hash,
                  const struct hls_emitted *count, FILE *to)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:f, s:i, s:s, s:i, s:s, s:s}", "kernel", fn->name, "source", base_name(o->source),
        "top", o->top, "clock_mhz", o->clock_mhz, "latency", (int)fn->stages, "latency_means",
        "clock edges from the one that samples valid_i to the one after which valid_o shows the "
        "result, both counted: 1 is a single register",
        "ii", (int)fn->ii, "hash", text, "compiler", HLSC_VERSION);
    json_object_set_new(root, "clock_enable", json_boolean(o->clock_enable));
    if (o->ready)
        json_object_set_new(root, "stream",
                            json_pack("{s:i, s:i}", "latency", (int)fn->stages + HLS_STREAM_STEPS,
                                      "fifo_depth", 1 << hls_stream_depth_bits(fn)));
    json_object_set_new(root, "compile_flags", json_string(hls_frontend_flags));
    json_object_set_new(root, "ports", ports(fn));
    json_object_set_new(root, "states", states(fn));
    json_object_set_new(root, "loops", loops(fn));
    json_object_set_new(root, "register_bits", json_integer(count->register_bits));
    json_object_set_new(root, "shift_register_bits", json_integer(count->shift_bits));
    set_estimates(root, fn);
    json_object_set_new(root, "operators", operators(fn));
    json_object_set_new(root, "stages", stages(fn));
    int wrong = json_dumpf(root, to, JSON_INDENT(2));
    json_decref(root);
    fputc('\n', to);
    return wrong || ferror(to) ? -1 : 0;
}

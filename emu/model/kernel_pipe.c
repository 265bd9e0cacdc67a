#include "emu/model/kernel_pipe.h"

#include "hls/kernel_abi.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* What the compiler's schedule says of a kernel. */
struct schedule {
    uint64_t hash;
    uint32_t latency, ii;
};

static const char *direction_name(const struct kernel_port *port)
{
    return port->output ? "out" : "in";
}

static int load_json(const char *path, json_t **root, struct message *m)
{
    json_error_t e;
    *root = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
    if (!*root && e.line < 1)
        return message_set(m, "%s: %s", path, e.text);
    if (!*root)
        return message_set(m, "%s:%d: %s", path, e.line, e.text);
    if (!json_is_object(*root))
        return message_set(m, "%s:1: not a kernel's schedule (an object as hlsc writes it)", path);
    return 0;
}

static int read_number(const json_t *root, const char *path, const char *key, json_int_t max,
                       json_int_t *value, struct message *m)
{
    const json_t *j = json_object_get(root, key);
    if (!json_is_integer(j))
        return message_set(m, "%s: %s: %s (give an integer, 1..%lld)", path, key,
                           j ? "not an integer" : "missing", (long long)max);
    *value = json_integer_value(j);
    if (*value < 1 || *value > max)
        return message_set(m, "%s: %s: %lld is out of range (give 1..%lld)", path, key, (long long)*value,
                           (long long)max);
    return 0;
}

static int read_hash(const json_t *root, const char *path, uint64_t *hash, struct message *m)
{
    const char *text = json_string_value(json_object_get(root, "hash"));
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return message_set(m, "%s: hash: %s (16 lower-case hexadecimal digits)", path,
                           text ? text : "missing");
    *hash = strtoull(text, NULL, 16);
    return 0;
}

static int same_number(const json_t *port, const char *key, unsigned expected)
{
    return json_integer_value(json_object_get(port, key)) == (json_int_t)expected;
}

static int same_text(const json_t *port, const char *key, const char *expected)
{
    const char *text = json_string_value(json_object_get(port, key));
    return text && strcmp(text, expected) == 0;
}

static int check_port(const json_t *port, const struct kernel_port *expected, const char *path,
                      struct message *m)
{
    if (same_text(port, "name", expected->name) && same_text(port, "direction", direction_name(expected)) &&
        same_number(port, "width", expected->width) && same_number(port, "count", expected->count))
        return 0;
    const char *name = json_string_value(json_object_get(port, "name"));
    return message_set(m, "%s: ports: '%s' is not the port that belongs here (%s '%s', %u x %u bits)", path,
                       name ? name : "?", direction_name(expected), expected->name, expected->count,
                       expected->width);
}

static int check_ports(const json_t *root, const char *path, const struct kernel_shape *shape,
                       struct message *m)
{
    const json_t *ports = json_object_get(root, "ports");
    if (!json_is_array(ports) || json_array_size(ports) != shape->ports)
        return message_set(m, "%s: ports: %zu of them (this kernel has %zu)", path, json_array_size(ports),
                           shape->ports);
    for (size_t i = 0; i < shape->ports; i++)
        if (check_port(json_array_get(ports, i), &shape->port[i], path, m) < 0)
            return -1;
    return 0;
}

static int read_schedule(const json_t *root, const char *path, const char *top,
                         const struct kernel_shape *shape, struct schedule *s, struct message *m)
{
    json_int_t latency = 0, ii = 0;
    if (!same_text(root, "top", top))
        return message_set(m, "%s: top: not '%s', the kernel that belongs here", path, top);
    if (read_number(root, path, "latency", KERNEL_LATENCY_MAX, &latency, m) < 0 ||
        read_number(root, path, "ii", INT_MAX, &ii, m) < 0 || read_hash(root, path, &s->hash, m) < 0)
        return -1;
    if (ii > shape->most_ii)
        return message_set(m, "%s: ii: %lld (give a kernel that takes an input every %u cycles or sooner)", path,
                           (long long)ii, (unsigned)shape->most_ii);
    s->ii = ii;
    s->latency = latency;
    return check_ports(root, path, shape, m);
}

static int load_schedule(const char *path, const char *top, const struct kernel_shape *shape,
                         struct schedule *s, struct message *m)
{
    json_t *root;
    int result = load_json(path, &root, m);
    if (result == 0)
        result = read_schedule(root, path, top, shape, s, m);
    json_decref(root);
    return result;
}

static uint32_t words_of(const struct kernel_shape *shape, int output)
{
    uint32_t words = 0;
    for (size_t i = 0; i < shape->ports; i++)
        if (!shape->port[i].output == !output)
            words += (shape->port[i].width + 31u) / 32u * shape->port[i].count;
    return words;
}

static int check_native(const struct hls_kernel_info *info, const char *path, const char *top,
                        const struct kernel_shape *shape, const struct schedule *s, struct message *m)
{
    if (!info->name || strcmp(info->name, top) != 0)
        return message_set(m, "%s: %s_kernel is not the native form of '%s'", path, top, top);
    if (info->hash != s->hash)
        return message_set(m, "%s: %s was compiled from another source or with other options than %s.json "
                              "(hash %016" PRIx64 ", not %016" PRIx64 "): build the kernels anew",
                           path, top, top, info->hash, s->hash);
    uint32_t in = words_of(shape, 0), out = words_of(shape, 1);
    if (info->in_words != in || info->out_words != out)
        return message_set(m, "%s: %s takes %u words and gives %u (%u and %u)", path, top,
                           (unsigned)info->in_words, (unsigned)info->out_words, (unsigned)in, (unsigned)out);
    return 0;
}

static const struct hls_kernel_info *find_native(void *object, const char *path, const char *top,
                                                 struct message *m)
{
    char symbol[256];
    snprintf(symbol, sizeof symbol, "%s_kernel", top);
    const struct hls_kernel_info *info = dlsym(object, symbol);
    if (!info)
        message_set(m, "%s: no symbol '%s' (a kernels.so that hlsc's shims were linked to)", path, symbol);
    return info;
}

/* The functions of a kernel with state; NULL, and no message, when it has none. */
static const struct hls_kernel_state *find_state(void *object, const char *top)
{
    char symbol[256];
    snprintf(symbol, sizeof symbol, "%s_state", top);
    return dlsym(object, symbol);
}

static int load_native(struct kernel *k, const char *path, const char *top, const struct kernel_shape *shape,
                       const struct schedule *s, struct message *m)
{
    k->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!k->object)
        return message_set(m, "%s", dlerror());
    const struct hls_kernel_info *info = find_native(k->object, path, top, m);
    if (!info || check_native(info, path, top, shape, s, m) < 0) {
        kernel_close(k);
        return -1;
    }
    k->call = info->call;
    k->state = info->call ? NULL : find_state(k->object, top);
    if (!k->call && !k->state) {
        kernel_close(k);
        return message_set(m, "%s: %s_kernel has no call and there is no '%s_state' (hlsc's shim has one of "
                              "the two)",
                           path, top, top);
    }
    k->hash = s->hash;
    k->latency = s->latency;
    k->ii = s->ii;
    k->in_words = info->in_words;
    k->out_words = info->out_words;
    return 0;
}

static int path_in(char path[PATH_SIZE], const char *dir, const char *name, const char *suffix,
                   struct message *m)
{
    /* Without a slash dlopen would search the system's folders. */
    const char *here = strchr(dir, '/') ? "" : "./";
    if (snprintf(path, PATH_SIZE, "%s%s/%s%s", here, dir, name, suffix) < PATH_SIZE)
        return 0;
    return message_set(m, "%s: the path is too long", dir);
}

int kernel_open(struct kernel *k, const char *dir, const char *top, const struct kernel_shape *shape,
                struct message *m)
{
    char json[PATH_SIZE], object[PATH_SIZE];
    struct schedule s = {0, 0, 0};
    memset(k, 0, sizeof *k);
    if (path_in(json, dir, top, ".json", m) < 0 || path_in(object, dir, "kernels", ".so", m) < 0)
        return -1;
    if (load_schedule(json, top, shape, &s, m) < 0)
        return -1;
    return load_native(k, object, top, shape, &s, m);
}

void kernel_close(struct kernel *k)
{
    if (k->object)
        dlclose(k->object);
    memset(k, 0, sizeof *k);
}

int kernel_pipe_init(struct kernel_pipe *p, const struct kernel *k)
{
    p->kernel = k;
    p->ring = calloc((size_t)k->latency * k->out_words, sizeof *p->ring);
    p->valid = calloc(k->latency, sizeof *p->valid);
    p->state = k->state ? malloc(k->state->bytes()) : NULL;
    if (p->ring && p->valid && (p->state || !k->state)) {
        kernel_pipe_reset(p);
        return 0;
    }
    kernel_pipe_release(p);
    return -1;
}

void kernel_pipe_reset(struct kernel_pipe *p)
{
    memset(p->valid, 0, p->kernel->latency * sizeof *p->valid);
    p->at = p->flying = 0;
    if (p->state)
        p->kernel->state->reset(p->state);
}

void kernel_pipe_release(struct kernel_pipe *p)
{
    free(p->ring);
    free(p->valid);
    free(p->state);
    memset(p, 0, sizeof *p);
}

/* Moves on by one stage; what was put in latency - 1 edges ago (with latency 1: now) is the output. */
static const uint32_t *advance(struct kernel_pipe *p)
{
    p->at = p->at + 1 < p->kernel->latency ? p->at + 1 : 0;
    if (!p->valid[p->at])
        return NULL;
    p->valid[p->at] = 0;
    p->flying--;
    return p->ring + (size_t)p->at * p->kernel->out_words;
}

/* Whether one of the last ii - 1 edges had an input. */
static int is_too_soon(const struct kernel_pipe *p)
{
    uint32_t latency = p->kernel->latency, window = p->kernel->ii < latency ? p->kernel->ii : latency;
    for (uint32_t back = 1; back < window; back++)
        if (p->valid[p->at >= back ? p->at - back : p->at + latency - back])
            return 1;
    return 0;
}

const uint32_t *kernel_pipe_push(struct kernel_pipe *p, const uint32_t *in)
{
    if (is_too_soon(p))
        abort();
    uint32_t *out = p->ring + (size_t)p->at * p->kernel->out_words;
    if (p->state)
        p->kernel->state->step(p->state, in, out);
    else
        p->kernel->call(in, out);
    p->valid[p->at] = 1;
    p->flying++;
    return advance(p);
}

const uint32_t *kernel_pipe_shift(struct kernel_pipe *p)
{
    return advance(p);
}

#include "golden/network/formats.h"

#include "golden/network/arena.h"
#include "golden/network/file.h"

#include <libconfig.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct net_formats *f;
    struct arena *arena;
    struct message *m;
};

static const char *const role_keys[NET_ROLES] = {"accumulator", "table",   "entries",       "difference",
                                                 "sum",         "inverse", "inverse_table", "inverse_entries",
                                                 "argument",    "kernel"};
static const char *const rule_names[NET_RULES] = {"nearest", "hls4ml", "hls4ml-1.1"};

const char *net_role_key(enum net_role role)
{
    return role_keys[role];
}

void net_formats_init(struct net_formats *f)
{
    *f = (struct net_formats){.path = "", .accumulation = FIXED_EXACT};
}

void net_formats_release(struct net_formats *f)
{
    arena_free(f->memory);
    net_formats_init(f);
}

static int wrong(struct reading *r, const config_setting_t *s, const char *key, const char *what)
{
    return message_set(r->m, "%s:%u: %s: %s", r->f->path, (unsigned)config_setting_source_line(s), key, what);
}

static int read_type(struct reading *r, const config_setting_t *s, const char *key, struct fixed_type *type)
{
    struct message why;
    const char *text = config_setting_get_string(s);
    if (!text)
        return wrong(r, s, key, "is no text (give \"ap_fixed<W,I,Q,O>\")");
    return fixed_type_parse(type, text, &why) < 0 ? wrong(r, s, key, why.text) : 0;
}

static int add_entry(struct reading *r, const config_setting_t *group, const config_setting_t *s,
                     const char *name, enum net_role role, struct net_format *list, unsigned *n)
{
    struct net_format *e = &list[*n];
    const char *key = config_setting_name(s);
    for (unsigned k = 0; k < *n; k++)
        if (list[k].role == role && strcmp(list[k].name, name) == 0)
            return wrong(r, group, key, "this name has a format already");
    *e = (struct net_format){.name = arena_text(r->arena, name),
                             .role = role,
                             .line = (unsigned)config_setting_source_line(group)};
    if (!e->name)
        return wrong(r, group, key, "out of memory");
    if (read_type(r, s, key, &e->type) < 0)
        return -1;
    ++*n;
    return 0;
}

/* The name that a group is about: its entry `key`. */
static const char *name_of(struct reading *r, const config_setting_t *group, const char *key)
{
    const char *name = NULL;
    if (!config_setting_is_group(group))
        wrong(r, group, key, "is no group (give { tensor = \"name\"; format = \"...\"; })");
    else if (!config_setting_lookup_string(group, key, &name))
        wrong(r, group, key, "is missing (give the name in quotes)");
    return name;
}

static int read_tensor(struct reading *r, const config_setting_t *group)
{
    const char *name = name_of(r, group, "tensor");
    if (!name)
        return -1;
    bool seen = false;
    for (int k = 0; k < config_setting_length(group); k++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)k);
        const char *key = config_setting_name(s);
        if (strcmp(key, "format") == 0) {
            seen = true;
            if (add_entry(r, group, s, name, 0, r->f->tensor, &r->f->tensors) < 0)
                return -1;
        } else if (strcmp(key, "tensor") != 0)
            return wrong(r, s, key, "unknown key (give tensor, format)");
    }
    return seen ? 0 : wrong(r, group, "format", "is missing");
}

static int read_rule(struct reading *r, const config_setting_t *s, struct net_setting *to)
{
    const char *text = config_setting_get_string(s);
    for (unsigned k = 0; text && k < NET_RULES; k++)
        if (strcmp(text, rule_names[k]) == 0) {
            to->rule = k;
            return 0;
        }
    return wrong(r, s, "rule", "is unknown (give \"nearest\", \"hls4ml\" or \"hls4ml-1.1\")");
}

static int read_reuse(struct reading *r, const config_setting_t *s, struct net_setting *to)
{
    int reuse = config_setting_type(s) == CONFIG_TYPE_INT ? config_setting_get_int(s) : 0;
    if (reuse < 1 || reuse > NET_MAX_REUSE)
        return wrong(r, s, "reuse", "is no reuse factor (give 1..1048576)");
    to->reuse = (unsigned)reuse;
    return 0;
}

static int read_node_key(struct reading *r, const config_setting_t *group, const config_setting_t *s,
                         const char *name, struct net_setting *setting)
{
    const char *key = config_setting_name(s);
    for (unsigned role = 0; role < NET_ROLES; role++)
        if (strcmp(key, role_keys[role]) == 0)
            return add_entry(r, group, s, name, role, r->f->node, &r->f->nodes);
    if (strcmp(key, "rule") == 0)
        return read_rule(r, s, setting);
    if (strcmp(key, "reuse") == 0)
        return read_reuse(r, s, setting);
    if (strcmp(key, "node") == 0)
        return 0;
    return wrong(
        r, s, key,
        "unknown key (give node, rule, reuse, accumulator, table, entries, difference, sum, inverse, "
        "inverse_table, inverse_entries, argument, kernel)");
}

static int read_node(struct reading *r, const config_setting_t *group)
{
    const char *name = name_of(r, group, "node");
    struct net_setting *to = &r->f->setting[r->f->settings];
    if (!name)
        return -1;
    for (unsigned k = 0; k < r->f->settings; k++)
        if (strcmp(r->f->setting[k].node, name) == 0)
            return wrong(r, group, "node", "this node was there already");
    *to = (struct net_setting){
        .node = arena_text(r->arena, name), .reuse = 1, .line = (unsigned)config_setting_source_line(group)};
    if (!to->node)
        return wrong(r, group, "node", "out of memory");
    r->f->settings++;
    for (int k = 0; k < config_setting_length(group); k++)
        if (read_node_key(r, group, config_setting_get_elem(group, (unsigned)k), name, to) < 0)
            return -1;
    return 0;
}

static int read_list(struct reading *r, const config_setting_t *list, const char *key,
                     int (*read_one)(struct reading *, const config_setting_t *))
{
    if (!config_setting_is_list(list))
        return wrong(r, list, key, "is no list (give ( { ... }, { ... } ))");
    unsigned n = (unsigned)config_setting_length(list);
    if (read_one == read_tensor)
        r->f->tensor = arena_alloc(r->arena, n, sizeof *r->f->tensor);
    else {
        r->f->node = arena_alloc(r->arena, (size_t)n * NET_ROLES, sizeof *r->f->node);
        r->f->setting = arena_alloc(r->arena, n, sizeof *r->f->setting);
    }
    if (read_one == read_tensor ? !r->f->tensor : !r->f->node || !r->f->setting)
        return wrong(r, list, key, "out of memory");
    for (unsigned k = 0; k < n; k++)
        if (read_one(r, config_setting_get_elem(list, k)) < 0)
            return -1;
    return 0;
}

static int read_accumulation(struct reading *r, const config_setting_t *s)
{
    const char *text = config_setting_get_string(s);
    if (text && strcmp(text, "exact") == 0)
        r->f->accumulation = FIXED_EXACT;
    else if (text && strcmp(text, "hls4ml") == 0)
        r->f->accumulation = FIXED_HLS4ML;
    else
        return wrong(r, s, "accumulation", "is unknown (give \"exact\" or \"hls4ml\")");
    return 0;
}

static int read_fold(struct reading *r, const config_setting_t *s)
{
    if (config_setting_type(s) != CONFIG_TYPE_BOOL)
        return wrong(r, s, "fold_batch_norm", "is no truth value (give true or false)");
    r->f->fold_batch_norm = config_setting_get_bool(s);
    return 0;
}

static int read_bits(struct reading *r, const config_setting_t *s)
{
    int bits = config_setting_type(s) == CONFIG_TYPE_INT ? config_setting_get_int(s) : 0;
    if (bits < 2 || bits > 32)
        return wrong(r, s, "constant_bits", "is no number of bits (give 2..32)");
    r->f->constant_bits = (uint8_t)bits;
    return 0;
}

static int read_key(struct reading *r, const config_setting_t *s)
{
    const char *key = config_setting_name(s);
    if (strcmp(key, "default") == 0) {
        r->f->has_default = true;
        return read_type(r, s, key, &r->f->otherwise);
    }
    if (strcmp(key, "accumulation") == 0)
        return read_accumulation(r, s);
    if (strcmp(key, "fold_batch_norm") == 0)
        return read_fold(r, s);
    if (strcmp(key, "constant_bits") == 0)
        return read_bits(r, s);
    if (strcmp(key, "tensors") == 0)
        return read_list(r, s, key, read_tensor);
    if (strcmp(key, "nodes") == 0)
        return read_list(r, s, key, read_node);
    return wrong(r, s, key,
                 "unknown key (give default, accumulation, fold_batch_norm, constant_bits, tensors, nodes)");
}

/* What libconfig 1.5 would take without a word: integers that it cuts to 32 bits, other files. */
static int refuse_silent(struct reading *r, const char *text)
{
    unsigned line = 1;
    for (const char *at = text; *at; at++) {
        size_t digits = strspn(at, "0123456789");
        if (*at == '"') { /* a text: to its end */
            for (at++; *at && *at != '"'; at++)
                at += *at == '\\' && at[1];
            if (!*at)
                break;
        } else if (*at == '#' || strncmp(at, "//", 2) == 0) { /* a comment: to the end of its line */
            at += strcspn(at, "\n") - (at[strcspn(at, "\n")] == 0);
        } else if (strncmp(at, "@include", 8) == 0) {
            return message_set(r->m, "%s:%u: @include is refused (one file)", r->f->path, line);
        } else if (digits > 9) {
            return message_set(r->m, "%s:%u: a number of %zu digits (give smaller ones)", r->f->path, line,
                               digits);
        }
        line += *at == '\n';
    }
    return 0;
}

static int read_text(struct reading *r, config_t *c)
{
    size_t n;
    char *text = net_file_read(r->f->path, 0, 1 << 20, &n, r->m);
    if (!text)
        return -1;
    int failed = memchr(text, 0, n) ? message_set(r->m, "%s: is no text", r->f->path) : 0;
    if (!failed) {
        text[n] = 0;
        failed = refuse_silent(r, text);
    }
    if (!failed && config_read_string(c, text) != CONFIG_TRUE)
        failed = 1;
    free(text);
    return failed;
}

static int read_config(struct reading *r, config_t *c)
{
    int failed = read_text(r, c);
    if (failed < 0)
        return -1;
    if (failed)
        return message_set(r->m, "%s:%d: %s", r->f->path, config_error_line(c), config_error_text(c));
    const config_setting_t *root = config_root_setting(c);
    for (int k = 0; k < config_setting_length(root); k++)
        if (read_key(r, config_setting_get_elem(root, (unsigned)k)) < 0)
            return -1;
    return 0;
}

int net_formats_read(struct net_formats *f, const char *path, struct message *m)
{
    config_t c;
    net_formats_init(f);
    struct reading r = {f, arena_new(), m};
    f->memory = r.arena;
    f->path = r.arena ? arena_text(r.arena, path) : NULL;
    if (!f->path) {
        net_formats_release(f);
        return message_set(m, "%s: out of memory", path);
    }
    config_init(&c);
    int failed = read_config(&r, &c);
    config_destroy(&c);
    if (failed)
        net_formats_release(f);
    return failed;
}

static const struct fixed_type *entry(struct net_format *list, unsigned n, const char *name,
                                      enum net_role role)
{
    for (unsigned k = 0; k < n; k++)
        if (list[k].role == role && strcmp(list[k].name, name) == 0) {
            list[k].used = true;
            return &list[k].type;
        }
    return NULL;
}

const struct fixed_type *net_format_of(struct net_formats *f, const char *tensor)
{
    return entry(f->tensor, f->tensors, tensor, 0);
}

const struct fixed_type *net_format_within(struct net_formats *f, const char *node, enum net_role role)
{
    return entry(f->node, f->nodes, node, role);
}

struct net_setting net_setting_of(struct net_formats *f, const char *node)
{
    for (unsigned k = 0; k < f->settings; k++)
        if (strcmp(f->setting[k].node, node) == 0) {
            f->setting[k].used = true;
            return f->setting[k];
        }
    return (struct net_setting){.node = node, .reuse = 1};
}

static int unused(const struct net_formats *f, const struct net_format *list, unsigned n, bool nodes,
                  struct message *m)
{
    for (unsigned k = 0; k < n; k++)
        if (!list[k].used)
            return message_set(m, "%s:%u: the network has no %s%s '%.80s' (`bxact net info` lists names)",
                               f->path, list[k].line, nodes ? role_keys[list[k].role] : "tensor",
                               nodes ? " of node" : "", list[k].name);
    return 0;
}

int net_formats_all_used(const struct net_formats *f, struct message *m)
{
    if (f->partial)
        return 0;
    if (unused(f, f->tensor, f->tensors, false, m) < 0 || unused(f, f->node, f->nodes, true, m) < 0)
        return -1;
    for (unsigned k = 0; k < f->settings; k++)
        if (!f->setting[k].used && (f->setting[k].rule != NET_RULE_NEAREST || f->setting[k].reuse != 1))
            return message_set(m, "%s:%u: the network has no use for rule or reuse of node '%.80s'", f->path,
                               f->setting[k].line, f->setting[k].node);
    return 0;
}

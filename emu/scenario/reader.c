#include "emu/scenario/reader.h"

#include "emu/scenario/config_text.h"
#include "emu/scenario/field.h"
#include "emu/scenario/suggest.h"

#include <assert.h>
#include <inttypes.h>
#include <libconfig.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TEXT = 256, PATH_TEXT = 512 };

/* Where a value stands: the setting for its line, the full path for its name. */
struct spot {
    const config_setting_t *setting;
    char path[PATH_TEXT];
};

static void spot_text(const struct reader *r, const struct spot *at, char *text, size_t size)
{
    if (r->label)
        snprintf(text, size, "%s", r->label);
    else
        snprintf(text, size, "%s:%u: %s", r->file, config_setting_source_line(at->setting), at->path);
}

__attribute__((format(printf, 4, 5))) static bool wrong(struct reader *r, const struct spot *at,
                                                        const struct key *key, const char *format, ...)
{
    char place[SCENARIO_PATH_MAX + PATH_TEXT], what[512], accepts[512] = "";
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    spot_text(r, at, place, sizeof place);
    if (key)
        key_accepts(key, accepts, sizeof accepts);
    /* An option's label names its key, but not which member of a list is meant. */
    const char *member = r->label ? strchr(at->path, '[') : NULL;
    messages_error(r->m, "%s: %s%s%s%s%s%s", place, member ? member : "", member ? ": " : "", what,
                   key ? " (give " : "", accepts, key ? ")" : "");
    return false;
}

static const char *kind_name(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP: return "a group";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64: return "an integer";
    case CONFIG_TYPE_FLOAT: return "a number with a fraction";
    case CONFIG_TYPE_STRING: return "a text";
    case CONFIG_TYPE_BOOL: return "a truth value";
    default: return "a list";
    }
}

static bool wrong_kind(struct reader *r, const struct spot *at, const struct key *key)
{
    return wrong(r, at, key, "is %s", kind_name(at->setting));
}

static bool is_list(const config_setting_t *setting)
{
    int type = config_setting_type(setting);
    return type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST;
}

static struct spot member(const struct spot *at, int index)
{
    struct spot in = {.setting = config_setting_get_elem(at->setting, (unsigned)index)};
    snprintf(in.path, sizeof in.path, "%.*s[%d]", PATH_TEXT - 16, at->path, index);
    return in;
}

static bool read_integer(struct reader *r, const struct spot *at, const struct key *key, uint64_t *value)
{
    if (config_setting_type(at->setting) != CONFIG_TYPE_INT64)
        return wrong_kind(r, at, key);
    long long v = config_setting_get_int64(at->setting);
    if (v < 0 || (uint64_t)v < key->min)
        return wrong(r, at, key, "%lld is below %" PRIu64, v, key->min);
    if ((uint64_t)v > key->max)
        return wrong(r, at, key, "%lld is above %" PRIu64, v, key->max);
    *value = (uint64_t)v;
    return true;
}

static bool read_int(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    uint64_t value = 0;
    if (!read_integer(r, at, key, &value))
        return false;
    field_store(key, base, 0, value);
    return true;
}

static bool read_word(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    const char *text = config_setting_get_string(at->setting);
    if (!text)
        return wrong_kind(r, at, key);
    for (size_t i = 0; key->words[i]; i++)
        if (!strcmp(text, key->words[i])) {
            if (key->kind == KEY_WORD)
                field_store(key, base, 0, i);
            else
                snprintf(field_text(key, base), key->size, "%s", text);
            return true;
        }
    return wrong(r, at, key, "\"%s\" is unknown", text);
}

static bool is_word(const struct key *key, const char *text)
{
    size_t i = 0;
    while (key->words[i] && strcmp(text, key->words[i]))
        i++;
    return key->words[i];
}

static bool read_bool(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    if (config_setting_type(at->setting) != CONFIG_TYPE_BOOL)
        return wrong_kind(r, at, key);
    *(bool *)((char *)base + key->offset) = config_setting_get_bool(at->setting) == CONFIG_TRUE;
    return true;
}

/* The folder that a relative file name starts at: the scenario's own, or the working directory for an option.
 */
static bool join_folder(const struct reader *r, const char *name, char *path, size_t size)
{
    char folder[PATH_MAX] = "";
    if (name[0] != '/' && !r->label) {
        const char *slash = strrchr(r->file, '/');
        snprintf(folder, sizeof folder, "%.*s/", slash ? (int)(slash - r->file) : 1, slash ? r->file : ".");
    }
    return (size_t)snprintf(path, size, "%s%s", folder, name) < size;
}

static bool read_file_name(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    const char *name = config_setting_get_string(at->setting);
    char joined[PATH_MAX], real[PATH_MAX];
    struct stat st;
    if (!name)
        return wrong_kind(r, at, key);
    if (!name[0]) {
        field_text(key, base)[0] = 0;
        return true;
    }
    if (!join_folder(r, name, joined, sizeof joined) || !realpath(joined, real) || stat(real, &st) < 0)
        return wrong(r, at, key, "there is no file \"%s\"", name);
    if (!S_ISREG(st.st_mode))
        return wrong(r, at, key, "\"%s\" is %s", name,
                     S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    if (access(real, R_OK) < 0)
        return wrong(r, at, key, "\"%s\" cannot be read: permission denied", name);
    snprintf(field_text(key, base), key->size, "%s", real);
    return true;
}

static bool read_word_or_file(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    const char *text = config_setting_get_string(at->setting);
    if (text && !text[0])
        return wrong(r, at, key, "is empty");
    return text && is_word(key, text) ? read_word(r, at, key, base) : read_file_name(r, at, key, base);
}

static bool right_length(struct reader *r, const struct spot *at, const struct key *key)
{
    if (!is_list(at->setting))
        return wrong_kind(r, at, key);
    size_t n = (size_t)config_setting_length(at->setting);
    if (n > key->count || (n < key->count && key->kind == KEY_INTS && !key->count_offset))
        return wrong(r, at, key, "has %zu member%s", n, n == 1 ? "" : "s");
    return true;
}

static bool read_ints(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    if (!right_length(r, at, key))
        return false;
    int n = config_setting_length(at->setting);
    bool good = true;
    for (int i = 0; i < n; i++) {
        struct spot in = member(at, i);
        uint64_t value = 0;
        if (read_integer(r, &in, key, &value))
            field_store(key, base, (size_t)i, value);
        else
            good = false;
    }
    field_set_count(key, base, (uint32_t)n);
    return good;
}

static bool read_lanes(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    if (!right_length(r, at, key))
        return false;
    uint64_t lanes = 0, lane = 0;
    for (int i = 0; i < config_setting_length(at->setting); i++) {
        struct spot in = member(at, i);
        if (!read_integer(r, &in, key, &lane))
            return false;
        if (lanes >> lane & 1)
            return wrong(r, &in, key, "lane %" PRIu64 " stands there twice", lane);
        lanes |= UINT64_C(1) << lane;
    }
    field_store(key, base, 0, lanes);
    return true;
}

static bool read_group(struct reader *r, const config_setting_t *group, const struct key *keys, void *base,
                       const char *named, const char *path, bool *given);

static void table_defaults(struct reader *r, const struct key *keys, void *base);

static bool read_element(struct reader *r, const struct spot *at, const struct key *key, void *element)
{
    bool given[READER_MAX_KEYS] = {false}, good;
    table_defaults(r, key->sub, element);
    good = read_group(r, at->setting, key->sub, element, at->path, "", given);
    for (size_t i = 0; key->sub[i].path; i++)
        if (!given[i] && !key->sub[i].value && good) {
            char accepts[256];
            key_accepts(&key->sub[i], accepts, sizeof accepts);
            good = wrong(r, at, NULL, "%s is missing (give %s)", key->sub[i].path, accepts);
        }
    return good;
}

static bool read_groups(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    if (!right_length(r, at, key))
        return false;
    int n = config_setting_length(at->setting);
    bool good = true;
    for (int i = 0; i < n; i++) {
        struct spot in = member(at, i);
        if (config_setting_type(in.setting) != CONFIG_TYPE_GROUP)
            good = wrong(r, &in, NULL, "is %s (give a group { ... })", kind_name(in.setting));
        else
            good &= read_element(r, &in, key, field_element(key, base, (size_t)i));
    }
    field_set_count(key, base, (uint32_t)n);
    return good;
}

static bool read_value(struct reader *r, const struct spot *at, const struct key *key, void *base)
{
    switch (key->kind) {
    case KEY_INT: return read_int(r, at, key, base);
    case KEY_WORD:
    case KEY_TEXT: return read_word(r, at, key, base);
    case KEY_BOOL: return read_bool(r, at, key, base);
    case KEY_FILE: return read_file_name(r, at, key, base);
    case KEY_WORD_OR_FILE: return read_word_or_file(r, at, key, base);
    case KEY_INTS: return read_ints(r, at, key, base);
    case KEY_LANES: return read_lanes(r, at, key, base);
    case KEY_GROUPS: return read_groups(r, at, key, base);
    }
    assert(!"a key of unknown kind");
    return false;
}

static bool unknown_key(struct reader *r, const struct spot *at, const struct key *keys, const char *path)
{
    char near[NAME_TEXT];
    if (suggest_key(keys, path, near, sizeof near))
        return wrong(r, at, NULL, "unknown key (did you mean %s?)", near);
    return wrong(r, at, NULL, "unknown key (`bxact keys` lists all)");
}

/* The number of keys whose path starts with "path.": a group's name. */
static bool is_group_path(const struct key *keys, const char *path)
{
    size_t n = strlen(path);
    for (; keys->path; keys++)
        if (!strncmp(keys->path, path, n) && keys->path[n] == '.')
            return true;
    return false;
}

static bool read_member(struct reader *r, struct spot *at, const struct key *keys, void *base,
                        const char *named, const char *path, bool *given)
{
    bool group = config_setting_type(at->setting) == CONFIG_TYPE_GROUP;
    for (size_t i = 0; keys[i].path; i++)
        if (!strcmp(keys[i].path, path)) {
            given[i] = true;
            if (keys == scenario_keys)
                spot_text(r, at, r->place[i], sizeof r->place[i]);
            return read_value(r, at, &keys[i], base);
        }
    if (!is_group_path(keys, path))
        return unknown_key(r, at, keys, path);
    if (!group)
        return wrong(r, at, NULL, "is %s (give a group: %s : { ... };)", kind_name(at->setting), path);
    return read_group(r, at->setting, keys, base, named, path, given);
}

/* `named` is what the user calls the table's root ("" or "links.faults[2]"), `path` where in the table we
 * are. */
static bool read_group(struct reader *r, const config_setting_t *group, const struct key *keys, void *base,
                       const char *named, const char *path, bool *given)
{
    bool good = true;
    for (int i = 0; i < config_setting_length(group); i++) {
        char inner[NAME_TEXT];
        struct spot at = {.setting = config_setting_get_elem(group, (unsigned)i)};
        const char *name = config_setting_name(at.setting);
        snprintf(inner, sizeof inner, "%s%s%.64s", path, path[0] ? "." : "", name);
        snprintf(at.path, sizeof at.path, "%.100s%s%s", named, named[0] ? "." : "", inner);
        good &= read_member(r, &at, keys, base, named, inner, given);
    }
    return good;
}

static bool parse_file(struct reader *r, config_t *config, const char *text)
{
    if (config_read_string(config, text) == CONFIG_TRUE)
        return true;
    const char *what = config_error_text(config), *hint = "";
    if (!strcmp(what, "syntax error"))
        hint = " (settings read `key = value;`, groups `name : { ... };`)";
    else if (!strcmp(what, "duplicate setting name"))
        hint = " (give each key once)";
    messages_error(r->m, "%s:%d: %s%s", r->file, config_error_line(config), what, hint);
    return false;
}

bool reader_file(struct reader *r, const char *path, const char *text)
{
    r->file = path;
    r->label = NULL;
    char *safe = config_text_prepare(text, path, 1, r->m);
    if (!safe)
        return false;
    config_t config;
    config_init(&config);
    bool good = parse_file(r, &config, safe) &&
                read_group(r, config_root_setting(&config), scenario_keys, r->s, "", "", r->given);
    config_destroy(&config);
    free(safe);
    return good;
}

/* Words and file names may be typed without quotes on a command line. */
static char *quoted(const char *value)
{
    char *text = malloc(2 * strlen(value) + 3), *out = text;
    if (!text)
        return NULL;
    *out++ = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            *out++ = '\\';
        *out++ = *value;
    }
    *out++ = '"';
    *out = 0;
    return text;
}

/* A value as the text of a setting named v, for free(). */
static char *option_text(const struct key *key, const char *value)
{
    bool text = key->kind == KEY_WORD || key->kind == KEY_TEXT || key->kind == KEY_FILE ||
                key->kind == KEY_WORD_OR_FILE;
    char *literal = text && value[0] != '"' ? quoted(value) : strdup(value);
    size_t size = literal ? strlen(literal) + sizeof "v = ;" : 0;
    char *line = literal ? malloc(size) : NULL;
    if (line)
        snprintf(line, size, "v = %s;", literal);
    free(literal);
    return line;
}

static bool read_option(struct reader *r, const struct key *key, const char *text, void *base)
{
    config_t config;
    struct spot at = {0};
    bool good = false;
    snprintf(at.path, sizeof at.path, "%s", key->path);
    config_init(&config);
    if (config_read_string(&config, text) != CONFIG_TRUE ||
        config_setting_length(config_root_setting(&config)) != 1) {
        wrong(r, &at, key, "is no value of this key");
    } else {
        at.setting = config_setting_get_elem(config_root_setting(&config), 0);
        good = read_value(r, &at, key, base);
    }
    config_destroy(&config);
    return good;
}

/* Defaults are written in the table as a user would write them, and read by the same code; a wrong one is our
 * fault. */
static void table_defaults(struct reader *r, const struct key *keys, void *base)
{
    struct reader own = *r;
    own.label = "default";
    for (; keys->path; keys++) {
        if (!keys->value)
            continue;
        char *text = option_text(keys, keys->value);
        char *safe = text ? config_text_prepare(text, own.label, 0, own.m) : NULL;
        bool good = safe && read_option(&own, keys, safe, base);
        assert(good);
        (void)good;
        free(safe);
        free(text);
    }
}

void reader_defaults(struct reader *r) { table_defaults(r, scenario_keys, r->s); }

bool reader_setting(struct reader *r, const struct scenario_setting *set)
{
    const struct key *key = scenario_key(set->key);
    r->label = set->label;
    if (!key) {
        struct spot at = {0};
        if (is_group_path(scenario_keys, set->key))
            return wrong(r, &at, NULL, "%s is a group (give one of its keys)", set->key);
        return unknown_key(r, &at, scenario_keys, set->key);
    }
    char *text = option_text(key, set->value), *safe = NULL;
    if (text)
        safe = config_text_prepare(text, set->label, 0, r->m);
    else
        messages_error(r->m, "%s: memory is out", set->label);
    bool good = safe && read_option(r, key, safe, r->s);
    r->given[key - scenario_keys] = true;
    snprintf(r->place[key - scenario_keys], READER_PLACE, "%s", set->label);
    free(safe);
    free(text);
    return good;
}

bool reader_given(const struct reader *r, const char *path)
{
    const struct key *key = scenario_key(path);
    assert(key);
    return r->given[key - scenario_keys];
}

const char *reader_place(const struct reader *r, const char *path, char *buffer, size_t size)
{
    if (reader_given(r, path))
        return r->place[scenario_key(path) - scenario_keys];
    snprintf(buffer, size, "%s: %s", r->file, path);
    return buffer;
}

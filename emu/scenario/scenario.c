#include "emu/scenario/scenario.h"

#include "emu/scenario/config_text.h"
#include "emu/scenario/cross_check.h"
#include "emu/scenario/keys.h"
#include "emu/scenario/reader.h"

#include <stdlib.h>
#include <string.h>

const char *engine_name(enum engine e) { return scenario_key("engines.default")->words[e]; }

bool scenario_network_is_file(const struct scenario *s)
{
    const char *const *word = scenario_key("inference.network")->words;
    while (*word && strcmp(*word, s->network))
        word++;
    return !*word;
}

void scenario_network_name(const struct scenario *s, char name[SCENARIO_NAME_MAX])
{
    const char *slash = strrchr(s->network, '/'), *last = slash ? slash + 1 : s->network;
    size_t n = strlen(last);
    if (n > 5 && !strcmp(last + n - 5, ".onnx"))
        n -= 5;
    snprintf(name, SCENARIO_NAME_MAX, "%.*s", (int)(n < SCENARIO_NAME_MAX ? n : SCENARIO_NAME_MAX - 1), last);
}

struct scenario *scenario_new(void)
{
    struct scenario *s = calloc(1, sizeof *s);
    struct reader *r = calloc(1, sizeof *r);
    struct messages m = MESSAGES_EMPTY;
    if (s && r) {
        *r = (struct reader){.s = s, .m = &m};
        reader_defaults(r);
        cross_check_derive(r);
    } else {
        free(s);
        s = NULL;
    }
    messages_release(&m);
    free(r);
    return s;
}

void scenario_free(struct scenario *s) { free(s); }

/* "scenarios/pp_fill.cfg" is named "pp_fill". */
static void name_from_path(struct scenario *s, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    if (n > 4 && !strcmp(name + n - 4, ".cfg"))
        n -= 4;
    if (!strncmp(name, "..", n) || !n) { /* the name becomes a folder's */
        name = "scenario";
        n = strlen(name);
    }
    snprintf(s->name, sizeof s->name, "%.*s", (int)(n < SCENARIO_NAME_MAX ? n : SCENARIO_NAME_MAX - 1), name);
    snprintf(s->file, sizeof s->file, "%s", path);
}

/* The input belongs to the source that was chosen, wherever on the command line. */
static bool set_input(struct reader *r, const struct scenario_setting *input)
{
    struct scenario_setting set = *input;
    set.key = r->s->source == SOURCE_FILE ? "stimulus.file.name" : "stimulus.mp7.file";
    return reader_setting(r, &set);
}

static bool load(struct reader *r, const char *path, const struct scenario_setting *sets, size_t n)
{
    char *text = config_text_read(path, r->m);
    bool good = text && reader_file(r, path, text);
    for (size_t i = 0; i < n && text; i++)
        if (strcmp(sets[i].key, SCENARIO_INPUT) != 0)
            good &= reader_setting(r, &sets[i]);
    for (size_t i = 0; i < n && text; i++)
        if (strcmp(sets[i].key, SCENARIO_INPUT) == 0)
            good &= set_input(r, &sets[i]);
    free(text);
    cross_check_derive(r);
    return good && cross_check(r); /* a scenario with wrong values would only give follow-up errors */
}

int scenario_load(struct scenario *s, const char *path, const struct scenario_setting *sets, size_t n,
                  struct messages *m)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r) {
        messages_error(m, "%s: memory is out", path);
        return -1;
    }
    *r = (struct reader){.s = s, .m = m, .file = path};
    name_from_path(s, path);
    bool good = load(r, path, sets, n);
    free(r);
    return good ? 0 : -1;
}

static uint16_t slots_of_lanes(uint8_t lanes)
{
    uint16_t slots = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        if (lanes >> lane & 1)
            slots |= (uint16_t)(3u << 2 * lane);
    return slots;
}

void scenario_board_cfg(const struct scenario *s, struct board_cfg *cfg)
{
    *cfg = (struct board_cfg){
        .run3 = s->format,
        .gap_first = s->links.gap_first,
        .final_lanes = s->links.final_lanes,
        .align_depth = s->align_depth,
        .zs_pt_min = s->zs_condition == ZS_ALL ? 0 : s->zs_pt_min,
        .zs_slots = s->zs_condition == ZS_FINAL ? slots_of_lanes(s->links.final_lanes) : UINT16_MAX,
        .feed_select = s->feed_select,
        .feed_depth = s->feed_depth,
        .engines = s->recal_engines,
        .pack_corrections = s->corrections,
        .pack_depth = s->pack_depth,
        .orbits_per_packet = s->orbits_per_packet,
        .drop_policy = s->drop,
        .dma_depth = s->dma_depth,
        .dma_reserve = s->dma_reserve,
        .sync_stages = s->sync_stages,
    };
}

void scenario_mp7_cfg(const struct scenario *s, struct mp7_source_cfg *cfg)
{
    *cfg = (struct mp7_source_cfg){
        .path = s->mp7.file,
        .format = (enum link_format)s->format,
        .final_lanes = s->links.final_lanes,
        .bx_offset = s->mp7.bx_offset,
        .gap_first = s->links.gap_first,
        .first_orbit = s->run.first_orbit,
        .repeat = s->mp7.repeat,
    };
}

void scenario_file_cfg(const struct scenario *s, struct file_source_cfg *cfg)
{
    *cfg = (struct file_source_cfg){
        .path = s->replay.name,
        .format = s->replay.format,
        .layout = (enum link_format)s->format,
        .final_lanes = s->links.final_lanes,
        .first_orbit = s->run.first_orbit,
        .bx_offset = s->replay.bx_offset,
        .repeat = s->replay.repeat,
        .recover = s->replay.recover,
    };
}

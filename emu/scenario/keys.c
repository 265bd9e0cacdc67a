#include "emu/scenario/keys.h"

#include "emu/scenario/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIELD(of, field) .offset = offsetof(struct of, field), .size = sizeof(((struct of *)0)->field)
#define ELEMENTS(of, field) .offset = offsetof(struct of, field), .size = sizeof(((struct of *)0)->field[0])

#define INT(name, field, lo, hi) .path = name, .kind = KEY_INT, .min = lo, .max = hi, FIELD(scenario, field)
#define WORD(name, field, list) .path = name, .kind = KEY_WORD, .words = list, FIELD(scenario, field)
#define BOOL(name, field) .path = name, .kind = KEY_BOOL, FIELD(scenario, field)
#define LANE_INTS(name, field, hi)                                                                           \
    .path = name, .kind = KEY_INTS, .max = hi, .count = LANES, ELEMENTS(scenario, field)
#define GROUPS(name, field, length, most, table)                                                             \
    .path = name, .kind = KEY_GROUPS, .count = most, .count_offset = offsetof(struct scenario, length),      \
    .sub = table, ELEMENTS(scenario, field)
#define WEIGHTS(name, field)                                                                                 \
    .path = name, .kind = KEY_INTS, .max = UINT32_MAX, .count = COUNT(((struct scenario *)0)->field),        \
    ELEMENTS(scenario, field)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SUB(of, name, field, hi) .path = name, .kind = KEY_INT, .max = hi, FIELD(of, field)
#define PPM 1000000

/* The default engine of each block is engines.default; block names as everywhere else. */
#define ENGINE_OF(name, block)                                                                               \
    {.path = "engines." name,                                                                                \
     .kind = KEY_WORD,                                                                                       \
     .words = engines,                                                                                       \
     .derived = "`engines.default`",                                                                         \
     .offset = offsetof(struct scenario, engine) + (block),                                                  \
     .size = 1,                                                                                              \
     .meaning = "timed engine of " name}

static const char *const sources[] = {
    [SOURCE_GENERATOR] = "generator", [SOURCE_MP7] = "mp7", [SOURCE_FILE] = "file", NULL};
static const char *const formats[] = {[LINK_FORMAT_2018] = "2018", [LINK_FORMAT_RUN3] = "run3", NULL};
static const char *const conditions[] = {[ZS_ANY] = "any", [ZS_FINAL] = "final", [ZS_ALL] = "all", NULL};
static const char *const selections[] = {
    [FEED_BARREL_FINAL] = "barrel_final", [FEED_FINAL] = "final", [FEED_ALL] = "all", NULL};
static const char *const networks[] = {"student", "baseline", NULL};
static const char *const corrections[] = {
    [PACK_NONE] = "none", [PACK_IN_PLACE] = "in_place", [PACK_APPENDED] = "appended", NULL};
static const char *const drops[] = {[DROP_ORBIT] = "orbit", [DROP_BX] = "bx", NULL};
static const char *const engines[] = {
    [ENGINE_MODEL] = "model", [ENGINE_RTL] = "rtl", [ENGINE_LOCKSTEP] = "lockstep", NULL};
static const char *const file_formats[] = {
    "auto", "frd",     "emp2",    "emp1",    "mp7",    "apx",   "records",
    "ugt",  "dma2022", "dma2021", "dma2018", "host12", "host8", NULL};
static const char *const compression_words[] = {"none", "gzip", "bzip2", "zstd", NULL};
static const char *const fillings[] = {"25ns_2760b", "25ns_2744b_BCMS", "8b4e_1972b", "trains", NULL};

static const struct key trains[] = {
    {SUB(filling_train, "first_bx", first_bx, BX_PER_ORBIT - 1), .unit = "BX",
     .meaning = "slot of the first bunch"},
    {SUB(filling_train, "bunches", bunches, BX_PER_ORBIT), .min = 1, .meaning = "bunches in the train"},
    {SUB(filling_train, "fill", fill, BX_PER_ORBIT), .value = "0", .unit = "BX",
     .meaning = "filled slots before a pause; 0: no pauses"},
    {SUB(filling_train, "empty", empty, BX_PER_ORBIT), .value = "0", .unit = "BX",
     .meaning = "empty slots of a pause"},
    {SUB(filling_train, "repeat", repeat, BX_PER_ORBIT), .value = "1", .meaning = "trains of this shape"},
    {SUB(filling_train, "period", period, BX_PER_ORBIT), .value = "0", .unit = "BX",
     .meaning = "from one train's first slot to the next one's"},
    {0},
};

static const char *const fault_kinds[] = {
    [FAULT_BIT_FLIP] = "bit_flip",   [FAULT_K_ERROR] = "k_error",
    [FAULT_DROP_WORD] = "drop_word", [FAULT_INSERT_WORD] = "insert_word",
    [FAULT_CRC_ERROR] = "crc_error", [FAULT_COMMAS] = "commas",
    [FAULT_PADS] = "pads",           NULL};

static const struct key faults[] = {
    {.path = "kind", .kind = KEY_WORD, .words = fault_kinds, FIELD(link_fault, kind), .meaning = "see below"},
    {SUB(link_fault, "orbit", orbit, UINT32_MAX), .meaning = "orbit number"},
    {SUB(link_fault, "bx", bx, BX_PER_ORBIT - 1), .value = "0", .unit = "BX",
     .meaning = "BX in the orbit, of the gap too"},
    {SUB(link_fault, "frame", frame, FRAMES - 1), .value = "0", .meaning = "frame of that BX"},
    {SUB(link_fault, "lane", lane, LANES - 1), .value = "0", .meaning = "lane"},
    {SUB(link_fault, "value", value, UINT32_MAX), .value = "1", .meaning = "bit, mask or length: see below"},
    {0},
};

static const struct key stalls[] = {
    {SUB(bus_stall_at, "orbit", orbit, UINT32_MAX), .meaning = "orbit number"},
    {SUB(bus_stall_at, "bx", bx, BX_PER_ORBIT - 1), .value = "0", .unit = "BX", .meaning = "BX in the orbit"},
    {SUB(bus_stall_at, "cycles", cycles, 100000000), .min = 1, .unit = "host cycles",
     .meaning = "how long the bus takes nothing, from when lane 0 sends that BX"},
    {0},
};

const struct key scenario_keys[] = {
    {INT("run.orbits", run.orbits, 1, 1000000), .value = "10", .unit = "orbits",
     .meaning = "whole orbits that the links send"},
    {INT("run.first_orbit", run.first_orbit, 0, UINT32_MAX), .value = "1",
     .meaning = "number of the first whole orbit; orbit numbers wrap at 2^32"},
    {INT("run.start_bx", run.start_bx, 0, BX_PER_ORBIT - 1), .value = "3555", .unit = "BX",
     .meaning =
         "where the links start, in the orbit before `run.first_orbit`: the default is the gap's first BX, "
         "just early enough for the board to lock and align before the first whole orbit"},
    {INT("run.start_frame", run.start_frame, 0, FRAMES - 1), .value = "0", .meaning = "frame of that BX"},
    {INT("run.seed", run.seed, 0, INT64_MAX), .value = "1", .meaning = "of every random choice of the run"},

    {INT("clocks.line_hz", clocks.line_hz, 1000000, 4000000000), .value = "250000000", .unit = "Hz",
     .meaning = "link words a second and lane; at least 6 x `clocks.lhc_hz`"},
    {INT("clocks.lhc_hz", clocks.lhc_hz, 1000000, 600000000), .value = "40078900", .unit = "Hz",
     .meaning = "BX a second"},
    {INT("clocks.board_hz", clocks.board_hz, 1000000, 4000000000), .derived = "6 x `clocks.lhc_hz`",
     .unit = "Hz", .meaning = "board clock; below 6 x `clocks.lhc_hz` words are lost, which gives a warning"},
    {INT("clocks.host_hz", clocks.host_hz, 1000000, 4000000000), .value = "250000000", .unit = "Hz",
     .meaning = "clock of the DMA FIFO's host side"},
    {INT("clocks.line_phase_ps", clocks.line_phase_ps, 0, 1000000), .value = "0", .unit = "ps",
     .meaning = "time of the first line edge"},
    {INT("clocks.board_phase_ps", clocks.board_phase_ps, 0, 1000000), .value = "0", .unit = "ps",
     .meaning = "time of the first board edge"},
    {INT("clocks.host_phase_ps", clocks.host_phase_ps, 0, 1000000), .value = "0", .unit = "ps",
     .meaning = "time of the first host edge"},

    {WORD("stimulus.source", source, sources), .value = "\"generator\"",
     .meaning = "muons from the generator, from a capture of the uGMT's links (MP7 pattern file), "
                "or from any file that `bxact show` reads"},
    {WORD("stimulus.format", format, formats), .value = "\"2018\"",
     .meaning =
         "layout of the link words: which counters stand in frames 0 and 1, and the muon's upper bits"},
    {.path = "stimulus.generator.filling",
     .kind = KEY_TEXT,
     .words = fillings,
     FIELD(scenario, generator.filling),
     .value = "\"25ns_2760b\"",
     .meaning = "which BX collide: a preset, or `stimulus.generator.trains`"},
    {GROUPS("stimulus.generator.trains", generator.train, generator.trains, SCENARIO_MAX_TRAINS, trains),
     .value = "()", .meaning = "trains of colliding BX, under filling = \"trains\"; none: no collisions"},
    {.path = "stimulus.generator.multiplicity",
     .kind = KEY_INTS,
     .max = UINT32_MAX,
     .count = GENERATOR_MAX_MUONS + 1,
     .count_offset = offsetof(struct scenario, generator.multiplicities),
     ELEMENTS(scenario, generator.cfg.multiplicity),
     .value = "[93500, 5700, 650, 120, 30]",
     .unit = "weight",
     .meaning = "relative chance of 0, 1, 2, ... final muons in a colliding BX"},
    {INT("stimulus.generator.background_ppm", generator.cfg.background_ppm, 0, PPM), .value = "0",
     .unit = "1e-6", .meaning = "chance of one muon (cosmic, beam halo) in a BX without collision"},
    {INT("stimulus.generator.intermediate_ppm", generator.cfg.intermediate_ppm, 0, PPM), .value = "800000",
     .unit = "1e-6", .meaning = "chance that a barrel muon also stands on a lane of intermediate muons"},
    {INT("stimulus.generator.pt_min", generator.cfg.pt_min, 1, 510), .value = "5", .unit = "pT code",
     .meaning = "lowest pT, (code - 1) x 0.5 GeV"},
    {INT("stimulus.generator.pt_max", generator.cfg.pt_max, 1, 510), .value = "510", .unit = "pT code",
     .meaning = "highest pT"},
    {INT("stimulus.generator.pt_knee", generator.cfg.pt_knee, 0, 255), .value = "12", .unit = "pT code",
     .meaning = "the spectrum falls as 1 / (code + knee)^4"},
    {INT("stimulus.generator.overflow_ppm", generator.cfg.overflow_ppm, 0, PPM), .value = "6000",
     .unit = "1e-6", .meaning = "chance of pT code 511, the overflow"},
    {WEIGHTS("stimulus.generator.region", generator.cfg.region), .value = "[38, 20, 42]", .unit = "weight",
     .meaning = "relative chance of barrel, overlap and endcap"},
    {WEIGHTS("stimulus.generator.quality", generator.cfg.quality), .value = "[4, 14, 22, 60]",
     .unit = "weight", .meaning = "relative chance of quality 0, 4, 8 and 12"},
    {INT("stimulus.generator.negative_ppm", generator.cfg.negative_ppm, 0, PPM), .value = "490000",
     .unit = "1e-6", .meaning = "chance of negative charge"},
    {INT("stimulus.generator.charge_valid_ppm", generator.cfg.charge_valid_ppm, 0, PPM), .value = "990000",
     .unit = "1e-6", .meaning = "chance that the charge is valid"},
    {INT("stimulus.generator.isolated_ppm", generator.cfg.isolated_ppm, 0, PPM), .value = "350000",
     .unit = "1e-6", .meaning = "chance of the relative isolation bit"},
    {.path = "stimulus.mp7.file",
     .kind = KEY_FILE,
     FIELD(scenario, mp7.file),
     .value = "\"\"",
     .meaning = "the capture, under source = \"mp7\"; a relative name starts at the scenario's folder, "
                "on the command line (`--input FILE`) at the working directory"},
    {INT("stimulus.mp7.bx_offset", mp7.bx_offset, 0, BX_PER_ORBIT - 1), .value = "0", .unit = "BX",
     .meaning = "BX of the orbit that takes the capture's first one"},
    {BOOL("stimulus.mp7.repeat", mp7.repeat), .value = "false",
     .meaning = "true: every orbit takes the capture; false: only `run.first_orbit`"},

    {.path = "stimulus.file.name",
     .kind = KEY_FILE,
     FIELD(scenario, replay.name),
     .value = "\"\"",
     .meaning = "the file, under source = \"file\" (docs/formats.md; `--input FILE` on the command line)"},
    {.path = "stimulus.file.format",
     .kind = KEY_TEXT,
     .words = file_formats,
     FIELD(scenario, replay.format),
     .value = "\"auto\"",
     .meaning = "its format; auto: as its content says"},
    {INT("stimulus.file.bx_offset", replay.bx_offset, 0, BX_PER_ORBIT - 1), .value = "0", .unit = "BX",
     .meaning = "BX of the first rows of a pattern file without counters"},
    {BOOL("stimulus.file.repeat", replay.repeat), .value = "false",
     .meaning = "true: after its last orbit the file begins anew; false: empty BX follow"},
    {BOOL("stimulus.file.recover", replay.recover), .value = "false",
     .meaning = "true: what is wrong in the file is skipped and counted; false: it ends the run"},

    {LANE_INTS("links.skew", links.skew, 400), .value = "[0, 0, 0, 0, 0, 0, 0, 0]", .unit = "line words",
     .meaning = "by how much each lane lags"},
    {LANE_INTS("links.link_id", links.link_id, 0xfffff), .value = "[0, 1, 2, 3, 4, 5, 6, 7]",
     .meaning = "link id that each lane sends in the gap"},
    {INT("links.gap_first", links.gap_first, 1, BX_PER_ORBIT - 1 - GAP_BX), .value = "3555", .unit = "BX",
     .meaning = "first of the five BX that carry commas, CRC and link id; "
                "BX 0 and 3563, which open and close an orbit, carry data"},
    {GROUPS("links.faults", links.fault, links.faults, SCENARIO_MAX_FAULTS, faults), .value = "()",
     .meaning = "faults put into the links' words"},
    {.path = "links.final_lanes",
     .kind = KEY_LANES,
     .max = LANES - 1,
     .count = LANES,
     FIELD(scenario, links.final_lanes),
     .value = "[0, 1, 2, 3]",
     .meaning = "lanes that carry final muons; the others carry intermediate ones"},

    {INT("board.align_depth", align_depth, 8, MAX_ALIGN_DEPTH), .value = "64", .unit = "words",
     .meaning = "deskew FIFO of each lane"},
    {INT("board.sync_stages", sync_stages, 2, MAX_SYNC_STAGES), .value = "2", .unit = "registers",
     .meaning = "synchroniser stages of both clock crossings; another value builds the RTL anew"},

    {WORD("zero_suppress.condition", zs_condition, conditions), .value = "\"any\"",
     .meaning = "a BX is kept for any muon, for one on a final lane, or always"},
    {INT("zero_suppress.pt_min", zs_pt_min, 0, 511), .value = "1", .unit = "pT code",
     .meaning = "muons below do not count; 0 keeps every BX"},

    {WORD("muon_feed.select", feed_select, selections), .value = "\"barrel_final\"",
     .meaning = "muons that go to the network: final ones with a barrel index (36..71), final ones, all"},
    {INT("muon_feed.depth", feed_depth, 1, MAX_FEED_DEPTH), .value = "8", .unit = "BX",
     .meaning = "BX that wait for the network; muons that find it full go out uncorrected and are counted"},
    {INT("muon_feed.engines", recal_engines, 1, MAX_ENGINES), .value = "1",
     .meaning = "copies of the network; one takes a muon a board cycle, which is 6 a BX"},
    {.path = "inference.network",
     .kind = KEY_WORD_OR_FILE,
     .words = networks,
     FIELD(scenario, network),
     .value = "\"student\"",
     .meaning = "5-8-8-8-8-3 (student), 4-32-32-32-3 (baseline), or a network of your own "
                "(docs/networks.md), whose kernel and board are built on first use"},
    {.path = "inference.formats",
     .kind = KEY_FILE,
     FIELD(scenario, formats),
     .value = "\"\"",
     .meaning = "number formats of a network of your own, unless it is QONNX"},

    {WORD("event_pack.corrections", corrections, corrections), .value = "\"appended\"",
     .meaning = "corrections are left out, added to the muons, or appended to the BX with 4 more bits"},
    {INT("event_pack.depth", pack_depth, 4, MAX_PACK_DEPTH), .value = "32", .unit = "BX",
     .meaning = "BX that wait for their corrections or the DMA"},
    {INT("event_pack.orbits_per_packet", orbits_per_packet, 1, 4095), .value = "20", .unit = "orbits",
     .meaning = "orbits of a DMA packet"},
    {WORD("dma.drop", drop, drops), .value = "\"orbit\"",
     .meaning = "what is dropped when the host stalls: whole orbits, decided at their start, or single BX"},
    {INT("dma.depth", dma_depth, 64, MAX_DMA_DEPTH), .value = "4096", .unit = "frames",
     .meaning = "DMA FIFO, 32 bytes a frame"},
    {INT("dma.reserve", dma_reserve, 0, MAX_DMA_DEPTH), .value = "2048", .unit = "frames",
     .meaning = "must be free at an orbit's start, or the orbit is dropped; at most `dma.depth`"},

    {GROUPS("host.stalls", host.stall, host.stalls, SCENARIO_MAX_STALLS, stalls), .value = "()",
     .meaning = "times at which the host bus takes no data"},
    {INT("host.random_stalls.per_million", host.stall_per_million, 0, PPM / 10), .value = "0", .unit = "1e-6",
     .meaning = "chance at each host cycle that a random stall begins"},
    {INT("host.random_stalls.cycles", host.stall_cycles, 1, 1000000), .value = "100", .unit = "host cycles",
     .meaning = "length of a random stall"},
    {WORD("host.record", host.record, formats), .derived = "`stimulus.format`",
     .meaning = "record of the host's file: 8 bytes a muon (2018) or 12 (run3)"},
    {BOOL("host.zero_suppression", host.zero_suppression), .value = "true",
     .meaning = "absent muons are left out of the host's file"},
    {WORD("host.compression", host.compression, compression_words), .value = "\"none\"",
     .meaning = "of the host's files, while they are written: .gz, .bz2 or .zst behind their names"},
    {INT("host.run_number", host.run_number, 0, 999999), .value = "1",
     .meaning = "the run in scout_GMT_<run>_<index>.dat"},
    {INT("host.max_file_bytes", host.max_file_bytes, 4096, UINT64_C(1) << 40), .value = "8589934592",
     .unit = "bytes", .meaning = "a new file is begun before this size (before compression) is passed"},

    {.path = "engines.default",
     .kind = KEY_WORD,
     .words = engines,
     FIELD(scenario, default_engine),
     .value = "\"lockstep\"",
     .meaning = "what runs a block: its C model, its RTL, or both with every output compared at every edge"},
    ENGINE_OF("link_rx", BLOCK_LINK_RX),
    ENGINE_OF("cdc_rx", BLOCK_CDC_RX),
    ENGINE_OF("link_align", BLOCK_LINK_ALIGN),
    ENGINE_OF("zero_suppress", BLOCK_ZERO_SUPPRESS),
    ENGINE_OF("muon_feed", BLOCK_MUON_FEED),
    ENGINE_OF("recal", BLOCK_RECAL),
    ENGINE_OF("event_pack", BLOCK_EVENT_PACK),
    ENGINE_OF("cdc_dma", BLOCK_CDC_DMA),
    ENGINE_OF("dma", BLOCK_DMA),

    {BOOL("check.golden", golden), .value = "true",
     .meaning = "what comes out is compared with the untimed reference"},
    {INT("check.collect", collect, 1, 1000), .value = "1", .unit = "mismatches",
     .meaning = "the run stops after so many"},

    {BOOL("output.records", records), .value = "false", .meaning = "the observation records go to a file"},
    {BOOL("output.dma", dma), .value = "false",
     .meaning = "the DMA stream goes to a file, dma.dat (docs/formats.md, dma2022)"},
    {BOOL("output.vcd.on", vcd.on), .value = "false", .meaning = "a VCD trace of the RTL around one BX"},
    {INT("output.vcd.orbit", vcd.orbit, 0, UINT32_MAX), .value = "1", .meaning = "orbit of that BX"},
    {INT("output.vcd.bx", vcd.bx, 0, BX_PER_ORBIT - 1), .value = "0", .unit = "BX", .meaning = "that BX"},
    {INT("output.vcd.before", vcd.before, 0, BX_PER_ORBIT), .value = "5", .unit = "BX",
     .meaning = "BX traced before it"},
    {INT("output.vcd.after", vcd.after, 0, BX_PER_ORBIT), .value = "40", .unit = "BX",
     .meaning = "BX traced after it"},
    {0},
};

const struct key *scenario_key(const char *path)
{
    for (const struct key *key = scenario_keys; key->path; key++)
        if (!strcmp(key->path, path))
            return key;
    return NULL;
}

static void words_text(const char *const *words, char *text, size_t size)
{
    size_t length = 0;
    text[0] = 0;
    for (size_t i = 0; words[i] && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s\"%s\"",
                                   !i             ? ""
                                   : words[i + 1] ? ", "
                                                  : " or ",
                                   words[i]);
}

void key_accepts(const struct key *key, char *text, size_t size)
{
    switch (key->kind) {
    case KEY_INT: snprintf(text, size, "%" PRIu64 "..%" PRIu64, key->min, key->max); return;
    case KEY_WORD:
    case KEY_TEXT: words_text(key->words, text, size); return;
    case KEY_BOOL: snprintf(text, size, "true or false"); return;
    case KEY_FILE: snprintf(text, size, "the name of a file"); return;
    case KEY_WORD_OR_FILE:
        words_text(key->words, text, size);
        snprintf(text + strlen(text), size - strlen(text), ", or the name of a file");
        return;
    case KEY_INTS:
        snprintf(text, size, "a list of %s%zu integers %" PRIu64 "..%" PRIu64,
                 key->count_offset ? "up to " : "", key->count, key->min, key->max);
        return;
    case KEY_LANES: snprintf(text, size, "a list of different lanes 0..%" PRIu64, key->max); return;
    case KEY_GROUPS: snprintf(text, size, "a list of up to %zu groups { ... }", key->count); return;
    }
}

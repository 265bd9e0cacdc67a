/* Every format of the table: what is written comes back, what can hold the same content loses nothing on the
 * way, and damage is named or survived. */
#include "golden/formats/convert.h"
#include "golden/formats/bx_frames.h"
#include "golden/formats/muon.h"
#include "golden/formats/show.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_BYTES = 1 << 23, ORBITS = 2, FIRST_ORBIT = 7, FIRST_BX = 3300, LAST_BX = 250 };

static char dir[64];
static char paths[4][128];

static const char *file_name(unsigned i, const char *name)
{
    snprintf(paths[i], sizeof paths[i], "%s/%s", dir, name);
    return paths[i];
}

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/bxact_formats_XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void remove_dir(void)
{
    for (unsigned i = 0; i < 4; i++)
        unlink(paths[i]);
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static unsigned char *slurp(const char *path, size_t *n)
{
    unsigned char *bytes = malloc(MAX_BYTES);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    *n = fread(bytes, 1, MAX_BYTES, file);
    fclose(file);
    CU_ASSERT_FATAL(*n < MAX_BYTES);
    return bytes;
}

/* A board's name stands in the first line, which APx does not have. */
static int same_but_name(const char *a, const char *b)
{
    size_t n, k;
    unsigned char *x = slurp(a, &n), *y = slurp(b, &k), *p = memchr(x, '\n', n), *q = memchr(y, '\n', k);
    int same = p && q && n - (size_t)(p - x) == k - (size_t)(q - y) && memcmp(p, q, n - (size_t)(p - x)) == 0;
    free(x);
    free(y);
    return same;
}

static int same_files(const char *a, const char *b)
{
    size_t n, k;
    unsigned char *x = slurp(a, &n), *y = slurp(b, &k);
    int same = n == k && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

/* ---- content ---- */

/* A BX whose muons keep what the layout says: types in 2018, nothing in absent slots. */
static void random_links(struct rng *r, enum link_format layout, uint32_t orbit, uint16_t bx, unsigned slots,
                         struct bx_item *item)
{
    struct bx_content c = {.orbit = orbit, .bx = bx, .final_lanes = 0x0f};
    for (unsigned slot = 0; slot < slots; slot++) {
        if (rng_below(r, 3))
            continue;
        struct gmt_muon m = {.phi = (uint16_t)rng_below(r, 576),
                             .phi_raw = (uint16_t)rng_below(r, 576),
                             .eta = (int16_t)(rng_below(r, 451) - 225),
                             .eta_raw = (int16_t)(rng_below(r, 512) - 256),
                             .pt = (uint16_t)(1 + rng_below(r, 511)),
                             .quality = (uint8_t)rng_below(r, 16),
                             .iso = (uint8_t)rng_below(r, 4),
                             .charge_sign = (uint8_t)rng_below(r, 2),
                             .charge_valid = (uint8_t)rng_below(r, 2),
                             .index = (uint8_t)rng_below(r, 108)};
        c.muon[slot] = gmt_pack(&m, layout == LINK_FORMAT_2018 ? GMT_LAYOUT_2017 : GMT_LAYOUT_RUN3);
        c.eta_raw[slot] = m.eta_raw;
    }
    *item = (struct bx_item){.kind = ITEM_BX, .form = FORM_LINKS, .layout = layout, .orbit = orbit, .bx = bx,
                             .source = SOURCE_ID_GMT};
    bx_frames_build(&item->links.block, layout, &c);
}

static struct bx_item scratch;

/* Random BX of the end of one orbit and the beginning of the next into a file. */
static void write_stream(const char *path, const struct bx_codec *codec, enum link_format layout,
                         unsigned slots, unsigned step, uint64_t seed)
{
    struct losses losses = {{0}};
    struct message m = {""};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    struct stream_out out;
    struct rng r;
    rng_seed(&r, seed);
    cfg.orbits_per_packet = 1;
    CU_ASSERT_EQUAL_FATAL(stream_create(&out, path, &m), 0);
    struct bx_writer *w = bx_writer_new(out.file, codec, &cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    for (unsigned n = FIRST_BX + rng_below(&r, 2); n <= BX_PER_ORBIT + LAST_BX;
         n += 1 + rng_below(&r, step)) {
        random_links(&r, layout, FIRST_ORBIT + n / BX_PER_ORBIT, (uint16_t)(n % BX_PER_ORBIT), slots,
                     &scratch);
        CU_ASSERT_EQUAL_FATAL(bx_writer_put(w, &scratch, &m), 0);
    }
    CU_ASSERT_EQUAL(bx_writer_end(w, &m), 0);
    bx_writer_free(w);
    CU_ASSERT_EQUAL(stream_close(&out, 1, &m), 0);
}

static int convert(const char *in, const char *out, const char *to, struct convert_result *result,
                   int lossless)
{
    struct convert_cfg cfg = convert_default();
    struct message m = {""};
    cfg.to = format_find(to);
    cfg.lossless = lossless;
    cfg.out.orbits_per_packet = strncmp(to, "dma", 3) == 0 ? 1 : 0;
    int failed = convert_file(in, out, &cfg, result, &m);
    if (failed)
        printf("(%s) ", m.text);
    return failed;
}

/* ---- tests ---- */

static const char *const links_formats[] = {"records", "dma2018", "dma2021", "dma2022",
                                            "mp7",     "emp1",    "emp2",    "apx"};
enum { N_LINKS = sizeof links_formats / sizeof *links_formats };

static int holds(const struct bx_codec *codec, enum link_format layout)
{
    return codec->layout < 0 || codec->layout == (int)layout;
}

static void check_pair(enum link_format layout, const char *a, const char *b)
{
    struct convert_result result;
    const char *first = file_name(0, "a.file"), *second = file_name(1, "b.file"),
               *third = file_name(2, "c.file");
    write_stream(first, format_find(a)->bx, layout, SLOTS, 40, test_seed());
    CU_ASSERT_EQUAL(convert(first, second, b, &result, 0), 0);
    CU_ASSERT_STRING_EQUAL(result.from->name, a);
    CU_ASSERT_EQUAL(convert(second, third, a, &result, 0), 0);
    CU_ASSERT_STRING_EQUAL(result.from->name, b);
    int same = strcmp(b, "apx") == 0 && format_find(a)->links ? same_but_name(first, third)
                                                              : same_files(first, third);
    if (!same)
        printf("(%s -> %s -> %s) ", a, b, a);
    CU_ASSERT(same);
}

static void test_formats_of_links_keep_everything(void)
{
    make_dir();
    for (unsigned layout = 0; layout < 2; layout++)
        for (unsigned a = 0; a < N_LINKS; a++)
            for (unsigned b = 0; b < N_LINKS; b++)
                if (holds(format_find(links_formats[a])->bx, layout) &&
                    holds(format_find(links_formats[b])->bx, layout))
                    check_pair(layout, links_formats[a], links_formats[b]);
    remove_dir();
}

/* Whatever the table has is written again byte for byte, compressed on the way out and in. */
static void test_every_format_is_written_again_as_it_was(void)
{
    struct convert_result result;
    make_dir();
    for (const struct format *f = formats; f->name; f++) {
        for (unsigned k = 0; k < COMPRESSIONS; k++) {
            char packed[32];
            snprintf(packed, sizeof packed, "b%s", compression_suffixes[k]);
            const char *first = file_name(0, "a"), *second = file_name(1, packed), *third = file_name(2, "c");
            enum link_format layout = f->bx->layout == LINK_FORMAT_RUN3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
            write_stream(first, f->bx, layout, f->bx == &bx_codec_ugt ? 8 : SLOTS, 40, test_seed() + k);
            CU_ASSERT_EQUAL(convert(first, second, f->name, &result, 1), 0);
            CU_ASSERT_PTR_EQUAL(result.from, f);
            CU_ASSERT_EQUAL(convert(second, third, f->name, &result, 1), 0);
            CU_ASSERT(same_files(first, third));
            CU_ASSERT_EQUAL(same_files(first, second), k == 0);
            unlink(second);
        }
    }
    remove_dir();
}

/* Muons as a multiset of words a BX, order within A and B lists kept. */
static unsigned read_muons(const char *path, const struct format *f, int16_t layout, uint64_t *muons,
                           unsigned most, uint64_t mask)
{
    struct losses losses = {{0}};
    struct message m = {""};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    struct bx_muon list[SLOTS];
    unsigned n = 0;
    cfg.layout = layout;
    cfg.first_orbit = FIRST_ORBIT;
    FILE *file = format_open(path, &f, &m);
    if (!file)
        printf("(%s) ", m.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    struct bx_reader *r = bx_reader_new(file, path, f->bx, &cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    while (bx_reader_next(r, &scratch, &m) == 1) {
        unsigned some = scratch.kind == ITEM_BX ? bx_item_list(&scratch, list) : 0;
        for (unsigned part = 0; part < 2; part++)
            for (unsigned i = 0; i < some && n < most; i++) {
                int b = scratch.form == FORM_LINKS ? list[i].slot & 1 : (int)i >= scratch.muons.a;
                if (b == (int)part)
                    muons[n++] =
                        (list[i].muon & mask) ^ ((uint64_t)scratch.orbit << 48 | (uint64_t)scratch.bx << 20);
            }
    }
    CU_ASSERT_STRING_EQUAL(m.text, "");
    bx_reader_free(r);
    return n;
}

static void test_formats_of_muons_keep_the_muons(void)
{
    static const char *const names[] = {"host8", "host12", "frd"};
    enum { MOST = 20000 };
    static uint64_t expected[MOST], got[MOST];
    struct convert_result result;
    uint64_t mask = ~(UINT64_C(3) << 62); /* Run-3 muons have no type */
    make_dir();
    for (unsigned i = 0; i < 3; i++)
        for (unsigned layout = 0; layout < 2; layout++) {
            const char *first = file_name(0, "a"), *second = file_name(1, "b"), *third = file_name(2, "c");
            write_stream(first, &bx_codec_dma2022, layout, SLOTS, 9, test_seed() + i);
            unsigned n = read_muons(first, NULL, -1, expected, MOST, mask);
            CU_ASSERT(n > 200 && n < MOST);
            CU_ASSERT_EQUAL(convert(first, second, names[i], &result, 0), 0);
            CU_ASSERT_EQUAL(result.losses.n[LOSS_LANES], n);
            CU_ASSERT_EQUAL(read_muons(second, NULL, -1, got, MOST, mask), n);
            CU_ASSERT_EQUAL(memcmp(expected, got, n * sizeof *got), 0);
            CU_ASSERT_EQUAL(convert(second, third, "dma2022", &result, 0), 0);
            CU_ASSERT_EQUAL(read_muons(third, NULL, -1, got, MOST, mask), n);
        }
    remove_dir();
}

static void test_ugt_rows_keep_final_muons(void)
{
    struct convert_result result;
    make_dir();
    write_stream(file_name(0, "a"), &bx_codec_dma2022, LINK_FORMAT_2018, 8, 1, test_seed());
    CU_ASSERT_EQUAL(convert(file_name(0, "a"), file_name(1, "b"), "ugt", &result, 0), 0);
    CU_ASSERT_EQUAL(result.losses.n[LOSS_INTERMEDIATE], 0);
    CU_ASSERT_EQUAL(result.losses.n[LOSS_ORBIT_NUMBER], ORBITS);
    static uint64_t expected[100000], got[100000];
    struct convert_cfg cfg = convert_default();
    struct message m = {""};
    cfg.to = format_find("dma2022");
    cfg.in.first_orbit = FIRST_ORBIT;
    CU_ASSERT_EQUAL(convert_file(file_name(1, "b"), file_name(2, "c"), &cfg, &result, &m), 0);
    unsigned n = read_muons(file_name(0, "a"), NULL, -1, expected, 100000, UINT64_MAX);
    CU_ASSERT(n > 1000);
    CU_ASSERT_EQUAL(read_muons(file_name(2, "c"), NULL, -1, got, 100000, UINT64_MAX), n);
    CU_ASSERT_EQUAL(memcmp(expected, got, n * sizeof *got), 0);
    remove_dir();
}

/* ---- what is not told is not lost ---- */

/* But for packets and boards' names, which are made the same again. */
static unsigned told(const struct convert_result *result)
{
    unsigned kinds = 0;
    for (unsigned i = 0; i < LOSSES; i++)
        kinds += i != LOSS_PACKETS && i != LOSS_NAME && result->losses.n[i] != 0;
    return kinds;
}

/* A way that tells no loss, there and back, must come back as it went; returns whether it told none. */
static unsigned check_way(const struct format *a, const struct format *b, enum link_format layout)
{
    struct convert_result result;
    const char *first = file_name(0, "a.file"), *second = file_name(1, "b.file"),
               *third = file_name(2, "c.file");
    write_stream(first, a->bx, layout, a->bx == &bx_codec_ugt ? 8 : SLOTS, 3, test_seed());
    if (convert(first, second, b->name, &result, 0) < 0)
        return 0;
    unsigned kinds = told(&result);
    if (kinds > 0)
        return 0;
    struct convert_cfg back = convert_default();
    struct message m = {""};
    back.to = a;
    back.out.layout = layout;
    back.out.orbits_per_packet = a->bx->packets;
    CU_ASSERT_EQUAL(convert_file(second, third, &back, &result, &m), 0);
    if (told(&result))
        return 0;
    int same = same_files(first, third) || (a->links && same_but_name(first, third));
    if (!same)
        printf("(%s -> %s -> %s, layout %d: nothing told) ", a->name, b->name, a->name, (int)layout);
    CU_ASSERT(same);
    return 1;
}

/* Links of 2018 (not in dma2021) to all eight formats of links, host8 and ugt to themselves; links of Run-3 (not
 * in dma2018) to all but dma2018, host12 and frd among each other. */
enum { WHOLE_WAYS = 7 * 8 + 2 + 7 * 7 + 2 * 2 };

static void test_what_is_not_told_is_not_lost(void)
{
    unsigned whole = 0, ways = 0;
    make_dir();
    for (unsigned layout = 0; layout < 2; layout++)
        for (const struct format *a = formats; a->name; a++)
            for (const struct format *b = formats; b->name; b++)
                if (holds(a->bx, layout)) {
                    whole += check_way(a, b, layout);
                    ways++;
                }
    if (whole != WHOLE_WAYS)
        printf("(%u of %u ways) ", whole, ways);
    CU_ASSERT_EQUAL(whole, WHOLE_WAYS);
    remove_dir();
}

/* Pattern files among each other, with every mark that their formats have. */
static void random_row(struct rng *r, const struct link_codec *c, const struct link_board *b, unsigned number,
                       struct link_frame *f)
{
    f->number = number;
    for (unsigned i = 0; i < b->links; i++) {
        f->data[i] = c->word_bits == 32 ? rng_next(r) >> 32 : rng_next(r);
        f->side[i] = (uint16_t)(rng_next(r) & c->sides);
        if (!b->strobed[i])
            f->side[i] &= (uint16_t)~SIDE_NO_STROBE;
        if (b->dialect & (DIALECT_PLAIN | DIALECT_NO_VALID))
            f->side[i] = (uint16_t)((f->side[i] & ~0xffu) | SIDE_VALID);
    }
}

static void write_pattern(const char *path, const struct link_codec *c, unsigned dialect, unsigned strobes,
                          uint64_t seed)
{
    struct link_board b = {.name = "board one", .links = 5, .link = {4, 0, 17, 99, 3}, .dialect = dialect};
    struct link_frame f;
    struct rng r;
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    rng_seed(&r, seed);
    if (c == &link_codec_apx)
        strcpy(b.name, "APx");
    for (unsigned i = 0; i < b.links; i++)
        b.strobed[i] = c->sides & SIDE_NO_STROBE && strobes >> i & 1;
    c->write_board(file, &b);
    for (unsigned n = 0; n < 30; n++) {
        random_row(&r, c, &b, n, &f);
        c->write_frame(file, &b, &f);
    }
    fclose(file);
}

static void test_dialects_of_pattern_files_come_back(void)
{
    static const struct {
        const struct link_codec *codec;
        unsigned dialects[6];
    } cases[] = {
        {&link_codec_mp7, {0, DIALECT_PLAIN, DIALECT_CRLF}},
        {&link_codec_emp1, {0, DIALECT_CRLF}},
        {&link_codec_emp2, {0, DIALECT_ID, DIALECT_BOARD, DIALECT_NO_VALID, DIALECT_NO_VALID | DIALECT_ID}},
        {&link_codec_apx, {0, DIALECT_PLAIN}},
    };
    struct convert_result result;
    make_dir();
    for (unsigned c = 0; c < 4; c++)
        for (unsigned d = 0; d < 6; d++)
            for (unsigned strobes = 0; strobes < 32; strobes += 31) {
                const char *a = file_name(0, "a"), *b = file_name(1, "b");
                write_pattern(a, cases[c].codec, cases[c].dialects[d], strobes, test_seed() + d);
                CU_ASSERT_EQUAL(convert(a, b, cases[c].codec->name, &result, 1), 0);
                CU_ASSERT_STRING_EQUAL(result.from->name, cases[c].codec->name);
                CU_ASSERT_EQUAL(result.rows, 30);
                CU_ASSERT(same_files(a, b));
            }
    remove_dir();
}

static void test_losses_of_pattern_files_are_counted(void)
{
    struct convert_result result;
    make_dir();
    const char *a = file_name(0, "a"), *b = file_name(1, "b");
    write_pattern(a, &link_codec_apx, 0, 0, test_seed());
    CU_ASSERT_EQUAL(convert(a, b, "emp2", &result, 0), 0);
    CU_ASSERT(result.losses.n[LOSS_SIDE] > 100); /* error and reserved bits */
    CU_ASSERT_EQUAL(result.losses.n[LOSS_BITS], 0);
    CU_ASSERT_EQUAL(convert(a, b, "mp7", &result, 0), 0);
    CU_ASSERT(result.losses.n[LOSS_BITS] > 140);
    struct convert_cfg cfg = convert_default();
    struct message m = {""};
    cfg.to = format_find("mp7");
    cfg.lossless = 1;
    unlink(b);
    CU_ASSERT_EQUAL(convert_file(a, b, &cfg, &result, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "mp7 cannot hold words: "));
    CU_ASSERT(access(b, F_OK) != 0);
    remove_dir();
}

static void test_links_are_chosen_and_numbered_anew(void)
{
    struct convert_cfg cfg = convert_default();
    struct convert_result result;
    struct message m = {""};
    make_dir();
    const char *a = file_name(0, "a"), *b = file_name(1, "b");
    write_pattern(a, &link_codec_emp2, 0, 0, test_seed());
    CU_ASSERT_EQUAL(link_map_parse(&cfg.links, "17:1,4", &m), 0);
    cfg.to = format_find("apx");
    CU_ASSERT_EQUAL(convert_file(a, b, &cfg, &result, &m), 0);
    size_t n;
    char *text = (char *)slurp(b, &n);
    text[n] = 0;
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "#LinkLabel                LINK_01                    LINK_04    \n"));
    free(text);
    CU_ASSERT_EQUAL(link_map_parse(&cfg.links, "5", &m), 0);
    CU_ASSERT_EQUAL(convert_file(a, b, &cfg, &result, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "has no link 5"));
    CU_ASSERT_EQUAL(link_map_parse(&cfg.links, "1,,2", &m), -1);
    CU_ASSERT_EQUAL(link_map_parse(&cfg.links, "1000", &m), -1);
    CU_ASSERT_EQUAL(link_map_parse(&cfg.links, "1 2", &m), -1);
    remove_dir();
}

/* Two orbits in a packet; the first one has BX 10 (muon), 11 (none), 12 (muon): what the DAQ of 2022 made of
 * it, worked out by hand from its four slips. */
static void test_the_slips_of_2022(void)
{
    static const struct {
        uint32_t orbit;
        uint16_t bx, muons;
    } put[] = {{7, 10, 1}, {7, 11, 0}, {7, 12, 1}, {8, 500, 1}};
    static const struct {
        uint32_t orbit;
        uint16_t bx;
    } expected[] = {{7, 10}, {7, 11}, {7, 10}, {7, 11}};
    struct losses losses = {{0}};
    struct message m = {""};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    struct stream_out out;
    make_dir();
    cfg.orbits_per_packet = 2;
    CU_ASSERT_EQUAL_FATAL(stream_create(&out, file_name(0, "a"), &m), 0);
    struct bx_writer *w = bx_writer_new(out.file, &bx_codec_dma2022, &cfg, &m);
    for (unsigned i = 0; i < 4; i++) {
        struct bx_content c = {.orbit = put[i].orbit, .bx = put[i].bx, .final_lanes = 0x0f};
        c.muon[1].v = put[i].muons ? UINT64_C(0x248056c2c37) : 0;
        c.eta_raw[1] = 77;
        scratch = (struct bx_item){.kind = ITEM_BX, .form = FORM_LINKS, .layout = LINK_FORMAT_RUN3,
                                   .orbit = put[i].orbit, .bx = put[i].bx};
        bx_frames_build(&scratch.links.block, LINK_FORMAT_RUN3, &c);
        CU_ASSERT_EQUAL(bx_writer_put(w, &scratch, &m), 0);
    }
    CU_ASSERT_EQUAL(bx_writer_end(w, &m), 0);
    bx_writer_free(w);
    CU_ASSERT_EQUAL(stream_close(&out, 1, &m), 0);

    struct convert_cfg convert_cfg = convert_default();
    struct convert_result result;
    struct host_record record;
    convert_cfg.to = format_find("host12");
    convert_cfg.daq_slips = 1;
    CU_ASSERT_EQUAL(convert_file(file_name(0, "a"), file_name(1, "b"), &convert_cfg, &result, &m), 0);
    struct host_reader *r = host_reader_open(file_name(1, "b"), LINK_FORMAT_RUN3, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(host_reader_next(r, &record, &m), 1);
        CU_ASSERT(record.orbit == expected[i].orbit && record.bx_word == expected[i].bx);
        CU_ASSERT(record.bx_match == 0xff && record.a == 0 && record.b == 1);
        CU_ASSERT_EQUAL(record.muon[0].extra, (expected[i].bx & ~1u) | 1);
    }
    CU_ASSERT_EQUAL(host_reader_next(r, &record, &m), 0);
    host_reader_close(r);
    convert_cfg.to = format_find("host8");
    CU_ASSERT_EQUAL(convert_file(file_name(0, "a"), file_name(1, "b"), &convert_cfg, &result, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "--as-daq-2022 is for dma2022 to host12 or frd"));
    remove_dir();
}

/* ---- damage ---- */

struct reading {
    int result;
    uint64_t bx, errors;
    char text[MESSAGE_SIZE];
};

static void keep_first(void *ctx, const char *text)
{
    struct reading *r = ctx;
    if (!r->text[0])
        snprintf(r->text, sizeof r->text, "%s", text);
}

static struct reading read_bytes(const struct format *f, const void *bytes, size_t n, int recover)
{
    struct reading got = {0, 0, 0, ""};
    struct losses losses = {{0}};
    struct message m = {""};
    struct bx_file_cfg cfg = bx_file_default(&losses);
    cfg.recover = recover;
    cfg.report = keep_first;
    cfg.ctx = &got;
    FILE *file = fmemopen((void *)(uintptr_t)bytes, n, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    struct bx_reader *r = bx_reader_new(file, "file", f->bx, &cfg, &m);
    got.result = r ? 1 : -1;
    while (got.result == 1 && (got.result = bx_reader_next(r, &scratch, &m)) == 1)
        got.bx += scratch.kind == ITEM_BX;
    got.errors = r ? r->errors : 0;
    if (got.result < 0)
        snprintf(got.text, sizeof got.text, "%s", m.text);
    bx_reader_free(r);
    return got;
}

static size_t mutate(struct rng *r, unsigned char *bytes, size_t n)
{
    for (unsigned k = 1 + rng_below(r, 4); k > 0; k--) {
        size_t at = rng_below(r, (uint32_t)n), some = rng_below(r, 200);
        switch (rng_below(r, 5)) {
        case 0: bytes[at] ^= (unsigned char)(1u << rng_below(r, 8)); break;
        case 1: bytes[at] = (unsigned char)rng_next(r); break;
        case 2: memset(bytes + at, (int)rng_below(r, 2) * 255, some < n - at ? some : n - at); break;
        case 3: n = at > 16 ? at : n; break;
        default:
            some = some < n - at ? some : n - at;
            memmove(bytes + at, bytes + at + some, n - at - some);
            n -= n - some > 16 ? some : 0;
        }
    }
    return n;
}

/* Nothing that a file holds may crash a reader, hang it, or pass without a word about where it is wrong. */
static void test_random_damage_is_named_or_survived(void)
{
    enum { TRIALS = 150 };
    unsigned char *copy = malloc(MAX_BYTES);
    make_dir();
    for (const struct format *f = formats; f->name; f++) {
        struct rng r;
        size_t n;
        unsigned refused = 0;
        enum link_format layout = f->bx->layout == LINK_FORMAT_RUN3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        rng_seed(&r, test_seed() + (uint64_t)(f - formats));
        write_stream(file_name(0, "a"), f->bx, layout, 8, 40, test_seed());
        unsigned char *good = slurp(file_name(0, "a"), &n);
        uint64_t all = read_bytes(f, good, n, 0).bx;
        CU_ASSERT(all > 5);
        for (unsigned i = 0; i < TRIALS; i++) {
            memcpy(copy, good, n);
            size_t size = mutate(&r, copy, n);
            struct reading strict = read_bytes(f, copy, size, 0), recovered = read_bytes(f, copy, size, 1);
            refused += strict.result < 0;
            CU_ASSERT(strict.result == 0 || strncmp(strict.text, "file:", 5) == 0);
            CU_ASSERT((strict.result < 0) == (recovered.errors > 0 || recovered.result < 0));
            CU_ASSERT(recovered.bx >= strict.bx);
        }
        if (refused < TRIALS / 4)
            printf("(%s: %u refused) ", f->name, refused);
        CU_ASSERT(refused >= TRIALS / 4);
        free(good);
    }
    free(copy);
    remove_dir();
}

/* One deliberate fault each, with its place, and what is left when reading goes on: `lost` BX, or all but
 * some. */
enum { ALL_BUT = 1000000, UNKNOWN = -1 };

static void one_fault(const char *name, size_t at, const void *bytes, size_t n, size_t size, const char *says,
                      int64_t lost)
{
    const struct format *f = format_find(name);
    size_t whole;
    unsigned char *good = slurp(file_name(0, "a"), &whole);
    uint64_t all = read_bytes(f, good, whole, 0).bx;
    memcpy(good + at, bytes, n);
    struct reading strict = read_bytes(f, good, size ? size : whole, 0);
    struct reading recovered = read_bytes(f, good, size ? size : whole, 1);
    uint64_t left = lost >= ALL_BUT   ? (uint64_t)(lost - ALL_BUT)
                    : lost == UNKNOWN ? recovered.bx
                                      : all - (uint64_t)lost;
    if (strict.result >= 0 || !strstr(strict.text, says) || recovered.bx != left)
        printf("(%s: \"%s\", %d, %ld of %ld BX) ", name, strict.text, strict.result, (long)recovered.bx,
               (long)all);
    CU_ASSERT_EQUAL(strict.result, -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(strict.text, says));
    CU_ASSERT_EQUAL(recovered.result, 0);
    CU_ASSERT(recovered.errors > 0);
    CU_ASSERT_EQUAL(recovered.bx, left);
    CU_ASSERT_STRING_EQUAL(recovered.text, strict.text);
    free(good);
}

/* Where a text or bytes first stand in the file. */
static size_t find(const void *what, size_t n)
{
    size_t size, at = 0;
    unsigned char *bytes = slurp(file_name(0, "a"), &size);
    while (at + n <= size && memcmp(bytes + at, what, n) != 0)
        at++;
    free(bytes);
    CU_ASSERT_FATAL(at + n <= size);
    return at;
}

static const unsigned char ff[8] = {255, 255, 255, 255, 255, 255, 255, 255};

static void test_faults_in_dma_streams_are_named(void)
{
    static const unsigned char trailer[8] = {0xad, 0xde, 0xef, 0xbe, 0xad, 0xde, 0xef, 0xbe};
    make_dir();
    write_stream(file_name(0, "a"), &bx_codec_dma2018, LINK_FORMAT_2018, 8, 20, test_seed());
    one_fault("dma2018", 192, ff, 2, 0, "file: byte 192: orbit 7: BX 65535 (give 0..3563", 1);
    one_fault("dma2018", 0, "", 0, 250, "file: byte 192: the BX block is cut off (58 of 192", ALL_BUT + 1);
    size_t n;
    unsigned char *bytes = slurp(file_name(0, "a"), &n);
    one_fault("dma2018", 192, bytes, 192, 0, "file: byte 192: orbit 7: BX 33", 1); /* is there twice */
    free(bytes);
    write_stream(file_name(0, "a"), &bx_codec_dma2022, LINK_FORMAT_2018, 8, 20, test_seed());
    one_fault("dma2022", 32, ff, 2, 0, "orbit 7: BX 65535 (give 0..3563", 1);
    one_fault("dma2022", 64, ff, 2, 0, "orbit 7: BX 33", 0);
    one_fault("dma2022", find(trailer, 8) + 32, ff, 4, 0, "BX (BX 0 has no block)", 0);
    one_fault("dma2022", 0, "", 0, 32 + 192 * 3 + 16, "file: byte 608: the frame is cut off (16 of 32",
              ALL_BUT + 3);
    one_fault("dma2022", 0, "", 0, 32 + 192 * 3, "orbit 7: the stream ends inside an orbit", ALL_BUT + 3);
    remove_dir();
}

static void test_faults_in_other_files_are_named(void)
{
    make_dir();
    write_stream(file_name(0, "a"), &bx_codec_host8, LINK_FORMAT_2018, 8, 20, test_seed());
    one_fault("host8", 0, ff, 1, 0, "file: byte 0: header 0xff", 1);
    one_fault("host8", 0, "", 0, 20, "file: byte 0: the record is cut off", ALL_BUT);
    write_stream(file_name(0, "a"), &bx_codec_frd, LINK_FORMAT_RUN3, 8, 20, test_seed());
    one_fault("frd", 24, ff, 1, 0, "file: byte 24: the header says", 0);
    one_fault("frd", 12, ff, 1, 0, "file: byte 12: the header says 255 orbits, the file has 2", 0);
    one_fault("frd", 64, "\0\0", 2, 0, "file: byte 60: orbit 7: BX 0 (give 1..3564", UNKNOWN);
    one_fault("frd", 62, ff, 1, 0, "file: byte 60: orbit 7: BX 33", UNKNOWN); /* 255 muons */
    one_fault("frd", 32, ff, 2, 0, "file: byte 32: orbit header version 65535", UNKNOWN);
    write_stream(file_name(0, "a"), &bx_codec_ugt, LINK_FORMAT_2018, 8, 1, test_seed());
    one_fault("ugt", find("\n0002", 5) + 1, "9999", 4, 0, "file:3: BX 9999 (give 0..3563", 1);
    one_fault("ugt", find("\n0002", 5) + 8, "x", 1, 0, "file:3: column 1: \"00x", 1);
    write_stream(file_name(0, "a"), &bx_codec_emp2, LINK_FORMAT_2018, 8, 20, test_seed());
    one_fault("emp2", find("Frame 0003", 10) + 14, "2", 1, 0,
              "file:8: frame 3: link 0: \"2001\" (give [strobe]", ALL_BUT);
    one_fault("emp2", find("Frame 0007", 10) + 9, "8", 1, 0, "file:12: frame 8 is out of order (give 7)",
              ALL_BUT + 1);
    write_stream(file_name(0, "a"), &bx_codec_records, LINK_FORMAT_2018, 8, 20, test_seed());
    one_fault("records", 0, "\0", 1, 0, "file:1: a NUL byte at column 1", 1);
    one_fault("records", 0, " ", 1, 0, "file:1: no record", 1);
    remove_dir();
}

TEST_MAIN("golden/formats", TEST(test_formats_of_links_keep_everything),
          TEST(test_every_format_is_written_again_as_it_was), TEST(test_formats_of_muons_keep_the_muons),
          TEST(test_ugt_rows_keep_final_muons), TEST(test_what_is_not_told_is_not_lost), TEST(test_dialects_of_pattern_files_come_back),
          TEST(test_losses_of_pattern_files_are_counted), TEST(test_links_are_chosen_and_numbered_anew),
          TEST(test_the_slips_of_2022), TEST(test_random_damage_is_named_or_survived),
          TEST(test_faults_in_dma_streams_are_named), TEST(test_faults_in_other_files_are_named))

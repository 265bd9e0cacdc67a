#include "golden/blocks/event_pack.h"
#include "golden/blocks/host.h"
#include "golden/blocks/host_record.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FRAMES = 60000 };

static struct dma_frame stream[MAX_FRAMES];
static unsigned length;
static char dir[64], file[128], report[MESSAGE_SIZE];
static unsigned reports;

static void store(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    (void)ctx;
    (void)kind;
    (void)index;
    CU_ASSERT_FATAL(length < MAX_FRAMES);
    stream[length++] = *frame;
}

static void note(void *ctx, const char *text)
{
    (void)ctx;
    if (reports++ == 0)
        snprintf(report, sizeof report, "%s", text);
}

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/bxact_host_XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static const char *file_name(unsigned index)
{
    snprintf(file, sizeof file, "%s/scout_GMT_000042_%06u.dat", dir, index);
    return file;
}

static void remove_dir(void)
{
    for (unsigned index = 0; index < 100; index++)
        unlink(file_name(index));
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static struct host_cfg config(enum link_format format, enum pack_corrections corrections)
{
    return (struct host_cfg){.dir = dir, .run = 42, .format = format, .record = format,
                             .corrections = corrections,
                             .orbits_per_packet = 3, .report = note};
}

static void random_bx(struct rng *r, enum link_format format, uint32_t orbit, uint16_t bx,
                      struct packed_bx *out)
{
    struct bx_content c = {.orbit = orbit, .bx = bx, .final_lanes = 0x0f};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        c.muon[slot].v = rng_below(r, 4) ? rng_next(r) & ~(UINT64_C(0x1ff) << 10) : rng_next(r);
        c.eta_raw[slot] = (int16_t)((int)rng_below(r, 512) - 256);
    }
    c.muon[rng_below(r, SLOTS)].v |= 1 << 10;
    *out = (struct packed_bx){.orbit = orbit, .bx = bx, .queued = 1, .skipped = 2};
    bx_frames_build(&out->block, format, &c);
}

/* Makes a stream of `orbits` orbits; BX in steps, remembered in `made`. */
static struct packed_bx made[5000];
static unsigned n_made;

static void make_stream(enum link_format format, enum pack_corrections corrections, uint32_t first_orbit,
                        unsigned orbits, uint64_t seed)
{
    struct event_packer p;
    struct rng r;
    rng_seed(&r, seed);
    length = n_made = 0;
    event_packer_init(&p, corrections, 3, store, NULL);
    for (uint32_t orbit = first_orbit; orbit != first_orbit + orbits; orbit++) {
        event_packer_begin(&p, orbit);
        for (unsigned bx = rng_below(&r, 2); bx < BX_PER_ORBIT; bx += 1 + rng_below(&r, 40)) {
            random_bx(&r, format, orbit, (uint16_t)bx, &made[n_made]);
            event_packer_bx(&p, &made[n_made++]);
        }
        event_packer_end(&p);
    }
    event_packer_stop(&p);
}

static int run(const struct host_cfg *cfg, unsigned frames, struct host_counts *counts)
{
    struct message m = {""};
    struct host *h = host_open(cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    reports = 0;
    for (unsigned i = 0; i < frames; i++)
        host_frame(h, stream[i].w);
    int result = host_close(h, counts, &m);
    if (result < 0)
        snprintf(report, sizeof report, "%s", m.text);
    return result;
}

/* domain.md 3.2 for one BX, muon by muon. Returns how many muons. */
static unsigned check_record(const struct host_record *got, const struct bx_block *b, enum link_format format,
                             int all)
{
    unsigned n = 0, wrong = 0, a = 0;
    for (unsigned part = 0; part < 2; part++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            uint64_t muon = bx_block_muon(b->w, 2 * lane + part);
            uint32_t extra = format == LINK_FORMAT_RUN3 ? b->w[LANES + lane] / 2 * 2 + part : 0;
            if (!all && (muon >> 10 & 0x1ff) == 0)
                continue;
            wrong += n >= SLOTS || got->muon[n].muon != muon || got->muon[n].extra != extra;
            n++;
        }
        a = part == 0 ? n : a;
    }
    wrong += got->a != a || got->a + got->b != (int)n;
    wrong += got->orbit != bx_frames_orbit(b, format, 0) || got->bx != bx_frames_bx(b, format, 0);
    wrong += got->bx_match != 0xff || got->orbit_match != 0xff;
    CU_ASSERT_EQUAL(wrong, 0);
    return n;
}

static void check_file(const struct host_cfg *cfg, const struct host_counts *counts)
{
    struct host_record record;
    struct message m = {""};
    struct host_reader *r = host_reader_open(file_name(0), cfg->record, &m);
    unsigned muons = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    for (unsigned i = 0; i < n_made; i++) {
        CU_ASSERT_EQUAL_FATAL(host_reader_next(r, &record, &m), 1);
        muons += check_record(&record, &made[i].block, cfg->format, cfg->all_muons);
    }
    CU_ASSERT_EQUAL(host_reader_next(r, &record, &m), 0);
    host_reader_close(r);
    CU_ASSERT_EQUAL(counts->muons_written, muons);
    CU_ASSERT_EQUAL(counts->bx_written, n_made);
    CU_ASSERT_EQUAL(counts->bytes_written,
                    n_made * 12 + (uint64_t)muons * (cfg->record == LINK_FORMAT_RUN3 ? 12 : 8));
}

static void test_clean_streams_of_every_shape(void)
{
    for (unsigned i = 0; i < 12; i++) {
        enum link_format format = i & 1 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        enum pack_corrections corrections = i & 2 ? PACK_APPENDED : PACK_NONE;
        struct host_cfg cfg = config(format, corrections);
        struct host_counts c;
        cfg.all_muons = i >= 8;
        make_dir();
        make_stream(format, corrections, i == 4 ? UINT32_MAX - 1 : 1000, 4, test_seed() + i);
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT_EQUAL(c.errors + reports, 0);
        CU_ASSERT_STRING_EQUAL(c.first_error, "");
        CU_ASSERT(c.frames == length && c.orbits == 4 && c.packets == 2 && c.bx == n_made && c.files == 1);
        check_file(&cfg, &c);
        remove_dir();
    }
}

static void test_record_layouts_can_differ_from_the_links(void)
{
    struct bx_block b;
    uint32_t words[HOST_RECORD_MAX_WORDS];
    struct bx_content c = {.orbit = 77, .bx = 1234, .final_lanes = 0x0f};
    struct gmt_muon m = {.pt = 9, .eta_raw = -30};
    c.muon[3] = gmt_pack(&m, GMT_LAYOUT_2017);  /* lane 1, B, final */
    m.eta_raw = 17;
    c.muon[8] = gmt_pack(&m, GMT_LAYOUT_2017);  /* lane 4, A, intermediate */
    bx_frames_build(&b, LINK_FORMAT_2018, &c);
    CU_ASSERT_EQUAL(host_record_build(&b, LINK_FORMAT_2018, LINK_FORMAT_RUN3, 0, words), 9);
    CU_ASSERT_EQUAL(words[0], 0xff01ff01);
    CU_ASSERT(words[1] == 1234 && words[2] == 77);
    CU_ASSERT_EQUAL(words[5], 0x80000000 | 17 << 13 | 1234);
    CU_ASSERT_EQUAL(words[8], (512u - 30) << 22 | 1235);
    b.w[6] = 99;                                /* lane 6 says another BX, lane 2 another orbit */
    b.w[LANES + 2] = 1;
    CU_ASSERT_EQUAL(host_record_build(&b, LINK_FORMAT_2018, LINK_FORMAT_2018, 0, words), 7);
    CU_ASSERT_EQUAL(words[0], 0xbf01fb01);
    c.eta_raw[3] = 200;                         /* Run-3 links have it above the BX: a 2018 record must not */
    bx_frames_build(&b, LINK_FORMAT_RUN3, &c);
    CU_ASSERT_EQUAL(host_record_build(&b, LINK_FORMAT_RUN3, LINK_FORMAT_2018, 0, words), 7);
    CU_ASSERT(words[1] == 1234 && words[2] == 77);
    memset(&b, 0, sizeof b);
    CU_ASSERT_EQUAL(host_record_build(&b, LINK_FORMAT_2018, LINK_FORMAT_2018, 0, words), 0);
    CU_ASSERT_EQUAL(host_record_build(&b, LINK_FORMAT_2018, LINK_FORMAT_2018, 1, words), 0);
}

/* One change in a good stream: which counter it must raise, and what the report must say. */
static void check_damage(const struct host_cfg *cfg, size_t counter, uint64_t n, const char *text)
{
    struct host_counts c;
    CU_ASSERT_EQUAL(run(cfg, length, &c), 0);
    uint64_t got = *(uint64_t *)((char *)&c + counter);
    if (got != n || !strstr(c.first_error, text))
        printf("(%llu: %s) ", (unsigned long long)got, c.first_error);
    CU_ASSERT_EQUAL(got, n);
    CU_ASSERT_PTR_NOT_NULL(strstr(c.first_error, text));
    CU_ASSERT_STRING_EQUAL(c.first_error, report);
    CU_ASSERT_EQUAL(strncmp(c.first_error, "host: frame ", 12), 0);
}

#define COUNTER(name) offsetof(struct host_counts, name)

static void remove_frames(unsigned at, unsigned n)
{
    memmove(stream + at, stream + at + n, (length - at - n) * sizeof *stream);
    length -= n;
}

static unsigned first_trailer(void)
{
    unsigned i = 0;
    while (stream[i].w[0] != 0xBEEFDEAD || stream[i].w[7] != 0xBEEFDEAD)
        i++;
    return i;
}

/* A good stream of three orbits; the first block is frames 1..6, and 7..10 when appended. */
static struct host_cfg good_stream(enum pack_corrections corrections)
{
    struct host_cfg cfg = config(LINK_FORMAT_2018, corrections);
    cfg.dir = NULL;
    make_stream(LINK_FORMAT_2018, corrections, 5, 3, test_seed());
    return cfg;
}

static void test_wrong_frames_are_named(void)
{
    struct host_cfg cfg = good_stream(PACK_NONE);
    stream[0].w[3] = 1;
    unsigned lost = first_trailer();
    check_damage(&cfg, COUNTER(bad_frames), lost,
                 "frame 0: orbit 0: an orbit's header or a packet frame was expected");

    cfg = good_stream(PACK_NONE);
    remove_frames(1, 6);
    check_damage(&cfg, COUNTER(hit_map_errors), 1, "orbit 5: ");
    cfg = good_stream(PACK_NONE);
    stream[first_trailer() + 14].w[7] |= 1u << 12;
    check_damage(&cfg, COUNTER(hit_map_errors), 1, "bits beyond BX 3563");
    cfg = good_stream(PACK_NONE);
    stream[first_trailer() + 16].w[0] = 1;
    check_damage(&cfg, COUNTER(hit_map_errors), 1, "bits beyond BX 3563");
}

static void test_wrong_claims_are_named(void)
{
    struct host_cfg cfg = good_stream(PACK_NONE);
    stream[2].w[0] = 6; /* orbit of lane 0 */
    check_damage(&cfg, COUNTER(claim_errors), 1, "orbit 5: BX ");
    cfg = good_stream(PACK_NONE);
    stream[1].w[0] = 3000;
    check_damage(&cfg, COUNTER(claim_errors), 1, "lane 0 says BX 3000");
    cfg = good_stream(PACK_NONE);
    stream[1].w[5] = 3000; /* another lane: goes into the record's match bits, is no error of the stream */
    struct host_counts c;
    CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
    CU_ASSERT_EQUAL(c.errors, 0);

    cfg = good_stream(PACK_APPENDED);
    stream[7].w[0] ^= 1;
    check_damage(&cfg, COUNTER(appended_errors), 1, "not of version 1");
    cfg = good_stream(PACK_APPENDED);
    stream[7].w[1] = 0x00010001; /* queued and skipped at once */
    check_damage(&cfg, COUNTER(appended_errors), 1, "not of version 1");
    cfg = good_stream(PACK_APPENDED);
    stream[7].w[2] = 3001;
    check_damage(&cfg, COUNTER(appended_errors), 1, "appended frame says BX 3001");
    cfg = good_stream(PACK_APPENDED);
    stream[7].w[3] = 99;
    check_damage(&cfg, COUNTER(appended_errors), 1, "appended frame is of orbit 99");
}

static void test_wrong_packets_are_named(void)
{
    struct host_cfg cfg = good_stream(PACK_NONE);
    stream[length - 1].w[6] = 2;
    check_damage(&cfg, COUNTER(packet_errors), 1, "counts 2 orbits, but 3 came");
    cfg = good_stream(PACK_NONE);
    cfg.orbits_per_packet = 2;
    check_damage(&cfg, COUNTER(packet_errors), 1, "a packet frame was expected after 2 orbits");
    cfg = good_stream(PACK_NONE);
    cfg.orbits_per_packet = 4; /* the only packet is the last one, which may be short */
    struct host_counts c;
    CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
    CU_ASSERT_EQUAL(c.errors, 0);
    memcpy(stream + length, stream, length * sizeof *stream); /* but it is not the last one now */
    length *= 2;
    check_damage(&cfg, COUNTER(packet_errors), 1, "has less than 4 orbits");
}

static void test_unfinished_streams_are_named(void)
{
    struct host_cfg cfg = good_stream(PACK_NONE);
    struct host_counts c;
    for (unsigned n = 0; n < length; n += 1 + n / 9) {
        CU_ASSERT_EQUAL(run(&cfg, n, &c), 0);
        CU_ASSERT_EQUAL(c.unfinished, n > 0);
        CU_ASSERT_EQUAL(c.errors, n > 0);
    }
    length--;
    check_damage(&cfg, COUNTER(unfinished), 1, "inside a packet, after 3 orbits");
}

static void test_reading_goes_on_after_damage(void)
{
    struct host_counts c;
    for (unsigned lost = 1; lost < 6; lost++) {
        struct host_cfg cfg = good_stream(PACK_NONE);
        remove_frames(3, lost); /* the first orbit is out of step from here on */
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT(c.errors > 0 && c.orbits == 3 && c.packets == 1);
        CU_ASSERT_EQUAL(c.packet_errors + c.unfinished, 0);
    }
}

/* Muon words that look like the trailer, in all lanes, are data. */
static void test_muons_that_look_like_the_trailer(void)
{
    for (unsigned frame = 2; frame < 6; frame++) {
        struct host_cfg cfg = good_stream(PACK_NONE);
        struct host_counts c;
        make_dir();
        cfg.dir = dir;
        for (unsigned i = 0; i < LANES; i++)
            stream[1 + frame].w[i] = made[0].block.w[frame * LANES + i] = 0xBEEFDEAD;
        /* and what stands 17 frames on looks like a header, where it is muon data too */
        unsigned on = frame + 17, f = on % PACK_BLOCK_FRAMES;
        for (unsigned i = 1; f >= 2 && i < LANES; i++)
            stream[1 + on].w[i] = made[on / PACK_BLOCK_FRAMES].block.w[f * LANES + i] = 0;
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT_EQUAL(c.errors, 0);
        check_file(&cfg, &c);
        remove_dir();
    }
}

/* Whatever bits come, every frame gets an answer and the counts stay consistent. */
static void test_random_damage_is_survived(void)
{
    struct rng r;
    rng_seed(&r, test_seed() + 5);
    for (unsigned i = 0; i < 300; i++) {
        struct host_cfg cfg = good_stream(i & 1 ? PACK_APPENDED : PACK_NONE);
        struct host_counts c;
        cfg.format = i & 2 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        for (unsigned k = rng_below(&r, 5); k > 0; k--)
            stream[rng_below(&r, length)].w[rng_below(&r, LANES)] = (uint32_t)rng_next(&r);
        if (rng_below(&r, 2))
            remove_frames(rng_below(&r, length / 2), rng_below(&r, length / 2));
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT_EQUAL(c.frames, length);
        CU_ASSERT_EQUAL(c.errors, c.bad_frames + c.hit_map_errors + c.claim_errors + c.appended_errors +
                                      c.packet_errors + c.unfinished);
        CU_ASSERT_EQUAL(c.errors > 0, c.first_error[0] != '\0');
    }
}

/* Run-3 orbit 0xBEEFDEAD: the first frame of every block looks like the trailer. */
static void test_orbit_number_that_looks_like_the_trailer(void)
{
    for (unsigned i = 0; i < 4; i++) {
        enum pack_corrections corrections = i & 1 ? PACK_APPENDED : PACK_NONE;
        struct host_cfg cfg = config(LINK_FORMAT_RUN3, corrections);
        struct host_counts c;
        make_dir();
        make_stream(LINK_FORMAT_RUN3, corrections, 0xBEEFDEAD - i / 2, 3, test_seed() + i);
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT_EQUAL(c.errors, 0);
        CU_ASSERT(c.orbits == 3 && c.bx == n_made && c.frames == length);
        check_file(&cfg, &c);
        for (unsigned n = 1; n < length; n += 1 + n / 5) {
            struct host_cfg unwritten = cfg;
            unwritten.dir = NULL;
            CU_ASSERT_EQUAL(run(&unwritten, n, &c), 0);
            CU_ASSERT_EQUAL(c.unfinished, 1);
        }
        remove_dir();
    }
}

static void test_files_follow_one_another(void)
{
    struct host_cfg cfg = config(LINK_FORMAT_2018, PACK_NONE);
    struct host_counts c;
    struct host_record record;
    unsigned n = 0;
    make_dir();
    make_stream(LINK_FORMAT_2018, PACK_NONE, 1, 3, test_seed());
    cfg.max_file_bytes = 2000;
    CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
    CU_ASSERT(c.files > 5);
    for (unsigned index = 0; index < c.files; index++) {
        struct host_reader *r = host_reader_open(file_name(index), LINK_FORMAT_2018, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        while (host_reader_next(r, &record, NULL) == 1)
            check_record(&record, &made[n++].block, LINK_FORMAT_2018, 0);
        host_reader_close(r);
    }
    CU_ASSERT_EQUAL(n, n_made);
    remove_dir();
}

static void test_empty_bx_are_left_out(void)
{
    struct event_packer p;
    struct packed_bx empty = {.orbit = 1, .bx = 7};
    struct host_cfg cfg = config(LINK_FORMAT_2018, PACK_NONE);
    struct host_counts c;
    struct bx_content content = {.orbit = 1, .bx = 7};
    bx_frames_build(&empty.block, LINK_FORMAT_2018, &content);
    for (unsigned all = 0; all < 2; all++) {
        make_dir();
        length = 0;
        event_packer_init(&p, PACK_NONE, 3, store, NULL);
        event_packer_begin(&p, 1);
        event_packer_bx(&p, &empty);
        event_packer_end(&p);
        event_packer_stop(&p);
        cfg.all_muons = (uint8_t)all;
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT(c.errors == 0 && c.bx_empty == 1 && c.bx_written == 0 && c.muons == 0);
        CU_ASSERT_EQUAL(c.bytes_written, 0);
        remove_dir();
    }
}

static void test_files_that_cannot_be_written_are_reported(void)
{
    struct host_cfg cfg = config(LINK_FORMAT_2018, PACK_NONE);
    struct message m = {""};
    struct host_counts c;
    cfg.dir = "/tmp/bxact_is_not_there";
    CU_ASSERT_PTR_NULL(host_open(&cfg, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text,
                                  "is_not_there/scout_GMT_000042_000000.dat: cannot be made: No such"));
    cfg.dir = "/tmp";
    cfg.run = 1000000;
    CU_ASSERT_PTR_NULL(host_open(&cfg, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "give 0..999999"));
    if (access("/dev/full", W_OK) != 0)
        return;
    make_dir();
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/full", file_name(0)), 0);
    cfg = config(LINK_FORMAT_2018, PACK_NONE);
    make_stream(LINK_FORMAT_2018, PACK_NONE, 1, 3, test_seed());
    CU_ASSERT_EQUAL(run(&cfg, length, &c), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(report, "writing failed: No space left on device"));
    CU_ASSERT_EQUAL(c.bx, n_made); /* reading went on */
    make_stream(LINK_FORMAT_2018, PACK_NONE, 1, 1, test_seed());
    CU_ASSERT_EQUAL(run(&cfg, 7, &c), -1); /* one record: it waits in a buffer until the file is closed */
    CU_ASSERT_PTR_NOT_NULL(strstr(report, "writing failed: No space left on device"));
    remove_dir();
}

/* Cuts and wrong headers in a host file. */
static void test_reader_refuses_broken_files(void)
{
    static const uint32_t words[] = {0xff01ff00, 5, 6, 7, 8, 0xff00ff00, 5, 6};
    static const struct {
        size_t bytes;
        unsigned records;
        const char *text;
    } cases[] = {{0, 0, NULL},          {20, 1, NULL},
                 {4, 0, "byte 0: the record is cut off (4 of 12"},
                 {12, 0, "byte 0: the record is cut off (12 of 20"},
                     {17, 0, "byte 0: the record is cut off (17 of 20"},
                 {32, 1, "byte 20: header 0xff00ff00 says 0 and 0 muons"}};
    make_dir();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct host_record record;
        struct message m = {""};
        unsigned records = 0;
        FILE *out = fopen(file_name(0), "wb");
        fwrite(words, 1, cases[i].bytes, out);
        fclose(out);
        struct host_reader *r = host_reader_open(file_name(0), LINK_FORMAT_2018, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        int got;
        while ((got = host_reader_next(r, &record, &m)) == 1)
            records++;
        CU_ASSERT_EQUAL(records, cases[i].records);
        CU_ASSERT_EQUAL(got, cases[i].text ? -1 : 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(m.text, cases[i].text ? cases[i].text : ""));
        host_reader_close(r);
    }
    struct message m = {""};
    CU_ASSERT_PTR_NULL(host_reader_open(dir, LINK_FORMAT_2018, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "is a directory"));
    remove_dir();
    CU_ASSERT_PTR_NULL(host_reader_open(file_name(0), LINK_FORMAT_2018, &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "No such file"));
}

/* Files of every compression, rotated: together they hold the records, and the index says which. */
static void test_compressed_files_and_their_index(void)
{
    for (unsigned k = 0; k < COMPRESSIONS; k++) {
        struct host_cfg cfg = config(LINK_FORMAT_2018, PACK_NONE);
        struct host_counts c;
        char index[128], line[256], name[64];
        unsigned long long bytes, stored, bx, muons, sums[4] = {0}, first, last, files = 0;
        cfg.compression = (enum compression)k;
        cfg.journal = 1;
        cfg.max_file_bytes = 8192;
        make_dir();
        make_stream(LINK_FORMAT_2018, PACK_NONE, 1000, 4, test_seed() + k);
        CU_ASSERT_EQUAL(run(&cfg, length, &c), 0);
        CU_ASSERT(c.files > 3);
        snprintf(index, sizeof index, "%s/scout_GMT_000042_index.txt", dir);
        FILE *in = fopen(index, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(in);
        CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof line, in));
        unsigned made_at = 0;
        while (fscanf(in, "%63s %llu %llu %llu %llu %llu %llu", name, &bytes, &stored, &bx, &muons, &first, &last) == 7) {
            char path[192];
            struct host_record record;
            struct message m = {""};
            snprintf(path, sizeof path, "%s/%s", dir, name);
            struct host_reader *r = host_reader_open(path, LINK_FORMAT_2018, &m);
            CU_ASSERT_PTR_NOT_NULL_FATAL(r);
            for (unsigned i = 0; i < bx; i++) {
                CU_ASSERT_EQUAL_FATAL(host_reader_next(r, &record, &m), 1);
                CU_ASSERT(record.orbit == made[made_at].orbit && record.bx == made[made_at].bx);
                CU_ASSERT(i || record.orbit == first);
                made_at++;
            }
            CU_ASSERT(record.orbit == last);
            CU_ASSERT_EQUAL(host_reader_next(r, &record, &m), 0);
            host_reader_close(r);
            CU_ASSERT(k == 0 ? stored == bytes : stored > 0);
            sums[0] += bytes, sums[1] += stored, sums[2] += bx, sums[3] += muons, files++;
            unlink(path);
        }
        fclose(in);
        unlink(index);
        CU_ASSERT(files == c.files && sums[0] == c.bytes_written && sums[1] == c.bytes_stored);
        CU_ASSERT(sums[2] == c.bx_written && sums[3] == c.muons_written && made_at == n_made);
        remove_dir();
    }
}

/* The hit map has them all, but not in this order. */
static void test_blocks_in_the_wrong_order_are_named(void)
{
    struct host_cfg cfg = config(LINK_FORMAT_2018, PACK_NONE);
    struct dma_frame block[PACK_BLOCK_FRAMES];
    struct host_counts counts;
    cfg.dir = NULL;
    make_stream(LINK_FORMAT_2018, PACK_NONE, 5, 1, test_seed());
    memcpy(block, stream + 1, sizeof block);
    memmove(stream + 1, stream + 1 + PACK_BLOCK_FRAMES, sizeof block);
    memcpy(stream + 1 + PACK_BLOCK_FRAMES, block, sizeof block);
    run(&cfg, length, &counts);
    CU_ASSERT(counts.claim_errors == 2 && counts.errors == 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(report, "lane 0 says BX "));
}

/* ---- blocks at once ---- */

/* A stream with frames lost, doubled, or made into one that means something. */
static void damage(struct rng *r)
{
    static const uint32_t marks[] = {PACK_TRAILER_WORD, PACK_PACKET_WORD, PACK_APPENDED_WORD, 0};
    for (unsigned k = rng_below(r, 6); k > 0 && length > 100; k--) {
        unsigned at = rng_below(r, length), some = 1 + rng_below(r, 12);
        some = some < length - at ? some : length - at;
        switch (rng_below(r, 4)) {
        case 0:
            memmove(stream + at, stream + at + some, (length - at - some) * sizeof *stream);
            length -= some;
            break;
        case 1: stream[at] = stream[rng_below(r, length)]; break;
        case 2: stream[at].w[rng_below(r, LANES)] ^= 1u << rng_below(r, 32); break;
        default:
            for (unsigned i = 0; i < LANES; i++)
                stream[at].w[i] = marks[k & 3];
        }
    }
}

struct heard {
    uint64_t digest;
    unsigned items, reports;
};

static void add(struct heard *h, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h->digest = (h->digest ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void hear_item(void *ctx, const struct host_item *item)
{
    struct heard *h = ctx;
    h->items++;
    add(h, &item->orbit, sizeof item->orbit);
    if (item->block)
        add(h, item->block, sizeof *item->block);
    if (item->appended)
        add(h, item->appended, PACK_APPENDED_FRAMES * sizeof *item->appended);
}

static void hear_report(void *ctx, const char *text)
{
    struct heard *h = ctx;
    h->reports++;
    add(h, text, strlen(text));
}

/* The frames as a block with what is behind it; NULL where there are not enough. */
static const struct bx_block *block_at(unsigned i, unsigned frames, struct bx_block *block)
{
    if (i + frames > length)
        return NULL;
    memcpy(block->w, stream + i, sizeof block->w);
    return block;
}

static void hear(struct host_cfg cfg, int at_once, struct heard *h, struct host_counts *counts, unsigned *taken)
{
    unsigned frames = cfg.corrections == PACK_APPENDED ? PACK_BLOCK_FRAMES + PACK_APPENDED_FRAMES
                                                       : PACK_BLOCK_FRAMES;
    struct message m = {""};
    *h = (struct heard){0, 0, 0};
    cfg.dir = NULL;
    cfg.report = hear_report;
    cfg.item = hear_item;
    cfg.ctx = h;
    struct host *host = host_open(&cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    for (unsigned i = 0; i < length;) {
        struct bx_block block;
        const struct dma_frame *behind = frames > PACK_BLOCK_FRAMES ? stream + i + PACK_BLOCK_FRAMES : NULL;
        if (at_once && block_at(i, frames, &block) && host_block(host, &block, behind)) {
            hear_item(h, &(struct host_item){
                             .orbit = host_orbit(host), .block = &block, .appended = behind});
            i += frames;
            ++*taken;
        } else
            host_frame(host, stream[i++].w);
    }
    host_close(host, counts, &m);
}

static void test_blocks_at_once_are_the_same(void)
{
    unsigned taken = 0, errors = 0;
    struct rng r;
    rng_seed(&r, test_seed() + 77);
    for (unsigned trial = 0; trial < 60; trial++) {
        enum link_format format = trial & 1 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018;
        enum pack_corrections corrections = trial & 2 ? PACK_APPENDED : PACK_NONE;
        uint32_t first = trial % 5 ? 1 + trial : PACK_TRAILER_WORD;
        struct heard one, all;
        struct host_counts by_one, at_once;
        make_stream(format, corrections, first, 3, test_seed() + trial);
        damage(&r);
        hear(config(format, corrections), 0, &one, &by_one, &taken);
        hear(config(format, corrections), 1, &all, &at_once, &taken);
        errors += by_one.errors > 0;
        CU_ASSERT(one.digest == all.digest && one.items == all.items && one.reports == all.reports);
        CU_ASSERT_STRING_EQUAL(by_one.first_error, at_once.first_error);
        CU_ASSERT_EQUAL(memcmp(&by_one, &at_once, offsetof(struct host_counts, first_error)), 0);
    }
    CU_ASSERT(taken > 1000);
    CU_ASSERT(errors > 10);
}

TEST_MAIN("golden/host", TEST(test_blocks_at_once_are_the_same), TEST(test_blocks_in_the_wrong_order_are_named),
          TEST(test_clean_streams_of_every_shape),
          TEST(test_record_layouts_can_differ_from_the_links), TEST(test_wrong_frames_are_named),
          TEST(test_wrong_claims_are_named), TEST(test_wrong_packets_are_named),
          TEST(test_unfinished_streams_are_named), TEST(test_reading_goes_on_after_damage),
              TEST(test_muons_that_look_like_the_trailer),
          TEST(test_random_damage_is_survived), TEST(test_orbit_number_that_looks_like_the_trailer),
          TEST(test_files_follow_one_another), TEST(test_empty_bx_are_left_out),
          TEST(test_files_that_cannot_be_written_are_reported), TEST(test_reader_refuses_broken_files),
          TEST(test_compressed_files_and_their_index))

/* Reading the host's files back: what golden's host wrote is found muon by muon, and damage is said. */
#include "emu/run/host_check.h"
#include "golden/blocks/event_pack.h"
#include "golden/blocks/host.h"
#include "golden/formats/muon.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN = 17, FIRST_ORBIT = 41, ORBITS = 3 };

static char dir[] = "/tmp/bxact-host-XXXXXX";

struct written {
    struct host *host;
    struct host_content content; /* counted from the blocks, not from frames or files */
    struct host_counts counts;
};

static void give(void *ctx, enum frame_kind kind, unsigned index, const struct dma_frame *frame)
{
    (void)kind;
    (void)index;
    struct written *w = ctx;
    host_frame(w->host, frame->w);
}

static void count_muons(struct host_content *c, const struct bx_block *block, uint32_t orbit, uint16_t bx,
                        bool all)
{
    unsigned place[2] = {0, 0};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t muon = bx_block_muon(block->w, slot);
        if (all || gmt_pt((gmt_word){muon}))
            host_content_muon(c, orbit, bx, slot & 1, place[slot & 1]++, muon);
    }
}

static bool any_muon(const struct bx_block *block)
{
    bool any = false;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        any |= gmt_pt((gmt_word){bx_block_muon(block->w, slot)}) != 0;
    return any;
}

static void write_orbit(struct written *w, struct event_packer *p, const struct generator *g, uint32_t orbit,
                        bool all)
{
    event_packer_begin(p, orbit);
    for (uint16_t bx = 0; bx < 3555; bx++) {
        struct packed_bx packed = {.orbit = orbit, .bx = bx};
        generator_bx(g, orbit, bx, &packed.block);
        if (!any_muon(&packed.block))
            continue;
        w->content.bx++;
        count_muons(&w->content, &packed.block, orbit, bx, all);
        event_packer_bx(p, &packed);
    }
    event_packer_end(p);
}

static struct written write_files(enum link_format format, enum link_format record, bool all,
                                  uint64_t max_bytes)
{
    struct message m = {""};
    struct host_cfg cfg = {.dir = dir, .run = RUN, .format = format, .record = record, .all_muons = all,
                           .max_file_bytes = max_bytes};
    struct generator_cfg shape = generator_default();
    struct written w = {0};
    struct event_packer p;
    shape.seed = test_seed();
    shape.format = format;
    struct generator *g = generator_new(&shape, &m);
    w.host = host_open(&cfg, &m);
    CU_ASSERT_FATAL(g && w.host);
    event_packer_init(&p, PACK_NONE, 20, give, &w);
    for (uint32_t i = 0; i < ORBITS; i++)
        write_orbit(&w, &p, g, FIRST_ORBIT + i, all);
    event_packer_stop(&p);
    CU_ASSERT_EQUAL(host_close(w.host, &w.counts, &m), 0);
    CU_ASSERT_EQUAL(w.counts.errors, 0);
    generator_free(g);
    return w;
}

static void path_of(uint32_t index, char path[256])
{
    host_check_path(path, 256, dir, RUN, index, COMPRESSION_NONE);
}

static void remove_files(uint64_t files)
{
    char path[256];
    for (uint32_t i = 0; i < files; i++) {
        path_of(i, path);
        unlink(path);
    }
}

static void check_same(const struct written *w, enum link_format record)
{
    struct host_content found;
    struct message m = {""};
    CU_ASSERT_EQUAL(host_check_content(dir, RUN, (uint32_t)w->counts.files, record, COMPRESSION_NONE, &found, &m), 0);
    CU_ASSERT_STRING_EQUAL(m.text, "");
    CU_ASSERT(found.bx > 100);
    CU_ASSERT_EQUAL(found.bx, w->content.bx);
    CU_ASSERT_EQUAL(found.muons, w->content.muons);
    CU_ASSERT_EQUAL(found.digest, w->content.digest);
}

static void test_what_was_written_is_found(void)
{
    for (int format = 0; format < 2; format++)
        for (int all = 0; all < 2; all++) {
            enum link_format f = (enum link_format)format;
            struct written w = write_files(f, f, all, 0);
            CU_ASSERT_EQUAL(w.counts.files, 1);
            check_same(&w, f);
            remove_files(w.counts.files);
        }
}

static void test_muons_are_found_over_several_files(void)
{
    struct written w = write_files(LINK_FORMAT_2018, LINK_FORMAT_2018, false, 4096);
    CU_ASSERT(w.counts.files > 2);
    check_same(&w, LINK_FORMAT_2018);
    remove_files(w.counts.files);
}

static void test_no_files_hold_nothing(void)
{
    struct host_content found = {.muons = 5};
    struct message m;
    CU_ASSERT_EQUAL(host_check_content(dir, RUN, 0, LINK_FORMAT_2018, COMPRESSION_NONE, &found, &m), 0);
    CU_ASSERT(found.muons == 0 && found.bx == 0 && found.digest == 0);
}

/* Expects an error whose text begins with the file's path. */
static void check_refused(uint32_t files, uint32_t bad)
{
    struct host_content found;
    struct message m = {""};
    char path[256];
    path_of(bad, path);
    CU_ASSERT_EQUAL(host_check_content(dir, RUN, files, LINK_FORMAT_2018, COMPRESSION_NONE, &found, &m), -1);
    CU_ASSERT(strncmp(m.text, path, strlen(path)) == 0);
}

static void test_a_missing_file_is_said(void)
{
    struct written w = write_files(LINK_FORMAT_2018, LINK_FORMAT_2018, false, 0);
    check_refused(2, 1);
    remove_files(w.counts.files);
    check_refused(1, 0);
}

static void test_a_cut_file_is_said(void)
{
    struct written w = write_files(LINK_FORMAT_2018, LINK_FORMAT_2018, false, 0);
    char path[256];
    path_of(0, path);
    CU_ASSERT_EQUAL(truncate(path, (off_t)w.counts.bytes_written - 1), 0);
    check_refused(1, 0);
    CU_ASSERT_EQUAL(truncate(path, 7), 0);
    check_refused(1, 0);
    remove_files(1);
}

static void flip_bit(uint64_t bit)
{
    char path[256];
    path_of(0, path);
    FILE *f = fopen(path, "r+b");
    fseek(f, (long)(bit / 8), SEEK_SET);
    int byte = fgetc(f);
    fseek(f, (long)(bit / 8), SEEK_SET);
    fputc(byte ^ 1 << bit % 8, f);
    fclose(f);
}

/* The match bits of a record's header (bytes 1 and 3) are the host's own remarks and no part of the content.
 */
static bool in_match_byte(const struct host_content *before, const struct host_content *after)
{
    return before->muons == after->muons && before->digest == after->digest;
}

/* Any flipped bit of the first record is an error or other content, but for its 16 match bits. */
static void test_a_flipped_bit_is_noticed(void)
{
    struct host_content before, after;
    struct message m;
    struct written w = write_files(LINK_FORMAT_2018, LINK_FORMAT_2018, false, 0);
    host_check_content(dir, RUN, 1, LINK_FORMAT_2018, COMPRESSION_NONE, &before, &m);
    unsigned unnoticed = 0;
    for (uint64_t bit = 0; bit < 8 * 20; bit++) {
        flip_bit(bit);
        if (host_check_content(dir, RUN, 1, LINK_FORMAT_2018, COMPRESSION_NONE, &after, &m) == 0)
            unnoticed += in_match_byte(&before, &after);
        flip_bit(bit);
    }
    CU_ASSERT_EQUAL(unnoticed, 16 + 16); /* a 2018 BX word has 16 bits without meaning */
    remove_files(w.counts.files);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_what_was_written_is_found),      TEST(test_muons_are_found_over_several_files),
        TEST(test_no_files_hold_nothing),          TEST(test_a_missing_file_is_said),
        TEST(test_a_cut_file_is_said),             TEST(test_a_flipped_bit_is_noticed),
    };
    if (!mkdtemp(dir))
        return 3;
    int result = test_main(argc, argv, "run/host_check", cases, sizeof cases / sizeof *cases);
    rmdir(dir);
    return result;
}

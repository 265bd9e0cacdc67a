#include "golden/formats/bx_frames.h"
#include "golden/formats/link_file.h"
#include "golden/stimulus/mp7_source.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BX 30u
enum { LINKS = 6, FRAMES_MADE = BX * FRAMES + 4 };

static char path[64];
static uint32_t made[FRAMES_MADE][LINKS];
static uint8_t made_valid[FRAMES_MADE][LINKS];

/* Links stand in the file in the order 5, 4, .. 0, so that reading by column instead of by number would
 * show. */
static void write_capture(unsigned frames, uint64_t seed)
{
    struct link_board board = {.name = "ugmt", .links = LINKS};
    struct rng r;
    rng_seed(&r, seed);
    snprintf(path, sizeof path, "/tmp/bxact_capture_XXXXXX");
    int fd = mkstemp(path);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    for (unsigned i = 0; i < LINKS; i++)
        board.link[i] = (uint8_t)(LINKS - 1 - i);
    link_codec_mp7.write_board(out, &board);
    for (unsigned f = 0; f < frames; f++) {
        struct link_frame frame = {.number = f};
        for (unsigned i = 0; i < LINKS; i++) {
            unsigned link = board.link[i];
            made[f][link] = frame.data[i] = rng_below(&r, 3) ? (uint32_t)rng_next(&r) : 0;
            made_valid[f][link] = frame.side[i] = rng_below(&r, 8) != 0;
        }
        link_codec_mp7.write_frame(out, &board, &frame);
    }
    CU_ASSERT_EQUAL(fclose(out), 0);
}

static struct mp7_source_cfg config(void)
{
    return (struct mp7_source_cfg){.path = path, .format = LINK_FORMAT_2018, .final_lanes = 0x0f,
                                   .bx_offset = 100, .gap_first = 3555, .first_orbit = 5};
}

/* Muon word that slot s of BX bx shall have, before the type is put in. */
static uint64_t expected_muon(const struct mp7_source_cfg *cfg, unsigned bx, unsigned slot)
{
    unsigned link = 0;
    for (unsigned lane = 0; lane < slot / 2; lane++)
        link += cfg->final_lanes >> lane & 1;
    unsigned f = (bx - cfg->bx_offset) * FRAMES + 2 + 2 * (slot & 1);
    if (bx < cfg->bx_offset || bx >= cfg->bx_offset + BX || !(cfg->final_lanes >> (slot / 2) & 1) ||
        !made_valid[f][link] || !made_valid[f + 1][link])
        return 0;
    return (uint64_t)made[f + 1][link] << 32 | made[f][link];
}

static unsigned check_orbit(const struct mp7_source_cfg *cfg, struct bx_source *source, uint32_t orbit,
                            int filled)
{
    unsigned wrong = 0, muons = 0;
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        struct bx_block block;
        wrong += bx_source_next(source, orbit, bx, &block) != 0;
        for (unsigned lane = 0; lane < LANES; lane++)
            wrong += bx_frames_bx(&block, cfg->format, lane) != bx || bx_frames_orbit(&block, cfg->format,
                                                                                      lane) != orbit;
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            uint64_t expected = filled ? expected_muon(cfg, bx, slot) : 0, got = bx_block_muon(block.w, slot);
            int present = expected >> 10 & 0x1ff ? 1 : 0;
            if (cfg->format == LINK_FORMAT_2018)
                expected = (expected & ~(UINT64_C(3) << 62)) | (uint64_t)present << 63;
            wrong += got != expected;
            muons += (unsigned)present;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    return muons;
}

static void test_capture_goes_where_it_shall(void)
{
    static const uint8_t lanes[] = {0x0f, 0xf0, 0xa5};
    for (unsigned i = 0; i < 6; i++) {
        struct mp7_source_cfg cfg = config();
        struct message m = {""};
        write_capture(FRAMES_MADE, test_seed() + i);
        cfg.final_lanes = lanes[i % 3];
        cfg.format = i < 3 ? LINK_FORMAT_2018 : LINK_FORMAT_RUN3;
        cfg.repeat = i & 1;
        struct mp7_source *s = mp7_source_open(&cfg, &m);
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        struct bx_source source = mp7_source_source(s);
        CU_ASSERT_EQUAL(mp7_source_bx(s), BX);
        CU_ASSERT_EQUAL(check_orbit(&cfg, &source, 4, 0), 0);
        CU_ASSERT_EQUAL(check_orbit(&cfg, &source, 5, 1), mp7_source_muons(s));
        check_orbit(&cfg, &source, 6, cfg.repeat);
        check_orbit(&cfg, &source, 7, cfg.repeat);
        CU_ASSERT_PTR_NOT_NULL(strstr(mp7_source_notes(s),
                                      "last BX, 30, is partial (frames 180..183 of 186)"));
        CU_ASSERT_PTR_NOT_NULL(strstr(mp7_source_notes(s), "one word valid and one not"));
        mp7_source_close(s);
        unlink(path);
    }
}

static void refuse(const struct mp7_source_cfg *cfg, const char *text)
{
    struct message m = {""};
    CU_ASSERT_PTR_NULL(mp7_source_open(cfg, &m));
    if (!strstr(m.text, text))
        printf("(got: %s) ", m.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, text));
}

static void test_what_is_refused(void)
{
    struct mp7_source_cfg cfg = config();
    write_capture(FRAMES_MADE, test_seed());
    cfg.final_lanes = 0x07;
    refuse(&cfg, "mp7.final_lanes: 0x07 has 3 lanes (give 4)");
    cfg = config();
    cfg.bx_offset = BX_PER_ORBIT;
    refuse(&cfg, "mp7.bx_offset: 3564");
    cfg = config();
    cfg.bx_offset = 3555 - BX + 1;
    refuse(&cfg, "in the gap");
    cfg.bx_offset = 3560;
    refuse(&cfg, "beyond the orbit");
    cfg = config();
    cfg.gap_first = 129;
    refuse(&cfg, "in the gap");
    cfg.gap_first = BX_PER_ORBIT;
    refuse(&cfg, "mp7.gap_first");
    cfg = config();
    cfg.bx_offset = 3555 - BX;
    mp7_source_close(mp7_source_open(&cfg, NULL));
    unlink(path);
    refuse(&cfg, "No such file");
    write_capture(5, test_seed());
    refuse(&cfg, "no whole BX");
    unlink(path);
}

static void capture_has(const char *name, unsigned muons, unsigned kept)
{
    const char *dir = getenv("BXACT_SHARED_DATA");
    char file[4096];
    struct mp7_source_cfg cfg = config();
    unsigned got = 0, got_kept = 0;
    snprintf(file, sizeof file, "%s/ugmt/%s", dir ? dir : "../shared/data", name);
    if (access(file, R_OK) != 0) {
        printf("(%s is not there; skipped) ", file);
        return;
    }
    cfg.path = file;
    struct mp7_source *s = mp7_source_open(&cfg, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    struct bx_source source = mp7_source_source(s);
    for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++) {
        struct bx_block block;
        unsigned before = got;
        bx_source_next(&source, 5, bx, &block);
        for (unsigned slot = 0; slot < SLOTS; slot++)
            got += gmt_pt((gmt_word){bx_block_muon(block.w, slot)}) != 0;
        got_kept += got > before;
    }
    CU_ASSERT_EQUAL(got, muons);
    CU_ASSERT_EQUAL(mp7_source_muons(s), muons);
    if (kept)
        CU_ASSERT_EQUAL(got_kept, kept);
    CU_ASSERT_EQUAL(mp7_source_bx(s), 170);
    CU_ASSERT_PTR_NOT_NULL(strstr(mp7_source_notes(s), "partial (frames 1020..1023 of 1026)"));
    mp7_source_close(s);
}

static void test_public_captures(void)
{
    capture_has("TT_TuneCUETP8M1_13TeV_out.txt", 205, 161);
    capture_has("JPsiToMuMu_Pt20to120_EtaPhiRestricted_out.txt", 307, 0);
}

TEST_MAIN("golden/mp7_source", TEST(test_capture_goes_where_it_shall), TEST(test_what_is_refused),
          TEST(test_public_captures))

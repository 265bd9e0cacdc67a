/* emu/cosim: what does not open says why; waveforms; several boards at once; what the interface promises
 * about structs. */
#include "emu/cosim/board_rtl.h"
#include "tests/harness.h"

#include <jansson.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALL_DOMAINS = (1 << DOMAINS) - 1 };

static struct board_cfg good_cfg(void)
{
    return (struct board_cfg){.run3 = 1,
                              .gap_first = 3555,
                              .final_lanes = 0x0f,
                              .align_depth = 64,
                              .zs_pt_min = 1,
                              .zs_slots = 0xffff,
                              .feed_select = 2,
                              .feed_depth = 4,
                              .engines = 3,
                              .pack_corrections = 1,
                              .pack_depth = 16,
                              .orbits_per_packet = 20,
                              .dma_depth = 256,
                              .dma_reserve = 64,
                              .sync_stages = 2};
}

static struct board_rtl *open_good(uint64_t seed)
{
    char error[512] = "";
    struct board_cfg cfg = good_cfg();
    struct board_rtl *board = board_rtl_open(BOARD, &cfg, seed, error, sizeof error);
    CU_ASSERT_PTR_NOT_NULL(board);
    if (!board)
        printf("%s\n", error);
    else
        board_rtl_reset(board);
    return board;
}

static void refuses(const char *path, const struct board_cfg *cfg, const char *text)
{
    char error[512] = "";
    struct board_rtl *board = board_rtl_open(path, cfg, 1, error, sizeof error);
    CU_ASSERT_PTR_NULL(board);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, text));
    if (!strstr(error, text))
        printf("\"%s\" expected in: %s\n", text, error);
    board_rtl_close(board);
}

static void test_what_does_not_open_says_why(void)
{
    struct board_cfg cfg = good_cfg();
    refuses("no_such_board.so", &cfg, "no_such_board.so");
    refuses("/", &cfg, "/");
    refuses(__FILE__, &cfg, "cosim_test.c");
    refuses(KERNELS "/kernels.so", &cfg, "not a board");
    cfg.engines = 2;
    refuses(BOARD, &cfg, "engines: the board has 3, the configuration asks for 2");
    cfg = good_cfg();
    cfg.sync_stages = 4;
    refuses(BOARD, &cfg, "sync_stages: the board has 2, the configuration asks for 4");
}

/* Presents padding on all lanes. */
static void pads(struct line_in *in)
{
    for (unsigned l = 0; l < LANES; l++) {
        in->data[l] = 0xF7F7F7F7;
        in->k[l] = 15;
    }
}

struct buses {
    struct line_in in;
    struct line_bus line;
    struct board_bus board;
    struct host_bus host;
};

static struct bus_view view_of(const struct buses *b)
{
    return (struct bus_view){&b->in, &b->line, &b->board, &b->host, 0, 1};
}

static void test_boards_are_independent(void)
{
    struct board_rtl *a = open_good(1), *b = open_good(2);
    struct buses bus;
    struct board_status of_a, of_b;
    memset(&bus, 0, sizeof bus);
    pads(&bus.in);
    struct bus_view now = view_of(&bus);
    for (unsigned i = 0; a && b && i < 10; i++) {
        board_rtl_edge(a, ALL_DOMAINS, &now, 0, &bus.line, &bus.board, &bus.host);
        if (i < 3)
            board_rtl_edge(b, 1u << DOMAIN_LINE, &now, 0, &bus.line, NULL, NULL);
    }
    if (a && b) {
        board_rtl_status(a, &of_a);
        board_rtl_status(b, &of_b);
        for (unsigned l = 0; l < LANES; l++)
            /* a clock ticks at every call */
            CU_ASSERT_TRUE(of_a.lane[l].pads == 10 && of_b.lane[l].pads == 3);
        board_rtl_reset(a);
        board_rtl_status(a, &of_a);
        CU_ASSERT_EQUAL(of_a.lane[0].pads, 0);
    }
    board_rtl_close(a);
    board_rtl_close(b);
}

static void test_payload_is_written_beside_its_valid_only(void)
{
    struct board_rtl *board = open_good(3);
    struct buses bus;
    memset(&bus, 0x5a, sizeof bus);
    struct buses before = bus;
    pads(&bus.in);
    struct bus_view now = view_of(&bus);
    if (!board)
        return;
    board_rtl_edge(board, 1u << DOMAIN_BOARD, &now, 0, &bus.line, &bus.board, &bus.host);
    CU_ASSERT_EQUAL(bus.board.link_align.valid, 0);
    CU_ASSERT_EQUAL(bus.board.event_pack.valid, 0);
    CU_ASSERT_EQUAL(bus.board.muon_feed.level, 0);
    CU_ASSERT_EQUAL(
        memcmp(&bus.board.link_align.block, &before.board.link_align.block, sizeof(struct bx_block)), 0);
    CU_ASSERT_EQUAL(memcmp(&bus.line, &before.line, sizeof bus.line), 0); /* did not tick */
    CU_ASSERT_EQUAL(memcmp(&bus.host, &before.host, sizeof bus.host), 0);
    board_rtl_close(board);
}

static uint64_t hash_in_schedule(const char *path)
{
    json_t *schedule = json_load_file(path, 0, NULL);
    const char *text = json_string_value(json_object_get(schedule, "hash"));
    uint64_t hash = text ? strtoull(text, NULL, 16) : 0;
    json_decref(schedule);
    return hash;
}

static void test_kernel_hashes_are_those_of_the_schedules(void)
{
    struct board_rtl *board = open_good(4);
    if (!board)
        return;
    uint64_t zero_suppress = hash_in_schedule(KERNELS "/zero_suppress.json"),
             recal = hash_in_schedule(KERNELS "/recal.json");
    CU_ASSERT_TRUE(zero_suppress != 0 && recal != 0 && zero_suppress != recal);
    CU_ASSERT_EQUAL(board_rtl_kernel_hash(board, "zero_suppress"), zero_suppress);
    CU_ASSERT_EQUAL(board_rtl_kernel_hash(board, "recal"), recal);
    CU_ASSERT_EQUAL(board_rtl_kernel_hash(board, "muon_feed"), 0);
    board_rtl_close(board);
}

/* Whether a file holds a text. */
static int holds(const char *path, const char *text)
{
    char line[4096];
    int found = 0;
    FILE *f = fopen(path, "r");
    while (f && !found && fgets(line, sizeof line, f))
        found = strstr(line, text) != NULL;
    if (f)
        fclose(f);
    return found;
}

static void test_waveforms(void)
{
    char error[512] = "", path[] = "/tmp/bxact-cosim-XXXXXX";
    struct board_rtl *board = open_good(5);
    struct buses bus;
    memset(&bus, 0, sizeof bus);
    struct bus_view now = view_of(&bus);
    int fd = mkstemp(path);
    if (!board || fd < 0)
        return;
    close(fd);
    CU_ASSERT_EQUAL(board_rtl_trace_open(board, "/no/such/folder/x.vcd", error, sizeof error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "/no/such/folder/x.vcd"));
    CU_ASSERT_EQUAL(board_rtl_trace_open(board, path, error, sizeof error), 0);
    for (unsigned i = 0; i < 5; i++) {
        board_rtl_edge(board, ALL_DOMAINS, &now, 0, &bus.line, &bus.board, &bus.host);
        board_rtl_trace_dump(board, 4000 * (i + 1));
    }
    board_rtl_trace_close(board);
    board_rtl_trace_dump(board, 24000); /* harmless */
    CU_ASSERT_TRUE(holds(path, "link_align_block_o") && holds(path, "#20000") && !holds(path, "#24000"));
    unlink(path);
    board_rtl_close(board);
}

TEST_MAIN("rtl/cosim", TEST(test_what_does_not_open_says_why), TEST(test_boards_are_independent),
          TEST(test_payload_is_written_beside_its_valid_only),
          TEST(test_kernel_hashes_are_those_of_the_schedules), TEST(test_waveforms))

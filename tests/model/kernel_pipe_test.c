#include "emu/model/kernel_pipe.h"
#include "emu/model/recal.h"
#include "emu/model/zero_suppress.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"
#include "tests/model/test_kernels.h"
#include "tests/model/wiring.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct kernel_port recal_ports[] = {
    {"muon", 0, 64, 1}, {"seq", 0, 8, 1}, {"slot", 0, 4, 1},    {"phi", 1, 16, 1},
    {"eta", 1, 16, 1},  {"pt", 1, 16, 1}, {"seq_out", 1, 8, 1}, {"slot_out", 1, 4, 1},
};
static const struct kernel_shape recal_shape = {recal_ports, 8, 1};

/* ---- latency ---- */

static void check_latency(unsigned latency, struct rng *r)
{
    const char *dir = wiring_make_kernels(1, latency);
    struct message m;
    struct kernel k;
    struct kernel_pipe p;
    uint64_t sent[1000] = {0}; /* by edge; 0: nothing */
    CU_ASSERT_FATAL(dir && kernel_open(&k, dir, "recal", &recal_shape, &m) == 0);
    CU_ASSERT_EQUAL(k.latency, latency);
    CU_ASSERT_EQUAL(k.hash, TEST_KERNEL_HASH);
    CU_ASSERT_FATAL(kernel_pipe_init(&p, &k) == 0);
    for (unsigned n = 0; n < 1000; n++) {
        int valid = n < 900 && rng_below(r, 3) > 0;
        sent[n] = valid ? rng_next(r) | 1 : 0;
        uint32_t in[4] = {(uint32_t)sent[n], sent[n] >> 32, n & 0xff, n & 0xf};
        const uint32_t *out = valid ? kernel_pipe_push(&p, in) : kernel_pipe_idle(&p);
        uint64_t muon = n + 1 >= latency ? sent[n + 1 - latency] : 0;
        CU_ASSERT_EQUAL_FATAL(out != NULL, muon != 0);
        if (!out)
            continue;
        CU_ASSERT_EQUAL(out[0], (uint32_t)test_recal(muon, 0));
        CU_ASSERT_EQUAL(out[3], (n + 1 - latency) & 0xff);
    }
    CU_ASSERT_EQUAL(p.flying, 0);
    kernel_pipe_release(&p);
    kernel_close(&k);
    wiring_remove_kernels(dir);
}

static void test_results_come_out_after_the_latency(void)
{
    struct rng r;
    rng_seed(&r, test_seed());
    check_latency(1, &r);
    check_latency(2, &r);
    check_latency(7, &r);
    check_latency(2 + rng_below(&r, 60), &r);
}

/* ---- refusals ---- */

static const char good[] = "{\"top\": \"recal\", \"latency\": 3, \"ii\": 1, \"hash\": \"0123456789abcdef\","
                           " \"ports\": [" RECAL_PORTS "]}";

static char dir[64];

static void file_name(char *path, const char *name)
{
    sprintf(path, "%s/%s", dir, name);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    file_name(path, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_FATAL(f != NULL);
    fputs(text, f);
    fclose(f);
}

static void new_dir(int with_object)
{
    char path[128];
    strcpy(dir, "/tmp/bxact-kernels-XXXXXX");
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    file_name(path, "kernels.so");
    if (with_object)
        CU_ASSERT_FATAL(symlink(TEST_KERNELS_SO, path) == 0);
}

static void remove_dir(void)
{
    char path[128];
    file_name(path, "kernels.so");
    unlink(path);
    file_name(path, "recal.json");
    if (unlink(path) < 0)
        rmdir(path);
    file_name(path, "sum.json");
    unlink(path);
    file_name(path, "stateless.json");
    unlink(path);
    rmdir(dir);
}

/* Tries to open what is in dir; the message must name what is wrong. Removes dir. */
static void refused(const struct kernel_shape *shape, const char *what)
{
    struct kernel k;
    struct message m = {""};
    int result = kernel_open(&k, dir, "recal", shape, &m);
    CU_ASSERT_EQUAL(result, -1);
    if (!strstr(m.text, what))
        printf("\nmessage '%s' lacks '%s'", m.text, what);
    CU_ASSERT(strstr(m.text, what) != NULL);
    CU_ASSERT(strchr(m.text, '\n') == NULL);
    CU_ASSERT_PTR_NULL(k.object);
    if (result == 0)
        kernel_close(&k);
    remove_dir();
}

/* ---- state ---- */

/* Two instances with bubbles and resets: each sums what it took in since its own reset. */
static void test_instances_have_states_of_their_own(void)
{
    enum { LATENCY = 3 };
    struct message m;
    struct kernel k;
    struct kernel_pipe p[2];
    struct rng r;
    uint32_t sum[2] = {TEST_SUM_START, TEST_SUM_START}, flying[2][LATENCY] = {{0}};
    new_dir(1);
    write_file("sum.json", "{\"top\": \"sum\", \"latency\": 3, \"ii\": 1, \"hash\": \"0123456789abcdef\","
                           " \"ports\": [" RECAL_PORTS "]}");
    CU_ASSERT_FATAL(kernel_open(&k, dir, "sum", &recal_shape, &m) == 0);
    CU_ASSERT_FATAL(kernel_pipe_init(&p[0], &k) == 0 && kernel_pipe_init(&p[1], &k) == 0);
    rng_seed(&r, test_seed());
    for (unsigned n = 0; n < 4000; n++) {
        unsigned i = rng_below(&r, 2), kind = rng_below(&r, 40);
        uint32_t in[4] = {(uint32_t)rng_next(&r) & 0xffff};
        if (kind == 0) {
            kernel_pipe_reset(&p[i]);
            memset(flying[i], 0, sizeof flying[i]);
            sum[i] = TEST_SUM_START;
            continue;
        }
        memmove(flying[i] + 1, flying[i], (LATENCY - 1) * sizeof **flying);
        flying[i][0] = kind < 20 ? sum[i] += in[0] : 0;
        const uint32_t *out = kind < 20 ? kernel_pipe_push(&p[i], in) : kernel_pipe_idle(&p[i]);
        CU_ASSERT_EQUAL_FATAL(out ? out[0] : 0, flying[i][LATENCY - 1]);
    }
    kernel_pipe_release(&p[0]);
    kernel_pipe_release(&p[1]);
    kernel_close(&k);
    remove_dir();
}

static void test_kernel_without_call_and_state(void)
{
    struct kernel k;
    struct message m = {""};
    new_dir(1);
    write_file("stateless.json", "{\"top\": \"stateless\", \"latency\": 3, \"ii\": 1,"
                                 " \"hash\": \"0123456789abcdef\", \"ports\": [" RECAL_PORTS "]}");
    CU_ASSERT_EQUAL(kernel_open(&k, dir, "stateless", &recal_shape, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "no 'stateless_state'"));
    CU_ASSERT_PTR_NULL(k.object);
    remove_dir();
}

static void refused_json(const char *json, const char *what)
{
    new_dir(1);
    write_file("recal.json", json);
    refused(&recal_shape, what);
}

/* A good schedule with one thing changed: the text `from` becomes `to`. */
static void refused_change(const char *from, const char *to, const char *what)
{
    char json[4096];
    const char *at = strstr(good, from);
    CU_ASSERT_FATAL(at != NULL);
    sprintf(json, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    refused_json(json, what);
}

static void test_missing_and_garbled_files(void)
{
    new_dir(1);
    refused(&recal_shape, "recal.json");
    new_dir(1);
    char path[128];
    file_name(path, "recal.json");
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    refused(&recal_shape, "recal.json");
    refused_json("", "recal.json");
    refused_json("{\"top\": \"recal\", ", "recal.json:1");
    refused_json("{\n\"top\": }", "recal.json:2");
    refused_json("[1, 2]", "not a kernel's schedule");
    refused_json("{\"top\": 3}", "top");
    strcpy(dir, "/tmp/bxact-there-is-no-such-folder");
    refused(&recal_shape, "no-such-folder");
}

static void test_missing_and_garbled_objects(void)
{
    new_dir(0);
    write_file("recal.json", good);
    refused(&recal_shape, "kernels.so");
    new_dir(0);
    write_file("recal.json", good);
    write_file("kernels.so", "");
    refused(&recal_shape, "kernels.so");
    new_dir(0);
    write_file("recal.json", good);
    write_file("kernels.so", "this is not an object at all, but a text that somebody put here");
    refused(&recal_shape, "kernels.so");
}

static void test_wrong_schedules(void)
{
    refused_change("\"top\": \"recal\"", "\"top\": \"zero_suppress\"", "top");
    refused_change("\"latency\": 3", "\"latency\": 0", "latency: 0");
    refused_change("\"latency\": 3", "\"latency\": 4097", "latency: 4097");
    refused_change("\"latency\": 3", "\"latency\": \"3\"", "latency: not an integer");
    refused_change("\"latency\": 3", "\"latency\": 2.5", "latency: not an integer");
    refused_change("\"latency\": 3, ", "", "latency: missing");
    refused_change("\"latency\": 3", "\"latency\": 3, \"latency\": 4", "recal.json");
    refused_change("\"ii\": 1", "\"ii\": 2", "ii: 2");
    refused_change("\"ii\": 1, ", "", "ii: missing");
    refused_change("\"hash\": \"0123456789abcdef\"", "\"hash\": 5", "hash: missing");
    refused_change("0123456789abcdef", "0123456789abcde", "hash: 0123456789abcde");
    refused_change("0123456789abcdef", "0123456789abcdeg", "hash");
    refused_change("0123456789abcdef", "0123456789abcdee", "build the kernels anew");
}

static void test_wrong_ports(void)
{
    refused_change("\"name\": \"eta\"", "\"name\": \"theta\"", "'theta' is not the port");
    refused_change("\"width\": 64", "\"width\": 63", "'muon' is not the port");
    refused_change("\"direction\": \"in\", \"width\": 8", "\"direction\": \"out\", \"width\": 8", "'seq'");
    refused_change("\"count\": 1}]", "\"count\": 2}]", "'slot_out'");
    refused_change("," TEST_PORT("slot_out", "out", 4, 1), "", "7 of them");
    refused_change("\"ports\"", "\"parts\"", "ports");
    /* The schedule and the adapter agree, the object has other words. */
    static const struct kernel_port wide[] = {{"muon", 0, 64, 2}, {"phi", 1, 16, 1}};
    static const struct kernel_shape shape = {wide, 2, 1};
    new_dir(1);
    write_file("recal.json",
               "{\"top\": \"recal\", \"latency\": 3, \"ii\": 1, \"hash\": \"0123456789abcdef\", \"ports\": ["
                             TEST_PORT("muon", "in", 64, 2) "," TEST_PORT("phi", "out", 16, 1) "]}");
    refused(&shape, "takes 4 words and gives 5 (4 and 1)");
}

static void refused_top(const char *top, const char *what)
{
    struct kernel k;
    struct message m = {""};
    char name[64], text[2048];
    sprintf(name, "%s.json", top);
    sprintf(text, "{\"top\": \"%s\", \"latency\": 3, \"ii\": 1, \"hash\": \"0123456789abcdef\","
                  " \"ports\": [%s]}",
            top, RECAL_PORTS);
    new_dir(1);
    write_file(name, text);
    CU_ASSERT_EQUAL(kernel_open(&k, dir, top, &recal_shape, &m), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, what));
    file_name(text, name);
    unlink(text);
    remove_dir();
}

static void test_object_without_the_kernel(void)
{
    refused_top("pair", "no symbol 'pair_kernel'");
    refused_top("misnamed", "not the native form of 'misnamed'");
}

/* ---- adapters ---- */

static void test_zero_suppress_passes_everything_through(void)
{
    const char *kernels = wiring_make_kernels(3, 1);
    struct board_cfg cfg = {.zs_pt_min = 100, .zs_slots = 0x5a5a};
    struct zero_suppress_cfg golden = {100, 0x5a5a};
    static struct link_align_out sent[1000];
    struct board_bus board = {0};
    struct bus_view now = {.board = &board};
    struct zero_suppress s;
    struct message m;
    struct rng r;
    unsigned kept = 0;
    rng_seed(&r, test_seed());
    CU_ASSERT_FATAL(kernels && zero_suppress_init(&s, &cfg, kernels, &m) == 0);
    for (unsigned n = 0; n < 1000; n++) {
        struct link_align_out *in = &sent[n];
        struct zero_suppress_out out;
        for (unsigned i = 0; i < BX_WORDS; i++)
            in->block.w[i] = (uint32_t)(rng_next(&r) & rng_next(&r) & rng_next(&r) & rng_next(&r));
        in->valid = rng_below(&r, 2);
        in->err = n;
        in->crc_bad = n >> 1;
        in->mismatch = n >> 2;
        in->bx = n * 3;
        in->orbit = 0xffffff00u + n;
        board.link_align = *in;
        memset(&out, 0xa5, sizeof out);
        zero_suppress_step(&s, &now, &out);
        const struct link_align_out *was = n >= 2 ? &sent[n - 2] : &(struct link_align_out){0};
        CU_ASSERT_EQUAL_FATAL(out.valid, was->valid);
        if (!out.valid)
            continue;
        CU_ASSERT_EQUAL(out.keep, zero_suppress_keep(&golden, &was->block));
        CU_ASSERT_EQUAL(out.err, was->err);
        CU_ASSERT_EQUAL(out.crc_bad, was->crc_bad);
        CU_ASSERT_EQUAL(out.mismatch, was->mismatch);
        CU_ASSERT_EQUAL(out.bx, was->bx);
        CU_ASSERT_EQUAL(out.orbit, was->orbit);
        CU_ASSERT_EQUAL(memcmp(&out.block, &was->block, sizeof out.block), 0);
        kept += out.keep;
    }
    CU_ASSERT(kept > 10 && kept < 490);
    zero_suppress_release(&s);
    wiring_remove_kernels(kernels);
}

static void check_result(const struct recal_result *out, const struct feed_muon *was)
{
    CU_ASSERT_EQUAL_FATAL(out->valid, was->valid);
    if (!out->valid)
        return;
    CU_ASSERT_EQUAL(out->phi, test_recal(was->muon, 0));
    CU_ASSERT_EQUAL(out->eta, test_recal(was->muon, 1));
    CU_ASSERT_EQUAL(out->pt, test_recal(was->muon, 2));
    CU_ASSERT_EQUAL(out->seq, was->seq);
    CU_ASSERT_EQUAL(out->slot, was->slot);
}

static void test_recal_serves_each_engine(void)
{
    enum { LATENCY = 5, EDGES = 1000 };
    const char *kernels = wiring_make_kernels(1, LATENCY);
    static struct feed_muon sent[EDGES + LATENCY][MAX_ENGINES];
    struct board_cfg cfg = {.engines = 2};
    struct board_bus board = {0};
    struct bus_view now = {.board = &board};
    struct recal s;
    struct message m;
    struct rng r;
    rng_seed(&r, test_seed());
    CU_ASSERT_FATAL(kernels && recal_init(&s, &cfg, kernels, &m) == 0);
    for (unsigned n = LATENCY; n < EDGES + LATENCY; n++) {
        struct recal_out out;
        for (unsigned e = 0; e < cfg.engines; e++)
            board.muon_feed.muon[e] = sent[n][e] = (struct feed_muon){
                rng_below(&r, 2), (uint8_t)rng_next(&r), rng_below(&r, 16), rng_next(&r)};
        memset(&out, 0xa5, sizeof out);
        recal_step(&s, &now, &out);
        for (unsigned e = 0; e < MAX_ENGINES; e++)
            check_result(&out.result[e], &sent[n + 1 - LATENCY][e]);
    }
    recal_release(&s);
    wiring_remove_kernels(kernels);
}

TEST_MAIN("model/kernel_pipe", TEST(test_results_come_out_after_the_latency),
          TEST(test_instances_have_states_of_their_own), TEST(test_kernel_without_call_and_state),
          TEST(test_missing_and_garbled_files),
          TEST(test_missing_and_garbled_objects), TEST(test_wrong_schedules), TEST(test_wrong_ports),
          TEST(test_object_without_the_kernel), TEST(test_zero_suppress_passes_everything_through),
          TEST(test_recal_serves_each_engine))

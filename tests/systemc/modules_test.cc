/* The modules in somebody else's SystemC: an input board alone, clocked by sc_clock, with line words from C and
 * the blocks caught by a module of the test; and their values in print and in a VCD file. */
#include "emu/systemc/chain_modules.h"

extern "C" {
#include "golden/formats/link_words.h"
#include "golden/stimulus/generator.h"
#include "tests/harness.h"
#include "tests/model/wiring.h"
}

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <vector>

using sc_core::sc_in;
using sc_core::sc_out;
using sc_core::sc_signal;

namespace {

struct SentBx {
    uint32_t orbit;
    uint16_t bx;
    struct bx_block block;
};

/* Line words without skew, made by the formats' encoder: another source than gmt_link. */
struct Sender : sc_core::sc_module {
    sc_in<bool> clk;
    sc_out<struct line_in> words;
    std::vector<SentBx> sent;

    Sender(sc_core::sc_module_name name, uint64_t seed) : sc_module(name)
    {
        struct generator_cfg cfg = generator_default();
        const uint32_t ids[LANES] = {};
        cfg.seed = seed;
        generator = generator_new(&cfg, nullptr);
        CU_ASSERT_FATAL(link_lanes_init(&lanes, LINK_GAP_FIRST, ids, 240000000, 250000000) == 0);
        ticks.resize(link_lanes_max_ticks(&lanes));
        SC_HAS_PROCESS(Sender);
        SC_METHOD(step);
        sensitive << clk.pos();
    }
    ~Sender() override { generator_free(generator); }

private:
    void next_bx()
    {
        SentBx s = {orbit, bx, {}};
        bool gap = link_in_gap(bx, LINK_GAP_FIRST);
        if (!gap) {
            generator_bx(generator, orbit, bx, &s.block);
            sent.push_back(s);
        }
        count = link_lanes_bx(&lanes, bx, gap ? nullptr : &s.block, ticks.data());
        at = 0;
        bx = (bx + 1) % BX_PER_ORBIT;
        orbit += bx == 0;
    }
    void step()
    {
        if (at == count)
            next_bx();
        struct line_in in;
        memcpy(in.data, ticks[at].data, sizeof in.data);
        memcpy(in.k, ticks[at].k, sizeof in.k);
        at++;
        words.write(in);
    }

    struct generator *generator;
    struct link_lanes lanes;
    std::vector<struct link_tick> ticks;
    size_t at = 0, count = 0;
    uint32_t orbit = 1;
    uint16_t bx = 3500;
};

struct Catcher : sc_core::sc_module {
    sc_in<bool> clk;
    sc_in<struct link_align_out> in;
    std::vector<SentBx> caught;

    Catcher(sc_core::sc_module_name name) : sc_module(name)
    {
        SC_HAS_PROCESS(Catcher);
        SC_METHOD(step);
        sensitive << clk.pos();
        dont_initialize();
    }

private:
    void step()
    {
        const struct link_align_out &v = in.read();
        if (v.valid)
            caught.push_back({v.orbit, v.bx, v.block});
    }
};

struct Bench : sc_core::sc_module {
    sc_core::sc_clock line_clk{"line_clk", 4, sc_core::SC_NS};
    sc_core::sc_clock board_clk{"board_clk", 4150, sc_core::SC_PS};
    sc_signal<struct line_in> words{"words"};
    sc_signal<struct link_rx_out> link_rx{"link_rx"};
    sc_signal<struct cdc_rx_out> cdc_rx{"cdc_rx"};
    sc_signal<struct link_align_out> link_align{"link_align"};
    sc_signal<uint32_t> losses{"losses"};
    Sender sender;
    pins::InputBoard board;
    Catcher catcher{"catcher"};

    Bench(sc_core::sc_module_name name, const struct board_cfg &cfg)
        : sc_module(name), sender("sender", test_seed()), board("board", cfg)
    {
        sender.clk(line_clk);
        sender.words(words);
        board.line_clk(line_clk);
        board.board_clk(board_clk);
        board.words(words);
        board.link_rx(link_rx);
        board.cdc_rx(cdc_rx);
        board.link_align(link_align);
        board.losses(losses);
        catcher.clk(board_clk);
        catcher.in(link_align);
    }
};

} // namespace

/* What was caught is the tail of what was sent, from BX 0 of orbit 2 on. */
static void compare(const std::vector<SentBx> &sent, const std::vector<SentBx> &caught)
{
    size_t start = 0;
    while (start < sent.size() && (sent[start].orbit != 2 || sent[start].bx != 0))
        start++;
    CU_ASSERT_FATAL(start + caught.size() <= sent.size() && caught.size() > 4000);
    size_t wrong = 0;
    for (size_t i = 0; i < caught.size(); i++) {
        const SentBx &s = sent[start + i], &c = caught[i];
        wrong += s.orbit != c.orbit || s.bx != c.bx || memcmp(&s.block, &c.block, sizeof s.block) != 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(sent.size() - start - caught.size() < 10); /* the rest is still on its way */
}

static void test_an_input_board_serves_in_another_simulation()
{
    struct board_cfg cfg = wiring_board_cfg();
    CU_ASSERT_FATAL(simulation_begin());
    {
        Bench bench("bench", cfg);
        sc_core::sc_start(130, sc_core::SC_US);
        compare(bench.sender.sent, bench.catcher.caught);
        struct board_status status = {};
        bench.board.status(&status);
        CU_ASSERT_EQUAL(status.lane[3].crc_ok, 1); /* two gaps: the window before the first one was not whole */
        CU_ASSERT_EQUAL(status.lane[3].crc_bad, 0);
        CU_ASSERT(status.lane[3].words > 24000);
        CU_ASSERT_EQUAL(status.align_losses, bench.losses.read());
    }
    simulation_end();
}

/* ---- values ---- */

static void test_payload_counts_only_beside_valid()
{
    struct zero_suppress_out a = {}, b = {};
    b.bx = 7;
    b.block.w[47] = 1;
    CU_ASSERT(a == b);
    a.valid = b.valid = 1;
    CU_ASSERT(!(a == b));
    a.bx = 7;
    CU_ASSERT(!(a == b));
    a.block.w[47] = 1;
    CU_ASSERT(a == b);
    struct dma_out c = {}, d = {};
    d.level = 1; /* a status */
    CU_ASSERT(!(c == d));
}

static void test_values_print()
{
    struct cdc_dma_ready v = {1, 0};
    std::ostringstream text;
    text << v;
    CU_ASSERT_STRING_EQUAL(text.str().c_str(), "{ready=1 afull=0}");
    text.str("");
    struct recal_out r = {};
    r.result[1].phi = -5;
    text << r;
    CU_ASSERT(text.str().find("engine1_phi=-5") != std::string::npos);
}

static void test_ports_can_be_traced()
{
    char name[] = "/tmp/bxact-trace-XXXXXX";
    int fd = mkstemp(name);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    struct board_cfg cfg = wiring_board_cfg();
    CU_ASSERT_FATAL(simulation_begin());
    {
        Bench bench("bench", cfg);
        sc_core::sc_trace_file *file = sc_core::sc_create_vcd_trace_file(name);
        sc_core::sc_trace(file, bench.link_rx, "link_rx");
        sc_core::sc_trace(file, bench.link_align, "link_align");
        sc_core::sc_start(8, sc_core::SC_US); /* through the first gap */
        sc_core::sc_close_vcd_trace_file(file);
    }
    simulation_end();
    std::string path = std::string(name) + ".vcd";
    std::ifstream in(path);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    CU_ASSERT(text.find("$scope module link_rx $end") != std::string::npos);
    CU_ASSERT(text.find(" w47 ") != std::string::npos);
    CU_ASSERT(text.find("b11111111 ") != std::string::npos); /* all lanes lock */
    unlink(path.c_str());
    unlink(name);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST(test_an_input_board_serves_in_another_simulation),
        TEST(test_payload_counts_only_beside_valid),
        TEST(test_values_print),
        TEST(test_ports_can_be_traced),
    };
    return test_main(argc, argv, "systemc/modules", cases, sizeof cases / sizeof *cases);
}

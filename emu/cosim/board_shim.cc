// The Verilated board as a table of C functions (board_abi.h). Compiled into each board.so by
// tools/build_board, with BOARD_ENGINES, BOARD_SYNC_STAGES as the board was built, and BOARD_TRACE when it
// can write waveforms.
#include "emu/cosim/board_abi.h"

#include "Vboard.h"
#include "emu/model/blocks.h"
#include "verilated.h"
#if BOARD_TRACE
#include "verilated_vcd_c.h"
#endif

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

// Verilator's runtime goes on after a missing $readmem file, with wrong data. Here every complaint ends it.
void vl_warn(const char *file, int line, const char *, const char *message)
{
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + message);
}
void vl_fatal(const char *file, int line, const char *hier, const char *message)
{
    vl_warn(file, line, hier, message);
}
void vl_stop(const char *file, int line, const char *hier)
{
    vl_warn(file, line, hier, "the Verilog stopped ($stop)");
}
void vl_finish(const char *file, int line, const char *hier)
{
    vl_warn(file, line, hier, "the Verilog ended the simulation ($finish)");
}

namespace
{

// Edges with reset on: more than the deepest chain of registers that only load during reset.
enum { RESET_EDGES = 16 };

struct Board {
    VerilatedContext context;
    std::unique_ptr<Vboard> top;
    unsigned high = 0;     // clocks that are high, a bit per domain
    unsigned injected = 0; // blocks that the board sees injected, a bit per block
    std::string fault;     // why the Verilog gave up, if it did
#if BOARD_TRACE
    std::unique_ptr<VerilatedVcdC> vcd;
#endif
};

template <size_t N> void copy(uint32_t *to, const VlWide<N> &from)
{
    memcpy(to, from.data(), N * sizeof *to);
}

template <size_t N> void copy(VlWide<N> &to, const uint32_t *from)
{
    memcpy(to.data(), from, N * sizeof *from);
}

void configure(Vboard &t, const board_cfg &cfg)
{
    t.cfg_run3_i = cfg.run3;
    t.cfg_gap_first_i = cfg.gap_first;
    t.cfg_final_lanes_i = cfg.final_lanes;
    t.cfg_align_depth_i = cfg.align_depth;
    t.cfg_zs_pt_min_i = cfg.zs_pt_min;
    t.cfg_zs_slots_i = cfg.zs_slots;
    t.cfg_feed_select_i = cfg.feed_select;
    t.cfg_feed_depth_i = cfg.feed_depth;
    t.cfg_pack_corrections_i = cfg.pack_corrections;
    t.cfg_pack_depth_i = cfg.pack_depth;
    t.cfg_orbits_per_packet_i = cfg.orbits_per_packet;
    t.cfg_drop_policy_i = cfg.drop_policy;
    t.cfg_dma_depth_i = cfg.dma_depth;
    t.cfg_dma_reserve_i = cfg.dma_reserve;
}

// Sets the clocks of `domains` high and the others low: falling and rising clocks share one evaluation.
void set_clocks(Board &b, unsigned domains)
{
    Vboard &t = *b.top;
    t.clk_line_i = domains >> DOMAIN_LINE & 1;
    t.clk_board_i = domains >> DOMAIN_BOARD & 1;
    t.clk_host_i = domains >> DOMAIN_HOST & 1;
    b.high = domains;
    t.eval();
}

// The callers are C: nothing is thrown at them.
void give_up(Board &b, const char *why)
{
    b.fault = why;
    fprintf(stderr, "the board's Verilog gave up: %s\n", why);
}

void tick(Board &b, unsigned domains)
{
    if (b.high & domains) // a clock must fall before it can rise again
        set_clocks(b, 0);
    set_clocks(b, domains);
}

void set_outside(Vboard &t, unsigned domains, const bus_view &now)
{
    if (domains & 1u << DOMAIN_LINE) {
        uint32_t k = 0;
        for (unsigned l = 0; l < LANES; l++)
            k |= (uint32_t)(now.in->k[l] & 15) << 4 * l;
        t.line_k_i = k;
        copy(t.line_data_i, now.in->data);
    }
    t.stop_i = now.stop != 0;
    t.bus_ready_i = now.bus_ready != 0;
}

uint32_t flags(uint8_t mismatch, uint8_t crc_bad, uint8_t err)
{
    return (uint32_t)mismatch << 16 | (uint32_t)crc_bad << 8 | err;
}

void inject_line(Vboard &t, const line_bus &bus)
{
    const link_rx_out &o = bus.link_rx;
    t.inj_link_rx_valid_i = o.valid;
    t.inj_link_rx_first_i = o.first;
    t.inj_link_rx_err_i = o.err;
    t.inj_link_rx_crc_bad_i = o.crc_bad;
    copy(t.inj_link_rx_data_i, o.data);
}

void inject_cdc_rx(Vboard &t, const cdc_rx_out &o)
{
    t.inj_cdc_rx_valid_i = o.valid;
    t.inj_cdc_rx_first_i = o.first;
    t.inj_cdc_rx_err_i = o.err;
    t.inj_cdc_rx_crc_bad_i = o.crc_bad;
    copy(t.inj_cdc_rx_data_i, o.data);
}

void inject_link_align(Vboard &t, const link_align_out &o)
{
    t.inj_link_align_valid_i = o.valid;
    if (!o.valid)
        return;
    t.inj_link_align_flags_i = flags(o.mismatch, o.crc_bad, o.err);
    t.inj_link_align_bx_i = o.bx;
    t.inj_link_align_orbit_i = o.orbit;
    copy(t.inj_link_align_block_i, o.block.w);
}

void inject_zero_suppress(Vboard &t, const zero_suppress_out &o)
{
    t.inj_zero_suppress_valid_i = o.valid;
    if (!o.valid)
        return;
    t.inj_zero_suppress_keep_i = o.keep;
    t.inj_zero_suppress_flags_i = flags(o.mismatch, o.crc_bad, o.err);
    t.inj_zero_suppress_bx_i = o.bx;
    t.inj_zero_suppress_orbit_i = o.orbit;
    copy(t.inj_zero_suppress_block_i, o.block.w);
}

void inject_muons(Vboard &t, const muon_feed_out &o)
{
    uint32_t valid = 0, slots = 0;
    for (unsigned e = 0; e < MAX_ENGINES; e++) {
        const feed_muon &m = o.muon[e];
        if (!m.valid)
            continue;
        valid |= 1u << e;
        slots |= (uint32_t)(m.slot & 15) << 4 * e;
        t.inj_muon_feed_muon_seq_i = m.seq;
        t.inj_muon_feed_muon_i[2 * e] = (uint32_t)m.muon;
        t.inj_muon_feed_muon_i[2 * e + 1] = (uint32_t)(m.muon >> 32);
    }
    t.inj_muon_feed_muon_valid_i = valid;
    t.inj_muon_feed_muon_slot_i = slots;
}

void inject_muon_feed(Vboard &t, const muon_feed_out &o)
{
    inject_muons(t, o);
    t.inj_muon_feed_valid_i = o.valid;
    if (!o.valid)
        return;
    t.inj_muon_feed_keep_i = o.keep;
    t.inj_muon_feed_seq_i = o.seq;
    t.inj_muon_feed_bx_i = o.bx;
    t.inj_muon_feed_queued_i = o.queued;
    t.inj_muon_feed_skipped_i = o.skipped;
    t.inj_muon_feed_orbit_i = o.orbit;
    copy(t.inj_muon_feed_block_i, o.block.w);
}

void inject_recal(Vboard &t, const recal_out &o)
{
    uint32_t valid = 0, seq = 0, slot = 0;
    uint64_t phi = 0, eta = 0, pt = 0;
    for (unsigned e = 0; e < MAX_ENGINES; e++) {
        const recal_result &r = o.result[e];
        if (!r.valid)
            continue;
        valid |= 1u << e;
        seq |= (uint32_t)r.seq << 8 * e;
        slot |= (uint32_t)(r.slot & 15) << 4 * e;
        phi |= (uint64_t)(uint16_t)r.phi << 16 * e;
        eta |= (uint64_t)(uint16_t)r.eta << 16 * e;
        pt |= (uint64_t)(uint16_t)r.pt << 16 * e;
    }
    t.inj_recal_valid_i = valid;
    t.inj_recal_seq_i = seq;
    t.inj_recal_slot_i = slot;
    t.inj_recal_phi_i = phi;
    t.inj_recal_eta_i = eta;
    t.inj_recal_pt_i = pt;
}

void inject_event_pack(Vboard &t, const event_pack_out &o)
{
    t.inj_event_pack_valid_i = o.valid;
    t.inj_event_pack_kind_i = o.kind;
    copy(t.inj_event_pack_w_i, o.w);
}

void inject_cdc_dma(Vboard &t, const cdc_dma_ready &back, const cdc_dma_out &o)
{
    t.inj_cdc_dma_ready_i = back.ready;
    t.inj_cdc_dma_afull_i = back.afull;
    t.inj_cdc_dma_valid_i = o.valid;
    t.inj_cdc_dma_kind_i = o.kind;
    copy(t.inj_cdc_dma_w_i, o.w);
}

void inject_values(Vboard &t, const bus_view &now, unsigned inject)
{
    if (inject & 1u << BLOCK_LINK_RX)
        inject_line(t, *now.line);
    if (inject & 1u << BLOCK_CDC_RX)
        inject_cdc_rx(t, now.board->cdc_rx);
    if (inject & 1u << BLOCK_LINK_ALIGN)
        inject_link_align(t, now.board->link_align);
    if (inject & 1u << BLOCK_ZERO_SUPPRESS)
        inject_zero_suppress(t, now.board->zero_suppress);
    if (inject & 1u << BLOCK_MUON_FEED)
        inject_muon_feed(t, now.board->muon_feed);
    if (inject & 1u << BLOCK_RECAL)
        inject_recal(t, now.board->recal);
    if (inject & 1u << BLOCK_EVENT_PACK)
        inject_event_pack(t, now.board->event_pack);
    if (inject & 1u << BLOCK_CDC_DMA)
        inject_cdc_dma(t, now.board->cdc_dma_ready, now.host->cdc_dma);
    if (inject & 1u << BLOCK_DMA) {
        t.inj_dma_ready_i = now.host->dma.ready;
        t.inj_dma_afull_i = now.host->dma.afull;
    }
}

// One edge of the injection clock, which the board has only for this.
void capture(Board &b, unsigned inject)
{
    b.top->inject_i = inject;
    b.top->clk_inject_i = 1;
    set_clocks(b, 0);
    b.top->clk_inject_i = 0; // falls with the next evaluation
    b.injected = inject;
}

void show_line(const Vboard &t, line_bus &bus)
{
    link_rx_out &o = bus.link_rx;
    o.valid = t.link_rx_valid_o;
    o.lock = t.link_rx_lock_o;
    if (!o.valid)
        return;
    o.first = t.link_rx_first_o;
    o.err = t.link_rx_err_o;
    o.crc_bad = t.link_rx_crc_bad_o;
    copy(o.data, t.link_rx_data_o);
}

void show_cdc_rx(const Vboard &t, cdc_rx_out &o)
{
    o.valid = t.cdc_rx_valid_o;
    if (!o.valid)
        return;
    o.first = t.cdc_rx_first_o;
    o.err = t.cdc_rx_err_o;
    o.crc_bad = t.cdc_rx_crc_bad_o;
    copy(o.data, t.cdc_rx_data_o);
}

void show_link_align(const Vboard &t, link_align_out &o)
{
    o.valid = t.link_align_valid_o;
    o.aligned = t.link_align_aligned_o;
    o.live = t.link_align_live_o;
    if (!o.valid)
        return;
    o.err = t.link_align_err_o;
    o.crc_bad = t.link_align_crc_bad_o;
    o.mismatch = t.link_align_mismatch_o;
    o.bx = t.link_align_bx_o;
    o.orbit = t.link_align_orbit_o;
    copy(o.block.w, t.link_align_block_o);
}

void show_zero_suppress(const Vboard &t, zero_suppress_out &o)
{
    o.valid = t.zero_suppress_valid_o;
    if (!o.valid)
        return;
    o.keep = t.zero_suppress_keep_o;
    o.err = (uint8_t)t.zero_suppress_flags_o;
    o.crc_bad = (uint8_t)(t.zero_suppress_flags_o >> 8);
    o.mismatch = (uint8_t)(t.zero_suppress_flags_o >> 16);
    o.bx = t.zero_suppress_bx_o;
    o.orbit = t.zero_suppress_orbit_o;
    copy(o.block.w, t.zero_suppress_block_o);
}

void show_muons(const Vboard &t, muon_feed_out &o)
{
    for (unsigned e = 0; e < MAX_ENGINES; e++) {
        feed_muon &m = o.muon[e];
        m.valid = t.muon_feed_muon_valid_o >> e & 1;
        if (!m.valid)
            continue;
        m.seq = t.muon_feed_muon_seq_o;
        m.slot = t.muon_feed_muon_slot_o >> 4 * e & 15;
        m.muon = (uint64_t)t.muon_feed_muon_o[2 * e + 1] << 32 | t.muon_feed_muon_o[2 * e];
    }
}

void show_muon_feed(const Vboard &t, muon_feed_out &o)
{
    o.valid = t.muon_feed_valid_o;
    o.level = t.muon_feed_level_o;
    show_muons(t, o);
    if (!o.valid)
        return;
    o.keep = t.muon_feed_keep_o;
    o.err = (uint8_t)t.muon_feed_flags_o;
    o.crc_bad = (uint8_t)(t.muon_feed_flags_o >> 8);
    o.mismatch = (uint8_t)(t.muon_feed_flags_o >> 16);
    o.seq = t.muon_feed_seq_o;
    o.bx = t.muon_feed_bx_o;
    o.queued = t.muon_feed_queued_o;
    o.skipped = t.muon_feed_skipped_o;
    o.orbit = t.muon_feed_orbit_o;
    copy(o.block.w, t.muon_feed_block_o);
}

void show_recal(const Vboard &t, recal_out &o)
{
    for (unsigned e = 0; e < MAX_ENGINES; e++) {
        recal_result &r = o.result[e];
        r.valid = t.recal_valid_o >> e & 1;
        if (!r.valid)
            continue;
        r.seq = (uint8_t)(t.recal_seq_o >> 8 * e);
        r.slot = t.recal_slot_o >> 4 * e & 15;
        r.phi = (int16_t)(t.recal_phi_o >> 16 * e);
        r.eta = (int16_t)(t.recal_eta_o >> 16 * e);
        r.pt = (int16_t)(t.recal_pt_o >> 16 * e);
    }
}

void show_event_pack(const Vboard &t, event_pack_out &o)
{
    o.valid = t.event_pack_valid_o;
    o.level = t.event_pack_level_o;
    o.dropped = t.event_pack_dropped_o;
    if (!o.valid)
        return;
    o.kind = t.event_pack_kind_o;
    o.index = t.event_pack_index_o;
    o.bx = t.event_pack_bx_o;
    o.orbit = t.event_pack_orbit_o;
    copy(o.w, t.event_pack_w_o);
}

void show_board(const Vboard &t, board_bus &bus)
{
    show_cdc_rx(t, bus.cdc_rx);
    show_link_align(t, bus.link_align);
    show_zero_suppress(t, bus.zero_suppress);
    show_muon_feed(t, bus.muon_feed);
    show_recal(t, bus.recal);
    show_event_pack(t, bus.event_pack);
    bus.cdc_dma_ready.ready = t.cdc_dma_ready_o;
    bus.cdc_dma_ready.afull = t.cdc_dma_afull_o;
}

void show_host(const Vboard &t, host_bus &bus)
{
    bus.cdc_dma.valid = t.cdc_dma_valid_o;
    if (bus.cdc_dma.valid) {
        bus.cdc_dma.kind = t.cdc_dma_kind_o;
        copy(bus.cdc_dma.w, t.cdc_dma_w_o);
    }
    bus.dma.valid = t.dma_valid_o;
    bus.dma.ready = t.dma_ready_o;
    bus.dma.afull = t.dma_afull_o;
    bus.dma.level = t.dma_level_o;
    if (bus.dma.valid) {
        bus.dma.kind = t.dma_kind_o;
        copy(bus.dma.w, t.dma_w_o);
    }
}

// Verilator's generator takes 31 bits and reads 0 as "choose one".
int fold_seed(uint64_t seed)
{
    seed = (seed ^ seed >> 31) * 0x9e3779b97f4a7c15u;
    int folded = (int)(seed >> 33);
    return folded ? folded : 1;
}

void *open_board(const board_cfg *cfg, uint64_t random_seed, char *error, size_t size)
{
    try {
        std::unique_ptr<Board> b(new Board);
        b->context.randReset(2);
        b->context.randSeed(fold_seed(random_seed));
        b->context.traceEverOn(BOARD_TRACE);
        Verilated::threadContextp(&b->context); // the generator asks the thread's context
        b->top.reset(new Vboard(&b->context));
        configure(*b->top, *cfg);
        b->top->clk_inject_i = 0;
        set_clocks(*b, 0); // runs the initial blocks, where a missing memory file shows
        return b.release();
    } catch (const std::exception &e) {
        snprintf(error, size, "%s", e.what());
        return nullptr;
    }
}

void reset_edges(Board &b)
{
    Vboard &t = *b.top;
    capture(b, 0);
    t.rst_line_i = t.rst_board_i = t.rst_host_i = 1;
    for (int i = 0; i < RESET_EDGES; i++)
        tick(b, (1u << DOMAINS) - 1);
    t.rst_line_i = t.rst_board_i = t.rst_host_i = 0;
    set_clocks(b, 0);
}

void reset_board(void *board)
{
    Board &b = *static_cast<Board *>(board);
    try {
        reset_edges(b);
    } catch (const std::exception &e) {
        give_up(b, e.what());
    }
}

void edge_of_board(void *board, unsigned domains, const bus_view *now, unsigned inject, line_bus *line,
                   board_bus *to, host_bus *host)
{
    Board &b = *static_cast<Board *>(board);
    Vboard &t = *b.top;
    if (!b.fault.empty())
        return;
    try {
        set_outside(t, domains, *now);
        if (inject | b.injected) {
            inject_values(t, *now, inject);
            capture(b, inject);
        }
        tick(b, domains);
    } catch (const std::exception &e) {
        give_up(b, e.what());
        return;
    }
    if (domains & 1u << DOMAIN_LINE)
        show_line(t, *line);
    if (domains & 1u << DOMAIN_BOARD)
        show_board(t, *to);
    if (domains & 1u << DOMAIN_HOST)
        show_host(t, *host);
}

void show_all(void *board, line_bus *line, board_bus *to, host_bus *host)
{
    const Vboard &t = *static_cast<Board *>(board)->top;
    show_line(t, *line);
    show_board(t, *to);
    show_host(t, *host);
}

void inject_losses(void *board, uint32_t losses)
{
    static_cast<Board *>(board)->top->inj_link_align_losses_i = losses;
}

uint32_t link_id(const VlWide<5> &ids, unsigned lane)
{
    unsigned bit = 20 * lane, word = bit / 32;
    uint64_t pair = ids[word] | (uint64_t)(word + 1 < 5 ? ids[word + 1] : 0) << 32;
    return (uint32_t)(pair >> bit % 32) & 0xfffff;
}

void lane_status(const Vboard &t, unsigned l, struct lane_status &s)
{
    s.words = t.status_words_o[l];
    s.pads = t.status_pads_o[l];
    s.commas = t.status_commas_o[l];
    s.k_errors = t.status_k_errors_o[l];
    s.crc_ok = t.status_crc_ok_o[l];
    s.crc_bad = t.status_crc_bad_o[l];
    s.lock_losses = t.status_lock_losses_o[l];
    s.link_id = link_id(t.status_link_id_o, l);
    s.cdc_overflows = t.status_cdc_overflows_o[l];
}

void status_of_board(void *board, struct board_status *s)
{
    const Vboard &t = *static_cast<Board *>(board)->top;
    for (unsigned l = 0; l < LANES; l++)
        lane_status(t, l, s->lane[l]);
    s->align_losses = t.status_align_losses_o;
    s->align_overflows = t.status_align_overflows_o;
    s->mismatches = t.status_mismatches_o;
    s->feed_queued = t.status_feed_queued_o;
    s->feed_skipped = t.status_feed_skipped_o;
    s->pack_dropped_orbits = t.status_pack_dropped_orbits_o;
    s->pack_dropped_bx = t.status_pack_dropped_bx_o;
    s->pack_orbits = t.status_pack_orbits_o;
    s->pack_packets = t.status_pack_packets_o;
}

const char *fault_of_board(void *board)
{
    const std::string &fault = static_cast<Board *>(board)->fault;
    return fault.empty() ? nullptr : fault.c_str();
}

uint64_t hash_zero_suppress(void *board) { return static_cast<Board *>(board)->top->hash_zero_suppress_o; }
uint64_t hash_recal(void *board) { return static_cast<Board *>(board)->top->hash_recal_o; }

#if BOARD_TRACE
int trace_open(void *board, const char *path)
{
    Board &b = *static_cast<Board *>(board);
    b.vcd.reset(new VerilatedVcdC);
    b.top->trace(b.vcd.get(), 99);
    b.vcd->set_time_unit("1ps");
    b.vcd->set_time_resolution("1ps");
    b.vcd->open(path);
    if (b.vcd->isOpen())
        return 0;
    b.vcd.reset();
    return -1;
}

void trace_dump(void *board, uint64_t time_ps)
{
    Board &b = *static_cast<Board *>(board);
    if (b.vcd)
        b.vcd->dump(time_ps);
}

void trace_close(void *board)
{
    Board &b = *static_cast<Board *>(board);
    if (b.vcd)
        b.vcd->close();
    b.vcd.reset();
}
#else
int trace_open(void *, const char *) { return -1; }
void trace_dump(void *, uint64_t) {}
void trace_close(void *) {}
#endif

void close_board(void *board)
{
    trace_close(board);
    Board *b = static_cast<Board *>(board);
    try {
        b->top->final();
    } catch (const std::exception &e) {
        give_up(*b, e.what());
    }
    delete b;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const board_abi bxact_board = {
    BOARD_ABI_VERSION, BOARD_ABI_BUS_BYTES, BOARD_ENGINES,      BOARD_SYNC_STAGES, BOARD_TRACE,
    open_board,        reset_board,         edge_of_board,      fault_of_board,    show_all,
    inject_losses,     status_of_board,     hash_zero_suppress, hash_recal,        trace_open,
    trace_dump,        trace_close,         close_board,
};

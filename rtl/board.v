// The input board: links in, DMA frames out, every block boundary shown (docs/chain.md; names as in
// emu/model/bus.h).
//
// Clocks and resets are one pair a domain: line (links), board (6 x LHC), host (DMA). The configuration
// (names as in emu/model/board_cfg.h) is taken over during reset. Masks have bit l for lane l, or bit e for
// engine e; a field of several lanes or engines is flattened, element k at [W * k +: W]; flags are {mismatch,
// crc_bad, err}.
//
// INJECT = 1 adds a verification port: a rising clk_inject_i captures inject_i and inj_*, and until the next
// one everybody downstream of the blocks that have their bit in inject_i (enum block of emu/model/blocks.h)
// sees the captured values instead of the block. The outputs always show the block itself.
//
// `zero_suppress` and `recal` are the kernels.
module board #(
    parameter ENGINES = 3,     // 1..3
    parameter SYNC_STAGES = 2, // 2..4
    parameter INJECT = 0
) (
    input  wire          clk_line_i,
    input  wire          rst_line_i,
    input  wire          clk_board_i,
    input  wire          rst_board_i,
    input  wire          clk_host_i,
    input  wire          rst_host_i,

    // configuration
    input  wire          cfg_run3_i,
    input  wire [11:0]   cfg_gap_first_i,
    input  wire [7:0]    cfg_final_lanes_i,
    input  wire [9:0]    cfg_align_depth_i,
    input  wire [8:0]    cfg_zs_pt_min_i,
    input  wire [15:0]   cfg_zs_slots_i,
    input  wire [1:0]    cfg_feed_select_i,
    input  wire [4:0]    cfg_feed_depth_i,
    input  wire [1:0]    cfg_pack_corrections_i,
    input  wire [6:0]    cfg_pack_depth_i,
    input  wire [11:0]   cfg_orbits_per_packet_i,
    input  wire          cfg_drop_policy_i,
    input  wire [14:0]   cfg_dma_depth_i,
    input  wire [14:0]   cfg_dma_reserve_i,

    // the outside world
    input  wire [255:0]  line_data_i,
    input  wire [31:0]   line_k_i,
    input  wire          stop_i,      // board domain
    input  wire          bus_ready_i, // host domain

    // line domain
    output wire [7:0]    link_rx_valid_o,
    output wire [7:0]    link_rx_first_o,
    output wire [7:0]    link_rx_err_o,
    output wire [7:0]    link_rx_crc_bad_o,
    output wire [7:0]    link_rx_lock_o,
    output wire [255:0]  link_rx_data_o,

    // board domain
    output wire [7:0]    cdc_rx_valid_o,
    output wire [7:0]    cdc_rx_first_o,
    output wire [7:0]    cdc_rx_err_o,
    output wire [7:0]    cdc_rx_crc_bad_o,
    output wire [255:0]  cdc_rx_data_o,

    output wire          link_align_valid_o,
    output wire          link_align_aligned_o,
    output wire          link_align_live_o,
    output wire [7:0]    link_align_err_o,
    output wire [7:0]    link_align_crc_bad_o,
    output wire [7:0]    link_align_mismatch_o,
    output wire [11:0]   link_align_bx_o,
    output wire [31:0]   link_align_orbit_o,
    output wire [1535:0] link_align_block_o,

    output wire          zero_suppress_valid_o,
    output wire          zero_suppress_keep_o,
    output wire [23:0]   zero_suppress_flags_o,
    output wire [11:0]   zero_suppress_bx_o,
    output wire [31:0]   zero_suppress_orbit_o,
    output wire [1535:0] zero_suppress_block_o,

    output wire          muon_feed_valid_o,
    output wire          muon_feed_keep_o,
    output wire [23:0]   muon_feed_flags_o,
    output wire [7:0]    muon_feed_seq_o,
    output wire [11:0]   muon_feed_bx_o,
    output wire [15:0]   muon_feed_queued_o,
    output wire [15:0]   muon_feed_skipped_o,
    output wire [31:0]   muon_feed_orbit_o,
    output wire [1535:0] muon_feed_block_o,
    output wire [4:0]    muon_feed_level_o,
    output wire [2:0]    muon_feed_muon_valid_o,
    output wire [7:0]    muon_feed_muon_seq_o, // of all engines
    output wire [11:0]   muon_feed_muon_slot_o,
    output wire [191:0]  muon_feed_muon_o,

    output wire [2:0]    recal_valid_o,
    output wire [23:0]   recal_seq_o,
    output wire [11:0]   recal_slot_o,
    output wire [47:0]   recal_phi_o,
    output wire [47:0]   recal_eta_o,
    output wire [47:0]   recal_pt_o,

    output wire          event_pack_valid_o,
    output wire [2:0]    event_pack_kind_o,
    output wire [4:0]    event_pack_index_o,
    output wire [6:0]    event_pack_level_o,
    output wire          event_pack_dropped_o,
    output wire [11:0]   event_pack_bx_o,
    output wire [31:0]   event_pack_orbit_o,
    output wire [255:0]  event_pack_w_o,

    output wire          cdc_dma_ready_o,
    output wire          cdc_dma_afull_o,

    // host domain
    output wire          cdc_dma_valid_o,
    output wire [2:0]    cdc_dma_kind_o,
    output wire [255:0]  cdc_dma_w_o,

    output wire          dma_valid_o,
    output wire [2:0]    dma_kind_o,
    output wire [255:0]  dma_w_o,
    output wire          dma_ready_o,
    output wire          dma_afull_o,
    output wire [14:0]   dma_level_o,

    // status: counters a lane, counters of the board
    output wire [255:0]  status_words_o,
    output wire [255:0]  status_pads_o,
    output wire [255:0]  status_commas_o,
    output wire [255:0]  status_k_errors_o,
    output wire [255:0]  status_crc_ok_o,
    output wire [255:0]  status_crc_bad_o,
    output wire [255:0]  status_lock_losses_o,
    output wire [159:0]  status_link_id_o,
    output wire [255:0]  status_cdc_overflows_o,
    output wire [31:0]   status_align_losses_o,
    output wire [31:0]   status_align_overflows_o,
    output wire [31:0]   status_mismatches_o,
    output wire [31:0]   status_feed_queued_o,
    output wire [31:0]   status_feed_skipped_o,
    output wire [31:0]   status_pack_dropped_orbits_o,
    output wire [31:0]   status_pack_dropped_bx_o,
    output wire [31:0]   status_pack_orbits_o,
    output wire [31:0]   status_pack_packets_o,

    output wire [63:0]   hash_zero_suppress_o,
    output wire [63:0]   hash_recal_o,

    // injection, only with INJECT = 1
    input  wire          clk_inject_i,
    input  wire [8:0]    inject_i,
    input  wire [7:0]    inj_link_rx_valid_i,
    input  wire [7:0]    inj_link_rx_first_i,
    input  wire [7:0]    inj_link_rx_err_i,
    input  wire [7:0]    inj_link_rx_crc_bad_i,
    input  wire [255:0]  inj_link_rx_data_i,
    input  wire [7:0]    inj_cdc_rx_valid_i,
    input  wire [7:0]    inj_cdc_rx_first_i,
    input  wire [7:0]    inj_cdc_rx_err_i,
    input  wire [7:0]    inj_cdc_rx_crc_bad_i,
    input  wire [255:0]  inj_cdc_rx_data_i,
    input  wire          inj_link_align_valid_i,
    input  wire [23:0]   inj_link_align_flags_i,
    input  wire [11:0]   inj_link_align_bx_i,
    input  wire [31:0]   inj_link_align_orbit_i,
    input  wire [1535:0] inj_link_align_block_i,
    input  wire [31:0]   inj_link_align_losses_i, // align_losses + align_overflows
    input  wire          inj_zero_suppress_valid_i,
    input  wire          inj_zero_suppress_keep_i,
    input  wire [23:0]   inj_zero_suppress_flags_i,
    input  wire [11:0]   inj_zero_suppress_bx_i,
    input  wire [31:0]   inj_zero_suppress_orbit_i,
    input  wire [1535:0] inj_zero_suppress_block_i,
    input  wire          inj_muon_feed_valid_i,
    input  wire          inj_muon_feed_keep_i,
    input  wire [7:0]    inj_muon_feed_seq_i,
    input  wire [11:0]   inj_muon_feed_bx_i,
    input  wire [15:0]   inj_muon_feed_queued_i,
    input  wire [15:0]   inj_muon_feed_skipped_i,
    input  wire [31:0]   inj_muon_feed_orbit_i,
    input  wire [1535:0] inj_muon_feed_block_i,
    input  wire [2:0]    inj_muon_feed_muon_valid_i,
    input  wire [7:0]    inj_muon_feed_muon_seq_i,
    input  wire [11:0]   inj_muon_feed_muon_slot_i,
    input  wire [191:0]  inj_muon_feed_muon_i,
    input  wire [2:0]    inj_recal_valid_i,
    input  wire [23:0]   inj_recal_seq_i,
    input  wire [11:0]   inj_recal_slot_i,
    input  wire [47:0]   inj_recal_phi_i,
    input  wire [47:0]   inj_recal_eta_i,
    input  wire [47:0]   inj_recal_pt_i,
    input  wire          inj_event_pack_valid_i,
    input  wire [2:0]    inj_event_pack_kind_i,
    input  wire [255:0]  inj_event_pack_w_i,
    input  wire          inj_cdc_dma_ready_i,
    input  wire          inj_cdc_dma_afull_i,
    input  wire          inj_cdc_dma_valid_i,
    input  wire [2:0]    inj_cdc_dma_kind_i,
    input  wire [255:0]  inj_cdc_dma_w_i,
    input  wire          inj_dma_ready_i,
    input  wire          inj_dma_afull_i
);
    // The configuration as taken over during reset: registers, so that nothing is evaluated when inputs move.
    reg         run3, drop_policy;
    reg  [11:0] gap_first, orbits_per_packet;
    reg  [7:0]  final_lanes;
    reg  [9:0]  align_depth;
    reg  [8:0]  zs_pt_min;
    reg  [15:0] zs_slots;
    reg  [1:0]  feed_select, pack_corrections;
    reg  [4:0]  feed_depth;
    reg  [6:0]  pack_depth;
    reg  [14:0] dma_depth, dma_reserve;

    always @(posedge clk_board_i)
        if (rst_board_i) begin
            run3 <= cfg_run3_i;
            gap_first <= cfg_gap_first_i;
            final_lanes <= cfg_final_lanes_i;
            align_depth <= cfg_align_depth_i;
            zs_pt_min <= cfg_zs_pt_min_i;
            zs_slots <= cfg_zs_slots_i;
            feed_select <= cfg_feed_select_i;
            feed_depth <= cfg_feed_depth_i;
            pack_corrections <= cfg_pack_corrections_i;
            pack_depth <= cfg_pack_depth_i;
            orbits_per_packet <= cfg_orbits_per_packet_i;
            drop_policy <= cfg_drop_policy_i;
        end

    always @(posedge clk_host_i)
        if (rst_host_i) begin
            dma_depth <= cfg_dma_depth_i;
            dma_reserve <= cfg_dma_reserve_i;
        end

    // What the blocks downstream see.
    wire [7:0]    rx_valid;
    wire [7:0]    rx_first;
    wire [7:0]    rx_err;
    wire [7:0]    rx_crc_bad;
    wire [255:0]  rx_data;
    wire [7:0]    lane_valid;
    wire [7:0]    lane_first;
    wire [7:0]    lane_err;
    wire [7:0]    lane_crc_bad;
    wire [255:0]  lane_data;
    wire          align_valid;
    wire [23:0]   align_flags;
    wire [11:0]   align_bx;
    wire [31:0]   align_orbit;
    wire [1535:0] align_block;
    wire [31:0]   align_losses;
    wire          zs_valid;
    wire          zs_keep;
    wire [23:0]   zs_flags;
    wire [11:0]   zs_bx;
    wire [31:0]   zs_orbit;
    wire [1535:0] zs_block;
    wire          feed_valid;
    wire          feed_keep;
    wire [7:0]    feed_seq;
    wire [11:0]   feed_bx;
    wire [15:0]   feed_queued;
    wire [15:0]   feed_skipped;
    wire [31:0]   feed_orbit;
    wire [1535:0] feed_block;
    wire [2:0]    muon_valid;
    wire [7:0]    muon_seq;
    wire [11:0]   muon_slot;
    wire [191:0]  muon;
    wire [2:0]    result_valid;
    wire [23:0]   result_seq;
    wire [11:0]   result_slot;
    wire [47:0]   result_phi;
    wire [47:0]   result_eta;
    wire [47:0]   result_pt;
    wire          pack_valid;
    wire [2:0]    pack_kind;
    wire [255:0]  pack_w;
    wire          way_ready;
    wire          way_afull;
    wire          way_valid;
    wire [2:0]    way_kind;
    wire [255:0]  way_w;
    wire          host_ready;
    wire          host_afull;

    inject_tap #(.WIDTH(8), .INJECT(INJECT)) u_tap_rx_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[0]), .show_i(1'b1),
        .value_i(inj_link_rx_valid_i),
        .own_i(link_rx_valid_o),
        .seen_o(rx_valid)
    );
    inject_tap #(.WIDTH(24), .INJECT(INJECT)) u_tap_rx_flags (
        .clk_i(clk_inject_i), .select_i(inject_i[0]), .show_i(|rx_valid),
        .value_i({inj_link_rx_first_i, inj_link_rx_err_i, inj_link_rx_crc_bad_i}),
        .own_i({link_rx_first_o, link_rx_err_o, link_rx_crc_bad_o}),
        .seen_o({rx_first, rx_err, rx_crc_bad})
    );
    inject_tap #(.WIDTH(256), .INJECT(INJECT)) u_tap_rx_data (
        .clk_i(clk_inject_i), .select_i(inject_i[0]), .show_i(|rx_valid),
        .value_i(inj_link_rx_data_i),
        .own_i(link_rx_data_o),
        .seen_o(rx_data)
    );
    inject_tap #(.WIDTH(8), .INJECT(INJECT)) u_tap_lane_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[1]), .show_i(1'b1),
        .value_i(inj_cdc_rx_valid_i),
        .own_i(cdc_rx_valid_o),
        .seen_o(lane_valid)
    );
    inject_tap #(.WIDTH(24), .INJECT(INJECT)) u_tap_lane_flags (
        .clk_i(clk_inject_i), .select_i(inject_i[1]), .show_i(|lane_valid),
        .value_i({inj_cdc_rx_first_i, inj_cdc_rx_err_i, inj_cdc_rx_crc_bad_i}),
        .own_i({cdc_rx_first_o, cdc_rx_err_o, cdc_rx_crc_bad_o}),
        .seen_o({lane_first, lane_err, lane_crc_bad})
    );
    inject_tap #(.WIDTH(256), .INJECT(INJECT)) u_tap_lane_data (
        .clk_i(clk_inject_i), .select_i(inject_i[1]), .show_i(|lane_valid),
        .value_i(inj_cdc_rx_data_i),
        .own_i(cdc_rx_data_o),
        .seen_o(lane_data)
    );
    inject_tap #(.WIDTH(1), .INJECT(INJECT)) u_tap_align_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[2]), .show_i(1'b1),
        .value_i(inj_link_align_valid_i),
        .own_i(link_align_valid_o),
        .seen_o(align_valid)
    );
    inject_tap #(.WIDTH(32), .INJECT(INJECT)) u_tap_align_losses (
        .clk_i(clk_inject_i), .select_i(inject_i[2]), .show_i(1'b1),
        .value_i(inj_link_align_losses_i),
        .own_i(status_align_losses_o + status_align_overflows_o),
        .seen_o(align_losses)
    );
    inject_tap #(.WIDTH(68), .INJECT(INJECT)) u_tap_align_fields (
        .clk_i(clk_inject_i), .select_i(inject_i[2]), .show_i(align_valid),
        .value_i({inj_link_align_flags_i, inj_link_align_bx_i, inj_link_align_orbit_i}),
        .own_i({link_align_mismatch_o, link_align_crc_bad_o, link_align_err_o, link_align_bx_o,
                link_align_orbit_o}),
        .seen_o({align_flags, align_bx, align_orbit})
    );
    inject_tap #(.WIDTH(1536), .INJECT(INJECT)) u_tap_align_block (
        .clk_i(clk_inject_i), .select_i(inject_i[2]), .show_i(align_valid),
        .value_i(inj_link_align_block_i),
        .own_i(link_align_block_o),
        .seen_o(align_block)
    );
    inject_tap #(.WIDTH(1), .INJECT(INJECT)) u_tap_zs_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[3]), .show_i(1'b1),
        .value_i(inj_zero_suppress_valid_i),
        .own_i(zero_suppress_valid_o),
        .seen_o(zs_valid)
    );
    inject_tap #(.WIDTH(69), .INJECT(INJECT)) u_tap_zs_fields (
        .clk_i(clk_inject_i), .select_i(inject_i[3]), .show_i(zs_valid),
        .value_i({inj_zero_suppress_keep_i, inj_zero_suppress_flags_i, inj_zero_suppress_bx_i,
                  inj_zero_suppress_orbit_i}),
        .own_i({zero_suppress_keep_o, zero_suppress_flags_o, zero_suppress_bx_o, zero_suppress_orbit_o}),
        .seen_o({zs_keep, zs_flags, zs_bx, zs_orbit})
    );
    inject_tap #(.WIDTH(1536), .INJECT(INJECT)) u_tap_zs_block (
        .clk_i(clk_inject_i), .select_i(inject_i[3]), .show_i(zs_valid),
        .value_i(inj_zero_suppress_block_i),
        .own_i(zero_suppress_block_o),
        .seen_o(zs_block)
    );
    inject_tap #(.WIDTH(4), .INJECT(INJECT)) u_tap_feed_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[4]), .show_i(1'b1),
        .value_i({inj_muon_feed_valid_i, inj_muon_feed_muon_valid_i}),
        .own_i({muon_feed_valid_o, muon_feed_muon_valid_o}),
        .seen_o({feed_valid, muon_valid})
    );
    inject_tap #(.WIDTH(85), .INJECT(INJECT)) u_tap_feed_fields (
        .clk_i(clk_inject_i), .select_i(inject_i[4]), .show_i(feed_valid),
        .value_i({inj_muon_feed_keep_i, inj_muon_feed_seq_i, inj_muon_feed_bx_i, inj_muon_feed_queued_i,
                  inj_muon_feed_skipped_i, inj_muon_feed_orbit_i}),
        .own_i({muon_feed_keep_o, muon_feed_seq_o, muon_feed_bx_o, muon_feed_queued_o, muon_feed_skipped_o,
                muon_feed_orbit_o}),
        .seen_o({feed_keep, feed_seq, feed_bx, feed_queued, feed_skipped, feed_orbit})
    );
    inject_tap #(.WIDTH(1536), .INJECT(INJECT)) u_tap_feed_block (
        .clk_i(clk_inject_i), .select_i(inject_i[4]), .show_i(feed_valid),
        .value_i(inj_muon_feed_block_i),
        .own_i(muon_feed_block_o),
        .seen_o(feed_block)
    );
    inject_tap #(.WIDTH(20), .INJECT(INJECT)) u_tap_muon_fields (
        .clk_i(clk_inject_i), .select_i(inject_i[4]), .show_i(|muon_valid),
        .value_i({inj_muon_feed_muon_seq_i, inj_muon_feed_muon_slot_i}),
        .own_i({muon_feed_muon_seq_o, muon_feed_muon_slot_o}),
        .seen_o({muon_seq, muon_slot})
    );
    inject_tap #(.WIDTH(192), .INJECT(INJECT)) u_tap_muon (
        .clk_i(clk_inject_i), .select_i(inject_i[4]), .show_i(|muon_valid),
        .value_i(inj_muon_feed_muon_i),
        .own_i(muon_feed_muon_o),
        .seen_o(muon)
    );
    inject_tap #(.WIDTH(3), .INJECT(INJECT)) u_tap_result_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[5]), .show_i(1'b1),
        .value_i(inj_recal_valid_i),
        .own_i(recal_valid_o),
        .seen_o(result_valid)
    );
    inject_tap #(.WIDTH(36), .INJECT(INJECT)) u_tap_result_tag (
        .clk_i(clk_inject_i), .select_i(inject_i[5]), .show_i(|result_valid),
        .value_i({inj_recal_seq_i, inj_recal_slot_i}),
        .own_i({recal_seq_o, recal_slot_o}),
        .seen_o({result_seq, result_slot})
    );
    inject_tap #(.WIDTH(48), .INJECT(INJECT)) u_tap_result_phi (
        .clk_i(clk_inject_i), .select_i(inject_i[5]), .show_i(|result_valid),
        .value_i(inj_recal_phi_i),
        .own_i(recal_phi_o),
        .seen_o(result_phi)
    );
    inject_tap #(.WIDTH(48), .INJECT(INJECT)) u_tap_result_eta (
        .clk_i(clk_inject_i), .select_i(inject_i[5]), .show_i(|result_valid),
        .value_i(inj_recal_eta_i),
        .own_i(recal_eta_o),
        .seen_o(result_eta)
    );
    inject_tap #(.WIDTH(48), .INJECT(INJECT)) u_tap_result_pt (
        .clk_i(clk_inject_i), .select_i(inject_i[5]), .show_i(|result_valid),
        .value_i(inj_recal_pt_i),
        .own_i(recal_pt_o),
        .seen_o(result_pt)
    );
    inject_tap #(.WIDTH(1), .INJECT(INJECT)) u_tap_pack_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[6]), .show_i(1'b1),
        .value_i(inj_event_pack_valid_i),
        .own_i(event_pack_valid_o),
        .seen_o(pack_valid)
    );
    inject_tap #(.WIDTH(3), .INJECT(INJECT)) u_tap_pack_kind (
        .clk_i(clk_inject_i), .select_i(inject_i[6]), .show_i(pack_valid),
        .value_i(inj_event_pack_kind_i),
        .own_i(event_pack_kind_o),
        .seen_o(pack_kind)
    );
    inject_tap #(.WIDTH(256), .INJECT(INJECT)) u_tap_pack_w (
        .clk_i(clk_inject_i), .select_i(inject_i[6]), .show_i(pack_valid),
        .value_i(inj_event_pack_w_i),
        .own_i(event_pack_w_o),
        .seen_o(pack_w)
    );
    inject_tap #(.WIDTH(2), .INJECT(INJECT)) u_tap_way_back (
        .clk_i(clk_inject_i), .select_i(inject_i[7]), .show_i(1'b1),
        .value_i({inj_cdc_dma_ready_i, inj_cdc_dma_afull_i}),
        .own_i({cdc_dma_ready_o, cdc_dma_afull_o}),
        .seen_o({way_ready, way_afull})
    );
    inject_tap #(.WIDTH(1), .INJECT(INJECT)) u_tap_way_valid (
        .clk_i(clk_inject_i), .select_i(inject_i[7]), .show_i(1'b1),
        .value_i(inj_cdc_dma_valid_i),
        .own_i(cdc_dma_valid_o),
        .seen_o(way_valid)
    );
    inject_tap #(.WIDTH(3), .INJECT(INJECT)) u_tap_way_kind (
        .clk_i(clk_inject_i), .select_i(inject_i[7]), .show_i(way_valid),
        .value_i(inj_cdc_dma_kind_i),
        .own_i(cdc_dma_kind_o),
        .seen_o(way_kind)
    );
    inject_tap #(.WIDTH(256), .INJECT(INJECT)) u_tap_way_w (
        .clk_i(clk_inject_i), .select_i(inject_i[7]), .show_i(way_valid),
        .value_i(inj_cdc_dma_w_i),
        .own_i(cdc_dma_w_o),
        .seen_o(way_w)
    );
    inject_tap #(.WIDTH(2), .INJECT(INJECT)) u_tap_host_status (
        .clk_i(clk_inject_i), .select_i(inject_i[8]), .show_i(1'b1),
        .value_i({inj_dma_ready_i, inj_dma_afull_i}),
        .own_i({dma_ready_o, dma_afull_o}),
        .seen_o({host_ready, host_afull})
    );

    genvar l;
    generate
        for (l = 0; l < 8; l = l + 1) begin : g_lane
            link_rx u_link_rx (
                .clk_i(clk_line_i), .rst_i(rst_line_i),
                .data_i(line_data_i[32 * l +: 32]), .k_i(line_k_i[4 * l +: 4]),
                .valid_o(link_rx_valid_o[l]), .first_o(link_rx_first_o[l]), .err_o(link_rx_err_o[l]),
                .crc_bad_o(link_rx_crc_bad_o[l]), .lock_o(link_rx_lock_o[l]),
                .data_o(link_rx_data_o[32 * l +: 32]),
                .words_o(status_words_o[32 * l +: 32]), .pads_o(status_pads_o[32 * l +: 32]),
                .commas_o(status_commas_o[32 * l +: 32]), .k_errors_o(status_k_errors_o[32 * l +: 32]),
                .crc_ok_count_o(status_crc_ok_o[32 * l +: 32]),
                .crc_bad_count_o(status_crc_bad_o[32 * l +: 32]),
                .lock_losses_o(status_lock_losses_o[32 * l +: 32]), .link_id_o(status_link_id_o[20 * l +: 20])
            );

            cdc_rx #(.SYNC_STAGES(SYNC_STAGES)) u_cdc_rx (
                .clk_line_i(clk_line_i), .rst_line_i(rst_line_i),
                .valid_i(rx_valid[l]), .first_i(rx_first[l]), .err_i(rx_err[l]), .crc_bad_i(rx_crc_bad[l]),
                .data_i(rx_data[32 * l +: 32]), .overflows_o(status_cdc_overflows_o[32 * l +: 32]),
                .clk_board_i(clk_board_i), .rst_board_i(rst_board_i),
                .valid_o(cdc_rx_valid_o[l]), .first_o(cdc_rx_first_o[l]), .err_o(cdc_rx_err_o[l]),
                .crc_bad_o(cdc_rx_crc_bad_o[l]), .data_o(cdc_rx_data_o[32 * l +: 32])
            );
        end
    endgenerate

    link_align u_link_align (
        .clk_i(clk_board_i), .rst_i(rst_board_i),
        .cfg_run3_i(run3), .cfg_gap_first_i(gap_first), .cfg_align_depth_i(align_depth),
        .valid_i(lane_valid), .first_i(lane_first), .err_i(lane_err), .crc_bad_i(lane_crc_bad),
        .data_i(lane_data),
        .valid_o(link_align_valid_o), .aligned_o(link_align_aligned_o), .live_o(link_align_live_o),
        .err_o(link_align_err_o), .crc_bad_o(link_align_crc_bad_o), .mismatch_o(link_align_mismatch_o),
        .bx_o(link_align_bx_o), .orbit_o(link_align_orbit_o), .block_o(link_align_block_o),
        .losses_o(status_align_losses_o), .overflows_o(status_align_overflows_o),
        .mismatches_o(status_mismatches_o)
    );

    zero_suppress u_zero_suppress (
        .clk_i(clk_board_i), .rst_i(rst_board_i), .valid_i(align_valid),
        .block_i(align_block), .bx_i(align_bx), .orbit_i(align_orbit), .flags_i(align_flags),
        .pt_min_i(zs_pt_min), .slots_i(zs_slots),
        .valid_o(zero_suppress_valid_o), .keep_o(zero_suppress_keep_o), .block_out_o(zero_suppress_block_o),
        .bx_out_o(zero_suppress_bx_o), .orbit_out_o(zero_suppress_orbit_o),
        .flags_out_o(zero_suppress_flags_o),
        .hash_o(hash_zero_suppress_o)
    );

    muon_feed #(.ENGINES(ENGINES)) u_muon_feed (
        .clk_i(clk_board_i), .rst_i(rst_board_i),
        .cfg_final_lanes_i(final_lanes), .cfg_feed_select_i(feed_select), .cfg_feed_depth_i(feed_depth),
        .valid_i(zs_valid), .keep_i(zs_keep), .flags_i(zs_flags), .bx_i(zs_bx), .orbit_i(zs_orbit),
        .block_i(zs_block),
        .valid_o(muon_feed_valid_o), .keep_o(muon_feed_keep_o), .flags_o(muon_feed_flags_o),
        .seq_o(muon_feed_seq_o),
        .bx_o(muon_feed_bx_o), .queued_o(muon_feed_queued_o), .skipped_o(muon_feed_skipped_o),
        .orbit_o(muon_feed_orbit_o), .block_o(muon_feed_block_o), .level_o(muon_feed_level_o),
        .muon_valid_o(muon_feed_muon_valid_o), .muon_seq_o(muon_feed_muon_seq_o),
        .muon_slot_o(muon_feed_muon_slot_o), .muon_o(muon_feed_muon_o),
        .queued_count_o(status_feed_queued_o), .skipped_count_o(status_feed_skipped_o)
    );

    /* verilator lint_off UNUSEDSIGNAL */
    wire [191:0] hash_recal; // one module, one hash: engine 0 speaks for all
    /* verilator lint_on UNUSEDSIGNAL */
    assign hash_recal_o = hash_recal[63:0];

    genvar e;
    generate
        for (e = 0; e < 3; e = e + 1) begin : g_engine
            if (e < ENGINES) begin : g_recal
                recal u_recal (
                    .clk_i(clk_board_i), .rst_i(rst_board_i), .valid_i(muon_valid[e]),
                    .muon_i(muon[64 * e +: 64]), .seq_i(muon_seq), .slot_i(muon_slot[4 * e +: 4]),
                    .valid_o(recal_valid_o[e]), .phi_o(recal_phi_o[16 * e +: 16]),
                    .eta_o(recal_eta_o[16 * e +: 16]),
                    .pt_o(recal_pt_o[16 * e +: 16]), .seq_out_o(recal_seq_o[8 * e +: 8]),
                    .slot_out_o(recal_slot_o[4 * e +: 4]), .hash_o(hash_recal[64 * e +: 64])
                );
            end else begin : g_none
                assign recal_valid_o[e] = 1'b0;
                assign recal_phi_o[16 * e +: 16] = 16'd0;
                assign recal_eta_o[16 * e +: 16] = 16'd0;
                assign recal_pt_o[16 * e +: 16] = 16'd0;
                assign recal_seq_o[8 * e +: 8] = 8'd0;
                assign recal_slot_o[4 * e +: 4] = 4'd0;
                assign hash_recal[64 * e +: 64] = 64'd0;
            end
        end
    endgenerate

    event_pack u_event_pack (
        .clk_i(clk_board_i), .rst_i(rst_board_i),
        .cfg_pack_corrections_i(pack_corrections), .cfg_pack_depth_i(pack_depth),
        .cfg_orbits_per_packet_i(orbits_per_packet), .cfg_drop_policy_i(drop_policy),
        .stop_i(stop_i), .losses_i(align_losses),
        .feed_valid_i(feed_valid), .feed_keep_i(feed_keep), .feed_seq_i(feed_seq), .feed_bx_i(feed_bx),
        .feed_queued_i(feed_queued), .feed_skipped_i(feed_skipped), .feed_orbit_i(feed_orbit),
        .feed_block_i(feed_block),
        .result_valid_i(result_valid), .result_seq_i(result_seq), .result_slot_i(result_slot),
        .result_phi_i(result_phi), .result_eta_i(result_eta), .result_pt_i(result_pt),
        .dma_ready_i(way_ready), .dma_afull_i(way_afull),
        .valid_o(event_pack_valid_o), .kind_o(event_pack_kind_o), .index_o(event_pack_index_o),
        .level_o(event_pack_level_o), .dropped_o(event_pack_dropped_o), .bx_o(event_pack_bx_o),
        .orbit_o(event_pack_orbit_o), .w_o(event_pack_w_o),
        .dropped_orbits_o(status_pack_dropped_orbits_o), .dropped_bx_o(status_pack_dropped_bx_o),
        .orbits_o(status_pack_orbits_o), .packets_o(status_pack_packets_o)
    );

    cdc_dma #(.SYNC_STAGES(SYNC_STAGES)) u_cdc_dma (
        .clk_board_i(clk_board_i), .rst_board_i(rst_board_i),
        .valid_i(pack_valid), .kind_i(pack_kind), .w_i(pack_w), .ready_o(cdc_dma_ready_o),
        .afull_o(cdc_dma_afull_o),
        .clk_host_i(clk_host_i), .rst_host_i(rst_host_i), .dma_ready_i(host_ready), .dma_afull_i(host_afull),
        .valid_o(cdc_dma_valid_o), .kind_o(cdc_dma_kind_o), .w_o(cdc_dma_w_o)
    );

    dma u_dma (
        .clk_i(clk_host_i), .rst_i(rst_host_i), .cfg_dma_depth_i(dma_depth), .cfg_dma_reserve_i(dma_reserve),
        .valid_i(way_valid), .kind_i(way_kind), .w_i(way_w), .bus_ready_i(bus_ready_i),
        .valid_o(dma_valid_o), .kind_o(dma_kind_o), .w_o(dma_w_o),
        .ready_o(dma_ready_o), .afull_o(dma_afull_o), .level_o(dma_level_o)
    );
endmodule

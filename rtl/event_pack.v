// Builds the stream that the DMA carries: orbit header, blocks of kept BX with their corrections, orbit
// trailer with the hit map, packet end (docs/chain.md, event_pack; domain.md 3.1). pack_in decides what is
// taken, pack_store holds it, pack_corrections waits for the engines, pack_sequence and pack_words send one
// frame an edge.
module event_pack (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire [1:0]    cfg_pack_corrections_i,
    input  wire [6:0]    cfg_pack_depth_i,
    input  wire [11:0]   cfg_orbits_per_packet_i,
    input  wire          cfg_drop_policy_i,
    input  wire          stop_i,
    input  wire [31:0]   losses_i, // of alignment, for the packet end
    input  wire          feed_valid_i,
    input  wire          feed_keep_i,
    input  wire [7:0]    feed_seq_i,
    input  wire [11:0]   feed_bx_i,
    input  wire [15:0]   feed_queued_i,
    input  wire [15:0]   feed_skipped_i,
    input  wire [31:0]   feed_orbit_i,
    input  wire [1535:0] feed_block_i,
    input  wire [2:0]    result_valid_i,
    input  wire [23:0]   result_seq_i,
    input  wire [11:0]   result_slot_i,
    input  wire [47:0]   result_phi_i,
    input  wire [47:0]   result_eta_i,
    input  wire [47:0]   result_pt_i,
    input  wire          dma_ready_i,
    input  wire          dma_afull_i,
    output wire          valid_o,
    output wire [2:0]    kind_o,
    output wire [4:0]    index_o,
    output wire [6:0]    level_o,
    output wire          dropped_o,
    output wire [11:0]   bx_o,
    output wire [31:0]   orbit_o,
    output wire [255:0]  w_o,
    output wire [31:0]   dropped_orbits_o,
    output wire [31:0]   dropped_bx_o,
    output wire [31:0]   orbits_o,
    output wire [31:0]   packets_o
);
    localparam [1:0] NONE = 2'd0, IN_PLACE = 2'd1, APPENDED = 2'd2;
    localparam [2:0] KIND_BLOCK = 3'd1, KIND_APPENDED = 3'd2, KIND_TRAILER = 3'd3;
    localparam INFO = 3 + 16 + 16 + 12 + 32;

    wire         push, push_start, push_end, push_block, pop;
    wire         is_start, is_end, is_block;
    wire [5:0]   free, oldest;
    wire [15:0]  queued, skipped, done;
    wire [11:0]  bx;
    wire [31:0]  orbit;
    wire [255:0] frame, corrected, phi, eta, pt, row;
    wire         entry, send, block_end, trailer_end;
    wire [2:0]   kind;
    wire [4:0]   index;
    wire [11:0]  packet_orbits;

    pack_in u_in (
        .clk_i(clk_i), .rst_i(rst_i),
        .cfg_drop_policy_i(cfg_drop_policy_i), .cfg_pack_depth_i(cfg_pack_depth_i),
        .valid_i(feed_valid_i), .keep_i(feed_keep_i), .bx_i(feed_bx_i), .afull_i(dma_afull_i),
        .level_i(level_o),
        .push_o(push), .start_o(push_start), .end_o(push_end), .accept_o(push_block),
        .dropped_o(dropped_o), .dropped_orbits_o(dropped_orbits_o), .dropped_bx_o(dropped_bx_o)
    );

    wire block_frame = entry && kind == KIND_BLOCK;
    wire appended_frame = entry && kind == KIND_APPENDED;
    wire in_place = block_frame && cfg_pack_corrections_i == IN_PLACE;
    wire low_a = in_place && index == 5'd2;
    wire low_b = in_place && index == 5'd4;

    pack_store #(.WIDTH(INFO)) u_store (
        .clk_i(clk_i), .rst_i(rst_i), .push_i(push), .push_block_i(push_block),
        .info_i({push_start, push_end, push_block, feed_queued_i, feed_skipped_i, feed_bx_i,
                 feed_orbit_i}),
        .block_i(feed_block_i), .pop_i(pop), .block_read_i(block_frame), .frame_i(index[2:0]),
        .level_o(level_o),
        .free_o(free), .oldest_o(oldest),
        .info_o({is_start, is_end, is_block, queued, skipped, bx, orbit}), .frame_o(frame)
    );

    pack_corrections u_corrections (
        .clk_i(clk_i), .note_i(feed_valid_i && feed_keep_i), .note_wanted_i(push_block),
        .note_seq_i(feed_seq_i),
        .note_row_i(free), .result_valid_i(result_valid_i), .result_seq_i(result_seq_i),
        .result_slot_i(result_slot_i), .result_phi_i(result_phi_i), .result_eta_i(result_eta_i),
        .result_pt_i(result_pt_i), .row_i(oldest), .read_i(low_a || low_b || appended_frame),
        .done_o(done), .phi_o(phi), .eta_o(eta), .pt_o(pt)
    );

    pack_correct u_correct (
        .lanes_i(low_a ? queued[7:0] : low_b ? queued[15:8] : 8'd0),
        .b_i(low_b), .words_i(frame), .phi_i(phi), .eta_i(eta), .pt_i(pt), .words_o(corrected)
    );

    pack_hit_map u_hit_map (
        .clk_i(clk_i), .rst_i(rst_i), .clear_i(trailer_end), .set_i(block_end), .bx_i(bx),
        .read_i(entry && kind == KIND_TRAILER), .row_i(index[3:0] - 4'd1), .row_o(row)
    );

    pack_sequence u_sequence (
        .clk_i(clk_i), .rst_i(rst_i), .cfg_appended_i(cfg_pack_corrections_i == APPENDED),
        .cfg_orbits_per_packet_i(cfg_orbits_per_packet_i), .ready_i(dma_ready_i), .stop_i(stop_i),
        .have_i(level_o != 7'd0), .start_i(is_start), .end_i(is_end), .block_i(is_block),
        .complete_i(cfg_pack_corrections_i == NONE || (done & queued) == queued),
        .dropped_orbits_i(dropped_orbits_o), .entry_o(entry), .send_o(send), .kind_o(kind), .index_o(index),
        .pop_o(pop), .block_end_o(block_end), .trailer_end_o(trailer_end), .packet_orbits_o(packet_orbits),
        .orbits_o(orbits_o), .packets_o(packets_o)
    );

    pack_words u_words (
        .clk_i(clk_i), .rst_i(rst_i), .send_i(send), .kind_i(kind), .index_i(index), .bx_i(bx),
        .orbit_i(orbit),
        .queued_i(queued), .skipped_i(skipped), .frame_i(corrected), .phi_i(phi), .eta_i(eta), .pt_i(pt),
        .row_i(row),
        .losses_i(losses_i), .dropped_orbits_i(dropped_orbits_o), .packet_orbits_i(packet_orbits),
        .valid_o(valid_o), .kind_o(kind_o), .index_o(index_o), .bx_o(bx_o), .orbit_o(orbit_o), .w_o(w_o)
    );
endmodule

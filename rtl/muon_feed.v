// Picks the muons of a kept BX that are to be corrected, and hands the BX on (docs/chain.md, muon_feed).
// The BX goes on after one edge and is never lost; when the muon queue is full its muons stay uncorrected.
//
// seq_o            numbers the kept BX, modulo 256; a BX that is not kept shows the number without using it
// queued_o         order mask: muons that will come back corrected; skipped_o: that found the queue full
// level_o          BX in the queue
// muon_*_o         the muons served at this edge, engine e at bit e of the valid mask
module muon_feed #(
    parameter ENGINES = 3
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire [7:0]    cfg_final_lanes_i,
    input  wire [1:0]    cfg_feed_select_i,
    input  wire [4:0]    cfg_feed_depth_i,
    input  wire          valid_i,
    input  wire          keep_i,
    input  wire [23:0]   flags_i,
    input  wire [11:0]   bx_i,
    input  wire [31:0]   orbit_i,
    input  wire [1535:0] block_i,
    output reg           valid_o,
    output reg           keep_o,
    output reg  [23:0]   flags_o,
    output reg  [7:0]    seq_o,
    output reg  [11:0]   bx_o,
    output reg  [15:0]   queued_o,
    output reg  [15:0]   skipped_o,
    output reg  [31:0]   orbit_o,
    output reg  [1535:0] block_o,
    output wire [4:0]    level_o,
    output wire [2:0]    muon_valid_o,
    output wire [7:0]    muon_seq_o,
    output wire [11:0]   muon_slot_o,
    output wire [191:0]  muon_o,
    output reg  [31:0]   queued_count_o,
    output reg  [31:0]   skipped_count_o
);
    localparam [1:0] BARREL_FINAL = 2'd0, ALL = 2'd2;
    localparam [6:0] BMTF_FIRST = 7'd36, BMTF_LAST = 7'd71; // index bits, domain.md 1.3

    // Word f of lane l stands at bit 256 * f + 32 * l; A's low word is frame 2, B's frame 4.
    reg [15:0] candidates;
    reg        there, chosen;
    reg [6:0]  index;
    integer    ab, l;
    always @* begin
        candidates = 16'd0;
        there = 1'b0;
        chosen = 1'b0;
        index = 7'd0;
        if (valid_i && keep_i)
            for (ab = 0; ab < 2; ab = ab + 1)
                for (l = 0; l < 8; l = l + 1) begin
                    there = block_i[512 * ab + 32 * l + 522 +: 9] != 9'd0; // pT code, bits [18:10]
                    index = block_i[512 * ab + 32 * l + 772 +: 7];         // bits [42:36]
                    chosen = cfg_feed_select_i == ALL
                          || (cfg_final_lanes_i[l] && (cfg_feed_select_i != BARREL_FINAL
                                                       || (index >= BMTF_FIRST && index <= BMTF_LAST)));
                    candidates[8 * ab + l] = there && chosen;
                end
    end

    wire       full = level_o == cfg_feed_depth_i;
    wire       push = candidates != 16'd0 && !full;
    reg  [7:0] seq;

    function [31:0] ones(input [15:0] mask);
        integer b;
        begin
            ones = 32'd0;
            for (b = 0; b < 16; b = b + 1)
                ones = ones + {31'd0, mask[b]};
        end
    endfunction

    always @(posedge clk_i) begin
        valid_o <= 1'b0;
        if (rst_i) begin
            seq <= 8'd0;
            queued_count_o <= 32'd0;
            skipped_count_o <= 32'd0;
        end else if (valid_i) begin
            valid_o <= 1'b1;
            keep_o <= keep_i;
            flags_o <= flags_i;
            seq_o <= seq;
            bx_o <= bx_i;
            orbit_o <= orbit_i;
            block_o <= block_i;
            queued_o <= full ? 16'd0 : candidates;
            skipped_o <= full ? candidates : 16'd0;
            if (keep_i) seq <= seq + 8'd1;
            if (push) queued_count_o <= queued_count_o + ones(candidates);
            else if (full) skipped_count_o <= skipped_count_o + ones(candidates);
        end
    end

    feed_queue #(.ENGINES(ENGINES)) u_queue (
        .clk_i(clk_i), .rst_i(rst_i),
        .push_i(push), .candidates_i(candidates), .seq_i(seq), .muons_i(block_i[1535:512]),
        .level_o(level_o), .valid_o(muon_valid_o), .seq_o(muon_seq_o), .slot_o(muon_slot_o), .muon_o(muon_o)
    );
endmodule

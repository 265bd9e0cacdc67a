// The muon queue of muon_feed: holds up to 16 BX and serves the muons of the oldest one, up to ENGINES an
// edge, lowest order bit first (docs/chain.md, muon_feed, Serving). A BX stored at an edge is served from the
// next one on.
//
// push_i           store a BX; candidates_i is not 0, and the caller looked at level_o
// muons_i          frames 2..5 of the block
// valid_o          bit e: muon_o[64 * e +: 64] with slot_o[4 * e +: 4] is served; all of one edge share seq_o
module feed_queue #(
    parameter ENGINES = 3
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire          push_i,
    input  wire [15:0]   candidates_i,
    input  wire [7:0]    seq_i,
    input  wire [1023:0] muons_i,
    output reg  [4:0]    level_o,
    output wire [2:0]    valid_o,
    output reg  [7:0]    seq_o,
    output wire [11:0]   slot_o,
    output wire [191:0]  muon_o
);
    reg [1023:0] muons [0:15];
    reg [23:0]   masks [0:15]; // {seq, candidates}
    reg [3:0]    w, r;
    reg [15:0]   served; // of the oldest BX

    wire        have = level_o != 5'd0;
    wire [23:0] oldest = masks[r];

    // What is left of the oldest BX before engine e takes its lowest bit, at [16 * e +: 16].
    wire [15:0] left0 = oldest[15:0] & ~served;
    wire [15:0] left1 = left0 & (left0 - 16'd1);
    wire [15:0] left2 = left1 & (left1 - 16'd1);
    wire [15:0] left3 = left2 & (left2 - 16'd1);
    wire [47:0] left = {left2, left1, left0};
    wire [15:0] left_over = ENGINES == 1 ? left1 : ENGINES == 2 ? left2 : left3;
    wire        pop = have && left_over == 16'd0;

    function [3:0] lowest(input [15:0] mask);
        integer b;
        begin
            lowest = 4'd0;
            for (b = 15; b >= 0; b = b - 1)
                if (mask[b]) lowest = b[3:0];
        end
    endfunction

    genvar e;
    generate
        for (e = 0; e < 3; e = e + 1) begin : g_engine
            reg        valid;
            reg [3:0]  order;
            reg [63:0] muon;
            assign valid_o[e] = valid;
            assign slot_o[4 * e +: 4] = {order[2:0], order[3]};
            assign muon_o[64 * e +: 64] = muon;
            if (e < ENGINES) begin : g_serve
                wire [15:0] mine = left[16 * e +: 16];
                reg  [3:0]  next;
                always @* begin
                    next = 4'd0;
                    if (have) next = lowest(mine);
                end
                always @(posedge clk_i) begin
                    valid <= have && mine != 16'd0 && !rst_i;
                    if (have) begin // low word in frame 2 + 2 * B, high word one frame on
                        order <= next;
                        muon <= {muons[r][{next[3], 1'b1, next[2:0], 5'd0} +: 32],
                                 muons[r][{next[3], 1'b0, next[2:0], 5'd0} +: 32]};
                    end
                end
            end else begin : g_none
                always @(posedge clk_i) begin
                    valid <= 1'b0;
                    order <= 4'd0;
                    muon <= 64'd0;
                end
            end
        end
    endgenerate

    always @(posedge clk_i)
        if (rst_i) begin
            w <= 4'd0;
            r <= 4'd0;
            level_o <= 5'd0;
            served <= 16'd0;
        end else begin
            if (push_i) w <= w + 4'd1;
            if (pop) r <= r + 4'd1;
            if (have) served <= pop ? 16'd0 : ~left_over;
            if (push_i && !pop) level_o <= level_o + 5'd1;
            if (!push_i && pop) level_o <= level_o - 5'd1;
        end

    always @(posedge clk_i) begin
        if (have) seq_o <= oldest[23:16];
        if (push_i) begin
            muons[w] <= muons_i;
            masks[w] <= {seq_i, candidates_i};
        end
    end
endmodule

// Eight skewed lanes become one BX block (docs/chain.md, link_align). Words wait in a deskew FIFO a lane
// until every lane has its next one; the first word after the gap says where the orbit stands, and the board
// counts BX from there.
//
// valid_o          block_o, bx_o, orbit_o and the flags are a whole BX; they are being assembled at other
//                  times
// aligned_o        the lanes are in step; live_o: and BX 0 has come by, from where on BX are given out
// err_o            lane mask: a word of this BX came with a wrong K character
// crc_bad_o        lane mask: the window before the last gap failed its CRC
// mismatch_o       lane mask: the BX number in the data is not the board's own count
module link_align (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire          cfg_run3_i,
    input  wire [11:0]   cfg_gap_first_i,
    input  wire [9:0]    cfg_align_depth_i,
    input  wire [7:0]    valid_i,
    input  wire [7:0]    first_i,
    input  wire [7:0]    err_i,
    input  wire [7:0]    crc_bad_i,
    input  wire [255:0]  data_i,
    output reg           valid_o,
    output reg           aligned_o,
    output reg           live_o,
    output reg  [7:0]    err_o,
    output reg  [7:0]    crc_bad_o,
    output reg  [7:0]    mismatch_o,
    output reg  [11:0]   bx_o,
    output reg  [31:0]   orbit_o,
    output reg  [1535:0] block_o,
    output reg  [31:0]   losses_o,
    output reg  [31:0]   overflows_o,
    output reg  [31:0]   mismatches_o
);
    localparam [11:0] BX_PER_ORBIT = 12'd3564;
    localparam [11:0] GAP_BX = 12'd5;

    reg [2:0]  frame; // of the heads, while aligned
    reg [11:0] bx;
    reg [11:0] first_bx; // the first BX behind the gap; set during reset, the configuration is constant

    wire [7:0]   have, head_first, head_err, head_crc_bad, overflow, pop;
    wire [255:0] head;

    genvar l;
    generate
        for (l = 0; l < 8; l = l + 1) begin : g_lane
            align_lane u_lane (
                .clk_i(clk_i), .rst_i(rst_i), .depth_i(cfg_align_depth_i),
                .push_i(valid_i[l]), .word_i({first_i[l], err_i[l], crc_bad_i[l], data_i[32 * l +: 32]}),
                .overflow_o(overflow[l]), .flush_i(|overflow), .pop_i(pop[l]), .have_o(have[l]),
                .head_o({head_first[l], head_err[l], head_crc_bad[l], head[32 * l +: 32]})
            );
        end
    endgenerate

    // While searching, the heads count as the first frame behind the gap.
    wire [2:0]  at_frame = aligned_o ? frame : 3'd0;
    wire [11:0] at_bx = aligned_o ? bx : first_bx;
    wire        at_first = at_frame == 3'd0 && at_bx == first_bx;
    wire        in_place = head_first == {8{at_first}};
    wire        pop_all = &have && in_place;
    wire        lost = aligned_o && &have && !in_place;

    assign pop = pop_all ? 8'hff : aligned_o ? 8'h00 : have & ~head_first;

    function [11:0] after(input [11:0] at); // the gap's BX are not in the data
        reg [11:0] next;
        begin
            next = (at == BX_PER_ORBIT - 12'd1) ? 12'd0 : at + 12'd1;
            after = (next == cfg_gap_first_i) ? first_bx : next;
        end
    endfunction

    reg [7:0] claim_differs;
    integer   i;
    always @* begin
        claim_differs = 8'd0;
        if (pop_all && at_frame[2:1] == 2'd0)
            for (i = 0; i < 8; i = i + 1)
                claim_differs[i] = cfg_run3_i ? head[32 * i +: 13] != {1'b0, at_bx}
                                              : head[32 * i +: 16] != {4'd0, at_bx};
    end

    always @(posedge clk_i)
        if (rst_i)
            first_bx <= (cfg_gap_first_i >= BX_PER_ORBIT - GAP_BX) ? cfg_gap_first_i - (BX_PER_ORBIT - GAP_BX)
                                                                   : cfg_gap_first_i + GAP_BX;

    always @(posedge clk_i) begin
        valid_o <= 1'b0;
        if (rst_i) begin
            aligned_o <= 1'b0;
            live_o <= 1'b0;
            losses_o <= 32'd0;
            overflows_o <= 32'd0;
            mismatches_o <= 32'd0;
        end else if (|overflow) begin
            aligned_o <= 1'b0;
            live_o <= 1'b0;
            overflows_o <= overflows_o + 32'd1;
        end else if (lost) begin
            aligned_o <= 1'b0;
            live_o <= 1'b0;
            losses_o <= losses_o + 32'd1;
        end else if (pop_all) begin
            aligned_o <= 1'b1;
            frame <= (at_frame == 3'd5) ? 3'd0 : at_frame + 3'd1;
            bx <= (at_frame == 3'd5) ? after(at_bx) : at_bx;
            if (at_frame == 3'd0 && at_bx == 12'd0) live_o <= 1'b1;
            if (at_frame == 3'd5) begin
                valid_o <= live_o;
                bx_o <= at_bx;
                if (live_o && mismatch_o != 8'd0) mismatches_o <= mismatches_o + 32'd1;
            end
        end
    end

    always @(posedge clk_i)
        if (pop_all) begin
            block_o[{at_frame, 8'd0} +: 256] <= head;
            err_o <= head_err | (at_frame == 3'd0 ? 8'd0 : err_o);
            if (at_first) crc_bad_o <= head_crc_bad;
            if (at_frame == {2'd0, cfg_run3_i}) mismatch_o <= claim_differs;
            if (at_frame == {2'd0, !cfg_run3_i}) orbit_o <= head[31:0];
        end
endmodule

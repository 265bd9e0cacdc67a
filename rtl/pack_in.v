// The way into event_pack: decides at an orbit's start whether the orbit is taken, and for each kept BX
// whether its block fits (docs/chain.md, event_pack, In). One entry is always left for an orbit's end.
//
// start_i .. end_i are the BX at hand; push_o stores an entry at this edge: combinational, and so are the
// fields of it that are decided here. dropped_o: the BX of the last edge was kept but not accepted;
// dropped_*_o count.
module pack_in (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        cfg_drop_policy_i, // 0: orbit, 1: BX
    input  wire [6:0]  cfg_pack_depth_i,
    input  wire        valid_i,
    input  wire        keep_i,
    input  wire [11:0] bx_i,
    input  wire        afull_i,
    input  wire [6:0]  level_i,
    output wire        push_o,
    output wire        start_o,
    output wire        end_o,
    output wire        accept_o,
    output reg         dropped_o,
    output reg  [31:0] dropped_orbits_o,
    output reg  [31:0] dropped_bx_o
);
    localparam [11:0] LAST_BX = 12'd3563;

    reg open; // this orbit is taken

    wire room = level_i < cfg_pack_depth_i - 7'd1;
    wire refuse = (!cfg_drop_policy_i && afull_i) || !room;
    wire taken = start_o ? !refuse : open;

    assign start_o = bx_i == 12'd0;
    assign end_o = bx_i == LAST_BX;
    assign accept_o = keep_i && taken && room;
    assign push_o = valid_i && taken && (start_o || end_o || accept_o);

    always @(posedge clk_i)
        if (rst_i) begin
            open <= 1'b0;
            dropped_o <= 1'b0;
            dropped_orbits_o <= 32'd0;
            dropped_bx_o <= 32'd0;
        end else begin
            dropped_o <= valid_i && keep_i && !accept_o;
            if (valid_i) begin
                open <= taken && !end_o;
                if (start_o && refuse) dropped_orbits_o <= dropped_orbits_o + 32'd1;
                if (keep_i && !accept_o) dropped_bx_o <= dropped_bx_o + 32'd1;
            end
        end
endmodule

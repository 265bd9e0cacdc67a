// The DMA FIFO before the host bus: `depth` frames; the bus takes one whenever bus_ready_i (docs/chain.md,
// dma).
//
// ready_o          the crossing may send; afull_o: less than cfg_dma_reserve_i frames are free
// level_o          frames held
module dma #(
    parameter ADDR = 14
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire [ADDR:0] cfg_dma_depth_i,
    input  wire [ADDR:0] cfg_dma_reserve_i,
    input  wire          valid_i,
    input  wire [2:0]    kind_i,
    input  wire [255:0]  w_i,
    input  wire          bus_ready_i,
    output reg           valid_o,
    output reg  [2:0]    kind_o,
    output reg  [255:0]  w_o,
    output reg           ready_o,
    output reg           afull_o,
    output reg  [ADDR:0] level_o
);
    localparam [ADDR:0] UNDER_WAY = 4; // frames that may still come when ready_o falls

    reg [258:0]    mem [0:(1 << ADDR)-1];
    reg [ADDR-1:0] w, r;

    wire take = bus_ready_i && level_o != 0;

    function [ADDR-1:0] after(input [ADDR-1:0] at); // the ring is as long as the depth
        after = ({1'b0, at} + 1'b1 == cfg_dma_depth_i) ? {ADDR{1'b0}} : at + 1'b1;
    endfunction

    always @(posedge clk_i)
        if (rst_i) begin
            w <= {ADDR{1'b0}};
            r <= {ADDR{1'b0}};
            level_o <= {ADDR + 1{1'b0}};
            valid_o <= 1'b0;
            ready_o <= 1'b0;
            afull_o <= 1'b0;
        end else begin
            if (valid_i) w <= after(w);
            if (take) r <= after(r);
            if (valid_i && !take) level_o <= level_o + 1'b1;
            if (!valid_i && take) level_o <= level_o - 1'b1;
            valid_o <= take;
            ready_o <= level_o <= cfg_dma_depth_i - UNDER_WAY;
            afull_o <= {1'b0, level_o} + {1'b0, cfg_dma_reserve_i} > {1'b0, cfg_dma_depth_i};
        end

    always @(posedge clk_i) begin
        if (valid_i) mem[w] <= {kind_i, w_i};
        if (take) {kind_o, w_o} <= mem[r];
    end
endmodule

// The crossing from the board clock to the host clock: 32 frames, and the two signals that come back
// (docs/chain.md, cdc_dma).
//
// valid_i          a frame; event_pack sends only on ready_o, which leaves room for what is under way
// dma_ready_i      host side: the DMA FIFO takes a frame
// afull_o          dma_afull_i, synchronised to the board clock
module cdc_dma #(
    parameter SYNC_STAGES = 2
) (
    input  wire         clk_board_i,
    input  wire         rst_board_i,
    input  wire         valid_i,
    input  wire [2:0]   kind_i,
    input  wire [255:0] w_i,
    output reg          ready_o,
    output wire         afull_o,

    input  wire         clk_host_i,
    input  wire         rst_host_i,
    input  wire         dma_ready_i,
    input  wire         dma_afull_i,
    output wire         valid_o,
    output wire [2:0]   kind_o,
    output wire [255:0] w_o
);
    localparam [5:0] MOST = 6'd28; // 32, less the frames that may be under way when ready_o falls

    wire [5:0] level;

    cdc_fifo #(.WIDTH(259), .ADDR(5), .SYNC_STAGES(SYNC_STAGES)) u_fifo (
        .clk_w_i(clk_board_i), .rst_w_i(rst_board_i), .write_i(valid_i), .data_i({kind_i, w_i}),
        .level_o(level),
        /* verilator lint_off PINCONNECTEMPTY */
        .full_o(), // never: ready_o falls before
        /* verilator lint_on PINCONNECTEMPTY */
        .clk_r_i(clk_host_i), .rst_r_i(rst_host_i), .ready_i(dma_ready_i), .valid_o(valid_o),
        .data_o({kind_o, w_o})
    );

    reg [SYNC_STAGES-1:0] afull_sync; // newest stage lowest
    assign afull_o = afull_sync[SYNC_STAGES-1];

    always @(posedge clk_board_i)
        if (rst_board_i) begin
            ready_o <= 1'b0;
            afull_sync <= {SYNC_STAGES{1'b0}};
        end else begin
            ready_o <= level <= MOST;
            afull_sync <= {afull_sync[SYNC_STAGES-2:0], dma_afull_i};
        end
endmodule
